//! Rows of every table, written as they are. Each is a statement of its own, which is prepared once.

use vestibule_ports::{
    StoreError,
    stored::{Record, StoredMessage},
};

use crate::{
    columns::{columns, insert},
    unit::SqliteUnit,
};

/// Makes a function of statements, one for each kind, which a row is given to.
macro_rules! writes {
    ([$row:ident] $($kind:ident => $statement:expr,)+) => {
        /// Writes a record of a kind that has no statement of its own elsewhere.
        pub(super) async fn write(unit: &mut SqliteUnit, record: Record) -> Result<(), StoreError> {
            let written = match record {
                $(Record::$kind($row) => unit.execute($statement).await?,)+
                Record::Message(_) | Record::Profile(_) => 0,
            };
            there_is(written)
        }
    };
}

writes! {
    [row]
    Fingerprint => sqlx::query!(
        "INSERT INTO secret_fingerprint (digest) VALUES (?) ON CONFLICT (only_row) DO UPDATE SET digest = excluded.digest",
        row.digest
    ),
    Account => columns!(accounts insert [row (id), "INSERT INTO accounts (id", ") VALUES (?1", ")"]),
    Code => sqlx::query!(
        "INSERT INTO codes (id, account_id, purpose, digest, tries_left, expires_at, waiting_password)
        VALUES (?, ?, ?, ?, ?, ?, ?)",
        row.id,
        row.account_id,
        row.purpose,
        row.digest,
        row.tries_left,
        row.expires_at,
        row.waiting_password
    ),
    Token => columns!(tokens insert [row (account_id), "INSERT INTO tokens (account_id", ") VALUES (?1", ")"]),
    Source => sqlx::query!(
        "INSERT INTO known_sources (account_id, source, last_used_at) VALUES (?, ?, ?)",
        row.account_id,
        row.source,
        row.last_used_at
    ),
    Session => columns!(sessions insert [
        row (id, account_id), "INSERT INTO sessions (id, account_id", ") VALUES (?1, ?2", ")"
    ]),
    Dossier => columns!(dossiers insert [
        row (account_id), "INSERT INTO dossiers (account_id", ") VALUES (?1", ")"
    ]),
    DocumentKey => sqlx::query!(
        "UPDATE dossiers SET document_key = ? WHERE account_id = ?",
        row.sealed,
        row.account_id
    ),
    Conversation => sqlx::query!(
        "INSERT INTO conversations (account_id, written_seq, written_by_user, user_read_seq, user_read_by_user,
            staff_read_seq, staff_read_by_user) VALUES (?, ?, ?, ?, ?, ?, ?)",
        row.account_id,
        row.written_seq,
        row.written_by_user,
        row.user_read_seq,
        row.user_read_by_user,
        row.staff_read_seq,
        row.staff_read_by_user
    ),
    ProfileChange => columns!(profile_changes insert [
        row (profile_id, number), "INSERT INTO profile_changes (profile_id, number", ") VALUES (?1, ?2", ")"
    ]),
    Place => columns!(places insert [row (id), "INSERT INTO places (id", ") VALUES (?1", ")"]),
    Throttle => sqlx::query!(
        "INSERT INTO throttles (key, count, window_ends_at, blocked_until) VALUES (?, ?, ?, ?)",
        row.key,
        row.count,
        row.window_ends_at,
        row.blocked_until
    ),
    OutboxMail => sqlx::query!(
        "INSERT INTO outbox (id, recipient, attempts, created_at, due_at, leased_until, expires_at, dead_at, last_error,
            content) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        row.id,
        row.recipient,
        row.attempts,
        row.created_at,
        row.due_at,
        row.leased_until,
        row.expires_at,
        row.dead_at,
        row.last_error,
        row.content
    ),
    ReceivedMail => columns!(mailbox insert [row (id), "INSERT INTO mailbox (id", ") VALUES (?1", ")"]),
    Event => columns!(events insert [
        row (id, account_id, actor_id),
        "INSERT INTO security_events (id, account_id, actor_id",
        ") VALUES (?1, ?2, ?3",
        ")"
    ]),
}

/// Stores a message in the conversation of its account: the row, and how many messages up to it the user's side wrote.
macro_rules! insert_message {
    ([$row:ident, $by_user:ident] $($field:ident $mark:tt $name:literal $place:literal)*) => {
        sqlx::query!(
            "INSERT INTO messages (conversation_id, seq, by_user, id, author" $(+ ", " + $name)* +
            ") SELECT id, ?9, ?10, ?2, ?3" $(+ ", " + $place)* + " FROM conversations WHERE account_id = ?1",
            $row.account_id, $row.id, $row.author $(, $row.$field)*, $row.seq, $by_user
        )
    };
}

pub(super) async fn message(unit: &mut SqliteUnit, row: StoredMessage<i64>, by_user: i64) -> Result<(), StoreError> {
    there_is(unit.execute(columns!(messages insert_message [row, by_user])).await?)
}

/// Fails where a row belongs to what is not there.
fn there_is(written: u64) -> Result<(), StoreError> {
    if written > 0 { Ok(()) } else { Err(StoreError::Failed("a record belongs to one that was not imported".into())) }
}
