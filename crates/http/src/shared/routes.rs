//! The URL table of a dialect as data: what is mounted, and what tests and documents iterate over.

use actix_web::{Route, http::Method};
use vestibule_domain::Permission;

use super::{describe::Description, kind::Kind};

/// What a request must carry to be listened to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Nothing.
    Public,
    /// Nothing, but an access token that comes must be good.
    Optional,
    /// An access token, in the `Authorization` header or where else the dialect has it.
    Bearer,
    /// The same, of the account that the path names; where the route serves others too, of an admin.
    Owner,
    /// The same, of an account with a role or a permission that not everybody has.
    Privileged,
    /// The same, of an account with this permission.
    Permitted(Permission),
    /// The same, or an anonymous token, where clients that did not sign in are allowed what this permission allows.
    PermittedOrAnonymous(Permission),
}

impl Access {
    /// Whether a request without an access token is refused.
    pub const fn needs_token(self) -> bool {
        match self {
            Self::Public | Self::Optional => false,
            Self::Bearer | Self::Owner | Self::Privileged | Self::Permitted(_) | Self::PermittedOrAnonymous(_) => true,
        }
    }
}

/// A row of a dialect's URL table.
#[derive(Debug, Clone)]
pub struct RouteRow {
    /// Its method; `HEAD` works wherever `GET` does.
    pub method: Method,
    /// Its path below the dialect's prefix.
    pub path: &'static str,
    /// How many of the last segments of its path, all of them parameters, may be missing.
    pub optional: usize,
    /// What it asks of a request first.
    pub access: Access,
    /// What it takes and gives.
    pub kind: Kind,
    /// What the OpenAPI document says of it; `None` for a page that belongs to no dialect.
    pub(crate) describe: Option<Describe>,
    /// Ties the handler to the route.
    pub(crate) handler: Tie,
}

pub(crate) type Describe = fn() -> Description;
pub(crate) type Tie = fn(Route) -> Route;

impl RouteRow {
    /// A row for a page that belongs to no dialect.
    pub(crate) const fn page(path: &'static str, handler: Tie) -> Self {
        Self {
            method: Method::GET,
            path,
            optional: 0,
            access: Access::Public,
            kind: Kind::Bytes,
            describe: None,
            handler,
        }
    }

    /// The same with what the OpenAPI document says of it.
    pub(crate) const fn described(mut self, describe: Describe) -> Self {
        self.describe = Some(describe);
        self
    }

    /// The same of another kind than JSON of the usual size.
    pub(crate) const fn of(mut self, kind: Kind) -> Self {
        self.kind = kind;
        self
    }

    /// The same where that many of the last segments of the path, all of them parameters, may be missing.
    pub(crate) const fn with_optional(mut self, segments: usize) -> Self {
        self.optional = segments;
        self
    }

    /// Its path, and the shorter ones without optional segments.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &'static str> + use<> {
        let shorter = |path: &&'static str| path.rsplit_once('/').map(|(before, _)| before);
        std::iter::successors(Some(self.path), shorter).take(self.optional + 1)
    }

    /// A row for `GET`.
    pub(crate) const fn get(path: &'static str, access: Access, describe: Describe, handler: Tie) -> Self {
        Self { method: Method::GET, path, optional: 0, access, kind: Kind::JSON, describe: Some(describe), handler }
    }

    /// A row for `POST`.
    pub(crate) const fn post(path: &'static str, access: Access, describe: Describe, handler: Tie) -> Self {
        Self { method: Method::POST, path, optional: 0, access, kind: Kind::JSON, describe: Some(describe), handler }
    }

    /// A row for `PUT`.
    pub(crate) const fn put(path: &'static str, access: Access, describe: Describe, handler: Tie) -> Self {
        Self { method: Method::PUT, path, optional: 0, access, kind: Kind::JSON, describe: Some(describe), handler }
    }

    /// A row for `DELETE`.
    pub(crate) const fn delete(path: &'static str, access: Access, describe: Describe, handler: Tie) -> Self {
        Self { method: Method::DELETE, path, optional: 0, access, kind: Kind::JSON, describe: Some(describe), handler }
    }
}
