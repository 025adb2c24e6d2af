//! Every table in the order of its keys, a page at a time.

use time::OffsetDateTime;
use uuid::Uuid;
use vestibule_ports::{
    Batch, MessageSpan, StoreError,
    stored::{
        Counts, Kind, Record, RecordKey, StoredAccount, StoredCode, StoredConversation, StoredDocumentKey,
        StoredDossier, StoredEvent, StoredFingerprint, StoredKeyedThrottle, StoredMessage, StoredOutboxRow,
        StoredPlace, StoredProfile, StoredProfileChange, StoredReceivedMail, StoredSession, StoredSource, StoredToken,
    },
};

use crate::{
    columns::{columns, select},
    store::count,
    unit::PostgresUnit,
};

type AccountRow = StoredAccount<OffsetDateTime>;
type DossierRow = StoredDossier<OffsetDateTime>;
type EventRow = StoredEvent<OffsetDateTime>;
type MailRow = StoredReceivedMail<OffsetDateTime>;
type MessageRow = StoredMessage<OffsetDateTime>;
type PlaceRow = StoredPlace<OffsetDateTime>;
type ProfileRow = StoredProfile<OffsetDateTime>;
type SessionRow = StoredSession<OffsetDateTime>;
type TokenRow = StoredToken<OffsetDateTime>;

/// Rows without times as records.
macro_rules! plain {
    ($rows:expr) => {
        $rows.into_iter().map(Record::from).collect()
    };
}

/// Rows with times as records.
macro_rules! timed {
    ($rows:expr) => {
        $rows.into_iter().map(|row| row.with_times::<i64>().map(Record::from)).collect::<Result<_, _>>()?
    };
}

/// Makes a function of statements, one for each kind but messages: what they are given is named first.
macro_rules! pages {
    ([$id:ident, $number:ident, $text:ident, $bytes:ident, $limit:ident] $($kind:ident $form:ident => $statement:expr,)+) => {
        /// The records of a kind that come after a key.
        pub(super) async fn page(
            unit: &mut PostgresUnit,
            kind: Kind,
            after: &RecordKey,
        ) -> Result<Vec<Record>, StoreError> {
            let RecordKey { id: $id, number: $number, text: $text, bytes: $bytes } = after;
            let $limit = i64::from(Batch::MOST);
            Ok(match kind {
                $(Kind::$kind => {
                    let outcome = $statement.fetch_all(&mut *unit.transaction).await;
                    $form!(unit.checked(outcome)?)
                })+
                Kind::Message => Vec::new(),
            })
        }
    };
}

pages! {
    [id, number, text, bytes, limit]
    Fingerprint plain => sqlx::query_as!(
        StoredFingerprint,
        "SELECT digest FROM secret_fingerprint WHERE $1::bigint < 1",
        number
    ),
    Account timed => columns!(accounts select [
        AccountRow, "SELECT id", " FROM accounts WHERE id > $1 ORDER BY id LIMIT $2", id, limit
    ]),
    Code timed => sqlx::query_as!(
        StoredCode::<OffsetDateTime>,
        "SELECT id, account_id, purpose, digest, tries_left, expires_at, waiting_password \
         FROM codes WHERE id > $1 ORDER BY id LIMIT $2",
        id,
        limit
    ),
    Token timed => columns!(tokens select [
        TokenRow, "SELECT account_id", " FROM tokens WHERE digest > $1 ORDER BY digest LIMIT $2", bytes, limit
    ]),
    Source timed => sqlx::query_as!(
        StoredSource::<OffsetDateTime>,
        "SELECT account_id, source, last_used_at FROM known_sources \
         WHERE account_id >= $1 AND (account_id > $1 OR source COLLATE \"C\" > $2) \
         ORDER BY account_id, source COLLATE \"C\" LIMIT $3",
        id,
        text,
        limit
    ),
    Session timed => columns!(sessions select [
        SessionRow, "SELECT id, account_id", " FROM sessions WHERE id > $1 ORDER BY id LIMIT $2", id, limit
    ]),
    Dossier timed => columns!(dossiers select [
        DossierRow,
        "SELECT account_id",
        " FROM dossiers WHERE account_id > $1 ORDER BY account_id LIMIT $2",
        id,
        limit
    ]),
    DocumentKey plain => sqlx::query_as!(
        StoredDocumentKey,
        "SELECT account_id, document_key AS \"sealed!\" FROM dossiers \
         WHERE account_id > $1 AND document_key IS NOT NULL ORDER BY account_id LIMIT $2",
        id,
        limit
    ),
    Conversation plain => sqlx::query_as!(
        StoredConversation,
        "SELECT account_id AS \"account_id!\", written_seq, written_by_user, user_read_seq, user_read_by_user, \
         staff_read_seq, staff_read_by_user FROM conversations WHERE account_id > $1 ORDER BY account_id LIMIT $2",
        id,
        limit
    ),
    Profile timed => columns!(profiles select [
        ProfileRow, "SELECT id", " FROM profiles WHERE id > $1 ORDER BY id LIMIT $2", id, limit
    ]),
    ProfileChange timed => sqlx::query_as!(
        StoredProfileChange::<OffsetDateTime>,
        "SELECT profile_id, number, part, message_id, old_value, new_value, actor, actor_id, at \
         FROM profile_changes WHERE (profile_id, number) > ($1, $2) ORDER BY profile_id, number LIMIT $3",
        id,
        number,
        limit
    ),
    Place timed => columns!(places select [
        PlaceRow, "SELECT id", " FROM places WHERE id > $1 ORDER BY id LIMIT $2", id, limit
    ]),
    Throttle timed => sqlx::query_as!(
        StoredKeyedThrottle::<OffsetDateTime>,
        "SELECT key, count, window_ends_at, blocked_until FROM throttles \
         WHERE key COLLATE \"C\" > $1 ORDER BY key COLLATE \"C\" LIMIT $2",
        text,
        limit
    ),
    OutboxMail timed => sqlx::query_as!(
        StoredOutboxRow::<OffsetDateTime>,
        "SELECT id, recipient, attempts, created_at, due_at, leased_until, expires_at, dead_at, last_error, content \
         FROM outbox WHERE id > $1 ORDER BY id LIMIT $2",
        id,
        limit
    ),
    ReceivedMail timed => columns!(mailbox select [
        MailRow, "SELECT id", " FROM mailbox WHERE id > $1 ORDER BY id LIMIT $2", id, limit
    ]),
    Event timed => columns!(events select [
        EventRow,
        "SELECT id, account_id, actor_id",
        " FROM security_events WHERE id > $1 ORDER BY id LIMIT $2",
        id,
        limit
    ]),
}

