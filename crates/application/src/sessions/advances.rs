//! Uses of refresh tokens, which go to the store together: it makes many small changes durable about as fast as one.

use std::{slice, sync::Arc};

use futures_util::future::join_all;
use vestibule_domain::SessionId;
use vestibule_ports::{Advance, AdvanceSessions, Advanced, Store, StoreError};

use crate::together::{Together, Verb};

/// The verb that uses refresh tokens.
pub(crate) struct Advances(Arc<dyn Store>);

impl Advances {
    /// One call at a time.
    pub(crate) fn together(store: &Arc<dyn Store>) -> Together<Self> {
        Together::new(Self(Arc::clone(store)), 1)
    }
}

impl Verb for Advances {
    type Item = Advance;
    type Answer = Option<Advanced>;
    type Apart = SessionId;
    const MOST: usize = 64;

    fn apart(advance: &Advance) -> Option<SessionId> {
        Some(advance.session)
    }

    async fn call(&self, advances: &[Advance]) -> Vec<Result<Option<Advanced>, StoreError>> {
        each(self.0.sessions(), advances).await
    }
}

/// What fails for all is tried alone: each is told why, and is not taken down by others.
async fn each(store: &dyn AdvanceSessions, advances: &[Advance]) -> Vec<Result<Option<Advanced>, StoreError>> {
    match store.advance(advances).await {
        Ok(all) => all.into_iter().map(Ok).collect(),
        Err(error) if advances.len() == 1 => vec![Err(error)],
        Err(_) => join_all(advances.iter().map(|advance| alone(store, advance))).await,
    }
}

async fn alone(store: &dyn AdvanceSessions, advance: &Advance) -> Result<Option<Advanced>, StoreError> {
    Ok(store.advance(slice::from_ref(advance)).await?.pop().flatten())
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use async_trait::async_trait;
    use time::macros::datetime;
    use vestibule_domain::{TokenUse, id::Id96};

    use super::*;

    /// A store that refuses company and one session.
    #[derive(Default)]
    struct Door {
        sizes: Mutex<Vec<usize>>,
    }

    #[async_trait]
    impl AdvanceSessions for Door {
        async fn advance(&self, uses: &[Advance]) -> Result<Vec<Option<Advanced>>, StoreError> {
            self.sizes.lock().unwrap().push(uses.len());
            if uses.len() > 1 || uses[0] == a_use(2) {
                return Err(StoreError::Busy(None));
            }
            Ok(vec![None; uses.len()])
        }
    }

    fn a_use(session: u8) -> Advance {
        let session = SessionId::from(Id96::from_bytes([session; 12]));
        Advance { session, counter: 0, token_use: TokenUse::new(None, datetime!(2026-03-01 12:00 UTC)) }
    }

    #[tokio::test]
    async fn a_failure_of_all_is_found_out_by_each_alone() {
        let door = Door::default();
        let outcomes = each(&door, &[1, 2, 3].map(a_use)).await;
        assert_eq!(outcomes.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true]);
        assert_eq!(*door.sizes.lock().unwrap(), [3, 1, 1, 1]);
    }

    #[tokio::test]
    async fn a_failure_alone_is_told_at_once() {
        let door = Door::default();
        assert!(each(&door, &[a_use(2)]).await[0].is_err());
        assert_eq!(*door.sizes.lock().unwrap(), [1]);
    }
}
