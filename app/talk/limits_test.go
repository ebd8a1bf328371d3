package talk_test

import (
	"errors"
	"strings"
	"testing"

	"folkmoot/app/talk"
)

// codeOf is the code of a refusal, or empty.
func codeOf(err error) talk.Code {
	if refused := (*talk.Error)(nil); errors.As(err, &refused) {
		return refused.Code
	}
	return ""
}

const (
	family    = "\U0001F468\u200D\U0001F469\u200D\U0001F467\u200D\U0001F466" // joined by U+200D
	zalgo     = "Z\u0351\u034A\u0341\u0353\u0326algo"
	shalom    = "\u05E9\u05C1\u05B8\u05DC\u05D5\u05B9\u05DD"
	bereshit  = "\u05E9\u05C1\u05BC\u05B8\u0594" // shin with its dot, dagesh, vowel and accent
	viet      = "Tie\u0302\u0301ng Vie\u0323\u0302t"
	thai      = "\u0E19\u0E35\u0E48 \u0E1C\u0E39\u0E49 \u0E19\u0E49\u0E33"
	hindi     = "\u0939\u093F\u0928\u094D\u0926\u0940"
	persian   = "\u0645\u06CC\u200C\u062E\u0648\u0627\u0647\u0645"
	zeroWidth = "\u200B\u200C\u200D\u2060\uFEFF\u00AD"
)

// texts are what people write or forge; body and name say what becomes of them.
var texts = []struct {
	what, text string
	body, name talk.Code
}{
	{"plain", "Ann", "", ""},
	{"family emoji", family, "", ""},
	{"Hebrew with niqqud", shalom, "", ""},
	{"Hebrew with four marks", bereshit, "", ""},
	{"Vietnamese, decomposed", viet, "", ""},
	{"Thai", thai, "", ""},
	{"Hindi", hindi, "", ""},
	{"Persian with a non-joiner", persian, "", ""},
	{"flag of tags", "\U0001F3F4\U000E0067\U000E0062\U000E0065\U000E006E\U000E0067\U000E007F", "", ""},
	{"heart with a selector", "\u2764\uFE0F", "", ""},
	{"markup", "<script>", "", ""},

	{"empty", "", talk.Invalid, talk.Invalid},
	{"spaces", " \t\r\n\u00A0\u3000", talk.Invalid, talk.Invalid},
	{"zero-width only", zeroWidth, talk.Invalid, talk.Invalid},
	{"spaces without ink", "\u2800\u3164\u115F\u1160\uFFA0", talk.Invalid, talk.Invalid},
	{"marks on nothing", "\u0301\u0302", talk.Invalid, talk.Invalid},
	{"zalgo", zalgo, talk.Invalid, talk.Invalid},
	{"zalgo with joiners between", "Z\u0351\u034A\u200D\u0341\u0353\u200B\u0326", talk.Invalid, talk.Invalid},
	{"enclosing marks", "a\u20DD\u20DD\u20DD\u20DD\u20DD", talk.Invalid, talk.Invalid},
	{"NUL", "a\x00b", talk.Invalid, talk.Invalid},
	{"escape", "a\x1b[31m", talk.Invalid, talk.Invalid},
	{"delete", "a\x7f", talk.Invalid, talk.Invalid},
	{"C1 control", "a\u0085", talk.Invalid, talk.Invalid},
	{"invalid UTF-8", "a\xff", talk.Invalid, talk.Invalid},
	{"half a character", "a\xe2\x82", talk.Invalid, talk.Invalid},
	{"surrogate", "a\xed\xa0\x80", talk.Invalid, talk.Invalid},

	{"right-to-left override", "a\u202Eb", talk.Invalid, talk.Invalid},
	{"left-to-right override", "a\u202Db", talk.Invalid, talk.Invalid},
	{"embedding", "a\u202Bb\u202C", "", talk.Invalid},
	{"isolate", "a\u2067b\u2069", "", talk.Invalid},
	{"direction mark", "a\u200Fb", "", talk.Invalid},
}

