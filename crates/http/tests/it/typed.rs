//! What people type and paste, and what their clients make of it, behind the door of every dialect.

use actix_web::{http::Method, test::TestRequest};
use serde_json::{Value, json};
use vestibule_domain::{PasswordHash, Role};
use vestibule_testkit::AccountBuilder;

use crate::support::{Answer, TestApp};

const EMAIL: &str = "info@xn--bcher-kva.example";
const PASSWORD: &str = "correct horse";
/// Where each dialect signs in, and the field that an address is in.
const DOORS: [(&str, &str); 5] = [
    ("/api/auth/login", "email"),
    ("/api/auth/signin", "email"),
    ("/api/v1/users/login", "email"),
    ("/user/login", "email"),
    ("/auth/login", "username"),
];

async fn with_account() -> TestApp {
    let app = TestApp::without_limits().await;
    let hash = PasswordHash::new(format!("instant:{PASSWORD}"));
    app.put(&AccountBuilder::numbered(1).email(EMAIL).role(Role::User).password(Some(hash)).build()).await;
    app
}

fn credentials(field: &str, email: &str) -> Value {
    json!({ field: email, "password": PASSWORD })
}

async fn send(app: &TestApp, path: &str, content_type: &str, body: impl Into<Vec<u8>>) -> Answer {
    let request = TestRequest::with_uri(path).method(Method::POST).insert_header(("Content-Type", content_type));
    app.send(request.set_payload(body.into())).await
}

#[actix_web::test]
async fn every_form_of_an_address_signs_in_to_one_account() {
    let app = with_account().await;
    for (path, field) in DOORS {
        for email in [
            EMAIL,
            "INFO@XN--BCHER-KVA.EXAMPLE",
            "info@bücher.example",
            "info@bu\u{308}cher.example",
            "info@BÜCHER。ｅｘａｍｐｌｅ",
            "\u{feff}info@bücher.example",
            "info@bücher.example\u{200b}",
            "\u{202a}info@bücher.example\u{202c}",
        ] {
            let answer = app.post(path, &credentials(field, email)).await;
            assert_eq!(answer.status, 200, "{path} {email:?}: {}", answer.text);
        }
        let hidden = app.post(path, &credentials(field, "in\u{200b}fo@bücher.example")).await;
        assert!((400..500).contains(&hidden.status), "{path}: {}", hidden.text);
    }
}

#[actix_web::test]
async fn an_address_in_another_form_is_taken() {
    let app = with_account().await;
    let (name, email, password) = ("Ada", "\u{200e}info@bücher.example", PASSWORD);
    let others = [
        ("/api/auth/register", json!({ "fullName": name, "email": email, "password": password })),
        ("/api/auth/signup", json!({ "username": "ada-1", "email": email, "password": password })),
        (
            "/api/v1/users/register",
            json!({ "firstname": name, "lastname": name, "email": email, "password": password }),
        ),
        ("/user", json!({ "personal": { "username": "ada-2", "email": email, "password": password } })),
    ];
    for (path, body) in others {
        let answer = app.post(path, &body).await;
        let tells = answer.text.to_lowercase();
        assert!(
            (400..500).contains(&answer.status)
                && (tells.contains("exist") || tells.contains("use") || tells.contains("déjà")),
            "{path}: {} {tells}",
            answer.status
        );
    }
}

#[actix_web::test]
async fn what_no_address_can_be_is_refused_in_the_words_of_the_dialect() {
    let app = TestApp::without_limits().await;
    for email in
        ["user@127.0.0.1", "user@example.123", "us\u{200d}er@shop.test", "user@xn--a.example", "user\u{fffd}@shop.test"]
    {
        let body = json!({ "fullName": "Ada", "email": email, "password": PASSWORD });
        let answer = app.post("/api/auth/register", &body).await;
        assert_eq!((answer.status, &answer.json()["message"]), (400, &json!("Invalid email")), "{email}");
        let body = json!({ "username": "ada-1", "email": email, "password": PASSWORD });
        let answer = app.post("/api/auth/signup", &body).await;
        assert_eq!((answer.status, &answer.json()["error"]["message"]), (400, &json!("Email is invalid")), "{email}");
    }
}

#[actix_web::test]
async fn the_case_of_a_path_does_not_matter_in_any_dialect() {
    let app = with_account().await;
    for (path, field) in DOORS {
        for asked in [path.to_uppercase(), format!("{}/", path.replace("/a", "/A").replace("/u", "/U"))] {
            let answer = app.post(&asked, &credentials(field, EMAIL)).await;
            assert_eq!(answer.status, 200, "{asked}: {}", answer.text);
        }
    }
}

