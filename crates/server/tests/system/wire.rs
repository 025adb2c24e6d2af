//! What clients send that is not quite HTTP, or more than is wanted; and the headers of every kind of answer.

use std::{
    io::ErrorKind,
    time::{Duration, Instant},
};

use serde_json::json;

use crate::support::{Connection, PASSWORD, Reply, Request, Server, Setup, assert_failed, contacts::login};

const LOGIN: &str = "POST /api/auth/login HTTP/1.1\r\nHost: localhost\r\n";

/// Sends bytes and reads one answer, which is never an internal error.
fn send(server: &Server, bytes: &[u8]) -> Reply {
    let mut connection = server.connect();
    // The server may have said enough, and closed, before the last byte.
    let _ = connection.send(bytes);
    let reply = connection.reply().unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(bytes)));
    assert!(reply.status < 500, "{reply:?} to {}", String::from_utf8_lossy(bytes));
    reply
}

fn post(headers: &str, body: &[u8]) -> Vec<u8> {
    [LOGIN.as_bytes(), headers.as_bytes(), b"\r\n", body].concat()
}

fn assert_still_serves(server: &Server) {
    assert_eq!(server.get("/health/ready").status, 200);
    assert_failed(&server.call(&login("nobody@shop.test", PASSWORD)), 401, "Invalid credentials");
    for line in server.log_lines() {
        assert!(line["level"] != "ERROR", "a client's error is logged as the server's: {line}");
    }
}

#[test]
fn what_is_no_http_is_refused_and_nothing_else_suffers() {
    let server = Setup::memory().unlimited().start();
    let long_path = format!("GET /api/auth/{} HTTP/1.1\r\nHost: x\r\n\r\n", "a".repeat(70_000));
    let many_headers = format!("GET /api/auth/me HTTP/1.1\r\nHost: x\r\n{}\r\n", "X-A: a\r\n".repeat(500));
    for bytes in [
        &b"GET /api/auth/\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n"[..],
        b"\x16\x03\x01\x02\x00hello\r\n\r\n",
        b"HELLO\r\n\r\n",
        b"GET /health/live HTTP/9.9\r\nHost: x\r\n\r\n",
        b"GET /health/live HTTP/1.1\r\nno colon here\r\n\r\n",
        &post("Content-Length: -1\r\n", b"{}"),
        &post("Content-Length: 99999999999999999999999999\r\n", b"{}"),
        &post("Content-Length: 2\r\nContent-Length: 3\r\n", b"{}"),
        &post("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n"),
        long_path.as_bytes(),
        many_headers.as_bytes(),
    ] {
        let reply = send(&server, bytes);
        assert!(matches!(reply.status, 400 | 414 | 431), "{reply:?} to {}", String::from_utf8_lossy(bytes));
        assert_eq!(reply.header("connection"), Some("close"), "{reply:?}");
    }
    assert_still_serves(&server);
    server.stop();
}

#[test]
fn a_path_that_is_no_text_is_unknown() {
    let server = Setup::memory().unlimited().start();
    for path in ["/api/auth/%ff%fe", "/api/auth/%00me", "/api/auth/../../etc/passwd", "/api/auth/me/%2e%2e"] {
        let reply = server.get(path);
        assert_eq!((reply.status, &reply.json()), (404, &json!({ "error": { "message": "Not Found" } })), "{path}");
    }
    for path in ["/%ff", "/etc/passwd", "/stories/%00"] {
        let reply = server.get(path);
        assert_eq!((reply.status, reply.header("content-type")), (404, Some("application/problem+json")));
    }
    for query in ["?to=%ff", "?to=a@b.test&to=c@d.test", "?to=", "?to"] {
        let reply = server.get(&format!("/dev/mailbox/messages{query}"));
        assert_eq!((reply.status, reply.header("content-type")), (400, Some("application/problem+json")), "{query}");
    }
    assert_still_serves(&server);
    server.stop();
}

#[test]
fn a_body_that_is_no_json_object_is_refused_in_the_envelope() {
    let server = Setup::memory().unlimited().start();
    let deep = "[".repeat(10_000);
    for body in [&b"{\"email\":\"\xff\xfe\"}"[..], b"\xc3\x28", b"{", b"[]", b"null", b"\"text\"", deep.as_bytes()] {
        let request = post(&format!("Content-Length: {}\r\n", body.len()), body);
        assert_failed(&send(&server, &request), 400, "Invalid request body");
    }
    assert_failed(&send(&server, &post("Transfer-Encoding: chunked\r\n", b"zz\r\n")), 400, "Invalid request body");
    let zipped = post("Content-Encoding: gzip\r\nContent-Length: 2\r\n", b"{}");
    assert_failed(&send(&server, &zipped), 400, "Invalid request body");
    assert_still_serves(&server);
    server.stop();
}

#[test]
fn a_body_over_the_limit_is_refused_without_reading_it_all() {
    let server = Setup::memory().unlimited().start();
    let declared = post("Content-Length: 10000000000\r\n", b"{");
    assert_failed(&send(&server, &declared), 413, "Request body too large");

    let chunk = format!("{:x}\r\n{}\r\n", 60_000, "x".repeat(60_000));
    let mut connection = server.connect();
    connection.send(post("Transfer-Encoding: chunked\r\n", b"")).unwrap();
    for _ in 0..2 {
        connection.send(&chunk).unwrap();
    }
    assert_failed(&connection.reply().unwrap(), 413, "Request body too large");
    // It goes on for ever, and is not listened to for ever.
    let began = Instant::now();
    while connection.send(&chunk).is_ok() {
        assert!(began.elapsed() < Duration::from_secs(20), "the server reads on");
    }
    assert_still_serves(&server);
    server.stop();
}

