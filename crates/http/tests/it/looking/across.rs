//! One account, made and signed in to through every dialect: all pairs.

use serde_json::{Value, json};
use vestibule_domain::Role;
use vestibule_http::HttpOptions;

use super::{LOGIN, PASSWORD, USERS, a_super, account, client};
use crate::{
    ego,
    support::{Answer, Setup, TestApp},
};

const ALICE: &str = "alice@example.com";
const NAME: &str = "alice";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Door {
    Contacts,
    Mern,
    Ego,
    Rococoins,
    Looking,
}

const DOORS: [Door; 5] = [Door::Contacts, Door::Mern, Door::Ego, Door::Rococoins, Door::Looking];

impl Door {
    /// Makes Alice's account through this door, as far as it takes for a sign-in here.
    async fn register(self, app: &TestApp) -> Answer {
        let names = json!({ "firstname": "Alice", "lastname": "Martin", "email": ALICE, "password": PASSWORD });
        match self {
            Self::Contacts => {
                let body = json!({ "fullName": "Alice Martin", "email": ALICE, "password": PASSWORD });
                app.post("/api/auth/register", &body).await
            }
            Self::Mern => {
                let body = json!({ "username": NAME, "email": ALICE, "password": PASSWORD });
                app.post("/api/auth/signup", &body).await
            }
            Self::Ego => {
                app.post(ego::REGISTER, &names).await;
                let code = ego::code(app, ALICE).await;
                ego::verify(app, ALICE, &code).await
            }
            Self::Rococoins => {
                let personal = json!({ "username": NAME, "email": ALICE, "password": PASSWORD });
                app.post("/user", &json!({ "personal": personal })).await
            }
            Self::Looking => {
                let root = a_super(app).await;
                let body = json!({
                    "username": NAME, "email": ALICE, "password": PASSWORD, "confirmPassword": PASSWORD,
                });
                app.post_as(&root.token, USERS, &body).await
            }
        }
    }

    /// Whether its accounts have a user name.
    fn names(self) -> bool {
        matches!(self, Self::Mern | Self::Rococoins | Self::Looking)
    }

    /// Whether its accounts begin with a proven mailbox.
    fn proves(self) -> bool {
        matches!(self, Self::Ego | Self::Looking)
    }

    async fn sign_in(self, app: &TestApp, name: &str, password: &str) -> Answer {
        let by_email = json!({ "email": name, "password": password });
        let by_name = json!({ "username": name, "password": password });
        let either = if name.contains('@') { by_email.clone() } else { by_name.clone() };
        match self {
            Self::Contacts => app.post("/api/auth/login", &by_email).await,
            Self::Mern => app.post("/api/auth/signin", &either).await,
            Self::Ego => app.post(ego::LOGIN, &by_email).await,
            Self::Rococoins => app.post("/user/login", &either).await,
            Self::Looking => app.post(LOGIN, &by_name).await,
        }
    }

    /// Whether it knows accounts by their user name too.
    fn takes_names(self) -> bool {
        matches!(self, Self::Mern | Self::Rococoins | Self::Looking)
    }
}

#[actix_web::test]
async fn whoever_signed_up_at_one_door_signs_in_at_every_other() {
    let mut pairs = 0;
    for made_by in DOORS {
        for door in DOORS {
            let app = TestApp::without_limits().await;
            let made = made_by.register(&app).await;
            assert!([200, 201].contains(&made.status), "{made_by:?}: {}", made.text);
            let place = format!("{made_by:?} then {door:?}");
            let answer = door.sign_in(&app, ALICE, PASSWORD).await;
            if door == Door::Ego && !made_by.proves() {
                // The one that wants the mailbox proven first.
                assert_eq!(answer.json()["errorCode"], 1011, "{place}");
            } else {
                assert_eq!(answer.status, 200, "{place}: {}", answer.text);
            }
            if made_by.names() && door.takes_names() {
                assert_eq!(door.sign_in(&app, NAME, PASSWORD).await.status, 200, "{place}, by name");
            }
            let wrong = door.sign_in(&app, ALICE, "wrong password").await;
            assert!([400, 401, 404].contains(&wrong.status), "{place}: {}", wrong.text);
            let taken = made_by.register(&app).await;
            assert!(taken.status >= 400, "{place}, again: {}", taken.text);
            pairs += 1;
        }
    }
    assert_eq!(pairs, 25);
}

#[actix_web::test]
async fn an_account_from_elsewhere_is_shown_in_this_shape() {
    for made_by in DOORS {
        let app = TestApp::without_limits().await;
        made_by.register(&app).await;
        let user = Door::Looking.sign_in(&app, ALICE, PASSWORD).await.json()["user"].clone();
        let username = if made_by.names() { NAME } else { ALICE };
        assert_eq!((&user["username"], &user["email"]), (&json!(username), &json!(ALICE)), "{made_by:?}");
        assert_eq!(user["can"], Value::Array(Vec::new()), "{made_by:?}");
        let full_name = matches!(made_by, Door::Contacts | Door::Ego);
        let name = if full_name { json!({ "first": "Alice", "last": "Martin" }) } else { json!({}) };
        assert_eq!(user["name"], name, "{made_by:?}");
    }
}

#[actix_web::test]
async fn other_dialects_keep_their_rules_for_roles() {
    let options = HttpOptions::default();
    let app = TestApp::with(Setup { options, limits: false, ..Setup::default() }).await;
    let admin = client(&app, account(3).role(Role::Admin)).await;
    app.put(&account(4).build()).await;
    let login = app.post("/user/login", &json!({ "username": "user-3", "password": PASSWORD })).await;
    let path = format!("/user/admin/{}", account(4).build().id().hex());
    let made =
        app.send_as(&super::token(&login), actix_web::http::Method::PUT, &path, &json!({ "role": "admin" })).await;
    assert_eq!(made.status, 403, "{}", made.text);
    super::assert_missing(
        &admin.put(&app, &format!("{USERS}/{}", account(4).build().id().hex()), &json!({})).await,
        "super",
    );
}
