-- What the nodes know their common secret by: one row with a keyed digest, from which the secret cannot be computed.
CREATE TABLE secret_fingerprint (
    only_row boolean NOT NULL DEFAULT true CHECK (only_row),
    digest   bytea   NOT NULL CHECK (octet_length(digest) = 32),
    CONSTRAINT secret_fingerprint_pkey PRIMARY KEY (only_row)
);
