//! The wire form of a profile.

use serde::Serialize;
use time::{OffsetDateTime, macros::format_description};

use super::Account;

#[derive(Serialize)]
pub(super) struct Profile {
    profile: User,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct User {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<String>,
    email: String,
    status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_name: Option<String>,
    role: String,
    permissions: Permissions,
    provider: Providers,
    created_at: String,
    updated_at: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "it is on the wire")]
struct Permissions {
    user_insert: bool,
    user_modify: bool,
    user_read: bool,
    post_insert: bool,
    post_modify: bool,
    post_read: bool,
}

#[derive(Serialize)]
struct Providers {
    local: Local,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Local {
    user_id: String,
}

impl Profile {
    pub(super) fn of(account: Account) -> Self {
        let id = account.id.hex();
        let has = |bit: u8| account.permissions >> bit & 1 == 1;
        let permissions = Permissions {
            user_insert: has(0),
            user_modify: has(1),
            user_read: has(2),
            post_insert: has(3),
            post_modify: has(4),
            post_read: has(5),
        };
        let user = User {
            provider: Providers { local: Local { user_id: id.clone() } },
            id,
            username: account.username,
            email: account.email,
            status: account.status,
            first_name: account.first_name,
            last_name: account.last_name,
            role: account.role,
            permissions,
            created_at: timestamp(account.created_at),
            updated_at: timestamp(account.updated_at),
        };
        Self { profile: user }
    }
}

pub(super) fn timestamp(time: OffsetDateTime) -> String {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
    time.format(format).unwrap_or_default()
}
