//! Documents: what an upload answers, and their bytes.

use actix_web::{
    HttpResponse,
    body::SizedStream,
    http::{
        StatusCode,
        header::{self, ContentDisposition, DispositionParam, DispositionType},
    },
    web::Bytes,
};
use futures_util::{StreamExt, stream};
use serde::Serialize;
use vestibule_application::documents::DocumentContent;
use vestibule_domain::{AccountId, dossier::MediaType};

use crate::{
    dialects::rococoins::{errors::Failure, words},
    shared::{reply, table::Prefix},
};

/// A page with scripts is none, whatever a browser makes of the bytes.
const POLICY: &str = "default-src 'none'; frame-ancestors 'none'; sandbox";

/// The path of a document.
pub(crate) fn path(owner: AccountId, name: &str, Prefix(prefix): &Prefix) -> String {
    format!("{prefix}/user/{}/documents/{name}", owner.hex())
}

/// The answer to an upload.
pub(crate) fn uploaded(owner: AccountId, name: &str, at: &Prefix) -> HttpResponse {
    #[derive(Serialize)]
    struct Uploaded {
        success: bool,
        message: &'static str,
        path: String,
    }
    let body = Uploaded { success: true, message: "Document uploaded", path: path(owner, name, at) };
    reply::json(StatusCode::CREATED, &body)
}

/// The bytes of a document, as an attachment: a content that turns out to be broken breaks the connection off.
pub(crate) fn content(name: &str, content: DocumentContent, is_head: bool) -> HttpResponse {
    let document = content.document();
    let (size, media_type) = (document.size_bytes, document.media_type);
    let file = format!("{name}.{}", words::extension(media_type));
    let pieces = stream::unfold(content, |mut content| async move {
        let piece = content.next().await.transpose()?;
        Some((piece.map(Bytes::from).map_err(Failure::from), content))
    });
    let pieces = if is_head { stream::empty().left_stream() } else { pieces.right_stream() };
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, media_type.as_str()))
        .insert_header(ContentDisposition {
            disposition: DispositionType::Attachment,
            parameters: vec![DispositionParam::Filename(file)],
        })
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .body(SizedStream::new(size, pieces))
}

/// One for the description.
pub(crate) fn example() -> HttpResponse {
    HttpResponse::Ok().insert_header((header::CONTENT_TYPE, MediaType::Pdf.as_str())).finish()
}
