//! What can be set of the HTTP side.

use std::{sync::Arc, time::Duration};

use ipnet::IpNet;
use vestibule_application::Application;
use vestibule_domain::PasswordRules;

/// How requests are read and which dialects are mounted.
#[derive(Debug, Clone)]
pub struct HttpOptions {
    /// The `contacts` dialect, if it is on.
    pub contacts: Option<DialectOptions>,
    /// The `mern` dialect, if it is on.
    pub mern: Option<MernOptions>,
    /// The `ego` dialect, if it is on.
    pub ego: Option<EgoOptions>,
    /// Networks whose forwarding headers are believed; none by default.
    pub trusted_proxies: Vec<IpNet>,
    /// Origins that browsers may call from, compared exactly; none by default.
    pub cors_origins: Vec<String>,
    /// How long and how large a request may be.
    pub requests: RequestLimits,
    /// Whether clients come by https (the public URL says so), so that they are told to stay there.
    pub behind_https: bool,
}

/// Everything on at the root, no proxy, no origin.
impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            contacts: Some(DialectOptions::default()),
            mern: Some(MernOptions::default()),
            ego: Some(EgoOptions::default()),
            trusted_proxies: Vec::new(),
            cors_origins: Vec::new(),
            requests: RequestLimits::default(),
            behind_https: false,
        }
    }
}

/// How long and how large a request may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestLimits {
    /// How long a client may take to send a body.
    pub body_time: Duration,
    /// How long a handler may take, the body aside.
    pub handler_time: Duration,
    /// The most bytes of a JSON body; a dialect may take less.
    pub body_bytes: usize,
    /// How deep objects and arrays may lie in each other.
    pub body_depth: usize,
    /// The most rows in one answer.
    pub page_rows: u32,
}

/// 30 s for a body, 10 s for a handler, 100 KiB, 16 levels, 1000 rows.
impl Default for RequestLimits {
    fn default() -> Self {
        Self {
            body_time: Duration::from_secs(30),
            handler_time: Duration::from_secs(10),
            body_bytes: 100 * 1_024,
            body_depth: 16,
            page_rows: 1_000,
        }
    }
}

/// Where a dialect is mounted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DialectOptions {
    /// What stands before the paths of its document: empty, or a path such as `/legacy` without a slash at its end.
    pub prefix: String,
}

/// What can be set of the `mern` dialect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MernOptions {
    /// What stands before the paths of its document, as for every dialect.
    pub prefix: String,
    /// Whether a mailbox must be proven by a link before its account can sign in.
    pub verify_email: bool,
    /// Whether a forgotten password can be replaced by a mailed link.
    pub reset_password: bool,
    /// What mailed links begin with: the URL of the client's pages.
    pub public_url: String,
    /// What the mails call the site.
    pub title: String,
}

/// At the root, without proofs of mailboxes, with password resets, for a client on this machine.
impl Default for MernOptions {
    fn default() -> Self {
        Self {
            prefix: String::new(),
            verify_email: false,
            reset_password: true,
            public_url: "http://localhost:3000".to_owned(),
            title: "MERN Stack".to_owned(),
        }
    }
}

/// What can be set of the `ego` dialect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EgoOptions {
    /// What stands before the paths of its document, as for every dialect.
    pub prefix: String,
    /// The fewest characters of a new password.
    pub password_min: usize,
    /// What the links of reset mails begin with: the URL of the client's pages.
    pub frontend_url: String,
}

impl EgoOptions {
    /// What a new password must look like.
    pub(crate) const fn password_rules(&self) -> PasswordRules {
        PasswordRules::at_least(self.password_min)
    }
}

/// At the root, passwords as short as the document's example, for a client on this machine.
impl Default for EgoOptions {
    fn default() -> Self {
        Self { prefix: String::new(), password_min: 5, frontend_url: "http://localhost:3000".to_owned() }
    }
}

/// What every handler works with.
#[derive(Clone)]
pub struct Site {
    /// The use cases.
    pub app: Arc<Application>,
    /// The settings.
    pub options: Arc<HttpOptions>,
}
