//! The statements that store messages: one for a single message, and one for many, which saves parsing, beginning and
//! committing for each. If the server refuses the latter, it has stored none of them, and each is tried alone.

use std::{collections::HashMap, pin::pin, sync::Arc};

use futures_util::{Stream, TryStreamExt, future::join_all};
use time::OffsetDateTime;
use uuid::Uuid;
use vestibule_ports::{
    StoreError,
    stored::{StoredConversation, StoredMessage},
};

use crate::{
    columns::{columns, insert},
    errors::harm,
    pool::Lease,
    store::PostgresStore,
    wire::Wire,
};

/// A row of `messages`.
pub(crate) type MessageRow = StoredMessage<OffsetDateTime>;

/// The result of an append's statement.
pub(crate) enum Outcome {
    /// The message was stored; with the conversation afterwards.
    Stored(StoredConversation),
    /// Nothing: the client's id is taken.
    Known,
    /// Nothing: there is no such account.
    NoAccount,
}

impl Outcome {
    fn of(next: Result<Option<StoredConversation>, sqlx::Error>) -> Result<Self, sqlx::Error> {
        let error = match next {
            Ok(next) => return Ok(next.map_or(Self::Known, Self::Stored)),
            Err(error) => error,
        };
        match error.as_database_error().and_then(sqlx::error::DatabaseError::constraint) {
            // A twin has stored it since the statement began.
            Some("messages_client_id_key") => Ok(Self::Known),
            Some("conversations_account_id_fkey") => Ok(Self::NoAccount),
            _ => Err(error),
        }
    }
}

impl PostgresStore {
    /// Stores messages of distinct conversations; returns the result of each in the order given.
    pub(crate) async fn append_rows(&self, rows: &[&MessageRow]) -> Vec<Result<Outcome, StoreError>> {
        if let [row] = rows {
            return vec![self.append_alone(row).await];
        }
        match self.append_together(rows).await {
            Ok(Some(stored)) => {
                let mut stored: HashMap<Uuid, _> = stored.into_iter().map(|row| (row.account_id, row)).collect();
                let outcome =
                    |row: &&MessageRow| stored.remove(&row.account_id).map_or(Outcome::Known, Outcome::Stored);
                rows.iter().map(outcome).map(Ok).collect()
            }
            Ok(None) => join_all(rows.iter().map(|row| self.append_alone(row))).await,
            Err(error) => {
                let error = Arc::new(error);
                join_all(rows.iter().map(|row| self.append_again(row, &error))).await
            }
        }
    }

    /// Tries again after a failure that leaves it unknown whether a message was stored: a message with a client's id is
    /// stored once, however often it is tried.
    async fn append_again(&self, row: &MessageRow, error: &Arc<StoreError>) -> Result<Outcome, StoreError> {
        match row.client_id {
            Some(_) => self.append_alone(row).await,
            None => Err(StoreError::shared(error)),
        }
    }

    /// One self-committing statement; none if the server refused it.
    async fn append_together(&self, rows: &[&MessageRow]) -> Result<Option<Vec<StoredConversation>>, StoreError> {
        let statement = |mut lease: Lease| async move {
            let outcome = match append_all(rows, &mut lease).await {
                // For one of them the account is gone, the client's id is taken, or a lock was not available.
                Err(error) if error.as_database_error().is_some() && harm(&error).is_none() => Ok(None),
                outcome => outcome.map(Some),
            };
            (outcome, lease)
        };
        self.connections.single(statement).await
    }

    /// One self-committing statement. It locks the row of the conversation until the commit and takes the number from it.
    /// So the next message of the conversation waits, and sees the new number whatever its snapshot. If the message cannot
    /// be stored, the number is rolled back with it.
    async fn append_alone(&self, row: &MessageRow) -> Result<Outcome, StoreError> {
        let statement = |mut lease: Lease| async move {
            let next = columns!(messages insert [
                row (account_id, id, author),
                "WITH next AS (\
                 INSERT INTO conversations AS c (account_id, written_seq, written_by_user) \
                 SELECT $1, 1, CASE $4 WHEN 'user' THEN 1 ELSE 0 END WHERE NOT EXISTS \
                 (SELECT FROM conversations known JOIN messages m ON m.conversation_id = known.id \
                 WHERE known.account_id = $1 AND m.side = $4 AND m.client_id = $5) \
                 ON CONFLICT (account_id) DO UPDATE SET written_seq = c.written_seq + 1, \
                 written_by_user = c.written_by_user + excluded.written_by_user RETURNING c.*), \
                 stored AS (INSERT INTO messages (conversation_id, seq, by_user, id, author",
                ") SELECT id, written_seq, written_by_user, $2, $3",
                " FROM next) \
                 SELECT written_seq AS \"written_seq!\", written_by_user AS \"written_by_user!\", \
                 user_read_seq AS \"user_read_seq!\", user_read_by_user AS \"user_read_by_user!\", \
                 staff_read_seq AS \"staff_read_seq!\", staff_read_by_user AS \"staff_read_by_user!\" FROM next"
            ]);
            let next = next.map(|next| StoredConversation {
                account_id: row.account_id,
                written_seq: next.written_seq,
                written_by_user: next.written_by_user,
                user_read_seq: next.user_read_seq,
                user_read_by_user: next.user_read_by_user,
                staff_read_seq: next.staff_read_seq,
                staff_read_by_user: next.staff_read_by_user,
            });
            let outcome = all(next.fetch(&mut *lease)).await.map(|mut rows| rows.pop());
            (Outcome::of(outcome), lease)
        };
        // With a client's id it is stored once, however often it is tried.
        match row.client_id {
            Some(_) => self.connections.alone(statement).await,
            None => self.connections.single(statement).await,
        }
    }
}

