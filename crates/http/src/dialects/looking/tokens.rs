//! The dialect's one kind of token and its claims, which are read only if they are exactly those. One without an account is
//! anonymous. Each belongs to a session, with which it ends.

use serde::{Deserialize, Serialize};
use vestibule_application::{
    Algorithm, Claims, Fault, Identity, Principal, TokenKey, TokenRejection, accounts::PresentedByAnyone,
    sessions::Renewed,
};
use vestibule_domain::{Account, AccountId, SessionId};

use super::{
    responses::{self, Decoded},
    words,
};
use crate::shared::claims::{read, write};

const ACCESS: TokenKey = TokenKey { dialect: super::NAME, kind: "access", algorithm: Algorithm::Hs256 };
/// The keys that the dialect signs with.
pub(crate) const TOKEN_KEYS: &[TokenKey] = &[ACCESS];

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AccessClaims {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    uid: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    username: Option<String>,
    /// For the client's display.
    can: Vec<String>,
    iat: i64,
    exp: i64,
    /// The session, a dot, and what makes the token unlike others.
    jti: String,
}

/// What a valid token says.
#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) presented: PresentedByAnyone,
    /// As it is shown to its holder.
    pub(super) decoded: Decoded,
}

/// Makes a token of a session of an account.
pub(super) fn issue(
    identity: &Identity,
    (account, session): (&Account, SessionId),
    life: Renewed,
) -> Result<String, Fault> {
    sign(identity, claims(Some(account), session, life))
}

/// Makes a token of a session of no account.
pub(super) fn issue_anonymous(identity: &Identity, session: SessionId, life: Renewed) -> Result<String, Fault> {
    sign(identity, claims(None, session, life))
}

/// Makes another token of the session that the request came with.
pub(super) fn issue_again(
    identity: &Identity,
    (principal, session): (&Principal, SessionId),
    life: Renewed,
) -> Result<String, Fault> {
    let account = match principal {
        Principal::Account(caller) => Some(caller.account()),
        Principal::Anonymous(_) => None,
    };
    sign(identity, claims(account, session, life))
}

/// Checks a token. What is signed and has other claims is malformed.
pub(super) fn read_access(identity: &Identity, token: &str) -> Result<Token, TokenRejection> {
    presented(identity.verify_token(ACCESS, token)?).ok_or(TokenRejection::Malformed)
}

fn sign(identity: &Identity, mut claims: AccessClaims) -> Result<String, Fault> {
    claims.jti = format!("{}.{}", claims.jti, identity.core().nonce());
    identity.sign_token(ACCESS, &write(&claims))
}

/// Without what makes the token unlike others.
fn claims(account: Option<&Account>, session: SessionId, life: Renewed) -> AccessClaims {
    let can = account.map_or_else(|| words::ANONYMOUS.to_vec(), words::can);
    AccessClaims {
        uid: account.map(|account| account.id().hex()),
        username: account.map(|account| responses::username(account).to_owned()),
        can: can.into_iter().map(str::to_owned).collect(),
        iat: life.at.unix_timestamp(),
        exp: life.expires_at.unix_timestamp(),
        jti: session.hex(),
    }
}

fn presented(claims: Claims) -> Option<Token> {
    let AccessClaims { uid, username, can, iat, exp, jti } = read(claims)?;
    let (session, _) = jti.split_once('.')?;
    let account = match (&uid, &username) {
        (Some(uid), Some(_)) => Some(AccountId::from_hex(uid).ok()?),
        (None, None) => None,
        (Some(_), None) | (None, Some(_)) => return None,
    };
    let presented = PresentedByAnyone { account, session: SessionId::from_hex(session).ok()? };
    Some(Token { presented, decoded: Decoded { uid, username, can, iat, exp } })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use time::{OffsetDateTime, macros::datetime};
    use vestibule_domain::Role;
    use vestibule_testkit::AccountBuilder;

    use super::*;

    const AT: OffsetDateTime = datetime!(2026-03-01 12:00:00.9 UTC);
    const LIFE: Renewed = Renewed { at: AT, expires_at: datetime!(2026-03-01 13:00:00.9 UTC) };

    fn session() -> SessionId {
        SessionId::from_hex("507f1f77bcf86cd799439011").unwrap()
    }

    fn written(account: Option<&Account>) -> Claims {
        let mut claims = claims(account, session(), LIFE);
        claims.jti.push_str(".aa");
        write(&claims)
    }

    fn keys(claims: &Claims) -> Vec<&str> {
        let mut keys: Vec<&str> = claims.keys().map(String::as_str).collect();
        keys.sort_unstable();
        keys
    }

    #[test]
    fn a_token_carries_the_five_claims_of_the_document_and_its_session() {
        let account = AccountBuilder::numbered(1).username("alice").role(Role::Root).build();
        let written = written(Some(&account));
        assert_eq!(keys(&written), ["can", "exp", "iat", "jti", "uid", "username"]);
        assert_eq!(written["exp"].as_i64().unwrap() - written["iat"].as_i64().unwrap(), 3_600);
        let token = presented(written).unwrap();
        assert_eq!((token.presented.account, token.presented.session), (Some(account.id()), session()));
        let decoded = serde_json::to_value(&token.decoded).unwrap();
        assert_eq!(decoded.as_object().unwrap().keys().count(), 5);
        assert_eq!(decoded["username"], "alice");
    }

    #[test]
    fn an_anonymous_token_names_no_account_and_may_view() {
        let written = written(None);
        assert_eq!(keys(&written), ["can", "exp", "iat", "jti"]);
        assert_eq!(written["can"], json!(["view"]));
        assert_eq!(presented(written).unwrap().presented.account, None);
    }

    #[test]
    fn an_account_without_a_user_name_has_its_address_in_its_place() {
        let account = AccountBuilder::numbered(1).build();
        assert_eq!(written(Some(&account))["username"], account.email().as_str());
    }

    #[test]
    fn claims_with_a_part_missing_or_added_are_not_read() {
        let good = written(Some(&AccountBuilder::numbered(1).build()));
        assert!(presented(good.clone()).is_some());
        for key in ["uid", "username", "can", "iat", "exp", "jti"] {
            let mut bad = good.clone();
            bad.remove(key);
            assert!(presented(bad).is_none(), "without {key}");
        }
        let bad: [(&str, Value); 5] = [
            ("role", json!("root")),
            ("uid", json!("x")),
            ("uid", Value::Null),
            ("jti", json!("no session")),
            ("can", json!("view")),
        ];
        for (key, value) in bad {
            let mut bad = good.clone();
            bad.insert(key.to_owned(), value);
            assert!(presented(bad).is_none(), "with another {key}");
        }
    }
}
