//! Conversations and their messages in SQLite.

use std::collections::{BTreeSet, HashMap};

use async_trait::async_trait;
use serde_json::json;
use sqlx::SqliteConnection;
use uuid::Uuid;
use vestibule_domain::{AccountId, Conversation, Message, NewMessage, conversation::Side};
use vestibule_ports::{
    Appended, Conversations, MessageRange, ReadConversations, StoreError, UnitOfWork,
    stored::{StoredConversation, StoredMessage, parts, readable_all},
};

use crate::{
    columns::{columns, select},
    errors::translate,
    store::SqliteStore,
    unit::SqliteUnit,
};

/// A row of `messages`.
type MessageRow = StoredMessage<i64>;

/// Reads conversations: what comes before and after the columns.
macro_rules! conversations {
    ([$($head:literal)+], [$($tail:literal)*] $(, $argument:expr)*) => {
        sqlx::query_as!(
            StoredConversation,
            $($head +)+ "account_id AS \"account_id!: Uuid\", written_seq AS \"written_seq!\",
            written_by_user AS \"written_by_user!\", user_read_seq AS \"user_read_seq!\",
            user_read_by_user AS \"user_read_by_user!\", staff_read_seq AS \"staff_read_seq!\",
            staff_read_by_user AS \"staff_read_by_user!\"" $(+ $tail)*
            $(, $argument)*
        )
    };
}

/// `SELECT` of whole rows of an account's conversation; the argument follows this condition.
macro_rules! select_messages {
    ($tail:literal, $account:expr $(, $argument:expr)+) => {
        columns!(messages select [
            MessageRow,
            "SELECT ?1 AS \"account_id!: Uuid\", seq AS \"seq!\", id AS \"id: Uuid\", author AS \"author: Uuid\"",
            " FROM messages WHERE conversation_id = (SELECT id FROM conversations WHERE account_id = ?1) " $tail,
            $account
            $(, $argument)+
        ])
    };
}

/// Stores the messages of an array of [`given`] ones, each under its conversation's next number.
macro_rules! insert_given {
    ([$given:ident] $($field:ident $mark:tt $name:literal $place:literal)*) => {
        sqlx::query!(
            "INSERT INTO messages (conversation_id, seq, by_user, id, author" $(+ ", " + $name)* +
            ") SELECT conversations.id, written_seq, written_by_user, unhex(value ->> 'id'), unhex(value ->> 'author')"
            $(+ ", value ->> '" + $name + "'")* +
            " FROM json_each(?1) CROSS JOIN conversations ON account_id = unhex(value ->> 'account_id')",
            $given
        )
    };
}

/// A message as [`insert_given`] reads it; ids are hexadecimal digits, because JSON has no bytes.
macro_rules! given {
    ([$row:ident] $($field:ident $mark:tt $name:literal $place:literal)*) => {
        json!({
            "account_id": $row.account_id.simple().to_string(),
            "id": $row.id.simple().to_string(),
            "author": $row.author.simple().to_string(),
            $($name: $row.$field),*
        })
    };
}

fn as_json<'r>(rows: impl IntoIterator<Item = &'r MessageRow>) -> String {
    rows.into_iter().map(|row| columns!(messages given [row])).collect::<serde_json::Value>().to_string()
}

/// Moves a side's cursor forward: the number and tally of the cursor, the account and the target number.
macro_rules! move_cursor {
    ($seq:literal, $by_user:literal, $account:expr, $to:expr) => {
        conversations!(
            [
                "UPDATE conversations SET " $seq " = target.seq, " $by_user " = target.by_user
                FROM (SELECT seq, by_user FROM messages
                    WHERE conversation_id = (SELECT id FROM conversations WHERE account_id = ?1) AND seq <= ?2
                    ORDER BY seq DESC LIMIT 1) AS target
                WHERE account_id = ?1 AND " $seq " < target.seq RETURNING "
            ],
            [],
            $account,
            $to
        )
    };
}

async fn of_account(connection: &mut SqliteConnection, account: Uuid) -> sqlx::Result<Option<StoredConversation>> {
    conversations!(["SELECT "], [" FROM conversations WHERE account_id = ?"], account).fetch_optional(connection).await
}

#[async_trait]
impl ReadConversations for SqliteStore {
    async fn find(&self, account: AccountId) -> Result<Option<Conversation>, StoreError> {
        let mut reader = self.reader().await?;
        let row = of_account(&mut reader, account.uuid()).await.map_err(|error| reader.failed(error))?;
        row.map(Conversation::try_from).transpose()
    }

