//! What the other nodes are to be told.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;
use vestibule_domain::AccountId;
use vestibule_ports::Notice;

/// While the bus is unavailable no more conversations wait than that: the nodes that miss a notice find out by themselves.
const MOST: usize = 10_000;

/// Notices that wait for the bus, one a conversation, however often it changes.
#[derive(Default)]
pub(super) struct News {
    waiting: Mutex<HashMap<AccountId, Notice>>,
    arrived: Notify,
}

impl News {
    /// Adds a notice; never waits.
    pub(super) fn add(&self, notice: Notice) {
        self.keep(notice);
        self.arrived.notify_one();
    }

    /// Takes all that wait.
    pub(super) fn take(&self) -> Vec<Notice> {
        std::mem::take(&mut *self.waiting()).into_values().collect()
    }

    /// Waits until there are some and takes them.
    pub(super) async fn next(&self) -> Vec<Notice> {
        loop {
            let notices = self.take();
            if !notices.is_empty() {
                return notices;
            }
            self.arrived.notified().await;
        }
    }

    /// Takes back what could not be told.
    pub(super) fn put_back(&self, notices: Vec<Notice>) {
        for notice in notices {
            self.keep(notice);
        }
    }

    fn keep(&self, notice: Notice) {
        let mut waiting = self.waiting();
        let has_room = waiting.len() < MOST;
        match waiting.entry(notice.conversation) {
            Entry::Occupied(mut entry) => *entry.get_mut() = entry.get().with(notice),
            Entry::Vacant(entry) if has_room => drop(entry.insert(notice)),
            Entry::Vacant(_) => {}
        }
    }

    fn waiting(&self) -> MutexGuard<'_, HashMap<AccountId, Notice>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use vestibule_domain::id::Id96;

    use super::*;

    fn notice(number: u32, seq: u64, read_by_user: u64) -> Notice {
        let mut bytes = [0; 12];
        bytes[8..].copy_from_slice(&number.to_be_bytes());
        Notice { conversation: Id96::from_bytes(bytes).into(), seq, read_by_user, read_by_staff: 0 }
    }

    #[tokio::test]
    async fn the_notices_of_a_conversation_become_one_that_says_the_most() {
        let news = News::default();
        for notice in [notice(1, 3, 1), notice(2, 1, 0), notice(1, 2, 2)] {
            news.add(notice);
        }
        let mut taken = news.next().await;
        taken.sort_by_key(|notice| notice.conversation);
        assert_eq!(taken, [notice(1, 3, 2), notice(2, 1, 0)]);
        assert_eq!(news.take(), []);
    }

    #[test]
    fn what_is_put_back_does_not_hide_what_came_later() {
        let news = News::default();
        news.add(notice(1, 1, 0));
        let taken = news.take();
        news.add(notice(1, 2, 0));
        news.put_back(taken);
        assert_eq!(news.take(), [notice(1, 2, 0)]);
    }

    #[test]
    fn only_so_many_conversations_wait() {
        let news = News::default();
        for number in 0..10_100 {
            news.add(notice(number, 1, 0));
        }
        news.add(notice(1, 2, 0));
        let taken = news.take();
        assert_eq!(taken.len(), MOST);
        assert!(taken.contains(&notice(1, 2, 0)));
    }
}
