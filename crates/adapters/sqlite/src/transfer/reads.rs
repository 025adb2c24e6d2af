//! Every table in the order of its keys, a page at a time.

use sqlx::SqliteConnection;
use uuid::Uuid;
use vestibule_ports::{
    Batch, MessageSpan,
    stored::{
        Counts, Kind, Record, RecordKey, StoredAccount, StoredCode, StoredConversation, StoredDocumentKey,
        StoredDossier, StoredEvent, StoredFingerprint, StoredKeyedThrottle, StoredMessage, StoredOutboxRow,
        StoredPlace, StoredProfile, StoredProfileChange, StoredReceivedMail, StoredSession, StoredSource, StoredToken,
    },
};

use crate::columns::{as_json, columns, select};

type AccountRow = StoredAccount<i64>;
type DossierRow = StoredDossier<i64>;
type EventRow = StoredEvent<i64>;
type MailRow = StoredReceivedMail<i64>;
type MessageRow = StoredMessage<i64>;
type PlaceRow = StoredPlace<i64>;
type ProfileRow = StoredProfile<i64>;
type ChangeRow = StoredProfileChange<i64>;
type SessionRow = StoredSession<i64>;
type TokenRow = StoredToken<i64>;

/// Makes a function of statements, one for each kind but messages: what they are given is named first.
macro_rules! pages {
    ([$id:ident, $number:ident, $text:ident, $bytes:ident, $limit:ident] $($kind:ident => $statement:expr,)+) => {
        /// The records of a kind that come after a key.
        pub(super) async fn page(
            connection: &mut SqliteConnection,
            kind: Kind,
            after: &RecordKey,
        ) -> sqlx::Result<Vec<Record>> {
            let RecordKey { id: $id, number: $number, text: $text, bytes: $bytes } = after;
            let $limit = Batch::MOST;
            Ok(match kind {
                $(Kind::$kind => all($statement.fetch_all(connection).await?),)+
                Kind::Message => Vec::new(),
            })
        }
    };
}

pages! {
    [id, number, text, bytes, limit]
    Fingerprint => sqlx::query_as!(
        StoredFingerprint,
        "SELECT digest FROM secret_fingerprint WHERE only_row > ?",
        number
    ),
    Account => columns!(accounts select [
        AccountRow, "SELECT id AS \"id: Uuid\"", " FROM accounts WHERE id > ? ORDER BY id LIMIT ?", id, limit
    ]),
    Code => sqlx::query_as!(
        StoredCode::<i64>,
        r#"SELECT id AS "id: Uuid", account_id AS "account_id: Uuid", purpose, digest, tries_left, expires_at, waiting_password
        FROM codes WHERE id > ? ORDER BY id LIMIT ?"#,
        id,
        limit
    ),
    Token => columns!(tokens select [
        TokenRow,
        "SELECT account_id AS \"account_id: Uuid\"",
        " FROM tokens WHERE digest > ? ORDER BY digest LIMIT ?",
        bytes,
        limit
    ]),
    Source => sqlx::query_as!(
        StoredSource::<i64>,
        r#"SELECT account_id AS "account_id: Uuid", source, last_used_at
        FROM known_sources WHERE (account_id, source) > (?, ?) ORDER BY account_id, source LIMIT ?"#,
        id,
        text,
        limit
    ),
    Session => columns!(sessions select [
        SessionRow,
        "SELECT id AS \"id: Uuid\", account_id AS \"account_id: Uuid\"",
        " FROM sessions WHERE id > ? ORDER BY id LIMIT ?",
        id,
        limit
    ]),
    Dossier => columns!(dossiers select [
        DossierRow,
        "SELECT account_id AS \"account_id: Uuid\"",
        " FROM dossiers WHERE account_id > ? ORDER BY account_id LIMIT ?",
        id,
        limit
    ]),
    DocumentKey => sqlx::query_as!(
        StoredDocumentKey,
        r#"SELECT account_id AS "account_id: Uuid", document_key AS "sealed!" FROM dossiers
        WHERE account_id > ? AND document_key IS NOT NULL ORDER BY account_id LIMIT ?"#,
        id,
        limit
    ),
    Conversation => sqlx::query_as!(
        StoredConversation,
        r#"SELECT account_id AS "account_id!: Uuid", written_seq, written_by_user, user_read_seq, user_read_by_user,
            staff_read_seq, staff_read_by_user
        FROM conversations WHERE account_id > ? ORDER BY account_id LIMIT ?"#,
        id,
        limit
    ),
    Profile => columns!(profiles select [
        ProfileRow, "SELECT id AS \"id: Uuid\"", " FROM profiles WHERE id > ? ORDER BY id LIMIT ?", id, limit
    ]),
    ProfileChange => columns!(profile_changes select [
        ChangeRow,
        "SELECT profile_id AS \"profile_id: Uuid\", number AS \"number!\"",
        " FROM profile_changes WHERE (profile_id, number) > (?, ?) ORDER BY profile_id, number LIMIT ?",
        id,
        number,
        limit
    ]),
    Place => columns!(places select [
        PlaceRow, "SELECT id AS \"id: Uuid\"", " FROM places WHERE id > ? ORDER BY id LIMIT ?", id, limit
    ]),
    Throttle => sqlx::query_as!(
        StoredKeyedThrottle::<i64>,
        "SELECT key, count, window_ends_at, blocked_until FROM throttles WHERE key > ? ORDER BY key LIMIT ?",
        text,
        limit
    ),
    OutboxMail => sqlx::query_as!(
        StoredOutboxRow::<i64>,
        r#"SELECT id AS "id: Uuid", recipient, attempts, created_at, due_at, leased_until, expires_at, dead_at, last_error, content
        FROM outbox WHERE id > ? ORDER BY id LIMIT ?"#,
        id,
        limit
    ),
    ReceivedMail => columns!(mailbox select [
        MailRow, "SELECT id AS \"id: Uuid\"", " FROM mailbox WHERE id > ? ORDER BY id LIMIT ?", id, limit
    ]),
    Event => columns!(events select [
        EventRow,
        "SELECT id AS \"id: Uuid\", account_id AS \"account_id: Uuid\", actor_id AS \"actor_id: Uuid\"",
        " FROM security_events WHERE id > ? ORDER BY id LIMIT ?",
        id,
        limit
    ]),
}

