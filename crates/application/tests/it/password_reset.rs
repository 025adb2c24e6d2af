//! Setting a new password by a mailed code.

use std::sync::Arc;

use time::Duration;
use vestibule_application::{
    Fault, Language, Policy,
    accounts::{AuthenticateError, Presented},
    mail::LinkMail,
    password_reset::{
        CompletePasswordReset, PasswordResetError, PasswordResetGrant, RequestPasswordReset, ResetMeans,
        ResetPasswordByToken, VerifyPasswordResetCode,
    },
    sign_in::{Identifier, SignInError},
};
use vestibule_domain::{AccountId, AccountStatus, MaskedEmail, Role};
use vestibule_ports::MockPasswordHasher;
use vestibule_testkit::AccountBuilder;

use crate::support::{COMMON, FORMAT, PASSWORD, World, email, origin, password, sign_up};

const ALICE: &str = "alice@example.com";
const NEW: &str = "battery staple";

impl World {
    async fn request(&self, address: &str) -> Result<(), Fault> {
        let input = RequestPasswordReset {
            origin: origin(1),
            identifier: Identifier::Email(email(address)),
            means: ResetMeans::Code(FORMAT),
        };
        self.app.request_password_reset(input).await.map(drop)
    }

    async fn verify(&self, code: &str) -> Result<PasswordResetGrant, PasswordResetError> {
        let input = VerifyPasswordResetCode {
            email: email(ALICE),
            code: code.to_owned(),
            format: FORMAT,
            grant_lifetime: Duration::minutes(15),
        };
        self.app.verify_password_reset_code(input).await
    }

    async fn complete(&self, token: &str) -> Result<(), PasswordResetError> {
        self.complete_with(token, NEW).await
    }

    async fn complete_with(&self, token: &str, new: &str) -> Result<(), PasswordResetError> {
        self.complete_for(ALICE, token, new).await
    }

    async fn complete_for(&self, address: &str, token: &str, new: &str) -> Result<(), PasswordResetError> {
        let input = CompletePasswordReset {
            origin: origin(1),
            token: token.to_owned(),
            email: email(address),
            password: password(new),
        };
        self.app.complete_password_reset(input).await
    }

    /// Registers Alice and mails her a code.
    async fn with_code() -> (Self, String) {
        let world = Self::unlimited();
        world.register(ALICE).await.unwrap();
        world.request(ALICE).await.unwrap();
        let code = world.mailed_code().await;
        (world, code)
    }
}

fn another(code: &str) -> String {
    let number: u32 = code.parse().unwrap();
    format!("{:06}", (number + 1) % 1_000_000)
}

#[tokio::test]
async fn the_code_leads_to_a_new_password_and_ends_what_was_before() {
    let (world, code) = World::with_code().await;
    let before = world.sign_in(ALICE, PASSWORD, 1).await.unwrap().account;
    let grant = world.verify(&code).await.unwrap();
    world.complete(&grant.token).await.unwrap();

    assert!(matches!(world.sign_in(ALICE, PASSWORD, 1).await, Err(SignInError::WrongPassword)));
    let after = world.sign_in(ALICE, NEW, 1).await.unwrap().account;
    assert_eq!(after.mailbox_proven_at(), Some(world.clock_now()));
    let old = world.app.authenticate(Presented { account: before.id(), epoch: before.epoch().into() }, origin(1)).await;
    assert!(matches!(old, Err(AuthenticateError::Revoked)));
    world.deliver_due_mail().await.unwrap();
    assert_eq!(world.mailer.taken().last().unwrap().content.subject, "Your password was changed");
}

#[tokio::test]
async fn a_spent_code_is_refused() {
    let (world, code) = World::with_code().await;
    world.verify(&code).await.unwrap();
    assert!(matches!(world.verify(&code).await, Err(PasswordResetError::Invalid)));
}

#[tokio::test]
async fn five_wrong_tries_kill_a_code() {
    let (world, code) = World::with_code().await;
    for _ in 0..5 {
        assert!(matches!(world.verify(&another(&code)).await, Err(PasswordResetError::Invalid)));
    }
    assert!(matches!(world.verify(&code).await, Err(PasswordResetError::Invalid)));
}

#[tokio::test]
async fn four_wrong_tries_leave_the_fifth() {
    let (world, code) = World::with_code().await;
    for _ in 0..4 {
        assert!(world.verify(&another(&code)).await.is_err());
    }
    assert!(world.verify(&code).await.is_ok());
}

