-- Accounts and what belongs to them, conversations, profiles and places, throttles, mail, security events and the fingerprint of
-- the secret.
--
-- Ids are version-8 UUIDs, ascending by creation. Texts are compared byte by byte: what is equal the domain has decided;
-- those that accounts are sorted by have the collation for it, whatever that of the database.

CREATE TABLE accounts (
    id                uuid             NOT NULL,
    email             text COLLATE "C" NOT NULL,
    username          text COLLATE "C",
    -- The name as one text, if it was given so; the parts are there in either case, as far as they are known.
    full_name         text,
    first_name        text COLLATE "C",
    last_name         text COLLATE "C",
    role              text COLLATE "C" NOT NULL CHECK (role IN ('user', 'admin', 'root')),
    status            text COLLATE "C" NOT NULL CHECK (status IN ('active', 'pending', 'disabled')),
    permissions       bigint           NOT NULL,
    -- That of the present address.
    mailbox_proven_at timestamptz,
    -- That of any address.
    first_proven_at   timestamptz,
    epoch             bytea            NOT NULL CHECK (octet_length(epoch) = 16),
    password_hash     text,
    -- Whether the owner is to choose another password before anything else.
    password_change_due boolean        NOT NULL DEFAULT false,
    google_user_id    text,
    google_picture    text,
    facebook_user_id  text,
    facebook_picture  text,
    apple_user_id     text,
    apple_picture     text,
    created_at        timestamptz      NOT NULL,
    updated_at        timestamptz      NOT NULL,
    last_sign_in_at   timestamptz,
    -- Failures since the last success.
    failed_sign_ins   bigint           NOT NULL DEFAULT 0 CHECK (failed_sign_ins >= 0),
    last_failed_sign_in_at timestamptz,
    -- An active account whose mailbox is not proven counts as pending, where mailboxes must be proven.
    standing          text COLLATE "C" NOT NULL GENERATED ALWAYS AS
        (CASE WHEN status = 'active' AND mailbox_proven_at IS NULL THEN 'pending' ELSE status END) STORED,
    CONSTRAINT accounts_proven_check CHECK (mailbox_proven_at IS NULL OR first_proven_at IS NOT NULL),
    CONSTRAINT accounts_pkey PRIMARY KEY (id),
    CONSTRAINT accounts_email_key UNIQUE (email),
    CONSTRAINT accounts_username_key UNIQUE (username)
);

CREATE UNIQUE INDEX accounts_google_user_id_key ON accounts (google_user_id) WHERE google_user_id IS NOT NULL;
CREATE UNIQUE INDEX accounts_facebook_user_id_key ON accounts (facebook_user_id) WHERE facebook_user_id IS NOT NULL;
CREATE UNIQUE INDEX accounts_apple_user_id_key ON accounts (apple_user_id) WHERE apple_user_id IS NOT NULL;

CREATE INDEX accounts_active_root_idx ON accounts (id) WHERE role = 'root' AND status = 'active';

-- What accounts are sorted by, in either direction; the id decides between equals, upwards in both, which no index gives
-- when it is read backwards. The address is unique and needs no other index.
CREATE INDEX accounts_username_idx ON accounts (username NULLS FIRST, id);
CREATE INDEX accounts_username_desc_idx ON accounts (username DESC NULLS LAST, id);
CREATE INDEX accounts_first_name_idx ON accounts (first_name NULLS FIRST, id);
CREATE INDEX accounts_first_name_desc_idx ON accounts (first_name DESC NULLS LAST, id);
CREATE INDEX accounts_last_name_idx ON accounts (last_name NULLS FIRST, id);
CREATE INDEX accounts_last_name_desc_idx ON accounts (last_name DESC NULLS LAST, id);
CREATE INDEX accounts_status_idx ON accounts (status, id);
CREATE INDEX accounts_status_desc_idx ON accounts (status DESC, id);
CREATE INDEX accounts_standing_idx ON accounts (standing, id);
CREATE INDEX accounts_standing_desc_idx ON accounts (standing DESC, id);
CREATE INDEX accounts_role_idx ON accounts (role, id);
CREATE INDEX accounts_role_desc_idx ON accounts (role DESC, id);
CREATE INDEX accounts_created_at_idx ON accounts (created_at, id);
CREATE INDEX accounts_created_at_desc_idx ON accounts (created_at DESC, id);
CREATE INDEX accounts_updated_at_idx ON accounts (updated_at, id);
CREATE INDEX accounts_updated_at_desc_idx ON accounts (updated_at DESC, id);

