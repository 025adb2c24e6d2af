//! Mail through a real mail server, also one that is down when the mail is written.
//!
//! The first retry is after 30 s. So as not to wait for it, these tests move the time at which a mail is due, in the
//! database; the numbers themselves are the domain's, and tested there.

use std::{
    collections::BTreeSet,
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::support::{
    Account, Connection, Database, PASSWORD, PATIENCE, Request, Server, Setup,
    contacts::{code_in, data, email, forgot_password, verify_otp},
    mail::{Gate, MailServer, ShutGate},
    metrics::metrics,
    setup::free_port,
    within,
};

/// A setup whose mail goes to a port that the mail server, or a gate to it, may listen on.
fn with_mail(setup: Setup, mail: &MailServer, port: u16) -> Setup {
    setup
        .with("EMAIL_HOST", "localhost")
        .with("EMAIL_PORT", port.to_string())
        .with("EMAIL_USER", "user")
        .with("EMAIL_PASS", "secret")
        .with("EMAIL_FROM", "Vestibule <no-reply@vestibule.test>")
        .with("VESTIBULE_EMAIL_CA_FILE", mail.authority().display().to_string())
        .with("VESTIBULE_METRICS_LISTEN", "127.0.0.1:0")
}

/// Whether a line is among the metrics.
fn shows(server: &Server, line: &str) -> bool {
    metrics(server).lines().any(|shown| shown == line)
}

/// Asks for a code, which is answered at once whatever the mail server does.
fn forget(server: &Server, address: &str) {
    let asked = Instant::now();
    let reply = server.call(&forgot_password(address));
    assert_eq!(reply.json(), json!({ "status": true, "message": "Success, an OTP has been sent.", "data": null }));
    assert!(asked.elapsed() < Duration::from_secs(2), "{:?}", asked.elapsed());
}

/// Fails unless the mail is for this account and its code works.
fn assert_code_works(server: &Server, account: &Account, mail: &Value) {
    assert_eq!(mail["to"], json!([account.email]));
    assert_eq!((&mail["tls"], &mail["user"]), (&json!(true), &json!("user")), "{mail}");
    let verified = server.call(&verify_otp(&account.email, &code_in(mail["content"].as_str().unwrap())));
    assert!(data(&verified)["resetToken"].is_string(), "{verified:?}");
}

fn recipient(mail: &Value) -> String {
    mail["to"][0].as_str().unwrap().to_owned()
}

/// Makes all waiting mail due, as if time had passed and its worker had died.
fn pass_the_time(database: &Database) {
    database.query("UPDATE outbox SET due_at = now(), leased_until = NULL");
}

fn outbox_is_empty(database: &Database) {
    within(PATIENCE, "an empty outbox", || (database.query("SELECT count(*) FROM outbox") == "0").then_some(()));
}

#[test]
fn a_code_is_mailed_and_works_and_an_unknown_address_gets_none() {
    let mail = MailServer::start(&["--auth"]);
    let setup = with_mail(Setup::sqlite(), &mail, mail.port).with("RUST_LOG", "trace");
    let server = setup.start();
    assert_eq!(server.get("/dev/mailbox").status, 404);
    let account = server.register(&email());
    forget(&server, "nobody@shop.test");
    forget(&server, &account.email);
    let taken = mail.taken();
    assert_code_works(&server, &account, &taken);
    let code = code_in(taken["content"].as_str().unwrap());
    let log = server.log();
    for secret in [&code, &account.email, "nobody@shop.test", "secret\\", "dXNlcgBzZWNyZXQ", "AHVzZXIAc2VjcmV0"] {
        assert!(!log.contains(secret), "{secret} is in the log: {log}");
    }
    server.stop();
    mail.took_no_more();
}

#[test]
fn mail_that_the_mail_server_was_down_for_arrives_once() {
    let mail = MailServer::start(&["--auth"]);
    let (database, port) = (Database::empty(), free_port());
    let server = with_mail(Setup::postgres(&database), &mail, port).start();
    let account = server.register(&email());
    forget(&server, &account.email);
    within(PATIENCE, "a failed attempt", || {
        (database.query("SELECT attempts FROM outbox WHERE last_error IS NOT NULL") == "1").then_some(())
    });
    assert!(shows(&server, "outbox_waiting 1"), "{}", metrics(&server));
    let delay = database.query("SELECT round(extract(epoch FROM due_at - now())) FROM outbox");
    assert!((20..=30).contains(&delay.parse::<u32>().unwrap()), "{delay}");

    let _gate = Gate::open(port, mail.port);
    pass_the_time(&database);
    assert_code_works(&server, &account, &mail.taken());
    outbox_is_empty(&database);
    server.stop();
    mail.took_no_more();
}

#[test]
fn mail_that_was_not_delivered_before_a_crash_is_delivered_after_it() {
    let mail = MailServer::start(&["--auth"]);
    let (database, port) = (Database::empty(), free_port());
    let setup = with_mail(Setup::postgres(&database), &mail, port);
    let mut server = setup.start();
    let account = server.register(&email());
    forget(&server, &account.email);
    server.kill();
    server.wait(PATIENCE);
    assert_eq!(database.query("SELECT count(*) FROM outbox"), "1");

    let _gate = Gate::open(port, mail.port);
    // Before a worker can lease it again.
    pass_the_time(&database);
    let server = setup.start();
    assert_code_works(&server, &account, &mail.taken());
    outbox_is_empty(&database);
    server.stop();
    mail.took_no_more();
}

#[test]
fn mail_that_is_refused_for_good_does_not_hold_up_the_next() {
    let mail = MailServer::start(&["--answer", "RCPT=550 5.1.1 unknown"]);
    let database = Database::empty();
    let setup = with_mail(Setup::postgres(&database), &mail, mail.port);
    let server = setup.start();
    for _ in 0..2 {
        forget(&server, &server.register(&email()).email);
    }
    within(PATIENCE, "two dead letters", || {
        (database.query("SELECT count(*) FROM outbox WHERE dead_at IS NOT NULL") == "2").then_some(())
    });
    assert!(shows(&server, "outbox_waiting 0") && shows(&server, "outbox_dead 2"), "{}", metrics(&server));
    assert!(!server.log().contains("@shop.test"), "{}", server.log());
    server.stop();
    mail.took_no_more();
}

#[test]
fn mail_to_slow_addresses_does_not_hold_up_what_is_written_after_it() {
    // One less than are delivered at once.
    let slow: Vec<String> = (0..15).map(|_| email()).collect();
    let options: Vec<String> = slow.iter().flat_map(|address| ["--slow".to_owned(), format!("{address}=8")]).collect();
    let mail = MailServer::start(&options.iter().map(String::as_str).collect::<Vec<_>>());
    let server = with_mail(Setup::sqlite().unlimited(), &mail, mail.port).start();
    let others: Vec<String> = (0..3).map(|_| email()).collect();
    for address in slow.iter().chain(&others) {
        server.register(address);
    }
    for address in &slow {
        forget(&server, address);
    }
    thread::sleep(Duration::from_secs(1));
    for address in &others {
        forget(&server, address);
        assert_eq!(mail.taken()["to"], json!([address]));
    }
    let taken: BTreeSet<String> = slow.iter().map(|_| recipient(&mail.taken())).collect();
    assert_eq!(taken, slow.into_iter().collect());
    server.stop();
    mail.took_no_more();
}

#[test]
fn mail_of_a_request_that_is_answered_while_the_server_ends_is_still_delivered() {
    let mail = MailServer::start(&[]);
    // One thread makes the hashes, so that some sign-ups still wait when the end is asked for.
    let setup = with_mail(Setup::memory().unlimited(), &mail, mail.port)
        .with("VESTIBULE_HASH_THREADS", "1")
        .with("VESTIBULE_BCRYPT_COST", "11");
    let mut server = setup.start();
    let mut sign_ups: Vec<(String, Connection)> = (0..4).map(|_| (email(), server.connect())).collect();
    for (address, connection) in &mut sign_ups {
        // The connection is surely accepted.
        assert_eq!(connection.call(&Request::get("/health/live")).unwrap().status, 200);
        let body = json!({ "firstname": "A", "lastname": "B", "email": address, "password": PASSWORD });
        connection.send(Request::post("/api/v1/users/register/", &body).bytes()).unwrap();
    }
    let mut answered = BTreeSet::new();
    for (number, (address, mut connection)) in sign_ups.into_iter().enumerate() {
        // On a very busy machine one may have waited for a hash for as long as it may.
        if connection.reply().expect("an accepted request is answered").status == 201 {
            answered.insert(address);
        }
        if number == 0 {
            server.terminate();
        }
    }
    assert!(answered.len() > 1, "{answered:?}");
    let taken: BTreeSet<String> = answered.iter().map(|_| recipient(&mail.taken())).collect();
    assert_eq!(taken, answered);
    assert_eq!(server.wait(PATIENCE).code(), Some(0), "{}", server.log());
    mail.took_no_more();
}

#[test]
fn deliveries_that_end_all_at_once_do_not_lock_each_other_out_of_the_store() {
    let mail = MailServer::start(&[]);
    let gate = ShutGate::on(free_port());
    let server = with_mail(Setup::sqlite().unlimited(), &mail, gate.port()).start();
    // More than are delivered at once: when the first of those has ended, the next are leased.
    let addresses: BTreeSet<String> = (0..20).map(|_| server.register(&email()).email).collect();
    for address in &addresses {
        forget(&server, address);
    }
    let _gate = gate.open(mail.port);
    let taken: BTreeSet<String> = addresses.iter().map(|_| recipient(&mail.taken())).collect();
    assert_eq!(taken, addresses);
    within(PATIENCE, "an empty outbox", || shows(&server, "outbox_waiting 0").then_some(()));
    assert!(!server.log().contains("the outbox cannot be read"), "{}", server.log());
    server.stop();
    mail.took_no_more();
}

#[test]
fn a_test_mail_tells_how_the_mail_server_took_it() {
    let mail = MailServer::start(&["--auth"]);
    let setup = with_mail(Setup::memory(), &mail, mail.port);
    let test = ["mail", "test", "--to", "alice@example.com"];
    let outcome = setup.run(&test).expect(0);
    assert!(outcome.stdout.ends_with("the server has taken the mail\n"), "{outcome:?}");
    let taken = mail.taken();
    assert_eq!((&taken["to"], &taken["tls"]), (&json!(["alice@example.com"]), &json!(true)));

    let outcome = setup.run(&["--json", "mail", "test", "--to", "alice@example.com"]).expect(0).json();
    assert_eq!(outcome["accepted"], true);
    let steps = outcome["steps"].as_array().unwrap();
    assert!(steps.len() >= 5 && steps.iter().all(|step| step["ok"] == true), "{steps:?}");
    mail.taken();

    let wrong = setup.with("EMAIL_PASS", "wrong");
    let outcome = wrong.run(&test).expect(1);
    assert!(outcome.stdout.contains("FAILED") && outcome.stdout.ends_with("the mail was not taken\n"), "{outcome:?}");
    let down = wrong.with("EMAIL_PORT", free_port().to_string());
    let outcome = down.run(&["mail", "test", "--json", "--to", "alice@example.com"]).expect(1).json();
    assert_eq!((&outcome["accepted"], &outcome["steps"][0]["ok"]), (&json!(false), &json!(false)));
    down.run(&["mail", "test", "--to", "nobody"]).expect(2);
    mail.took_no_more();
}

#[test]
fn without_a_mail_server_a_test_mail_is_in_the_local_mailbox() {
    let setup = Setup::sqlite();
    let server = setup.start();
    let outcome = setup.run(&["mail", "test", "--to", "alice@example.com", "--json"]).expect(0).json();
    assert_eq!(outcome, json!({ "accepted": true, "mailbox": "local" }));
    assert_eq!(server.mail_to("alice@example.com")["subject"], "Test mail from Vestibule");
    server.stop();
    Setup::memory().run(&["mail", "test", "--to", "alice@example.com"]).expect_refusal(3, "memory store");
}

#[test]
fn an_operator_sees_what_waits_and_has_it_tried_at_once() {
    let mail = MailServer::start(&["--auth"]);
    let port = free_port();
    let setup = with_mail(Setup::sqlite(), &mail, port);
    let server = setup.start();
    let account = server.register(&email());
    let outbox = |arguments: &[&str]| setup.run(&[&["--json", "mail"], arguments].concat());
    assert_eq!(outbox(&["list"]).expect(0).json(), json!({ "mails": [], "total": 0 }));
    assert_eq!(setup.run(&["mail", "list"]).expect(0).stdout, "no mail\n");
    forget(&server, &account.email);
    let waiting = within(PATIENCE, "a failed attempt", || {
        let list = outbox(&["list"]).expect(0).json();
        list["mails"][0]["lastError"].is_string().then_some(list)
    });
    let shown = &waiting["mails"][0];
    assert_eq!((&waiting["total"], &shown["to"]), (&json!(1), &json!(account.email)), "{waiting}");
    assert_eq!((&shown["attempts"], &shown["deadAt"]), (&json!(1), &Value::Null), "{waiting}");
    let id = shown["id"].as_str().unwrap();
    assert_eq!(outbox(&["show", id]).expect(0).json(), *shown);
    let text = setup.run(&["mail", "show", id]).expect(0).stdout;
    assert!(text.contains(&account.email) && text.contains(shown["lastError"].as_str().unwrap()), "{text}");

    let _gate = Gate::open(port, mail.port);
    assert_eq!(outbox(&["retry", id]).expect(0).json(), json!({ "due": 1 }));
    assert_code_works(&server, &account, &mail.taken());
    within(PATIENCE, "an empty outbox", || (outbox(&["list"]).expect(0).json()["total"] == 0).then_some(()));
    outbox(&["show", id]).expect_refusal(5, "no such mail");
    outbox(&["retry", id]).expect_refusal(5, "no such mail");
    assert_eq!(outbox(&["retry", "--all"]).expect(0).json(), json!({ "due": 0 }));
    server.stop();
    mail.took_no_more();
}

#[test]
fn a_mail_that_was_given_up_is_shown_and_not_tried_again() {
    let mail = MailServer::start(&["--auth", "--answer", "RCPT=550 5.1.1 no such mailbox"]);
    let setup = with_mail(Setup::sqlite(), &mail, mail.port);
    let server = setup.start();
    let account = server.register("nobody@shop.test");
    forget(&server, &account.email);
    let dead = within(PATIENCE, "a dead letter", || {
        let list = setup.run(&["--json", "mail", "list", "--dead"]).expect(0).json();
        (list["total"] == 1).then(|| list["mails"][0].clone())
    });
    assert!(dead["deadAt"].is_string() && dead["lastError"].as_str().unwrap().contains("550"), "{dead}");
    let line = setup.run(&["mail", "list", "--dead"]).expect(0).stdout;
    assert!(line.contains("given up") && line.lines().count() == 1, "{line}");
    setup.run(&["mail", "retry", dead["id"].as_str().unwrap()]).expect_refusal(6, "ask for another one");
    assert_eq!(setup.run(&["--json", "mail", "list"]).expect(0).json()["total"], 0);
    server.stop();
}
