//! Promises of the store and its units of work: single units here; concurrent units and promises across aggregates in files
//! of their own.

mod waits;
mod whole;

use std::sync::Arc;

use time::Duration;
use vestibule_domain::{
    Account, AccountId, Actor, Dossier, EmailAddress, EventKind, Owner, SecurityEvent, Source, ThrottleRule,
    TokenPurpose, TokenUse,
    conversation::Side,
    mail::{Mail, MailContent, OutboxMail, ReceivedMail},
    place::{Place, PlaceName},
};
use vestibule_ports::{AccountFilter, Advance, Store, StoreError, UnitOfWork};
use vestibule_testkit::AccountBuilder;

pub(crate) use self::{waits::*, whole::*};
use crate::conversations::message;
use crate::profiles::profile;
use crate::support::{
    MICROSECOND, NOW, RACERS, Rounds, anonymous, code, committed, digest, dropped, numbered, race, session,
    some_accounts, token,
};

const PURPOSE: TokenPurpose = TokenPurpose::PasswordReset;
const RULE: ThrottleRule = ThrottleRule::counted(9, Duration::hours(1));

/// A store that is up answers a ping.
pub(crate) async fn a_store_answers_a_ping(store: Arc<dyn Store>) {
    store.ping().await.unwrap();
}

/// When nodes that start together all migrate, none fails, nothing is lost, and every migration is applied.
pub(crate) async fn migrating_many_times_at_once_leaves_every_migration_applied(store: Arc<dyn Store>) {
    let accounts = some_accounts(&store, 1).await;
    race(4, async |_| store.migrate().await.unwrap());
    let migrations = store.migrations().await.unwrap();
    assert!(migrations.iter().all(|migration| migration.applied), "{migrations:?}");
    assert!(migrations.is_sorted_by(|a, b| a.version < b.version), "not oldest first: {migrations:?}");
    let found = store.read().accounts().find(accounts[0].id()).await.unwrap();
    assert_eq!(found.as_ref(), Some(&accounts[0]));
}

/// The numbers of the pool usage are consistent.
pub(crate) async fn the_use_of_connections_adds_up(store: Arc<dyn Store>) {
    race(RACERS, async |_| store.read().accounts().count(AccountFilter::default()).await.unwrap());
    let usage = store.pool_usage();
    assert!(usage.idle <= usage.open && usage.open <= usage.limit, "{usage:?}");
    assert!(usage.writers <= usage.limit && (usage.writers > 0) == (usage.limit > 0), "{usage:?}");
}

/// A dropped unit leaves nothing in any aggregate, whether it added, changed or removed; the store goes on.
pub(crate) async fn nothing_of_a_dropped_unit_stays(store: Arc<dyn Store>) {
    let [kept, lost] = [0, 1].map(|number| AccountBuilder::numbered(number).build());
    let nothing = dropped(&store, async |unit| seen_in(unit, lost.id(), 1).await).await;
    dropped(&store, async |unit| {
        add_one_of_each(unit, &lost, 1).await;
        assert_ne!(seen_in(unit, lost.id(), 1).await, nothing, "the unit itself sees what it did");
    })
    .await;
    assert_eq!(seen_outside(&store, &lost, 1).await, [0; 7]);
    assert_eq!(dropped(&store, async |unit| seen_in(unit, lost.id(), 1).await).await, nothing);

    committed(&store, async |unit| add_one_of_each(unit, &kept, 0).await).await;
    let before =
        (seen_outside(&store, &kept, 0).await, dropped(&store, async |unit| seen_in(unit, kept.id(), 0).await).await);
    dropped(&store, async |unit| {
        assert!(unit.accounts().remove(kept.id()).await.unwrap());
        assert_eq!(unit.events().purge_before(NOW + MICROSECOND).await.unwrap(), 1);
        assert_eq!(unit.mailbox().trim(0).await.unwrap(), 1);
        assert_eq!(unit.outbox().lease(NOW, NOW + Duration::minutes(1), 9).await.unwrap().len(), 1);
        assert!(unit.outbox().settle(numbered(0).into(), 1).await.unwrap());
        unit.throttles().reset("key-0").await.unwrap();
    })
    .await;
    let after =
        (seen_outside(&store, &kept, 0).await, dropped(&store, async |unit| seen_in(unit, kept.id(), 0).await).await);
    assert_eq!(after, before);
}

