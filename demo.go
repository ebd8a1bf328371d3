// Package folkmoot holds the demo article, which stands at the top of the
// repository for people to find: go:embed reaches no file above its package.
package folkmoot

import _ "embed"

// Demo is the article, as index.html has it.
//
//go:embed index.html
var Demo []byte
