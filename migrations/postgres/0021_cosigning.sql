-- Bodies that are asked to co-sign a text (会签), and drafts that are limited to some.

-- One row per body that was asked in a round of a review (schema/src/review/cosigning.rs). What was
-- done is in review_act; this is how it stands, and what the body's own people are shown.
CREATE TABLE cosignature (
    id           UUID PRIMARY KEY,
    review_id    UUID NOT NULL REFERENCES review (id),
    document_id  UUID NOT NULL,
    round        BIGINT NOT NULL,
    body_id      UUID NOT NULL REFERENCES authority (id),
    -- The text that the body was asked about, and no other.
    edition_id   UUID NOT NULL,
    asked_at     TIMESTAMPTZ NOT NULL,
    asked_by     UUID NOT NULL,
    by_rule      BOOLEAN NOT NULL,
    -- What no answer within the time allowed means.
    silence      TEXT NOT NULL CHECK (silence IN ('blocks', 'agrees')),
    -- The role that may overrule an objection; nothing where nobody may.
    overruled_by TEXT,
    -- When an answer is late; nothing where no time is set or the calendar does not know it.
    due_at       TIMESTAMPTZ,
    state        TEXT NOT NULL,
    answered_at  TIMESTAMPTZ,
    answered_by  UUID,
    UNIQUE (review_id, round, body_id),
    CHECK ((answered_at IS NULL) = (state IN ('asked', 'void')))
);
CREATE INDEX cosignature_asked ON cosignature (body_id, asked_at, id) WHERE state = 'asked';
CREATE INDEX cosignature_edition ON cosignature (edition_id);
CREATE INDEX cosignature_late ON cosignature (due_at) WHERE state = 'asked';

-- For which body something was done in a review.
ALTER TABLE review_act ADD COLUMN body_id UUID;
DROP TRIGGER review_act_never_changes ON review_act;
CREATE TRIGGER review_act_never_changes BEFORE UPDATE ON review_act FOR EACH ROW
WHEN (NEW.note IS NOT NULL OR NEW.basis IS NOT NULL
      OR NEW.number IS DISTINCT FROM OLD.number OR NEW.review_id IS DISTINCT FROM OLD.review_id OR NEW.round IS DISTINCT FROM OLD.round
      OR NEW.at IS DISTINCT FROM OLD.at OR NEW.actor_id IS DISTINCT FROM OLD.actor_id OR NEW.actor IS DISTINCT FROM OLD.actor
      OR NEW.kind IS DISTINCT FROM OLD.kind OR NEW.step IS DISTINCT FROM OLD.step OR NEW.edition_id IS DISTINCT FROM OLD.edition_id
      OR NEW.commitment IS DISTINCT FROM OLD.commitment OR NEW.conclusion IS DISTINCT FROM OLD.conclusion
      OR NEW.body_id IS DISTINCT FROM OLD.body_id)
EXECUTE FUNCTION review_act_never_changes();

-- Contents whose drafts are limited (schema/src/limit.rs), in every language.
CREATE TABLE draft_limit (
    content_id UUID PRIMARY KEY,
    set_at     TIMESTAMPTZ NOT NULL,
    set_by     UUID NOT NULL
);

-- To whom. Authors are there too, whoever else is named.
CREATE TABLE draft_limit_name (
    content_id UUID NOT NULL REFERENCES draft_limit (content_id),
    kind       TEXT NOT NULL CHECK (kind IN ('person', 'author', 'authority')),
    named_id   UUID NOT NULL,
    PRIMARY KEY (content_id, kind, named_id)
);
