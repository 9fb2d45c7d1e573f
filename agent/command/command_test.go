package command

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/tocsin-edge/tocsin/agent/phrase"
)

var (
	away     = Switch{Name: "away", On: "AWAY", Off: "HOME"}
	switches = []Switch{away, {Name: "scharf", On: "SCHÄRFEN", Off: "AUS"}, {Name: "arm", On: "ARM2"}}
)

// understood are texts and what they mean in a language.
var understood = map[string]map[string]Command{
	"en": {
		"OK": {Kind: Ack}, "ok": {Kind: Ack}, "Ok.": {Kind: Ack}, "ok!!": {Kind: Ack}, " (OK) ": {Kind: Ack}, "“Okay”": {Kind: Ack}, "👍 ok 👍🏽": {Kind: Ack},
		"o.k.": {Kind: Ack}, "ＯＫ": {Kind: Ack}, "ok\u00a0": {Kind: Ack}, "ok thanks": {Kind: Ack}, "Please ack, thank you!": {Kind: Ack}, "Got it": {Kind: Ack},
		"OK 17": {Kind: Ack, Numbers: []int{17}}, "ok17": {Kind: Ack, Numbers: []int{17}}, "OK #17.": {Kind: Ack, Numbers: []int{17}}, "OK: 07": {Kind: Ack, Numbers: []int{7}},
		"17": {Kind: Ack, Numbers: []int{17}}, "１７": {Kind: Ack, Numbers: []int{17}}, "'17'": {Kind: Ack, Numbers: []int{17}}, "17 ok": {Kind: Ack, Numbers: []int{17}},
		"ok\u202f17": {Kind: Ack, Numbers: []int{17}}, "ok 17 please": {Kind: Ack, Numbers: []int{17}}, "1️⃣7️⃣": {Kind: Ack, Numbers: []int{17}},
		"OK 17 18": {Kind: Ack, Numbers: []int{17, 18}}, "OK 17, 18": {Kind: Ack, Numbers: []int{17, 18}}, "OK 17,18,17": {Kind: Ack, Numbers: []int{17, 18}}, "OK 18 & 3": {Kind: Ack, Numbers: []int{18, 3}},
		"OK ALL": {Kind: Ack, All: true}, "ack all": {Kind: Ack, All: true},
		"STATUS": {Kind: Status}, "status?": {Kind: Status}, "List": {Kind: List}, "MORE": {Kind: More}, "more…": {Kind: More},
		"WHY": {Kind: Why}, "Why 17?": {Kind: Why, Numbers: []int{17}}, "why17": {Kind: Why, Numbers: []int{17}},
		"MUTE": {Kind: Mute}, "MUTE 2h": {Kind: Mute, For: 2 * time.Hour}, "mute 2 H": {Kind: Mute, For: 2 * time.Hour}, "Mute for 2 hours, please": {Kind: Mute, For: 2 * time.Hour},
		"MUTE 17": {Kind: Mute, Numbers: []int{17}}, "mute 2": {Kind: Mute, Numbers: []int{2}}, "MUTE 17 2h": {Kind: Mute, Numbers: []int{17}, For: 2 * time.Hour}, "MUTE 17 - 2h": {Kind: Mute, Numbers: []int{17}, For: 2 * time.Hour},
		"MUTE 17 18 90 min": {Kind: Mute, Numbers: []int{17, 18}, For: 90 * time.Minute}, "mute 1d": {Kind: Mute, For: 24 * time.Hour}, "mute 1 week": {Kind: Mute, For: 7 * 24 * time.Hour},
		"mute 1.5h": {Kind: Mute, For: 90 * time.Minute}, "mute 1,5 h": {Kind: Mute, For: 90 * time.Minute}, "mute 1h30m": {Kind: Mute, For: 90 * time.Minute}, "MUTE 30 days": {Kind: Mute, For: 720 * time.Hour},
		"MUTE ALL": {Kind: Mute, All: true}, "MUTE ALL 2h": {Kind: Mute, All: true, For: 2 * time.Hour}, "MUTE ALL 2h 4821": {Kind: Mute, All: true, For: 2 * time.Hour, Code: "4821"}, "MUTE 1440 min": {Kind: Mute, For: 24 * time.Hour},
		"MUTE 17 CLEAR": {Kind: Mute, Numbers: []int{17}, UntilClear: true}, "mute 17 until it clears": {Kind: Mute, Numbers: []int{17}, UntilClear: true},
		"UNMUTE": {Kind: Unmute}, "UNMUTE 17": {Kind: Unmute, Numbers: []int{17}}, "unmute all": {Kind: Unmute, All: true},
		"AWAY": {Kind: Turn, Switch: "away", On: true, Word: "AWAY"}, "Home!": {Kind: Turn, Switch: "away", Word: "HOME"}, "home 4821": {Kind: Turn, Switch: "away", Word: "HOME", Code: "4821"},
		"HOME4821": {Kind: Turn, Switch: "away", Word: "HOME", Code: "4821"}, "arm2": {Kind: Turn, Switch: "arm", On: true, Word: "ARM2"}, "ARM2 4821": {Kind: Turn, Switch: "arm", On: true, Word: "ARM2", Code: "4821"},
		"STOP": {Kind: Stop}, "Stop!": {Kind: Stop}, "please stop": {Kind: Stop}, "STOPALL": {Kind: Stop}, "stop all": {Kind: Stop}, "UNSUBSCRIBE": {Kind: Stop},
		"START": {Kind: Start}, "unstop": {Kind: Start}, "HELP": {Kind: Help}, "help?": {Kind: Help}, "?": {Kind: Help}, " ？ ": {Kind: Help},
		"4821": {Kind: Confirm, Code: "4821"}, "(0017)": {Kind: Confirm, Code: "0017"},
	},
	"de": {
		"OK 17": {Kind: Ack, Numbers: []int{17}}, "ok, danke!": {Kind: Ack}, "Bestätigt": {Kind: Ack}, "BESTAETIGT 17": {Kind: Ack, Numbers: []int{17}}, "ok alle": {Kind: Ack, All: true},
		"Status": {Kind: Status}, "Liste bitte": {Kind: List}, "mehr": {Kind: More}, "Warum 17?": {Kind: Why, Numbers: []int{17}},
		"Stumm 17 2 Stunden": {Kind: Mute, Numbers: []int{17}, For: 2 * time.Hour}, "stumm für 30 Minuten": {Kind: Mute, For: 30 * time.Minute}, "Stumm 1,5 Std.": {Kind: Mute, For: 90 * time.Minute},
		"Stumm alle 1 Tag": {Kind: Mute, All: true, For: 24 * time.Hour}, "stumm 17 bis es vorbei ist": {Kind: Mute, Numbers: []int{17}, UntilClear: true},
		"laut": {Kind: Unmute}, "nicht stumm 17": {Kind: Unmute, Numbers: []int{17}}, "Stopp": {Kind: Stop}, "anmelden": {Kind: Start}, "Hilfe": {Kind: Help},
		"schärfen": {Kind: Turn, Switch: "scharf", On: true, Word: "SCHÄRFEN"}, "Aus 4821": {Kind: Turn, Switch: "scharf", Word: "AUS", Code: "4821"},
	},
	"es": {
		"Vale, gracias": {Kind: Ack}, "recibido 17": {Kind: Ack, Numbers: []int{17}}, "ok todo": {Kind: Ack, All: true}, "Estado": {Kind: Status}, "lista por favor": {Kind: List},
		"Más": {Kind: More}, "¿Por qué 17?": {Kind: Why, Numbers: []int{17}}, "silenciar 17 por 2 horas": {Kind: Mute, Numbers: []int{17}, For: 2 * time.Hour},
		"silencio 1 día": {Kind: Mute, For: 24 * time.Hour}, "silenciar 17 hasta que termine": {Kind: Mute, Numbers: []int{17}, UntilClear: true},
		"quitar silencio": {Kind: Unmute}, "BAJA": {Kind: Stop}, "alta": {Kind: Start}, "ayuda": {Kind: Help}, "why 17": {Kind: Why, Numbers: []int{17}},
	},
	"fr": {
		"Reçu 17 merci": {Kind: Ack, Numbers: []int{17}}, "D’accord": {Kind: Ack}, "ok tous": {Kind: Ack, All: true}, "état": {Kind: Status}, "liste svp": {Kind: List}, "suite": {Kind: More},
		"Pourquoi 17 ?": {Kind: Why, Numbers: []int{17}}, "muet 17 pendant 2 heures": {Kind: Mute, Numbers: []int{17}, For: 2 * time.Hour}, "silence 1 j": {Kind: Mute, For: 24 * time.Hour},
		"muet 17 jusqu'à la fin": {Kind: Mute, Numbers: []int{17}, UntilClear: true}, "réactiver": {Kind: Unmute}, "désabonner": {Kind: Stop}, "réabonner": {Kind: Start}, "aide, s'il vous plaît": {Kind: Help},
	},
}

