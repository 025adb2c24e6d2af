//! Links that prove a mailbox or set a new password.

use std::sync::Arc;

use time::Duration;
use vestibule_application::{
    Fault, Operator, Policy,
    accounts::{AccountChange, NewRole},
    links::{LinkError, LinkPurpose, ResetPasswordByLink, SendLink, VerifyEmailByLink},
    register::{RegisterError, RegisterWithPassword, RegisterWithProof},
    sign_in::SignInError,
};
use vestibule_domain::{AccountStatus, EventKind, LinkedIdentity, Provider, ProviderUserId, Role};
use vestibule_ports::MockPasswordHasher;
use vestibule_testkit::AccountBuilder;

use crate::support::{COMMON, PASSWORD, World, email, link_mail, origin, password, sign_up};

const ALICE: &str = "alice@example.com";
const NEW: &str = "battery staple";

impl World {
    async fn register_with_proof(&self, address: &str, username: Option<&str>) -> Result<(), RegisterError> {
        let registration = sign_up(address, username);
        self.app.register_with_proof(RegisterWithProof { registration, mail: link_mail() }).await
    }

    async fn send(&self, address: &str, purpose: LinkPurpose) -> Result<(), LinkError> {
        let input = SendLink { origin: origin(1), email: email(address), purpose, mail: link_mail() };
        self.app.send_link(input).await
    }

    async fn open(&self, token: &str, password: &str) -> Result<(), LinkError> {
        let input = VerifyEmailByLink { origin: origin(1), token: token.to_owned(), password: password.to_owned() };
        self.app.verify_email_by_link(input).await
    }

    async fn reset(&self, token: &str, address: &str) -> Result<(), LinkError> {
        self.reset_to(token, address, NEW).await
    }

    async fn reset_to(&self, token: &str, address: &str, new: &str) -> Result<(), LinkError> {
        let input = ResetPasswordByLink {
            origin: origin(1),
            token: token.to_owned(),
            email: email(address),
            password: password(new),
        };
        self.app.reset_password_by_link(input).await
    }

    /// The token of the newest link that was mailed.
    async fn mailed_token(&self) -> String {
        self.deliver_due_mail().await.unwrap();
        let mail = self.mailer.taken().pop().expect("a mail");
        let link = mail.content.text.split_whitespace().find_map(|word| word.split_once("/verify-email/"));
        link.expect("a link").1.to_owned()
    }

    /// A live account that signs in through Google only.
    async fn with_social(&self, status: AccountStatus) -> vestibule_domain::Account {
        let mut account = AccountBuilder::numbered(1).email(ALICE).status(status).password(None).build();
        let user_id = ProviderUserId::parse("google-1").unwrap();
        let identity = LinkedIdentity { provider: Provider::Google, user_id, picture: None };
        account.link_identity(identity, account.created_at());
        self.insert(&account).await;
        account
    }
}

#[tokio::test]
async fn a_pending_account_lives_once_its_link_is_opened_with_the_password() {
    let world = World::unlimited();
    world.register_with_proof(ALICE, Some("alice")).await.unwrap();
    assert!(matches!(world.sign_in(ALICE, PASSWORD, 1).await, Err(SignInError::Pending)));
    let token = world.mailed_token().await;
    assert!(matches!(world.open(&token, "a wrong one").await, Err(LinkError::WrongPassword)));
    world.open(&token, PASSWORD).await.unwrap();
    assert!(world.sign_in(ALICE, PASSWORD, 1).await.unwrap().account.mailbox_proven_at().is_some());
    assert!(matches!(world.open(&token, PASSWORD).await, Err(LinkError::Invalid)));
}

#[tokio::test]
async fn a_password_that_waited_with_a_link_leaves_an_event() {
    let world = World::unlimited();
    let social = world.with_social(AccountStatus::Active).await;
    world.register_with_proof(ALICE, None).await.unwrap();
    world.open(&world.mailed_token().await, PASSWORD).await.unwrap();
    let kinds: Vec<_> = world.events(Some(social.id())).await.into_iter().map(|event| event.kind).collect();
    assert_eq!(kinds, [EventKind::PasswordChange]);
}

