-- Changing comments and keeping order.

ALTER TABLE thread ADD COLUMN locked INTEGER NOT NULL DEFAULT 0;
ALTER TABLE comment ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;

CREATE INDEX comment_pinned ON comment (thread, seq) WHERE pinned <> 0;

-- How many published comments somebody has now: whoever has one may be trusted.
ALTER TABLE person ADD COLUMN published INTEGER NOT NULL DEFAULT 0;

UPDATE person SET published = c.n
	FROM (SELECT author, count(*) AS n FROM comment WHERE state = 'published' GROUP BY author) AS c
	WHERE c.author = person.id;

-- Entries may be of the thread itself: then they have no comment.
CREATE TABLE entry (
	thread  TEXT    NOT NULL REFERENCES thread,
	seq     INTEGER NOT NULL,
	kind    TEXT    NOT NULL,
	comment TEXT    REFERENCES comment,
	at      INTEGER NOT NULL,
	PRIMARY KEY (thread, seq)
) STRICT, WITHOUT ROWID;

INSERT INTO entry SELECT thread, seq, kind, comment, at FROM event;
DROP TABLE event;
ALTER TABLE entry RENAME TO event;

-- What nobody but a few may read: comments that are held or removed, whole. A
-- reader's query reads the table comment only, which has a stone for those of
-- them that were published once (seq > 0) and nothing for the others. What is
-- removed goes for good after 30 days.
CREATE TABLE hidden (
	comment   TEXT    NOT NULL PRIMARY KEY,
	thread    TEXT    NOT NULL REFERENCES thread,
	parent    TEXT    REFERENCES comment,
	root      TEXT    REFERENCES comment,
	author    TEXT    NOT NULL,
	name      TEXT    NOT NULL,
	headline  TEXT    NOT NULL,
	avatar    TEXT    NOT NULL,
	body      TEXT    NOT NULL,
	html      TEXT    NOT NULL,
	at        INTEGER NOT NULL,
	edited_at INTEGER NOT NULL,
	seq       INTEGER NOT NULL,
	state     TEXT    NOT NULL CHECK (state IN ('held', 'removed')),
	was_held  INTEGER NOT NULL, -- when it was removed
	by        TEXT    NOT NULL, -- who held or removed it; empty: the site's rules
	since     INTEGER NOT NULL
) STRICT;

CREATE INDEX hidden_held ON hidden (thread) WHERE state = 'held';
CREATE INDEX hidden_queue ON hidden (since, comment) WHERE state = 'held';
CREATE INDEX hidden_removed ON hidden (since) WHERE state = 'removed';

-- What comments said before they were changed.
CREATE TABLE revision (
	id      INTEGER PRIMARY KEY,
	comment TEXT    NOT NULL,
	body    TEXT    NOT NULL,
	at      INTEGER NOT NULL -- when it was written
) STRICT;

CREATE INDEX revision_comment ON revision (comment);

CREATE TABLE flag (
	comment TEXT    NOT NULL REFERENCES comment,
	person  TEXT    NOT NULL,
	reason  TEXT    NOT NULL,
	text    TEXT    NOT NULL,
	at      INTEGER NOT NULL,
	settled INTEGER NOT NULL DEFAULT 0, -- it was dealt with
	PRIMARY KEY (comment, person)
) STRICT, WITHOUT ROWID;

CREATE INDEX flag_open ON flag (comment, at) WHERE settled = 0;

-- How people stand who are not just anybody.
CREATE TABLE standing (
	person TEXT    NOT NULL PRIMARY KEY,
	role   TEXT    NOT NULL DEFAULT '' CHECK (role IN ('', 'owner', 'moderator')),
	banned INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE INDEX standing_keepers ON standing (person, role) WHERE role <> '';

-- What was done to keep order, for the record.
CREATE TABLE deeds (
	id      INTEGER PRIMARY KEY,
	at      INTEGER NOT NULL,
	person  TEXT    NOT NULL, -- who did it
	role    TEXT    NOT NULL, -- as what
	deed    TEXT    NOT NULL, -- the kind of the command, or own
	is_on   INTEGER NOT NULL, -- put on, not taken off
	thread  TEXT    NOT NULL, -- to which: empty for what isn't about one
	comment TEXT    NOT NULL,
	subject TEXT    NOT NULL, -- the person whom it is about, if it is about one
	why     TEXT    NOT NULL
) STRICT;

CREATE TABLE invitation (
	hash    BLOB    NOT NULL PRIMARY KEY, -- of its token
	kind    TEXT    NOT NULL,
	by      TEXT    NOT NULL,
	expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
