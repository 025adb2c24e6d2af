//! How to reach the mail server.

use std::{fmt, path::PathBuf, time::Duration};

use secrecy::SecretString;

use crate::TlsMode;

/// The mail server, the account on it, and the sender.
#[derive(Clone)]
pub struct SmtpOptions {
    /// The name that the server's certificate must bear, or its address.
    pub host: String,
    /// The port; 465 means implicit TLS.
    pub port: u16,
    /// The account, with `password`; without both there is no sign-in.
    pub user: Option<String>,
    /// The password of the account.
    pub password: Option<SecretString>,
    /// The sender: `Name <address>` or an address.
    pub from: String,
    /// Certificates (PEM) trusted in addition to those of the system.
    pub ca_file: Option<PathBuf>,
    /// The name sent with EHLO: a host name, or an address literal such as `[192.0.2.1]`; by default the host name of this
    /// machine.
    pub ehlo_name: Option<String>,
    /// Overrides the default for the port and host.
    pub tls: Option<TlsMode>,
    /// How long to wait.
    pub timeouts: SmtpTimeouts,
}

impl fmt::Debug for SmtpOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port, from, ca_file, ehlo_name, tls, timeouts, user: _, password: _ } = self;
        f.debug_struct("SmtpOptions")
            .field("host", host)
            .field("port", port)
            .field("from", from)
            .field("ca_file", ca_file)
            .field("ehlo_name", ehlo_name)
            .field("tls", tls)
            .field("timeouts", timeouts)
            .finish_non_exhaustive()
    }
}

/// How long to wait for the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SmtpTimeouts {
    /// For a connection to one of its addresses.
    pub connect: Duration,
    /// For its answer to one command, and for its greeting with a TLS handshake.
    pub command: Duration,
    /// For the whole dialogue of one mail.
    pub total: Duration,
}

impl Default for SmtpTimeouts {
    /// 5 s, 15 s and 60 s.
    fn default() -> Self {
        Self { connect: Duration::from_secs(5), command: Duration::from_secs(15), total: Duration::from_mins(1) }
    }
}

/// Why the options are refused.
#[derive(Debug, thiserror::Error)]
pub enum SmtpConfigError {
    /// The sender is neither of the form `Name <address>` nor an address.
    #[error("the sender of mail must be `Name <address>` or an address")]
    From(#[source] lettre::address::AddressError),
    /// Mail cannot come from the sender's address, for example one at an IP address.
    #[error("the sender of mail must be `Name <address>` or an address")]
    FromAddress(#[source] vestibule_domain::email::InvalidEmail),
    /// The sender's name has an unreadable encoding (RFC 2047).
    #[error("the name of the sender is encoded in a way that cannot be read: write it as plain UTF-8")]
    FromName,
    /// The name for EHLO is neither a host name nor an address literal.
    #[error("the EHLO name must be a host name or an address literal such as [192.0.2.1]")]
    EhloName,
    /// A user without a password, or the reverse.
    #[error("the mail server's user and password must be given together")]
    Credentials,
    /// The file of certificates cannot be read.
    #[error("cannot read the certificates in {}", path.display())]
    CaFile {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file of certificates has none, or unreadable ones.
    #[error("there is no certificate (PEM) in {}, or a damaged one", path.display())]
    CaFileContent {
        /// The file.
        path: PathBuf,
    },
    /// TLS cannot be set up.
    #[error("cannot set up TLS for mail")]
    Tls(#[source] lettre::transport::smtp::Error),
}
