//! The columns of the larger aggregates, named once, for every statement that reads or writes whole rows.
//!
//! The driver's macros take a statement only as literals joined by `+`. So a list of columns is a macro that passes
//! literals to another macro, along with its own arguments: `columns!(accounts select [ … ])`. Key columns are not in the
//! lists: the statements that know the key begin with them.

use sqlx::Row;
use uuid::Uuid;

/// Passes on the columns of an aggregate: for each the field, `!` if it is never null or else `?`, the name, and the
/// placeholder; and after a colon its type, if reading it needs one.
macro_rules! columns {
    (accounts $then:ident $input:tt) => {
        $then! {
            $input
            email ! "email" "?2"
            username ? "username" "?3"
            full_name ? "full_name" "?4"
            first_name ? "first_name" "?5"
            last_name ? "last_name" "?6"
            role ! "role" "?7"
            status ! "status" "?8"
            permissions ! "permissions" "?9"
            mailbox_proven_at ? "mailbox_proven_at" "?10"
            first_proven_at ? "first_proven_at" "?11"
            epoch ! "epoch" "?12"
            password_hash ? "password_hash" "?13"
            google_user_id ? "google_user_id" "?14"
            google_picture ? "google_picture" "?15"
            facebook_user_id ? "facebook_user_id" "?16"
            facebook_picture ? "facebook_picture" "?17"
            apple_user_id ? "apple_user_id" "?18"
            apple_picture ? "apple_picture" "?19"
            last_sign_in_at ? "last_sign_in_at" "?20"
            failed_sign_ins ! "failed_sign_ins" "?21"
            last_failed_sign_in_at ? "last_failed_sign_in_at" "?22"
            created_at ! "created_at" "?23"
            updated_at ! "updated_at" "?24"
            password_change_due ! "password_change_due" "?25" [": bool"]
        }
    };
    (dossiers $then:ident $input:tt) => {
        $then! {
            $input
            fields ! "fields" "?2"
            phone_key ? "phone_key" "?3"
            review_state ! "review_state" "?4"
            submitted_at ? "submitted_at" "?5"
            held_by ? "held_by" "?6" [": Uuid"]
            held_until ? "held_until" "?7"
            first_accepted_by ? "first_accepted_by" "?8" [": Uuid"]
            decided_at ? "decided_at" "?9"
            review ! "review" "?10"
            updated_at ? "updated_at" "?11"
        }
    };
    (events $then:ident $input:tt) => {
        $then! {
            $input
            kind ! "kind" "?4"
            actor ! "actor" "?5"
            source ? "source" "?6"
            request_id ? "request_id" "?7"
            at ! "at" "?8"
        }
    };
    (mailbox $then:ident $input:tt) => {
        $then! {
            $input
            sender ! "sender" "?2"
            recipient ! "recipient" "?3"
            received_at ! "received_at" "?4"
            subject ! "subject" "?5"
            text ! "text" "?6"
            html ! "html" "?7"
        }
    };
    (messages $then:ident $input:tt) => {
        $then! {
            $input
            side ! "side" "?4"
            client_id ? "client_id" "?5"
            display_time ? "display_time" "?6"
            created_at ! "created_at" "?7"
            text ! "text" "?8"
        }
    };
    (outbox $then:ident $input:tt) => {
        $then! {
            $input
            recipient ! "recipient" "?2"
            content ! "content" "?3"
            attempts ! "attempts" "?4"
            created_at ! "created_at" "?5"
            due_at ! "due_at" "?6"
            expires_at ! "expires_at" "?7"
        }
    };
    (places $then:ident $input:tt) => {
        $then! {
            $input
            name ! "name" "?2"
            formatted ? "formatted" "?3"
            latitude ? "latitude" "?4"
            longitude ? "longitude" "?5"
            at ! "at" "?6"
        }
    };
    (profile_changes $then:ident $input:tt) => {
        $then! {
            $input
            part ! "part" "?3"
            message_id ? "message_id" "?4" [": Uuid"]
            old_value ! "old_value" "?5"
            new_value ! "new_value" "?6"
            actor ! "actor" "?7"
            actor_id ? "actor_id" "?8" [": Uuid"]
            at ! "at" "?9"
        }
    };
    (profiles $then:ident $input:tt) => {
        $then! {
            $input
            ord ! "ord" "?2" [": i32"]
            age ? "age" "?3" [": i16"]
            location ? "location" "?4"
            tags ! "tags" "?5"
            details ! "details" "?6"
            state ! "state" "?7"
            decision ? "decision" "?8"
            author ? "author" "?9" [": Uuid"]
            changes ! "changes" "?10"
            created_at ! "created_at" "?11"
            updated_at ! "updated_at" "?12"
            messages ! "messages" "?13"
        }
    };
    (sessions $then:ident $input:tt) => {
        $then! {
            $input
            epoch ? "epoch" "?3"
            counter ! "counter" "?4"
            last_used_at ? "last_used_at" "?5"
            last_use_key ? "last_use_key" "?6"
            began_at ! "began_at" "?7"
        }
    };
    (tokens $then:ident $input:tt) => {
        $then! {
            $input
            digest ! "digest" "?2"
            purpose ! "purpose" "?3"
            expires_at ! "expires_at" "?4"
            waiting_password ? "waiting_password" "?5"
        }
    };
}

