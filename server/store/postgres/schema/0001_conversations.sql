-- +goose Up

-- Times are Unix milliseconds, as in every store of Folkmoot's, so that an
-- export of one fits the other. Ids are random text, made by forum.NewID. What
-- is looked up or sorted is compared byte by byte (COLLATE "C"): no language's
-- rules, which change from one system to the next.

-- The epoch and the secrets.
CREATE TABLE meta (
	key   text COLLATE "C" PRIMARY KEY,
	value bytea NOT NULL
);

-- A batch of writes locks its threads' rows first, in the order of their ids;
-- what hangs on a thread changes only under that lock.
CREATE TABLE thread (
	id        text COLLATE "C" PRIMARY KEY,
	page      text COLLATE "C" NOT NULL UNIQUE,
	title     text    NOT NULL,
	topics    text    NOT NULL,           -- a JSON array
	described boolean NOT NULL,           -- whether title and topics are decided
	seq       bigint  NOT NULL DEFAULT 0, -- of the last log entry
	version   bigint  NOT NULL DEFAULT 0, -- of the tally
	comments  bigint  NOT NULL DEFAULT 0, -- published ones
	at        bigint  NOT NULL
) WITH (fillfactor = 50); -- room to update rows where they are

-- People as they last signed.
CREATE TABLE person (
	id       text COLLATE "C" PRIMARY KEY,
	name     text   NOT NULL,
	headline text   NOT NULL,
	avatar   text   NOT NULL,
	at       bigint NOT NULL
);

-- The byline is kept as it was signed. Removing blanks it and the text; author
-- stays, because only the author may remove, but is never shown again.
CREATE TABLE comment (
	id            text COLLATE "C" PRIMARY KEY,
	thread        text COLLATE "C" NOT NULL REFERENCES thread,
	parent        text COLLATE "C" REFERENCES comment, -- null for a root
	root          text COLLATE "C" REFERENCES comment, -- of the branch; null for a root
	author        text   NOT NULL,
	name          text   NOT NULL,
	headline      text   NOT NULL,
	avatar        text   NOT NULL,
	body          text   NOT NULL,           -- Markdown
	html          text   NOT NULL,
	at            bigint NOT NULL,
	edited_at     bigint NOT NULL DEFAULT 0, -- 0: never
	state         text   NOT NULL CHECK (state IN ('published', 'held', 'removed')),
	likes         bigint NOT NULL DEFAULT 0,
	likes_version bigint NOT NULL DEFAULT 0, -- of the tally that last changed likes
	seq           bigint NOT NULL            -- of the log entry that added it
);

CREATE INDEX comment_roots ON comment (thread, seq) WHERE parent IS NULL;
CREATE INDEX comment_top ON comment (thread, likes DESC, seq) WHERE parent IS NULL;
CREATE INDEX comment_replies ON comment (root, seq, parent) WHERE root IS NOT NULL;
CREATE INDEX comment_liked ON comment (thread, likes_version) WHERE likes_version > 0;

-- The log. An entry tells of its comment as it now is, so what was removed is
-- nowhere.
CREATE TABLE event (
	thread  text COLLATE "C" NOT NULL REFERENCES thread,
	seq     bigint NOT NULL,
	kind    text   NOT NULL,
	comment text COLLATE "C" NOT NULL REFERENCES comment,
	at      bigint NOT NULL,
	PRIMARY KEY (thread, seq)
);

CREATE TABLE reaction (
	thread text COLLATE "C" NOT NULL REFERENCES thread,
	person text COLLATE "C" NOT NULL,
	kind   text COLLATE "C" NOT NULL,
	at     bigint NOT NULL,
	PRIMARY KEY (thread, person, kind)
);

CREATE TABLE reaction_count (
	thread text COLLATE "C" NOT NULL REFERENCES thread,
	kind   text COLLATE "C" NOT NULL,
	n      bigint NOT NULL CHECK (n >= 0),
	PRIMARY KEY (thread, kind)
) WITH (fillfactor = 50);

CREATE TABLE comment_like (
	comment text COLLATE "C" NOT NULL REFERENCES comment,
	person  text COLLATE "C" NOT NULL,
	at      bigint NOT NULL,
	PRIMARY KEY (comment, person)
);

-- What was done under which ref. The scope is the person, or empty for anybody
-- who was made for their write. A ref is bytes, because whoever sends it may
-- put into it what is no text.
CREATE TABLE done (
	scope   text COLLATE "C" NOT NULL,
	ref     bytea  NOT NULL,
	digest  bytea  NOT NULL,
	kind    text   NOT NULL,
	subject text COLLATE "C" NOT NULL, -- the thread that was reacted to, else the comment
	person  text   NOT NULL,           -- who did it
	at      bigint NOT NULL,
	PRIMARY KEY (scope, ref)
);

CREATE INDEX done_at ON done (at);
