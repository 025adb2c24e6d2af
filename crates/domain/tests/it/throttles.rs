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

/// Tries at these intervals; the times and outcomes.
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
                Err(Throttled { until, clipped }) => {
                    prop_assert!(until > now);
                    prop_assert_eq!(clipped, None, "the clock only went on");
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

proptest! {
    #[test]
    fn takes_that_impose_no_wait_are_granted_in_whatever_order_their_clocks_were_read(
        skews in prop::collection::vec(-5_000_000_i64..5_000_000, 1..=10),
    ) {
        let rule = ThrottleRule::counted(10, Duration::hours(24));
        let mut state = None;
        for (count, skew) in (1..).zip(skews) {
            let taken = ThrottleState::take(state, &rule, NOW + Duration::microseconds(skew));
            prop_assert_eq!(taken.map(|state| state.count), Ok(count));
            state = taken.ok();
        }
    }

    #[test]
    fn no_refusal_lasts_longer_than_the_rule_whatever_clock_wrote_the_state(
        rule in rules(),
        steps in prop::collection::vec(-200_000_i64..200_000, 1..60),
    ) {
        let (mut state, mut now) = (None, NOW);
        for step in steps {
            now += Duration::seconds(step);
            match ThrottleState::take(state, &rule, now) {
                Ok(granted) => state = Some(granted),
                Err(Throttled { until, clipped }) => {
                    let longest = rule.waits.iter().copied().max().unwrap_or_default().max(rule.window);
                    prop_assert!(until > now && until - now <= longest);
                    state = clipped.or(state);
                    let count = state.map(|state| state.count);
                    prop_assert!(ThrottleState::take(state, &rule, until).is_ok_and(|next| Some(next.count) > count || next.count == 1));
                }
            }
        }
    }
}

#[test]
fn a_window_of_a_clock_that_was_ahead_is_clipped_and_its_count_kept() {
    let ahead = NOW + Duration::days(2);
    let rule = ThrottleRule::MAIL_INTERVAL;
    let written = ThrottleState::take(None, &rule, ahead).unwrap();
    let refused = ThrottleState::take(Some(written), &rule, NOW).unwrap_err();
    let end = NOW + rule.window;
    let clipped = ThrottleState { count: 1, window_ends_at: end, blocked_until: Some(end) };
    assert_eq!(refused, Throttled { until: end, clipped: Some(clipped) });
    assert_eq!(refused.retry_after(NOW), 60);
    assert_eq!(ThrottleState::take(Some(clipped), &rule, end).unwrap().count, 1);

    let rule = ThrottleRule::SIGN_IN;
    let mut written = None;
    for _ in 0..5 {
        written = ThrottleState::take(written, &rule, ahead).ok();
    }
    let refused = ThrottleState::take(written, &rule, NOW).unwrap_err();
    assert_eq!(refused.until, NOW + Duration::seconds(3));
    let next = ThrottleState::take(refused.clipped, &rule, refused.until).unwrap();
    assert_eq!((next.count, next.window_ends_at), (6, NOW + rule.window));
}

#[test]
fn password_guesses_wait_longer_and_longer_until_the_account_is_closed() {
    let rule = ThrottleRule::SIGN_IN;
    let (mut state, mut now, mut waits) = (None, NOW, Vec::new());
    for _ in 0..rule.limit {
        let taken = ThrottleState::take(state, &rule, now).unwrap();
        let granted_from = taken.blocked_until.unwrap_or(now);
        waits.push((granted_from - now).whole_seconds());
        (state, now) = (Some(taken), granted_from);
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
        assert_eq!(outcomes[19].1, Err(Throttled { until: NOW + rule.window, clipped: None }));
    }
}

#[test]
fn retry_after_is_in_whole_seconds_rounded_up() {
    let throttled = Throttled { until: NOW, clipped: None };
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
