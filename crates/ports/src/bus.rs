//! News between nodes: that a conversation has changed, never what was said.

use std::error::Error;

use async_trait::async_trait;
use vestibule_domain::AccountId;

/// A conversation has changed: a message came, or a read cursor moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Notice {
    /// Whose it is.
    pub conversation: AccountId,
    /// The number of its last message, as far as the sender knows.
    pub seq: u64,
}

/// The other nodes cannot be reached, or heard.
#[derive(Debug, thiserror::Error)]
#[error("the bus is unavailable")]
pub struct BusError(#[source] pub Box<dyn Error + Send + Sync>);

/// Carries notices between the nodes that share a store. Any of them may be lost, come twice or late: who hears one reads the store,
/// and reads on from time to time without one.
#[async_trait]
pub trait Bus: Send + Sync {
    /// Tells every node, this one included.
    async fn publish(&self, notices: &[Notice]) -> Result<(), BusError>;
    /// Listens from now on.
    async fn subscribe(&self) -> Result<Box<dyn Subscription>, BusError>;
}

/// What a node hears.
#[async_trait]
pub trait Subscription: Send {
    /// Waits for notices; an error ends the subscription, and what was published since the last ones may be lost. It can be
    /// dropped while it waits without losing one.
    async fn next(&mut self) -> Result<Vec<Notice>, BusError>;
}
