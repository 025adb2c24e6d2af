//! A store that answers every call with an error, or not at all.

use async_trait::async_trait;
use time::OffsetDateTime;
use vestibule_domain::{
    Account, AccountId, Conversation, Digest, Dossier, EmailAddress, EventId, MailId, Message, NewMessage,
    OneTimeToken, PlaceId, Profile, ProfileId, Provider, ProviderUserId, SecurityEvent, Session, SessionId, Source,
    TokenPurpose, Username,
    conversation::Side,
    mail::{OutboxEntry, ReceivedMail},
    place::{Place, PlaceName},
    profile::{ProfileChange, ProfileFilter, ProfileState},
};
use vestibule_ports::{
    AccountFilter, AccountSearch, Advance, AdvanceSessions, Advanced, Appended, Around, Conversations, CountedProfiles,
    Export, Found, Import, MessageRange, MigrationStatus, NearProfile, OutboxStats, Page, PageRequest, PoolUsage,
    ProfileSummary, ProfileWindow, QueueFilter, QueuePage, ReadAccounts, ReadConversations, ReadDossiers, ReadEvents,
    ReadFingerprint, ReadMailbox, ReadOutbox, ReadPlaces, ReadProfiles, ReadSessions, ReadSources, ReadTokens,
    ReadView, SealedDocumentKey, Store, StoreError, UnitOfWork, Window,
};

/// The error.
#[derive(Debug, Clone, Copy)]
pub enum BrokenStore {
    /// Locked by another unit.
    Busy,
    /// Unreachable.
    Away,
    /// Fails for a reason that clients are not told.
    Failing,
    /// Never answers.
    Hanging,
}

impl BrokenStore {
    async fn fail<T>(self) -> Result<T, StoreError> {
        Err(match self {
            Self::Busy => StoreError::Busy(None),
            Self::Away => StoreError::Unavailable(None),
            Self::Failing => StoreError::Failed("a secret of the inside".into()),
            Self::Hanging => std::future::pending().await,
        })
    }
}

#[async_trait]
impl Store for BrokenStore {
    fn read(&self) -> &dyn ReadView {
        self
    }

    async fn write(&self) -> Result<Box<dyn UnitOfWork>, StoreError> {
        self.fail().await
    }

    fn sessions(&self) -> &dyn AdvanceSessions {
        self
    }

    fn conversations(&self) -> &dyn Conversations {
        self
    }

    async fn export(&self) -> Result<Box<dyn Export + '_>, StoreError> {
        self.fail().await
    }

    async fn import(&self) -> Result<Option<Box<dyn Import + '_>>, StoreError> {
        self.fail().await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.fail().await
    }

    async fn migrate(&self) -> Result<(), StoreError> {
        self.fail().await
    }

    async fn migrations(&self) -> Result<Vec<MigrationStatus>, StoreError> {
        self.fail().await
    }

    async fn servers(&self) -> Result<Vec<String>, StoreError> {
        self.fail().await
    }

    fn pool_usage(&self) -> PoolUsage {
        PoolUsage::default()
    }

    async fn close(&self) {}
}

#[async_trait]
impl ReadFingerprint for BrokenStore {
    async fn find(&self) -> Result<Option<Digest>, StoreError> {
        self.fail().await
    }
}

#[async_trait]
impl ReadAccounts for BrokenStore {
    async fn find(&self, _: AccountId) -> Result<Option<Account>, StoreError> {
        self.fail().await
    }

    async fn find_many(&self, _: &[AccountId]) -> Result<Vec<Account>, StoreError> {
        self.fail().await
    }

    async fn find_by_email(&self, _: &EmailAddress) -> Result<Option<Account>, StoreError> {
        self.fail().await
    }

    async fn find_by_username(&self, _: &Username) -> Result<Option<Account>, StoreError> {
        self.fail().await
    }

    async fn find_by_identity(&self, _: Provider, _: &ProviderUserId) -> Result<Option<Account>, StoreError> {
        self.fail().await
    }

    async fn search(&self, _: &AccountSearch, _: &Window) -> Result<Found, StoreError> {
        self.fail().await
    }

    async fn find_by_emails(&self, _: &[EmailAddress]) -> Result<Vec<Account>, StoreError> {
        self.fail().await
    }

    async fn list(&self, _: AccountFilter, _: PageRequest) -> Result<Page<Account>, StoreError> {
        self.fail().await
    }

    async fn list_doubtful_addresses(&self, _: PageRequest) -> Result<Page<Account>, StoreError> {
        self.fail().await
    }

    async fn count(&self, _: AccountFilter) -> Result<u64, StoreError> {
        self.fail().await
    }
}

#[async_trait]
impl ReadConversations for BrokenStore {
    async fn find(&self, _: AccountId) -> Result<Option<Conversation>, StoreError> {
        self.fail().await
    }

    async fn find_many(&self, _: &[AccountId]) -> Result<Vec<Conversation>, StoreError> {
        self.fail().await
    }

