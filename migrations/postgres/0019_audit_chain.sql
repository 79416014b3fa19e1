-- The audit made tamper-evident (docs/decisions/audit.md): where an act came from, whom it concerns,
-- on what edition it was done; and a chain of hashes that is put on by the sealer once a row is there.
ALTER TABLE audit
    ADD COLUMN authority_id UUID,
    -- Where it concerns one site alone.
    ADD COLUMN site_id UUID,
    -- SHA-256(salt ‖ digest) of the edition.
    ADD COLUMN commitment BYTEA,
    ADD COLUMN via TEXT NOT NULL DEFAULT 'unrecorded',
    ADD COLUMN address TEXT,
    ADD COLUMN request TEXT,
    -- Kind and id, `token:<id>`.
    ADD COLUMN credential TEXT,
    -- Its place in the chain, from 1 without gaps; nothing until it is sealed.
    ADD COLUMN number BIGINT,
    ADD COLUMN hash BYTEA;
CREATE UNIQUE INDEX audit_number ON audit (number) WHERE number IS NOT NULL;
CREATE INDEX audit_unsealed ON audit (at, id) WHERE number IS NULL;
CREATE INDEX audit_actor ON audit (actor_id, id);
CREATE INDEX audit_action ON audit (action, id);
CREATE INDEX audit_authority ON audit (authority_id, id);
CREATE INDEX audit_site ON audit (site_id, id);

-- The end of the chain.
CREATE TABLE audit_head (
    id     BIGINT PRIMARY KEY CHECK (id = 1),
    number BIGINT NOT NULL,
    hash   BYTEA NOT NULL
);
-- Up to where rows were deleted because their time was over, with the hash the rest goes on from.
CREATE TABLE audit_checkpoint (
    number BIGINT PRIMARY KEY,
    hash   BYTEA NOT NULL,
    cut_at TIMESTAMPTZ NOT NULL
);

CREATE FUNCTION audit_never_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit never changes';
END $$;
CREATE TRIGGER audit_never_changes BEFORE UPDATE ON audit FOR EACH ROW
WHEN (OLD.number IS NOT NULL OR NEW.number IS NULL OR NEW.hash IS NULL
      OR NEW.id IS DISTINCT FROM OLD.id OR NEW.at IS DISTINCT FROM OLD.at OR NEW.actor_id IS DISTINCT FROM OLD.actor_id
      OR NEW.actor IS DISTINCT FROM OLD.actor OR NEW.action IS DISTINCT FROM OLD.action OR NEW.subject IS DISTINCT FROM OLD.subject
      OR NEW.details IS DISTINCT FROM OLD.details OR NEW.authority_id IS DISTINCT FROM OLD.authority_id
      OR NEW.site_id IS DISTINCT FROM OLD.site_id OR NEW.commitment IS DISTINCT FROM OLD.commitment OR NEW.via IS DISTINCT FROM OLD.via
      OR NEW.address IS DISTINCT FROM OLD.address OR NEW.request IS DISTINCT FROM OLD.request
      OR NEW.credential IS DISTINCT FROM OLD.credential)
EXECUTE FUNCTION audit_never_changes();
-- Here alone the database's own clock is asked: whoever could hand in a moment could hand in one
-- that allows it.
CREATE FUNCTION audit_never_goes_early() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.number IS NULL OR OLD.number > COALESCE((SELECT MAX(number) FROM audit_checkpoint), 0)
       OR OLD.at > now() - INTERVAL '400 days' THEN
        RAISE EXCEPTION 'the audit is kept for 400 days at least';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER audit_never_goes_early BEFORE DELETE ON audit FOR EACH ROW
EXECUTE FUNCTION audit_never_goes_early();
CREATE FUNCTION audit_never_goes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit is never emptied';
END $$;
CREATE TRIGGER audit_never_emptied BEFORE TRUNCATE ON audit FOR EACH STATEMENT
EXECUTE FUNCTION audit_never_goes();
CREATE FUNCTION audit_chain_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the chain of the audit only grows';
END $$;
CREATE TRIGGER audit_head_only_grows BEFORE UPDATE ON audit_head FOR EACH ROW
WHEN (NEW.id IS DISTINCT FROM OLD.id OR NEW.number <= OLD.number)
EXECUTE FUNCTION audit_chain_only_grows();
CREATE TRIGGER audit_head_never_goes BEFORE DELETE ON audit_head FOR EACH ROW
EXECUTE FUNCTION audit_chain_only_grows();
CREATE TRIGGER audit_checkpoint_never_changes BEFORE UPDATE ON audit_checkpoint FOR EACH ROW
EXECUTE FUNCTION audit_chain_only_grows();
CREATE TRIGGER audit_checkpoint_never_goes BEFORE DELETE ON audit_checkpoint FOR EACH ROW
EXECUTE FUNCTION audit_chain_only_grows();
