//! A bus within one process, for stores that have no other node.

use async_trait::async_trait;
use tokio::sync::broadcast::{self, Receiver, Sender};
use vestibule_ports::{Bus, BusError, Notice, Subscription};

/// How many publications may wait for a subscriber; beyond that it loses the oldest.
const CAPACITY: usize = 1_024;

/// Carries notices within this process; clones share it.
#[derive(Debug, Clone)]
pub struct LocalBus(Sender<Vec<Notice>>);

impl Default for LocalBus {
    fn default() -> Self {
        Self(Sender::new(CAPACITY))
    }
}

impl LocalBus {
    /// A bus without subscribers.
    pub fn new() -> Self {
        Self::default()
    }
}

#[async_trait]
impl Bus for LocalBus {
    async fn publish(&self, notices: &[Notice]) -> Result<(), BusError> {
        // Having no subscriber is no error.
        let _ = self.0.send(notices.to_vec());
        Ok(())
    }

    async fn subscribe(&self) -> Result<Box<dyn Subscription>, BusError> {
        Ok(Box::new(LocalSubscription(self.0.subscribe())))
    }
}

struct LocalSubscription(Receiver<Vec<Notice>>);

#[async_trait]
impl Subscription for LocalSubscription {
    async fn next(&mut self) -> Result<Vec<Notice>, BusError> {
        self.0.recv().await.map_err(|error: broadcast::error::RecvError| BusError(error.into()))
    }
}

#[cfg(test)]
mod tests {
    use vestibule_domain::id::Id96;

    use super::*;

    fn notice(seq: u64) -> Notice {
        Notice { conversation: Id96::from_bytes([7; 12]).into(), seq, read_by_user: 0, read_by_staff: 0 }
    }

    #[tokio::test]
    async fn every_subscriber_hears_what_is_published_after_it_subscribed() {
        let bus = LocalBus::new();
        bus.publish(&[notice(1)]).await.unwrap();
        let mut first = bus.subscribe().await.unwrap();
        bus.clone().publish(&[notice(2), notice(3)]).await.unwrap();
        let mut second = bus.subscribe().await.unwrap();
        bus.publish(&[notice(4)]).await.unwrap();
        assert_eq!(first.next().await.unwrap(), [notice(2), notice(3)]);
        assert_eq!(first.next().await.unwrap(), [notice(4)]);
        assert_eq!(second.next().await.unwrap(), [notice(4)]);
    }

    #[tokio::test]
    async fn a_subscriber_that_lags_too_far_behind_is_told() {
        let bus = LocalBus::new();
        let mut subscription = bus.subscribe().await.unwrap();
        for seq in 0..2_000 {
            bus.publish(&[notice(seq)]).await.unwrap();
        }
        assert!(subscription.next().await.is_err());
    }
}
