//! One's own account.

use serde_json::json;
use utoipa::openapi::HttpMethod;

use super::{FORBIDDEN, bad, bearer, good, said, taking, unfit, user};
use crate::shared::describe::Endpoint;

pub(super) fn endpoints() -> Vec<(&'static str, Endpoint)> {
    vec![
        ("profile", profile()),
        ("update", update(HttpMethod::Post, "ego_update")),
        ("update", update(HttpMethod::Put, "ego_update_put")),
        ("delete", delete(HttpMethod::Post, "ego_delete")),
        ("delete", delete(HttpMethod::Delete, "ego_delete_delete")),
        ("update-password", update_password()),
    ]
}

fn profile() -> Endpoint {
    let data = json!({
        "firstname": "Alice", "lastname": "Martin", "email": "alice@example.com",
        "phoneNumber": "+225 01 02 03 04 05", "role": "user", "isSuperuser": false, "isblocked": false,
    });
    bearer(HttpMethod::Get, "ego_profile", "Show one's own profile", vec![good("the profile", &data)])
}

fn update(method: HttpMethod, operation: &'static str) -> Endpoint {
    let endpoint = bearer(
        method,
        operation,
        "Change some of one's own fields; null takes one away, but for the names",
        vec![
            good("the account as it is now", &user()),
            unfit("a value that is none", "Champ invalide", "birth"),
            bad(400, "nothing to change", 1006, "Aucune donne a mettre a jour saisie"),
            bad(
                400,
                "the telephone number is taken",
                1004,
                "Ce numéro de téléphone est déjà utilisé, merci d'en choisir un autre",
            ),
        ],
    );
    let body = json!({
        "firstname": "Alice", "lastname": "Martin", "phoneNumber": "+225 01 02 03 04 05", "profession": null,
        "birth": "1990-05-17", "profilePhoto": null,
        "address": { "street": "1 rue de la Paix", "city": "Abidjan", "zip": null, "area": null, "country": "CI" },
    });
    taking(endpoint, body)
}

fn delete(method: HttpMethod, operation: &'static str) -> Endpoint {
    bearer(
        method,
        operation,
        "Delete one's own account",
        vec![said(200, "success", "suppression reussie"), bad(403, "the last superadmin", 1016, FORBIDDEN)],
    )
}

fn update_password() -> Endpoint {
    let endpoint = bearer(
        HttpMethod::Put,
        "ego_update_password",
        "Set a new password; every other session ends",
        vec![
            good("the account as it is now", &user()),
            unfit("a field is missing or no text", "Champ requis", "currentPassword"),
            unfit("the password is too short or too long", "Champ invalide", "password"),
            bad(400, "the present password is another one", 1005, "Mot de passe Incorrect!"),
            bad(429, "too many guesses; `Retry-After` says when", 1018, "Trop de tentatives"),
        ],
    );
    taking(endpoint, json!({ "currentPassword": "12345", "password": "battery staple" }))
}
