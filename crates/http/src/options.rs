//! What can be set of the HTTP side.

use std::sync::Arc;

use ipnet::IpNet;
use vestibule_application::Application;

/// How requests are read and which dialects are mounted.
#[derive(Debug, Clone)]
pub struct HttpOptions {
    /// The `contacts` dialect, if it is on.
    pub contacts: Option<DialectOptions>,
    /// Networks whose forwarding headers are believed; none by default.
    pub trusted_proxies: Vec<IpNet>,
    /// Origins that browsers may call from, compared exactly; none by default.
    pub cors_origins: Vec<String>,
    /// Whether clients come by https (the public URL says so), so that they are told to stay there.
    pub behind_https: bool,
}

/// Everything on at the root, no proxy, no origin.
impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            contacts: Some(DialectOptions::default()),
            trusted_proxies: Vec::new(),
            cors_origins: Vec::new(),
            behind_https: false,
        }
    }
}

/// Where a dialect is mounted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DialectOptions {
    /// What stands before the paths of its document: empty, or a path such as `/legacy` without a slash at its end.
    pub prefix: String,
}

/// What every handler works with.
#[derive(Clone)]
pub struct Site {
    /// The use cases.
    pub app: Arc<Application>,
    /// The settings.
    pub options: Arc<HttpOptions>,
}
