//! Conversations: the log of messages between the owner of an account and the staff.
//!
//! An account has one conversation. Its messages are numbered 1, 2, 3… without a gap, by the transaction that stores them; each
//! side has a read cursor, which only moves forwards.

use std::str::FromStr;

use time::OffsetDateTime;

use crate::{AccountId, MessageId, account::to_microseconds};

/// Who speaks in a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// The owner of the account.
    User,
    /// The operator's staff.
    Staff,
}

/// Why a word is not a side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a side is user or staff")]
pub struct InvalidSide;

impl Side {
    /// The stored word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Staff => "staff",
        }
    }

    /// The side that reads what this one writes.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::User => Self::Staff,
            Self::Staff => Self::User,
        }
    }
}

impl FromStr for Side {
    type Err = InvalidSide;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::User, Self::Staff].into_iter().find(|side| side.as_str() == text).ok_or(InvalidSide)
    }
}

/// Why a text is not that of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a message has 1 to 4000 characters, not only white space, and no NUL")]
pub struct InvalidText;

/// The text of a message, as it was written: 1 to 4000 characters, not only white space, no NUL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageText(String);

impl MessageText {
    /// The most characters.
    pub const MAX_CHARS: usize = 4_000;

    /// Reads a text.
    pub fn parse(text: impl Into<String>) -> Result<Self, InvalidText> {
        let text = text.into();
        let fits = !text.trim().is_empty() && text.chars().count() <= Self::MAX_CHARS && !text.contains('\0');
        if fits { Ok(Self(text)) } else { Err(InvalidText) }
    }

    /// The text as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a text is not a client's id of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a client's id of a message has 1 to 64 characters, none of them a control character")]
pub struct InvalidClientId;

/// The client's name for a message, so that a repeated send is stored once: 1 to 64 characters, no control characters. It
/// is unique among the messages of one side of one conversation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientId(String);

impl ClientId {
    /// The most characters.
    pub const MAX_CHARS: usize = 64;

    /// Reads an id.
    pub fn parse(text: impl Into<String>) -> Result<Self, InvalidClientId> {
        let text = text.into();
        let fits = !text.is_empty() && text.chars().count() <= Self::MAX_CHARS && !text.chars().any(char::is_control);
        if fits { Ok(Self(text)) } else { Err(InvalidClientId) }
    }

    /// The id as given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a text is not a time to display.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a time to display has at most 40 characters, and no NUL")]
pub struct InvalidDisplayTime;

/// The time that a client wants shown beside its message, such as `10:30 AM`: at most 40 characters, stored as sent and
/// never trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisplayTime(String);

impl DisplayTime {
    /// The most characters.
    pub const MAX_CHARS: usize = 40;

    /// Reads a time.
    pub fn parse(text: impl Into<String>) -> Result<Self, InvalidDisplayTime> {
        let text = text.into();
        let fits = text.chars().count() <= Self::MAX_CHARS && !text.contains('\0');
        if fits { Ok(Self(text)) } else { Err(InvalidDisplayTime) }
    }

    /// The time as sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A message that has no number yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMessage {
    pub id: MessageId,
    /// The account whose conversation it belongs to.
    pub conversation: AccountId,
    /// Which side writes it.
    pub side: Side,
    /// Who writes it.
    pub author: AccountId,
    pub text: MessageText,
    /// The client's name for it.
    pub client_id: Option<ClientId>,
    /// The time that the client wants shown.
    pub display_time: Option<DisplayTime>,
    /// When the server accepted it, by the clock of that node.
    pub created_at: OffsetDateTime,
}

impl NewMessage {
    /// The message with its number, as it is stored: its time in whole microseconds.
    #[must_use]
    pub fn numbered(&self, seq: u64) -> Message {
        Message { seq, sent: Self { created_at: to_microseconds(self.created_at), ..self.clone() } }
    }
}

/// A message of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its number in the conversation: 1, 2, 3…
    pub seq: u64,
    /// What it was sent as.
    pub sent: NewMessage,
}

impl Message {
    /// Whether a repeated send under this message's id has the same content.
    pub fn says(&self, again: &NewMessage) -> bool {
        self.sent.text == again.text
    }
}

/// The number of messages up to a position in a conversation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// The number of the last one; 0 before the first.
    pub seq: u64,
    /// How many of them the user's side wrote.
    pub by_user: u64,
}

