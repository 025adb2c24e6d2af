-- Accounts and what belongs to them, throttles, and mail.
--
-- Times are whole microseconds since 1970-01-01 UTC; ids are the 16 bytes of a version-8 UUID, ascending by
-- creation. Texts are compared byte by byte: what is equal the domain has decided.

CREATE TABLE accounts (
    id                BLOB    NOT NULL CHECK (length(id) = 16),
    email             TEXT    NOT NULL,
    username          TEXT,
    -- The name as one text, if it was given so; the parts are there in either case, as far as they are known.
    full_name         TEXT,
    first_name        TEXT,
    last_name         TEXT,
    role              TEXT    NOT NULL CHECK (role IN ('user', 'admin', 'root')),
    status            TEXT    NOT NULL CHECK (status IN ('active', 'pending', 'disabled')),
    permissions       INTEGER NOT NULL,
    mailbox_proven_at INTEGER,
    subject           BLOB    NOT NULL CHECK (length(subject) = 16),
    password_hash     TEXT,
    google_user_id    TEXT,
    google_picture    TEXT,
    facebook_user_id  TEXT,
    facebook_picture  TEXT,
    apple_user_id     TEXT,
    apple_picture     TEXT,
    created_at        INTEGER NOT NULL,
    updated_at        INTEGER NOT NULL,
    CONSTRAINT accounts_pkey PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX accounts_email_key ON accounts (email);
CREATE UNIQUE INDEX accounts_username_key ON accounts (username);
CREATE UNIQUE INDEX accounts_google_user_id_key ON accounts (google_user_id) WHERE google_user_id IS NOT NULL;
CREATE UNIQUE INDEX accounts_facebook_user_id_key ON accounts (facebook_user_id) WHERE facebook_user_id IS NOT NULL;
CREATE UNIQUE INDEX accounts_apple_user_id_key ON accounts (apple_user_id) WHERE apple_user_id IS NOT NULL;

CREATE INDEX accounts_active_root_idx ON accounts (id) WHERE role = 'root' AND status = 'active';

-- What accounts are sorted by, in either direction; the id decides between equals, upwards in both, which no index gives
-- when it is read backwards. The address is unique and needs no other index. The statements name these indexes.
CREATE INDEX accounts_username_idx ON accounts (username, id);
CREATE INDEX accounts_username_desc_idx ON accounts (username DESC, id);
CREATE INDEX accounts_first_name_idx ON accounts (first_name, id);
CREATE INDEX accounts_first_name_desc_idx ON accounts (first_name DESC, id);
CREATE INDEX accounts_last_name_idx ON accounts (last_name, id);
CREATE INDEX accounts_last_name_desc_idx ON accounts (last_name DESC, id);
CREATE INDEX accounts_status_idx ON accounts (status, id);
CREATE INDEX accounts_status_desc_idx ON accounts (status DESC, id);
CREATE INDEX accounts_role_idx ON accounts (role, id, permissions);
CREATE INDEX accounts_role_desc_idx ON accounts (role DESC, id);
CREATE INDEX accounts_created_at_idx ON accounts (created_at, id);
CREATE INDEX accounts_created_at_desc_idx ON accounts (created_at DESC, id);
CREATE INDEX accounts_updated_at_idx ON accounts (updated_at, id);
CREATE INDEX accounts_updated_at_desc_idx ON accounts (updated_at DESC, id);

-- What accounts are searched for beside that: whether the mailbox is proven, and who may more than everybody.
-- The last columns spare a look at the row.
CREATE INDEX accounts_proven_idx ON accounts (status, id, mailbox_proven_at) WHERE mailbox_proven_at IS NOT NULL;
CREATE INDEX accounts_unproven_idx ON accounts (status, id, mailbox_proven_at) WHERE mailbox_proven_at IS NULL;
CREATE INDEX accounts_privileged_idx ON accounts (id, role, permissions) WHERE role <> 'user' OR permissions <> 32;

-- Mailed one-time codes: at most one of an account and purpose.
CREATE TABLE codes (
    id         BLOB    NOT NULL CHECK (length(id) = 16),
    account_id BLOB    NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    purpose    TEXT    NOT NULL
        CHECK (purpose IN ('password-reset', 'password-reset-link', 'email-verification')),
    digest     BLOB    NOT NULL CHECK (length(digest) = 32),
    tries_left INTEGER NOT NULL CHECK (tries_left >= 0),
    expires_at INTEGER NOT NULL,
    CONSTRAINT codes_pkey PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX codes_account_id_purpose_key ON codes (account_id, purpose);
CREATE INDEX codes_expires_at_idx ON codes (expires_at);

-- One-time tokens, known by their digest.
CREATE TABLE tokens (
    digest           BLOB    NOT NULL CHECK (length(digest) = 32),
    account_id       BLOB    NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    purpose          TEXT    NOT NULL
        CHECK (purpose IN ('password-reset', 'password-reset-link', 'email-verification')),
    expires_at       INTEGER NOT NULL,
    -- The hash of a password that becomes the account's only when the token is used.
    waiting_password TEXT,
    CONSTRAINT tokens_pkey PRIMARY KEY (digest)
) STRICT, WITHOUT ROWID;

CREATE INDEX tokens_account_id_purpose_idx ON tokens (account_id, purpose);
CREATE INDEX tokens_expires_at_idx ON tokens (expires_at);

-- How often something was done under a key within its window.
CREATE TABLE throttles (
    key            TEXT    NOT NULL,
    count          INTEGER NOT NULL CHECK (count >= 1),
    window_ends_at INTEGER NOT NULL,
    blocked_until  INTEGER NOT NULL,
    CONSTRAINT throttles_pkey PRIMARY KEY (key)
) STRICT, WITHOUT ROWID;

CREATE INDEX throttles_window_ends_at_idx ON throttles (window_ends_at);

-- The networks from which an account signed in before.
CREATE TABLE known_sources (
    account_id   BLOB    NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    source       TEXT    NOT NULL,
    last_used_at INTEGER NOT NULL,
    CONSTRAINT known_sources_pkey PRIMARY KEY (account_id, source)
) STRICT, WITHOUT ROWID;

CREATE INDEX known_sources_last_used_at_idx ON known_sources (last_used_at);

-- Mail that waits for delivery, and mail that was given up: a dead letter keeps its reason, not its content.
-- The large column comes last, so that looking at the others does not touch it.
CREATE TABLE outbox (
    id           BLOB    NOT NULL CHECK (length(id) = 16),
    recipient    TEXT    NOT NULL,
    attempts     INTEGER NOT NULL CHECK (attempts >= 0),
    created_at   INTEGER NOT NULL,
    due_at       INTEGER NOT NULL,
    -- Set while a worker delivers it; a worker that does not come back loses it at this time.
    leased_until INTEGER,
    expires_at   INTEGER NOT NULL,
    dead_at      INTEGER,
    last_error   TEXT,
    content      BLOB    NOT NULL,
    CONSTRAINT outbox_pkey PRIMARY KEY (id)
) STRICT;

CREATE INDEX outbox_due_at_idx ON outbox (due_at, id) WHERE dead_at IS NULL;
CREATE INDEX outbox_expires_at_idx ON outbox (expires_at) WHERE dead_at IS NULL;
CREATE INDEX outbox_created_at_idx ON outbox (created_at) WHERE dead_at IS NULL;
CREATE INDEX outbox_dead_at_idx ON outbox (dead_at) WHERE dead_at IS NOT NULL;

-- The local mailbox, which takes the mail where no mail server is configured.
CREATE TABLE mailbox (
    id          BLOB    NOT NULL CHECK (length(id) = 16),
    sender      TEXT    NOT NULL,
    recipient   TEXT    NOT NULL,
    received_at INTEGER NOT NULL,
    subject     TEXT    NOT NULL,
    text        TEXT    NOT NULL,
    html        TEXT    NOT NULL,
    CONSTRAINT mailbox_pkey PRIMARY KEY (id)
) STRICT;

CREATE INDEX mailbox_received_at_idx ON mailbox (received_at, id);
CREATE INDEX mailbox_recipient_idx ON mailbox (recipient, received_at, id);
