//! From bodies to the inputs of use cases, in the contract's order of checks.

use vestibule_application::{
    accounts::FindRegistered,
    password_reset::{CompletePasswordReset, RequestPasswordReset, ResetMeans, VerifyPasswordResetCode},
    register::RegisterWithPassword,
    sign_in::{Identifier, MailboxProof, SignInWithPassword},
};
use vestibule_domain::{
    CodeFormat, DossierChange, EmailAddress, FullName, NewPassword, Origin, PasswordRules, PersonName, Role,
    password::PasswordError, text,
};

use super::{
    errors::Failure,
    requests::{CheckRegisteredRequest, ForgotPasswordRequest, LoginRequest, RegisterRequest, VerifyOtpRequest},
    tokens::{self, ResetProof},
};

/// What the dialect's codes look like.
const CODE_FORMAT: CodeFormat = CodeFormat::SixDigits;
/// The most contacts in one request.
pub(super) const MAX_IDENTIFIERS: usize = 500;

/// Every field, then the name, the address, the password.
pub(super) fn register(
    request: RegisterRequest,
    origin: Origin,
    rules: PasswordRules,
) -> Result<RegisterWithPassword, Failure> {
    let full_name = not_blank(request.full_name).ok_or(Failure::MISSING_FIELDS)?;
    let email = not_blank(request.email).ok_or(Failure::MISSING_FIELDS)?;
    let password = not_empty(request.password).ok_or(Failure::MISSING_FIELDS)?;
    let name = PersonName::Full(FullName::parse(&full_name)?);
    let email = EmailAddress::parse(&email).map_err(|_| Failure::INVALID_EMAIL)?;
    let password = fit_password(&password, rules)?;
    Ok(RegisterWithPassword { origin, email, username: None, name, password, dossier: DossierChange::default() })
}

/// A missing field is a wrong credential; an address that is none is looked up like an unknown one.
pub(super) fn sign_in(request: LoginRequest, origin: Origin) -> Result<SignInWithPassword, Failure> {
    let email = not_blank(request.email).ok_or(Failure::INVALID_CREDENTIALS)?;
    let password = not_empty(request.password).ok_or(Failure::INVALID_CREDENTIALS)?;
    Ok(SignInWithPassword {
        origin,
        identifier: Identifier::email(&email),
        password,
        proof: MailboxProof::NotNeeded,
        least_role: Role::User,
        refreshable: false,
    })
}

/// `None` for an address that is none: nothing is to be done, and the answer is the one to an unknown address.
pub(super) fn request_password_reset(
    request: ForgotPasswordRequest,
    origin: Origin,
) -> Result<Option<RequestPasswordReset>, Failure> {
    let email = not_blank(request.email).ok_or(Failure::MISSING_FIELDS)?;
    Ok(EmailAddress::parse(&email).ok().map(|email| RequestPasswordReset {
        origin,
        identifier: Identifier::Email(email),
        means: ResetMeans::Code(CODE_FORMAT),
    }))
}

/// Whatever is wrong, the code is.
pub(super) fn verify_code(request: VerifyOtpRequest) -> Result<VerifyPasswordResetCode, Failure> {
    let email = request.email.and_then(|email| EmailAddress::parse(&email).ok()).ok_or(Failure::INVALID_OTP)?;
    let code = request.otp.ok_or(Failure::INVALID_OTP)?;
    Ok(VerifyPasswordResetCode { email, code, format: CODE_FORMAT, grant_lifetime: tokens::RESET_LIFETIME })
}

/// After the token was checked: the password, which does not use the token up.
pub(super) fn complete_password_reset(
    proof: ResetProof,
    origin: Origin,
    new_password: Option<String>,
    rules: PasswordRules,
) -> Result<CompletePasswordReset, Failure> {
    let password = not_empty(new_password).ok_or(Failure::MISSING_FIELDS)?;
    let password = fit_password(&password, rules)?;
    Ok(CompletePasswordReset { origin, token: proof.token, email: proof.email, password })
}

/// 1 to 500 texts.
pub(super) fn find_registered(request: CheckRegisteredRequest) -> Result<FindRegistered, Failure> {
    let identifiers = request.identifiers.ok_or(Failure::NO_IDENTIFIERS)?;
    if identifiers.is_empty() {
        return Err(Failure::NO_IDENTIFIERS);
    }
    if identifiers.len() > MAX_IDENTIFIERS {
        return Err(Failure::TOO_MANY_IDENTIFIERS);
    }
    Ok(FindRegistered { identifiers })
}

/// The document's message counts characters, which misleads where there are few enough of them.
fn fit_password(text: &str, rules: PasswordRules) -> Result<NewPassword, Failure> {
    let few = text.chars().count() <= PasswordRules::MAX_BYTES;
    rules.check(text).map_err(|error| match error {
        PasswordError::TooLong if few => Failure::LONG_PASSWORD,
        PasswordError::Nul => Failure::NUL_IN_PASSWORD,
        PasswordError::TooLong | PasswordError::TooShort | PasswordError::Common => Failure::UNFIT_PASSWORD,
    })
}

