//! The endpoints as OpenAPI, with the examples of the document.

mod administration;
mod mailbox;
mod own_account;
mod sessions;

use serde_json::{Value, json};
use utoipa::openapi::{
    ComponentsBuilder, HttpMethod, PathsBuilder,
    security::{Http, HttpAuthScheme, SecurityScheme},
};

use crate::shared::describe::{Answer, Endpoint, describe_all};

const TAG: &str = "ego";
const SCHEME: &str = "ego_access_token";
const ID: &str = "507f1f77bcf86cd799439011";
const FORBIDDEN: &str = "Vous n'avez pas les droits pour accéder à cette ressource";

/// Adds this dialect's endpoints and its kind of token.
pub(crate) fn describe(
    prefix: &str,
    paths: PathsBuilder,
    components: ComponentsBuilder,
) -> (PathsBuilder, ComponentsBuilder) {
    let groups = [mailbox::endpoints(), sessions::endpoints(), own_account::endpoints(), administration::endpoints()];
    let endpoints = groups.into_iter().flatten();
    let paths = describe_all(paths, &format!("{prefix}/api/v1/users/"), endpoints, &of_every_endpoint());
    let mut bearer = Http::new(HttpAuthScheme::Bearer);
    bearer.bearer_format = Some("JWT".to_owned());
    bearer.description = Some("The `accessToken` of a login or a refresh; 30 minutes.".to_owned());
    (paths, components.security_scheme(SCHEME, SecurityScheme::Http(bearer)))
}

/// A public endpoint with a body.
fn post(operation: &'static str, summary: &'static str, request: Value, mut answers: Vec<Answer>) -> Endpoint {
    answers.extend(of_every_body());
    answers.push(bad(429, "too many requests; `Retry-After` says when", 1018, "Trop de tentatives"));
    Endpoint {
        method: HttpMethod::Post,
        tag: TAG,
        operation,
        summary,
        security: None,
        request: Some(request),
        query: Vec::new(),
        answers,
    }
}

/// An endpoint that asks for a token, without a body.
fn bearer(method: HttpMethod, operation: &'static str, summary: &'static str, mut answers: Vec<Answer>) -> Endpoint {
    answers.extend([
        sentence(401, "no token", "Attention le token n'est pas present"),
        sentence(401, "an invalid, expired or revoked token, or a blocked account", "Token non valide"),
    ]);
    Endpoint { method, tag: TAG, operation, summary, security: Some(SCHEME), request: None, query: Vec::new(), answers }
}

/// The same endpoint with a body.
fn taking(mut endpoint: Endpoint, request: Value) -> Endpoint {
    endpoint.answers.extend(of_every_body());
    Endpoint { request: Some(request), ..endpoint }
}

fn of_every_body() -> [Answer; 2] {
    [
        bad(400, "not a JSON object", 1017, "Requête invalide"),
        bad(413, "more than 64 KiB", 1019, "Requête trop volumineuse"),
    ]
}

fn of_every_endpoint() -> [Answer; 3] {
    [
        bad(405, "another method; `Allow` names the right ones", 1020, "Méthode non autorisée"),
        bad(500, "something inside failed", 1000, "Erreur interne"),
        bad(503, "overloaded, or the store is away; `Retry-After` says when", 1021, "Service indisponible"),
    ]
}

fn good(when: &'static str, data: &Value) -> Answer {
    Answer { status: 200, when, body: json!({ "status": "success", "data": data }) }
}

fn said(code: u16, status: &'static str, message: &'static str) -> Answer {
    Answer { status: code, when: message, body: json!({ "status": status, "message": message }) }
}

fn sentence(status: u16, when: &'static str, message: &'static str) -> Answer {
    Answer { status, when, body: json!({ "message": message }) }
}

fn bad(status: u16, when: &'static str, code: u16, message: &'static str) -> Answer {
    Answer { status, when, body: json!({ "message": message, "errorCode": code, "errors": null }) }
}

/// A field that is missing, `Champ requis`, or not taken, `Champ invalide`.
fn unfit(when: &'static str, what: &'static str, field: &'static str) -> Answer {
    let message = format!("{what}: {field}");
    let errors = json!([{ "field": field, "message": message }]);
    Answer { status: 400, when, body: json!({ "message": message, "errorCode": 1017, "errors": errors }) }
}

fn tokens() -> Value {
    json!({ "accessToken": "<jwt>", "refreshToken": "<jwt>" })
}

fn user() -> Value {
    json!({
        "address": { "street": "1 rue de la Paix", "city": "Abidjan", "zip": null, "area": null, "country": "CI" },
        "id": ID, "firstname": "Alice", "lastname": "Martin", "email": "alice@example.com",
        "phoneNumber": "+225 01 02 03 04 05", "role": "user", "profession": null, "birth": null, "profilePhoto": null,
        "ipAdress": [], "deviceId": [], "status": "active", "isVerified": true, "isApproved": false,
        "isBlocked": false, "referrralCode": null, "emailVerifiedAt": "2024-06-12T14:23:27.598Z",
        "profileComplete": null, "isSuperuser": false, "identificationType": null, "identificationExpiry": null,
        "documentIdentityImage": null, "statusKyc": "none", "dateOfVerification": null, "sponsorShipCode": null,
        "lastLogin": "2024-06-12T14:25:00.000Z", "twoFactorAuth": false, "failedLoginAttempts": 0,
        "lastFailedLogin": null, "createdAt": "2024-06-12T14:20:00.000Z", "updatedAt": "2024-06-12T14:23:27.598Z",
    })
}
