//! Where a request comes from, behind proxies too.
//!
//! Anybody can write a forwarding header, so that it is believed only from a configured proxy, and only up to the first
//! hop that is none. Few proxies take away the forwarding header that they do not write themselves: where both are there
//! and disagree, one was made up by the client, and neither is believed.

use std::{
    convert::Infallible,
    future::{Ready, ready},
    net::{IpAddr, Ipv4Addr, SocketAddr},
};

use actix_web::{
    FromRequest, HttpMessage, HttpRequest,
    dev::Payload,
    http::header::{self, HeaderMap, HeaderName},
    web,
};
use ipnet::IpNet;
use vestibule_domain::{Origin, RequestId, Source};

use crate::{HttpOptions, Site, shared::middleware::RequestIdValue};

/// Extracts the source of a request.
pub(crate) struct ClientSource(pub(crate) Source);

impl FromRequest for ClientSource {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(source_of(request))))
    }
}

/// The source of a request together with its id.
pub(crate) fn origin_of(request: &HttpRequest) -> Origin {
    let id = request.extensions().get::<RequestIdValue>().and_then(RequestIdValue::read);
    Origin { source: source_of(request), request: id.unwrap_or_else(RequestId::unknown) }
}

fn source_of(request: &HttpRequest) -> Source {
    Source::new(address_of(request))
}

/// The address of the client of a request.
pub(crate) fn address_of(request: &HttpRequest) -> IpAddr {
    let proxies = request.app_data::<web::Data<Site>>().map_or(&[][..], |site| &site.options.trusted_proxies);
    client_address(request.peer_addr(), request.headers(), proxies)
}

/// Whether the other end of the connection is a proxy whose headers are believed.
pub(crate) fn is_trusted_peer(peer: Option<SocketAddr>, options: &HttpOptions) -> bool {
    peer.is_some_and(|peer| is_trusted(peer.ip().to_canonical(), &options.trusted_proxies))
}

fn is_trusted(address: IpAddr, proxies: &[IpNet]) -> bool {
    proxies.iter().any(|network| network.contains(&address))
}

fn client_address(peer: Option<SocketAddr>, headers: &HeaderMap, proxies: &[IpNet]) -> IpAddr {
    let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip().to_canonical());
    if !is_trusted(peer, proxies) {
        return peer;
    }
    let x_forwarded_for = values(headers, header::X_FORWARDED_FOR).map(parse_hop);
    let forwarded = values(headers, header::FORWARDED).map(|element| for_parameter(element).and_then(parse_hop));
    match (nearest_client(x_forwarded_for, proxies), nearest_client(forwarded, proxies)) {
        (Some(client), None) | (None, Some(client)) => client,
        (Some(one), Some(other)) if one == other => one,
        (Some(_), Some(_)) | (None, None) => peer,
    }
}

/// The elements of a list header, the last hop last.
fn values(headers: &HeaderMap, name: HeaderName) -> impl DoubleEndedIterator<Item = &str> {
    let lines: Vec<&str> = headers.get_all(name).map(|line| line.to_str().unwrap_or("")).collect();
    lines.into_iter().flat_map(|line| line.split(',')).map(str::trim)
}

/// The right-most hop that is no trusted proxy; where a hop cannot be read, the trusted one that wrote it down.
fn nearest_client(hops: impl DoubleEndedIterator<Item = Option<IpAddr>>, proxies: &[IpNet]) -> Option<IpAddr> {
    let mut nearest = None;
    for hop in hops.rev() {
        let Some(address) = hop else { break };
        nearest = Some(address);
        if !is_trusted(address, proxies) {
            break;
        }
    }
    nearest
}

/// The `for` of an element of `Forwarded` (RFC 7239, section 4), without its quotes.
fn for_parameter(element: &str) -> Option<&str> {
    element.split(';').find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        name.trim().eq_ignore_ascii_case("for").then(|| value.trim().trim_matches('"'))
    })
}

