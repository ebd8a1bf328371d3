package talk

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Limits of what a person may send. Characters are what a person counts as one
// (UAX #29 grapheme clusters); bytes are of UTF-8.
const (
	BodyChars     = 10_000
	BodyBytes     = 64 << 10
	NameChars     = 60
	HeadlineChars = 100
	TextChars     = 500 // of what somebody says to a flag, or to what they did to keep order
	RefBytes      = 128
	PageBytes     = 2000
	TitleBytes    = 300
	TopicBytes    = 60
	Topics        = 10
	Mentions      = 20              // people whom a comment may mention
	RequestBytes  = 160 << 10       // a request's JSON: a body of quotes and line ends is twice as long there
	TypingEvery   = 3 * time.Second // how often a browser says that somebody is writing
	TypingLasts   = 6 * time.Second // how long that is believed
	marksInARow   = 4               // combining marks on one letter: Hebrew, Thai and Vietnamese need up to three
)

// CheckBody refuses a comment's text that can't be one. It does not count
// characters: that takes tables which a browser need not load.
func CheckBody(body string) error {
	switch bad := badText(body, overrides); {
	case len(body) > BodyBytes:
		return Refuse(TooLong, "body", "This comment is %d KB long; 64 KB is the most. Please shorten it.", (len(body)+1<<10-1)>>10)
	case bad != "":
		return Refuse(Invalid, "body", "This comment has %s. Please take that out.", bad)
	case Blank(body):
		return Refuse(Invalid, "body", "Please write something first.")
	}
	return nil
}

// CleanName returns a name as it will be shown, or why it can't be one.
func CleanName(name string) (string, error) {
	return cleanLine(line{"name", NameChars, true, "Your name has %s. Please take that out.", "Your name is too long: %d characters are the most."}, name)
}

// CleanHeadline returns a headline as it will be shown, or why it can't be one.
// It may be empty.
func CleanHeadline(headline string) (string, error) {
	return cleanLine(line{"headline", HeadlineChars, false, "Your headline has %s. Please take that out.", "Your headline is too long: %d characters are the most."}, headline)
}

// CheckText refuses what somebody says to a flag, or to what they did to keep
// order, if it can't be kept. It may be empty.
func CheckText(text string) error {
	switch bad := badText(text, overrides); {
	case len(text) > TextChars*16:
		return Refuse(TooLong, "text", "This is too long: %d characters are the most.", TextChars)
	case bad != "":
		return Refuse(Invalid, "text", "This has %s. Please take that out.", bad)
	}
	return nil
}

// A line is what may stand in a field of one line, and how it is refused.
type line struct {
	field        string
	chars        int
	required     bool
	has, tooLong string
}

// cleanLine folds white space and refuses what would break out of a line. The
// byte limit keeps the character limit, which the server counts, affordable.
func cleanLine(l line, s string) (string, error) {
	if bad := badText(s, bidi); bad != "" {
		return "", Refuse(Invalid, l.field, l.has, bad)
	}
	s = strings.Join(strings.Fields(strings.Map(visible, s)), " ")
	switch {
	case len(s) > l.chars*16:
		return "", Refuse(TooLong, l.field, l.tooLong, l.chars)
	case Blank(s) && l.required:
		return "", Refuse(Invalid, l.field, "Please say under which name you write.")
	case Blank(s):
		return "", nil
	}
	return s, nil
}

// visible drops what has no width in a name, with which one person could pass
// for another. Joiners and tags stay: scripts and emoji need them.
func visible(r rune) rune {
	if strings.ContainsRune("\u00AD\u034F\u180E\u200B\u2060\u2061\u2062\u2063\u2064\uFEFF", r) {
		return -1
	}
	return r
}

// Blank reports whether nothing of s would be seen.
func Blank(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool {
		return unicode.IsGraphic(r) && !unicode.IsSpace(r) && !unicode.Is(unicode.Mn, r) &&
			r != '\u2800' && r != '\u3164' && r != '\u115F' && r != '\u1160' && r != '\uFFA0' // letters and signs without ink
	}) < 0
}

// Characters that turn the direction of what follows (UAX #9). A text may
// embed and isolate; overriding is for forging only. A name may do neither.
const (
	overrides = "\u202D\u202E"
	bidi      = overrides + "\u202A\u202B\u202C\u2066\u2067\u2068\u2069\u200E\u200F\u061C"
)

// What no text may have.
const (
	noText    Phrase = "bytes that are no text (invalid UTF-8)"
	nul       Phrase = "a NUL character"
	invisible Phrase = "an invisible control character"
	reversing Phrase = "a character that reverses the direction of writing"
	accents   Phrase = "a pile of accents on one letter"
)

// badText names what in s no text may have, or is empty.
func badText(s, turning string) Phrase {
	if !utf8.ValidString(s) {
		return noText
	}
	marks := 0
	for _, r := range s {
		switch {
		case r == 0:
			return nul
		case unicode.Is(unicode.Cc, r) && r != '\n' && r != '\r' && r != '\t':
			return invisible
		case strings.ContainsRune(turning, r):
			return reversing
		case unicode.In(r, unicode.Mn, unicode.Me):
			if marks++; marks > marksInARow {
				return accents
			}
		case !unicode.Is(unicode.Cf, r): // what has no ink, such as a joiner, doesn't end a pile
			marks = 0
		}
	}
	return ""
}