#[actix_web::test]
async fn an_unknown_path_in_any_case_is_answered_by_its_dialect() {
    let app = TestApp::without_limits().await;
    for path in ["/api/nothing", "/api/v1/users/nothing", "/user/1/nothing", "/users/nothing", "/auth/nothing"] {
        let lower = app.send(TestRequest::with_uri(path)).await;
        let upper = path.to_uppercase().replace("NOTHING", "nothing");
        let upper = app.send(TestRequest::with_uri(&upper)).await;
        assert_eq!((upper.status, &upper.text), (lower.status, &lower.text), "{path}");
        assert!(!lower.text.contains("about:blank"), "{path}: {}", lower.text);
    }
}

#[actix_web::test]
async fn a_byte_order_mark_before_json_is_skipped_in_every_dialect() {
    let app = with_account().await;
    for (path, field) in DOORS {
        let body = format!("\u{feff}{}", credentials(field, EMAIL));
        assert_eq!(send(&app, path, "application/json", body).await.status, 200, "{path}");
    }
}

#[actix_web::test]
async fn a_body_in_utf_16_is_an_unsupported_media_type_in_every_dialect() {
    let app = with_account().await;
    for (path, field) in DOORS {
        let json = credentials(field, EMAIL).to_string();
        let little =
            |mark: &str| -> Vec<u8> { format!("{mark}{json}").encode_utf16().flat_map(u16::to_le_bytes).collect() };
        let big: Vec<u8> = json.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for (content_type, body) in [
            ("application/json", little("\u{feff}")),
            ("application/json", little("")),
            ("application/json", big),
            ("application/json; charset=utf-16", json.clone().into_bytes()),
            ("application/json; charset=\"UTF-16LE\"", little("")),
            ("application/json; charset=utf-32", b"{}".to_vec()),
        ] {
            let answer = send(&app, path, content_type, body).await;
            assert_eq!(answer.status, 415, "{path} {content_type}: {}", answer.text);
            assert!(!answer.text.contains("about:blank"), "{path}: {}", answer.text);
        }
    }
}

#[actix_web::test]
async fn half_an_emoji_is_the_fields_own_answer_in_every_dialect() {
    let app = with_account().await;
    for (path, field) in DOORS {
        let wrong = app.post(path, &json!({ field: EMAIL, "password": "wrong" })).await;
        for json in [
            format!(r#"{{"{field}":"{EMAIL}","password":"\ud83d"}}"#),
            format!(r#"{{"{field}":"{EMAIL}","password":"\uDE00\uD83D"}}"#),
        ] {
            let answer = send(&app, path, "application/json", json.clone()).await;
            assert_eq!((answer.status, &answer.text), (wrong.status, &wrong.text), "{path}: {json}");
        }
        let unknown = app.post(path, &json!({ field: "user\u{fffd}@shop.test", "password": "x" })).await;
        let answer =
            send(&app, path, "application/json", format!(r#"{{"{field}":"user\ud83d@shop.test","password":"x"}}"#))
                .await;
        assert_eq!((answer.status, &answer.text), (unknown.status, &unknown.text), "{path}");
    }
}

#[actix_web::test]
async fn half_an_emoji_in_a_name_is_the_replacement_character_and_a_whole_one_stays() {
    let app = TestApp::without_limits().await;
    let register =
        |email: &str, name: &str| format!(r#"{{"fullName":"{name}","email":"{email}","password":"{PASSWORD}"}}"#);
    for (email, name, kept) in [
        ("a@shop.test", r"Ada \ud83d", "Ada \u{fffd}"),
        ("b@shop.test", r"Ada \ud83d\udc69\u200d\ud83d\udcbb", "Ada 👩\u{200d}💻"),
        ("c@shop.test", r"\ufeffAda\u200b", "Ada"),
    ] {
        let answer = send(&app, "/api/auth/register", "application/json", register(email, name)).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        assert_eq!(answer.data("fullName"), kept);
    }
}

#[actix_web::test]
async fn a_code_is_taken_as_it_is_pasted() {
    let app = with_account().await;
    for paste in ["\u{feff}{}\u{200b}", "\u{202a} {} \u{202c}", "{1} {2}", "{1}-{2}", "{1}\u{a0}{2}"] {
        app.post("/api/auth/forgot-password", &json!({ "email": "info@bücher.example" })).await;
        let code = app.code(EMAIL).await;
        let typed = paste.replace("{}", &code).replace("{1}", &code[..3]).replace("{2}", &code[3..]);
        let body = json!({ "email": "info@BÜCHER.example\u{200b}", "otp": typed });
        let answer = app.post("/api/auth/verify-otp", &body).await;
        assert_eq!(answer.status, 200, "{typed:?}: {}", answer.text);
        app.wait(time::Duration::minutes(2));
    }
}
