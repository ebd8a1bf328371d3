package talk

import (
	"net/url"
	"path"
	"strings"
)

// PageKey folds a page's address to the key of its thread, so that one article
// has one conversation however people came to it: no fragment, no index.html,
// no trailing slash, no default port, no parameters that only say where a
// visitor came from. Other parameters stay, in order. It returns the page's
// origin too.
func PageKey(page string) (key, origin string, err error) {
	refuse := func(why string) (string, string, error) {
		return "", "", Refuse(Invalid, "page", "The page's address %s.", why)
	}
	if len(page) > PageBytes {
		return refuse("is too long")
	}
	u, err := url.Parse(page)
	switch {
	case err != nil || badText(page, bidi) != "":
		return refuse("can't be read")
	case u.Scheme != "http" && u.Scheme != "https":
		return refuse("must begin with http:// or https://")
	case u.User != nil:
		return refuse("must not hold a name or password")
	case u.Hostname() == "" || u.Opaque != "":
		return refuse("has no host")
	}
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if p := u.Port(); p != "" && p != map[string]string{"http": "80", "https": "443"}[u.Scheme] {
		host += ":" + p
	}
	origin = u.Scheme + "://" + host

	file := u.EscapedPath()
	switch path.Base(file) {
	case "index.html", "index.htm", "index.php":
		file = path.Dir(file)
	}
	key = origin + strings.TrimRight(file, "/")
	if q := ownParameters(u.RawQuery); q != "" {
		key += "?" + q
	}
	return key, origin, nil
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
