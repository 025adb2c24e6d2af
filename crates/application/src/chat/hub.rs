//! Who follows which conversation on this node, and how far each of these is known to be.
//!
//! A conversation is here while it has followers. Its head only moves forwards, however late what moves it comes.

use std::{
    collections::{
        HashMap,
        hash_map::{DefaultHasher, Entry},
    },
    hash::{Hash, Hasher},
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::sync::watch;
use vestibule_domain::{AccountId, Conversation, Message, SessionId, TokenEpoch, conversation::Side};
use vestibule_ports::Notice;

use super::EndReason;
use crate::{Caller, ChatLimits, Fault};

/// So many parts, each with a lock of its own.
const SHARDS: usize = 64;
/// For so long streams go on without a look at the rights of those who follow.
const LONGEST_UNWATCHED: Duration = Duration::from_secs(5);
/// When an account or a client that has too many followers may try again, in seconds.
const RETRY_AFTER: u64 = 5;

/// How far a conversation is known to be.
#[derive(Debug, Clone, Default)]
pub(super) struct Head {
    /// The number of the last message.
    pub(super) seq: u64,
    /// The read cursor of the user's side.
    pub(super) read_by_user: u64,
    /// The read cursor of the staff's side.
    pub(super) read_by_staff: u64,
    /// The last message, if it was sent on this node.
    pub(super) last: Option<Arc<Message>>,
}

impl From<&Conversation> for Head {
    fn from(conversation: &Conversation) -> Self {
        let Notice { conversation: _, seq, read_by_user, read_by_staff } = conversation.into();
        Self { seq, read_by_user, read_by_staff, last: None }
    }
}

impl Head {
    /// Whether a notice says what is not known here.
    fn lacks(&self, notice: &Notice) -> bool {
        notice.seq > self.seq || notice.read_by_user > self.read_by_user || notice.read_by_staff > self.read_by_staff
    }

    /// Moves forwards; whether it did.
    fn advance(&mut self, to: Notice, message: Option<&Arc<Message>>) -> bool {
        if !self.lacks(&to) {
            return false;
        }
        if to.seq > self.seq {
            self.seq = to.seq;
            self.last = message.filter(|message| message.seq == to.seq).cloned();
        }
        self.read_by_user = self.read_by_user.max(to.read_by_user);
        self.read_by_staff = self.read_by_staff.max(to.read_by_staff);
        true
    }
}

/// The right by which a caller follows a conversation, and whether that has ended.
pub(super) struct Ticket {
    pub(super) conversation: AccountId,
    pub(super) caller: AccountId,
    /// What the caller's account had when the stream began.
    pub(super) epoch: TokenEpoch,
    pub(super) session: Option<SessionId>,
    pub(super) side: Side,
    /// When the stream began, by the monotonic time.
    since: Duration,
    over: OnceLock<EndReason>,
}

impl Ticket {
    pub(super) fn new(caller: &Caller, conversation: AccountId, side: Side, since: Duration) -> Self {
        let (epoch, session) = (caller.account().epoch(), caller.session());
        Self { conversation, caller: caller.id(), epoch, session, side, since, over: OnceLock::new() }
    }
}

/// A conversation with followers.
#[derive(Default)]
struct Conversed {
    head: watch::Sender<Head>,
    tickets: Vec<Arc<Ticket>>,
    /// The head as it was when the store was behind it, if it was at the last look.
    ahead_of_store: Option<u64>,
}

type Shard = HashMap<AccountId, Conversed>;

#[derive(Default)]
struct Counts {
    all: usize,
    by_account: HashMap<AccountId, usize>,
}

/// The followers of a node.
pub(super) struct Hub {
    limits: ChatLimits,
    shards: [Mutex<Shard>; SHARDS],
    counts: Mutex<Counts>,
    closed: AtomicBool,
    /// When the rights of those who follow were last looked at, by the monotonic time.
    looked_at: Mutex<Duration>,
}

impl Hub {
    pub(super) fn new(limits: ChatLimits, now: Duration) -> Self {
        Self {
            limits,
            looked_at: Mutex::new(now),
            shards: std::array::from_fn(|_| Mutex::default()),
            counts: Mutex::default(),
            closed: AtomicBool::new(false),
        }
    }

    /// Adds a follower, until its seat is dropped.
    pub(super) fn join(self: &Arc<Self>, ticket: Ticket) -> Result<Seat, Fault> {
        self.count_in(ticket.caller)?;
        let ticket = Arc::new(ticket);
        let mut shard = self.shard(ticket.conversation);
        let conversed = shard.entry(ticket.conversation).or_default();
        conversed.tickets.push(Arc::clone(&ticket));
        let head = conversed.head.subscribe();
        drop(shard);
        Ok(Seat { hub: Arc::clone(self), ticket, head })
    }

    /// Moves the head of a conversation forwards, if it has followers here.
    pub(super) fn advance(&self, to: Notice, message: Option<&Arc<Message>>) {
        if let Some(conversed) = self.shard(to.conversation).get(&to.conversation) {
            conversed.head.send_if_modified(|head| head.advance(to, message));
        }
    }

    /// Notes how far a conversation is in the store.
    ///
    /// A store that is behind what is known here may have been asked too early, or lag behind. Where it still is at the next look,
    /// it has gone back, such as to a standby that had not got everything: then the numbers come again, for other messages.
    /// So the streams end, and go on from the store.
    pub(super) fn note_stored(&self, stored: &Conversation) {
        let mut shard = self.shard(stored.account);
        let Some(conversed) = shard.get_mut(&stored.account) else { return };
        let known = conversed.head.borrow().seq;
        let has_gone_back = conversed.ahead_of_store.is_some_and(|ahead| stored.last_seq() < ahead);
        conversed.ahead_of_store = (stored.last_seq() < known && !has_gone_back).then_some(known);
        if has_gone_back {
            for ticket in &conversed.tickets {
                let _ = ticket.over.set(EndReason::Unavailable);
            }
            conversed.head.send_replace(Head::from(stored));
        } else {
            conversed.head.send_if_modified(|head| head.advance(stored.into(), None));
        }
    }

    /// Notes that the rights of those who follow were looked at, in a look that began at a time.
    pub(super) fn note_look(&self, began: Duration) {
        let before = std::mem::replace(&mut *lock(&self.looked_at), began);
        if began.saturating_sub(before) > LONGEST_UNWATCHED {
            for shard in &self.shards {
                lock(shard).values().for_each(Conversed::wake);
            }
        }
    }

    /// Whether a notice is news to a follower here.
    pub(super) fn lacks(&self, notice: &Notice) -> bool {
        let shard = self.shard(notice.conversation);
        shard.get(&notice.conversation).is_some_and(|conversed| conversed.head.borrow().lacks(notice))
    }

    /// Ends the stream of a follower.
    pub(super) fn end(&self, ticket: &Ticket, reason: EndReason) {
        // Only the first reason counts.
        let _ = ticket.over.set(reason);
        if let Some(conversed) = self.shard(ticket.conversation).get(&ticket.conversation) {
            conversed.wake();
        }
    }

    /// Ends every stream; no other one begins.
    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
        // Who joins a part that was passed already has seen the word before it waits.
        for shard in &self.shards {
            lock(shard).values().for_each(Conversed::wake);
        }
    }

    pub(super) fn tickets(&self) -> Vec<Arc<Ticket>> {
        let of_shard = |shard: &Mutex<Shard>| -> Vec<_> {
            lock(shard).values().flat_map(|conversed| conversed.tickets.iter().cloned()).collect()
        };
        self.shards.iter().flat_map(of_shard).collect()
    }

    pub(super) fn conversations(&self) -> Vec<AccountId> {
        self.shards.iter().flat_map(|shard| lock(shard).keys().copied().collect::<Vec<_>>()).collect()
    }

    pub(super) fn followers(&self) -> usize {
        lock(&self.counts).all
    }

    fn is_closed(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
    }

    fn count_in(&self, caller: AccountId) -> Result<(), Fault> {
        if self.is_closed() {
            return Err(Fault::unavailable("the server is shutting down"));
        }
        let mut counts = lock(&self.counts);
        if counts.all >= self.limits.followers_per_node {
            return Err(Fault::overloaded("this node has as many live streams as it may"));
        }
        let of_account = counts.by_account.entry(caller).or_default();
        if *of_account >= self.limits.followers_per_account {
            return Err(Fault::Throttled { retry_after: RETRY_AFTER });
        }
        *of_account += 1;
        counts.all += 1;
        Ok(())
    }

    fn leave(&self, ticket: &Arc<Ticket>) {
        if let Entry::Occupied(mut entry) = self.shard(ticket.conversation).entry(ticket.conversation) {
            entry.get_mut().tickets.retain(|other| !Arc::ptr_eq(other, ticket));
            if entry.get().tickets.is_empty() {
                entry.remove();
            }
        }
        let mut counts = lock(&self.counts);
        counts.all -= 1;
        if let Entry::Occupied(mut entry) = counts.by_account.entry(ticket.caller) {
            *entry.get_mut() -= 1;
            if *entry.get() == 0 {
                entry.remove();
            }
        }
    }

    fn shard(&self, conversation: AccountId) -> MutexGuard<'_, Shard> {
        let mut hasher = DefaultHasher::new();
        conversation.hash(&mut hasher);
        let hash = usize::try_from(hasher.finish() % SHARDS as u64).unwrap_or_default();
        lock(&self.shards[hash])
    }
}

