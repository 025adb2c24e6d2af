//! Everything in a database, read out of it and written into it.

mod reads;
mod writes;

use std::collections::VecDeque;

use async_trait::async_trait;
use uuid::Uuid;
use vestibule_ports::{
    Batch, Export, Import, MessageSpan, MessageTally, StoreError, UnitOfWork,
    stored::{Counts, Kind, Record, RecordKey},
};

use crate::{store::PostgresStore, unit::PostgresUnit};

/// How many conversations are looked at to choose which messages to read together.
const CONVERSATIONS: i64 = 1000;

/// What is read is passed on, to a file or another store, for as long as that takes: no time limit ends the transaction. So the
/// server is to notice by itself within a minute that this machine has vanished, or its locks would stay for hours. The time
/// limit of a whole transaction is known to PostgreSQL 17 and later.
macro_rules! without_time_limits {
    () => {
        "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0; \
         SET LOCAL tcp_keepalives_idle = 30; SET LOCAL tcp_keepalives_interval = 10; SET LOCAL tcp_keepalives_count = 3; \
         SELECT set_config(name, '0', true) FROM pg_settings WHERE name = 'transaction_timeout'; "
    };
}

/// Every statement sees the state of the first.
const READ: &str = concat!("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY; ", without_time_limits!());
/// Nothing else is written meanwhile: who writes waits, and who reads does not.
const WRITE: &str = concat!(
    without_time_limits!(),
    "LOCK TABLE secret_fingerprint, accounts, codes, tokens, known_sources, sessions, dossiers, conversations, \
     messages, profiles, profile_counts, profile_changes, profile_terms, places, throttles, outbox, mailbox, \
     security_events IN EXCLUSIVE MODE"
);

/// One transaction that reads.
pub(crate) struct PostgresExport {
    unit: PostgresUnit,
    counts: Counts,
    kinds: std::slice::Iter<'static, Kind>,
    /// The last record that was read of the present kind.
    after: RecordKey,
    /// The last conversation whose messages are read or are in the spans.
    conversation: Uuid,
    spans: VecDeque<MessageSpan>,
}

impl PostgresExport {
    pub(crate) async fn begin(store: &PostgresStore) -> Result<Self, StoreError> {
        store.connections.inspect().await?;
        let mut unit = PostgresUnit::new(store.connections.begin().await?);
        unit.control(READ).await?;
        let counts = reads::counts(&mut unit).await?;
        Ok(Self {
            unit,
            counts,
            kinds: Kind::ALL.iter(),
            after: RecordKey::default(),
            conversation: Uuid::nil(),
            spans: VecDeque::new(),
        })
    }

    async fn page(&mut self, kind: Kind) -> Result<Vec<Record>, StoreError> {
        match kind {
            Kind::Message => self.messages().await,
            kind => reads::page(&mut self.unit, kind, &self.after).await,
        }
    }

    async fn messages(&mut self) -> Result<Vec<Record>, StoreError> {
        loop {
            if self.spans.is_empty() {
                let next = reads::lengths(&mut self.unit, self.conversation, CONVERSATIONS).await?;
                let Some((last, _)) = next.last() else { return Ok(Vec::new()) };
                self.conversation = *last;
                self.spans = MessageSpan::of(&next, Batch::MOST.into());
            }
            while let Some(span) = self.spans.pop_front() {
                let messages = reads::messages(&mut self.unit, &span).await?;
                if !messages.is_empty() {
                    return Ok(messages);
                }
            }
        }
    }
}

#[async_trait]
impl Export for PostgresExport {
    fn counts(&self) -> Counts {
        self.counts
    }

    async fn next(&mut self) -> Result<Vec<Record>, StoreError> {
        while let Some(kind) = self.kinds.as_slice().first() {
            let page = self.page(*kind).await?;
            if let Some(last) = page.last() {
                self.after = last.key();
                return Ok(page);
            }
            self.kinds.next();
            self.after = RecordKey::default();
        }
        Ok(Vec::new())
    }
}

/// A unit of work that fills an empty database.
pub(crate) struct PostgresImport {
    unit: Box<PostgresUnit>,
    tally: MessageTally,
    failed: bool,
}

impl PostgresImport {
    /// None if the database holds anything.
    pub(crate) async fn begin(store: &PostgresStore) -> Result<Option<Self>, StoreError> {
        store.connections.inspect().await?;
        let mut unit = Box::new(PostgresUnit::new(store.connections.begin().await?));
        unit.control(WRITE).await?;
        let counts = reads::counts(&mut unit).await?;
        Ok(counts.is_empty().then(|| Self { unit, tally: MessageTally::default(), failed: false }))
    }

    async fn put_all(&mut self, records: Vec<Record>) -> Result<(), StoreError> {
        let Some(kind) = records.first().map(Record::kind) else { return Ok(()) };
        let given = records.len() as u64;
        let written = match kind {
            Kind::Message => writes::messages(&mut self.unit, records, &mut self.tally).await?,
            Kind::Profile => writes::profiles(&mut self.unit, records).await?,
            kind => writes::write(&mut self.unit, kind, records).await?,
        };
        if written == given {
            Ok(())
        } else {
            Err(StoreError::Failed("a record belongs to one that was not imported".into()))
        }
    }
}

#[async_trait]
impl Import for PostgresImport {
    async fn put(&mut self, records: Vec<Record>) -> Result<(), StoreError> {
        let put = self.put_all(records).await;
        self.failed |= put.is_err();
        put
    }

    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        if self.failed {
            return Err(StoreError::Failed("an import in which something failed cannot be committed".into()));
        }
        self.unit.commit().await
    }
}
