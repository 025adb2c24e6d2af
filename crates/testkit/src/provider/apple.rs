//! Apple: codes, and the ID tokens that they are exchanged for.

use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use super::{
    LocalProvider, Members, Person, ids, members,
    server::{Asked, Reply},
    state::State,
};

/// The issuer of ID tokens, and the audience of client secrets.
const APPLE: &str = "https://appleid.apple.com";
/// Our clients.
const OURS: [&str; 2] = [ids::APPLE_CLIENT_ID, ids::APPLE_APP_ID];
/// A secret is valid for half a year at most.
const MAX_SECRET_SECONDS: i64 = 15_777_000;

impl LocalProvider {
    /// The key (PKCS#8 PEM) that signs our client's secrets.
    pub fn apple_private_key(&self) -> String {
        self.state().client_key.pem()
    }

    /// Apple's ID token claims about a person: for our client, valid for an hour.
    pub fn apple_claims(&self, person: &Person, now: OffsetDateTime) -> Members {
        let mut claims = members(json!({
            "iss": APPLE,
            "aud": ids::APPLE_CLIENT_ID,
            "sub": person.id,
            "iat": now.unix_timestamp(),
            "exp": (now + Duration::HOUR).unix_timestamp(),
        }));
        if let Some(email) = &person.email {
            claims.insert("email".to_owned(), json!(email));
            // Apple sends it as a text.
            claims.insert("email_verified".to_owned(), json!(person.email_verified.to_string()));
        }
        claims
    }

    /// A code for a person, to be exchanged once.
    pub fn apple_code(&self, person: &Person, now: OffsetDateTime) -> String {
        self.apple_code_for(Some(self.apple_claims(person, now)))
    }

    /// A code for any ID token, or for none.
    pub fn apple_code_for(&self, claims: Option<Members>) -> String {
        let mut state = self.state();
        let code = format!("c{:08}.0.nrqtx.test", state.codes.len());
        state.codes.insert(code.clone(), claims);
        code
    }

    /// The claims of the last client secret that Apple accepted.
    pub fn apple_secret_claims(&self) -> Option<Value> {
        self.state().last_secret.clone()
    }
}

/// Exchanges a code.
pub(crate) fn token(state: &mut State, asked: &Asked) -> Reply {
    if asked.field("grant_type") != "authorization_code" {
        return refusal("unsupported_grant_type", "The grant type is not supported.");
    }
    let secret =
        state.client_key.verify(asked.field("client_secret")).filter(|(header, claims)| is_ours(header, claims));
    let client = asked.field("client_id");
    let Some((_, claims)) = secret.filter(|(_, claims)| OURS.contains(&client) && claims["sub"] == client) else {
        return Reply::json(400, &json!({ "error": "invalid_client" }));
    };
    state.last_secret = Some(claims);
    let Some(claims) = state.codes.get(asked.field("code")) else {
        return refusal("invalid_grant", "The code has expired or has been revoked.");
    };
    let of_other = claims.as_ref().and_then(|claims| claims["aud"].as_str()).filter(|audience| *audience != client);
    if of_other.is_some_and(|other| OURS.contains(&other)) {
        return refusal("invalid_grant", "client_id mismatch. The code was not issued to this client.");
    }
    if !state.used_codes.insert(asked.field("code").to_owned()) {
        return refusal("invalid_grant", "The code has already been used.");
    }
    let mut tokens = json!({ "access_token": "a0", "token_type": "Bearer", "expires_in": 3600 });
    if let Some(claims) = claims {
        let header = members(json!({ "alg": "RS256", "kid": state.signing.id }));
        tokens["id_token"] = json!(state.signing.sign(&header, claims));
    }
    Reply::json(200, &tokens)
}

fn is_ours(header: &Value, claims: &Value) -> bool {
    let lifetime = claims["exp"].as_i64().unwrap_or(0).saturating_sub(claims["iat"].as_i64().unwrap_or(0));
    header["alg"] == "ES256"
        && header["kid"] == ids::APPLE_KEY_ID
        && claims["iss"] == ids::APPLE_TEAM_ID
        && claims["aud"] == APPLE
        && (1..=MAX_SECRET_SECONDS).contains(&lifetime)
}

fn refusal(error: &str, description: &str) -> Reply {
    Reply::json(400, &json!({ "error": error, "error_description": description }))
}
