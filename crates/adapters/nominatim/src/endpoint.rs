//! The URL of the server.

use std::net::IpAddr;

use form_urlencoded::Serializer;
use hyper::{Uri, http::uri::Scheme};

/// Why a text is not the URL of a Nominatim server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidNominatimUrl {
    /// Not a URL, or one with a user, a query or a fragment.
    #[error("the URL of a Nominatim server has a scheme, a host and perhaps a path, and nothing else")]
    Malformed,
    /// Look-ups could be read in transit.
    #[error("the URL of a Nominatim server must begin with https, or lead to this machine")]
    Insecure,
}

/// Checks the URL of a server, whose `/search` is used.
pub fn check_url(url: &str) -> Result<(), InvalidNominatimUrl> {
    Endpoint::parse(url).map(drop)
}

/// A URL by https, or by http to this machine, without a slash at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Endpoint(String);

impl Endpoint {
    pub(crate) fn parse(text: &str) -> Result<Self, InvalidNominatimUrl> {
        let uri: Uri = text.parse().map_err(|_| InvalidNominatimUrl::Malformed)?;
        let (Some(scheme), Some(host), Some(authority)) = (uri.scheme(), uri.host(), uri.authority()) else {
            return Err(InvalidNominatimUrl::Malformed);
        };
        if host.is_empty() || authority.as_str().contains('@') || text.contains(['?', '#']) {
            return Err(InvalidNominatimUrl::Malformed);
        }
        if *scheme != Scheme::HTTPS && !(*scheme == Scheme::HTTP && is_loopback(host)) {
            return Err(InvalidNominatimUrl::Insecure);
        }
        Ok(Self(text.trim_end_matches('/').to_owned()))
    }

    pub(crate) fn is_encrypted(&self) -> bool {
        self.0.get(..6).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https:"))
    }

    /// The URL that asks for the most likely place of a name, in English.
    pub(crate) fn search(&self, name: &str) -> String {
        let fields = [("q", name), ("format", "jsonv2"), ("limit", "1"), ("accept-language", "en")];
        format!("{}/search?{}", self.0, Serializer::new(String::new()).extend_pairs(fields).finish())
    }
}

/// Whether a host can only be this machine. A name other than `localhost` is not resolved: the result may change between
/// the check and the connection.
fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_is_taken_everywhere_and_http_on_this_machine_only() {
        for text in ["https://places.test/nominatim", "HTTPS://10.0.0.1", "http://localhost:1/x", "http://[::1]:80"] {
            assert!(check_url(text).is_ok(), "{text}");
        }
        for text in ["http://places.test", "http://10.0.0.1/", "http://localhost.test", "ftp://localhost"] {
            assert_eq!(check_url(text), Err(InvalidNominatimUrl::Insecure), "{text}");
        }
    }

    #[test]
    fn a_text_that_is_not_a_plain_url_is_refused() {
        for text in [
            "",
            "places.test",
            "https://",
            "https://a b.test",
            "https://user@places.test",
            "https://a.test?b",
            "https://a.test/#b",
        ] {
            assert_eq!(check_url(text), Err(InvalidNominatimUrl::Malformed), "{text}");
        }
    }

    #[test]
    fn a_name_is_encoded() {
        let endpoint = Endpoint::parse("https://places.test/nominatim/").unwrap();
        assert_eq!(
            endpoint.search("Zürich & Umgebung, #1?"),
            "https://places.test/nominatim/search?q=Z%C3%BCrich+%26+Umgebung%2C+%231%3F&format=jsonv2&limit=1&accept-language=en"
        );
    }
}
