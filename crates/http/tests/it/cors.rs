//! Calls from pages of other origins.

use actix_web::{
    http::{Method, header::HeaderName},
    test::TestRequest,
};
use vestibule_http::HttpOptions;

use crate::{
    contacts, ego, mern,
    support::{Answer, Setup, TestApp, get},
};

const ORIGIN: &str = "https://app.example.org";
const STRANGERS: [&str; 8] = [
    "https://APP.example.org",
    "http://app.example.org",
    "https://app.example.org:443",
    "https://app.example.org:8443",
    "https://app.example.org/",
    "https://app.example.org.test",
    "https://x.app.example.org",
    "null",
];

async fn with_origin() -> TestApp {
    let options = HttpOptions { cors_origins: vec![ORIGIN.to_owned()], ..HttpOptions::default() };
    TestApp::with(Setup { options, ..Setup::default() }).await
}

fn preflight(path: &str, origin: &str, method: &str) -> TestRequest {
    TestRequest::with_uri(path)
        .method(Method::OPTIONS)
        .insert_header(("Origin", origin))
        .insert_header(("Access-Control-Request-Method", method))
        .insert_header(("Access-Control-Request-Headers", "authorization,content-type,idempotency-key"))
}

/// What lets a page read an answer.
fn grants(answer: &Answer) -> Vec<&str> {
    answer.headers.keys().map(HeaderName::as_str).filter(|name| name.starts_with("access-control-allow-")).collect()
}

#[actix_web::test]
async fn without_configured_origins_no_page_of_another_may_call() {
    let app = TestApp::new().await;
    let answer = app.send(get(contacts::ME).insert_header(("Origin", ORIGIN))).await;
    assert_eq!((answer.status, grants(&answer)), (401, vec![]));
    let answer = app.send(preflight(contacts::ME, ORIGIN, "GET")).await;
    assert_eq!((answer.status, grants(&answer)), (405, vec![]));
}

#[actix_web::test]
async fn a_page_of_a_configured_origin_may_read_the_answer_but_send_no_cookies() {
    let app = with_origin().await;
    let answer = app.send(get(contacts::ME).insert_header(("Origin", ORIGIN))).await;
    assert_eq!((answer.status, grants(&answer)), (401, vec!["access-control-allow-origin"]));
    assert_eq!(answer.header("access-control-allow-origin"), ORIGIN);
    let mut exposed: Vec<&str> = answer.header("access-control-expose-headers").split(", ").collect();
    exposed.sort_unstable();
    assert_eq!(exposed, ["retry-after", "x-has-more", "x-request-id", "x-total-count"]);
    assert!(answer.header("vary").contains("Origin"), "{}", answer.header("vary"));
}

#[actix_web::test]
async fn an_app_in_a_web_view_may_call_too_and_its_name_under_another_scheme_may_not() {
    let ours = ["capacitor://localhost", "tauri://localhost", "app+x.y-1://com.example.app:8100"];
    let options = HttpOptions { cors_origins: ours.map(str::to_owned).into(), ..HttpOptions::default() };
    let app = TestApp::with(Setup { options, ..Setup::default() }).await;
    for origin in ours {
        let answer = app.send(get(contacts::ME).insert_header(("Origin", origin))).await;
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (401, origin));
        assert_eq!(app.send(preflight(contacts::ME, origin, "GET")).await.status, 200, "{origin}");
    }
    for stranger in ["ionic://localhost", "http://localhost", "capacitor://localhost:80", "null", "file://localhost"] {
        let answer = app.send(get(contacts::ME).insert_header(("Origin", stranger))).await;
        assert_eq!((answer.status, grants(&answer)), (401, vec![]), "{stranger}");
    }
}

#[actix_web::test]
async fn an_origin_is_compared_exactly() {
    let app = with_origin().await;
    for stranger in STRANGERS {
        let answer = app.send(get(contacts::ME).insert_header(("Origin", stranger))).await;
        assert_eq!((answer.status, grants(&answer)), (401, vec![]), "{stranger}");
        let answer = app.send(preflight(contacts::ME, stranger, "GET")).await;
        assert_eq!((answer.status, grants(&answer)), (400, vec![]), "{stranger}");
    }
    let answer = app.send(get(contacts::ME)).await;
    assert_eq!((answer.status, grants(&answer)), (401, vec![]));
}

#[actix_web::test]
async fn the_preflight_of_a_configured_origin_allows_every_route_its_method_and_the_headers_of_clients() {
    let app = with_origin().await;
    for (_, row) in vestibule_http::routes() {
        let answer = app.send(preflight(row.path, ORIGIN, row.method.as_str())).await;
        assert_eq!((answer.status, answer.text.as_str()), (200, ""), "{}", row.path);
        assert_eq!(answer.header("access-control-allow-origin"), ORIGIN);
        let methods: Vec<&str> = answer.header("access-control-allow-methods").split(", ").collect();
        assert!(methods.contains(&row.method.as_str()), "{methods:?}");
        let headers = answer.header("access-control-allow-headers");
        assert_eq!(headers, "authorization,content-type,idempotency-key");
        assert_eq!(answer.header("access-control-allow-credentials"), "");
        assert!(!answer.header("x-request-id").is_empty());
    }
}

#[actix_web::test]
async fn a_refused_preflight_is_answered_in_the_envelope_of_its_path() {
    let app = with_origin().await;
    for origin in [STRANGERS[0], ""] {
        let refused = async |path: &str| app.send(preflight(path, origin, "POST")).await;
        contacts::assert_failed(&refused(contacts::LOGIN).await, 400, "Bad Request");
        mern::assert_failed(&refused(mern::SIGN_IN).await, 400, "Bad Request");
        ego::assert_failed(&refused("/api/v1/users/login").await, (400, 1017, "Requête invalide"));
        let problem = refused("/nobody").await;
        assert_eq!((problem.status, problem.header("content-type")), (400, "application/problem+json"));
        assert!(!problem.header("x-request-id").is_empty());
    }
}
