//! How an SQL store treats unreadable rows, as after a manual change or a newer version: it skips them, and reads the
//! others. This is not a case of the suite, because the rows must be corrupted past the store: a store calls
//! [`rows_that_cannot_be_read_are_left_out`] with a function that runs SQL.

use std::sync::Arc;

use time::Duration;
use vestibule_domain::{
    Account, AccountId, Actor, EventKind, Origin, Profile, ProfileId, RequestId, SecurityEvent, Source, TokenUse,
    conversation::Side,
    dossier::ReviewState,
    place::{GeoPoint, PlaceName},
    profile::{ProfileFilter, ProfileState},
};
use vestibule_ports::{
    AccountFilter, AccountSearch, Advance, Around, MessageRange, PageRequest, ProfileWindow, QueueFilter, QueuePage,
    QueuePlace, Store, StoreError, UnitOfWork, Window,
};

use crate::{
    conversations, dossiers, events, mailbox, outbox, places,
    profiles::{approved, insert_profiles, profile, profile_at, reordered},
    sessions,
    support::{NOW, committed, numbered, some_accounts},
};

/// Corrupts rows of every kind that is read with others, and checks what is read then.
pub async fn rows_that_cannot_be_read_are_left_out(store: Arc<dyn Store>, spoil: impl AsyncFn(&'static str)) {
    let accounts = some_accounts(&store, 5).await;
    let ids: Vec<AccountId> = accounts.iter().map(Account::id).collect();
    queue(&store, &ids, &spoil).await;
    messages(&store, ids[0], &spoil).await;
    mail(&store, &spoil).await;
    what_happened(&store, &spoil).await;
    submissions(&store, &spoil).await;
    around_places(&store, &spoil).await;
    accounts_and_sessions(&store, &accounts, &spoil).await;
}

async fn queue(store: &Arc<dyn Store>, ids: &[AccountId], spoil: &impl AsyncFn(&'static str)) {
    let submitted = |place: usize| {
        let ago = Duration::hours(i64::try_from(place).unwrap());
        dossiers::submitted(ids[place], NOW - ago)
    };
    let [d0, d1, d2, d3, d4] = [0, 1, 2, 3, 4].map(submitted);
    dossiers::replace_all(store, &[d0.clone(), d1.clone(), d2, d3, d4]).await;
    // The three oldest: two with an unknown field, one with a review without a round.
    spoil(
        "UPDATE dossiers SET fields = '{\"nonsense\":1}' \
        WHERE account_id IN (SELECT account_id FROM dossiers ORDER BY submitted_at LIMIT 2)",
    )
    .await;
    spoil(
        "UPDATE dossiers SET review = '{}' \
        WHERE account_id IN (SELECT account_id FROM dossiers ORDER BY submitted_at LIMIT 1 OFFSET 2)",
    )
    .await;
    for filter in [QueueFilter::Open, QueueFilter::Waiting, QueueFilter::In(ReviewState::Submitted)] {
        for (after, limit, expected, has_more) in [
            (None, 10, vec![d1.clone(), d0.clone()], false),
            (None, 4, vec![d1.clone()], true),
            (None, 1, vec![d1.clone()], true),
            (QueuePlace::of(&d1), 1, vec![d0.clone()], false),
            (QueuePlace::of(&d0), 1, vec![], false),
            (None, 0, vec![], true),
        ] {
            let page = store.read().dossiers().queue(filter, QueuePage { after, limit }).await.unwrap();
            assert_eq!((page.items, page.has_more), (expected, has_more), "{filter:?}, {after:?}, {limit}");
        }
    }
    let many = store.read().dossiers().find_many(ids).await.unwrap();
    assert_eq!(many.len(), 2);
    let read = store.read().dossiers().find(ids[4]).await;
    assert!(matches!(read, Err(StoreError::Corrupt { .. })), "{read:?}");
    let reviewer = numbered(77).into();
    for expected in [Some(ids[1]), Some(ids[0]), None] {
        let take = async |unit: &mut Box<dyn UnitOfWork>| {
            unit.dossiers().take_next(reviewer, NOW, NOW + Duration::HOUR).await.unwrap()
        };
        assert_eq!(committed(store, take).await.map(|dossier| dossier.account), expected);
    }
}

async fn messages(store: &Arc<dyn Store>, account: AccountId, spoil: &impl AsyncFn(&'static str)) {
    let log = conversations::filled(store, account, 4).await;
    spoil("UPDATE messages SET text = '' WHERE seq = 2").await;
    for after in [None, Some(0)] {
        let range = MessageRange { after, before: None, limit: 10 };
        let read = store.read().conversations().messages(account, range).await.unwrap();
        assert_eq!(read, [&log[0..1], &log[2..]].concat());
    }
    let newest = store.read().conversations().newest(&[account], 3).await.unwrap();
    assert_eq!(newest, log[2..]);
    let found = store.read().conversations().find_many(&[account]).await.unwrap();
    assert_eq!(found[0].written.seq, 4, "{found:?}");
    assert_eq!(conversations::append(store, &conversations::message(account, Side::User, 5)).await.0.seq, 5);
}

async fn mail(store: &Arc<dyn Store>, spoil: &impl AsyncFn(&'static str)) {
    outbox::insert(store, &[1, 2, 3].map(|number| outbox::mail(number, NOW))).await;
    spoil("UPDATE outbox SET recipient = 'nobody' WHERE id IN (SELECT id FROM outbox ORDER BY id LIMIT 1)").await;
    assert_eq!(outbox::lease(store, NOW, 10).await, [numbered(2).into(), numbered(3).into()]);
    let mails = [1, 2, 3].map(|number| mailbox::received(number, "ada@example.test", number.into()));
    mailbox::insert(store, &mails).await;
    spoil(
        "UPDATE mailbox SET recipient = 'nobody' \
        WHERE id IN (SELECT id FROM mailbox ORDER BY id LIMIT 1)",
    )
    .await;
    let [_, second, third] = mails;
    assert_eq!(store.read().mailbox().list(None, 10).await.unwrap(), [third, second]);
}

async fn what_happened(store: &Arc<dyn Store>, spoil: &impl AsyncFn(&'static str)) {
    let request = RequestId::parse("request").unwrap();
    let origin = Origin { source: Source::new([192, 0, 2, 1].into()), request };
    let event = |seconds| SecurityEvent {
        origin: Some(origin.clone()),
        actor: Actor::Operator,
        kind: EventKind::Block,
        ..events::event(None, seconds)
    };
    let [first, second, third] = [1, 2, 3].map(event);
    events::insert_all(store, [&first, &second, &third]).await;
    spoil(
        "UPDATE security_events SET source = 'nowhere' \
        WHERE id IN (SELECT id FROM security_events ORDER BY id LIMIT 1 OFFSET 1)",
    )
    .await;
    assert_eq!(store.read().events().list(None, None, 10).await.unwrap(), [third, first]);
}

async fn submissions(store: &Arc<dyn Store>, spoil: &impl AsyncFn(&'static str)) {
    let mut changed = profile(3, |_| {});
    let stale = profile(1, |new| new.created_at = NOW - Duration::DAY);
    let kept = [approved(profile(4, |_| {})), approved(profile(5, |_| {}))];
    insert_profiles(store, &[stale, profile(2, |_| {}), changed.clone()]).await;
    insert_profiles(store, &kept).await;
    for order in 1..=3 {
        let edits = reordered(&mut changed, order);
        committed(store, async |unit| unit.profiles().replace(&changed, &edits).await.unwrap()).await;
    }
    let history = async |limit| store.read().profiles().history(changed.id(), None, limit).await.unwrap();
    let whole = history(10).await.items;
    spoil("UPDATE profile_changes SET old_value = '{}' WHERE number = 3").await;
    assert_eq!(history(10).await.items, whole[1..]);
    assert_eq!((history(1).await.items, history(1).await.has_more), (whole[1..2].to_vec(), true));

    spoil(
        "UPDATE profiles SET details = '{}' \
        WHERE id IN (SELECT id FROM profiles WHERE state = 'approved' ORDER BY id LIMIT 1)",
    )
    .await;
    spoil(
        "UPDATE profiles SET messages = '{}' \
        WHERE id IN (SELECT id FROM profiles ORDER BY created_at LIMIT 1)",
    )
    .await;
    let window = ProfileWindow { skip: 0, limit: 10 };
    let read = store.read();
    let found = read.profiles().search(&ProfileFilter::default(), window).await.unwrap();
    assert_eq!(found.iter().map(|found| found.id).collect::<Vec<_>>(), [kept[1].id()]);
    let listed = read.profiles().list(ProfileState::Submitted, window).await.unwrap();
    let listed: Vec<ProfileId> = listed.profiles.iter().map(Profile::id).collect();
    assert_eq!(listed, [numbered(2).into(), changed.id()]);
    let many = [numbered(1).into(), numbered(2).into(), kept[0].id(), kept[1].id()];
    assert_eq!(read.profiles().find_many(&many).await.unwrap().len(), 2);
    // The sweep cleans up what it referred to.
    let removed = committed(store, async |unit| unit.profiles().remove_stale(NOW, 10).await.unwrap()).await;
    assert_eq!(removed, []);
    assert_eq!(read.profiles().find(numbered(1).into()).await.unwrap(), None);
}

async fn around_places(store: &Arc<dyn Store>, spoil: &impl AsyncFn(&'static str)) {
    insert_profiles(store, &[profile_at(20, "Bern"), approved(profile_at(21, "Rome")), profile_at(22, "Ulm")]).await;
    insert_profiles(store, &[approved(profile_at(23, "Rome"))]).await;
    for (number, name) in [(1, "Bern"), (2, "Rome")] {
        places::keep(store, &places::at(number, name, 1.0, 2.0)).await;
    }
    spoil("UPDATE places SET formatted = '' WHERE name = 'Bern'").await;
    spoil(
        "UPDATE profiles SET details = '{}' \
        WHERE location = 'Rome' AND id IN (SELECT id FROM profiles WHERE location = 'Rome' ORDER BY id LIMIT 1)",
    )
    .await;
    spoil("UPDATE profiles SET location = '' WHERE location = 'Ulm'").await;
    let located = store.read().places().located(None, 10).await.unwrap();
    assert_eq!(located.iter().map(|place| place.name.as_str()).collect::<Vec<_>>(), ["Rome"]);
    assert_eq!(store.read().places().missing(NOW, 10).await.unwrap(), Vec::<PlaceName>::new());
    let around = Around { center: GeoPoint::new(1.0, 2.0).unwrap(), radius_km: 10.0 };
    let window = ProfileWindow { skip: 0, limit: 10 };
    let near = store.read().profiles().near(around, &ProfileFilter::default(), window).await.unwrap();
    assert_eq!(near.iter().map(|near| near.profile.id).collect::<Vec<_>>(), [numbered(23).into()]);
}

async fn accounts_and_sessions(store: &Arc<dyn Store>, accounts: &[Account], spoil: &impl AsyncFn(&'static str)) {
    let [first, second] = [0, 1].map(|place: usize| sessions::bound(&accounts[place], u32::try_from(place).unwrap()));
    let [first, second] = sessions::stored(store, [first, second]).await;
    let third = sessions::stored(store, [sessions::bound(&accounts[2], 2)]).await;
    spoil("UPDATE accounts SET permissions = -1 WHERE id IN (SELECT id FROM accounts ORDER BY id LIMIT 2)").await;
    spoil(
        "UPDATE sessions SET counter = 99999999999 \
        WHERE account_id IN (SELECT id FROM accounts ORDER BY id LIMIT 1 OFFSET 1)",
    )
    .await;
    let read = store.read();
    for (limit, expected, has_more) in [(10, 3, false), (3, 1, true), (1, 1, true)] {
        let page = read.accounts().list(AccountFilter::default(), PageRequest { after: None, limit }).await.unwrap();
        assert_eq!((page.items.as_slice(), page.has_more), (&accounts[2..2 + expected], has_more), "{limit}");
    }
    let window = Window { sort: Vec::new(), skip: 0, limit: 10 };
    let found = read.accounts().search(&AccountSearch::default(), &window).await.unwrap();
    assert_eq!((found.accounts.as_slice(), found.total), (&accounts[2..], 5));
    let ids: Vec<_> = accounts.iter().map(Account::id).collect();
    assert_eq!(read.accounts().find_many(&ids).await.unwrap().len(), 3);
    let emails: Vec<_> = accounts.iter().map(|account| account.email().clone()).collect();
    assert_eq!(read.accounts().find_by_emails(&emails).await.unwrap().len(), 3);

    let many = read.sessions().find_many(&[first.id, second.id, third[0].id]).await.unwrap();
    assert_eq!(many.len(), 2, "{many:?}");
    let advance = |session| Advance { session, counter: 0, token_use: TokenUse::new(None, NOW) };
    let uses = [advance(first.id), advance(third[0].id)];
    let advanced = store.sessions().advance(&uses).await.unwrap();
    assert!(advanced[0].is_none() && advanced[1].is_some(), "{advanced:?}");
    let read = read.accounts().find(ids[0]).await;
    assert!(matches!(read, Err(StoreError::Corrupt { what: "permissions of an account" })), "{read:?}");
}
