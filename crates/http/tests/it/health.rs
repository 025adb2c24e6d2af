//! Health on the wire.

use actix_web::{http::Method, test::TestRequest};

use crate::support::{TestApp, get};

#[actix_web::test]
async fn a_live_and_ready_server_says_so_in_json() {
    let test = TestApp::new().await;
    for (path, status) in [("/health/live", "live"), ("/health/ready", "ready")] {
        let answer = test.send(get(path)).await;
        assert_eq!((answer.status, answer.json()["status"].as_str()), (200, Some(status)));
        assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
    }
}

#[actix_web::test]
async fn head_works_and_another_method_is_told_which_do() {
    let test = TestApp::new().await;
    for path in ["/health/live", "/health/ready", "/openapi.json", "/docs", "/docs/swagger-ui.css"] {
        assert_eq!(test.send(TestRequest::with_uri(path).method(Method::HEAD)).await.status, 200, "{path}");
        for method in [Method::POST, Method::OPTIONS, Method::DELETE] {
            let refused = test.send(TestRequest::with_uri(path).method(method)).await;
            assert_eq!((refused.status, refused.header("allow")), (405, "GET, HEAD"), "{path}");
        }
    }
}
