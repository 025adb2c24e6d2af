//! Google: published keys, and the ID tokens that they sign.

use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use super::{LocalProvider, Members, Person, ids, members, server::Reply, state::State};

/// The current signing keys.
pub(crate) fn keys(state: &State) -> Reply {
    let mut reply = Reply::json(200, &json!({ "keys": [state.signing.published()] }));
    reply.cache_control = Some(format!("public, max-age={}, must-revalidate", state.max_age));
    reply
}

impl LocalProvider {
    /// Google's ID token claims about a person: for our client, valid for an hour.
    pub fn google_claims(&self, person: &Person, now: OffsetDateTime) -> Members {
        let mut claims = members(json!({
            "iss": "https://accounts.google.com",
            "azp": ids::GOOGLE_CLIENT_ID,
            "aud": ids::GOOGLE_CLIENT_ID,
            "sub": person.id,
            "iat": now.unix_timestamp(),
            "exp": (now + Duration::HOUR).unix_timestamp(),
        }));
        if let Some(email) = &person.email {
            claims.insert("email".to_owned(), json!(email));
            claims.insert("email_verified".to_owned(), json!(person.email_verified));
        }
        let named =
            [("given_name", &person.first_name), ("family_name", &person.last_name), ("picture", &person.picture)];
        for (name, value) in named {
            if let Some(value) = value {
                claims.insert(name.to_owned(), Value::from(value.clone()));
            }
        }
        claims
    }

    /// Google's ID token for a person.
    pub fn google_id_token(&self, person: &Person, now: OffsetDateTime) -> String {
        self.sign(&self.google_claims(person, now))
    }
}
