-- What follows from the log: targets, lanes, deliveries, attempts, and the bodies sent.

-- One destination of one channel.
CREATE TABLE target (
    id             UUID PRIMARY KEY,
    key            TEXT NOT NULL UNIQUE,
    authority_id   UUID NOT NULL REFERENCES authority (id),
    channel        TEXT NOT NULL,
    address        TEXT NOT NULL,
    -- Selector, declaration, form, limits, reach.
    particulars    JSONB NOT NULL,
    -- Encrypted under the master key; what is in it is the channel's.
    secrets        BYTEA,
    state          TEXT NOT NULL CHECK (state IN ('enabled', 'paused', 'disabled')),
    reason         TEXT,
    version        BIGINT NOT NULL,
    created_at     TIMESTAMPTZ NOT NULL,
    -- Number of the last event that was turned into deliveries; recalls run ahead of it.
    position        BIGINT NOT NULL,
    recall_position BIGINT NOT NULL,
    -- Looking through all documents, because the target is new or its selection changed: the
    -- event that asked for it, and the document it has come to.
    sweep_sequence  BIGINT,
    sweep_after     UUID,
    -- Circuit: failures in a row; closed while open_until is empty.
    failures        BIGINT NOT NULL,
    trips           BIGINT NOT NULL,
    open_until      TIMESTAMPTZ,
    -- The target asked for quiet until then.
    quiet_until     TIMESTAMPTZ,
    -- Rate: when the bucket will be full again.
    full_at         TIMESTAMPTZ
);

-- (target, document): at most one call under way; order is kept inside it.
CREATE TABLE lane (
    target_id      UUID NOT NULL REFERENCES target (id),
    document_id    UUID NOT NULL REFERENCES document (id),
    -- The site that the target is pointed at.
    site           TEXT NOT NULL,
    -- Grows with each claim; a result with an old one is recorded and never applied.
    fence          BIGINT NOT NULL,
    lease_until    TIMESTAMPTZ,
    -- What fan-out owed last: edition, absent, recalled; and for which event.
    owed           TEXT NOT NULL CHECK (owed IN ('edition', 'absent', 'recalled')),
    owed_sequence  BIGINT NOT NULL,
    -- What the target acknowledged last; nothing before the first receipt.
    held           TEXT CHECK (held IN ('edition', 'absent')),
    held_edition   BIGINT,
    held_sequence  BIGINT,
    held_at        TIMESTAMPTZ,
    -- When its head may be claimed: when it is due, or when the lease of its call ends.
    due_at         TIMESTAMPTZ,
    -- Its head is a recall.
    urgent         BOOLEAN NOT NULL,
    PRIMARY KEY (target_id, document_id)
);
CREATE INDEX lane_due ON lane (target_id, urgent, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX lane_leased ON lane (target_id, urgent, lease_until) WHERE lease_until IS NOT NULL;
CREATE INDEX lane_document ON lane (document_id);

-- What is owed to a target for one event.
CREATE TABLE delivery (
    id            UUID PRIMARY KEY,
    target_id     UUID NOT NULL,
    document_id   UUID NOT NULL,
    sequence      BIGINT NOT NULL,
    kind          TEXT NOT NULL,
    -- An edition, or why it must be absent.
    edition       BIGINT,
    absence       TEXT,
    -- Which rendering is sent.
    form          TEXT NOT NULL,
    state         TEXT NOT NULL CHECK (state IN ('pending', 'done', 'superseded', 'parked', 'refused')),
    reason        TEXT,
    attempts      BIGINT NOT NULL,
    created_at    TIMESTAMPTZ NOT NULL,
    -- When its schedule began: at first, or with the last replay.
    started_at    TIMESTAMPTZ NOT NULL,
    due_at        TIMESTAMPTZ NOT NULL,
    finished_at   TIMESTAMPTZ,
    UNIQUE (target_id, document_id, sequence),
    FOREIGN KEY (target_id, document_id) REFERENCES lane (target_id, document_id),
    CHECK ((edition IS NULL) <> (absence IS NULL))
);
CREATE INDEX delivery_unfinished ON delivery (target_id, state, sequence)
    WHERE state IN ('pending', 'parked', 'refused');
CREATE INDEX delivery_body ON delivery (document_id, sequence)
    WHERE state IN ('pending', 'parked', 'refused');

-- The journal: an intent is committed before the call, the result after it.
CREATE TABLE attempt (
    id           UUID PRIMARY KEY,
    delivery_id  UUID NOT NULL REFERENCES delivery (id),
    number       BIGINT NOT NULL,
    fence        BIGINT NOT NULL,
    started_at   TIMESTAMPTZ NOT NULL,
    finished_at  TIMESTAMPTZ,
    class        TEXT,
    status       BIGINT,
    -- The beginning of the answer, or of what went wrong.
    answer       TEXT,
    milliseconds BIGINT,
    -- Whether its result moved the delivery; one with an old fence does not.
    applied      BOOLEAN NOT NULL,
    UNIQUE (delivery_id, number)
);

-- Bodies sent: one per event and form, stored once by digest, shared by all targets.
CREATE TABLE body (
    digest BYTEA PRIMARY KEY,
    bytes  BYTEA NOT NULL
);

CREATE TABLE rendering (
    document_id UUID NOT NULL REFERENCES document (id),
    sequence    BIGINT NOT NULL,
    form        TEXT NOT NULL,
    digest      BYTEA NOT NULL REFERENCES body (digest),
    -- It tells of an edition, so an erasure takes it along.
    of_edition  BOOLEAN NOT NULL,
    used_at     TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (document_id, sequence, form)
);
CREATE INDEX rendering_body ON rendering (digest);
CREATE INDEX rendering_used ON rendering (used_at);

-- Recalls are read ahead of everything else.
CREATE INDEX publication_log_recall ON publication_log (sequence) WHERE kind = 'recall';
