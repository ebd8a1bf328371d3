-- +goose Up

-- Who wrote the article of a thread, as an owner has said; without a thread, the
-- articles of all.
CREATE TABLE credit (
	person text COLLATE "C" NOT NULL,
	thread text COLLATE "C" NOT NULL,
	PRIMARY KEY (person, thread)
);
