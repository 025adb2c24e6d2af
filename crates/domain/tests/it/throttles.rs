use proptest::prelude::*;
use time::{Duration, OffsetDateTime, macros::datetime};
use vestibule_domain::{
    ThrottleRule,
    throttle::{ThrottleState, Throttled},
};

const NOW: OffsetDateTime = datetime!(2026-03-01 12:00:00 UTC);

fn rules() -> impl Strategy<Value = ThrottleRule> {
    (1_i64..600, 0_u32..6, [0_i64..60, 0..60, 0..60], 1_u32..10).prop_map(|(window, free, waits, limit)| ThrottleRule {
        window: Duration::seconds(window),
        free,
        waits: waits.map(Duration::seconds),
        limit,
    })
}

/// Tries at these distances from each other; the times and outcomes.
fn tries(rule: &ThrottleRule, steps: &[i64]) -> Vec<(OffsetDateTime, Result<ThrottleState, Throttled>)> {
    let (mut state, mut now) = (None, NOW);
    steps
        .iter()
        .map(|step| {
            now += Duration::seconds(*step);
            let taken = ThrottleState::take(state, rule, now);
            state = taken.ok().or(state);
            (now, taken)
        })
        .collect()
}

proptest! {
    #[test]
    fn no_window_grants_more_than_the_limit(rule in rules(), steps in prop::collection::vec(0_i64..100, 1..60)) {
        for (_, taken) in tries(&rule, &steps) {
            prop_assert!(taken.is_ok_and(|state| state.count <= rule.limit) || taken.is_err());
        }
    }

    #[test]
    fn a_refusal_names_the_moment_from_which_a_take_is_granted(rule in rules(), steps in prop::collection::vec(0_i64..100, 1..60)) {
        let mut state = None;
        for (now, taken) in tries(&rule, &steps) {
            match taken {
                Ok(granted) => state = Some(granted),
                Err(Throttled { until }) => {
                    prop_assert!(until > now);
                    // A window that ends sooner lets a take through before the wait is over.
                    let first = state.map_or(until, |state| until.min(state.window_ends_at));
                    prop_assert!(ThrottleState::take(state, &rule, first - Duration::MICROSECOND).is_err());
                    prop_assert!(ThrottleState::take(state, &rule, first).is_ok());
                    prop_assert!(ThrottleState::take(state, &rule, until).is_ok());
                }
            }
        }
    }

    #[test]
    fn granted_takes_keep_the_waits(rule in rules(), steps in prop::collection::vec(0_i64..100, 1..60)) {
        let granted = tries(&rule, &steps).into_iter().filter_map(|(now, taken)| taken.ok().map(|state| (now, state)));
        let granted: Vec<_> = granted.collect();
        for pair in granted.windows(2) {
            let ((before, first), (after, second)) = (pair[0], pair[1]);
            if second.window_ends_at == first.window_ends_at && first.count + 1 == second.count {
                prop_assert!(after - before >= rule.wait_after(first.count));
            } else {
                prop_assert_eq!(second.count, 1);
                prop_assert!(after >= first.window_ends_at);
            }
        }
    }
}

#[test]
fn password_guesses_wait_longer_and_longer_until_the_account_is_closed() {
    let rule = ThrottleRule::SIGN_IN;
    let (mut state, mut now, mut waits) = (None, NOW, Vec::new());
    for _ in 0..rule.limit {
        let taken = ThrottleState::take(state, &rule, now).unwrap();
        waits.push((taken.blocked_until - now).whole_seconds());
        (state, now) = (Some(taken), taken.blocked_until);
    }
    assert_eq!(waits[..8], [0, 0, 0, 0, 3, 10, 60, 60]);
    assert!(waits[8..99].iter().all(|wait| *wait == 60));
    assert_eq!(now, NOW + Duration::hours(24), "the hundredth closes the account until the window ends");
}

#[test]
fn counted_rules_grant_so_many_at_once() {
    for (rule, count) in [
        (ThrottleRule::CODE_TRIES, 10),
        (ThrottleRule::MAIL_INTERVAL, 1),
        (ThrottleRule::MAIL_HOURLY, 5),
        (ThrottleRule::MAIL_DAILY, 10),
    ] {
        let outcomes = tries(&rule, &[0; 20]);
        assert_eq!(outcomes.iter().filter(|(_, taken)| taken.is_ok()).count(), count);
        assert_eq!(outcomes[19].1, Err(Throttled { until: NOW + rule.window }));
    }
}

#[test]
fn retry_after_is_in_whole_seconds_rounded_up() {
    let throttled = Throttled { until: NOW };
    for (before, seconds) in [
        (Duration::ZERO, 1),
        (Duration::milliseconds(1), 1),
        (Duration::milliseconds(1000), 1),
        (Duration::milliseconds(1001), 2),
        (Duration::hours(24), 86_400),
        (-Duration::hours(1), 1),
    ] {
        assert_eq!(throttled.retry_after(NOW - before), seconds, "{before}");
    }
}
