//! The routes as OpenAPI: each example is an answer that is sent, with the values of the document.

pub(super) mod administration;
pub(super) mod mailbox;
pub(super) mod own_account;
pub(super) mod sessions;
mod shapes;

use serde::Serialize;
use serde_json::{Value, json};
use vestibule_domain::{AccountStatus, Role, dossier::ReviewState};

use super::{
    errors::Failure,
    requests::{self, Request},
    responses::{self, AddressView, Success, TokenPair, User},
    words,
};
use crate::shared::{
    chapter::{Chapter, Token},
    describe::Answer,
    routes::Access,
    shape::Shape,
};

const FIRST_NAME: &str = "Alice";
const LAST_NAME: &str = "Martin";
const EMAIL: &str = "alice@example.com";
const PHONE: &str = "+225 01 02 03 04 05";

/// The dialect's part of the document.
pub(super) const CHAPTER: Chapter = Chapter {
    token: Some(Token { scheme: "ego_access_token", told: "The `accessToken` of a login or a refresh; 30 minutes." }),
    common,
    segment: |_| None,
};

fn common(access: Access, takes_body: bool) -> Vec<Answer> {
    let mut answers = Vec::new();
    if access.needs_token() {
        answers.extend([
            bad("no token", &Failure::NO_TOKEN),
            bad("an invalid, expired or revoked token, or a blocked account", &Failure::INVALID_TOKEN),
        ]);
    }
    if takes_body {
        answers.extend([
            bad("not a JSON object", &Failure::INVALID_BODY),
            bad("more than 64 KiB", &Failure::BODY_TOO_LARGE),
            bad("in UTF-16 or UTF-32", &Failure::UNSUPPORTED_CHARSET),
        ]);
        if !access.needs_token() {
            answers.push(bad("too many requests; `Retry-After` says when", &Failure::TOO_MANY_REQUESTS));
        }
    }
    answers.extend([
        bad("another method; `Allow` names the right ones", &Failure::METHOD_NOT_ALLOWED),
        bad("something inside failed", &Failure::INTERNAL),
        bad("overloaded, or the store is away; `Retry-After` says when", &Failure::UNAVAILABLE),
    ]);
    answers
}

fn good(when: &'static str, data: impl Serialize, shape: Shape) -> Answer {
    Answer::of(when, responses::ok(data), shapes::success(shape))
}

fn said(success: &Success) -> Answer {
    Answer::shaped(success.message, success.response(), shapes::said)
}

fn bad(when: &'static str, failure: &Failure) -> Answer {
    Answer::shaped(when, failure.response(), shapes::failure)
}

/// A refusal of a good body whose field is missing.
fn lacking<R: Request>(when: &'static str, body: &Value, field: &str) -> Answer {
    unfit::<R>(when, body, field, Value::Null)
}

/// A refusal of a good body but for a field.
fn unfit<R: Request>(when: &'static str, body: &Value, field: &str, value: impl Into<Value>) -> Answer {
    let mut body = body.as_object().cloned().unwrap_or_default();
    body.insert(field.to_owned(), value.into());
    bad(when, &requests::refusal::<R>(body))
}

fn address() -> Value {
    json!({ "street": "1 rue de la Paix", "city": "Abidjan", "zip": null, "area": null, "country": "CI" })
}

fn tokens() -> TokenPair {
    TokenPair { access_token: "<jwt>".to_owned(), refresh_token: "<jwt>".to_owned() }
}

fn user() -> User {
    User {
        address: Some(AddressView {
            street: Some("1 rue de la Paix".to_owned()),
            city: Some("Abidjan".to_owned()),
            zip: None,
            area: None,
            country: Some("CI".to_owned()),
        }),
        id: "507f1f77bcf86cd799439011".to_owned(),
        firstname: Some(FIRST_NAME.to_owned()),
        lastname: Some(LAST_NAME.to_owned()),
        email: EMAIL.to_owned(),
        phone_number: Some(PHONE.to_owned()),
        role: words::role(Role::User),
        profession: None,
        birth: None,
        profile_photo: None,
        ip_adress: [],
        device_id: [],
        status: words::status(AccountStatus::Active),
        is_verified: true,
        is_approved: false,
        is_blocked: false,
        referral_code: (),
        email_verified_at: Some("2024-06-12T14:23:27.598Z".to_owned()),
        profile_complete: (),
        is_superuser: false,
        identification_type: None,
        identification_expiry: None,
        document_identity_image: None,
        status_kyc: words::review(ReviewState::Draft),
        date_of_verification: None,
        sponsor_ship_code: (),
        last_login: Some("2024-06-12T14:25:00.000Z".to_owned()),
        two_factor_auth: false,
        failed_login_attempts: 0,
        last_failed_login: None,
        created_at: "2024-06-12T14:20:00.000Z".to_owned(),
        updated_at: "2024-06-12T14:23:27.598Z".to_owned(),
    }
}
