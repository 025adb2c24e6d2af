//! From requests to the inputs of use cases.

use vestibule_application::{
    AccountSearch, Language, MayDo, SortBy, SortKey, Window,
    accounts::{AccountChange, NewRole, NewStatus},
    links::{LinkPurpose, ResetPasswordByLink, SendLink, VerifyEmailByLink},
    mail::LinkMail,
    own_account::{ChangeOwnPassword, RenameSelf},
    register::RegisterWithPassword,
    sign_in::{Identifier, SignInWithPassword, SignInWithProvider},
};
use vestibule_domain::{
    AccountId, AccountStatus, DossierChange, NamePart, Origin, PersonName, Provider, Role, Username, id::Id96,
};

use super::{
    MernOptions,
    errors::Failure,
    requests::{
        Apple, ChangePassword, Facebook, Google, ResetPassword, SendToken, SignIn, SignInName, SignUp, UpdateProfile,
        UpdateUser, UsersQuery, VerifyEmail,
    },
    words::{self, PERMISSIONS},
};
use crate::shared::link_page::{Field, LinkPage, Words};

/// How many users are listed without further word.
const LIMIT: u64 = 30;

/// The address is taken by the document's validation, but not by its storage, if its domain is not ASCII.
pub(super) fn register(request: SignUp, origin: Origin) -> Result<RegisterWithPassword, Failure> {
    let SignUp { username, email, unicode_domain, password, first_name, last_name } = request;
    if unicode_domain {
        return Err(Failure::UNICODE_DOMAIN);
    }
    let name = PersonName::Parts { first: first_name, last: last_name };
    Ok(RegisterWithPassword {
        origin,
        email,
        username: Some(username),
        name,
        password,
        dossier: DossierChange::default(),
    })
}

pub(super) fn sign_in(request: SignIn, origin: Origin, options: &MernOptions) -> SignInWithPassword {
    let identifier = match request.identifier {
        SignInName::Username(username) => Identifier::Username(username),
        SignInName::Email(email) => Identifier::Email(email),
    };
    SignInWithPassword {
        origin,
        identifier,
        password: request.password,
        proof: options.mailbox_proof(),
        least_role: Role::User,
        refreshable: false,
    }
}

pub(super) fn google(request: Google, origin: Origin) -> SignInWithProvider {
    social(origin, Provider::Google, request.id_token)
}

pub(super) fn facebook(request: Facebook, origin: Origin) -> SignInWithProvider {
    social(origin, Provider::Facebook, request.access_token)
}

/// A name that is none is no reason to refuse a sign-in: it counts as not told.
pub(super) fn apple(request: Apple, origin: Origin) -> SignInWithProvider {
    let name = |text: Option<String>| text.and_then(|text| NamePart::parse(&text).ok());
    let (first_name, last_name) = (name(request.first_name), name(request.last_name));
    SignInWithProvider { first_name, last_name, ..social(origin, Provider::Apple, request.code) }
}

fn social(origin: Origin, provider: Provider, credential: String) -> SignInWithProvider {
    SignInWithProvider { origin, provider, credential, first_name: None, last_name: None }
}

pub(super) fn send_link(request: SendToken, origin: Origin, options: &MernOptions) -> SendLink {
    let SendToken { email, purpose } = request;
    SendLink { origin, email, purpose, mail: link_mail(purpose, options) }
}

/// Our own pages under the links of [`link_mail`].
pub(super) const LINK_PAGES: &[LinkPage] = &[
    LinkPage {
        path: "/verify-email/{token}",
        method: "POST",
        door: "/api/auth/verify-email",
        query: None,
        fields: &[("password", Field::Password, "Password")],
        words: Words::english("Verify your email", "Your email address is verified. You can sign in now."),
    },
    LinkPage {
        path: "/reset-password/{token}",
        method: "POST",
        door: "/api/auth/reset-password",
        query: None,
        fields: &[("email", Field::Email, "Email"), ("password", Field::NewPassword, "New password")],
        words: Words::english("Reset your password", "Your password is changed. You can sign in with the new one now."),
    },
];