func TestTexts(t *testing.T) {
	for _, tt := range texts {
		t.Run(tt.what, func(t *testing.T) {
			if got := codeOf(talk.CheckBody(tt.text)); got != tt.body {
				t.Errorf("as a body: %q, want %q", got, tt.body)
			}
			name, err := talk.CleanName(tt.text)
			if got := codeOf(err); got != tt.name {
				t.Errorf("as a name: %q, want %q", got, tt.name)
			}
			if err != nil && name != "" || err == nil && name != tt.text {
				t.Errorf("as a name: %q", name)
			}
			headline, err := talk.CleanHeadline(tt.text)
			if want := tt.name; codeOf(err) != want && !talk.Blank(tt.text) {
				t.Errorf("as a headline: %v, want %q", err, want)
			}
			if talk.Blank(tt.text) && (headline != "" || err != nil) {
				t.Errorf("a headline that nobody sees is %q, %v; want none", headline, err)
			}
		})
	}
}

func TestBodyBytes(t *testing.T) {
	if err := talk.CheckBody(strings.Repeat("x", talk.BodyBytes)); err != nil {
		t.Errorf("64 KiB: %v", err)
	}
	err := talk.CheckBody(strings.Repeat("x", talk.BodyBytes+1))
	if codeOf(err) != talk.TooLong || !strings.Contains(err.Error(), "65 KB long; 64 KB") {
		t.Errorf("one byte more: %v", err)
	}
	if err := talk.CheckBody("line\n\tline\r\nline"); err != nil {
		t.Errorf("several lines: %v", err)
	}
}

func TestCleanLines(t *testing.T) {
	if name, err := talk.CleanName("  Ann\t\u00a0\r\n\u2028 Lee "); name != "Ann Lee" || err != nil {
		t.Errorf("a name is folded to %q, %v", name, err)
	}
	for _, tt := range []struct {
		clean func(string) (string, error)
		field string
		bytes int
	}{{talk.CleanName, "name", 16 * talk.NameChars}, {talk.CleanHeadline, "headline", 16 * talk.HeadlineChars}} {
		if _, err := tt.clean(strings.Repeat("x", tt.bytes)); err != nil { // characters are the server's to count
			t.Errorf("a %s of %d bytes: %v", tt.field, tt.bytes, err)
		}
		_, err := tt.clean(strings.Repeat("x", tt.bytes+1))
		if refused := (*talk.Error)(nil); !errors.As(err, &refused) || refused.Code != talk.TooLong || refused.Field != tt.field {
			t.Errorf("a %s of a byte more: %v", tt.field, err)
		}
	}
}

func TestCheckText(t *testing.T) {
	for text, code := range map[string]talk.Code{
		"": "", "It is an advertisement.\nTwice.": "", strings.Repeat("é", talk.TextChars): "",
		strings.Repeat("x", talk.TextChars*16+1): talk.TooLong, "a\x00b": talk.Invalid, "\u202e": talk.Invalid, "\xff": talk.Invalid,
	} {
		refused := (*talk.Error)(nil)
		if err := talk.CheckText(text); errors.As(err, &refused) != (code != "") || refused != nil && (refused.Code != code || refused.Field != "text") {
			t.Errorf("%.20q: %v, want %q", text, err, code)
		}
	}
}

// What a program doesn't know may take back what earlier entries told.
func TestRetracts(t *testing.T) {
	for kind, want := range map[talk.EventKind]bool{
		talk.CommentAdded: false, talk.CommentRestored: false, talk.CommentPinned: false, talk.ThreadLocked: false,
		talk.CommentRemoved: true, talk.CommentHeld: true, talk.CommentEdited: true, "of tomorrow": true,
	} {
		if kind.Retracts() != want {
			t.Errorf("%s: %v", kind, !want)
		}
	}
}
