//! What holds for every row of the URL table.

use actix_web::{http::Method, test::TestRequest};
use vestibule_domain::Role;
use vestibule_http::{HttpOptions, MernOptions, Mount, RouteRow};

use super::{CHECK, PROFILE, account, alices_token, assert_failed, token};
use crate::support::{Setup, TestApp, bearer, get, post};

pub(crate) fn rows() -> Vec<RouteRow> {
    vestibule_http::routes().into_iter().filter(|(dialect, _)| *dialect == "mern").map(|(_, row)| row).collect()
}

/// A path of a row with its parameter filled in.
fn path(row: &RouteRow) -> String {
    row.path.replace("{token}", "AbC").replace("{userId}", "507f1f77bcf86cd799439011")
}

fn request(row: &RouteRow) -> TestRequest {
    TestRequest::with_uri(&path(row)).method(row.method.clone())
}

#[test]
fn the_table_has_the_endpoints_of_the_document() {
    let table: Vec<String> = rows().iter().map(|row| format!("{} {}", row.method, row.path)).collect();
    assert_eq!(
        table,
        [
            "GET /api/alive",
            "POST /api/auth/signup",
            "POST /api/auth/signin",
            "POST /api/auth/google",
            "POST /api/auth/facebook",
            "POST /api/auth/apple",
            "POST /api/auth/send-token",
            "POST /api/auth/verify-email/{token}",
            "POST /api/auth/reset-password/{token}",
            "POST /api/auth/verify-jwt-token",
            "POST /api/auth/invalidate-all-jwt-tokens",
            "GET /api/profiles",
            "PUT /api/profiles",
            "PUT /api/profiles/password",
            "GET /api/profiles/{userId}",
            "GET /api/users",
            "GET /api/users/{userId}",
            "PUT /api/users/{userId}",
            "DELETE /api/users/{userId}",
        ]
    );
}

