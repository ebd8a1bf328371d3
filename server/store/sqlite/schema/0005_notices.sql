-- What people are told: that somebody answered or mentioned them, or likes what
-- they wrote. What of it can be seen is for whoever reads it to look up.

CREATE TABLE notice (
	person  TEXT    NOT NULL,
	kind    TEXT    NOT NULL CHECK (kind IN ('reply', 'mention', 'like')),
	comment TEXT    NOT NULL REFERENCES comment,
	thread  TEXT    NOT NULL REFERENCES thread,
	n       INTEGER NOT NULL,           -- of a like: the most likes that they were told of; else 1
	at      INTEGER NOT NULL,
	seen    INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY (person, kind, comment)
) STRICT, WITHOUT ROWID;

CREATE INDEX notice_inbox ON notice (person, at, comment);
CREATE INDEX notice_unseen ON notice (person, thread) WHERE seen = 0;
