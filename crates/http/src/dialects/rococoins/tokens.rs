//! The dialect's one kind of token and its claims, which are read only if they are exactly those.

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};
use vestibule_application::{Algorithm, Claims, Fault, Identity, TokenKey, accounts::Presented};
use vestibule_domain::{Account, AccountId, TokenEpoch};

use crate::shared::claims::{read, write};

const ACCESS: TokenKey = TokenKey { dialect: super::NAME, kind: "access", algorithm: Algorithm::Hs256 };
/// The keys that the dialect signs with.
pub(crate) const TOKEN_KEYS: &[TokenKey] = &[ACCESS];

const LIFETIME: Duration = Duration::hours(1);

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AccessClaims {
    id: String,
    iat: i64,
    exp: i64,
    /// The token epoch, which ends the token when the account gets another, a dot, and what makes it unlike others.
    jti: String,
}

/// What a valid token says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token {
    pub(super) presented: Presented,
    /// When it expires.
    pub(super) until: OffsetDateTime,
}

/// Makes a token for an account that has just signed in.
pub(super) fn issue(identity: &Identity, account: &Account, at: OffsetDateTime) -> Result<String, Fault> {
    identity.sign_token(ACCESS, &write(&claims(account, at, &identity.core().nonce())))
}

/// Checks a token.
pub(super) fn read_access(identity: &Identity, token: &str) -> Option<Token> {
    presented(identity.verify_token(ACCESS, token).ok()?)
}

fn claims(account: &Account, at: OffsetDateTime, nonce: &str) -> AccessClaims {
    AccessClaims {
        id: account.id().hex(),
        iat: at.unix_timestamp(),
        exp: (at + LIFETIME).unix_timestamp(),
        jti: format!("{}.{nonce}", account.epoch()),
    }
}

fn presented(claims: Claims) -> Option<Token> {
    let AccessClaims { id, jti, exp, .. } = read(claims)?;
    let (epoch, _) = jti.split_once('.')?;
    let presented =
        Presented { account: AccountId::from_hex(&id).ok()?, epoch: TokenEpoch::from_hex(epoch).ok()?.into() };
    Some(Token { presented, until: OffsetDateTime::from_unix_timestamp(exp).ok()? })
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use time::macros::datetime;
    use vestibule_testkit::AccountBuilder;

    use super::*;

    const AT: OffsetDateTime = datetime!(2026-03-01 12:00:00.9 UTC);

    #[test]
    fn a_token_carries_exactly_its_four_claims_for_an_hour() {
        let account = AccountBuilder::numbered(1).build();
        let written = write(&claims(&account, AT, "aa"));
        let mut keys: Vec<&String> = written.keys().collect();
        keys.sort();
        assert_eq!(keys, ["exp", "iat", "id", "jti"]);
        assert_eq!(written["exp"].as_i64().unwrap() - written["iat"].as_i64().unwrap(), 3_600);
        let token = presented(written).unwrap();
        assert_eq!((token.presented.account, token.presented.epoch), (account.id(), account.epoch().into()));
        assert_eq!(token.until, datetime!(2026-03-01 13:00:00 UTC));
    }

    #[test]
    fn claims_with_a_part_missing_or_added_are_not_read() {
        let good =
            json!({ "id": "507f1f77bcf86cd799439011", "iat": 1, "exp": 2, "jti": format!("{}.a", "0f".repeat(16)) });
        let good = good.as_object().unwrap();
        assert!(presented(good.clone()).is_some());
        for key in ["id", "iat", "exp", "jti"] {
            let mut bad = good.clone();
            bad.remove(key);
            assert!(presented(bad).is_none(), "without {key}");
        }
        for (key, value) in [("role", json!("admin")), ("id", json!("x")), ("jti", json!("no epoch"))] {
            let mut bad = good.clone();
            bad.insert(key.to_owned(), value);
            assert!(presented(bad).is_none(), "with another {key}");
        }
    }
}
