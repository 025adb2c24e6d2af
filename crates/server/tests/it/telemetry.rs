//! Log lines.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};

use vestibule_server::{
    config::{Log, LogFormat},
    telemetry,
};

use crate::support::config;

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What is logged of a few events.
fn logged(log: &Log, is_terminal: bool) -> String {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = telemetry::subscriber(log, move || writer.clone(), is_terminal).unwrap();
    tracing::subscriber::with_default(subscriber, || {
        let _request = tracing::info_span!("request", request_id = "r-1").entered();
        tracing::info!(answer = 42, "ours");
        tracing::debug!("details");
        tracing::info!(target: "sqlx::query", "select 1");
        tracing::info!(target: "actix_server::builder", "starting 2 workers");
    });
    let bytes = lines.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap()
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
