//! Editing accounts and showing them: who may, what needs the present password, and what makes room.

use time::Duration;
use vestibule_application::{
    Caller, Fault, Language,
    accounts::{AccountChange, Edit, EditAccount, EditAccountError, EditRule, NameEdit, NewRole, NewStatus},
    register::RegisterWithPassword,
    verification::{Mailbox, ResendVerificationCode, VerifyMailboxByCode},
};
use vestibule_domain::{
    Account, AccountId, AccountStatus, DossierChange, EventKind, NamePart, Role, Username,
    dossier::{Detail, Field, Value},
};
use vestibule_testkit::AccountBuilder;

use crate::support::{FORMAT, PASSWORD, World, email, origin, password, sign_up};

const ALICE: &str = "alice@example.com";
const OTHER: &str = "other@example.com";
const NEW: &str = "battery staple";

fn nothing(id: AccountId) -> EditAccount {
    EditAccount {
        rule: EditRule::ByOwner,
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

fn telling(field: Field, text: &str) -> DossierChange {
    let mut change = DossierChange::default();
    change.put(field, Some(Value::Text(Detail::parse(text).unwrap()))).unwrap();
    change
}

fn username(text: &str) -> Username {
    Username::parse(text).unwrap()
}

impl World {
    async fn alice_and(&self, other: Role) -> (Caller, Caller) {
        let alice = self.app.register_with_password(sign_up(ALICE, Some("alice"))).await.unwrap().account;
        let other = self.with_account(OTHER, other).await;
        (self.caller(&alice).await.unwrap(), self.caller(&other).await.unwrap())
    }

    async fn ask_code(&self, mailbox: Mailbox) {
        let (origin, language) = (origin(1), Language::English);
        let input = ResendVerificationCode { origin, mailbox, to_proven: true, format: FORMAT, language };
        self.app.resend_verification_code(input).await.unwrap();
    }

    async fn type_code_of(&self, mailbox: Mailbox, code: &str) -> bool {
        let input = VerifyMailboxByCode { origin: origin(1), mailbox, code: code.to_owned(), format: FORMAT };
        self.app.verify_mailbox_by_code(input).await.is_ok()
    }

    async fn of(&self, id: AccountId) -> Account {
        self.app.show_account(id).await.unwrap().unwrap()
    }
}

#[tokio::test]
async fn a_sign_up_stores_what_the_owner_tells_with_the_account() {
    let world = World::new();
    let input = RegisterWithPassword { dossier: telling(Field::LegalName, "ABC LTD"), ..sign_up(ALICE, None) };
    let account = world.app.register_with_password(input).await.unwrap().account;
    let dossier = world.app.show_dossier(account.id()).await.unwrap();
    assert_eq!(dossier.values.line(Field::LegalName).unwrap().as_str(), "ABC LTD");
}

#[tokio::test]
async fn an_account_is_shown_to_its_owner_admins_and_roots() {
    for (role, sees) in [(Role::User, false), (Role::Admin, true), (Role::Root, true)] {
        let world = World::unlimited();
        let (alice, other) = world.alice_and(role).await;
        let own = world.app.show_with_dossier(alice.as_viewer_of(alice.id()).unwrap()).await;
        assert_eq!(own.unwrap().unwrap().0.id(), alice.id());
        let unknown = AccountId::from_hex(&"ab".repeat(12)).unwrap();
        for (id, exists) in [(alice.id(), true), (unknown, false)] {
            let viewer = other.as_viewer_of(id);
            assert_eq!(viewer.is_ok(), sees, "{role:?}");
            if let Ok(viewer) = viewer {
                assert_eq!(world.app.show_with_dossier(viewer).await.unwrap().is_some(), exists);
            }
        }
    }
}

#[tokio::test]
async fn an_edit_changes_what_it_names_and_leaves_the_rest() {
    let world = World::new();
    let (alice, _) = world.alice_and(Role::User).await;
    let set = NameEdit { first: Edit::Set(NamePart::parse("Ada").unwrap()), last: Edit::Keep };
    let input = EditAccount { name: set, dossier: telling(Field::City, "NY"), ..nothing(alice.id()) };
    let (account, dossier) = world.app.edit_account(&alice, input).await.unwrap();
    assert_eq!((account.name().first(), account.name().last()), (Some("Ada"), Some("Martin")));
    assert_eq!(dossier.values.line(Field::City).unwrap().as_str(), "NY");
    let clear = NameEdit { first: Edit::Clear, last: Edit::Keep };
    let (account, dossier) =
        world.app.edit_account(&alice, EditAccount { name: clear, ..nothing(alice.id()) }).await.unwrap();
    assert_eq!((account.name().first(), account.name().last()), (None, Some("Martin")));
    assert!(dossier.values.line(Field::City).is_some());
    assert_eq!(world.of(alice.id()).await, account);
}

#[tokio::test]
async fn another_address_or_password_needs_the_present_password() {
    let world = World::unlimited();
    let (alice, admin) = world.alice_and(Role::Admin).await;
    let address = |current: Option<&str>| EditAccount {
        email: Some(email("new@example.com")),
        current_password: current.map(str::to_owned),
        ..nothing(alice.id())
    };
    let secret = |current: Option<&str>| EditAccount {
        password: Some(password(NEW)),
        current_password: current.map(str::to_owned),
        ..nothing(alice.id())
    };
    for (caller, current) in [(&alice, None), (&alice, Some("wrong horse")), (&admin, Some(PASSWORD)), (&admin, None)] {
        for input in [address(current), secret(current)] {
            let refused = world.app.edit_account(caller, input).await;
            assert!(matches!(refused, Err(EditAccountError::WrongPassword)), "{current:?}: {refused:?}");
        }
    }
    assert_eq!(world.of(alice.id()).await, *alice.account());
    let same = EditAccount { email: Some(email(ALICE)), ..nothing(alice.id()) };
    world.app.edit_account(&alice, same).await.unwrap();
    let (moved, _) = world.app.edit_account(&alice, address(Some(PASSWORD))).await.unwrap();
    assert_eq!((moved.email().as_str(), moved.epoch()), ("new@example.com", alice.account().epoch()));
    let (changed, _) = world.app.edit_account(&alice, secret(Some(PASSWORD))).await.unwrap();
    assert_ne!(changed.epoch(), alice.account().epoch());
    let late = world.app.edit_account(&alice, nothing(alice.id())).await;
    assert!(matches!(late, Err(EditAccountError::SignedOut)), "a new password ends earlier tokens");
    world.sign_in("new@example.com", NEW, 1).await.unwrap();
}

#[tokio::test]
async fn another_address_is_to_be_proven_and_earlier_codes_end() {
    let world = World::unlimited();
    let (alice, _) = world.alice_and(Role::User).await;
    world.ask_code(Mailbox::Of(email(ALICE))).await;
    let code = world.mailed_code().await;
    assert!(world.type_code_of(Mailbox::OfAccount(alice.id()), &code).await);
    world.ask_code(Mailbox::OfAccount(alice.id())).await;
    let code = world.mailed_code().await;
    let new_address = EditAccount {
        email: Some(email("new@example.com")),
        current_password: Some(PASSWORD.to_owned()),
        ..nothing(alice.id())
    };
    let (moved, _) = world.app.edit_account(&alice, new_address).await.unwrap();
    assert_eq!((moved.status(), moved.mailbox_proven_at()), (AccountStatus::Active, None));
    assert!(!world.type_code_of(Mailbox::OfAccount(alice.id()), &code).await, "a code proves where it was mailed to");
}

#[tokio::test]
async fn the_mailbox_of_before_is_told_of_another_address_or_password_if_it_was_proven() {
    for (is_proven, moves, changes_password, subjects) in [
        (true, true, true, &["Your e-mail address was changed", "Your password was changed"][..]),
        (true, true, false, &["Your e-mail address was changed"]),
        (true, false, true, &["Your password was changed"]),
        (false, false, true, &["Your password was changed"]),
        (false, true, true, &[]),
        (true, false, false, &[]),
    ] {
        let world = World::unlimited();
        let account = if is_proven {
            world.with_account(ALICE, Role::User).await
        } else {
            world.register(ALICE).await.unwrap().account
        };
        let alice = world.caller(&account).await.unwrap();
        let input = EditAccount {
            email: Some(email(if moves { "new@example.com" } else { ALICE })),
            password: changes_password.then(|| password(NEW)),
            current_password: Some(PASSWORD.to_owned()),
            ..nothing(alice.id())
        };
        world.app.edit_account(&alice, input).await.unwrap();
        world.deliver_due_mail().await.unwrap();
        let mut told = world.mailer.taken();
        assert!(told.iter().all(|mail| mail.to == email(ALICE)), "{subjects:?}");
        told.sort_by(|one, other| one.content.subject.cmp(&other.content.subject));
        assert_eq!(told.iter().map(|mail| mail.content.subject.as_str()).collect::<Vec<_>>(), subjects);
        let kinds = world.events(Some(alice.id())).await.into_iter().map(|event| event.kind);
        assert_eq!(kinds.filter(|kind| *kind == EventKind::EmailChange).count(), usize::from(moves), "{subjects:?}");
    }
}

#[tokio::test]
async fn a_taken_name_or_address_is_refused_and_a_provisional_account_makes_room() {
    let world = World::unlimited();
    let (alice, other) = world.alice_and(Role::User).await;
    let named = |name: &str| EditAccount { username: Some(username(name)), ..nothing(other.id()) };
    let taken = world.app.edit_account(&other, named("alice")).await;
    assert!(matches!(taken, Err(EditAccountError::UsernameTaken)));
    let at = |address: &str| EditAccount {
        email: Some(email(address)),
        current_password: Some(PASSWORD.to_owned()),
        ..nothing(other.id())
    };
    assert!(matches!(world.app.edit_account(&other, at(ALICE)).await, Err(EditAccountError::EmailTaken)));
    assert_eq!(world.of(other.id()).await.email().as_str(), OTHER);
    world.app.edit_account(&other, named("other")).await.unwrap();

    let waiting = AccountBuilder::numbered(9).email("waiting@example.com").provisional().build();
    world.insert(&waiting).await;
    let (moved, _) = world.app.edit_account(&other, at("waiting@example.com")).await.unwrap();
    assert_eq!(moved.email().as_str(), "waiting@example.com");
    assert!(world.app.show_account(waiting.id()).await.unwrap().is_none());
    assert_eq!(world.of(alice.id()).await, *alice.account());
}

#[tokio::test]
async fn user_names_are_tried_ten_times_an_hour_whether_they_are_taken_or_not() {
    for (world, is_limited) in [(World::new(), true), (World::unlimited(), false)] {
        let (alice, other) = world.alice_and(Role::User).await;
        let throttled = async |caller: &Caller, name: &str| {
            let input = EditAccount { username: Some(username(name)), ..nothing(caller.id()) };
            let outcome = world.app.edit_account(caller, input).await;
            matches!(outcome, Err(EditAccountError::Fault(Fault::Throttled { .. })))
        };
        for number in 0..10 {
            let name = if number % 2 == 0 { "alice".to_owned() } else { format!("other-{number}") };
            assert!(!throttled(&other, &name).await, "{name}");
        }
        assert_eq!(throttled(&other, "alice").await, is_limited);
        assert_eq!(throttled(&other, "free-name").await, is_limited);
        assert!(!throttled(&alice, "alice").await && !throttled(&alice, "alice-2").await, "each has tries of its own");
        world.app.edit_account(&other, nothing(other.id())).await.unwrap();
        world.advance(Duration::minutes(6));
        assert!(!throttled(&other, "free-name").await);
    }
}

#[tokio::test]
async fn only_those_who_may_change_an_account_edit_it() {
    for (role, allowed) in [(Role::User, false), (Role::Admin, true), (Role::Root, true)] {
        let world = World::unlimited();
        let (alice, other) = world.alice_and(role).await;
        let input = EditAccount { dossier: telling(Field::City, "NY"), ..nothing(alice.id()) };
        assert_eq!(world.app.edit_account(&other, input).await.is_ok(), allowed, "{role:?}");
    }
    let world = World::unlimited();
    let (_, admin) = world.alice_and(Role::Admin).await;
    let peer = world.with_account("peer@example.com", Role::Admin).await;
    let refused = world.app.edit_account(&admin, nothing(peer.id())).await;
    assert!(matches!(refused, Err(EditAccountError::Forbidden)));
}

#[tokio::test]
async fn a_suspended_account_has_no_token_left_when_it_is_active_again() {
    let [suspended, disabled] = [NewStatus::Suspended, NewStatus::Disabled];
    let orders = [(&[suspended][..], false), (&[disabled], true), (&[disabled, suspended], false)];
    for (statuses, lives_again) in orders {
        let world = World::unlimited();
        let (alice, admin) = world.alice_and(Role::Admin).await;
        for status in statuses.iter().copied().chain([NewStatus::Active]) {
            let user = world.authority(&admin, alice.id()).await.unwrap();
            let change = AccountChange { status: Some(status), ..AccountChange::default() };
            world.app.change_account(user, change).await.unwrap();
        }
        assert_eq!(world.of(alice.id()).await.epoch() == alice.account().epoch(), lives_again, "{statuses:?}");
    }
}

#[tokio::test]
async fn at_least_an_admin_leaves_a_root_a_root() {
    let world = World::unlimited();
    let (alice, root) = world.alice_and(Role::Root).await;
    let at_least = AccountChange { role: Some(NewRole::AtLeast(Role::Admin)), ..AccountChange::default() };
    for (id, role) in [(root.id(), Role::Root), (alice.id(), Role::Admin)] {
        let user = world.authority(&root, id).await.unwrap();
        assert_eq!(world.app.change_account(user, at_least.clone()).await.unwrap().role(), role);
    }
}

#[tokio::test]
async fn a_code_goes_to_the_mailbox_of_an_id_or_an_address_and_none_to_a_disabled_account() {
    let world = World::unlimited();
    let (alice, admin) = world.alice_and(Role::Admin).await;
    for mailbox in [Mailbox::OfAccount(alice.id()), Mailbox::Of(email(ALICE))] {
        world.ask_code(mailbox.clone()).await;
        let code = world.mailed_code().await;
        assert!(!world.type_code_of(Mailbox::OfAccount(admin.id()), &code).await);
        assert!(world.type_code_of(mailbox, &code).await);
    }
    world.ask_code(Mailbox::OfAccount(AccountId::from_hex(&"ab".repeat(12)).unwrap())).await;
    let user = world.authority(&admin, alice.id()).await.unwrap();
    let suspend = AccountChange { status: Some(NewStatus::Suspended), ..AccountChange::default() };
    world.app.change_account(user, suspend).await.unwrap();
    world.ask_code(Mailbox::OfAccount(alice.id())).await;
    assert!(world.app.lease_due_mail(16).await.unwrap().is_empty());
}
