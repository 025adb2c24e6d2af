//! Counting accounts.

use crate::{AccountFilter, Fault, Identity, Operator};

impl Identity {
    /// How many accounts match.
    pub async fn count_accounts(&self, _operator: Operator, filter: AccountFilter) -> Result<u64, Fault> {
        Ok(self.core.read().accounts().count(filter).await?)
    }
}
