//! Erasing what was said in the conversations of removed accounts.

use super::Chat;
use crate::Fault;

/// How many messages are erased at once: on SQLite nothing else is written meanwhile.
const AT_ONCE: u32 = 2_000;

impl Chat {
    /// Erases some of the messages that removed accounts have left; how many. To be called again until there are none, every
    /// minute or so.
    pub async fn erase_removed(&self) -> Result<u64, Fault> {
        Ok(self.core.ports.store.conversations().erase_removed(AT_ONCE).await?)
    }
}