#[tokio::test]
async fn a_pending_account_is_replaced_and_its_link_dies() {
    let world = World::unlimited();
    world.register_with_proof(ALICE, Some("alice")).await.unwrap();
    let first = world.mailed_token().await;
    world.register_with_proof(ALICE, Some("alice")).await.unwrap();
    let second = world.mailed_token().await;
    assert!(matches!(world.open(&first, PASSWORD).await, Err(LinkError::Invalid)));
    world.open(&second, PASSWORD).await.unwrap();
}

#[tokio::test]
async fn a_link_works_for_a_day_and_a_reset_for_an_hour() {
    let world = World::unlimited();
    world.register_with_proof(ALICE, None).await.unwrap();
    let token = world.mailed_token().await;
    world.advance(Duration::hours(24));
    assert!(matches!(world.open(&token, PASSWORD).await, Err(LinkError::Invalid)));
    world.send(ALICE, LinkPurpose::ResetPassword).await.unwrap();
    let token = world.mailed_token().await;
    world.advance(Duration::hours(1));
    assert!(matches!(world.reset(&token, ALICE).await, Err(LinkError::Invalid)));
}

#[tokio::test]
async fn a_reset_by_link_sets_the_password_proves_the_mailbox_and_ends_tokens() {
    let world = World::unlimited();
    let before = world.register(ALICE).await.unwrap().account;
    world.send(ALICE, LinkPurpose::ResetPassword).await.unwrap();
    let token = world.mailed_token().await;
    assert!(matches!(world.reset(&token, "bob@example.com").await, Err(LinkError::Invalid)));
    world.reset(&token, ALICE).await.unwrap();
    let after = world.sign_in(ALICE, NEW, 1).await.unwrap().account;
    assert_ne!(after.epoch(), before.epoch());
    assert!(after.mailbox_proven_at().is_some());
    assert!(matches!(world.reset(&token, ALICE).await, Err(LinkError::Invalid)));
}

#[tokio::test]
async fn a_link_is_good_for_its_purpose_only_and_outlives_one_of_another() {
    let world = World::unlimited();
    world.register_with_proof(ALICE, None).await.unwrap();
    let verification = world.mailed_token().await;
    assert!(matches!(world.reset(&verification, ALICE).await, Err(LinkError::Invalid)));
    world.send(ALICE, LinkPurpose::ResetPassword).await.unwrap();
    let reset = world.mailed_token().await;
    assert!(matches!(world.open(&reset, PASSWORD).await, Err(LinkError::Invalid)));
    world.open(&verification, PASSWORD).await.unwrap();
}

#[tokio::test]
async fn a_link_for_nobody_or_for_nothing_is_refused() {
    let world = World::unlimited();
    assert!(matches!(world.send(ALICE, LinkPurpose::ResetPassword).await, Err(LinkError::UnknownEmail)));
    let account = AccountBuilder::numbered(1).build();
    let mut unit = world.store.write().await.unwrap();
    unit.accounts().insert(&account).await.unwrap();
    unit.commit().await.unwrap();
    let refused = world.send(account.email().as_str(), LinkPurpose::VerifyEmail).await;
    assert!(matches!(refused, Err(LinkError::AlreadyProven)));
}

#[tokio::test]
async fn a_social_account_gets_a_password_only_through_its_mailbox() {
    let world = World::unlimited();
    let before = world.with_social(AccountStatus::Active).await;
    assert!(matches!(world.register(ALICE).await, Err(RegisterError::EmailTaken)));
    world.register_with_proof(ALICE, Some("taker")).await.unwrap();
    assert!(matches!(world.sign_in(ALICE, PASSWORD, 1).await, Err(SignInError::NoPassword)));
    let token = world.mailed_token().await;
    assert!(matches!(world.open(&token, "a wrong one").await, Err(LinkError::WrongPassword)));
    world.open(&token, PASSWORD).await.unwrap();
    let after = world.sign_in(ALICE, PASSWORD, 1).await.unwrap().account;
    assert_eq!((after.id(), after.epoch(), after.username()), (before.id(), before.epoch(), None));
}

