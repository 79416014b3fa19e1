-- Links that show a draft to whoever holds them, for a while.

CREATE TABLE preview_link (
    id          BLOB PRIMARY KEY,
    document_id BLOB NOT NULL REFERENCES document (id),
    -- What it is for, in the words of who made it.
    label       TEXT NOT NULL,
    -- Of the secret only the SHA-256 is kept, and its first letters, by which people tell one from
    -- another.
    hint        TEXT NOT NULL,
    hash        BLOB NOT NULL UNIQUE,
    -- The edition that the public had seen last: the next publication ends the link.
    edition     INTEGER NOT NULL,
    -- What the one who made it was granted then stands in role_grant, held by the link.
    created_at  INTEGER NOT NULL,
    created_by  BLOB NOT NULL REFERENCES person (id),
    expires_at  INTEGER NOT NULL,
    revoked_at  INTEGER,
    revoked_by  BLOB
) STRICT, WITHOUT ROWID;
CREATE INDEX preview_link_document ON preview_link (document_id, id);

-- What is worked on, of one type: which drafts link to a text.
CREATE INDEX document_draft ON document (type, id) WHERE draft_edition_id IS NOT NULL;
