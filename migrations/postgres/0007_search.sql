-- Search: what is live, folded and cut into tokens by `schema::search`. All of it is derived:
-- backups leave it out, `gongbao reindex` builds it anew.

-- One row per live document. Its number runs with the time of the document, so that the newest
-- come first in the order of the key.
CREATE TABLE search_entry (
    number      BIGINT PRIMARY KEY,
    document_id UUID NOT NULL UNIQUE REFERENCES document (id),
    title       TEXT NOT NULL,
    words       TEXT NOT NULL,
    -- The folded text, in which phrases are looked for, and its tokens without their places.
    text        TEXT NOT NULL,
    tokens      TSVECTOR NOT NULL
);
-- What was added last is looked through token by token until it is merged: keep it short.
CREATE INDEX search_entry_tokens ON search_entry USING GIN (tokens) WITH (gin_pending_list_limit = 1024);
-- The planner needs no samples of texts, and an erasure would have to find them there too.
ALTER TABLE search_entry ALTER COLUMN title SET STATISTICS 0, ALTER COLUMN words SET STATISTICS 0,
    ALTER COLUMN text SET STATISTICS 0, ALTER COLUMN tokens SET STATISTICS 0;

-- Live documents whose entries are still to be written: while there are any, nobody searches.
CREATE TABLE search_pending (
    document_id UUID PRIMARY KEY REFERENCES document (id)
);
INSERT INTO search_pending (document_id) SELECT id FROM document WHERE visibility = 'live';
