//! The doors to an account: sign-ups, proofs, and what is seen of the account.

use time::Duration;
use vestibule_application::{
    Caller, Language,
    accounts::{AccountChange, AuthenticateError, NewStatus, Presented},
    links::{LinkPurpose, ResetPasswordByLink, SendLink, VerifyEmailByLink},
    mail::LinkMail,
    password_reset::{
        CompletePasswordReset, PasswordResetError, RequestPasswordReset, ResetMeans, ResetPasswordByToken,
        VerifyPasswordResetCode,
    },
    register::{RegisterError, RegisterWithCode, RegisterWithCodeError, RegisterWithPassword, RegisterWithProof},
    sign_in::{Identifier, MailboxProof, SignInError, SignInWithProvider},
    verification::{Mailbox, ResendVerificationCode, VerifyMailboxByCode},
};
use vestibule_domain::{Account, CodeFormat, LinkedIdentity, ProvenIdentity, Provider, ProviderUserId, Role};

use crate::support::{FORMAT, World, email, link_mail, origin, password, sign_up};

pub(super) const ALICE: &str = "alice@example.com";
pub(super) const STRANGERS: &str = "the password of a stranger";
pub(super) const OWNERS: &str = "the password of the owner";
pub(super) const HEX: CodeFormat = CodeFormat::SixHexDigits;

/// How a stranger signs up with the address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SignUp {
    /// Live at once.
    Live,
    /// Pending until a code is typed; on a live account, the password waits.
    ByCode,
    /// Pending until a link is opened with the password.
    ByLink,
    /// Live at once, and another password that waits with a code.
    LiveThenByCode,
}

pub(super) const SIGN_UPS: [SignUp; 4] = [SignUp::Live, SignUp::ByCode, SignUp::ByLink, SignUp::LiveThenByCode];

/// How the owner proves the mailbox, so that the password is the owner's or there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Proof {
    ResetByCode,
    ResetByToken,
    ResetByLink,
    Provider,
    /// A sign-up of the owner's own, with its code.
    OwnSignUp,
}

pub(super) const PROOFS: [Proof; 5] =
    [Proof::ResetByCode, Proof::ResetByToken, Proof::ResetByLink, Proof::Provider, Proof::OwnSignUp];

impl World {
    pub(super) fn registration(secret: &str, username: Option<&str>) -> RegisterWithPassword {
        RegisterWithPassword { password: password(secret), ..sign_up(ALICE, username) }
    }

    pub(super) async fn sign_up_live(&self, secret: &str) -> Result<(), RegisterError> {
        self.app.register_with_password(Self::registration(secret, None)).await.map(drop)
    }

    pub(super) async fn sign_up_by_code(&self, secret: &str) -> Result<(), RegisterWithCodeError> {
        let input = RegisterWithCode {
            registration: Self::registration(secret, None),
            role: Role::User,
            format: HEX,
            language: Language::English,
        };
        self.app.register_with_code(None, input).await
    }

    pub(super) async fn sign_up_by_link(&self, secret: &str, username: Option<&str>) -> Result<(), RegisterError> {
        let registration = Self::registration(secret, username);
        self.app.register_with_proof(RegisterWithProof { registration, mail: link_mail() }).await
    }

    /// Signs a stranger up; whether that was taken, as far as the stranger is told.
    pub(super) async fn let_stranger_sign_up(&self, how: SignUp) -> bool {
        match how {
            SignUp::Live => self.sign_up_live(STRANGERS).await.is_ok(),
            SignUp::ByCode => self.sign_up_by_code(STRANGERS).await.is_ok(),
            SignUp::ByLink => self.sign_up_by_link(STRANGERS, None).await.is_ok(),
            SignUp::LiveThenByCode => {
                self.sign_up_live(STRANGERS).await.is_ok() && self.sign_up_by_code(STRANGERS).await.is_ok()
            }
        }
    }

    pub(super) async fn alice(&self) -> Option<Account> {
        self.store.read().accounts().find_by_email(&email(ALICE)).await.unwrap()
    }

    pub(super) async fn newest_text(&self) -> String {
        self.deliver_due_mail().await.unwrap();
        self.mailer.taken().pop().expect("a mail").content.text
    }

    pub(super) async fn newest_word(&self, fits: impl Fn(&str) -> bool) -> String {
        let text = self.newest_text().await;
        text.split_whitespace().map(|word| word.rsplit('/').next().unwrap()).find(|word| fits(word)).unwrap().to_owned()
    }

    pub(super) async fn newest_hex_code(&self) -> String {
        self.newest_word(|word| HEX.parse(word).is_ok()).await
    }

    pub(super) async fn ask_to_reset(&self, means: ResetMeans) {
        let input = RequestPasswordReset { origin: origin(2), identifier: Identifier::Email(email(ALICE)), means };
        self.app.request_password_reset(input).await.unwrap();
    }

