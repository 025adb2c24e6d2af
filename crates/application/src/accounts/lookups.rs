//! The accounts that requests are authenticated by, which are read together where many come at once.

use std::{collections::HashMap, convert::Infallible, sync::Arc};

use futures_util::future::join_all;
use vestibule_domain::{Account, AccountId};
use vestibule_ports::{Store, StoreError};

use crate::together::{Together, Verb, share};

/// The verb that reads accounts.
pub(crate) struct Lookups(Arc<dyn Store>);

impl Lookups {
    /// One for eight connections: the larger a call is, the less each of its accounts costs.
    pub(crate) fn together(store: &Arc<dyn Store>) -> Together<Self> {
        let most = share(store.pool_usage().limit, 8);
        Together::new(Self(Arc::clone(store)), most)
    }
}

impl Verb for Lookups {
    type Item = AccountId;
    type Answer = Option<Account>;
    type Apart = Infallible;
    const MOST: usize = 64;

    fn apart(_: &AccountId) -> Option<Infallible> {
        None
    }

    async fn call(&self, ids: &[AccountId]) -> Vec<Result<Option<Account>, StoreError>> {
        if let [id] = ids {
            return vec![self.0.read().accounts().find(*id).await];
        }
        match self.0.read().accounts().find_many(ids).await {
            Ok(found) => {
                let found: HashMap<_, _> = found.into_iter().map(|account| (account.id(), account)).collect();
                join_all(ids.iter().map(async |id| match found.get(id) {
                    Some(account) => Ok(Some(account.clone())),
                    // It is gone, or it cannot be read, and then its owner is told of a fault.
                    None => self.0.read().accounts().find(*id).await,
                }))
                .await
            }
            Err(error) => error.of_all(ids.len()),
        }
    }
}
