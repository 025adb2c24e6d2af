//! Whether a browser asks for something that nobody wanted yet.

use actix_web::http::header::{HeaderMap, HeaderName};

/// The headers by which browsers mark such a request.
const MARKS: [HeaderName; 3] =
    [HeaderName::from_static("sec-purpose"), HeaderName::from_static("purpose"), HeaderName::from_static("x-moz")];
/// The words that they hold then.
const WORDS: [&str; 3] = ["prefetch", "prerender", "preview"];

/// Whether a request is marked as made ahead of a wish.
pub(crate) fn is_prefetch(headers: &HeaderMap) -> bool {
    let values = MARKS.into_iter().flat_map(|mark| headers.get_all(mark));
    values
        .map(|value| String::from_utf8_lossy(value.as_bytes()).to_ascii_lowercase())
        .any(|value| WORDS.iter().any(|word| value.contains(word)))
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    #[test]
    fn each_browser_marks_a_prefetch_in_its_own_way() {
        for (name, value, expected) in [
            ("sec-purpose", "prefetch;prerender", true),
            ("sec-purpose", "prefetch;anonymous-client-ip", true),
            ("purpose", "Prefetch", true),
            ("purpose", "preview", true),
            ("x-moz", "prefetch", true),
            ("purpose", "reading", false),
            ("sec-fetch-mode", "prefetch", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
            assert_eq!(is_prefetch(&headers), expected, "{name}: {value}");
        }
        assert!(!is_prefetch(&HeaderMap::new()));
    }
}
