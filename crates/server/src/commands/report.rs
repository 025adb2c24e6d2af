//! Telling how a command failed.

use vestibule_application::{
    Fault,
    administration::AdministrationError,
    chain,
    operations::{InTheWay, Spellings},
};

use super::complain;
use crate::exit::Exit;

/// Says what is wrong with the store and what to do.
pub(super) fn fault(fault: &Fault) -> Exit {
    match fault {
        Fault::Unavailable(_) => complain(&format!("{}; DATABASE_URL says which store that is", chain(fault))),
        Fault::Overloaded(_) | Fault::Unfit(_) | Fault::Throttled { .. } | Fault::Internal(_) => {
            complain(&chain(fault));
        }
    }
    Exit::of(fault)
}

/// Says why an account was not made, changed or removed.
pub(super) fn administration(error: &AdministrationError) -> Exit {
    match error {
        AdministrationError::Fault(inner) => fault(inner),
        AdministrationError::CommonPassword(_) => {
            complain(&format!("{error}: choose another one"));
            Exit::Usage
        }
        AdministrationError::NotFound => {
            complain(&error.to_string());
            Exit::NotFound
        }
        AdministrationError::EmailTaken | AdministrationError::UsernameTaken | AdministrationError::LastRoot => {
            complain(&error.to_string());
            Exit::Conflict
        }
    }
}

/// Names the accounts whose address could not be put into its canonical form.
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
