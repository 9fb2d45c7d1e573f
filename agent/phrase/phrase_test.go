package phrase

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"github.com/warthog618/sms/encoding/gsm7"
)

var nameInPhrase = regexp.MustCompile(`{[^}]*}`)

// own are the lines of a language's file, without the English ones beneath.
func own(file, language string) map[string]string {
	lines := map[string]string{}
	for _, e := range mustRead(file + "/" + language + ".txt") {
		lines[e.name] = e.text
	}
	return lines
}

// namesIn are the names that are filled in, each once.
func namesIn(phrase string) []string {
	return slices.Compact(slices.Sorted(slices.Values(nameInPhrase.FindAllString(phrase, -1))))
}

func TestEveryPhraseIsThereInEveryLanguage(t *testing.T) {
	english := slices.Sorted(maps.Keys(own("words", "en")))
	for _, language := range Languages {
		if diff := cmp.Diff(english, slices.Sorted(maps.Keys(own("words", language)))); diff != "" {
			t.Errorf("%s (-English +%s):\n%s", language, language, diff)
		}
	}
}

func TestEveryLanguageFillsTheSameNamesIn(t *testing.T) {
	english := own("words", "en")
	for _, language := range Languages {
		for name, phrase := range own("words", language) {
			if diff := cmp.Diff(namesIn(english[name]), namesIn(phrase)); diff != "" {
				t.Errorf("%s: %s (-English +%s):\n%s", language, name, language, diff)
			}
		}
	}
}

// One character that the GSM alphabet lacks makes a text of 160 characters one of
// 70 (3GPP 23.038 clause 6.2.1).
func TestEveryPhraseIsWrittenInTheGSMAlphabet(t *testing.T) {
	for _, language := range Languages {
		for name, phrase := range own("words", language) {
			if _, err := gsm7.Encode([]byte(nameInPhrase.ReplaceAllString(phrase, ""))); err != nil {
				t.Errorf("%s: %s: %q: %v", language, name, phrase, err)
			}
		}
	}
}

// A segment has 160 septets (3GPP 23.040 clause 9.2.3.24).
func TestAPhraseLeavesRoomInItsSegmentForWhatItIsAbout(t *testing.T) {
	const room = 60
	for _, language := range Languages {
		for name, phrase := range own("words", language) {
			if septets, _ := gsm7.Encode([]byte(nameInPhrase.ReplaceAllString(phrase, ""))); len(septets) > 160-room {
				t.Errorf("%s: %s takes %d septets, and leaves less than %d", language, name, len(septets), room)
			}
		}
	}
}

func TestAPhraseIsSaidInTheLanguageWithTheNamesFilledIn(t *testing.T) {
	for language, want := range map[string]string{
		"en": "Reply OK or 17", "de": "Antworte OK oder 17", "es": "Responde OK o 17", "fr": "Répondre OK ou 17",
		"": "Reply OK or 17", "tlh": "Reply OK or 17",
	} {
		if got := In(language).Say("reply_number", "number", 17); got != want {
			t.Errorf("%q says %q, want %q", language, got, want)
		}
	}
	if got := (Language{}).Say("reply_number", "number", 17); got != "Reply OK or 17" {
		t.Errorf("the zero Language says %q", got)
	}
}

func TestWhatIsFilledInIsNotFilledInAgain(t *testing.T) {
	if got := In("en").Say("on_it", "who", "{what}", "what", "{who}"); got != "{what} is on it: {who}" {
		t.Errorf("it says %q", got)
	}
}

func TestADurationIsRoundedAsPeopleSayIt(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0 s", 89 * time.Second: "89 s", 90 * time.Second: "2 min", 12*time.Minute + 29*time.Second: "12 min",
		90 * time.Minute: "2 h", 35 * time.Hour: "35 h", 36 * time.Hour: "2 d", 168 * time.Hour: "7 d",
	} {
		if got := Duration(d); got != want {
			t.Errorf("%v is said as %q, want %q", d, got, want)
		}
	}
}

