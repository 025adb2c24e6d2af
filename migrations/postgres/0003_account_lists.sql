-- What lists of accounts are made of beside the accounts: an order by standing. They are counted by indexes: a table of
-- numbers, such as SQLite has, would make writers wait for each other.

-- An active account whose mailbox is not proven counts as pending, where mailboxes must be proven.
ALTER TABLE accounts ADD COLUMN standing text COLLATE "C" NOT NULL GENERATED ALWAYS AS
    (CASE WHEN status = 'active' AND mailbox_proven_at IS NULL THEN 'pending' ELSE status END) STORED;

-- The index that status is counted by had this name.
ALTER INDEX accounts_standing_idx RENAME TO accounts_status_count_idx;
CREATE INDEX accounts_standing_idx ON accounts (standing, id);
CREATE INDEX accounts_standing_desc_idx ON accounts (standing DESC, id);
