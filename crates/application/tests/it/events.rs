//! Security events: each cause leaves its event, in its own transaction, and no other.

use std::sync::Arc;

use vestibule_application::{
    Caller, Language, Operator, Policy,
    accounts::{AccountChange, AccountError, NewRole, NewStatus, RemoveSelfError},
    own_account::{UpdateSelf, UpdateSelfError},
    password_reset::{PasswordResetError, RequestPasswordReset, ResetMeans, ResetPasswordByToken},
    sign_in::{Identifier, SignInError},
};
use vestibule_domain::{
    Account, AccountId, Actor, DossierChange, EventKind, Permission, PhoneNumber, Role, SecurityEvent, SignIns,
    dossier::{Field, Value},
};

use vestibule_ports::MockPasswordHasher;
use vestibule_testkit::AccountBuilder;

use crate::support::{PASSWORD, World, email, origin, password};

const ALICE: &str = "alice@example.com";
const NEW: &str = "battery staple";

/// What happened to an account that the operator has made, after that.
async fn kinds(world: &World, account: AccountId) -> Vec<(EventKind, Actor)> {
    let events = world.events(Some(account)).await;
    let mut kinds: Vec<_> = events.into_iter().rev().map(|event| (event.kind, event.actor)).collect();
    // Its id is in no order with that of another event of the same time.
    let creation = kinds.iter().position(|kind| *kind == (EventKind::Creation, Actor::Operator));
    kinds.remove(creation.unwrap());
    kinds
}

async fn with_root() -> (World, Caller, Account) {
    let world = World::unlimited();
    let root = world.with_account("root@example.org", Role::Root).await;
    let root = world.caller(&root).await.unwrap();
    let alice = world.with_account(ALICE, Role::User).await;
    (world, root, alice)
}

#[tokio::test]
async fn sign_ins_are_counted_and_recorded_whether_they_succeed_or_fail() {
    let (world, _, alice) = with_root().await;
    for _ in 0..2 {
        assert!(world.sign_in(ALICE, NEW, 1).await.is_err());
        world.advance(time::Duration::minutes(1));
    }
    let find = async || world.store.read().accounts().find(alice.id()).await.unwrap().unwrap();
    let failed_at = Some(world.clock_now() - time::Duration::minutes(1));
    assert_eq!(find().await.sign_ins(), SignIns { last_at: None, failed: 2, last_failed_at: failed_at });
    world.sign_in(ALICE, PASSWORD, 1).await.unwrap();
    let expected = SignIns { last_at: Some(world.clock_now()), failed: 0, last_failed_at: failed_at };
    assert_eq!(find().await.sign_ins(), expected);
    assert_eq!(find().await.updated_at(), alice.updated_at(), "signing in is no change of the account");
    let failed = (EventKind::SignInFailed, Actor::Anyone);
    let signed_in = (EventKind::SignIn, Actor::Account(alice.id()));
    assert_eq!(kinds(&world, alice.id()).await, [failed, failed, signed_in]);
}

#[tokio::test]
async fn a_try_for_nobody_is_recorded_without_an_account() {
    let world = World::unlimited();
    assert!(matches!(world.sign_in("nobody@example.com", PASSWORD, 3).await, Err(SignInError::UnknownAccount)));
    let events = world.events(None).await;
    let [SecurityEvent { kind: EventKind::SignInFailed, account: None, actor: Actor::Anyone, origin: from, .. }] =
        events.as_slice()
    else {
        panic!("{events:?}")
    };
    assert_eq!(from.as_ref(), Some(&origin(3)));
}

