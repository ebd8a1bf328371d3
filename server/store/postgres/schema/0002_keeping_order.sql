-- +goose Up

-- Changing comments and keeping order.

ALTER TABLE thread ADD COLUMN locked boolean NOT NULL DEFAULT false;
ALTER TABLE comment ADD COLUMN pinned boolean NOT NULL DEFAULT false;

CREATE INDEX comment_pinned ON comment (thread, seq) WHERE pinned;

-- How many published comments somebody has now: whoever has one may be trusted.
ALTER TABLE person ADD COLUMN published bigint NOT NULL DEFAULT 0;

UPDATE person SET published = c.n
	FROM (SELECT author, count(*) AS n FROM comment WHERE state = 'published' GROUP BY author) AS c
	WHERE c.author = person.id;

-- Entries may be of the thread itself: then they have no comment.
ALTER TABLE event ALTER COLUMN comment DROP NOT NULL;

CREATE INDEX event_of_thread ON event (thread, seq) WHERE comment IS NULL;

-- What nobody but a few may read: comments that are held or removed, whole. A
-- reader's query reads the table comment only, which has a stone for those of
-- them that were published once (seq > 0) and nothing for the others. What is
-- removed goes for good after 30 days.
CREATE TABLE hidden (
	comment   text COLLATE "C" PRIMARY KEY,
	thread    text COLLATE "C" NOT NULL REFERENCES thread,
	parent    text COLLATE "C" REFERENCES comment,
	root      text COLLATE "C" REFERENCES comment,
	author    text    NOT NULL,
	name      text    NOT NULL,
	headline  text    NOT NULL,
	avatar    text    NOT NULL,
	body      text    NOT NULL,
	html      text    NOT NULL,
	at        bigint  NOT NULL,
	edited_at bigint  NOT NULL,
	seq       bigint  NOT NULL,
	state     text    NOT NULL CHECK (state IN ('held', 'removed')),
	was_held  boolean NOT NULL, -- when it was removed
	by        text    NOT NULL, -- who held or removed it; empty: the site's rules
	since     bigint  NOT NULL
);

CREATE INDEX hidden_held ON hidden (thread) WHERE state = 'held';
CREATE INDEX hidden_queue ON hidden (since, comment) WHERE state = 'held';
CREATE INDEX hidden_removed ON hidden (since) WHERE state = 'removed';

-- What comments said before they were changed.
CREATE TABLE revision (
	id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	comment text COLLATE "C" NOT NULL,
	body    text   NOT NULL,
	at      bigint NOT NULL -- when it was written
);

CREATE INDEX revision_comment ON revision (comment);

CREATE TABLE flag (
	comment text COLLATE "C" NOT NULL REFERENCES comment,
	person  text COLLATE "C" NOT NULL,
	reason  text    NOT NULL,
	text    text    NOT NULL,
	at      bigint  NOT NULL,
	settled boolean NOT NULL DEFAULT false, -- it was dealt with
	PRIMARY KEY (comment, person)
);

CREATE INDEX flag_open ON flag (comment, at) WHERE NOT settled;

-- How people stand who are not just anybody.
CREATE TABLE standing (
	person text COLLATE "C" PRIMARY KEY,
	role   text    NOT NULL DEFAULT '' CHECK (role IN ('', 'owner', 'moderator')),
	banned boolean NOT NULL DEFAULT false
);

CREATE INDEX standing_keepers ON standing (person, role) WHERE role <> '';

-- What was done to keep order, for the record.
CREATE TABLE deeds (
	id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	at      bigint  NOT NULL,
	person  text    NOT NULL, -- who did it
	role    text    NOT NULL, -- as what
	deed    text    NOT NULL, -- the kind of the command, or own
	is_on   boolean NOT NULL, -- put on, not taken off
	thread  text COLLATE "C" NOT NULL, -- to which: empty for what isn't about one
	comment text COLLATE "C" NOT NULL,
	subject text    NOT NULL, -- the person whom it is about, if it is about one
	why     text    NOT NULL
);

CREATE TABLE invitation (
	hash    bytea  PRIMARY KEY, -- of its token
	kind    text   NOT NULL,
	by      text   NOT NULL,
	expires bigint NOT NULL
);
