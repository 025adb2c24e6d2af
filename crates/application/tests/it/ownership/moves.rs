//! An account that changes its address to one whose mailbox is another's.

use vestibule_application::{
    Language,
    sign_in::SignInWithProvider,
    users::{EditUser, NameEdit},
};
use vestibule_domain::{Account, DossierChange, LinkedIdentity, ProvenIdentity, Provider, ProviderUserId, Role};
use vestibule_testkit::AccountBuilder;

use super::doors::{ALICE, PROOFS, Proof};
use crate::support::{PASSWORD, World, email, origin};

const ELSEWHERE: &str = "stranger@example.com";
const APPLE: &str = "apple-of-a-stranger";

impl World {
    async fn sign_in_by_apple(&self) -> Option<Account> {
        let user_id = ProviderUserId::parse(APPLE).unwrap();
        let proven = ProvenIdentity {
            identity: LinkedIdentity { provider: Provider::Apple, user_id, picture: None },
            email: Some(email(ELSEWHERE)),
            email_is_vouched_for: true,
            first_name: None,
            last_name: None,
        };
        self.provider.accept("apple", proven);
        let input = SignInWithProvider {
            origin: origin(9),
            provider: Provider::Apple,
            credential: "apple".to_owned(),
            first_name: None,
            last_name: None,
        };
        self.app.sign_in_with_provider(input).await.ok().map(|signed_in| signed_in.account)
    }

    /// Gives an account another address.
    async fn move_to(&self, account: &Account, address: &str) {
        let caller = self.caller(account).await.unwrap();
        let input = EditUser {
            id: account.id(),
            name: NameEdit::default(),
            username: None,
            email: Some(email(address)),
            password: None,
            current_password: Some(PASSWORD.to_owned()),
            dossier: DossierChange::default(),
            language: Language::English,
        };
        self.app.edit_user(&caller, input).await.unwrap();
    }

    /// The account of a stranger, who has a proven mailbox and a linked identity, and gives the account the owner's address.
    async fn with_stranger_at_alices(&self) -> Account {
        self.with_account(ELSEWHERE, Role::User).await;
        let linked = self.sign_in_by_apple().await.unwrap();
        self.move_to(&linked, ALICE).await;
        self.alice().await.unwrap()
    }
}

#[tokio::test]
async fn an_identity_of_a_stranger_does_not_outlive_the_first_proof_of_a_new_address() {
    for proof in PROOFS {
        let world = World::unlimited();
        let stranger = world.with_stranger_at_alices().await;
        assert_eq!(stranger.identities().len(), 1);
        world.let_owner_prove(proof).await;
        let alice = world.alice().await.unwrap();
        assert_eq!(alice.id(), stranger.id(), "{proof:?}");
        assert!(alice.identities().iter().all(|linked| linked.provider == Provider::Google), "{proof:?}");
        assert_eq!(alice.identities().len(), usize::from(proof == Proof::Provider), "{proof:?}");
        assert_ne!(world.sign_in_by_apple().await.unwrap().id(), alice.id(), "{proof:?}");
        assert!(!world.tokens_live(Some(&stranger)).await && !world.lets_in(PASSWORD).await, "{proof:?}");
    }
}

#[tokio::test]
async fn an_identity_outlives_a_proof_that_changes_no_hands() {
    let world = World::unlimited();
    let owner = world.with_stranger_at_alices().await;
    world.ask_for_another_code().await;
    let code = world.newest_hex_code().await;
    assert!(world.type_code(&code).await, "asked for anew, it leaves the password");
    assert_eq!(world.sign_in_by_apple().await.unwrap().id(), owner.id());
    world.let_owner_prove(Proof::ResetByCode).await;
    assert_eq!(world.sign_in_by_apple().await.unwrap().id(), owner.id(), "the mailbox was proven before");
}

#[tokio::test]
async fn an_identity_without_a_password_goes_and_its_tokens_end() {
    let world = World::unlimited();
    let stranger = AccountBuilder::numbered(1).email(ALICE).mailbox_proven_at(None).password(None);
    let stranger = stranger.identity(Provider::Apple, APPLE, None).build();
    world.insert(&stranger).await;
    world.let_owner_prove(Proof::Provider).await;
    assert_ne!(world.sign_in_by_apple().await.unwrap().id(), stranger.id());
    assert!(!world.tokens_live(Some(&stranger)).await);
}

/// A sign-in that found the account while the identity was linked, and locks it when it is not any more.
#[tokio::test]
async fn a_sign_in_by_an_identity_that_is_unlinked_meanwhile_does_not_link_it_again() {
    let world = World::unlimited();
    let mut stranger = world.with_stranger_at_alices().await;
    let mut unit = world.store.write().await.unwrap();
    let (signed_in, ()) = tokio::join!(world.sign_in_by_apple(), async {
        stranger.unlink_identities(world.clock_now());
        unit.accounts().update(&stranger).await.unwrap();
        unit.commit().await.unwrap();
    });
    assert_ne!(signed_in.unwrap().id(), stranger.id());
    assert_eq!(world.alice().await.unwrap().identities(), []);
}
