use proptest::prelude::*;
use time::{Duration, OffsetDateTime, macros::datetime};
use vestibule_domain::{
    Account, AccountStatus, EmailAddress, LinkedIdentity, NamePart, NewAccount, PasswordHash, Permission,
    PermissionSet, PersonName, Provider, Role, TokenEpoch, account::to_microseconds, id::Id96,
    identity::ProviderUserId,
};

const NOW: OffsetDateTime = datetime!(2026-03-01 12:00:00.123456 UTC);
const ID: [u8; 12] = [7; 12];
const LATER: OffsetDateTime = datetime!(2026-03-02 12:00:00.654321 UTC);

pub(crate) fn account(id: [u8; 12], role: Role, status: AccountStatus) -> Account {
    Account::new(NewAccount {
        id: Id96::from_bytes(id).into(),
        email: EmailAddress::parse("ada@example.org").unwrap(),
        username: None,
        name: PersonName::UNKNOWN,
        role,
        status,
        password: Some(PasswordHash::new("first")),
        epoch: TokenEpoch::new([1; 16]),
        mailbox_proven_at: None,
        identity: None,
        created_at: NOW + Duration::nanoseconds(999),
    })
}

#[test]
fn a_new_account_has_the_default_permissions_and_whole_microseconds() {
    let account = account(ID, Role::User, AccountStatus::Pending);
    assert_eq!(account.permissions(), PermissionSet::default());
    assert_eq!((account.created_at(), account.updated_at()), (NOW, NOW));
    assert_eq!(Account::restore(account.record().clone()), account);
}

#[test]
fn a_new_password_ends_earlier_tokens_and_a_rehash_does_not() {
    let mut account = account(ID, Role::User, AccountStatus::Active);
    account.rehash_password(PasswordHash::new("second"), LATER);
    assert_eq!(account.epoch(), TokenEpoch::new([1; 16]));
    account.change_password(PasswordHash::new("third"), TokenEpoch::new([2; 16]), LATER);
    assert_eq!(account.epoch(), TokenEpoch::new([2; 16]));
    assert_eq!(account.password().map(PasswordHash::expose), Some("third"));
    assert_eq!((account.created_at(), account.updated_at()), (NOW, LATER));
}

#[test]
fn a_proven_mailbox_activates_a_pending_account_and_never_a_disabled_one() {
    for (status, after) in [
        (AccountStatus::Pending, AccountStatus::Active),
        (AccountStatus::Active, AccountStatus::Active),
        (AccountStatus::Disabled, AccountStatus::Disabled),
    ] {
        let mut account = account(ID, Role::User, status);
        account.prove_mailbox(NOW);
        account.prove_mailbox(LATER);
        assert_eq!(account.status(), after);
        assert_eq!(account.mailbox_proven_at(), Some(NOW), "the first proof counts");
    }
}

#[test]
fn a_disabled_account_has_another_epoch_and_can_be_enabled() {
    let mut account = account(ID, Role::Root, AccountStatus::Active);
    assert!(account.is_active_root());
    account.disable(TokenEpoch::new([2; 16]), LATER);
    assert!(!account.is_active() && !account.is_active_root());
    assert_eq!(account.epoch(), TokenEpoch::new([2; 16]));
    account.enable(LATER);
    assert!(account.is_active_root());
    account.change_role(Role::Admin, LATER);
    assert!(account.is_active() && !account.is_active_root());
}

#[test]
fn a_locked_account_keeps_its_epoch() {
    let mut account = account(ID, Role::Root, AccountStatus::Active);
    account.lock(LATER);
    assert_eq!((account.status(), account.updated_at()), (AccountStatus::Disabled, LATER));
    assert_eq!(account.epoch(), TokenEpoch::new([1; 16]));
}

#[test]
fn a_dropped_password_and_an_end_of_tokens_end_earlier_tokens() {
    let mut account = account(ID, Role::User, AccountStatus::Active);
    account.end_tokens(TokenEpoch::new([2; 16]), LATER);
    assert_eq!((account.epoch(), account.updated_at()), (TokenEpoch::new([2; 16]), LATER));
    assert!(account.password().is_some());
    account.drop_password(TokenEpoch::new([3; 16]), LATER);
    assert_eq!(account.epoch(), TokenEpoch::new([3; 16]));
    assert!(account.password().is_none());
}

#[test]
fn a_suspended_account_waits_for_a_new_proof() {
    let mut account = account(ID, Role::User, AccountStatus::Active);
    account.prove_mailbox(NOW);
    account.suspend_until_proven(LATER);
    assert_eq!((account.status(), account.mailbox_proven_at()), (AccountStatus::Pending, None));
    assert!(account.was_proven() && !account.is_provisional(), "what was proven once is not forgotten");
    account.prove_mailbox(LATER);
    assert_eq!((account.status(), account.mailbox_proven_at()), (AccountStatus::Active, Some(NOW)));
}

#[test]
fn only_a_sign_up_that_waits_for_its_first_proof_is_provisional() {
    let mut account = account(ID, Role::User, AccountStatus::Pending);
    assert!(account.is_provisional());
    account.enable(NOW);
    assert!(!account.is_provisional(), "it lives");
    account.suspend_until_proven(LATER);
    assert!(account.is_provisional(), "it was never proven");
    account.prove_mailbox(LATER);
    assert!(!account.is_provisional());
}

