//! Signing in, staying in, signing out.

use serde_json::{Value, json};
use utoipa::openapi::HttpMethod;

use super::{bad, bearer, good, post, said, sentence, tokens, unfit};
use crate::shared::describe::{Answer, Endpoint};

pub(super) fn endpoints() -> Vec<(&'static str, Endpoint)> {
    vec![("login", login()), ("ad-login", ad_login()), ("refresh-token", refresh()), ("logout", logout())]
}

fn login() -> Endpoint {
    let data = json!({
        "firstname": "Alice", "lastname": "Martin", "email": "alice@example.com", "role": "user", "token": tokens(),
    });
    post("ego_login", "Sign in", credentials(), with_refusals(good("signed in", &data)))
}

fn ad_login() -> Endpoint {
    let data = json!({ "email": "alice@example.com", "token": tokens() });
    post("ego_ad_login", "Sign in as a superadmin", credentials(), with_refusals(good("signed in", &data)))
}

fn credentials() -> Value {
    json!({ "email": "alice@example.com", "password": "12345" })
}

fn with_refusals(success: Answer) -> Vec<Answer> {
    vec![
        success,
        unfit("a field is missing or no text", "Champ requis", "email"),
        bad(400, "the mailbox is not proven yet", 1011, "Ce compte na pas encore été verifie"),
        bad(
            401,
            "unknown address, wrong password, blocked account or too low a rank",
            1003,
            "Email ou mot de passe incorrect",
        ),
    ]
}

fn refresh() -> Endpoint {
    post(
        "ego_refresh_token",
        "Trade a refresh token for new tokens, once; a retry with the same `Idempotency-Key` or `retryKey`, or without a \
         key within 10 s, gets the same refresh token again",
        json!({ "refreshToken": "<jwt>", "retryKey": "0b5c2f9e" }),
        vec![
            good("the old one is spent", &json!({ "token": tokens() })),
            unfit("the token is missing or no text", "Champ requis", "refreshToken"),
            unfit("the key has more than 255 characters", "Champ invalide", "retryKey"),
            sentence(401, "no refresh token, or one that has ended or was used before", "Token non valide"),
        ],
    )
}

fn logout() -> Endpoint {
    bearer(
        HttpMethod::Post,
        "ego_logout",
        "End every session of the account",
        vec![said(200, "success", "Déconnexion réussie")],
    )
}
