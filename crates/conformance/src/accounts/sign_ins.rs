//! Promises of recording sign-ins.

use std::sync::Arc;

use time::Duration;
use vestibule_domain::{
    Account, AccountId, AccountRecord, FullName, PersonName,
    SignInOutcome::{self, Failed, Succeeded},
    SignIns,
};
use vestibule_ports::Store;

use crate::support::{NANOSECONDS, NOW, RACERS, an_account, committed, dropped, race, some_accounts};

/// A recorded sign-in changes an account's sign-ins as the domain says, and nothing else, not even the time of the last
/// change; in a dropped unit it leaves nothing.
pub(crate) async fn notes_of_sign_ins_do_what_the_domain_says(store: Arc<dyn Store>) {
    let accounts = some_accounts(&store, 2).await;
    let [account, other] = [accounts[0].id(), accounts[1].id()];
    let mut expected = SignIns::default();
    let outcomes = [Failed, Failed, Succeeded, Succeeded, Failed, Failed, Failed, Succeeded, Failed];
    for (minutes, outcome) in (1..).zip(outcomes) {
        let now = NOW + Duration::minutes(minutes) + NANOSECONDS;
        committed(&store, async |unit| unit.accounts().note_sign_in(account, outcome, now).await.unwrap()).await;
        dropped(&store, async |unit| unit.accounts().note_sign_in(account, Failed, now).await.unwrap()).await;
        expected = expected.after(outcome, now);
        let found = store.read().accounts().find(account).await.unwrap();
        let noted = AccountRecord { sign_ins: expected, ..accounts[0].record().clone() };
        assert_eq!(found, Some(Account::restore(noted)));
    }
    assert_eq!(store.read().accounts().find(other).await.unwrap().as_ref(), Some(&accounts[1]));
}

/// When many failures are recorded at once, none is lost.
pub(crate) async fn many_failures_to_sign_in_at_once_are_all_counted(store: Arc<dyn Store>) {
    let account = an_account(&store).await;
    race(RACERS, async |_| note(&store, account, Failed).await);
    let sign_ins = store.read().accounts().find(account).await.unwrap().unwrap().sign_ins();
    let failed = u32::try_from(RACERS).unwrap();
    assert_eq!(sign_ins, SignIns { last_at: None, failed, last_failed_at: Some(NOW) });
}

/// A unit that has found an account for update and one that records a sign-in wait for each other: neither undoes the
/// other.
pub(crate) async fn notes_of_sign_ins_and_other_changes_at_once_are_all_kept(store: Arc<dyn Store>) {
    let account = an_account(&store).await;
    race(RACERS, async |number| {
        if number % 2 == 0 {
            note(&store, account, Failed).await;
        } else {
            committed(&store, async |unit| {
                let mut found = unit.accounts().find_for_update(account).await.unwrap().unwrap();
                let longer = FullName::parse(&format!("{}+", found.name().full())).unwrap();
                found.rename(PersonName::Full(longer), NOW);
                assert!(unit.accounts().update(&found).await.unwrap());
            })
            .await;
        }
    });
    let found = store.read().accounts().find(account).await.unwrap().unwrap();
    assert_eq!(found.sign_ins().failed, u32::try_from(RACERS / 2).unwrap());
    assert_eq!(found.name().full(), format!("Account 0{}", "+".repeat(RACERS / 2)));
}

/// Recording a sign-in for a removed account succeeds, changes nothing, and the unit goes on.
pub(crate) async fn a_note_for_an_account_that_is_gone_changes_nothing(store: Arc<dyn Store>) {
    let accounts = some_accounts(&store, 2).await;
    committed(&store, async |unit| {
        assert!(unit.accounts().remove(accounts[0].id()).await.unwrap());
        for outcome in [Succeeded, Failed] {
            unit.accounts().note_sign_in(accounts[0].id(), outcome, NOW).await.unwrap();
        }
    })
    .await;
    let read = store.read().accounts();
    assert_eq!(read.find(accounts[0].id()).await.unwrap(), None);
    assert_eq!(read.find(accounts[1].id()).await.unwrap().as_ref(), Some(&accounts[1]));
}

async fn note(store: &Arc<dyn Store>, account: AccountId, outcome: SignInOutcome) {
    committed(store, async |unit| unit.accounts().note_sign_in(account, outcome, NOW).await.unwrap()).await;
}
