//! Opening a live stream.

use std::sync::Arc;

use time::OffsetDateTime;
use vestibule_domain::AccountId;
use vestibule_ports::Notice;

use super::{Chat, ChatError, Follower, hub::Ticket, side_of};
use crate::Caller;

/// What to follow.
#[derive(Debug, Clone, Copy)]
pub struct Follow {
    /// Whose conversation it is.
    pub conversation: AccountId,
    /// Gives every message above this number first; without one, only those that come from now on.
    pub after: Option<u64>,
    /// When the stream ends by itself: the end of the caller's token.
    pub until: Option<OffsetDateTime>,
}

impl Chat {
    /// Follows a conversation, for its owner, admins and roots. An account, and a node, have only so many followers.
    pub async fn follow(&self, caller: &Caller, input: Follow) -> Result<Follower, ChatError> {
        let conversation = input.conversation;
        let side = side_of(caller, conversation)?;
        // From here on nothing is missed: what the store does not show yet will be news to the hub.
        let seat = self.hub.join(Ticket::new(caller, conversation, side, self.core.monotonic()))?;
        let conversation = self.conversation_of(conversation).await?;
        self.hub.advance(Notice::from(&conversation), None);
        Ok(Follower::new(Arc::clone(&self.core), seat, conversation, input))
    }
}
