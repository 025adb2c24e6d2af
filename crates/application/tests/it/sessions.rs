//! Refresh tokens: who goes on, and who is found out.

use time::Duration;
use vestibule_application::{
    Caller, Language, Operator, Policy, Principal,
    accounts::{AccountChange, AuthenticateError, NewStatus, PresentedInSession},
    events::ListEvents,
    own_account::ChangeOwnPassword,
    sessions::{RefreshError, UseRefreshToken},
    sign_in::{Identifier, MailboxProof, SignInWithPassword},
};
use vestibule_domain::{Account, Actor, EventKind, Owner, RefreshRule, RefreshTokenId, Role, Session};

use crate::support::{PASSWORD, World, origin, password};

pub(crate) const ALICE: &str = "alice@example.com";

impl World {
    /// Signs Alice in so that a session begins, and gives its first token.
    pub(crate) async fn begin(&self) -> (Account, RefreshTokenId) {
        let input = SignInWithPassword {
            origin: origin(1),
            identifier: Identifier::email(ALICE),
            password: PASSWORD.to_owned(),
            proof: MailboxProof::NotNeeded,
            least_role: Role::User,
            refreshable: true,
        };
        let signed_in = self.app.sign_in_with_password(input).await.unwrap();
        (signed_in.account, signed_in.refresh.unwrap().id)
    }

    pub(crate) async fn refresh(
        &self,
        token: RefreshTokenId,
        key: Option<&str>,
    ) -> Result<RefreshTokenId, RefreshError> {
        let input = UseRefreshToken { origin: origin(9), token, retry_key: key.map(str::to_owned) };
        Ok(self.app.use_refresh_token(input).await?.refresh.id)
    }

    pub(crate) async fn access(&self, account: &Account, token: RefreshTokenId) -> Result<Caller, AuthenticateError> {
        let presented = PresentedInSession { account: account.id(), session: token.session };
        self.app.authenticate_in_session(presented, origin(1)).await
    }
}

async fn with_session() -> (World, Account, RefreshTokenId) {
    let world = World::unlimited();
    world.register(ALICE).await.unwrap();
    let (account, token) = world.begin().await;
    (world, account, token)
}

fn is_reuse(outcome: &Result<RefreshTokenId, RefreshError>) -> bool {
    matches!(outcome, Err(RefreshError::Reused))
}

fn is_ended(outcome: &Result<RefreshTokenId, RefreshError>) -> bool {
    matches!(outcome, Err(RefreshError::Ended))
}

#[tokio::test]
async fn each_use_gives_another_token_of_the_session() {
    let (world, _, mut token) = with_session().await;
    for number in 1..50 {
        world.advance(Duration::minutes(29));
        let next = world.refresh(token, None).await.unwrap();
        assert_eq!((next.session, next.counter), (token.session, number));
        assert_ne!(next.tag, token.tag);
        token = next;
    }
}

#[tokio::test]
async fn a_retry_with_the_same_key_gets_the_same_successor_even_days_later() {
    let (world, _, token) = with_session().await;
    let next = world.refresh(token, Some("once")).await.unwrap();
    for _ in 0..3 {
        world.advance(Duration::days(2));
        assert_eq!(world.refresh(token, Some("once")).await.unwrap(), next);
    }
}

#[tokio::test]
async fn a_retry_without_a_key_counts_as_one_for_ten_seconds() {
    let (world, _, token) = with_session().await;
    let next = world.refresh(token, None).await.unwrap();
    world.advance(Duration::seconds(10));
    assert_eq!(world.refresh(token, None).await.unwrap(), next);
    world.advance(Duration::microseconds(1));
    assert!(is_reuse(&world.refresh(token, None).await));
    assert!(is_ended(&world.refresh(next, None).await), "the successor ended with its session");
}

#[tokio::test]
async fn another_key_or_none_or_one_where_there_was_none_is_another_use() {
    for (first, second) in [(Some("a"), Some("b")), (Some("a"), None), (None, Some("a"))] {
        let (world, account, token) = with_session().await;
        let next = world.refresh(token, first).await.unwrap();
        assert!(is_reuse(&world.refresh(token, second).await), "{first:?} then {second:?}");
        assert!(is_ended(&world.refresh(next, None).await));
        assert!(world.access(&account, next).await.is_err(), "access tokens of the session ended too");
    }
}

#[tokio::test]
async fn once_the_successor_was_used_no_retry_is_one() {
    let (world, _, token) = with_session().await;
    let next = world.refresh(token, Some("once")).await.unwrap();
    let third = world.refresh(next, Some("twice")).await.unwrap();
    assert!(is_reuse(&world.refresh(token, Some("once")).await));
    assert!(is_ended(&world.refresh(third, None).await));
}

