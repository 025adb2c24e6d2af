//! The URL of a provider.

use std::net::IpAddr;

use form_urlencoded::Serializer;
use hyper::{Uri, http::uri::Scheme};

/// Why a text is not the URL of a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidEndpoint {
    /// Not a URL, or one with a user, a query or a fragment.
    #[error("the URL of a provider has a scheme, a host and a path, and nothing else")]
    Malformed,
    /// Requests and responses could be read in transit.
    #[error("the URL of a provider must begin with https, or lead to this machine")]
    Insecure,
}

/// A URL by https, or by http to this machine, without a slash at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Endpoint(String);

/// Checks the URL of a provider.
pub fn check_endpoint(url: &str) -> Result<(), InvalidEndpoint> {
    Endpoint::parse(url).map(drop)
}

impl Endpoint {
    pub(crate) fn parse(text: &str) -> Result<Self, InvalidEndpoint> {
        let uri: Uri = text.parse().map_err(|_| InvalidEndpoint::Malformed)?;
        let (Some(scheme), Some(host), Some(authority)) = (uri.scheme(), uri.host(), uri.authority()) else {
            return Err(InvalidEndpoint::Malformed);
        };
        if host.is_empty() || authority.as_str().contains('@') || text.contains(['?', '#']) {
            return Err(InvalidEndpoint::Malformed);
        }
        if *scheme != Scheme::HTTPS && !(*scheme == Scheme::HTTP && is_loopback(host)) {
            return Err(InvalidEndpoint::Insecure);
        }
        Ok(Self(text.trim_end_matches('/').to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn is_encrypted(&self) -> bool {
        self.0.get(..6).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https:"))
    }

    /// An endpoint below this one; the path begins with a slash.
    pub(crate) fn join(&self, path: &str) -> Self {
        Self(format!("{}{path}", self.0))
    }

    /// This endpoint with a query of names and values.
    pub(crate) fn with_query(&self, fields: &[(&str, &str)]) -> Self {
        Self(format!("{}?{}", self.0, encode_form(fields)))
    }
}

/// Names and values as `application/x-www-form-urlencoded`.
pub(crate) fn encode_form(fields: &[(&str, &str)]) -> String {
    Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// Whether a host can only be this machine. A name other than `localhost` is not resolved: the result may change between
/// the check and the connection.
fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::{Endpoint, InvalidEndpoint};

    #[test]
    fn https_is_taken_everywhere_and_http_on_this_machine_only() {
        for text in [
            "https://provider.test/a",
            "HTTPS://10.0.0.1",
            "http://localhost:1/x",
            "http://127.9.9.9",
            "http://[::1]:80",
        ] {
            assert!(Endpoint::parse(text).is_ok(), "{text}");
        }
        for text in
            ["http://provider.test", "http://10.0.0.1/", "http://localhost.test", "http://[::2]", "ftp://localhost"]
        {
            assert_eq!(Endpoint::parse(text), Err(InvalidEndpoint::Insecure), "{text}");
        }
    }

    #[test]
    fn a_text_that_is_not_a_plain_url_is_refused() {
        for text in [
            "",
            "provider.test",
            "/keys",
            "https://",
            "https:///keys",
            "https://a b.test",
            "https://user:secret@provider.test",
            "https://provider.test?a=b",
            "https://provider.test/#a",
            "http://127.0.0.1@provider.test",
        ] {
            assert_eq!(Endpoint::parse(text), Err(InvalidEndpoint::Malformed), "{text}");
        }
    }

    #[test]
    fn only_https_is_encrypted() {
        assert!(Endpoint::parse("HTTPS://provider.test").unwrap().is_encrypted());
        assert!(!Endpoint::parse("http://localhost/https:").unwrap().is_encrypted());
    }

    #[test]
    fn a_query_is_encoded() {
        let base = Endpoint::parse("https://provider.test/v1/").unwrap();
        let whole = base.join("/me").with_query(&[("token", "1|a&b=c d")]);
        assert_eq!(whole.as_str(), "https://provider.test/v1/me?token=1%7Ca%26b%3Dc+d");
    }
}