#[test]
fn a_client_that_waits_to_send_its_body_is_told_to() {
    let server = Setup::memory().unlimited().start();
    let body = json!({ "email": "nobody@shop.test", "password": PASSWORD }).to_string();
    let mut connection = server.connect();
    let head = format!("{LOGIN}Expect: 100-continue\r\nContent-Length: {}\r\n\r\n", body.len());
    connection.send(head).unwrap();
    assert_eq!(connection.reply().unwrap().status, 100);
    connection.send(body).unwrap();
    assert_failed(&connection.reply().unwrap(), 401, "Invalid credentials");
    server.stop();
}

#[test]
fn a_head_that_comes_too_slowly_is_given_up() {
    let server = Setup::memory().unlimited().start();
    let began = Instant::now();
    let mut slow: Vec<Connection> = (0..3).map(|_| server.connect()).collect();
    slow[1].send("GET /health/live HTTP/1.1\r\nHo").unwrap();
    slow[2].send("POST ").unwrap();
    for connection in &mut slow {
        let status = connection.reply().map(|reply| reply.status);
        let gone = status.as_ref().is_err_and(|error| error.kind() == ErrorKind::UnexpectedEof);
        assert!(gone || status.as_ref().is_ok_and(|status| *status == 408), "{status:?}");
    }
    assert!((4..9).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
    assert_still_serves(&server);
    server.stop();
}

#[test]
fn a_token_that_is_too_long_is_no_token() {
    let server = Setup::memory().unlimited().start();
    for length in [4_097, 8_192, 60_000] {
        let reply = server.call(&Request::get("/api/auth/me").bearer(&"a".repeat(length)));
        assert_failed(&reply, 401, "Not authorized, no token");
    }
    for value in ["Bearer", "Bearer ", "bearer a", "Basic YTpi", "Bearer a b", "\u{fc}", ""] {
        let reply = server.call(&Request::get("/api/auth/me").header("Authorization", value));
        assert_failed(&reply, 401, "Not authorized, no token");
    }
    assert_still_serves(&server);
    server.stop();
}

#[test]
fn requests_sent_at_once_are_answered_in_their_order() {
    let server = Setup::memory().unlimited().start();
    let requests = [
        Request::get("/health/live"),
        login("nobody@shop.test", PASSWORD),
        Request::get("/api/auth/me"),
        Request::get("/nowhere"),
        Request::get("/health/live"),
    ];
    let mut connection = server.connect();
    connection.send(requests.iter().flat_map(Request::bytes).collect::<Vec<u8>>()).unwrap();
    let answers: Vec<Reply> = requests.iter().map(|_| connection.reply().unwrap()).collect();
    let statuses: Vec<u16> = answers.iter().map(|reply| reply.status).collect();
    assert_eq!(statuses, [200, 401, 401, 404, 200]);
    assert_failed(&answers[1], 401, "Invalid credentials");
    assert_failed(&answers[2], 401, "Not authorized, no token");
    server.stop();
}

#[test]
fn a_client_that_hangs_up_leaves_nothing_behind() {
    let server = Setup::memory().unlimited().with("VESTIBULE_WORKERS", "1").start();
    for _ in 0..50 {
        server.connect().send(post("Content-Length: 100\r\n", b"{")).unwrap();
        server.connect().send(login("nobody@shop.test", PASSWORD).bytes()).unwrap();
    }
    // Their hashes are dropped with them, or made; then all is as before.
    crate::support::within(crate::support::PATIENCE, "room in the queue", || {
        (server.login("nobody@shop.test", PASSWORD) == 401).then_some(())
    });
    assert_still_serves(&server);
    server.stop();
}

#[test]
fn every_kind_of_answer_has_its_headers() {
    let setup = Setup::memory().with("VESTIBULE_PUBLIC_URL", "https://accounts.shop.test");
    let server = setup.start();
    let requests = [
        Request::get("/health/live"),
        Request::get("/health/ready"),
        Request::get("/openapi.json"),
        Request::get("/docs/"),
        Request::get("/dev/mailbox"),
        Request::get("/dev/mailbox/messages"),
        Request::get("/nowhere"),
        Request::get("/api/auth/me"),
        Request::get("/api/auth/nothing"),
        Request::get("/api/auth/login"),
        Request::get("/api/auth/me").method("BREW"),
        Request::post("/api/auth/register", &json!({})),
        Request::post("/api/auth/register", &json!({ "fullName": "x".repeat(200_000) })),
        login("nobody@shop.test", PASSWORD),
    ];
    let mut ids = Vec::new();
    for request in requests {
        let reply = server.call(&request);
        assert!(reply.status < 500, "{reply:?}");
        let policy = reply.header("content-security-policy").unwrap_or_else(|| panic!("no policy: {reply:?}"));
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{reply:?}");
        for (name, value) in [
            ("x-content-type-options", Some("nosniff")),
            ("cache-control", Some("no-store")),
            ("referrer-policy", Some("no-referrer")),
            ("strict-transport-security", Some("max-age=63072000")),
            ("server", None),
            ("x-powered-by", None),
            ("access-control-allow-origin", None),
        ] {
            assert_eq!(reply.header(name), value, "{name} of {request:?}: {reply:?}");
        }
        ids.push(reply.header("x-request-id").unwrap_or_else(|| panic!("no id: {reply:?}")).to_owned());
    }
    let count = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), count, "an id was given twice");
    let plain = Setup::memory().start();
    assert_eq!(plain.get("/health/live").header("strict-transport-security"), None);
}
