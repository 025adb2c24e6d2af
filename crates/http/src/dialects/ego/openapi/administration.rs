//! What takes more than the role of a user.

use serde_json::json;
use utoipa::openapi::HttpMethod;

use super::{FORBIDDEN, bad, bearer, good, said, unfit, user};
use crate::shared::describe::Endpoint;

pub(super) fn endpoints() -> Vec<(&'static str, Endpoint)> {
    vec![("all", all()), ("superadmin", superadmin())]
}

fn all() -> Endpoint {
    let data = json!({ "allUser": [user()], "totalUsers": 1, "page": 1, "totalPages": 1 });
    Endpoint {
        query: vec![("page", "1"), ("limit", "10")],
        ..bearer(
            HttpMethod::Get,
            "ego_all",
            "List all accounts, oldest first; at most 100 at once",
            vec![
                good("the page", &data),
                unfit("below 1 or no whole number", "Champ invalide", "page"),
                bad(403, "neither an admin nor a superadmin", 1016, FORBIDDEN),
            ],
        )
    }
}

fn superadmin() -> Endpoint {
    bearer(
        HttpMethod::Post,
        "ego_superadmin",
        "Ask whether one is a superadmin",
        vec![said(200, "success", "Vous etes un super admin"), bad(403, "somebody else", 1016, FORBIDDEN)],
    )
}
