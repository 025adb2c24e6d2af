//! Conversations and their messages in SQLite.

use async_trait::async_trait;
use sqlx::SqliteConnection;
use uuid::Uuid;
use vestibule_domain::{AccountId, Conversation, Message, NewMessage, conversation::Side};
use vestibule_ports::{
    Appended, Conversations, MessageRange, ReadConversations, StoreError, UnitOfWork,
    stored::{StoredConversation, StoredMessage, restore_all},
};

use crate::{
    columns::{columns, insert, select},
    errors::{misses_reference, translate},
    store::SqliteStore,
    unit::SqliteUnit,
};

/// A row of `messages`.
type MessageRow = StoredMessage<i64>;

/// Reads conversations: what comes before the columns and behind them.
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

/// `SELECT` of whole rows, with what follows the name of the table.
macro_rules! select_messages {
    ($tail:literal, $($argument:expr),+) => {
        columns!(messages select [
            MessageRow,
            "SELECT account_id AS \"account_id: Uuid\", seq AS \"seq!\", id AS \"id: Uuid\", author AS \"author: Uuid\"",
            " FROM messages " $tail,
            $($argument),+
        ])
    };
}

/// Moves the cursor of a side forwards: the number and the tally of its cursor, the account and the number to move to.
macro_rules! move_cursor {
    ($seq:literal, $by_user:literal, $account:expr, $to:expr) => {
        conversations!(
            [
                "UPDATE conversations SET " $seq " = target.seq, " $by_user " = target.by_user
                FROM (SELECT seq, by_user FROM messages WHERE account_id = ?1 AND seq <= ?2 ORDER BY seq DESC LIMIT 1)
                    AS target
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
        // As hexadecimal digits: JSON has no bytes.
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
        restore_all(rows)
    }

    async fn messages(&self, account: AccountId, range: MessageRange) -> Result<Vec<Message>, StoreError> {
        let account = account.uuid();
        let (after, before) = (range.after.map(number), range.before.map_or(i64::MAX, number));
        let limit = range.limit.min(MessageRange::MOST);
        let mut reader = self.reader().await?;
        let rows = if let Some(after) = after {
            select_messages!(
                "WHERE account_id = ? AND seq > ? AND seq < ? ORDER BY seq LIMIT ?",
                account,
                after,
                before,
                limit
            )
            .fetch_all(&mut *reader)
            .await
        } else {
            select_messages!("WHERE account_id = ? AND seq < ? ORDER BY seq DESC LIMIT ?", account, before, limit)
                .fetch_all(&mut *reader)
                .await
        };
        let mut rows = rows.map_err(|error| reader.failed(error))?;
        if after.is_none() {
            rows.reverse();
        }
        restore_all(rows)
    }
}

#[async_trait]
impl Conversations for SqliteStore {
    async fn append(&self, message: &NewMessage) -> Result<Appended, StoreError> {
        let mut unit = self.unit().await?;
        let appended = unit.append(message).await?;
        // Also without a change: what was seen may wait for the same commit.
        Box::new(unit).commit().await?;
        Ok(appended)
    }

    async fn mark_read(&self, account: AccountId, side: Side, seq: u64) -> Result<Option<Conversation>, StoreError> {
        let mut unit = self.unit().await?;
        let row = unit.move_cursor(account.uuid(), side, number(seq)).await.map_err(translate)?;
        Box::new(unit).commit().await?;
        row.map(Conversation::try_from).transpose()
    }
}

impl SqliteUnit {
    async fn append(&mut self, message: &NewMessage) -> Result<Appended, StoreError> {
        let row = MessageRow::from(message);
        // Read to its end, where what the row refers to is looked for.
        let next = conversations!(
            ["INSERT INTO conversations (account_id, written_seq, written_by_user)
                SELECT ?1, 1, ?2 = 'user' WHERE NOT EXISTS
                    (SELECT 1 FROM messages WHERE account_id = ?1 AND side = ?2 AND client_id = ?3)
                ON CONFLICT (account_id) DO UPDATE SET written_seq = written_seq + 1,
                    written_by_user = written_by_user + excluded.written_by_user
                RETURNING "],
            [],
            row.account_id,
            row.side,
            row.client_id
        )
        .fetch_all(self.connection())
        .await;
        let next = match next {
            Ok(mut rows) => rows.pop(),
            Err(error) if misses_reference(&error) => return Ok(Appended::NoAccount),
            Err(error) => return Err(translate(error)),
        };
        let Some(conversation) = next else { return self.known(message, row).await };
        let statement = columns!(messages insert [
            row (account_id, id, author),
            "INSERT INTO messages (account_id, seq, by_user, id, author",
            ") SELECT ?1, written_seq, written_by_user, ?2, ?3",
            " FROM conversations WHERE account_id = ?1"
        ]);
        statement.execute(self.connection()).await.map_err(translate)?;
        let conversation = Conversation::try_from(conversation)?;
        Ok(Appended::Stored(message.numbered(conversation.last_seq()), conversation))
    }

    /// What a message comes to whose client's id was used before.
    async fn known(&mut self, message: &NewMessage, row: MessageRow) -> Result<Appended, StoreError> {
        let known = select_messages!(
            "WHERE account_id = ? AND side = ? AND client_id = ?",
            row.account_id,
            row.side,
            row.client_id
        )
        .fetch_one(self.connection())
        .await
        .map_err(translate)?;
        let left = conversations!(
            ["WITH left AS (SELECT c.account_id, m.seq AS written_seq, m.by_user AS written_by_user,
                    user_read_seq, user_read_by_user, staff_read_seq, staff_read_by_user
                FROM messages AS m JOIN conversations AS c USING (account_id) WHERE account_id = ? AND seq = ?)
                SELECT "],
            [" FROM left"],
            row.account_id,
            known.seq
        )
        .fetch_one(self.connection())
        .await
        .map_err(translate)?;
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
}

/// A number of a message as it is stored; those that are too high for that are never given.
fn number(seq: u64) -> i64 {
    i64::try_from(seq).unwrap_or(i64::MAX)
}