    async fn messages(&self, _: AccountId, _: MessageRange) -> Result<Vec<Message>, StoreError> {
        self.fail().await
    }

    async fn newest(&self, _: &[AccountId], _: u32) -> Result<Vec<Message>, StoreError> {
        self.fail().await
    }
}

#[async_trait]
impl Conversations for BrokenStore {
    async fn append_many(&self, messages: &[NewMessage]) -> Vec<Result<Appended, StoreError>> {
        let mut refused = Vec::new();
        for _ in messages {
            refused.push(self.fail().await);
        }
        refused
    }

    async fn mark_read(&self, _: AccountId, _: Side, _: u64) -> Result<Option<Conversation>, StoreError> {
        self.fail().await
    }

    async fn erase_removed(&self, _: u32) -> Result<u64, StoreError> {
        self.fail().await
    }
}

#[async_trait]
impl ReadDossiers for BrokenStore {
    async fn document_key(&self, _: AccountId) -> Result<Option<SealedDocumentKey>, StoreError> {
        self.fail().await
    }

    async fn find(&self, _: AccountId) -> Result<Option<Dossier>, StoreError> {
        self.fail().await
    }

    async fn find_many(&self, _: &[AccountId]) -> Result<Vec<Dossier>, StoreError> {
        self.fail().await
    }

    async fn queue(&self, _: QueueFilter, _: QueuePage) -> Result<Page<Dossier>, StoreError> {
        self.fail().await
    }
}

#[async_trait]
impl ReadEvents for BrokenStore {
    async fn list(&self, _: Option<AccountId>, _: Option<EventId>, _: u32) -> Result<Vec<SecurityEvent>, StoreError> {
        self.fail().await
    }
}

#[async_trait]
impl AdvanceSessions for BrokenStore {
    async fn advance(&self, _: &[Advance]) -> Result<Vec<Option<Advanced>>, StoreError> {
        self.fail().await
    }
}

#[async_trait]
impl ReadSessions for BrokenStore {
    async fn find(&self, _: SessionId) -> Result<Option<Session<Account>>, StoreError> {
        self.fail().await
    }

    async fn find_many(&self, _: &[SessionId]) -> Result<Vec<Session>, StoreError> {
        self.fail().await
    }

    async fn list_of_account(&self, _: AccountId, _: u32) -> Result<Vec<Session>, StoreError> {
        self.fail().await
    }
}

#[async_trait]
impl ReadMailbox for BrokenStore {
    async fn list(&self, _: Option<&EmailAddress>, _: u32) -> Result<Vec<ReceivedMail>, StoreError> {
        self.fail().await
    }
}

#[async_trait]
impl ReadOutbox for BrokenStore {
    async fn stats(&self) -> Result<OutboxStats, StoreError> {
        self.fail().await
    }

    async fn find(&self, _: MailId) -> Result<Option<OutboxEntry>, StoreError> {
        self.fail().await
    }

    async fn list_waiting(&self, _: u32) -> Result<Vec<OutboxEntry>, StoreError> {
        self.fail().await
    }

    async fn list_dead(&self, _: u32) -> Result<Vec<OutboxEntry>, StoreError> {
        self.fail().await
    }
}

#[async_trait]
impl ReadPlaces for BrokenStore {
    async fn find(&self, _: PlaceId) -> Result<Option<Place>, StoreError> {
        self.fail().await
    }

    async fn missing(&self, _: OffsetDateTime, _: u32) -> Result<Vec<PlaceName>, StoreError> {
        self.fail().await
    }

    async fn located(&self, _: Option<&PlaceName>, _: u32) -> Result<Vec<Place>, StoreError> {
        self.fail().await
    }
}

#[async_trait]
impl ReadProfiles for BrokenStore {
    async fn find(&self, _: ProfileId) -> Result<Option<Profile>, StoreError> {
        self.fail().await
    }

    async fn find_many(&self, _: &[ProfileId]) -> Result<Vec<Profile>, StoreError> {
        self.fail().await
    }

    async fn list(&self, _: ProfileState, _: ProfileWindow) -> Result<CountedProfiles, StoreError> {
        self.fail().await
    }

    async fn search(&self, _: &ProfileFilter, _: ProfileWindow) -> Result<Vec<ProfileSummary>, StoreError> {
        self.fail().await
    }

    async fn near(&self, _: Around, _: &ProfileFilter, _: ProfileWindow) -> Result<Vec<NearProfile>, StoreError> {
        self.fail().await
    }

    async fn history(&self, _: ProfileId, _: Option<u64>, _: u32) -> Result<Page<ProfileChange>, StoreError> {
        self.fail().await
    }
}

#[async_trait]
impl ReadSources for BrokenStore {
    async fn contains(&self, _: AccountId, _: Source) -> Result<bool, StoreError> {
        self.fail().await
    }
}

#[async_trait]
impl ReadTokens for BrokenStore {
    async fn find(&self, _: &Digest, _: TokenPurpose, _: OffsetDateTime) -> Result<Option<OneTimeToken>, StoreError> {
        self.fail().await
    }
}
