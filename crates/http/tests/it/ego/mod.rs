//! The `ego` dialect: every endpoint and every row of its contract.

mod across;
mod administration;
pub(crate) mod faults;
mod garbage;
mod limits;
mod login;
mod own_account;
mod password_reset;
mod refresh;
mod register;
mod routes;
mod tokens;
mod verification;

use serde_json::{Value, json};
use time::Duration;
use vestibule_application::{Algorithm, TokenKey};
use vestibule_domain::{PasswordHash, Role};
use vestibule_testkit::AccountBuilder;

use crate::support::{Answer, TestApp};

pub(crate) const ACCESS: TokenKey = TokenKey { dialect: "ego", kind: "access", algorithm: Algorithm::Hs256 };
pub(crate) const REFRESH: TokenKey = TokenKey { dialect: "ego", kind: "refresh", algorithm: Algorithm::Hs256 };

pub(crate) const REGISTER: &str = "/api/v1/users/register/";
pub(crate) const VERIFY: &str = "/api/v1/users/verify-otp/";
pub(crate) const LOGIN: &str = "/api/v1/users/login/";
pub(crate) const AD_LOGIN: &str = "/api/v1/users/ad-login/";
pub(crate) const RESEND: &str = "/api/v1/users/resend-otp/";
pub(crate) const REQUEST_RESET: &str = "/api/v1/users/request-reset-password/";
pub(crate) const RESET: &str = "/api/v1/users/reset-password/";
pub(crate) const REFRESH_TOKEN: &str = "/api/v1/users/refresh-token/";
pub(crate) const UPDATE: &str = "/api/v1/users/update/";
pub(crate) const DELETE: &str = "/api/v1/users/delete/";
pub(crate) const PROFILE: &str = "/api/v1/users/profile/";
pub(crate) const UPDATE_PASSWORD: &str = "/api/v1/users/update-password/";
pub(crate) const LOGOUT: &str = "/api/v1/users/logout/";
pub(crate) const ALL: &str = "/api/v1/users/all/";
pub(crate) const SUPERADMIN: &str = "/api/v1/users/superadmin/";

pub(crate) const ALICE: &str = "alice@example.com";
/// As short as the document's example.
pub(crate) const PASSWORD: &str = "12abc";
pub(crate) const NEW_PASSWORD: &str = "battery staple";
/// Taken from users, refused to whoever has power over others.
pub(crate) const COMMON: &str = "password1";

pub(crate) const WRONG: (u16, u16, &str) = (401, 1003, "Email ou mot de passe incorrect");
pub(crate) const UNVERIFIED: (u16, u16, &str) = (400, 1011, "Ce compte na pas encore été verifie");
pub(crate) const INVALID_OTP: (u16, u16, &str) = (400, 1009, "Code OTP invalide ou expiré");
pub(crate) const INVALID_RESET: (u16, u16, &str) = (400, 1015, "Le token est invalid ou a expiré");
pub(crate) const FORBIDDEN: (u16, u16, &str) = (403, 1016, "Vous n'avez pas les droits pour accéder à cette ressource");
pub(crate) const PHONE_TAKEN: (u16, u16, &str) =
    (400, 1004, "Ce numéro de téléphone est déjà utilisé, merci d'en choisir un autre");
pub(crate) const USER_EXISTS: (u16, u16, &str) = (400, 1002, "Utilisateur existe déjà!");
pub(crate) const TOO_MANY: (u16, u16, &str) = (429, 1018, "Trop de tentatives");
pub(crate) const UNAVAILABLE: (u16, u16, &str) = (503, 1021, "Service indisponible");

/// The two tokens of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tokens {
    pub(crate) access: String,
    pub(crate) refresh: String,
}

impl Tokens {
    #[track_caller]
    pub(crate) fn of(answer: &Answer) -> Self {
        let token = &answer.json()["data"]["token"];
        let text = |key: &str| token[key].as_str().unwrap_or_else(|| panic!("{key}: {}", answer.text)).to_owned();
        Self { access: text("accessToken"), refresh: text("refreshToken") }
    }
}

pub(crate) fn alice() -> Value {
    json!({ "firstname": "Alice", "lastname": "Martin", "email": ALICE, "password": PASSWORD })
}

/// Registers Alice, whose account is pending then.
pub(crate) async fn register_alice(app: &TestApp) {
    assert_registered(&app.post(REGISTER, &alice()).await);
}

/// The code in the newest mail to an address.
pub(crate) async fn code(app: &TestApp, to: &str) -> String {
    let text = app.mails(to).await.first().expect("a mail").mail.content.text.clone();
    let is_code = |word: &&str| word.len() == 6 && word.bytes().all(|byte| b"0123456789ABCDEF".contains(&byte));
    text.split_whitespace().find(is_code).unwrap_or_else(|| panic!("no code in {text}")).to_owned()
}

pub(crate) async fn verify(app: &TestApp, email: &str, code: &str) -> Answer {
    app.post(VERIFY, &json!({ "email": email, "otp": code })).await
}

