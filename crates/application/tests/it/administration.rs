//! What an operator does, and the last root.

use vestibule_application::{
    Operator,
    accounts::{
        AccountChange, AccountError, CreateAccount, CreateAccountError, NewRole, NewStatus, RootSeed, SeedOutcome,
        SetPasswordError,
    },
    operations::InTheWay,
};
use vestibule_domain::{
    Account, AccountRecord, AccountStatus, EmailAddress, PermissionSet, PersonName, Role, Username,
    password::PasswordError,
};

use crate::support::{COMMON, PASSWORD, World, email, password};

const OPERATOR: Operator = Operator::at_the_console();

#[tokio::test]
async fn an_account_made_by_an_operator_is_active_with_a_proven_mailbox() {
    let world = World::new();
    let account = world.with_account("root@example.com", Role::Root).await;
    assert_eq!((account.role(), account.status()), (Role::Root, AccountStatus::Active));
    assert!(account.mailbox_proven_at().is_some());
    assert!(world.sign_in("root@example.com", PASSWORD, 1).await.is_ok());
}

#[tokio::test]
async fn the_last_active_root_can_be_neither_demoted_disabled_nor_removed() {
    let world = World::new();
    let first = world.with_account("a@example.com", Role::Root).await;
    let second = world.with_account("b@example.com", Role::Root).await;
    world
        .app
        .change_account(OPERATOR.authority_over(second.id()), AccountChange::status(NewStatus::Suspended))
        .await
        .unwrap();
    for change in [AccountChange::role(NewRole::Exactly(Role::Admin)), AccountChange::status(NewStatus::Suspended)] {
        let refused = world.app.change_account(OPERATOR.authority_over(first.id()), change).await;
        assert!(matches!(refused, Err(AccountError::LastRoot)));
    }
    let refused = world.app.remove_account(OPERATOR.authority_over(first.id())).await;
    assert!(matches!(refused, Err(AccountError::LastRoot)));
    world
        .app
        .change_account(OPERATOR.authority_over(second.id()), AccountChange::status(NewStatus::Active))
        .await
        .unwrap();
    world.app.remove_account(OPERATOR.authority_over(first.id())).await.unwrap();
}

#[tokio::test]
async fn a_disabled_root_can_be_removed_while_another_is_active() {
    let world = World::new();
    world.with_account("a@example.com", Role::Root).await;
    let second = world.with_account("b@example.com", Role::Root).await;
    world
        .app
        .change_account(OPERATOR.authority_over(second.id()), AccountChange::status(NewStatus::Suspended))
        .await
        .unwrap();
    world.app.remove_account(OPERATOR.authority_over(second.id())).await.unwrap();
}

#[tokio::test]
async fn a_new_password_ends_earlier_tokens_and_a_new_role_does_not() {
    let world = World::new();
    let account = world.with_account("a@example.com", Role::User).await;
    let promoted = world
        .app
        .change_account(OPERATOR.authority_over(account.id()), AccountChange::role(NewRole::Exactly(Role::Admin)))
        .await
        .unwrap();
    assert_eq!(promoted.epoch(), account.epoch());
    let changed = world.app.set_account_password(OPERATOR, account.id(), password("battery staple")).await.unwrap();
    assert_ne!(changed.epoch(), account.epoch());
    assert!(world.sign_in("a@example.com", "battery staple", 1).await.is_ok());
}

#[tokio::test]
async fn the_first_root_is_seeded_once() {
    let world = World::new();
    let seed = || RootSeed { email: email("root@example.com"), username: None, password: password(PASSWORD) };
    assert_eq!(world.app.seed_root(OPERATOR, seed()).await.unwrap(), SeedOutcome::Created);
    assert_eq!(world.app.seed_root(OPERATOR, seed()).await.unwrap(), SeedOutcome::NotNeeded);
}

#[tokio::test]
async fn a_stranger_with_the_address_of_the_root_does_not_become_root() {
    let world = World::new();
    world.register("root@example.com").await.unwrap();
    let seed = RootSeed { email: email("root@example.com"), username: None, password: password(PASSWORD) };
    assert!(matches!(world.app.seed_root(OPERATOR, seed).await, Err(CreateAccountError::EmailTaken)));
    assert!(!world.app.has_root().await.unwrap());
}

