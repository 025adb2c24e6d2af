//! Promises of stores that keep data: committed data are there when the place is opened again, and two stores can work on
//! it at once.

use std::sync::Arc;

use time::Duration;
use vestibule_domain::{
    Account, Actor, Conversation, Dossier, EmailAddress, EventKind, LiveCode, Message, OneTimeToken, Profile,
    SecurityEvent, Session, Source, ThrottleRule, TokenPurpose,
    conversation::Side,
    mail::{Mail, MailContent, OutboxEntry, OutboxMail, ReceivedMail},
    place::{FoundPlace, GeoPoint, Place as Where, PlaceName},
    profile::ProfileChange,
};
use vestibule_ports::{AccountFilter, MessageRange, Store, StoreError, UnitOfWork};
use vestibule_testkit::AccountBuilder;

use crate::{
    conversations::{append, message},
    fixture::Place,
    profiles::{profile, reordered},
    store::assert_unavailable,
    support::{NOW, RACERS, code, committed, digest, dropped, insert_accounts, numbered, race, session, token},
};

/// Passes the names of all cases that reopen a place to another macro, after its arguments.
#[doc(hidden)]
#[macro_export]
macro_rules! __every_reopening_case {
    ($then:ident $($argument:tt)*) => {
        $crate::$then! {
            ($($argument)*)
            committed_rows_are_there_after_a_drop_without_close
            a_unit_that_goes_with_its_store_leaves_nothing
            two_stores_on_one_place_see_each_others_commits
            of_many_consumes_through_two_stores_one_wins
            a_store_that_is_closed_leaves_the_other
            stores_that_open_one_place_at_once_all_migrate_it
        }
    };
}

/// One test per case that reopens a place.
#[doc(hidden)]
#[macro_export]
macro_rules! __reopening_tests {
    (($fresh:path) $($case:ident)*) => {
        mod reopening {
            #[allow(unused_imports, reason = "the path to the fixture may be relative to the module above")]
            use super::*;

            $(#[test]
            fn $case() {
                $crate::run_reopening(
                    concat!("reopening::", stringify!($case)),
                    $fresh,
                    $crate::reopening_cases::$case,
                );
            })*
        }
    };
}

/// The public wrapper of each case that reopens a place.
macro_rules! reopening_faces {
    (() $($case:ident)*) => {
        /// Every case that reopens a place, for [`crate::conformance_suite`].
        pub mod reopening_cases {
            #[cfg(test)]
            pub(crate) const NAMES: &[&str] = &[$(concat!("reopening::", stringify!($case))),*];

            $(#[doc = concat!("Checks that ", stringify!($case), ".")]
            pub async fn $case(place: std::sync::Arc<crate::Place>) {
                crate::reopening::$case(place).await;
            })*
        }
    };
}
pub(crate) use reopening_faces as __reopening_faces;

__every_reopening_case! { __reopening_faces }

const PURPOSE: TokenPurpose = TokenPurpose::PasswordReset;
const RULE: ThrottleRule = ThrottleRule::counted(9, Duration::hours(1));

/// One readable row of each aggregate.
#[derive(Debug, PartialEq)]
struct Rows {
    account: Option<Account>,
    code: Option<LiveCode>,
    conversation: Option<Conversation>,
    messages: Vec<Message>,
    dossier: Option<Dossier>,
    events: Vec<SecurityEvent>,
    fingerprint: bool,
    mailbox: Vec<ReceivedMail>,
    outbox: Vec<OutboxEntry>,
    place: Option<Where>,
    profile: Option<Profile>,
    changes: Vec<ProfileChange>,
    session: Option<Session>,
    source: bool,
    takes: u32,
    token: Option<OneTimeToken>,
}

/// Committed data of each aggregate are there when the place is opened again, and again after that, even if the store was
/// dropped without being closed.
pub(crate) async fn committed_rows_are_there_after_a_drop_without_close(place: Arc<Place>) {
    let account = AccountBuilder::numbered(0).username("kept").build();
    let store = place.open().await;
    commit_rows(&store, &account).await;
    let before = rows(&store, &account).await;
    assert_eq!(before.account.as_ref(), Some(&account));
    drop(store);
    let again = place.open().await;
    let after = rows(&again, &account).await;
    assert_eq!(after, before);
    again.close().await;
    assert_eq!(rows(&place.open().await, &account).await, before);
    let Rows { code, conversation, messages, dossier, events, fingerprint, mailbox, outbox, .. } = &after;
    assert!(code.is_some() && conversation.is_some() && messages.len() == 1 && dossier.is_some() && *fingerprint);
    assert_eq!((events.len(), mailbox.len(), outbox.len()), (1, 1, 1));
    let Rows { place, profile, changes, session, source, takes, token, .. } = after;
    assert!(place.is_some() && profile.is_some() && !changes.is_empty() && session.is_some());
    assert!(source && takes == 2 && token.is_some());
}

