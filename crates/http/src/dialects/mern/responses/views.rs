//! From accounts to what their viewers see.

use vestibule_application::{Caller, rights::may_read_users};
use vestibule_domain::{Account, Permission, Provider};

use super::{FullUser, Permissions, ProviderEntry, Providers, PublicUser, UserView};
use crate::{MernOptions, dialects::mern::words, shared::timestamp::timestamp};

/// Everything for the account itself and for a caller that may read users, as the caller is allowed now.
pub(crate) fn seen_by(caller: &Caller, account: &Account, options: &MernOptions) -> UserView {
    if caller.id() == account.id() || may_read_users(caller.account()) {
        UserView::Full(Box::new(full(account, options)))
    } else {
        UserView::Public(public(account))
    }
}

pub(crate) fn public(account: &Account) -> PublicUser {
    PublicUser {
        id: account.id().hex(),
        username: account.username().map(ToString::to_string),
        first_name: account.name().first().map(str::to_owned),
        last_name: account.name().last().map(str::to_owned),
        created_at: timestamp(account.created_at()),
    }
}

pub(crate) fn full(account: &Account, options: &MernOptions) -> FullUser {
    let PublicUser { id, username, first_name, last_name, created_at } = public(account);
    FullUser {
        id,
        username,
        email: account.email().to_string(),
        status: status(account, options),
        first_name,
        last_name,
        role: words::role(account.role()),
        permissions: permissions(account),
        provider: providers(account),
        created_at,
        updated_at: timestamp(account.updated_at()),
    }
}

/// The word of the status, which an unproven mailbox changes only where proving it is asked for.
fn status(account: &Account, options: &MernOptions) -> &'static str {
    words::status(options.mailbox_proof().status_of(account))
}

fn permissions(account: &Account) -> Permissions {
    let has = |permission| account.permissions().contains(permission);
    Permissions {
        user_insert: has(Permission::UserInsert),
        user_modify: has(Permission::UserModify),
        user_read: has(Permission::UserRead),
        post_insert: has(Permission::PostInsert),
        post_modify: has(Permission::PostModify),
        post_read: has(Permission::PostRead),
    }
}

fn providers(account: &Account) -> Providers {
    let linked = |provider: Provider| {
        let identity = account.identities().iter().find(|identity| identity.provider == provider)?;
        Some(ProviderEntry { user_id: identity.user_id.to_string(), picture: identity.picture.clone() })
    };
    Providers {
        local: account.password().map(|_| ProviderEntry { user_id: account.id().hex(), picture: None }),
        google: linked(Provider::Google),
        facebook: linked(Provider::Facebook),
        apple: linked(Provider::Apple),
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;
    use vestibule_domain::AccountStatus;
    use vestibule_testkit::AccountBuilder;

    use super::*;

    #[test]
    fn an_unproven_mailbox_shows_only_where_a_proof_is_asked_for() {
        let with = |verify_email| MernOptions { verify_email, ..MernOptions::default() };
        for (account_status, proven, off, on) in [
            (AccountStatus::Active, true, "active", "active"),
            (AccountStatus::Active, false, "active", "unverified-email"),
            (AccountStatus::Pending, false, "unverified-email", "unverified-email"),
            (AccountStatus::Disabled, true, "disabled", "disabled"),
            (AccountStatus::Disabled, false, "disabled", "disabled"),
        ] {
            let proven_at = proven.then_some(datetime!(2026-03-01 12:00 UTC));
            let account = AccountBuilder::numbered(1).status(account_status).mailbox_proven_at(proven_at).build();
            assert_eq!((status(&account, &with(false)), status(&account, &with(true))), (off, on));
        }
    }
}
