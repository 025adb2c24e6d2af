//! What the log says of a request that could not be served.

use serde_json::Value;
use vestibule_testkit::BrokenStore;
use vestibule_testkit::Lines;

use crate::{contacts, ego, mern, support::Answer};

/// What every dialect answers on a store with something the matter, and what is logged meanwhile.
async fn answers_and_lines_on(store: BrokenStore) -> (Vec<Answer>, Vec<Value>) {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt().json().with_writer(move || writer.clone()).finish();
    let guard = tracing::subscriber::set_default(subscriber);
    let mut answers = contacts::faults::answers_on(store).await;
    answers.extend(mern::faults::answers_on(store).await);
    answers.extend(ego::faults::answers_on(store).await);
    drop(guard);
    (answers, lines.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

/// The level of each line that is not one of those that every request has, with its message and the request's id.
fn faults(lines: &[Value]) -> Vec<(&str, &str, &str)> {
    let all =
        lines.iter().map(|line| (text(&line["level"]), text(&line["fields"]["message"]), text(&line["span"]["id"])));
    all.filter(|(_, message, _)| *message != "answered").collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[track_caller]
fn assert_one_line_each(answers: &[Answer], lines: &[Value], level: &str, message: &str) {
    let expected: Vec<_> = answers.iter().map(|answer| (level, message, answer.header("x-request-id"))).collect();
    assert!(expected.iter().all(|(_, _, id)| !id.is_empty()), "{expected:?}");
    assert_eq!(faults(lines), expected);
}

#[actix_web::test]
async fn every_500_has_one_error_in_the_log_with_its_id_its_cause_and_the_line_of_the_use_case() {
    let (answers, lines) = answers_and_lines_on(BrokenStore::Failing).await;
    assert!(answers.iter().all(|answer| answer.status == 500), "{answers:?}");
    assert_one_line_each(&answers, &lines, "ERROR", "a request failed");
    for line in lines.iter().filter(|line| line["level"] == "ERROR") {
        assert!(line["fields"]["error"].as_str().unwrap().contains("a secret of the inside"), "{line}");
        let at = text(&line["fields"]["at"]);
        assert!(at.starts_with("crates/application/src/") && !at.contains("/fault.rs"), "{line}");
    }
}

#[actix_web::test]
async fn every_503_of_a_busy_store_has_one_warning_in_the_log_with_its_id() {
    let (answers, lines) = answers_and_lines_on(BrokenStore::Busy).await;
    assert!(answers.iter().all(|answer| answer.status == 503), "{answers:?}");
    assert_one_line_each(&answers, &lines, "WARN", "a request was put off");
}

#[actix_web::test]
async fn while_the_store_is_away_one_request_in_a_while_has_a_warning_with_its_id_and_cause() {
    let (answers, lines) = answers_and_lines_on(BrokenStore::Away).await;
    assert!(answers.iter().all(|answer| answer.status == 503), "{answers:?}");
    let first = answers[0].header("x-request-id");
    assert_eq!(faults(&lines), [("WARN", "a request was put off", first)]);
}
