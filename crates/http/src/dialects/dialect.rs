//! What a dialect is, as one value, and a dialect that is mounted somewhere.

use std::{any::Any, fmt, sync::Arc};

use actix_web::{HttpResponse, http::StatusCode, web};
use vestibule_application::TokenKey;
use vestibule_domain::PasswordRules;

use crate::shared::{
    chapter::Chapter,
    link_page::LinkPage,
    routes::RouteRow,
    table::{OtherMethods, Table},
};

/// A dialect: everything that the rest of the crate knows of it.
pub struct Dialect {
    /// What it is called, in the configuration too.
    pub(crate) name: &'static str,
    /// Unknown paths below these are answered in its words.
    pub(crate) own_paths: &'static [&'static str],
    /// Its URL table.
    pub(crate) rows: &'static [RouteRow],
    /// Paths without a row that are answered as another method is.
    pub(crate) rowless: &'static [&'static str],
    /// The keys that its tokens are signed with.
    pub(crate) token_keys: &'static [TokenKey],
    /// Itself at the root, with the settings of its document.
    pub(crate) default_mount: fn() -> Mount,
    /// Makes what it keeps from request to request, shared by all workers.
    pub(crate) new_state: fn() -> Arc<dyn Any + Send + Sync>,
    /// Gives its handlers what they need beside the site: its settings and state.
    pub(crate) configure: fn(&mut web::ServiceConfig, &Mount),
    /// Pages of our own for the links of its mails.
    pub(crate) link_pages: &'static [LinkPage],
    /// What the OpenAPI document says of it beside its rows.
    pub(crate) chapter: &'static Chapter,
    /// The rules of its new passwords, from those of the site.
    pub(crate) password_rules: fn(&Mount, PasswordRules) -> PasswordRules,
    /// Refuses a request for a path that reached no handler, or whose handler took too long.
    pub(crate) refuse: fn(&str, StatusCode) -> HttpResponse,
    /// Answers another method on a path of its table.
    pub(crate) other_methods: OtherMethods,
}

impl Dialect {
    /// What it is called, in the configuration too.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Itself at the root, with the settings of its document.
    pub fn default_mount(&self) -> Mount {
        (self.default_mount)()
    }

    /// The length of the longest of its own paths that a path is or lies below.
    pub(crate) fn owned_length(&self, path: &str) -> Option<usize> {
        let is_at_or_below =
            |own: &&&str| path.strip_prefix(**own).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        self.own_paths.iter().filter(is_at_or_below).map(|own| own.len()).max()
    }
}

/// What follows a prefix, whatever the case of its letters.
pub(crate) fn strip_prefix<'p>(path: &'p str, prefix: &str) -> Option<&'p str> {
    let (start, rest) = path.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}

impl fmt::Debug for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Dialect").field(&self.name).finish()
    }
}

/// The settings of one dialect.
pub trait DialectSettings: Clone + Default + fmt::Debug + Send + Sync + 'static {
    /// Which one.
    const DIALECT: &'static Dialect;

    /// With the URL under which clients reach the server, where that is a default of theirs; it is known only once the
    /// server listens.
    #[must_use]
    fn with_public_url(self, _url: &str) -> Self {
        self
    }
}

/// Settings of any dialect.
trait AnySettings: Any + fmt::Debug + Send + Sync {}

impl<Settings: DialectSettings> AnySettings for Settings {}

/// A dialect, whether it is on, where, and with which settings.
#[derive(Debug, Clone)]
pub struct Mount {
    dialect: &'static Dialect,
    is_on: bool,
    prefix: String,
    settings: Arc<dyn AnySettings>,
    state: Arc<dyn Any + Send + Sync>,
    with_public_url: fn(Self, &str) -> Self,
}

impl Mount {
    /// A dialect with its settings, on, at the root.
    pub fn new<Settings: DialectSettings>(settings: Settings) -> Self {
        Self {
            dialect: Settings::DIALECT,
            is_on: true,
            prefix: String::new(),
            settings: Arc::new(settings),
            state: (Settings::DIALECT.new_state)(),
            with_public_url: |mount, url| {
                let settings = mount.settings::<Settings>().map(|own| Settings::clone(&own).with_public_url(url));
                Self { settings: Arc::new(settings.unwrap_or_default()), ..mount }
            },
        }
    }

    /// The same under a prefix: empty, or a path such as `/legacy` without a slash at its end.
    #[must_use]
    pub fn at(self, prefix: impl Into<String>) -> Self {
        Self { prefix: prefix.into(), ..self }
    }

    /// The same, on or off.
    #[must_use]
    pub fn switched(self, is_on: bool) -> Self {
        Self { is_on, ..self }
    }

    /// The same where clients reach the server under a URL.
    #[must_use]
    pub fn with_public_url(self, url: &str) -> Self {
        (self.with_public_url)(self, url)
    }

    /// Which dialect.
    pub const fn dialect(&self) -> &'static Dialect {
        self.dialect
    }

    /// Whether it is on.
    pub const fn is_on(&self) -> bool {
        self.is_on
    }

    /// What stands before the paths of its document.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Its settings, where they are of this type.
    pub fn settings<Settings: DialectSettings>(&self) -> Option<web::Data<Settings>> {
        let settings: Arc<dyn Any + Send + Sync> = self.settings.clone();
        settings.downcast().ok().map(web::Data::from)
    }

    /// Gives the handlers its settings and its state. What is of another type than its value says is not there: a handler
    /// that needs it refuses every request.
    pub(crate) fn provide<Settings: DialectSettings, State: Send + Sync + 'static>(
        &self,
        cfg: &mut web::ServiceConfig,
    ) {
        if let Some(settings) = self.settings::<Settings>() {
            cfg.app_data(settings);
        }
        if let Ok(state) = Arc::clone(&self.state).downcast::<State>() {
            cfg.app_data(web::Data::from(state));
        }
    }

    /// Its rows, below its prefix.
    pub(crate) fn table(&self) -> Table<'_> {
        let Dialect { rows, rowless, other_methods, .. } = *self.dialect;
        Table { prefix: &self.prefix, rows, rowless, other_methods }
    }

    /// The length of its longest own path.
    pub(crate) fn longest_own_path(&self) -> usize {
        self.prefix.len() + self.dialect.own_paths.iter().map(|own| own.len()).max().unwrap_or_default()
    }
}
