//! The hasher through its port, at low costs; what bounds it is tested with the pool.

#![expect(clippy::unwrap_used, reason = "test helpers")]

use std::time::{Duration, Instant};

use futures_util::{FutureExt, future::join_all};
use vestibule_bcrypt::{BcryptHasher, BcryptOptions};
use vestibule_domain::{NewPassword, PasswordHash, PasswordRules};
use vestibule_ports::{HashError, PasswordHasher, PasswordMatch};

/// From the test vectors of `crypt_blowfish`, without the prefix.
const OF_U_STAR_U: &str = "05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";

fn hasher(cost: u32) -> BcryptHasher {
    BcryptHasher::new(BcryptOptions { cost, threads: 2, queue: 64, max_wait: Duration::from_mins(1) }).unwrap()
}

fn password(text: &str) -> NewPassword {
    PasswordRules::at_least(0).check(text).unwrap()
}

async fn verify(
    hasher: &BcryptHasher,
    candidate: &str,
    hash: Option<PasswordHash>,
) -> Result<PasswordMatch, HashError> {
    hasher.reserve().await?.verify(candidate, hash).await
}

fn stored(prefix: &str) -> PasswordHash {
    PasswordHash::new(format!("{prefix}{OF_U_STAR_U}"))
}

#[tokio::test]
async fn a_password_matches_its_own_hash_only() {
    let hasher = hasher(4);
    for text in ["correct horse", "", "ünïcödé 🔑", &"x".repeat(72)] {
        let hash = hasher.hash(&password(text)).await.unwrap();
        assert!(hash.expose().starts_with("$2b$04$"));
        assert_eq!(verify(&hasher, text, Some(hash.clone())).await.unwrap(), PasswordMatch::Right, "{text}");
        assert_eq!(verify(&hasher, "other", Some(hash.clone())).await.unwrap(), PasswordMatch::Wrong, "{text}");
        assert_eq!(
            verify(&hasher, &text.to_uppercase().replace("", "x"), Some(hash)).await.unwrap(),
            PasswordMatch::Wrong
        );
    }
}

#[tokio::test]
async fn every_hash_has_its_own_salt() {
    let hasher = hasher(4);
    let (first, second) =
        (hasher.hash(&password("same")).await.unwrap(), hasher.hash(&password("same")).await.unwrap());
    assert_ne!(first.expose(), second.expose());
}

#[tokio::test]
async fn hashes_of_other_implementations_match_and_are_outdated() {
    let hasher = hasher(5);
    for (prefix, expected) in
        [("$2a$", PasswordMatch::Outdated), ("$2y$", PasswordMatch::Outdated), ("$2b$", PasswordMatch::Right)]
    {
        assert_eq!(verify(&hasher, "U*U", Some(stored(prefix))).await.unwrap(), expected, "{prefix}");
        assert_eq!(verify(&hasher, "U*U*", Some(stored(prefix))).await.unwrap(), PasswordMatch::Wrong, "{prefix}");
    }
}

#[tokio::test]
async fn a_hash_of_another_cost_is_outdated() {
    for cost in [4, 6] {
        assert_eq!(verify(&hasher(cost), "U*U", Some(stored("$2b$"))).await.unwrap(), PasswordMatch::Outdated);
        assert_eq!(verify(&hasher(cost), "wrong", Some(stored("$2b$"))).await.unwrap(), PasswordMatch::Wrong);
    }
}

#[tokio::test]
async fn the_imported_hash_of_a_long_password_is_compared_as_every_bcrypt_did() {
    let hasher = hasher(4);
    // Of `密`, the 72nd byte is the last of the 24th; the last one here is cut in its middle.
    let long = format!("x{}", "密".repeat(30));
    let imported = PasswordHash::new(bcrypt::hash(&long, 4).unwrap());
    assert_eq!(verify(&hasher, &long, Some(imported.clone())).await.unwrap(), PasswordMatch::Right);
    assert_eq!(
        verify(&hasher, &format!("x{}", "密".repeat(24)), Some(imported.clone())).await.unwrap(),
        PasswordMatch::Right
    );
    assert_eq!(
        verify(&hasher, &format!("x{}", "密".repeat(23)), Some(imported.clone())).await.unwrap(),
        PasswordMatch::Wrong
    );
    assert_eq!(verify(&hasher, &format!("y{}", "密".repeat(30)), Some(imported)).await.unwrap(), PasswordMatch::Wrong);
    let longest = "x".repeat(72);
    let hash = hasher.hash(&password(&longest)).await.unwrap();
    assert_eq!(verify(&hasher, &"x".repeat(100_000), Some(hash.clone())).await.unwrap(), PasswordMatch::Right);
    assert_eq!(verify(&hasher, &"x".repeat(71), Some(hash)).await.unwrap(), PasswordMatch::Wrong);
}

#[tokio::test]
async fn a_candidate_is_not_cut_at_a_nul() {
    let hasher = hasher(4);
    let short = hasher.hash(&password("short")).await.unwrap();
    assert_eq!(verify(&hasher, "short\0", Some(short.clone())).await.unwrap(), PasswordMatch::Wrong);
    assert_eq!(verify(&hasher, "short\0more", Some(short)).await.unwrap(), PasswordMatch::Wrong);
}

