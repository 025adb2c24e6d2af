//! The newest messages of conversations, which are read together.

use std::{collections::HashMap, convert::Infallible, sync::Arc};

use vestibule_domain::{AccountId, Message};
use vestibule_ports::{Store, StoreError};

use crate::together::{Together, Verb, share};

/// The most messages that are given of a conversation.
pub(super) const NEWEST: u32 = 100;

/// The verb that reads the newest messages, ascending.
pub(super) struct Newest(Arc<dyn Store>);

impl Newest {
    /// One for sixteen connections: the larger a call is, the less each of its conversations costs.
    pub(super) fn together(store: &Arc<dyn Store>) -> Together<Self> {
        let most = share(store.pool_usage().limit, 16);
        Together::new(Self(Arc::clone(store)), most)
    }
}

impl Verb for Newest {
    type Item = AccountId;
    type Answer = Vec<Arc<Message>>;
    type Apart = Infallible;
    /// Of the longest messages a call brings 26 MB.
    const MOST: usize = 16;

    fn apart(_: &AccountId) -> Option<Infallible> {
        None
    }

    async fn call(&self, conversations: &[AccountId]) -> Vec<Result<Vec<Arc<Message>>, StoreError>> {
        match self.0.read().conversations().newest(conversations, NEWEST).await {
            Ok(messages) => {
                let mut found: HashMap<AccountId, Vec<_>> = HashMap::new();
                for message in messages {
                    found.entry(message.sent.conversation).or_default().push(Arc::new(message));
                }
                conversations.iter().map(|id| Ok(found.get(id).cloned().unwrap_or_default())).collect()
            }
            Err(error) => error.of_all(conversations.len()),
        }
    }
}
