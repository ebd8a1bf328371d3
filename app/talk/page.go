package talk

import (
	"net/url"
	"path"
	"strings"
)

// PageAddress is where a page is: its address without its fragment, and without
// parameters that only say where a visitor came from. Unlike its key it leads
// there, also where a server insists on a slash or an index.html. It is empty for
// what is no page.
func PageAddress(page string) string {
	_, origin, err := PageKey(page)
	if err != nil {
		return ""
	}
	u, _ := url.Parse(page) // PageKey has read it
	address := origin + u.EscapedPath()
	if q := ownParameters(u.RawQuery); q != "" {
		address += "?" + q
	}
	if len(address) > PageBytes {
		return ""
	}
	return address
}

// ArticleOf is where the article of a thread is: at the address that is known,
// else where its page's key leads, which for a page with an id is only its site.
func ArticleOf(page, address string) string {
	if address == "" {
		address, _, _ = strings.Cut(page, "#")
	}
	return address
}

// SiteOf is the host of an address.
func SiteOf(address string) string {
	_, rest, _ := strings.Cut(address, "://")
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		return rest
	}
	return rest[:end]
}

// PageKey folds a page's address to the key of its thread, so that one article
// has one conversation however people came to it: no fragment, no index.html,
// no trailing slash, no default port, no parameters that only say where a
// visitor came from. Other parameters stay, in order. A page that its
// publication gave an id of its own, see [PageWithID], is that id and its
// origin, wherever it stands. It returns the page's origin too. A key is its
// own key.
func PageKey(page string) (key, origin string, err error) {
	refuse := func(why Phrase) (string, string, error) {
		return "", "", Refuse(Invalid, "page", "The page's address %s.", why)
	}
	if len(page) > PageBytes {
		return refuse(tooLong)
	}
	u, err := url.Parse(page)
	switch {
	case err != nil || badText(page, bidi) != "":
		return refuse(unreadable)
	case u.Scheme != "http" && u.Scheme != "https":
		return refuse(noWeb)
	case u.User != nil:
		return refuse(withUser)
	case u.Hostname() == "" || u.Opaque != "":
		return refuse(hostless)
	}
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	switch {
	case !plainHost(host):
		return refuse(oddHost)
	case strings.Contains(host, ":"):
		host = "[" + host + "]"
	}
	if p := u.Port(); p != "" && p != map[string]string{"http": "80", "https": "443"}[u.Scheme] {
		host += ":" + p
	}
	origin = u.Scheme + "://" + host

	if id, ok := strings.CutPrefix(u.Fragment, idMark); ok && id != "" {
		if badText(id, bidi) != "" {
			return refuse(oddID)
		}
		if key = PageWithID(origin, id); len(key) > PageBytes {
			return refuse(tooLong)
		}
		return key, origin, nil
	}
	key = origin + withoutIndex(u.EscapedPath())
	if q := ownParameters(u.RawQuery); q != "" {
		key += "?" + q
	}
	if len(key) > PageBytes { // escapes can make it longer than the address was
		return refuse(tooLong)
	}
	return key, origin, nil
}

// What is wrong with an address.
const (
	tooLong    Phrase = "is too long"
	unreadable Phrase = "can't be read"
	noWeb      Phrase = "must begin with http:// or https://"
	withUser   Phrase = "must not hold a name or password"
	hostless   Phrase = "has no host"
	oddHost    Phrase = "must name its host as browsers do, such as blog.example or xn--bcher-kva.example"
	oddID      Phrase = "has an id that can't be read"
)

// idMark begins the fragment of an address that names its page by an id.
const idMark = "page-id="

// PageWithID is the address of the page that its publication calls by an id,
// whose address may change. The id is the origin's own: another publication's
// page of the same id is another page. Without an id it is the page's address.
func PageWithID(page, id string) string {
	if id == "" {
		return page
	}
	page, _, _ = strings.Cut(page, "#")
	return page + "#" + idMark + strings.ReplaceAll(url.QueryEscape(id), "+", "%20")
}

// plainHost reports whether a host is letters, digits, hyphens and dots, or the
// inside of an IPv6 address. Others reach no page, and would be more than a
// host in a header or a shell, where origins end up: net/url lets ;'$() pass.
func plainHost(host string) bool {
	allowed := "abcdefghijklmnopqrstuvwxyz0123456789-_."
	if strings.Contains(host, ":") {
		allowed = "abcdef0123456789:."
	}
	return strings.Trim(host, ".") == host && host != "" && !strings.Contains(host, "..") &&
		strings.IndexFunc(host, func(r rune) bool { return !strings.ContainsRune(allowed, r) }) < 0
}

// withoutIndex takes slashes and index pages off a path's end.
func withoutIndex(file string) string {
	for {
		file = strings.TrimRight(file, "/")
		dir, name := path.Split(file)
		if name != "index.html" && name != "index.htm" && name != "index.php" {
			return file
		}
		file = dir
	}
}

// ownParameters keeps the parameters that say which page this is.
func ownParameters(query string) string {
	var own []string
	for pair := range strings.SplitSeq(query, "&") {
		name, _, _ := strings.Cut(pair, "=")
		if name = strings.ToLower(name); name != "" && !trackers[name] && !strings.HasPrefix(name, "utm_") {
			own = append(own, pair)
		}
	}
	return strings.Join(own, "&")
}

// trackers are the parameters that advertisers, networks and newsletters add.
var trackers = map[string]bool{
	"fbclid": true, "gclid": true, "gclsrc": true, "dclid": true, "gbraid": true, "wbraid": true,
	"msclkid": true, "yclid": true, "ysclid": true, "twclid": true, "ttclid": true, "li_fat_id": true,
	"igshid": true, "igsh": true, "mc_cid": true, "mc_eid": true, "mkt_tok": true, "_hsenc": true,
	"_hsmi": true, "_ga": true, "_gl": true, "vero_id": true, "oly_enc_id": true, "oly_anon_id": true,
	"rb_clickid": true, "s_cid": true, "srsltid": true, "ref_src": true, "amp": true,
}