func TestAnyCaseSurroundingPunctuationAndALanguagesOwnWordsAreUnderstood(t *testing.T) {
	for language, texts := range understood {
		for text, want := range texts {
			got, ok := Parse(text, phrase.In(language), switches)
			if !ok {
				t.Errorf("%s: %q is no command", language, text)
			} else if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: %q (-want +got):\n%s", language, text, diff)
			}
		}
	}
}

// sentences mean nothing in any language, though most have a word in them that does.
var sentences = []string{
	"", " ", "!", "👍", "🔥🔥", "\x00", "\xff", "O\xffK",
	"not ok", "ok?", "OK??", "is it ok", "all ok", "ok bob", "okok", "ok ok", "no", "yes", "ok not", "it is ok now", "OK HOME", "please", "Danke!",
	"ОК", "оk", "ΟΚ", "０K", "0K", "ok ١٧", "½", "17½", // Cyrillic, Greek, zeros, Arabic digits
	"100", "017", "0", "00", "-", "1.7", "25.11.", "12:30", "17%", "17 €", "21 C", "21°C", "21°", "<3", "ok <3", "+17", "+353871234567", "01 23 45 67 89", "17 18", "17,18", "24/7", "17th",
	"OK 100", "OK 0", "OK 17 200", "OK 1.7", "OK 17-18", "OK 17/18", "ok all 17", "ok 17 all", "OK 4821", "OK 17 4821",
	"status 17", "list all", "why 17 18", "why 17,18", "why all", "why not", "more 17", "help me", "start 17", "stop 17", "stop it", "stop?", "CANCEL", "END", "QUIT",
	"mute?", "mute 0h", "mute 2h 17", "mute 30 m 2 h", "mute 1h30", "mute 99999h", "mute 500 d", "mute for", "mute for 17", "mute smoke", "mute 2 years", "mute 17 2h clear", "mute 2h 482", "mute 2h 48211", "mute 1:30h", "mute 1.5.3h",
	"unmute 2h", "away?", "away 17", "away 48211", "away home", "HOME 4821 4821", "4821?", "4821 please 4821", "48 21", "48-21", "48211", "482",
	"Rosewood: SMOKE kitchen. Reply OK or 17", "Liked “Rosewood: SMOKE kitchen. Reply OK or 17”", "> OK", "OK\nSent from my phone", "OK\n--\nBob", "Re: OK",
	strings.Repeat("ok ", 60), strings.Repeat(" ", 159) + "OK", "ok " + strings.Repeat("17 ", 60),
}

