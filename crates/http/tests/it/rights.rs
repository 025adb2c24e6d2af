//! Who may do what, over the routes of every dialect: those that need a right are marked in their table, and the cells of
//! their permissions are tested with their dialect.

use actix_web::{http::Method, test::TestRequest};
use vestibule_domain::Role;
use vestibule_http::{Access, RouteRow};
use vestibule_testkit::AccountBuilder;

use crate::{
    confusion::tokens,
    support::{Answer, TestApp, bearer, path_of},
};

/// What somebody of a role is answered who asks for a row with a good token, about somebody else where it is about
/// somebody.
async fn ask(dialect: &str, row: &RouteRow, role: Role) -> Answer {
    let app = TestApp::without_limits().await;
    let tokens = tokens(&app, role).await;
    let (_, token) = tokens.iter().find(|(key, _)| (key.dialect, key.kind) == (dialect, "access")).unwrap();
    let other = AccountBuilder::numbered(2).role(Role::User).build();
    app.put(&other).await;
    let path = path_of(row, &other.id().hex());
    let request = TestRequest::with_uri(&path).method(row.method.clone()).insert_header(bearer(token));
    app.send(if row.method == Method::GET { request } else { request.set_payload("{}") }).await
}

#[actix_web::test]
async fn a_route_refuses_a_user_without_rights_if_and_only_if_its_row_says_so() {
    for (dialect, row) in vestibule_http::routes().into_iter().filter(|(_, row)| row.access.needs_token()) {
        let answer = ask(dialect, &row, Role::User).await;
        let place = format!("{dialect} {} {}: {}", row.method, row.path, answer.text);
        let is_refused = matches!(
            row.access,
            Access::Owner | Access::Privileged | Access::Permitted(_) | Access::PermittedOrAnonymous(_)
        );
        assert_eq!(answer.status == 403, is_refused, "{place}");
    }
}

#[actix_web::test]
async fn a_root_may_use_every_route() {
    for (dialect, row) in vestibule_http::routes().into_iter().filter(|(_, row)| row.access == Access::Privileged) {
        let answer = ask(dialect, &row, Role::Root).await;
        // Some have to be told what to do.
        assert!([200, 400].contains(&answer.status), "{dialect} {} {}: {}", row.method, row.path, answer.text);
    }
}
