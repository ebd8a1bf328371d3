-- What people's devices are told, through their browsers' push services.

CREATE TABLE push_subscription (
	endpoint TEXT    NOT NULL PRIMARY KEY, -- where a message for the device goes
	person   TEXT    NOT NULL,
	host     TEXT    NOT NULL,             -- of the endpoint
	p256dh   BLOB    NOT NULL,             -- the browser's public key: a point of P-256, uncompressed
	auth     BLOB    NOT NULL,             -- its secret
	lang     TEXT    NOT NULL,             -- in which it is told
	at       INTEGER NOT NULL,             -- when it was last confirmed
	answered INTEGER NOT NULL DEFAULT 0,   -- when its service last took a message
	failures INTEGER NOT NULL DEFAULT 0    -- since then
) STRICT, WITHOUT ROWID;

CREATE INDEX push_subscription_person ON push_subscription (person, at);

-- What waits to be told: one of a tag for each device. What it says is read when
-- it is sent.
CREATE TABLE push (
	endpoint TEXT    NOT NULL REFERENCES push_subscription ON DELETE CASCADE,
	tag      TEXT    NOT NULL,
	kind     TEXT    NOT NULL CHECK (kind IN ('reply', 'mention', 'like', 'followed')),
	comment  TEXT    NOT NULL,
	at       INTEGER NOT NULL,             -- when there was first something to tell
	due      INTEGER NOT NULL,             -- when it is tried (again); whoever tries it puts that off
	tries    INTEGER NOT NULL DEFAULT 0,
	serial   INTEGER NOT NULL DEFAULT 0,   -- changes when there is more to tell
	PRIMARY KEY (endpoint, tag)
) STRICT, WITHOUT ROWID;

CREATE INDEX push_due ON push (due);

-- How many likes, or whether of an answer or a mention, devices were told.
ALTER TABLE notice ADD COLUMN pushed INTEGER NOT NULL DEFAULT 0;

-- Number of the log entry of which devices were told.
ALTER TABLE follow ADD COLUMN pushed INTEGER NOT NULL DEFAULT 0;
