//! What holds for every row of the URL table.

use actix_web::{
    http::{Method, header},
    test::TestRequest,
};
use vestibule_http::{EgoOptions, HttpOptions, Mount, RouteRow};

use super::{PROFILE, alices_session, assert_failed, assert_sentence, session_of};
use crate::support::{Answer, Setup, TestApp, bearer, get, post};

const NO_TOKEN: &str = "Attention le token n'est pas present";
const INVALID_BODY: (u16, u16, &str) = (400, 1017, "Requête invalide");

pub(crate) fn rows() -> Vec<RouteRow> {
    vestibule_http::routes().into_iter().filter(|(dialect, _)| *dialect == "ego").map(|(_, row)| row).collect()
}

/// The rows whose handlers read a body.
pub(crate) fn rows_with_body() -> Vec<RouteRow> {
    let bodiless = ["delete", "logout", "superadmin", "profile", "all"];
    rows().into_iter().filter(|row| !bodiless.iter().any(|name| row.path.ends_with(name))).collect()
}

pub(crate) fn request(row: &RouteRow) -> TestRequest {
    TestRequest::with_uri(row.path).method(row.method.clone())
}

async fn with(options: HttpOptions) -> TestApp {
    TestApp::with(Setup { options, limits: false, ..Setup::default() }).await
}

#[track_caller]
fn assert_no_route(answer: &Answer, path: &str) {
    assert_sentence(answer, 404, &format!("{path} - 404 Route Not Found"));
}

#[test]
fn the_table_has_the_endpoints_of_the_contract() {
    let table: Vec<String> = rows().iter().map(|row| format!("{} {}", row.method, row.path)).collect();
    let contract = [
        "POST register",
        "POST verify-otp",
        "POST resend-otp",
        "POST request-reset-password",
        "POST reset-password",
        "POST login",
        "POST ad-login",
        "POST refresh-token",
        "POST logout",
        "GET profile",
        "POST update",
        "PUT update",
        "POST delete",
        "DELETE delete",
        "PUT update-password",
        "GET all",
        "POST superadmin",
    ];
    assert_eq!(table, contract.map(|row| row.replace(' ', " /api/v1/users/")));
}

#[actix_web::test]
async fn a_route_asks_for_a_token_if_and_only_if_its_row_says_so() {
    let app = TestApp::new().await;
    for row in rows() {
        let answer = app.send(request(&row)).await;
        let asks = answer.status == 401 && answer.json()["message"] == NO_TOKEN;
        assert_eq!(asks, row.access.needs_token(), "{} {}", row.method, row.path);
    }
}

#[actix_web::test]
async fn a_slash_at_the_end_changes_nothing_and_redirects_nobody() {
    let app = TestApp::new().await;
    for row in rows() {
        let with_slash = TestRequest::with_uri(&format!("{}/", row.path)).method(row.method.clone());
        let (with, without) = (app.send(with_slash).await, app.send(request(&row)).await);
        assert_eq!((with.status, with.text), (without.status, without.text), "{}", row.path);
    }
}

#[actix_web::test]
async fn another_method_is_refused_and_the_right_ones_are_named() {
    let app = TestApp::new().await;
    for row in rows() {
        let taken: Vec<Method> =
            rows().into_iter().filter(|other| other.path == row.path).map(|other| other.method).collect();
        let mut names: Vec<&str> = taken.iter().map(Method::as_str).collect();
        if taken.contains(&Method::GET) {
            names.push("HEAD");
        }
        for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS] {
            if taken.contains(&method) {
                continue;
            }
            let answer = app.send(TestRequest::with_uri(row.path).method(method)).await;
            assert_failed(&answer, (405, 1020, "Méthode non autorisée"));
            assert_eq!(answer.header("allow"), names.join(", "), "{}", row.path);
        }
    }
}

#[actix_web::test]
async fn a_path_that_does_not_exist_is_named_in_the_answer() {
    let app = TestApp::new().await;
    for path in
        ["/api/v1/users", "/api/v1/users/x", "/api/v1/users/login/x", "/api/v1/users/%00%22", "/api/v1/users/a\"b"]
    {
        let (Ok(_), path) = (path.parse::<actix_web::http::Uri>(), path) else { continue };
        assert_no_route(&app.send(get(path)).await, path);
        assert_no_route(&app.send(post(&format!("{path}?q=1"))).await, path);
    }
}

#[actix_web::test]
async fn paths_beside_its_own_are_others() {
    let app = TestApp::new().await;
    for path in ["/api/v1", "/api/v1/usersx", "/api/users/x/y"] {
        let answer = app.send(get(path)).await;
        assert!(answer.json()["error"]["message"].is_string(), "{path}: {}", answer.text);
    }
    assert_eq!(app.send(get("/nobody")).await.header("content-type"), "application/problem+json");
}

#[actix_web::test]
async fn the_dialect_moves_with_its_prefix() {
    let app = with(HttpOptions::default().with(Mount::new(EgoOptions::default()).at("/fr"))).await;
    assert_sentence(&app.send(get(&format!("/fr{PROFILE}"))).await, 401, NO_TOKEN);
    assert_no_route(&app.send(get("/fr/api/v1/users/x")).await, "/fr/api/v1/users/x");
    assert_eq!(app.send(get(PROFILE)).await.header("content-type"), "application/problem+json");
}

#[actix_web::test]
async fn while_it_is_off_its_paths_are_nobodys() {
    let app = with(HttpOptions::default().only(&["contacts", "mern"])).await;
    for path in [PROFILE, "/api/v1/users", "/api/v1/users/x"] {
        let answer = app.send(get(path)).await;
        assert_eq!((answer.status, answer.header("content-type")), (404, "application/problem+json"), "{path}");
    }
}

#[actix_web::test]
async fn a_body_is_json_whatever_its_content_type() {
    let app = TestApp::without_limits().await;
    let token = alices_session(&app).await.access;
    for content_type in ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin1"] {
        for row in rows_with_body() {
            let request = request(&row).insert_header((header::CONTENT_TYPE, content_type));
            let answer = app.send(request.insert_header(bearer(&token)).set_payload("{")).await;
            assert_failed(&answer, INVALID_BODY);
        }
    }
}

#[actix_web::test]
async fn a_body_over_64_kib_is_too_large_on_every_route() {
    let app = TestApp::without_limits().await;
    let token = alices_session(&app).await.access;
    let padded = |size: usize| format!("{{\"padding\":\"{}\"}}", "x".repeat(size - 14));
    for row in rows_with_body() {
        let send = |size| app.send(request(&row).insert_header(bearer(&token)).set_payload(padded(size)));
        assert_failed(&send(65_537).await, (413, 1019, "Requête trop volumineuse"));
        let answer = send(65_536).await;
        assert!(answer.status == 400 && answer.json()["message"] != INVALID_BODY.2, "{}", answer.text);
    }
}

#[actix_web::test]
async fn a_token_is_asked_for_before_the_body_is_looked_at() {
    let app = TestApp::new().await;
    for row in rows_with_body().iter().filter(|row| row.access.needs_token()) {
        assert_sentence(&app.send(request(row).set_payload("{")).await, 401, NO_TOKEN);
    }
}

#[actix_web::test]
async fn a_route_without_a_body_takes_any() {
    let app = TestApp::without_limits().await;
    let token = session_of(&app, 1, vestibule_domain::Role::Root).await.access;
    for path in ["/api/v1/users/superadmin", "/api/v1/users/logout"] {
        let answer = app.send(post(path).insert_header(bearer(&token)).set_payload("nonsense")).await;
        assert_eq!(answer.status, 200, "{path}");
    }
}