-- What accounts are counted by. With few values and no id an index is a tenth as large, and counting half as long. A table of
-- numbers, such as SQLite has, would make writers wait for each other.
CREATE INDEX accounts_rights_idx ON accounts (role, permissions);
CREATE INDEX accounts_status_count_idx ON accounts (status);
CREATE INDEX accounts_standing_count_idx ON accounts (standing, role);

-- Who may more than everybody: the searches for a permission say so in these words.
CREATE INDEX accounts_privileged_idx ON accounts (id) INCLUDE (role, permissions)
    WHERE role <> 'user' OR permissions <> 32;

-- Sign-ups that wait for their first proof.
CREATE INDEX accounts_provisional_idx ON accounts (updated_at) WHERE status = 'pending' AND first_proven_at IS NULL;

-- Finds the accounts whose password hash is dearer than those that the server makes: `$2b$12$…` has its cost at 5.
CREATE INDEX accounts_hash_cost_idx ON accounts ((substr(password_hash, 5, 2) COLLATE "C"), id)
    WHERE password_hash IS NOT NULL;

-- Mailed one-time codes: at most one of an account and purpose.
CREATE TABLE codes (
    id         uuid        NOT NULL,
    account_id uuid        NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    purpose    text        NOT NULL
        CHECK (purpose IN ('password-reset', 'password-reset-link', 'password-reset-token', 'password-reset-of-account',
            'email-verification')),
    digest     bytea       NOT NULL CHECK (octet_length(digest) = 32),
    tries_left bigint      NOT NULL CHECK (tries_left >= 0),
    expires_at timestamptz NOT NULL,
    -- The hash of a password that becomes the account's only when the code is used.
    waiting_password text,
    CONSTRAINT codes_pkey PRIMARY KEY (id),
    CONSTRAINT codes_account_id_purpose_key UNIQUE (account_id, purpose)
);

CREATE INDEX codes_expires_at_idx ON codes (expires_at);

-- One-time tokens, known by their digest.
CREATE TABLE tokens (
    digest           bytea       NOT NULL CHECK (octet_length(digest) = 32),
    account_id       uuid        NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    purpose          text        NOT NULL
        CHECK (purpose IN ('password-reset', 'password-reset-link', 'password-reset-token', 'password-reset-of-account',
            'email-verification')),
    expires_at       timestamptz NOT NULL,
    -- The hash of a password that becomes the account's only when the token is used.
    waiting_password text,
    CONSTRAINT tokens_pkey PRIMARY KEY (digest)
);

CREATE INDEX tokens_account_id_purpose_idx ON tokens (account_id, purpose);
CREATE INDEX tokens_expires_at_idx ON tokens (expires_at);

-- How often something was done under a key within its window.
CREATE TABLE throttles (
    key            text        NOT NULL,
    count          bigint      NOT NULL CHECK (count >= 1),
    window_ends_at timestamptz NOT NULL,
    -- None where no wait is imposed.
    blocked_until  timestamptz,
    CONSTRAINT throttles_pkey PRIMARY KEY (key)
);

CREATE INDEX throttles_window_ends_at_idx ON throttles (window_ends_at);

-- The networks from which an account signed in before.
CREATE TABLE known_sources (
    account_id   uuid        NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    source       text        NOT NULL,
    last_used_at timestamptz NOT NULL,
    CONSTRAINT known_sources_pkey PRIMARY KEY (account_id, source)
);

CREATE INDEX known_sources_last_used_at_idx ON known_sources (last_used_at);

