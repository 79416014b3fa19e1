-- What reading asks of the lists beyond the spine: lists in every language at once, and the
-- values of one document, by which further conditions of a query are tried.

CREATE INDEX listing_any ON listing (scope_id, sort_at, document_id);
CREATE INDEX listing_any_type ON listing (scope_id, type, sort_at, document_id);

DROP INDEX field_value_document;
CREATE INDEX field_value_document ON field_value (document_id, scope_id, field, key);
