//! Looking at what happened.

use vestibule_domain::{AccountId, EventId, SecurityEvent};

use crate::{Fault, Identity, Operator};

/// Which events to list.
#[derive(Debug, Clone, Copy)]
pub struct ListEvents {
    /// Those of one account only.
    pub account: Option<AccountId>,
    /// Only those before this one.
    pub before: Option<EventId>,
    /// The most events; at most 1000 are given.
    pub limit: u32,
}

impl Identity {
    /// Events, newest first.
    pub async fn list_events(&self, _operator: Operator, input: ListEvents) -> Result<Vec<SecurityEvent>, Fault> {
        Ok(self.core.read().events().list(input.account, input.before, input.limit).await?)
    }
}
