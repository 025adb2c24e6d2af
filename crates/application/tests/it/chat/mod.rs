//! Conversations: who may send, read and mark what here, live streams in files of their own.

mod endings;
mod following;
mod news;

use std::sync::Arc;

use time::Duration;
use vestibule_application::{
    Caller, Chat, ChatPorts, MessageRange,
    chat::{ChatError, Follow, Followed, Follower, ListMessages, MarkRead, SendMessage, Sent},
};
use vestibule_domain::{
    Account, AccountId, Conversation, Permission, PermissionSet, Role,
    conversation::{ClientId, DisplayTime, MessageText, Side},
};
use vestibule_memory::LocalBus;
use vestibule_ports::Bus;
use vestibule_testkit::{AccountBuilder, FixedClock};

use crate::support::World;

/// A world in which people talk.
pub(crate) struct Stage {
    pub(crate) world: World,
    pub(crate) chat: Arc<Chat>,
    pub(crate) owner: Account,
    pub(crate) admin: Account,
}

impl Stage {
    pub(crate) async fn set() -> Self {
        Self::of(World::unlimited()).await
    }

    pub(crate) async fn of(world: World) -> Self {
        let chat = Arc::new(node(&world, LocalBus::new()));
        let owner = AccountBuilder::numbered(1).build();
        let admin = AccountBuilder::numbered(2).role(Role::Admin).build();
        world.insert(&owner).await;
        world.insert(&admin).await;
        Self { world, chat, owner, admin }
    }

    pub(crate) async fn caller(&self, account: &Account) -> Caller {
        self.world.caller(account).await.unwrap()
    }

    pub(crate) async fn send(&self, side: Side, text: &str) -> Sent {
        let caller = self.caller(if side == Side::User { &self.owner } else { &self.admin }).await;
        self.chat.send(&caller, message(self.owner.id(), side, text)).await.unwrap()
    }

    pub(crate) async fn follow(&self, caller: &Account, after: Option<u64>) -> Follower {
        let caller = self.caller(caller).await;
        self.chat.follow(&caller, Follow { conversation: self.owner.id(), after, until: None }).await.unwrap()
    }

    async fn list(&self, range: MessageRange) -> Vec<u64> {
        let input = ListMessages { conversation: self.owner.id(), range };
        let list = self.chat.list_messages(&self.caller(&self.owner).await, input).await.unwrap();
        list.messages.iter().map(|message| message.seq).collect()
    }
}

/// A node on the store of a world.
pub(crate) fn node(world: &World, bus: impl Bus + 'static) -> Chat {
    Chat::new(Arc::clone(world.app.core()), ChatPorts { bus: Arc::new(bus) })
}

pub(crate) fn message(conversation: AccountId, side: Side, text: &str) -> SendMessage {
    let text = MessageText::parse(text).unwrap();
    SendMessage { conversation, side, text, client_id: None, display_time: None }
}

/// The next message, which must be what comes next.
pub(crate) async fn next_message(follower: &mut Follower) -> u64 {
    match follower.next().await {
        Followed::Message(message) => message.seq,
        other => panic!("no message: {other:?}"),
    }
}

const NEWEST: MessageRange = MessageRange { after: None, before: None, limit: 100 };

/// What a use case says of a conversation to somebody.
fn word<T>(outcome: Result<T, ChatError>) -> &'static str {
    match outcome {
        Ok(_) => "yes",
        Err(ChatError::Forbidden) => "forbidden",
        Err(ChatError::UnknownAccount) => "unknown",
        Err(ChatError::ClientIdReused) => "reused",
        Err(ChatError::Fault(fault)) => panic!("{fault}"),
    }
}

