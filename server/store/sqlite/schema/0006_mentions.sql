-- Whom comments mention, held and removed ones too: what of it counts is for
-- whoever reads it to look up. It goes when the comment's text does.
CREATE TABLE mention (
	comment TEXT NOT NULL,
	person  TEXT NOT NULL,
	name    TEXT NOT NULL, -- which they signed with in the comment's thread
	PRIMARY KEY (comment, person, name)
) STRICT, WITHOUT ROWID;
