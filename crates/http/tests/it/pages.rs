//! The pages for people with a browser: the start page, and those that links of mails lead to.

use actix_web::{http::Method, test::TestRequest};
use serde_json::{Value, json};
use time::Duration;
use vestibule_domain::Role;
use vestibule_http::{HttpOptions, MernOptions, Mount};

use crate::{
    ego, mern,
    support::{Answer, Setup, TestApp, get},
};

const BROWSER: (&str, &str) = ("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8");
const NEW_PASSWORD: &str = "battery staple";

fn opened(path: &str) -> TestRequest {
    get(path).insert_header(BROWSER).insert_header(("Host", "localhost:3000"))
}

/// Asserts a page that takes nothing from elsewhere and carries the headers of every answer.
#[track_caller]
fn assert_page(answer: &Answer) {
    assert_eq!((answer.status, answer.header("content-type")), (200, "text/html; charset=utf-8"), "{}", answer.text);
    let policy = answer.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; script-src 'sha256-"), "{policy}");
    assert!(policy.contains("form-action 'none'") && policy.contains("frame-ancestors 'none'"), "{policy}");
    assert!(!policy.contains("unsafe") && !policy.contains("http"), "{policy}");
    for (name, value) in
        [("x-content-type-options", "nosniff"), ("cache-control", "no-store"), ("referrer-policy", "no-referrer")]
    {
        assert_eq!(answer.header(name), value);
    }
    assert!(!answer.text.contains("://") && !answer.text.contains(" src="), "{}", answer.text);
}

/// What a page says about itself: an attribute of its form.
fn data(answer: &Answer, name: &str) -> String {
    let start = format!("data-{name}=\"");
    let after = answer.text.split_once(&start).unwrap_or_else(|| panic!("no {name} in {}", answer.text)).1;
    after.split_once('"').unwrap().0.to_owned()
}

/// Fills in the page of a link and sends it as its script does.
async fn finish(app: &TestApp, link: &str, fields: &[(&str, &str)]) -> Answer {
    let answer = app.send(opened(link)).await;
    assert_page(&answer);
    for (name, _) in fields {
        assert!(answer.text.contains(&format!(" name=\"{name}\"")), "{}", answer.text);
    }
    assert_eq!(answer.text.matches("<input ").count(), fields.len());
    let (path, query) = link.split_once('?').unwrap_or((link, ""));
    let token = path.strip_prefix(data(&answer, "page").as_str()).unwrap();
    let mut body: Value = fields.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
    if answer.text.contains("data-query=") {
        let name = data(&answer, "query");
        body[&name] = json!(query.strip_prefix(&format!("{name}=")).unwrap());
    }
    let method: Method = data(&answer, "method").parse().unwrap();
    let door = TestRequest::with_uri(&format!("{}{token}", data(&answer, "door"))).method(method);
    app.send(door.set_json(body)).await
}

/// The link of the newest mail to an address, without the public URL.
async fn link(app: &TestApp, email: &str) -> String {
    let text = app.mails(email).await[0].mail.content.text.clone();
    let link = text.split_whitespace().find_map(|word| word.strip_prefix("http://localhost:3000/"));
    format!("/{}", link.unwrap_or_else(|| panic!("no link in {text}")))
}

#[actix_web::test]
async fn a_browser_gets_a_start_page_and_a_program_what_it_always_got() {
    let app = TestApp::new().await;
    let answer = app.send(opened("/")).await;
    assert_page(&answer);
    assert_eq!(answer.header("vary"), "Accept");
    for part in ["Vestibule", "running", "\"docs\"", "\"openapi.json\"", "\"dev/mailbox\"", "docs#/mern", "docs#/ego"] {
        assert!(answer.text.contains(part), "{part} in {}", answer.text);
    }
    assert!(!answer.text.contains(env!("CARGO_PKG_VERSION")), "{}", answer.text);
    assert_eq!(app.send(opened("/").method(Method::HEAD)).await.status, 200);
    for request in [
        get("/"),
        get("/").insert_header(("Accept", "*/*")),
        get("/").insert_header(("Accept", "application/json, text/plain, */*")),
        opened("/").method(Method::POST),
    ] {
        let answer = app.send(request).await;
        assert_eq!((answer.status, answer.header("content-type")), (404, "application/problem+json"));
    }
}

#[actix_web::test]
async fn the_start_page_links_to_what_is_served_and_to_the_one_who_asks() {
    let app = TestApp::with(Setup { options: HttpOptions::default().only(&["mern"]), ..Setup::default() }).await;
    let start = app.send(opened("/")).await.text;
    assert!(start.contains("docs#/mern") && !start.contains("docs#/ego"), "{start}");
    let app_without = TestApp::with(Setup { options: HttpOptions::default().only(&[]), ..Setup::default() }).await;
    let start = app_without.send(opened("/")).await.text;
    assert!(start.contains("all are off") && !start.contains("docs#/"), "{start}");
    for outside in [
        get("/").insert_header(BROWSER).insert_header(("Host", "accounts.example.org")),
        opened("/").insert_header(("X-Forwarded-For", "192.0.2.7")),
    ] {
        let start = app.send(outside).await;
        assert_page(&start);
        assert!(!start.text.contains("mailbox"), "{}", start.text);
    }
    for path in ["/docs", "/openapi.json", "/dev/mailbox"] {
        assert_eq!(app.send(opened(path)).await.status, 200, "{path}");
    }
}

