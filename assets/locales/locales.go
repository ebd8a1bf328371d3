// Package locales holds what people read, one file a language, as
// docs/translating.md describes them. It embeds the English alone, which is part
// of every program; the others are assets, which a page names if it needs one.
package locales

import _ "embed"

// English is the English file.
//
//go:embed en.json
var English []byte
