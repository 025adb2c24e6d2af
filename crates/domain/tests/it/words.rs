use std::{fmt::Debug, str::FromStr};

use vestibule_domain::{
    AccountStatus, EventKind, Permission, Provider, Role, TokenPurpose,
    dossier::{Reason, ReviewState},
};

fn comes_back<T: FromStr + PartialEq + Debug + Copy>(values: &[T], word: impl Fn(T) -> &'static str) {
    for value in values {
        assert_eq!(word(*value).parse().ok(), Some(*value));
    }
    for wrong in ["", " ", "nothing", &word(values[0]).to_uppercase(), &format!("{} ", word(values[0]))] {
        assert_eq!(wrong.parse::<T>().ok(), None, "{wrong:?}");
    }
}

#[test]
fn stored_words_come_back_and_others_are_refused() {
    comes_back(&[Role::User, Role::Admin, Role::Root], Role::as_str);
    comes_back(&[AccountStatus::Active, AccountStatus::Pending, AccountStatus::Disabled], AccountStatus::as_str);
    comes_back(&TokenPurpose::ALL, TokenPurpose::as_str);
    comes_back(&Provider::ALL, Provider::as_str);
    comes_back(&Permission::ALL, Permission::as_str);
    comes_back(&EventKind::ALL, EventKind::as_str);
    comes_back(&ReviewState::ALL, ReviewState::as_str);
    comes_back(&Reason::ALL, Reason::as_str);
}

#[test]
fn the_stored_words_never_change() {
    assert_eq!([Role::User, Role::Admin, Role::Root].map(Role::as_str), ["user", "admin", "root"]);
    let statuses = [AccountStatus::Active, AccountStatus::Pending, AccountStatus::Disabled];
    assert_eq!(statuses.map(AccountStatus::as_str), ["active", "pending", "disabled"]);
    let purposes = [
        "password-reset",
        "password-reset-link",
        "password-reset-token",
        "password-reset-of-account",
        "email-verification",
    ];
    assert_eq!(TokenPurpose::ALL.map(TokenPurpose::as_str), purposes);
    assert_eq!(Provider::ALL.map(Provider::as_str), ["google", "facebook", "apple"]);
    let states = ["draft", "submitted", "in-review", "accepted", "rejected", "resubmitted"];
    assert_eq!(ReviewState::ALL.map(ReviewState::as_str), states);
    let reasons = ["unreadable", "expired", "mismatch", "incomplete", "wrong-document", "other"];
    assert_eq!(Reason::ALL.map(Reason::as_str), reasons);
    let events = [
        "sign-in",
        "sign-in-failed",
        "refresh-reuse",
        "password-change",
        "email-change",
        "role-change",
        "block",
        "unblock",
        "deletion",
        "dossier-decision",
        "profile-decision",
        "creation",
        "permission-change",
        "password-demand",
        "proof-change",
        "sign-out",
    ];
    assert_eq!(EventKind::ALL.map(EventKind::as_str), events);
}

#[test]
fn roles_are_ranked() {
    assert!(Role::User < Role::Admin && Role::Admin < Role::Root);
}
