//! What a client would rather have (RFC 9110, section 12.5.1).

use actix_web::http::header::{self, HeaderMap};

/// Whether a client names HTML, and likes it at least as much as JSON: of both as much, the one that it names first.
pub(crate) fn prefers_html(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(header::ACCEPT).filter_map(|line| line.to_str().ok());
    let ranges: Vec<(String, f32)> = lines.flat_map(|line| line.split(',')).filter_map(range).collect();
    let named = |names: &[&str]| {
        let mut ranges = ranges.iter().enumerate();
        ranges.find(|(_, (name, _))| names.contains(&name.as_str())).map(|(at, (_, quality))| (at, *quality))
    };
    let Some((html_at, html)) = named(&["text/html", "application/xhtml+xml"]) else { return false };
    let json = named(&["application/json"]);
    let other = || named(&["application/*"]).or_else(|| named(&["*/*"]));
    html > 0.0
        && match json {
            Some((json_at, json)) => html > json || (html >= json && html_at < json_at),
            None => other().is_none_or(|(_, other)| html >= other),
        }
}

/// A media range in lower case and its quality; `None` if the quality is none.
fn range(text: &str) -> Option<(String, f32)> {
    let mut parts = text.split(';').map(str::trim);
    let name = parts.next()?.to_ascii_lowercase();
    let quality = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
    let quality = quality.map_or(Some(1.0), |text| text.parse().ok().filter(|quality| (0.0..=1.0).contains(quality)));
    Some((name, quality?))
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    #[test]
    fn browsers_prefer_html_and_programs_do_not() {
        let prefers = |accept: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
            prefers_html(&headers)
        };
        for accept in [
            "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8",
            "text/html, */*",
            "TEXT/HTML;Q=0.5, application/json;q=0.4",
            "text/html, application/json",
            "text/html;charset=utf-8;q=1",
        ] {
            assert!(prefers(accept), "{accept}");
        }
        for accept in [
            "*/*",
            "",
            "application/json, text/plain, */*",
            "application/json, text/html",
            "text/html;q=0.5, application/json",
            "text/html;q=0.5, */*",
            "text/html;q=0",
            "text/html;q=x",
            "text/htmlx",
        ] {
            assert!(!prefers(accept), "{accept}");
        }
        assert!(!prefers_html(&HeaderMap::new()));
    }
}
