//! Storage of dossiers.

use async_trait::async_trait;
use vestibule_domain::{AccountId, Dossier, PhoneNumber};

use crate::StoreError;

/// Dossiers, read outside a unit of work.
#[async_trait]
pub trait ReadDossiers: Send + Sync {
    /// The dossier of an account, if it has one.
    async fn find(&self, account: AccountId) -> Result<Option<Dossier>, StoreError>;
    /// The dossiers of many accounts, in no particular order; accounts without one are absent.
    async fn find_many(&self, accounts: &[AccountId]) -> Result<Vec<Dossier>, StoreError>;
}

/// Dossiers, inside a unit of work.
#[async_trait]
pub trait Dossiers: Send {
    /// The dossier of an account, if it has one; whoever changes it has locked the account.
    async fn find(&mut self, account: AccountId) -> Result<Option<Dossier>, StoreError>;
    /// Stores a dossier in the place of any earlier one of its account; `Conflict` if another account has the telephone
    /// number, after which the unit is still usable.
    async fn replace(&mut self, dossier: &Dossier) -> Result<(), StoreError>;
    /// Takes a telephone number from the dossier of the provisional account that has it ([`Account::is_provisional`]);
    /// false if there is none.
    ///
    /// [`Account::is_provisional`]: vestibule_domain::Account::is_provisional
    async fn release_phone(&mut self, phone: &PhoneNumber) -> Result<bool, StoreError>;
}