/// An address with or without a port: `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:80`.
fn parse_hop(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let address = bare.parse().or_else(|_| text.parse::<SocketAddr>().map(|socket| socket.ip())).ok();
    address.map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    const PROXY: &str = "10.0.0.1";

    /// The client of a request from `peer`, where `10.0.0.0/8` and `fd00::/8` are trusted.
    fn client(peer: &str, headers: &[(HeaderName, &str)]) -> String {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(name.clone(), HeaderValue::from_str(value).unwrap());
        }
        let proxies = ["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()];
        client_address(Some(SocketAddr::new(peer.parse().unwrap(), 4000)), &map, &proxies).to_string()
    }

    fn x(value: &str) -> (HeaderName, &str) {
        (header::X_FORWARDED_FOR, value)
    }

    fn f(value: &str) -> (HeaderName, &str) {
        (header::FORWARDED, value)
    }

    #[test]
    fn a_stranger_is_not_believed() {
        assert_eq!(client("192.0.2.1", &[x("198.51.100.7")]), "192.0.2.1");
        assert_eq!(client("192.0.2.1", &[f("for=198.51.100.7")]), "192.0.2.1");
    }

    #[test]
    fn nobody_is_believed_by_default() {
        let mut headers = HeaderMap::new();
        headers.insert(header::X_FORWARDED_FOR, HeaderValue::from_static("198.51.100.7"));
        let peer = SocketAddr::from(([127, 0, 0, 1], 4000));
        assert_eq!(client_address(Some(peer), &headers, &[]).to_string(), "127.0.0.1");
    }

    #[test]
    fn a_proxy_without_headers_is_the_client() {
        assert_eq!(client(PROXY, &[]), PROXY);
    }

    #[test]
    fn the_right_most_hop_that_is_no_proxy_is_the_client() {
        assert_eq!(client(PROXY, &[x("203.0.113.9, 198.51.100.7, 10.2.3.4")]), "198.51.100.7");
        assert_eq!(client(PROXY, &[x("203.0.113.9"), x("198.51.100.7"), x("10.2.3.4")]), "198.51.100.7");
        assert_eq!(client(PROXY, &[f("for=203.0.113.9, for=198.51.100.7;proto=https, for=10.2.3.4")]), "198.51.100.7");
    }

    #[test]
    fn where_every_hop_is_a_proxy_the_first_is_the_client() {
        assert_eq!(client(PROXY, &[x("10.9.9.9, 10.2.3.4")]), "10.9.9.9");
    }

    #[test]
    fn a_hop_that_cannot_be_read_ends_the_chain() {
        assert_eq!(client(PROXY, &[x("198.51.100.7, unknown, 10.2.3.4")]), "10.2.3.4");
        assert_eq!(client(PROXY, &[f("for=_hidden")]), PROXY);
        assert_eq!(client(PROXY, &[x("")]), PROXY);
    }

    #[test]
    fn every_form_of_an_address_is_read() {
        for hop in ["198.51.100.7", "198.51.100.7:4711", "::ffff:198.51.100.7", "[::ffff:198.51.100.7]:4711"] {
            assert_eq!(client(PROXY, &[x(hop)]), "198.51.100.7", "{hop}");
        }
        for hop in ["2001:db8::17", "[2001:db8::17]", "[2001:db8::17]:4711"] {
            assert_eq!(client("fd00::1", &[x(hop)]), "2001:db8::17", "{hop}");
            assert_eq!(client("fd00::1", &[f(&format!("proto=https;For=\"{hop}\""))]), "2001:db8::17", "{hop}");
        }
    }

    #[test]
    fn a_proxy_is_known_by_its_mapped_address_too() {
        assert_eq!(client("::ffff:10.0.0.1", &[x("198.51.100.7")]), "198.51.100.7");
    }

    #[test]
    fn two_headers_that_disagree_are_both_dropped() {
        assert_eq!(client(PROXY, &[x("198.51.100.7"), f("for=203.0.113.9")]), PROXY);
        assert_eq!(client(PROXY, &[x("198.51.100.7"), f("for=198.51.100.7")]), "198.51.100.7");
    }
}
