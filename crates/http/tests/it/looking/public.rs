//! What nobody is told who is not let in: unapproved profiles and their pictures, by whatever route of whatever dialect.

use actix_web::{http::Method, test::TestRequest};
use serde_json::json;
use vestibule_http::RouteRow;

use super::{
    a_super, account, anonymous, client,
    profiles::{alex, created, editor, jpeg},
    submissions::submit,
};
use crate::support::{TestApp, bearer, path_of};

/// What only the unapproved profiles have.
const SECRET: &str = "unapproved-story";

/// Each path of a row: about what each of the ids names, and for pictures each of their paths.
fn paths(row: &RouteRow, ids: &[String], pictures: &[String]) -> Vec<String> {
    if row.path == "/images/{folder}/{name}" {
        return pictures.iter().map(|picture| format!("/images/{picture}")).collect();
    }
    ids.iter().map(|id| path_of(row, id)).collect()
}

#[actix_web::test]
async fn no_route_shows_an_unapproved_profile_to_a_stranger() {
    let app = TestApp::without_limits().await;
    let (editor, root) = (editor(&app).await, a_super(&app).await);
    let mut body = alex();
    body["details"]["name"] = SECRET.into();
    body["details"]["location"] = format!("{SECRET}ville").into();
    body["details"]["pic"] = json!({ "detail": jpeg(SECRET) });
    body["messages"] = json!([{ "text": SECRET, "image": jpeg(SECRET) }]);
    let submitted = submit(&app, &body).await.as_str().unwrap().to_owned();
    let mut draft = body.clone();
    draft["submitted"] = false.into();
    let drafted = created(&app, &editor, &draft).await["_id"].as_str().unwrap().to_owned();
    let mut reopened = body.clone();
    reopened["approved"] = true.into();
    let reopened = created(&app, &editor, &reopened).await;
    editor.put(&app, &super::profiles::path(&reopened), &json!({ "approved": false })).await;
    let ids = [submitted, drafted, reopened["_id"].as_str().unwrap().to_owned()];
    let mut pictures = Vec::new();
    for id in &ids {
        let profile = app.get_as(&editor.token, &format!("/profiles/{id}")).await.json();
        let pic = &profile["details"]["pic"];
        for picture in [&pic["thumb"], &pic["detail"], &profile["messages"][0]["image"]] {
            pictures.push(picture.as_str().unwrap().to_owned());
        }
    }
    // A moderator sees them all, so that the walk below looks for what is there.
    let listed = app.get_as(&root.token, "/profiles/submitted").await.text;
    assert_eq!(listed.matches(SECRET).count(), 2 * 3);
    let stranger = client(&app, account(11)).await;
    let (anonymous, stranger) = (anonymous(&app).await, stranger.token);
    let mut walked = 0;
    for (dialect, row) in vestibule_http::routes().into_iter().filter(|(_, row)| row.method == Method::GET) {
        for path in paths(&row, &ids, &pictures) {
            for token in [None, Some(&anonymous), Some(&stranger)] {
                let request = TestRequest::with_uri(&path);
                let request = token.iter().fold(request, |request, token| request.insert_header(bearer(token)));
                let mut answer = app.open(request).await;
                let mut text = String::new();
                while let Some(piece) = answer.bytes().await {
                    text.push_str(&String::from_utf8_lossy(&piece));
                    if text.len() > 1_000_000 {
                        break;
                    }
                }
                assert!(!text.contains(SECRET), "{dialect} {path}: {text}");
                walked += 1;
            }
        }
    }
    assert!(walked > 3 * 20, "{walked}");
}
