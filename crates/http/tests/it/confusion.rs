//! Tokens in each other's place: every kind of every dialect, at every route that asks for a token.

use actix_web::{http::Method, test::TestRequest};
use serde_json::json;
use vestibule_application::TokenKey;
use vestibule_domain::{PasswordHash, Role};
use vestibule_http::Access;
use vestibule_testkit::AccountBuilder;

use crate::support::{TestApp, bearer, path_of};

const EMAIL: &str = "alice@example.com";
const PASSWORD: &str = "correct horse";

/// One good token of every kind, all of one account of a role, with its key.
pub(crate) async fn tokens(app: &TestApp, role: Role) -> Vec<(TokenKey, String)> {
    let hash = PasswordHash::new(format!("instant:{PASSWORD}"));
    app.put(&AccountBuilder::numbered(1).email(EMAIL).role(role).password(Some(hash)).build()).await;
    let credentials = json!({ "email": EMAIL, "password": PASSWORD });
    let contacts = app.post("/api/auth/login", &credentials).await.data("token");
    app.post("/api/auth/forgot-password", &json!({ "email": EMAIL })).await;
    let otp = app.code(EMAIL).await;
    let reset = app.post("/api/auth/verify-otp", &json!({ "email": EMAIL, "otp": otp })).await.data("resetToken");
    let mern = app.post("/api/auth/signin", &credentials).await.json()["token"].as_str().unwrap().to_owned();
    let ego = app.post("/api/v1/users/login", &credentials).await.json()["data"]["token"].clone();
    let rococoins = app.post("/user/login", &credentials).await.json()["token"].as_str().unwrap().to_owned();
    let by_name = json!({ "username": EMAIL, "password": PASSWORD });
    let looking = app.post("/auth/login", &by_name).await.json()["token"].as_str().unwrap().to_owned();
    let issued = [
        ("contacts", "access", contacts),
        ("contacts", "reset", reset),
        ("mern", "access", mern),
        ("ego", "access", ego["accessToken"].as_str().unwrap().to_owned()),
        ("ego", "refresh", ego["refreshToken"].as_str().unwrap().to_owned()),
        ("rococoins", "access", rococoins),
        ("looking", "access", looking),
    ];
    let token_of = |key: TokenKey| {
        let found = issued.iter().find(|(dialect, kind, _)| (*dialect, *kind) == (key.dialect, key.kind));
        (key, found.unwrap_or_else(|| panic!("no token of {} {}", key.dialect, key.kind)).2.clone())
    };
    vestibule_http::token_keys().into_iter().map(token_of).collect()
}

#[actix_web::test]
async fn a_token_is_taken_by_its_own_dialect_and_kind_alone() {
    let app = TestApp::without_limits().await;
    let tokens = tokens(&app, Role::Root).await;
    for (dialect, row) in vestibule_http::routes().into_iter().filter(|(_, row)| row.access.needs_token()) {
        let path = path_of(&row, "507f1f77bcf86cd799439011");
        for (key, token) in &tokens {
            let is_own = (key.dialect, key.kind) == (dialect, "access");
            if is_own && row.method != Method::GET {
                continue;
            }
            let request = TestRequest::with_uri(&path).method(row.method.clone()).insert_header(bearer(token));
            let answer = app.send(request).await;
            let place = format!("{} {} at {} {path}: {}", key.dialect, key.kind, row.method, answer.text);
            assert_eq!(answer.status == 401, !is_own, "{place}");
        }
    }
}

/// A good token beside another credential: in two lines, in either order, and joined as proxies do it.
fn doubled(token: &str) -> Vec<Vec<String>> {
    let good = format!("Bearer {token}");
    let mut values = Vec::new();
    for other in ["Bearer a.b.c", "Basic YTpi", "", &good] {
        values.push(vec![good.clone(), other.to_owned()]);
        values.push(vec![other.to_owned(), good.clone()]);
    }
    for joined in [format!("{good}, {good}"), format!("{good} , Bearer a.b.c"), format!("Basic YTpi,{good}")] {
        values.push(vec![joined]);
    }
    values
}

/// A sign-up that asks for a right, so that its token matters.
fn admin_of_ego() -> String {
    let name =
        json!({ "firstname": "A", "lastname": "B", "email": "new@example.com", "password": PASSWORD, "role": "admin" });
    name.to_string()
}

#[actix_web::test]
async fn two_credentials_are_a_bad_token_on_every_route_that_takes_one_and_nothing_elsewhere() {
    let app = TestApp::without_limits().await;
    let tokens = tokens(&app, Role::Root).await;
    for (dialect, row) in vestibule_http::routes() {
        let (_, token) = tokens.iter().find(|(key, _)| (key.dialect, key.kind) == (dialect, "access")).unwrap();
        let path = path_of(&row, "507f1f77bcf86cd799439011");
        let send = |values: &[String]| {
            let request = TestRequest::with_uri(&path).method(row.method.clone());
            let request =
                values.iter().fold(request, |request, value| request.append_header(("Authorization", &**value)));
            let asks = dialect == "ego" && path.ends_with("/register");
            app.send(if asks { request.set_payload(admin_of_ego()) } else { request })
        };
        let is_taken = row.access != Access::Public;
        let expected = if is_taken { send(&["Bearer x".to_owned()]).await } else { send(&[]).await };
        for values in doubled(token) {
            let answer = send(&values).await;
            let place = format!("{dialect} {} {path} {values:?}: {}", row.method, answer.text);
            assert_eq!((answer.status, answer.redacted()), (expected.status, expected.redacted()), "{place}");
            assert!(!is_taken || answer.status == 401, "{place}");
        }
    }
}

#[actix_web::test]
async fn two_tokens_in_the_other_header_of_ego_are_a_bad_token() {
    let app = TestApp::without_limits().await;
    let tokens = tokens(&app, Role::Root).await;
    let (_, token) = tokens.iter().find(|(key, _)| (key.dialect, key.kind) == ("ego", "access")).unwrap();
    for path in ["/api/v1/users/profile", "/api/v1/users/register"] {
        for values in [vec![token.clone(), "a.b.c".to_owned()], vec![format!("{token}, {token}")]] {
            let method = if path.ends_with("profile") { Method::GET } else { Method::POST };
            let request = TestRequest::with_uri(path).method(method);
            let request =
                values.iter().fold(request, |request, value| request.append_header(("authentication", &**value)));
            let answer = app.send(request.set_payload(admin_of_ego())).await;
            assert_eq!((answer.status, answer.text.as_str()), (401, r#"{"message":"Token non valide"}"#), "{values:?}");
        }
    }
}

#[actix_web::test]
async fn a_token_in_a_body_is_taken_in_its_own_place_alone() {
    let app = TestApp::without_limits().await;
    for (key, token) in tokens(&app, Role::Root).await {
        let refreshed = app.post("/api/v1/users/refresh-token", &json!({ "refreshToken": token })).await;
        assert_eq!(refreshed.status, if (key.dialect, key.kind) == ("ego", "refresh") { 200 } else { 401 });
        let by_token = json!({ "token": token, "newPassword": "battery staple" });
        assert_eq!(app.post("/api/v1/users/reset-password", &by_token).await.json()["errorCode"], 1015);
        if (key.dialect, key.kind) != ("contacts", "reset") {
            let body = json!({ "resetToken": token, "newPassword": "battery staple" });
            assert_eq!(app.post("/api/auth/reset-password", &body).await.status, 400);
        }
    }
}
