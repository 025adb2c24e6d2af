//! Promises of the unique keys of accounts.

use std::sync::Arc;

use vestibule_domain::{Account, Provider};
use vestibule_ports::{AccountFilter, Store, StoreError, UniqueKey};
use vestibule_testkit::AccountBuilder;

use crate::support::{RACERS, committed, insert_accounts, race, some_accounts};

/// An insert with a taken id, address or user name gives the conflict and changes nothing; the unit goes on and commits.
pub(crate) async fn an_insert_with_a_taken_key_conflicts_and_the_unit_goes_on(store: Arc<dyn Store>) {
    let kept = AccountBuilder::numbered(0).username("taken").build();
    insert_accounts(&store, std::slice::from_ref(&kept)).await;
    let new = AccountBuilder::numbered(1).username("first").build();
    let last = AccountBuilder::numbered(2).username("last").build();
    let by_id = AccountBuilder::numbered(3).id(kept.id()).build();
    let by_email = AccountBuilder::numbered(4).email(kept.email().as_str()).build();
    let by_username = AccountBuilder::numbered(5).username("taken").build();
    let by_new_email = AccountBuilder::numbered(6).email(new.email().as_str()).build();

    committed(&store, async |unit| {
        let accounts = unit.accounts();
        accounts.insert(&new).await.unwrap();
        assert_conflict(&accounts.insert(&by_id).await, UniqueKey::AccountId);
        assert_conflict(&accounts.insert(&by_email).await, UniqueKey::AccountEmail);
        assert_conflict(&accounts.insert(&by_username).await, UniqueKey::AccountUsername);
        assert_conflict(&accounts.insert(&by_new_email).await, UniqueKey::AccountEmail);
        accounts.insert(&last).await.unwrap();
    })
    .await;

    assert_only(&store, &[kept, new, last]).await;
}

/// An update to a taken address or user name gives the conflict and changes nothing; the unit goes on and commits.
pub(crate) async fn an_update_to_a_taken_key_conflicts_and_the_unit_goes_on(store: Arc<dyn Store>) {
    let kept = AccountBuilder::numbered(0).username("taken").build();
    let other = AccountBuilder::numbered(1).username("other").build();
    insert_accounts(&store, &[kept.clone(), other.clone()]).await;
    let to_email = AccountBuilder::numbered(1).email(kept.email().as_str()).build();
    let to_username = AccountBuilder::numbered(1).username("taken").build();
    let to_free_keys = AccountBuilder::numbered(1).email("free@example.test").username("free").build();

    committed(&store, async |unit| {
        let accounts = unit.accounts();
        assert_conflict(&accounts.update(&to_email).await, UniqueKey::AccountEmail);
        assert_conflict(&accounts.update(&to_username).await, UniqueKey::AccountUsername);
        assert_eq!(accounts.find_for_update(other.id()).await.unwrap().as_ref(), Some(&other));
        assert!(accounts.update(&to_free_keys).await.unwrap());
    })
    .await;

    assert_only(&store, &[kept, to_free_keys]).await;
}

/// An account may keep its keys in an update; keys that it gives up are free at once, also within the unit.
pub(crate) async fn keys_that_an_update_gives_up_are_free_again(store: Arc<dyn Store>) {
    let before = AccountBuilder::numbered(0).username("old-name").build();
    insert_accounts(&store, std::slice::from_ref(&before)).await;
    let after = AccountBuilder::numbered(0).email("new@example.test").build();
    let heir = AccountBuilder::numbered(1).email(before.email().as_str()).username("old-name").build();

    committed(&store, async |unit| {
        assert!(unit.accounts().update(&before).await.unwrap());
        assert!(unit.accounts().update(&after).await.unwrap());
        unit.accounts().insert(&heir).await.unwrap();
    })
    .await;

    assert_only(&store, &[after, heir]).await;
}

/// When many units insert one address at once, one wins; the others get the conflict and no other error.
pub(crate) async fn of_many_inserts_of_one_email_one_wins(store: Arc<dyn Store>) {
    let same = |number| AccountBuilder::numbered(number).email("one@example.test").build();
    assert_one_insert_wins(&store, same, UniqueKey::AccountEmail).await;
}

/// When many units insert one user name at once, one wins; the others get the conflict.
pub(crate) async fn of_many_inserts_of_one_username_one_wins(store: Arc<dyn Store>) {
    let same = |number| AccountBuilder::numbered(number).username("the-one").build();
    assert_one_insert_wins(&store, same, UniqueKey::AccountUsername).await;
}

