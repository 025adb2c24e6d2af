//! The whole state, as tables that share structure with their copies.

use std::error::Error;

use vestibule_domain::{AccountId, Digest};
use vestibule_ports::StoreError;

use crate::{
    accounts::AccountTable, codes::CodeTable, conversations::ConversationTable, dossiers::DossierTable,
    events::EventTable, mailbox::MailboxTable, outbox::OutboxTable, places::PlaceTable, profiles::ProfileTable,
    sessions::SessionTable, sources::SourceTable, throttles::ThrottleTable, tokens::TokenTable,
};

/// The most rows that one purge removes.
pub(crate) const PURGE_LIMIT: usize = 1000;

/// One state of the store; a copy is cheap and independent.
#[derive(Clone, Default)]
pub(crate) struct State {
    pub(crate) accounts: AccountTable,
    pub(crate) codes: CodeTable,
    pub(crate) conversations: ConversationTable,
    pub(crate) dossiers: DossierTable,
    pub(crate) events: EventTable,
    pub(crate) sessions: SessionTable,
    pub(crate) fingerprint: Option<Digest>,
    pub(crate) mailbox: MailboxTable,
    pub(crate) outbox: OutboxTable,
    pub(crate) places: PlaceTable,
    pub(crate) profiles: ProfileTable,
    pub(crate) sources: SourceTable,
    pub(crate) throttles: ThrottleTable,
    pub(crate) tokens: TokenTable,
}

impl State {
    /// Refuses a row for a missing account, as a foreign key does: another unit removed the account since it was read.
    pub(crate) fn must_have(&self, account: AccountId) -> Result<(), StoreError> {
        if self.accounts.contains(account) { Ok(()) } else { Err(StoreError::Busy(None)) }
    }
}

/// Only a bug in the caller leads here.
pub(crate) fn failed(why: &'static str) -> StoreError {
    StoreError::Failed(Box::<dyn Error + Send + Sync>::from(why))
}

/// The number of rows that a statement touched.
pub(crate) fn rows(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