#[tokio::test]
async fn what_a_root_does_to_an_account_is_recorded_with_the_root_as_actor() {
    let (world, root, alice) = with_root().await;
    for change in [
        AccountChange { role: Some(NewRole::Exactly(Role::Admin)), ..AccountChange::default() },
        AccountChange { role: Some(NewRole::Exactly(Role::Admin)), ..AccountChange::default() },
        AccountChange { status: Some(NewStatus::Disabled), ..AccountChange::default() },
        AccountChange { status: Some(NewStatus::Active), ..AccountChange::default() },
        AccountChange { status: Some(NewStatus::Unproven), ..AccountChange::default() },
        AccountChange { status: Some(NewStatus::Active), ..AccountChange::default() },
        AccountChange { permissions: vec![(Permission::UserRead, true)], ..AccountChange::default() },
        AccountChange { permissions: vec![(Permission::UserRead, true)], ..AccountChange::default() },
        AccountChange { permissions: vec![(Permission::UserRead, false)], ..AccountChange::default() },
    ] {
        let user = world.authority(&root, alice.id()).await.unwrap();
        world.app.change_account(user, change).await.unwrap();
        world.advance(time::Duration::seconds(1));
    }
    let user = world.authority(&root, alice.id()).await.unwrap();
    world.app.remove_account(user).await.unwrap();
    let expected = [
        EventKind::RoleChange,
        EventKind::Block,
        EventKind::Unblock,
        EventKind::ProofChange,
        EventKind::ProofChange,
        EventKind::PermissionChange,
        EventKind::PermissionChange,
        EventKind::Deletion,
    ];
    assert_eq!(kinds(&world, alice.id()).await, expected.map(|kind| (kind, Actor::Account(root.id()))));
}

#[tokio::test]
async fn what_an_operator_does_is_recorded_without_an_origin() {
    let (world, _, alice) = with_root().await;
    let operator = Operator::at_the_console();
    world.app.set_account_password(operator, alice.id(), password(NEW)).await.unwrap();
    world.advance(time::Duration::seconds(1));
    for change in [
        AccountChange::role(NewRole::Exactly(Role::Admin)),
        AccountChange::status(NewStatus::Suspended),
        AccountChange::status(NewStatus::Active),
    ] {
        world.app.change_account(operator.authority_over(alice.id()), change).await.unwrap();
        world.advance(time::Duration::seconds(1));
    }
    world.app.end_sessions(operator, alice.id()).await.unwrap();
    world.advance(time::Duration::seconds(1));
    world.app.remove_account(operator.authority_over(alice.id())).await.unwrap();
    assert!(matches!(world.app.end_sessions(operator, alice.id()).await, Err(AccountError::NotFound)));
    let expected = [
        EventKind::PasswordChange,
        EventKind::RoleChange,
        EventKind::Block,
        EventKind::Unblock,
        EventKind::SignOut,
        EventKind::Deletion,
    ];
    assert_eq!(kinds(&world, alice.id()).await, expected.map(|kind| (kind, Actor::Operator)));
    assert!(world.events(Some(alice.id())).await.iter().all(|event| event.origin.is_none()));
}

#[tokio::test]
async fn a_refused_change_leaves_no_event() {
    let (world, root, _) = with_root().await;
    let user = world.authority(&root, root.id()).await.unwrap();
    let demotion = AccountChange { role: Some(NewRole::Exactly(Role::User)), ..AccountChange::default() };
    assert!(world.app.change_account(user, demotion).await.is_err());
    assert!(matches!(world.app.remove_self(&root).await, Err(RemoveSelfError::LastRoot)));
    assert_eq!(kinds(&world, root.id()).await, []);
}

#[tokio::test]
async fn one_removes_oneself_with_all_that_is_one_s_own() {
    let (world, _, alice) = with_root().await;
    let caller = world.caller(&alice).await.unwrap();
    world.app.remove_self(&caller).await.unwrap();
    assert!(world.store.read().accounts().find(alice.id()).await.unwrap().is_none());
    assert_eq!(kinds(&world, alice.id()).await, [(EventKind::Deletion, Actor::Account(alice.id()))]);
    assert!(matches!(world.app.remove_self(&caller).await, Err(RemoveSelfError::SignedOut)));
}

