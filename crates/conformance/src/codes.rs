//! Promises of mailed one-time codes.

use std::sync::Arc;

use time::Duration;
use vestibule_domain::{AccountId, LiveCode, OneTimeCode, PasswordHash, TokenPurpose};
use vestibule_ports::Store;

use crate::support::{
    MICROSECOND, NANOSECONDS, NOW, RACERS, an_account, code, committed, digest, dropped, purges_in_parts, race,
    read_before, some_accounts,
};

const RESET: TokenPurpose = TokenPurpose::PasswordReset;
const VERIFICATION: TokenPurpose = TokenPurpose::EmailVerification;

/// A try is taken from the code of exactly this account and purpose, and returns what to compare with.
pub(crate) async fn a_try_gives_the_code_of_its_account_and_purpose(store: Arc<dyn Store>) {
    let accounts = some_accounts(&store, 3).await;
    let codes = [(0, RESET), (0, VERIFICATION), (1, RESET)];
    committed(&store, async |unit| {
        for (number, (account, purpose)) in (0..).zip(codes) {
            unit.codes().replace(&code(accounts[account].id(), purpose, number)).await.unwrap();
        }
    })
    .await;
    committed(&store, async |unit| {
        for (number, (account, purpose)) in (0..).zip(codes) {
            let stored = code(accounts[account].id(), purpose, number);
            let live = unit.codes().take_try(stored.account, purpose, NOW).await.unwrap();
            assert_eq!(live, Some(LiveCode { id: stored.id, digest: stored.digest, waiting_password: None }));
        }
        assert_eq!(unit.codes().take_try(accounts[1].id(), VERIFICATION, NOW).await.unwrap(), None);
        assert_eq!(unit.codes().take_try(accounts[2].id(), RESET, NOW).await.unwrap(), None);
    })
    .await;
}

/// A code gives as many tries as it was stored with, across units, and then none; it can still be spent by its id.
pub(crate) async fn a_code_gives_as_many_tries_as_it_has(store: Arc<dyn Store>) {
    let account = an_account(&store).await;
    let stored = OneTimeCode { tries_left: 3, ..code(account, RESET, 0) };
    committed(&store, async |unit| unit.codes().replace(&stored).await.unwrap()).await;
    for is_some in [true, true, true, false, false] {
        let live = committed(&store, async |unit| unit.codes().take_try(account, RESET, NOW).await.unwrap()).await;
        assert_eq!(live.is_some(), is_some);
    }
    assert!(committed(&store, async |unit| unit.codes().consume(stored.id, NOW).await.unwrap()).await);
}

/// A spent code can be neither spent nor tried; the account's code for another purpose stays valid.
pub(crate) async fn a_spent_code_is_refused(store: Arc<dyn Store>) {
    let account = an_account(&store).await;
    let (spent, other) = (code(account, RESET, 0), code(account, VERIFICATION, 1));
    committed(&store, async |unit| {
        unit.codes().replace(&spent).await.unwrap();
        unit.codes().replace(&other).await.unwrap();
        assert!(unit.codes().consume(spent.id, NOW).await.unwrap());
        assert!(!unit.codes().consume(spent.id, NOW).await.unwrap());
    })
    .await;
    committed(&store, async |unit| {
        assert!(!unit.codes().consume(spent.id, NOW).await.unwrap());
        assert_eq!(unit.codes().take_try(account, RESET, NOW).await.unwrap(), None);
        assert!(unit.codes().consume(other.id, NOW).await.unwrap());
    })
    .await;
}

/// A new code, with its own tries, replaces the earlier one of its account and purpose, and no other.
pub(crate) async fn a_new_code_kills_the_older_one_of_its_purpose(store: Arc<dyn Store>) {
    let account = an_account(&store).await;
    let (old, other, new) = (code(account, RESET, 0), code(account, VERIFICATION, 1), code(account, RESET, 2));
    committed(&store, async |unit| {
        unit.codes().replace(&old).await.unwrap();
        unit.codes().replace(&other).await.unwrap();
        unit.codes().take_try(account, RESET, NOW).await.unwrap().unwrap();
    })
    .await;
    committed(&store, async |unit| unit.codes().replace(&new).await.unwrap()).await;
    committed(&store, async |unit| {
        assert!(!unit.codes().consume(old.id, NOW).await.unwrap());
        for _ in 0..OneTimeCode::TRIES {
            let live = unit.codes().take_try(account, RESET, NOW).await.unwrap();
            assert_eq!(live, Some(LiveCode { id: new.id, digest: digest(2), waiting_password: None }));
        }
        assert_eq!(unit.codes().take_try(account, RESET, NOW).await.unwrap(), None);
        assert!(unit.codes().consume(other.id, NOW).await.unwrap());
        assert!(unit.codes().consume(new.id, NOW).await.unwrap());
    })
    .await;
}