/// A unit that is uncommitted when its store is dropped leaves nothing, not even a lock.
pub(crate) async fn a_unit_that_goes_with_its_store_leaves_nothing(place: Arc<Place>) {
    let [kept, lost] = [0, 1].map(|number| AccountBuilder::numbered(number).build());
    let store = place.open().await;
    insert_accounts(&store, std::slice::from_ref(&kept)).await;
    let mut unit = store.write().await.unwrap();
    unit.accounts().find_for_update(kept.id()).await.unwrap().unwrap();
    unit.accounts().insert(&lost).await.unwrap();
    drop(store);
    drop(unit);
    let again = place.open().await;
    assert_eq!(again.read().accounts().find(lost.id()).await.unwrap(), None);
    insert_accounts(&again, std::slice::from_ref(&lost)).await;
    committed(&again, async |unit| assert!(unit.accounts().update(&kept).await.unwrap())).await;
}

/// Two stores on one place, as for a command beside a server, see each other's commits at once, and nothing before.
pub(crate) async fn two_stores_on_one_place_see_each_others_commits(place: Arc<Place>) {
    let stores = [place.open().await, place.open().await];
    for number in 0..20 {
        let [writer, reader] = if number % 2 == 0 { [&stores[0], &stores[1]] } else { [&stores[1], &stores[0]] };
        let account = AccountBuilder::numbered(number).build();
        let find = async || reader.read().accounts().find(account.id()).await.unwrap();
        let mut unit = writer.write().await.unwrap();
        unit.accounts().insert(&account).await.unwrap();
        assert_eq!(find().await, None);
        unit.commit().await.unwrap();
        assert_eq!(find().await.as_ref(), Some(&account));
        committed(reader, async |unit| {
            assert_eq!(unit.accounts().find_for_update(account.id()).await.unwrap().as_ref(), Some(&account));
        })
        .await;
    }
}

/// When many units of two stores consume one token, one gets it.
pub(crate) async fn of_many_consumes_through_two_stores_one_wins(place: Arc<Place>) {
    let stores = [place.open().await, place.open().await];
    let account = AccountBuilder::numbered(0).build();
    insert_accounts(&stores[0], std::slice::from_ref(&account)).await;
    for number in 0..5 {
        committed(&stores[1], async |unit| unit.tokens().insert(&token(account.id(), PURPOSE, number)).await.unwrap())
            .await;
        let consumed = race(RACERS, async |racer| {
            let consume =
                async |unit: &mut Box<dyn UnitOfWork>| unit.tokens().consume(&digest(number), PURPOSE, NOW).await;
            committed(&stores[usize::from(racer % 2 == 0)], consume).await.unwrap()
        });
        assert_eq!(consumed.iter().flatten().count(), 1);
    }
}

/// Closing or dropping a store does not affect another on the same place.
pub(crate) async fn a_store_that_is_closed_leaves_the_other(place: Arc<Place>) {
    let [stays, closed, gone] = [place.open().await, place.open().await, place.open().await];
    let accounts = [0, 1, 2, 3].map(|number| AccountBuilder::numbered(number).build());
    for (store, account) in [&stays, &closed, &gone].into_iter().zip(&accounts) {
        insert_accounts(store, std::slice::from_ref(account)).await;
    }
    closed.close().await;
    drop(gone);
    insert_accounts(&stays, &accounts[3..]).await;
    assert_eq!(stays.read().accounts().count(AccountFilter::default()).await.unwrap(), 4);
    assert_unavailable(&closed.write().await, "write");
    stays.ping().await.unwrap();
}

/// Stores that open and migrate one place at once can all use it and find its data.
pub(crate) async fn stores_that_open_one_place_at_once_all_migrate_it(place: Arc<Place>) {
    let account = AccountBuilder::numbered(100).build();
    insert_accounts(&place.open().await, std::slice::from_ref(&account)).await;
    race(4, async |racer| {
        let store = place.open().await;
        store.migrate().await.unwrap();
        assert!(store.migrations().await.unwrap().iter().all(|step| step.applied && step.unfit.is_none()));
        insert_accounts(&store, &[AccountBuilder::numbered(racer).build()]).await;
        assert_eq!(store.read().accounts().find(account.id()).await.unwrap().as_ref(), Some(&account));
    });
    assert_eq!(place.open().await.read().accounts().count(AccountFilter::default()).await.unwrap(), 5);
}

/// A store on a place without a schema answers `Unavailable` to reads and units, and lists its steps as not applied. It
/// works once another store has migrated the place. Stores with a schema call this from a test of their own, with two
/// stores on one empty place.
///
/// # Panics
/// If the promise is broken.
pub async fn a_store_that_was_not_migrated_is_unavailable(stores: [Arc<dyn Store>; 2]) {
    let [store, other] = stores;
    let account = AccountBuilder::numbered(0).build();
    let steps = store.migrations().await.unwrap();
    assert!(!steps.is_empty() && steps.iter().all(|step| !step.applied), "{steps:?}");
    assert_unavailable(&store.read().accounts().find(account.id()).await, "ReadAccounts::find");
    assert_unavailable(&store.read().outbox().stats().await, "ReadOutbox::stats");
    assert_unavailable(&use_a_unit(&store, &account).await, "Accounts::insert");
    assert_unavailable(&store.export().await, "Store::export");
    assert_unavailable(&store.import().await, "Store::import");
    other.migrate().await.unwrap();
    assert!(store.migrations().await.unwrap().iter().all(|step| step.applied));
    use_a_unit(&store, &account).await.unwrap();
    assert_eq!(other.read().accounts().find(account.id()).await.unwrap(), Some(account));
}

