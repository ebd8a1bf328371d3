package words

import (
	"testing"
	"time"
)

func read(t *testing.T, file string) *Words {
	t.Helper()
	w, err := Read([]byte(file))
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestSay(t *testing.T) {
	w := read(t, `{"language": "en", "direction": "ltr", "words": {"greet": "Hello {name}, {name} from {place}!", "bare": "Hello"}}`)
	for _, tt := range []struct {
		key   string
		pairs []string
		want  string
	}{
		{"bare", nil, "Hello"},
		{"greet", []string{"name", "Ann", "place", "Leeds"}, "Hello Ann, Ann from Leeds!"},
		{"greet", []string{"place", "{name}", "name", "B{}b"}, "Hello B{}b, B{}b from {name}!"}, // what people are called is no message
		{"nobody", []string{"name", "Ann"}, "nobody"},
	} {
		if got := w.Say(tt.key, tt.pairs...); got != tt.want {
			t.Errorf("Say(%q, %q) = %q, want %q", tt.key, tt.pairs, got, tt.want)
		}
	}
}

func TestMany(t *testing.T) {
	w := read(t, `{"language": "he", "direction": "rtl", "words": {"n": {"one": "one", "two": "two of {of}", "other": "{n} of {of}"}}}`)
	for n, want := range map[int]string{1: "one", 2: "two of 9", 0: "0 of 9", 1500: "1500 of 9"} {
		if got := w.Many("n", n, "of", "9"); got != want {
			t.Errorf("Many(%d) = %q, want %q", n, got, want)
		}
	}
	if got := w.Many("nobody", 1); got != "nobody" {
		t.Errorf("a key without words is %q", got)
	}
}

func TestNilIsEnglish(t *testing.T) {
	var w *Words
	if w.Language() != "en" || w.Direction() != "ltr" || w.Say("ok") != "OK" || w.Many("comments.count", 1234) != "1,234 comments" {
		t.Errorf("nil words are %s %s %q %q", w.Language(), w.Direction(), w.Say("ok"), w.Many("comments.count", 1234))
	}
}

func TestNumber(t *testing.T) {
	for _, tt := range []struct {
		file string
		want map[int]string
	}{
		{`"group": ","`, map[int]string{0: "0", 7: "7", 999: "999", 1000: "1,000", 12345: "12,345", 1234567: "1,234,567"}},
		{`"group": ",", "groups": [3, 2]`, map[int]string{999: "999", 1000: "1,000", 123456: "1,23,456", 123456789: "12,34,56,789"}},
		{`"group": ".", "least": 2`, map[int]string{1000: "1000", 9999: "9999", 10000: "10.000", 1234567: "1.234.567"}},
		{`"group": "٬", "digits": "٠١٢٣٤٥٦٧٨٩"`, map[int]string{7: "٧", 1234567: "١٬٢٣٤٬٥٦٧"}},
	} {
		w := read(t, `{"language": "en", "direction": "ltr", `+tt.file+`}`)
		for n, want := range tt.want {
			if got := w.Number(n); got != want {
				t.Errorf("%s: %d is %q, want %q", tt.file, n, got, want)
			}
		}
	}
}

func TestIsolate(t *testing.T) {
	ltr, rtl := read(t, `{"language": "en", "direction": "ltr"}`), read(t, `{"language": "he", "direction": "rtl"}`)
	for _, tt := range []struct {
		text     string
		ltr, rtl bool // whether it is isolated there
	}{
		{"Ann", false, true}, {"Émile!", false, true}, {"松本", false, true}, {"דנה", true, false}, {"ليلى", true, false}, {"ﷺ", true, false},
		{"Ann דנה", true, true}, {"12", false, false}, {"?!", false, false}, {"", false, false}, {"🙂", false, false}, {"𞤀𞤣𞤤𞤢𞤥", true, false},
	} {
		for w, want := range map[*Words]bool{ltr: tt.ltr, rtl: tt.rtl} {
			expected := tt.text
			if want {
				expected = "\u2068" + tt.text + "\u2069"
			}
			if got := w.Isolate(tt.text); got != expected {
				t.Errorf("in %s, %q stands as %+q", w.Direction(), tt.text, got)
			}
		}
	}
}

func TestAgeInEnglish(t *testing.T) {
	const day = 24 * time.Hour
	tests := []struct {
		ago  time.Duration
		want string
	}{
		{-time.Hour, "now"}, // a clock that is behind
		{0, "now"},
		{time.Minute - 1, "now"},
		{time.Minute, "1m"},
		{59*time.Minute + 59*time.Second, "59m"},
		{time.Hour, "1h"},
		{day - 1, "23h"},
		{day, "1d"},
		{7*day - 1, "6d"},
		{7 * day, "1w"},
		{30 * day, "4w"},
		{365 * day / 12, "1mo"},
		{5 * 365 * day / 12, "5mo"},
		{365*day - 1, "11mo"},
		{365 * day, "1y"},
		{25 * 365 * day, "25y"},
	}
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	for _, tt := range tests {
		at := now.Add(-tt.ago).In(time.FixedZone("far", 13*60*60))
		if got := English().Age(at, now); got != tt.want {
			t.Errorf("%v ago is %q, want %q", tt.ago, got, tt.want)
		}
	}
}

func TestNearest(t *testing.T) {
	for tag, want := range map[string]string{
		"en": "en", "en-GB": "en", "EN_us": "en", "": "", "ko": "", "e": "", "eng": "", "en" + longTag: "",
		"pt-BR": "pt", "pt_PT": "pt", "zh-TW": "zh", "zh-Hant-HK": "zh", "iw": "he", "iw-IL": "he", "he": "he", "ar-EG": "ar", "DE-at": "de", "dea": "",
		"\"><script>": ""} {
		if got := Nearest(tag); got != want {
			t.Errorf("the nearest to %q is %q, want %q", tag, got, want)
		}
	}
}

const longTag = "-aaaaaaaa-aaaaaaaa-aaaaaaaa-aaaaaaaa-aaaaaaaa"

func TestAccepted(t *testing.T) {
	for header, want := range map[string]string{
		"": "", "*": "", "ko": "", "ko, en;q=0.5": "en", "en;q=0": "", "en;q=x": "", "en-GB,en;q=0.9": "en",
		"ko, fr;q=0.4, de-CH;q=0.8, en;q=0.5": "de", "fr, de": "fr", "zh-TW,zh;q=0.9": "zh",
	} {
		if got := Accepted(header); got != want {
			t.Errorf("of %q, %q is chosen, want %q", header, got, want)
		}
	}
}
