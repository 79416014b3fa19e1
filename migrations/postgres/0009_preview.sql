-- Links that show a draft to whoever holds them, for a while.

CREATE TABLE preview_link (
    id          UUID PRIMARY KEY,
    document_id UUID NOT NULL REFERENCES document (id),
    -- What it is for, in the words of who made it.
    label       TEXT NOT NULL,
    -- Of the secret only the SHA-256 is kept, and its first letters, by which people tell one from
    -- another.
    hint        TEXT NOT NULL,
    hash        BYTEA NOT NULL UNIQUE,
    -- The edition that the public had seen last: the next publication ends the link.
    edition     BIGINT NOT NULL,
    -- What the one who made it was granted then stands in role_grant, held by the link.
    created_at  TIMESTAMPTZ NOT NULL,
    created_by  UUID NOT NULL REFERENCES person (id),
    expires_at  TIMESTAMPTZ NOT NULL,
    revoked_at  TIMESTAMPTZ,
    revoked_by  UUID
);
CREATE INDEX preview_link_document ON preview_link (document_id, id);

-- What is worked on, of one type: which drafts link to a text.
CREATE INDEX document_draft ON document (type, id) WHERE draft_edition_id IS NOT NULL;
