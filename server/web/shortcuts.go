package web

import "folkmoot/app/words"

// A shortcutKey is a key of Folkmoot's own pages, as their list of keys shows it.
// assets/app.js has what they do.
type shortcutKey struct {
	Keys []string
	What string
}

func shortcutKeys(w *words.Words) []shortcutKey {
	to := func(key, screen string) shortcutKey {
		return shortcutKey{[]string{"g", key}, w.Say("keys.go", "screen", w.Say("nav."+screen))}
	}
	key := func(key, what string) shortcutKey { return shortcutKey{[]string{key}, w.Say(what)} }
	return []shortcutKey{
		to("h", "home"), to("t", "topics"), to("i", "inbox"), to("m", "me"),
		key("j", "keys.next"), key("k", "keys.previous"), key("o", "keys.open"), key(".", "keys.new"),
		key("f", "keys.follow"), key("e", "inbox.seen"),
		key("n", "keys.unread"), key("c", "write.comment"), key("r", "keys.reply"), key("l", "keys.like"),
		{[]string{"Ctrl", "Enter"}, w.Say("keys.send")}, key("?", "keys.help"),
	}
}
