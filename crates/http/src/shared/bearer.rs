//! Tokens in the `Authorization` header (RFC 6750, section 2.1).

use actix_web::http::header::{self, HeaderMap, HeaderValue};

use super::single::{Repeated, single};

/// The longest token that is looked at, in bytes.
const MAX_BYTES: usize = 4_096;

/// The one value of `Authorization`. Proxies join two lines by a comma: a list with a bearer token is two as well.
pub(crate) fn authorization(headers: &HeaderMap) -> Result<Option<&HeaderValue>, Repeated> {
    let value = single(headers, header::AUTHORIZATION)?;
    if value.is_some_and(|value| is_list_with_bearer(value.as_bytes())) { Err(Repeated) } else { Ok(value) }
}

fn is_list_with_bearer(value: &[u8]) -> bool {
    let is_bearer = |element: &[u8]| {
        let mut words = element.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
        words.next().is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"bearer"))
    };
    value.contains(&b',') && value.split(|byte| *byte == b',').any(is_bearer)
}

/// The token of `Authorization: Bearer <token>`; the scheme is compared without case (RFC 9110, section 11.1). None too
/// where the header is repeated.
pub(crate) fn token(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = authorization(headers).ok()??.to_str().ok()?.trim().split_once(' ')?;
    let token = token.trim_start();
    (scheme.eq_ignore_ascii_case("bearer") && (1..=MAX_BYTES).contains(&token.len())).then_some(token)
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn headers(value: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        headers
    }

    #[test]
    fn the_scheme_is_compared_without_case() {
        for scheme in ["Bearer", "bearer", "BEARER"] {
            assert_eq!(token(&headers(&format!("{scheme} a.b.c"))), Some("a.b.c"));
        }
    }

    #[test]
    fn blanks_around_the_token_do_not_belong_to_it() {
        assert_eq!(token(&headers("  Bearer   a.b.c ")), Some("a.b.c"));
    }

    #[test]
    fn anything_else_is_no_token() {
        for value in ["", "Bearer", "Bearer ", "Bearer   ", "Basic a.b.c", "a.b.c", "Bearera.b.c", "Bearer t\u{f6}ken"]
        {
            assert_eq!(token(&headers(value)), None, "{value:?}");
        }
        assert_eq!(token(&HeaderMap::new()), None);
    }

    #[test]
    fn two_credentials_are_none_in_two_lines_or_joined() {
        let mut two = headers("Bearer a.b.c");
        two.append(header::AUTHORIZATION, HeaderValue::from_static("Bearer d.e.f"));
        assert_eq!((authorization(&two), token(&two)), (Err(Repeated), None));
        for value in ["Bearer a, Bearer b", "Bearer a , Basic b", "Basic a,bearer\tb", "Bearer a,", ", Bearer a"] {
            assert_eq!(authorization(&headers(value)), Err(Repeated), "{value}");
        }
        for value in ["Bearer a", "Digest username=\"a\", realm=\"bearer b\"", "Basic a, Basic b"] {
            assert!(authorization(&headers(value)).is_ok_and(|value| value.is_some()), "{value}");
        }
    }

    #[test]
    fn a_token_of_more_than_4_kib_is_not_looked_at() {
        let longest = "t".repeat(MAX_BYTES);
        assert_eq!(token(&headers(&format!("Bearer {longest}"))), Some(longest.as_str()));
        assert_eq!(token(&headers(&format!("Bearer {longest}t"))), None);
    }
}
