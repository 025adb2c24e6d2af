//! Making the first root at start, from the configuration.

use vestibule_domain::{EmailAddress, NewPassword, PermissionSet, PersonName, Role, Username};

use super::{CreateAccount, CreateAccountError};
use crate::{AccountFilter, Fault, Identity, Operator};

/// The first root, as configured.
#[derive(Debug)]
pub struct RootSeed {
    pub email: EmailAddress,
    /// Its user name, if any.
    pub username: Option<Username>,
    pub password: NewPassword,
}

/// What seeding did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeedOutcome {
    /// There was a root already.
    NotNeeded,
    /// The root was made.
    Created,
}

impl Identity {
    /// Whether there is any root.
    pub async fn has_root(&self) -> Result<bool, Fault> {
        let roots = AccountFilter { role: Some(Role::Root), ..AccountFilter::default() };
        Ok(self.core.read().accounts().count(roots).await? > 0)
    }

    /// Makes the root if there is none yet. Safe when two nodes start at once: the address is unique.
    pub async fn seed_root(&self, operator: Operator, seed: RootSeed) -> Result<SeedOutcome, CreateAccountError> {
        if self.has_root().await? {
            return Ok(SeedOutcome::NotNeeded);
        }
        let RootSeed { email, username, password } = seed;
        let account = CreateAccount {
            email,
            username,
            name: PersonName::UNKNOWN,
            role: Role::Root,
            permissions: PermissionSet::default(),
            password,
        };
        match self.create_account(operator.as_ruler(), account).await {
            Ok(_) => Ok(SeedOutcome::Created),
            // Another node was quicker, or somebody else has the address or name: only the latter is an error.
            Err(CreateAccountError::EmailTaken | CreateAccountError::UsernameTaken) if self.has_root().await? => {
                Ok(SeedOutcome::NotNeeded)
            }
            Err(error) => Err(error),
        }
    }
}
