//! A live stream of a conversation.

use std::{collections::VecDeque, future::pending, pin::Pin, sync::Arc, time::Duration};

use time::OffsetDateTime;
use tokio::time::{Sleep, sleep, timeout};
use vestibule_domain::{Conversation, Message};
use vestibule_ports::{MessageRange, StoreError};

use super::{
    Follow,
    hub::{Head, Seat},
};
use crate::{Core, Fault, chain};

/// The most messages that are held for one reader.
const PAGE: u32 = 64;
/// The most bytes of text that are held for one reader, but for the last message.
const PAGE_BYTES: usize = 64 * 1_024;
/// The longest wait for a page.
const PATIENCE: Duration = Duration::from_secs(5);
/// The pauses, in milliseconds, after which a page is tried again that could not be read.
const PAUSES: [u64; 6] = [50, 200, 500, 1_000, 2_000, 4_000];

/// What happens in a conversation.
#[derive(Debug, Clone)]
pub enum Followed {
    /// A message, the next one by its number.
    Message(Arc<Message>),
    /// A read cursor has moved; both as they are now.
    Read {
        /// That of the user's side.
        user: u64,
        /// That of the staff's side.
        staff: u64,
    },
    /// The stream is over; whatever is asked later gives the same.
    Ended(EndReason),
}

/// Why a live stream is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndReason {
    /// The caller has lost the right: the account is gone or cannot be used, its tokens or its session were ended, or it
    /// is staff no more. Or there is no such conversation any more.
    Revoked,
    /// The caller's token has expired.
    Expired,
    /// The node stops; another one takes the stream on.
    ShuttingDown,
    /// The store did not give the messages for some seconds; the stream may be taken on where it ended.
    Unavailable,
}

/// A live stream of a conversation, from the place where it began: first what is stored, then what comes.
///
/// It knows the number of the last message that it gave and gives the one above it next, never another: one that was handed
/// over, if it is that one, else one that is read from the store. So nothing is left out or given twice, in whatever order
/// what it hears comes, and a reader that is slow costs a page. Only a message that the store cannot read is passed over.
pub struct Follower {
    core: Arc<Core>,
    seat: Seat,
    opened: Conversation,
    position: u64,
    /// What was read and not given yet: the messages just above the position.
    page: VecDeque<Message>,
    /// The cursors that were given last.
    read: (u64, u64),
    until: Option<OffsetDateTime>,
    failures: usize,
    /// Until when the store is left alone after a failure.
    pause: Option<Pin<Box<Sleep>>>,
    has_failed: bool,
}

impl Follower {
    pub(super) fn new(core: Arc<Core>, seat: Seat, opened: Conversation, input: Follow) -> Self {
        let Follow { conversation: _, after, until } = input;
        // A number above the last one is of a store that has gone back since, such as to a backup.
        let position = after.map_or(opened.last_seq(), |after| after.min(opened.last_seq()));
        Self {
            core,
            seat,
            opened,
            position,
            page: VecDeque::new(),
            read: (opened.read_by_user.seq, opened.read_by_staff.seq),
            until,
            failures: 0,
            pause: None,
            has_failed: false,
        }
    }

    /// The conversation as it was when the stream began; changes of its cursors since are given.
    pub const fn opened(&self) -> &Conversation {
        &self.opened
    }

    /// The number of the last message that was given, or of the one after which the stream began.
    pub const fn position(&self) -> u64 {
        self.position
    }

    /// Waits for what happens next. It can be dropped while it waits, without losing anything.
    pub async fn next(&mut self) -> Followed {
        loop {
            let head = self.seat.head();
            if let Some(followed) = self.at_hand(&head) {
                return followed;
            }
            if head.seq > self.position && self.is_watched() {
                self.fetch().await;
            } else {
                self.rest().await;
            }
        }
    }

    /// What happens next, if it is known already: nothing is read from the store for it.
    pub fn ready(&mut self) -> Option<Followed> {
        let head = self.seat.head();
        self.at_hand(&head)
    }

    fn at_hand(&mut self, head: &Head) -> Option<Followed> {
        if let Some(reason) = self.over() {
            return Some(Followed::Ended(reason));
        }
        if !self.is_watched() {
            return None;
        }
        if let Some(message) = self.next_message(head) {
            self.position = message.seq;
            return Some(Followed::Message(message));
        }
        let read = (head.read_by_user, head.read_by_staff);
        let has_moved = head.seq <= self.position && read != self.read;
        has_moved.then(|| {
            self.read = read;
            Followed::Read { user: read.0, staff: read.1 }
        })
    }

