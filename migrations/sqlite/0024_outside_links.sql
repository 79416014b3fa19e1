-- Addresses outside the hub that texts lead to, and what came of opening them.
CREATE TABLE outside_link (
    url           TEXT PRIMARY KEY,
    -- When a text with it was looked at last: what no text has any more is forgotten.
    seen_at       INTEGER NOT NULL,
    -- When it is opened next.
    next_at       INTEGER NOT NULL,
    tried_at      INTEGER,
    -- HTTP status of the last answer; nothing where nobody answered.
    status        INTEGER,
    -- Since when it has failed at every try.
    failing_since INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX outside_link_next ON outside_link (next_at);
CREATE INDEX outside_link_seen ON outside_link (seen_at);
