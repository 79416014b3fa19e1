-- Files on their way in that can be interrupted. No part of backups: what is not a file yet is sent
-- again.
CREATE TABLE upload (
    id          BLOB PRIMARY KEY,
    actor_id    BLOB NOT NULL,
    -- What its sender calls it, and says of it in the words of the protocol.
    name        TEXT,
    metadata    TEXT,
    -- Bytes that it will have, and those that are safe.
    length      INTEGER NOT NULL CHECK (length >= 0),
    received    INTEGER NOT NULL CHECK (received BETWEEN 0 AND length),
    -- Who began to write last has the turn.
    turn        INTEGER NOT NULL,
    -- Of one that goes straight to the store: the piece it will be, and what the store calls it.
    piece_id    BLOB,
    remote      TEXT,
    created_at  INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL,
    -- The file it became.
    file_digest BLOB
) STRICT;
CREATE INDEX upload_of ON upload (actor_id);
CREATE INDEX upload_over ON upload (expires_at);

-- The pieces that make it, by where they begin.
CREATE TABLE upload_piece (
    upload_id BLOB NOT NULL REFERENCES upload (id),
    start     INTEGER NOT NULL,
    length    INTEGER NOT NULL,
    piece_id  BLOB NOT NULL,
    PRIMARY KEY (upload_id, start)
) STRICT, WITHOUT ROWID;

-- What is searched of a file: the text that was read off it, by which version of the reader. It is
-- derived: backups leave it out, and it goes with its file.
CREATE TABLE search_file_text (
    file_digest BLOB PRIMARY KEY REFERENCES file (digest) ON DELETE CASCADE,
    reader      INTEGER NOT NULL,
    text        TEXT NOT NULL
) STRICT, WITHOUT ROWID;