/// No reader sees what a unit does before its commit, and every reader sees it afterwards; readers never wait for a unit.
pub(crate) async fn a_unit_is_seen_whole_once_it_is_committed(store: Arc<dyn Store>) {
    let account = AccountBuilder::numbered(0).build();
    let mut unit = store.write().await.unwrap();
    add_one_of_each(&mut unit, &account, 0).await;
    assert_eq!(seen_outside(&store, &account, 0).await, [0; 7]);
    unit.commit().await.unwrap();
    assert_eq!(seen_outside(&store, &account, 0).await, [1; 7]);
    let seen = dropped(&store, async |unit| seen_in(unit, account.id(), 0).await).await;
    let twice = |kind| u64::from(kind == "takes");
    assert!(seen.iter().all(|(kind, rows)| *rows == 1 + twice(*kind)), "{seen:?}");
}

/// Readers during commits see each unit whole or not at all.
pub(crate) async fn readers_never_see_half_a_unit(store: Arc<dyn Store>) {
    const SIZE: u32 = 5;
    let writer = {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            for unit_number in 0..20 {
                let mut unit = store.write().await.unwrap();
                for number in 0..SIZE {
                    let account = AccountBuilder::numbered(unit_number * SIZE + number).build();
                    unit.accounts().insert(&account).await.unwrap();
                }
                unit.commit().await.unwrap();
            }
        })
    };
    let count = async || store.read().accounts().count(AccountFilter::default()).await.unwrap();
    let mut last = 0;
    let mut looks = Rounds::patiently("a writer does not come to its end");
    while !writer.is_finished() {
        looks.one_more();
        let seen = count().await;
        assert!(seen >= last && seen.is_multiple_of(SIZE.into()), "{seen} accounts after {last}");
        last = seen;
        tokio::task::yield_now().await;
    }
    writer.await.unwrap();
    assert_eq!(count().await, 100);
}

/// After an error other than a conflict the unit cannot be committed and leaves nothing; the store goes on.
pub(crate) async fn a_unit_in_which_something_failed_cannot_be_committed(store: Arc<dyn Store>) {
    let [before, after] = [0, 1].map(|number| AccountBuilder::numbered(number).build());
    let missing = token(AccountBuilder::numbered(9).build().id(), PURPOSE, 9);
    let mut unit = store.write().await.unwrap();
    unit.accounts().insert(&before).await.unwrap();
    let error = unit.tokens().insert(&missing).await.unwrap_err();
    assert!(!matches!(error, StoreError::Conflict(_)), "{error}");
    // From here on the unit has failed, whatever it does.
    let _ = unit.accounts().insert(&after).await;
    assert!(unit.commit().await.is_err());
    let find = async |account: &Account| store.read().accounts().find(account.id()).await.unwrap();
    assert_eq!((find(&before).await, find(&after).await), (None, None));
    committed(&store, async |unit| unit.accounts().insert(&before).await.unwrap()).await;
    assert_eq!(find(&before).await, Some(before));
}

/// A second code, session, event, token, mail, profile or place with the id or digest of an existing one is refused
/// together with its unit, even if the rest differs; the first stays as it was.
pub(crate) async fn a_second_row_with_a_taken_key_fails_the_unit(store: Arc<dyn Store>) {
    let [account, other] = <[Account; 2]>::try_from(some_accounts(&store, 2).await).unwrap();
    let add = async |unit: &mut Box<dyn UnitOfWork>, what: u32| match what {
        0 => unit.sessions().insert(&session(account.id(), 7), 9).await.map(drop),
        1 => unit.events().insert(&event(&account, 7)).await,
        2 => unit.tokens().insert(&token(account.id(), PURPOSE, 7)).await,
        3 => unit.outbox().insert(&waiting(7)).await,
        4 => unit.profiles().insert(&profile(7, |_| {})).await,
        5 => unit.sessions().insert(&anonymous(8), 9).await.map(drop),
        6 => unit.events().insert(&SecurityEvent { account: None, at: NOW + MICROSECOND, ..event(&account, 8) }).await,
        7 => unit.tokens().insert(&token(account.id(), TokenPurpose::EmailVerification, 8)).await,
        8 => unit.outbox().insert(&OutboxMail { due_at: NOW + MICROSECOND, ..waiting(8) }).await,
        9 => unit.codes().replace(&code(account.id(), PURPOSE, 8)).await,
        _ => unit.places().keep(&place("Duckburg")).await,
    };
    let again = async |unit: &mut Box<dyn UnitOfWork>, what: u32| match what {
        5 => unit.sessions().insert(&session(account.id(), 8), 9).await.map(drop),
        6 => unit.events().insert(&event(&account, 8)).await,
        7 => unit.tokens().insert(&token(other.id(), PURPOSE, 8)).await,
        8 => unit.outbox().insert(&waiting(8)).await,
        9 => unit.codes().replace(&code(other.id(), TokenPurpose::EmailVerification, 8)).await,
        10 => unit.places().keep(&place("Gotham")).await,
        _ => add(unit, what).await,
    };
    for what in 0..11 {
        committed(&store, async |unit| add(unit, what).await.unwrap()).await;
        let mut unit = store.write().await.unwrap();
        assert!(again(&mut unit, what).await.is_err(), "{what}");
        assert!(unit.commit().await.is_err(), "{what}");
    }
    let read = store.read();
    assert!(
        read.sessions()
            .find(numbered(8).into())
            .await
            .unwrap()
            .is_some_and(|session| session.owner == Owner::Anonymous)
    );
    assert_eq!(read.events().list(None, None, 9).await.unwrap()[0].account, None);
    let token = read.tokens().find(&digest(8), TokenPurpose::EmailVerification, NOW).await.unwrap();
    assert_eq!(token.map(|token| token.account), Some(account.id()));
    assert_eq!(read.places().find(numbered(8).into()).await.unwrap(), Some(place("Duckburg")));
    dropped(&store, async |unit| {
        assert!(unit.codes().take_try(account.id(), PURPOSE, NOW).await.unwrap().is_some());
        assert_eq!(unit.codes().take_try(other.id(), TokenPurpose::EmailVerification, NOW).await.unwrap(), None);
    })
    .await;
}

