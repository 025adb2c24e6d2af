//! Promises of the number of sessions per account.

use std::sync::Arc;

use time::Duration;
use vestibule_domain::{Session, TokenUse};
use vestibule_ports::Store;
use vestibule_testkit::AccountBuilder;

use super::{numbers_found, stored};
use crate::support::{NOW, RACERS, an_account, committed, insert_accounts, race, session, some_accounts};

/// An insert ends exactly the account's sessions with the oldest current tokens, returns how many, and leaves those of
/// others; the age of a session does not matter.
pub(crate) async fn an_insert_ends_exactly_the_sessions_used_least_recently(store: Arc<dyn Store>) {
    let accounts = some_accounts(&store, 2).await;
    let [account, other] = [accounts[0].id(), accounts[1].id()];
    let minutes = |minutes| NOW + Duration::minutes(minutes);
    let began = |number, began_at| Session { began_at, ..session(account, number) };
    let used = |number, began_at, at| Session {
        counter: 1,
        last_use: Some(TokenUse { key: None, at }),
        ..began(number, began_at)
    };
    stored(
        &store,
        [
            began(0, minutes(7)),
            used(1, minutes(0), minutes(9)),
            used(2, minutes(3), minutes(4)),
            began(3, minutes(5)),
            began(4, minutes(2)),
            Session { began_at: minutes(-9), ..session(other, 5) },
        ],
    )
    .await;
    for (number, keep, ended, left) in [
        (6, 6, 0, vec![0, 1, 2, 3, 4, 5, 6]),
        (7, 5, 2, vec![0, 1, 3, 5, 6, 7]),
        (8, 4, 2, vec![1, 5, 6, 7, 8]),
        (9, 1, 4, vec![5, 9]),
    ] {
        let new = began(number, minutes(10 + i64::from(number)));
        let done = committed(&store, async |unit| unit.sessions().insert(&new, keep).await.unwrap()).await;
        assert_eq!(done, ended, "session {number}");
        assert_eq!(numbers_found(&store, account, 10).await, left, "after session {number}");
    }
}

/// The added session stays even if all others were used later; sessions added in the same unit count.
pub(crate) async fn an_insert_keeps_the_new_session_whatever_its_age(store: Arc<dyn Store>) {
    let account = an_account(&store).await;
    let began = |number, began_at| Session { began_at, ..session(account, number) };
    let ended = committed(&store, async |unit| {
        let sessions = unit.sessions();
        let mut ended = Vec::new();
        for (number, hours) in [(0, 1), (1, 2), (2, -9), (3, -8)] {
            ended.push(sessions.insert(&began(number, NOW + Duration::hours(hours)), 2).await.unwrap());
        }
        ended
    })
    .await;
    assert_eq!(ended, [0, 0, 1, 1]);
    assert_eq!(numbers_found(&store, account, 4).await, [1, 3]);
}

/// When many units add a session to one account at once, none fails, and exactly the allowed number stays, each once.
pub(crate) async fn many_inserts_at_once_keep_no_more_than_they_may(store: Arc<dyn Store>) {
    const KEEP: u32 = 3;
    let racers = u32::try_from(RACERS).unwrap();
    for round in 0..4 {
        let account = AccountBuilder::numbered(round).build();
        insert_accounts(&store, std::slice::from_ref(&account)).await;
        let account = account.id();
        let ended = race(RACERS, async |number| {
            let new = session(account, round * racers + number);
            committed(&store, async |unit| unit.sessions().insert(&new, KEEP).await.unwrap()).await
        });
        assert_eq!(ended.iter().sum::<u64>(), u64::from(racers - KEEP), "{ended:?}");
        let left = numbers_found(&store, account, (round + 1) * racers).await;
        let left = left.into_iter().filter(|number| *number >= round * racers).count();
        assert_eq!(left, usize::try_from(KEEP).unwrap(), "round {round}");
    }
}
