-- Notices: what every page of a site, and of the sites below it, tells for a time.

CREATE TABLE site_notice (
    id          UUID PRIMARY KEY,
    site_id     UUID NOT NULL REFERENCES site (id),
    particulars JSONB NOT NULL,
    starts_at   TIMESTAMPTZ NOT NULL,
    ends_at     TIMESTAMPTZ CHECK (ends_at > starts_at),
    -- When somebody ended it before its time.
    ended_at    TIMESTAMPTZ,
    -- The earlier of the two, the end of time where there is neither: what is looked for by.
    over_at     TIMESTAMPTZ NOT NULL,
    version     BIGINT NOT NULL,
    created_at  TIMESTAMPTZ NOT NULL,
    created_by  UUID NOT NULL,
    changed_at  TIMESTAMPTZ NOT NULL,
    changed_by  UUID NOT NULL
);
CREATE INDEX site_notice_open ON site_notice (site_id, over_at);
CREATE INDEX site_notice_newest ON site_notice (site_id, starts_at, id);
