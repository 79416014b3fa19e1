-- The spine: trees, texts, editions, placements, what readers are shown, and the log.
-- Conventions of both dialects: migrations/README.md.

-- Trees -----------------------------------------------------------------------------------

CREATE TABLE authority (
    id          UUID PRIMARY KEY,
    key         TEXT NOT NULL UNIQUE,
    parent_id   UUID REFERENCES authority (id),
    particulars JSONB NOT NULL,
    version     BIGINT NOT NULL,
    created_at  TIMESTAMPTZ NOT NULL
);

CREATE TABLE site (
    id           UUID PRIMARY KEY,
    key          TEXT NOT NULL UNIQUE,
    authority_id UUID NOT NULL REFERENCES authority (id),
    parent_id    UUID REFERENCES site (id),
    particulars  JSONB NOT NULL,
    version      BIGINT NOT NULL,
    created_at   TIMESTAMPTZ NOT NULL
);

CREATE TABLE site_column (
    id           UUID PRIMARY KEY,
    site_id      UUID NOT NULL REFERENCES site (id),
    parent_id    UUID REFERENCES site_column (id),
    path         TEXT NOT NULL,
    position     BIGINT NOT NULL,
    closed       BOOLEAN NOT NULL,
    successor_id UUID REFERENCES site_column (id),
    particulars  JSONB NOT NULL,
    version      BIGINT NOT NULL,
    created_at   TIMESTAMPTZ NOT NULL
);
-- A closed column keeps its row (editions name it) and gives its path back.
CREATE UNIQUE INDEX site_column_path ON site_column (site_id, path) WHERE NOT closed;

-- Every column with itself (depth 0) and everything above it.
CREATE TABLE column_ancestor (
    column_id   UUID NOT NULL REFERENCES site_column (id),
    ancestor_id UUID NOT NULL REFERENCES site_column (id),
    depth       BIGINT NOT NULL,
    PRIMARY KEY (column_id, ancestor_id)
);
CREATE INDEX column_ancestor_down ON column_ancestor (ancestor_id, depth, column_id);

-- Where a column's old path leads.
CREATE TABLE column_former_path (
    site_id   UUID NOT NULL REFERENCES site (id),
    path      TEXT NOT NULL,
    column_id UUID NOT NULL REFERENCES site_column (id),
    PRIMARY KEY (site_id, path)
);

-- The content types that are in force, to see what a change of their files would do.
CREATE TABLE content_type (
    name       TEXT PRIMARY KEY,
    definition JSONB NOT NULL,
    -- Fields that became filterable or sortable while documents of the type were live, and
    -- whose index rows are not written yet: queries refuse them.
    unindexed  JSONB NOT NULL,
    since      TIMESTAMPTZ NOT NULL
);

-- Texts -----------------------------------------------------------------------------------

-- One text, once: canonical JSON under its SHA-256.
CREATE TABLE content (
    digest BYTEA PRIMARY KEY,
    body   TEXT NOT NULL
);

CREATE TABLE content_file (
    content_digest BYTEA NOT NULL REFERENCES content (digest) ON DELETE CASCADE,
    file_digest    BYTEA NOT NULL,
    PRIMARY KEY (content_digest, file_digest)
);
CREATE INDEX content_file_use ON content_file (file_digest);

-- Files in the file store.
CREATE TABLE file (
    digest     BYTEA PRIMARY KEY,
    size       BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);

-- What is computed from a text; can be rebuilt.
CREATE TABLE derived (
    content_digest BYTEA PRIMARY KEY REFERENCES content (digest) ON DELETE CASCADE,
    renderer       BIGINT NOT NULL,
    characters     BIGINT NOT NULL,
    summary        TEXT NOT NULL,
    -- Its short fields, for lists.
    card           TEXT NOT NULL,
    plain_text     TEXT NOT NULL
);

CREATE TABLE document (
    id                      UUID PRIMARY KEY,
    content_id              UUID NOT NULL,
    locale                  TEXT NOT NULL,
    main_locale             BOOLEAN NOT NULL,
    authority_id            UUID NOT NULL REFERENCES authority (id),
    type                    TEXT NOT NULL,
    version                 BIGINT NOT NULL,
    changed_at              TIMESTAMPTZ NOT NULL,
    changed_by              UUID NOT NULL,
    -- One column each, so at most one draft and one live edition per document.
    draft_edition_id        UUID,
    live_edition_id         UUID,
    -- The edition the public saw last, whatever became of it.
    last_edition_number     BIGINT NOT NULL,
    visibility              TEXT NOT NULL,
    notice                  JSONB,
    first_published_at      TIMESTAMPTZ,
    published_at            TIMESTAMPTZ,
    major_at                TIMESTAMPTZ,
    originally_published_at TIMESTAMPTZ,
    -- The recalled document whose path and content id this one takes over.
    takes_over_id           UUID REFERENCES document (id),
    -- Translations: number of the main edition that the draft, and the live edition, follow.
    draft_follows           BIGINT,
    live_follows            BIGINT,
    created_at              TIMESTAMPTZ NOT NULL
);
-- A recalled document gives its content id back: a re-issue takes it over on purpose.
CREATE UNIQUE INDEX document_locale ON document (content_id, locale)
    WHERE visibility NOT IN ('recalled', 'erased');
