//! Promises of locks on accounts.

use std::sync::Arc;

use vestibule_domain::{Account, AccountId, AccountStatus, FullName, PersonName, Role};
use vestibule_ports::Store;
use vestibule_testkit::AccountBuilder;

use crate::support::{NOW, RACERS, committed, insert_accounts, race, some_accounts};

/// Only active roots count as active roots, including those that the unit itself created.
pub(crate) async fn active_roots_are_exactly_the_active_roots(store: Arc<dyn Store>) {
    let root = |number| AccountBuilder::numbered(number).role(Role::Root);
    insert_accounts(
        &store,
        &[
            root(0).build(),
            root(1).status(AccountStatus::Disabled).build(),
            root(2).status(AccountStatus::Pending).build(),
            AccountBuilder::numbered(3).role(Role::Admin).build(),
            AccountBuilder::numbered(4).build(),
        ],
    )
    .await;
    committed(&store, async |unit| {
        let accounts = unit.accounts();
        assert_eq!(accounts.lock_active_roots().await.unwrap(), [root(0).build().id()]);
        accounts.insert(&root(5).build()).await.unwrap();
        assert!(accounts.update(&root(0).role(Role::User).build()).await.unwrap());
        assert_eq!(accounts.lock_active_roots().await.unwrap(), [root(5).build().id()]);
        assert!(accounts.remove(root(5).build().id()).await.unwrap());
        assert_eq!(accounts.lock_active_roots().await.unwrap(), []);
    })
    .await;
}

/// Two units that each check for another root and then remove one of the last two wait for each other: exactly one
/// succeeds, and one root stays.
pub(crate) async fn two_units_cannot_take_the_last_two_roots_away(store: Arc<dyn Store>) {
    let root = |number| AccountBuilder::numbered(number).role(Role::Root);
    insert_accounts(&store, &[root(0).build(), root(1).build()]).await;
    for round in 0..12 {
        let outcomes = race(2, async |number| take_root_away(&store, root(number).build().id(), round % 3).await);
        assert_eq!(outcomes.iter().filter(|done| **done).count(), 1, "round {round}: {outcomes:?}");
        committed(&store, async |unit| {
            assert_eq!(unit.accounts().lock_active_roots().await.unwrap().len(), 1, "round {round}");
            for account in [root(0).build(), root(1).build()] {
                if !unit.accounts().update(&account).await.unwrap() {
                    unit.accounts().insert(&account).await.unwrap();
                }
            }
        })
        .await;
    }
}

/// Demotes, disables or removes a root if another active root is left; returns whether it did.
async fn take_root_away(store: &Arc<dyn Store>, id: AccountId, way: u32) -> bool {
    let mut unit = store.write().await.unwrap();
    let roots = unit.accounts().lock_active_roots().await.unwrap();
    if !roots.iter().any(|other| *other != id) {
        return false;
    }
    let mut account = unit.accounts().find_for_update(id).await.unwrap().unwrap();
    let done = match way {
        0 => {
            account.change_role(Role::Admin, NOW);
            unit.accounts().update(&account).await.unwrap()
        }
        1 => {
            account.disable(account.epoch(), NOW);
            unit.accounts().update(&account).await.unwrap()
        }
        _ => unit.accounts().remove(id).await.unwrap(),
    };
    unit.commit().await.unwrap();
    done
}

/// An account found for update by id stays as it was found until the unit ends: no change is lost.
pub(crate) async fn concurrent_changes_to_one_account_are_all_kept(store: Arc<dyn Store>) {
    some_accounts(&store, 1).await;
    race(RACERS, async |number| {
        let account = AccountBuilder::numbered(0).build();
        committed(&store, async |unit| {
            let found = if number % 2 == 0 {
                unit.accounts().find_for_update(account.id()).await
            } else {
                unit.accounts().find_by_email_for_update(account.email()).await
            };
            let changed = with_one_more_letter(&found.unwrap().unwrap());
            assert!(unit.accounts().update(&changed).await.unwrap());
        })
        .await;
    });
    let account = store.read().accounts().find(AccountBuilder::numbered(0).build().id()).await.unwrap().unwrap();
    assert_eq!(account.name().full(), format!("Account 0{}", "+".repeat(RACERS)));
}

fn with_one_more_letter(account: &Account) -> Account {
    let mut record = account.record().clone();
    record.name = PersonName::Full(FullName::parse(&format!("{}+", record.name.full())).unwrap());
    Account::restore(record)
}
