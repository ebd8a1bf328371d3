package talk_test

import (
	"errors"
	"strings"
	"testing"

	"folkmoot/app/talk"
)

// An article's address leads where it is, whatever a server makes of slashes.
func TestPageAddress(t *testing.T) {
	for page, want := range map[string]string{
		"https://blog.example/post/":                                "https://blog.example/post/",
		"https://blog.example/post/index.html#top":                  "https://blog.example/post/index.html",
		"HTTPS://Blog.Example:443/a%20b/?utm_source=x&p=1&fbclid=2": "https://blog.example/a%20b/?p=1",
		"https://blog.example/post#page-id=7":                       "https://blog.example/post",
		"https://blog.example":                                      "https://blog.example",
		"javascript:alert(1)":                                       "",
		"https://ann@blog.example/":                                 "",
		"https://blog.example/\u202ex":                              "",
	} {
		if got := talk.PageAddress(page); got != want {
			t.Errorf("%q is at %q, want %q", page, got, want)
		}
	}
	byID := talk.Thread{Page: "https://blog.example#page-id=7"}
	if byID.Article() != "https://blog.example" {
		t.Errorf("of a page whose address nobody told, the article is at %q", byID.Article())
	}
}

var pages = []struct{ page, key, origin string }{
	{"https://blog.example/post", "https://blog.example/post", "https://blog.example"},
	{"http://blog.example/post", "http://blog.example/post", "http://blog.example"},

	// The same article, however it is written.
	{"https://blog.example", "https://blog.example", "https://blog.example"},
	{"https://blog.example/", "https://blog.example", "https://blog.example"},
	{"https://blog.example//", "https://blog.example", "https://blog.example"},
	{"https://blog.example/post/", "https://blog.example/post", "https://blog.example"},
	{"https://blog.example/post///", "https://blog.example/post", "https://blog.example"},
	{"https://blog.example/index.html", "https://blog.example", "https://blog.example"},
	{"https://blog.example/post/index.html", "https://blog.example/post", "https://blog.example"},
	{"https://blog.example/post/index.htm", "https://blog.example/post", "https://blog.example"},
	{"https://blog.example/post/index.php?p=3", "https://blog.example/post?p=3", "https://blog.example"},
	{"https://blog.example/post/index.html/", "https://blog.example/post", "https://blog.example"},
	{"https://blog.example/index.html/index.html", "https://blog.example", "https://blog.example"},
	{"https://blog.example/a//b/index.html", "https://blog.example/a//b", "https://blog.example"},
	{"https://blog.example/post#comments", "https://blog.example/post", "https://blog.example"},
	{"https://blog.example/#", "https://blog.example", "https://blog.example"},
	{"https://blog.example/?", "https://blog.example", "https://blog.example"},
	{"https://blog.example?p=1", "https://blog.example?p=1", "https://blog.example"},
	{"https://blog.example/?p=1", "https://blog.example?p=1", "https://blog.example"},

	// By an id of the publication's own.
	{"https://blog.example/post#page-id=post%207", "https://blog.example#page-id=post%207", "https://blog.example"},
	{"https://BLOG.example:443/moved/?x=1#page-id=post 7", "https://blog.example#page-id=post%207", "https://blog.example"},
	{"https://blog.example#page-id=a%2Fb+c%23%26%3D", "https://blog.example#page-id=a%2Fb%2Bc%23%26%3D", "https://blog.example"},
	{"https://other.example#page-id=7", "https://other.example#page-id=7", "https://other.example"},
	{"https://blog.example/post#page-id=", "https://blog.example/post", "https://blog.example"},

	// Not the same.
	{"https://blog.example/myindex.html", "https://blog.example/myindex.html", "https://blog.example"},
	{"https://blog.example/index.html.bak", "https://blog.example/index.html.bak", "https://blog.example"},
	{"https://blog.example/Post", "https://blog.example/Post", "https://blog.example"},
	{"https://blog.example/a%2Fb", "https://blog.example/a%2Fb", "https://blog.example"},
	{"https://www.blog.example/post", "https://www.blog.example/post", "https://www.blog.example"},

	// Hosts and ports.
	{"HTTPS://Blog.EXAMPLE/Post", "https://blog.example/Post", "https://blog.example"},
	{"https://blog.example.:443/post", "https://blog.example/post", "https://blog.example"},
	{"https://blog.example:443/post", "https://blog.example/post", "https://blog.example"},
	{"http://blog.example:80/post", "http://blog.example/post", "http://blog.example"},
	{"https://blog.example:/post", "https://blog.example/post", "https://blog.example"},
	{"https://blog.example:80/post", "https://blog.example:80/post", "https://blog.example:80"},
	{"http://blog.example:443/post", "http://blog.example:443/post", "http://blog.example:443"},
	{"http://localhost:1313/post/", "http://localhost:1313/post", "http://localhost:1313"},
	{"http://127.0.0.1/post", "http://127.0.0.1/post", "http://127.0.0.1"},
	{"http://[::1]/post", "http://[::1]/post", "http://[::1]"},
	{"http://[::1]:8080/post", "http://[::1]:8080/post", "http://[::1]:8080"},
	{"https://[2001:DB8::1]:443/", "https://[2001:db8::1]", "https://[2001:db8::1]"},
	{"https://xn--bcher-kva.example/", "https://xn--bcher-kva.example", "https://xn--bcher-kva.example"},
	{"https://my_blog.example/", "https://my_blog.example", "https://my_blog.example"},

	// Parameters.
	{"https://blog.example/post?utm_source=x", "https://blog.example/post", "https://blog.example"},
	{"https://blog.example/post?UTM_Campaign=x&id=3&fbclid=y", "https://blog.example/post?id=3", "https://blog.example"},
	{"https://blog.example/post?b=2&a=1&gclid=3", "https://blog.example/post?b=2&a=1", "https://blog.example"},
	{"https://blog.example/post?&&a=1&", "https://blog.example/post?a=1", "https://blog.example"},
	{"https://blog.example/post?utm=1", "https://blog.example/post?utm=1", "https://blog.example"},
	{"https://blog.example/post?next=https://a@b/", "https://blog.example/post?next=https://a@b/", "https://blog.example"},
	{"https://blog.example/?mc_cid=1&igshid=2&msclkid=3&_ga=4#top", "https://blog.example", "https://blog.example"},

	// What an address bar takes, too.
	{"https://blog.example/caf\u00e9", "https://blog.example/caf%C3%A9", "https://blog.example"},
	{"https://blog.example/caf%C3%A9", "https://blog.example/caf%C3%A9", "https://blog.example"},
	{"https://blog.example/a b", "https://blog.example/a%20b", "https://blog.example"},
	{`https://blog.example/a\b`, "https://blog.example/a%5Cb", "https://blog.example"},
	{`https://blog.example/"><script>`, "https://blog.example/%22%3E%3Cscript%3E", "https://blog.example"},
	{"https://blog.example/@me", "https://blog.example/@me", "https://blog.example"},
}