    /// Whether anything may be given: nothing is, while it cannot be told that the caller still has the right.
    fn is_watched(&self) -> bool {
        self.seat.is_watched(self.core.monotonic())
    }

    fn over(&self) -> Option<EndReason> {
        let has_expired = || self.until.is_some_and(|until| until <= self.core.now());
        self.seat
            .over()
            .or_else(|| has_expired().then_some(EndReason::Expired))
            .or_else(|| self.has_failed.then_some(EndReason::Unavailable))
    }

    /// The message above the position, if it is at hand.
    fn next_message(&mut self, head: &Head) -> Option<Arc<Message>> {
        let next = self.position.checked_add(1)?;
        match self.page.pop_front() {
            Some(message) => Some(Arc::new(message)).filter(|message| message.seq >= next),
            None => head.last.clone().filter(|message| message.seq == next),
        }
    }

    /// Reads the messages above the position. After a failure it waits first, and at last gives up.
    async fn fetch(&mut self) {
        if self.pause.is_some() {
            return self.rest().await;
        }
        let range = MessageRange { after: Some(self.position), before: None, limit: PAGE };
        let (core, conversation) = (&self.core, self.seat.conversation());
        let messages = core.read().conversations().messages(conversation, range);
        let messages = timeout(PATIENCE, messages).await.unwrap_or(Err(StoreError::Unavailable(None)));
        match messages {
            Ok(messages) => {
                // What is stored has no gap: a number is missing only where the store left out a message that cannot be read.
                self.page = within_bytes(messages.into_iter()).collect();
                if self.page.is_empty() {
                    // It was read from a server that lags behind.
                    self.note_failure(StoreError::Unavailable(Some("messages that were stored are missing".into())));
                } else {
                    self.failures = 0;
                }
            }
            Err(error) => self.note_failure(error),
        }
    }

    fn note_failure(&mut self, error: StoreError) {
        if let Some(pause) = PAUSES.get(self.failures) {
            self.pause = Some(Box::pin(sleep(Duration::from_millis(*pause))));
            self.failures += 1;
        } else {
            tracing::warn!(error = chain(&Fault::from(error)), "messages cannot be read: a live stream ends");
            self.has_failed = true;
        }
    }

    /// Waits until there is something to look at: the head has moved, the stream may be over, or a pause has ended.
    async fn rest(&mut self) {
        let left = self.until.map(|until| (until - self.core.now()).try_into().unwrap_or(Duration::ZERO));
        let expiry = async {
            match left {
                Some(left) => sleep(left).await,
                None => pending().await,
            }
        };
        let pause = async {
            match &mut self.pause {
                Some(pause) => pause.as_mut().await,
                None => pending().await,
            }
        };
        tokio::select! {
            () = self.seat.changed() => {}
            () = expiry => {}
            () = pause => self.pause = None,
        }
    }
}

/// What is held for a reader who may be slow: the first message in any case, and the rest is read again.
fn within_bytes(messages: impl Iterator<Item = Message>) -> impl Iterator<Item = Message> {
    let mut bytes = 0;
    messages.take_while(move |message| {
        let has_room = bytes < PAGE_BYTES;
        bytes += message.sent.text.as_str().len();
        has_room
    })
}

#[cfg(test)]
mod tests {
    use tokio::{task::yield_now, time::Instant};
    use vestibule_domain::{
        MessageId, NewMessage, Origin, RequestId, Source,
        conversation::{MessageText, Side},
    };
    use vestibule_keys::SecretKeyring;
    use vestibule_letters::TemplateLetters;
    use vestibule_memory::{LocalBus, MemoryStore};
    use vestibule_ports::{Notice, Store};
    use vestibule_testkit::{AccountBuilder, FixedClock, SeededRandomness};

    use super::*;
    use crate::{Caller, Chat, ChatPorts, CorePorts, Policy, chat::Follow};

    /// A conversation of which the hub knows more than the store gives, as while a server that lags behind is read.
    async fn behind(by: u64) -> (Arc<MemoryStore>, Chat, NewMessage, Follower) {
        let (store, chat, message, follower, _) = behind_of(by).await;
        (store, chat, message, follower)
    }

