//! Reading messages.

use std::sync::Arc;

use vestibule_domain::{AccountId, Conversation, Message, conversation::Side};
use vestibule_ports::MessageRange;

use super::{Chat, ChatError, Sent, side_of};
use crate::{Caller, chain};

/// Which messages to list.
#[derive(Debug, Clone, Copy)]
pub struct ListMessages {
    /// Whose conversation it is.
    pub conversation: AccountId,
    /// Which of its messages.
    pub range: MessageRange,
}

/// Messages of a conversation.
#[derive(Debug, Clone)]
pub struct MessageList {
    /// The messages, ascending.
    pub messages: Vec<Message>,
    /// The conversation as it was after they were read.
    pub conversation: Conversation,
    /// The side that the caller is on.
    pub side: Side,
}

impl Chat {
    /// The newest messages of a conversation whose account is known to exist, ascending.
    pub async fn recent_messages(
        &self,
        caller: &Caller,
        conversation: AccountId,
        limit: u32,
    ) -> Result<Vec<Message>, ChatError> {
        self.check_may_read(caller, conversation)?;
        let range = MessageRange { after: None, before: None, limit };
        Ok(self.core.read().conversations().messages(conversation, range).await?)
    }

    /// The newest messages of a conversation after one was sent, ascending. Where they cannot be read, that one alone: a client
    /// that was told of a failure would send it again.
    pub async fn newest_after(&self, sent: &Sent, limit: u32) -> Vec<Arc<Message>> {
        if let Some(newest) = self.recent.newest(&sent.message, limit as usize) {
            return newest;
        }
        let conversation = sent.message.sent.conversation;
        let range = MessageRange { after: None, before: None, limit };
        match self.core.read().conversations().messages(conversation, range).await {
            Ok(newest) => {
                let newest: Vec<_> = newest.into_iter().map(Arc::new).collect();
                self.recent.keep(conversation, &newest);
                newest
            }
            Err(error) => {
                tracing::warn!(error = chain(&error), "a message is stored, and the newest ones cannot be read");
                vec![Arc::clone(&sent.message)]
            }
        }
    }

    /// Lists messages, for the owner of the conversation, admins and roots.
    pub async fn list_messages(&self, caller: &Caller, input: ListMessages) -> Result<MessageList, ChatError> {
        let ListMessages { conversation, range } = input;
        let side = side_of(caller, conversation)?;
        let messages = self.core.read().conversations().messages(conversation, range).await?;
        // Only now, so that the number of the last message is not older than the messages.
        let conversation = self.conversation_of(conversation).await?;
        Ok(MessageList { messages, conversation, side })
    }
}
