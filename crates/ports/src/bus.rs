//! News between nodes: that a conversation has changed, never what was said.

use std::error::Error;

use async_trait::async_trait;
use vestibule_domain::{AccountId, Conversation};

/// A conversation has changed: a message came, or a read cursor moved. The numbers are those that the sender knows: they tell
/// who hears of it whether it is news, and no more than that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Notice {
    /// Whose it is.
    pub conversation: AccountId,
    /// The number of its last message.
    pub seq: u64,
    /// The read cursor of the user's side.
    pub read_by_user: u64,
    /// The read cursor of the staff's side.
    pub read_by_staff: u64,
}

impl From<&Conversation> for Notice {
    fn from(conversation: &Conversation) -> Self {
        Self {
            conversation: conversation.account,
            seq: conversation.last_seq(),
            read_by_user: conversation.read_by_user.seq,
            read_by_staff: conversation.read_by_staff.seq,
        }
    }
}

impl Notice {
    /// What this and an earlier or later notice of the same conversation say together.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self {
            conversation: self.conversation,
            seq: self.seq.max(other.seq),
            read_by_user: self.read_by_user.max(other.read_by_user),
            read_by_staff: self.read_by_staff.max(other.read_by_staff),
        }
    }
}

/// The other nodes cannot be reached, or heard.
#[derive(Debug, thiserror::Error)]
#[error("the bus is unavailable")]
pub struct BusError(#[source] pub Box<dyn Error + Send + Sync>);

/// Carries notices between the nodes that share a store. Any of them may be lost, come twice, late or in another order: who
/// hears one reads the store, and reads it from time to time without one.
#[async_trait]
pub trait Bus: Send + Sync {
    /// Tells every node, this one included.
    async fn publish(&self, notices: &[Notice]) -> Result<(), BusError>;
    /// Listens: what is published after this has returned is heard, unless it is lost.
    async fn subscribe(&self) -> Result<Box<dyn Subscription>, BusError>;
}

/// What a node hears.
#[async_trait]
pub trait Subscription: Send {
    /// Waits for notices; an error ends the subscription, and what was published since the last ones may be lost. It can be
    /// dropped while it waits without losing one.
    async fn next(&mut self) -> Result<Vec<Notice>, BusError>;
}
