-- Sign-ups that wait for their first proof end, and how accounts are found by their standing.

-- That a mailbox was proven once was forgotten when it had to be proven again. What has lived is no new sign-up.
UPDATE accounts SET mailbox_proven_at = created_at
WHERE status = 'pending' AND mailbox_proven_at IS NULL AND (last_sign_in_at IS NOT NULL OR updated_at > created_at
    OR google_user_id IS NOT NULL OR facebook_user_id IS NOT NULL OR apple_user_id IS NOT NULL);

CREATE INDEX accounts_provisional_idx ON accounts (updated_at) WHERE status = 'pending' AND mailbox_proven_at IS NULL;

-- That a mailbox was proven once is kept while it has to be proven again, so it says nothing of the standing.
DROP INDEX accounts_proven_idx;
DROP INDEX accounts_unproven_idx;
-- What accounts are counted by, also together with a role.
CREATE INDEX accounts_standing_count_idx ON accounts (standing, role);

-- A password that waits goes with its code.
DROP INDEX codes_expires_at_idx;
CREATE INDEX codes_expires_at_idx ON codes (expires_at);