    async fn find_many(&self, accounts: &[AccountId]) -> Result<Vec<Conversation>, StoreError> {
        // As hexadecimal digits, because JSON has no bytes.
        let accounts =
            accounts.iter().map(|id| id.uuid().simple().to_string()).collect::<serde_json::Value>().to_string();
        let mut reader = self.reader().await?;
        let rows = conversations!(
            ["SELECT "],
            [" FROM conversations WHERE account_id IN (SELECT unhex(value) FROM json_each(?))"],
            accounts
        )
        .fetch_all(&mut *reader)
        .await
        .map_err(|error| reader.failed(error))?;
        Ok(readable_all(rows))
    }

    async fn messages(&self, account: AccountId, range: MessageRange) -> Result<Vec<Message>, StoreError> {
        let account = account.uuid();
        let (after, before) = (range.after.map(number), range.before.map_or(i64::MAX, number));
        let limit = range.limit.min(MessageRange::MOST);
        let mut reader = self.reader().await?;
        let rows = if let Some(after) = after {
            select_messages!("AND seq > ?2 AND seq < ?3 ORDER BY seq LIMIT ?4", account, after, before, limit)
                .fetch_all(&mut *reader)
                .await
        } else {
            select_messages!("AND seq < ?2 ORDER BY seq DESC LIMIT ?3", account, before, limit)
                .fetch_all(&mut *reader)
                .await
        };
        let mut rows = rows.map_err(|error| reader.failed(error))?;
        if after.is_none() {
            rows.reverse();
        }
        Ok(readable_all(rows))
    }

    /// By the number of the last message, because the numbers have no gap.
    async fn newest(&self, accounts: &[AccountId], limit: u32) -> Result<Vec<Message>, StoreError> {
        let distinct: BTreeSet<_> = accounts.iter().map(|account| account.uuid().simple().to_string()).collect();
        let accounts = distinct.into_iter().collect::<serde_json::Value>().to_string();
        let limit = limit.min(MessageRange::MOST);
        let mut reader = self.reader().await?;
        let rows = columns!(messages select [
            MessageRow,
            "SELECT conversations.account_id AS \"account_id!: Uuid\", seq AS \"seq!\", messages.id AS \"id: Uuid\", author AS \"author: Uuid\"",
            " FROM json_each(?) CROSS JOIN conversations ON conversations.account_id = unhex(value)
            CROSS JOIN messages ON conversation_id = conversations.id AND seq > written_seq - ?",
            accounts,
            limit
        ]);
        let mut rows = rows.fetch_all(&mut *reader).await.map_err(|error| reader.failed(error))?;
        rows.sort_unstable_by_key(|row| (row.account_id, row.seq));
        Ok(readable_all(rows))
    }
}

#[async_trait]
impl Conversations for SqliteStore {
    /// One unit: refused messages are left out of it, and an error rolls all of it back.
    async fn append_many(&self, messages: &[NewMessage]) -> Vec<Result<Appended, StoreError>> {
        match self.append_in_unit(messages).await {
            Ok(appended) => appended.into_iter().map(Ok).collect(),
            Err(error) => error.of_all(messages.len()),
        }
    }

    async fn mark_read(&self, account: AccountId, side: Side, seq: u64) -> Result<Option<Conversation>, StoreError> {
        let mut unit = self.unit().await?;
        let row = unit.move_cursor(account.uuid(), side, number(seq)).await.map_err(translate)?;
        Box::new(unit).commit().await?;
        row.map(Conversation::try_from).transpose()
    }

    async fn erase_removed(&self, limit: u32) -> Result<u64, StoreError> {
        let mut unit = self.unit().await?;
        let erased = unit.erase_removed(i64::from(limit.max(1))).await.map_err(translate)?;
        Box::new(unit).commit().await?;
        Ok(erased)
    }
}

impl SqliteStore {
    async fn append_in_unit(&self, messages: &[NewMessage]) -> Result<Vec<Appended>, StoreError> {
        let mut unit = self.unit().await?;
        let mut all = Vec::with_capacity(messages.len());
        for part in parts(messages) {
            let of_part: Vec<_> = part.iter().map(|place| &messages[*place]).collect();
            all.extend(part.into_iter().zip(unit.append(&of_part).await?));
        }
        // Also without a change: the state just read may still wait for this commit.
        Box::new(unit).commit().await?;
        all.sort_unstable_by_key(|(place, _)| *place);
        Ok(all.into_iter().map(|(_, appended)| appended).collect())
    }
}

