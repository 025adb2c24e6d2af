-- Finds the accounts whose password hash is dearer than those that the server makes: `$2b$12$…` has its cost at 5.
CREATE INDEX accounts_hash_cost_idx ON accounts (substr(password_hash, 5, 2), id) WHERE password_hash IS NOT NULL;
