//! Parsers of single values; each refusal says what is wrong and what to write instead.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::Path,
};

use ipnet::IpNet;
use tracing_subscriber::EnvFilter;
use vestibule_application::chain;
use vestibule_domain::{EmailAddress, Username};
use vestibule_letters::TemplateLetters;

use super::value::Refusal;

/// An address and a port; `localhost` is 127.0.0.1.
pub(super) fn address(text: &str) -> Result<SocketAddr, Refusal> {
    let localhost = || text.strip_prefix("localhost:")?.parse().ok().map(|port| (Ipv4Addr::LOCALHOST, port).into());
    text.parse().ok().or_else(localhost).ok_or_else(|| {
        Refusal::new(
            format!("`{text}` is not an address with a port"),
            "write it as 127.0.0.1:3000, [::1]:3000 or 0.0.0.0:3000",
        )
    })
}

/// An address and a port, or `off`.
pub(super) fn address_or_off(text: &str) -> Result<Option<SocketAddr>, Refusal> {
    if text.eq_ignore_ascii_case("off") {
        return Ok(None);
    }
    address(text).map(Some).map_err(|refusal| Refusal::new(refusal.what, "write it as 127.0.0.1:9464, or `off`"))
}

/// Whether only this machine can reach an address.
pub(super) fn is_loopback(address: SocketAddr) -> bool {
    address.ip().to_canonical().is_loopback()
}

/// A network such as `10.0.0.0/8`, or a single address.
pub(super) fn network(text: &str) -> Result<IpNet, Refusal> {
    let single = || text.parse::<IpAddr>().ok().map(IpNet::from);
    text.parse().ok().or_else(single).ok_or_else(|| {
        Refusal::new(format!("`{text}` is neither a network nor an address"), "write it as 10.0.0.0/8 or 10.1.2.3")
    })
}

/// A public URL, without the slash at its end.
pub(super) fn public_url(text: &str) -> Result<String, Refusal> {
    let url = text.trim_end_matches('/');
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let fits = rest.is_some_and(|rest| {
        let host = rest.split('/').next().unwrap_or_default();
        is_host_and_port(host) && is_path(rest.get(host.len()..).unwrap_or_default())
    });
    if fits {
        Ok(url.to_owned())
    } else {
        Err(Refusal::new(
            format!("`{text}` is not a URL that links can begin with"),
            "write it as https://accounts.example.org, without user, query or fragment",
        ))
    }
}

/// Schemes whose pages have no origin: browsers send `null` for them.
const OPAQUE_SCHEMES: [&str; 3] = ["file", "data", "javascript"];

/// An origin exactly as a browser sends it; an app in a web view has its own scheme, as in `capacitor://localhost`.
pub(super) fn origin(text: &str) -> Result<String, Refusal> {
    let fits = text.split_once("://").is_some_and(|(scheme, host)| {
        let default_port = match scheme {
            "https" => host.ends_with(":443"),
            "http" => host.ends_with(":80"),
            _ => false,
        };
        is_scheme(scheme) && !OPAQUE_SCHEMES.contains(&scheme) && is_host_and_port(host) && !default_port
    });
    if fits && !text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Ok(text.to_owned())
    } else {
        Err(Refusal::new(
            format!("`{text}` is not an origin as browsers send it"),
            "write scheme, lower-case host and any unusual port, as https://app.example.org or capacitor://localhost; \
             `*`, `null` and the schemes file, data and javascript are not taken",
        ))
    }
}

/// A scheme (RFC 3986, section 3.1) in lower case.
fn is_scheme(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"+-.".contains(&byte))
}

fn is_host_and_port(text: &str) -> bool {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (text, None),
    };
    let is_v6 = || {
        let inner = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        inner.is_some_and(|inner| inner.parse::<std::net::Ipv6Addr>().is_ok())
    };
    (is_host_name(host) || is_v6()) && port.is_none_or(|port| port.parse::<u16>().is_ok())
}

fn is_host_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte))
}

fn is_path(text: &str) -> bool {
    !text.contains("//") && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/.-_~".contains(&byte))
}

/// A path to mount a dialect under: empty, or beginning with a slash and not ending with one.
pub(super) fn prefix(text: &str) -> Result<String, Refusal> {
    let path = text.trim_end_matches('/');
    if path.is_empty() || (path.starts_with('/') && is_path(path)) {
        Ok(path.to_owned())
    } else {
        Err(Refusal::new(format!("`{text}` is not a path to mount under"), "write it as /contacts, or leave it empty"))
    }
}

/// The host of a mail server: a name or an address.
pub(super) fn mail_host(text: &str) -> Result<String, Refusal> {
    if is_host_name(text) || text.parse::<IpAddr>().is_ok() {
        Ok(text.to_owned())
    } else {
        Err(Refusal::new(
            format!("`{text}` is not a host name"),
            "give the name alone, as smtp.example.org; the port goes into EMAIL_PORT",
        ))
    }
}

/// A name for EHLO.
pub(super) fn ehlo_name(text: &str) -> Result<String, Refusal> {
    vestibule_smtp::check_ehlo_name(text).map_err(|_| {
        let what = format!("`{text}` is neither a host name nor an address in brackets");
        Refusal::new(what, "write it as accounts.example.org or [192.0.2.1]")
    })?;
    Ok(text.to_owned())
}

