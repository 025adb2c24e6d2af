//! Codes and reset tokens under concurrent requests.

use futures_util::future::join_all;

use super::{another_code, login, register_alice, request_code, reset, reset_token, verify};
use crate::support::TestApp;

const AT_ONCE: usize = 10;

#[actix_web::test]
async fn of_many_uses_of_one_code_one_wins() {
    let app = TestApp::without_limits().await;
    register_alice(&app).await;
    let code = request_code(&app).await;
    let answers = join_all((0..AT_ONCE).map(|_| verify(&app, &code))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    assert_eq!(answers.iter().filter(|answer| answer.status == 400).count(), AT_ONCE - 1);
}

#[actix_web::test]
async fn of_many_uses_of_one_reset_token_one_wins() {
    let app = TestApp::without_limits().await;
    register_alice(&app).await;
    let token = reset_token(&app).await;
    let passwords: Vec<String> = (0..AT_ONCE).map(|number| format!("new password {number}")).collect();
    let answers = join_all(passwords.iter().map(|password| reset(&app, &token, password))).await;
    let won: Vec<usize> = (0..AT_ONCE).filter(|index| answers[*index].status == 200).collect();
    assert_eq!(won.len(), 1);
    assert_eq!(login(&app, &passwords[won[0]]).await.status, 200);
}

#[actix_web::test]
async fn wrong_tries_at_once_are_all_counted() {
    let app = TestApp::without_limits().await;
    register_alice(&app).await;
    let code = request_code(&app).await;
    let wrong = another_code(&code);
    join_all((0..5).map(|_| verify(&app, &wrong))).await;
    assert_eq!(verify(&app, &code).await.status, 400);
}
