//! The rule of refresh tokens, in isolation.

use proptest::prelude::*;
use time::{Duration, OffsetDateTime, macros::datetime};
use vestibule_domain::{
    AccountId, AccountStatus, Digest, Owner, Presentation, RefreshRule, RefreshTokenId, Role, Session, SessionId,
    TokenEpoch, TokenUse,
};

use crate::accounts::account;

const NOW: OffsetDateTime = datetime!(2026-03-01 12:00 UTC);

fn session() -> Session {
    let owner = Owner::Account { account: AccountId::new(NOW, [2; 6]), epoch: TokenEpoch::new([3; 16]) };
    Session::begin(SessionId::new(NOW, [1; 6]), owner, NOW)
}

fn key(number: u8) -> Option<Digest> {
    (number > 0).then(|| Digest::new([number; 32]))
}

fn used(session: &Session, counter: u32, key: Option<Digest>, at: OffsetDateTime) -> Presentation {
    session.present(counter, TokenUse::new(key, at), &RefreshRule::default())
}

fn advanced(session: &Session, key: Option<Digest>, at: OffsetDateTime) -> Session {
    assert_eq!(used(session, session.counter, key, at), Presentation::Advance);
    session.clone().advanced(TokenUse::new(key, at))
}

#[test]
fn the_current_token_gives_the_next_one_whatever_the_key() {
    for number in 0..3 {
        let next = advanced(&session(), key(number), NOW + Duration::hours(1));
        assert_eq!((next.counter, next.issued_at()), (1, NOW + Duration::hours(1)));
        assert_eq!(next.expires_at(&RefreshRule::default()), NOW + Duration::hours(1) + Duration::days(7));
    }
}

#[test]
fn a_session_lives_no_longer_than_thirty_days() {
    let mut next = session();
    for days in [6, 12, 18, 24, 29] {
        next = advanced(&next, None, NOW + Duration::days(days));
    }
    assert_eq!(next.expires_at(&RefreshRule::default()), NOW + Duration::days(30));
    assert_eq!(used(&next, 5, None, NOW + Duration::days(30)), Presentation::Expired);
}

#[test]
fn a_clock_that_runs_behind_another_node_s_retries_all_the_same() {
    let next = advanced(&session(), None, NOW + Duration::seconds(5));
    assert_eq!(used(&next, 0, None, NOW), Presentation::Repeat);
}

#[test]
fn the_last_number_there_is_is_no_reason_to_panic() {
    let last = Session { counter: u32::MAX - 1, ..session() };
    let next = advanced(&last, None, NOW);
    assert_eq!(used(&next, u32::MAX - 2, None, NOW), Presentation::Reuse);
}

#[test]
fn a_session_is_read_with_its_own_account_or_none() {
    let active = |number| account([number; 12], Role::User, AccountStatus::Active);
    let (account, other) = (active(1), active(2));
    let owned = Session { owner: Owner::of(&account), ..session() };
    let anonymous = Session { owner: Owner::Anonymous, ..session() };
    for (session, wrong) in [(&owned, Some(&other)), (&owned, None), (&anonymous, Some(&account))] {
        assert_eq!(session.clone().with_account(wrong.cloned()), None);
    }
    for (session, account) in [(owned, Some(account)), (anonymous, None)] {
        let read = session.clone().with_account(account).unwrap();
        assert!(read.is_usable());
        assert_eq!(read.without_account(), session);
    }
}

#[test]
fn the_id_of_a_token_is_read_as_it_is_written_and_no_other_way() {
    let id = RefreshTokenId::new(SessionId::new(NOW, [1; 6]), 7, &Digest::new([0x0F; 32]));
    let text = id.to_string();
    assert_eq!(RefreshTokenId::parse(&text), Ok(id));
    for other in [
        text.to_uppercase(),
        text.replace(".7.", ".07."),
        text.replace(".7.", ".+7."),
        text.replace(".7.", "."),
        format!("{text}."),
        format!("{text}.1"),
        text.replace("0f0f", "f0f"),
        String::new(),
    ] {
        assert!(RefreshTokenId::parse(&other).is_err(), "{other}");
    }
}

proptest! {
    /// The whole rule for a token that is not the current one, against its wording; the clock may be a minute behind.
    #[test]
    fn another_use_is_a_retry_only_of_the_last_use_with_its_key_or_soon_without_one(
        counter in 0u32..6,
        uses in 1u32..5,
        first in 0u8..3,
        second in 0u8..3,
        after in -100_000i64..20_000,
    ) {
        let mut current = session();
        for _ in 0..uses {
            current = advanced(&current, key(first), NOW);
        }
        let at = NOW + Duration::milliseconds(after);
        let is_same_use = first == second && (first > 0 || (-70_000..=10_000).contains(&after));
        let presented = used(&current, counter, key(second), at);
        if counter == uses {
            prop_assert_eq!(presented, Presentation::Advance);
        } else if counter + 1 == uses && is_same_use {
            prop_assert_eq!(presented, Presentation::Repeat);
        } else {
            prop_assert_eq!(presented, Presentation::Reuse);
        }
    }

    #[test]
    fn any_text_is_an_id_only_if_it_is_written_the_same(text in ".{0,80}") {
        if let Ok(id) = RefreshTokenId::parse(&text) {
            prop_assert_eq!(id.to_string(), text);
        }
    }
}
