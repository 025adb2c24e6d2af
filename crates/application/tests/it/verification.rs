//! Signing up with a code, proving the mailbox by it, and what waits in between.

use time::Duration;
use vestibule_application::{
    Fault, Language,
    accounts::{AccountChange, AuthenticateError, NewStatus, Presented},
    register::{RegisterError, RegisterWithCode, RegisterWithCodeError},
    sign_in::SignInError,
    verification::{Mailbox, ResendVerificationCode, VerificationError, VerifyMailboxByCode},
};
use vestibule_domain::{AccountStatus, CodeFormat, DossierChange, EventKind, PhoneNumber, Role};

use crate::support::{COMMON, PASSWORD, World, email, origin, password, sign_up};

const ALICE: &str = "alice@example.com";
const NEW: &str = "battery staple";
const HEX: CodeFormat = CodeFormat::SixHexDigits;

impl World {
    async fn sign_up_as(
        &self,
        (address, secret): (&str, &str),
        phone: Option<&str>,
        role: Role,
        by: Option<&vestibule_application::Caller>,
    ) -> Result<(), RegisterWithCodeError> {
        let registration = vestibule_application::register::RegisterWithPassword {
            password: password(secret),
            dossier: phone
                .map(|number| DossierChange::of_phone(PhoneNumber::parse(number).unwrap()))
                .unwrap_or_default(),
            ..sign_up(address, None)
        };
        let input = RegisterWithCode { registration, role, format: HEX, language: Language::French };
        self.app.register_with_code(by, input).await
    }

    async fn sign_up_with_code(&self, secret: &str) -> Result<(), RegisterWithCodeError> {
        self.sign_up_as((ALICE, secret), None, Role::User, None).await
    }

    async fn resend(&self, address: &str) -> Result<(), Fault> {
        let input = ResendVerificationCode {
            origin: origin(1),
            mailbox: Mailbox::Of(email(address)),
            to_proven: false,
            format: HEX,
            language: Language::French,
        };
        self.app.resend_verification_code(input).await
    }

    async fn prove(&self, address: &str, code: &str) -> Result<(), VerificationError> {
        let input = VerifyMailboxByCode {
            origin: origin(1),
            mailbox: Mailbox::Of(email(address)),
            code: code.to_owned(),
            format: HEX,
        };
        self.app.verify_mailbox_by_code(input).await
    }

    async fn mailed_hex_code(&self) -> String {
        self.deliver_due_mail().await.unwrap();
        let mail = self.mailer.taken().pop().expect("a mail");
        assert_eq!(mail.content.subject, "Verification OTP");
        mail.content.text.split_whitespace().find(|word| HEX.parse(word).is_ok()).expect("a code").to_owned()
    }

    async fn mails(&self) -> usize {
        self.deliver_due_mail().await.unwrap();
        self.mailer.taken().len()
    }
}

fn is_invalid(outcome: &Result<(), VerificationError>) -> bool {
    matches!(outcome, Err(VerificationError::Invalid))
}

#[tokio::test]
async fn nobody_signs_in_until_the_code_is_used_in_either_case() {
    let world = World::unlimited();
    world.sign_up_with_code(PASSWORD).await.unwrap();
    assert!(matches!(world.sign_in(ALICE, PASSWORD, 1).await, Err(SignInError::Pending)));
    assert!(matches!(world.sign_in(ALICE, NEW, 1).await, Err(SignInError::WrongPassword)));
    let code = world.mailed_hex_code().await;
    world.prove(ALICE, &code.to_lowercase()).await.unwrap();
    let account = world.sign_in(ALICE, PASSWORD, 1).await.unwrap().account;
    assert!(account.is_active() && account.mailbox_proven_at().is_some());
    assert!(is_invalid(&world.prove(ALICE, &code).await), "a spent code is refused");
}

#[tokio::test]
async fn a_pending_account_is_replaced_with_its_password_and_its_code() {
    let world = World::unlimited();
    world.sign_up_as((ALICE, PASSWORD), Some("+33 1 23 45"), Role::User, None).await.unwrap();
    let old = world.mailed_hex_code().await;
    world.sign_up_as((ALICE, NEW), Some("+33 1 23 45"), Role::User, None).await.unwrap();
    let new = world.mailed_hex_code().await;
    assert!(is_invalid(&world.prove(ALICE, &old).await) || old == new);
    world.prove(ALICE, &new).await.unwrap();
    assert!(world.sign_in(ALICE, NEW, 1).await.is_ok());
    assert!(world.sign_in(ALICE, PASSWORD, 1).await.is_err());
}

#[tokio::test]
async fn for_a_live_unproven_account_nothing_changes_until_the_code_is_used() {
    let world = World::unlimited();
    let stranger = world.register(ALICE).await.unwrap().account;
    world.sign_up_with_code(NEW).await.unwrap();
    assert!(world.sign_in(ALICE, PASSWORD, 1).await.is_ok());
    assert!(world.sign_in(ALICE, NEW, 1).await.is_err());
    world.prove(ALICE, &world.mailed_hex_code().await).await.unwrap();
    assert!(world.sign_in(ALICE, PASSWORD, 1).await.is_err());
    assert_eq!(world.sign_in(ALICE, NEW, 1).await.unwrap().account.id(), stranger.id());
    let token = Presented { account: stranger.id(), epoch: stranger.epoch().into() };
    assert!(matches!(world.app.authenticate(token, origin(1)).await, Err(AuthenticateError::Revoked)));
    let kinds: Vec<_> = world.events(Some(stranger.id())).await.into_iter().map(|event| event.kind).collect();
    assert!(kinds.contains(&EventKind::PasswordChange));
}

