//! Telling how a command failed.

use vestibule_application::{Fault, administration::AdministrationError, chain};

use super::complain;
use crate::exit::Exit;

/// Says what is wrong with the store and what to do.
pub(super) fn fault(fault: &Fault) -> Exit {
    match fault {
        Fault::Unavailable(_) => {
            complain(&format!("{}; DATABASE_URL says which store that is", chain(fault)));
            Exit::StoreUnavailable
        }
        Fault::Overloaded(_) | Fault::Throttled { .. } | Fault::Internal(_) => {
            complain(&chain(fault));
            Exit::Failure
        }
    }
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
