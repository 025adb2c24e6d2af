//! Mail waiting for delivery, by the time from which it can be leased.

use std::{cmp::Reverse, sync::Arc};

use async_trait::async_trait;
use rpds::{HashTrieMapSync, RedBlackTreeMapSync};
use time::{Duration, OffsetDateTime};
use vestibule_domain::{
    CLOCK_SKEW, MailId,
    account::to_microseconds,
    mail::{OutboxEntry, OutboxMail},
};
use vestibule_ports::{
    Outbox, OutboxStats, ReadOutbox, StoreError,
    stored::{StoredOutboxRow, StoredTime, micros},
};

use crate::{
    MemoryStore,
    state::{PURGE_LIMIT, rows},
    store::MemoryUnit,
};

const LEASE: StoreError = StoreError::Corrupt { what: "lease of a mail" };

/// Mail that is waiting or being delivered, and dead letters without their content.
#[derive(Clone, Default)]
pub(crate) struct OutboxTable {
    waiting: HashTrieMapSync<MailId, Waiting>,
    by_turn: RedBlackTreeMapSync<(OffsetDateTime, MailId), ()>,
    dead: HashTrieMapSync<MailId, Arc<OutboxEntry>>,
}

#[derive(Clone)]
struct Waiting {
    mail: Arc<OutboxMail>,
    leased_until: Option<OffsetDateTime>,
    last_error: Option<Arc<str>>,
}

impl Waiting {
    /// From when it can be leased.
    fn turn(&self) -> OffsetDateTime {
        self.leased_until.unwrap_or(self.mail.due_at)
    }

    fn entry(&self) -> OutboxEntry {
        let OutboxMail { id, to, sealed_content: _, attempts, created_at, due_at, expires_at } = self.mail.as_ref();
        OutboxEntry {
            id: *id,
            to: to.clone(),
            attempts: *attempts,
            created_at: *created_at,
            due_at: *due_at,
            expires_at: *expires_at,
            dead_at: None,
            last_error: self.last_error.as_deref().map(str::to_owned),
        }
    }
}

impl OutboxTable {
    pub(crate) fn rows(&self) -> impl Iterator<Item = StoredOutboxRow<i64>> {
        let dead = self.dead.values().map(|entry| row(entry, Vec::new(), None));
        let waiting =
            |waiting: &Waiting| row(&waiting.entry(), waiting.mail.sealed_content.clone(), waiting.leased_until);
        self.waiting.values().map(waiting).chain(dead)
    }

    /// Takes a mail as it is.
    pub(crate) fn restore(&mut self, row: StoredOutboxRow<i64>) -> Result<(), StoreError> {
        let entry = OutboxEntry::try_from(row.clone().into_entry())?;
        if entry.dead_at.is_some() {
            self.dead.insert_mut(entry.id, Arc::new(entry));
            return Ok(());
        }
        let leased_until = row.leased_until.map(|until| until.read().ok_or(LEASE)).transpose()?;
        let mail = Arc::new(OutboxMail::try_from(row.into_mail())?);
        self.put(Waiting { mail, leased_until, last_error: entry.last_error.map(Arc::from) });
        Ok(())
    }

    fn put(&mut self, row: Waiting) {
        self.by_turn.insert_mut((row.turn(), row.mail.id), ());
        self.waiting.insert_mut(row.mail.id, row);
    }

    fn take(&mut self, id: MailId) -> Option<Waiting> {
        let row = self.waiting.get(&id).cloned()?;
        self.by_turn.remove_mut(&(row.turn(), id));
        self.waiting.remove_mut(&id);
        Some(row)
    }

    /// Gives up a mail that was taken out.
    fn bury(&mut self, row: &Waiting, now: OffsetDateTime, reason: &str) {
        let entry =
            OutboxEntry { dead_at: Some(to_microseconds(now)), last_error: Some(reason.to_owned()), ..row.entry() };
        self.dead.insert_mut(entry.id, Arc::new(entry));
    }

    /// Takes out a mail if the lease of this attempt is still held.
    fn take_leased(&mut self, id: MailId, attempts: u32) -> Option<Waiting> {
        let row = self.waiting.get(&id)?;
        if row.leased_until.is_some() && row.mail.attempts == attempts { self.take(id) } else { None }
    }
}

