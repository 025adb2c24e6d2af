//! Everything in a file, read out of it and written into it.

mod reads;
mod writes;

use std::collections::VecDeque;

use async_trait::async_trait;
use uuid::Uuid;
use vestibule_ports::{
    Batch, Export, Import, MessageSpan, MessageTally, StoreError, UnitOfWork,
    stored::{Counts, Kind, Record, RecordKey},
};

use crate::{profiles::IndexBuild, readers::Reader, store::SqliteStore, unit::SqliteUnit};

/// How many conversations are looked at to choose which messages to read together.
const CONVERSATIONS: u32 = 1000;

/// One read transaction, on a connection that is closed at its end.
pub(crate) struct SqliteExport<'s> {
    reader: Reader<'s>,
    counts: Counts,
    kinds: std::slice::Iter<'static, Kind>,
    /// The last record that was read of the present kind.
    after: RecordKey,
    /// The last conversation whose messages are read or are in the spans.
    conversation: Uuid,
    spans: VecDeque<MessageSpan>,
}

impl<'s> SqliteExport<'s> {
    pub(crate) async fn begin(store: &'s SqliteStore) -> Result<Self, StoreError> {
        let mut reader = store.reader().await?;
        // The transaction ends with the connection.
        reader.give_up();
        // It sees the state of its first read, which the counts are.
        sqlx::query("BEGIN").execute(&mut *reader).await.map_err(|error| reader.failed(error))?;
        let counts = reads::counts(&mut reader).await.map_err(|error| reader.failed(error))?;
        Ok(Self {
            reader,
            counts,
            kinds: Kind::ALL.iter(),
            after: RecordKey::default(),
            conversation: Uuid::nil(),
            spans: VecDeque::new(),
        })
    }

    async fn page(&mut self, kind: Kind) -> sqlx::Result<Vec<Record>> {
        match kind {
            Kind::Message => self.messages().await,
            kind => reads::page(&mut self.reader, kind, &self.after).await,
        }
    }

    async fn messages(&mut self) -> sqlx::Result<Vec<Record>> {
        loop {
            if self.spans.is_empty() {
                let next = reads::lengths(&mut self.reader, self.conversation, CONVERSATIONS).await?;
                let Some((last, _)) = next.last() else { return Ok(Vec::new()) };
                self.conversation = *last;
                self.spans = MessageSpan::of(&next, Batch::MOST.into());
            }
            while let Some(span) = self.spans.pop_front() {
                let messages = reads::messages(&mut self.reader, &span).await?;
                if !messages.is_empty() {
                    return Ok(messages);
                }
            }
        }
    }
}

#[async_trait]
impl Export for SqliteExport<'_> {
    fn counts(&self) -> Counts {
        self.counts
    }

    async fn next(&mut self) -> Result<Vec<Record>, StoreError> {
        while let Some(kind) = self.kinds.as_slice().first() {
            let page = self.page(*kind).await.map_err(|error| self.reader.failed(error))?;
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

/// A unit of work that fills an empty file.
pub(crate) struct SqliteImport {
    unit: Box<SqliteUnit>,
    tally: MessageTally,
    profiles: IndexBuild,
    failed: bool,
}

impl SqliteImport {
    /// None if the file holds anything.
    pub(crate) async fn begin(store: &SqliteStore) -> Result<Option<Self>, StoreError> {
        let mut unit = store.unit().await?;
        let counts = reads::counts(unit.connection()).await.map_err(|error| unit.failed(error))?;
        let import = || Self {
            unit: Box::new(unit),
            tally: MessageTally::default(),
            profiles: IndexBuild::default(),
            failed: false,
        };
        Ok(counts.is_empty().then(import))
    }

    async fn put_one(&mut self, record: Record) -> Result<(), StoreError> {
        match record {
            Record::Message(row) => {
                let by_user = self.tally.up_to(&row)?;
                writes::message(&mut self.unit, row, by_user).await
            }
            Record::Profile(row) => self.unit.restore_profile(row, &mut self.profiles).await,
            record => writes::write(&mut self.unit, record).await,
        }
    }
}

#[async_trait]
impl Import for SqliteImport {
    async fn put(&mut self, records: Vec<Record>) -> Result<(), StoreError> {
        for record in records {
            if let Err(error) = self.put_one(record).await {
                self.failed = true;
                return Err(error);
            }
        }
        Ok(())
    }

    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        if self.failed {
            return Err(StoreError::Failed("an import in which something failed cannot be committed".into()));
        }
        let Self { mut unit, profiles, .. } = *self;
        unit.finish_index(profiles).await?;
        unit.commit().await
    }
}
