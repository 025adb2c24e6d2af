-- What lists of accounts are made of beside the accounts: how many there are of each kind, and an order by standing.

-- An active account whose mailbox is not proven counts as pending, where mailboxes must be proven.
ALTER TABLE accounts ADD COLUMN standing TEXT GENERATED ALWAYS AS
    (CASE WHEN status = 'active' AND mailbox_proven_at IS NULL THEN 'pending' ELSE status END) VIRTUAL;

CREATE INDEX accounts_standing_idx ON accounts (standing, id);
CREATE INDEX accounts_standing_desc_idx ON accounts (standing DESC, id);

-- Counting rows takes as long as there are rows; the kinds are few. There is one writer, so nobody waits for a number.
CREATE TABLE account_tally (
    role           TEXT    NOT NULL,
    status         TEXT    NOT NULL,
    mailbox_proven INTEGER NOT NULL,
    permissions    INTEGER NOT NULL,
    accounts       INTEGER NOT NULL CHECK (accounts >= 0),
    CONSTRAINT account_tally_pkey PRIMARY KEY (role, status, mailbox_proven, permissions)
) STRICT, WITHOUT ROWID;

INSERT INTO account_tally (role, status, mailbox_proven, permissions, accounts)
SELECT role, status, mailbox_proven_at IS NOT NULL, permissions, count(*)
FROM accounts
GROUP BY role, status, mailbox_proven_at IS NOT NULL, permissions;

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
