//! Headers that have one value.
//!
//! Of two lines with one name, a proxy before this server may have judged the other one. Taking the first would let a
//! client choose what each of the two sees.

use actix_web::http::header::{AsHeaderName, HeaderMap, HeaderValue};

/// A header that has one value came more than once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Repeated;

/// The one value of a header, if it is there.
pub(crate) fn single(headers: &HeaderMap, name: impl AsHeaderName) -> Result<Option<&HeaderValue>, Repeated> {
    let mut values = headers.get_all(name);
    let first = values.next();
    if values.next().is_some() { Err(Repeated) } else { Ok(first) }
}
