//! Uploading documents and reading them back.

use actix_web::{http::Method, test::TestRequest};
use serde_json::json;
use vestibule_domain::Role;
use vestibule_http::{HttpOptions, Mount, RococoinsOptions};

use super::{Client, NOBODY, alices, assert_failed, client_of, put};
use crate::support::{Answer, Setup, TestApp, bearer};

const PDF: &[u8] = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
const JPEG: &[u8] = b"\xFF\xD8\xFF\xE0\0\x10JFIF\0";
const MIB: usize = 1_024 * 1_024;
const BOUNDARY: &str = "----x";

/// A form with one part.
fn form(part: &str, file_name: &str, content: &[u8]) -> Vec<u8> {
    let head = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{part}\"; filename=\"{file_name}\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n"
    );
    [head.as_bytes(), content, format!("\r\n--{BOUNDARY}--\r\n").as_bytes()].concat()
}

fn path(owner: &str, field: &str) -> String {
    format!("/user/{owner}/documents/{field}")
}

async fn send(app: &TestApp, by: &Client, path: &str, body: Vec<u8>) -> Answer {
    let content_type = format!("multipart/form-data; boundary={BOUNDARY}");
    let request = TestRequest::post().uri(path).insert_header(bearer(&by.token));
    app.send(request.insert_header(("Content-Type", content_type)).set_payload(body)).await
}

async fn upload(app: &TestApp, by: &Client, (owner, field): (&Client, &str), content: &[u8]) -> Answer {
    send(app, by, &path(&owner.id, field), form("file", "scan.pdf", content)).await
}

async fn bytes(app: &TestApp, by: &Client, owner: &Client, field: &str) -> (u16, String, Vec<u8>) {
    let request = TestRequest::get().uri(&path(&owner.id, field)).insert_header(bearer(&by.token));
    let mut open = app.open(request).await;
    let content_type = open.headers.get("content-type").map_or("", |value| value.to_str().unwrap()).to_owned();
    let mut bytes = Vec::new();
    while let Some(piece) = open.bytes().await {
        bytes.extend(piece);
    }
    (open.status, content_type, bytes)
}

#[actix_web::test]
async fn a_document_comes_back_as_it_was_with_the_type_of_its_content() {
    let app = TestApp::without_limits().await;
    let alice = alices(&app).await;
    let admin = client_of(&app, 9, Role::Admin).await;
    for (field, content, media_type) in [
        ("certificateOfIncorporation", PDF, "application/pdf"),
        ("bussinesLicience", PNG, "image/png"),
        ("proofOfRegistratedAddress", JPEG, "image/jpeg"),
    ] {
        let uploaded = upload(&app, &alice, (&alice, field), content).await;
        let expected = json!({ "success": true, "message": "Document uploaded", "path": path(&alice.id, field) });
        assert_eq!((uploaded.status, uploaded.json()), (201, expected));
        for by in [&alice, &admin] {
            assert_eq!(bytes(&app, by, &alice, field).await, (200, media_type.to_owned(), content.to_vec()));
        }
        let shown = app.get_as(&alice.token, &alice.path()).await.json();
        assert_eq!(shown["document"][field], path(&alice.id, field));
    }
    let head = TestRequest::get().method(Method::HEAD).uri(&path(&alice.id, "bussinesLicience"));
    let head = app.send(head.insert_header(bearer(&alice.token))).await;
    assert_eq!((head.status, head.text.as_str()), (200, ""));
    for (name, value) in [
        ("content-type", "image/png"),
        ("content-disposition", "attachment; filename=\"bussinesLicience.png\""),
        ("x-content-type-options", "nosniff"),
        ("cache-control", "no-store"),
        ("content-security-policy", "default-src 'none'; frame-ancestors 'none'; sandbox"),
    ] {
        assert_eq!(head.header(name), value, "{name}");
    }
}

