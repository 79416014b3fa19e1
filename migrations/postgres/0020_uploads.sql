-- Files on their way in that can be interrupted. No part of backups: what is not a file yet is sent
-- again.
CREATE TABLE upload (
    id          UUID PRIMARY KEY,
    actor_id    UUID NOT NULL,
    -- What its sender calls it, and says of it in the words of the protocol.
    name        TEXT,
    metadata    TEXT,
    -- Bytes that it will have, and those that are safe.
    length      BIGINT NOT NULL CHECK (length >= 0),
    received    BIGINT NOT NULL CHECK (received BETWEEN 0 AND length),
    -- Who began to write last has the turn.
    turn        BIGINT NOT NULL,
    -- Of one that goes straight to the store: the piece it will be, and what the store calls it.
    piece_id    UUID,
    remote      TEXT,
    created_at  TIMESTAMPTZ NOT NULL,
    expires_at  TIMESTAMPTZ NOT NULL,
    -- The file it became.
    file_digest BYTEA
);
CREATE INDEX upload_of ON upload (actor_id);
CREATE INDEX upload_over ON upload (expires_at);

-- The pieces that make it, by where they begin.
CREATE TABLE upload_piece (
    upload_id UUID NOT NULL REFERENCES upload (id),
    start     BIGINT NOT NULL,
    length    BIGINT NOT NULL,
    piece_id  UUID NOT NULL,
    PRIMARY KEY (upload_id, start)
);

-- What is searched of a file: the text that was read off it, by which version of the reader. It is
-- derived: backups leave it out, and it goes with its file.
CREATE TABLE search_file_text (
    file_digest BYTEA PRIMARY KEY REFERENCES file (digest) ON DELETE CASCADE,
    reader      BIGINT NOT NULL,
    text        TEXT NOT NULL
);
-- The planner needs no samples of texts, and an erasure would have to find them there too.
ALTER TABLE search_file_text ALTER COLUMN text SET STATISTICS 0;
