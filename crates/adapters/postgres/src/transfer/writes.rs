//! Rows of every table, written as they are: a batch is one statement, and a column of it one array.

use time::OffsetDateTime;
use vestibule_ports::{
    MessageTally, StoreError,
    stored::{
        Kind, Record, StoredAccount, StoredCode, StoredConversation, StoredDocumentKey, StoredDossier, StoredEvent,
        StoredFingerprint, StoredKeyedThrottle, StoredMessage, StoredOutboxRow, StoredPlace, StoredProfile,
        StoredProfileChange, StoredReceivedMail, StoredSession, StoredSource, StoredToken,
    },
};

use crate::{columns::columns, outbox::storable, unit::PostgresUnit};

/// Records of one kind as rows without times.
macro_rules! plain {
    ($row:ident, $records:expr) => {
        $records.into_iter().map($row::try_from).collect::<Result<Vec<_>, _>>()?
    };
}

/// Records of one kind as rows with times.
macro_rules! timed {
    ($row:ident, $records:expr) => {
        $records
            .into_iter()
            .map(|record| $row::<i64>::try_from(record)?.with_times::<OffsetDateTime>())
            .collect::<Result<Vec<_>, _>>()?
    };
}

/// The same of mails.
macro_rules! mails {
    ($row:ident, $records:expr) => {{
        let mut rows = timed!($row, $records);
        for row in &mut rows {
            row.last_error = row.last_error.as_deref().map(storable);
        }
        rows
    }};
}

/// Writes rows: the rows and their keys, what comes before the columns and behind them.
macro_rules! insert_all {
    (
        [$rows:ident ($($key:ident),+), $head:literal, $values:literal]
        $($field:ident $mark:tt $name:literal $place:literal)*
    ) => {
        sqlx::query!(
            $head $(+ ", " + $name)* + $values
            $(, &column(&$rows, |row| row.$key.clone()) as _)+
            $(, &column(&$rows, |row| row.$field.clone()) as _)*
        )
    };
}

/// Writes rows: the rows, the whole statement and the fields in the order of the arrays.
macro_rules! insert_arrays {
    ($rows:ident, $statement:literal, $($field:ident),+) => {
        sqlx::query!($statement $(, &column(&$rows, |row| row.$field.clone()) as _)+)
    };
}

fn column<Row, T>(rows: &[Row], value: impl Fn(&Row) -> T) -> Vec<T> {
    rows.iter().map(value).collect()
}

/// Makes a function of statements, one for each kind, which rows are given to.
macro_rules! writes {
    ([$rows:ident] $($kind:ident $form:ident $row:ident => $statement:expr,)+) => {
        /// Writes records of a kind that has no statement of its own elsewhere; how many it was.
        pub(super) async fn write(
            unit: &mut PostgresUnit,
            kind: Kind,
            records: Vec<Record>,
        ) -> Result<u64, StoreError> {
            match kind {
                $(Kind::$kind => {
                    let $rows = $form!($row, records);
                    unit.execute($statement).await
                })+
                Kind::Message | Kind::Profile => Ok(0),
            }
        }
    };
}

