package modem

import "time"

// Pauses before further tries.
var (
	pausesInit  = []time.Duration{1 * time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 10 * time.Second, 10 * time.Second, 20 * time.Second, time.Minute}
	pausesShort = []time.Duration{5 * time.Second, 15 * time.Second, time.Minute}
	pausesBusy  = []time.Duration{15 * time.Second, 30 * time.Second, time.Minute}
	pausesSlow  = []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute}
	pausesWeak  = []time.Duration{30 * time.Second, 2 * time.Minute, 5 * time.Minute, 15 * time.Minute}
	pausesHour  = []time.Duration{accountHold}
)

// accountHold is how long a modem rests whose SIM or account is refused, before
// one more try.
const accountHold = time.Hour

const (
	remedyOperator = "ask the operator whether the SIM is active, in credit and allowed to send texts"
	remedyConfig   = "report it with the log at debug level; the modem or the network wants another form of text"
	remedyNumber   = "check the recipient's number"
	remedyCentre   = "set smsc in the modem block to the number the operator gives for it"
	remedySIM      = "check the SIM in a phone"
)

// unanswered is the verdict on a part that was submitted and whose answer did
// not come.
var unanswered = Verdict{
	Class: Ambiguous, Cause: "the modem never said what became of the text",
	Pauses: []time.Duration{2 * time.Minute},
}

// unprompted is the verdict on a part that the modem did not ask for.
var unprompted = Verdict{Class: Soon, Cause: "the modem did not ask for the text", Pauses: pausesShort}

// ofMaker is the verdict on a code whose class the modem's maker gives.
func ofMaker(class Class) Verdict {
	v := Verdict{Class: class, Cause: "the modem refuses the text for a reason of its maker's", Pauses: pausesShort}
	switch class {
	case Slow:
		v.Pauses = pausesSlow
	case Account:
		v.Remedy, v.Pauses = remedySIM, pausesHour
	case Permanent:
		v.Remedy = remedyConfig
	}
	return v
}

// applicationError is the verdict on 224 to 254.
var applicationError = Verdict{
	Class: Slow, Cause: "the recipient's phone or the service centre refuses the text without saying why",
	Pauses: pausesSlow, Tries: 2, Then: Permanent,
}

var (
	recipientUnknown = Verdict{Class: Permanent, Cause: "the number belongs to nobody", Remedy: remedyNumber}
	malformed        = Verdict{Class: Permanent, Cause: "the network finds a mistake in the encoded text", Remedy: remedyConfig}
	unsupported      = Verdict{Class: Permanent, Cause: "the service centre does not support this kind of text", Remedy: remedyConfig}
	otherAlphabet    = Verdict{Class: Permanent, Cause: "the service centre does not support the text's alphabet", Remedy: remedyConfig, Alter: AsPlain}
	otherValidity    = Verdict{Class: Permanent, Cause: "the service centre does not support the text's validity period", Remedy: remedyConfig, Alter: WithoutValidity}
	congested        = Verdict{Class: Soon, Cause: "the network is congested", Pauses: pausesBusy}
	storeFull        = Verdict{Class: Storage, Cause: "the SIM's message store is full", Pauses: pausesShort}
	starting         = Verdict{Class: Wait, Cause: "the modem is starting or busy with another command", Pauses: pausesInit}
	unexplained      = Verdict{Class: Slow, Cause: "the modem refuses the text without saying why; mostly the signal is weak or the network offers no texting over this connection", Pauses: pausesWeak}
	lockedElsewhere  = Verdict{Class: Account, Cause: "the SIM is locked to something else than its own PIN", Remedy: "take the SIM or the modem to who locked it", Pauses: pausesHour}
)

