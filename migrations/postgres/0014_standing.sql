-- On what terms somebody has an account: how they are employed, and the last day of their contract
-- (a date as ISO 8601 writes it), with which access ends. A program is not employed.
ALTER TABLE person ADD COLUMN employment TEXT CHECK (employment IN ('permanent', 'contract', 'outsourced'));
ALTER TABLE person ADD COLUMN contract_ends_on TEXT;
UPDATE person SET employment = 'permanent' WHERE kind = 'person';
