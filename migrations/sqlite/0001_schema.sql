-- Accounts and what belongs to them, conversations, profiles and their places, throttles, mail, security events and the
-- fingerprint of the secret.
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
    -- That of the present address.
    mailbox_proven_at INTEGER,
    -- That of any address.
    first_proven_at   INTEGER,
    epoch             BLOB    NOT NULL CHECK (length(epoch) = 16),
    password_hash     TEXT,
    -- Whether the owner is to choose another password before anything else.
    password_change_due INTEGER NOT NULL DEFAULT FALSE CHECK (password_change_due IN (FALSE, TRUE)),
    google_user_id    TEXT,
    google_picture    TEXT,
    facebook_user_id  TEXT,
    facebook_picture  TEXT,
    apple_user_id     TEXT,
    apple_picture     TEXT,
    created_at        INTEGER NOT NULL,
    updated_at        INTEGER NOT NULL,
    last_sign_in_at   INTEGER,
    -- Failures since the last success.
    failed_sign_ins   INTEGER NOT NULL DEFAULT 0 CHECK (failed_sign_ins >= 0),
    last_failed_sign_in_at INTEGER,
    -- An active account whose mailbox is not proven counts as pending, where mailboxes must be proven.
    standing          TEXT GENERATED ALWAYS AS
        (CASE WHEN status = 'active' AND mailbox_proven_at IS NULL THEN 'pending' ELSE status END) VIRTUAL,
    CONSTRAINT accounts_proven_check CHECK (mailbox_proven_at IS NULL OR first_proven_at IS NOT NULL),
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
CREATE INDEX accounts_standing_idx ON accounts (standing, id);
CREATE INDEX accounts_standing_desc_idx ON accounts (standing DESC, id);
CREATE INDEX accounts_role_idx ON accounts (role, id, permissions);
CREATE INDEX accounts_role_desc_idx ON accounts (role DESC, id);
CREATE INDEX accounts_created_at_idx ON accounts (created_at, id);
CREATE INDEX accounts_created_at_desc_idx ON accounts (created_at DESC, id);
CREATE INDEX accounts_updated_at_idx ON accounts (updated_at, id);
CREATE INDEX accounts_updated_at_desc_idx ON accounts (updated_at DESC, id);

-- Who may more than everybody. The last columns spare a look at the row.
CREATE INDEX accounts_privileged_idx ON accounts (id, role, permissions) WHERE role <> 'user' OR permissions <> 32;

-- Sign-ups that wait for their first proof.
CREATE INDEX accounts_provisional_idx ON accounts (updated_at) WHERE status = 'pending' AND first_proven_at IS NULL;

-- Finds the accounts whose password hash is dearer than those that the server makes: `$2b$12$…` has its cost at 5.
CREATE INDEX accounts_hash_cost_idx ON accounts (substr(password_hash, 5, 2), id) WHERE password_hash IS NOT NULL;

