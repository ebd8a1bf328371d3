package markdown

// Parsed is what Render makes of a body, or a panic.
func (m *Markdown) Parsed(body string) string {
	rendered, _ := m.render(body, nil)
	return rendered
}

// What a comment may have at most.
const (
	NestingMax = nestingMax
	MarksMax   = marksMax
	LinksMax   = linksMax
	SizeMax    = sizeMax
)
