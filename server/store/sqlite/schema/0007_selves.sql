-- Who was somebody else before, and the keys by which browsers prove who wrote.

-- The person that somebody now is: what they had is that person's. Nobody here
-- is somebody who is somebody else again.
ALTER TABLE standing ADD COLUMN same_as TEXT NOT NULL DEFAULT '';

CREATE INDEX standing_same_as ON standing (same_as) WHERE same_as <> '';

-- What somebody has is found when they become another.
CREATE INDEX reaction_person ON reaction (person);
CREATE INDEX comment_like_person ON comment_like (person);
CREATE INDEX flag_person ON flag (person);
CREATE INDEX mention_person ON mention (person);

-- Public keys of browsers: points of P-256, uncompressed.
CREATE TABLE device_key (
	key    BLOB    NOT NULL PRIMARY KEY,
	person TEXT    NOT NULL,
	at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX device_key_person ON device_key (person);