/// How many messages the conversations after one have. Those of removed accounts are none.
pub(super) async fn lengths(unit: &mut PostgresUnit, after: Uuid, limit: i64) -> Result<Vec<(Uuid, i64)>, StoreError> {
    let rows = sqlx::query!(
        "SELECT account_id AS \"account_id!\", written_seq FROM conversations WHERE account_id > $1 \
         ORDER BY account_id LIMIT $2",
        after,
        limit
    );
    let outcome = rows.fetch_all(&mut *unit.transaction).await;
    Ok(unit.checked(outcome)?.into_iter().map(|row| (row.account_id, row.written_seq)).collect())
}

/// The messages of a span.
pub(super) async fn messages(unit: &mut PostgresUnit, span: &MessageSpan) -> Result<Vec<Record>, StoreError> {
    let MessageSpan { accounts, first, last } = span;
    let rows = columns!(messages select [
        MessageRow,
        "SELECT id_of_account AS \"account_id!\", seq AS \"seq!\", id, author",
        " FROM unnest($1::uuid[]) AS given (id_of_account) CROSS JOIN LATERAL \
         (SELECT * FROM messages WHERE conversation_id = \
         (SELECT c.id FROM conversations c WHERE c.account_id = id_of_account) AND seq BETWEEN $2 AND $3) spanned \
         ORDER BY id_of_account, seq",
        accounts,
        first,
        last
    ]);
    let outcome = rows.fetch_all(&mut *unit.transaction).await;
    Ok(timed!(unit.checked(outcome)?))
}

/// How many rows of each kind there are.
pub(super) async fn counts(unit: &mut PostgresUnit) -> Result<Counts, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT
            (SELECT count(*) FROM secret_fingerprint) AS "fingerprint!",
            (SELECT count(*) FROM accounts) AS "account!",
            (SELECT count(*) FROM codes) AS "code!",
            (SELECT count(*) FROM tokens) AS "token!",
            (SELECT count(*) FROM known_sources) AS "source!",
            (SELECT count(*) FROM sessions) AS "session!",
            (SELECT count(*) FROM dossiers) AS "dossier!",
            (SELECT count(*) FROM dossiers WHERE document_key IS NOT NULL) AS "document_key!",
            (SELECT count(*) FROM conversations WHERE account_id IS NOT NULL) AS "conversation!",
            (SELECT count(*) FROM messages m JOIN conversations c ON c.id = m.conversation_id
                WHERE c.account_id IS NOT NULL) AS "message!",
            (SELECT count(*) FROM profiles) AS "profile!",
            (SELECT count(*) FROM profile_changes) AS "profile_change!",
            (SELECT count(*) FROM places) AS "place!",
            (SELECT count(*) FROM throttles) AS "throttle!",
            (SELECT count(*) FROM outbox) AS "outbox_mail!",
            (SELECT count(*) FROM mailbox) AS "received_mail!",
            (SELECT count(*) FROM security_events) AS "event!""#
    );
    let outcome = rows.fetch_one(&mut *unit.transaction).await;
    let rows = unit.checked(outcome)?;
    let of = |kind: &Kind| match kind {
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
    Ok(Kind::ALL.iter().map(|kind| (*kind, count(of(kind)))).collect())
}
