-- Search: what is live, folded and cut into tokens by `schema::search`. All of it is derived:
-- backups leave it out, `gongbao reindex` builds it anew.

-- One row per live document. Its number runs with the time of the document, so that the newest
-- come first in the order of the key.
CREATE TABLE search_entry (
    number      INTEGER PRIMARY KEY,
    document_id BLOB NOT NULL UNIQUE REFERENCES document (id),
    title       TEXT NOT NULL,
    words       TEXT NOT NULL
) STRICT;

-- The tokens of each, under its number. No text is kept: tokens come parted by spaces, and the
-- tokenizer has nothing to decide.
CREATE VIRTUAL TABLE search_text USING fts5 (
    tokens, content = '', contentless_delete = 1, tokenize = 'ascii'
);
CREATE TRIGGER search_entry_leaves AFTER DELETE ON search_entry
BEGIN
    DELETE FROM search_text WHERE rowid = OLD.number;
END;

-- Live documents whose entries are still to be written: while there are any, nobody searches.
CREATE TABLE search_pending (
    document_id BLOB PRIMARY KEY REFERENCES document (id)
) STRICT, WITHOUT ROWID;
INSERT INTO search_pending (document_id) SELECT id FROM document WHERE visibility = 'live';
