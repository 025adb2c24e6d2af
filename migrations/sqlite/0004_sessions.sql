-- Refresh families, sign-ins, dossiers and security events.

ALTER TABLE accounts ADD COLUMN last_sign_in_at INTEGER;
-- Failures since the last success.
ALTER TABLE accounts ADD COLUMN failed_sign_ins INTEGER NOT NULL DEFAULT 0 CHECK (failed_sign_ins >= 0);
ALTER TABLE accounts ADD COLUMN last_failed_sign_in_at INTEGER;

-- A check cannot be changed: both tables are made anew, with one purpose more, and codes with a column more.
CREATE TABLE new_codes (
    id               BLOB    NOT NULL CHECK (length(id) = 16),
    account_id       BLOB    NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    purpose          TEXT    NOT NULL
        CHECK (purpose IN ('password-reset', 'password-reset-link', 'password-reset-token', 'email-verification')),
    digest           BLOB    NOT NULL CHECK (length(digest) = 32),
    tries_left       INTEGER NOT NULL CHECK (tries_left >= 0),
    expires_at       INTEGER NOT NULL,
    -- The hash of a password that becomes the account's only when the code is used.
    waiting_password TEXT,
    CONSTRAINT codes_pkey PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;

INSERT INTO new_codes (id, account_id, purpose, digest, tries_left, expires_at)
SELECT id, account_id, purpose, digest, tries_left, expires_at FROM codes;
DROP TABLE codes;
ALTER TABLE new_codes RENAME TO codes;

CREATE UNIQUE INDEX codes_account_id_purpose_key ON codes (account_id, purpose);
-- A code with which a password waits is never purged, so it need not be looked at each time.
CREATE INDEX codes_expires_at_idx ON codes (expires_at) WHERE waiting_password IS NULL;

CREATE TABLE new_tokens (
    digest           BLOB    NOT NULL CHECK (length(digest) = 32),
    account_id       BLOB    NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    purpose          TEXT    NOT NULL
        CHECK (purpose IN ('password-reset', 'password-reset-link', 'password-reset-token', 'email-verification')),
    expires_at       INTEGER NOT NULL,
    -- The hash of a password that becomes the account's only when the token is used.
    waiting_password TEXT,
    CONSTRAINT tokens_pkey PRIMARY KEY (digest)
) STRICT, WITHOUT ROWID;

INSERT INTO new_tokens (digest, account_id, purpose, expires_at, waiting_password)
SELECT digest, account_id, purpose, expires_at, waiting_password FROM tokens;
DROP TABLE tokens;
ALTER TABLE new_tokens RENAME TO tokens;

CREATE INDEX tokens_account_id_purpose_idx ON tokens (account_id, purpose);
CREATE INDEX tokens_expires_at_idx ON tokens (expires_at);

-- Families of refresh tokens: one of a sign-in on a client; no token is stored.
CREATE TABLE refresh_families (
    id           BLOB    NOT NULL CHECK (length(id) = 16),
    account_id   BLOB    NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    subject      BLOB    NOT NULL CHECK (length(subject) = 16),
    counter      INTEGER NOT NULL CHECK (counter >= 0),
    -- The use that the current token is the answer to, and the digest of the client's key for it; none for the first.
    last_used_at INTEGER,
    last_use_key BLOB    CHECK (length(last_use_key) = 32),
    began_at     INTEGER NOT NULL,
    CONSTRAINT refresh_families_pkey PRIMARY KEY (id),
    CONSTRAINT refresh_families_last_use_check CHECK (last_use_key IS NULL OR last_used_at IS NOT NULL)
) STRICT, WITHOUT ROWID;

-- Of columns that no use of a token changes: it is what is written most, and should touch no index.
CREATE INDEX refresh_families_account_id_idx ON refresh_families (account_id);
CREATE INDEX refresh_families_began_at_idx ON refresh_families (began_at);

-- What an account's owner tells beside a name; at most one of an account.
CREATE TABLE dossiers (
    account_id    BLOB NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    birth         INTEGER,
    profession    TEXT,
    photo         TEXT,
    -- The number as it was given, and what is compared of it.
    phone         TEXT,
    phone_key     TEXT,
    street        TEXT,
    city          TEXT,
    zip           TEXT,
    area          TEXT,
    country       TEXT,
    id_kind       TEXT,
    id_expires_at INTEGER,
    id_document   TEXT,
    review_status TEXT NOT NULL CHECK (review_status IN ('none', 'pending', 'approved', 'rejected')),
    reviewed_at   INTEGER,
    updated_at    INTEGER,
    CONSTRAINT dossiers_pkey PRIMARY KEY (account_id),
    CONSTRAINT dossiers_phone_check CHECK ((phone IS NULL) = (phone_key IS NULL))
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX dossiers_phone_key_key ON dossiers (phone_key);

-- What happened to accounts. The events stay when their account goes, so they do not refer to it.
CREATE TABLE security_events (
    id         BLOB    NOT NULL CHECK (length(id) = 16),
    kind       TEXT    NOT NULL CHECK (kind IN ('sign-in', 'sign-in-failed', 'refresh-reuse', 'password-change',
                                                'role-change', 'block', 'unblock', 'deletion')),
    account_id BLOB,
    actor      TEXT    NOT NULL CHECK (actor IN ('anyone', 'account', 'operator')),
    actor_id   BLOB,
    source     TEXT,
    request_id TEXT,
    at         INTEGER NOT NULL,
    CONSTRAINT security_events_pkey PRIMARY KEY (id),
    CONSTRAINT security_events_actor_id_check CHECK ((actor = 'account') = (actor_id IS NOT NULL)),
    CONSTRAINT security_events_origin_check CHECK ((source IS NULL) = (request_id IS NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX security_events_account_id_idx ON security_events (account_id, id);
CREATE INDEX security_events_at_idx ON security_events (at);