-- Mail that waits for delivery, and mail that was given up: a dead letter keeps its reason, not its content.
CREATE TABLE outbox (
    id           uuid        NOT NULL,
    recipient    text        NOT NULL,
    attempts     bigint      NOT NULL CHECK (attempts >= 0),
    created_at   timestamptz NOT NULL,
    due_at       timestamptz NOT NULL,
    -- Set while a worker delivers it; a worker that does not come back loses it at this time.
    leased_until timestamptz,
    expires_at   timestamptz NOT NULL,
    dead_at      timestamptz,
    last_error   text,
    content      bytea       NOT NULL,
    CONSTRAINT outbox_pkey PRIMARY KEY (id)
);

CREATE INDEX outbox_due_at_idx ON outbox (due_at, id) WHERE dead_at IS NULL;
CREATE INDEX outbox_expires_at_idx ON outbox (expires_at) WHERE dead_at IS NULL;
CREATE INDEX outbox_created_at_idx ON outbox (created_at, id) WHERE dead_at IS NULL;
CREATE INDEX outbox_dead_at_idx ON outbox (dead_at, id) WHERE dead_at IS NOT NULL;

-- The local mailbox, which takes the mail where no mail server is configured.
CREATE TABLE mailbox (
    id          uuid        NOT NULL,
    sender      text        NOT NULL,
    recipient   text        NOT NULL,
    received_at timestamptz NOT NULL,
    subject     text        NOT NULL,
    text        text        NOT NULL,
    html        text        NOT NULL,
    CONSTRAINT mailbox_pkey PRIMARY KEY (id)
);

CREATE INDEX mailbox_received_at_idx ON mailbox (received_at, id);
CREATE INDEX mailbox_recipient_idx ON mailbox (recipient, received_at, id);

-- Sessions: what a client begins and its refresh tokens go on with; no token is stored. An anonymous session has neither
-- an account nor an epoch.
CREATE TABLE sessions (
    id           uuid        NOT NULL,
    account_id   uuid        REFERENCES accounts (id) ON DELETE CASCADE,
    epoch        bytea       CHECK (octet_length(epoch) = 16),
    counter      bigint      NOT NULL CHECK (counter >= 0),
    -- The use that the current token is the answer to, and the digest of the client's key for it; none for the first.
    last_used_at timestamptz,
    last_use_key bytea       CHECK (octet_length(last_use_key) = 32),
    began_at     timestamptz NOT NULL,
    CONSTRAINT sessions_pkey PRIMARY KEY (id),
    CONSTRAINT sessions_owner_check CHECK ((account_id IS NULL) = (epoch IS NULL)),
    CONSTRAINT sessions_last_use_check CHECK (last_use_key IS NULL OR last_used_at IS NOT NULL)
);

-- Of columns that no use of a token changes: it is what is written most, and should touch no index.
CREATE INDEX sessions_account_id_idx ON sessions (account_id);
CREATE INDEX sessions_began_at_idx ON sessions (began_at);
CREATE INDEX sessions_anonymous_idx ON sessions (began_at) WHERE account_id IS NULL;

-- What an account's owner tells beside a name; at most one of an account.
CREATE TABLE dossiers (
    account_id    uuid             NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    -- What its fields hold, as one JSON object: a text for each, the microseconds since 1970-01-01 UTC for a day, and an
    -- object for a stored document.
    fields        text             NOT NULL,
    -- What is compared of the telephone number.
    phone_key     text COLLATE "C",
    review_state  text COLLATE "C" NOT NULL
        CHECK (review_state IN ('draft', 'submitted', 'in-review', 'accepted', 'rejected', 'resubmitted')),
    -- The order of the queue.
    submitted_at  timestamptz,
    -- The reviewer who has it, and until when.
    held_by       uuid,
    held_until    timestamptz,
    -- The reviewer whose acceptance needs a second one.
    first_accepted_by uuid,
    decided_at    timestamptz,
    -- The rest of the review, as one JSON object: the round, the verdicts by field, the message to the owner.
    review        text             NOT NULL,
    updated_at    timestamptz,
    -- The key of the documents, sealed under the server secret; none before the first upload.
    document_key  bytea,
    CONSTRAINT dossiers_pkey PRIMARY KEY (account_id),
    CONSTRAINT dossiers_phone_key_key UNIQUE (phone_key),
    CONSTRAINT dossiers_submitted_at_check CHECK ((submitted_at IS NULL) = (review_state = 'draft')),
    CONSTRAINT dossiers_held_by_check CHECK ((held_by IS NOT NULL) = (review_state = 'in-review')),
    CONSTRAINT dossiers_held_until_check CHECK ((held_by IS NULL) = (held_until IS NULL))
);

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
    id                 bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    account_id         uuid   REFERENCES accounts (id) ON DELETE SET NULL,
    written_seq        bigint NOT NULL CHECK (written_seq >= 1),
    written_by_user    bigint NOT NULL CHECK (written_by_user BETWEEN 0 AND written_seq),
    user_read_seq      bigint NOT NULL DEFAULT 0 CHECK (user_read_seq BETWEEN 0 AND written_seq),
    user_read_by_user  bigint NOT NULL DEFAULT 0 CHECK (user_read_by_user BETWEEN 0 AND user_read_seq),
    staff_read_seq     bigint NOT NULL DEFAULT 0 CHECK (staff_read_seq BETWEEN 0 AND written_seq),
    staff_read_by_user bigint NOT NULL DEFAULT 0 CHECK (staff_read_by_user BETWEEN 0 AND staff_read_seq),
    CONSTRAINT conversations_pkey PRIMARY KEY (id),
    CONSTRAINT conversations_account_id_key UNIQUE (account_id)
);

