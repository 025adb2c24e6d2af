//! A reader of the output that stalls, such as a container runtime or a terminal after Ctrl-S.

use std::{
    io::{BufRead, BufReader, ErrorKind, PipeReader, PipeWriter, Write, pipe},
    net::SocketAddr,
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::support::{
    Connection, PATIENCE, Request, Server, Setup,
    contacts::email,
    metrics::{metrics, value},
    setup::free_port,
    within,
};

/// More lines than the pipe and the buffer can take.
const REQUESTS: usize = 8_000;
/// How long the shutdown may take if only the log is unfinished.
const SOON: Duration = Duration::from_secs(6);

/// A pipe that takes nothing more, however large the system makes it.
fn full_pipe() -> (PipeReader, PipeWriter) {
    let (reader, mut writer) = pipe().unwrap();
    rustix::io::ioctl_fionbio(&writer, true).unwrap();
    for size in [4096, 1] {
        let refused = loop {
            if let Err(error) = writer.write(&vec![b'x'; size]) {
                break error;
            }
        };
        assert_eq!(refused.kind(), ErrorKind::WouldBlock);
    }
    // It is shared with the server.
    rustix::io::ioctl_fionbio(&writer, false).unwrap();
    (reader, writer)
}

/// Sends many requests on one connection; the ids of those answered.
fn many(address: SocketAddr, count: usize) -> Vec<String> {
    let mut connection = Connection::open(address).unwrap();
    let ask = |_| {
        // Unlike those about health, these are logged at INFO.
        let reply = connection.call(&Request::get("/nowhere")).unwrap();
        assert_eq!(reply.status, 404, "{reply:?}");
        reply.header("x-request-id").unwrap().to_owned()
    };
    (0..count).map(ask).collect()
}

fn dropped(server: &Server) -> f64 {
    value(&metrics(server), "log_lines_dropped_total", &[])
}

fn assert_ends_soon(server: &mut Server) {
    let asked = Instant::now();
    server.terminate();
    assert_eq!(server.wait(PATIENCE).code(), Some(0));
    assert!(asked.elapsed() < SOON, "{:?}", asked.elapsed());
}

#[test]
fn a_server_whose_log_is_not_read_answers_every_request_and_counts_the_lines_that_it_drops() {
    let (reader, writer) = pipe().unwrap();
    let setup = Setup::memory().unlimited().with("VESTIBULE_METRICS_LISTEN", "127.0.0.1:0");
    let mut server = setup.launch_onto(None, Some(writer));
    server.wait_until_up();
    assert!(dropped(&server).abs() < 0.1);
    let mut sent = many(server.address(), REQUESTS);
    server.register(&email());
    let count = dropped(&server);
    assert!(count > 0.0);

    let lines = Arc::new(Mutex::new(Vec::<Value>::new()));
    let collected = Arc::clone(&lines);
    let reading = thread::spawn(move || {
        for line in BufReader::new(reader).lines() {
            let line = line.unwrap();
            collected.lock().unwrap().push(serde_json::from_str(&line).unwrap_or_else(|_| panic!("{line}")));
        }
    });
    let told = within(PATIENCE, "the line about the gap", || {
        let is_it = |line: &&Value| line["message"].as_str().is_some_and(|text| text.contains("lines were dropped"));
        lines.lock().unwrap().iter().find(is_it).cloned()
    });
    assert_eq!((told["level"].as_str(), told["lines"].as_f64()), (Some("WARN"), Some(count)), "{told}");
    let after = many(server.address(), 10);
    sent.extend_from_slice(&after);
    server.stop();
    reading.join().unwrap();

    let lines = lines.lock().unwrap();
    let logged: Vec<&str> = lines
        .iter()
        .filter(|line| line["route"] == "unmatched")
        .filter_map(|line| line["span"]["id"].as_str())
        .collect();
    // In order, and without another gap: those before the gap, then those after it.
    let before = logged.len() - after.len();
    assert_eq!(logged[..before], sent[..before]);
    assert_eq!(logged[before..], after);
}

#[test]
fn the_gap_is_told_with_a_filter_that_names_other_modules() {
    let (reader, writer) = pipe().unwrap();
    let setup = Setup::memory().unlimited().with("RUST_LOG", "vestibule_http=debug");
    let mut server = setup.launch_onto(None, Some(writer));
    server.wait_until_up();
    many(server.address(), REQUESTS);
    let reading = thread::spawn(move || {
        BufReader::new(reader).lines().filter(|line| line.as_ref().unwrap().contains("lines were dropped")).count()
    });
    server.stop();
    assert_eq!(reading.join().unwrap(), 1);
}

#[test]
fn a_server_whose_log_is_not_read_ends_soon_after_it_is_told_to() {
    let (_reader, writer) = pipe().unwrap();
    let mut server = Setup::memory().unlimited().launch_onto(None, Some(writer));
    server.wait_until_up();
    many(server.address(), REQUESTS);
    assert_ends_soon(&mut server);
}

#[test]
fn a_server_starts_serves_and_ends_where_neither_its_greeting_nor_its_log_is_taken() {
    let (_reader, writer) = full_pipe();
    let port = free_port();
    let setup = Setup::memory().unlimited().with("VESTIBULE_LISTEN", format!("127.0.0.1:{port}"));
    let mut server = setup.launch_onto(Some(writer.try_clone().unwrap()), Some(writer));
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    within(PATIENCE, "an answer", || Connection::open(address).ok()?.call(&Request::get("/health/live")).ok());
    many(address, REQUESTS);
    assert_ends_soon(&mut server);
}

#[test]
fn a_start_that_fails_ends_where_its_reason_is_not_taken() {
    let (_reader, writer) = full_pipe();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let setup = Setup::memory().with("VESTIBULE_LISTEN", taken.local_addr().unwrap().to_string());
    let mut server = setup.launch_onto(None, Some(writer));
    assert_eq!(server.wait(PATIENCE).code(), Some(1));
}

#[test]
fn a_reader_that_has_gone_costs_lines_and_nothing_else() {
    let (reader, writer) = pipe().unwrap();
    let setup = Setup::memory().unlimited().with("VESTIBULE_METRICS_LISTEN", "127.0.0.1:0");
    let mut server = setup.launch_onto(None, Some(writer));
    server.wait_until_up();
    drop(reader);
    many(server.address(), REQUESTS);
    assert!(dropped(&server) > 0.0);
    let asked = Instant::now();
    server.stop();
    assert!(asked.elapsed() < SOON, "{:?}", asked.elapsed());
}

#[test]
fn a_command_whose_reader_has_gone_ends_without_a_panic() {
    for arguments in [&["version"][..], &["config", "print"], &["openapi"], &["--help"]] {
        let mut child = Setup::sqlite().spawn(arguments);
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code().is_some_and(|code| code <= 1), "{arguments:?} {:?}: {complaint}", output.status);
        assert!(!complaint.contains("panicked"), "{arguments:?}: {complaint}");
    }
}
