-- The audit made tamper-evident (docs/decisions/audit.md): where an act came from, whom it concerns,
-- on what edition it was done; and a chain of hashes that is put on by the sealer once a row is there.
ALTER TABLE audit ADD COLUMN authority_id BLOB;
-- Where it concerns one site alone.
ALTER TABLE audit ADD COLUMN site_id BLOB;
-- SHA-256(salt ‖ digest) of the edition.
ALTER TABLE audit ADD COLUMN commitment BLOB;
ALTER TABLE audit ADD COLUMN via TEXT NOT NULL DEFAULT 'unrecorded';
ALTER TABLE audit ADD COLUMN address TEXT;
ALTER TABLE audit ADD COLUMN request TEXT;
-- Kind and id, `token:<id>`.
ALTER TABLE audit ADD COLUMN credential TEXT;
-- Its place in the chain, from 1 without gaps; nothing until it is sealed.
ALTER TABLE audit ADD COLUMN number INTEGER;
ALTER TABLE audit ADD COLUMN hash BLOB;
CREATE UNIQUE INDEX audit_number ON audit (number) WHERE number IS NOT NULL;
CREATE INDEX audit_unsealed ON audit (at, id) WHERE number IS NULL;
CREATE INDEX audit_actor ON audit (actor_id, id);
CREATE INDEX audit_action ON audit (action, id);
CREATE INDEX audit_authority ON audit (authority_id, id);
CREATE INDEX audit_site ON audit (site_id, id);

-- The end of the chain.
CREATE TABLE audit_head (
    id     INTEGER PRIMARY KEY CHECK (id = 1),
    number INTEGER NOT NULL,
    hash   BLOB NOT NULL
) STRICT;
-- Up to where rows were deleted because their time was over, with the hash the rest goes on from.
CREATE TABLE audit_checkpoint (
    number INTEGER PRIMARY KEY,
    hash   BLOB NOT NULL,
    cut_at INTEGER NOT NULL
) STRICT;

CREATE TRIGGER audit_never_changes BEFORE UPDATE ON audit
WHEN OLD.number IS NOT NULL OR NEW.number IS NULL OR NEW.hash IS NULL
     OR NEW.id IS NOT OLD.id OR NEW.at IS NOT OLD.at OR NEW.actor_id IS NOT OLD.actor_id
     OR NEW.actor IS NOT OLD.actor OR NEW.action IS NOT OLD.action OR NEW.subject IS NOT OLD.subject
     OR NEW.details IS NOT OLD.details OR NEW.authority_id IS NOT OLD.authority_id
     OR NEW.site_id IS NOT OLD.site_id OR NEW.commitment IS NOT OLD.commitment OR NEW.via IS NOT OLD.via
     OR NEW.address IS NOT OLD.address OR NEW.request IS NOT OLD.request
     OR NEW.credential IS NOT OLD.credential
BEGIN
    SELECT RAISE(ABORT, 'the audit never changes');
END;
-- 34,560,000 seconds are 400 days. Here alone the database's own clock is asked: whoever could
-- hand in a moment could hand in one that allows it.
CREATE TRIGGER audit_never_goes_early BEFORE DELETE ON audit
WHEN OLD.number IS NULL OR OLD.number > COALESCE((SELECT MAX(number) FROM audit_checkpoint), 0)
     OR OLD.at > (unixepoch('now') - 34560000) * 1000000
BEGIN
    SELECT RAISE(ABORT, 'the audit is kept for 400 days at least');
END;
CREATE TRIGGER audit_head_only_grows BEFORE UPDATE ON audit_head
WHEN NEW.id IS NOT OLD.id OR NEW.number <= OLD.number
BEGIN
    SELECT RAISE(ABORT, 'the chain of the audit only grows');
END;
CREATE TRIGGER audit_head_never_goes BEFORE DELETE ON audit_head
BEGIN
    SELECT RAISE(ABORT, 'the chain of the audit only grows');
END;
CREATE TRIGGER audit_checkpoint_never_changes BEFORE UPDATE ON audit_checkpoint
BEGIN
    SELECT RAISE(ABORT, 'a checkpoint of the audit never changes');
END;
CREATE TRIGGER audit_checkpoint_never_goes BEFORE DELETE ON audit_checkpoint
BEGIN
    SELECT RAISE(ABORT, 'a checkpoint of the audit never goes');
END;
