//! Ending the streams of those who have lost the right, and hearing what no notice told.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use vestibule_domain::{Account, AccountId, Conversation, Owner, Session, SessionId, TokenEpoch, conversation::Side};
use vestibule_ports::{Notice, StoreError};

use super::{BATCH, Chat, EndReason, hub::Ticket};
use crate::{Fault, rights::may_answer};

/// What of an account decides whether it may go on following.
#[derive(Clone, Copy)]
struct Standing {
    is_active: bool,
    may_answer: bool,
    epoch: TokenEpoch,
}

impl From<&Account> for Standing {
    fn from(account: &Account) -> Self {
        Self { is_active: account.is_active(), may_answer: may_answer(account), epoch: account.epoch() }
    }
}

/// What the store says about those who follow.
struct Findings {
    accounts: HashMap<AccountId, Standing>,
    sessions: HashMap<SessionId, Owner>,
}

impl Findings {
    /// Whether a caller who follows a conversation would be let in now.
    fn admit(&self, ticket: &Ticket) -> bool {
        let Some(caller) = self.accounts.get(&ticket.caller) else { return false };
        let epoch = match ticket.session {
            None => Some(ticket.epoch),
            // A session may live on under another epoch.
            Some(session) => self.sessions.get(&session).and_then(Owner::epoch),
        };
        let has_right = match ticket.side {
            Side::User => true,
            Side::Staff => caller.may_answer,
        };
        let is_there = self.accounts.contains_key(&ticket.conversation);
        caller.is_active && epoch == Some(caller.epoch) && has_right && is_there
    }
}

impl Chat {
    /// Looks after every follower of this node once: ends the streams of those who would not be let in any more, and
    /// reads how far the followed conversations are. To be called every few seconds: it bounds how long a caller listens
    /// who must not any more, and how long a lost notice delays.
    pub async fn watch_over(&self) -> Result<(), Fault> {
        let (ended, compared) = tokio::join!(self.end_revoked(), self.compare_with_store());
        ended.and(compared)
    }

    async fn end_revoked(&self) -> Result<(), Fault> {
        let began = self.core.monotonic();
        let tickets = self.hub.tickets();
        let findings = self.look_up(&tickets).await?;
        for ticket in tickets.iter().filter(|ticket| !findings.admit(ticket)) {
            self.hub.end(ticket, EndReason::Revoked);
        }
        self.hub.note_look(began);
        Ok(())
    }

    async fn look_up(&self, tickets: &[Arc<Ticket>]) -> Result<Findings, StoreError> {
        let ids: BTreeSet<AccountId> = tickets.iter().flat_map(|ticket| [ticket.caller, ticket.conversation]).collect();
        let ids: Vec<AccountId> = ids.into_iter().collect();
        let mut accounts = HashMap::with_capacity(ids.len());
        for batch in ids.chunks(BATCH) {
            let found = self.core.read().accounts().find_many(batch).await?;
            accounts.extend(found.iter().map(|account| (account.id(), Standing::from(account))));
        }
        let ids: BTreeSet<SessionId> = tickets.iter().filter_map(|ticket| ticket.session).collect();
        let ids: Vec<SessionId> = ids.into_iter().collect();
        let mut sessions = HashMap::with_capacity(ids.len());
        for batch in ids.chunks(BATCH) {
            let found: Vec<Session> = self.core.read().sessions().find_many(batch).await?;
            sessions.extend(found.into_iter().map(|session| (session.id, session.owner)));
        }
        Ok(Findings { accounts, sessions })
    }

    /// Reads how far the followed conversations are in the store, which may be further than any notice told, or less far than
    /// before.
    async fn compare_with_store(&self) -> Result<(), Fault> {
        for batch in self.hub.conversations().chunks(BATCH) {
            let found = self.core.read().conversations().find_many(batch).await?;
            let found: HashMap<_, _> = found.into_iter().map(|stored| (stored.account, stored)).collect();
            for id in batch {
                // Without a message there is none in the store.
                self.hub.note_stored(&found.get(id).copied().unwrap_or_else(|| Conversation::empty(*id)));
            }
        }
        Ok(())
    }

    /// Reads how far conversations are, and tells those who follow them.
    pub(super) async fn refresh(&self, conversations: Vec<AccountId>) -> Result<(), Fault> {
        for batch in conversations.chunks(BATCH) {
            for conversation in self.core.read().conversations().find_many(batch).await? {
                self.hub.advance(Notice::from(&conversation), None);
            }
        }
        Ok(())
    }
}
