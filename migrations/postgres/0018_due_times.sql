-- What is to be done at a moment, by whichever node is awake then; drafts that are not to be
-- public before a moment; drafts that become public together.

-- One row per thing that is, or was, due (schema/src/due.rs). Whoever fires it locks the row,
-- does the act and closes the row in one transaction.
CREATE TABLE due_time (
    id         UUID PRIMARY KEY,
    kind       TEXT NOT NULL,
    -- The document or the release set; no key, because this outlives a draft that is thrown away.
    subject_id UUID NOT NULL,
    at         TIMESTAMPTZ NOT NULL,
    asked_at   TIMESTAMPTZ NOT NULL,
    -- As whom it is done.
    asked_by   UUID NOT NULL,
    payload    JSONB NOT NULL,
    -- 'waiting' and 'refused' are open; 'fired', 'cancelled' and 'void' are closed.
    state      TEXT NOT NULL,
    attempts   BIGINT NOT NULL,
    -- When it is tried next; nothing where nothing will be tried any more.
    next_at    TIMESTAMPTZ,
    -- Why the last try was refused.
    refusal    JSONB,
    -- When it was told of that this is overdue.
    alarmed_at TIMESTAMPTZ,
    closed_at  TIMESTAMPTZ,
    closed_by  UUID,
    CHECK ((closed_at IS NULL) = (state IN ('waiting', 'refused'))),
    CHECK ((next_at IS NULL) = (state <> 'waiting'))
);
CREATE UNIQUE INDEX due_time_open ON due_time (subject_id, kind) WHERE closed_at IS NULL;
CREATE INDEX due_time_next ON due_time (next_at, id) WHERE next_at IS NOT NULL;
CREATE INDEX due_time_list ON due_time (at, id) WHERE closed_at IS NULL;
CREATE INDEX due_time_subject ON due_time (subject_id, asked_at);

-- Before which moment nobody publishes a draft of the document.
CREATE TABLE embargo (
    document_id UUID PRIMARY KEY REFERENCES document (id),
    not_before  TIMESTAMPTZ NOT NULL,
    reason      TEXT NOT NULL,
    set_at      TIMESTAMPTZ NOT NULL,
    set_by      UUID NOT NULL
);

-- Drafts that become public in one transaction or not at all.
CREATE TABLE release_set (
    id         UUID PRIMARY KEY,
    site_id    UUID NOT NULL REFERENCES site (id),
    name       TEXT NOT NULL,
    state      TEXT NOT NULL CHECK (state IN ('open', 'published', 'dissolved')),
    created_at TIMESTAMPTZ NOT NULL,
    created_by UUID NOT NULL,
    closed_at  TIMESTAMPTZ,
    closed_by  UUID
);
CREATE INDEX release_set_site ON release_set (site_id, created_at, id);

-- No keys: a draft that is thrown away stands in the way of its set, and is named there.
CREATE TABLE release_set_item (
    set_id      UUID NOT NULL REFERENCES release_set (id),
    document_id UUID NOT NULL,
    -- The draft that was looked at.
    edition_id  UUID NOT NULL,
    added_at    TIMESTAMPTZ NOT NULL,
    added_by    UUID NOT NULL,
    PRIMARY KEY (set_id, document_id)
);
CREATE INDEX release_set_item_document ON release_set_item (document_id);
