package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"

	"folkmoot/app/talk"
)

type talkThread = talk.Thread

// A speech is how a server's clients and it speak.
type speech struct {
	path   func(talkThread) string
	hello  func(talkThread) []byte                    // frames to send first
	silent bool                                       // it doesn't say when somebody has become a viewer
	lines  bool                                       // several messages may be in a frame, a line each
	other  func(*watchers, *viewer, []byte) (ok bool) // handles what is neither an event nor a tally
}

var folkmootSpeech = speech{
	path: func(talkThread) string { return livePath },
	hello: func(t talkThread) []byte {
		return jsonFrame(talk.Request{Type: talk.TypeJoin, Thread: t.ID, Epoch: t.Epoch, Since: t.Seq, Version: t.Version})
	},
	other: folkmootOther,
}

var centrifugeSpeech = speech{
	path: func(talkThread) string { return livePath },
	hello: func(t talkThread) []byte {
		return clientFrame(opText, fmt.Appendf(nil, `{"connect":{},"id":1}`+"\n"+`{"subscribe":{"channel":%q},"id":2}`, t.ID))
	},
	lines: true,
	other: func(w *watchers, v *viewer, m []byte) bool {
		switch {
		case string(m) == "{}":
			w.say(v, clientFrame(opText, m))
		case bytes.HasPrefix(m, []byte(`{"id":1,"connect":`)):
		case bytes.HasPrefix(m, []byte(`{"id":2,"subscribe":`)):
			w.lives(v)
		default:
			return false
		}
		return true
	},
}

var textbookSpeech = speech{
	path:   func(t talkThread) string { return livePath + "?thread=" + t.ID },
	hello:  func(talkThread) []byte { return nil },
	silent: true,
	lines:  true,
	other:  func(*watchers, *viewer, []byte) bool { return false },
}

func jsonFrame(message any) []byte {
	b, _ := json.Marshal(message) // strings and numbers: can't fail
	return clientFrame(opText, b)
}

var (
	eventStart    = []byte(`{"type":"event",`)
	pushStart     = []byte(`{"push":{"channel":`)
	tallyStart    = []byte(`{"type":"tally",`)
	joinedStart   = []byte(`{"type":"joined",`)
	presenceStart = []byte(`{"type":"presence",`)
	pingStart     = []byte(`{"type":"ping"`)
	seqStart      = []byte(`{"seq":`)
	versionStart  = []byte(`"version":`)
	pongFrame     = jsonFrame(talk.Envelope{Type: talk.TypePong})
)

// message checks one.
func (w *watchers) message(v *viewer, m []byte, now int64) {
	switch {
	case bytes.HasPrefix(m, eventStart), bytes.HasPrefix(m, pushStart):
		w.event(v, m, now)
	case bytes.HasPrefix(m, tallyStart):
		w.tally(v, m, now)
	default:
		if !w.speech.other(w, v, m) {
			w.faults.note("an unexpected message: %.300s", m)
		}
	}
}

func folkmootOther(w *watchers, v *viewer, m []byte) bool {
	switch {
	case bytes.HasPrefix(m, presenceStart):
	case bytes.HasPrefix(m, pingStart):
		w.say(v, pongFrame)
	case bytes.HasPrefix(m, joinedStart):
		var j talk.Joined
		if json.Unmarshal(m, &j) != nil || j.Thread != v.in.ID || j.Seq+1 < v.next || j.Version < v.version {
			return false
		}
		v.version, v.counts = j.Version, &counts{j.Reactions}
		w.lives(v)
	default:
		return false
	}
	return true
}

func (w *watchers) lives(v *viewer) {
	if !v.live {
		v.live = true
		w.live++
	}
}

// number reads the one after a mark, near the beginning.
func number(m, mark []byte) (n uint64, from int) {
	from = bytes.Index(m[:min(len(m), 200)], mark)
	if from < 0 {
		return 0, -1
	}
	for _, c := range m[from+len(mark):] {
		if c < '0' || c > '9' {
			break
		}
		n = n*10 + uint64(c-'0')
	}
	return n, from
}

// event checks that an entry is the next, and the same as everybody's.
func (w *watchers) event(v *viewer, m []byte, now int64) {
	seq, from := number(m, seqStart)
	t := v.in
	at := int(seq - t.base - 1)
	switch {
	case from < 0 || seq <= t.base || at > 1<<24:
		w.faults.note("an event without a number that can be: %.300s", m)
		return
	case seq < v.next:
		w.faults.repeated++
		w.faults.note("entry %d came where %d was due", seq, v.next)
		return
	case seq > v.next:
		w.faults.missed += int(seq - v.next)
		w.faults.note("entry %d came where %d was due", seq, v.next)
	}
	v.next = seq + 1
	for len(t.entries) <= at {
		t.entries = append(t.entries, nil)
	}
	if first := t.entries[at]; first == nil || !bytes.Equal(first.raw, m) {
		w.compare(t, at, m, from)
	}
	t.log = append(t.log, delivery{int32(at), now})
	w.sum.deliveries++
}

// compare looks into an entry that isn't the same byte for byte.
func (w *watchers) compare(t *watched, at int, m []byte, from int) {
	var e talk.Event
	if err := json.NewDecoder(bytes.NewReader(m[from:])).Decode(&e); err != nil || e.Comment.Thread != t.ID {
		w.faults.altered++
		w.faults.note("no event of its thread: %.300s", m)
		return
	}
	switch first := t.entries[at]; {
	case first == nil:
		t.entries[at] = &entry{raw: bytes.Clone(m), id: e.Comment.ID, html: e.Comment.HTML, born: e.At.UnixNano()}
	case first.id != e.Comment.ID || first.html != e.Comment.HTML:
		w.faults.altered++
		w.faults.note("entry %d is %.200s at one viewer and %.200s at another", e.Seq, first.raw, m)
	}
}

// tally checks that counts are newer, and takes them over.
func (w *watchers) tally(v *viewer, m []byte, now int64) {
	version, from := number(m, versionStart)
	if from < 0 || version <= v.version {
		w.faults.repeated++
		w.faults.note("a tally of version %d after one of %d", version, v.version)
		return
	}
	w.sum.tallies++
	known := v.in.tallies[version]
	if known == nil || !bytes.Equal(known.raw, m) {
		var c talk.Counts
		if err := json.Unmarshal(m, &c); err != nil || c.Thread != v.in.ID {
			w.faults.altered++
			w.faults.note("no tally of its thread: %.300s", m)
			return
		}
		next := &tallied{raw: bytes.Clone(m), tally: c.Reactions}
		if known == nil {
			v.in.tallies[version] = next
		}
		known = next
	}
	v.version, v.tallied = version, now
	if known.before != v.counts {
		known.before, known.after = v.counts, &counts{merged(v.counts.reactions, known.tally)}
	}
	v.counts = known.after
}

func merged(old, newer map[string]int) map[string]int {
	out := maps.Clone(old)
	maps.Copy(out, newer)
	return out
}

// complete counts as missed what should have come by now and hasn't.
func (w *watchers) complete() {
	w.with(func() {
		for _, v := range w.all {
			last := v.in.base + v.in.expected
			if due := int(last + 1 - v.next); due > 0 && !v.closed {
				w.faults.missed += due
				w.faults.note("entry %d never came to a viewer", v.next)
			}
		}
	})
}
