//! Sending a message.

use std::sync::Arc;

use vestibule_domain::{
    AccountId, Conversation, Message, MessageId, NewMessage,
    conversation::{ClientId, DisplayTime, MessageText, Side},
};
use vestibule_ports::Appended;

use super::{Chat, ChatError};
use crate::Caller;

/// What to send.
#[derive(Debug, Clone)]
pub struct SendMessage {
    /// Whose conversation it belongs to.
    pub conversation: AccountId,
    /// The side that the caller speaks for.
    pub side: Side,
    /// What it says.
    pub text: MessageText,
    /// What the client names it by, so that sending it again stores it once.
    pub client_id: Option<ClientId>,
    /// The time that the client wants shown.
    pub display_time: Option<DisplayTime>,
}

/// A message that is stored.
#[derive(Debug, Clone)]
pub struct Sent {
    /// The message; of an earlier request, if that had the same client's id.
    pub message: Arc<Message>,
    /// The conversation as the message has left it; as it is now, if the message was known.
    pub conversation: Conversation,
    /// Whether an earlier request had stored it.
    pub was_known: bool,
}

impl Chat {
    /// Stores a message durably and tells those who follow the conversation.
    pub async fn send(&self, caller: &Caller, input: SendMessage) -> Result<Sent, ChatError> {
        let SendMessage { conversation, side, text, client_id, display_time } = input;
        self.check_may_send(caller, conversation, side)?;
        let now = self.core.now();
        let message = NewMessage {
            id: MessageId::new(now, self.core.random()),
            conversation,
            side,
            author: caller.id(),
            text,
            client_id,
            display_time,
            created_at: now,
        };
        match self.appends.ask(message.clone()).await? {
            Appended::Stored(message, conversation) => {
                let message = Arc::new(message);
                self.recent.add(&message);
                self.announce(&conversation, Some(&message));
                Ok(Sent { message, conversation, was_known: false })
            }
            Appended::Known(known) if known.says(&message) => {
                // The earlier request may have been cancelled after it had stored the message and before it said so.
                let conversation = self.conversation_of(conversation).await?;
                self.announce(&conversation, None);
                Ok(Sent { message: Arc::new(known), conversation, was_known: true })
            }
            Appended::Known(_) => Err(ChatError::ClientIdReused),
            Appended::NoAccount => Err(ChatError::UnknownAccount),
        }
    }
}
