//! A unit of work: one transaction in READ COMMITTED, where each statement sees what others have committed before it.

use async_trait::async_trait;
use sqlx::{Postgres, Transaction};
use vestibule_ports::{Accounts, Codes, Mailbox, Outbox, Sources, StoreError, Throttles, Tokens, UnitOfWork};

use crate::errors::translate;

/// A transaction on a connection of its own; rolled back when dropped.
pub(crate) struct PostgresUnit {
    pub(crate) transaction: Transaction<'static, Postgres>,
}

#[async_trait]
impl UnitOfWork for PostgresUnit {
    fn accounts(&mut self) -> &mut dyn Accounts {
        self
    }

    fn codes(&mut self) -> &mut dyn Codes {
        self
    }

    fn mailbox(&mut self) -> &mut dyn Mailbox {
        self
    }

    fn outbox(&mut self) -> &mut dyn Outbox {
        self
    }

    fn sources(&mut self) -> &mut dyn Sources {
        self
    }

    fn throttles(&mut self) -> &mut dyn Throttles {
        self
    }

    fn tokens(&mut self) -> &mut dyn Tokens {
        self
    }

    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        self.transaction.commit().await.map_err(translate)
    }
}
