//! Conversations and their messages.

use std::collections::BTreeSet;

use async_trait::async_trait;
use uuid::Uuid;
use vestibule_domain::{
    AccountId, Conversation, Message, NewMessage,
    conversation::{ClientId, Side},
};
use vestibule_ports::{
    Appended, Conversations, MessageRange, ReadConversations, StoreError,
    stored::{StoredConversation, parts, readable_all},
};

use crate::{
    appends::{MessageRow, Outcome},
    columns::{columns, select},
    connections::alone,
    store::{PostgresStore, count},
};

/// Reads conversations: what comes before and after the columns.
macro_rules! conversations {
    ([$($head:literal)+], [$($tail:literal)+] $(, $argument:expr)*) => {
        sqlx::query_as!(
            StoredConversation,
            $($head +)+ "account_id AS \"account_id!\", written_seq AS \"written_seq!\", \
             written_by_user AS \"written_by_user!\", user_read_seq AS \"user_read_seq!\", \
             user_read_by_user AS \"user_read_by_user!\", staff_read_seq AS \"staff_read_seq!\", \
             staff_read_by_user AS \"staff_read_by_user!\"" $(+ $tail)+
            $(, $argument)*
        )
    };
}

/// `SELECT` of whole rows of an account's conversation; the argument follows this condition.
macro_rules! select_messages {
    ($tail:literal, $account:expr $(, $argument:expr)+) => {
        columns!(messages select [
            MessageRow,
            "SELECT $1::uuid AS \"account_id!\", seq, id, author",
            " FROM messages WHERE conversation_id = (SELECT id FROM conversations WHERE account_id = $1) " $tail,
            $account
            $(, $argument)+
        ])
    };
}

/// Reads the message with a client's id, and the conversation as that message left it: the account, the side and the id.
macro_rules! select_known {
    ([$($argument:expr),+] $($field:ident $mark:tt $name:literal $place:literal)*) => {
        sqlx::query!(
            "SELECT c.account_id AS \"account_id!\", m.seq, m.by_user, m.id, m.author" $(+ ", m." + $name)* +
            ", c.user_read_seq, c.user_read_by_user, c.staff_read_seq, c.staff_read_by_user \
             FROM conversations c JOIN messages m ON m.conversation_id = c.id \
             WHERE c.account_id = $1 AND m.side = $2 AND m.client_id = $3",
            $($argument),+
        )
        .map(|row| {
            let conversation = StoredConversation {
                account_id: row.account_id,
                written_seq: row.seq,
                written_by_user: row.by_user,
                user_read_seq: row.user_read_seq,
                user_read_by_user: row.user_read_by_user,
                staff_read_seq: row.staff_read_seq,
                staff_read_by_user: row.staff_read_by_user,
            };
            let message = MessageRow {
                account_id: row.account_id,
                seq: row.seq,
                id: row.id,
                author: row.author,
                $($field: row.$field),*
            };
            (message, conversation)
        })
    };
}

/// Moves a side's cursor: the number and tally of the cursor, the account and the target number.
///
/// The statement's snapshot tells whether the move is needed: nothing is written if the cursor is already there. Otherwise
/// the row is locked and its latest version changed: the cursor becomes the higher one, and so does the tally, because both
/// only grow together.
macro_rules! move_cursor {
    ($seq:literal, $by_user:literal, $account:expr, $to:expr) => {
        conversations!(
            [
                "WITH due AS MATERIALIZED (SELECT m.seq, m.by_user FROM conversations c CROSS JOIN LATERAL \
                 (SELECT seq, by_user FROM messages WHERE conversation_id = c.id AND seq <= $2 ORDER BY seq DESC LIMIT 1) m \
                 WHERE c.account_id = $1 AND c." $seq " < m.seq), \
                 moved AS (UPDATE conversations c SET " $seq " = greatest(c." $seq ", due.seq), "
                $by_user " = greatest(c." $by_user ", due.by_user) FROM due WHERE c.account_id = $1 RETURNING c.*) \
                 SELECT "
            ],
            [
                " FROM (SELECT * FROM moved UNION ALL SELECT * FROM conversations \
                 WHERE account_id = $1 AND NOT EXISTS (SELECT FROM due)) conversation"
            ],
            $account,
            $to
        )
    };
}

#[async_trait]
impl ReadConversations for PostgresStore {
    async fn find(&self, account: AccountId) -> Result<Option<Conversation>, StoreError> {
        let row = alone!(
            self.connections,
            fetch_optional,
            conversations!(["SELECT "], [" FROM conversations WHERE account_id = $1"], account.uuid())
        )?;
        row.map(Conversation::try_from).transpose()
    }

    async fn find_many(&self, accounts: &[AccountId]) -> Result<Vec<Conversation>, StoreError> {
        let accounts: Vec<Uuid> = accounts.iter().map(|account| account.uuid()).collect();
        let accounts = accounts.as_slice();
        let rows = alone!(
            self.connections,
            fetch_all,
            conversations!(["SELECT "], [" FROM conversations WHERE account_id = ANY($1)"], accounts)
        )?;
        Ok(readable_all(rows))
    }

