//! News between nodes: that a conversation has changed, never what was said.

use std::error::Error;

use async_trait::async_trait;
use vestibule_domain::{AccountId, Conversation};

/// A conversation has changed: a message came, or a read cursor moved. The numbers are those that the sender knows; a
/// receiver uses them only to tell whether the notice is new to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Notice {
    /// The account that the conversation belongs to.
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
    /// This notice merged with another one of the same conversation, earlier or later.
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

/// The other nodes are unreachable.
#[derive(Debug, thiserror::Error)]
#[error("the bus is unavailable")]
pub struct BusError(#[source] pub Box<dyn Error + Send + Sync>);

/// Carries notices between the nodes that share a store. A notice may be lost, repeated, late or out of order. So a
/// receiver reads the store after each notice, and also polls it from time to time.
#[async_trait]
pub trait Bus: Send + Sync {
    /// Sends notices to every node, this one included.
    async fn publish(&self, notices: &[Notice]) -> Result<(), BusError>;
    /// Subscribes: notices published after this returns are received, unless they are lost.
    async fn subscribe(&self) -> Result<Box<dyn Subscription>, BusError>;
}

/// The notices that a node receives.
#[async_trait]
pub trait Subscription: Send {
    /// Waits for notices. An error ends the subscription, and notices published since the last ones may be lost. The future
    /// can be dropped while it waits without losing a notice.
    async fn next(&mut self) -> Result<Vec<Notice>, BusError>;
}
