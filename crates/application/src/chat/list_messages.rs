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
    /// The newest 100 messages of a conversation whose account is known to exist, ascending.
    pub async fn newest_messages(
        &self,
        caller: &Caller,
        conversation: AccountId,
    ) -> Result<Vec<Arc<Message>>, ChatError> {
        self.check_may_read(caller, conversation)?;
        Ok(self.newest.ask(conversation).await?)
    }

    /// The newest 100 messages of a conversation after one was sent, ascending. Where they cannot be read, that one alone: a client
    /// that was told of a failure would send it again.
    pub async fn newest_after(&self, sent: &Sent) -> Vec<Arc<Message>> {
        if let Some(newest) = self.recent.newest(&sent.message) {
            return newest;
        }
        let conversation = sent.message.sent.conversation;
        match self.newest.ask(conversation).await {
            Ok(newest) => {
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
