//! What roots do to the accounts of others, where a dialect lets them do everything; and what they leave to owners.

use futures_util::future::join_all;
use vestibule_application::{
    Caller, Language,
    accounts::{
        AccountChange, CreateAccount, CreateAccountError, Edit, EditAccount, EditAccountError, EditRule, NameEdit,
        NewRole,
    },
    rights::Rights,
};
use vestibule_domain::{
    Account, AccountId, Actor, DossierChange, EventKind, NamePart, Permission, PermissionSet, PersonName, Role,
    Username,
};
use vestibule_testkit::AccountBuilder;

use crate::support::{COMMON, PASSWORD, World, email, password};

const NEW: &str = "battery staple";
const WORDS: [Permission; 2] = [Permission::ProfileView, Permission::ProfileManage];

fn set(permissions: &[Permission]) -> PermissionSet {
    permissions.iter().copied().fold(PermissionSet::EMPTY, PermissionSet::with)
}

fn rights(all: bool, granted: &[Permission]) -> Rights {
    Rights { all, among: set(&WORDS), granted: set(granted) }
}

fn nothing(id: AccountId) -> EditAccount {
    EditAccount {
        rule: EditRule::ByRoot,
        rights: None,
        password_change_due: None,
        id,
        name: NameEdit::default(),
        username: None,
        email: None,
        password: None,
        current_password: None,
        dossier: DossierChange::default(),
        language: Language::English,
    }
}

fn renaming(id: AccountId) -> EditAccount {
    let name = NameEdit { first: Edit::Set(NamePart::parse("Ada").unwrap()), last: Edit::Keep };
    EditAccount { name, ..nothing(id) }
}

fn new_password(id: AccountId, current: Option<&str>) -> EditAccount {
    EditAccount { password: Some(password(NEW)), current_password: current.map(str::to_owned), ..nothing(id) }
}

/// An account that signs in with the usual password.
async fn caller(world: &World, address: &str, role: Role) -> Caller {
    let account = world.with_account(address, role).await;
    world.caller(&account).await.unwrap()
}

async fn of(world: &World, id: AccountId) -> Account {
    world.app.show_account(id).await.unwrap().unwrap()
}

fn is_forbidden(outcome: &Result<(Account, vestibule_domain::Dossier), EditAccountError>) -> bool {
    matches!(outcome, Err(EditAccountError::Forbidden))
}

#[tokio::test]
async fn a_root_edits_everything_of_another_and_an_admin_nothing() {
    let world = World::unlimited();
    let (root, admin) =
        (caller(&world, "r@example.com", Role::Root).await, caller(&world, "a@example.com", Role::Admin).await);
    let user = world.with_account("u@example.com", Role::User).await;
    let everything = || EditAccount {
        username: Some(Username::parse("ada").unwrap()),
        email: Some(email("ada@example.com")),
        rights: Some(rights(false, &WORDS)),
        ..new_password(user.id(), None)
    };
    for by in [&admin, &world.caller(&world.with_account("x@example.com", Role::User).await).await.unwrap()] {
        for edit in [everything(), renaming(user.id()), renaming(AccountId::from_hex(&"ab".repeat(12)).unwrap())] {
            assert!(is_forbidden(&world.app.edit_account(by, edit).await));
        }
    }
    let (edited, _) = world.app.edit_account(&root, everything()).await.unwrap();
    assert_eq!((edited.email().as_str(), edited.username().unwrap().as_str()), ("ada@example.com", "ada"));
    assert!(edited.may(Permission::ProfileManage) && edited.mailbox_proven_at().is_none());
    assert!(world.sign_in("ada@example.com", NEW, 1).await.is_ok());
}

#[tokio::test]
async fn the_other_rule_never_sets_rights() {
    let world = World::unlimited();
    let root = caller(&world, "r@example.com", Role::Root).await;
    let user = world.with_account("u@example.com", Role::User).await;
    for id in [user.id(), root.id()] {
        for edit in [
            EditAccount { rights: Some(rights(false, &[])), ..nothing(id) },
            EditAccount { password_change_due: Some(true), ..nothing(id) },
        ] {
            let edit = EditAccount { rule: EditRule::ByOwner, ..edit };
            assert!(is_forbidden(&world.app.edit_account(&root, edit).await));
        }
    }
    let other = EditAccount { rule: EditRule::ByOwner, ..new_password(user.id(), None) };
    assert!(matches!(world.app.edit_account(&root, other).await, Err(EditAccountError::WrongPassword)));
}