func TestPageKey(t *testing.T) {
	for _, tt := range pages {
		key, origin, err := talk.PageKey(tt.page)
		if key != tt.key || origin != tt.origin || err != nil {
			t.Errorf("PageKey(%q) = %q, %q, %v; want %q, %q", tt.page, key, origin, err, tt.key, tt.origin)
		}
		if again, _, err := talk.PageKey(key); again != key || err != nil {
			t.Errorf("the key %q has the key %q, %v", key, again, err)
		}
	}
}

var notPages = []string{
	"", " ", "/", "post", "blog.example/post", "//blog.example/post", "///x", "?", "#",
	"javascript:alert(1)", "JavaScript:alert(1)", "javascript://blog.example/%0aalert(1)", "data:text/html,hi",
	"file:///etc/passwd", "file://localhost/etc/passwd", "ftp://blog.example/", "about:blank", "blob:https://blog.example/1",
	"view-source:https://blog.example", "https", "https:", "https:/", "https://", "https:///post", "https:/blog.example",
	"https:blog.example", "https://?x", "https://#x", "https://:443/", "https://./", "https://../", "https://a..b/", "https://.a/",
	// Credentials, and hosts that look like others.
	"https://a@b", "https://@b/", "https://a:b@c/", "https://:@c/", "https://blog.example@evil.example/", "https://blog.example%40evil.example/",
	`https://evil.example\@blog.example/`, `https://blog.example\.evil.example`, `https:\\blog.example`, `\\blog.example`,
	"https://blog.example%2f@evil.example", "https://blog.example%00.evil.example/", "https://blog example/", "https://blog.example:x/", "https://blog.example:1:2/",
	// What would be more than a host in a header or a shell.
	"https://evil.example;x.localhost/", "https://$(reboot).localhost/", "https://a'b/", "https://a,b/", "https://*.example/", "https://a!b/", "https://a|b/", "https://a\"b/", "https://a<b/",
	"https://b\u00fccher.example/", "https://b%C3%BCcher.example/", "https://a%E2%80%AEb/", "https://a%ffb/", "https://\u202eblog.example/",
	"http://[::1", "http://::1/", "http://[fe80::1%25eth0]/", "http://[::g]/",
	// Characters that no address has.
	" https://blog.example/", "https://blog.example/\x00", "https://blog.example/\n", "https://blog.example/\ta", "\u00a0https://blog.example/",
	"https://blog.example/\xff", "https://blog.example/?\xff", "https://blog.example/\u202e", "https://blog.example/?q=\u200f", "https://blog.example/%zz",
	// Too long, as it comes or once it is escaped.
	"https://blog.example/" + strings.Repeat("a", talk.PageBytes),
	"https://blog.example/" + strings.Repeat("\u00e9", talk.PageBytes/4),
}