#[actix_web::test]
async fn an_admin_uploads_for_a_user_and_a_stranger_does_neither() {
    let app = TestApp::without_limits().await;
    let (alice, stranger) = (alices(&app).await, client_of(&app, 2, Role::User).await);
    let admin = client_of(&app, 9, Role::Admin).await;
    assert_eq!(upload(&app, &admin, (&alice, "taxId"), PDF).await.status, 201);
    assert_failed(&upload(&app, &stranger, (&alice, "taxId"), PNG).await, 403, "Forbidden");
    assert_failed(&app.get_as(&stranger.token, &path(&alice.id, "taxId")).await, 403, "Forbidden");
    assert_failed(&app.get_as(&stranger.token, &path(NOBODY, "taxId")).await, 403, "Forbidden");
    assert_failed(&app.get_as(&admin.token, &path(NOBODY, "taxId")).await, 404, "User not found");
    let form = form("file", "a.pdf", PDF);
    assert_failed(&send(&app, &admin, &path(NOBODY, "taxId"), form).await, 404, "User not found");
    assert_eq!(bytes(&app, &alice, &alice, "taxId").await.2, PDF);
}

#[actix_web::test]
async fn only_the_documents_of_the_dossier_can_be_uploaded_and_read() {
    let app = TestApp::without_limits().await;
    let alice = alices(&app).await;
    for field in ["businessLicence", "taxid2", "legalBussinessName", "identity", "%2e%2e", "x"] {
        assert_failed(&upload(&app, &alice, (&alice, field), PDF).await, 404, "Not found");
        assert_failed(&app.get_as(&alice.token, &path(&alice.id, field)).await, 404, "Not found");
    }
    assert_failed(&app.get_as(&alice.token, &path(&alice.id, "taxId")).await, 404, "Not found");
    put(&app, &alice, &alice.path(), &json!({ "document": { "taxId": "/etc/passwd" } })).await;
    assert_failed(&app.get_as(&alice.token, &path(&alice.id, "taxId")).await, 404, "Not found");
}

#[actix_web::test]
async fn what_is_no_document_by_its_content_is_refused_whatever_it_is_called() {
    let app = TestApp::without_limits().await;
    let alice = alices(&app).await;
    let refused = "The file is neither a PDF nor a PNG or JPEG image";
    let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script>%PDF-1.7</svg>";
    for content in [&b"<html>"[..], svg, b"GIF89a", b"PK\x03\x04", b"hello", b"\0", b"\x89PNG"] {
        for name in ["a.pdf", "a.png", "../../a.pdf", "a.pdf\u{202e}gnp.exe"] {
            let answer = send(&app, &alice, &path(&alice.id, "taxId"), form("file", name, content)).await;
            assert_failed(&answer, 415, refused);
        }
    }
    assert!(app.get_as(&alice.token, &alice.path()).await.json().get("document").is_none());
}

#[actix_web::test]
async fn a_file_may_be_called_whatever_people_call_it() {
    let app = TestApp::without_limits().await;
    let alice = alices(&app).await;
    for name in ["ملف.pdf", &"é".repeat(127), "a\\\"b.pdf", "..", "../../etc/passwd", "C:\\\\scan.pdf", "", "a;b=c.pdf"]
    {
        let answer = send(&app, &alice, &path(&alice.id, "taxId"), form("file", name, PDF)).await;
        assert_eq!(answer.status, 201, "{name}: {}", answer.text);
    }
}

#[actix_web::test]
async fn a_form_without_the_file_or_no_form_at_all_is_refused() {
    let app = TestApp::without_limits().await;
    let alice = alices(&app).await;
    let missing = "file is required, as a part of a multipart form";
    let path = path(&alice.id, "taxId");
    for body in [form("files", "a.pdf", PDF), form("", "a.pdf", PDF), format!("--{BOUNDARY}--\r\n").into_bytes()] {
        assert_failed(&send(&app, &alice, &path, body).await, 400, missing);
    }
    for content_type in ["application/pdf", "application/json", "multipart/form-data", "multipart/form-data; boundary="]
    {
        let request = TestRequest::post().uri(&path).insert_header(bearer(&alice.token));
        let request = request.insert_header(("Content-Type", content_type)).set_payload(PDF.to_vec());
        assert_failed(&app.send(request).await, 400, missing);
    }
    assert_failed(&send(&app, &alice, &path, form("file", "a.pdf", b"")).await, 400, "The file is empty");
    let other = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nhello\r\n");
    let both = [other.as_bytes(), &form("file", "a.pdf", PDF)].concat();
    assert_eq!(send(&app, &alice, &path, both).await.status, 201);
}

