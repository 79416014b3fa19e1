-- Where what is found is listed, in rows as narrow as they can be and in the order in which the
-- index gives its hits: a search asks it of every hit. Derived of `listing` and `search_entry`,
-- and kept by triggers, so that whatever writes those two writes this.

-- A scope and a language, by a number that is short in a key.
CREATE TABLE search_shelf (
    id       INTEGER PRIMARY KEY,
    scope_id BLOB NOT NULL,
    locale   TEXT NOT NULL,
    UNIQUE (scope_id, locale)
) STRICT;

-- One row per entry and scope it is listed in.
CREATE TABLE search_place (
    shelf   INTEGER NOT NULL,
    number  INTEGER NOT NULL,
    type    TEXT NOT NULL,
    sort_at INTEGER NOT NULL,
    PRIMARY KEY (shelf, number)
) STRICT, WITHOUT ROWID;

INSERT INTO search_shelf (scope_id, locale) SELECT DISTINCT scope_id, locale FROM listing;

CREATE TRIGGER listing_comes AFTER INSERT ON listing
BEGIN
    INSERT INTO search_shelf (scope_id, locale) SELECT NEW.scope_id, NEW.locale
        WHERE NOT EXISTS (SELECT 1 FROM search_shelf WHERE scope_id = NEW.scope_id AND locale = NEW.locale);
    INSERT INTO search_place (shelf, number, type, sort_at)
        SELECT h.id, e.number, NEW.type, NEW.sort_at FROM search_entry e CROSS JOIN search_shelf h
        WHERE e.document_id = NEW.document_id AND h.scope_id = NEW.scope_id AND h.locale = NEW.locale;
END;
CREATE TRIGGER listing_leaves AFTER DELETE ON listing
BEGIN
    DELETE FROM search_place
        WHERE shelf = (SELECT id FROM search_shelf WHERE scope_id = OLD.scope_id AND locale = OLD.locale)
        AND number = (SELECT number FROM search_entry WHERE document_id = OLD.document_id);
END;
CREATE TRIGGER search_entry_comes AFTER INSERT ON search_entry
BEGIN
    INSERT INTO search_place (shelf, number, type, sort_at)
        SELECT h.id, NEW.number, l.type, l.sort_at FROM listing l CROSS JOIN search_shelf h
        WHERE l.document_id = NEW.document_id AND h.scope_id = l.scope_id AND h.locale = l.locale;
END;
-- Tokens go with their entry, and so do its places.
DROP TRIGGER search_entry_leaves;
CREATE TRIGGER search_entry_leaves AFTER DELETE ON search_entry
BEGIN
    DELETE FROM search_text WHERE rowid = OLD.number;
    DELETE FROM search_place WHERE number = OLD.number AND shelf IN (
        SELECT h.id FROM listing l CROSS JOIN search_shelf h
        WHERE l.document_id = OLD.document_id AND h.scope_id = l.scope_id AND h.locale = l.locale
    );
END;

-- Words of titles are tokens of the index from now on: the entry of every live document is written
-- anew, and so are its places.
INSERT INTO search_pending (document_id) SELECT id FROM document WHERE visibility = 'live'
    ON CONFLICT DO NOTHING;
