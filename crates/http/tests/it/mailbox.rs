//! The local mailbox on the wire.

use actix_web::test::TestRequest;
use serde_json::Value;
use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339};
use vestibule_application::Operator;
use vestibule_domain::EmailAddress;
use vestibule_testkit::FixedClock;

use crate::support::TestApp;

async fn with_mail() -> TestApp {
    let test = TestApp::new().await;
    for address in ["alice@example.com", "bob@example.com"] {
        let to = EmailAddress::parse(address).unwrap();
        test.app.post_test_mail(Operator::at_the_console(), to).await.unwrap();
        test.clock.advance(Duration::seconds(1));
    }
    test
}

fn get(path: &str, host: &str) -> TestRequest {
    TestRequest::get().uri(path).insert_header(("host", host))
}

#[actix_web::test]
async fn mail_is_listed_newest_first_with_exactly_its_seven_fields() {
    let test = with_mail().await;
    let answer = test.send(get("/dev/mailbox/messages", "127.0.0.1:3000")).await;
    let mails: Vec<Value> = serde_json::from_str(&answer.text).unwrap();
    assert_eq!(
        mails.iter().map(|mail| mail["to"].as_str().unwrap()).collect::<Vec<_>>(),
        ["bob@example.com", "alice@example.com"]
    );
    let fields = mails[0].as_object().unwrap();
    let mut keys: Vec<&String> = fields.keys().collect();
    keys.sort_unstable();
    assert_eq!(keys, ["from", "html", "id", "received_at", "subject", "text", "to"]);
    assert!(fields.values().all(Value::is_string), "{fields:?}");
    let received_at = OffsetDateTime::parse(fields["received_at"].as_str().unwrap(), &Rfc3339).unwrap();
    assert_eq!(received_at, FixedClock::START + Duration::seconds(1));
    let one = test.send(get("/dev/mailbox/messages?to=Alice@example.com", "localhost:3000")).await;
    assert_eq!(serde_json::from_str::<Vec<Value>>(&one.text).unwrap().len(), 1);
}

#[actix_web::test]
async fn what_is_no_address_is_told() {
    let answer = with_mail().await.send(get("/dev/mailbox/messages?to=nobody", "localhost")).await;
    assert_eq!(answer.status, 400);
}

#[actix_web::test]
async fn a_stranger_s_name_for_this_machine_is_refused_whatever_it_forwards() {
    let test = with_mail().await;
    for path in ["/dev/mailbox", "/dev/mailbox/messages"] {
        for request in [
            get(path, "evil.example"),
            get(path, "evil.example").insert_header(("x-forwarded-host", "localhost")),
            get(path, "evil.example").insert_header(("forwarded", "host=localhost")),
            get(path, "localhost.evil.example"),
            get(path, "localhost").append_header(("host", "evil.example")),
        ] {
            let answer = test.send(request).await;
            assert_eq!(answer.status, 403, "{}", answer.text);
        }
        for host in ["localhost:3000", "127.0.0.1", "[::1]:3000"] {
            assert_eq!(test.send(get(path, host)).await.status, 200, "{host}");
        }
    }
}

#[actix_web::test]
async fn what_a_proxy_on_this_machine_forwards_is_refused() {
    let test = with_mail().await;
    for header in ["x-forwarded-for", "forwarded", "x-real-ip", "via", "x-forwarded-proto"] {
        let request = get("/dev/mailbox/messages", "127.0.0.1:3000").insert_header((header, "127.0.0.1"));
        assert_eq!(test.send(request).await.status, 403, "{header}");
    }
}
