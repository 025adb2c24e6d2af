//! The shutdown that an operator requests.

use std::{
    net::TcpListener,
    os::unix::net::UnixDatagram,
    time::{Duration, Instant},
};

use rustix::process::Signal;

use crate::support::{
    Connection, PASSWORD, PATIENCE, Request, Setup, assert_failed,
    contacts::{email, forgot_password, login},
    within,
};

/// The shutdown takes ten seconds at most; work finished earlier does not wait for them.
const AT_MOST: Duration = Duration::from_secs(10);
/// For a busy machine.
const LEEWAY: Duration = Duration::from_secs(2);

#[test]
fn what_runs_at_the_end_is_answered() {
    // One thread makes the hashes, so that some sign-ins still wait when the end is asked for.
    let setup = Setup::memory().unlimited().with("VESTIBULE_HASH_THREADS", "1").with("VESTIBULE_BCRYPT_COST", "11");
    let mut server = setup.start();
    let account = server.register(&email());
    let request = login(&account.email, PASSWORD);

    let mut idle = server.connect();
    assert_eq!(idle.call(&Request::get("/health/live")).unwrap().status, 200);
    let mut connections: Vec<Connection> = (0..8).map(|_| server.connect()).collect();
    for connection in &mut connections {
        // The connection is surely accepted.
        assert_eq!(connection.call(&Request::get("/health/live")).unwrap().status, 200);
        connection.send(request.bytes()).unwrap();
    }
    let first = connections[0].reply().unwrap();
    assert_eq!(first.status, 200, "{first:?}");

    server.terminate();
    let asked = Instant::now();
    for connection in &mut connections[1..] {
        let reply = connection.reply().expect("an accepted request is answered");
        // On a very busy machine one may have waited for a hash for as long as it may.
        if reply.status != 200 {
            assert_failed(&reply, 503, "Service unavailable");
        }
    }
    let status = server.wait(AT_MOST);
    assert_eq!(status.code(), Some(0), "{}", server.log());
    assert!(asked.elapsed() < AT_MOST, "{:?}", asked.elapsed());
    assert!(idle.is_closed());
    assert!(Connection::open(server.address()).is_err());
}

#[test]
fn a_server_that_is_told_to_end_as_soon_as_it_is_up_ends_well() {
    let setup = Setup::memory();
    let server = setup.start();
    server.stop();
}

#[test]
fn an_unfinished_body_does_not_keep_the_server_for_longer_than_it_may() {
    let mut server = Setup::memory().start();
    let mut connection = server.connect();
    connection.send("POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 30\r\n\r\n{\"email\":").unwrap();
    // Answered after the request before it was read.
    assert_failed(&server.get("/api/auth/me"), 401, "Not authorized, no token");
    server.terminate();
    assert_eq!(server.wait(AT_MOST + LEEWAY).code(), Some(0), "{}", server.log());
}

#[test]
fn requests_and_deliveries_that_do_not_end_share_the_time_to_stop() {
    // A mail server that takes the connection and says nothing.
    let mail = TcpListener::bind("127.0.0.1:0").unwrap();
    mail.set_nonblocking(true).unwrap();
    let setup = Setup::sqlite()
        .with("EMAIL_HOST", "127.0.0.1")
        .with("EMAIL_PORT", mail.local_addr().unwrap().port().to_string())
        .with("EMAIL_FROM", "Vestibule <no-reply@vestibule.test>")
        .with("VESTIBULE_EMAIL_COMMAND_SECONDS", "60");
    let mut server = setup.start();
    let account = server.register(&email());
    assert_eq!(server.call(&forgot_password(&account.email)).status, 200);
    let _under_way = within(PATIENCE, "a delivery", || mail.accept().ok());
    let mut connection = server.connect();
    connection.send("POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 30\r\n\r\n{\"email\":").unwrap();
    // Answered after the request before it was read.
    assert_eq!(server.me(&account.token), 200);
    server.terminate();
    assert_eq!(server.wait(AT_MOST + LEEWAY).code(), Some(0), "{}", server.log());
}

#[test]
fn every_signal_that_can_be_heard_ends_the_server_in_order() {
    for signal in [Signal::INT, Signal::HUP, Signal::QUIT, Signal::USR1, Signal::USR2, Signal::ALARM, Signal::IO] {
        let mut server = Setup::memory().start();
        server.signal(signal);
        assert_eq!(server.wait(AT_MOST).code(), Some(0), "{signal:?}: {}", server.log());
        assert!(server.log().contains("\"stopped\""), "{signal:?}: {}", server.log());
    }
}

#[test]
fn a_server_that_is_about_to_end_is_not_ready_and_serves_on_for_as_long_as_it_is_told() {
    let mut server = Setup::memory().with("VESTIBULE_DRAIN_SECONDS", "3").start();
    assert_eq!(server.get("/health/ready").status, 200);
    let asked = Instant::now();
    server.terminate();
    within(PATIENCE, "not to be ready", || Some(()).filter(|()| server.get("/health/ready").status == 503));
    // New connections are taken, and answered.
    assert_eq!(server.get("/health/live").status, 200);
    assert_failed(&server.get("/api/auth/me"), 401, "Not authorized, no token");
    assert_eq!(server.wait(AT_MOST).code(), Some(0), "{}", server.log());
    assert!(asked.elapsed() >= Duration::from_secs(3), "{:?}", asked.elapsed());
}

#[test]
fn a_second_signal_cuts_the_time_before_the_end_short() {
    let mut server = Setup::memory().with("VESTIBULE_DRAIN_SECONDS", "300").start();
    server.terminate();
    within(PATIENCE, "not to be ready", || Some(()).filter(|()| server.get("/health/ready").status == 503));
    server.terminate();
    assert_eq!(server.wait(AT_MOST).code(), Some(0), "{}", server.log());
}

#[test]
fn an_idle_connection_is_kept_for_as_long_as_is_set() {
    let server = Setup::memory().with("VESTIBULE_REQUEST_IDLE_SECONDS", "1").start();
    let mut idle = server.connect();
    assert_eq!(idle.call(&Request::get("/health/live")).unwrap().status, 200);
    let began = Instant::now();
    assert!(idle.is_closed());
    assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
}

#[test]
fn systemd_hears_that_the_server_serves_answers_and_stops() {
    let setup = Setup::sqlite();
    let path = setup.path("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let told = || {
        let mut state = [0; 64];
        let length = socket.recv(&mut state).unwrap();
        String::from_utf8_lossy(&state[..length]).trim_end().to_owned()
    };
    let server =
        setup.with("NOTIFY_SOCKET", path.display().to_string()).with("WATCHDOG_USEC", "1000000".to_owned()).start();
    assert_eq!(told(), "READY=1");
    for _ in 0..3 {
        assert_eq!(told(), "WATCHDOG=1");
    }
    server.stop();
    assert!(std::iter::repeat_with(told).any(|state| state == "STOPPING=1"));
}
