//! What clients get: `status` with `message` or `data`; failures have an envelope of their own.

use actix_web::{HttpResponse, http::StatusCode};
use serde::Serialize;
use vestibule_application::accounts::AccountsWithDossiers;
use vestibule_domain::{
    Account, AccountStatus, Dossier, PhoneNumber, Role,
    dossier::{Field, ReviewState, Values},
};

use super::words;
use crate::shared::{reply, timestamp::timestamp};

/// A success that is a sentence, nearly always with a status.
#[derive(Serialize)]
pub(super) struct Success {
    #[serde(skip)]
    code: StatusCode,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
    pub(super) message: &'static str,
}

impl Success {
    pub(super) const REGISTERED: Self = Self {
        code: StatusCode::CREATED,
        ..Self::new(Some("pending"), "Utilisateur enregistré. Veuillez vérifier votre email pour l'OTP.")
    };
    pub(super) const OTP_VERIFIED: Self = Self::new(Some("success"), "Code OTP vérifié avec succès");
    pub(super) const OTP_RESENT: Self = Self::new(None, "Nouvel OTP envoyé avec succès");
    pub(super) const RESET_REQUESTED: Self =
        Self::new(Some("pending"), "Un email a été envoyé pour réinitialiser votre mot de passe");
    /// The spelling of the status is the document's.
    pub(super) const PASSWORD_RESET: Self = Self::new(Some("sucess"), "Password reinitialié avec succes");
    pub(super) const REMOVED: Self = Self::new(Some("success"), "suppression reussie");
    pub(super) const SIGNED_OUT: Self = Self::new(Some("success"), "Déconnexion réussie");
    pub(super) const IS_ROOT: Self = Self::new(Some("success"), "Vous etes un super admin");

    const fn new(status: Option<&'static str>, message: &'static str) -> Self {
        Self { code: StatusCode::OK, status, message }
    }

    pub(super) fn response(&self) -> HttpResponse {
        reply::json(self.code, self)
    }
}

#[derive(Serialize)]
struct WithData<T> {
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
    pub(super) firstname: Option<String>,
    pub(super) lastname: Option<String>,
    pub(super) email: String,
    pub(super) role: &'static str,
    pub(super) token: TokenPair,
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
    pub(super) email: String,
    pub(super) token: TokenPair,
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
    pub(super) firstname: Option<String>,
    pub(super) lastname: Option<String>,
    pub(super) email: String,
    pub(super) phone_number: Option<String>,
    pub(super) role: &'static str,
    pub(super) is_superuser: bool,
    #[serde(rename = "isblocked")]
    pub(super) is_blocked: bool,
}

impl Profile {
    pub(super) fn new(account: &Account, dossier: &Dossier) -> Self {
        Self {
            firstname: account.name().first().map(str::to_owned),
            lastname: account.name().last().map(str::to_owned),
            email: account.email().to_string(),
            phone_number: dossier.values.phone().map(phone),
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
    pub(super) address: Option<AddressView>,
    pub(super) id: String,
    pub(super) firstname: Option<String>,
    pub(super) lastname: Option<String>,
    pub(super) email: String,
    pub(super) phone_number: Option<String>,
    pub(super) role: &'static str,
    pub(super) profession: Option<String>,
    pub(super) birth: Option<String>,
    pub(super) profile_photo: Option<String>,
    /// No trail is kept of addresses and devices.
    pub(super) ip_adress: [&'static str; 0],
    pub(super) device_id: [&'static str; 0],
    pub(super) status: &'static str,
    pub(super) is_verified: bool,
    pub(super) is_approved: bool,
    pub(super) is_blocked: bool,
    #[serde(rename = "referrralCode")]
    pub(super) referral_code: (),
    pub(super) email_verified_at: Option<String>,
    pub(super) profile_complete: (),
    pub(super) is_superuser: bool,
    pub(super) identification_type: Option<String>,
    pub(super) identification_expiry: Option<String>,
    pub(super) document_identity_image: Option<String>,
    pub(super) status_kyc: &'static str,
    pub(super) date_of_verification: Option<String>,
    pub(super) sponsor_ship_code: (),
    pub(super) last_login: Option<String>,
    pub(super) two_factor_auth: bool,
    pub(super) failed_login_attempts: u32,
    pub(super) last_failed_login: Option<String>,
    pub(super) created_at: String,
    pub(super) updated_at: String,
}

#[derive(Serialize)]
pub(super) struct AddressView {
    pub(super) street: Option<String>,
    pub(super) city: Option<String>,
    pub(super) zip: Option<String>,
    pub(super) area: Option<String>,
    pub(super) country: Option<String>,
}

impl User {
    pub(super) fn new((account, dossier): &(Account, Dossier)) -> Self {
        let (values, review) = (&dossier.values, &dossier.review);
        let sign_ins = account.sign_ins();
        Self {
            address: address(values),
            id: account.id().hex(),
            firstname: account.name().first().map(str::to_owned),
            lastname: account.name().last().map(str::to_owned),
            email: account.email().to_string(),
            phone_number: dossier.values.phone().map(phone),
            role: words::role(account.role()),
            profession: line(values, Field::Profession),
            birth: values.day(Field::Birth).map(timestamp),
            profile_photo: line(values, Field::Photo),
            ip_adress: [],
            device_id: [],
            status: words::status(account.status()),
            is_verified: account.mailbox_proven_at().is_some(),
            is_approved: review.state() == ReviewState::Accepted,
            is_blocked: account.status() == AccountStatus::Disabled,
            referral_code: (),
            email_verified_at: account.mailbox_proven_at().map(timestamp),
            profile_complete: (),
            is_superuser: account.role() == Role::Root,
            identification_type: line(values, Field::IdentificationKind),
            identification_expiry: values.day(Field::IdentificationExpiresOn).map(timestamp),
            document_identity_image: line(values, Field::Identity),
            status_kyc: words::review(review.state()),
            date_of_verification: review.decided_at().map(timestamp),
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

fn line(values: &Values, field: Field) -> Option<String> {
    values.line(field).map(|line| line.as_str().to_owned())
}

/// None if nothing of it is known.
fn address(values: &Values) -> Option<AddressView> {
    let is_known = words::ADDRESS.iter().any(|(_, field)| values.get(*field).is_some());
    is_known.then(|| AddressView {
        street: line(values, Field::Street),
        city: line(values, Field::City),
        zip: line(values, Field::Zip),
        area: line(values, Field::Area),
        country: line(values, Field::Country),
    })
}

/// `data` of `all`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct List {
    pub(super) all_user: Vec<User>,
    pub(super) total_users: u64,
    pub(super) page: u64,
    pub(super) total_pages: u64,
}

impl List {
    pub(super) fn new(found: &AccountsWithDossiers, page: u64, limit: u32) -> Self {
        Self {
            all_user: found.accounts.iter().map(User::new).collect(),
            total_users: found.total,
            page,
            total_pages: found.total.div_ceil(u64::from(limit)),
        }
    }
}

/// 200 with data.
pub(super) fn ok(data: impl Serialize) -> HttpResponse {
    reply::json(StatusCode::OK, &WithData { status: "success", data })
}
