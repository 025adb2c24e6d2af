-- What the nodes know their common secret by: one row with a keyed digest, from which the secret cannot be computed.
CREATE TABLE secret_fingerprint (
    only_row INTEGER NOT NULL DEFAULT 1 CHECK (only_row = 1),
    digest   BLOB    NOT NULL CHECK (length(digest) = 32),
    CONSTRAINT secret_fingerprint_pkey PRIMARY KEY (only_row)
) STRICT, WITHOUT ROWID;
