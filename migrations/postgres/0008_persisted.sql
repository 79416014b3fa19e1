-- Texts of queries that are asked for by an identifier instead of being sent: those that front
-- ends left here themselves, and those that were published for a client.

CREATE TABLE persisted_document (
    -- SHA-256 of the text.
    digest  BYTEA PRIMARY KEY,
    text    TEXT NOT NULL,
    -- What it costs where its variables are not known, by the schema named next.
    cost    BIGINT NOT NULL,
    checked BYTEA NOT NULL,
    -- To the day: what was used longest ago and was never published makes room for new ones.
    used_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX persisted_document_used ON persisted_document (used_at, digest);

-- By what a published text is asked for, as the tool that made it says. A text that stands here
-- is trusted. One identifier is one text, whichever client uses it.
CREATE TABLE operation_id (
    id     TEXT PRIMARY KEY,
    digest BYTEA NOT NULL REFERENCES persisted_document (digest)
);
CREATE INDEX operation_id_digest ON operation_id (digest);

CREATE TABLE client_version (
    client       TEXT NOT NULL,
    version      TEXT NOT NULL,
    published_at TIMESTAMPTZ NOT NULL,
    published_by UUID NOT NULL,
    PRIMARY KEY (client, version)
);

CREATE TABLE client_operation (
    client  TEXT NOT NULL,
    version TEXT NOT NULL,
    id      TEXT NOT NULL REFERENCES operation_id (id),
    -- What people call it.
    name    TEXT NOT NULL,
    PRIMARY KEY (client, version, id),
    FOREIGN KEY (client, version) REFERENCES client_version (client, version)
);
CREATE INDEX client_operation_id ON client_operation (id);