#[tokio::test]
async fn an_impossible_candidate_does_not_match_the_hash_of_an_empty_password() {
    // It is compared as an empty text.
    let hasher = hasher(4);
    let empty = hasher.hash(&password("")).await.unwrap();
    assert_eq!(verify(&hasher, "\0", Some(empty.clone())).await.unwrap(), PasswordMatch::Wrong);
    assert_eq!(verify(&hasher, &"x".repeat(73), Some(empty)).await.unwrap(), PasswordMatch::Wrong);
}

#[tokio::test]
async fn an_unknown_account_and_an_impossible_candidate_cost_a_comparison() {
    let hasher = hasher(9);
    let hash = hasher.hash(&password("password")).await.unwrap();
    let mut times = Vec::new();
    let too_long = "x".repeat(73);
    for (candidate, hash) in
        [("wrong", Some(hash.clone())), ("wrong", None), (&too_long, Some(hash)), (&too_long, None)]
    {
        let start = Instant::now();
        assert_eq!(verify(&hasher, candidate, hash).await.unwrap(), PasswordMatch::Wrong);
        times.push(start.elapsed());
    }
    // Answered without a comparison it would be a thousandth; other tests running may make it several times.
    assert!(times[1..].iter().all(|time| *time > times[0] / 20), "{times:?}");
}

#[tokio::test]
async fn a_wrong_password_for_a_hash_of_a_lower_cost_takes_as_long_as_an_unknown_account() {
    let hash = hasher(4).hash(&password("password")).await.unwrap();
    let hasher = hasher(11);
    let mut times = Vec::new();
    for hash in [None, Some(hash)] {
        let start = Instant::now();
        assert_eq!(verify(&hasher, "wrong", hash).await.unwrap(), PasswordMatch::Wrong);
        times.push(start.elapsed());
    }
    // Left alone it would be a hundredth; other tests running may make it several times.
    assert!(times[1] > times[0] / 20, "{times:?}");
}

#[tokio::test]
async fn a_hash_of_another_kind_takes_as_long_as_an_unknown_account() {
    let hasher = hasher(11);
    let mut times = Vec::new();
    for hash in [None, Some(PasswordHash::new("$argon2id$v=19$m=1"))] {
        let start = Instant::now();
        verify(&hasher, "wrong", hash).await.unwrap();
        times.push(start.elapsed());
    }
    // Left alone it would be no time at all; other tests running may make it several times.
    assert!(times[1] > times[0] / 20, "{times:?}");
}

#[tokio::test]
async fn hashes_of_another_kind_equal_no_password() {
    let hasher = hasher(4);
    for hash in [
        "",
        "$2b$",
        "plain",
        "$argon2id$v=19$m=1",
        "$2b$04$short",
        "$2b$xx$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "$2b$04$é",
    ] {
        let result = verify(&hasher, "U*U", Some(PasswordHash::new(hash))).await;
        assert!(matches!(result, Ok(PasswordMatch::Unusable(_))), "{hash}");
    }
    let defective = verify(&hasher, "U*U", Some(stored("$2x$"))).await;
    assert!(matches!(defective, Ok(PasswordMatch::Unusable(_))));
}

#[tokio::test]
async fn a_cost_that_would_hold_a_thread_for_hours_is_not_compared_with() {
    let hasher = hasher(4);
    for cost in ["17", "31", "32", "99", "03", "00"] {
        let hash = PasswordHash::new(format!("$2b${cost}{}", &OF_U_STAR_U[2..]));
        let result = verify(&hasher, "U*U", Some(hash)).await;
        assert!(matches!(result, Ok(PasswordMatch::Unusable(_))), "{cost}");
    }
}

#[tokio::test]
async fn more_than_the_queue_takes_are_refused() {
    let options = BcryptOptions { cost: 8, threads: 1, queue: 2, max_wait: Duration::from_mins(1) };
    let hasher = BcryptHasher::new(options).unwrap();
    let password = password("password");
    let results = join_all((0..20).map(|_| hasher.hash(&password))).await;
    let done = results.iter().filter(|result| result.is_ok()).count();
    let refused = results.iter().filter(|result| matches!(result, Err(HashError::Overloaded))).count();
    assert!(done >= 2 && refused >= 1 && done + refused == 20, "{done} hashed, {refused} refused");
    assert_eq!(hasher.queued(), 0);
}

#[tokio::test]
async fn a_turn_is_refused_at_once_where_too_many_wait_and_given_back_when_dropped() {
    let options = BcryptOptions { cost: 4, threads: 1, queue: 1, max_wait: Duration::from_mins(1) };
    let hasher = BcryptHasher::new(options).unwrap();
    let turn = hasher.reserve().await.unwrap();
    let mut waiting = Box::pin(hasher.reserve());
    assert!((&mut waiting).now_or_never().is_none());
    assert_eq!(hasher.queued(), 1);
    let refused = hasher.reserve().now_or_never().expect("an answer at once");
    assert!(matches!(refused, Err(HashError::Overloaded)));
    drop(turn);
    assert_eq!(waiting.await.unwrap().verify("U*U", Some(stored("$2b$"))).await.unwrap(), PasswordMatch::Outdated);
}

#[test]
fn what_cannot_work_is_refused_at_start() {
    let good = BcryptOptions { cost: 4, ..BcryptOptions::default() };
    assert!(BcryptHasher::new(good).is_ok());
    for options in [
        BcryptOptions { cost: 3, ..good },
        BcryptOptions { cost: 17, ..good },
        BcryptOptions { threads: 0, ..good },
        BcryptOptions { queue: 0, ..good },
    ] {
        assert!(BcryptHasher::new(options).is_err(), "{options:?}");
    }
}
