//! Small pages of our own for people with a browser: the start page, and those that links of mails lead to.
//!
//! A page carries its style and script and takes nothing from elsewhere; both are allowed by their digests alone.

pub(crate) mod links;
pub(crate) mod start;

use actix_web::{HttpResponse, http::header};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("link.js");

/// Neither loads anything; a form is sent by the script, or not at all.
const POLICY: &str = concat!(
    "default-src 'none'; script-src 'sha256-G0+ToOVFjBZmm8kcU+mtijuin2Won/v6AkwCKkawDWw='; style-src 'sha256-hbEvhZRHbn1bI5wRyhd6rLfH6xxJamGjMuyL9sq52Y8='; ",
    "connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
);

/// A whole page around a body of HTML.
fn page((lang, title): (&str, &str), body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"{lang}\"><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width\"><meta name=\"robots\" content=\"noindex\"><title>{title}</title>\n\
         <style>{STYLE}</style>\n<h1>{title}</h1>\n{body}</html>\n"
    )
}

fn show(html: impl Into<actix_web::web::Bytes>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .body(html.into())
}

#[cfg(test)]
mod tests {
    use base64::{Engine, prelude::BASE64_STANDARD};
    use sha2::{Digest, Sha256};

    use super::*;

    #[test]
    fn the_policy_allows_the_script_and_the_style_as_they_are() {
        for (directive, text) in [("script-src", SCRIPT), ("style-src", STYLE)] {
            let digest = BASE64_STANDARD.encode(Sha256::digest(text));
            assert!(POLICY.contains(&format!("{directive} 'sha256-{digest}';")), "{directive}: {digest}");
        }
    }
}
