package forum

import "time"

// A Page is what a publication shows: an article, with its thread's key. What is
// said of it is empty, unless who says it may be believed.
type Page struct {
	Key     string // see [talk.PageKey]
	Title   string
	Topics  []string
	Address string // where it is, if the key doesn't say: see [talk.PageAddress]
}

// Opened is what a store knows of a page's thread.
type Opened struct {
	Thread    string
	Page      string // the thread's own key: another than what was asked for, if the page has moved
	Described bool   // has its title

	Address   string    // as a page has it
	AddressAt time.Time // since when
}

// addressLife is for how long a page's address stays what it is. An article may
// move; but one that is shown in two places is not written down at every look,
// and who forges a look changes little.
const addressLife = 24 * time.Hour

// Learns says what a store takes over that knows this of a page's thread, or
// nothing: title and topics once; the address when there is none, or an old one.
// What is said of a page that has moved away is not the thread's.
func (o *Opened) Learns(p Page, at time.Time) (title, address bool) {
	title = !o.Described && p.Title != ""
	address = p.Address != "" && p.Address != o.Address && at.Sub(o.AddressAt) >= addressLife
	if o.Thread != "" && p.Key != o.Page {
		address = false
	}
	return title, address
}
