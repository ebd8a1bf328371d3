package markdown

// Parsed is what Render makes of a body, or a panic.
func (m *Markdown) Parsed(body string) string { return m.render(body) }

// What a comment may have at most.
const (
	NestingMax = nestingMax
	MarksMax   = marksMax
	LinksMax   = linksMax
	SizeMax    = sizeMax
)
