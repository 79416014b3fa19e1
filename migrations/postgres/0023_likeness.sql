-- Sketches of live texts (schema/src/likeness.rs): what is nearly the same shares a number in one of
-- the bands. Derived: `gongbao reindex` makes it anew.
CREATE TABLE likeness (
    value       BIGINT NOT NULL,
    band        BIGINT NOT NULL,
    document_id UUID NOT NULL REFERENCES document (id),
    PRIMARY KEY (value, band, document_id)
);
CREATE INDEX likeness_document ON likeness (document_id);
