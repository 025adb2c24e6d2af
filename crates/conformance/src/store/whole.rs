//! Promises across aggregates: atomic units however they end, limits, and the edges of purges.

use std::{
    future::poll_fn,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::Poll,
};

use time::{Duration, OffsetDateTime};
use vestibule_domain::{
    Account, AccountId, Dossier, OneTimeCode, OneTimeToken, Owner, SecurityEvent, Session, SessionId, TokenEpoch,
    TokenPurpose,
    conversation::Side,
    mail::OutboxMail,
    place::GeoPoint,
    profile::{ProfileFilter, ProfileState},
};
use vestibule_ports::{
    AccountFilter, AccountSearch, Around, MessageRange, PageRequest, ProfileWindow, QueueFilter, QueuePage, Store,
    StoreError, UnitOfWork, Window,
};
use vestibule_testkit::AccountBuilder;

use super::{event, source, waiting};
use crate::{
    conversations::{append, message},
    outbox::mail,
    profiles::{insert_profiles, profile, profile_at},
    support::{
        MICROSECOND, NANOSECONDS, NOW, Rounds, code, committed, digest, insert_accounts, numbered, race, session,
        some_accounts, token,
    },
};

const PURPOSE: TokenPurpose = TokenPurpose::PasswordReset;

/// Readers see units whole across aggregates: one read of two aggregates shows both at one moment, and once a read has
/// shown part of a unit, later reads show the rest.
pub(crate) async fn readers_see_whole_units_across_aggregates(store: Arc<dyn Store>) {
    const UNITS: u32 = 40;
    let mut account = some_accounts(&store, 1).await.remove(0);
    let id = account.id();
    let bound = Session { owner: Owner::Account { account: id, epoch: account.epoch() }, ..session(id, 1_000) };
    committed(&store, async |unit| unit.sessions().insert(&bound, 9).await.unwrap()).await;
    let done = AtomicBool::new(false);
    let renewed: Vec<Account> = (0..UNITS)
        .map(|number| {
            account.end_tokens(TokenEpoch::new([u8::try_from(number).unwrap(); 16]), NOW);
            account.clone()
        })
        .collect();
    race(4, async |racer| {
        if racer == 0 {
            for (number, account) in (0..).zip(&renewed) {
                commit_across(&store, account, bound.id, number).await;
            }
            done.store(true, Ordering::SeqCst);
            return;
        }
        let mut looks = Rounds::patiently("a writer does not come to its end");
        while !done.load(Ordering::SeqCst) {
            looks.one_more();
            let found = store.read().sessions().find(bound.id).await.unwrap().unwrap();
            let Owner::Account { account, epoch } = &found.owner else { panic!("a session without its account") };
            assert_eq!(account.epoch(), *epoch, "a session of one unit with an account of another");
            assert_later_reads(&store, id, racer).await;
        }
    });
    assert_eq!(store.read().events().list(Some(id), None, 1_000).await.unwrap().len(), UNITS as usize);
}

/// A unit that changes an account and its session together and adds a row to some other aggregates.
async fn commit_across(store: &Arc<dyn Store>, account: &Account, session: SessionId, number: u32) {
    let id = account.id();
    committed(store, async |unit| {
        unit.accounts().find_for_update(id).await.unwrap().unwrap();
        unit.events().insert(&event(account, number)).await.unwrap();
        assert!(unit.accounts().update(account).await.unwrap());
        assert!(unit.sessions().rebind(session, account.epoch()).await.unwrap());
        unit.tokens().insert(&token(id, PURPOSE, number)).await.unwrap();
        unit.outbox().insert(&waiting(number)).await.unwrap();
    })
    .await;
}

/// Looks at the units' rows, each reader in another order: a later read must not be older.
async fn assert_later_reads(store: &Arc<dyn Store>, account: AccountId, order: u32) {
    let read = store.read();
    let events = async || read.events().list(Some(account), None, 1_000).await.unwrap().len();
    let mails = async || usize::try_from(read.outbox().stats().await.unwrap().waiting).unwrap();
    let (earlier, later) =
        if order.is_multiple_of(2) { (events().await, mails().await) } else { (mails().await, events().await) };
    assert!(earlier <= later, "{earlier} units were seen, and then {later}");
    if let Some(last) = u32::try_from(later).unwrap().checked_sub(1) {
        assert!(read.tokens().find(&digest(last), PURPOSE, NOW).await.unwrap().is_some(), "half of unit {last}");
    }
}

