//! The newest messages of the conversations that were written to last on this node, so that a message that is just stored need
//! not be read back with those before it.
//!
//! A message never changes, and the numbers of a conversation have no gap. So what is kept and ends right below a new message
//! comes right before it in the store too, whatever other nodes do: where one of them wrote in between, the numbers do not
//! meet, and the store is read. The id of an account that is gone is never given again.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use vestibule_domain::{AccountId, Message};

use super::newest::NEWEST;

/// The most messages that are kept of a conversation.
const MOST: usize = NEWEST as usize;
/// The most bytes that are kept of all: about 1,000 conversations of 100 short messages, or 30,000 that have three.
const ROOM: usize = 32 << 20;
/// What a message takes beside its text.
const FRAME: usize = 256;

/// Newest messages, as far as there is room.
#[derive(Default)]
pub(super) struct Recent(Mutex<Tails>);

#[derive(Default)]
struct Tails {
    by_conversation: HashMap<AccountId, Tail>,
    /// The conversations by when they were used, the one used last at the end.
    by_use: BTreeMap<u64, AccountId>,
    uses: u64,
    bytes: usize,
}

/// Messages that follow each other, up to the last one known; there is at least one.
#[derive(Default)]
struct Tail {
    messages: VecDeque<Arc<Message>>,
    bytes: usize,
    used: u64,
}

impl Recent {
    /// Adds a message that has just been stored, if those before it are there or there are none.
    pub(super) fn add(&self, message: &Arc<Message>) {
        let mut tails = self.tails();
        let conversation = message.sent.conversation;
        match tails.by_conversation.get(&conversation).and_then(Tail::last) {
            Some(last) if last.checked_add(1) == Some(message.seq) => {}
            None if message.seq == 1 => {}
            _ => return,
        }
        let mut tail = tails.take(conversation);
        tail.push(Arc::clone(message));
        tails.put(conversation, tail);
    }

    /// Keeps the newest messages of a conversation as they were read, ascending, unless later ones are known.
    pub(super) fn keep(&self, conversation: AccountId, messages: &[Arc<Message>]) {
        let mut tails = self.tails();
        let known = tails.by_conversation.get(&conversation).and_then(Tail::last);
        if messages.last().is_none_or(|last| known.is_some_and(|known| known >= last.seq)) {
            return;
        }
        tails.take(conversation);
        let mut tail = Tail::default();
        messages.iter().cloned().for_each(|message| tail.push(message));
        tails.put(conversation, tail);
    }

    /// The newest messages of a conversation, ascending, with a given one among them; none if not all of them are here.
    pub(super) fn newest(&self, message: &Message) -> Option<Vec<Arc<Message>>> {
        let tails = self.tails();
        let tail = tails.by_conversation.get(&message.sent.conversation)?;
        let first = tail.messages.front()?.seq;
        let is_there = (first..=tail.last()?).contains(&message.seq);
        let is_all = first == 1 || tail.messages.len() >= MOST;
        (is_there && is_all).then(|| tail.messages.iter().cloned().collect())
    }

    fn tails(&self) -> MutexGuard<'_, Tails> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tails {
    /// Takes a tail out; an empty one if there is none.
    fn take(&mut self, conversation: AccountId) -> Tail {
        let tail = self.by_conversation.remove(&conversation).unwrap_or_default();
        self.bytes -= tail.bytes;
        self.by_use.remove(&tail.used);
        tail
    }

    /// Puts a tail in as the one used last, and drops those whose use is the longest ago as far as there is no room.
    fn put(&mut self, conversation: AccountId, mut tail: Tail) {
        self.uses += 1;
        tail.used = self.uses;
        self.bytes += tail.bytes;
        self.by_use.insert(tail.used, conversation);
        self.by_conversation.insert(conversation, tail);
        while self.bytes > ROOM {
            let Some((_, oldest)) = self.by_use.first_key_value() else { break };
            self.take(*oldest);
        }
    }
}

