//! Who asks: the right to ask is a value that only the proof of it can make.

use vestibule_domain::{Account, AccountId};

/// A signed-in account, as the store has it at this request.
#[derive(Debug, Clone)]
pub struct Caller(Account);

impl Caller {
    pub(crate) const fn new(account: Account) -> Self {
        Self(account)
    }

    /// The account.
    pub const fn account(&self) -> &Account {
        &self.0
    }

    /// Its id.
    pub const fn id(&self) -> AccountId {
        self.0.id()
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
