-- Reviews: which steps there are where, what lies before the reviewers, who signed what, and
-- what is owed after a publication.

-- The chains of a place (schema/src/review/chain.rs).
CREATE TABLE review_rule (
    -- Of the column or the site; all zeros for the hub.
    scope_id   UUID NOT NULL,
    scope      TEXT NOT NULL CHECK (scope IN ('hub', 'site', 'column')),
    -- Empty for every type.
    type       TEXT NOT NULL,
    rule       JSONB NOT NULL,
    version    BIGINT NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL,
    changed_by UUID NOT NULL,
    PRIMARY KEY (scope_id, type)
);

-- The last number of the register, by authority and year.
CREATE TABLE review_register (
    authority_id UUID NOT NULL REFERENCES authority (id),
    year         BIGINT NOT NULL,
    last         BIGINT NOT NULL,
    PRIMARY KEY (authority_id, year)
);

-- One matter, one review; the register entry (登记备案) is its number, which never changes. It
-- outlives a draft that is thrown away, so nothing here refers to document or edition by key.
CREATE TABLE review (
    id             UUID PRIMARY KEY,
    document_id    UUID NOT NULL,
    content_id     UUID NOT NULL,
    authority_id   UUID NOT NULL REFERENCES authority (id),
    year           BIGINT NOT NULL,
    number         BIGINT NOT NULL,
    opened_at      TIMESTAMPTZ NOT NULL,
    opened_by      UUID NOT NULL,
    -- As of the last submission: ----------------------------------------------------------
    round          BIGINT NOT NULL,
    track          TEXT NOT NULL,
    chain          JSONB NOT NULL,
    edition_id     UUID NOT NULL,
    submitted_at   TIMESTAMPTZ NOT NULL,
    submitted_by   UUID NOT NULL,
    -- What checks found in it: one that is an error keeps it from being published until it is waived.
    errors         BIGINT NOT NULL,
    warnings       BIGINT NOT NULL,
    -- How it stands: -----------------------------------------------------------------------
    state          TEXT NOT NULL,
    -- While submitted: the role whose turn it is, 'publication' when every step is taken.
    awaits         TEXT,
    awaits_secrecy BOOLEAN NOT NULL,
    -- When that step is late; nothing where no time is set or the calendar does not know it.
    due_at         TIMESTAMPTZ,
    closed_at      TIMESTAMPTZ,
    UNIQUE (authority_id, year, number)
);
CREATE UNIQUE INDEX review_open ON review (document_id) WHERE closed_at IS NULL;
CREATE INDEX review_document ON review (document_id, id);
CREATE INDEX review_queue ON review (awaits, submitted_at, id) WHERE closed_at IS NULL;
CREATE INDEX review_secrecy ON review (submitted_at, id) WHERE closed_at IS NULL AND awaits_secrecy;
CREATE FUNCTION review_number_never_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a register entry never changes';
END $$;
CREATE TRIGGER review_number_never_changes BEFORE UPDATE ON review FOR EACH ROW
WHEN (NEW.id IS DISTINCT FROM OLD.id OR NEW.document_id IS DISTINCT FROM OLD.document_id OR NEW.content_id IS DISTINCT FROM OLD.content_id
      OR NEW.authority_id IS DISTINCT FROM OLD.authority_id OR NEW.year IS DISTINCT FROM OLD.year OR NEW.number IS DISTINCT FROM OLD.number
      OR NEW.opened_at IS DISTINCT FROM OLD.opened_at OR NEW.opened_by IS DISTINCT FROM OLD.opened_by OR OLD.closed_at IS NOT NULL)
EXECUTE FUNCTION review_number_never_changes();
CREATE FUNCTION review_never_goes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a register entry never goes';
END $$;
CREATE TRIGGER review_never_goes BEFORE DELETE ON review FOR EACH ROW
EXECUTE FUNCTION review_never_goes();

-- What was done, and by whom. An erasure empties note and basis, and nothing else ever changes.
CREATE TABLE review_act (
    review_id  UUID NOT NULL REFERENCES review (id),
    -- From 1, in the order in which it was done.
    number     BIGINT NOT NULL,
    round      BIGINT NOT NULL,
    at         TIMESTAMPTZ NOT NULL,
    actor_id   UUID NOT NULL,
    actor      TEXT NOT NULL,
    kind       TEXT NOT NULL,
    -- Place of the step in the chain of the round.
    step       BIGINT,
    edition_id UUID NOT NULL,
    -- SHA-256(salt ‖ digest) of that edition.
    commitment BYTEA NOT NULL,
    conclusion TEXT,
    basis      TEXT,
    note       TEXT,
    PRIMARY KEY (review_id, number)
);
CREATE FUNCTION review_act_never_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was signed never changes';
END $$;
CREATE TRIGGER review_act_never_changes BEFORE UPDATE ON review_act FOR EACH ROW
WHEN (NEW.note IS NOT NULL OR NEW.basis IS NOT NULL
      OR NEW.number IS DISTINCT FROM OLD.number OR NEW.review_id IS DISTINCT FROM OLD.review_id OR NEW.round IS DISTINCT FROM OLD.round
      OR NEW.at IS DISTINCT FROM OLD.at OR NEW.actor_id IS DISTINCT FROM OLD.actor_id OR NEW.actor IS DISTINCT FROM OLD.actor
      OR NEW.kind IS DISTINCT FROM OLD.kind OR NEW.step IS DISTINCT FROM OLD.step OR NEW.edition_id IS DISTINCT FROM OLD.edition_id
      OR NEW.commitment IS DISTINCT FROM OLD.commitment OR NEW.conclusion IS DISTINCT FROM OLD.conclusion)
EXECUTE FUNCTION review_act_never_changes();
CREATE FUNCTION review_act_never_goes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was signed never goes';
END $$;
CREATE TRIGGER review_act_never_goes BEFORE DELETE ON review_act FOR EACH ROW
EXECUTE FUNCTION review_act_never_goes();

-- Confirmations that are owed after a publication.
CREATE TABLE review_debt (
    review_id    UUID PRIMARY KEY REFERENCES review (id),
    document_id  UUID NOT NULL,
    kind         TEXT NOT NULL CHECK (kind IN ('emergency', 'forced')),
    -- The role that confirms.
    confirms     TEXT NOT NULL,
    owed_since   TIMESTAMPTZ NOT NULL,
    due_at       TIMESTAMPTZ,
    published_by UUID NOT NULL,
    confirmed_at TIMESTAMPTZ,
    confirmed_by UUID,
    CHECK (confirmed_by IS NULL OR confirmed_by <> published_by)
);
CREATE INDEX review_debt_document ON review_debt (document_id) WHERE confirmed_at IS NULL;
CREATE INDEX review_debt_owed ON review_debt (confirms, owed_since, review_id) WHERE confirmed_at IS NULL;