/// Reads rows: the type, what comes before and after the columns (one or more literals each), and the arguments.
macro_rules! select {
    (
        [$row:ident, $($head:literal)+, $($tail:literal)+ $(, $argument:expr)*]
        $($field:ident $mark:tt $name:literal $place:literal $([$as:literal])?)*
    ) => {
        sqlx::query_as!($row, $($head +)+ "" $(+ ", " + $name $(+ " AS \"" + $name + $as + "\"")?)* $(+ $tail)+ $(, $argument)*)
    };
}

/// Writes a row: the row and its key, and what comes before the columns, before the values and after them.
macro_rules! insert {
    (
        [$row:ident ($($key:ident),+), $head:literal, $values:literal, $tail:literal]
        $($field:ident $mark:tt $name:literal $place:literal $([$as:literal])?)*
    ) => {
        sqlx::query!(
            $head $(+ ", " + $name)* + $values $(+ ", " + $place)* + $tail
            $(, $row.$key)+ $(, $row.$field)*
        )
    };
}

/// The same, replacing the row with the same key.
macro_rules! upsert {
    (
        [$row:ident ($($key:ident),+), $head:literal, $values:literal, $conflict:literal]
        $first:ident $first_mark:tt $first_name:literal $first_place:literal
        $($field:ident $mark:tt $name:literal $place:literal $([$as:literal])?)*
    ) => {
        sqlx::query!(
            $head + ", " + $first_name $(+ ", " + $name)* + $values + ", " + $first_place $(+ ", " + $place)* + $conflict
            + " DO UPDATE SET (" + $first_name $(+ ", " + $name)* + ") = (excluded." + $first_name
            $(+ ", excluded." + $name)* + ")"
            $(, $row.$key)+, $row.$first $(, $row.$field)*
        )
    };
}

/// Updates every column of a row except its key: the row and its key, what comes before and after the columns.
macro_rules! update {
    (
        [$row:ident ($key:ident), $head:literal, $tail:literal]
        $first:ident $first_mark:tt $first_name:literal $first_place:literal $([$first_as:literal])?
        $($field:ident $mark:tt $name:literal $place:literal $([$as:literal])?)*
    ) => {
        sqlx::query!(
            $head + "(" + $first_name $(+ ", " + $name)* + ") = (" + $first_place $(+ ", " + $place)* + ") " + $tail,
            $row.$key, $row.$first $(, $row.$field)*
        )
    };
}

/// Reads sessions, each with its account if it has one, from rows named `session` and `a`: what comes before and after the
/// columns, and the arguments.
macro_rules! select_sessions {
    (
        [$head:literal, $tail:literal $(, $argument:expr)*]
        $($field:ident $mark:tt $name:literal $place:literal $([$as:literal])?)*
    ) => {
        sqlx::query!(
            $head + "session.id AS \"session_id: Uuid\", session.account_id AS \"account_id: Uuid\", \
             session.epoch AS session_epoch, session.counter, session.last_used_at, session.last_use_key, \
             session.began_at, a.id AS \"id?: Uuid\""
            $(+ ", a." + $name + " AS \"" + $name + "?" $(+ $as)? + "\"")* + $tail
            $(, $argument)*
        )
        .map(|row| {
            let session = StoredSession {
                id: row.session_id,
                account_id: row.account_id,
                epoch: row.session_epoch,
                counter: row.counter,
                last_used_at: row.last_used_at,
                last_use_key: row.last_use_key,
                began_at: row.began_at,
            };
            let account = || Some(StoredAccount { id: row.id?, $($field: $crate::columns::held!($mark row.$field)),* });
            (session, account())
        })
    };
}

/// A column of an optional account: null if there is no account.
macro_rules! held {
    (! $value:expr) => {
        $value?
    };
    (? $value:expr) => {
        $value
    };
}

/// For statements built at run time: their columns as one text, and the type that reads them.
macro_rules! found_account {
    ([] $($field:ident $mark:tt $name:literal $place:literal $([$as:literal])?)*) => {
        /// An account read by a statement built at run time.
        pub(crate) struct FoundAccount(pub(crate) crate::accounts::AccountRow);

        impl FoundAccount {
            /// The columns.
            pub(crate) const COLUMNS: &str = concat!("id" $(, ", ", $name)*);
        }

        impl<'r> sqlx::FromRow<'r, sqlx::sqlite::SqliteRow> for FoundAccount {
            fn from_row(row: &'r sqlx::sqlite::SqliteRow) -> sqlx::Result<Self> {
                Ok(Self(crate::accounts::AccountRow { id: row.try_get("id")?, $($field: row.try_get($name)?),* }))
            }
        }
    };
}

columns!(accounts found_account []);

/// Ids as an argument of `json_each`, to be read with `unhex`, because JSON has no bytes.
pub(crate) fn as_json(ids: impl Iterator<Item = Uuid>) -> String {
    ids.map(|id| id.simple().to_string()).collect::<serde_json::Value>().to_string()
}

pub(crate) use {columns, held, insert, select, select_sessions, update, upsert};