#[actix_web::test]
async fn the_description_can_be_kept_from_clients() {
    let options = HttpOptions { docs: false, ..HttpOptions::default().only(&["mern"]) };
    let app = TestApp::with(Setup { options, ..Setup::default() }).await;
    for path in ["/docs", "/docs/swagger-ui.css", "/openapi.json"] {
        let answer = app.send(opened(path)).await;
        assert_eq!((answer.status, answer.header("content-type")), (404, "application/problem+json"), "{path}");
    }
    let start = app.send(opened("/")).await;
    assert_page(&start);
    assert!(
        start.text.contains("mern") && !start.text.contains("docs") && !start.text.contains("openapi"),
        "{}",
        start.text
    );
}

#[actix_web::test]
async fn a_person_with_the_mails_of_mern_can_finish() {
    let app = mern::with_proof().await;
    mern::sign_up(&app).await;
    let verify = link(&app, mern::ALICE).await;
    mern::assert_failed(&finish(&app, &verify, &[("password", "wrong")]).await, 422, "Password is incorrect");
    mern::assert_done(&finish(&app, &verify, &[("password", mern::PASSWORD)]).await, 200, "Email verified");
    app.wait(Duration::minutes(2));
    let ask = json!({ "email": mern::ALICE, "tokenPurpose": "reset-password" });
    assert_eq!(app.post(mern::SEND, &ask).await.status, 200);
    let fields = [("email", mern::ALICE), ("password", NEW_PASSWORD)];
    let reset = link(&app, mern::ALICE).await;
    mern::assert_done(&finish(&app, &reset, &fields).await, 200, "Password reset");
    mern::assert_failed(&finish(&app, &reset, &fields).await, 422, "Token expired");
    assert_eq!(mern::sign_in(&app, NEW_PASSWORD).await.status, 200);
}

#[actix_web::test]
async fn a_person_with_the_mail_of_ego_can_finish() {
    let app = TestApp::without_limits().await;
    ego::verified_alice(&app).await;
    app.wait(Duration::minutes(2));
    assert_eq!(app.post(ego::REQUEST_RESET, &json!({ "email": ego::ALICE })).await.status, 200);
    let reset = link(&app, ego::ALICE).await;
    let weak = finish(&app, &reset, &[("newPassword", "1234")]).await;
    assert_eq!(weak.json()["errors"][0]["message"], "Le mot de passe doit avoir au moins 5 caractères");
    assert_eq!(finish(&app, &reset, &[("newPassword", NEW_PASSWORD)]).await.status, 200);
    assert_eq!(ego::login(&app, ego::ALICE, NEW_PASSWORD).await.status, 200);
}

#[actix_web::test]
async fn a_person_with_the_mail_of_looking_can_finish() {
    let app = TestApp::without_limits().await;
    let account = ego::account(7, Role::User).build();
    app.put(&account).await;
    let email = account.email().as_str();
    assert_eq!(app.post("/auth/reset", &json!({ "username": email })).await.status, 200);
    let reset = link(&app, email).await;
    let fields = [("password", NEW_PASSWORD), ("confirmPassword", NEW_PASSWORD)];
    assert_eq!(finish(&app, &reset, &fields).await.status, 200);
    assert_eq!(ego::login(&app, email, NEW_PASSWORD).await.status, 200);
}

#[actix_web::test]
async fn a_page_is_looked_at_as_often_as_one_likes_by_any_client_and_takes_nothing() {
    let app = TestApp::new().await;
    for path in ["/verify-email/x", "/reset-password/x", "/reset-password?token=x", "/reset/0/x", "/reset-password/x/"]
    {
        assert_page(&app.send(opened(path)).await);
        assert_page(&app.send(get(path)).await);
        assert_eq!(app.send(opened(path).method(Method::HEAD)).await.status, 200, "{path}");
        let refused = app.send(opened(path).method(Method::POST)).await;
        assert_eq!((refused.status, refused.header("allow")), (405, "GET, HEAD"), "{path}");
    }
    let hostile = app.send(opened("/reset-password/%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E")).await;
    assert!(!hostile.text.contains("alert"), "{}", hostile.text);
}

#[actix_web::test]
async fn a_page_follows_its_dialect_where_it_is_mounted_and_goes_with_it() {
    let mern = Mount::new(MernOptions::default()).with_public_url("http://localhost:3000").at("/legacy");
    let options = HttpOptions::default().only(&["mern"]).with(mern);
    let app = TestApp::with(Setup { options, ..Setup::default() }).await;
    let answer = app.send(opened("/reset-password/x")).await;
    assert_eq!(data(&answer, "door"), "/legacy/api/auth/reset-password");
    for path in ["/reset-password", "/reset/0/x"] {
        assert_eq!(app.send(opened(path)).await.status, 404, "{path}");
    }
}

#[actix_web::test]
async fn links_lead_to_the_front_end_where_there_is_one() {
    let front = "https://app.example.org".to_owned();
    let mern = MernOptions { frontend_url: front.clone(), ..MernOptions::default() };
    let options = HttpOptions::default().with(Mount::new(mern).with_public_url("http://localhost:3000"));
    let app = TestApp::with(Setup { options, ..Setup::default() }).await;
    mern::sign_up(&app).await;
    let ask = json!({ "email": mern::ALICE, "tokenPurpose": "reset-password" });
    assert_eq!(app.post(mern::SEND, &ask).await.status, 200);
    let text = app.mails(mern::ALICE).await[0].mail.content.text.clone();
    assert!(text.contains(&format!("{front}/reset-password/")), "{text}");
}