// verdicts are the verdicts on +CMS ERROR: 1 to 127 are the network's causes
// (3GPP 24.011 annex E), 128 to 255 the service centre's (3GPP 23.040 clause
// 9.2.3.22), 300 to 511 the modem's (3GPP 27.005 clause 3.2.5), 512 and above
// vendors' own.
var verdicts = map[int]Verdict{
	0: unexplained,

	// A number that was moved to another network is unknown to it for minutes.
	1:                    {Class: Slow, Cause: recipientUnknown.Cause, Remedy: remedyNumber, Pauses: []time.Duration{10 * time.Minute}, Tries: 2, Then: Permanent},
	8:                    {Class: Account, Cause: "the operator has barred the SIM from sending texts", Remedy: remedyOperator, Pauses: pausesHour},
	10:                   {Class: Account, Cause: "sending texts is barred on this SIM", Remedy: "lift the call barring in a phone (AT+CLCK), or ask the operator", Pauses: pausesHour},
	17:                   {Class: Soon, Cause: "the network failed", Pauses: []time.Duration{10 * time.Second, 30 * time.Second, 2 * time.Minute}},
	cmsRejected:          {Class: Slow, Cause: "the network rejects the text: mostly no credit, too many texts, or a filter", Remedy: "check the SIM's credit and the operator's limits", Pauses: pausesSlow, Tries: 4, Then: Account},
	cmsCongestion:        congested,
	27:                   {Class: Slow, Cause: "the recipient's phone cannot be reached", Pauses: pausesSlow},
	cmsUnidentified:      {Class: Account, Cause: "the network does not know this SIM", Remedy: remedyOperator, Pauses: []time.Duration{time.Minute, accountHold}},
	cmsFacilityRejected:  {Class: Account, Cause: "the network offers no texting to this SIM", Remedy: remedyOperator, Pauses: []time.Duration{time.Minute, accountHold}},
	cmsUnknownSubscriber: {Class: Account, Cause: "the network does not know the SIM or the recipient", Remedy: remedyOperator + "; check the recipient's number", Pauses: pausesHour},
	38:                   {Class: Slow, Cause: "the network is out of order, or does not reach the recipient", Pauses: pausesSlow},
	cmsTemporaryFailure: {
		Class: Soon, Cause: "the network failed for a moment", Tries: 4, Then: Slow,
		Pauses: []time.Duration{5 * time.Second, 20 * time.Second, time.Minute, 5 * time.Minute, 15 * time.Minute},
	},
	42:                congested,
	47:                congested,
	50:                {Class: Account, Cause: "the SIM's plan has no texting", Remedy: "ask the operator for a plan with texts", Pauses: pausesHour},
	cmsNotImplemented: {Class: Soon, Cause: "the service centre does not take texts; its number is mostly wrong", Remedy: remedyCentre, Pauses: []time.Duration{10 * time.Second}, Tries: 2, Then: Permanent},
	81:                {Class: Device, Cause: "the modem is out of step with the network"},
	95:                malformed,
	96:                malformed,
	97:                malformed,
	98:                {Class: Soon, Cause: "the modem is out of step with the network", Pauses: pausesShort, Tries: 2, Then: Device},
	99:                malformed,

	111: {Class: Slow, Cause: "the network finds a mistake in the protocol", Pauses: pausesSlow, Tries: 3, Then: Permanent},
	127: {Class: Slow, Cause: "another network refuses the text without saying why", Pauses: pausesSlow, Tries: 4, Then: Permanent},

	128: unsupported,
	129: unsupported,
	130: unsupported,
	143: unsupported,
	144: otherAlphabet,
	145: {Class: Permanent, Cause: "the service centre does not support the text's class", Remedy: remedyConfig, Alter: WithoutClass},
	159: otherAlphabet,
	160: unsupported,
	161: unsupported,
	175: unsupported,
	176: unsupported,
	192: {Class: Soon, Cause: "the service centre is busy", Pauses: []time.Duration{30 * time.Second}},
	193: {Class: Account, Cause: "the SIM may not use this service centre", Remedy: remedyOperator, Pauses: pausesHour},
	194: {Class: Slow, Cause: "the service centre failed", Pauses: pausesSlow},
	195: recipientUnknown,
	196: {Class: Permanent, Cause: "texts to this number are barred", Remedy: remedyNumber},
	// The service centre already holds it.
	cmsDuplicate: {Class: Done, Cause: "the service centre already has the text"},
	198:          otherValidity,
	199:          otherValidity,

	208: storeFull,
	209: storeFull,
	210: {Class: Device, Cause: "the modem failed"},
	211: storeFull,
	212: {Class: Soon, Cause: "the SIM's toolkit is busy", Pauses: []time.Duration{5 * time.Second}},
	213: {Class: Account, Cause: "the SIM refused data from the network", Remedy: remedySIM, Pauses: pausesHour},
	cmsUnspecified: {
		Class: Slow, Cause: "the service centre refuses the text without saying why",
		Pauses: pausesSlow, Tries: 3, Then: Permanent,
	},

	300: {Class: Soon, Cause: "the modem failed", Pauses: []time.Duration{5 * time.Second}, Tries: 2, Then: Device},
	cmsReserved: {
		Class: Wait, Cause: "another program uses the modem's texting",
		Remedy: "stop the other program (often ModemManager or pppd)", Pauses: []time.Duration{30 * time.Second},
	},
	cmsNotAllowed:        {Class: Wait, Cause: "the modem does not allow texts just now", Pauses: pausesShort, Tries: 3, Then: Device},
	cmsNotSupported:      {Class: Permanent, Cause: "the modem does not support this way to send", Remedy: remedyConfig},
	cmsInvalidPDU:        {Class: Permanent, Cause: "the modem received a damaged text", Remedy: "check cable, baud rate and flow control"},
	cmsInvalidText:       {Class: Permanent, Cause: "the modem received a damaged text", Remedy: "check cable, baud rate and flow control"},
	cmsNoSIM:             {Class: Account, Cause: "no SIM in the modem", Remedy: "insert the SIM and check that its holder is closed", Pauses: pausesWeak},
	cmsPINRequired:       {Class: Account, Cause: "the SIM asks for its PIN", Remedy: "set pin_file in the modem block, or switch the SIM's PIN off in a phone", Pauses: pausesWeak},
	312:                  lockedElsewhere,
	cmsSIMFailure:        {Class: Account, Cause: "the modem cannot read the SIM", Remedy: "take the SIM out, clean it, put it back; try it in a phone", Pauses: pausesWeak},
	cmsSIMBusy:           {Class: Wait, Cause: "the SIM is busy", Pauses: pausesInit},
	cmsWrongSIM:          lockedElsewhere,
	cmsPUKRequired:       {Class: Account, Cause: "the SIM is blocked and needs its PUK", Remedy: "put the SIM in a phone and unblock it with the PUK from the operator", Pauses: pausesHour},
	317:                  {Class: Account, Cause: "the SIM asks for its PIN2", Remedy: remedySIM, Pauses: pausesHour},
	318:                  {Class: Account, Cause: "the SIM asks for its PUK2", Remedy: remedySIM, Pauses: pausesHour},
	cmsMemoryFailure:     {Class: Storage, Cause: "the message store failed", Pauses: pausesShort, Tries: 2, Then: Device},
	321:                  {Class: Permanent, Cause: "the message store has no such place"},
	cmsMemoryFull:        storeFull,
	cmsNoCentre:          {Class: Account, Cause: "the modem has no service centre", Remedy: remedyCentre, Pauses: []time.Duration{10 * time.Second, 10 * time.Minute}},
	cmsNoService:         {Class: Wait, Cause: "the modem has no service", Remedy: "wait; if it lasts, check antenna and coverage", Pauses: pausesShort},
	cmsNetworkTimeout:    {Class: Ambiguous, Cause: "the network did not answer", Pauses: unanswered.Pauses},
	cmsNoAcknowledgement: {Class: Done, Cause: "the modem expected no acknowledgement"},
	cmsUnknown:           unexplained,
	512:                  {Class: Soon, Cause: "the connection to the network could not be made", Pauses: pausesBusy},
	cmsAckLost:           {Class: Ambiguous, Cause: "the network's acknowledgement was lost", Pauses: unanswered.Pauses},
	514:                  congested,
	cmsWait:              starting,
}