#[tokio::test]
async fn an_owner_sets_neither_rights_nor_the_user_name_and_a_root_its_own_password_with_the_present_one() {
    let world = World::unlimited();
    let user = caller(&world, "u@example.com", Role::User).await;
    for edit in [
        EditAccount { rights: Some(rights(false, &[])), ..nothing(user.id()) },
        EditAccount { password_change_due: Some(false), ..nothing(user.id()) },
        EditAccount { username: Some(Username::parse("ada").unwrap()), ..nothing(user.id()) },
    ] {
        assert!(is_forbidden(&world.app.edit_account(&user, edit).await));
    }
    assert!(world.app.edit_account(&user, renaming(user.id())).await.is_ok());
    for owner in [&user, &caller(&world, "r@example.com", Role::Root).await] {
        for current in [None, Some("wrong")] {
            let refused = world.app.edit_account(owner, new_password(owner.id(), current)).await;
            assert!(matches!(refused, Err(EditAccountError::WrongPassword)));
        }
        assert!(world.app.edit_account(owner, new_password(owner.id(), Some(PASSWORD))).await.is_ok());
    }
}

#[tokio::test]
async fn a_change_that_is_due_leaves_the_password_alone_to_edit() {
    let world = World::unlimited();
    let other = world.with_account("o@example.com", Role::User).await;
    let root = caller(&world, "r@example.com", Role::Root).await;
    let due = EditAccount { password_change_due: Some(true), ..nothing(root.id()) };
    world.app.edit_account(&root, due).await.unwrap();
    let root = world.caller(&of(&world, root.id()).await).await.unwrap();
    assert!(is_forbidden(&world.app.edit_account(&root, renaming(other.id())).await));
    assert!(root.as_ruler().is_err());
    let refused = world.app.edit_account(&root, renaming(root.id())).await;
    assert!(matches!(refused, Err(EditAccountError::PasswordChangeDue)));
    let (changed, _) = world.app.edit_account(&root, new_password(root.id(), Some(PASSWORD))).await.unwrap();
    assert!(!changed.password_change_due());
    let root = world.caller(&changed).await.unwrap();
    assert!(world.app.edit_account(&root, renaming(other.id())).await.is_ok());
}

#[tokio::test]
async fn a_password_that_is_set_with_a_change_due_is_to_be_changed() {
    let world = World::unlimited();
    let root = caller(&world, "r@example.com", Role::Root).await;
    let user = world.with_account("u@example.com", Role::User).await;
    for due in [Some(true), None] {
        let edit = EditAccount { password_change_due: due, ..new_password(user.id(), None) };
        let (edited, _) = world.app.edit_account(&root, edit).await.unwrap();
        assert_eq!(edited.password_change_due(), due.is_some());
        assert_eq!(of(&world, user.id()).await.password_change_due(), due.is_some());
    }
}

#[tokio::test]
async fn whoever_gets_power_with_a_password_gets_no_common_one() {
    let world = World::unlimited();
    let root = caller(&world, "r@example.com", Role::Root).await;
    let user = world.with_account("u@example.com", Role::User).await;
    let edit = EditAccount { password: Some(password(COMMON)), rights: Some(rights(true, &[])), ..nothing(user.id()) };
    assert!(matches!(world.app.edit_account(&root, edit).await, Err(EditAccountError::CommonPassword(_))));
    assert_eq!(of(&world, user.id()).await.role(), Role::User);
}

#[tokio::test]
async fn roots_that_strip_each_other_at_once_leave_one_by_whatever_use_case() {
    for round in 0..6 {
        let world = World::unlimited();
        let one = caller(&world, "1@example.com", Role::Root).await;
        let other = caller(&world, "2@example.com", Role::Root).await;
        let strip = |id| EditAccount { rights: Some(rights(false, &WORDS)), ..nothing(id) };
        let demote = || AccountChange { role: Some(NewRole::Exactly(Role::User)), ..AccountChange::default() };
        let outcomes = match round % 3 {
            0 => {
                let edits = [(&one, other.id()), (&other, one.id())];
                join_all(edits.map(|(by, id)| world.app.edit_account(by, strip(id))))
                    .await
                    .iter()
                    .map(Result::is_ok)
                    .collect()
            }
            1 => {
                let target = world.authority(&other, one.id()).await.unwrap();
                let (edited, changed) = futures_util::future::join(
                    world.app.edit_account(&one, strip(other.id())),
                    world.app.change_account(target, demote()),
                )
                .await;
                vec![edited.is_ok(), changed.is_ok()]
            }
            _ => {
                let target = world.authority(&other, one.id()).await.unwrap();
                let (removed, edited) = futures_util::future::join(
                    world.app.remove_account(target),
                    world.app.edit_account(&one, strip(one.id())),
                )
                .await;
                // The first was removed, or is no root any more; either leaves the other.
                assert!(removed.is_ok() || edited.is_ok());
                vec![true, false]
            }
        };
        assert_eq!(outcomes.iter().filter(|succeeded| **succeeded).count(), 1, "round {round}: {outcomes:?}");
        let roots = world.store.write().await.unwrap().accounts().lock_active_roots().await.unwrap();
        assert_eq!(roots.len(), 1);
    }
}

