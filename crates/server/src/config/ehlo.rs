//! The default name for EHLO.

use std::net::Ipv4Addr;

use vestibule_domain::EmailAddress;

use super::{Server, Settings, keys, parse, value::Value};

/// The configured name; or that of this machine if it is fully qualified, else the domain of the public URL or of the
/// sender. Many servers refuse a name without a dot (`504 5.5.2`), such as the id of a container.
pub(super) fn name(settings: &mut Settings, server: &Server, from: &str) -> Option<String> {
    if !settings.is_given(&keys::EMAIL_EHLO_NAME)
        && let Some(name) = derived(&host_name(), server.public_url.as_deref(), from)
    {
        settings.derive(&keys::EMAIL_EHLO_NAME, Value::Text(name));
    }
    settings.parse(&keys::EMAIL_EHLO_NAME, parse::ehlo_name)
}

fn host_name() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

fn derived(host_name: &str, public_url: Option<&str>, from: &str) -> Option<String> {
    let candidates = [Some(host_name), public_url.and_then(host_of)];
    let full = candidates.into_iter().flatten().find(|name| is_full(name)).map(str::to_owned);
    full.or_else(|| domain_of(from).filter(|name| is_full(name)))
}

/// Whether a name has a dot, and is no address.
fn is_full(name: &str) -> bool {
    name.contains('.') && name.parse::<Ipv4Addr>().is_err() && parse::ehlo_name(name).is_ok()
}

fn host_of(url: &str) -> Option<&str> {
    url.split_once("://")?.1.split(['/', ':']).next()
}

fn domain_of(sender: &str) -> Option<String> {
    let address = sender.rsplit_once('<').map_or(sender, |(_, address)| address.trim_end().trim_end_matches('>'));
    EmailAddress::parse(address).ok().map(|address| address.domain().to_owned())
}

#[cfg(test)]
mod tests {
    use super::derived;

    #[test]
    fn a_name_without_a_dot_gives_way_to_the_public_one() {
        let sender = "Vestibule <no-reply@bücher.example>";
        for (host, url, expected) in [
            ("web-1.example.net", Some("https://accounts.example.org"), Some("web-1.example.net")),
            ("3f2a91c0d4e5", Some("https://accounts.example.org:8443/a"), Some("accounts.example.org")),
            ("3f2a91c0d4e5", Some("http://127.0.0.1:3000"), Some("xn--bcher-kva.example")),
            ("3f2a91c0d4e5", Some("http://[::1]:3000"), Some("xn--bcher-kva.example")),
            ("3f2a91c0d4e5", None, Some("xn--bcher-kva.example")),
        ] {
            assert_eq!(derived(host, url, sender).as_deref(), expected, "{host} {url:?}");
        }
        assert_eq!(derived("localhost", None, ""), None);
    }
}
