//! What holds for every row of the URL table.

use actix_web::{http::Method, test::TestRequest};
use vestibule_http::{HttpOptions, Mount, RococoinsOptions, RouteRow};

use super::{NOBODY, VERIFY, assert_failed};
use crate::support::{Setup, TestApp, get, path_of};

pub(crate) fn rows() -> Vec<RouteRow> {
    vestibule_http::routes().into_iter().filter(|(dialect, _)| *dialect == "rococoins").map(|(_, row)| row).collect()
}

async fn with(options: HttpOptions) -> TestApp {
    TestApp::with(Setup { options, limits: false, ..Setup::default() }).await
}

#[test]
fn the_table_has_the_endpoints_of_the_contract() {
    let table: Vec<String> = rows().iter().map(|row| format!("{} {}", row.method, row.path)).collect();
    assert_eq!(
        table,
        [
            "POST /user",
            "GET /user",
            "POST /user/login",
            "GET /user/verify",
            "GET /user/{id}",
            "PUT /user/{id}",
            "DELETE /user/{id}",
            "PUT /user/admin/{id}",
            "PUT /user/user_chat/{id}",
            "PUT /user/admin_chat/{id}",
            "GET /user/{id}/chat",
            "PUT /user/{id}/chat/read",
            "GET /user/{id}/chat/events",
            "POST /user/{id}/documents/{field}",
            "GET /user/{id}/documents/{field}",
            "POST /users/otp",
            "POST /users/verify_otp",
        ]
    );
}

#[actix_web::test]
async fn a_route_asks_for_a_token_if_and_only_if_its_row_says_so() {
    let app = TestApp::new().await;
    for row in rows() {
        let request = TestRequest::with_uri(&path_of(&row, NOBODY)).method(row.method.clone());
        let answer = app.send(request).await;
        let asks = answer.status == 401 && answer.json()["message"] == "No token provided";
        assert_eq!(asks, row.access.needs_token(), "{} {}", row.method, row.path);
    }
}

#[actix_web::test]
async fn a_slash_at_the_end_and_the_case_of_letters_change_nothing() {
    let app = TestApp::without_limits().await;
    for row in rows() {
        let path = path_of(&row, NOBODY);
        let send = |path: &str| app.send(TestRequest::with_uri(path).method(row.method.clone()));
        let plain = send(&path).await;
        for other in [format!("{path}/"), path.to_uppercase()] {
            let answer = send(&other).await;
            assert_eq!((answer.status, &answer.text), (plain.status, &plain.text), "{other}");
        }
    }
}

#[actix_web::test]
async fn another_method_is_refused_and_the_right_ones_are_named() {
    let app = TestApp::new().await;
    for (path, allow) in [
        ("/user", "POST, GET, HEAD"),
        ("/user/65b2f0000000000000000001", "GET, HEAD, PUT, DELETE"),
        ("/users/otp", "POST"),
        ("/users/verify_otp", "POST"),
    ] {
        let answer = app.send(TestRequest::with_uri(path).method(Method::PATCH)).await;
        assert_failed(&answer, 405, "Method not allowed");
        assert_eq!(answer.header("allow"), allow, "{path}");
    }
    for method in [Method::GET, Method::PUT, Method::DELETE] {
        let answer = app.send(TestRequest::with_uri("/users/otp").method(method)).await;
        assert_failed(&answer, 405, "Method not allowed");
    }
}

#[actix_web::test]
async fn an_unknown_path_below_its_own_is_answered_in_its_words() {
    let app = TestApp::new().await;
    for path in ["/user/x/y", "/user/x/y/z"] {
        assert_failed(&app.send(get(path)).await, 404, "Not found");
    }
    // Of the two dialects with paths below it, the other answers while it is on.
    let alone = with(HttpOptions::default().only(&["rococoins"])).await;
    for path in ["/users", "/users/x", "/users/otp/x"] {
        assert_failed(&alone.send(get(path)).await, 404, "Not found");
    }
    for path in ["/userx", "/", "/api/user"] {
        assert_ne!(app.send(get(path)).await.json()["message"], "Not found", "{path}");
    }
}

#[actix_web::test]
async fn the_dialect_moves_with_its_prefix_and_can_be_off() {
    let app = with(HttpOptions::default().with(Mount::new(RococoinsOptions).at("/kyc"))).await;
    assert_failed(&app.send(get(&format!("/kyc{VERIFY}"))).await, 401, "No token provided");
    assert_failed(&app.send(get("/kyc/users/x")).await, 404, "Not found");
    assert_eq!(app.send(get(VERIFY)).await.header("content-type"), "application/problem+json");
    let app = with(HttpOptions::default().only(&["contacts", "ego"])).await;
    assert_eq!(app.send(get(VERIFY)).await.header("content-type"), "application/problem+json");
}
