//! What can be set of the HTTP side.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use ipnet::IpNet;
use vestibule_application::{Chat, Documents, Identity, Places, Profiles};

use crate::dialects::{self, Mount};

/// Where the pages of a client are while it is developed.
const LOCAL_URL: &str = "http://localhost:3000";

/// How requests are read and which dialects are mounted.
#[derive(Debug, Clone)]
pub struct HttpOptions {
    /// Every dialect, whether it is on, where, and with which settings.
    pub dialects: Vec<Mount>,
    /// Networks whose forwarding headers are believed; none by default.
    pub trusted_proxies: Vec<IpNet>,
    /// Origins that browsers may call from, compared exactly; none by default.
    pub cors_origins: Vec<String>,
    /// How long and how large a request may be.
    pub requests: RequestLimits,
    /// Whether clients come by https (the public URL says so), so that they are told to stay there.
    pub behind_https: bool,
    /// Whether `/docs` and `/openapi.json` are served.
    pub docs: bool,
}

/// Everything on at the root, for clients on this machine, no proxy, no origin.
impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            dialects: dialects::ALL.iter().map(|dialect| dialect.default_mount().with_public_url(LOCAL_URL)).collect(),
            trusted_proxies: Vec::new(),
            cors_origins: Vec::new(),
            requests: RequestLimits::default(),
            behind_https: false,
            docs: true,
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

impl HttpOptions {
    /// The same with a dialect mounted another way.
    #[must_use]
    pub fn with(mut self, mount: Mount) -> Self {
        let same = |other: &&mut Mount| other.dialect().name() == mount.dialect().name();
        if let Some(earlier) = self.dialects.iter_mut().find(same) {
            *earlier = mount;
        }
        self
    }

    /// The same with these dialects only.
    #[must_use]
    pub fn only(mut self, names: &[&str]) -> Self {
        for mount in &mut self.dialects {
            *mount = mount.clone().switched(names.contains(&mount.dialect().name()));
        }
        self
    }
}

/// What every handler works with.
#[derive(Clone)]
pub struct Site {
    /// The use cases of accounts.
    pub identity: Arc<Identity>,
    /// The use cases of conversations.
    pub chat: Arc<Chat>,
    /// The use cases of stored documents.
    pub documents: Arc<Documents>,
    /// The use cases of profiles.
    pub profiles: Arc<Profiles>,
    /// The use cases of places.
    pub places: Arc<Places>,
    /// The settings.
    pub options: Arc<HttpOptions>,
    /// Whether the server is about to end.
    pub leaving: Leaving,
}

/// Whether the server is about to end: it serves as before then, but says that it is not ready, so that balancers send no more.
#[derive(Debug, Clone, Default)]
pub struct Leaving(Arc<AtomicBool>);

impl Leaving {
    /// From now on it is.
    pub fn announce(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_announced(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