fn not_empty(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

fn not_blank(text: Option<String>) -> Option<String> {
    text.filter(|text| !text::is_blank(text))
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use serde::de::DeserializeOwned;
    use serde_json::{Value, json};
    use vestibule_domain::{RequestId, Source};

    use super::*;

    fn origin() -> Origin {
        Origin { source: Source::new(Ipv4Addr::LOCALHOST.into()), request: RequestId::unknown() }
    }

    fn read<T: DeserializeOwned>(body: Value) -> T {
        serde_json::from_value(body).unwrap()
    }

    fn register_failure(body: Value) -> Failure {
        register(read(body), origin(), PasswordRules::default()).unwrap_err()
    }

    #[test]
    fn a_registration_is_trimmed() {
        let body = json!({ "fullName": " Alice Martin ", "email": " Alice@Example.com ", "password": " secret 1 " });
        let input = register(read(body), origin(), PasswordRules::default()).unwrap();
        assert_eq!(input.name.full(), "Alice Martin");
        assert_eq!(input.email.as_str(), "alice@example.com");
        assert_eq!(input.password.expose(), " secret 1 ");
    }

    #[test]
    fn a_registration_with_a_blank_or_mistyped_field_misses_it_whatever_else_is_wrong() {
        let others = json!({ "fullName": "n".repeat(101), "email": "none", "password": "short" });
        for key in ["fullName", "email", "password"] {
            for value in [json!(null), json!(1), json!(""), json!([]), json!({}), json!(true)] {
                let mut body = others.clone();
                body[key] = value.clone();
                assert_eq!(register_failure(body), Failure::MISSING_FIELDS, "{key}: {value}");
            }
        }
        for key in ["fullName", "email"] {
            let mut body = others.clone();
            body[key] = json!(" \t ");
            assert_eq!(register_failure(body), Failure::MISSING_FIELDS, "{key}");
        }
    }

    #[test]
    fn name_address_and_password_are_checked_in_this_order() {
        let mut body = json!({ "fullName": "n".repeat(101), "email": "none", "password": "short" });
        assert_eq!(register_failure(body.clone()), Failure::UNFIT_NAME);
        body["fullName"] = json!("n".repeat(100));
        assert_eq!(register_failure(body.clone()), Failure::INVALID_EMAIL);
        body["email"] = json!("a@shop.test");
        assert_eq!(register_failure(body), Failure::UNFIT_PASSWORD);
    }

    #[test]
    fn a_control_character_is_taken_nowhere() {
        let body =
            |name: &str, email: &str, password: &str| json!({ "fullName": name, "email": email, "password": password });
        assert_eq!(register_failure(body("A\0", "a@shop.test", "password")), Failure::UNFIT_NAME);
        assert_eq!(register_failure(body("A", "a\0@shop.test", "password")), Failure::INVALID_EMAIL);
        assert_eq!(register_failure(body("A", "a@shop.test", "pass\0word")), Failure::NUL_IN_PASSWORD);
    }

    #[test]
    fn a_password_has_8_characters_to_72_bytes() {
        let check = |password: &str| {
            let body = json!({ "fullName": "A", "email": "a@shop.test", "password": password });
            register(read(body), origin(), PasswordRules::default()).map(drop)
        };
        for fit in ["p".repeat(8), "p".repeat(72), "é".repeat(8), "é".repeat(36)] {
            assert_eq!(check(&fit), Ok(()), "{fit}");
        }
        for unfit in ["p".repeat(7), "p".repeat(73), "é".repeat(7), "é".repeat(73)] {
            assert_eq!(check(&unfit), Err(Failure::UNFIT_PASSWORD), "{unfit}");
        }
        for long in ["é".repeat(37), "密".repeat(26)] {
            assert_eq!(check(&long), Err(Failure::LONG_PASSWORD), "{long}");
        }
    }

    #[test]
    fn a_sign_in_with_a_field_missing_is_a_wrong_one() {
        for body in [
            json!({}),
            json!({ "email": "a@shop.test" }),
            json!({ "password": "p" }),
            json!({ "email": 1, "password": "p" }),
        ] {
            assert_eq!(sign_in(read(body), origin()).unwrap_err(), Failure::INVALID_CREDENTIALS);
        }
    }

    #[test]
    fn a_sign_in_with_no_address_is_looked_up_like_any_other() {
        let input = sign_in(read(json!({ "email": "alice", "password": "p" })), origin()).unwrap();
        assert_eq!(input.identifier, Identifier::Unfit("alice".to_owned()));
    }

    #[test]
    fn a_forgotten_password_needs_a_text_but_no_address() {
        let request = |body| request_password_reset(read(body), origin());
        for body in [json!({}), json!({ "email": "" }), json!({ "email": "  " }), json!({ "email": 1 })] {
            assert_eq!(request(body).unwrap_err(), Failure::MISSING_FIELDS);
        }
        assert!(request(json!({ "email": "alice" })).unwrap().is_none());
        assert_eq!(request(json!({ "email": "A@shop.test" })).unwrap().unwrap().identifier.as_str(), "a@shop.test");
    }

    #[test]
    fn a_code_that_is_no_text_is_no_code() {
        for otp in [json!(123_456), json!(null), json!(["123456"])] {
            let body = json!({ "email": "a@shop.test", "otp": otp });
            assert_eq!(verify_code(read(body)).unwrap_err(), Failure::INVALID_OTP);
        }
    }

    #[test]
    fn at_most_500_identifiers_are_looked_up() {
        let request = |count: usize| find_registered(read(json!({ "identifiers": vec!["a"; count] })));
        assert_eq!(request(500).unwrap().identifiers.len(), 500);
        assert_eq!(request(501).unwrap_err(), Failure::TOO_MANY_IDENTIFIERS);
        assert_eq!(request(0).unwrap_err(), Failure::NO_IDENTIFIERS);
    }
}
