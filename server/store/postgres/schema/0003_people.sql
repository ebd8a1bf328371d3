-- +goose Up

-- What people come back to: threads and topics that they follow, what they said,
-- and what is lively.

-- How lively: see forum.Livelier; 0 is nothing yet. The warmth is that, rounded
-- down: it changes when the other doubles, or as days go by, and so can afford
-- an index, which else would have every change of a thread write its row anew.
ALTER TABLE thread ADD COLUMN lively double precision NOT NULL DEFAULT 0;
ALTER TABLE thread ADD COLUMN warmth bigint NOT NULL DEFAULT 0;

UPDATE thread SET lively = c.lively, warmth = floor(c.lively)
	FROM (SELECT c.thread, m.at / 86400000.0::double precision + ln(sum(power(2, greatest((c.at - m.at) / 86400000.0::double precision, -1000)))) / ln(2::double precision) AS lively
		FROM comment AS c JOIN (SELECT thread, max(at) AS at FROM comment WHERE state = 'published' GROUP BY thread) AS m ON m.thread = c.thread
		WHERE c.state = 'published' GROUP BY c.thread, m.at) AS c
	WHERE c.thread = thread.id;

CREATE INDEX thread_warmth ON thread (warmth DESC) WHERE warmth <> 0;

CREATE TABLE topic (
	key  text COLLATE "C" PRIMARY KEY, -- see talk.TopicKey
	name text NOT NULL                 -- as it was written first
);

CREATE TABLE thread_topic (
	topic  text COLLATE "C" NOT NULL REFERENCES topic,
	thread text COLLATE "C" NOT NULL REFERENCES thread,
	PRIMARY KEY (topic, thread)
);

CREATE INDEX thread_topic_thread ON thread_topic (thread, topic);

INSERT INTO topic SELECT lower(value), value FROM thread, jsonb_array_elements_text(thread.topics::jsonb) ON CONFLICT DO NOTHING;
INSERT INTO thread_topic SELECT lower(value), thread.id FROM thread, jsonb_array_elements_text(thread.topics::jsonb) ON CONFLICT DO NOTHING;

-- What somebody wants to hear, or not, of a thread or a topic.
CREATE TABLE follow (
	person text COLLATE "C" NOT NULL,
	kind   text COLLATE "C" NOT NULL CHECK (kind IN ('thread', 'topic')),
	target text COLLATE "C" NOT NULL, -- the thread's id, or the topic's key
	level  text   NOT NULL CHECK (level IN ('follow', 'mute')),
	at     bigint NOT NULL,
	seen   bigint NOT NULL DEFAULT 0, -- number of the log entry up to which they saw it
	PRIMARY KEY (person, kind, target)
);

-- Settings of those who have chosen some: talk.Settings as JSON.
CREATE TABLE settings (
	person text COLLATE "C" PRIMARY KEY,
	value  jsonb NOT NULL
);

CREATE INDEX comment_author ON comment (author COLLATE "C", at);
CREATE INDEX hidden_author ON hidden (author COLLATE "C", at);
