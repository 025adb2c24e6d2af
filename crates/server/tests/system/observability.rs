//! Metrics and log lines, as an operator sees them.

use std::{io::Write, net::TcpStream};

use serde_json::{Value, json};

use crate::support::{
    PASSWORD, PATIENCE, Request, Server, Setup,
    contacts::{email, forgot_password, login, me},
    metrics::{metrics, value},
    within,
};

#[test]
fn the_promised_metrics_are_there_and_count() {
    let server = Setup::sqlite().with("VESTIBULE_METRICS_LISTEN", "127.0.0.1:0").start();
    let account = server.register(&email());
    for _ in 0..3 {
        assert_eq!(server.me(&account.token), 200);
    }
    assert_eq!(server.call(&login(&account.email, "wrong password")).status, 401);
    server.get("/nowhere/for/alice@example.com");
    server.call(&Request::get("/a").method("BREW"));
    let page = metrics(&server);
    let me = [r#"route="/api/auth/me""#, r#"method="GET""#, r#"status="200""#];
    assert!((value(&page, "http_requests_total", &me) - 3.0).abs() < 0.1);
    assert!((value(&page, "http_request_duration_seconds_count", &me) - 3.0).abs() < 0.1);
    assert!(value(&page, "http_request_duration_seconds_sum", &me) > 0.0);
    let refused = [r#"route="/api/auth/login""#, r#"status="401""#];
    assert!((value(&page, "http_requests_total", &refused) - 1.0).abs() < 0.1);
    for (name, labels) in [
        ("password_hash_queue", &[][..]),
        ("store_connections", &[r#"state="busy""#]),
        ("store_connections", &[r#"state="idle""#]),
        ("store_connections", &[r#"state="limit""#]),
        ("outbox_waiting", &[]),
        ("outbox_oldest_seconds", &[]),
        ("outbox_dead", &[]),
        ("log_lines_dropped_total", &[]),
    ] {
        assert!(value(&page, name, labels) >= 0.0, "{name}");
        assert!(page.contains(&format!("# HELP {name} ")), "{name} is not explained");
    }
    assert!((value(&page, "store_up", &[]) - 1.0).abs() < 0.1);
    for secret in [account.email.as_str(), "alice@example.com", "BREW", &account.id] {
        assert!(!page.contains(secret), "{secret} is in\n{page}");
    }
    for result in ["delivered", "retried", "dead"] {
        let labels = [format!(r#"result="{result}""#)];
        assert!(value(&page, "mail_deliveries_total", &[labels[0].as_str()]) >= 0.0, "{result}");
    }
    assert!((value(&page, "build_info", &[&format!(r#"version="{}""#, env!("CARGO_PKG_VERSION"))]) - 1.0).abs() < 0.1);
    for name in [
        "process_cpu_seconds_total",
        "process_start_time_seconds",
        "process_resident_memory_bytes",
        "process_virtual_memory_bytes",
        "process_threads",
        "process_open_fds",
        "process_max_fds",
    ] {
        assert!(value(&page, name, &[]) > 0.0, "{name}");
        assert!(page.contains(&format!("# TYPE {name} ")), "{name} has no type");
    }
    // They have a listener of their own.
    assert_eq!(server.get("/metrics").status, 404);
    server.stop();
}

#[test]
fn a_store_that_is_away_shows_in_the_metrics() {
    let setup = Setup::sqlite().with("VESTIBULE_METRICS_LISTEN", "127.0.0.1:0");
    let server = setup.start();
    std::fs::remove_file(setup.database_file()).unwrap();
    assert_eq!(server.get("/health/ready").status, 503);
    let page = metrics(&server);
    assert!(value(&page, "store_up", &[]).abs() < 0.1);
    assert!(value(&page, "outbox_waiting", &[]).is_nan());
    server.stop();
}

#[test]
fn each_request_has_one_line_with_its_id() {
    let server = Setup::memory().start();
    let account = server.register(&email());
    let requests = [
        (me(&account.token), "/api/auth/me", 200),
        (login(&account.email, "wrong password"), "/api/auth/login", 401),
        (forgot_password(&account.email), "/api/auth/forgot-password", 200),
        (Request::get("/nowhere?token=abc"), "unmatched", 404),
        (Request::post("/api/auth/login", &json!([PASSWORD])), "/api/auth/login", 400),
    ];
    for (request, route, status) in requests {
        let reply = server.call(&request);
        let id = reply.header("x-request-id").unwrap().to_owned();
        let lines: Vec<Value> = server.log_lines().into_iter().filter(|line| line.to_string().contains(&id)).collect();
        let [line] = &lines[..] else { panic!("{lines:?} for {reply:?}") };
        assert_eq!((&line["route"], &line["status"]), (&json!(route), &json!(status)), "{line}");
        assert!(line["timestamp"].is_string() && line["method"].is_string() && line["micros"].is_u64(), "{line}");
        assert_eq!(line["span"]["client"], "127.0.0.1", "{line}");
    }
    server.get("/health/live");
    server.get("/health/ready");
    assert!(!server.log().contains("/health/"), "{}", server.log());
    assert!(!server.log().contains("token=abc") && !server.log().contains("nowhere"), "{}", server.log());
    server.stop();
}

/// Sends a sign-in and breaks the connection off: what closes with an answer unread resets it.
fn break_off(server: &Server) {
    let mut connection = TcpStream::connect(server.address()).unwrap();
    for request in [Request::get("/health/live"), login(&email(), PASSWORD)] {
        connection.write_all(&request.bytes()).unwrap();
    }
    connection.peek(&mut [0]).unwrap();
}

#[test]
fn a_request_whose_client_goes_away_has_one_line_and_is_counted() {
    // One hash at a time, each of which takes a while: the sign-in is surely not answered at once.
    let setup = Setup::memory().unlimited().with("VESTIBULE_HASH_THREADS", "1").with("VESTIBULE_BCRYPT_COST", "13");
    let server = setup.with("VESTIBULE_METRICS_LISTEN", "127.0.0.1:0").start();
    let gone = || server.log_lines().into_iter().filter(|line| line["status"] == 499).collect::<Vec<_>>();
    // A request that is cancelled before the server begins with it leaves nothing.
    let lines = within(PATIENCE, "a line", || {
        break_off(&server);
        Some(gone()).filter(|lines| !lines.is_empty())
    });
    let line = &lines[0];
    assert_eq!((&line["route"], &line["method"]), (&json!("/api/auth/login"), &json!("POST")), "{line}");
    assert!(line["micros"].is_u64() && line["span"]["id"].is_string(), "{line}");
    let page = metrics(&server);
    assert!(value(&page, "http_requests_total", &[r#"route="/api/auth/login""#, r#"status="499""#]) > 0.9, "{page}");
    server.stop();
}

#[test]
fn checks_of_health_are_logged_where_details_are_wanted() {
    let server = Setup::memory().with("RUST_LOG", "vestibule_http=debug").start();
    server.get("/health/live");
    let lines = server.log_lines();
    let line = lines.iter().find(|line| line["route"] == "/health/live").unwrap();
    assert_eq!(line["level"], "DEBUG");
    server.stop();
}

#[test]
fn the_client_behind_a_trusted_proxy_is_the_one_in_the_log() {
    let server = Setup::memory().with("VESTIBULE_TRUSTED_PROXIES", "127.0.0.0/8").start();
    server.call(&Request::get("/nowhere").header("X-Forwarded-For", "192.0.2.7"));
    let lines = server.log_lines();
    let line = lines.iter().find(|line| line["route"] == "unmatched").unwrap();
    assert_eq!(line["span"]["client"], "192.0.2.7", "{line}");
    server.stop();
}

#[test]
fn where_log_lines_are_json_everything_that_a_server_writes_is() {
    let setup = Setup::memory().with("VESTIBULE_PUBLIC_URL", "https://accounts.shop.test");
    let server = setup.start();
    let lines = server.log_lines();
    let started = lines.iter().find(|line| line["message"] == "started").unwrap_or_else(|| panic!("{lines:?}"));
    assert_eq!(started["listen"], server.address().to_string());
    assert_eq!((&started["store"], &started["url"]), (&json!("memory"), &json!("https://accounts.shop.test")));
    assert_eq!(started["version"], env!("CARGO_PKG_VERSION"));
    let greeting: Value = serde_json::from_str(&server.greeting()).unwrap();
    assert_eq!(greeting["listen"], started["listen"]);

    // A start that fails, for a reason that is found early or late.
    let taken = Setup::memory().with("VESTIBULE_LISTEN", server.address().to_string());
    let wrong = Setup::memory().with("VESTIBULE_BCRYPT_COST", "4");
    for (setup, words, code) in [(taken, "cannot listen on", 1), (wrong, "give a number from 10", 3)] {
        let outcome = setup.run(&["serve"]).expect(code);
        let lines: Vec<Value> = outcome.stderr.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let last = lines.last().unwrap();
        assert!(last["message"].as_str().unwrap().contains(words), "{last}");
        assert_eq!((&last["level"], &last["exit"]), (&json!("ERROR"), &json!(code)));
        let text = setup.with("VESTIBULE_LOG_FORMAT", "text").run(&["serve"]).expect(code).stderr;
        assert!(!text.contains('{') && text.contains(words), "{text}");
    }
    server.stop();
}

#[test]
fn an_id_is_taken_from_a_trusted_proxy_alone() {
    let request = Request::get("/health/live").header("X-Request-Id", "from-the-proxy");
    let direct = Setup::memory().start();
    assert_ne!(direct.call(&request).header("x-request-id"), Some("from-the-proxy"));
    let behind = Setup::memory().with("VESTIBULE_TRUSTED_PROXIES", "127.0.0.0/8").start();
    assert_eq!(behind.call(&request).header("x-request-id"), Some("from-the-proxy"));
    let two = request.header("X-Request-Id", "of-the-client");
    assert!(!["from-the-proxy", "of-the-client"].contains(&behind.call(&two).header("x-request-id").unwrap()));
    let forged = Request::get("/health/live").header("X-Request-Id", "x".repeat(65));
    assert_ne!(behind.call(&forged).header("x-request-id").map(str::len), Some(65));
}

#[test]
fn log_lines_are_text_where_that_is_wanted() {
    let server = Setup::memory().with("VESTIBULE_LOG_FORMAT", "text").start();
    let reply = server.get("/nowhere");
    let log = server.log();
    assert!(log.contains(reply.header("x-request-id").unwrap()) && !log.contains('\u{1b}'), "{log}");
    assert!(!log.starts_with('{'), "{log}");
    server.stop();
}
