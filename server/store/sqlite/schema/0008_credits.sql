-- Who wrote the article of a thread, as an owner has said; without a thread, the
-- articles of all.
CREATE TABLE credit (
	person TEXT NOT NULL,
	thread TEXT NOT NULL,
	PRIMARY KEY (person, thread)
) STRICT, WITHOUT ROWID;