func TestPageKeyRefuses(t *testing.T) {
	for _, page := range notPages {
		key, origin, err := talk.PageKey(page)
		refused := (*talk.Error)(nil)
		if !errors.As(err, &refused) || refused.Code != talk.Invalid || refused.Field != "page" || key != "" || origin != "" {
			t.Errorf("PageKey(%q) = %q, %q, %v; want a refusal", page, key, origin, err)
		}
	}
}

func TestPageKeyLength(t *testing.T) {
	page := "https://blog.example/" + strings.Repeat("a", talk.PageBytes)
	if key, _, err := talk.PageKey(page[:talk.PageBytes]); err != nil || len(key) != talk.PageBytes {
		t.Errorf("%d bytes: %v", len(key), err)
	}
}

func FuzzPageKey(f *testing.F) {
	for _, tt := range pages {
		f.Add(tt.page)
	}
	for _, page := range notPages[:len(notPages)-2] { // without the long ones
		f.Add(page)
	}
	f.Add("https://blog.example/" + "#page-id=\xff")
	f.Fuzz(func(t *testing.T, page string) {
		key, origin, err := talk.PageKey(page)
		if err != nil {
			return
		}
		if !strings.HasPrefix(key, origin) || !strings.HasPrefix(origin, "http://") && !strings.HasPrefix(origin, "https://") {
			t.Errorf("PageKey(%q) = %q of origin %q", page, key, origin)
		}
		if strings.ContainsAny(origin, " ;,'\"<>@\\%$()*?#") {
			t.Errorf("PageKey(%q) has the origin %q", page, origin)
		}
		if again, same, err := talk.PageKey(key); again != key || same != origin || err != nil {
			t.Errorf("PageKey(%q) = %q, whose key is %q of %q, %v", page, key, again, same, err)
		}
		if _, same, err := talk.PageKey(origin); same != origin || err != nil {
			t.Errorf("the origin %q of %q has the origin %q, %v", origin, page, same, err)
		}
	})
}
