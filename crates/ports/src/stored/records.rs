//! A row of any kind, as stores hand them to each other.

use uuid::Uuid;

use super::{
    StoredAccount, StoredCode, StoredConversation, StoredDocumentKey, StoredDossier, StoredEvent, StoredFingerprint,
    StoredKeyedThrottle, StoredMessage, StoredOutboxRow, StoredPlace, StoredProfile, StoredProfileChange,
    StoredReceivedMail, StoredSession, StoredSource, StoredToken,
};
use crate::StoreError;

macro_rules! records {
    ($($(#[$meta:meta])* $kind:ident $name:literal $row:ty,)+) => {
        /// What a record is, in the order in which records are exported: what another kind refers to comes before it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Kind {
            $($(#[$meta])* $kind,)+
        }

        impl Kind {
            /// Every kind, in order.
            pub const ALL: &[Self] = &[$(Self::$kind),+];

            /// Its name in an export.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$kind => $name,)+
                }
            }
        }

        /// A row of any kind. Its times are whole microseconds since 1970-01-01 UTC.
        #[derive(Clone, PartialEq)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(tag = "record", rename_all = "kebab-case"))]
        #[expect(clippy::large_enum_variant, reason = "most records are of the large kinds")]
        pub enum Record {
            $($(#[$meta])* $kind($row),)+
        }

        impl Record {
            /// What it is.
            pub const fn kind(&self) -> Kind {
                match self {
                    $(Self::$kind(_) => Kind::$kind,)+
                }
            }
        }

        $(impl From<$row> for Record {
            fn from(row: $row) -> Self {
                Self::$kind(row)
            }
        }

        impl TryFrom<Record> for $row {
            type Error = StoreError;

            fn try_from(record: Record) -> Result<Self, StoreError> {
                match record {
                    Record::$kind(row) => Ok(row),
                    _ => Err(StoreError::Failed("records of several kinds were given at once".into())),
                }
            }
        })+
    };
}

records! {
    /// What the secret is known by.
    Fingerprint "fingerprint" StoredFingerprint,
    /// An account.
    Account "account" StoredAccount<i64>,
    /// A mailed code.
    Code "code" StoredCode<i64>,
    /// A one-time token.
    Token "token" StoredToken<i64>,
    /// A source from which an account signed in.
    Source "source" StoredSource<i64>,
    /// A session.
    Session "session" StoredSession<i64>,
    /// A dossier.
    Dossier "dossier" StoredDossier<i64>,
    /// The key of the documents in a dossier.
    DocumentKey "document-key" StoredDocumentKey,
    /// A conversation.
    Conversation "conversation" StoredConversation,
    /// A message.
    Message "message" StoredMessage<i64>,
    /// A profile.
    Profile "profile" StoredProfile<i64>,
    /// A change of a profile.
    ProfileChange "profile-change" StoredProfileChange<i64>,
    /// A place.
    Place "place" StoredPlace<i64>,
    /// A throttle.
    Throttle "throttle" StoredKeyedThrottle<i64>,
    /// A mail that waits or was given up.
    OutboxMail "outbox-mail" StoredOutboxRow<i64>,
    /// A mail in the local mailbox.
    ReceivedMail "received-mail" StoredReceivedMail<i64>,
    /// A security event.
    Event "event" StoredEvent<i64>,
}

/// What the records of a kind are ordered by; each kind uses some of it, and the default comes before all.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct RecordKey {
    pub id: Uuid,
    /// Within what has the id.
    pub number: i64,
    /// Compared by its bytes.
    pub text: String,
    pub bytes: Vec<u8>,
}

impl Record {
    /// Its key, by which it is unique among the records of its kind.
    pub fn key(&self) -> RecordKey {
        let of = |id| RecordKey { id, ..RecordKey::default() };
        let numbered = |id, number| RecordKey { number, ..of(id) };
        let text = |id, text: &String| RecordKey { text: text.clone(), ..of(id) };
        match self {
            Self::Fingerprint(_) => numbered(Uuid::nil(), 1),
            Self::Account(row) => of(row.id),
            Self::Code(row) => of(row.id),
            Self::Token(row) => RecordKey { bytes: row.digest.clone(), ..RecordKey::default() },
            Self::Source(row) => text(row.account_id, &row.source),
            Self::Session(row) => of(row.id),
            Self::Dossier(row) => of(row.account_id),
            Self::DocumentKey(row) => of(row.account_id),
            Self::Conversation(row) => of(row.account_id),
            Self::Message(row) => numbered(row.account_id, row.seq),
            Self::Profile(row) => of(row.id),
            Self::ProfileChange(row) => numbered(row.profile_id, row.number),
            Self::Place(row) => of(row.id),
            Self::Throttle(row) => text(Uuid::nil(), &row.key),
            Self::OutboxMail(row) => of(row.id),
            Self::ReceivedMail(row) => of(row.id),
            Self::Event(row) => of(row.id),
        }
    }
}

/// How many records of each kind there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts([u64; Kind::ALL.len()]);

impl Counts {
    /// Of one kind.
    pub const fn of(&self, kind: Kind) -> u64 {
        self.0[kind as usize]
    }

    /// Of all kinds.
    pub fn total(&self) -> u64 {
        self.0.iter().fold(0, |total, count| total.saturating_add(*count))
    }

    /// Notes so many more of a kind.
    pub const fn add(&mut self, kind: Kind, more: u64) {
        self.0[kind as usize] += more;
    }

    /// Every kind with its number, in order.
    pub fn iter(&self) -> impl Iterator<Item = (Kind, u64)> {
        Kind::ALL.iter().map(|kind| (*kind, self.of(*kind)))
    }

    /// Whether there is anything but the fingerprint of the secret, which a server writes at its first start.
    pub fn is_empty(&self) -> bool {
        self.total() == self.of(Kind::Fingerprint)
    }
}

impl FromIterator<(Kind, u64)> for Counts {
    fn from_iter<I: IntoIterator<Item = (Kind, u64)>>(counts: I) -> Self {
        let mut all = Self::default();
        for (kind, count) in counts {
            all.add(kind, count);
        }
        all
    }
}
