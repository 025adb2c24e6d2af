//! How many uploads may be under way at once.

use std::{future, pin::pin};

use futures_util::{FutureExt, future::join_all};
use vestibule_application::{
    Fault,
    documents::{Chunks, DocumentError, Truncated},
};
use vestibule_domain::Role;

use super::{PDF, tax_id};
use crate::support::World;

/// A source that never gives anything.
struct Silent;

impl Chunks for Silent {
    async fn next(&mut self) -> Result<Option<Vec<u8>>, Truncated> {
        future::pending().await
    }
}

#[tokio::test]
async fn an_account_has_four_uploads_under_way_and_a_dropped_one_makes_room() {
    let world = World::unlimited();
    let (account, caller) = world.a_caller("alice@example.com", Role::User).await;
    let of = tax_id(account.id());
    {
        let mut four = pin!(join_all((0..4).map(|_| world.documents.upload(&caller, of, Silent))));
        assert!(four.as_mut().now_or_never().is_none());
        let refused = world.upload(&caller, of, PDF).await;
        let is_throttled = matches!(refused, Err(DocumentError::Fault(Fault::Throttled { retry_after: 1 })));
        assert!(is_throttled, "{refused:?}");
        let (other, other_caller) = world.a_caller("bob@example.com", Role::User).await;
        world.upload(&other_caller, tax_id(other.id()), PDF).await.unwrap();
    }
    world.upload(&caller, of, PDF).await.unwrap();
}

#[tokio::test]
async fn a_node_has_sixty_four_uploads_under_way() {
    let world = World::unlimited();
    let mut callers = Vec::new();
    for number in 0..17 {
        callers.push(world.a_caller(&format!("user{number}@example.com"), Role::User).await);
    }
    let (last, last_caller) = callers.pop().unwrap();
    {
        let uploads = callers.iter().flat_map(|(account, caller)| (0..4).map(move |_| (account.id(), caller)));
        let uploads = uploads.map(|(owner, caller)| world.documents.upload(caller, tax_id(owner), Silent));
        let mut all = pin!(join_all(uploads));
        assert!(all.as_mut().now_or_never().is_none());
        let refused = world.upload(&last_caller, tax_id(last.id()), PDF).await;
        assert!(matches!(refused, Err(DocumentError::Fault(Fault::Overloaded(_)))), "{refused:?}");
    }
    world.upload(&last_caller, tax_id(last.id()), PDF).await.unwrap();
}
