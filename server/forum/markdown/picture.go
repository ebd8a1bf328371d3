package markdown

import (
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/util"

	"folkmoot/app/talk"
)

// picture makes a picture a link to it, or, where its origin's are shown, puts
// it into one.
func (p plainer) picture(n *ast.Image) {
	name := []byte(nil)
	if !n.HasChildren() { // no description: a link must have something to touch
		name = n.Destination
	}
	link := ast.NewLink()
	link.Destination = n.Destination
	mark(link)
	if !p.shows(n.Destination) {
		replace(n, link, link)
		if name != nil {
			link.AppendChild(link, ast.NewString(name))
		}
		return
	}
	if name != nil {
		file, _, _ := strings.Cut(string(name), "?")
		n.AppendChild(n, ast.NewString([]byte(path.Base(file))))
	}
	n.Title = nil
	n.SetAttributeString("loading", []byte("lazy"))
	n.SetAttributeString("decoding", []byte("async"))
	n.SetAttributeString("referrerpolicy", []byte("no-referrer"))
	wrap(n, link)
}

// shows says whether a picture is shown: it is of an origin that was named, and
// by its name a picture, because a browser asks for it with that origin's
// cookies, and an address could do something there.
func (p plainer) shows(destination []byte) bool {
	if len(p.pictures) == 0 {
		return false
	}
	address := string(util.URLEscape(destination, true)) // as it will be written
	_, origin, err := talk.PageKey(address)
	if err != nil || !strings.HasPrefix(address, origin+"/") || !slices.Contains(p.pictures, origin) {
		return false
	}
	u, err := url.Parse(address)
	return err == nil && slices.Contains([]string{".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif"}, strings.ToLower(path.Ext(u.Path)))
}