/// The id of a dead letter is as taken as that of waiting mail.
pub(crate) async fn a_dead_letter_keeps_its_id(store: Arc<dyn Store>) {
    committed(&store, async |unit| {
        unit.outbox().insert(&waiting(7)).await.unwrap();
        let leased = unit.outbox().lease(NOW, NOW + Duration::minutes(1), 9).await.unwrap();
        assert!(unit.outbox().bury(leased[0].id, leased[0].attempts, NOW, "550").await.unwrap());
    })
    .await;
    let mut unit = store.write().await.unwrap();
    assert!(unit.outbox().insert(&waiting(7)).await.is_err());
    assert!(unit.commit().await.is_err());
    assert_eq!(store.read().outbox().stats().await.unwrap().dead, 1);
}

/// A place whose look-up found nothing.
fn place(name: &str) -> Place {
    Place { id: numbered(8).into(), name: PlaceName::parse(name).unwrap(), found: None, at: NOW }
}

/// A closed store answers `Unavailable` to reads, units, uses of sessions, appends and pings, even after a second close.
pub(crate) async fn a_closed_store_is_unavailable(store: Arc<dyn Store>) {
    let account = some_accounts(&store, 1).await.remove(0);
    store.close().await;
    store.close().await;
    let (id, read) = (account.id(), store.read());
    assert_unavailable(&store.write().await, "write");
    assert_unavailable(&store.ping().await, "ping");
    assert_unavailable(&store.export().await, "export");
    assert_unavailable(&store.import().await, "import");
    assert_unavailable(&read.accounts().find(id).await, "ReadAccounts::find");
    assert_unavailable(&read.conversations().find(id).await, "ReadConversations::find");
    assert_unavailable(&read.dossiers().find(id).await, "ReadDossiers::find");
    assert_unavailable(&read.events().list(None, None, 9).await, "ReadEvents::list");
    assert_unavailable(&read.fingerprint().find().await, "ReadFingerprint::find");
    assert_unavailable(&read.mailbox().list(None, 9).await, "ReadMailbox::list");
    assert_unavailable(&read.outbox().stats().await, "ReadOutbox::stats");
    assert_unavailable(&read.places().find(numbered(0).into()).await, "ReadPlaces::find");
    assert_unavailable(&read.profiles().find(numbered(0).into()).await, "ReadProfiles::find");
    assert_unavailable(&read.sessions().find(numbered(0).into()).await, "ReadSessions::find");
    assert_unavailable(&read.sources().contains(id, source()).await, "ReadSources::contains");
    assert_unavailable(&read.tokens().find(&digest(0), PURPOSE, NOW).await, "ReadTokens::find");
    let advance = Advance { session: numbered(0).into(), counter: 0, token_use: TokenUse::new(None, NOW) };
    assert_unavailable(&store.sessions().advance(&[advance]).await, "AdvanceSessions::advance");
    let appended = store.conversations().append_many(&[message(id, Side::User, 0), message(id, Side::User, 1)]).await;
    assert_eq!(appended.len(), 2, "each message has an answer");
    for appended in appended {
        assert_unavailable(&appended, "Conversations::append_many");
    }
    assert_unavailable(&store.conversations().mark_read(id, Side::User, 1).await, "Conversations::mark_read");
}