/// A sender, `ADDRESS` or `Name <ADDRESS>`.
pub(super) fn sender(text: &str) -> Result<String, Refusal> {
    if text.chars().any(char::is_control) || vestibule_smtp::check_sender(text).is_err() {
        let remedy = "write it as no-reply@example.org or `Vestibule <no-reply@example.org>`, with a name that is not of \
                      plain words in quotation marks";
        return Err(Refusal::new("not a sender", remedy));
    }
    Ok(text.to_owned())
}

/// A file of certificates.
pub(super) fn certificates(path: &str) -> Result<(), Refusal> {
    vestibule_smtp::check_certificates(Path::new(path))
        .map_err(|error| Refusal::new(chain(&error), "give a readable PEM file"))
}

/// A folder of mail templates.
pub(super) fn templates(path: &str) -> Result<(), Refusal> {
    TemplateLetters::new(Some(Path::new(path))).map(drop).map_err(|error| {
        Refusal::new(
            chain(&error),
            "give a folder with <en|fr>/<letter>.<txt|html> for each text that is to be another",
        )
    })
}

/// The URL of a sign-in provider.
pub(super) fn provider_url(text: &str) -> Result<String, Refusal> {
    vestibule_identity::check_endpoint(text)
        .map_err(|error| Refusal::new(error.to_string(), "leave it out to use the provider's own"))?;
    Ok(text.to_owned())
}

/// The endpoint of a bucket.
pub(super) fn bucket_endpoint(text: &str, allow_http: bool) -> Result<String, Refusal> {
    let url = text.trim_end_matches('/');
    let (rest, is_http) = match (url.strip_prefix("https://"), url.strip_prefix("http://")) {
        (Some(rest), _) => (rest, false),
        (None, Some(rest)) => (rest, true),
        (None, None) => ("", false),
    };
    let host = rest.split('/').next().unwrap_or_default();
    if !is_host_and_port(host) || !is_path(rest.get(host.len()..).unwrap_or_default()) {
        return Err(Refusal::new(
            format!("`{text}` is not the URL of an S3 server"),
            "write it as https://s3.example.org",
        ));
    }
    if is_http && !allow_http && !is_this_machine(host) {
        let remedy = "use https, or set VESTIBULE_S3_ALLOW_HTTP to `on`";
        return Err(Refusal::new("http to another machine: others on the way could read and change requests", remedy));
    }
    Ok(url.to_owned())
}

/// Whether a host can only be this machine; a name other than `localhost` may later resolve to another one.
fn is_this_machine(host_and_port: &str) -> bool {
    let name = match host_and_port.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => host,
        _ => host_and_port,
    };
    let address = name.trim_start_matches('[').trim_end_matches(']');
    address.eq_ignore_ascii_case("localhost")
        || address.parse::<IpAddr>().is_ok_and(|ip| ip.to_canonical().is_loopback())
}

/// An id issued by a sign-in provider. Several in one text, however separated, would never match.
pub(super) fn provider_id(text: &str) -> Result<String, Refusal> {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_:".contains(&byte)) {
        Ok(text.to_owned())
    } else {
        Err(Refusal::new(
            format!("`{text}` is not an id as the provider gives it out"),
            "write letters, digits, dots and dashes only; of several ids where the key is a list, separate them by commas, \
             in TOML in an array",
        ))
    }
}

/// A text without blanks and commas, which would mean several values.
pub(super) fn one_word(text: &str) -> Result<String, Refusal> {
    if text.is_empty() || text.contains(|character: char| character.is_whitespace() || character == ',') {
        Err(Refusal::new(format!("`{text}` is not one name"), "write exactly one, without blanks and commas"))
    } else {
        Ok(text.to_owned())
    }
}

/// The private key issued by Apple.
pub(super) fn apple_key(text: &str) -> Result<(), Refusal> {
    vestibule_identity::check_private_key(text)
        .map_err(|error| Refusal::new(error.to_string(), "give the content of the .p8 file, or name it with …_FILE"))
}

/// An e-mail address.
pub(super) fn email(text: &str) -> Result<EmailAddress, Refusal> {
    EmailAddress::parse(text).map_err(|error| Refusal::new(error.to_string(), "write it as root@example.org"))
}

/// A user name.
pub(super) fn username(text: &str) -> Result<Username, Refusal> {
    Username::parse(text).map_err(|error| Refusal::new(format!("`{text}` is not a user name"), error.to_string()))
}

/// A log filter.
pub(super) fn log_filter(text: &str) -> Result<String, Refusal> {
    match EnvFilter::builder().parse(text) {
        Ok(_) if text.split(',').all(|directive| directive.trim().is_empty()) => {
            Err(Refusal::new(format!("`{text}` is a log filter without a directive"), "write it as `info`"))
        }
        Ok(_) => Ok(text.to_owned()),
        Err(error) => Err(Refusal::new(
            format!("`{text}` is not a log filter: {error}"),
            "write it as `info`, or `info,vestibule_smtp=debug`",
        )),
    }
}
