//! Promises of removing accounts.

use std::sync::Arc;

use vestibule_domain::{AccountId, AccountStatus, Dossier, Source, TokenPurpose};
use vestibule_ports::{AccountFilter, Store, StoreError, UniqueKey, UnitOfWork};
use vestibule_testkit::AccountBuilder;

use super::keys::assert_conflict;
use crate::support::{NOW, RACERS, code, committed, dropped, family, insert_accounts, race, some_accounts, token};

const SOURCE: std::net::IpAddr = std::net::IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 7));
const PURPOSES: [TokenPurpose; 4] = TokenPurpose::ALL;

/// An account goes with its codes, dossier, families, tokens and sources, and leaves those of others; its keys are free again.
pub(crate) async fn an_account_goes_with_all_that_is_its_own(store: Arc<dyn Store>) {
    let accounts = some_accounts(&store, 3).await;
    let [before, gone, after] = [accounts[0].id(), accounts[1].id(), accounts[2].id()];
    committed(&store, async |unit| {
        for (first, account) in [(0, before), (10, gone), (20, after)] {
            give_belongings(unit, account, first).await;
        }
    })
    .await;

    committed(&store, async |unit| {
        assert!(unit.accounts().remove(gone).await.unwrap());
        assert!(!unit.accounts().remove(gone).await.unwrap());
        assert_eq!(unit.accounts().find_for_update(gone).await.unwrap(), None);
    })
    .await;

    assert_eq!(store.read().accounts().find(gone).await.unwrap(), None);
    insert_accounts(&store, &accounts[1..2]).await;
    assert!(!store.read().sources().contains(gone, Source::new(SOURCE)).await.unwrap());
    committed(&store, async |unit| {
        assert_eq!(belongings(unit, gone, 10).await, 0);
        for (first, account) in [(0, before), (20, after)] {
            assert_eq!(belongings(unit, account, first).await, 14);
        }
    })
    .await;
    for account in [before, after] {
        assert!(store.read().sources().contains(account, Source::new(SOURCE)).await.unwrap());
    }
}

/// The pending account of an address can be removed as such, with all that is its own; an active or disabled one not.
pub(crate) async fn only_a_pending_account_is_removed_as_pending(store: Arc<dyn Store>) {
    let [active, pending, disabled] = [AccountStatus::Active, AccountStatus::Pending, AccountStatus::Disabled]
        .map(|status| AccountBuilder::numbered(status as u32).status(status).username(status.as_str()).build());
    insert_accounts(&store, &[active.clone(), pending.clone(), disabled.clone()]).await;
    committed(&store, async |unit| {
        give_belongings(unit, pending.id(), 0).await;
        for (account, removed) in [(&active, false), (&pending, true), (&disabled, false), (&pending, false)] {
            assert_eq!(unit.accounts().remove_pending(account.email()).await.unwrap(), removed, "{account:?}");
        }
    })
    .await;
    let read = store.read().accounts();
    assert_eq!(read.find(active.id()).await.unwrap(), Some(active));
    assert_eq!(read.find(pending.id()).await.unwrap(), None);
    assert_eq!(read.find(disabled.id()).await.unwrap(), Some(disabled));
    insert_accounts(&store, std::slice::from_ref(&pending)).await;
    committed(&store, async |unit| assert_eq!(belongings(unit, pending.id(), 0).await, 0)).await;
}

/// Of many units that remove one pending account at the same moment one does it.
pub(crate) async fn of_many_removals_of_a_pending_account_one_wins(store: Arc<dyn Store>) {
    let pending = AccountBuilder::numbered(0).status(AccountStatus::Pending).build();
    insert_accounts(&store, std::slice::from_ref(&pending)).await;
    let removed = race(RACERS, async |_| {
        committed(&store, async |unit| unit.accounts().remove_pending(pending.email()).await.unwrap()).await
    });
    assert_eq!(removed.iter().filter(|removed| **removed).count(), 1);
}