    /// The same, with the caller.
    async fn behind_of(by: u64) -> (Arc<MemoryStore>, Chat, NewMessage, Follower, Caller) {
        let store = Arc::new(MemoryStore::new());
        let account = AccountBuilder::numbered(1).build();
        let mut unit = store.write().await.unwrap();
        unit.accounts().insert(&account).await.unwrap();
        unit.commit().await.unwrap();
        let ports = CorePorts {
            store: store.clone(),
            clock: Arc::new(FixedClock::default()),
            randomness: Arc::new(SeededRandomness::new(1)),
            keyring: Arc::new(SecretKeyring::new(&vec![7; 32].into()).unwrap()),
            letters: Arc::new(TemplateLetters::new(None).unwrap()),
        };
        let core = Core::new(ports, Policy::default());
        let chat = Chat::new(core, ChatPorts { bus: Arc::new(LocalBus::new()) });
        let request = RequestId::parse("request").unwrap();
        let origin = Origin { source: Source::new([192, 0, 2, 1].into()), request };
        let message = NewMessage {
            id: MessageId::new(FixedClock::START, [1; 6]),
            conversation: account.id(),
            side: Side::User,
            author: account.id(),
            text: MessageText::parse("text").unwrap(),
            client_id: None,
            display_time: None,
            created_at: FixedClock::START,
        };
        let input = Follow { conversation: account.id(), after: Some(0), until: None };
        let caller = Caller::new(account, None, origin);
        let follower = chat.follow(&caller, input).await.unwrap();
        let head = Notice { conversation: message.conversation, seq: by, read_by_user: 0, read_by_staff: 0 };
        chat.hub.advance(head, None);
        (store, chat, message, follower, caller)
    }

    #[tokio::test(start_paused = true)]
    async fn messages_that_cannot_be_read_are_waited_for_some_seconds() {
        let (_store, _chat, _, mut follower) = behind(1).await;
        let began = Instant::now();
        assert!(matches!(follower.next().await, Followed::Ended(EndReason::Unavailable)));
        assert!((5..15).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
        assert!(matches!(follower.next().await, Followed::Ended(EndReason::Unavailable)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_message_that_cannot_be_read_is_passed_over() {
        let (_store, _chat, message, mut follower) = behind(3).await;
        follower.page = [2, 3].map(|seq| message.numbered(seq)).into();
        for seq in [2, 3] {
            assert!(matches!(follower.next().await, Followed::Message(message) if message.seq == seq));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn messages_that_can_be_read_again_go_on_and_earlier_failures_are_forgotten() {
        let (store, _chat, message, mut follower) = behind(3).await;
        for number in 1..=3 {
            // Broken off in the middle of its pauses, as by a heartbeat.
            for _ in 0..3 {
                assert!(timeout(Duration::from_secs(1), follower.next()).await.is_err());
            }
            let id = MessageId::new(FixedClock::START, [number; 6]);
            store.conversations().append(&NewMessage { id, ..message.clone() }).await.unwrap();
            assert!(matches!(follower.next().await, Followed::Message(message) if message.seq == u64::from(number)));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_busy_conversation_does_not_keep_its_follower_from_giving_up() {
        let (_store, chat, message, mut follower) = behind(1).await;
        let waiting = tokio::spawn(async move { follower.next().await });
        let began = Instant::now();
        for seq in 2.. {
            sleep(Duration::from_millis(10)).await;
            let head = Notice { conversation: message.conversation, seq, read_by_user: 0, read_by_staff: 0 };
            chat.hub.advance(head, None);
            yield_now().await;
            if waiting.is_finished() {
                break;
            }
        }
        assert!(matches!(waiting.await.unwrap(), Followed::Ended(EndReason::Unavailable)));
        assert!((5..15).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn a_store_that_has_gone_back_ends_the_streams_which_then_go_on_from_it() {
        let (store, chat, message, mut follower, caller) = behind_of(3).await;
        store.conversations().append(&message).await.unwrap();
        chat.watch_over().await.unwrap();
        assert!(matches!(follower.next().await, Followed::Message(message) if message.seq == 1), "one look is none");
        chat.watch_over().await.unwrap();
        assert!(matches!(follower.next().await, Followed::Ended(EndReason::Unavailable)));
        let input = Follow { conversation: caller.id(), after: Some(3), until: None };
        let mut again = chat.follow(&caller, input).await.unwrap();
        let id = MessageId::new(FixedClock::START, [2; 6]);
        let sent = store.conversations().append(&NewMessage { id, ..message }).await.unwrap();
        chat.watch_over().await.unwrap();
        assert!(matches!(again.next().await, Followed::Message(message) if message.seq == 2), "{sent:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn the_end_of_the_node_ends_a_pause() {
        let (_store, chat, _, mut follower) = behind(1).await;
        let waiting = tokio::spawn(async move { follower.next().await });
        sleep(Duration::from_millis(800)).await;
        let began = Instant::now();
        chat.close();
        assert!(matches!(waiting.await.unwrap(), Followed::Ended(EndReason::ShuttingDown)));
        assert_eq!(began.elapsed(), Duration::ZERO);
    }
}