/// Registers Alice and proves her mailbox.
pub(crate) async fn verified_alice(app: &TestApp) {
    register_alice(app).await;
    let code = code(app, ALICE).await;
    assert_eq!(verify(app, ALICE, &code).await.status, 200);
}

pub(crate) async fn login(app: &TestApp, email: &str, password: &str) -> Answer {
    app.post(LOGIN, &json!({ "email": email, "password": password })).await
}

/// A new session of an account that has the usual password.
pub(crate) async fn session(app: &TestApp, email: &str) -> Tokens {
    Tokens::of(&login(app, email, PASSWORD).await)
}

/// Registers Alice, proves her mailbox and signs her in.
pub(crate) async fn alices_session(app: &TestApp) -> Tokens {
    verified_alice(app).await;
    session(app, ALICE).await
}

/// An account of a role with the usual password; its address has its number.
pub(crate) fn account(number: u32, role: Role) -> AccountBuilder {
    AccountBuilder::numbered(number)
        .parts("First", &format!("Last {number}"))
        .email(&format!("user-{number}@example.com"))
        .role(role)
        .password(Some(PasswordHash::new(format!("instant:{PASSWORD}"))))
}

/// Puts an account of a role into the store and signs it in.
pub(crate) async fn session_of(app: &TestApp, number: u32, role: Role) -> Tokens {
    let account = account(number, role).build();
    app.put(&account).await;
    session(app, account.email().as_str()).await
}

/// Asks for a reset, later than whatever was mailed before, and reads the token of the link in the mail.
pub(crate) async fn reset_token(app: &TestApp, email: &str) -> String {
    app.wait(Duration::milliseconds(1));
    assert_eq!(app.post(REQUEST_RESET, &json!({ "email": email })).await.status, 200);
    let text = app.mails(email).await.first().expect("a mail").mail.content.text.clone();
    let link = "http://localhost:3000/reset-password?token=";
    let token = text.split_whitespace().find_map(|word| word.strip_prefix(link));
    token.unwrap_or_else(|| panic!("no link in {text}")).to_owned()
}

pub(crate) async fn reset(app: &TestApp, token: &str, password: &str) -> Answer {
    app.post(RESET, &json!({ "token": token, "newPassword": password })).await
}

#[track_caller]
fn assert_body(answer: &Answer, status: u16, body: &str) {
    assert_eq!((answer.status, answer.text.as_str()), (status, body));
    assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
}

/// Asserts a failure in the envelope, to the byte.
#[track_caller]
pub(crate) fn assert_failed(answer: &Answer, (status, code, message): (u16, u16, &str)) {
    let message = Value::from(message);
    assert_body(answer, status, &format!(r#"{{"message":{message},"errorCode":{code},"errors":null}}"#));
}

/// What is said of a password, and behind the bar why.
pub(crate) const SHORT: &str = "Champ invalide: password | Le mot de passe doit avoir au moins 5 caractères";
pub(crate) const LONG: &str = "Champ invalide: password | Le mot de passe doit avoir au plus 72 octets";
pub(crate) const NUL: &str = "Champ invalide: password | Le mot de passe ne doit pas avoir de caractère nul";
pub(crate) const TOO_COMMON: &str = "Champ invalide: password | Le mot de passe est trop courant";

/// Asserts that exactly these fields are at fault, in this order, to the byte; what `errors` says of a field may stand behind a
/// bar.
#[track_caller]
pub(crate) fn assert_unfit(answer: &Answer, messages: &[&str]) {
    fn parts(message: &str) -> (&str, &str) {
        message.split_once(" | ").unwrap_or((message, message))
    }
    let error = |message: &&str| {
        let (message, detail) = parts(message);
        let field = message.split(": ").nth(1).unwrap_or("email");
        format!(r#"{{"field":"{field}","message":"{detail}"}}"#)
    };
    let errors = messages.iter().map(error).collect::<Vec<_>>().join(",");
    let (message, _) = parts(messages[0]);
    assert_body(answer, 400, &format!(r#"{{"message":"{message}","errorCode":1017,"errors":[{errors}]}}"#));
}

/// Asserts an answer that is a sentence and nothing else, to the byte.
#[track_caller]
pub(crate) fn assert_sentence(answer: &Answer, status: u16, message: &str) {
    assert_body(answer, status, &format!(r#"{{"message":{}}}"#, Value::from(message)));
}

/// Asserts that a token is refused.
#[track_caller]
pub(crate) fn assert_refused(answer: &Answer) {
    assert_sentence(answer, 401, "Token non valide");
}

/// Asserts a success that is a status and a sentence, to the byte.
#[track_caller]
pub(crate) fn assert_said(answer: &Answer, status: &str, message: &str) {
    assert_body(answer, 200, &format!(r#"{{"status":"{status}","message":"{message}"}}"#));
}

#[track_caller]
pub(crate) fn assert_registered(answer: &Answer) {
    let message = "Utilisateur enregistré. Veuillez vérifier votre email pour l'OTP.";
    assert_body(answer, 201, &format!(r#"{{"status":"pending","message":"{message}"}}"#));
}

#[track_caller]
pub(crate) fn assert_verified(answer: &Answer) {
    assert_said(answer, "success", "Code OTP vérifié avec succès");
}
