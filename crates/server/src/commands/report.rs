//! Reporting how a command failed.

use vestibule_application::{
    CommonPassword, Fault,
    accounts::{AccountError, CreateAccountError, SetPasswordError},
    chain,
    operations::{InTheWay, Spellings},
};

use crate::{exit::Exit, terminal::complain};

/// Why a command ended without success: what to say, and the exit code.
pub(super) struct Failure {
    message: String,
    exit: Exit,
}

impl Failure {
    /// The input was wrong.
    pub(super) const fn usage(message: String) -> Self {
        Self { message, exit: Exit::Usage }
    }

    /// No account answers to what was given.
    pub(super) fn no_account() -> Self {
        Self { message: "there is no such account".to_owned(), exit: Exit::NotFound }
    }

    fn conflict(error: &impl ToString) -> Self {
        Self { message: error.to_string(), exit: Exit::Conflict }
    }

    /// Writes the message to standard error.
    pub(super) fn say(&self) -> Exit {
        complain(&self.message);
        self.exit
    }
}

/// Says what is wrong with the store and what to do.
pub(super) fn fault(fault: &Fault) -> Exit {
    Failure::from(fault).say()
}

impl From<&Fault> for Failure {
    fn from(fault: &Fault) -> Self {
        let message = match fault {
            Fault::Unavailable(_) => format!("{}; DATABASE_URL says which store that is", chain(fault)),
            Fault::Overloaded(_) | Fault::Unfit(_) | Fault::Throttled { .. } | Fault::Internal(_) => chain(fault),
        };
        Self { message, exit: Exit::of(fault) }
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::from(&fault)
    }
}

impl From<CommonPassword> for Failure {
    fn from(error: CommonPassword) -> Self {
        Self::usage(format!("{error}: choose another one"))
    }
}

impl From<AccountError> for Failure {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::NotFound => Self::no_account(),
            AccountError::Forbidden | AccountError::LastRoot => Self::conflict(&error),
            AccountError::Fault(fault) => fault.into(),
        }
    }
}

impl From<CreateAccountError> for Failure {
    fn from(error: CreateAccountError) -> Self {
        match error {
            CreateAccountError::EmailTaken | CreateAccountError::UsernameTaken => Self::conflict(&error),
            CreateAccountError::CommonPassword(error) => error.into(),
            CreateAccountError::Fault(fault) => fault.into(),
        }
    }
}

impl From<SetPasswordError> for Failure {
    fn from(error: SetPasswordError) -> Self {
        match error {
            SetPasswordError::NotFound => Self::no_account(),
            SetPasswordError::CommonPassword(error) => error.into(),
            SetPasswordError::Fault(fault) => fault.into(),
        }
    }
}

/// Names the accounts whose address has no canonical form or one that is taken.
pub(super) fn left_alone(spellings: &Spellings) {
    for left in &spellings.left {
        let why = match left.why {
            InTheWay::NotAnAddress => "no mail can reach this address".to_owned(),
            InTheWay::Account(Some(other)) => format!("account {} has the canonical form of this address", other.hex()),
            InTheWay::Account(None) => {
                "another account had the canonical form of this address: migrate again".to_owned()
            }
        };
        complain(&format!("left alone: account {} ({}): {why}", left.id.hex(), left.email));
    }
    let unnamed = spellings.left_count.saturating_sub(spellings.left.len() as u64);
    if unnamed > 0 {
        complain(&format!("left alone: {unnamed} accounts more, which the log names"));
    }
    if spellings.left_count > 0 {
        complain("an account cannot sign in by such an address: give it another one, or delete it by its id");
    }
}