fn all(rows: Vec<impl Into<Record>>) -> Vec<Record> {
    rows.into_iter().map(Into::into).collect()
}

/// How many messages the conversations after one have. Those of removed accounts are none.
pub(super) async fn lengths(
    connection: &mut SqliteConnection,
    after: Uuid,
    limit: u32,
) -> sqlx::Result<Vec<(Uuid, i64)>> {
    let rows = sqlx::query!(
        r#"SELECT account_id AS "account_id!: Uuid", written_seq
        FROM conversations WHERE account_id > ? ORDER BY account_id LIMIT ?"#,
        after,
        limit
    );
    let rows = rows.fetch_all(connection).await?;
    Ok(rows.into_iter().map(|row| (row.account_id, row.written_seq)).collect())
}

/// The messages of a span.
pub(super) async fn messages(connection: &mut SqliteConnection, span: &MessageSpan) -> sqlx::Result<Vec<Record>> {
    let accounts = as_json(span.accounts.iter().copied());
    let (first, last) = (span.first, span.last);
    let rows = columns!(messages select [
        MessageRow,
        "SELECT conversations.account_id AS \"account_id!: Uuid\", seq AS \"seq!\", messages.id AS \"id: Uuid\", author AS \"author: Uuid\"",
        " FROM json_each(?) CROSS JOIN conversations ON conversations.account_id = unhex(value)
        CROSS JOIN messages ON conversation_id = conversations.id AND seq BETWEEN ? AND ?",
        accounts,
        first,
        last
    ]);
    let mut rows = rows.fetch_all(connection).await?;
    rows.sort_unstable_by_key(|row| (row.account_id, row.seq));
    Ok(all(rows))
}

/// How many rows of each kind there are.
pub(super) async fn counts(connection: &mut SqliteConnection) -> sqlx::Result<Counts> {
    let rows = sqlx::query!(
        r#"SELECT
            (SELECT count(*) FROM secret_fingerprint) AS "fingerprint!: u64",
            (SELECT count(*) FROM accounts) AS "account!: u64",
            (SELECT count(*) FROM codes) AS "code!: u64",
            (SELECT count(*) FROM tokens) AS "token!: u64",
            (SELECT count(*) FROM known_sources) AS "source!: u64",
            (SELECT count(*) FROM sessions) AS "session!: u64",
            (SELECT count(*) FROM dossiers) AS "dossier!: u64",
            (SELECT count(*) FROM dossiers WHERE document_key IS NOT NULL) AS "document_key!: u64",
            (SELECT count(*) FROM conversations WHERE account_id IS NOT NULL) AS "conversation!: u64",
            (SELECT count(*) FROM conversations CROSS JOIN messages ON conversation_id = conversations.id
                WHERE account_id IS NOT NULL) AS "message!: u64",
            (SELECT count(*) FROM profiles) AS "profile!: u64",
            (SELECT count(*) FROM profile_changes) AS "profile_change!: u64",
            (SELECT count(*) FROM places) AS "place!: u64",
            (SELECT count(*) FROM throttles) AS "throttle!: u64",
            (SELECT count(*) FROM outbox) AS "outbox_mail!: u64",
            (SELECT count(*) FROM mailbox) AS "received_mail!: u64",
            (SELECT count(*) FROM security_events) AS "event!: u64""#
    );
    let rows = rows.fetch_one(connection).await?;
    let count = |kind: &Kind| match kind {
        Kind::Fingerprint => rows.fingerprint,
        Kind::Account => rows.account,
        Kind::Code => rows.code,
        Kind::Token => rows.token,
        Kind::Source => rows.source,
        Kind::Session => rows.session,
        Kind::Dossier => rows.dossier,
        Kind::DocumentKey => rows.document_key,
        Kind::Conversation => rows.conversation,
        Kind::Message => rows.message,
        Kind::Profile => rows.profile,
        Kind::ProfileChange => rows.profile_change,
        Kind::Place => rows.place,
        Kind::Throttle => rows.throttle,
        Kind::OutboxMail => rows.outbox_mail,
        Kind::ReceivedMail => rows.received_mail,
        Kind::Event => rows.event,
    };
    Ok(Kind::ALL.iter().map(|kind| (*kind, count(kind))).collect())
}
