//! Promises of removing accounts.

use std::sync::Arc;

use time::Duration;
use vestibule_domain::{Account, AccountId, AccountRecord, AccountStatus, Dossier, SignIns, Source, TokenPurpose};
use vestibule_ports::{AccountFilter, Store, StoreError, UniqueKey, UnitOfWork};
use vestibule_testkit::AccountBuilder;

use super::keys::assert_conflict;
use crate::support::{
    MICROSECOND, NOW, RACERS, code, committed, dropped, insert_accounts, purges_in_parts, race, session, some_accounts,
    token,
};

const SOURCE: std::net::IpAddr = std::net::IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 7));
const PURPOSES: [TokenPurpose; 5] = TokenPurpose::ALL;

/// An account is removed with its codes, dossier, sessions, tokens and sources; those of others stay, and its keys are free
/// again.
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
            assert_eq!(belongings(unit, account, first).await, 17);
        }
    })
    .await;
    for account in [before, after] {
        assert!(store.read().sources().contains(account, Source::new(SOURCE)).await.unwrap());
    }
}

/// A provisional account, and near misses: accounts with another status, or with a mailbox that was once proven, even at an
/// earlier address.
fn a_provisional_account_and_others() -> (Account, [Account; 5]) {
    let [active, pending, disabled] = [AccountStatus::Active, AccountStatus::Pending, AccountStatus::Disabled];
    let kinds = [(pending, None), (active, None), (disabled, None), (pending, Some(NOW)), (active, Some(NOW))];
    let mut number = 0;
    let mut next = || {
        number += 1;
        AccountBuilder::numbered(number).username(&format!("name-{number}"))
    };
    let [provisional, a, b, c, d] =
        kinds.map(|(status, proven)| next().status(status).mailbox_proven_at(proven).build());
    (provisional, [a, b, c, d, next().status(pending).moved().build()])
}

/// The provisional account of an address can be removed as such, with everything that belongs to it; no other account can.
pub(crate) async fn only_a_provisional_account_is_removed_as_such(store: Arc<dyn Store>) {
    let (provisional, others) = a_provisional_account_and_others();
    insert_accounts(&store, &others).await;
    insert_accounts(&store, std::slice::from_ref(&provisional)).await;
    committed(&store, async |unit| {
        give_belongings(unit, provisional.id(), 0).await;
        for account in &others {
            assert_eq!(unit.accounts().remove_provisional(account.email()).await.unwrap(), None, "{account:?}");
        }
        let removed = unit.accounts().remove_provisional(provisional.email()).await.unwrap();
        assert_eq!(removed, Some(provisional.id()));
        assert_eq!(unit.accounts().remove_provisional(provisional.email()).await.unwrap(), None);
    })
    .await;
    for account in others {
        assert_eq!(store.read().accounts().find(account.id()).await.unwrap(), Some(account));
    }
    assert_eq!(store.read().accounts().find(provisional.id()).await.unwrap(), None);
    insert_accounts(&store, std::slice::from_ref(&provisional)).await;
    committed(&store, async |unit| assert_eq!(belongings(unit, provisional.id(), 0).await, 0)).await;
}

/// A provisional account gives up its user name and changes in no other way; no other account gives up its own.
pub(crate) async fn only_a_provisional_account_gives_its_user_name_up(store: Arc<dyn Store>) {
    let (provisional, others) = a_provisional_account_and_others();
    let name = provisional.username().unwrap();
    insert_accounts(&store, &others).await;
    insert_accounts(&store, std::slice::from_ref(&provisional)).await;
    committed(&store, async |unit| {
        for account in &others {
            assert!(!unit.accounts().release_username(account.username().unwrap()).await.unwrap(), "{account:?}");
        }
        assert!(unit.accounts().release_username(name).await.unwrap());
        assert!(!unit.accounts().release_username(name).await.unwrap());
    })
    .await;
    let nameless = Account::restore(AccountRecord { username: None, ..provisional.record().clone() });
    assert_eq!(store.read().accounts().find(provisional.id()).await.unwrap(), Some(nameless));
    let taker = AccountBuilder::numbered(9).username(name.as_str()).build();
    insert_accounts(&store, std::slice::from_ref(&taker)).await;
    assert_eq!(store.read().accounts().find_by_username(name).await.unwrap(), Some(taker));
    for account in others {
        assert_eq!(store.read().accounts().find(account.id()).await.unwrap(), Some(account));
    }
}

/// A purge removes the provisional accounts that have not changed since a time, with everything that belongs to them,
/// unless they were ever signed in to or still have a code or token.
pub(crate) async fn a_purge_removes_exactly_the_provisional_accounts_that_waited_too_long(store: Arc<dyn Store>) {
    let (provisional, others) = a_provisional_account_and_others();
    let waiting = |number, updated_at, last_at| {
        let AccountRecord { id, email, .. } = AccountBuilder::numbered(number).build().record().clone();
        let sign_ins = SignIns { last_at, ..SignIns::default() };
        AccountRecord { id, email, username: None, updated_at, sign_ins, ..provisional.record().clone() }
    };
    let before = NOW - MICROSECOND;
    let [over, fresh, lived, with_code, with_token] = [
        waiting(20, before, None),
        waiting(21, NOW, None),
        waiting(22, before, Some(NOW)),
        waiting(23, before, None),
        waiting(24, before, None),
    ]
    .map(Account::restore);
    let stay: Vec<_> = others.into_iter().chain([fresh, lived, with_code.clone(), with_token.clone()]).collect();
    insert_accounts(&store, &stay).await;
    insert_accounts(&store, std::slice::from_ref(&over)).await;
    committed(&store, async |unit| {
        unit.codes().replace(&code(with_code.id(), PURPOSES[0], 9)).await.unwrap();
        unit.tokens().insert(&token(with_token.id(), PURPOSES[0], 9)).await.unwrap();
        give_what_is_not_mailed(unit, over.id(), 0).await;
        assert_eq!(unit.accounts().purge_provisional(NOW - Duration::days(1)).await.unwrap(), 0);
        assert_eq!(unit.accounts().purge_provisional(NOW).await.unwrap(), 1);
    })
    .await;
    assert_eq!(store.read().accounts().find(over.id()).await.unwrap(), None);
    for account in stay {
        assert_eq!(store.read().accounts().find(account.id()).await.unwrap(), Some(account));
    }
    insert_accounts(&store, std::slice::from_ref(&over)).await;
    committed(&store, async |unit| assert_eq!(belongings(unit, over.id(), 0).await, 0)).await;
}