#[tokio::test]
async fn a_last_root_that_strips_itself_is_refused() {
    let world = World::unlimited();
    let root = caller(&world, "r@example.com", Role::Root).await;
    let strip = EditAccount { rights: Some(rights(false, &WORDS)), ..nothing(root.id()) };
    assert!(matches!(world.app.edit_account(&root, strip).await, Err(EditAccountError::LastRoot)));
    let keep = EditAccount { rights: Some(rights(true, &[])), ..renaming(root.id()) };
    assert_eq!(world.app.edit_account(&root, keep).await.unwrap().0.role(), Role::Root);
}

fn new_account(address: &str, role: Role) -> CreateAccount {
    CreateAccount {
        email: email(address),
        username: Some(Username::parse("ada").unwrap()),
        name: PersonName::UNKNOWN,
        role,
        permissions: set(&WORDS),
        password: password(PASSWORD),
    }
}

#[tokio::test]
async fn a_root_makes_accounts_and_vouches_for_their_mailboxes() {
    let world = World::unlimited();
    let root = caller(&world, "r@example.com", Role::Root).await;
    let made =
        world.app.create_account(root.as_ruler().unwrap(), new_account("u@example.com", Role::User)).await.unwrap();
    assert!(made.is_active() && made.mailbox_proven_at().is_some() && made.permissions() == set(&WORDS));
    let again = world.app.create_account(root.as_ruler().unwrap(), new_account("u@example.com", Role::User)).await;
    assert!(matches!(again, Err(CreateAccountError::EmailTaken)));
    let named = world.app.create_account(root.as_ruler().unwrap(), new_account("v@example.com", Role::User)).await;
    assert!(matches!(named, Err(CreateAccountError::UsernameTaken)));
    let common = CreateAccount { password: password(COMMON), ..new_account("w@example.com", Role::Root) };
    assert!(matches!(
        world.app.create_account(root.as_ruler().unwrap(), common).await,
        Err(CreateAccountError::CommonPassword(_))
    ));
    for role in [Role::User, Role::Admin] {
        let by = caller(&world, &format!("{}@example.com", role.as_str()), role).await;
        assert!(by.as_ruler().is_err());
    }
    world.insert(&AccountBuilder::numbered(1).role(Role::Root).password_change_due().build()).await;
    let due = world.caller(&of(&world, AccountBuilder::numbered(1).build().id()).await).await.unwrap();
    assert!(due.as_ruler().is_err());
}

#[tokio::test]
async fn all_that_a_root_does_to_an_account_is_recorded() {
    use EventKind::{Creation, Deletion, EmailChange, PasswordChange, PasswordDemand, PermissionChange, RoleChange};

    let world = World::unlimited();
    let root = caller(&world, "r@example.com", Role::Root).await;
    let id = world
        .app
        .create_account(root.as_ruler().unwrap(), new_account("u@example.com", Role::User))
        .await
        .unwrap()
        .id();
    world.advance(time::Duration::seconds(1));
    let due = |due| EditAccount { password_change_due: Some(due), ..nothing(id) };
    for (edit, mut expected) in [
        (due(true), vec![PasswordDemand]),
        (due(true), vec![]),
        (due(false), vec![PasswordDemand]),
        (
            EditAccount { password_change_due: Some(true), ..new_password(id, None) },
            vec![PasswordChange, PasswordDemand],
        ),
        // The new password meets the demand.
        (EditAccount { password: Some(password(PASSWORD)), ..nothing(id) }, vec![PasswordChange]),
        (EditAccount { rights: Some(rights(false, &[])), ..nothing(id) }, vec![PermissionChange]),
        (EditAccount { rights: Some(rights(true, &WORDS)), ..nothing(id) }, vec![RoleChange, PermissionChange]),
        (EditAccount { email: Some(email("v@example.com")), ..nothing(id) }, vec![EmailChange]),
        (renaming(id), vec![]),
    ] {
        let before = world.events(Some(id)).await.len();
        world.app.edit_account(&root, edit).await.unwrap();
        let events = world.events(Some(id)).await;
        let mut added: Vec<_> = events[..events.len() - before].iter().map(|event| event.kind).collect();
        // Of one time, they are in no order.
        added.sort_by_key(|kind| kind.as_str());
        expected.sort_by_key(|kind| kind.as_str());
        assert_eq!(added, expected);
        world.advance(time::Duration::seconds(1));
    }
    let user = world.authority(&root, id).await.unwrap();
    world.app.remove_account(user).await.unwrap();
    let events = world.events(Some(id)).await;
    assert_eq!((events.last().unwrap().kind, events.first().unwrap().kind), (Creation, Deletion));
    let by_root = |event: &vestibule_domain::SecurityEvent| event.actor == Actor::Account(root.id());
    assert!(events.iter().all(|event| by_root(event) && event.origin.is_some()));
}
