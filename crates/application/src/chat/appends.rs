//! Messages, which go to the store together.

use std::sync::Arc;

use vestibule_domain::{AccountId, NewMessage};
use vestibule_ports::{Appended, Store, StoreError};

use crate::together::{Together, Verb, share};

/// The verb that stores messages.
pub(super) struct Appends(Arc<dyn Store>);

impl Appends {
    /// One for sixteen connections that write: the larger a call is, the less each of its messages costs.
    pub(super) fn together(store: &Arc<dyn Store>) -> Together<Self> {
        let most = share(store.pool_usage().writers, 16);
        Together::new(Self(Arc::clone(store)), most)
    }
}

impl Verb for Appends {
    type Item = NewMessage;
    type Answer = Appended;
    type Apart = AccountId;
    /// A call holds the locks of all its conversations until it has committed.
    const MOST: usize = 64;

    /// Two of one conversation would be two steps of a call, for which all the others wait.
    fn apart(message: &NewMessage) -> Option<AccountId> {
        Some(message.conversation)
    }

    async fn call(&self, messages: &[NewMessage]) -> Vec<Result<Appended, StoreError>> {
        self.0.conversations().append_many(messages).await
    }
}