func TestWhatIsNotWhollyUnderstoodIsNoCommand(t *testing.T) {
	for _, language := range phrase.Languages {
		for _, text := range sentences {
			if c, ok := Parse(text, phrase.In(language), switches); ok {
				t.Errorf("%s: %q is %v", language, text, c)
			}
		}
	}
}

// phrases are what the gateway says by itself in a language.
func phrases(t *testing.T, language string) (all []string) {
	t.Helper()
	text, err := os.ReadFile("../phrase/words/" + language + ".txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if _, said, ok := strings.Cut(strings.TrimSpace(line), " = "); ok && line[0] != '#' {
			all = append(all, said)
		}
	}
	return all
}

func TestWhatTheGatewaySaysByItselfIsNoCommand(t *testing.T) {
	fill := strings.NewReplacer("{number}", "17", "{count}", "7", "{code}", "4821", "{command}", "HOME", "{what}", "SMOKE")
	for _, speaks := range phrase.Languages {
		for _, said := range phrases(t, speaks) {
			for _, understands := range phrase.Languages {
				if c, ok := Parse(fill.Replace(said), phrase.In(understands), switches); ok {
					t.Errorf("%s: %q is %v in %s", speaks, said, c, understands)
				}
			}
		}
	}
}

// hint is what a phrase asks its reader to text: capitals, with what goes with them.
var hint = regexp.MustCompile(`[A-ZÄÉÑÖÜ]{2,}( [A-ZÄÉÑÖÜ]{2,}| \d+h?)*`)

func TestWhatAPhraseAsksForIsUnderstood(t *testing.T) {
	for _, language := range phrase.Languages {
		for _, said := range phrases(t, language) {
			for _, text := range hint.FindAllString(said, -1) {
				if _, ok := Parse(text, phrase.In(language), nil); !ok {
					t.Errorf("%s: %q asks for %s, which is no command", language, said, text)
				}
			}
		}
	}
}

