//! The dialogue as an operator sees it.

use vestibule_smtp::{ProbeReport, Step, TlsMode};

use crate::{encrypted, mail, mailer, options, server::Server, signed_in};

fn steps(report: &ProbeReport) -> Vec<Step> {
    report.steps.iter().map(|step| step.step).collect()
}

#[tokio::test]
async fn a_good_dialogue_is_shown_step_by_step() {
    let mut server = Server::start(&["--auth"]);
    let options = encrypted(server.starttls, TlsMode::StartTls, &server.certificates.authority());
    let report = mailer(signed_in(options, "secret")).probe(&mail()).await;
    assert!(report.accepted, "{report:?}");
    let expected = [Step::Connect, Step::StartTls, Step::Auth, Step::MailFrom, Step::RcptTo, Step::Data, Step::Content];
    assert_eq!(steps(&report), expected);
    assert!(report.steps.iter().all(|step| step.outcome.is_ok()));
    assert_eq!(report.steps[6].outcome, Ok("250 taken".to_owned()));
    assert_eq!(server.taken()["user"], "user");
}

#[tokio::test]
async fn a_greeting_ends_before_any_mail() {
    let server = Server::start(&["--auth"]);
    let good = encrypted(server.starttls, TlsMode::StartTls, &server.certificates.authority());
    let report = mailer(signed_in(good.clone(), "secret")).greet().await;
    assert!(report.accepted, "{report:?}");
    assert_eq!(steps(&report), [Step::Connect, Step::StartTls, Step::Auth]);
    let report = mailer(signed_in(good, "wrong")).greet().await;
    assert!(!report.accepted && report.steps[2].outcome.is_err(), "{report:?}");
    assert_eq!(server.end(), 0);
}

#[tokio::test]
async fn a_refusal_is_the_last_step_with_the_servers_words() {
    let server = Server::start(&["--answer", "RCPT=550 5.1.1 <alice@example.com> unknown"]);
    let report = mailer(options(server.plain)).probe(&mail()).await;
    assert!(!report.accepted);
    assert_eq!(steps(&report), [Step::Connect, Step::MailFrom, Step::RcptTo]);
    assert_eq!(report.steps[2].outcome, Err("550 5.1.1 <alice@example.com> unknown".to_owned()));
}

#[tokio::test]
async fn a_server_that_is_down_fails_at_the_first_step() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let report = mailer(options(port)).probe(&mail()).await;
    assert_eq!((steps(&report), report.accepted), (vec![Step::Connect], false));
    assert!(report.steps[0].outcome.is_err());
}

#[tokio::test]
async fn a_mail_that_cannot_be_written_is_one_failed_step() {
    let server = Server::start(&[]);
    let mut mail = mail();
    mail.to = vestibule_domain::EmailAddress::parse("zoë@example.com").unwrap();
    let report = mailer(options(server.plain)).probe(&mail).await;
    assert!(!report.accepted);
    assert_eq!(report.steps.iter().filter(|step| step.outcome.is_err()).count(), 1);
}
