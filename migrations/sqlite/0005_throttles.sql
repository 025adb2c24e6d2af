-- A take that imposes no wait blocks nobody: another whose clock was read before it may come after it. SQLite cannot drop
-- the NOT NULL of a column, so the table is made anew.

CREATE TABLE throttles_anew (
    key            TEXT    NOT NULL,
    count          INTEGER NOT NULL CHECK (count >= 1),
    window_ends_at INTEGER NOT NULL,
    blocked_until  INTEGER,
    CONSTRAINT throttles_pkey PRIMARY KEY (key)
) STRICT, WITHOUT ROWID;

INSERT INTO throttles_anew (key, count, window_ends_at, blocked_until)
SELECT key, count, window_ends_at, blocked_until FROM throttles;

DROP TABLE throttles;
ALTER TABLE throttles_anew RENAME TO throttles;

CREATE INDEX throttles_window_ends_at_idx ON throttles (window_ends_at);