#[track_caller]
pub(crate) fn assert_unavailable<T>(answer: &Result<T, StoreError>, verb: &str) {
    match answer {
        Err(StoreError::Unavailable(_)) => {}
        Err(error) => panic!("{verb} answers {error:?}, not `Unavailable`"),
        Ok(_) => panic!("{verb} succeeds, and does not answer `Unavailable`"),
    }
}

/// The rows of one account that an open unit of work sees, counted. It looks through the verbs of a unit, so it changes
/// what it finds.
async fn seen_in(unit: &mut Box<dyn UnitOfWork>, account: AccountId, number: u32) -> [(&'static str, u64); 8] {
    let key = format!("key-{number}");
    let mails = unit.outbox().lease(NOW, NOW + Duration::minutes(1), 9).await.unwrap().len();
    [
        ("accounts", unit.accounts().find_for_update(account).await.unwrap().is_some().into()),
        ("codes", unit.codes().take_try(account, PURPOSE, NOW).await.unwrap().is_some().into()),
        ("dossiers", unit.dossiers().find(account).await.unwrap().is_some().into()),
        ("events", unit.events().purge_before(NOW + MICROSECOND).await.unwrap()),
        ("sessions", unit.sessions().remove(numbered(number).into()).await.unwrap().into()),
        ("tokens", unit.tokens().consume(&digest(number), PURPOSE, NOW).await.unwrap().is_some().into()),
        ("mails", mails.try_into().unwrap()),
        ("takes", unit.throttles().take(&key, &RULE, NOW).await.unwrap().unwrap().count.into()),
    ]
}

/// The rows of one account that readers see, counted.
async fn seen_outside(store: &Arc<dyn Store>, account: &Account, number: u32) -> [u64; 7] {
    let read = store.read();
    [
        read.accounts().find(account.id()).await.unwrap().is_some().into(),
        read.dossiers().find(account.id()).await.unwrap().is_some().into(),
        read.events().list(None, None, 9).await.unwrap().len().try_into().unwrap(),
        read.sessions().find(numbered(number).into()).await.unwrap().is_some().into(),
        read.mailbox().list(None, 10).await.unwrap().len().try_into().unwrap(),
        read.outbox().stats().await.unwrap().waiting,
        read.sources().contains(account.id(), source()).await.unwrap().into(),
    ]
}

fn source() -> Source {
    Source::new(std::net::Ipv4Addr::new(192, 0, 2, 1).into())
}

async fn add_one_of_each(unit: &mut Box<dyn UnitOfWork>, account: &Account, number: u32) {
    unit.accounts().insert(account).await.unwrap();
    unit.codes().replace(&code(account.id(), PURPOSE, number)).await.unwrap();
    unit.dossiers().replace(&Dossier::empty(account.id())).await.unwrap();
    unit.sessions().insert(&session(account.id(), number), 9).await.unwrap();
    unit.events().insert(&event(account, number)).await.unwrap();
    unit.tokens().insert(&token(account.id(), PURPOSE, number)).await.unwrap();
    unit.sources().remember(account.id(), source(), NOW).await.unwrap();
    unit.throttles().take(&format!("key-{number}"), &RULE, NOW).await.unwrap().unwrap();
    let to = EmailAddress::parse("to@example.test").unwrap();
    let content = MailContent { subject: "s".to_owned(), text: "t".to_owned(), html: "h".to_owned() };
    let mail = Mail { id: numbered(number).into(), to, content };
    let received = ReceivedMail { mail, from: "from@example.test".to_owned(), received_at: NOW };
    unit.mailbox().insert(&received).await.unwrap();
    unit.outbox().insert(&waiting(number)).await.unwrap();
}

fn event(account: &Account, number: u32) -> SecurityEvent {
    let (id, kind) = (numbered(number).into(), EventKind::SignIn);
    SecurityEvent { id, kind, account: Some(account.id()), actor: Actor::Anyone, origin: None, at: NOW }
}

fn waiting(number: u32) -> OutboxMail {
    OutboxMail {
        id: numbered(number).into(),
        to: EmailAddress::parse("to@example.test").unwrap(),
        sealed_content: vec![1, 2, 3],
        attempts: 0,
        created_at: NOW,
        due_at: NOW,
        expires_at: NOW + Duration::days(1),
    }
}