#[actix_web::test]
async fn the_server_says_that_it_is_alive() {
    let app = TestApp::new().await;
    let answer = app.send(get("/api/alive")).await;
    assert_eq!((answer.status, answer.text.as_str()), (200, r#"{"status":"pass"}"#));
    assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
    assert_eq!(app.send(TestRequest::with_uri("/api/alive").method(Method::HEAD)).await.status, 200);
}

#[actix_web::test]
async fn a_route_asks_for_a_token_if_and_only_if_its_row_says_so() {
    let app = TestApp::new().await;
    for row in rows() {
        let answer = app.send(request(&row)).await;
        let asks = answer.status == 401 && answer.json()["error"]["message"] == "No auth token";
        assert_eq!(asks, row.access.needs_token(), "{} {}", row.method, row.path);
        assert!(answer.headers.get("www-authenticate").is_none());
    }
}

#[actix_web::test]
async fn neither_case_nor_a_slash_at_the_end_matter() {
    let app = TestApp::new().await;
    for row in rows() {
        let plain = app.send(request(&row)).await;
        let upper = row.path.to_uppercase().replace("{TOKEN}", "AbC").replace("{USERID}", "507f1f77bcf86cd799439011");
        for path in [format!("{}/", path(&row)), upper.clone(), format!("{upper}/?x=Y")] {
            let answer = app.send(TestRequest::with_uri(&path).method(row.method.clone())).await;
            let same_but_for_the_query = row.path == "/api/users" || answer.text == plain.text;
            assert!(answer.status == plain.status && same_but_for_the_query, "{path}: {}", answer.text);
        }
    }
}

#[actix_web::test]
async fn an_id_or_token_in_a_path_keeps_its_case() {
    let app = TestApp::new().await;
    let known = account(1, Role::User, &[]).build();
    app.put(&known).await;
    for id in [known.id().hex(), known.id().hex().to_uppercase()] {
        assert_eq!(app.send(get(&format!("/API/Profiles/{id}"))).await.status, 200, "{id}");
    }
}

#[actix_web::test]
async fn another_method_is_not_found_but_below_the_users_a_token_is_asked_for_first() {
    let app = TestApp::new().await;
    let token = alices_token(&app).await;
    for row in rows() {
        for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            if rows().iter().any(|other| other.path == row.path && other.method == method) {
                continue;
            }
            let send = || TestRequest::with_uri(&path(&row)).method(method.clone());
            let answer = app.send(send()).await;
            match row.path {
                path if path.starts_with("/api/users") => {
                    assert_failed(&answer, 401, "No auth token");
                    assert_failed(&app.send(send().insert_header(bearer(&token))).await, 404, "Not Found");
                }
                _ => assert_failed(&answer, 404, "Not Found"),
            }
            assert!(answer.headers.get("allow").is_none());
        }
    }
}

#[actix_web::test]
async fn a_path_below_the_users_that_does_not_exist_asks_for_a_token_first() {
    let app = TestApp::new().await;
    let token = alices_token(&app).await;
    for path in ["/api/users/a/b", "/API/Users/507f1f77bcf86cd799439011/x", "/api/users/a/b/c/"] {
        assert_failed(&app.send(get(path)).await, 401, "No auth token");
        assert_failed(&app.get_as(&token, path).await, 404, "Not Found");
    }
}

#[actix_web::test]
async fn a_path_that_does_not_exist_is_not_found_for_pages_too() {
    let app = TestApp::new().await;
    for path in ["/api", "/api/x", "/api/me", "/api/auth", "/api/auth/verify-email", "/api/usersx", "/api/auth/me/x"] {
        for request in [get(path), post(path), get(path).insert_header(("Accept", "text/html"))] {
            assert_failed(&app.send(request).await, 404, "Not Found");
        }
    }
}

#[actix_web::test]
async fn paths_of_others_are_answered_by_others() {
    let options = HttpOptions::default().only(&["contacts", "mern"]);
    let app = TestApp::with(Setup { options, ..Setup::default() }).await;
    let put = TestRequest::put().uri("/api/auth/login");
    assert_eq!(app.send(put).await.text, r#"{"status":false,"message":"Method not allowed","data":null}"#);
    let answer = app.send(post("/api/auth/reset-password").set_payload("{}")).await;
    assert_eq!(answer.text, r#"{"status":false,"message":"Invalid or expired reset token","data":null}"#);
    for path in ["/api/v1/users", "/api/v1/users/x", "/nobody"] {
        assert_eq!(app.send(get(path)).await.header("content-type"), "application/problem+json", "{path}");
    }
    assert_failed(&app.send(get("/api/v1")).await, 404, "Not Found");
}

#[actix_web::test]
async fn the_dialect_moves_with_its_prefix() {
    let options = HttpOptions::default().with(Mount::new(MernOptions::default()).at("/legacy"));
    let app = TestApp::with(Setup { options, ..Setup::default() }).await;
    assert_eq!(app.send(get("/legacy/API/alive")).await.status, 200);
    assert_failed(&app.send(get("/legacy/api/x")).await, 404, "Not Found");
    assert_failed(&app.send(get("/legacy/api/users/a/b")).await, 401, "No auth token");
    assert_eq!(app.send(get("/api/alive")).await.json()["message"], "Not found");
}

#[actix_web::test]
async fn a_dialect_that_is_off_is_not_there() {
    let options = HttpOptions::default().only(&[]);
    let app = TestApp::with(Setup { options, ..Setup::default() }).await;
    for path in ["/api/alive", PROFILE, CHECK] {
        assert_eq!(app.send(get(path)).await.header("content-type"), "application/problem+json", "{path}");
    }
}

#[actix_web::test]
async fn a_token_of_another_dialect_is_refused() {
    let app = TestApp::new().await;
    let body = serde_json::json!({ "fullName": "Bob", "email": "bob@example.com", "password": "correct horse" });
    let contacts = app.post("/api/auth/register", &body).await.data("token");
    assert_failed(&app.get_as(&contacts, PROFILE).await, 401, "invalid algorithm");
    let known = account(1, Role::User, &[]).build();
    app.put(&known).await;
    assert_eq!(app.get_as(&token(&app, &known), "/api/auth/me").await.status, 401);
}
