-- Publication plans (schema/src/plan): what is proposed where, what was approved with an edition,
-- and which deliveries are held back by that.

-- Rules of places: how texts are reviewed there ('review'), what is planned there ('plan').
CREATE TABLE placed_rule (
    kind       TEXT NOT NULL,
    -- Of the column or the site; all zeros for the hub.
    scope_id   BLOB NOT NULL,
    scope      TEXT NOT NULL CHECK (scope IN ('hub', 'site', 'column')),
    -- Empty for every type.
    type       TEXT NOT NULL,
    rule       TEXT NOT NULL,
    version    INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    changed_by BLOB NOT NULL,
    PRIMARY KEY (kind, scope_id, type)
) STRICT, WITHOUT ROWID;
INSERT INTO placed_rule (kind, scope_id, scope, type, rule, version, changed_at, changed_by)
    SELECT 'review', scope_id, scope, type, rule, version, changed_at, changed_by FROM review_rule;
DROP TABLE review_rule;

-- The plan of an edition, as it was changed, submitted or published.
CREATE TABLE publication_plan (
    edition_id BLOB PRIMARY KEY REFERENCES edition (id),
    plan       TEXT NOT NULL,
    -- It stays as it is: reviewers look at it, or its text was published with it.
    settled    INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    changed_by BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- A delivery that a plan holds back: its first try is not due yet.
CREATE TABLE delivery_hold (
    delivery_id   BLOB PRIMARY KEY REFERENCES delivery (id),
    target_id     BLOB NOT NULL,
    document_id   BLOB NOT NULL,
    -- Not before this moment.
    not_before    INTEGER NOT NULL,
    -- Minutes, from when nothing is waited for any more.
    after_minutes INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX delivery_hold_lane ON delivery_hold (target_id, document_id);

-- What it waits for: another target that is to hold the document as of an event.
CREATE TABLE delivery_wait (
    delivery_id   BLOB NOT NULL REFERENCES delivery_hold (delivery_id),
    for_target_id BLOB NOT NULL REFERENCES target (id),
    document_id   BLOB NOT NULL,
    sequence      INTEGER NOT NULL,
    PRIMARY KEY (delivery_id, for_target_id)
) STRICT, WITHOUT ROWID;

-- A document that is to go to a target that its plan had left out: fan-out looks at it.
CREATE TABLE sent_later (
    target_id   BLOB NOT NULL REFERENCES target (id),
    document_id BLOB NOT NULL REFERENCES document (id),
    PRIMARY KEY (target_id, document_id)
) STRICT, WITHOUT ROWID;
