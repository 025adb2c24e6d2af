use std::{fmt::Debug, str::FromStr};

use vestibule_domain::{AccountStatus, Permission, Role, TokenPurpose};

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
    comes_back(&[TokenPurpose::PasswordReset, TokenPurpose::EmailVerification], TokenPurpose::as_str);
    comes_back(&Permission::ALL, Permission::as_str);
}

#[test]
fn the_stored_words_never_change() {
    assert_eq!([Role::User, Role::Admin, Role::Root].map(Role::as_str), ["user", "admin", "root"]);
    let statuses = [AccountStatus::Active, AccountStatus::Pending, AccountStatus::Disabled];
    assert_eq!(statuses.map(AccountStatus::as_str), ["active", "pending", "disabled"]);
    let purposes = [TokenPurpose::PasswordReset, TokenPurpose::EmailVerification];
    assert_eq!(purposes.map(TokenPurpose::as_str), ["password-reset", "email-verification"]);
}

#[test]
fn roles_are_ranked() {
    assert!(Role::User < Role::Admin && Role::Admin < Role::Root);
}