/// From the microsecond of its expiry on, a code can be neither tried nor spent; a microsecond before, it can, and a try
/// that came too late was not counted.
pub(crate) async fn an_expired_code_is_neither_tried_nor_spent(store: Arc<dyn Store>) {
    let account = an_account(&store).await;
    let stored = OneTimeCode { tries_left: 1, ..code(account, RESET, 0) };
    let end = stored.expires_at;
    let uncut = OneTimeCode { expires_at: end + NANOSECONDS, ..stored.clone() };
    committed(&store, async |unit| unit.codes().replace(&uncut).await.unwrap()).await;
    committed(&store, async |unit| {
        for late in [end, end + Duration::days(1)] {
            assert_eq!(unit.codes().take_try(account, RESET, late).await.unwrap(), None);
            assert!(!unit.codes().consume(stored.id, late).await.unwrap());
        }
        assert!(unit.codes().take_try(account, RESET, end - MICROSECOND).await.unwrap().is_some());
        assert!(unit.codes().consume(stored.id, end - MICROSECOND).await.unwrap());
    })
    .await;
}

/// When many units spend one code at once, one wins.
pub(crate) async fn of_many_consumes_of_a_code_one_wins(store: Arc<dyn Store>) {
    let stored = code(an_account(&store).await, RESET, 0);
    committed(&store, async |unit| unit.codes().replace(&stored).await.unwrap()).await;
    let spent = race(RACERS, async |_| {
        committed(&store, async |unit| unit.codes().consume(stored.id, NOW).await.unwrap()).await
    });
    assert_eq!(spent.iter().filter(|spent| **spent).count(), 1);
}

/// When many units try a code at once, exactly as many succeed as tries were left.
pub(crate) async fn many_tries_at_once_get_no_more_than_are_left(store: Arc<dyn Store>) {
    let account = an_account(&store).await;
    committed(&store, async |unit| unit.codes().replace(&code(account, RESET, 0)).await.unwrap()).await;
    let tries = race(RACERS, async |_| {
        committed(&store, async |unit| unit.codes().take_try(account, RESET, NOW).await.unwrap()).await
    });
    assert_eq!(tries.iter().flatten().count(), usize::try_from(OneTimeCode::TRIES).unwrap());
}

/// The same holds when the clocks were read earlier, out of order and on nodes seconds apart; one unit then spends the
/// code.
pub(crate) async fn tries_whose_clocks_were_read_out_of_order_are_all_counted(store: Arc<dyn Store>) {
    let account = an_account(&store).await;
    let stored = code(account, RESET, 0);
    committed(&store, async |unit| unit.codes().replace(&stored).await.unwrap()).await;
    let tries = race(RACERS, async |racer| {
        let now = read_before(racer);
        committed(&store, async |unit| unit.codes().take_try(account, RESET, now).await.unwrap()).await
    });
    assert_eq!(tries.iter().flatten().count(), usize::try_from(OneTimeCode::TRIES).unwrap());
    let spent = race(RACERS, async |racer| {
        let now = read_before(racer);
        committed(&store, async |unit| unit.codes().consume(stored.id, now).await.unwrap()).await
    });
    assert_eq!(spent.into_iter().filter(|spent| *spent).count(), 1);
}

/// Counted and committed tries stay counted, whatever later units lose; tries of dropped units do not count.
pub(crate) async fn counted_tries_survive_later_units_that_are_dropped(store: Arc<dyn Store>) {
    let account = an_account(&store).await;
    let stored = OneTimeCode { tries_left: 12, ..code(account, RESET, 0) };
    committed(&store, async |unit| unit.codes().replace(&stored).await.unwrap()).await;
    let counted = race(RACERS, async |number| {
        if number % 2 == 0 {
            committed(&store, async |unit| unit.codes().take_try(account, RESET, NOW).await.unwrap()).await
        } else {
            dropped(&store, async |unit| {
                unit.codes().take_try(account, RESET, NOW).await.unwrap();
                unit.codes().consume(stored.id, NOW).await.unwrap();
                None
            })
            .await
        }
    });
    assert_eq!(counted.iter().flatten().count(), RACERS / 2);
    committed(&store, async |unit| {
        for left in (0..=12 - RACERS / 2).rev() {
            let live = unit.codes().take_try(account, RESET, NOW).await.unwrap();
            assert_eq!(live.is_some(), left > 0, "{left} are left");
        }
    })
    .await;
}

/// When many units store a code of one account and purpose at once, none fails, and one code stays.
pub(crate) async fn many_replaces_at_once_leave_one_code(store: Arc<dyn Store>) {
    let account = an_account(&store).await;
    race(RACERS, async |number| {
        committed(&store, async |unit| unit.codes().replace(&code(account, RESET, number)).await.unwrap()).await;
    });
    committed(&store, async |unit| {
        let live = unit.codes().take_try(account, RESET, NOW).await.unwrap().unwrap();
        let mut spendable = Vec::new();
        for number in (0..).take(RACERS) {
            let id = code(account, RESET, number).id;
            if unit.codes().consume(id, NOW).await.unwrap() {
                spendable.push(id);
            }
        }
        assert_eq!(spendable, [live.id]);
    })
    .await;
}