-- The messages of a conversation, numbered from 1 without a gap. `by_user` counts those of the user's side up to each, so that
-- no move of a cursor counts messages. An author may be gone.
CREATE TABLE messages (
    conversation_id bigint           NOT NULL REFERENCES conversations (id),
    seq             bigint           NOT NULL CHECK (seq >= 1),
    by_user         bigint           NOT NULL CHECK (by_user BETWEEN 0 AND seq),
    id              uuid             NOT NULL,
    side            text COLLATE "C" NOT NULL CHECK (side IN ('user', 'staff')),
    author          uuid             NOT NULL,
    client_id       text COLLATE "C",
    display_time    text,
    created_at      timestamptz      NOT NULL,
    text            text             NOT NULL,
    CONSTRAINT messages_pkey PRIMARY KEY (conversation_id, seq)
);

CREATE UNIQUE INDEX messages_client_id_key ON messages (conversation_id, side, client_id) WHERE client_id IS NOT NULL;

-- What people tell about themselves, for the public once it is approved. An author may be gone.
CREATE TABLE profiles (
    id         uuid             NOT NULL,
    author     uuid,
    changes    bigint           NOT NULL CHECK (changes >= 0),
    created_at timestamptz      NOT NULL,
    updated_at timestamptz      NOT NULL,
    ord        integer          NOT NULL,
    age        smallint         CHECK (age BETWEEN 0 AND 150),
    state      text COLLATE "C" NOT NULL CHECK (state IN ('draft', 'submitted', 'approved', 'rejected')),
    location   text COLLATE "C",
    -- Under which terms it is found, see below; none unless it is approved.
    terms      text[] COLLATE "C" NOT NULL CHECK ((state = 'approved') = (terms <> '{}')),
    -- JSON: the tags by facet; the name, the words about itself and the picture; the decision; the thread.
    tags       text             NOT NULL,
    details    text             NOT NULL,
    decision   text,
    messages   text             NOT NULL,
    CONSTRAINT profiles_pkey PRIMARY KEY (id)
);

-- A long row is shortened by its thread, which searches do not read, and by nothing else as long as that suffices.
ALTER TABLE profiles ALTER COLUMN terms SET STORAGE MAIN, ALTER COLUMN tags SET STORAGE MAIN,
    ALTER COLUMN details SET STORAGE MAIN;

CREATE INDEX profiles_state_idx ON profiles (state, ord, id);
CREATE INDEX profiles_location_idx ON profiles (location) WHERE location IS NOT NULL;
-- Profiles by their terms, in no order: written at once, so that no search has to read what waits to be written.
CREATE INDEX profiles_terms_idx ON profiles USING gin (terms) WITH (fastupdate = off);
-- Submissions of the public that may become stale: the statement says the condition in the same words.
CREATE INDEX profiles_unapproved_idx ON profiles (created_at, id) WHERE author IS NULL AND state <> 'approved';