#[tokio::test]
async fn a_reuse_is_recorded_once_with_where_it_came_from() {
    let (world, account, token) = with_session().await;
    world.refresh(token, Some("a")).await.unwrap();
    assert!(is_reuse(&world.refresh(token, Some("b")).await));
    assert!(is_ended(&world.refresh(token, Some("b")).await));
    let events = world.events(Some(account.id())).await;
    let reuses: Vec<_> = events.iter().filter(|event| event.kind == EventKind::RefreshReuse).collect();
    assert_eq!(reuses.len(), 1);
    assert_eq!((reuses[0].actor, reuses[0].origin.as_ref()), (Actor::Anyone, Some(&origin(9))));
}

#[tokio::test]
async fn a_token_of_a_history_that_the_store_has_lost_counts_as_a_copy() {
    let (world, _, token) = with_session().await;
    let next = world.refresh(token, Some("a")).await.unwrap();
    for lost in [RefreshTokenId { tag: next.tag ^ 1, ..next }, RefreshTokenId { counter: 7, ..next }] {
        let (world, _, token) = with_session().await;
        let current = world.refresh(token, Some("a")).await.unwrap();
        let lost = RefreshTokenId { session: current.session, ..lost };
        assert!(is_reuse(&world.refresh(lost, None).await));
        assert!(is_ended(&world.refresh(current, None).await));
    }
}

#[tokio::test]
async fn a_session_ends_seven_days_after_its_last_use() {
    let (world, _, token) = with_session().await;
    world.advance(Duration::days(7) - Duration::seconds(1));
    let next = world.refresh(token, None).await.unwrap();
    world.advance(Duration::days(7));
    assert!(is_ended(&world.refresh(next, None).await));
}

#[tokio::test]
async fn a_session_ends_thirty_days_after_the_sign_in_however_often_it_is_used() {
    let (world, _, mut token) = with_session().await;
    for _ in 1..30 {
        world.advance(Duration::days(1));
        token = world.refresh(token, None).await.unwrap();
    }
    world.advance(Duration::days(1));
    assert!(is_ended(&world.refresh(token, None).await));
}

#[tokio::test]
async fn the_least_recently_used_of_twenty_sessions_makes_room() {
    let (world, _, used) = with_session().await;
    let mut sessions = Vec::new();
    for _ in 0..19 {
        world.advance(Duration::minutes(1));
        sessions.push(world.begin().await.1);
    }
    world.advance(Duration::minutes(1));
    let used = world.refresh(used, None).await.unwrap();
    world.begin().await;
    assert!(is_ended(&world.refresh(sessions[0], None).await));
    assert!(world.refresh(used, None).await.is_ok());
    assert!(world.refresh(sessions[1], None).await.is_ok());
}

#[tokio::test]
async fn the_rule_is_the_policy_s() {
    let refresh = RefreshRule { idle: Duration::hours(1), per_account: 1, ..RefreshRule::default() };
    let world = World::with(Policy { limits: false, refresh, ..Policy::default() });
    world.register(ALICE).await.unwrap();
    let first = world.begin().await.1;
    let second = world.begin().await.1;
    assert!(is_ended(&world.refresh(first, None).await), "one session an account");
    world.advance(Duration::hours(1));
    assert!(is_ended(&world.refresh(second, None).await), "an hour");
}

#[tokio::test]
async fn whatever_ends_the_tokens_of_an_account_ends_its_sessions() {
    let (world, account, token) = with_session().await;
    let caller = world.access(&account, token).await.unwrap();
    world.app.end_own_tokens(&caller).await.unwrap();
    assert!(is_ended(&world.refresh(token, None).await));
    assert!(matches!(world.access(&account, token).await, Err(AuthenticateError::Revoked)));
}

#[tokio::test]
async fn a_new_password_ends_every_session_but_the_one_it_was_set_by() {
    let (world, account, own) = with_session().await;
    let other = world.begin().await.1;
    let caller = world.access(&account, own).await.unwrap();
    let input =
        ChangeOwnPassword { current: PASSWORD.to_owned(), new: password("battery staple"), language: Language::French };
    world.app.change_own_password(&caller, input).await.unwrap();
    assert!(world.access(&account, own).await.is_ok());
    assert!(world.refresh(own, None).await.is_ok());
    assert!(world.access(&account, other).await.is_err());
    assert!(is_ended(&world.refresh(other, None).await));
}

#[tokio::test]
async fn a_disabled_account_refreshes_nothing() {
    let (world, account, token) = with_session().await;
    let disable = AccountChange::status(NewStatus::Suspended);
    world.app.change_account(Operator::at_the_console().authority_over(account.id()), disable).await.unwrap();
    assert!(is_ended(&world.refresh(token, None).await));
}

