-- How people sign in: passwords, second factors, sessions, and failures that keep somebody waiting.

CREATE TABLE password (
    person_id UUID PRIMARY KEY REFERENCES person (id),
    -- Argon2id, in the form of the Password Hashing Competition.
    hash      TEXT NOT NULL,
    set_at    TIMESTAMPTZ NOT NULL,
    -- Set by somebody else: to be changed before anything else is done.
    temporary BOOLEAN NOT NULL
);

-- Those before, of which the last few are not taken again.
CREATE TABLE earlier_password (
    person_id UUID NOT NULL REFERENCES person (id),
    set_at    TIMESTAMPTZ NOT NULL,
    hash      TEXT NOT NULL,
    PRIMARY KEY (person_id, set_at)
);

-- A secret shared with an authenticator (RFC 6238), sealed under the master key.
CREATE TABLE second_factor (
    person_id    UUID PRIMARY KEY REFERENCES person (id),
    sealed       BYTEA NOT NULL,
    made_at      TIMESTAMPTZ NOT NULL,
    -- When a first code showed that the authenticator has it; until then it counts for nothing.
    confirmed_at TIMESTAMPTZ,
    -- The step of the last code that was taken: no code is taken twice.
    last_step    BIGINT NOT NULL
);

-- Each lets its person in once without the authenticator. SHA-256 of 80 random bits.
CREATE TABLE recovery_code (
    person_id UUID NOT NULL REFERENCES person (id),
    hash      BYTEA NOT NULL,
    used_at   TIMESTAMPTZ,
    PRIMARY KEY (person_id, hash)
);

-- Of a session, as of a token, only the SHA-256 of its secret is kept. It gets a new secret
-- whenever it comes to mean more.
CREATE TABLE sign_in_session (
    id                   UUID PRIMARY KEY,
    person_id            UUID NOT NULL REFERENCES person (id),
    hash                 BYTEA NOT NULL UNIQUE,
    began_at             TIMESTAMPTZ NOT NULL,
    -- To the minute: a write per request would cost more than the request.
    seen_at              TIMESTAMPTZ NOT NULL,
    showed_second_factor BOOLEAN NOT NULL,
    address              TEXT,
    agent                TEXT,
    ended_at             TIMESTAMPTZ
);
CREATE INDEX sign_in_session_person ON sign_in_session (person_id, id);
CREATE INDEX sign_in_session_seen ON sign_in_session (seen_at);

-- By the SHA-256 of the account name that was tried, whether there is such an account or not: so
-- what is answered says nothing about which accounts there are.
CREATE TABLE sign_in_failure (
    login    BYTEA PRIMARY KEY,
    failures BIGINT NOT NULL,
    last_at  TIMESTAMPTZ NOT NULL
);
CREATE INDEX sign_in_failure_last ON sign_in_failure (last_at);