/// What somebody is told who sends for the user, sends for the staff, lists, marks and follows.
async fn words(stage: &Stage, caller: &Account, conversation: AccountId) -> [&'static str; 5] {
    let (chat, caller) = (&stage.chat, stage.caller(caller).await);
    [
        word(chat.send(&caller, message(conversation, Side::User, "a")).await),
        word(chat.send(&caller, message(conversation, Side::Staff, "b")).await),
        word(chat.list_messages(&caller, ListMessages { conversation, range: NEWEST }).await),
        word(chat.mark_read(&caller, MarkRead { conversation, seq: 1 }).await),
        word(chat.follow(&caller, Follow { conversation, after: None, until: None }).await),
    ]
}

#[tokio::test]
async fn the_rights_table_holds_in_every_cell() {
    let stage = Stage::set().await;
    let everything = PermissionSet::default().with(Permission::UserRead).with(Permission::UserModify);
    let stranger = AccountBuilder::numbered(3).permissions(everything).build();
    let root = AccountBuilder::numbered(4).role(Role::Root).build();
    let other_admin = AccountBuilder::numbered(5).role(Role::Admin).build();
    for account in [&stranger, &root, &other_admin] {
        stage.world.insert(account).await;
    }
    let nobody = AccountBuilder::numbered(9).build().id();
    let (owner, admin) = (&stage.owner, &stage.admin);
    let forbidden = ["forbidden"; 5];
    for (caller, conversation, expected) in [
        (owner, owner.id(), ["yes", "forbidden", "yes", "yes", "yes"]),
        (admin, owner.id(), ["forbidden", "yes", "yes", "yes", "yes"]),
        (&root, owner.id(), ["forbidden", "yes", "yes", "yes", "yes"]),
        (&stranger, owner.id(), forbidden),
        (&stranger, admin.id(), forbidden),
        (&stranger, nobody, forbidden),
        (&other_admin, admin.id(), ["forbidden", "yes", "yes", "yes", "yes"]),
        (admin, admin.id(), ["yes"; 5]),
        (admin, nobody, ["forbidden", "unknown", "unknown", "unknown", "unknown"]),
    ] {
        assert_eq!(words(&stage, caller, conversation).await, expected, "{:?} on {conversation:?}", caller.role());
    }
}

#[tokio::test]
async fn an_owner_is_on_the_users_side_whatever_its_role() {
    let stage = Stage::set().await;
    for (caller, conversation, side) in [
        (&stage.owner, stage.owner.id(), Side::User),
        (&stage.admin, stage.owner.id(), Side::Staff),
        (&stage.admin, stage.admin.id(), Side::User),
    ] {
        let caller = stage.caller(caller).await;
        let list = stage.chat.list_messages(&caller, ListMessages { conversation, range: NEWEST }).await.unwrap();
        let marked = stage.chat.mark_read(&caller, MarkRead { conversation, seq: 1 }).await.unwrap();
        assert_eq!((list.side, marked.side), (side, side));
        let empty = Conversation::empty(conversation);
        assert_eq!((list.messages, list.conversation, marked.conversation), (Vec::new(), empty, empty));
    }
}

#[tokio::test]
async fn a_message_is_numbered_and_keeps_all_that_was_sent() {
    let stage = Stage::set().await;
    let caller = stage.caller(&stage.owner).await;
    let first = stage.send(Side::Staff, "hello").await;
    stage.world.advance(Duration::seconds(5));
    let client_id = ClientId::parse("one").unwrap();
    let display_time = DisplayTime::parse("10:30 AM").unwrap();
    let input = SendMessage {
        client_id: Some(client_id.clone()),
        display_time: Some(display_time.clone()),
        ..message(stage.owner.id(), Side::User, " hi ")
    };
    let second = stage.chat.send(&caller, input).await.unwrap();
    assert_eq!((first.message.seq, second.message.seq, second.was_known), (1, 2, false));
    let sent = &second.message.sent;
    assert_eq!((sent.author, sent.side, sent.text.as_str()), (stage.owner.id(), Side::User, " hi "));
    assert_eq!((&sent.client_id, &sent.display_time), (&Some(client_id), &Some(display_time)));
    assert_eq!(sent.created_at, FixedClock::START + Duration::seconds(5));
    assert_eq!(second.conversation.last_seq(), 2);
    let input = ListMessages { conversation: stage.owner.id(), range: NEWEST };
    let list = stage.chat.list_messages(&caller, input).await.unwrap();
    assert_eq!(list.messages, [first.message.as_ref().clone(), second.message.as_ref().clone()]);
    assert_eq!(list.conversation, second.conversation);
}

