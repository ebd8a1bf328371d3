-- +goose Up

-- What people's devices are told, through their browsers' push services.

CREATE TABLE push_subscription (
	endpoint text COLLATE "C" PRIMARY KEY, -- where a message for the device goes
	person   text COLLATE "C" NOT NULL,
	host     text COLLATE "C" NOT NULL,    -- of the endpoint
	p256dh   bytea  NOT NULL,              -- the browser's public key: a point of P-256, uncompressed
	auth     bytea  NOT NULL,              -- its secret
	lang     text   NOT NULL,              -- in which it is told
	at       bigint NOT NULL,              -- when it was last confirmed
	answered bigint NOT NULL DEFAULT 0,    -- when its service last took a message
	failures bigint NOT NULL DEFAULT 0     -- since then
);

CREATE INDEX push_subscription_person ON push_subscription (person, at);

-- What waits to be told: one of a tag for each device. What it says is read when
-- it is sent.
CREATE TABLE push (
	endpoint text COLLATE "C" NOT NULL REFERENCES push_subscription ON DELETE CASCADE,
	tag      text COLLATE "C" NOT NULL,
	kind     text COLLATE "C" NOT NULL CHECK (kind IN ('reply', 'mention', 'like', 'followed')),
	comment  text COLLATE "C" NOT NULL,
	at       bigint NOT NULL,              -- when there was first something to tell
	due      bigint NOT NULL,              -- when it is tried (again); whoever tries it puts that off
	tries    bigint NOT NULL DEFAULT 0,
	serial   bigint NOT NULL DEFAULT 0,    -- changes when there is more to tell
	PRIMARY KEY (endpoint, tag)
);

CREATE INDEX push_due ON push (due);

-- How many likes, or whether of an answer or a mention, devices were told.
ALTER TABLE notice ADD COLUMN pushed bigint NOT NULL DEFAULT 0;

-- Number of the log entry of which devices were told.
ALTER TABLE follow ADD COLUMN pushed bigint NOT NULL DEFAULT 0;
