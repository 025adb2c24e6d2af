//! How the connection is encrypted.

use std::net::IpAddr;

/// The port of implicit TLS (RFC 8314, section 3.3).
const SUBMISSIONS_PORT: u16 = 465;

/// The configurable ways, all with TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsMode {
    /// TLS from the first byte.
    Implicit,
    /// STARTTLS before anything else, or no mail.
    StartTls,
}

/// What the dialogue does about TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte.
    Implicit,
    /// STARTTLS; if the server does not offer it, or an attacker hides the offer, no mail is sent.
    StartTls,
    /// STARTTLS if offered, otherwise plain: for a server on this machine only.
    StartTlsIfOffered,
}

impl Security {
    /// The configured way; by default implicit TLS on port 465 and STARTTLS on others, which is optional only for a server
    /// on this machine.
    pub fn choose(asked: Option<TlsMode>, host: &str, port: u16) -> Self {
        match asked {
            Some(TlsMode::Implicit) => Self::Implicit,
            None if port == SUBMISSIONS_PORT => Self::Implicit,
            None if is_loopback(host) => Self::StartTlsIfOffered,
            Some(TlsMode::StartTls) | None => Self::StartTls,
        }
    }
}

/// Whether a host can only be this machine. A name other than `localhost` is not resolved: the result may change between
/// the check and the connection.
fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::{Security, TlsMode};

    #[test]
    fn port_465_is_implicit_tls_everywhere() {
        for host in ["mail.example", "localhost", "127.0.0.1"] {
            assert_eq!(Security::choose(None, host, 465), Security::Implicit);
        }
    }

    #[test]
    fn starttls_is_required_outside_of_this_machine() {
        let hosts =
            ["mail.example", "localhost.example", "127.0.0.1.example", "10.0.0.1", "::2", "0.0.0.0", "", "126.0.0.1"];
        for host in hosts {
            for port in [25, 587, 2525] {
                assert_eq!(Security::choose(None, host, port), Security::StartTls, "{host}");
            }
        }
    }

    #[test]
    fn a_server_on_this_machine_may_be_plain() {
        for host in ["localhost", "LOCALHOST", "127.0.0.1", "127.9.9.9", "::1"] {
            assert_eq!(Security::choose(None, host, 587), Security::StartTlsIfOffered, "{host}");
        }
    }

    #[test]
    fn what_is_asked_for_wins() {
        for (host, port) in [("mail.example", 465), ("localhost", 25)] {
            assert_eq!(Security::choose(Some(TlsMode::StartTls), host, port), Security::StartTls);
            assert_eq!(Security::choose(Some(TlsMode::Implicit), host, port), Security::Implicit);
        }
    }
}
