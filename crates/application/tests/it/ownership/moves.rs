//! An account that changes its address to one whose mailbox is another's.

use time::Duration;
use vestibule_application::{
    Language,
    accounts::{EditAccount, EditRule, NameEdit, NewStatus},
    links::{LinkPurpose, SendLink},
    password_reset::{RequestPasswordReset, ResetMeans},
    sign_in::{Identifier, MailboxProof, SignInWithProvider},
    verification::{Mailbox, ResendVerificationCode},
};
use vestibule_domain::{
    Account, AccountId, AccountStatus, DossierChange, LinkedIdentity, ProvenIdentity, Provider, ProviderUserId, Role,
};
use vestibule_testkit::AccountBuilder;

use super::doors::{ALICE, HEX, PROOFS, Proof, SIGN_UPS};
use crate::support::{PASSWORD, World, email, link_mail, origin};

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
        let input = EditAccount {
            rule: EditRule::ByOwner,
            rights: None,
            password_change_due: None,
            id: account.id(),
            name: NameEdit::default(),
            username: None,
            email: Some(email(address)),
            password: None,
            current_password: Some(PASSWORD.to_owned()),
            dossier: DossierChange::default(),
            language: Language::English,
        };
        self.app.edit_account(&caller, input).await.unwrap();
    }

    /// The account of a stranger, who has a proven mailbox and a linked identity, and gives the account the owner's address.
    async fn with_stranger_at_alices(&self) -> Account {
        self.with_account(ELSEWHERE, Role::User).await;
        let linked = self.sign_in_by_apple().await.unwrap();
        self.move_to(&linked, ALICE).await;
        self.deliver_due_mail().await.unwrap();
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

#[tokio::test]
async fn an_account_that_was_proven_before_it_moved_is_not_taken_away_by_a_sign_up() {
    for sign_up in SIGN_UPS {
        let world = World::unlimited();
        world.with_stranger_at_alices().await;
        let root = world.root().await;
        world.set_status(&root, NewStatus::Unproven, MailboxProof::NotNeeded).await;
        let before = world.alice().await;
        assert_eq!(before.as_ref().unwrap().status(), AccountStatus::Pending);
        assert!(!world.let_stranger_sign_up(sign_up).await, "{sign_up:?}");
        world.advance(Duration::days(400));
        world.app.tidy_up().await.unwrap();
        assert_eq!(world.alice().await, before, "{sign_up:?}");
    }
}

/// A mail that was asked for while the account had the address, and is written when the account has another one.
#[tokio::test]
async fn nothing_is_mailed_to_an_address_that_is_given_up_meanwhile() {
    for ask in [Ask::Code, Ask::CodeOfAccount, Ask::ResetByCode, Ask::ResetByToken, Ask::ResetByLink, Ask::Link] {
        let world = World::unlimited();
        let before = AccountBuilder::numbered(1).email(ELSEWHERE).mailbox_proven_at(None).build();
        world.insert(&before).await;
        let mut unit = world.store.write().await.unwrap();
        let (told, ()) = tokio::join!(world.ask(ask, before.id()), async {
            let mut moved = before.clone();
            moved.change_email(email(ALICE), world.clock_now());
            unit.accounts().update(&moved).await.unwrap();
            unit.commit().await.unwrap();
        });
        assert_eq!(told, !matches!(ask, Ask::ResetByLink | Ask::Link), "{ask:?}");
        world.deliver_due_mail().await.unwrap();
        assert!(world.mailer.taken().is_empty(), "{ask:?}");
        if ask == Ask::CodeOfAccount {
            assert!(world.ask(ask, before.id()).await);
            assert!(!world.newest_text().await.is_empty(), "the next goes to the new address");
        }
    }
}

/// What is asked for, with the address of before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ask {
    Code,
    CodeOfAccount,
    ResetByCode,
    ResetByToken,
    ResetByLink,
    Link,
}

impl World {
    /// Whether the one who asks is told that it was done.
    async fn ask(&self, what: Ask, account: AccountId) -> bool {
        let (origin, address) = (origin(2), email(ELSEWHERE));
        let code = async |mailbox| {
            let (origin, language) = (origin.clone(), Language::English);
            let input = ResendVerificationCode { origin, mailbox, to_proven: true, format: HEX, language };
            self.app.resend_verification_code(input).await.is_ok()
        };
        let reset = async |means| {
            let input =
                RequestPasswordReset { origin: origin.clone(), identifier: Identifier::Email(address.clone()), means };
            self.app.request_password_reset(input).await.is_ok()
        };
        let link = async |purpose| {
            let input = SendLink { origin: origin.clone(), email: address.clone(), purpose, mail: link_mail() };
            self.app.send_link(input).await.is_ok()
        };
        match what {
            Ask::Code => code(Mailbox::Of(address.clone())).await,
            Ask::CodeOfAccount => code(Mailbox::OfAccount(account)).await,
            Ask::ResetByCode => reset(ResetMeans::Code(HEX)).await,
            Ask::ResetByToken => reset(ResetMeans::Token { mail: link_mail(), lifetime: Duration::minutes(30) }).await,
            Ask::ResetByLink => link(LinkPurpose::ResetPassword).await,
            Ask::Link => link(LinkPurpose::VerifyEmail).await,
        }
    }
}
