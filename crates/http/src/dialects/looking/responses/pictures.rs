//! Pictures as they are served.

use actix_web::{
    HttpRequest, HttpResponse,
    body::SizedStream,
    http::{
        Method,
        header::{self, ETag, EntityTag, Header, IfNoneMatch},
    },
    web::Bytes,
};
use futures_util::stream;
use vestibule_application::profiles::{PicturePath, ServedPicture};

use crate::dialects::looking::words::pictures;

/// A picture never changes under its name, but it may stop being public: then it is to be gone soon.
const PUBLIC: &str = "public, max-age=3600, immutable";
const PRIVATE: &str = "no-store";

/// The tag of a picture: its name, under which it never changes.
fn tag(path: PicturePath) -> EntityTag {
    EntityTag::new_strong(path.picture.blob.to_string())
}

/// Whether the client has the picture already.
pub(crate) fn is_known(request: &HttpRequest, path: PicturePath) -> bool {
    match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Any) => request.headers().contains_key(header::IF_NONE_MATCH),
        Ok(IfNoneMatch::Items(tags)) => tags.iter().any(|known| known.weak_eq(&tag(path))),
        Err(_) => false,
    }
}

/// The picture, or word that the client has it already, where it was not read.
pub(crate) fn served(request: &HttpRequest, path: PicturePath, picture: ServedPicture) -> HttpResponse {
    let cache = if picture.is_public { PUBLIC } else { PRIVATE };
    let mut response = match picture.content {
        Some(_) => HttpResponse::Ok(),
        None => HttpResponse::NotModified(),
    };
    response.insert_header(ETag(tag(path))).insert_header((header::CACHE_CONTROL, cache));
    let Some(content) = picture.content else { return response.finish() };
    response.insert_header((header::CONTENT_TYPE, pictures::media_type(picture.format)));
    if request.method() == Method::HEAD {
        let size = u64::try_from(content.len()).unwrap_or(u64::MAX);
        return response.body(SizedStream::new(size, stream::empty::<Result<Bytes, actix_web::Error>>()));
    }
    response.body(content)
}

/// One for the description.
pub(crate) fn example() -> HttpResponse {
    HttpResponse::Ok().insert_header((header::CONTENT_TYPE, "image/jpeg")).finish()
}
