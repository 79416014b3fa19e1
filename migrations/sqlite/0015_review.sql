-- Reviews: which steps there are where, what lies before the reviewers, who signed what, and
-- what is owed after a publication.

-- The chains of a place (schema/src/review/chain.rs).
CREATE TABLE review_rule (
    -- Of the column or the site; all zeros for the hub.
    scope_id   BLOB NOT NULL,
    scope      TEXT NOT NULL CHECK (scope IN ('hub', 'site', 'column')),
    -- Empty for every type.
    type       TEXT NOT NULL,
    rule       TEXT NOT NULL,
    version    INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    changed_by BLOB NOT NULL,
    PRIMARY KEY (scope_id, type)
) STRICT, WITHOUT ROWID;

-- The last number of the register, by authority and year.
CREATE TABLE review_register (
    authority_id BLOB NOT NULL REFERENCES authority (id),
    year         INTEGER NOT NULL,
    last         INTEGER NOT NULL,
    PRIMARY KEY (authority_id, year)
) STRICT, WITHOUT ROWID;

-- One matter, one review; the register entry (登记备案) is its number, which never changes. It
-- outlives a draft that is thrown away, so nothing here refers to document or edition by key.
CREATE TABLE review (
    id             BLOB PRIMARY KEY,
    document_id    BLOB NOT NULL,
    content_id     BLOB NOT NULL,
    authority_id   BLOB NOT NULL REFERENCES authority (id),
    year           INTEGER NOT NULL,
    number         INTEGER NOT NULL,
    opened_at      INTEGER NOT NULL,
    opened_by      BLOB NOT NULL,
    -- As of the last submission: ----------------------------------------------------------
    round          INTEGER NOT NULL,
    track          TEXT NOT NULL,
    chain          TEXT NOT NULL,
    edition_id     BLOB NOT NULL,
    submitted_at   INTEGER NOT NULL,
    submitted_by   BLOB NOT NULL,
    -- What checks found in it: one that is an error keeps it from being published until it is waived.
    errors         INTEGER NOT NULL,
    warnings       INTEGER NOT NULL,
    -- How it stands: -----------------------------------------------------------------------
    state          TEXT NOT NULL,
    -- While submitted: the role whose turn it is, 'publication' when every step is taken.
    awaits         TEXT,
    awaits_secrecy INTEGER NOT NULL,
    -- When that step is late; nothing where no time is set or the calendar does not know it.
    due_at         INTEGER,
    closed_at      INTEGER,
    UNIQUE (authority_id, year, number)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX review_open ON review (document_id) WHERE closed_at IS NULL;
CREATE INDEX review_document ON review (document_id, id);
CREATE INDEX review_queue ON review (awaits, submitted_at, id) WHERE closed_at IS NULL;
CREATE INDEX review_secrecy ON review (submitted_at, id) WHERE closed_at IS NULL AND awaits_secrecy;
CREATE TRIGGER review_number_never_changes BEFORE UPDATE ON review
WHEN NEW.id IS NOT OLD.id OR NEW.document_id IS NOT OLD.document_id OR NEW.content_id IS NOT OLD.content_id
     OR NEW.authority_id IS NOT OLD.authority_id OR NEW.year IS NOT OLD.year OR NEW.number IS NOT OLD.number
     OR NEW.opened_at IS NOT OLD.opened_at OR NEW.opened_by IS NOT OLD.opened_by OR OLD.closed_at IS NOT NULL
BEGIN
    SELECT RAISE(ABORT, 'a register entry never changes');
END;
CREATE TRIGGER review_never_goes BEFORE DELETE ON review
BEGIN
    SELECT RAISE(ABORT, 'a register entry never goes');
END;

-- What was done, and by whom. An erasure empties note and basis, and nothing else ever changes.
CREATE TABLE review_act (
    review_id  BLOB NOT NULL REFERENCES review (id),
    -- From 1, in the order in which it was done.
    number     INTEGER NOT NULL,
    round      INTEGER NOT NULL,
    at         INTEGER NOT NULL,
    actor_id   BLOB NOT NULL,
    actor      TEXT NOT NULL,
    kind       TEXT NOT NULL,
    -- Place of the step in the chain of the round.
    step       INTEGER,
    edition_id BLOB NOT NULL,
    -- SHA-256(salt ‖ digest) of that edition.
    commitment BLOB NOT NULL,
    conclusion TEXT,
    basis      TEXT,
    note       TEXT,
    PRIMARY KEY (review_id, number)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER review_act_never_changes BEFORE UPDATE ON review_act
WHEN NEW.note IS NOT NULL OR NEW.basis IS NOT NULL
     OR NEW.number IS NOT OLD.number OR NEW.review_id IS NOT OLD.review_id OR NEW.round IS NOT OLD.round
     OR NEW.at IS NOT OLD.at OR NEW.actor_id IS NOT OLD.actor_id OR NEW.actor IS NOT OLD.actor
     OR NEW.kind IS NOT OLD.kind OR NEW.step IS NOT OLD.step OR NEW.edition_id IS NOT OLD.edition_id
     OR NEW.commitment IS NOT OLD.commitment OR NEW.conclusion IS NOT OLD.conclusion
BEGIN
    SELECT RAISE(ABORT, 'what was signed never changes');
END;
CREATE TRIGGER review_act_never_goes BEFORE DELETE ON review_act
BEGIN
    SELECT RAISE(ABORT, 'what was signed never goes');
END;

-- Confirmations that are owed after a publication.
CREATE TABLE review_debt (
    review_id    BLOB PRIMARY KEY REFERENCES review (id),
    document_id  BLOB NOT NULL,
    kind         TEXT NOT NULL CHECK (kind IN ('emergency', 'forced')),
    -- The role that confirms.
    confirms     TEXT NOT NULL,
    owed_since   INTEGER NOT NULL,
    due_at       INTEGER,
    published_by BLOB NOT NULL,
    confirmed_at INTEGER,
    confirmed_by BLOB,
    CHECK (confirmed_by IS NULL OR confirmed_by <> published_by)
) STRICT, WITHOUT ROWID;
CREATE INDEX review_debt_document ON review_debt (document_id) WHERE confirmed_at IS NULL;
CREATE INDEX review_debt_owed ON review_debt (confirms, owed_since, review_id) WHERE confirmed_at IS NULL;
