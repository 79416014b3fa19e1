-- Notices: what every page of a site, and of the sites below it, tells for a time.

CREATE TABLE site_notice (
    id          BLOB PRIMARY KEY,
    site_id     BLOB NOT NULL REFERENCES site (id),
    particulars TEXT NOT NULL,
    starts_at   INTEGER NOT NULL,
    ends_at     INTEGER CHECK (ends_at > starts_at),
    -- When somebody ended it before its time.
    ended_at    INTEGER,
    -- The earlier of the two, the end of time where there is neither: what is looked for by.
    over_at     INTEGER NOT NULL,
    version     INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    created_by  BLOB NOT NULL,
    changed_at  INTEGER NOT NULL,
    changed_by  BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX site_notice_open ON site_notice (site_id, over_at);
CREATE INDEX site_notice_newest ON site_notice (site_id, starts_at, id);
