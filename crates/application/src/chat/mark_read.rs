//! Moving a read cursor.

use vestibule_domain::{AccountId, Conversation, conversation::Side};

use super::{Chat, ChatError, side_of};
use crate::Caller;

/// What was read.
#[derive(Debug, Clone, Copy)]
pub struct MarkRead {
    /// Whose conversation it is.
    pub conversation: AccountId,
    /// Up to which message.
    pub seq: u64,
}

/// A conversation after a cursor was moved.
#[derive(Debug, Clone, Copy)]
pub struct MarkedRead {
    pub conversation: Conversation,
    /// The side that the caller is on, whose cursor it was.
    pub side: Side,
}

impl Chat {
    /// Moves the read cursor of the caller's side up to a message, never backwards and never beyond the last one, and tells
    /// those who follow the conversation.
    pub async fn mark_read(&self, caller: &Caller, input: MarkRead) -> Result<MarkedRead, ChatError> {
        let MarkRead { conversation: account, seq } = input;
        let side = side_of(caller, account)?;
        let Some(conversation) = self.core.ports.store.conversations().mark_read(account, side, seq).await? else {
            self.check_exists(account).await?;
            return Ok(MarkedRead { conversation: Conversation::empty(account), side });
        };
        self.announce(&conversation, None);
        Ok(MarkedRead { conversation, side })
    }
}