/// Of many units that replace one pending account by another of its address at the same moment, each does it or has
/// the conflict, and one account stays.
pub(crate) async fn many_units_can_replace_one_pending_account(store: Arc<dyn Store>) {
    let pending = |number| AccountBuilder::numbered(number).email("one@example.test").status(AccountStatus::Pending);
    insert_accounts(&store, &[pending(99).build()]).await;
    let inserted = race(RACERS, async |number| {
        let new = pending(number).build();
        committed(&store, async |unit| {
            unit.accounts().remove_pending(new.email()).await.unwrap();
            unit.accounts().insert(&new).await
        })
        .await
    });
    assert!(inserted.iter().any(Result::is_ok));
    for lost in inserted.iter().filter(|result| result.is_err()) {
        assert_conflict(lost, UniqueKey::AccountEmail);
    }
    let count = store.read().accounts().count(AccountFilter::default()).await.unwrap();
    assert_eq!(count, 1);
}

/// A row of an account that is gone is refused as a collision of two units, which it is, and does not wait for an
/// account of that id.
pub(crate) async fn nothing_is_stored_for_an_account_that_is_gone(store: Arc<dyn Store>) {
    let account = AccountBuilder::numbered(0).build();
    let id = account.id();
    let refused = [
        dropped(&store, async |unit| unit.codes().replace(&code(id, PURPOSES[0], 0)).await).await,
        dropped(&store, async |unit| unit.tokens().insert(&token(id, PURPOSES[0], 0)).await).await,
        dropped(&store, async |unit| unit.dossiers().replace(&Dossier::empty(id)).await).await,
        dropped(&store, async |unit| unit.families().insert(&family(id, 0), 9).await.map(drop)).await,
        dropped(&store, async |unit| unit.sources().remember(id, Source::new(SOURCE), NOW).await).await,
    ];
    for result in refused {
        assert!(matches!(result, Err(StoreError::Busy(_))), "{result:?}");
    }
    insert_accounts(&store, &[account]).await;
    assert!(!store.read().sources().contains(id, Source::new(SOURCE)).await.unwrap());
    committed(&store, async |unit| assert_eq!(belongings(unit, id, 0).await, 0)).await;
}

/// An account that is gone is not updated.
pub(crate) async fn an_account_that_is_gone_is_not_updated(store: Arc<dyn Store>) {
    let account = some_accounts(&store, 1).await.remove(0);
    committed(&store, async |unit| {
        assert!(unit.accounts().remove(account.id()).await.unwrap());
        assert!(!unit.accounts().update(&account).await.unwrap());
    })
    .await;
    assert_eq!(store.read().accounts().find(account.id()).await.unwrap(), None);
}

/// Gives an account a code and two tokens of each purpose, a dossier, a family and a source.
async fn give_belongings(unit: &mut Box<dyn UnitOfWork>, account: AccountId, first: u32) {
    for (number, purpose) in (first..).zip(PURPOSES) {
        unit.codes().replace(&code(account, purpose, number)).await.unwrap();
        unit.tokens().insert(&token(account, purpose, number)).await.unwrap();
        unit.tokens().insert(&token(account, purpose, number + 5)).await.unwrap();
    }
    unit.dossiers().replace(&Dossier::empty(account)).await.unwrap();
    unit.families().insert(&family(account, first), 9).await.unwrap();
    unit.sources().remember(account, Source::new(SOURCE), NOW).await.unwrap();
}

/// How many of the codes, tokens, families and dossiers are there; all but the dossier are spent by this.
async fn belongings(unit: &mut Box<dyn UnitOfWork>, account: AccountId, first: u32) -> usize {
    let mut found = usize::from(unit.dossiers().find(account).await.unwrap().is_some());
    found += usize::from(unit.families().remove(family(account, first).id).await.unwrap());
    for (number, purpose) in (first..).zip(PURPOSES) {
        let id = code(account, purpose, number).id;
        let tried = unit.codes().take_try(account, purpose, NOW).await.unwrap();
        assert_eq!(tried.is_some(), unit.codes().consume(id, NOW).await.unwrap());
        found += usize::from(tried.is_some());
        for number in [number, number + 5] {
            let digest = token(account, purpose, number).digest;
            found += usize::from(unit.tokens().consume(&digest, purpose, NOW).await.unwrap().is_some());
        }
    }
    found
}
