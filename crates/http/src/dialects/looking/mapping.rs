//! From requests to the inputs of use cases.

pub(super) mod profiles;

use vestibule_application::{
    Language,
    accounts::{CreateAccount, Edit, EditAccount, EditRule},
    mail::LinkMail,
    password_reset::{RequestPasswordReset, ResetMeans, ResetPasswordByToken},
    sign_in::{Identifier, MailboxProof, SignInWithPassword},
};
use vestibule_domain::{AccountId, DossierChange, NamePart, Origin, PermissionSet, PersonName, Role, text};

use super::{
    LookingOptions,
    requests::{CreateUser, Login, RequestReset, ResetPassword, UpdateUser},
};
use crate::shared::link_page::{Field, LinkPage, Words};

/// The language of all mail.
const LANGUAGE: Language = Language::English;

pub(super) fn sign_in(request: Login, origin: Origin) -> SignInWithPassword {
    SignInWithPassword {
        origin,
        identifier: identifier(&request.username),
        password: request.password,
        proof: MailboxProof::NotNeeded,
        least_role: Role::User,
        refreshable: true,
    }
}

/// Our own page under the link of a reset mail.
pub(super) const LINK_PAGES: &[LinkPage] = &[LinkPage {
    path: "/reset/{id}/{token}",
    method: "PUT",
    door: "/auth/reset",
    query: None,
    fields: &[
        ("password", Field::NewPassword, "New password"),
        ("confirmPassword", Field::NewPassword, "The same again"),
    ],
    words: Words::english("Reset your password", "Your password is changed. You can sign in with the new one now."),
}];

pub(super) fn request_reset(request: &RequestReset, origin: Origin, options: &LookingOptions) -> RequestPasswordReset {
    let mail = LinkMail {
        template: "reset-password-token",
        language: LANGUAGE,
        url_prefix: format!("{}/reset/", options.frontend_url.trim_end_matches('/')),
        fields: Vec::new(),
    };
    let means = ResetMeans::TokenOfAccount { mail, lifetime: options.reset_link };
    RequestPasswordReset { origin, identifier: identifier(&request.username), means }
}

pub(super) fn reset_password(
    (account, token): (AccountId, String),
    request: ResetPassword,
    origin: Origin,
) -> ResetPasswordByToken {
    ResetPasswordByToken { origin, account: Some(account), token, password: request.password, language: LANGUAGE }
}

/// A `super` is a root, and any other account a user.
pub(super) fn create(request: CreateUser) -> CreateAccount {
    let CreateUser { username, email, password, name, rights } = request;
    let part = |edit: Edit<NamePart>| match edit {
        Edit::Set(part) => Some(part),
        Edit::Keep | Edit::Clear => None,
    };
    let permissions = PermissionSet::default();
    CreateAccount {
        email,
        username: Some(username),
        name: PersonName::Parts { first: part(name.first), last: part(name.last) },
        role: rights.map_or(Role::User, |rights| rights.role(Role::User)),
        permissions: rights.map_or(permissions, |rights| rights.permissions(permissions)),
        password,
    }
}

pub(super) fn edit(id: AccountId, request: UpdateUser) -> EditAccount {
    let UpdateUser { username, email, password, current_password, name, rights, force_reset } = request;
    EditAccount {
        rule: EditRule::ByRoot,
        id,
        name,
        username,
        email,
        password,
        current_password,
        rights,
        password_change_due: force_reset,
        dossier: DossierChange::default(),
        language: LANGUAGE,
    }
}

/// What holds an `@` is an address, and anything else a user name.
fn identifier(text: &str) -> Identifier {
    let text = text::trim(text);
    if text.contains('@') { Identifier::email(text) } else { Identifier::username(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_name_may_be_an_address() {
        assert!(
            matches!(identifier(" Alice@Example.com "), Identifier::Email(email) if email.as_str() == "alice@example.com")
        );
        assert!(matches!(identifier(" Alice "), Identifier::Username(name) if name.as_str() == "alice"));
        for unfit in ["", "a", "a@", "two words"] {
            assert!(matches!(identifier(unfit), Identifier::Unfit(_)), "{unfit}");
        }
    }
}
