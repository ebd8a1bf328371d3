-- What people come back to: threads and topics that they follow, what they said,
-- and what is lively.

-- How lively: see forum.Livelier; 0 is nothing yet. The warmth is that, rounded
-- down: it changes when the other doubles, or as days go by, and so can afford
-- an index.
ALTER TABLE thread ADD COLUMN lively REAL NOT NULL DEFAULT 0;
ALTER TABLE thread ADD COLUMN warmth INTEGER NOT NULL DEFAULT 0;

UPDATE thread SET lively = c.lively, warmth = CAST(c.lively AS INTEGER)
	FROM (SELECT c.thread, m.at / 86400000.0 + log2(sum(pow(2, max((c.at - m.at) / 86400000.0, -1000)))) AS lively
		FROM comment AS c JOIN (SELECT thread, max(at) AS at FROM comment WHERE state = 'published' GROUP BY thread) AS m ON m.thread = c.thread
		WHERE c.state = 'published' GROUP BY c.thread, m.at) AS c
	WHERE c.thread = thread.id;

CREATE INDEX thread_warmth ON thread (warmth DESC) WHERE warmth <> 0;

CREATE TABLE topic (
	key  TEXT NOT NULL PRIMARY KEY, -- see talk.TopicKey
	name TEXT NOT NULL              -- as it was written first
) STRICT, WITHOUT ROWID;

CREATE TABLE thread_topic (
	topic  TEXT NOT NULL REFERENCES topic,
	thread TEXT NOT NULL REFERENCES thread,
	PRIMARY KEY (topic, thread)
) STRICT, WITHOUT ROWID;

CREATE INDEX thread_topic_thread ON thread_topic (thread, topic);

INSERT OR IGNORE INTO topic SELECT lower(value), value FROM thread, json_each(thread.topics);
INSERT OR IGNORE INTO thread_topic SELECT lower(value), thread.id FROM thread, json_each(thread.topics);

-- What somebody wants to hear, or not, of a thread or a topic.
CREATE TABLE follow (
	person TEXT    NOT NULL,
	kind   TEXT    NOT NULL CHECK (kind IN ('thread', 'topic')),
	target TEXT    NOT NULL,           -- the thread's id, or the topic's key
	level  TEXT    NOT NULL CHECK (level IN ('follow', 'mute')),
	at     INTEGER NOT NULL,
	seen   INTEGER NOT NULL DEFAULT 0, -- number of the log entry up to which they saw it
	PRIMARY KEY (person, kind, target)
) STRICT, WITHOUT ROWID;

-- Settings of those who have chosen some: talk.Settings as JSON.
CREATE TABLE settings (
	person TEXT NOT NULL PRIMARY KEY,
	value  TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX comment_author ON comment (author, at);
CREATE INDEX hidden_author ON hidden (author, at);
