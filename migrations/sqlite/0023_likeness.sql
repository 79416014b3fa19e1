-- Sketches of live texts (schema/src/likeness.rs): what is nearly the same shares a number in one of
-- the bands. Derived: `gongbao reindex` makes it anew.
CREATE TABLE likeness (
    value       INTEGER NOT NULL,
    band        INTEGER NOT NULL,
    document_id BLOB NOT NULL REFERENCES document (id),
    PRIMARY KEY (value, band, document_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX likeness_document ON likeness (document_id);
