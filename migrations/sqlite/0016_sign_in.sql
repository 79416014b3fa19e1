-- How people sign in: passwords, second factors, sessions, and failures that keep somebody waiting.

CREATE TABLE password (
    person_id BLOB PRIMARY KEY REFERENCES person (id),
    -- Argon2id, in the form of the Password Hashing Competition.
    hash      TEXT NOT NULL,
    set_at    INTEGER NOT NULL,
    -- Set by somebody else: to be changed before anything else is done.
    temporary INTEGER NOT NULL CHECK (temporary IN (0, 1))
) STRICT, WITHOUT ROWID;

-- Those before, of which the last few are not taken again.
CREATE TABLE earlier_password (
    person_id BLOB NOT NULL REFERENCES person (id),
    set_at    INTEGER NOT NULL,
    hash      TEXT NOT NULL,
    PRIMARY KEY (person_id, set_at)
) STRICT, WITHOUT ROWID;

-- A secret shared with an authenticator (RFC 6238), sealed under the master key.
CREATE TABLE second_factor (
    person_id    BLOB PRIMARY KEY REFERENCES person (id),
    sealed       BLOB NOT NULL,
    made_at      INTEGER NOT NULL,
    -- When a first code showed that the authenticator has it; until then it counts for nothing.
    confirmed_at INTEGER,
    -- The step of the last code that was taken: no code is taken twice.
    last_step    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Each lets its person in once without the authenticator. SHA-256 of 80 random bits.
CREATE TABLE recovery_code (
    person_id BLOB NOT NULL REFERENCES person (id),
    hash      BLOB NOT NULL,
    used_at   INTEGER,
    PRIMARY KEY (person_id, hash)
) STRICT, WITHOUT ROWID;

-- Of a session, as of a token, only the SHA-256 of its secret is kept. It gets a new secret
-- whenever it comes to mean more.
CREATE TABLE sign_in_session (
    id                   BLOB PRIMARY KEY,
    person_id            BLOB NOT NULL REFERENCES person (id),
    hash                 BLOB NOT NULL UNIQUE,
    began_at             INTEGER NOT NULL,
    -- To the minute: a write per request would cost more than the request.
    seen_at              INTEGER NOT NULL,
    showed_second_factor INTEGER NOT NULL CHECK (showed_second_factor IN (0, 1)),
    address              TEXT,
    agent                TEXT,
    ended_at             INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX sign_in_session_person ON sign_in_session (person_id, id);
CREATE INDEX sign_in_session_seen ON sign_in_session (seen_at);

-- By the SHA-256 of the account name that was tried, whether there is such an account or not: so
-- what is answered says nothing about which accounts there are.
CREATE TABLE sign_in_failure (
    login    BLOB PRIMARY KEY,
    failures INTEGER NOT NULL,
    last_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sign_in_failure_last ON sign_in_failure (last_at);
