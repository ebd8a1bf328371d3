package web

import (
	"cmp"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"folkmoot/app/words"
	"folkmoot/assets"
	"folkmoot/server/live"
)

// A tongue is a language in which pages are shown.
type tongue struct {
	*words.Words
	path string // of its file, from which the browser's program reads the same; empty for English, which it has
}

// readTongues reads the files of all languages, from the program itself.
func readTongues(set *assets.Set) map[string]tongue {
	all := map[string]tongue{"en": {Words: words.English()}}
	for _, language := range words.Languages {
		if language == "en" {
			continue
		}
		file := set.Named(language + ".json")
		w, err := readWords(file)
		if err != nil {
			panic(err) // of the program itself: a test reads them all
		}
		all[language] = tongue{w, file.Path}
	}
	return all
}

// Words returns those of the language that there is next to a tag.
func Words(set *assets.Set, language string) (*words.Words, error) {
	nearest := words.Nearest(language)
	switch nearest {
	case "":
		return nil, fmt.Errorf("%q is none of the languages that there are: %s", language, strings.Join(words.Languages, ", "))
	case "en":
		return words.English(), nil
	}
	return readWords(set.Named(nearest + ".json"))
}

func readWords(file *assets.File) (*words.Words, error) {
	f, _, err := file.Open("")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(f)
	if err != nil {
		return nil, err
	}
	return words.Read(text)
}

// tongueOf is the language of a look.
func (s *Site) tongueOf(l look) tongue { return s.tongues[cmp.Or(l.lang, "en")] }

// spoken is the language in which a page of ours is shown: the one that its
// address asks for, else, where it stands by itself and not in another's frame,
// the one that its reader's browser does. Empty means English, too.
func spoken(r *http.Request, path string, in url.Values) string {
	if language := words.Nearest(in.Get("lang")); language != "" {
		return language
	}
	if strings.HasPrefix(path, alone) || r.Header.Get("Sec-Fetch-Dest") == "document" {
		return words.Accepted(r.Header.Get("Accept-Language"))
	}
	return ""
}

// tongueFor is the language in which a request is refused. Programs say which
// one they want; a form's is that of the page that it stood in.
func (s *Site) tongueFor(r *http.Request) tongue {
	var language string
	switch {
	case strings.HasPrefix(r.URL.Path, "/api/"):
		language = words.Accepted(r.Header.Get("Accept-Language"))
	case strings.HasPrefix(r.URL.Path, "/do/"):
		back := s.backFrom(r)
		language = spoken(r, pathOf(back), queryOf(back))
	default:
		language = spoken(r, r.URL.Path, r.URL.Query())
	}
	return s.tongues[cmp.Or(language, "en")]
}

// Tongue returns in which language a socket's refusals are said: the one that
// its address asks for.
func Tongue(set *assets.Set) func(*http.Request) live.Tongue {
	tongues := readTongues(set)
	return func(r *http.Request) live.Tongue {
		return tongues[cmp.Or(words.Nearest(r.URL.Query().Get("lang")), "en")].Words
	}
}

// Speak returns a language's words by its tag: the nearest that there are.
func Speak(set *assets.Set) func(lang string) *words.Words {
	tongues := readTongues(set)
	return func(lang string) *words.Words { return tongues[cmp.Or(words.Nearest(lang), "en")].Words }
}