#[tokio::test]
async fn a_text_that_is_no_code_takes_no_try() {
    let (world, code) = World::with_code().await;
    for text in ["", "12345", "1234567", "12a456", "１２３４５６"] {
        for _ in 0..3 {
            assert!(world.verify(text).await.is_err());
        }
    }
    assert!(world.verify(&format!(" {code}\n")).await.is_ok());
}

#[tokio::test]
async fn ten_wrong_tries_in_a_day_close_every_code_of_the_account() {
    let (world, mut code) = World::with_code().await;
    for _ in 0..2 {
        for _ in 0..5 {
            assert!(world.verify(&another(&code)).await.is_err());
        }
        world.request(ALICE).await.unwrap();
        code = world.mailed_code().await;
    }
    assert!(matches!(world.verify(&code).await, Err(PasswordResetError::Invalid)));
    world.advance(Duration::hours(24));
    world.request(ALICE).await.unwrap();
    let code = world.mailed_code().await;
    assert!(world.verify(&code).await.is_ok());
}

#[tokio::test]
async fn guesses_at_an_account_without_a_code_do_not_close_its_resets() {
    let world = World::unlimited();
    world.register(ALICE).await.unwrap();
    for _ in 0..30 {
        assert!(matches!(world.verify("123456").await, Err(PasswordResetError::Invalid)));
    }
    world.request(ALICE).await.unwrap();
    let code = world.mailed_code().await;
    assert!(world.verify(&code).await.is_ok());
}

#[tokio::test]
async fn guesses_at_many_addresses_leave_a_bounded_number_of_counts() {
    let world = World::unlimited();
    for number in 0..600 {
        let input = VerifyPasswordResetCode {
            email: email(&format!("nobody-{number}@example.com")),
            code: "123456".to_owned(),
            format: FORMAT,
            grant_lifetime: Duration::minutes(15),
        };
        assert!(world.app.verify_password_reset_code(input).await.is_err());
    }
    world.advance(Duration::hours(24));
    let counts = world.app.tidy_up().await.unwrap();
    assert!((1..=256).contains(&counts), "{counts}");
}

#[tokio::test]
async fn a_grant_that_is_no_good_costs_no_hash() {
    // Nobody has told this hasher what to answer: it fails whoever asks.
    let world = World::with_ports(Policy::default(), |_, ports| ports.hasher = Arc::new(MockPasswordHasher::new()));
    world.insert(&AccountBuilder::numbered(1).email(ALICE).build()).await;
    world.insert(&AccountBuilder::numbered(2).email("bob@example.com").build()).await;
    world.request(ALICE).await.unwrap();
    let grant = world.verify(&world.mailed_code().await).await.unwrap();
    assert!(matches!(world.complete("another").await, Err(PasswordResetError::Invalid)));
    let theirs = world.complete_for("bob@example.com", &grant.token, "another horse").await;
    assert!(matches!(theirs, Err(PasswordResetError::Invalid)), "{theirs:?}");
    world.advance(Duration::minutes(15));
    assert!(matches!(world.complete(&grant.token).await, Err(PasswordResetError::Invalid)));
}

#[tokio::test]
async fn a_grant_that_is_sent_again_and_again_keeps_no_thread_busy() {
    let world = World::new();
    world.with_account(ALICE, Role::Admin).await;
    world.request(ALICE).await.unwrap();
    let grant = world.verify(&world.mailed_code().await).await.unwrap();
    for _ in 0..30 {
        let refused = world.complete_with(&grant.token, COMMON).await;
        assert!(matches!(refused, Err(PasswordResetError::CommonPassword(_))), "{refused:?}");
    }
    let refused = world.complete_with(&grant.token, COMMON).await;
    assert!(matches!(refused, Err(PasswordResetError::Fault(Fault::Throttled { .. }))), "{refused:?}");
}

#[tokio::test]
async fn a_grant_is_of_no_use_while_the_account_is_disabled() {
    let (world, code) = World::with_code().await;
    let grant = world.verify(&code).await.unwrap();
    let mut unit = world.store.write().await.unwrap();
    let mut alice = unit.accounts().find_by_email_for_update(&email(ALICE)).await.unwrap().unwrap();
    alice.lock(world.clock_now());
    assert!(unit.accounts().update(&alice).await.unwrap());
    unit.commit().await.unwrap();
    assert!(matches!(world.complete(&grant.token).await, Err(PasswordResetError::Invalid)));
}

