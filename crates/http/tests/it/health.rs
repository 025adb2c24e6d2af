//! Health on the wire.

use actix_web::{http::Method, test::TestRequest};
use serde_json::json;

use crate::{
    contacts, ego, mern,
    support::{TestApp, get},
};

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

/// The doors that mail something to the owner of an address.
const MAILING: [&str; 3] = [contacts::FORGOT, mern::SEND, ego::REQUEST_RESET];

#[actix_web::test]
async fn nothing_that_anyone_may_read_tells_whether_an_address_has_an_account() {
    let body = |email: &str| json!({ "email": email, "tokenPurpose": "reset-password" });
    for door in MAILING {
        let mut seen = Vec::new();
        for email in [contacts::ALICE, "nobody@example.com"] {
            let test = TestApp::without_limits().await;
            contacts::register_alice(&test).await;
            test.post(door, &body(email)).await;
            assert_eq!(test.mails(email).await.len(), usize::from(email == contacts::ALICE), "{door}");
            let mut answers = Vec::new();
            for path in ["/health/live", "/health/ready", "/openapi.json"] {
                let answer = test.send(get(path)).await;
                answers.push((answer.status, answer.text));
            }
            seen.push(answers);
        }
        assert_eq!(seen[0], seen[1], "after {door}");
        assert_eq!(seen[0][1].1, r#"{"status":"ready","store":"ok","pending_migrations":0}"#);
    }
}
