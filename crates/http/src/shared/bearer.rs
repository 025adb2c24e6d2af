//! Tokens in the `Authorization` header (RFC 6750, section 2.1).

use actix_web::http::header::{self, HeaderMap};

/// The longest token that is looked at, in bytes.
const MAX_BYTES: usize = 4_096;

/// The token of `Authorization: Bearer <token>`; the scheme is compared without case (RFC 9110, section 11.1).
pub(crate) fn token(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.trim().split_once(' ')?;
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
    fn a_token_of_more_than_4_kib_is_not_looked_at() {
        let longest = "t".repeat(MAX_BYTES);
        assert_eq!(token(&headers(&format!("Bearer {longest}"))), Some(longest.as_str()));
        assert_eq!(token(&headers(&format!("Bearer {longest}t"))), None);
    }
}
