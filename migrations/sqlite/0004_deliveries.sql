-- What follows from the log: targets, lanes, deliveries, attempts, and the bodies sent.

-- One destination of one channel.
CREATE TABLE target (
    id             BLOB PRIMARY KEY,
    key            TEXT NOT NULL UNIQUE,
    authority_id   BLOB NOT NULL REFERENCES authority (id),
    channel        TEXT NOT NULL,
    address        TEXT NOT NULL,
    -- Selector, declaration, form, limits, reach.
    particulars    TEXT NOT NULL,
    -- Encrypted under the master key; what is in it is the channel's.
    secrets        BLOB,
    state          TEXT NOT NULL CHECK (state IN ('enabled', 'paused', 'disabled')),
    reason         TEXT,
    version        INTEGER NOT NULL,
    created_at     INTEGER NOT NULL,
    -- Number of the last event that was turned into deliveries; recalls run ahead of it.
    position        INTEGER NOT NULL,
    recall_position INTEGER NOT NULL,
    -- Looking through all documents, because the target is new or its selection changed: the
    -- event that asked for it, and the document it has come to.
    sweep_sequence  INTEGER,
    sweep_after     BLOB,
    -- Circuit: failures in a row; closed while open_until is empty.
    failures        INTEGER NOT NULL,
    trips           INTEGER NOT NULL,
    open_until      INTEGER,
    -- The target asked for quiet until then.
    quiet_until     INTEGER,
    -- Rate: when the bucket will be full again.
    full_at         INTEGER
) STRICT, WITHOUT ROWID;

-- (target, document): at most one call under way; order is kept inside it.
CREATE TABLE lane (
    target_id      BLOB NOT NULL REFERENCES target (id),
    document_id    BLOB NOT NULL REFERENCES document (id),
    -- The site that the target is pointed at.
    site           TEXT NOT NULL,
    -- Grows with each claim; a result with an old one is recorded and never applied.
    fence          INTEGER NOT NULL,
    lease_until    INTEGER,
    -- What fan-out owed last: edition, absent, recalled; and for which event.
    owed           TEXT NOT NULL CHECK (owed IN ('edition', 'absent', 'recalled')),
    owed_sequence  INTEGER NOT NULL,
    -- What the target acknowledged last; nothing before the first receipt.
    held           TEXT CHECK (held IN ('edition', 'absent')),
    held_edition   INTEGER,
    held_sequence  INTEGER,
    held_at        INTEGER,
    -- When its head may be claimed: when it is due, or when the lease of its call ends.
    due_at         INTEGER,
    -- Its head is a recall.
    urgent         INTEGER NOT NULL,
    PRIMARY KEY (target_id, document_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX lane_due ON lane (target_id, urgent, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX lane_leased ON lane (target_id, urgent, lease_until) WHERE lease_until IS NOT NULL;
CREATE INDEX lane_document ON lane (document_id);

-- What is owed to a target for one event.
CREATE TABLE delivery (
    id            BLOB PRIMARY KEY,
    target_id     BLOB NOT NULL,
    document_id   BLOB NOT NULL,
    sequence      INTEGER NOT NULL,
    kind          TEXT NOT NULL,
    -- An edition, or why it must be absent.
    edition       INTEGER,
    absence       TEXT,
    -- Which rendering is sent.
    form          TEXT NOT NULL,
    state         TEXT NOT NULL CHECK (state IN ('pending', 'done', 'superseded', 'parked', 'refused')),
    reason        TEXT,
    attempts      INTEGER NOT NULL,
    created_at    INTEGER NOT NULL,
    -- When its schedule began: at first, or with the last replay.
    started_at    INTEGER NOT NULL,
    due_at        INTEGER NOT NULL,
    finished_at   INTEGER,
    UNIQUE (target_id, document_id, sequence),
    FOREIGN KEY (target_id, document_id) REFERENCES lane (target_id, document_id),
    CHECK ((edition IS NULL) <> (absence IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX delivery_unfinished ON delivery (target_id, state, sequence)
    WHERE state IN ('pending', 'parked', 'refused');
CREATE INDEX delivery_body ON delivery (document_id, sequence)
    WHERE state IN ('pending', 'parked', 'refused');

-- The journal: an intent is committed before the call, the result after it.
CREATE TABLE attempt (
    id           BLOB PRIMARY KEY,
    delivery_id  BLOB NOT NULL REFERENCES delivery (id),
    number       INTEGER NOT NULL,
    fence        INTEGER NOT NULL,
    started_at   INTEGER NOT NULL,
    finished_at  INTEGER,
    class        TEXT,
    status       INTEGER,
    -- The beginning of the answer, or of what went wrong.
    answer       TEXT,
    milliseconds INTEGER,
    -- Whether its result moved the delivery; one with an old fence does not.
    applied      INTEGER NOT NULL,
    UNIQUE (delivery_id, number)
) STRICT, WITHOUT ROWID;

-- Bodies sent: one per event and form, stored once by digest, shared by all targets.
CREATE TABLE body (
    digest BLOB PRIMARY KEY,
    bytes  BLOB NOT NULL
) STRICT;

CREATE TABLE rendering (
    document_id BLOB NOT NULL REFERENCES document (id),
    sequence    INTEGER NOT NULL,
    form        TEXT NOT NULL,
    digest      BLOB NOT NULL REFERENCES body (digest),
    -- It tells of an edition, so an erasure takes it along.
    of_edition  INTEGER NOT NULL,
    used_at     INTEGER NOT NULL,
    PRIMARY KEY (document_id, sequence, form)
) STRICT, WITHOUT ROWID;
CREATE INDEX rendering_body ON rendering (digest);
CREATE INDEX rendering_used ON rendering (used_at);

-- Recalls are read ahead of everything else.
CREATE INDEX publication_log_recall ON publication_log (sequence) WHERE kind = 'recall';