writes! {
    [rows]
    Fingerprint plain StoredFingerprint => insert_arrays!(
        rows,
        "INSERT INTO secret_fingerprint (digest) SELECT * FROM unnest($1::bytea[]) \
         ON CONFLICT (only_row) DO UPDATE SET digest = excluded.digest",
        digest
    ),
    Account timed StoredAccount => columns!(accounts insert_all [
        rows (id),
        "INSERT INTO accounts (id",
        ") SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], \
         $9::bigint[], $10::timestamptz[], $11::timestamptz[], $12::bytea[], $13::text[], $14::text[], $15::text[], $16::text[], \
         $17::text[], $18::text[], $19::text[], $20::timestamptz[], $21::bigint[], $22::timestamptz[], $23::timestamptz[], \
         $24::timestamptz[], $25::boolean[])"
    ]),
    Code timed StoredCode => insert_arrays!(
        rows,
        "INSERT INTO codes (id, account_id, purpose, digest, tries_left, expires_at, waiting_password) \
         SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::bytea[], $5::bigint[], $6::timestamptz[], $7::text[])",
        id,
        account_id,
        purpose,
        digest,
        tries_left,
        expires_at,
        waiting_password
    ),
    Token timed StoredToken => columns!(tokens insert_all [
        rows (account_id),
        "INSERT INTO tokens (account_id",
        ") SELECT * FROM unnest($1::uuid[], $2::bytea[], $3::text[], $4::timestamptz[], $5::text[])"
    ]),
    Source timed StoredSource => insert_arrays!(
        rows,
        "INSERT INTO known_sources (account_id, source, last_used_at) \
         SELECT * FROM unnest($1::uuid[], $2::text[], $3::timestamptz[])",
        account_id,
        source,
        last_used_at
    ),
    Session timed StoredSession => columns!(sessions insert_all [
        rows (id, account_id),
        "INSERT INTO sessions (id, account_id",
        ") SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bytea[], $4::bigint[], $5::timestamptz[], $6::bytea[], $7::timestamptz[])"
    ]),
    Dossier timed StoredDossier => columns!(dossiers insert_all [
        rows (account_id),
        "INSERT INTO dossiers (account_id",
        ") SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::uuid[], $7::timestamptz[], \
         $8::uuid[], $9::timestamptz[], $10::text[], $11::timestamptz[])"
    ]),
    DocumentKey plain StoredDocumentKey => insert_arrays!(
        rows,
        "UPDATE dossiers d SET document_key = sealed FROM unnest($1::uuid[], $2::bytea[]) given (account, sealed) \
         WHERE d.account_id = account",
        account_id,
        sealed
    ),
    Conversation plain StoredConversation => insert_arrays!(
        rows,
        "INSERT INTO conversations (account_id, written_seq, written_by_user, user_read_seq, user_read_by_user, staff_read_seq, \
         staff_read_by_user) SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], \
         $7::bigint[])",
        account_id,
        written_seq,
        written_by_user,
        user_read_seq,
        user_read_by_user,
        staff_read_seq,
        staff_read_by_user
    ),
    ProfileChange timed StoredProfileChange => insert_arrays!(
        rows,
        "INSERT INTO profile_changes (profile_id, number, part, message_id, old_value, new_value, actor, actor_id, at) \
         SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::uuid[], \
         $9::timestamptz[])",
        profile_id,
        number,
        part,
        message_id,
        old_value,
        new_value,
        actor,
        actor_id,
        at
    ),
    Place timed StoredPlace => columns!(places insert_all [
        rows (id),
        "INSERT INTO places (id",
        ") SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::double precision[], $5::double precision[], \
         $6::timestamptz[])"
    ]),
    Throttle timed StoredKeyedThrottle => insert_arrays!(
        rows,
        "INSERT INTO throttles (key, count, window_ends_at, blocked_until) \
         SELECT * FROM unnest($1::text[], $2::bigint[], $3::timestamptz[], $4::timestamptz[])",
        key,
        count,
        window_ends_at,
        blocked_until
    ),
    OutboxMail mails StoredOutboxRow => insert_arrays!(
        rows,
        "INSERT INTO outbox (id, recipient, attempts, created_at, due_at, leased_until, expires_at, dead_at, last_error, content) \
         SELECT * FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::timestamptz[], $5::timestamptz[], $6::timestamptz[], \
         $7::timestamptz[], $8::timestamptz[], $9::text[], $10::bytea[])",
        id,
        recipient,
        attempts,
        created_at,
        due_at,
        leased_until,
        expires_at,
        dead_at,
        last_error,
        content
    ),
    ReceivedMail timed StoredReceivedMail => columns!(mailbox insert_all [
        rows (id),
        "INSERT INTO mailbox (id",
        ") SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[], $5::text[], $6::text[], $7::text[])"
    ]),
    Event timed StoredEvent => columns!(events insert_all [
        rows (id, account_id, actor_id),
        "INSERT INTO security_events (id, account_id, actor_id",
        ") SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], \
         $8::timestamptz[])"
    ]),
}

/// Stores messages in the conversations of their accounts: the rows, and how many messages up to each the user's side wrote.
macro_rules! insert_messages {
    ([$rows:ident, $by_user:ident] $($field:ident $mark:tt $name:literal $place:literal)*) => {
        sqlx::query!(
            "INSERT INTO messages (conversation_id, seq, by_user, id, author" $(+ ", " + $name)* +
            ") SELECT c.id, given.seq, given.by_user, given.id, given.author" $(+ ", given." + $name)* +
            " FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::timestamptz[], $8::text[], \
             $9::bigint[], $10::bigint[]) given (account_id, id, author" $(+ ", " + $name)* +
            ", seq, by_user) JOIN conversations c ON c.account_id = given.account_id",
            &column(&$rows, |row| row.account_id),
            &column(&$rows, |row| row.id),
            &column(&$rows, |row| row.author)
            $(, &column(&$rows, |row| row.$field.clone()) as _)*,
            &column(&$rows, |row| row.seq),
            &$by_user
        )
    };
}

pub(super) async fn messages(
    unit: &mut PostgresUnit,
    records: Vec<Record>,
    tally: &mut MessageTally,
) -> Result<u64, StoreError> {
    let rows = timed!(StoredMessage, records);
    let by_user = rows.iter().map(|row| tally.up_to(row)).collect::<Result<Vec<_>, _>>()?;
    unit.execute(columns!(messages insert_messages [rows, by_user])).await
}

pub(super) async fn profiles(unit: &mut PostgresUnit, records: Vec<Record>) -> Result<u64, StoreError> {
    unit.restore_profiles(&timed!(StoredProfile, records)).await
}