func TestTheWordsInTheDocumentationMeanTheSameInEveryLanguage(t *testing.T) {
	text, err := os.ReadFile("../../docs/language.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, ok := strings.Cut(string(text), "| `en` | `de` | `es` | `fr` |\n|---|---|---|---|\n")
	table, _, _ = strings.Cut(table, "\n\n")
	if !ok || len(phrase.Languages) != 4 {
		t.Fatal("there is no table with a column for each language")
	}
	for row := range strings.Lines(table + "\n") {
		cells := strings.Split(strings.Trim(row, "|` \n"), "` | `")
		want, _ := Parse(cells[0], phrase.In("en"), nil)
		for i, cell := range cells {
			if got, ok := Parse(cell, phrase.In(phrase.Languages[i]), nil); !ok || cmp.Diff(want, got) != "" {
				t.Errorf("%s: %s is %v, want %v", phrase.Languages[i], cell, got, want)
			}
		}
	}
}

func TestAWordThatSaysSomethingElseCannotSetASwitch(t *testing.T) {
	for _, taken := range []string{"OK", "ok", "ALL", "STATUS", "LISTE", "MUTE", "STUMM", "BAJA", "STOP", "AIDE", "17", "OK17", "17OK", "WHY17", "4821", "MUTE2H", "PLEASE", "FOR", "MÁS"} {
		if !Taken(taken) {
			t.Errorf("%s may set a switch", taken)
		}
	}
	for _, free := range []string{"AWAY", "HOME", "ARM", "ARM2", "AUS", "SCHÄRFEN", "CANCEL", "NIGHT"} {
		if Taken(free) {
			t.Errorf("%s may not set a switch", free)
		}
	}
}

func TestASwitchHasNoWordItDoesNotHave(t *testing.T) {
	if c, ok := Parse("4821 4821", phrase.Language{}, []Switch{{Name: "arm"}}); ok {
		t.Errorf("it is %v", c)
	}
}

func TestACommandIsReadFromWhatItIsWrittenAs(t *testing.T) {
	for _, test := range []struct {
		command Command
		want    string
	}{
		{Command{Kind: Ack}, "OK"},
		{Command{Kind: Ack, Numbers: []int{17, 18}}, "OK 17 18"},
		{Command{Kind: Mute, All: true, For: 150 * time.Minute, Code: "4821"}, "MUTE ALL 2h 30min 4821"},
		{Command{Kind: Mute, Numbers: []int{17}, UntilClear: true}, "MUTE 17 CLEAR"},
		{Command{Kind: Turn, Switch: "away", Word: "HOME", Code: "4821"}, "HOME 4821"},
		{Command{Kind: Confirm, Code: "0017"}, "0017"},
	} {
		if got := test.command.String(); got != test.want {
			t.Errorf("%+v is written %q, want %q", test.command, got, test.want)
		}
	}
}

func FuzzACommandIsWhollyUnderstoodOrNot(f *testing.F) {
	for i, language := range phrase.Languages {
		for text := range understood[language] {
			f.Add(text, i)
		}
		for _, text := range sentences {
			f.Add(text, i)
		}
	}
	f.Fuzz(func(t *testing.T, text string, language int) {
		l := phrase.In(phrase.Languages[uint(language)%uint(len(phrase.Languages))])
		c, ok := Parse(text, l, switches)
		if !ok {
			if diff := cmp.Diff(Command{}, c); diff != "" {
				t.Errorf("%q is no command, and %v", text, c)
			}
			return
		}
		judge(t, text, c)
		for how, other := range map[string]string{
			"in capitals": strings.ToUpper(text), "in small letters": strings.ToLower(text), "in quotes": `"` + text + `!"`,
			"with dashes": strings.ReplaceAll(text, " ", " - "), "as it is written": c.String(),
		} {
			if utf8.RuneCountInString(other) > textMax {
				continue
			}
			if again, _ := Parse(other, l, switches); cmp.Diff(c, again) != "" {
				t.Errorf("%q is %v, and %s, %q, is %v", text, c, how, other, again)
			}
		}
		for _, other := range []string{"not " + text, text + " not", "xyzzy " + text, text + "\nxyzzy"} {
			if c, ok := Parse(other, l, switches); ok {
				t.Errorf("%q is %v", other, c)
			}
		}
	})
}

// judge holds a command to what is promised of any.
func judge(t *testing.T, text string, c Command) {
	t.Helper()
	outside := func(n int) bool { return n < 1 || n > numberMax }
	switch {
	case c.Kind < Ack || c.Kind > Confirm,
		slices.ContainsFunc(c.Numbers, outside),
		len(c.Numbers) > 0 && c.All,
		len(c.Numbers) > 1 && c.Kind == Why,
		c.For < 0 || c.For > forMax || c.For%time.Minute != 0,
		c.For > 0 && c.UntilClear,
		c.Code != "" && (len(c.Code) != codeLen || !isDigits(c.Code)),
		(c.Code != "") && !slices.Contains([]Kind{Mute, Turn, Confirm}, c.Kind),
		(c.Switch != "") != (c.Kind == Turn):
		t.Errorf("%q is %+v", text, c)
	}
}