#[tokio::test]
async fn a_locked_account_refreshes_again_when_it_is_enabled() {
    let (world, mut account, token) = with_session().await;
    for (locked, change) in [(true, Account::lock as fn(&mut Account, _)), (false, Account::enable)] {
        change(&mut account, world.app.core().now());
        let mut unit = world.store.write().await.unwrap();
        assert!(unit.accounts().update(&account).await.unwrap());
        unit.commit().await.unwrap();
        let outcome = world.refresh(token, None).await;
        assert_eq!((is_ended(&outcome), outcome.is_ok()), (locked, !locked), "{outcome:?}");
    }
}

#[tokio::test]
async fn many_sessions_that_refresh_at_once_each_get_their_own_successor() {
    let (world, _, first) = with_session().await;
    let mut tokens = vec![first];
    for _ in 0..19 {
        tokens.push(world.begin().await.1);
    }
    for round in 1..4 {
        let uses = tokens.iter().map(|token| world.refresh(*token, None));
        let successors: Result<Vec<_>, _> = futures_util::future::join_all(uses).await.into_iter().collect();
        let successors = successors.unwrap();
        for (token, successor) in tokens.iter().zip(&successors) {
            assert_eq!((successor.session, successor.counter), (token.session, round));
        }
        tokens = successors;
    }
}

#[tokio::test]
async fn signing_out_ends_every_session_of_the_account() {
    let (world, account, token) = with_session().await;
    let other = world.begin().await.1;
    let caller = world.access(&account, token).await.unwrap();
    world.app.sign_out(&caller).await.unwrap();
    for ended in [token, other] {
        assert!(is_ended(&world.refresh(ended, None).await));
        assert!(world.access(&account, ended).await.is_err());
    }
}

#[tokio::test]
async fn an_access_token_is_of_no_use_for_another_account() {
    let (world, _, token) = with_session().await;
    let bob = world.register("bob@example.com").await.unwrap().account;
    assert!(matches!(world.access(&bob, token).await, Err(AuthenticateError::Revoked)));
}

#[tokio::test]
async fn an_anonymous_session_is_no_session_of_an_account() {
    let (world, account, token) = with_session().await;
    world.make_anonymous(token).await;
    assert!(matches!(world.access(&account, token).await, Err(AuthenticateError::Revoked)));
    for _ in 0..2 {
        assert!(is_ended(&world.refresh(token, Some("once")).await), "its first use and a retry");
    }
    assert!(matches!(world.access(&account, token).await, Err(AuthenticateError::Revoked)));
}

#[tokio::test]
async fn a_copied_token_ends_an_anonymous_session_too() {
    let (world, _, token) = with_session().await;
    world.make_anonymous(token).await;
    assert!(is_reuse(&world.refresh(RefreshTokenId { tag: token.tag ^ 1, ..token }, None).await));
    assert_eq!(world.store.read().sessions().find(token.session).await.unwrap(), None);
    let events = world.events(None).await;
    let reuse = events.iter().find(|event| event.kind == EventKind::RefreshReuse).unwrap();
    assert_eq!(reuse.account, None);
}

#[tokio::test]
async fn tidying_up_removes_expired_sessions_and_old_events() {
    let (world, account, token) = with_session().await;
    world.advance(Duration::days(91));
    world.app.tidy_up().await.unwrap();
    assert!(world.store.read().sessions().find(token.session).await.unwrap().is_none());
    assert_eq!(world.events(Some(account.id())).await, []);
}

#[tokio::test]
async fn a_session_makes_a_caller_of_its_account_and_a_visitor_without_one() {
    let (world, account, token) = with_session().await;
    let identified = world.app.identify(token.session, origin(1)).await.unwrap();
    assert_eq!(identified.caller().unwrap().id(), account.id());
    world.make_anonymous(token).await;
    let Principal::Anonymous(visitor) = world.app.identify(token.session, origin(1)).await.unwrap() else {
        panic!("it has no account");
    };
    assert_eq!(visitor.session(), token.session);
    assert!(world.access(&account, token).await.is_err(), "a token that names an account");
}

impl World {
    pub(crate) async fn events(
        &self,
        account: Option<vestibule_domain::AccountId>,
    ) -> Vec<vestibule_domain::SecurityEvent> {
        let input = ListEvents { account, before: None, limit: 1000 };
        self.app.list_events(Operator::at_the_console(), input).await.unwrap()
    }

    /// Takes the account away from a session, as no use case does.
    async fn make_anonymous(&self, token: RefreshTokenId) {
        let found = self.store.read().sessions().find(token.session).await.unwrap().unwrap();
        let anonymous = Session { owner: Owner::Anonymous, ..found.without_account() };
        let mut unit = self.store.write().await.unwrap();
        assert!(unit.sessions().remove(anonymous.id).await.unwrap());
        unit.sessions().insert(&anonymous, 1).await.unwrap();
        unit.commit().await.unwrap();
    }
}
