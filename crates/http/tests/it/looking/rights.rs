//! Who may do what: each row of the table for each single word, for nobody, for a client that did not sign in, and for none.
//!
//! The cells are made of the table: a row that is added is tested without a word here.

use actix_web::{http::StatusCode, test::TestRequest};
use vestibule_domain::Permission;
use vestibule_http::{Access, RouteRow};

use super::{
    PERMISSIONS, WORDS, account, anonymous, assert_missing, assert_no_token, client,
    routes::{request, rows},
    with_words,
};
use crate::support::{Answer, TestApp, bearer};

/// Who asks.
#[derive(Debug, Clone, Copy)]
enum Asker {
    NoToken,
    Anonymous,
    /// An account with these words.
    Account(&'static [&'static str]),
}

/// Whether whoever asks is let in by a row, about somebody else.
fn is_let_in(access: Access, asker: Asker) -> bool {
    match (access, asker) {
        (Access::Public | Access::Optional, _) => true,
        (_, Asker::NoToken) => false,
        (Access::Bearer, _) => true,
        (Access::PermittedOrAnonymous(permission), Asker::Anonymous) => permission == Permission::ProfileView,
        (_, Asker::Anonymous) => false,
        (Access::Owner | Access::Privileged, Asker::Account(words)) => words.contains(&"super"),
        (Access::Permitted(permission) | Access::PermittedOrAnonymous(permission), Asker::Account(words)) => {
            words.contains(&"super")
                || words.contains(&word(permission))
                || (permission == Permission::ProfileUpdate && words.contains(&"edit"))
        }
    }
}

fn word(permission: Permission) -> &'static str {
    PERMISSIONS.iter().find(|(_, of)| *of == permission).expect("a permission of the dialect").0
}

/// The word that is missing where somebody is not let in.
fn missing(access: Access) -> &'static str {
    match access {
        Access::Permitted(permission) | Access::PermittedOrAnonymous(permission) => word(permission),
        Access::Public | Access::Optional | Access::Bearer | Access::Owner | Access::Privileged => "super",
    }
}

async fn ask(row: &RouteRow, asker: Asker) -> Answer {
    let app = TestApp::without_limits().await;
    let other = account(9).build();
    app.put(&other).await;
    let token = match asker {
        Asker::NoToken => None,
        Asker::Anonymous => Some(anonymous(&app).await),
        Asker::Account(words) => Some(client(&app, with_words(2, words)).await.token),
    };
    let request: TestRequest = request(row, &other.id().hex());
    app.send(token.iter().fold(request, |request, token| request.insert_header(bearer(token)))).await
}

#[actix_web::test]
async fn every_cell_of_the_rights_table_holds() {
    let words: &'static [&'static str] = &WORDS;
    let singles = words.chunks(1).map(Asker::Account);
    let askers: Vec<Asker> = [Asker::NoToken, Asker::Anonymous, Asker::Account(&[]), Asker::Account(words)]
        .into_iter()
        .chain(singles)
        .collect();
    let mut cells = 0;
    for row in rows() {
        for asker in &askers {
            let (answer, place) = (ask(&row, *asker).await, format!("{} {} for {asker:?}", row.method, row.path));
            if is_let_in(row.access, *asker) {
                let is_guarded =
                    answer.text.contains("Missing permission") || answer.text.contains("authorization token");
                assert!(!is_guarded && answer.status != StatusCode::FORBIDDEN, "{place}: {}", answer.text);
            } else if matches!(asker, Asker::NoToken) {
                // One route tells it in its own words.
                match (row.method.as_str(), row.path) {
                    ("GET", "/auth/session") => super::assert_no_session(&answer),
                    _ => assert_no_token(&answer),
                }
            } else {
                assert_missing(&answer, missing(row.access));
            }
            cells += 1;
        }
    }
    assert_eq!(cells, rows().len() * (4 + WORDS.len()));
}

#[actix_web::test]
async fn an_admin_has_every_word_but_two() {
    for row in rows() {
        let app = TestApp::without_limits().await;
        app.put(&account(9).build()).await;
        let admin = client(&app, account(2).role(vestibule_domain::Role::Admin)).await;
        let request = request(&row, &account(9).build().id().hex()).insert_header(bearer(&admin.token));
        let answer = app.send(request).await;
        let is_refused = match row.access {
            Access::Owner | Access::Privileged => true,
            Access::Permitted(permission) | Access::PermittedOrAnonymous(permission) => {
                permission == Permission::AppPreferences
            }
            Access::Public | Access::Optional | Access::Bearer => false,
        };
        assert_eq!(answer.status == 403, is_refused, "{} {}: {}", row.method, row.path, answer.text);
    }
}

#[actix_web::test]
async fn a_change_of_password_that_is_due_takes_every_right() {
    for row in rows() {
        let app = TestApp::without_limits().await;
        app.put(&account(9).build()).await;
        let due = client(&app, with_words(2, &WORDS).password_change_due()).await;
        let request = request(&row, &account(9).build().id().hex()).insert_header(bearer(&due.token));
        let answer = app.send(request).await;
        let is_free = matches!(row.access, Access::Public | Access::Optional | Access::Bearer);
        assert_eq!(answer.status == 403, !is_free, "{} {}: {}", row.method, row.path, answer.text);
    }
}