/// Stores messages of distinct conversations, except those whose client's id is taken. The conversations' rows are locked
/// in one order, so that these statements cannot deadlock.
macro_rules! append_all {
    ([$rows:ident] $($field:ident $mark:tt $name:literal $place:literal)*) => {
        sqlx::query_as!(
            StoredConversation,
            "WITH given AS MATERIALIZED (SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], \
             $6::text[], $7::timestamptz[], $8::text[]) given (account_id, id, author" $(+ ", " + $name)* + ")), \
             next AS (\
             INSERT INTO conversations AS c (account_id, written_seq, written_by_user) \
             SELECT account_id, 1, CASE side WHEN 'user' THEN 1 ELSE 0 END FROM given \
             LEFT JOIN LATERAL (SELECT true AS is_known FROM conversations begun \
             JOIN messages m ON m.conversation_id = begun.id WHERE begun.account_id = given.account_id \
             AND m.side = given.side AND m.client_id = given.client_id LIMIT 1) known ON true \
             WHERE is_known IS NULL ORDER BY account_id \
             ON CONFLICT (account_id) DO UPDATE SET written_seq = c.written_seq + 1, \
             written_by_user = c.written_by_user + excluded.written_by_user RETURNING c.*), \
             stored AS (INSERT INTO messages (conversation_id, seq, by_user, id, author" $(+ ", " + $name)* +
             ") SELECT next.id, written_seq, written_by_user, given.id, author" $(+ ", " + $name)* +
             " FROM next JOIN given USING (account_id)) \
             SELECT account_id AS \"account_id!\", written_seq AS \"written_seq!\", \
             written_by_user AS \"written_by_user!\", user_read_seq AS \"user_read_seq!\", \
             user_read_by_user AS \"user_read_by_user!\", staff_read_seq AS \"staff_read_seq!\", \
             staff_read_by_user AS \"staff_read_by_user!\" FROM next",
            &column($rows, |row| row.account_id),
            &column($rows, |row| row.id),
            &column($rows, |row| row.author)
            $(, &column($rows, |row| row.$field.clone()) as _)*
        )
    };
}

async fn append_all(rows: &[&MessageRow], connection: &mut Wire) -> Result<Vec<StoredConversation>, sqlx::Error> {
    all(columns!(messages append_all [rows]).fetch(connection)).await
}

fn column<T>(rows: &[&MessageRow], value: impl Fn(&MessageRow) -> T) -> Vec<T> {
    rows.iter().map(|row| value(row)).collect()
}

/// The rows of a statement. An error that the server reports after a row does not mean that the statement was undone.
async fn all<T>(rows: impl Stream<Item = Result<T, sqlx::Error>>) -> Result<Vec<T>, sqlx::Error> {
    let (mut rows, mut all) = (pin!(rows), Vec::new());
    loop {
        match rows.try_next().await {
            Ok(Some(row)) => all.push(row),
            Ok(None) => return Ok(all),
            Err(error) if all.is_empty() => return Err(error),
            Err(error) => return Err(sqlx::Error::Io(std::io::Error::other(error))),
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::stream;

    use super::*;
    use crate::errors::Failure;

    #[tokio::test]
    async fn what_goes_wrong_behind_a_row_leaves_it_uncertain_whether_it_was_stored() {
        assert_eq!(all(stream::iter([Ok(7)])).await.unwrap(), [7]);
        assert_eq!(all(stream::iter::<[sqlx::Result<u8>; 0]>([])).await.unwrap(), [0_u8; 0]);
        let before_a_row =
            all(stream::iter::<[sqlx::Result<u8>; 1]>([Err(sqlx::Error::RowNotFound)])).await.unwrap_err();
        assert!(matches!(before_a_row, sqlx::Error::RowNotFound));
        let behind = all(stream::iter([Ok(7), Err(sqlx::Error::RowNotFound)])).await.unwrap_err();
        assert!(matches!(behind, sqlx::Error::Io(_)));
        assert!(matches!(Failure::of_single(behind), Failure::Uncertain(_)));
    }
}
