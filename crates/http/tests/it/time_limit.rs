//! Requests that take longer than they may.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};
use vestibule_domain::Role;
use vestibule_http::{HttpOptions, RequestLimits};
use vestibule_testkit::BrokenStore;

use crate::{
    confusion, contacts, ego, mern,
    support::{Answer, Setup, TestApp, get},
};

/// A service that gives up soon, on a store that never answers.
async fn hanging() -> TestApp {
    let requests = RequestLimits { handler_time: Duration::from_millis(2), ..RequestLimits::default() };
    let options = HttpOptions { requests, ..HttpOptions::default() };
    TestApp::with(Setup { options, store: Arc::new(BrokenStore::Hanging), ..Setup::default() }).await
}

/// A token of a dialect that is good but for the store.
async fn token(dialect: &str) -> String {
    let tokens = confusion::tokens(&TestApp::without_limits().await, Role::Root).await;
    let found = tokens.into_iter().find(|(key, _)| (key.dialect, key.kind) == (dialect, "access"));
    found.expect("a token").1
}

#[track_caller]
fn assert_given_up(answer: &Answer) {
    assert_eq!((answer.status, answer.header("retry-after")), (503, "1"));
    assert!(!answer.header("x-request-id").is_empty());
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
}

#[track_caller]
fn assert_given_up_by_contacts(answer: &Answer) {
    contacts::assert_failed(answer, 503, "Service unavailable");
    assert_given_up(answer);
}

#[track_caller]
fn assert_given_up_by_mern(answer: &Answer) {
    mern::assert_failed(answer, 503, "Service unavailable");
    assert_given_up(answer);
}

fn credentials() -> Value {
    json!({ "email": contacts::ALICE, "password": contacts::PASSWORD })
}

#[actix_web::test]
async fn a_request_that_takes_too_long_is_given_up_in_the_envelope_of_contacts() {
    let app = hanging().await;
    assert_given_up_by_contacts(&app.post(contacts::LOGIN, &credentials()).await);
    assert_given_up_by_contacts(&app.get_as(&token("contacts").await, contacts::ME).await);
}

#[actix_web::test]
async fn a_request_that_takes_too_long_is_given_up_in_the_envelope_of_mern() {
    let app = hanging().await;
    assert_given_up_by_mern(&app.post(mern::SIGN_IN, &credentials()).await);
    assert_given_up_by_mern(&app.get_as(&token("mern").await, mern::PROFILE).await);
}

#[actix_web::test]
async fn a_request_that_takes_too_long_is_given_up_in_the_envelope_of_ego() {
    let app = hanging().await;
    let token = token("ego").await;
    for answer in [app.post(ego::LOGIN, &credentials()).await, app.get_as(&token, ego::PROFILE).await] {
        ego::assert_failed(&answer, ego::UNAVAILABLE);
        assert_given_up(&answer);
    }
}

#[actix_web::test]
async fn a_request_of_no_dialect_that_takes_too_long_is_given_up_as_a_problem() {
    let answer = hanging().await.send(get("/health/ready")).await;
    assert_eq!((answer.status, answer.header("content-type")), (503, "application/problem+json"));
    assert_eq!(answer.header("retry-after"), "5");
    assert!(!answer.header("x-request-id").is_empty());
}

#[actix_web::test]
async fn slashes_and_case_that_the_router_looks_over_do_not_give_a_path_to_another_dialect() {
    let app = hanging().await;
    for path in ["/api/auth/login/", "//api/auth//login"] {
        assert_given_up_by_contacts(&app.post(path, &credentials()).await);
    }
    for path in ["/api/auth/signin/", "/API/Auth/SignIn"] {
        assert_given_up_by_mern(&app.post(path, &credentials()).await);
    }
}
