-- What is to be done at a moment, by whichever node is awake then; drafts that are not to be
-- public before a moment; drafts that become public together.

-- One row per thing that is, or was, due (schema/src/due.rs). Whoever fires it locks the row,
-- does the act and closes the row in one transaction.
CREATE TABLE due_time (
    id         BLOB PRIMARY KEY,
    kind       TEXT NOT NULL,
    -- The document or the release set; no key, because this outlives a draft that is thrown away.
    subject_id BLOB NOT NULL,
    at         INTEGER NOT NULL,
    asked_at   INTEGER NOT NULL,
    -- As whom it is done.
    asked_by   BLOB NOT NULL,
    payload    TEXT NOT NULL,
    -- 'waiting' and 'refused' are open; 'fired', 'cancelled' and 'void' are closed.
    state      TEXT NOT NULL,
    attempts   INTEGER NOT NULL,
    -- When it is tried next; nothing where nothing will be tried any more.
    next_at    INTEGER,
    -- Why the last try was refused.
    refusal    TEXT,
    -- When it was told of that this is overdue.
    alarmed_at INTEGER,
    closed_at  INTEGER,
    closed_by  BLOB,
    CHECK ((closed_at IS NULL) = (state IN ('waiting', 'refused'))),
    CHECK ((next_at IS NULL) = (state <> 'waiting'))
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX due_time_open ON due_time (subject_id, kind) WHERE closed_at IS NULL;
CREATE INDEX due_time_next ON due_time (next_at, id) WHERE next_at IS NOT NULL;
CREATE INDEX due_time_list ON due_time (at, id) WHERE closed_at IS NULL;
CREATE INDEX due_time_subject ON due_time (subject_id, asked_at);

-- Before which moment nobody publishes a draft of the document.
CREATE TABLE embargo (
    document_id BLOB PRIMARY KEY REFERENCES document (id),
    not_before  INTEGER NOT NULL,
    reason      TEXT NOT NULL,
    set_at      INTEGER NOT NULL,
    set_by      BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Drafts that become public in one transaction or not at all.
CREATE TABLE release_set (
    id         BLOB PRIMARY KEY,
    site_id    BLOB NOT NULL REFERENCES site (id),
    name       TEXT NOT NULL,
    state      TEXT NOT NULL CHECK (state IN ('open', 'published', 'dissolved')),
    created_at INTEGER NOT NULL,
    created_by BLOB NOT NULL,
    closed_at  INTEGER,
    closed_by  BLOB
) STRICT, WITHOUT ROWID;
CREATE INDEX release_set_site ON release_set (site_id, created_at, id);

-- No keys: a draft that is thrown away stands in the way of its set, and is named there.
CREATE TABLE release_set_item (
    set_id      BLOB NOT NULL REFERENCES release_set (id),
    document_id BLOB NOT NULL,
    -- The draft that was looked at.
    edition_id  BLOB NOT NULL,
    added_at    INTEGER NOT NULL,
    added_by    BLOB NOT NULL,
    PRIMARY KEY (set_id, document_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX release_set_item_document ON release_set_item (document_id);
