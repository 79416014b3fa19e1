-- What was withdrawn, removed or recalled last, for the tombstones of feeds, without reading
-- the whole log for it.

CREATE INDEX publication_log_departure ON publication_log (at, sequence)
    WHERE kind IN ('withdraw', 'remove', 'recall');