#[tokio::test]
async fn what_is_sent_again_is_stored_once_and_another_text_is_refused() {
    let stage = Stage::set().await;
    let owner = stage.caller(&stage.owner).await;
    let admin = stage.caller(&stage.admin).await;
    let input = |side, text| SendMessage {
        client_id: Some(ClientId::parse("same").unwrap()),
        ..message(stage.owner.id(), side, text)
    };
    let first = stage.chat.send(&owner, input(Side::User, "a")).await.unwrap();
    stage.send(Side::Staff, "between").await;
    let again = stage.chat.send(&owner, input(Side::User, "a")).await.unwrap();
    assert!(!first.was_known && again.was_known);
    assert_eq!(again.message, first.message);
    assert_eq!(again.conversation.last_seq(), 2, "the conversation is as it is now");
    assert_eq!(word(stage.chat.send(&owner, input(Side::User, "b")).await), "reused");
    // The staff's ids are others.
    let staff = stage.chat.send(&admin, input(Side::Staff, "b")).await.unwrap();
    assert_eq!((staff.message.seq, staff.was_known), (3, false));
    assert_eq!(stage.list(NEWEST).await, [1, 2, 3]);
}

#[tokio::test]
async fn lists_go_from_the_newest_or_on_from_a_place() {
    let stage = Stage::set().await;
    for number in 1..=120 {
        stage.send(if number % 3 == 0 { Side::Staff } else { Side::User }, "text").await;
    }
    let range = |after, before, limit| MessageRange { after, before, limit };
    assert_eq!(stage.list(NEWEST).await, (21..=120).collect::<Vec<_>>());
    assert_eq!(stage.list(range(Some(0), None, 2)).await, [1, 2]);
    assert_eq!(stage.list(range(Some(118), None, 10)).await, [119, 120]);
    assert_eq!(stage.list(range(None, Some(4), 2)).await, [2, 3]);
    assert_eq!(stage.list(range(Some(5), Some(9), 2)).await, [6, 7]);
    assert_eq!(stage.list(range(Some(120), None, 10)).await, [0; 0]);
    assert_eq!(stage.list(range(Some(u64::MAX), None, 10)).await, [0; 0]);
}

#[tokio::test]
async fn each_side_has_a_cursor_that_only_moves_forwards() {
    let stage = Stage::set().await;
    for side in [Side::User, Side::Staff, Side::Staff, Side::User, Side::Staff] {
        stage.send(side, "text").await;
    }
    let mark = async |account: &Account, seq| {
        let input = MarkRead { conversation: stage.owner.id(), seq };
        let marked = stage.chat.mark_read(&stage.caller(account).await, input).await.unwrap();
        (marked.conversation.read_by(marked.side).seq, marked.conversation.unread(marked.side))
    };
    assert_eq!(mark(&stage.owner, 2).await, (2, 2));
    assert_eq!(mark(&stage.admin, 1).await, (1, 1));
    assert_eq!(mark(&stage.owner, 1).await, (2, 2));
    assert_eq!(mark(&stage.owner, 99).await, (5, 0));
    assert_eq!(mark(&stage.admin, 0).await, (1, 1));
    let root = AccountBuilder::numbered(4).role(Role::Root).build();
    stage.world.insert(&root).await;
    assert_eq!(mark(&root, 4).await, (4, 0), "the staff have one cursor");
}
