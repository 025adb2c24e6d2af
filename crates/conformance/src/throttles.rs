//! Promises of throttles.

use std::{collections::HashMap, sync::Arc};

use time::{Duration, OffsetDateTime};
use vestibule_domain::{ThrottleRule, throttle::ThrottleState};
use vestibule_ports::{RandomnessExt, Store};
use vestibule_testkit::SeededRandomness;

use crate::support::{MICROSECOND, NANOSECONDS, NOW, RACERS, committed, dropped, purges_in_parts, race, read_before};

/// Whatever the rules, times (also backwards) and roll-backs, a take does what [`ThrottleState::take`] does.
pub(crate) async fn takes_do_what_the_domain_says(store: Arc<dyn Store>) {
    for seed in 0..8 {
        let dice = Dice(SeededRandomness::new(seed));
        let mut model = HashMap::new();
        let mut now = NOW;
        for unit_number in 0..12 {
            let mut changed = model.clone();
            let mut unit = store.write().await.unwrap();
            for _ in 0..=dice.below(4) {
                let key = format!("seed-{seed}:{}", ["a", "A", "a ", "ключ"][usize::try_from(dice.below(4)).unwrap()]);
                if dice.below(12) == 0 {
                    unit.throttles().reset(&key).await.unwrap();
                    changed.remove(&key);
                    continue;
                }
                let rule = dice.rule();
                now += dice.duration(25) - Duration::seconds(5);
                if dice.below(16) == 0 {
                    now -= Duration::days(2);
                }
                let expected = ThrottleState::take(changed.get(&key).copied(), &rule, now);
                let taken = unit.throttles().take(&key, &rule, now).await.unwrap();
                assert_eq!(taken, expected, "seed {seed}, unit {unit_number}: {rule:?} at {now} on {changed:?}");
                if let Some(state) = ThrottleState::left_by(expected) {
                    changed.insert(key, state);
                }
            }
            if dice.below(4) > 0 {
                unit.commit().await.unwrap();
                model = changed;
            }
        }
    }
}

/// Random numbers, rules and times.
struct Dice(SeededRandomness);

impl Dice {
    fn below(&self, end: u32) -> u32 {
        u32::from_be_bytes(self.0.bytes()) % end
    }

    /// Less than this many seconds, in microseconds.
    fn duration(&self, seconds: u32) -> Duration {
        Duration::microseconds(self.below(seconds * 1_000_000).into())
    }

    fn rule(&self) -> ThrottleRule {
        ThrottleRule {
            window: self.duration(120) + MICROSECOND,
            free: self.below(4),
            waits: [(); 3].map(|()| if self.below(4) == 0 { Duration::ZERO } else { self.duration(20) }),
            limit: 1 + self.below(8),
        }
    }
}

/// The rules in use do what the domain says over their whole length, including closed keys and new windows.
pub(crate) async fn the_rules_in_use_do_what_the_domain_says(store: Arc<dyn Store>) {
    for (key, rule) in [
        ("sign-in", ThrottleRule::SIGN_IN),
        ("code-tries", ThrottleRule::CODE_TRIES),
        ("mail-interval", ThrottleRule::MAIL_INTERVAL),
        ("mail-hourly", ThrottleRule::MAIL_HOURLY),
        ("mail-daily", ThrottleRule::MAIL_DAILY),
    ] {
        let (mut state, mut now) = (None, NOW);
        let mut unit = store.write().await.unwrap();
        for _ in 0..2 * rule.limit + 12 {
            let expected = ThrottleState::take(state, &rule, now);
            assert_eq!(unit.throttles().take(key, &rule, now).await.unwrap(), expected, "{key} at {now} on {state:?}");
            match expected {
                Ok(taken) => state = Some(taken),
                Err(throttled) => now = throttled.until,
            }
        }
        unit.commit().await.unwrap();
    }
}

/// When many units take a new key at once, exactly as many are granted as the rule allows.
pub(crate) async fn many_takes_at_once_are_granted_exactly_by_the_rule(store: Arc<dyn Store>) {
    let waiting = ThrottleRule { free: 2, ..ThrottleRule::SIGN_IN };
    for (key, rule, granted) in [
        ("five", ThrottleRule::counted(5, Duration::hours(1)), 5),
        ("all", ThrottleRule::counted(99, Duration::hours(1)), RACERS),
        ("wait", waiting, 3),
    ] {
        let takes = race(RACERS, async |_| {
            committed(&store, async |unit| unit.throttles().take(key, &rule, NOW).await.unwrap()).await
        });
        let mut counts: Vec<_> = takes.iter().flatten().map(|state| state.count).collect();
        counts.sort_unstable();
        assert_eq!(counts, (1..).take(granted).collect::<Vec<_>>(), "{key}");
        let end = takes.iter().flatten().map(|state| state.blocked_until).max().unwrap();
        for refused in takes.iter().filter_map(|take| take.err()) {
            assert_eq!(Some(refused.until), end, "{key}");
        }
    }
}