CREATE INDEX document_content ON document (content_id);
CREATE INDEX document_authority ON document (authority_id, id);

-- Editions never change. Erasure alone empties one.
CREATE TABLE edition (
    id             UUID PRIMARY KEY,
    document_id    UUID NOT NULL REFERENCES document (id) DEFERRABLE INITIALLY DEFERRED,
    content_digest BYTEA REFERENCES content (digest),
    place          TEXT,
    digest         BYTEA,
    salt           BYTEA,
    created_at     TIMESTAMPTZ NOT NULL,
    created_by     UUID NOT NULL,
    UNIQUE (document_id, id)
);
CREATE INDEX edition_content ON edition (content_digest);
CREATE FUNCTION edition_never_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'an edition never changes';
END $$;
CREATE TRIGGER edition_never_changes BEFORE UPDATE ON edition FOR EACH ROW
WHEN (NEW.content_digest IS NOT NULL OR NEW.place IS NOT NULL OR NEW.digest IS NOT NULL OR NEW.salt IS NOT NULL
      OR NEW.id IS DISTINCT FROM OLD.id OR NEW.document_id IS DISTINCT FROM OLD.document_id
      OR NEW.created_at IS DISTINCT FROM OLD.created_at OR NEW.created_by IS DISTINCT FROM OLD.created_by)
EXECUTE FUNCTION edition_never_changes();

ALTER TABLE document
    ADD FOREIGN KEY (id, draft_edition_id) REFERENCES edition (document_id, id) DEFERRABLE INITIALLY DEFERRED,
    ADD FOREIGN KEY (id, live_edition_id) REFERENCES edition (document_id, id) DEFERRABLE INITIALLY DEFERRED;

-- What became public, and when.
CREATE TABLE publication (
    document_id             UUID NOT NULL,
    number                  BIGINT NOT NULL,
    edition_id              UUID NOT NULL UNIQUE,
    published_at            TIMESTAMPTZ NOT NULL,
    originally_published_at TIMESTAMPTZ,
    original_time_source    TEXT,
    major                   BOOLEAN NOT NULL,
    -- What this publication said of the text it superseded: amended, error.
    old_text                TEXT NOT NULL,
    PRIMARY KEY (document_id, number),
    FOREIGN KEY (document_id, edition_id) REFERENCES edition (document_id, id)
);

-- What translations share and no two contents may both hold (索引号).
CREATE TABLE unique_claim (
    scope_id   UUID NOT NULL,
    type       TEXT NOT NULL,
    field      TEXT NOT NULL,
    key        BYTEA NOT NULL,
    content_id UUID NOT NULL,
    PRIMARY KEY (scope_id, type, field, key)
);
CREATE INDEX unique_claim_content ON unique_claim (content_id);

-- The planner needs no samples of texts, and an erasure would have to find them there too.
ALTER TABLE content ALTER COLUMN body SET STATISTICS 0;
ALTER TABLE derived ALTER COLUMN summary SET STATISTICS 0, ALTER COLUMN card SET STATISTICS 0,
    ALTER COLUMN plain_text SET STATISTICS 0;
ALTER TABLE edition ALTER COLUMN place SET STATISTICS 0;

-- Places ----------------------------------------------------------------------------------

CREATE TABLE placement (
    id                 UUID PRIMARY KEY,
    document_id        UUID NOT NULL REFERENCES document (id),
    site_id            UUID NOT NULL REFERENCES site (id),
    -- Placed by the owner's edition, not by another authority's act.
    own                BOOLEAN NOT NULL,
    path               TEXT NOT NULL,
    visibility         TEXT NOT NULL,
    notice             JSONB,
    first_published_at TIMESTAMPTZ NOT NULL,
    published_at       TIMESTAMPTZ NOT NULL,
    UNIQUE (document_id, site_id)
);
CREATE INDEX placement_site ON placement (site_id, id);

CREATE TABLE placement_column (
    placement_id UUID NOT NULL REFERENCES placement (id) ON DELETE CASCADE,
    position     BIGINT NOT NULL,
    column_id    UUID NOT NULL REFERENCES site_column (id),
    PRIMARY KEY (placement_id, position),
    UNIQUE (placement_id, column_id)
);
CREATE INDEX placement_column_use ON placement_column (column_id, placement_id);

