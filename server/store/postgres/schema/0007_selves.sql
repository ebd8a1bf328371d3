-- +goose Up

-- Who was somebody else before, and the keys by which browsers prove who wrote.

-- The person that somebody now is: what they had is that person's. Nobody here
-- is somebody who is somebody else again.
ALTER TABLE standing ADD COLUMN same_as text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE standing ADD COLUMN same_since bigint NOT NULL DEFAULT 0;

CREATE INDEX standing_same_as ON standing (same_as) WHERE same_as <> '';
CREATE INDEX standing_same_since ON standing (same_since) WHERE same_as <> '';

-- What somebody has is found when they become another.
CREATE INDEX reaction_person ON reaction (person);
CREATE INDEX comment_like_person ON comment_like (person);
CREATE INDEX flag_person ON flag (person);
CREATE INDEX mention_person ON mention (person);

-- Public keys of browsers: points of P-256, uncompressed.
CREATE TABLE device_key (
	key    bytea  PRIMARY KEY,
	person text COLLATE "C" NOT NULL,
	at     bigint NOT NULL
);

CREATE INDEX device_key_person ON device_key (person);
