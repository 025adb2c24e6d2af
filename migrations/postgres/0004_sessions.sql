-- Refresh families, sign-ins, dossiers and security events.

ALTER TABLE accounts
    ADD COLUMN last_sign_in_at        timestamptz,
    -- Failures since the last success.
    ADD COLUMN failed_sign_ins        integer NOT NULL DEFAULT 0 CHECK (failed_sign_ins >= 0),
    ADD COLUMN last_failed_sign_in_at timestamptz;

-- The hash of a password that becomes the account's only when the code is used.
ALTER TABLE codes ADD COLUMN waiting_password text;

-- A code with which a password waits is never purged, so it need not be looked at each time.
DROP INDEX codes_expires_at_idx;
CREATE INDEX codes_expires_at_idx ON codes (expires_at) WHERE waiting_password IS NULL;

ALTER TABLE codes
    DROP CONSTRAINT codes_purpose_check,
    ADD CONSTRAINT codes_purpose_check
        CHECK (purpose IN ('password-reset', 'password-reset-link', 'password-reset-token', 'email-verification'));

ALTER TABLE tokens
    DROP CONSTRAINT tokens_purpose_check,
    ADD CONSTRAINT tokens_purpose_check
        CHECK (purpose IN ('password-reset', 'password-reset-link', 'password-reset-token', 'email-verification'));

-- Families of refresh tokens: one of a sign-in on a client; no token is stored.
CREATE TABLE refresh_families (
    id           uuid        NOT NULL,
    account_id   uuid        NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    subject      bytea       NOT NULL CHECK (octet_length(subject) = 16),
    counter      integer     NOT NULL CHECK (counter >= 0),
    -- The use that the current token is the answer to, and the digest of the client's key for it; none for the first.
    last_used_at timestamptz,
    last_use_key bytea       CHECK (octet_length(last_use_key) = 32),
    began_at     timestamptz NOT NULL,
    CONSTRAINT refresh_families_pkey PRIMARY KEY (id),
    CONSTRAINT refresh_families_last_use_check CHECK (last_use_key IS NULL OR last_used_at IS NOT NULL)
);

-- Of columns that no use of a token changes: it is what is written most, and should touch no index.
CREATE INDEX refresh_families_account_id_idx ON refresh_families (account_id);
CREATE INDEX refresh_families_began_at_idx ON refresh_families (began_at);

-- What an account's owner tells beside a name; at most one of an account.
CREATE TABLE dossiers (
    account_id     uuid             NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    birth          timestamptz,
    profession     text,
    photo          text,
    -- The number as it was given, and what is compared of it.
    phone          text,
    phone_key      text COLLATE "C",
    street         text,
    city           text,
    zip            text,
    area           text,
    country        text,
    id_kind        text,
    id_expires_at  timestamptz,
    id_document    text,
    review_status  text             NOT NULL CHECK (review_status IN ('none', 'pending', 'approved', 'rejected')),
    reviewed_at    timestamptz,
    updated_at     timestamptz,
    CONSTRAINT dossiers_pkey PRIMARY KEY (account_id),
    CONSTRAINT dossiers_phone_key_key UNIQUE (phone_key),
    CONSTRAINT dossiers_phone_check CHECK ((phone IS NULL) = (phone_key IS NULL))
);

-- What happened to accounts. The events stay when their account goes, so they do not refer to it.
CREATE TABLE security_events (
    id         uuid        NOT NULL,
    kind       text        NOT NULL CHECK (kind IN ('sign-in', 'sign-in-failed', 'refresh-reuse', 'password-change',
                                                    'role-change', 'block', 'unblock', 'deletion')),
    account_id uuid,
    actor      text        NOT NULL CHECK (actor IN ('anyone', 'account', 'operator')),
    actor_id   uuid,
    source     text,
    request_id text,
    at         timestamptz NOT NULL,
    CONSTRAINT security_events_pkey PRIMARY KEY (id),
    CONSTRAINT security_events_actor_id_check CHECK ((actor = 'account') = (actor_id IS NOT NULL)),
    CONSTRAINT security_events_origin_check CHECK ((source IS NULL) = (request_id IS NULL))
);

CREATE INDEX security_events_account_id_idx ON security_events (account_id, id);
CREATE INDEX security_events_at_idx ON security_events (at);
