package web

import (
	"cmp"
	"io"

	"folkmoot/app/words"
	"folkmoot/assets"
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
