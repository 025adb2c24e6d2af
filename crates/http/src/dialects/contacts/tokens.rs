//! The dialect's two kinds of tokens and their claims. Each kind has a key of its own, and claims that are read only
//! if they are exactly those of the kind: a token of the one is never one of the other.

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};
use vestibule_application::{
    Algorithm, Claims, Fault, Identity, TokenKey, accounts::Presented, password_reset::PasswordResetGrant,
};
use vestibule_domain::{Account, AccountId, EmailAddress, TokenEpoch};

use crate::shared::claims::{read, write};

const ACCESS: TokenKey = TokenKey { dialect: super::NAME, kind: "access", algorithm: Algorithm::Hs256 };
const RESET: TokenKey = TokenKey { dialect: super::NAME, kind: "reset", algorithm: Algorithm::Hs256 };
/// The keys that the dialect signs with.
pub(crate) const TOKEN_KEYS: &[TokenKey] = &[ACCESS, RESET];

const ACCESS_LIFETIME: Duration = Duration::days(30);
/// How long a reset token works, and the grant in it.
pub(super) const RESET_LIFETIME: Duration = Duration::minutes(15);
const RESET_PURPOSE: &str = "password_reset";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AccessClaims {
    id: String,
    iat: i64,
    exp: i64,
    /// The token epoch, which ends the token when the account gets another, a dot, and what makes it unlike others.
    jti: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ResetClaims {
    email: String,
    purpose: String,
    iat: i64,
    exp: i64,
    /// The one-time token of the grant.
    jti: String,
}

/// What a valid reset token says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ResetProof {
    pub(super) token: String,
    pub(super) email: EmailAddress,
}

/// Makes an access token for an account that has just proven who it is.
pub(super) fn issue_access(app: &Identity, account: &Account, at: OffsetDateTime) -> Result<String, Fault> {
    app.sign_token(ACCESS, &write(&access_claims(account, at, &app.core().nonce())))
}

/// Checks an access token.
pub(super) fn read_access(app: &Identity, token: &str) -> Option<Presented> {
    presented(app.verify_token(ACCESS, token).ok()?)
}

/// Makes a reset token that carries a grant.
pub(super) fn issue_reset(app: &Identity, grant: PasswordResetGrant) -> Result<String, Fault> {
    app.sign_token(RESET, &write(&reset_claims(grant)))
}

/// Checks a reset token; whether its grant was spent is not known yet.
pub(super) fn read_reset(app: &Identity, token: &str) -> Option<ResetProof> {
    reset_proof(app.verify_token(RESET, token).ok()?)
}

fn access_claims(account: &Account, at: OffsetDateTime, nonce: &str) -> AccessClaims {
    AccessClaims {
        id: account.id().hex(),
        iat: at.unix_timestamp(),
        exp: (at + ACCESS_LIFETIME).unix_timestamp(),
        jti: format!("{}.{nonce}", account.epoch()),
    }
}

fn presented(claims: Claims) -> Option<Presented> {
    let AccessClaims { id, jti, .. } = read(claims)?;
    let (epoch, _) = jti.split_once('.')?;
    Some(Presented { account: AccountId::from_hex(&id).ok()?, epoch: TokenEpoch::from_hex(epoch).ok()?.into() })
}

fn reset_claims(grant: PasswordResetGrant) -> ResetClaims {
    ResetClaims {
        email: grant.email.to_string(),
        purpose: RESET_PURPOSE.to_owned(),
        iat: grant.at.unix_timestamp(),
        exp: grant.expires_at.unix_timestamp(),
        jti: grant.token,
    }
}

fn reset_proof(claims: Claims) -> Option<ResetProof> {
    let ResetClaims { email, purpose, jti, .. } = read(claims)?;
    let email = EmailAddress::parse(&email).ok()?;
    (purpose == RESET_PURPOSE).then_some(ResetProof { token: jti, email })
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use time::macros::datetime;
    use vestibule_testkit::AccountBuilder;

    use super::*;

    const AT: OffsetDateTime = datetime!(2026-03-01 12:00:00.9 UTC);

    fn grant() -> PasswordResetGrant {
        PasswordResetGrant {
            token: "0f".repeat(32),
            email: EmailAddress::parse("alice@example.com").unwrap(),
            at: AT,
            expires_at: AT + RESET_LIFETIME,
        }
    }

    fn claims(value: &serde_json::Value) -> Claims {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn an_access_token_carries_exactly_its_four_claims_for_thirty_days() {
        let account = AccountBuilder::numbered(1).build();
        let written = write(&access_claims(&account, AT, "aa"));
        let mut keys: Vec<&String> = written.keys().collect();
        keys.sort();
        assert_eq!(keys, ["exp", "iat", "id", "jti"]);
        assert_eq!(written["exp"].as_i64().unwrap() - written["iat"].as_i64().unwrap(), 2_592_000);
        let read = presented(written).unwrap();
        assert_eq!((read.account, read.epoch), (account.id(), account.epoch().into()));
    }

    #[test]
    fn a_reset_token_carries_exactly_its_five_claims_for_fifteen_minutes() {
        let written = write(&reset_claims(grant()));
        let mut keys: Vec<&String> = written.keys().collect();
        keys.sort();
        assert_eq!(keys, ["email", "exp", "iat", "jti", "purpose"]);
        assert_eq!(written["purpose"], "password_reset");
        assert_eq!(written["exp"].as_i64().unwrap() - written["iat"].as_i64().unwrap(), 900);
        let proof = reset_proof(written).unwrap();
        assert_eq!((proof.token, proof.email), (grant().token, grant().email));
    }

    #[test]
    fn claims_of_the_one_kind_are_not_read_as_the_other() {
        let account = AccountBuilder::numbered(1).build();
        assert!(reset_proof(write(&access_claims(&account, AT, "aa"))).is_none());
        assert!(presented(write(&reset_claims(grant()))).is_none());
    }

    #[test]
    fn claims_with_a_part_missing_or_added_are_not_read() {
        let good =
            json!({ "id": "507f1f77bcf86cd799439011", "iat": 1, "exp": 2, "jti": format!("{}.a", "0f".repeat(16)) });
        assert!(presented(claims(&good)).is_some());
        for key in ["id", "iat", "exp", "jti"] {
            let mut bad = claims(&good);
            bad.remove(key);
            assert!(presented(bad).is_none(), "without {key}");
        }
        for (key, value) in [("purpose", json!("password_reset")), ("id", json!("x")), ("jti", json!("no epoch"))] {
            let mut bad = claims(&good);
            bad.insert(key.to_owned(), value);
            assert!(presented(bad).is_none(), "with another {key}");
        }
    }

    #[test]
    fn a_reset_token_for_another_purpose_is_not_read() {
        let mut written = write(&reset_claims(grant()));
        written.insert("purpose".to_owned(), json!("email_verification"));
        assert!(reset_proof(written).is_none());
    }
}