impl SqliteUnit {
    /// Stores messages of distinct conversations in two statements, however many there are: each statement is a round trip
    /// to the connection's thread, which takes longer than the work there.
    async fn append(&mut self, messages: &[&NewMessage]) -> Result<Vec<Appended>, StoreError> {
        let rows: Vec<_> = messages.iter().map(|message| MessageRow::from(*message)).collect();
        let given = as_json(&rows);
        let numbered = conversations!(
            ["INSERT INTO conversations (account_id, written_seq, written_by_user)
                SELECT accounts.id, 1, value ->> 'side' = 'user' FROM json_each(?1)
                CROSS JOIN accounts ON accounts.id = unhex(value ->> 'account_id')
                WHERE NOT EXISTS (SELECT 1 FROM messages
                    WHERE conversation_id = (SELECT id FROM conversations WHERE account_id = accounts.id)
                    AND side = value ->> 'side' AND client_id = value ->> 'client_id')
                ON CONFLICT (account_id) DO UPDATE SET written_seq = written_seq + 1,
                    written_by_user = written_by_user + excluded.written_by_user
                RETURNING "],
            [],
            given
        )
        .fetch_all(self.connection())
        .await
        .map_err(|error| self.failed(error))?;
        let mut numbered: HashMap<Uuid, _> = numbered.into_iter().map(|row| (row.account_id, row)).collect();
        if !numbered.is_empty() {
            let is_numbered = |row: &&MessageRow| numbered.contains_key(&row.account_id);
            let stored = if numbered.len() == rows.len() { given } else { as_json(rows.iter().filter(is_numbered)) };
            self.execute(columns!(messages insert_given [stored])).await?;
        }
        let mut all = Vec::with_capacity(rows.len());
        for (message, row) in messages.iter().zip(&rows) {
            all.push(match numbered.remove(&row.account_id) {
                Some(conversation) => {
                    let conversation = Conversation::try_from(conversation)?;
                    Appended::Stored(message.numbered(conversation.last_seq()), conversation)
                }
                None => self.known(message, row).await?,
            });
        }
        Ok(all)
    }

    /// The result for a message that was not stored: its client's id was used before, or the account is missing.
    async fn known(&mut self, message: &NewMessage, row: &MessageRow) -> Result<Appended, StoreError> {
        let known = select_messages!("AND side = ?2 AND client_id = ?3", row.account_id, row.side, row.client_id)
            .fetch_optional(self.connection())
            .await
            .map_err(|error| self.failed(error))?;
        let Some(known) = known else { return Ok(Appended::NoAccount) };
        let left = conversations!(
            ["WITH left AS (SELECT c.account_id, m.seq AS written_seq, m.by_user AS written_by_user,
                    user_read_seq, user_read_by_user, staff_read_seq, staff_read_by_user
                FROM conversations AS c JOIN messages AS m ON m.conversation_id = c.id
                WHERE c.account_id = ? AND m.seq = ?)
                SELECT "],
            [" FROM left"],
            row.account_id,
            known.seq
        )
        .fetch_one(self.connection())
        .await
        .map_err(|error| self.failed(error))?;
        Ok(Appended::known(known.try_into()?, left.try_into()?, message))
    }

    async fn move_cursor(&mut self, account: Uuid, side: Side, to: i64) -> sqlx::Result<Option<StoredConversation>> {
        let moved = match side {
            Side::User => {
                let moved = move_cursor!("user_read_seq", "user_read_by_user", account, to);
                moved.fetch_optional(self.connection()).await?
            }
            Side::Staff => {
                let moved = move_cursor!("staff_read_seq", "staff_read_by_user", account, to);
                moved.fetch_optional(self.connection()).await?
            }
        };
        match moved {
            Some(moved) => Ok(Some(moved)),
            None => of_account(self.connection(), account).await,
        }
    }

    /// The last messages of a conversation first, so that its row tells how many are left.
    async fn erase_removed(&mut self, limit: i64) -> sqlx::Result<u64> {
        let gone = sqlx::query!(
            "SELECT id AS \"id!\", written_seq - ? AS \"rest!: i64\" FROM conversations WHERE account_id IS NULL LIMIT 1",
            limit
        );
        let Some(gone) = gone.fetch_optional(self.connection()).await? else { return Ok(0) };
        let (id, rest) = (gone.id, gone.rest);
        let erased = sqlx::query!("DELETE FROM messages WHERE conversation_id = ? AND seq > ?", id, rest)
            .execute(self.connection())
            .await?;
        let shortened = if rest > 0 {
            sqlx::query!(
                "UPDATE conversations SET written_seq = ?, written_by_user = 0, user_read_seq = 0, user_read_by_user = 0,
                    staff_read_seq = 0, staff_read_by_user = 0 WHERE id = ?",
                rest,
                id
            )
        } else {
            sqlx::query!("DELETE FROM conversations WHERE id = ?", id)
        };
        shortened.execute(self.connection()).await?;
        Ok(erased.rows_affected())
    }
}

/// A message number as stored; higher numbers are never assigned.
fn number(seq: u64) -> i64 {
    i64::try_from(seq).unwrap_or(i64::MAX)
}