/// The mail with a link to the client's own pages, or to ours.
pub(super) fn link_mail(purpose: LinkPurpose, options: &MernOptions) -> LinkMail {
    let (template, page) = match purpose {
        LinkPurpose::VerifyEmail => ("verify-email-link", "verify-email"),
        LinkPurpose::ResetPassword => ("reset-password-link", "reset-password"),
    };
    let (title, site) = (options.title.as_str(), options.frontend_url.trim_end_matches('/'));
    // The document's title is `MERN Stack`, and its mails are from `The MERN Team`.
    let team = title.strip_suffix(" Stack").unwrap_or(title);
    LinkMail {
        template,
        language: Language::English,
        url_prefix: format!("{site}/{page}/"),
        fields: [("title", title), ("team", team), ("site", site)].map(|(name, value)| (name, value.to_owned())).into(),
    }
}

pub(super) fn verify_email(request: VerifyEmail, token: String, origin: Origin) -> VerifyEmailByLink {
    VerifyEmailByLink { origin, token, password: request.password }
}

pub(super) fn reset_password(request: ResetPassword, token: String, origin: Origin) -> ResetPasswordByLink {
    ResetPasswordByLink { origin, token, email: request.email, password: request.password }
}

pub(super) fn rename(request: UpdateProfile) -> RenameSelf {
    RenameSelf { first: request.first_name, last: request.last_name }
}

pub(super) fn change_password(request: ChangePassword) -> ChangeOwnPassword {
    ChangeOwnPassword { current: request.current, new: request.new, language: Language::English }
}

pub(super) fn user_change(request: UpdateUser, options: &MernOptions) -> AccountChange {
    AccountChange {
        dossier: DossierChange::default(),
        role: request.role.map(NewRole::Exactly),
        status: request.status.map(new_status),
        proof: options.mailbox_proof(),
        permissions: request.permissions,
    }
}

/// An id of a path: 24 hexadecimal digits, or any 12 bytes, which stand for themselves.
pub(super) fn user_id(segment: &str) -> Result<AccountId, Failure> {
    match <[u8; 12]>::try_from(segment.as_bytes()) {
        Ok(bytes) => Ok(Id96::from_bytes(bytes).into()),
        Err(_) => AccountId::from_hex(segment).map_err(|_| Failure::INVALID_USER_ID),
    }
}

/// What to search for, and which part of it to show; `None` if no account can match. At most `most` users are shown.
pub(super) fn search(query: UsersQuery, options: &MernOptions, most: u32) -> Option<(AccountSearch, Window)> {
    let (status, standing) = if options.verify_email { (None, query.status) } else { (query.status, None) };
    let username = match query.username {
        Some(text) => Some(Username::parse(&text).ok()?),
        None => None,
    };
    let search = AccountSearch {
        email: query.email,
        username,
        first_name: query.first_name,
        last_name: query.last_name,
        status,
        standing,
        role: query.role,
        may: query.permissions.map(|name| may_do(&name)),
    };
    let sort = query.sort.into_iter().map(|by| SortBy { key: key_of(by.key, options), ..by }).collect();
    Some((search, Window { sort, skip: query.skip.unwrap_or(0), limit: limit(query.limit, most) }))
}

/// An unknown flag is one that nobody holds singly: roots and admins have it all the same.
fn may_do(name: &str) -> MayDo {
    words::meaning(PERMISSIONS, name).map_or(MayDo::Everything, MayDo::Permitted)
}

/// By what users are sorted: a status by the word that is shown of it.
fn key_of(key: SortKey, options: &MernOptions) -> SortKey {
    if key == SortKey::Status && options.verify_email { SortKey::Standing } else { key }
}

/// What to set so that an account shows a status.
fn new_status(status: AccountStatus) -> NewStatus {
    match status {
        AccountStatus::Active => NewStatus::Active,
        AccountStatus::Disabled => NewStatus::Disabled,
        AccountStatus::Pending => NewStatus::Unproven,
    }
}

/// None at all, and too many, are the most that there are.
fn limit(asked: Option<u64>, most: u32) -> u32 {
    match asked.unwrap_or(LIMIT) {
        0 => most,
        limit => u32::try_from(limit).unwrap_or(most).min(most),
    }
}