fn row(entry: &OutboxEntry, content: Vec<u8>, leased_until: Option<OffsetDateTime>) -> StoredOutboxRow<i64> {
    StoredOutboxRow {
        id: entry.id.uuid(),
        recipient: entry.to.as_str().to_owned(),
        attempts: entry.attempts.into(),
        created_at: micros(entry.created_at),
        due_at: micros(entry.due_at),
        leased_until: leased_until.map(micros),
        expires_at: micros(entry.expires_at),
        dead_at: entry.dead_at.map(micros),
        last_error: entry.last_error.clone(),
        content,
    }
}

#[async_trait]
impl ReadOutbox for MemoryStore {
    async fn stats(&self) -> Result<OutboxStats, StoreError> {
        let table = &self.snapshot()?.outbox;
        Ok(OutboxStats {
            waiting: rows(table.waiting.size()),
            oldest: table.waiting.values().map(|row| row.mail.created_at).min(),
            dead: rows(table.dead.size()),
        })
    }

    async fn find(&self, id: MailId) -> Result<Option<OutboxEntry>, StoreError> {
        let table = &self.snapshot()?.outbox;
        let waiting = table.waiting.get(&id).map(Waiting::entry);
        Ok(waiting.or_else(|| table.dead.get(&id).map(|entry| OutboxEntry::clone(entry))))
    }

    async fn list_waiting(&self, limit: u32) -> Result<Vec<OutboxEntry>, StoreError> {
        let mut entries: Vec<_> = self.snapshot()?.outbox.waiting.values().map(Waiting::entry).collect();
        entries.sort_by_key(|entry| (entry.created_at, entry.id));
        entries.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(entries)
    }

    async fn list_dead(&self, limit: u32) -> Result<Vec<OutboxEntry>, StoreError> {
        let mut entries: Vec<_> =
            self.snapshot()?.outbox.dead.values().map(|entry| OutboxEntry::clone(entry)).collect();
        entries.sort_by_key(|entry| Reverse((entry.dead_at, entry.id)));
        entries.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(entries)
    }
}

#[async_trait]
impl Outbox for MemoryUnit {
    async fn insert(&mut self, mail: &OutboxMail) -> Result<(), StoreError> {
        if self.state.outbox.waiting.contains_key(&mail.id) || self.state.outbox.dead.contains_key(&mail.id) {
            return Err(self.failed("a mail of the outbox has this id"));
        }
        let mail = OutboxMail {
            created_at: to_microseconds(mail.created_at),
            due_at: to_microseconds(mail.due_at),
            expires_at: to_microseconds(mail.expires_at),
            ..mail.clone()
        };
        self.state.outbox.put(Waiting { mail: Arc::new(mail), leased_until: None, last_error: None });
        Ok(())
    }

    async fn withdraw(&mut self, id: MailId) -> Result<bool, StoreError> {
        let unleased = self.state.outbox.waiting.get(&id).is_some_and(|row| row.mail.attempts == 0);
        Ok(unleased && self.state.outbox.take(id).is_some())
    }

    async fn lease(
        &mut self,
        now: OffsetDateTime,
        until: OffsetDateTime,
        limit: u32,
    ) -> Result<Vec<OutboxMail>, StoreError> {
        let table = &mut self.state.outbox;
        let unexpired = |id: &MailId| table.waiting.get(id).is_some_and(|row| now < row.mail.expires_at);
        let due: Vec<MailId> = table
            .by_turn
            .keys()
            .take_while(|(turn, _)| *turn <= now)
            .map(|(_, id)| *id)
            .filter(unexpired)
            .take(usize::try_from(limit).unwrap_or(usize::MAX))
            .collect();
        let mut leased = Vec::with_capacity(due.len());
        for row in due.into_iter().filter_map(|id| table.take(id)).collect::<Vec<_>>() {
            let mail = OutboxMail { attempts: row.mail.attempts + 1, ..OutboxMail::clone(&row.mail) };
            leased.push(mail.clone());
            let leased_until = Some(to_microseconds(until));
            table.put(Waiting { mail: Arc::new(mail), leased_until, last_error: row.last_error });
        }
        Ok(leased)
    }

