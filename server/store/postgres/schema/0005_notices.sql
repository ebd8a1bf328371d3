-- +goose Up

-- What people are told: that somebody answered or mentioned them, or likes what
-- they wrote. What of it can be seen is for whoever reads it to look up.

CREATE TABLE notice (
	person  text COLLATE "C" NOT NULL,
	kind    text COLLATE "C" NOT NULL CHECK (kind IN ('reply', 'mention', 'like')),
	comment text COLLATE "C" NOT NULL REFERENCES comment,
	thread  text COLLATE "C" NOT NULL REFERENCES thread,
	n       bigint  NOT NULL,               -- of a like: the most likes that they were told of; else 1
	at      bigint  NOT NULL,
	seen    boolean NOT NULL DEFAULT false,
	PRIMARY KEY (person, kind, comment)
);

CREATE INDEX notice_inbox ON notice (person, at, comment);
CREATE INDEX notice_unseen ON notice (person, thread) WHERE NOT seen;
