//! Log lines.

use serde_json::json;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use vestibule_server::{
    config::{Log, LogFormat},
    telemetry,
};
use vestibule_testkit::Lines;

use crate::support::config;

/// What is logged of some work.
fn logged_of(log: &Log, is_terminal: bool, work: impl FnOnce()) -> String {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = telemetry::subscriber(log, move || writer.clone(), is_terminal).unwrap();
    tracing::subscriber::with_default(subscriber, work);
    lines.text()
}

/// What is logged of a few events.
fn logged(log: &Log, is_terminal: bool) -> String {
    logged_of(log, is_terminal, || {
        let _request = tracing::info_span!("request", request_id = "r-1").entered();
        tracing::info!(answer = 42, "ours");
        tracing::debug!("details");
        tracing::info!(target: "sqlx::query", "select 1");
        tracing::info!(target: "actix_server::builder", "starting 2 workers");
    })
}

/// Panics as a request of the server would.
fn panic_on_purpose() {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(telemetry::log_panic));
    let _request = tracing::info_span!("request", id = "r-1").entered();
    std::panic::catch_unwind(|| panic!("on {}", "purpose")).unwrap_err();
    std::panic::set_hook(hook);
}

#[test]
fn by_default_statements_and_framework_noise_are_left_out() {
    let text = logged(&config(&[]).log, false);
    assert_eq!(text.lines().count(), 1, "{text}");
    let line: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!((line["message"].as_str(), line["answer"].as_i64()), (Some("ours"), Some(42)));
    assert_eq!(line["span"]["request_id"], "r-1");
}

#[test]
fn a_filter_of_ones_own_replaces_the_default() {
    let text = logged(&config(&[("RUST_LOG", "debug")]).log, false);
    assert_eq!(text.lines().count(), 4, "{text}");
}

#[test]
fn a_terminal_gets_coloured_text_and_a_file_plain() {
    let log = |format| Log { filter: "info".to_owned(), format };
    assert!(logged(&log(None), true).contains('\u{1b}'));
    let plain = logged(&log(Some(LogFormat::Text)), false);
    assert!(plain.contains("ours answer=42") && !plain.contains('\u{1b}'), "{plain}");
    assert!(logged(&log(Some(LogFormat::Json)), true).starts_with('{'));
}

#[test]
fn a_line_holds_every_kind_of_value_and_any_text() {
    let lines = Lines::default();
    let writer = lines.clone();
    let log = Log { filter: "info".to_owned(), format: Some(LogFormat::Json) };
    let subscriber = telemetry::subscriber(&log, move || writer.clone(), false).unwrap();
    let hostile = "\"quoted\" back\\slash\nline\ttab\u{1b}[31m\u{7f}\u{0}é😀";
    tracing::subscriber::with_default(subscriber, || {
        let outer = tracing::info_span!("outer", lost = 1).entered();
        let span =
            tracing::info_span!("inner", id = hostile, later = tracing::field::Empty, last = tracing::field::Empty);
        span.record("later", true);
        span.record("last", 7);
        let _inner = span.entered();
        let (whole, real, none) = (-3_i64, 0.5, f64::NAN);
        tracing::warn!(whole, real, none, big = u128::MAX, text = hostile, debug = ?hostile, "{hostile}");
        drop(outer);
    });
    let text = lines.text();
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(text.contains(&format!(r#""big":{}"#, u128::MAX)), "{text}");
    let line: serde_json::Value = serde_json::from_str(&text.replace(&u128::MAX.to_string(), "0")).unwrap();
    let timestamp = line["timestamp"].as_str().unwrap();
    assert!(OffsetDateTime::parse(timestamp, &Rfc3339).is_ok(), "{timestamp}");
    assert_eq!((line["level"].as_str(), line["target"].as_str()), (Some("WARN"), Some(module_path!())));
    assert_eq!((&line["whole"], &line["real"], &line["none"]), (&json!(-3), &json!(0.5), &json!(null)));
    assert_eq!((line["text"].as_str(), line["message"].as_str()), (Some(hostile), Some(hostile)));
    assert_eq!(line["debug"], format!("{hostile:?}"));
    assert_eq!(line["span"], json!({ "id": hostile, "later": true, "last": 7, "name": "inner" }));
}

#[test]
fn a_panic_is_one_line_that_says_where() {
    let log = Log { filter: "info".to_owned(), format: Some(LogFormat::Json) };
    let text = logged_of(&log, false, panic_on_purpose);
    assert_eq!(text.lines().count(), 1, "{text}");
    let line: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&line["level"], &line["message"]), (&json!("ERROR"), &json!("panicked: on purpose")));
    assert!(line["place"].as_str().is_some_and(|place| place.contains("telemetry.rs:")), "{line}");
    assert_eq!(line["span"]["id"], "r-1");
}

#[test]
fn a_panic_and_a_gap_are_told_with_every_filter_but_off() {
    for (filter, lines) in [
        ("vestibule_http=debug", 2),
        ("vestibule_server=off", 2),
        ("sqlx=off", 2),
        ("error", 2),
        ("off", 0),
        (" OFF ", 0),
        ("vestibule_server::telemetry=off,vestibule_server::log_buffer=error", 0),
    ] {
        let text = logged_of(&config(&[("RUST_LOG", filter)]).log, false, || {
            panic_on_purpose();
            tracing::warn!(target: "vestibule_server::log_buffer", "lines were dropped");
            tracing::warn!(target: "vestibule_server::serve", "something else");
        });
        assert_eq!(text.lines().count(), lines, "{filter}: {text}");
    }
}
