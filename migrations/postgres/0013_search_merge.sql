-- On SQLite: how the parts of the index are merged. PostgreSQL's index has no parts.
SELECT 1;
