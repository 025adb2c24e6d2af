//! What accounts with rights do to others.

use vestibule_application::{
    Operator,
    accounts::{AccountChange, AccountError, NewRole, NewStatus},
};
use vestibule_domain::{
    Account, AccountId, AccountStatus, CodeId, Digest, OneTimeCode, OneTimeToken, Permission, PermissionSet, Role,
    TokenPurpose,
};
use vestibule_testkit::{AccountBuilder, FixedClock};

use crate::support::World;

async fn with(world: &World, builders: impl IntoIterator<Item = AccountBuilder>) -> Vec<Account> {
    let mut unit = world.store.write().await.unwrap();
    let mut accounts = Vec::new();
    for builder in builders {
        accounts.push(builder.build());
        unit.accounts().insert(accounts.last().unwrap()).await.unwrap();
    }
    unit.commit().await.unwrap();
    accounts
}

/// Every kind of account that the rights tell apart.
fn kinds() -> Vec<(&'static str, AccountBuilder)> {
    let user = |number, permissions: &[Permission]| {
        let set = permissions.iter().fold(PermissionSet::default(), |set, permission| set.with(*permission));
        AccountBuilder::numbered(number).permissions(set)
    };
    vec![
        ("root", AccountBuilder::numbered(1).role(Role::Root)),
        ("other root", AccountBuilder::numbered(2).role(Role::Root)),
        ("admin", AccountBuilder::numbered(3).role(Role::Admin)),
        ("other admin", AccountBuilder::numbered(4).role(Role::Admin)),
        ("reader", user(5, &[Permission::UserRead])),
        ("modifier", user(6, &[Permission::UserModify])),
        ("both", user(7, &[Permission::UserRead, Permission::UserModify])),
        ("plain", user(8, &[])),
    ]
}

fn is_allowed(caller: &str, target: &str) -> bool {
    match caller {
        "root" | "other root" => true,
        "admin" | "other admin" => ["reader", "modifier", "both", "plain"].contains(&target),
        "modifier" | "both" => ["reader", "plain"].contains(&target),
        _ => false,
    }
}

#[tokio::test]
async fn the_rights_table_holds_in_every_cell() {
    let world = World::unlimited();
    let names: Vec<&str> = kinds().into_iter().map(|(name, _)| name).collect();
    let accounts = with(&world, kinds().into_iter().map(|(_, builder)| builder)).await;
    for (caller_name, caller) in names.iter().zip(&accounts) {
        let caller = world.caller(caller).await.unwrap();
        let reads = ["root", "other root", "admin", "other admin", "reader", "both"].contains(caller_name);
        assert_eq!(caller.as_reader().is_ok(), reads, "{caller_name} reads");
        for (target_name, target) in names.iter().zip(&accounts) {
            let found = world.authority(&caller, target.id()).await;
            assert_eq!(found.is_ok(), is_allowed(caller_name, target_name), "{caller_name} modifies {target_name}");
        }
    }
}

#[tokio::test]
async fn only_a_root_makes_admins_and_nobody_grants_what_it_has_not() {
    let world = World::unlimited();
    let accounts = with(&world, kinds().into_iter().map(|(_, builder)| builder)).await;
    let (admin, modifier, plain) = (&accounts[2], &accounts[5], &accounts[7]);
    let promote = AccountChange { role: Some(NewRole::Exactly(Role::Admin)), ..AccountChange::default() };
    let grant_read = AccountChange { permissions: vec![(Permission::UserRead, true)], ..AccountChange::default() };
    for (caller, change, allowed) in [
        (admin, &promote, false),
        (modifier, &promote, false),
        (modifier, &grant_read, false),
        (admin, &grant_read, true),
        // It is as the change has it.
        (modifier, &grant_read, true),
    ] {
        let caller = world.caller(caller).await.unwrap();
        let user = world.authority(&caller, plain.id()).await.unwrap();
        let outcome = world.app.change_account(user, change.clone()).await;
        assert_eq!(outcome.is_ok(), allowed, "{outcome:?}");
    }
}

#[tokio::test]
async fn one_of_two_roots_who_demote_each_other_at_once_stays() {
    let world = World::unlimited();
    let roots = with(&world, [1, 2].map(|number| AccountBuilder::numbered(number).role(Role::Root))).await;
    let callers = [world.caller(&roots[0]).await.unwrap(), world.caller(&roots[1]).await.unwrap()];
    let one = callers[0].authority_over(&roots[1]).unwrap();
    let other = callers[1].authority_over(&roots[0]).unwrap();
    let demote = || AccountChange { role: Some(NewRole::Exactly(Role::User)), ..AccountChange::default() };
    let (first, second) =
        tokio::join!(world.app.change_account(one, demote()), world.app.change_account(other, demote()));
    assert_eq!(usize::from(first.is_ok()) + usize::from(second.is_ok()), 1);
    assert!(matches!(first.and(second), Err(AccountError::LastRoot)));
}

