//! What becomes of the right to store a document while its content comes.

use std::pin::Pin;

use vestibule_application::{
    Caller, Operator,
    accounts::{AccountChange, NewRole, NewStatus},
    documents::{Chunks, DocumentError, Truncated},
};
use vestibule_domain::{AccountId, Role};

use super::{PDF, tax_id};
use crate::support::World;

/// A PDF, and what happens before its end.
struct Meanwhile<'a> {
    content: Option<Vec<u8>>,
    happening: Option<Pin<Box<dyn Future<Output = ()> + 'a>>>,
}

impl Chunks for Meanwhile<'_> {
    async fn next(&mut self) -> Result<Option<Vec<u8>>, Truncated> {
        let content = self.content.take();
        if content.is_none()
            && let Some(happening) = self.happening.take()
        {
            happening.await;
        }
        Ok(content)
    }
}

impl World {
    async fn upload_while(
        &self,
        (caller, owner): (&Caller, AccountId),
        happening: impl Future<Output = ()>,
    ) -> Result<(), DocumentError> {
        let content = Meanwhile { content: Some(PDF.to_vec()), happening: Some(Box::pin(happening)) };
        let stored = self.documents.upload(caller, tax_id(owner), content).await.map(drop);
        self.documents.remove_discarded().await.unwrap();
        assert_eq!(self.blobs_now().await, self.referenced(owner).await);
        assert_eq!(self.blobs_now().await.len(), usize::from(stored.is_ok()));
        stored
    }

    async fn change(&self, account: AccountId, change: AccountChange) {
        self.app.change_account(Operator::at_the_console().authority_over(account), change).await.unwrap();
    }
}

#[tokio::test]
async fn an_owner_who_is_locked_out_while_the_content_comes_stores_nothing() {
    for status in [NewStatus::Disabled, NewStatus::Suspended, NewStatus::Unproven] {
        let world = World::unlimited();
        let (alice, caller) = world.a_caller("alice@example.com", Role::User).await;
        let (_, root) = world.a_caller("root@example.com", Role::Root).await;
        let refused = world.upload_while((&caller, alice.id()), async {
            let user = world.authority(&root, alice.id()).await.unwrap();
            let change = AccountChange { status: Some(status), ..AccountChange::default() };
            world.app.change_account(user, change).await.unwrap();
        });
        assert!(matches!(refused.await, Err(DocumentError::SignedOut)), "{status:?}");
    }
}

#[tokio::test]
async fn an_admin_whose_right_ends_while_the_content_comes_stores_nothing() {
    for what in ["nothing", "demoted", "disabled", "signed out", "removed"] {
        let world = World::unlimited();
        let (alice, _) = world.a_caller("alice@example.com", Role::User).await;
        let (bob, admin) = world.a_caller("bob@example.com", Role::Admin).await;
        let outcome = world.upload_while((&admin, alice.id()), async {
            match what {
                "demoted" => world.change(bob.id(), AccountChange::role(NewRole::Exactly(Role::User))).await,
                "disabled" => world.change(bob.id(), AccountChange::status(NewStatus::Suspended)).await,
                "signed out" => world.app.end_own_tokens(&admin).await.unwrap(),
                "removed" => world.app.remove_self(&admin).await.unwrap(),
                _ => {}
            }
        });
        match outcome.await {
            Ok(()) => assert_eq!(what, "nothing"),
            Err(DocumentError::Forbidden) => assert_eq!(what, "demoted"),
            Err(DocumentError::SignedOut) => assert!(["disabled", "signed out", "removed"].contains(&what), "{what}"),
            Err(other) => panic!("{what}: {other}"),
        }
    }
}

#[tokio::test]
async fn an_owner_who_is_removed_while_the_content_comes_has_no_document() {
    let world = World::unlimited();
    let (alice, _) = world.a_caller("alice@example.com", Role::User).await;
    let (_, admin) = world.a_caller("bob@example.com", Role::Admin).await;
    let refused = world.upload_while((&admin, alice.id()), async {
        world.app.remove_account(Operator::at_the_console().authority_over(alice.id())).await.unwrap();
    });
    assert!(matches!(refused.await, Err(DocumentError::UnknownAccount)));
}