#[tokio::test]
async fn an_account_is_found_by_id_address_and_user_name() {
    let world = World::new();
    let input = CreateAccount {
        email: email("a@example.com"),
        username: Some(Username::parse("alice").unwrap()),
        name: PersonName::UNKNOWN,
        permissions: PermissionSet::default(),
        role: Role::User,
        password: password(PASSWORD),
    };
    let account = world.app.create_account(OPERATOR.as_ruler(), input).await.unwrap();
    for text in [account.id().hex(), account.id().uuid().to_string(), "A@example.com".to_owned(), "Alice".to_owned()] {
        let selector = text.parse().unwrap();
        assert_eq!(world.app.find_account(OPERATOR.as_reader(), &selector).await.unwrap().unwrap().id(), account.id());
    }
    let nobody = "nobody".parse().unwrap();
    assert!(world.app.find_account(OPERATOR.as_reader(), &nobody).await.unwrap().is_none());
}

#[tokio::test]
async fn no_privileged_account_is_given_a_common_password() {
    let world = World::new();
    for role in [Role::Admin, Role::Root] {
        let account = world.with_account(&format!("{}@example.com", role.as_str()), role).await;
        let refused = world.app.set_account_password(OPERATOR, account.id(), password(COMMON)).await;
        assert!(matches!(refused, Err(SetPasswordError::CommonPassword(_))), "{refused:?}");
        let input = CreateAccount {
            email: email("new@example.com"),
            username: None,
            name: PersonName::UNKNOWN,
            permissions: PermissionSet::default(),
            role,
            password: password(COMMON),
        };
        let refused = world.app.create_account(OPERATOR.as_ruler(), input).await;
        assert!(matches!(refused, Err(CreateAccountError::CommonPassword(_))), "{refused:?}");
    }
    let strict = world.app.operator_password_rules();
    assert_eq!(strict.check(COMMON), Err(PasswordError::Common), "whatever the role, on the command line");
}

#[tokio::test]
async fn a_user_with_a_common_password_can_be_promoted() {
    let world = World::new();
    let account = world.with_account("a@example.com", Role::User).await;
    world.app.set_account_password(OPERATOR, account.id(), password(COMMON)).await.unwrap();
    world
        .app
        .change_account(OPERATOR.authority_over(account.id()), AccountChange::role(NewRole::Exactly(Role::Admin)))
        .await
        .unwrap();
    assert!(world.sign_in("a@example.com", COMMON, 1).await.is_ok());
}

#[tokio::test]
async fn a_root_with_a_common_password_is_not_seeded() {
    let world = World::new();
    let seed = RootSeed { email: email("root@example.com"), username: None, password: password(COMMON) };
    let refused = world.app.seed_root(OPERATOR, seed).await;
    assert!(matches!(refused, Err(CreateAccountError::CommonPassword(_))), "{refused:?}");
    assert!(!world.app.has_root().await.unwrap());
}

#[tokio::test]
async fn addresses_of_an_earlier_version_take_their_canonical_form_once_and_what_cannot_is_named() {
    let world = World::new();
    let stored = async |email: &str, name: &str| {
        let account = world.with_account(&format!("{name}@example.com"), Role::User).await;
        world.clock.advance(time::Duration::SECOND);
        let email = EmailAddress::from_store(email).unwrap();
        let account = Account::restore(AccountRecord { email, ..account.record().clone() });
        let mut unit = world.store.write().await.unwrap();
        assert!(unit.accounts().update(&account).await.unwrap());
        unit.commit().await.unwrap();
        account.id()
    };
    let changed = stored("info@bücher.example", "a").await;
    let first = stored("ada@bücher.example", "b").await;
    // Two that become equal: the one that is first takes the form.
    let second = stored("ada@bu\u{308}cher.example", "c").await;
    let none = stored("user@example.123", "d").await;
    stored("plain@example.test", "e").await;
    assert!(world.sign_in("info@bücher.example", PASSWORD, 1).await.is_err());

    let spellings = world.app.spell_addresses().await.unwrap();
    assert_eq!((spellings.changed, spellings.left_count), (2, 2));
    let left: Vec<_> = spellings.left.iter().map(|left| (left.id, left.why)).collect();
    assert_eq!(left, [(second, InTheWay::Account(Some(first))), (none, InTheWay::NotAnAddress)]);
    let account = world
        .app
        .find_account(OPERATOR.as_reader(), &"info@xn--bcher-kva.example".parse().unwrap())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(account.id(), changed);
    assert!(account.mailbox_proven_at().is_some(), "the mailbox is the same");
    for typed in ["info@bücher.example", "INFO@xn--bcher-kva.example", "\u{feff}info@BÜCHER.example"] {
        assert!(world.sign_in(typed, PASSWORD, 2).await.is_ok(), "{typed:?}");
    }
    let again = world.app.spell_addresses().await.unwrap();
    assert_eq!((again.changed, again.left_count), (0, 2));
}