#[tokio::test]
async fn a_disabled_social_account_gets_no_link() {
    let world = World::unlimited();
    world.with_social(AccountStatus::Disabled).await;
    world.register_with_proof(ALICE, None).await.unwrap();
    assert_eq!(world.deliver_due_mail().await.unwrap(), []);
}

#[tokio::test]
async fn guesses_at_a_link_s_password_are_counted() {
    let world = World::new();
    world.register_with_proof(ALICE, None).await.unwrap();
    let token = world.mailed_token().await;
    for _ in 0..5 {
        assert!(matches!(world.open(&token, "a wrong one").await, Err(LinkError::WrongPassword)));
    }
    let refused = world.open(&token, PASSWORD).await;
    assert!(matches!(refused, Err(LinkError::Fault(Fault::Throttled { .. }))));
}

#[tokio::test]
async fn a_reset_link_that_is_no_good_costs_no_hash() {
    // Nobody has told this hasher what to answer: it fails whoever asks.
    let world = World::with_ports(Policy::default(), |_, ports| ports.hasher = Arc::new(MockPasswordHasher::new()));
    world.insert(&AccountBuilder::numbered(1).email(ALICE).build()).await;
    for token in ["", "another"] {
        assert!(matches!(world.reset(token, ALICE).await, Err(LinkError::Invalid)));
    }
    world.send(ALICE, LinkPurpose::ResetPassword).await.unwrap();
    let token = world.mailed_token().await;
    assert!(matches!(world.reset(&token, "bob@example.com").await, Err(LinkError::Invalid)));
    world.advance(Duration::hours(1));
    assert!(matches!(world.reset(&token, ALICE).await, Err(LinkError::Invalid)));
}

#[tokio::test]
async fn a_reset_link_cannot_be_sent_again_and_again_to_keep_the_hashing_threads_busy() {
    let world = World::new();
    world.with_account(ALICE, Role::Admin).await;
    world.send(ALICE, LinkPurpose::ResetPassword).await.unwrap();
    let token = world.mailed_token().await;
    let mut refused = world.reset_to(&token, ALICE, COMMON).await;
    for _ in 0..30 {
        assert!(matches!(refused, Err(LinkError::CommonPassword(_))), "{refused:?}");
        refused = world.reset_to(&token, ALICE, COMMON).await;
    }
    assert!(matches!(refused, Err(LinkError::Fault(Fault::Throttled { .. }))), "{refused:?}");
}

#[tokio::test]
async fn a_common_password_is_refused_to_an_admin_and_spends_no_reset_link() {
    for role in [Role::Admin, Role::Root] {
        let world = World::unlimited();
        world.with_account(ALICE, role).await;
        world.send(ALICE, LinkPurpose::ResetPassword).await.unwrap();
        let token = world.mailed_token().await;
        let refused = world.reset_to(&token, ALICE, COMMON).await;
        assert!(matches!(refused, Err(LinkError::CommonPassword(_))), "{refused:?}");
        assert!(matches!(world.reset_to("another", ALICE, COMMON).await, Err(LinkError::Invalid)));
        assert!(world.sign_in(ALICE, PASSWORD, 1).await.is_ok());
        world.reset(&token, ALICE).await.unwrap();
    }
}

#[tokio::test]
async fn a_common_password_that_waits_with_a_link_does_not_become_an_admin_s() {
    let world = World::unlimited();
    let social = world.with_social(AccountStatus::Active).await;
    let registration = RegisterWithPassword { password: password(COMMON), ..sign_up(ALICE, None) };
    world.app.register_with_proof(RegisterWithProof { registration, mail: link_mail() }).await.unwrap();
    let promotion = AccountChange::role(NewRole::Exactly(Role::Admin));
    world.app.change_account(Operator::at_the_console().authority_over(social.id()), promotion).await.unwrap();
    let token = world.mailed_token().await;
    for _ in 0..2 {
        let refused = world.open(&token, COMMON).await;
        assert!(matches!(refused, Err(LinkError::CommonPassword(_))), "{refused:?}");
    }
    assert!(matches!(world.sign_in(ALICE, COMMON, 1).await, Err(SignInError::NoPassword)));
}