    async fn messages(&self, account: AccountId, range: MessageRange) -> Result<Vec<Message>, StoreError> {
        let account = account.uuid();
        let (after, before) = (range.after.map(number), range.before.map_or(i64::MAX, number));
        let limit = i64::from(range.limit.min(MessageRange::MOST));
        let Some(after) = after else {
            let mut rows = alone!(
                self.connections,
                fetch_all,
                select_messages!("AND seq < $2 ORDER BY seq DESC LIMIT $3", account, before, limit)
            )?;
            rows.reverse();
            return Ok(readable_all(rows));
        };
        let next = alone!(
            self.connections,
            fetch_all,
            select_messages!("AND seq > $2 AND seq < $3 ORDER BY seq LIMIT $4", account, after, before, limit)
        )?;
        Ok(readable_all(next))
    }

    async fn newest(&self, accounts: &[AccountId], limit: u32) -> Result<Vec<Message>, StoreError> {
        let distinct: BTreeSet<Uuid> = accounts.iter().map(|account| account.uuid()).collect();
        let accounts = &distinct.into_iter().collect::<Vec<_>>();
        let limit = i64::from(limit.min(MessageRange::MOST));
        // Backwards from the last index entry of each conversation, whatever the planner estimates for their lengths.
        let newest = alone!(
            self.connections,
            fetch_all,
            columns!(messages select [
                MessageRow,
                "SELECT id_of_account AS \"account_id!\", seq AS \"seq!\", id, author",
                " FROM unnest($1::uuid[]) AS given (id_of_account) CROSS JOIN LATERAL \
                 (SELECT * FROM messages WHERE conversation_id = \
                 (SELECT c.id FROM conversations c WHERE c.account_id = id_of_account) ORDER BY seq DESC LIMIT $2) newest \
                 ORDER BY id_of_account, seq",
                accounts,
                limit
            ])
        )?;
        Ok(readable_all(newest))
    }
}

#[async_trait]
impl Conversations for PostgresStore {
    async fn append_many(&self, messages: &[NewMessage]) -> Vec<Result<Appended, StoreError>> {
        let rows: Vec<MessageRow> = messages.iter().map(MessageRow::from).collect();
        let mut all = Vec::new();
        for part in parts(messages) {
            let of_part: Vec<_> = part.iter().map(|place| &rows[*place]).collect();
            for (place, outcome) in part.iter().zip(self.append_rows(&of_part).await) {
                all.push((*place, self.appended(&messages[*place], outcome).await));
            }
        }
        all.sort_unstable_by_key(|(place, _)| *place);
        all.into_iter().map(|(_, appended)| appended).collect()
    }

    async fn mark_read(&self, account: AccountId, side: Side, seq: u64) -> Result<Option<Conversation>, StoreError> {
        let (account, seq) = (account.uuid(), number(seq));
        let row = match side {
            Side::User => {
                alone!(
                    self.connections,
                    fetch_optional,
                    move_cursor!("user_read_seq", "user_read_by_user", account, seq)
                )
            }
            Side::Staff => {
                alone!(
                    self.connections,
                    fetch_optional,
                    move_cursor!("staff_read_seq", "staff_read_by_user", account, seq)
                )
            }
        }?;
        row.map(Conversation::try_from).transpose()
    }

    /// The last messages first, by number: searching from the first would step over those already erased. Messages that
    /// another node is erasing are skipped.
    async fn erase_removed(&self, limit: u32) -> Result<u64, StoreError> {
        let erased = alone!(
            self.connections,
            fetch_one,
            sqlx::query_scalar!(
                "WITH gone AS MATERIALIZED (SELECT id, written_seq - $1 AS rest FROM conversations \
                 WHERE account_id IS NULL LIMIT 1 FOR UPDATE SKIP LOCKED), \
                 erased AS (DELETE FROM messages WHERE conversation_id = (SELECT id FROM gone) \
                 AND seq > (SELECT rest FROM gone) RETURNING seq), \
                 shortened AS (UPDATE conversations c SET written_seq = rest, written_by_user = 0, user_read_seq = 0, \
                 user_read_by_user = 0, staff_read_seq = 0, staff_read_by_user = 0 FROM gone WHERE c.id = gone.id AND rest > 0), \
                 ended AS (DELETE FROM conversations c USING gone WHERE c.id = gone.id AND rest <= 0) \
                 SELECT count(*) AS \"count!\" FROM erased",
                i64::from(limit.max(1))
            )
        )?;
        Ok(count(erased))
    }
}

impl PostgresStore {
    async fn appended(
        &self,
        message: &NewMessage,
        outcome: Result<Outcome, StoreError>,
    ) -> Result<Appended, StoreError> {
        match outcome? {
            Outcome::Stored(conversation) => {
                let conversation = Conversation::try_from(conversation)?;
                Ok(Appended::Stored(message.numbered(conversation.last_seq()), conversation))
            }
            Outcome::Known => self.known(message).await,
            Outcome::NoAccount => Ok(Appended::NoAccount),
        }
    }

    /// The result for a message whose client's id is taken: it was used before the append began, or a twin was faster.
    async fn known(&self, message: &NewMessage) -> Result<Appended, StoreError> {
        let (account, side) = (message.conversation.uuid(), message.side.as_str());
        let client_id = message.client_id.as_ref().map(ClientId::as_str);
        let row = alone!(self.connections, fetch_optional, columns!(messages select_known [account, side, client_id]))?;
        // If the message is gone by now, its account was removed.
        let Some((known, conversation)) = row else { return Ok(Appended::NoAccount) };
        Ok(Appended::known(known.try_into()?, conversation.try_into()?, message))
    }
}

/// A message number as stored; higher numbers are never assigned.
fn number(seq: u64) -> i64 {
    i64::try_from(seq).unwrap_or(i64::MAX)
}
