//! The conversations between the owners of accounts and the staff: the context of dialects that have a chat.
//!
//! A message is stored first. Then those who follow the conversation on this node hear of it through the hub, and the other
//! nodes through the bus. Neither carries what a follower relies on: it reads the store for every message that it was not
//! handed in order, so a notice that is lost only delays.

mod appends;
mod close;
mod erase_removed;
mod follow;
mod follower;
mod hub;
mod list_messages;
mod mark_read;
mod newest;
mod news;
mod recent;
mod relay;
mod send;
mod watch_over;

use std::sync::Arc;

pub use follow::Follow;
pub use follower::{EndReason, Followed, Follower};
pub use list_messages::{ListMessages, MessageList};
pub use mark_read::{MarkRead, MarkedRead};
pub use send::{SendMessage, Sent};
use vestibule_domain::{AccountId, Conversation, Message, conversation::Side};
use vestibule_ports::{Bus, Notice, StoreError};

use self::{appends::Appends, hub::Hub, newest::Newest, news::News, recent::Recent};
use crate::{
    Caller, Core,
    fault::{Fault, faults_into},
    rights::may_answer,
    together::Together,
};

/// The most accounts or conversations that are read at once.
const BATCH: usize = 500;

/// The adapters that only this context works with.
#[derive(Clone)]
pub struct ChatPorts {
    /// Carries notices between the nodes.
    pub bus: Arc<dyn Bus>,
}

/// Every use case of conversations as a method; cheap to share, never cloned.
pub struct Chat {
    core: Arc<Core>,
    ports: ChatPorts,
    hub: Arc<Hub>,
    news: News,
    recent: Recent,
    appends: Together<Appends>,
    newest: Together<Newest>,
}

/// Why a conversation was not read, written or followed.
#[derive(Debug, thiserror::Error)]
pub enum ChatError {
    /// The caller has no part in the conversation, if there is one, or speaks for a side that it is not on.
    #[error("the caller has not the right")]
    Forbidden,
    /// There is no such account; said to the staff alone, and to an owner whose account was removed a moment ago.
    #[error("there is no such account")]
    UnknownAccount,
    /// The client has sent another text under this id.
    #[error("the client's id names another message")]
    ClientIdReused,
    /// Nothing to do with what was asked.
    #[error(transparent)]
    Fault(#[from] Fault),
}

faults_into!(ChatError: StoreError);

impl Chat {
    /// Builds the facade.
    pub fn new(core: Arc<Core>, ports: ChatPorts) -> Self {
        let hub = Arc::new(Hub::new(core.policy.chat, core.monotonic()));
        let (appends, newest) = (Appends::together(&core.ports.store), Newest::together(&core.ports.store));
        Self { core, ports, hub, news: News::default(), recent: Recent::default(), appends, newest }
    }

    /// What it shares with the other contexts.
    pub fn core(&self) -> &Arc<Core> {
        &self.core
    }

    /// How many followers there are on this node.
    pub fn followers(&self) -> usize {
        self.hub.followers()
    }

    /// How many conversations are followed on this node.
    pub fn followed_conversations(&self) -> usize {
        self.hub.conversations().len()
    }

    /// Whether the caller has a part in a conversation, to be asked before what was sent is looked at.
    pub fn check_may_read(&self, caller: &Caller, conversation: AccountId) -> Result<(), ChatError> {
        side_of(caller, conversation).map(drop)
    }

    /// Whether the caller may speak for a side of a conversation, to be asked before what was sent is looked at: only its owner
    /// for the user, only an admin or a root for the staff.
    pub fn check_may_send(&self, caller: &Caller, conversation: AccountId, side: Side) -> Result<(), ChatError> {
        let may = match side {
            Side::User => caller.id() == conversation,
            Side::Staff => may_answer(caller.account()),
        };
        if may { Ok(()) } else { Err(ChatError::Forbidden) }
    }

    /// The conversation as it is now; an empty one if the account has none yet, an error if there is no such account.
    async fn conversation_of(&self, account: AccountId) -> Result<Conversation, ChatError> {
        if let Some(conversation) = self.core.read().conversations().find(account).await? {
            return Ok(conversation);
        }
        self.check_exists(account).await?;
        Ok(Conversation::empty(account))
    }

    async fn check_exists(&self, account: AccountId) -> Result<(), ChatError> {
        let found = self.core.read().accounts().find(account).await?;
        found.map(drop).ok_or(ChatError::UnknownAccount)
    }

    /// Tells the followers here at once, and those on other nodes by way of the bus.
    fn announce(&self, conversation: &Conversation, message: Option<&Arc<Message>>) {
        let notice = Notice::from(conversation);
        self.hub.advance(notice, message);
        self.news.add(notice);
    }
}

/// On which side of a conversation the caller is: an owner on the user's, even if it is staff elsewhere.
fn side_of(caller: &Caller, conversation: AccountId) -> Result<Side, ChatError> {
    if caller.id() == conversation {
        Ok(Side::User)
    } else if may_answer(caller.account()) {
        Ok(Side::Staff)
    } else {
        Err(ChatError::Forbidden)
    }
}