/// Takes that impose no wait are all granted and each counted once, in whatever order clocks were read and however far they
/// differ.
pub(crate) async fn takes_whose_clocks_were_read_out_of_order_are_all_granted(store: Arc<dyn Store>) {
    let racers = u32::try_from(RACERS).unwrap();
    let rule = ThrottleRule { free: racers, ..ThrottleRule::SIGN_IN };
    for key in ["first", "second", "third"] {
        let takes = race(RACERS, async |racer| {
            let now = read_before(racer);
            committed(&store, async |unit| unit.throttles().take(key, &rule, now).await.unwrap()).await
        });
        let mut counts: Vec<_> = takes.iter().map(|taken| taken.unwrap().count).collect();
        counts.sort_unstable();
        assert_eq!(counts, (1..=racers).collect::<Vec<_>>(), "{key}");
    }
}

/// A state stored by a clock that was ahead is clipped by the first take that it refuses, permanently if that unit commits.
pub(crate) async fn a_clipped_wait_stays_clipped(store: Arc<dyn Store>) {
    let rule = ThrottleRule::MAIL_INTERVAL;
    let ahead = NOW + Duration::days(2);
    committed(&store, async |unit| unit.throttles().take("key", &rule, ahead).await.unwrap().unwrap()).await;
    dropped(&store, async |unit| unit.throttles().take("key", &rule, NOW - Duration::hours(1)).await.unwrap())
        .await
        .unwrap_err();
    let refused = committed(&store, async |unit| unit.throttles().take("key", &rule, NOW).await.unwrap()).await;
    assert_eq!(refused.unwrap_err().until, NOW + rule.window);
    committed(&store, async |unit| {
        let almost = NOW + rule.window - MICROSECOND;
        let refused = unit.throttles().take("key", &rule, almost).await.unwrap().unwrap_err();
        assert_eq!((refused.until, refused.clipped), (NOW + rule.window, None));
        assert_eq!(unit.throttles().take("key", &rule, NOW + rule.window).await.unwrap().unwrap().count, 1);
    })
    .await;
}

/// A reset key begins anew; other keys stay.
pub(crate) async fn a_reset_key_begins_anew(store: Arc<dyn Store>) {
    let rule = ThrottleRule::counted(1, Duration::hours(1));
    committed(&store, async |unit| {
        for key in ["one", "other"] {
            assert!(unit.throttles().take(key, &rule, NOW).await.unwrap().is_ok());
        }
    })
    .await;
    committed(&store, async |unit| {
        unit.throttles().reset("one").await.unwrap();
        unit.throttles().reset("unknown").await.unwrap();
    })
    .await;
    committed(&store, async |unit| {
        assert!(unit.throttles().take("one", &rule, NOW).await.unwrap().is_ok());
        assert!(unit.throttles().take("other", &rule, NOW).await.unwrap().is_err());
    })
    .await;
}

/// A purge forgets exactly the keys whose window has ended.
pub(crate) async fn a_purge_forgets_exactly_the_ended_windows(store: Arc<dyn Store>) {
    let rule = ThrottleRule::counted(9, Duration::hours(1));
    let end = NOW + rule.window;
    let begins = [("past", NOW - Duration::days(1), 1), ("just", NOW, 1), ("not-yet", NOW + MICROSECOND, 2)];
    committed(&store, async |unit| {
        for (key, at, _) in begins {
            unit.throttles().take(key, &rule, at).await.unwrap().unwrap();
        }
        assert_eq!(unit.throttles().purge_ended(NOW - Duration::days(2)).await.unwrap(), 0);
        assert_eq!(unit.throttles().purge_ended(end).await.unwrap(), 2);
        for (key, at, count) in begins {
            assert_eq!(unit.throttles().take(key, &rule, at).await.unwrap().unwrap().count, count, "{key}");
        }
    })
    .await;
}

/// One purge forgets at most 1000 keys.
pub(crate) async fn a_purge_forgets_at_most_a_thousand_keys(store: Arc<dyn Store>) {
    let rule = ThrottleRule::counted(9, Duration::hours(1));
    committed(&store, async |unit| {
        for number in 0..1001 {
            unit.throttles().take(&format!("key-{number}"), &rule, NOW).await.unwrap().unwrap();
        }
    })
    .await;
    let later: OffsetDateTime = NOW + Duration::days(1);
    purges_in_parts(&store, 1001, async |unit| unit.throttles().purge_ended(later).await.unwrap()).await;
}

/// The time of a take is cut to microseconds: the state is that of the whole microsecond, also when it is read again.
pub(crate) async fn the_time_of_a_take_is_cut_to_microseconds(store: Arc<dyn Store>) {
    let rule = ThrottleRule::counted(3, Duration::microseconds(10));
    let mut expected = None;
    for turn in 0..4 {
        let now = NOW + MICROSECOND * turn;
        let taken = ThrottleState::take(expected, &rule, now);
        let stored = committed(&store, async |unit| unit.throttles().take("key", &rule, now + NANOSECONDS).await).await;
        assert_eq!(stored.unwrap(), taken, "turn {turn}");
        expected = ThrottleState::left_by(taken).or(expected);
    }
    let end = expected.unwrap().window_ends_at;
    committed(&store, async |unit| {
        assert_eq!(unit.throttles().purge_ended(end - MICROSECOND + NANOSECONDS).await.unwrap(), 0);
        assert_eq!(unit.throttles().purge_ended(end).await.unwrap(), 1);
    })
    .await;
}
