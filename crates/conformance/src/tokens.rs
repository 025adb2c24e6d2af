//! Promises of one-time tokens.

use std::sync::Arc;

use time::Duration;
use vestibule_domain::{OneTimeToken, PasswordHash, TokenPurpose};
use vestibule_ports::Store;

use crate::support::{
    MICROSECOND, NANOSECONDS, NOW, RACERS, an_account, committed, digest, dropped, purges_in_parts, race,
    some_accounts, token,
};

const RESET: TokenPurpose = TokenPurpose::PasswordReset;
const VERIFICATION: TokenPurpose = TokenPurpose::EmailVerification;

/// Every field of a token comes back when it is spent, its expiry in whole microseconds; it cannot be spent twice.
pub(crate) async fn every_field_of_a_token_comes_back_once(store: Arc<dyn Store>) {
    let accounts = some_accounts(&store, 2).await;
    let waiting_password = Some(PasswordHash::new("$2b$10$'a waiting' \"password\""));
    let tokens = [
        token(accounts[0].id(), RESET, 0),
        token(accounts[0].id(), RESET, 1),
        token(accounts[1].id(), TokenPurpose::PasswordResetLink, 2),
        token(accounts[1].id(), TokenPurpose::PasswordResetToken, 3),
        OneTimeToken { waiting_password, ..token(accounts[1].id(), VERIFICATION, 4) },
    ];
    committed(&store, async |unit| {
        for token in &tokens {
            let uncut = OneTimeToken { expires_at: token.expires_at + NANOSECONDS, ..token.clone() };
            unit.tokens().insert(&uncut).await.unwrap();
        }
    })
    .await;
    for token in tokens {
        committed(&store, async |unit| {
            let spent = unit.tokens().consume(&token.digest, token.purpose, NOW).await.unwrap();
            assert_eq!(spent.as_ref(), Some(&token));
        })
        .await;
        committed(&store, async |unit| {
            assert_eq!(unit.tokens().consume(&token.digest, token.purpose, NOW).await.unwrap(), None);
        })
        .await;
    }
}

/// A token works for its purpose only, and a use for another purpose does not spend it.
pub(crate) async fn a_token_of_another_purpose_is_not_spent(store: Arc<dyn Store>) {
    let stored = token(an_account(&store).await, RESET, 0);
    committed(&store, async |unit| unit.tokens().insert(&stored).await.unwrap()).await;
    committed(&store, async |unit| {
        assert_eq!(unit.tokens().consume(&stored.digest, VERIFICATION, NOW).await.unwrap(), None);
        assert_eq!(unit.tokens().consume(&digest(1), RESET, NOW).await.unwrap(), None);
    })
    .await;
    committed(&store, async |unit| {
        assert_eq!(unit.tokens().consume(&stored.digest, RESET, NOW).await.unwrap().as_ref(), Some(&stored));
    })
    .await;
}

/// From the moment of its expiry a token is refused; a microsecond before, it is not.
pub(crate) async fn an_expired_token_is_refused(store: Arc<dyn Store>) {
    let stored = token(an_account(&store).await, RESET, 0);
    committed(&store, async |unit| {
        unit.tokens().insert(&stored).await.unwrap();
        for late in [stored.expires_at, stored.expires_at + Duration::days(1)] {
            assert_eq!(unit.tokens().consume(&stored.digest, RESET, late).await.unwrap(), None);
        }
        let in_time = stored.expires_at - MICROSECOND;
        assert!(unit.tokens().consume(&stored.digest, RESET, in_time).await.unwrap().is_some());
    })
    .await;
}

/// A token is found with every field, any number of times, without being spent: by its digest, for its purpose, before its
/// expiry, and until it is spent or removed.
pub(crate) async fn a_token_that_was_found_is_not_spent(store: Arc<dyn Store>) {
    let account = an_account(&store).await;
    let waiting_password = Some(PasswordHash::new("$2b$10$waiting"));
    let stored = OneTimeToken { waiting_password, ..token(account, VERIFICATION, 0) };
    let removed = token(account, RESET, 1);
    let find = async |token: &OneTimeToken, purpose, now| {
        store.read().tokens().find(&token.digest, purpose, now).await.unwrap()
    };
    committed(&store, async |unit| {
        for token in [&stored, &removed] {
            unit.tokens().insert(token).await.unwrap();
        }
    })
    .await;
    assert_eq!(find(&removed, RESET, NOW).await.as_ref(), Some(&removed));
    for _ in 0..2 {
        let in_time = stored.expires_at - MICROSECOND;
        assert_eq!(find(&stored, VERIFICATION, in_time).await.as_ref(), Some(&stored));
    }
    for other in [RESET, TokenPurpose::PasswordResetLink, TokenPurpose::PasswordResetToken] {
        assert_eq!(find(&stored, other, NOW).await, None);
    }
    assert_eq!(find(&stored, VERIFICATION, stored.expires_at).await, None);
    assert_eq!(find(&token(account, VERIFICATION, 2), VERIFICATION, NOW).await, None);

    committed(&store, async |unit| {
        assert!(unit.tokens().consume(&stored.digest, VERIFICATION, NOW).await.unwrap().is_some());
        assert_eq!(unit.tokens().remove_of_account(account, RESET).await.unwrap(), 1);
    })
    .await;
    assert_eq!(find(&stored, VERIFICATION, NOW).await, None);
    assert_eq!(find(&removed, RESET, NOW).await, None);
}