impl Conversed {
    /// Lets every follower look whether its stream is over.
    fn wake(&self) {
        self.head.send_modify(|_| {});
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The place of a follower, which is free again when it is dropped.
pub(super) struct Seat {
    hub: Arc<Hub>,
    ticket: Arc<Ticket>,
    head: watch::Receiver<Head>,
}

impl Seat {
    pub(super) fn conversation(&self) -> AccountId {
        self.ticket.conversation
    }

    /// The head as it is now. [`Seat::changed`] waits for what comes after.
    pub(super) fn head(&mut self) -> Head {
        self.head.borrow_and_update().clone()
    }

    /// Whether the right to follow is certain enough for a message to be given: it was looked at not long ago, or the stream is
    /// young. Where it is not, a look wakes.
    pub(super) fn is_watched(&self, now: Duration) -> bool {
        let since = self.ticket.since.max(*lock(&self.hub.looked_at));
        now.saturating_sub(since) <= LONGEST_UNWATCHED
    }

    /// Why the stream is over, if it is. To be asked after the head was looked at: what is said later wakes.
    pub(super) fn over(&self) -> Option<EndReason> {
        self.ticket.over.get().copied().or_else(|| self.hub.is_closed().then_some(EndReason::ShuttingDown))
    }

    /// Waits until the head has moved, or the stream may be over; cancel-safe.
    pub(super) async fn changed(&mut self) {
        if self.head.changed().await.is_err() {
            // The head stays as long as a seat is taken.
            std::future::pending::<()>().await;
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.hub.leave(&self.ticket);
    }
}