#[tokio::test]
async fn a_grant_is_of_no_use_for_another_account() {
    let (world, code) = World::with_code().await;
    let grant = world.verify(&code).await.unwrap();
    world.register("bob@example.com").await.unwrap();
    let input = CompletePasswordReset {
        origin: origin(1),
        token: grant.token.clone(),
        email: email("bob@example.com"),
        password: password(NEW),
    };
    assert!(matches!(world.app.complete_password_reset(input).await, Err(PasswordResetError::Invalid)));
    assert!(world.complete(&grant.token).await.is_ok(), "the refusal spent the grant");
}

#[tokio::test]
async fn a_code_works_for_ten_minutes() {
    let (world, code) = World::with_code().await;
    world.advance(Duration::minutes(10));
    assert!(world.verify(&code).await.is_err());
}

#[tokio::test]
async fn a_new_code_replaces_the_old_one_but_no_grant() {
    let (world, old) = World::with_code().await;
    let grant = world.verify(&old).await.unwrap();
    world.request(ALICE).await.unwrap();
    let first = world.mailed_code().await;
    world.request(ALICE).await.unwrap();
    world.mailed_code().await;
    assert!(world.verify(&first).await.is_err());
    assert!(world.complete(&grant.token).await.is_ok());
}

#[tokio::test]
async fn a_grant_is_spent_once_and_ends_with_the_password_it_replaces() {
    let (world, code) = World::with_code().await;
    let first = world.verify(&code).await.unwrap();
    world.request(ALICE).await.unwrap();
    let code = world.mailed_code().await;
    let second = world.verify(&code).await.unwrap();
    world.complete(&first.token).await.unwrap();
    assert!(matches!(world.complete(&first.token).await, Err(PasswordResetError::Invalid)));
    assert!(matches!(world.complete(&second.token).await, Err(PasswordResetError::Invalid)));
}

#[tokio::test]
async fn a_grant_expires() {
    let (world, code) = World::with_code().await;
    let grant = world.verify(&code).await.unwrap();
    world.advance(Duration::minutes(15));
    assert!(world.complete(&grant.token).await.is_err());
}

#[tokio::test]
async fn one_of_many_who_use_a_grant_at_once_succeeds() {
    let (world, code) = World::with_code().await;
    let grant = world.verify(&code).await.unwrap();
    let uses = (0..16).map(|_| world.complete(&grant.token));
    let done = futures_util::future::join_all(uses).await;
    assert_eq!(done.iter().filter(|result| result.is_ok()).count(), 1);
}

#[tokio::test]
async fn no_code_is_mailed_for_unknown_pending_and_disabled_accounts() {
    let world = World::unlimited();
    for (number, status) in [(1, AccountStatus::Pending), (2, AccountStatus::Disabled)] {
        let mut unit = world.store.write().await.unwrap();
        unit.accounts().insert(&AccountBuilder::numbered(number).status(status).build()).await.unwrap();
        unit.commit().await.unwrap();
    }
    for address in ["nobody@example.com", "account-1@example.test", "account-2@example.test"] {
        world.request(address).await.unwrap();
    }
    assert_eq!(world.deliver_due_mail().await.unwrap(), []);
}

#[tokio::test]
async fn a_mailbox_gets_one_mail_a_minute_whether_or_not_it_has_an_account() {
    for address in [ALICE, "nobody@example.com"] {
        let world = World::new();
        world.register(ALICE).await.unwrap();
        world.request(address).await.unwrap();
        let refused = world.request(address).await;
        assert!(matches!(refused, Err(Fault::Throttled { retry_after: 60 })), "{refused:?}");
        world.advance(Duration::seconds(60));
        assert!(world.request(address).await.is_ok());
    }
}

#[tokio::test]
async fn a_mailbox_gets_five_mails_an_hour_and_ten_a_day() {
    let world = World::new();
    let mut granted = Vec::new();
    for hour in 0..4 {
        let mut count = 0;
        for _ in 0..6 {
            count += u32::from(world.request(ALICE).await.is_ok());
            world.advance(Duration::minutes(12));
        }
        granted.push((hour, count));
    }
    assert_eq!(granted.iter().map(|(_, count)| count).sum::<u32>(), 10, "{granted:?}");
}

#[tokio::test]
async fn a_reset_opens_an_account_that_was_closed_to_strangers() {
    let world = World::new();
    world.register(ALICE).await.unwrap();
    for from in 0..100 {
        world.advance(Duration::seconds(60));
        let _ = world.sign_in(ALICE, "a wrong guess", from).await;
    }
    let closed = world.sign_in(ALICE, PASSWORD, 200).await;
    assert!(matches!(closed, Err(SignInError::Fault(Fault::Throttled { .. }))));
    world.request(ALICE).await.unwrap();
    let code = world.mailed_code().await;
    let grant = world.verify(&code).await.unwrap();
    world.complete(&grant.token).await.unwrap();
    assert!(world.sign_in(ALICE, NEW, 200).await.is_ok());
}

