//! Promises of the identities of accounts.

use std::sync::Arc;

use vestibule_domain::{LinkedIdentity, Provider, ProviderUserId};
use vestibule_ports::{Store, UniqueKey};
use vestibule_testkit::AccountBuilder;

use super::keys::{assert_conflict, assert_one_insert_wins, assert_one_wins, assert_only};
use crate::support::{NOW, RACERS, committed, insert_accounts, race, some_accounts};

const KEY: UniqueKey = UniqueKey::AccountIdentity;

fn user_id(text: &str) -> ProviderUserId {
    ProviderUserId::parse(text).unwrap()
}

/// A linked identity finds its account from the link until its end, by the provider and the exact user id.
pub(crate) async fn an_identity_finds_its_account(store: Arc<dyn Store>) {
    let accounts: Vec<_> = (0..)
        .zip(Provider::ALL)
        .map(|(number, provider)| AccountBuilder::numbered(number).identity(provider, "Same", None).build())
        .collect();
    insert_accounts(&store, &accounts).await;
    let find = async |provider, text| store.read().accounts().find_by_identity(provider, &user_id(text)).await.unwrap();
    for (provider, account) in Provider::ALL.into_iter().zip(&accounts) {
        assert_eq!(find(provider, "Same").await.as_ref(), Some(account));
        for unknown in ["same", "SAME", "Sam", "Same.", "S%", "0"] {
            assert_eq!(find(provider, unknown).await, None, "{unknown}");
        }
    }

    let mut changed = accounts[0].clone();
    let other = LinkedIdentity { provider: Provider::Google, user_id: user_id("other"), picture: None };
    changed.link_identity(other, NOW);
    committed(&store, async |unit| {
        assert!(unit.accounts().update(&changed).await.unwrap());
        assert!(unit.accounts().remove(accounts[1].id()).await.unwrap());
    })
    .await;
    assert_eq!(find(Provider::Google, "Same").await, None);
    assert_eq!(find(Provider::Google, "other").await, Some(changed));
    assert_eq!(find(Provider::Facebook, "Same").await, None);
    assert_eq!(find(Provider::Apple, "Same").await.as_ref(), Some(&accounts[2]));
}

/// An insert or an update with an identity that another account has, of any provider, gives the conflict and changes
/// nothing; the unit goes on and commits.
pub(crate) async fn a_taken_identity_conflicts_and_the_unit_goes_on(store: Arc<dyn Store>) {
    let of_all = |number| {
        let linked = |account: AccountBuilder, provider| account.identity(provider, &format!("id-{number}"), None);
        Provider::ALL.into_iter().fold(AccountBuilder::numbered(number), linked)
    };
    let (kept, other, last) = (of_all(0).build(), of_all(1).build(), of_all(3).build());
    insert_accounts(&store, &[kept.clone(), other.clone()]).await;
    committed(&store, async |unit| {
        let accounts = unit.accounts();
        for provider in Provider::ALL {
            let new = AccountBuilder::numbered(2).identity(provider, "id-0", Some("https://other.example")).build();
            assert_conflict(&accounts.insert(&new).await, KEY);
            let linked = of_all(1).identity(provider, "id-0", None).build();
            assert_conflict(&accounts.update(&linked).await, KEY);
            assert_eq!(accounts.find_for_update(other.id()).await.unwrap().as_ref(), Some(&other));
        }
        accounts.insert(&last).await.unwrap();
        assert!(accounts.update(&kept).await.unwrap(), "its own identities are no conflict");
    })
    .await;
    assert_only(&store, &[kept, other, last]).await;
}

/// An identity that an update or a removal gives up is free again, also within the unit; accounts without identities do not
/// conflict.
pub(crate) async fn an_identity_that_is_given_up_is_free_again(store: Arc<dyn Store>) {
    let linked = |number, text| AccountBuilder::numbered(number).identity(Provider::Apple, text, None).build();
    insert_accounts(&store, &[linked(0, "first"), linked(1, "second")]).await;
    let (unlinked, heir, second) = (AccountBuilder::numbered(0).build(), linked(2, "first"), linked(3, "second"));
    committed(&store, async |unit| {
        let accounts = unit.accounts();
        assert!(accounts.update(&unlinked).await.unwrap());
        accounts.insert(&heir).await.unwrap();
        assert!(accounts.remove(linked(1, "second").id()).await.unwrap());
        accounts.insert(&second).await.unwrap();
    })
    .await;
    assert_only(&store, &[unlinked, heir, second]).await;
}

/// When many units link one identity to their accounts at once, one wins; the others get the conflict.
pub(crate) async fn of_many_links_of_one_identity_one_wins(store: Arc<dyn Store>) {
    some_accounts(&store, u32::try_from(RACERS).unwrap()).await;
    let results = race(RACERS, async |number| {
        let account = AccountBuilder::numbered(number).identity(Provider::Google, "the-one", None).build();
        committed(&store, async |unit| unit.accounts().update(&account).await).await
    });
    assert_one_wins(results.into_iter().map(|updated| updated.map(|found| assert!(found))), KEY);
}

/// When many units insert accounts with one identity at once, one wins; the others get the conflict.
pub(crate) async fn of_many_inserts_of_one_identity_one_wins(store: Arc<dyn Store>) {
    let same = |number| AccountBuilder::numbered(number).identity(Provider::Facebook, "the-one", None).build();
    assert_one_insert_wins(&store, same, KEY).await;
}
