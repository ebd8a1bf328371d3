package talk

// The live protocol: text frames, JSON, one object each, over the websocket at
// /api/v1/live.
//
//	browser  join     I have Thread's log up to Since and its tally at Version, of Epoch
//	browser  leave    I no longer look at Thread
//	browser  typing   I am writing in Thread: said every few seconds while it is so
//	browser  watch    tell me what comes into my inbox and, with Home, what is lively; again replaces
//	browser  unwatch  don't, any more
//	browser  do       do Command once; Ref is unique per attempt-to-mean-it and safe to send again
//	both     ping     answered by pong; 40 s of silence means gone, on either side
//	server   joined   the thread now: all reactions (0 where all were taken back), the likes
//	                  that changed since Version; the entries after Since follow as events
//	server   event    one log entry
//	server   tally    absolute counts, only those that changed
//	server   presence how many have the thread open, and who is writing (three names at most)
//	server   notice   how much of the inbox is unread, and what is new in it since the last notice
//	server   lively   the threads where something happens, when they have changed: every 2 s at most
//	server   done     the command with this Ref is on disk
//	server   refused  it is not, and why; or the join isn't: when unavailable, close and come back
//	server   resync   Since is too old, from the future or of another life: fetch the page again
//
// What comes of a thread between a join and its joined belongs to an earlier
// join: a browser ignores it. Who a socket speaks for is settled when it opens:
// after no_session, ask for a session, then open another.
//
// A server reads messages of 160 KiB at most (close code 1009) and no binary
// ones (1003).
const (
	TypeJoin     = "join"
	TypeLeave    = "leave"
	TypeTyping   = "typing"
	TypeDo       = "do"
	TypePing     = "ping"
	TypePong     = "pong"
	TypeJoined   = "joined"
	TypeEvent    = "event"
	TypeTally    = "tally"
	TypePresence = "presence"
	TypeDone     = "done"
	TypeRefused  = "refused"
	TypeResync   = "resync"
	TypeWatch    = "watch"
	TypeUnwatch  = "unwatch"
	TypeNotice   = "notice"
	TypeLively   = "lively"
)

// Close codes of the socket (RFC 6455 leaves 4000 to 4999 to applications).
const (
	CloseBehind   = 4000 // you fell behind: join again since what you have
	CloseLeaving  = 4001 // this node is leaving: come back within as many milliseconds as the reason says
	CloseOrigin   = 4003 // not from this origin: don't come back
	CloseTooMany  = 4008 // too many threads or messages, or connections from one address
	CloseNotText  = 1003
	CloseBadText  = 1007
	CloseTooLarge = 1009
)

// A Request is a message from a browser.
type Request struct {
	Type    string   `json:"type"`
	Thread  string   `json:"thread,omitempty"`
	Epoch   string   `json:"epoch,omitempty"`
	Since   uint64   `json:"since,omitempty"`
	Version uint64   `json:"version,omitempty"`
	Ref     string   `json:"ref,omitempty"`
	Home    bool     `json:"home,omitempty"`
	Command *Command `json:"command,omitempty"`
}

// What a server sends, one type each. Type is first in each of them, so that a
// reader can look at [Envelope] before it decodes the rest.
type (
	// An Envelope is what every message has.
	Envelope struct {
		Type   string `json:"type"`
		Thread string `json:"thread,omitempty"`
	}

	// Joined answers a join.
	Joined struct {
		Type      string         `json:"type"`
		Thread    string         `json:"thread"`
		Epoch     string         `json:"epoch"`
		Seq       uint64         `json:"seq"` // the log's end when it was read
		Version   uint64         `json:"version"`
		Reactions map[string]int `json:"reactions"`
		Likes     map[string]int `json:"likes"` // by comment
		Viewers   int            `json:"viewers"`
	}

	// Entry carries a log entry.
	Entry struct {
		Type   string `json:"type"`
		Thread string `json:"thread"`
		Event  Event  `json:"event"`
	}

	// Counts carries a [Tally].
	Counts struct {
		Type   string `json:"type"`
		Thread string `json:"thread"`
		Tally
	}

	// Presence says how many have the thread open, at all nodes, and who is
	// writing, which may be the reader.
	Presence struct {
		Type    string   `json:"type"`
		Thread  string   `json:"thread"`
		Viewers int      `json:"viewers"`
		Typing  []string `json:"typing,omitempty"`
	}

	// News says that an inbox has changed.
	News struct {
		Type    string   `json:"type"`
		Unread  int      `json:"unread"`
		Notices []Notice `json:"notices,omitempty"` // the newest, newest first; there may be more
	}

	// Lively carries where something happens, as everybody sees it.
	Lively struct {
		Type    string `json:"type"`
		Threads []Card `json:"threads"`
	}

	// Done answers a do whose command is on disk.
	Done struct {
		Type string `json:"type"`
		Ref  string `json:"ref"`
		Result
	}

	// Refused answers a do that was not done, or a join that could not be
	// (Thread is set then, and Ref empty).
	Refused struct {
		Type   string `json:"type"`
		Thread string `json:"thread,omitempty"`
		Ref    string `json:"ref,omitempty"`
		Error
	}
)
