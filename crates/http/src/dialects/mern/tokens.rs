//! The dialect's one kind of token and its claims.

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};
use vestibule_application::{Algorithm, Claims, Fault, Identity, TokenKey, accounts::Presented};
use vestibule_domain::{Account, AccountId, EpochClaim, Provider};

use super::{errors::Failure, responses::FreshToken};
use crate::shared::claims::{self, write};

const ACCESS: TokenKey = TokenKey { dialect: super::NAME, kind: "access", algorithm: Algorithm::Hs512 };
/// The keys that the dialect signs with.
pub(crate) const TOKEN_KEYS: &[TokenKey] = &[ACCESS];

const LIFETIME: Duration = Duration::days(60);

/// By what the owner of a token signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum SignedInWith {
    /// A password.
    Local,
    /// Anything else, by the word in the token.
    Other(String),
}

impl SignedInWith {
    pub(super) fn provider(provider: Provider) -> Self {
        Self::Other(provider.as_str().to_owned())
    }

    fn as_str(&self) -> &str {
        match self {
            Self::Local => "local",
            Self::Other(word) => word,
        }
    }
}

#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct AccessClaims {
    sub: String,
    user_id: String,
    iat: i64,
    provider: String,
    exp: i64,
}

/// What is read back: a part may be missing, and each has its own answer then.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PresentedClaims {
    #[serde(default)]
    sub: Option<String>,
    #[serde(default)]
    user_id: Option<String>,
    #[serde(default)]
    provider: Option<String>,
    #[serde(default)]
    nbf: Option<i64>,
}

/// A checked token.
#[derive(Debug)]
pub(super) struct Credential {
    pub(super) presented: Presented,
    pub(super) signed_in_with: SignedInWith,
}

/// Makes a token for an account.
pub(super) fn issue(
    app: &Identity,
    account: &Account,
    with: &SignedInWith,
    at: OffsetDateTime,
) -> Result<FreshToken, Fault> {
    let claims = claims(account, with, at);
    let expires_at = claims.exp;
    Ok(FreshToken { token: app.sign_token(ACCESS, &write(&claims))?, expires_at })
}

/// Checks a token: its form, then that it is signed, how, and until when it is good.
pub(super) fn read(app: &Identity, token: &str) -> Result<Credential, Failure> {
    let mut parts = token.split('.');
    let (_, _, Some(signature), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return Err(Failure::TOKEN_MALFORMED);
    };
    match app.verify_token(ACCESS, token) {
        Ok(claims) => credential(claims, app.core().now()),
        Err(rejection) => {
            let refused = Failure::from(rejection);
            let is_unsigned = signature.is_empty() && refused != Failure::TOKEN_UNREADABLE;
            Err(if is_unsigned { Failure::TOKEN_UNSIGNED } else { refused })
        }
    }
}

fn claims(account: &Account, with: &SignedInWith, at: OffsetDateTime) -> AccessClaims {
    AccessClaims {
        sub: account.epoch().start(),
        user_id: account.id().hex(),
        iat: at.unix_timestamp(),
        provider: with.as_str().to_owned(),
        exp: (at + LIFETIME).unix_timestamp(),
    }
}

fn credential(claims: Claims, now: OffsetDateTime) -> Result<Credential, Failure> {
    let claims: PresentedClaims = claims::read(claims).ok_or(Failure::INVALID_CREDENTIALS)?;
    if claims.nbf.is_some_and(|not_before| not_before > now.unix_timestamp()) {
        return Err(Failure::TOKEN_NOT_ACTIVE);
    }
    let account = claims.user_id.and_then(|id| AccountId::from_hex(&id).ok()).ok_or(Failure::INVALID_CREDENTIALS)?;
    let epoch = claims.sub.and_then(|sub| EpochClaim::from_start(&sub).ok()).ok_or(Failure::REVOKED)?;
    let signed_in_with = match claims.provider {
        None => SignedInWith::Local,
        Some(word) if word == SignedInWith::Local.as_str() => SignedInWith::Local,
        Some(word) => SignedInWith::Other(word),
    };
    Ok(Credential { presented: Presented { account, epoch }, signed_in_with })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use time::macros::datetime;
    use vestibule_testkit::AccountBuilder;

    use super::*;

    const AT: OffsetDateTime = datetime!(2026-03-01 12:00:00.9 UTC);

    fn credential_of(claims: &Value) -> Result<Credential, Failure> {
        credential(claims.as_object().unwrap().clone(), AT)
    }

    #[test]
    fn a_token_carries_exactly_its_five_claims_for_sixty_days() {
        let account = AccountBuilder::numbered(1).build();
        let written = write(&claims(&account, &SignedInWith::provider(Provider::Google), AT));
        let mut keys: Vec<&String> = written.keys().collect();
        keys.sort();
        assert_eq!(keys, ["exp", "iat", "provider", "sub", "userId"]);
        assert_eq!(written["exp"].as_i64().unwrap() - written["iat"].as_i64().unwrap(), 5_184_000);
        assert_eq!(written["provider"], "google");
        let sub = written["sub"].as_str().unwrap();
        assert!(sub.len() == 24 && sub.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)), "{sub}");
        let read = credential(written, AT).unwrap();
        assert_eq!(read.presented.account, account.id());
        assert!(read.presented.epoch.is_of(account.epoch()));
        assert_eq!(read.signed_in_with, SignedInWith::provider(Provider::Google));
    }

    #[test]
    fn a_missing_provider_is_local_and_an_unknown_one_is_kept() {
        let good = json!({ "sub": "0f".repeat(12), "userId": "507f1f77bcf86cd799439011" });
        assert_eq!(credential_of(&good).unwrap().signed_in_with, SignedInWith::Local);
        for (word, with) in [("local", SignedInWith::Local), ("github", SignedInWith::Other("github".to_owned()))] {
            let mut claims = good.clone();
            claims["provider"] = json!(word);
            assert_eq!(credential_of(&claims).unwrap().signed_in_with, with);
        }
    }

    #[test]
    fn each_missing_or_wrong_claim_has_its_answer() {
        let good = json!({ "sub": "0f".repeat(12), "userId": "507f1f77bcf86cd799439011" });
        for (key, value, failure) in [
            ("userId", json!(null), Failure::INVALID_CREDENTIALS),
            ("userId", json!("507f1f77bcf86cd79943901"), Failure::INVALID_CREDENTIALS),
            ("userId", json!(1), Failure::INVALID_CREDENTIALS),
            ("sub", json!(null), Failure::REVOKED),
            ("sub", json!("somebody"), Failure::REVOKED),
            ("sub", json!("0f".repeat(16)), Failure::REVOKED),
            ("sub", json!("0F".repeat(12)), Failure::REVOKED),
            ("nbf", json!(AT.unix_timestamp() + 1), Failure::TOKEN_NOT_ACTIVE),
        ] {
            let mut claims = good.clone();
            claims[key] = value;
            assert_eq!(credential_of(&claims).unwrap_err(), failure, "{key}");
        }
    }
}
