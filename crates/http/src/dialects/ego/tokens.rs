//! The dialect's two kinds of tokens and their claims. Each kind has a key of its own, and claims that are read only
//! if they are exactly those of the kind: a token of the one is never one of the other.

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};
use vestibule_application::{
    Algorithm, Claims, Fault, Identity, TokenKey, accounts::PresentedInSession, sessions::IssuedRefresh,
};
use vestibule_domain::{Account, AccountId, RefreshTokenId, SessionId};

use super::{responses::TokenPair, words};
use crate::shared::claims::{read, write};

const ACCESS: TokenKey = TokenKey { dialect: super::NAME, kind: "access", algorithm: Algorithm::Hs256 };
const REFRESH: TokenKey = TokenKey { dialect: super::NAME, kind: "refresh", algorithm: Algorithm::Hs256 };
/// The keys that the dialect signs with.
pub(crate) const TOKEN_KEYS: &[TokenKey] = &[ACCESS, REFRESH];

const ACCESS_LIFETIME: Duration = Duration::minutes(30);
/// For how long a retry gets the very access token that was lost, and not another one.
const SAME_ACCESS: Duration = Duration::seconds(10);

/// What both kinds carry; the key tells them apart.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct TokenClaims {
    user_id: String,
    role: String,
    iat: i64,
    exp: i64,
    /// Of an access token, the session and the number of the refresh token that came with it: it ends with the session. Of
    /// a refresh token, what tells it from all others.
    jti: String,
}

/// Makes the two tokens that go with a use of a session: the same each time for the refresh token.
pub(super) fn issue(
    app: &Identity,
    account: &Account,
    refresh: IssuedRefresh,
    now: OffsetDateTime,
) -> Result<TokenPair, Fault> {
    Ok(TokenPair {
        access_token: app.sign_token(ACCESS, &write(&access_claims(account, refresh, now)))?,
        refresh_token: app.sign_token(REFRESH, &write(&refresh_claims(account, refresh)))?,
    })
}

/// Checks an access token.
pub(super) fn read_access(app: &Identity, token: &str) -> Option<PresentedInSession> {
    presented(app.verify_token(ACCESS, token).ok()?)
}

/// Checks a refresh token; whether it was used is not known yet.
pub(super) fn read_refresh(app: &Identity, token: &str) -> Option<RefreshTokenId> {
    let TokenClaims { jti, .. } = read(app.verify_token(REFRESH, token).ok()?)?;
    RefreshTokenId::parse(&jti).ok()
}

fn access_claims(account: &Account, refresh: IssuedRefresh, now: OffsetDateTime) -> TokenClaims {
    let at = if now - refresh.at <= SAME_ACCESS { refresh.at } else { now };
    claims(account, (at, at + ACCESS_LIFETIME), format!("{}.{}", refresh.id.session.hex(), refresh.id.counter))
}

fn refresh_claims(account: &Account, refresh: IssuedRefresh) -> TokenClaims {
    claims(account, (refresh.at, refresh.expires_at), refresh.id.to_string())
}

fn claims(account: &Account, (at, expires_at): (OffsetDateTime, OffsetDateTime), jti: String) -> TokenClaims {
    TokenClaims {
        user_id: account.id().hex(),
        role: words::role(account.role()).to_owned(),
        iat: at.unix_timestamp(),
        exp: expires_at.unix_timestamp(),
        jti,
    }
}

fn presented(claims: Claims) -> Option<PresentedInSession> {
    let TokenClaims { user_id, jti, .. } = read(claims)?;
    let (session, counter) = jti.split_once('.')?;
    counter.parse::<u32>().ok()?;
    Some(PresentedInSession {
        account: AccountId::from_hex(&user_id).ok()?,
        session: SessionId::from_hex(session).ok()?,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use time::macros::datetime;
    use vestibule_domain::{Digest, Role};
    use vestibule_testkit::AccountBuilder;

    use super::*;

    const AT: OffsetDateTime = datetime!(2026-03-01 12:00:00.9 UTC);

    fn issued() -> IssuedRefresh {
        let session = SessionId::from_hex("507f1f77bcf86cd799439011").unwrap();
        IssuedRefresh {
            id: RefreshTokenId::new(session, 3, &Digest::new([0x0F; 32])),
            at: AT,
            expires_at: AT + Duration::days(7),
        }
    }

    #[test]
    fn both_kinds_carry_the_documents_claims_and_a_name() {
        let account = AccountBuilder::numbered(1).role(Role::Root).build();
        for (claims, lifetime, jti) in [
            (access_claims(&account, issued(), AT), 1_800, "507f1f77bcf86cd799439011.3".to_owned()),
            (refresh_claims(&account, issued()), 604_800, format!("507f1f77bcf86cd799439011.3.{}", "0f".repeat(16))),
        ] {
            let written = write(&claims);
            let mut keys: Vec<&String> = written.keys().collect();
            keys.sort();
            assert_eq!(keys, ["exp", "iat", "jti", "role", "userId"]);
            assert_eq!(written["exp"].as_i64().unwrap() - written["iat"].as_i64().unwrap(), lifetime);
            assert_eq!((&written["userId"], &written["role"]), (&json!(account.id().hex()), &json!("superadmin")));
            assert_eq!(written["jti"], jti);
        }
    }

    #[test]
    fn a_quick_retry_gets_the_same_access_token_and_a_late_one_its_full_life() {
        let account = AccountBuilder::numbered(1).build();
        let iat = |after: i64| access_claims(&account, issued(), AT + Duration::seconds(after)).iat;
        assert_eq!([iat(0), iat(10), iat(11)], [0, 0, 11].map(|after| AT.unix_timestamp() + after));
    }

    #[test]
    fn claims_of_the_one_kind_are_not_read_as_the_other() {
        let account = AccountBuilder::numbered(1).build();
        let access = access_claims(&account, issued(), AT);
        assert!(RefreshTokenId::parse(&access.jti).is_err());
        assert!(presented(write(&access)).is_some());
        assert!(presented(write(&refresh_claims(&account, issued()))).is_none());
    }

    #[test]
    fn claims_with_a_part_missing_or_added_are_not_read() {
        let good = write(&access_claims(&AccountBuilder::numbered(1).build(), issued(), AT));
        for key in ["userId", "role", "iat", "exp", "jti"] {
            let mut bad = good.clone();
            bad.remove(key);
            assert!(presented(bad).is_none(), "without {key}");
        }
        for (key, value) in [
            ("sub", json!("x")),
            ("userId", json!("x")),
            ("jti", json!("x.1")),
            ("jti", json!("507f1f77bcf86cd799439011.x")),
        ] {
            let mut bad = good.clone();
            bad.insert(key.to_owned(), value);
            assert!(presented(bad).is_none(), "with another {key}");
        }
    }
}