func TestALineThatIsNoneIsReported(t *testing.T) {
	for text, want := range map[string]string{
		"# only this\n\nover = Over: {what}\n": "",
		"over Over":                            `line 1: "over Over" is not a name, an equals sign and a text`,
		"# a\nover =":                          `line 2: "over =" is not a name, an equals sign and a text`,
		"= Over":                               `line 1: "= Over" is not a name, an equals sign and a text`,
		"Over it = Over":                       `line 1: "Over it = Over" is not a name, an equals sign and a text`,
		"over = Over\nover = Past\n":           "line 2: over is there twice",
	} {
		got := ""
		if _, err := parse(text); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func FuzzNoFileBringsItDown(f *testing.F) {
	f.Add("# a\nover = Over: {what}\n")
	f.Fuzz(func(t *testing.T, text string) {
		entries, err := parse(text)
		for _, e := range entries {
			if err != nil || !isName(e.name) || e.text == "" {
				t.Errorf("%q has the entry %+v, and the error %v", text, e, err)
			}
		}
	})
}

func TestEveryWordIsKnownInEveryLanguage(t *testing.T) {
	names := []string{
		"ok", "all", "status", "list", "more", "why", "mute", "unmute", "stop", "start", "help",
		"for", "clear", "minute", "hour", "day", "week", "courtesy",
	}
	slices.Sort(names)
	for _, language := range Languages {
		if diff := cmp.Diff(names, slices.Sorted(maps.Keys(own("replies", language)))); diff != "" {
			t.Errorf("%s (-the words +its file):\n%s", language, diff)
		}
	}
}

func TestNoWordMeansTwoThingsInAnyTwoLanguages(t *testing.T) {
	means := map[string]string{}
	for _, language := range Languages {
		for word, written := range own("replies", language) {
			for written := range strings.SplitSeq(written, ",") {
				written = plain(written)
				if other, ok := means[written]; ok && other != word {
					t.Errorf("%s: %s means %s, and %s", language, written, word, other)
				}
				means[written] = word
			}
		}
	}
}

func TestAWordIsOfLettersAndNoLongerThanIsLookedFor(t *testing.T) {
	for _, language := range Languages {
		for written := range In(language).replies {
			if n := len(strings.Fields(written)); n == 0 || n > WordsMax {
				t.Errorf("%s: %q is %d words, want 1 to %d", language, written, n, WordsMax)
			}
			if strings.Trim(written, "ABCDEFGHIJKLMNOPQRSTUVWXYZ ") != "" {
				t.Errorf("%s: %q cannot be written by everybody", language, written)
			}
		}
	}
}

func TestEnglishIsUnderstoodInEveryLanguageAndOthersInTheirOwn(t *testing.T) {
	for _, test := range []struct {
		language, written string
		want              Word
	}{
		{"en", "MUTE", Mute}, {"de", "MUTE", Mute}, {"fr", "MUTE", Mute}, {"", "MUTE", Mute},
		{"de", "STUMM", Mute}, {"es", "SILENCIO", Mute}, {"fr", "MUET", Mute},
		{"en", "STUMM", ""}, {"es", "STUMM", ""},
		{"es", "POR QUE", Why}, {"fr", "D ACCORD", OK},
		{"en", "CANCEL", ""}, {"en", "END", ""}, {"en", "QUIT", ""}, {"en", "", ""},
	} {
		if got, _ := In(test.language).Means(test.written); got != test.want {
			t.Errorf("%q in %q means %q, want %q", test.written, test.language, got, test.want)
		}
	}
}

func TestFoldingMakesAlikeWhatSaysTheSame(t *testing.T) {
	for text, want := range map[string]string{
		"ok": "OK", "ＯＫ １７！": "OK 17!", "bestätigt": "BESTATIGT", "besta\u0308tigt": "BESTATIGT", "Grüße": "GRUSSE",
		"más": "MAS", "reçu": "RECU", "cœur": "COEUR", "O\u200dK\ufe0f": "OK", "\u202eok": "OK",
		"ок": "ОК", // Cyrillic
		"ΟΚ": "ΟΚ", // Greek
	} {
		if got := Fold(text); got != want {
			t.Errorf("%q is folded to %q, want %q", text, got, want)
		}
	}
}

func TestFoldingDependsOnNoCaseAndIsDoneOnce(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		folded := Fold(string(r))
		for how, again := range map[string]string{
			"folded again": folded, "as a capital": string(unicode.ToUpper(r)), "as a small letter": string(unicode.ToLower(r)), "as a title": string(unicode.ToTitle(r)),
		} {
			if got := Fold(again); got != folded {
				t.Errorf("%U is %q, and %s %q", r, folded, how, got)
			}
		}
	}
}
