//! Facebook: access tokens, and the Graph API that inspects and accepts them.

use serde_json::{Map, Value, json};

use super::{
    LocalProvider, Person, ids,
    keys::hmac_hex,
    server::{Asked, Reply},
    state::State,
};

/// The grant of an access token.
#[derive(Debug, Clone)]
pub struct FacebookGrant {
    /// The token's owner.
    pub person: Person,
    /// The app it was issued to.
    pub app_id: String,
    /// That app's secret, which a request with the token must prove.
    pub app_secret: String,
    /// Whether it is still valid.
    pub is_valid: bool,
    /// `USER`, `PAGE` or `APP`.
    pub kind: String,
    /// Seconds since 1970; 0 for no expiry.
    pub expires_at: i64,
    /// The owner according to the inspection, if not the real one.
    pub inspected_id: Option<String>,
}

impl FacebookGrant {
    /// A person's token for our app, without expiry.
    pub fn to_our_app(person: Person) -> Self {
        Self {
            person,
            app_id: ids::FACEBOOK_APP_ID.to_owned(),
            app_secret: ids::FACEBOOK_APP_SECRET.to_owned(),
            is_valid: true,
            kind: "USER".to_owned(),
            expires_at: 0,
            inspected_id: None,
        }
    }
}

impl LocalProvider {
    /// Facebook's access token for a person, issued to our app.
    pub fn facebook_token(&self, person: Person) -> String {
        self.facebook_grant(FacebookGrant::to_our_app(person))
    }

    /// Facebook's access token with any grant.
    pub fn facebook_grant(&self, grant: FacebookGrant) -> String {
        let mut state = self.state();
        let token = format!("EAAB{:08}ZD", state.grants.len());
        state.grants.insert(token.clone(), grant);
        token
    }
}

/// Answers an app's question about a token.
pub(crate) fn debug_token(state: &State, asked: &Asked) -> Reply {
    let asking = asked.field("access_token");
    let of_grant = |grant: &FacebookGrant| format!("{}|{}", grant.app_id, grant.app_secret) == asking;
    if asking != format!("{}|{}", ids::FACEBOOK_APP_ID, ids::FACEBOOK_APP_SECRET)
        && !state.grants.values().any(of_grant)
    {
        return refusal(190, "Invalid OAuth access token signature.");
    }
    let Some(grant) = state.grants.get(asked.field("input_token")) else {
        let error = json!({ "code": 190, "message": "Malformed access token" });
        return Reply::json(200, &json!({ "data": { "error": error, "is_valid": false, "scopes": [] } }));
    };
    Reply::json(
        200,
        &json!({ "data": {
            "app_id": grant.app_id,
            "type": grant.kind,
            "application": "An app",
            "expires_at": grant.expires_at,
            "is_valid": grant.is_valid,
            "scopes": ["email", "public_profile"],
            "user_id": grant.inspected_id.as_ref().unwrap_or(&grant.person.id),
        }}),
    )
}

/// Answers a question about the owner of a token from a client that has it and knows its app's secret.
pub(crate) fn me(state: &State, asked: &Asked) -> Reply {
    let token = asked.field("access_token");
    let Some(grant) = state.grants.get(token).filter(|grant| grant.is_valid) else {
        return refusal(190, "Invalid OAuth access token.");
    };
    if asked.field("appsecret_proof") != hmac_hex(&grant.app_secret, token) {
        return refusal(100, "Invalid appsecret_proof provided in the API argument");
    }
    let Person { id, email, first_name, last_name, .. } = &grant.person;
    let name = [first_name, last_name].into_iter().flatten().cloned().collect::<Vec<_>>().join(" ");
    let known = [
        ("id", Some(id)),
        ("email", email.as_ref()),
        ("first_name", first_name.as_ref()),
        ("last_name", last_name.as_ref()),
        ("name", Some(&name)),
    ];
    let fields: Vec<&str> = asked.field("fields").split(',').collect();
    let told = known.into_iter().filter(|(field, _)| *field == "id" || fields.contains(field));
    let told = told.filter_map(|(field, value)| Some((field.to_owned(), Value::from(value?.clone()))));
    Reply::json(200, &Value::Object(told.collect::<Map<_, _>>()))
}

fn refusal(code: i64, message: &str) -> Reply {
    Reply::json(400, &json!({ "error": { "message": message, "type": "OAuthException", "code": code } }))
}
