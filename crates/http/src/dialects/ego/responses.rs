//! What clients get: `status` with `message` or `data`; failures have an envelope of their own.

use actix_web::{HttpResponse, http::StatusCode};
use serde::Serialize;
use vestibule_application::users::UserPage;
use vestibule_domain::{
    Account, AccountStatus, Dossier, PhoneNumber, Role,
    dossier::{Address, Detail, ReviewStatus},
};

use super::words;
use crate::shared::{reply, timestamp::timestamp};

/// A sentence alone.
#[derive(Serialize)]
pub(super) struct Message<'a> {
    pub(super) message: &'a str,
}

#[derive(Serialize)]
struct Said {
    status: &'static str,
    message: &'static str,
}

#[derive(Serialize)]
struct Success<T> {
    status: &'static str,
    data: T,
}

/// The tokens of a sign-in or a refresh.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TokenPair {
    pub(super) access_token: String,
    pub(super) refresh_token: String,
}

/// `data` of `refresh-token`.
#[derive(Serialize)]
pub(super) struct Tokens {
    pub(super) token: TokenPair,
}

/// `data` of `login`.
#[derive(Serialize)]
pub(super) struct Session {
    firstname: Option<String>,
    lastname: Option<String>,
    email: String,
    role: &'static str,
    token: TokenPair,
}

impl Session {
    pub(super) fn new(account: &Account, token: TokenPair) -> Self {
        Self {
            firstname: account.name().first().map(str::to_owned),
            lastname: account.name().last().map(str::to_owned),
            email: account.email().to_string(),
            role: words::role(account.role()),
            token,
        }
    }
}

/// `data` of `ad-login`.
#[derive(Serialize)]
pub(super) struct RootSession {
    email: String,
    token: TokenPair,
}

impl RootSession {
    pub(super) fn new(account: &Account, token: TokenPair) -> Self {
        Self { email: account.email().to_string(), token }
    }
}

/// `data` of `profile`, whose last key is in lower case only here.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Profile {
    firstname: Option<String>,
    lastname: Option<String>,
    email: String,
    phone_number: Option<String>,
    role: &'static str,
    is_superuser: bool,
    #[serde(rename = "isblocked")]
    is_blocked: bool,
}

impl Profile {
    pub(super) fn new(account: &Account, dossier: &Dossier) -> Self {
        Self {
            firstname: account.name().first().map(str::to_owned),
            lastname: account.name().last().map(str::to_owned),
            email: account.email().to_string(),
            phone_number: dossier.contact.phone.as_ref().map(phone),
            role: words::role(account.role()),
            is_superuser: account.role() == Role::Root,
            is_blocked: account.status() == AccountStatus::Disabled,
        }
    }
}

/// An account with its dossier, in the document's order of keys and without the password that the document shows.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "the document has five flags")]
pub(super) struct User {
    address: Option<AddressView>,
    id: String,
    firstname: Option<String>,
    lastname: Option<String>,
    email: String,
    phone_number: Option<String>,
    role: &'static str,
    profession: Option<String>,
    birth: Option<String>,
    profile_photo: Option<String>,
    /// No trail is kept of addresses and devices.
    ip_adress: [&'static str; 0],
    device_id: [&'static str; 0],
    status: &'static str,
    is_verified: bool,
    is_approved: bool,
    is_blocked: bool,
    #[serde(rename = "referrralCode")]
    referral_code: (),
    email_verified_at: Option<String>,
    profile_complete: (),
    is_superuser: bool,
    identification_type: Option<String>,
    identification_expiry: Option<String>,
    document_identity_image: Option<String>,
    status_kyc: &'static str,
    date_of_verification: Option<String>,
    sponsor_ship_code: (),
    last_login: Option<String>,
    two_factor_auth: bool,
    failed_login_attempts: u32,
    last_failed_login: Option<String>,
    created_at: String,
    updated_at: String,
}

#[derive(Serialize)]
struct AddressView {
    street: Option<String>,
    city: Option<String>,
    zip: Option<String>,
    area: Option<String>,
    country: Option<String>,
}

impl User {
    pub(super) fn new((account, dossier): &(Account, Dossier)) -> Self {
        let (person, identification, review) = (&dossier.person, &dossier.identification, &dossier.review);
        let sign_ins = account.sign_ins();
        Self {
            address: address(&dossier.contact.address),
            id: account.id().hex(),
            firstname: account.name().first().map(str::to_owned),
            lastname: account.name().last().map(str::to_owned),
            email: account.email().to_string(),
            phone_number: dossier.contact.phone.as_ref().map(phone),
            role: words::role(account.role()),
            profession: text(person.profession.as_ref()),
            birth: person.birth.map(timestamp),
            profile_photo: text(person.photo.as_ref()),
            ip_adress: [],
            device_id: [],
            status: words::status(account.status()),
            is_verified: account.mailbox_proven_at().is_some(),
            is_approved: review.status == ReviewStatus::Approved,
            is_blocked: account.status() == AccountStatus::Disabled,
            referral_code: (),
            email_verified_at: account.mailbox_proven_at().map(timestamp),
            profile_complete: (),
            is_superuser: account.role() == Role::Root,
            identification_type: text(identification.kind.as_ref()),
            identification_expiry: identification.expires_at.map(timestamp),
            document_identity_image: text(identification.document.as_ref()),
            status_kyc: review.status.as_str(),
            date_of_verification: review.decided_at.map(timestamp),
            sponsor_ship_code: (),
            last_login: sign_ins.last_at.map(timestamp),
            two_factor_auth: false,
            failed_login_attempts: sign_ins.failed,
            last_failed_login: sign_ins.last_failed_at.map(timestamp),
            created_at: timestamp(account.created_at()),
            updated_at: timestamp(dossier.updated_at.map_or(account.updated_at(), |at| at.max(account.updated_at()))),
        }
    }
}

fn phone(phone: &PhoneNumber) -> String {
    phone.as_str().to_owned()
}

fn text(detail: Option<&Detail>) -> Option<String> {
    detail.map(|detail| detail.as_str().to_owned())
}

fn address(address: &Address) -> Option<AddressView> {
    (!address.is_empty()).then(|| AddressView {
        street: text(address.street.as_ref()),
        city: text(address.city.as_ref()),
        zip: text(address.zip.as_ref()),
        area: text(address.area.as_ref()),
        country: text(address.country.as_ref()),
    })
}

/// `data` of `all`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct List {
    all_user: Vec<User>,
    total_users: u64,
    page: u64,
    total_pages: u64,
}

impl List {
    pub(super) fn new(found: &UserPage, page: u64, limit: u32) -> Self {
        Self {
            all_user: found.users.iter().map(User::new).collect(),
            total_users: found.total,
            page,
            total_pages: found.total.div_ceil(u64::from(limit)),
        }
    }
}

/// 201: a code is on its way.
pub(super) fn registered() -> HttpResponse {
    let message = "Utilisateur enregistré. Veuillez vérifier votre email pour l'OTP.";
    reply::json(StatusCode::CREATED, &Said { status: "pending", message })
}

/// 200 with a status, most often `success`, and a sentence.
pub(super) fn said(status: &'static str, message: &'static str) -> HttpResponse {
    reply::json(StatusCode::OK, &Said { status, message })
}

/// 200 with a sentence alone.
pub(super) fn message(message: &'static str) -> HttpResponse {
    reply::json(StatusCode::OK, &Message { message })
}

/// 200 with data.
pub(super) fn ok(data: impl Serialize) -> HttpResponse {
    reply::json(StatusCode::OK, &Success { status: "success", data })
}
