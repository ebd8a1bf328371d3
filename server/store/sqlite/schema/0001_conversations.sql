-- Times are Unix milliseconds. Ids are random text, made by forum.NewID.

-- The epoch and the secrets.
CREATE TABLE meta (
	key   TEXT NOT NULL PRIMARY KEY,
	value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE thread (
	id        TEXT    NOT NULL PRIMARY KEY,
	page      TEXT    NOT NULL UNIQUE,
	title     TEXT    NOT NULL,
	topics    TEXT    NOT NULL,           -- a JSON array
	described INTEGER NOT NULL,           -- whether title and topics are decided
	seq       INTEGER NOT NULL DEFAULT 0, -- of the last log entry
	version   INTEGER NOT NULL DEFAULT 0, -- of the tally
	comments  INTEGER NOT NULL DEFAULT 0, -- published ones
	at        INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- People as they last signed.
CREATE TABLE person (
	id       TEXT    NOT NULL PRIMARY KEY,
	name     TEXT    NOT NULL,
	headline TEXT    NOT NULL,
	avatar   TEXT    NOT NULL,
	at       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The byline is kept as it was signed. Removing blanks it and the text; author
-- stays, because only the author may remove, but is never shown again.
CREATE TABLE comment (
	id            TEXT    NOT NULL PRIMARY KEY,
	thread        TEXT    NOT NULL REFERENCES thread,
	parent        TEXT    REFERENCES comment, -- null for a root
	root          TEXT    REFERENCES comment, -- of the branch; null for a root
	author        TEXT    NOT NULL,
	name          TEXT    NOT NULL,
	headline      TEXT    NOT NULL,
	avatar        TEXT    NOT NULL,
	body          TEXT    NOT NULL,           -- Markdown
	html          TEXT    NOT NULL,
	at            INTEGER NOT NULL,
	edited_at     INTEGER NOT NULL DEFAULT 0, -- 0: never
	state         TEXT    NOT NULL CHECK (state IN ('published', 'held', 'removed')),
	likes         INTEGER NOT NULL DEFAULT 0,
	likes_version INTEGER NOT NULL DEFAULT 0, -- of the tally that last changed likes
	seq           INTEGER NOT NULL            -- of the log entry that added it
) STRICT;

CREATE INDEX comment_roots ON comment (thread, seq) WHERE parent IS NULL;
CREATE INDEX comment_top ON comment (thread, likes DESC, seq) WHERE parent IS NULL;
CREATE INDEX comment_replies ON comment (root, seq, parent) WHERE root IS NOT NULL;
CREATE INDEX comment_liked ON comment (thread, likes_version) WHERE likes_version > 0;

-- The log. An entry tells of its comment as it now is, so what was removed is
-- nowhere.
CREATE TABLE event (
	thread  TEXT    NOT NULL REFERENCES thread,
	seq     INTEGER NOT NULL,
	kind    TEXT    NOT NULL,
	comment TEXT    NOT NULL REFERENCES comment,
	at      INTEGER NOT NULL,
	PRIMARY KEY (thread, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE reaction (
	thread TEXT    NOT NULL REFERENCES thread,
	person TEXT    NOT NULL,
	kind   TEXT    NOT NULL,
	at     INTEGER NOT NULL,
	PRIMARY KEY (thread, person, kind)
) STRICT, WITHOUT ROWID;

CREATE TABLE reaction_count (
	thread TEXT    NOT NULL REFERENCES thread,
	kind   TEXT    NOT NULL,
	n      INTEGER NOT NULL CHECK (n >= 0),
	PRIMARY KEY (thread, kind)
) STRICT, WITHOUT ROWID;

CREATE TABLE comment_like (
	comment TEXT    NOT NULL REFERENCES comment,
	person  TEXT    NOT NULL,
	at      INTEGER NOT NULL,
	PRIMARY KEY (comment, person)
) STRICT, WITHOUT ROWID;

-- What was done under which ref. The scope is the person, or empty for anybody
-- who was made for their write. Rows are in the order of time, or nearly so: to
-- find the old ones takes no index, which every write would have to pay for.
CREATE TABLE done (
	id      INTEGER PRIMARY KEY,
	scope   TEXT    NOT NULL,
	ref     TEXT    NOT NULL,
	digest  BLOB    NOT NULL,
	kind    TEXT    NOT NULL,
	subject TEXT    NOT NULL, -- the thread that was reacted to, else the comment
	person  TEXT    NOT NULL, -- who did it
	at      INTEGER NOT NULL,
	UNIQUE (scope, ref)
) STRICT;
