package mmtest

import (
	"fmt"
	"slices"
	"time"

	"github.com/godbus/dbus/v5"
)

// MMSmsState and MMSmsPduType.
const (
	smsUnknown   = uint32(0)
	smsReceiving = uint32(2)
	smsReceived  = uint32(3)
	smsSent      = uint32(5)

	pduDeliver = uint32(1)
	pduSubmit  = uint32(2)
	pduReport  = uint32(3)
)

// message is an object of org.freedesktop.ModemManager1.Sms.
type message struct {
	*object
	m *Modem
}

// Sent is one attempt to send, counted from 1.
type Sent struct {
	Attempt  int
	Number   string
	Text     string
	Report   bool
	Class    int32
	Validity time.Duration
	SMSC     string
}

// Outcome is what becomes of an attempt; the zero value is acceptance at once.
type Outcome struct {
	// Error is the name of an error below org.freedesktop.ModemManager1.Error,
	// such as "Message.NoNetwork", and Text what it says.
	Error, Text string
	Delay       time.Duration
	Silent      bool   // no answer is ever given
	Before      func() // called while the caller waits
}

// CMS is the refusal with a code of +CMS ERROR that ModemManager has no name for.
func CMS(code int) Outcome {
	return Outcome{Error: "Message.Unknown", Text: fmt.Sprintf("Unknown message error: %d", code)}
}

// OnSend decides what becomes of each attempt.
func (m *Modem) OnSend(decide func(Sent) Outcome) {
	m.mm.mu.Lock()
	defer m.mm.mu.Unlock()
	m.onSend = decide
}

// Sent are the attempts to send.
func (m *Modem) Sent() []Sent {
	m.mm.mu.Lock()
	defer m.mm.mu.Unlock()
	return slices.Clone(m.sent)
}

// Messages is how many messages ModemManager keeps.
func (m *Modem) Messages() int {
	m.mm.mu.Lock()
	defer m.mm.mu.Unlock()
	return len(m.messages)
}

// list is Messaging.List.
func (m *Modem) list() ([]dbus.ObjectPath, *dbus.Error) {
	m.mm.mu.Lock()
	defer m.mm.mu.Unlock()
	return m.paths(), nil
}

// paths needs the lock.
func (m *Modem) paths() []dbus.ObjectPath {
	list := []dbus.ObjectPath{}
	for _, s := range m.messages {
		list = append(list, s.path)
	}
	return list
}

// keep adds a message. It needs the lock.
func (m *Modem) keep(p properties, received bool) *message {
	all := properties{
		"State": smsUnknown, "PduType": pduSubmit, "Number": "", "Text": "", "Data": []byte{}, "SMSC": "",
		"Validity": validity{0, dbus.MakeVariant(uint32(0))}, "Class": int32(-1), "TeleserviceId": uint32(0), "ServiceCategory": uint32(0),
		"DeliveryReportRequest": false, "MessageReference": uint32(0), "Timestamp": "", "DischargeTimestamp": "",
		"DeliveryState": uint32(0x100), "Storage": uint32(0),
	}
	for name, value := range p {
		all[name] = value
	}
	s := &message{m: m}
	s.object = &object{mm: m.mm, path: m.mm.number("SMS"), have: map[string]properties{smsInterface: all}, methods: map[string]methods{
		smsInterface: {"Send": s.send, "Store": func(uint32) *dbus.Error { return core("Unsupported", "Storing is not supported") }},
	}}
	s.export()
	m.messages = append([]*message{s}, m.messages...)
	m.change(messagingInterface, properties{"Messages": m.paths()})
	m.mm.emit(m.path, messagingInterface+".Added", s.path, received)
	return s
}

// validity is the property Validity.
type validity struct {
	Type  uint32
	Value dbus.Variant
}

// create is Messaging.Create.
func (m *Modem) create(given map[string]dbus.Variant) (dbus.ObjectPath, *dbus.Error) {
	if err := m.mm.authorize("Messaging"); err != nil {
		return "/", err
	}
	p := properties{}
	for key, value := range given {
		name, ok := submitted[key]
		if !ok {
			return "/", core("InvalidArgs", "Invalid properties dictionary, unexpected key '"+key+"'")
		}
		p[name] = value.Value()
	}
	if v, ok := given["validity"]; ok {
		var typed validity
		if v.Store(&typed) != nil {
			return "/", core("InvalidArgs", "Invalid properties dictionary, validity is no (uv)")
		}
		p["Validity"] = typed
	}
	if _, ok := p["Text"]; !ok {
		return "/", core("InvalidArgs", "Cannot create SMS: mandatory parameter 'text' or 'data' is missing")
	}
	m.mm.mu.Lock()
	defer m.mm.mu.Unlock()
	return m.keep(p, false).path, nil
}

