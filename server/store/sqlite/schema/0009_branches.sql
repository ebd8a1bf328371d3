-- A page has a part of a long branch: which, is known from this index alone.

DROP INDEX comment_replies;
CREATE INDEX comment_replies ON comment (root, seq, parent, id) WHERE root IS NOT NULL;
