-- Bodies that are asked to co-sign a text (会签), and drafts that are limited to some.

-- One row per body that was asked in a round of a review (schema/src/review/cosigning.rs). What was
-- done is in review_act; this is how it stands, and what the body's own people are shown.
CREATE TABLE cosignature (
    id           BLOB PRIMARY KEY,
    review_id    BLOB NOT NULL REFERENCES review (id),
    document_id  BLOB NOT NULL,
    round        INTEGER NOT NULL,
    body_id      BLOB NOT NULL REFERENCES authority (id),
    -- The text that the body was asked about, and no other.
    edition_id   BLOB NOT NULL,
    asked_at     INTEGER NOT NULL,
    asked_by     BLOB NOT NULL,
    by_rule      INTEGER NOT NULL,
    -- What no answer within the time allowed means.
    silence      TEXT NOT NULL CHECK (silence IN ('blocks', 'agrees')),
    -- The role that may overrule an objection; nothing where nobody may.
    overruled_by TEXT,
    -- When an answer is late; nothing where no time is set or the calendar does not know it.
    due_at       INTEGER,
    state        TEXT NOT NULL,
    answered_at  INTEGER,
    answered_by  BLOB,
    UNIQUE (review_id, round, body_id),
    CHECK ((answered_at IS NULL) = (state IN ('asked', 'void')))
) STRICT, WITHOUT ROWID;
CREATE INDEX cosignature_asked ON cosignature (body_id, asked_at, id) WHERE state = 'asked';
CREATE INDEX cosignature_edition ON cosignature (edition_id);
CREATE INDEX cosignature_late ON cosignature (due_at) WHERE state = 'asked';

-- For which body something was done in a review.
ALTER TABLE review_act ADD COLUMN body_id BLOB;
DROP TRIGGER review_act_never_changes;
CREATE TRIGGER review_act_never_changes BEFORE UPDATE ON review_act
WHEN NEW.note IS NOT NULL OR NEW.basis IS NOT NULL
     OR NEW.number IS NOT OLD.number OR NEW.review_id IS NOT OLD.review_id OR NEW.round IS NOT OLD.round
     OR NEW.at IS NOT OLD.at OR NEW.actor_id IS NOT OLD.actor_id OR NEW.actor IS NOT OLD.actor
     OR NEW.kind IS NOT OLD.kind OR NEW.step IS NOT OLD.step OR NEW.edition_id IS NOT OLD.edition_id
     OR NEW.commitment IS NOT OLD.commitment OR NEW.conclusion IS NOT OLD.conclusion
     OR NEW.body_id IS NOT OLD.body_id
BEGIN
    SELECT RAISE(ABORT, 'what was signed never changes');
END;

-- Contents whose drafts are limited (schema/src/limit.rs), in every language.
CREATE TABLE draft_limit (
    content_id BLOB PRIMARY KEY,
    set_at     INTEGER NOT NULL,
    set_by     BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- To whom. Authors are there too, whoever else is named.
CREATE TABLE draft_limit_name (
    content_id BLOB NOT NULL REFERENCES draft_limit (content_id),
    kind       TEXT NOT NULL CHECK (kind IN ('person', 'author', 'authority')),
    named_id   BLOB NOT NULL,
    PRIMARY KEY (content_id, kind, named_id)
) STRICT, WITHOUT ROWID;