#[tokio::test]
async fn a_proven_or_disabled_account_keeps_its_address() {
    let world = World::unlimited();
    let account = world.with_account(ALICE, Role::User).await;
    let is_taken = |outcome| matches!(outcome, Err(RegisterWithCodeError::Register(RegisterError::EmailTaken)));
    assert!(is_taken(world.sign_up_with_code(NEW).await));
    let disable = AccountChange::status(NewStatus::Suspended);
    let operator = vestibule_application::Operator::at_the_console();
    world.app.change_account(operator.authority_over(account.id()), disable).await.unwrap();
    assert!(is_taken(world.sign_up_with_code(NEW).await));
    assert_eq!(world.mails().await, 0);
}

#[tokio::test]
async fn a_telephone_number_is_of_one_account_however_it_is_written() {
    let world = World::unlimited();
    world.sign_up_as((ALICE, PASSWORD), Some("+33 (1) 23-45"), Role::User, None).await.unwrap();
    let taken = world.sign_up_as(("bob@example.com", PASSWORD), Some("+3312345"), Role::User, None).await;
    assert!(matches!(taken, Err(RegisterWithCodeError::Register(RegisterError::PhoneTaken))));
    assert_eq!(world.mails().await, 1, "nothing of the refused registration stays");
    assert!(world.sign_up_as(("bob@example.com", PASSWORD), Some("3312345"), Role::User, None).await.is_ok());
}

#[tokio::test]
async fn nobody_makes_an_account_of_a_higher_role_than_they_may_give() {
    let world = World::unlimited();
    let mut callers = vec![(None, [Ok(Role::User), Ok(Role::User), Ok(Role::User)])];
    for (role, given) in [
        (Role::User, [Ok(Role::User), Err(()), Err(())]),
        (Role::Admin, [Ok(Role::User), Err(()), Err(())]),
        (Role::Root, [Ok(Role::User), Ok(Role::Admin), Err(())]),
    ] {
        let account = world.with_account(&format!("{}@example.org", role.as_str()), role).await;
        callers.push((Some(world.caller(&account).await.unwrap()), given));
    }
    for (number, (caller, given)) in callers.iter().enumerate() {
        for (asked, given) in [Role::User, Role::Admin, Role::Root].into_iter().zip(given) {
            let address = format!("{number}-{}@example.com", asked.as_str());
            let outcome = world.sign_up_as((&address, PASSWORD), None, asked, caller.as_ref()).await;
            match given {
                Ok(role) => {
                    outcome.unwrap();
                    let made = world.store.read().accounts().find_by_email(&email(&address)).await.unwrap().unwrap();
                    assert_eq!((made.role(), made.status()), (*role, AccountStatus::Pending));
                }
                Err(()) => assert!(matches!(outcome, Err(RegisterWithCodeError::Forbidden))),
            }
        }
    }
}

#[tokio::test]
async fn an_admin_is_not_made_with_a_common_password() {
    let world = World::unlimited();
    let root = world.with_account("root@example.org", Role::Root).await;
    let root = world.caller(&root).await.unwrap();
    let refused = world.sign_up_as((ALICE, COMMON), None, Role::Admin, Some(&root)).await;
    assert!(matches!(refused, Err(RegisterWithCodeError::CommonPassword(_))));
    assert!(world.sign_up_as((ALICE, COMMON), None, Role::User, Some(&root)).await.is_ok());
}

#[tokio::test]
async fn another_code_goes_only_to_a_mailbox_that_is_to_be_proven() {
    let world = World::unlimited();
    world.with_account("proven@example.com", Role::User).await;
    for address in ["proven@example.com", "nobody@example.com"] {
        world.resend(address).await.unwrap();
        assert_eq!(world.mails().await, 0, "{address}");
    }
    world.register(ALICE).await.unwrap();
    world.resend(ALICE).await.unwrap();
    world.prove(ALICE, &world.mailed_hex_code().await).await.unwrap();
    assert!(world.sign_in(ALICE, PASSWORD, 1).await.unwrap().account.mailbox_proven_at().is_some());
}

#[tokio::test]
async fn five_tries_use_a_code_up() {
    let world = World::unlimited();
    world.sign_up_with_code(PASSWORD).await.unwrap();
    let code = world.mailed_hex_code().await;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    for _ in 0..5 {
        assert!(is_invalid(&world.prove(ALICE, wrong).await));
    }
    assert!(is_invalid(&world.prove(ALICE, &code).await));
}

#[tokio::test]
async fn a_code_of_one_purpose_is_of_no_use_for_another() {
    let world = World::unlimited();
    world.sign_up_with_code(PASSWORD).await.unwrap();
    let code = world.mailed_hex_code().await;
    let input = vestibule_application::password_reset::VerifyPasswordResetCode {
        email: email(ALICE),
        code,
        format: HEX,
        grant_lifetime: Duration::minutes(15),
    };
    assert!(world.app.verify_password_reset_code(input).await.is_err());
}