impl World {
    pub(crate) fn clock_now(&self) -> time::OffsetDateTime {
        vestibule_ports::Clock::now(&*self.clock)
    }
}

#[tokio::test]
async fn a_common_password_is_refused_to_an_admin_and_spends_no_grant() {
    for role in [Role::Admin, Role::Root] {
        let world = World::unlimited();
        world.with_account(ALICE, role).await;
        world.request(ALICE).await.unwrap();
        let grant = world.verify(&world.mailed_code().await).await.unwrap();
        let refused = world.complete_with(&grant.token, COMMON).await;
        assert!(matches!(refused, Err(PasswordResetError::CommonPassword(_))), "{refused:?}");
        let invalid = world.complete_with("another", COMMON).await;
        assert!(matches!(invalid, Err(PasswordResetError::Invalid)), "a stranger learns nothing: {invalid:?}");
        assert!(world.sign_in(ALICE, PASSWORD, 1).await.is_ok());
        world.complete(&grant.token).await.unwrap();
    }
}

#[tokio::test]
async fn a_user_may_reset_to_a_common_password() {
    let (world, code) = World::with_code().await;
    let grant = world.verify(&code).await.unwrap();
    world.complete_with(&grant.token, COMMON).await.unwrap();
}

impl World {
    async fn request_link(&self, identifier: Identifier) -> Result<MaskedEmail, Fault> {
        let mail = LinkMail {
            template: "reset-password-token",
            language: Language::English,
            url_prefix: "https://example.org/reset/".to_owned(),
            fields: Vec::new(),
        };
        let means = ResetMeans::TokenOfAccount { mail, lifetime: Duration::minutes(30) };
        self.app.request_password_reset(RequestPasswordReset { origin: origin(1), identifier, means }).await
    }

    /// The account and the token of the newest link.
    async fn mailed_link(&self) -> (AccountId, String) {
        self.deliver_due_mail().await.unwrap();
        let text = self.mailer.taken().pop().expect("a mail").content.text;
        let link = text.split_whitespace().find_map(|word| word.strip_prefix("https://example.org/reset/")).unwrap();
        let (account, token) = link.split_once('/').unwrap();
        (AccountId::from_hex(account).unwrap(), token.to_owned())
    }
}

#[tokio::test]
async fn a_link_that_names_its_account_is_shown_and_spent_for_that_alone() {
    let world = World::unlimited();
    let alice = world.app.register_with_password(sign_up(ALICE, Some("alice"))).await.unwrap().account;
    let other = world.with_account("other@example.com", Role::User).await;
    let masked = world.request_link(Identifier::username("Alice")).await.unwrap();
    assert_eq!(masked.as_str(), "al***@example.com");
    let (account, token) = world.mailed_link().await;
    assert_eq!(account, alice.id());
    let expires = alice.created_at() + Duration::minutes(30);
    assert_eq!(world.app.show_reset_token(account, &token).await.unwrap(), Some(expires));
    assert_eq!(world.app.show_reset_token(other.id(), &token).await.unwrap(), None);
    let reset = async |account: Option<AccountId>| {
        let (token, language) = (token.clone(), Language::English);
        let input = ResetPasswordByToken { origin: origin(1), account, token, password: password(NEW), language };
        world.app.reset_password_by_token(input).await
    };
    for wrong in [None, Some(other.id())] {
        assert!(matches!(reset(wrong).await, Err(PasswordResetError::Invalid)));
    }
    reset(Some(account)).await.unwrap();
    assert!(matches!(reset(Some(account)).await, Err(PasswordResetError::Invalid)));
    assert_eq!(world.app.show_reset_token(account, &token).await.unwrap(), None);
    assert!(world.sign_in(ALICE, NEW, 1).await.is_ok());
}

#[tokio::test]
async fn a_name_of_no_account_gets_a_mask_of_its_own_and_no_mail() {
    for identifier in [Identifier::username("nobody"), Identifier::Unfit("two words".to_owned())] {
        let world = World::new();
        let first = world.request_link(identifier.clone()).await.unwrap();
        assert!(matches!(world.request_link(identifier.clone()).await, Err(Fault::Throttled { retry_after: 60 })));
        world.advance(Duration::minutes(1));
        assert_eq!(world.request_link(identifier).await.unwrap(), first);
        world.deliver_due_mail().await.unwrap();
        assert_eq!(world.mailer.taken().len(), 0);
    }
}