async fn use_a_unit(store: &Arc<dyn Store>, account: &Account) -> Result<(), StoreError> {
    let mut unit = store.write().await?;
    unit.accounts().insert(account).await?;
    unit.commit().await
}

pub(crate) async fn commit_rows(store: &Arc<dyn Store>, account: &Account) {
    let id = account.id();
    let mut described = profile(0, |_| {});
    committed(store, async |unit| {
        unit.accounts().insert(account).await.unwrap();
        unit.codes().replace(&code(id, PURPOSE, 0)).await.unwrap();
        unit.dossiers().replace(&Dossier { updated_at: Some(NOW), ..Dossier::empty(id) }).await.unwrap();
        let event = SecurityEvent {
            id: numbered(0).into(),
            kind: EventKind::SignIn,
            account: Some(id),
            actor: Actor::Anyone,
            origin: None,
            at: NOW,
        };
        unit.events().insert(&event).await.unwrap();
        unit.fingerprint().claim(&digest(5)).await.unwrap();
        let to = EmailAddress::parse("to@example.test").unwrap();
        let content = MailContent { subject: "s".to_owned(), text: "t".to_owned(), html: "h".to_owned() };
        let mail = Mail { id: numbered(0).into(), to: to.clone(), content };
        let received = ReceivedMail { mail, from: "from@example.test".to_owned(), received_at: NOW };
        unit.mailbox().insert(&received).await.unwrap();
        let waiting = OutboxMail {
            id: numbered(0).into(),
            to,
            sealed_content: vec![1, 2, 3],
            attempts: 0,
            created_at: NOW,
            due_at: NOW,
            expires_at: NOW + Duration::days(1),
        };
        unit.outbox().insert(&waiting).await.unwrap();
        unit.profiles().insert(&described).await.unwrap();
        let changes = reordered(&mut described, 7);
        unit.profiles().replace(&described, &changes).await.unwrap();
        unit.sessions().insert(&session(id, 0), 9).await.unwrap();
        unit.sources().remember(id, source(), NOW).await.unwrap();
        unit.throttles().take("key", &RULE, NOW).await.unwrap().unwrap();
        unit.tokens().insert(&token(id, PURPOSE, 0)).await.unwrap();
        unit.places().keep(&somewhere()).await.unwrap();
    })
    .await;
    append(store, &message(id, Side::User, 1)).await;
}

async fn rows(store: &Arc<dyn Store>, account: &Account) -> Rows {
    let (id, read) = (account.id(), store.read());
    let all = MessageRange { after: None, before: None, limit: 9 };
    // Rows that only a unit can read, by changing them; so the unit is dropped.
    let (code, takes) = dropped(store, async |unit| {
        let code = unit.codes().take_try(id, PURPOSE, NOW).await.unwrap();
        (code, unit.throttles().take("key", &RULE, NOW).await.unwrap().unwrap().count)
    })
    .await;
    let session = read.sessions().find(numbered(0).into()).await.unwrap();
    Rows {
        account: read.accounts().find(id).await.unwrap(),
        code,
        conversation: read.conversations().find(id).await.unwrap(),
        messages: read.conversations().messages(id, all).await.unwrap(),
        dossier: read.dossiers().find(id).await.unwrap(),
        events: read.events().list(None, None, 9).await.unwrap(),
        fingerprint: read.fingerprint().find().await.unwrap() == Some(digest(5)),
        mailbox: read.mailbox().list(None, 9).await.unwrap(),
        outbox: read.outbox().list_waiting(9).await.unwrap(),
        place: read.places().find(somewhere().id).await.unwrap(),
        profile: read.profiles().find(numbered(0).into()).await.unwrap(),
        changes: read.profiles().history(numbered(0).into(), None, 9).await.unwrap().items,
        session: session.map(Session::without_account),
        source: read.sources().contains(id, source()).await.unwrap(),
        takes,
        token: read.tokens().find(&digest(0), PURPOSE, NOW).await.unwrap(),
    }
}

fn source() -> Source {
    Source::new(std::net::Ipv4Addr::new(192, 0, 2, 1).into())
}

fn somewhere() -> Where {
    let name = PlaceName::parse("Duckburg").unwrap();
    let found = FoundPlace { formatted: name.clone(), point: GeoPoint::new(1.5, 2.5).unwrap() };
    Where { id: numbered(3).into(), name, found: Some(found), at: NOW }
}