#[test]
fn an_account_that_was_proven_once_is_not_provisional_at_another_address() {
    let mut account = account(ID, Role::User, AccountStatus::Pending);
    account.prove_mailbox(NOW);
    account.change_email(EmailAddress::parse("king@example.org").unwrap(), LATER);
    account.suspend_until_proven(LATER);
    assert!(!account.was_proven() && !account.is_provisional());
    account.prove_mailbox(LATER);
    assert_eq!(account.mailbox_proven_at(), Some(LATER), "the first proof of the present mailbox");
    account.unlink_identities(LATER + Duration::DAY);
    assert_eq!(account.updated_at(), LATER, "there was none");
}

fn identity(provider: Provider, user_id: &str) -> LinkedIdentity {
    LinkedIdentity { provider, user_id: ProviderUserId::parse(user_id).unwrap(), picture: None }
}

#[test]
fn an_account_has_one_identity_of_a_provider_in_the_order_of_providers() {
    let mut account = account(ID, Role::User, AccountStatus::Active);
    for linked in [(Provider::Apple, "a"), (Provider::Google, "g"), (Provider::Apple, "b")] {
        account.link_identity(identity(linked.0, linked.1), LATER);
    }
    assert_eq!(account.identities(), [identity(Provider::Google, "g"), identity(Provider::Apple, "b")]);
    let with_picture =
        LinkedIdentity { picture: Some("https://p.example".to_owned()), ..account.identities()[0].clone() };
    account.link_identity(with_picture.clone(), LATER);
    assert_eq!(account.identities()[0], with_picture);
    account.unlink_identities(LATER + Duration::DAY);
    assert_eq!((account.identities(), account.updated_at()), (&[][..], LATER + Duration::DAY));
}

#[test]
fn what_changes_nothing_is_not_a_change() {
    let mut account = account(ID, Role::User, AccountStatus::Active);
    account.link_identity(identity(Provider::Google, "g"), NOW);
    let before = account.clone();
    account.link_identity(identity(Provider::Google, "g"), LATER);
    account.rename(PersonName::UNKNOWN, LATER);
    account.change_permissions(PermissionSet::default(), LATER);
    assert_eq!(account, before);
    account.change_permissions(PermissionSet::EMPTY, LATER);
    assert_eq!((account.permissions(), account.updated_at()), (PermissionSet::EMPTY, LATER));
    let name = PersonName::Parts { first: Some(NamePart::parse("Ada").unwrap()), last: None };
    account.rename(name.clone(), LATER + Duration::DAY);
    assert_eq!((account.name(), account.updated_at()), (&name, LATER + Duration::DAY));
}

#[test]
fn roots_may_everything_admins_what_comes_with_the_role_and_users_what_they_were_granted() {
    for permission in Permission::ALL {
        let may = |role| account(ID, role, AccountStatus::Active).may(permission);
        assert!(may(Role::Root));
        assert_eq!(may(Role::Admin), permission != Permission::AppPreferences);
        assert_eq!(may(Role::User), permission == Permission::PostRead);
    }
    let mut admin = account(ID, Role::Admin, AccountStatus::Active);
    admin.change_permissions(PermissionSet::EMPTY.with(Permission::AppPreferences), NOW);
    assert!(admin.may(Permission::AppPreferences), "granted singly");
}

#[test]
fn whoever_edits_profiles_may_update_them_and_not_the_other_way_round() {
    let with = |permission| {
        let mut user = account(ID, Role::User, AccountStatus::Active);
        user.change_permissions(PermissionSet::EMPTY.with(permission), NOW);
        user
    };
    let (editor, updater) = (with(Permission::ProfileEdit), with(Permission::ProfileUpdate));
    assert!(editor.may(Permission::ProfileUpdate) && !editor.holds(Permission::ProfileUpdate));
    assert!(!updater.may(Permission::ProfileEdit));
}

#[test]
fn a_change_of_password_is_due_until_there_is_another_password() {
    let due = || {
        let mut due = account(ID, Role::User, AccountStatus::Active);
        due.require_password_change(true, NOW);
        due
    };
    assert!(due().password_change_due());
    let hash = || PasswordHash::new("$2b$12$other");
    let mut changed = due();
    changed.change_password(hash(), TokenEpoch::new([9; 16]), NOW);
    let mut kept = due();
    kept.keep_password(hash(), NOW);
    let mut lifted = due();
    lifted.require_password_change(false, NOW);
    assert!([changed, kept, lifted].iter().all(|account| !account.password_change_due()));
    let mut rehashed = due();
    rehashed.rehash_password(hash(), NOW);
    assert!(rehashed.password_change_due(), "the same password");
}

proptest! {
    #[test]
    fn times_are_cut_down_to_microseconds(nanoseconds in -10_000_000_000_000_000_000_i128..10_000_000_000_000_000_000) {
        let time = OffsetDateTime::from_unix_timestamp_nanos(nanoseconds).unwrap();
        let cut = to_microseconds(time);
        prop_assert_eq!(cut.nanosecond() % 1_000, 0);
        prop_assert!(cut <= time && time - cut < Duration::MICROSECOND);
        prop_assert_eq!(to_microseconds(cut), cut);
    }
}