impl Tally {
    /// How many of them a side wrote.
    pub const fn by(self, side: Side) -> u64 {
        match side {
            Side::User => self.by_user,
            Side::Staff => self.seq.saturating_sub(self.by_user),
        }
    }

    /// This tally with one more message, written by a side.
    #[must_use]
    pub const fn with(self, side: Side) -> Self {
        let by_user = match side {
            Side::User => self.by_user + 1,
            Side::Staff => self.by_user,
        };
        Self { seq: self.seq + 1, by_user }
    }
}

/// The state of a conversation: what was written, and what each side has read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conversation {
    /// The account that it belongs to.
    pub account: AccountId,
    /// Everything up to the last message.
    pub written: Tally,
    /// Everything up to the read cursor of the user's side.
    pub read_by_user: Tally,
    /// Everything up to the read cursor of the staff's side, which all staff share.
    pub read_by_staff: Tally,
}

impl Conversation {
    /// A conversation without a message.
    pub fn empty(account: AccountId) -> Self {
        let none = Tally::default();
        Self { account, written: none, read_by_user: none, read_by_staff: none }
    }

    /// The number of the last message; 0 if there is none.
    pub const fn last_seq(&self) -> u64 {
        self.written.seq
    }

    /// Everything up to a side's read cursor.
    pub const fn read_by(&self, side: Side) -> Tally {
        match side {
            Side::User => self.read_by_user,
            Side::Staff => self.read_by_staff,
        }
    }

    /// How many messages of the other side lie above a side's read cursor.
    pub const fn unread(&self, side: Side) -> u64 {
        let other = side.other();
        self.written.by(other).saturating_sub(self.read_by(side).by(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_1_to_4000_characters_and_more_than_white_space() {
        for good in ["a", " a ", "é", "two\nlines", "🙂", &"é".repeat(4_000)] {
            assert_eq!(MessageText::parse(good).unwrap().as_str(), good);
        }
        for bad in ["", " ", "\n\t\u{a0}", "a\0b", &"é".repeat(4_001)] {
            assert_eq!(MessageText::parse(bad), Err(InvalidText), "{bad:?}");
        }
    }

    #[test]
    fn a_clients_id_has_1_to_64_characters() {
        for good in ["a", " ", "é", &"x".repeat(64)] {
            assert_eq!(ClientId::parse(good).unwrap().as_str(), good);
        }
        for bad in ["", "a\nb", "\0", &"x".repeat(65)] {
            assert_eq!(ClientId::parse(bad), Err(InvalidClientId), "{bad:?}");
        }
    }

    #[test]
    fn a_time_to_display_has_at_most_40_characters() {
        for good in ["", "10:30 AM", &"é".repeat(40)] {
            assert_eq!(DisplayTime::parse(good).unwrap().as_str(), good);
        }
        for bad in ["\0", &"x".repeat(41)] {
            assert_eq!(DisplayTime::parse(bad), Err(InvalidDisplayTime), "{bad:?}");
        }
    }

    #[test]
    fn the_unread_messages_are_those_of_the_other_side_above_the_cursor() {
        let account = crate::id::Id96::from_bytes([1; 12]).into();
        let at_two = Tally::default().with(Side::User).with(Side::Staff);
        let written = at_two.with(Side::Staff).with(Side::User).with(Side::Staff);
        let mut conversation = Conversation { written, ..Conversation::empty(account) };
        assert_eq!((conversation.unread(Side::User), conversation.unread(Side::Staff)), (3, 2));
        conversation.read_by_user = at_two;
        conversation.read_by_staff = written;
        assert_eq!((conversation.unread(Side::User), conversation.unread(Side::Staff)), (2, 0));
    }
}