impl Tail {
    fn last(&self) -> Option<u64> {
        self.messages.back().map(|message| message.seq)
    }

    fn push(&mut self, message: Arc<Message>) {
        self.bytes += size(&message);
        self.messages.push_back(message);
        if self.messages.len() > MOST {
            self.bytes -= self.messages.pop_front().map_or(0, |first| size(&first));
        }
    }
}

fn size(message: &Message) -> usize {
    FRAME + message.sent.text.as_str().len()
}

#[cfg(test)]
mod tests {
    use vestibule_domain::{
        MessageId, NewMessage,
        conversation::{MessageText, Side},
        id::Id96,
    };
    use vestibule_testkit::FixedClock;

    use super::*;

    fn conversation(number: u32) -> AccountId {
        let mut bytes = [0; 12];
        bytes[8..].copy_from_slice(&number.to_be_bytes());
        Id96::from_bytes(bytes).into()
    }

    fn message(number: u32, seq: u64, text: &str) -> Arc<Message> {
        let sent = NewMessage {
            id: MessageId::new(FixedClock::START, [1; 6]),
            conversation: conversation(number),
            side: Side::User,
            author: conversation(number),
            text: MessageText::parse(text).unwrap(),
            client_id: None,
            display_time: None,
            created_at: FixedClock::START,
        };
        Arc::new(sent.numbered(seq))
    }

    fn short(seq: u64) -> Arc<Message> {
        message(1, seq, "text")
    }

    fn numbers(messages: Option<Vec<Arc<Message>>>) -> Option<Vec<u64>> {
        messages.map(|messages| messages.iter().map(|message| message.seq).collect())
    }

    #[test]
    fn a_conversation_that_began_here_is_known_whole() {
        let recent = Recent::default();
        (1..=3).for_each(|seq| recent.add(&short(seq)));
        assert_eq!(numbers(recent.newest(&short(3))), Some(vec![1, 2, 3]));
        assert_eq!(numbers(recent.newest(&short(1))), Some(vec![1, 2, 3]));
        assert_eq!(numbers(recent.newest(&message(2, 1, "text"))), None);
    }

    #[test]
    fn what_was_written_elsewhere_is_never_left_out() {
        let recent = Recent::default();
        recent.add(&short(1));
        recent.add(&short(3));
        assert_eq!(numbers(recent.newest(&short(3))), None);
        // It comes late: the number after it is still missing.
        recent.add(&short(2));
        assert_eq!(numbers(recent.newest(&short(3))), None);
        recent.keep(conversation(1), &[short(1), short(2), short(3), short(4)]);
        assert_eq!(numbers(recent.newest(&short(3))), Some(vec![1, 2, 3, 4]));
        recent.keep(conversation(1), &[short(1), short(2)]);
        assert_eq!(numbers(recent.newest(&short(4))), Some(vec![1, 2, 3, 4]), "what was read earlier comes late");
    }

    #[test]
    fn only_so_many_messages_are_kept() {
        let recent = Recent::default();
        (1..=150).for_each(|seq| recent.add(&short(seq)));
        assert_eq!(numbers(recent.newest(&short(150))), Some((51..=150).collect()));
        assert_eq!(numbers(recent.newest(&short(50))), None);
    }

    #[test]
    fn the_conversation_whose_use_is_the_longest_ago_makes_room() {
        let (recent, long) = (Recent::default(), "x".repeat(4_000));
        let fit = u32::try_from(ROOM / (FRAME + long.len())).unwrap();
        (0..fit).for_each(|number| recent.add(&message(number, 1, &long)));
        recent.add(&message(0, 2, &long));
        assert!(recent.newest(&message(0, 2, &long)).is_some());
        assert!(recent.newest(&message(1, 1, &long)).is_none());
        assert!(recent.newest(&message(2, 1, &long)).is_some());
        assert!(recent.tails().bytes <= ROOM);
    }
}