-- Who holds a path of a site: reserved by a draft, current, or former (leads to where the
-- document stands now).
CREATE TABLE route (
    site_id     UUID NOT NULL REFERENCES site (id),
    path        TEXT NOT NULL,
    document_id UUID NOT NULL REFERENCES document (id),
    state       TEXT NOT NULL CHECK (state IN ('reserved', 'current', 'former')),
    PRIMARY KEY (site_id, path)
);
CREATE INDEX route_document ON route (document_id, site_id);

-- What readers are shown lists of: rebuilt by `gongbao reindex` ---------------------------

-- One row per live document and each column, ancestor column, site and the hub it shows in.
CREATE TABLE listing (
    scope_id    UUID NOT NULL,
    document_id UUID NOT NULL REFERENCES document (id),
    type        TEXT NOT NULL,
    locale      TEXT NOT NULL,
    sort_at     TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (scope_id, document_id)
);
CREATE INDEX listing_all ON listing (scope_id, locale, sort_at, document_id);
CREATE INDEX listing_type ON listing (scope_id, type, locale, sort_at, document_id);
CREATE INDEX listing_document ON listing (document_id);

-- One row per live document, site (or the hub) and filterable or sortable value.
CREATE TABLE field_value (
    scope_id    UUID NOT NULL,
    type        TEXT NOT NULL,
    field       TEXT NOT NULL,
    locale      TEXT NOT NULL,
    key         BYTEA NOT NULL,
    sort_at     TIMESTAMPTZ NOT NULL,
    document_id UUID NOT NULL REFERENCES document (id),
    PRIMARY KEY (scope_id, type, field, locale, key, sort_at, document_id)
);
CREATE INDEX field_value_document ON field_value (document_id);

-- Links of live editions, for both directions.
CREATE TABLE link (
    document_id       UUID NOT NULL REFERENCES document (id),
    field             TEXT NOT NULL,
    position          BIGINT NOT NULL,
    target_content_id UUID NOT NULL,
    PRIMARY KEY (document_id, field, position)
);
CREATE INDEX link_target ON link (target_content_id, field, document_id);

-- The log ---------------------------------------------------------------------------------

CREATE TABLE publication_log (
    sequence          BIGINT PRIMARY KEY,
    at                TIMESTAMPTZ NOT NULL,
    kind              TEXT NOT NULL,
    actor_id          UUID NOT NULL,
    -- Of a document: all of these; of an arrangement: that one.
    document_id       UUID,
    content_id        UUID,
    locale            TEXT,
    type              TEXT,
    edition           BIGINT,
    major             BOOLEAN,
    visibility        TEXT,
    site              TEXT,
    positions         JSONB,
    commitment        BYTEA,
    arrangement       JSONB,
    hash              BYTEA NOT NULL
);
CREATE INDEX publication_log_document ON publication_log (document_id, sequence) WHERE document_id IS NOT NULL;

-- The counter: locked last in each publishing transaction.
CREATE TABLE log_head (
    id       BIGINT PRIMARY KEY CHECK (id = 1),
    sequence BIGINT NOT NULL,
    at       TIMESTAMPTZ NOT NULL,
    hash     BYTEA NOT NULL
);

-- Records ---------------------------------------------------------------------------------

CREATE TABLE audit (
    id      UUID PRIMARY KEY,
    at      TIMESTAMPTZ NOT NULL,
    actor_id UUID NOT NULL,
    actor   TEXT NOT NULL,
    action  TEXT NOT NULL,
    subject TEXT NOT NULL,
    details JSONB NOT NULL
);
CREATE INDEX audit_subject ON audit (subject, id);

CREATE TABLE erasure (
    id           UUID PRIMARY KEY,
    document_id  UUID NOT NULL REFERENCES document (id),
    reason       TEXT NOT NULL,
    ordered_by   UUID NOT NULL,
    ordered_at   TIMESTAMPTZ NOT NULL,
    confirmed_by UUID,
    confirmed_at TIMESTAMPTZ,
    -- When the freed space of the database was seen to be overwritten.
    purged_at    TIMESTAMPTZ,
    CHECK (confirmed_by IS NULL OR confirmed_by <> ordered_by)
);
CREATE UNIQUE INDEX erasure_open ON erasure (document_id) WHERE confirmed_at IS NULL;

-- Files that no edition uses any more, to be deleted from the file store after the commit.
CREATE TABLE file_removal (
    digest BYTEA PRIMARY KEY
);

-- What was imported as what, so that a second run changes nothing.
CREATE TABLE import_record (
    source      TEXT NOT NULL,
    key         TEXT NOT NULL,
    version     TEXT NOT NULL,
    -- Of the record as read; empty after an erasure, so that it is not imported again.
    digest      BYTEA,
    document_id UUID NOT NULL REFERENCES document (id),
    PRIMARY KEY (source, key, version)
);