/// A commit cancelled at any of its awaits leaves its whole unit or nothing, and the store goes on, as do units that wait
/// meanwhile.
pub(crate) async fn a_commit_that_is_dropped_leaves_all_or_nothing(store: Arc<dyn Store>) {
    for with_company in [false, true] {
        let mut awaits = 0;
        let mut rounds = Rounds::at_most(200, "a commit does not come to its end");
        loop {
            rounds.one_more();
            let number = 2 * (1_000 * u32::from(with_company) + awaits);
            let [account, beside] = [number, number + 1].map(|number| AccountBuilder::numbered(number).build());
            let mut unit = store.write().await.unwrap();
            add_across(&mut unit, &account, number).await;
            let company = with_company.then(|| {
                let (store, beside) = (Arc::clone(&store), beside.clone());
                tokio::spawn(async move {
                    let mut unit = store.write().await.unwrap();
                    unit.accounts().insert(&beside).await.unwrap();
                    unit.commit().await.unwrap();
                })
            });
            if company.is_some() {
                // So that it waits, where units run one at a time.
                tokio::time::sleep(std::time::Duration::from_millis(2)).await;
            }
            let committed = dropped_after(unit.commit(), awaits).await;
            if let Some(company) = company {
                company.await.unwrap();
                assert!(store.read().accounts().find(beside.id()).await.unwrap().is_some());
            }
            let is_there = comes_to_rest(&store, &account, number).await;
            match committed {
                Some(committed) => {
                    committed.unwrap();
                    assert!(is_there, "committed, and not there");
                    break;
                }
                None => awaits += 1,
            }
        }
    }
}

/// Polls a future until it has been pending `awaits` times and is pending again; returns its output if it ended before.
async fn dropped_after<T>(future: impl Future<Output = T>, awaits: u32) -> Option<T> {
    let mut future = pin!(future);
    let mut left = awaits;
    poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending if left == 0 => Poll::Ready(None),
        Poll::Pending => {
            left -= 1;
            Poll::Pending
        }
    })
    .await
}

async fn add_across(unit: &mut Box<dyn UnitOfWork>, account: &Account, number: u32) {
    let id = account.id();
    unit.accounts().insert(account).await.unwrap();
    unit.dossiers().replace(&Dossier::empty(id)).await.unwrap();
    unit.sessions().insert(&session(id, number), 9).await.unwrap();
    unit.tokens().insert(&token(id, PURPOSE, number)).await.unwrap();
    unit.outbox().insert(&waiting(number)).await.unwrap();
}

/// Whether the rows of [`add_across`] are there, all of them. Statements sent before the future was dropped may still be
/// running. So it asks again until a unit that locks the account, or would insert it, gets an answer.
async fn comes_to_rest(store: &Arc<dyn Store>, account: &Account, number: u32) -> bool {
    let mut tries = Rounds::at_most(100, "a dropped commit keeps its locks");
    loop {
        tries.one_more();
        let mut unit = match store.write().await {
            Ok(unit) => unit,
            Err(StoreError::Busy(_)) => continue,
            Err(error) => panic!("after a dropped commit the store answers {error:?}"),
        };
        match unit.accounts().insert(account).await {
            Ok(()) | Err(StoreError::Conflict(_)) => break,
            Err(StoreError::Busy(_)) => {}
            Err(error) => panic!("after a dropped commit an insert answers {error:?}"),
        }
    }
    let read = store.read();
    let is_there = read.accounts().find(account.id()).await.unwrap().is_some();
    let others = [
        read.dossiers().find(account.id()).await.unwrap().is_some(),
        read.sessions().find(numbered(number).into()).await.unwrap().is_some(),
        read.tokens().find(&digest(number), PURPOSE, NOW).await.unwrap().is_some(),
        read.outbox().find(numbered(number).into()).await.unwrap().is_some(),
    ];
    assert_eq!(others, [is_there; 4], "half of a unit is there");
    is_there
}

