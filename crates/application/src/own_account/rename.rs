//! Changing one's own name.

use vestibule_domain::{Account, NamePart, PersonName};

use super::OwnAccountError;
use crate::{Caller, Identity};

/// The parts of the name to set; the others stay.
#[derive(Debug, Default)]
pub struct RenameSelf {
    pub first: Option<NamePart>,
    pub last: Option<NamePart>,
}

impl RenameSelf {
    /// Whether nothing is to be set.
    pub const fn is_empty(&self) -> bool {
        self.first.is_none() && self.last.is_none()
    }
}

impl Identity {
    /// Sets the given parts and returns the account as it is now.
    pub async fn rename_self(&self, caller: &Caller, input: RenameSelf) -> Result<Account, OwnAccountError> {
        let mut unit = self.core.begin().await?;
        let mut account = self.find_self(&mut unit, caller).await?;
        if !input.is_empty() {
            account.rename(replaced(account.name(), input), self.core.now());
            unit.accounts().update(&account).await?;
        }
        unit.commit().await?;
        Ok(account)
    }
}

/// A name with some of its parts replaced; one that was given as a whole is taken apart.
pub(super) fn replaced(name: &PersonName, parts: RenameSelf) -> PersonName {
    let part = |text: Option<&str>| text.and_then(|text| NamePart::parse(text).ok());
    PersonName::Parts {
        first: parts.first.or_else(|| part(name.first())),
        last: parts.last.or_else(|| part(name.last())),
    }
}