// submitted are the keys of Create, and the properties they set.
var submitted = map[string]string{
	"number": "Number", "text": "Text", "smsc": "SMSC", "validity": "Validity", "class": "Class",
	"delivery-report-request": "DeliveryReportRequest",
}

// delete is Messaging.Delete.
func (m *Modem) delete(path dbus.ObjectPath) *dbus.Error {
	if err := m.mm.authorize("Messaging"); err != nil {
		return err
	}
	m.mm.mu.Lock()
	defer m.mm.mu.Unlock()
	i := slices.IndexFunc(m.messages, func(s *message) bool { return s.path == path })
	if i < 0 {
		return core("NotFound", "No SMS found with path '"+string(path)+"'")
	}
	m.messages[i].withdraw()
	m.messages = slices.Delete(m.messages, i, i+1)
	m.change(messagingInterface, properties{"Messages": m.paths()})
	m.mm.emit(m.path, messagingInterface+".Deleted", path)
	return nil
}

// send is Sms.Send.
func (s *message) send() *dbus.Error {
	if err := s.mm.authorize("Messaging"); err != nil {
		return err
	}
	attempt, decide := s.attempt()
	o := decide(attempt)
	if o.Before != nil {
		o.Before()
	}
	time.Sleep(o.Delay)
	if o.Silent {
		select {}
	}
	if o.Error != "" {
		return refusal(service+".Error."+o.Error, o.Text)
	}
	s.mm.mu.Lock()
	defer s.mm.mu.Unlock()
	s.m.reference++
	s.change(smsInterface, properties{"State": smsSent, "MessageReference": uint32(s.m.reference)})
	return nil
}

func (s *message) attempt() (Sent, func(Sent) Outcome) {
	s.mm.mu.Lock()
	defer s.mm.mu.Unlock()
	p := s.have[smsInterface]
	v := p["Validity"].(validity)
	minutes, _ := v.Value.Value().(uint32)
	sent := Sent{
		Attempt: len(s.m.sent) + 1, Number: p["Number"].(string), Text: p["Text"].(string), Report: p["DeliveryReportRequest"].(bool),
		Class: p["Class"].(int32), Validity: time.Duration(minutes) * time.Minute, SMSC: p["SMSC"].(string),
	}
	s.m.sent = append(s.m.sent, sent)
	return sent, s.m.onSend
}

// stamp is how ModemManager 1.20 writes a time.
const stamp = "2006-01-02T15:04:05-07"

// Receive has a text come in.
func (m *Modem) Receive(from, text string, at time.Time) {
	m.receive(properties{"PduType": pduDeliver, "State": smsReceived, "Number": from, "Text": text, "Timestamp": at.Format(stamp), "Storage": uint32(2)})
}

// ReceiveData has a message come in that is not text.
func (m *Modem) ReceiveData(from string, data []byte) {
	m.receive(properties{"PduType": pduDeliver, "State": smsReceived, "Number": from, "Data": data, "Storage": uint32(2)})
}

// ReceivePart has the first part of a longer text come in. What it returns has the
// rest follow.
func (m *Modem) ReceivePart(from, text string) (rest func()) {
	s := m.receive(properties{"PduType": pduDeliver, "State": smsReceiving, "Number": from, "Storage": uint32(2)})
	return func() {
		m.mm.mu.Lock()
		defer m.mm.mu.Unlock()
		s.change(smsInterface, properties{"State": smsReceived, "Text": text})
	}
}

// Report has a status report come in, with a TP-ST of 3GPP 23.040 clause 9.2.3.15.
func (m *Modem) Report(to string, reference uint8, status uint32, at time.Time) {
	m.receive(properties{
		"PduType": pduReport, "State": smsReceived, "Number": to, "MessageReference": uint32(reference), "DeliveryState": status,
		"Timestamp": at.Format(stamp), "DischargeTimestamp": at.Add(time.Minute).Format(stamp),
	})
}

func (m *Modem) receive(p properties) *message {
	m.mm.mu.Lock()
	defer m.mm.mu.Unlock()
	return m.keep(p, true)
}