    /// The grant that a mailed code is traded for.
    pub(super) async fn trade_a_code(&self) -> String {
        self.ask_to_reset(ResetMeans::Code(FORMAT)).await;
        let code = self.newest_word(|word| FORMAT.parse(word).is_ok()).await;
        let grant_lifetime = Duration::minutes(15);
        let input = VerifyPasswordResetCode { email: email(ALICE), code, format: FORMAT, grant_lifetime };
        self.app.verify_password_reset_code(input).await.unwrap().token
    }

    pub(super) async fn use_grant(&self, token: String) -> Result<(), PasswordResetError> {
        let (origin, email, password) = (origin(2), email(ALICE), password(OWNERS));
        self.app.complete_password_reset(CompletePasswordReset { origin, token, email, password }).await
    }

    pub(super) async fn type_code(&self, code: &str) -> bool {
        let input = VerifyMailboxByCode {
            origin: origin(3),
            mailbox: Mailbox::Of(email(ALICE)),
            code: code.to_owned(),
            format: HEX,
        };
        self.app.verify_mailbox_by_code(input).await.is_ok()
    }

    pub(super) async fn open_link(&self, token: &str, secret: &str) -> bool {
        let input = VerifyEmailByLink { origin: origin(3), token: token.to_owned(), password: secret.to_owned() };
        self.app.verify_email_by_link(input).await.is_ok()
    }

    pub(super) async fn ask_for_another_code(&self) {
        let (origin, mailbox, language) = (origin(2), Mailbox::Of(email(ALICE)), Language::English);
        let input = ResendVerificationCode { origin, mailbox, to_proven: false, format: HEX, language };
        self.app.resend_verification_code(input).await.unwrap();
    }

    pub(super) async fn sign_in_by_google(&self) {
        let user_id = ProviderUserId::parse("google-of-alice").unwrap();
        let identity = LinkedIdentity { provider: Provider::Google, user_id, picture: None };
        let names = (None, None);
        let proven = ProvenIdentity {
            identity,
            email: Some(email(ALICE)),
            email_is_vouched_for: true,
            first_name: names.0,
            last_name: names.1,
        };
        self.provider.accept("credential", proven);
        let input = SignInWithProvider {
            origin: origin(2),
            provider: Provider::Google,
            credential: "credential".to_owned(),
            first_name: None,
            last_name: None,
        };
        self.app.sign_in_with_provider(input).await.unwrap();
    }

    pub(super) async fn let_owner_prove(&self, how: Proof) {
        match how {
            Proof::ResetByCode => {
                let grant = self.trade_a_code().await;
                self.use_grant(grant).await.unwrap();
            }
            Proof::ResetByToken => {
                let mail = LinkMail { template: "reset-password-token", ..link_mail() };
                self.ask_to_reset(ResetMeans::Token { mail, lifetime: Duration::minutes(30) }).await;
                let token = self.newest_word(|word| word.len() == 64).await;
                let (origin, password, language) = (origin(2), password(OWNERS), Language::English);
                let input = ResetPasswordByToken { origin, account: None, token, password, language };
                self.app.reset_password_by_token(input).await.unwrap();
            }
            Proof::ResetByLink => {
                let (origin, mail) = (origin(2), link_mail());
                let input =
                    SendLink { origin: origin.clone(), email: email(ALICE), purpose: LinkPurpose::ResetPassword, mail };
                self.app.send_link(input).await.unwrap();
                let token = self.newest_word(|word| word.len() == 43).await;
                let input = ResetPasswordByLink { origin, token, email: email(ALICE), password: password(OWNERS) };
                self.app.reset_password_by_link(input).await.unwrap();
            }
            Proof::Provider => self.sign_in_by_google().await,
            Proof::OwnSignUp => {
                self.sign_up_by_code(OWNERS).await.unwrap();
                let code = self.newest_hex_code().await;
                assert!(self.type_code(&code).await);
            }
        }
    }

    /// What the stranger has of the account: its tokens.
    pub(super) async fn tokens_live(&self, stranger: Option<&Account>) -> bool {
        let Some(account) = stranger else { return false };
        let presented = Presented { account: account.id(), epoch: account.epoch().into() };
        match self.app.authenticate(presented, origin(3)).await {
            Ok(_) => true,
            Err(AuthenticateError::Revoked | AuthenticateError::UnknownAccount) => false,
            Err(error) => panic!("{error:?}"),
        }
    }

    pub(super) async fn lets_in(&self, secret: &str) -> bool {
        match self.sign_in(ALICE, secret, 9).await {
            Ok(_) => true,
            Err(SignInError::Fault(fault)) => panic!("{fault:?}"),
            Err(_) => false,
        }
    }

    pub(super) async fn root(&self) -> Caller {
        let root = self.with_account("root@example.com", Role::Root).await;
        self.caller(&root).await.unwrap()
    }

    pub(super) async fn set_status(&self, root: &Caller, status: NewStatus, proof: MailboxProof) {
        let user = self.authority(root, self.alice().await.unwrap().id()).await.unwrap();
        let change = AccountChange { status: Some(status), proof, ..AccountChange::default() };
        self.app.change_account(user, change).await.unwrap();
    }
}