-- Counting rows takes as long as there are rows; the kinds are few. There is one writer, so nobody waits for a number.
CREATE TABLE account_tally (
    role           TEXT    NOT NULL,
    status         TEXT    NOT NULL,
    mailbox_proven INTEGER NOT NULL,
    permissions    INTEGER NOT NULL,
    accounts       INTEGER NOT NULL CHECK (accounts >= 0),
    CONSTRAINT account_tally_pkey PRIMARY KEY (role, status, mailbox_proven, permissions)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER accounts_tally_inserted AFTER INSERT ON accounts BEGIN
    INSERT INTO account_tally (role, status, mailbox_proven, permissions, accounts)
    VALUES (new.role, new.status, new.mailbox_proven_at IS NOT NULL, new.permissions, 1)
    ON CONFLICT (role, status, mailbox_proven, permissions) DO UPDATE SET accounts = accounts + 1;
END;

CREATE TRIGGER accounts_tally_removed AFTER DELETE ON accounts BEGIN
    UPDATE account_tally SET accounts = accounts - 1
    WHERE role = old.role AND status = old.status AND permissions = old.permissions
        AND mailbox_proven = (old.mailbox_proven_at IS NOT NULL);
END;

-- Every update sets every column: most change nothing that is counted.
CREATE TRIGGER accounts_tally_changed AFTER UPDATE OF role, status, mailbox_proven_at, permissions ON accounts
WHEN (old.role, old.status, old.mailbox_proven_at IS NULL, old.permissions)
    <> (new.role, new.status, new.mailbox_proven_at IS NULL, new.permissions)
BEGIN
    UPDATE account_tally SET accounts = accounts - 1
    WHERE role = old.role AND status = old.status AND permissions = old.permissions
        AND mailbox_proven = (old.mailbox_proven_at IS NOT NULL);
    INSERT INTO account_tally (role, status, mailbox_proven, permissions, accounts)
    VALUES (new.role, new.status, new.mailbox_proven_at IS NOT NULL, new.permissions, 1)
    ON CONFLICT (role, status, mailbox_proven, permissions) DO UPDATE SET accounts = accounts + 1;
END;

-- Mailed one-time codes: at most one of an account and purpose.
CREATE TABLE codes (
    id         BLOB    NOT NULL CHECK (length(id) = 16),
    account_id BLOB    NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    purpose    TEXT    NOT NULL
        CHECK (purpose IN ('password-reset', 'password-reset-link', 'password-reset-token', 'password-reset-of-account',
            'email-verification')),
    digest     BLOB    NOT NULL CHECK (length(digest) = 32),
    tries_left INTEGER NOT NULL CHECK (tries_left >= 0),
    expires_at INTEGER NOT NULL,
    -- The hash of a password that becomes the account's only when the code is used.
    waiting_password TEXT,
    CONSTRAINT codes_pkey PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX codes_account_id_purpose_key ON codes (account_id, purpose);
CREATE INDEX codes_expires_at_idx ON codes (expires_at);

-- One-time tokens, known by their digest.
CREATE TABLE tokens (
    digest           BLOB    NOT NULL CHECK (length(digest) = 32),
    account_id       BLOB    NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    purpose          TEXT    NOT NULL
        CHECK (purpose IN ('password-reset', 'password-reset-link', 'password-reset-token', 'password-reset-of-account',
            'email-verification')),
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
    -- None where no wait is imposed.
    blocked_until  INTEGER,
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
CREATE INDEX outbox_created_at_idx ON outbox (created_at, id) WHERE dead_at IS NULL;
CREATE INDEX outbox_dead_at_idx ON outbox (dead_at, id) WHERE dead_at IS NOT NULL;

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

-- Sessions: what a client begins and its refresh tokens go on with; no token is stored. An anonymous session has neither
-- an account nor an epoch.
CREATE TABLE sessions (
    id           BLOB    NOT NULL CHECK (length(id) = 16),
    account_id   BLOB    REFERENCES accounts (id) ON DELETE CASCADE,
    epoch        BLOB    CHECK (length(epoch) = 16),
    counter      INTEGER NOT NULL CHECK (counter >= 0),
    -- The use that the current token is the answer to, and the digest of the client's key for it; none for the first.
    last_used_at INTEGER,
    last_use_key BLOB    CHECK (length(last_use_key) = 32),
    began_at     INTEGER NOT NULL,
    CONSTRAINT sessions_pkey PRIMARY KEY (id),
    CONSTRAINT sessions_owner_check CHECK ((account_id IS NULL) = (epoch IS NULL)),
    CONSTRAINT sessions_last_use_check CHECK (last_use_key IS NULL OR last_used_at IS NOT NULL)
) STRICT, WITHOUT ROWID;

-- Of columns that no use of a token changes: it is what is written most, and should touch no index.
CREATE INDEX sessions_account_id_idx ON sessions (account_id);
CREATE INDEX sessions_began_at_idx ON sessions (began_at);
CREATE INDEX sessions_anonymous_idx ON sessions (began_at) WHERE account_id IS NULL;

-- What an account's owner tells beside a name; at most one of an account.
CREATE TABLE dossiers (
    account_id    BLOB NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    -- What its fields hold, as one JSON object: a text for each, the microseconds since 1970-01-01 UTC for a day, and an
    -- object for a stored document.
    fields        TEXT NOT NULL,
    -- What is compared of the telephone number.
    phone_key     TEXT,
    review_state  TEXT NOT NULL
        CHECK (review_state IN ('draft', 'submitted', 'in-review', 'accepted', 'rejected', 'resubmitted')),
    -- The order of the queue.
    submitted_at  INTEGER,
    -- The reviewer who has it, and until when.
    held_by       BLOB,
    held_until    INTEGER,
    -- The reviewer whose acceptance needs a second one.
    first_accepted_by BLOB,
    decided_at    INTEGER,
    -- The rest of the review, as one JSON object: the round, the verdicts by field, the message to the owner.
    review        TEXT NOT NULL,
    updated_at    INTEGER,
    -- The key of the documents, sealed under the server secret; none before the first upload.
    document_key  BLOB,
    CONSTRAINT dossiers_pkey PRIMARY KEY (account_id),
    CONSTRAINT dossiers_submitted_at_check CHECK ((submitted_at IS NULL) = (review_state = 'draft')),
    CONSTRAINT dossiers_held_by_check CHECK ((held_by IS NOT NULL) = (review_state = 'in-review')),
    CONSTRAINT dossiers_held_until_check CHECK ((held_by IS NULL) = (held_until IS NULL))
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX dossiers_phone_key_key ON dossiers (phone_key);

-- What waits for a decision, what is in a state, and what a reviewer has: each the oldest submission first. The statements
-- say the condition of the first in the same words.
CREATE INDEX dossiers_queue_idx ON dossiers (submitted_at, account_id)
    WHERE review_state IN ('submitted', 'in-review', 'resubmitted');
CREATE INDEX dossiers_review_state_idx ON dossiers (review_state, submitted_at, account_id);
CREATE INDEX dossiers_held_by_idx ON dossiers (held_by, submitted_at, account_id) WHERE held_by IS NOT NULL;

-- The conversation of an account's owner with the staff, from its first message. It has three places, each the number of a
-- message and how many of those up to it the user's side wrote: the last one, and up to where each side has read.
--
-- When the account is removed, the row stays without it until its messages are erased, some at a time and the last ones first.
-- Messages hang on the id, so neither a reader nor a later conversation of the same account meets them.
CREATE TABLE conversations (
    id                 INTEGER NOT NULL,
    account_id         BLOB    REFERENCES accounts (id) ON DELETE SET NULL,
    written_seq        INTEGER NOT NULL CHECK (written_seq >= 1),
    written_by_user    INTEGER NOT NULL CHECK (written_by_user BETWEEN 0 AND written_seq),
    user_read_seq      INTEGER NOT NULL DEFAULT 0 CHECK (user_read_seq BETWEEN 0 AND written_seq),
    user_read_by_user  INTEGER NOT NULL DEFAULT 0 CHECK (user_read_by_user BETWEEN 0 AND user_read_seq),
    staff_read_seq     INTEGER NOT NULL DEFAULT 0 CHECK (staff_read_seq BETWEEN 0 AND written_seq),
    staff_read_by_user INTEGER NOT NULL DEFAULT 0 CHECK (staff_read_by_user BETWEEN 0 AND staff_read_seq),
    CONSTRAINT conversations_pkey PRIMARY KEY (id)
) STRICT;

CREATE UNIQUE INDEX conversations_account_id_key ON conversations (account_id);

-- The messages of a conversation, numbered from 1 without a gap. `by_user` counts those of the user's side up to each, so that
-- no move of a cursor counts messages. An author may be gone. Without a rowid, those of one conversation lie side by side.
CREATE TABLE messages (
    conversation_id INTEGER NOT NULL REFERENCES conversations (id),
    seq             INTEGER NOT NULL CHECK (seq >= 1),
    by_user         INTEGER NOT NULL CHECK (by_user BETWEEN 0 AND seq),
    id              BLOB    NOT NULL CHECK (length(id) = 16),
    side            TEXT    NOT NULL CHECK (side IN ('user', 'staff')),
    author          BLOB    NOT NULL CHECK (length(author) = 16),
    client_id       TEXT,
    display_time    TEXT,
    created_at      INTEGER NOT NULL,
    text            TEXT    NOT NULL,
    CONSTRAINT messages_pkey PRIMARY KEY (conversation_id, seq)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX messages_client_id_key ON messages (conversation_id, side, client_id) WHERE client_id IS NOT NULL;

-- Stories that people hand in and moderators decide about. An author may be gone. The large column comes last, so that
-- searches do not touch it.
CREATE TABLE profiles (
    -- What the sets below know it by. It is never another's while the profile is there.
    slot       INTEGER NOT NULL,
    id         BLOB    NOT NULL CHECK (length(id) = 16),
    ord        INTEGER NOT NULL,
    age        INTEGER CHECK (age BETWEEN 0 AND 150),
    location   TEXT,
    -- The tags of each facet, and the rest of what it tells: a JSON object each.
    tags       TEXT    NOT NULL,
    details    TEXT    NOT NULL,
    state      TEXT    NOT NULL CHECK (state IN ('draft', 'submitted', 'approved', 'rejected')),
    -- The last decision, as a JSON object.
    decision   TEXT,
    author     BLOB    CHECK (length(author) = 16),
    changes    INTEGER NOT NULL CHECK (changes >= 0),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    -- Its thread, as a JSON list.
    messages   TEXT    NOT NULL,
    CONSTRAINT profiles_pkey PRIMARY KEY (slot)
) STRICT;

CREATE UNIQUE INDEX profiles_id_key ON profiles (id);
CREATE INDEX profiles_state_idx ON profiles (state, ord, id);
CREATE INDEX profiles_location_idx ON profiles (location) WHERE location IS NOT NULL;
CREATE INDEX profiles_there_idx ON profiles (location, ord, id) WHERE state = 'approved';
CREATE INDEX profiles_stale_idx ON profiles (created_at, id) WHERE author IS NULL AND state <> 'approved';

-- How many profiles are in each state, for counting takes as long as there are rows.
CREATE TABLE profile_tally (
    state    TEXT    NOT NULL,
    profiles INTEGER NOT NULL CHECK (profiles >= 0),
    CONSTRAINT profile_tally_pkey PRIMARY KEY (state)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER profiles_tally_inserted AFTER INSERT ON profiles BEGIN
    INSERT INTO profile_tally (state, profiles) VALUES (new.state, 1)
    ON CONFLICT (state) DO UPDATE SET profiles = profiles + 1;
END;

CREATE TRIGGER profiles_tally_removed AFTER DELETE ON profiles BEGIN
    UPDATE profile_tally SET profiles = profiles - 1 WHERE state = old.state;
END;

CREATE TRIGGER profiles_tally_changed AFTER UPDATE OF state ON profiles WHEN old.state <> new.state BEGIN
    UPDATE profile_tally SET profiles = profiles - 1 WHERE state = old.state;
    INSERT INTO profile_tally (state, profiles) VALUES (new.state, 1)
    ON CONFLICT (state) DO UPDATE SET profiles = profiles + 1;
END;

-- Approved profiles, as searches look at them: sets of slots and arrays, in chunks of 32,768 slots, so that any combination of
-- tags and ages takes as long as reading a bit of each profile (see crates/adapters/sqlite/src/profiles/sets.rs).
--
-- Those that have a tag: a bit for each slot, or the places of the few in the chunk as numbers of two bytes.
CREATE TABLE profile_tags (
    facet TEXT    NOT NULL,
    tag   TEXT    NOT NULL,
    chunk INTEGER NOT NULL CHECK (chunk >= 0),
    slots BLOB    NOT NULL CHECK (length(slots) BETWEEN 2 AND 4096),
    CONSTRAINT profile_tags_pkey PRIMARY KEY (facet, tag, chunk)
) STRICT;

-- Their ages: a byte for each slot, 255 for none.
CREATE TABLE profile_ages (
    chunk INTEGER NOT NULL CHECK (chunk >= 0),
    ages  BLOB    NOT NULL CHECK (length(ages) = 32768),
    CONSTRAINT profile_ages_pkey PRIMARY KEY (chunk)
) STRICT;

-- Their order: the slots of each stretch of the list, as numbers of four bytes. A stretch begins at an order and an id, and goes
-- on to where the next one begins; the first begins before all.
CREATE TABLE profile_order (
    ord   INTEGER NOT NULL,
    id    BLOB    NOT NULL,
    slots BLOB    NOT NULL CHECK (length(slots) % 4 = 0),
    CONSTRAINT profile_order_pkey PRIMARY KEY (ord, id)
) STRICT;

INSERT INTO profile_order (ord, id, slots) VALUES (-2147483649, x'', x'');

-- What of profiles became another: both values are JSON lists of texts.
CREATE TABLE profile_changes (
    profile_id BLOB    NOT NULL REFERENCES profiles (id) ON DELETE CASCADE,
    number     INTEGER NOT NULL CHECK (number >= 1),
    part       TEXT    NOT NULL,
    message_id BLOB    CHECK (length(message_id) = 16),
    old_value  TEXT    NOT NULL,
    new_value  TEXT    NOT NULL,
    actor      TEXT    NOT NULL CHECK (actor IN ('anyone', 'account', 'operator')),
    actor_id   BLOB    CHECK (length(actor_id) = 16),
    at         INTEGER NOT NULL,
    CONSTRAINT profile_changes_pkey PRIMARY KEY (profile_id, number),
    CONSTRAINT profile_changes_actor_id_check CHECK ((actor = 'account') = (actor_id IS NOT NULL)),
    CONSTRAINT profile_changes_message_id_check
        CHECK ((part IN ('message', 'message-image')) = (message_id IS NOT NULL))
) STRICT, WITHOUT ROWID;

-- What the locations of profiles stand for: what a look-up found, if it found anything, or what was written by hand.
CREATE TABLE places (
    id        BLOB    NOT NULL CHECK (length(id) = 16),
    name      TEXT    NOT NULL,
    formatted TEXT,
    latitude  REAL    CHECK (latitude BETWEEN -90 AND 90),
    longitude REAL    CHECK (longitude BETWEEN -180 AND 180),
    at        INTEGER NOT NULL,
    CONSTRAINT places_pkey PRIMARY KEY (id),
    CONSTRAINT places_found_check
        CHECK ((formatted IS NULL) = (latitude IS NULL) AND (latitude IS NULL) = (longitude IS NULL))
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX places_name_key ON places (name);
CREATE INDEX places_point_idx ON places (latitude, longitude, name) WHERE latitude IS NOT NULL;

-- What happened to accounts. The events stay when their account goes, so they do not refer to it.
CREATE TABLE security_events (
    id         BLOB    NOT NULL CHECK (length(id) = 16),
    kind       TEXT    NOT NULL CHECK (kind IN ('sign-in', 'sign-in-failed', 'refresh-reuse', 'password-change',
                                                'email-change', 'role-change', 'block', 'unblock', 'deletion',
                                                'dossier-decision', 'profile-decision', 'creation',
                                                'permission-change', 'password-demand', 'proof-change', 'sign-out')),
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

-- What the nodes know their common secret by: one row with a keyed digest, from which the secret cannot be computed.
CREATE TABLE secret_fingerprint (
    only_row INTEGER NOT NULL DEFAULT 1 CHECK (only_row = 1),
    digest   BLOB    NOT NULL CHECK (length(digest) = 32),
    CONSTRAINT secret_fingerprint_pkey PRIMARY KEY (only_row)
) STRICT, WITHOUT ROWID;
