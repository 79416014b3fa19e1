-- Targets that are changed: looking through all documents for what left a selection, and, only
-- where it was asked for, for what entered it.

-- Somebody asked for what is live already; the next look owes it, and takes the word back.
ALTER TABLE target ADD COLUMN backfill_asked INTEGER NOT NULL DEFAULT 0;
-- Whether the look that is under way owes what entered, beside what left.
ALTER TABLE target ADD COLUMN sweep_enters INTEGER NOT NULL DEFAULT 1;