/// The codes of an account are removed and counted, and those of others stay.
pub(crate) async fn the_codes_of_one_account_are_removed(store: Arc<dyn Store>) {
    let accounts = some_accounts(&store, 2).await;
    let [account, other] = [accounts[0].id(), accounts[1].id()];
    committed(&store, async |unit| {
        unit.codes().replace(&code(account, RESET, 0)).await.unwrap();
        unit.codes().replace(&code(account, VERIFICATION, 1)).await.unwrap();
        unit.codes().replace(&code(other, RESET, 2)).await.unwrap();
        assert_eq!(unit.codes().remove_of_account(account).await.unwrap(), 2);
        assert_eq!(unit.codes().remove_of_account(account).await.unwrap(), 0);
        for purpose in [RESET, VERIFICATION] {
            assert_eq!(unit.codes().take_try(account, purpose, NOW).await.unwrap(), None);
        }
        assert!(unit.codes().take_try(other, RESET, NOW).await.unwrap().is_some());
    })
    .await;
}

/// A purge removes exactly the expired codes; a code without tries stays until it expires.
pub(crate) async fn a_purge_removes_exactly_the_expired_codes(store: Arc<dyn Store>) {
    let accounts = some_accounts(&store, 4).await;
    let expiring = |number: u32, at| OneTimeCode {
        expires_at: at,
        ..code(accounts[usize::try_from(number).unwrap()].id(), RESET, number)
    };
    let [long_over, over] = [expiring(0, NOW - Duration::days(1)), expiring(1, NOW)];
    let live = [expiring(2, NOW + MICROSECOND), OneTimeCode { tries_left: 0, ..expiring(3, NOW + MICROSECOND) }];
    let early = NOW - Duration::days(2);
    committed(&store, async |unit| {
        for code in [&long_over, &over].into_iter().chain(&live) {
            unit.codes().replace(code).await.unwrap();
        }
        assert_eq!(unit.codes().purge_expired(early).await.unwrap(), 0);
        assert_eq!(unit.codes().purge_expired(NOW).await.unwrap(), 2);
        for (code, is_left) in [(&long_over, false), (&over, false), (&live[0], true), (&live[1], true)] {
            assert_eq!(unit.codes().consume(code.id, early).await.unwrap(), is_left);
        }
    })
    .await;
}

/// One purge removes at most 1000 codes.
pub(crate) async fn a_purge_removes_at_most_a_thousand_codes(store: Arc<dyn Store>) {
    let accounts = some_accounts(&store, 501).await;
    committed(&store, async |unit| {
        for (number, account) in (0..).step_by(2).zip(&accounts) {
            unit.codes().replace(&code(account.id(), RESET, number)).await.unwrap();
            unit.codes().replace(&code(account.id(), VERIFICATION, number + 1)).await.unwrap();
        }
    })
    .await;
    let later = NOW + Duration::days(1);
    purges_in_parts(&store, 1002, async |unit| unit.codes().purge_expired(later).await.unwrap()).await;
}

/// A password that waits for a code comes back with each try of that account and purpose, until another code replaces it.
pub(crate) async fn a_waiting_password_comes_back_with_its_code(store: Arc<dyn Store>) {
    let accounts = some_accounts(&store, 2).await;
    let [account, other] = [accounts[0].id(), accounts[1].id()];
    committed(&store, async |unit| {
        unit.codes().replace(&with_password(account, 0)).await.unwrap();
        unit.codes().replace(&code(account, RESET, 1)).await.unwrap();
        unit.codes().replace(&with_password(other, 2)).await.unwrap();
    })
    .await;
    committed(&store, async |unit| {
        for (account, purpose, password) in [
            (account, VERIFICATION, waiting(0)),
            (account, VERIFICATION, waiting(0)),
            (account, RESET, None),
            (other, VERIFICATION, waiting(2)),
        ] {
            let live = unit.codes().take_try(account, purpose, NOW).await.unwrap().unwrap();
            assert_eq!(live.waiting_password, password);
        }
        for (next, password) in [(with_password(account, 3), waiting(3)), (code(account, VERIFICATION, 4), None)] {
            unit.codes().replace(&next).await.unwrap();
            let live = unit.codes().take_try(account, VERIFICATION, NOW).await.unwrap().unwrap();
            assert_eq!(live.waiting_password, password);
        }
    })
    .await;
}

fn with_password(account: AccountId, number: u32) -> OneTimeCode {
    OneTimeCode { waiting_password: waiting(number), ..code(account, VERIFICATION, number) }
}

#[expect(clippy::unnecessary_wraps, reason = "fields hold it so")]
fn waiting(number: u32) -> Option<PasswordHash> {
    Some(PasswordHash::new(format!("$2b$10$'waiting' \"{number}\"")))
}