#[tokio::test]
async fn a_token_from_a_mail_sets_a_password_once_and_says_so_in_the_owner_s_language() {
    let (world, _, alice) = with_root().await;
    let request = |address: &str| RequestPasswordReset {
        origin: origin(1),
        identifier: Identifier::Email(email(address)),
        means: ResetMeans::Token {
            mail: vestibule_application::mail::LinkMail {
                template: "reset-password-token",
                language: Language::French,
                url_prefix: "https://example.org/reset-password?token=".to_owned(),
                fields: Vec::new(),
            },
            lifetime: time::Duration::minutes(10),
        },
    };
    world.app.request_password_reset(request("nobody@example.com")).await.unwrap();
    world.app.request_password_reset(request(ALICE)).await.unwrap();
    world.deliver_due_mail().await.unwrap();
    let mails = world.mailer.taken();
    let [mail] = mails.as_slice() else { panic!("one mail, to her who exists") };
    assert_eq!(mail.content.subject, "Réinitialisation du mot de passe");
    let token = mail.content.text.split_once("?token=").unwrap().1.split_whitespace().next().unwrap().to_owned();
    assert!(token.len() == 64 && token.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)));
    let reset = async || {
        let input = ResetPasswordByToken {
            account: None,
            origin: origin(1),
            token: token.clone(),
            password: password(NEW),
            language: Language::French,
        };
        world.app.reset_password_by_token(input).await
    };
    reset().await.unwrap();
    assert!(reset().await.is_err(), "a spent token is refused");
    world.sign_in(ALICE, NEW, 1).await.unwrap();
    world.deliver_due_mail().await.unwrap();
    assert_eq!(world.mailer.taken().last().unwrap().content.subject, "Votre mot de passe a été modifié");
    assert_eq!(kinds(&world, alice.id()).await[0], (EventKind::PasswordChange, Actor::Anyone));
}

#[tokio::test]
async fn a_mailed_token_that_is_no_good_costs_no_hash() {
    // Nobody has told this hasher what to answer: it fails whoever asks.
    let world = World::with_ports(Policy::default(), |_, ports| ports.hasher = Arc::new(MockPasswordHasher::new()));
    world.insert(&AccountBuilder::numbered(1).email(ALICE).build()).await;
    for token in [String::new(), "0".repeat(64)] {
        let input = ResetPasswordByToken {
            origin: origin(1),
            account: None,
            token,
            password: password(NEW),
            language: Language::French,
        };
        let refused = world.app.reset_password_by_token(input).await;
        assert!(matches!(refused, Err(PasswordResetError::Invalid)), "{refused:?}");
    }
}

#[tokio::test]
async fn a_dossier_is_changed_together_with_the_name_and_only_where_something_is_told() {
    let (world, root, alice) = with_root().await;
    let caller = world.caller(&alice).await.unwrap();
    let phone = || PhoneNumber::parse("+33 1 23 45").unwrap();
    let tell = |phone: Option<PhoneNumber>| {
        let mut dossier = DossierChange::default();
        dossier.put(Field::Phone, phone.map(Value::Phone)).unwrap();
        UpdateSelf { dossier, ..UpdateSelf::default() }
    };
    let (_, dossier) = world.app.update_self(&caller, tell(Some(phone()))).await.unwrap();
    assert_eq!(dossier.values.phone(), Some(&phone()));
    assert_eq!(world.app.show_dossier(alice.id()).await.unwrap(), dossier);
    let taken = world.app.update_self(&root, tell(Some(phone()))).await;
    assert!(matches!(taken, Err(UpdateSelfError::PhoneTaken)));
    let (_, kept) = world.app.update_self(&caller, UpdateSelf::default()).await.unwrap();
    assert_eq!(kept, dossier);
    let (_, cleared) = world.app.update_self(&caller, tell(None)).await.unwrap();
    assert_eq!(cleared.values.phone(), None);
    assert!(world.app.update_self(&root, tell(Some(phone()))).await.is_ok(), "it is free again");
    let page = world.app.list_with_dossiers(root.as_staff().unwrap(), 0, 10).await.unwrap();
    assert_eq!(page.total, 2);
    let of_root = page.accounts.iter().find(|(account, _)| account.id() == root.id()).unwrap();
    assert_eq!(of_root.1.values.phone(), Some(&phone()));
    assert!(caller.as_staff().is_err());
}
