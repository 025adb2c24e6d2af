//! Counting accounts.

use crate::{AccountFilter, Application, Fault, Operator};

impl Application {
    /// How many accounts match.
    pub async fn count_accounts(&self, _operator: Operator, filter: AccountFilter) -> Result<u64, Fault> {
        Ok(self.ports.store.read().accounts().count(filter).await?)
    }
}