/// When many units insert one id at once, one wins; the others get the conflict.
pub(crate) async fn of_many_inserts_of_one_id_one_wins(store: Arc<dyn Store>) {
    let id = AccountBuilder::numbered(0).build().id();
    assert_one_insert_wins(&store, |number| AccountBuilder::numbered(number).id(id).build(), UniqueKey::AccountId)
        .await;
}

/// When many units give their accounts one address at once, one wins; the others get the conflict.
pub(crate) async fn of_many_updates_to_one_email_one_wins(store: Arc<dyn Store>) {
    some_accounts(&store, u32::try_from(RACERS).unwrap()).await;
    let results = race(RACERS, async |number| {
        let account = AccountBuilder::numbered(number).email("one@example.test").build();
        committed(&store, async |unit| unit.accounts().update(&account).await).await
    });
    assert_one_wins(results.into_iter().map(|updated| updated.map(|found| assert!(found))), UniqueKey::AccountEmail);
}

pub(super) async fn assert_one_insert_wins(
    store: &Arc<dyn Store>,
    account: impl Fn(u32) -> Account + Sync,
    key: UniqueKey,
) {
    let results = race(RACERS, async |number| {
        let account = account(number);
        committed(store, async |unit| unit.accounts().insert(&account).await).await
    });
    assert_one_wins(results.into_iter(), key);
    assert_eq!(store.read().accounts().count(AccountFilter::default()).await.unwrap(), 1);
}

pub(super) fn assert_one_wins(results: impl Iterator<Item = Result<(), StoreError>>, key: UniqueKey) {
    let (winners, losers): (Vec<_>, Vec<_>) = results.partition(Result::is_ok);
    assert_eq!((winners.len(), losers.len()), (1, RACERS - 1), "{losers:?}");
    for lost in losers {
        assert_conflict(&lost, key);
    }
}

pub(super) fn assert_conflict<T: std::fmt::Debug>(result: &Result<T, StoreError>, key: UniqueKey) {
    assert!(matches!(result, Err(StoreError::Conflict(taken)) if *taken == key), "{key:?}, not {result:?}");
}

/// Checks that exactly these accounts are there, under their keys.
pub(super) async fn assert_only(store: &Arc<dyn Store>, accounts: &[Account]) {
    let read = store.read().accounts();
    for account in accounts {
        assert_eq!(read.find(account.id()).await.unwrap().as_ref(), Some(account));
        assert_eq!(read.find_by_email(account.email()).await.unwrap().as_ref(), Some(account));
        if let Some(username) = account.username() {
            assert_eq!(read.find_by_username(username).await.unwrap().as_ref(), Some(account));
        }
    }
    let count = u64::try_from(accounts.len()).unwrap();
    assert_eq!(read.count(AccountFilter::default()).await.unwrap(), count);
}

/// If several keys are taken, insert and update name the first in the order id, address, user name, identity.
pub(crate) async fn of_two_taken_keys_the_first_is_named(store: Arc<dyn Store>) {
    let named = AccountBuilder::numbered(0).username("taken").identity(Provider::Google, "taken", None).build();
    let own = AccountBuilder::numbered(1).build();
    insert_accounts(&store, &[named.clone(), own.clone()]).await;
    let taking = |number: u32| AccountBuilder::numbered(number).identity(Provider::Google, "taken", None);
    let email = named.email().as_str();
    for (account, key) in [
        (taking(2).id(named.id()).email(email).username("taken"), UniqueKey::AccountId),
        (taking(2).email(email).username("taken"), UniqueKey::AccountEmail),
        (taking(2).email(email), UniqueKey::AccountEmail),
        (taking(2).username("taken"), UniqueKey::AccountUsername),
        (taking(2), UniqueKey::AccountIdentity),
    ] {
        committed(&store, async |unit| assert_conflict(&unit.accounts().insert(&account.build()).await, key)).await;
    }
    for (account, key) in [
        (taking(1).email(email).username("taken"), UniqueKey::AccountEmail),
        (taking(1).email(email), UniqueKey::AccountEmail),
        (taking(1).username("taken"), UniqueKey::AccountUsername),
        (taking(1), UniqueKey::AccountIdentity),
    ] {
        committed(&store, async |unit| assert_conflict(&unit.accounts().update(&account.build()).await, key)).await;
    }
    assert_only(&store, &[named, own]).await;
}
