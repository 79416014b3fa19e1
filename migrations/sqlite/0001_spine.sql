-- The spine: trees, texts, editions, placements, what readers are shown, and the log.
-- Conventions of both dialects: migrations/README.md.

-- Trees -----------------------------------------------------------------------------------

CREATE TABLE authority (
    id          BLOB PRIMARY KEY,
    key         TEXT NOT NULL UNIQUE,
    parent_id   BLOB REFERENCES authority (id),
    particulars TEXT NOT NULL,
    version     INTEGER NOT NULL,
    created_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE site (
    id           BLOB PRIMARY KEY,
    key          TEXT NOT NULL UNIQUE,
    authority_id BLOB NOT NULL REFERENCES authority (id),
    parent_id    BLOB REFERENCES site (id),
    particulars  TEXT NOT NULL,
    version      INTEGER NOT NULL,
    created_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE site_column (
    id           BLOB PRIMARY KEY,
    site_id      BLOB NOT NULL REFERENCES site (id),
    parent_id    BLOB REFERENCES site_column (id),
    path         TEXT NOT NULL,
    position     INTEGER NOT NULL,
    closed       INTEGER NOT NULL,
    successor_id BLOB REFERENCES site_column (id),
    particulars  TEXT NOT NULL,
    version      INTEGER NOT NULL,
    created_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- A closed column keeps its row (editions name it) and gives its path back.
CREATE UNIQUE INDEX site_column_path ON site_column (site_id, path) WHERE closed = 0;

-- Every column with itself (depth 0) and everything above it.
CREATE TABLE column_ancestor (
    column_id   BLOB NOT NULL REFERENCES site_column (id),
    ancestor_id BLOB NOT NULL REFERENCES site_column (id),
    depth       INTEGER NOT NULL,
    PRIMARY KEY (column_id, ancestor_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX column_ancestor_down ON column_ancestor (ancestor_id, depth, column_id);

-- Where a column's old path leads.
CREATE TABLE column_former_path (
    site_id   BLOB NOT NULL REFERENCES site (id),
    path      TEXT NOT NULL,
    column_id BLOB NOT NULL REFERENCES site_column (id),
    PRIMARY KEY (site_id, path)
) STRICT, WITHOUT ROWID;

-- The content types that are in force, to see what a change of their files would do.
CREATE TABLE content_type (
    name       TEXT PRIMARY KEY,
    definition TEXT NOT NULL,
    -- Fields that became filterable or sortable while documents of the type were live, and
    -- whose index rows are not written yet: queries refuse them.
    unindexed  TEXT NOT NULL,
    since      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Texts -----------------------------------------------------------------------------------

-- One text, once: canonical JSON under its SHA-256.
CREATE TABLE content (
    digest BLOB PRIMARY KEY,
    body   TEXT NOT NULL
) STRICT;

CREATE TABLE content_file (
    content_digest BLOB NOT NULL REFERENCES content (digest) ON DELETE CASCADE,
    file_digest    BLOB NOT NULL,
    PRIMARY KEY (content_digest, file_digest)
) STRICT, WITHOUT ROWID;
CREATE INDEX content_file_use ON content_file (file_digest);

-- Files in the file store.
CREATE TABLE file (
    digest     BLOB PRIMARY KEY,
    size       INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What is computed from a text; can be rebuilt.
CREATE TABLE derived (
    content_digest BLOB PRIMARY KEY REFERENCES content (digest) ON DELETE CASCADE,
    renderer       INTEGER NOT NULL,
    characters     INTEGER NOT NULL,
    summary        TEXT NOT NULL,
    -- Its short fields, for lists.
    card           TEXT NOT NULL,
    plain_text     TEXT NOT NULL
) STRICT;

CREATE TABLE document (
    id                      BLOB PRIMARY KEY,
    content_id              BLOB NOT NULL,
    locale                  TEXT NOT NULL,
    main_locale             INTEGER NOT NULL,
    authority_id            BLOB NOT NULL REFERENCES authority (id),
    type                    TEXT NOT NULL,
    version                 INTEGER NOT NULL,
    changed_at              INTEGER NOT NULL,
    changed_by              BLOB NOT NULL,
    -- One column each, so at most one draft and one live edition per document.
    draft_edition_id        BLOB,
    live_edition_id         BLOB,
    -- The edition the public saw last, whatever became of it.
    last_edition_number     INTEGER NOT NULL,
    visibility              TEXT NOT NULL,
    notice                  TEXT,
    first_published_at      INTEGER,
    published_at            INTEGER,
    major_at                INTEGER,
    originally_published_at INTEGER,
    -- The recalled document whose path and content id this one takes over.
    takes_over_id           BLOB REFERENCES document (id),
    -- Translations: number of the main edition that the draft, and the live edition, follow.
    draft_follows           INTEGER,
    live_follows            INTEGER,
    created_at              INTEGER NOT NULL,
    FOREIGN KEY (id, draft_edition_id) REFERENCES edition (document_id, id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (id, live_edition_id) REFERENCES edition (document_id, id) DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;
-- A recalled document gives its content id back: a re-issue takes it over on purpose.
CREATE UNIQUE INDEX document_locale ON document (content_id, locale)
    WHERE visibility NOT IN ('recalled', 'erased');
CREATE INDEX document_content ON document (content_id);
CREATE INDEX document_authority ON document (authority_id, id);

-- Editions never change. Erasure alone empties one.
CREATE TABLE edition (
    id             BLOB PRIMARY KEY,
    document_id    BLOB NOT NULL REFERENCES document (id) DEFERRABLE INITIALLY DEFERRED,
    content_digest BLOB REFERENCES content (digest),
    place          TEXT,
    digest         BLOB,
    salt           BLOB,
    created_at     INTEGER NOT NULL,
    created_by     BLOB NOT NULL,
    UNIQUE (document_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX edition_content ON edition (content_digest);
CREATE TRIGGER edition_never_changes BEFORE UPDATE ON edition
WHEN NEW.content_digest IS NOT NULL OR NEW.place IS NOT NULL OR NEW.digest IS NOT NULL OR NEW.salt IS NOT NULL
     OR NEW.id IS NOT OLD.id OR NEW.document_id IS NOT OLD.document_id
     OR NEW.created_at IS NOT OLD.created_at OR NEW.created_by IS NOT OLD.created_by
BEGIN
    SELECT RAISE(ABORT, 'an edition never changes');
END;

-- What became public, and when.
CREATE TABLE publication (
    document_id             BLOB NOT NULL,
    number                  INTEGER NOT NULL,
    edition_id              BLOB NOT NULL UNIQUE,
    published_at            INTEGER NOT NULL,
    originally_published_at INTEGER,
    original_time_source    TEXT,
    major                   INTEGER NOT NULL,
    -- What this publication said of the text it superseded: amended, error.
    old_text                TEXT NOT NULL,
    PRIMARY KEY (document_id, number),
    FOREIGN KEY (document_id, edition_id) REFERENCES edition (document_id, id)
) STRICT, WITHOUT ROWID;

-- What translations share and no two contents may both hold (索引号).
CREATE TABLE unique_claim (
    scope_id   BLOB NOT NULL,
    type       TEXT NOT NULL,
    field      TEXT NOT NULL,
    key        BLOB NOT NULL,
    content_id BLOB NOT NULL,
    PRIMARY KEY (scope_id, type, field, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX unique_claim_content ON unique_claim (content_id);

-- Places ----------------------------------------------------------------------------------

CREATE TABLE placement (
    id                 BLOB PRIMARY KEY,
    document_id        BLOB NOT NULL REFERENCES document (id),
    site_id            BLOB NOT NULL REFERENCES site (id),
    -- Placed by the owner's edition, not by another authority's act.
    own                INTEGER NOT NULL,
    path               TEXT NOT NULL,
    visibility         TEXT NOT NULL,
    notice             TEXT,
    first_published_at INTEGER NOT NULL,
    published_at       INTEGER NOT NULL,
    UNIQUE (document_id, site_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX placement_site ON placement (site_id, id);

CREATE TABLE placement_column (
    placement_id BLOB NOT NULL REFERENCES placement (id) ON DELETE CASCADE,
    position     INTEGER NOT NULL,
    column_id    BLOB NOT NULL REFERENCES site_column (id),
    PRIMARY KEY (placement_id, position),
    UNIQUE (placement_id, column_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX placement_column_use ON placement_column (column_id, placement_id);

-- Who holds a path of a site: reserved by a draft, current, or former (leads to where the
-- document stands now).
CREATE TABLE route (
    site_id     BLOB NOT NULL REFERENCES site (id),
    path        TEXT NOT NULL,
    document_id BLOB NOT NULL REFERENCES document (id),
    state       TEXT NOT NULL CHECK (state IN ('reserved', 'current', 'former')),
    PRIMARY KEY (site_id, path)
) STRICT, WITHOUT ROWID;
CREATE INDEX route_document ON route (document_id, site_id);

-- What readers are shown lists of: rebuilt by `gongbao reindex` ---------------------------

-- One row per live document and each column, ancestor column, site and the hub it shows in.
CREATE TABLE listing (
    scope_id    BLOB NOT NULL,
    document_id BLOB NOT NULL REFERENCES document (id),
    type        TEXT NOT NULL,
    locale      TEXT NOT NULL,
    sort_at     INTEGER NOT NULL,
    PRIMARY KEY (scope_id, document_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX listing_all ON listing (scope_id, locale, sort_at, document_id);
CREATE INDEX listing_type ON listing (scope_id, type, locale, sort_at, document_id);
CREATE INDEX listing_document ON listing (document_id);

-- One row per live document, site (or the hub) and filterable or sortable value.
CREATE TABLE field_value (
    scope_id    BLOB NOT NULL,
    type        TEXT NOT NULL,
    field       TEXT NOT NULL,
    locale      TEXT NOT NULL,
    key         BLOB NOT NULL,
    sort_at     INTEGER NOT NULL,
    document_id BLOB NOT NULL REFERENCES document (id),
    PRIMARY KEY (scope_id, type, field, locale, key, sort_at, document_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX field_value_document ON field_value (document_id);

-- Links of live editions, for both directions.
CREATE TABLE link (
    document_id       BLOB NOT NULL REFERENCES document (id),
    field             TEXT NOT NULL,
    position          INTEGER NOT NULL,
    target_content_id BLOB NOT NULL,
    PRIMARY KEY (document_id, field, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX link_target ON link (target_content_id, field, document_id);

-- The log ---------------------------------------------------------------------------------

CREATE TABLE publication_log (
    sequence          INTEGER PRIMARY KEY,
    at                INTEGER NOT NULL,
    kind              TEXT NOT NULL,
    actor_id          BLOB NOT NULL,
    -- Of a document: all of these; of an arrangement: that one.
    document_id       BLOB,
    content_id        BLOB,
    locale            TEXT,
    type              TEXT,
    edition           INTEGER,
    major             INTEGER,
    visibility        TEXT,
    site              TEXT,
    positions         TEXT,
    commitment        BLOB,
    arrangement       TEXT,
    hash              BLOB NOT NULL
) STRICT;
CREATE INDEX publication_log_document ON publication_log (document_id, sequence) WHERE document_id IS NOT NULL;

-- The counter: locked last in each publishing transaction.
CREATE TABLE log_head (
    id       INTEGER PRIMARY KEY CHECK (id = 1),
    sequence INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    hash     BLOB NOT NULL
) STRICT;

-- Records ---------------------------------------------------------------------------------

CREATE TABLE audit (
    id      BLOB PRIMARY KEY,
    at      INTEGER NOT NULL,
    actor_id BLOB NOT NULL,
    actor   TEXT NOT NULL,
    action  TEXT NOT NULL,
    subject TEXT NOT NULL,
    details TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX audit_subject ON audit (subject, id);

CREATE TABLE erasure (
    id           BLOB PRIMARY KEY,
    document_id  BLOB NOT NULL REFERENCES document (id),
    reason       TEXT NOT NULL,
    ordered_by   BLOB NOT NULL,
    ordered_at   INTEGER NOT NULL,
    confirmed_by BLOB,
    confirmed_at INTEGER,
    -- When the freed space of the database was seen to be overwritten.
    purged_at    INTEGER,
    CHECK (confirmed_by IS NULL OR confirmed_by <> ordered_by)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX erasure_open ON erasure (document_id) WHERE confirmed_at IS NULL;

-- Files that no edition uses any more, to be deleted from the file store after the commit.
CREATE TABLE file_removal (
    digest BLOB PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- What was imported as what, so that a second run changes nothing.
CREATE TABLE import_record (
    source      TEXT NOT NULL,
    key         TEXT NOT NULL,
    version     TEXT NOT NULL,
    -- Of the record as read; empty after an erasure, so that it is not imported again.
    digest      BLOB,
    document_id BLOB NOT NULL REFERENCES document (id),
    PRIMARY KEY (source, key, version)
) STRICT, WITHOUT ROWID;