    async fn settle(&mut self, id: MailId, attempts: u32) -> Result<bool, StoreError> {
        Ok(self.state.outbox.take_leased(id, attempts).is_some())
    }

    async fn retry(
        &mut self,
        id: MailId,
        attempts: u32,
        due_at: OffsetDateTime,
        reason: &str,
    ) -> Result<bool, StoreError> {
        let Some(row) = self.state.outbox.take_leased(id, attempts) else {
            return Ok(false);
        };
        let mail = OutboxMail { due_at: to_microseconds(due_at), ..OutboxMail::clone(&row.mail) };
        self.state.outbox.put(Waiting { mail: Arc::new(mail), leased_until: None, last_error: Some(reason.into()) });
        Ok(true)
    }

    async fn hasten(&mut self, id: Option<MailId>, now: OffsetDateTime) -> Result<u64, StoreError> {
        let now = to_microseconds(now);
        let table = &mut self.state.outbox;
        let is_put_off = |row: &&Waiting| {
            row.mail.due_at > now && row.leased_until.is_none() && id.is_none_or(|id| id == row.mail.id)
        };
        let put_off: Vec<MailId> = table.waiting.values().filter(is_put_off).map(|row| row.mail.id).collect();
        for row in put_off.iter().filter_map(|id| table.take(*id)).collect::<Vec<_>>() {
            let mail = Arc::new(OutboxMail { due_at: now, ..OutboxMail::clone(&row.mail) });
            table.put(Waiting { mail, ..row });
        }
        Ok(rows(put_off.len()))
    }

    async fn bury(&mut self, id: MailId, attempts: u32, now: OffsetDateTime, reason: &str) -> Result<bool, StoreError> {
        let Some(row) = self.state.outbox.take_leased(id, attempts) else {
            return Ok(false);
        };
        self.state.outbox.bury(&row, now, reason);
        Ok(true)
    }

    async fn recall(&mut self, now: OffsetDateTime, lease: Duration) -> Result<u64, StoreError> {
        let now = to_microseconds(now);
        let due_until = now + OutboxMail::LONGEST_WAIT + CLOCK_SKEW;
        let leased_until = now + lease + CLOCK_SKEW;
        let table = &mut self.state.outbox;
        let is_off =
            |row: &&Waiting| row.mail.due_at > due_until || row.leased_until.is_some_and(|until| until > leased_until);
        let off: Vec<MailId> = table.waiting.values().filter(is_off).map(|row| row.mail.id).collect();
        for row in off.iter().filter_map(|id| table.take(*id)).collect::<Vec<_>>() {
            let due_at = if row.mail.due_at > due_until { now } else { row.mail.due_at };
            let mail = Arc::new(OutboxMail { due_at, ..OutboxMail::clone(&row.mail) });
            let leased_until = row.leased_until.map(|until| if until > leased_until { now + lease } else { until });
            table.put(Waiting { mail, leased_until, last_error: row.last_error });
        }
        Ok(rows(off.len()))
    }

    async fn bury_expired(&mut self, now: OffsetDateTime) -> Result<u64, StoreError> {
        let table = &mut self.state.outbox;
        let is_over = |row: &&Waiting| row.mail.expires_at <= now && row.leased_until.is_none_or(|until| until <= now);
        let over: Vec<MailId> = table.waiting.values().filter(is_over).map(|row| row.mail.id).collect();
        for row in over.iter().filter_map(|id| table.take(*id)).collect::<Vec<_>>() {
            table.bury(&row, now, "expired");
        }
        Ok(rows(over.len()))
    }

    async fn purge_dead(&mut self, before: OffsetDateTime) -> Result<u64, StoreError> {
        let (table, before) = (&mut self.state.outbox.dead, to_microseconds(before));
        let old: Vec<MailId> = table
            .values()
            .filter(|entry| entry.dead_at < Some(before))
            .map(|entry| entry.id)
            .take(PURGE_LIMIT)
            .collect();
        for id in &old {
            table.remove_mut(id);
        }
        Ok(rows(old.len()))
    }
}