/// A token that a dropped unit spent can be spent again.
pub(crate) async fn a_token_spent_in_a_dropped_unit_is_not_spent(store: Arc<dyn Store>) {
    let stored = token(an_account(&store).await, RESET, 0);
    committed(&store, async |unit| unit.tokens().insert(&stored).await.unwrap()).await;
    for _ in 0..2 {
        dropped(&store, async |unit| {
            assert!(unit.tokens().consume(&stored.digest, RESET, NOW).await.unwrap().is_some());
        })
        .await;
    }
}

/// When many units spend one token at once, one wins.
pub(crate) async fn of_many_consumes_of_a_token_one_wins(store: Arc<dyn Store>) {
    let stored = token(an_account(&store).await, VERIFICATION, 0);
    committed(&store, async |unit| unit.tokens().insert(&stored).await.unwrap()).await;
    let spent = race(RACERS, async |_| {
        committed(&store, async |unit| unit.tokens().consume(&stored.digest, VERIFICATION, NOW).await.unwrap()).await
    });
    assert_eq!(spent.into_iter().flatten().collect::<Vec<_>>(), [stored]);
}

/// The tokens of an account and purpose are removed and counted; those of another purpose or account stay.
pub(crate) async fn the_tokens_of_one_account_and_purpose_are_removed(store: Arc<dyn Store>) {
    let accounts = some_accounts(&store, 2).await;
    let [account, other] = [accounts[0].id(), accounts[1].id()];
    let kept = [token(account, VERIFICATION, 2), token(other, RESET, 3)];
    committed(&store, async |unit| {
        for token in [token(account, RESET, 0), token(account, RESET, 1)].iter().chain(&kept) {
            unit.tokens().insert(token).await.unwrap();
        }
        assert_eq!(unit.tokens().remove_of_account(account, RESET).await.unwrap(), 2);
        assert_eq!(unit.tokens().remove_of_account(account, RESET).await.unwrap(), 0);
        for number in 0..2 {
            assert_eq!(unit.tokens().consume(&digest(number), RESET, NOW).await.unwrap(), None);
        }
        for token in &kept {
            assert!(unit.tokens().consume(&token.digest, token.purpose, NOW).await.unwrap().is_some());
        }
    })
    .await;
}

/// A purge removes exactly the expired tokens.
pub(crate) async fn a_purge_removes_exactly_the_expired_tokens(store: Arc<dyn Store>) {
    let account = an_account(&store).await;
    let early = NOW - Duration::days(2);
    let expiries = [(NOW - Duration::days(1), false), (NOW, false), (NOW + MICROSECOND, true)];
    committed(&store, async |unit| {
        for (number, (expires_at, _)) in (0..).zip(expiries) {
            unit.tokens().insert(&OneTimeToken { expires_at, ..token(account, RESET, number) }).await.unwrap();
        }
        assert_eq!(unit.tokens().purge_expired(early).await.unwrap(), 0);
        assert_eq!(unit.tokens().purge_expired(NOW).await.unwrap(), 2);
        for (number, (_, is_left)) in (0..).zip(expiries) {
            let spent = unit.tokens().consume(&digest(number), RESET, early).await.unwrap();
            assert_eq!(spent.is_some(), is_left, "token {number}");
        }
    })
    .await;
}

/// One purge removes at most 1000 tokens.
pub(crate) async fn a_purge_removes_at_most_a_thousand_tokens(store: Arc<dyn Store>) {
    let account = an_account(&store).await;
    committed(&store, async |unit| {
        for number in 0..1001 {
            unit.tokens().insert(&token(account, RESET, number)).await.unwrap();
        }
    })
    .await;
    let later = NOW + Duration::days(1);
    purges_in_parts(&store, 1001, async |unit| unit.tokens().purge_expired(later).await.unwrap()).await;
}

/// Expired tokens are purged with their waiting passwords; unexpired tokens stay with theirs.
pub(crate) async fn expired_tokens_with_a_waiting_password_are_purged(store: Arc<dyn Store>) {
    let account = an_account(&store).await;
    let with_password = |number, expires_at| OneTimeToken {
        waiting_password: Some(PasswordHash::new("$2b$10$waiting")),
        expires_at,
        ..token(account, VERIFICATION, number)
    };
    let kept = with_password(2, NOW + MICROSECOND);
    committed(&store, async |unit| {
        unit.tokens().insert(&with_password(0, NOW - Duration::days(1))).await.unwrap();
        unit.tokens().insert(&with_password(1, NOW)).await.unwrap();
        unit.tokens().insert(&kept).await.unwrap();
    })
    .await;
    committed(&store, async |unit| {
        assert_eq!(unit.tokens().purge_expired(NOW).await.unwrap(), 2);
        assert_eq!(unit.tokens().purge_expired(NOW).await.unwrap(), 0);
    })
    .await;
    assert_eq!(store.read().tokens().find(&kept.digest, VERIFICATION, NOW).await.unwrap(), Some(kept));
}
