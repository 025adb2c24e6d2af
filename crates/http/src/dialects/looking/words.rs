//! The dialect's words for permissions; `super` is a role.

pub(super) mod pictures;
pub(super) mod profiles;

use vestibule_application::rights::Rights;
use vestibule_domain::{Account, Permission, PermissionSet, Role};

/// The word for everything, which is the role of a root.
pub(super) const SUPER: &str = "super";

/// The words in the order in which they are shown, each with its permission; `super` has none.
const WORDS: [(&str, Option<Permission>); 8] = [
    ("view", Some(Permission::ProfileView)),
    ("add", Some(Permission::ProfileAdd)),
    ("edit", Some(Permission::ProfileEdit)),
    ("update", Some(Permission::ProfileUpdate)),
    ("delete", Some(Permission::ProfileDelete)),
    ("manage", Some(Permission::ProfileManage)),
    (SUPER, None),
    ("manageAppPreferences", Some(Permission::AppPreferences)),
];

/// What a client may do that did not sign in.
pub(super) const ANONYMOUS: [&str; 1] = ["view"];

/// Every word.
pub(super) fn all() -> impl Iterator<Item = &'static str> {
    WORDS.iter().map(|(word, _)| *word)
}

/// The word for a permission. One that the dialect has no word for is a root's.
pub(super) fn of(permission: Permission) -> &'static str {
    WORDS.iter().find(|(_, of)| *of == Some(permission)).map_or(SUPER, |(word, _)| word)
}

/// What an account was granted, by its role or singly.
pub(super) fn granted(account: &Account) -> Vec<&'static str> {
    let is_granted = |permission: &Option<Permission>| match permission {
        Some(permission) => account.holds(*permission),
        None => account.role() == Role::Root,
    };
    WORDS.iter().filter(|(_, permission)| is_granted(permission)).map(|(word, _)| *word).collect()
}

/// What an account may do: nothing while a change of password is due.
pub(super) fn can(account: &Account) -> Vec<&'static str> {
    if account.password_change_due() { Vec::new() } else { granted(account) }
}

/// The rights that words stand for; none if one is no word.
pub(super) fn rights<'a>(words: impl IntoIterator<Item = &'a str>) -> Option<Rights> {
    let among = WORDS.iter().filter_map(|(_, permission)| *permission).fold(PermissionSet::EMPTY, PermissionSet::with);
    let mut rights = Rights { all: false, among, granted: PermissionSet::EMPTY };
    for word in words {
        match WORDS.iter().find(|(known, _)| *known == word)?.1 {
            Some(permission) => rights.granted = rights.granted.with(permission),
            None => rights.all = true,
        }
    }
    Some(rights)
}

#[cfg(test)]
mod tests {
    use vestibule_testkit::AccountBuilder;

    use super::*;

    const ALL: [&str; 8] = ["view", "add", "edit", "update", "delete", "manage", "super", "manageAppPreferences"];

    #[test]
    fn roles_have_their_words() {
        let shown = |role| granted(&AccountBuilder::numbered(1).role(role).build());
        assert_eq!(shown(Role::Root), ALL);
        assert_eq!(shown(Role::Admin), ALL[..6]);
        assert_eq!(shown(Role::User), [""; 0]);
    }

    #[test]
    fn every_word_but_super_is_shown_as_it_was_granted() {
        for word in ALL.into_iter().filter(|word| *word != SUPER) {
            let set = rights([word]).unwrap();
            assert!(!set.all);
            let account = AccountBuilder::numbered(1).permissions(set.permissions(PermissionSet::default())).build();
            assert_eq!(granted(&account), [word]);
            assert_eq!(can(&AccountBuilder::numbered(2).password_change_due().build()), [""; 0]);
        }
        assert!(rights([SUPER]).unwrap().all);
        assert_eq!(rights([]).unwrap().granted, PermissionSet::EMPTY);
    }

    #[test]
    fn any_other_word_is_none() {
        for words in [&["View"][..], &["view", "root"], &[""], &["profile-view"]] {
            assert_eq!(rights(words.iter().copied()), None, "{words:?}");
        }
    }

    #[test]
    fn a_permission_has_its_word() {
        for permission in Permission::ALL {
            let known = WORDS.iter().any(|(_, of)| *of == Some(permission));
            assert_eq!(of(permission) != SUPER, known, "{permission:?}");
        }
    }
}
