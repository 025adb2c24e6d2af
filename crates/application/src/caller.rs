//! Who asks: the right to ask is a value that only the proof of it can make.

use time::OffsetDateTime;
use vestibule_domain::{Account, AccountId, Actor, Origin, SessionId};

/// The session that the token of a request belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sitting {
    pub id: SessionId,
    /// When it began.
    pub began_at: OffsetDateTime,
}

/// Who makes a request of a session: the client of an account, or one that did not sign in.
#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "one a request, moved once")]
pub enum Principal {
    /// A signed-in account.
    Account(Caller),
    /// A client with an anonymous session.
    Anonymous(Visitor),
}

impl Principal {
    /// The session.
    pub const fn sitting(&self) -> Option<Sitting> {
        match self {
            Self::Account(caller) => caller.sitting,
            Self::Anonymous(visitor) => Some(visitor.sitting),
        }
    }

    /// The id of the account, if it is one.
    pub const fn account(&self) -> Option<AccountId> {
        match self {
            Self::Account(caller) => Some(caller.id()),
            Self::Anonymous(_) => None,
        }
    }

    /// The signed-in account, if it is one.
    pub fn caller(self) -> Option<Caller> {
        match self {
            Self::Account(caller) => Some(caller),
            Self::Anonymous(_) => None,
        }
    }
}

/// A client with an anonymous session: known again, and nothing more.
#[derive(Debug, Clone)]
pub struct Visitor {
    sitting: Sitting,
    origin: Origin,
}

impl Visitor {
    pub(crate) const fn new(sitting: Sitting, origin: Origin) -> Self {
        Self { sitting, origin }
    }

    /// Its session.
    pub const fn session(&self) -> SessionId {
        self.sitting.id
    }

    /// Where the request came from.
    pub const fn origin(&self) -> &Origin {
        &self.origin
    }
}

/// A signed-in account, as the store has it at this request.
#[derive(Debug, Clone)]
pub struct Caller {
    account: Account,
    sitting: Option<Sitting>,
    origin: Origin,
}

impl Caller {
    pub(crate) const fn new(account: Account, sitting: Option<Sitting>, origin: Origin) -> Self {
        Self { account, sitting, origin }
    }

    /// The account.
    pub const fn account(&self) -> &Account {
        &self.account
    }

    /// Its id.
    pub const fn id(&self) -> AccountId {
        self.account.id()
    }

    /// Where the request came from.
    pub const fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Whether a later state of the account would still be let in by the token of the request.
    pub(crate) fn is_still(&self, account: &Account) -> bool {
        account.is_active() && account.epoch() == self.account.epoch()
    }

    /// The session that the token of the request belongs to, where the dialect has such.
    pub(crate) const fn session(&self) -> Option<SessionId> {
        match self.sitting {
            Some(sitting) => Some(sitting.id),
            None => None,
        }
    }

    pub(crate) const fn actor(&self) -> Actor {
        Actor::Account(self.account.id())
    }
}

/// Somebody with access to the machine: may do everything.
#[derive(Debug, Clone, Copy)]
pub struct Operator(());

impl Operator {
    /// For the command line only, never for a request.
    pub const fn at_the_console() -> Self {
        Self(())
    }
}