#[actix_web::test]
async fn a_form_that_breaks_off_leaves_what_was_there() {
    let app = TestApp::without_limits().await;
    let alice = alices(&app).await;
    upload(&app, &alice, (&alice, "taxId"), PNG).await;
    let whole = form("file", "a.pdf", &[PDF, &[b'x'; 5_000]].concat());
    for end in [whole.len() - 12, whole.len() - 3_000, 200, 150, 60, 10, 0] {
        let answer = send(&app, &alice, &path(&alice.id, "taxId"), whole[..end].to_vec()).await;
        assert_eq!(answer.status, 400, "{end}: {}", answer.text);
    }
    assert_eq!(bytes(&app, &alice, &alice, "taxId").await.2, PNG);
}

#[actix_web::test]
async fn a_file_has_at_most_10_mib() {
    let app = TestApp::without_limits().await;
    let alice = alices(&app).await;
    let most = [PDF, &vec![0; 10 * MIB - PDF.len()]].concat();
    assert_eq!(upload(&app, &alice, (&alice, "taxId"), &most).await.status, 201);
    assert_eq!(bytes(&app, &alice, &alice, "taxId").await.2.len(), 10 * MIB);
    let more = [&most[..], b"x"].concat();
    assert_failed(&upload(&app, &alice, (&alice, "taxId"), &more).await, 413, "The file has more than 10 MiB");
    let request = TestRequest::post().uri(&path(&alice.id, "taxId")).insert_header(bearer(&alice.token));
    let announced = request
        .insert_header(("Content-Type", format!("multipart/form-data; boundary={BOUNDARY}")))
        .insert_header(("Content-Length", "20000000"));
    assert_failed(&app.send(announced).await, 413, "The file has more than 10 MiB");
}

#[actix_web::test]
async fn a_path_takes_the_place_of_a_stored_document_but_its_own_path_does_not() {
    let app = TestApp::without_limits().await;
    let alice = alices(&app).await;
    upload(&app, &alice, (&alice, "taxId"), PDF).await;
    let shown = app.get_as(&alice.token, &alice.path()).await.json();
    assert_eq!(put(&app, &alice, &alice.path(), &shown).await.status, 200);
    assert_eq!(bytes(&app, &alice, &alice, "taxId").await.2, PDF);
    put(&app, &alice, &alice.path(), &json!({ "document": { "taxId": "/a.pdf" } })).await;
    assert_failed(&app.get_as(&alice.token, &path(&alice.id, "taxId")).await, 404, "Not found");
    assert_eq!(app.get_as(&alice.token, &alice.path()).await.json()["document"], json!({ "taxId": "/a.pdf" }));
}

#[actix_web::test]
async fn a_path_has_the_prefix_of_the_dialect_and_any_case() {
    let mount = Mount::new(RococoinsOptions).at("/kyc");
    let options = HttpOptions::default().with(mount);
    let app = TestApp::with(Setup { limits: false, options, ..Setup::default() }).await;
    let created = app.post("/kyc/user", &super::alice()).await.json();
    let id = created["user"]["_id"].as_str().unwrap().to_owned();
    let credentials = json!({ "email": super::ALICE, "password": super::PASSWORD });
    let token = app.post("/kyc/user/login", &credentials).await.json()["token"].as_str().unwrap().to_owned();
    let alice = Client { id, token };
    let own = format!("/kyc{}", path(&alice.id, "taxId"));
    let uploaded = send(&app, &alice, &format!("/kyc{}", path(&alice.id, "TAXID")), form("file", "a", PDF)).await;
    assert_eq!((uploaded.status, &uploaded.json()["path"]), (201, &json!(own)));
    let user = format!("/kyc{}", alice.path());
    let shown = app.get_as(&alice.token, &user).await.json();
    assert_eq!(shown["document"]["taxId"], own);
    put(&app, &alice, &user, &shown).await;
    assert_eq!(app.get_as(&alice.token, &own).await.status, 200);
}