-- How many profiles are in each state: the sum of the row's numbers. A writer adds to any row that no other writer holds, and
-- makes another row if there is none, so that writers never wait for each other.
CREATE TABLE profile_counts (
    state  text COLLATE "C" NOT NULL CHECK (state IN ('draft', 'submitted', 'approved', 'rejected')),
    slot   integer          NOT NULL,
    number bigint           NOT NULL,
    CONSTRAINT profile_counts_pkey PRIMARY KEY (state, slot)
) WITH (fillfactor = 50);

-- What became of profiles, value by value: each a JSON list of texts.
CREATE TABLE profile_changes (
    profile_id uuid             NOT NULL REFERENCES profiles (id) ON DELETE CASCADE,
    number     bigint           NOT NULL CHECK (number >= 1),
    part       text COLLATE "C" NOT NULL,
    message_id uuid,
    old_value  text             NOT NULL,
    new_value  text             NOT NULL,
    actor      text COLLATE "C" NOT NULL CHECK (actor IN ('anyone', 'account', 'operator')),
    actor_id   uuid,
    at         timestamptz      NOT NULL,
    CONSTRAINT profile_changes_pkey PRIMARY KEY (profile_id, number),
    CONSTRAINT profile_changes_actor_id_check CHECK ((actor = 'account') = (actor_id IS NOT NULL))
);

-- The approved profiles of each term, in the order of lists. The terms of a profile are the empty one, which all have, and one
-- for each tag, for its age, for the decade of that and for its location. With each stands what a search asks for beside the term, so that it is
-- answered from the index alone: the age, -1 if there is none, and of each facet two bits for every tag, of 31 each, and the
-- bits 31 and 63. A profile without the bits of a tag does not have it; one that has them may, and is looked at.
CREATE TABLE profile_terms (
    position_bits    bigint           NOT NULL,
    looking_bits     bigint           NOT NULL,
    tribes_bits      bigint           NOT NULL,
    ethnicities_bits bigint           NOT NULL,
    profile_id       uuid             NOT NULL,
    ord              integer          NOT NULL,
    age              smallint         NOT NULL,
    term             text COLLATE "C" NOT NULL,
    CONSTRAINT profile_terms_pkey PRIMARY KEY (term, ord, profile_id)
        INCLUDE (age, position_bits, looking_bits, tribes_bits, ethnicities_bits)
);

-- The planner is to take every term for a common one: then it reads the index in order, up to the limit, and never sorts.
ALTER TABLE profile_terms ALTER COLUMN term SET STATISTICS 1, ALTER COLUMN term SET (n_distinct = 4);

-- Names that were looked up, and the point that was found, if any.
CREATE TABLE places (
    id        uuid             NOT NULL,
    name      text COLLATE "C" NOT NULL,
    formatted text,
    latitude  double precision,
    longitude double precision,
    at        timestamptz      NOT NULL,
    CONSTRAINT places_pkey PRIMARY KEY (id),
    CONSTRAINT places_name_key UNIQUE (name),
    CONSTRAINT places_found_check
        CHECK ((formatted IS NULL) = (latitude IS NULL) AND (latitude IS NULL) = (longitude IS NULL))
);

CREATE INDEX places_latitude_idx ON places (latitude) INCLUDE (longitude, name) WHERE latitude IS NOT NULL;

-- What happened to accounts. The events stay when their account goes, so they do not refer to it.
CREATE TABLE security_events (
    id         uuid        NOT NULL,
    kind       text        NOT NULL CHECK (kind IN ('sign-in', 'sign-in-failed', 'refresh-reuse', 'password-change',
                                                    'email-change', 'role-change', 'block', 'unblock', 'deletion',
                                                    'dossier-decision', 'profile-decision', 'creation',
                                                    'permission-change', 'password-demand', 'proof-change', 'sign-out')),
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

-- What the nodes know their common secret by: one row with a keyed digest, from which the secret cannot be computed.
CREATE TABLE secret_fingerprint (
    only_row boolean NOT NULL DEFAULT true CHECK (only_row),
    digest   bytea   NOT NULL CHECK (octet_length(digest) = 32),
    CONSTRAINT secret_fingerprint_pkey PRIMARY KEY (only_row)
);