/// One purge removes at most 1000 provisional accounts.
pub(crate) async fn a_purge_removes_at_most_a_thousand_provisional_accounts(store: Arc<dyn Store>) {
    let accounts: Vec<_> = (0..1001).map(|number| AccountBuilder::numbered(number).provisional().build()).collect();
    insert_accounts(&store, &accounts).await;
    let later = NOW + Duration::days(365);
    purges_in_parts(&store, 1001, async |unit| unit.accounts().purge_provisional(later).await.unwrap()).await;
}

/// When many units remove one provisional account at once, one does.
pub(crate) async fn of_many_removals_of_a_provisional_account_one_wins(store: Arc<dyn Store>) {
    let pending = AccountBuilder::numbered(0).provisional().build();
    insert_accounts(&store, std::slice::from_ref(&pending)).await;
    let removed = race(RACERS, async |_| {
        committed(&store, async |unit| unit.accounts().remove_provisional(pending.email()).await.unwrap()).await
    });
    assert_eq!(removed.iter().filter(|removed| removed.is_some()).count(), 1);
}

/// When many units replace one provisional account by another with its address at once, each succeeds or gets the conflict,
/// and one account stays.
pub(crate) async fn many_units_can_replace_one_provisional_account(store: Arc<dyn Store>) {
    let pending = |number| AccountBuilder::numbered(number).email("one@example.test").provisional();
    insert_accounts(&store, &[pending(99).build()]).await;
    let inserted = race(RACERS, async |number| {
        let new = pending(number).build();
        committed(&store, async |unit| {
            unit.accounts().remove_provisional(new.email()).await.unwrap();
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

/// A row for a removed account is refused at once as a collision of units, and does not wait for an account with that id.
pub(crate) async fn nothing_is_stored_for_an_account_that_is_gone(store: Arc<dyn Store>) {
    let account = AccountBuilder::numbered(0).build();
    let id = account.id();
    let refused = [
        dropped(&store, async |unit| unit.codes().replace(&code(id, PURPOSES[0], 0)).await).await,
        dropped(&store, async |unit| unit.tokens().insert(&token(id, PURPOSES[0], 0)).await).await,
        dropped(&store, async |unit| unit.dossiers().replace(&Dossier::empty(id)).await).await,
        dropped(&store, async |unit| unit.sessions().insert(&session(id, 0), 9).await.map(drop)).await,
        dropped(&store, async |unit| unit.sources().remember(id, Source::new(SOURCE), NOW).await).await,
    ];
    for result in refused {
        assert!(matches!(result, Err(StoreError::Busy(_))), "{result:?}");
    }
    insert_accounts(&store, &[account]).await;
    assert!(!store.read().sources().contains(id, Source::new(SOURCE)).await.unwrap());
    committed(&store, async |unit| assert_eq!(belongings(unit, id, 0).await, 0)).await;
}

/// A removed account is not updated.
pub(crate) async fn an_account_that_is_gone_is_not_updated(store: Arc<dyn Store>) {
    let account = some_accounts(&store, 1).await.remove(0);
    committed(&store, async |unit| {
        assert!(unit.accounts().remove(account.id()).await.unwrap());
        assert!(!unit.accounts().update(&account).await.unwrap());
    })
    .await;
    assert_eq!(store.read().accounts().find(account.id()).await.unwrap(), None);
}

/// Gives an account a code and two tokens of each purpose, a dossier, a session and a source.
async fn give_belongings(unit: &mut Box<dyn UnitOfWork>, account: AccountId, first: u32) {
    for (number, purpose) in (first..).zip(PURPOSES) {
        unit.codes().replace(&code(account, purpose, number)).await.unwrap();
        unit.tokens().insert(&token(account, purpose, number)).await.unwrap();
        unit.tokens().insert(&token(account, purpose, number + 5)).await.unwrap();
    }
    give_what_is_not_mailed(unit, account, first).await;
}

async fn give_what_is_not_mailed(unit: &mut Box<dyn UnitOfWork>, account: AccountId, first: u32) {
    unit.dossiers().replace(&Dossier::empty(account)).await.unwrap();
    unit.sessions().insert(&session(account, first), 9).await.unwrap();
    unit.sources().remember(account, Source::new(SOURCE), NOW).await.unwrap();
}

/// How many of the codes, tokens, sessions and dossiers are left; counting spends all but the dossier.
async fn belongings(unit: &mut Box<dyn UnitOfWork>, account: AccountId, first: u32) -> usize {
    let mut found = usize::from(unit.dossiers().find(account).await.unwrap().is_some());
    found += usize::from(unit.sessions().remove(session(account, first).id).await.unwrap());
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