/// A limit of 0 gives nothing in every list and range, takes nothing and removes nothing.
pub(crate) async fn a_limit_of_none_gives_nothing(store: Arc<dyn Store>) {
    let account = some_accounts(&store, 1).await.remove(0);
    let id = account.id();
    append(&store, &message(id, Side::User, 1)).await;
    let stale = profile_at(1, "Duckburg");
    insert_profiles(&store, &[stale.clone(), crate::profiles::approved(profile(2, |_| {}))]).await;
    committed(&store, async |unit| {
        unit.sessions().insert(&session(id, 1), 9).await.unwrap();
        unit.events().insert(&event(&account, 1)).await.unwrap();
        unit.outbox().insert(&mail(1, NOW)).await.unwrap();
        assert_eq!(unit.outbox().lease(NOW, NOW + Duration::minutes(1), 0).await.unwrap(), []);
        assert_eq!(unit.profiles().remove_stale(NOW + Duration::days(1), 0).await.unwrap(), []);
    })
    .await;
    let read = store.read();
    let page = PageRequest { after: None, limit: 0 };
    let listed = read.accounts().list(AccountFilter::default(), page).await.unwrap();
    assert_eq!((listed.items, listed.has_more), (vec![], true), "accounts");
    assert_eq!(read.accounts().list_doubtful_addresses(page).await.unwrap().items, [], "doubtful addresses");
    let found = read.accounts().search(&AccountSearch::default(), &Window::default()).await.unwrap();
    assert_eq!((found.accounts, found.total), (vec![], 1), "found accounts");
    assert_eq!(read.events().list(None, None, 0).await.unwrap(), [], "events");
    assert_eq!(read.events().list(Some(id), None, 0).await.unwrap(), [], "events of an account");
    assert_eq!(read.mailbox().list(None, 0).await.unwrap(), [], "mailbox");
    assert_eq!(read.outbox().list_waiting(0).await.unwrap(), [], "outbox");
    assert_eq!(read.outbox().list_dead(0).await.unwrap(), [], "dead letters");
    assert_eq!(read.sessions().list_of_account(id, 0).await.unwrap(), [], "sessions");
    for (after, before) in [(None, None), (Some(0), None), (None, Some(9)), (Some(0), Some(9))] {
        let range = MessageRange { after, before, limit: 0 };
        assert_eq!(read.conversations().messages(id, range).await.unwrap(), [], "{range:?}");
    }
    assert_eq!(read.conversations().newest(&[id], 0).await.unwrap(), [], "newest messages");
    let queue = QueuePage { after: None, limit: 0 };
    assert_eq!(read.dossiers().queue(QueueFilter::Open, queue).await.unwrap().items, [], "queue");
    let window = ProfileWindow { skip: 0, limit: 0 };
    let listed = read.profiles().list(ProfileState::Approved, window).await.unwrap();
    assert_eq!((listed.profiles, listed.total), (vec![], 1), "profiles");
    assert_eq!(read.profiles().search(&ProfileFilter::default(), window).await.unwrap(), [], "found profiles");
    let around = Around { center: GeoPoint::new(0.0, 0.0).unwrap(), radius_km: 20_000.0 };
    assert_eq!(read.profiles().near(around, &ProfileFilter::default(), window).await.unwrap(), [], "near profiles");
    assert_eq!(read.profiles().history(stale.id(), None, 0).await.unwrap().items, [], "changes");
    assert_eq!(read.places().missing(NOW, 0).await.unwrap(), [], "missing places");
    assert_eq!(read.places().located(None, 0).await.unwrap(), [], "located places");
}

/// The time of a purge is cut to microseconds like those of rows: a row at the same microsecond stays where a purge takes
/// older rows, and goes where a purge takes rows that expired or began by that time.
pub(crate) async fn the_times_of_purges_are_cut_to_microseconds(store: Arc<dyn Store>) {
    let account = some_accounts(&store, 1).await.remove(0);
    let id = account.id();
    let provisional = AccountBuilder::numbered(1).provisional().updated_at(NOW).build();
    insert_accounts(&store, std::slice::from_ref(&provisional)).await;
    let within = NOW + NANOSECONDS;
    insert_profiles(&store, &[profile(1, |new| new.created_at = within)]).await;
    committed(&store, async |unit| {
        unit.events().insert(&SecurityEvent { at: within, ..event(&account, 1) }).await.unwrap();
        unit.sources().remember(id, source(), within).await.unwrap();
        unit.outbox().insert(&OutboxMail { expires_at: within, ..mail(1, NOW - Duration::days(1)) }).await.unwrap();
        assert_eq!(unit.outbox().bury_expired(within).await.unwrap(), 1);
        unit.codes().replace(&OneTimeCode { expires_at: within, ..code(id, PURPOSE, 1) }).await.unwrap();
        unit.tokens().insert(&OneTimeToken { expires_at: within, ..token(id, PURPOSE, 1) }).await.unwrap();
        unit.sessions().insert(&Session { began_at: within, ..session(id, 1) }, 9).await.unwrap();
    })
    .await;
    let older = async |time: OffsetDateTime| {
        committed(&store, async |unit| {
            [
                unit.events().purge_before(time).await.unwrap(),
                unit.sources().purge_unused(time).await.unwrap(),
                unit.outbox().purge_dead(time).await.unwrap(),
                unit.accounts().purge_provisional(time).await.unwrap(),
                unit.profiles().remove_stale(time, 9).await.unwrap().len().try_into().unwrap(),
            ]
        })
        .await
    };
    assert_eq!(older(within).await, [0; 5], "what is not older stays");
    assert_eq!(older(NOW + MICROSECOND).await, [1; 5], "what is older goes");
    let over = async |time: OffsetDateTime| {
        committed(&store, async |unit| {
            [
                unit.codes().purge_expired(time).await.unwrap(),
                unit.tokens().purge_expired(time).await.unwrap(),
                unit.sessions().purge_begun(time).await.unwrap(),
            ]
        })
        .await
    };
    assert_eq!(over(NOW - MICROSECOND + NANOSECONDS).await, [0; 3], "what is not over stays");
    assert_eq!(over(NOW).await, [1; 3], "what is over goes");
}
