-- +goose Up

-- Where articles are, and where they were.

-- The address of an article whose page's key doesn't say it; empty where that
-- does, or where nobody has told.
ALTER TABLE thread ADD COLUMN address text NOT NULL DEFAULT '';
ALTER TABLE thread ADD COLUMN address_at bigint NOT NULL DEFAULT 0;

-- The thread that this one was merged into. It has no comments and no reactions
-- any more, its page is its own id, and the last entry of its log tells of it.
ALTER TABLE thread ADD COLUMN moved text COLLATE "C" REFERENCES thread;

CREATE INDEX thread_moved ON thread (moved) WHERE moved IS NOT NULL;

-- Which thread belongs to a page: to the one that it has now (thread.page), and
-- to those that it had.
CREATE TABLE page (
	key    text COLLATE "C" PRIMARY KEY,
	thread text COLLATE "C" NOT NULL REFERENCES thread
);

CREATE INDEX page_thread ON page (thread);

INSERT INTO page SELECT page, id FROM thread;