#[tokio::test]
async fn the_last_root_can_be_neither_disabled_nor_removed_by_itself() {
    let world = World::unlimited();
    let root = with(&world, [AccountBuilder::numbered(1).role(Role::Root)]).await.remove(0);
    let caller = world.caller(&root).await.unwrap();
    let user = world.authority(&caller, root.id()).await.unwrap();
    for status in [NewStatus::Disabled, NewStatus::Unproven] {
        let change = AccountChange { status: Some(status), ..AccountChange::default() };
        assert!(matches!(world.app.change_account(user, change).await, Err(AccountError::LastRoot)));
    }
    assert!(matches!(world.app.remove_account(user).await, Err(AccountError::LastRoot)));
}

/// The tokens that are there of those that [`mail_everything`] stores, and whether a code is.
async fn mailed(world: &World, account: AccountId) -> (usize, bool) {
    let mut there = 0;
    for (purpose, digest) in TokenPurpose::ALL.into_iter().zip(0..) {
        let found = world.store.read().tokens().find(&Digest::new([digest; 32]), purpose, FixedClock::START).await;
        there += usize::from(found.unwrap().is_some());
    }
    let mut unit = world.store.write().await.unwrap();
    let code = unit.codes().take_try(account, TokenPurpose::EmailVerification, FixedClock::START).await.unwrap();
    (there, code.is_some())
}

/// Stores a token of each purpose and a code.
async fn mail_everything(world: &World, account: AccountId) {
    let expires_at = FixedClock::START + time::Duration::hours(1);
    let mut unit = world.store.write().await.unwrap();
    for (purpose, digest) in TokenPurpose::ALL.into_iter().zip(0..) {
        let digest = Digest::new([digest; 32]);
        let token = OneTimeToken { digest, account, purpose, expires_at, waiting_password: None };
        unit.tokens().insert(&token).await.unwrap();
    }
    let code = OneTimeCode {
        id: CodeId::new(FixedClock::START, [1; 6]),
        account,
        purpose: TokenPurpose::EmailVerification,
        digest: Digest::new([9; 32]),
        tries_left: 5,
        expires_at,
        waiting_password: None,
    };
    unit.codes().replace(&code).await.unwrap();
    unit.commit().await.unwrap();
    assert_eq!(mailed(world, account).await, (TokenPurpose::ALL.len(), true));
}

#[tokio::test]
async fn whoever_disables_an_account_ends_all_that_it_was_mailed() {
    let world = World::unlimited();
    let accounts = with(&world, [AccountBuilder::numbered(1).role(Role::Root), AccountBuilder::numbered(2)]).await;
    let (root, user) = (world.caller(&accounts[0]).await.unwrap(), accounts[1].id());
    let modifiable = world.authority(&root, user).await.unwrap();
    let set = async |status| {
        let change = AccountChange { status: Some(status), ..AccountChange::default() };
        world.app.change_account(modifiable, change).await.unwrap();
    };
    mail_everything(&world, user).await;
    set(NewStatus::Active).await;
    assert_eq!(mailed(&world, user).await, (TokenPurpose::ALL.len(), true));
    set(NewStatus::Disabled).await;
    assert_eq!(mailed(&world, user).await, (0, false));

    set(NewStatus::Active).await;
    mail_everything(&world, user).await;
    world
        .app
        .change_account(Operator::at_the_console().authority_over(user), AccountChange::status(NewStatus::Suspended))
        .await
        .unwrap();
    assert_eq!(mailed(&world, user).await, (0, false));
}

#[tokio::test]
async fn a_status_is_set_and_tokens_live_again() {
    let world = World::unlimited();
    let accounts = with(&world, [AccountBuilder::numbered(1).role(Role::Root), AccountBuilder::numbered(2)]).await;
    let caller = world.caller(&accounts[0]).await.unwrap();
    let user = world.authority(&caller, accounts[1].id()).await.unwrap();
    for (status, expected) in [
        (NewStatus::Disabled, AccountStatus::Disabled),
        (NewStatus::Unproven, AccountStatus::Pending),
        (NewStatus::Active, AccountStatus::Active),
    ] {
        let change = AccountChange { status: Some(status), ..AccountChange::default() };
        let changed = world.app.change_account(user, change).await.unwrap();
        assert_eq!(changed.status(), expected);
        world.advance(time::Duration::seconds(1));
        let again = AccountChange { status: Some(status), ..AccountChange::default() };
        let again = world.app.change_account(user, again).await.unwrap();
        assert_eq!(again.updated_at(), changed.updated_at(), "nothing has changed");
    }
    assert!(world.caller(&accounts[1]).await.is_ok());
}
