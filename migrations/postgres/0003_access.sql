-- Who may act: people and services, their tokens, what each was granted; and the answers that
-- are given again when a program repeats a request.

CREATE TABLE person (
    id          UUID PRIMARY KEY,
    login       TEXT NOT NULL UNIQUE,
    name        TEXT NOT NULL,
    kind        TEXT NOT NULL CHECK (kind IN ('person', 'service')),
    created_at  TIMESTAMPTZ NOT NULL,
    disabled_at TIMESTAMPTZ
);

-- Of a token only the SHA-256 of its 32 random bytes is kept, and its first letters, by which
-- people tell one from another.
CREATE TABLE api_token (
    id           UUID PRIMARY KEY,
    owner_id     UUID NOT NULL REFERENCES person (id),
    name         TEXT NOT NULL,
    hint         TEXT NOT NULL,
    hash         BYTEA NOT NULL UNIQUE,
    created_at   TIMESTAMPTZ NOT NULL,
    created_by   UUID NOT NULL,
    expires_at   TIMESTAMPTZ,
    revoked_at   TIMESTAMPTZ,
    -- To the hour: a write per request would cost more than the request.
    last_used_at TIMESTAMPTZ
);
CREATE INDEX api_token_owner ON api_token (owner_id, id);

-- What a person or a token was granted. A token can do no more than its owner, whatever
-- stands here.
CREATE TABLE role_grant (
    holder_id UUID NOT NULL,
    role      TEXT NOT NULL,
    scope     TEXT NOT NULL CHECK (scope IN ('hub', 'authority', 'site')),
    -- Of the authority or the site; all zeros for the hub.
    scope_id  UUID NOT NULL,
    PRIMARY KEY (holder_id, role, scope, scope_id)
);

-- Written in the transaction of the change it answers for. Empty while that is under way.
CREATE TABLE idempotency (
    actor_id UUID NOT NULL,
    key      TEXT NOT NULL,
    -- Which of the changes of one request.
    field    TEXT NOT NULL,
    request  BYTEA NOT NULL,
    answer   JSONB,
    at       TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (actor_id, key, field)
);
CREATE INDEX idempotency_at ON idempotency (at);

-- What an editor sees first: what was changed last.
CREATE INDEX document_changed ON document (changed_at, id);
