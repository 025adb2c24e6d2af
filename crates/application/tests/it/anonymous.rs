//! Sessions of clients that do not sign in, and ending one session.

use time::Duration;
use vestibule_application::{
    Fault, Principal,
    accounts::{AuthenticateError, PresentedByAnyone},
    sessions::{Over, Renewal},
};
use vestibule_domain::SessionId;

use crate::{
    sessions::ALICE,
    support::{World, origin},
};

impl World {
    async fn begin_anonymous(&self) -> SessionId {
        self.app.begin_anonymous_session(&origin(1)).await.unwrap().id
    }

    async fn visitor(&self, session: SessionId) -> Result<Principal, AuthenticateError> {
        self.app.authenticate_anyone(PresentedByAnyone { account: None, session }, origin(1)).await
    }
}

#[tokio::test]
async fn a_visitor_is_known_by_the_session_until_it_ends() {
    let world = World::unlimited();
    let (session, other) = (world.begin_anonymous().await, world.begin_anonymous().await);
    let visitor = world.visitor(session).await.unwrap();
    assert!(visitor.account().is_none() && visitor.sitting().unwrap().id == session);
    world.app.sign_out_of_session(&visitor).await.unwrap();
    assert!(matches!(world.visitor(session).await, Err(AuthenticateError::Revoked)));
    assert!(world.visitor(other).await.is_ok());
    world.app.sign_out_of_session(&visitor).await.unwrap();
}

#[tokio::test]
async fn a_session_of_an_account_is_none_of_a_visitor_and_the_other_way_round() {
    let world = World::unlimited();
    world.register(ALICE).await.unwrap();
    let (account, token) = world.begin().await;
    assert!(matches!(world.visitor(token.session).await, Err(AuthenticateError::Revoked)));
    let session = world.begin_anonymous().await;
    let presented = |account, session| PresentedByAnyone { account, session };
    let refused = world.app.authenticate_anyone(presented(Some(account.id()), session), origin(1)).await;
    assert!(matches!(refused, Err(AuthenticateError::Revoked)));
    let own = world.app.authenticate_anyone(presented(Some(account.id()), token.session), origin(1)).await.unwrap();
    assert_eq!(own.account(), Some(account.id()));
}

#[tokio::test]
async fn signing_out_of_one_session_leaves_the_others_of_the_account() {
    let world = World::unlimited();
    world.register(ALICE).await.unwrap();
    let ((account, one), (_, other)) = (world.begin().await, world.begin().await);
    let caller = world.access(&account, one).await.unwrap();
    world.app.sign_out_of_session(&Principal::Account(caller)).await.unwrap();
    assert!(world.access(&account, one).await.is_err());
    assert!(world.access(&account, other).await.is_ok());
}

#[tokio::test]
async fn a_source_begins_sixty_a_minute() {
    let world = World::new();
    for _ in 0..60 {
        world.begin_anonymous().await;
    }
    let refused = world.app.begin_anonymous_session(&origin(1)).await;
    assert!(matches!(refused, Err(Fault::Throttled { retry_after: 1 })));
    assert!(world.app.begin_anonymous_session(&origin(2)).await.is_ok());
}

#[tokio::test]
async fn anonymous_sessions_are_removed_after_a_day_and_those_of_accounts_are_not() {
    let world = World::unlimited();
    world.register(ALICE).await.unwrap();
    let (_, token) = world.begin().await;
    let session = world.begin_anonymous().await;
    let is_there = async |id| world.store.read().sessions().find(id).await.unwrap().is_some();
    world.advance(Duration::hours(24) - Duration::seconds(1));
    world.app.tidy_up().await.unwrap();
    assert!(is_there(session).await);
    world.advance(Duration::seconds(1));
    world.app.tidy_up().await.unwrap();
    assert!(!is_there(session).await && is_there(token.session).await);
}

#[tokio::test]
async fn a_session_is_renewed_until_its_time_is_over() {
    let world = World::unlimited();
    let session = world.begin_anonymous().await;
    let sitting = world.visitor(session).await.unwrap().sitting().unwrap();
    let renewal = Renewal { lifetime: Duration::minutes(15), longest: Duration::hours(24) };
    world.advance(Duration::hours(24) - Duration::minutes(5));
    assert_eq!(world.app.renew(&sitting, renewal).unwrap().expires_at, sitting.began_at + renewal.longest);
    world.advance(Duration::minutes(5));
    assert_eq!(world.app.renew(&sitting, renewal), Err(Over(sitting.began_at + renewal.longest)));
}
