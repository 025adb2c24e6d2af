//! Every table as records, and back.
//!
//! The records of one kind are made at once: they are no more than what is in memory anyway.

use std::{slice, sync::Arc, vec};

use async_trait::async_trait;
use vestibule_domain::{
    Account, Dossier, Message, OneTimeCode, OneTimeToken, Profile, ProfileId, SecurityEvent, Session,
    mail::ReceivedMail, place::Place, profile::ProfileChange,
};
use vestibule_ports::{
    Accounts, Batch, Codes, Dossiers, Events, Export, Fingerprint, Import, Mailbox, MessageTally, Places, Profiles,
    SealedDocumentKey, Sessions, Sources, StoreError, Tokens, UnitOfWork,
    stored::{Counts, Kind, Record, StoredFingerprint, account_id, digest},
};

use crate::{
    state::{State, rows},
    store::MemoryUnit,
};

/// A state as records.
pub(crate) struct MemoryExport {
    state: Arc<State>,
    counts: Counts,
    kinds: slice::Iter<'static, Kind>,
    /// What is left of one kind.
    rest: vec::IntoIter<Record>,
}

impl MemoryExport {
    pub(crate) fn of(state: Arc<State>) -> Self {
        let counts = counts(&state);
        Self { state, counts, kinds: Kind::ALL.iter(), rest: Vec::new().into_iter() }
    }
}

#[async_trait]
impl Export for MemoryExport {
    fn counts(&self) -> Counts {
        self.counts
    }

    async fn next(&mut self) -> Result<Vec<Record>, StoreError> {
        loop {
            let batch: Vec<Record> = self.rest.by_ref().take(Batch::MOST as usize).collect();
            if !batch.is_empty() {
                return Ok(batch);
            }
            let Some(kind) = self.kinds.next() else { return Ok(batch) };
            let mut records = records(&self.state, *kind);
            records.sort_by_cached_key(Record::key);
            self.rest = records.into_iter();
        }
    }
}

fn counts(state: &State) -> Counts {
    Kind::ALL.iter().map(|kind| (*kind, rows(records(state, *kind).len()))).collect()
}

fn records(state: &State, kind: Kind) -> Vec<Record> {
    fn all(rows: impl Iterator<Item: Into<Record>>) -> Vec<Record> {
        rows.map(Into::into).collect()
    }
    match kind {
        Kind::Fingerprint => {
            all(state.fingerprint.iter().map(|digest| StoredFingerprint { digest: digest.bytes().to_vec() }))
        }
        Kind::Account => all(state.accounts.rows()),
        Kind::Code => all(state.codes.rows()),
        Kind::Token => all(state.tokens.rows()),
        Kind::Source => all(state.sources.rows()),
        Kind::Session => all(state.sessions.rows()),
        Kind::Dossier => all(state.dossiers.rows()),
        Kind::DocumentKey => all(state.dossiers.key_rows()),
        Kind::Conversation => all(state.conversations.rows()),
        Kind::Message => all(state.conversations.message_rows()),
        Kind::Profile => all(state.profiles.rows()),
        Kind::ProfileChange => all(state.profiles.change_rows()),
        Kind::Place => all(state.places.rows()),
        Kind::Throttle => all(state.throttles.rows()),
        Kind::OutboxMail => all(state.outbox.rows()),
        Kind::ReceivedMail => all(state.mailbox.rows()),
        Kind::Event => all(state.events.rows()),
    }
}

/// A unit that fills an empty state.
pub(crate) struct MemoryImport {
    unit: Box<MemoryUnit>,
    tally: MessageTally,
}

impl MemoryImport {
    /// None if the state is not empty.
    pub(crate) fn into_empty(unit: MemoryUnit) -> Option<Self> {
        counts(&unit.state).is_empty().then(|| Self { unit: Box::new(unit), tally: MessageTally::default() })
    }

    async fn restore(&mut self, record: Record) -> Result<(), StoreError> {
        let unit = self.unit.as_mut();
        match record {
            Record::Fingerprint(row) => {
                Fingerprint::replace(unit, &digest(row.digest, "fingerprint of the secret")?).await
            }
            Record::Account(row) => Accounts::insert(unit, &Account::try_from(row)?).await,
            Record::Code(row) => Codes::replace(unit, &OneTimeCode::try_from(row)?).await,
            Record::Token(row) => Tokens::insert(unit, &OneTimeToken::try_from(row)?).await,
            Record::Source(row) => {
                let (account, source, last_used_at) = row.parts()?;
                Sources::remember(unit, account, source, last_used_at).await
            }
            Record::Session(row) => Sessions::insert(unit, &Session::try_from(row)?, u32::MAX).await.map(drop),
            Record::Dossier(row) => Dossiers::replace(unit, &Dossier::try_from(row)?).await,
            Record::DocumentKey(row) => {
                let (account, key) = (account_id(row.account_id)?, SealedDocumentKey::from_stored(row.sealed));
                let kept = Dossiers::keep_document_key(unit, account, &key, None).await?;
                there_is(kept.is_some())
            }
            Record::Conversation(row) => {
                unit.must_have(account_id(row.account_id)?)?;
                unit.state.conversations.restore(row.try_into()?);
                Ok(())
            }
            Record::Message(row) => {
                let by_user = self.tally.up_to(&row)?.unsigned_abs();
                there_is(unit.state.conversations.restore_message(Message::try_from(row)?, by_user))
            }
            Record::Profile(row) => Profiles::insert(unit, &Profile::try_from(row)?).await,
            Record::ProfileChange(row) => {
                let profile = ProfileId::from_uuid(row.profile_id);
                let profile = profile.map_err(|_| StoreError::Corrupt { what: "id of a profile" })?;
                there_is(unit.state.profiles.restore_change(profile, ProfileChange::try_from(row)?))
            }
            Record::Place(row) => Places::keep(unit, &Place::try_from(row)?).await,
            Record::Throttle(row) => {
                let (key, state) = row.parts()?;
                unit.state.throttles.restore(&key, state);
                Ok(())
            }
            Record::OutboxMail(row) => unit.state.outbox.restore(row),
            Record::ReceivedMail(row) => Mailbox::insert(unit, &ReceivedMail::try_from(row)?).await,
            Record::Event(row) => Events::insert(unit, &SecurityEvent::try_from(row)?).await,
        }
    }
}

/// Fails where a record belongs to what is not there, as the foreign keys of a database do.
fn there_is(owner: bool) -> Result<(), StoreError> {
    if owner { Ok(()) } else { Err(StoreError::Busy(None)) }
}

#[async_trait]
impl Import for MemoryImport {
    async fn put(&mut self, records: Vec<Record>) -> Result<(), StoreError> {
        for record in records {
            if let Err(error) = self.restore(record).await {
                self.unit.spoil();
                return Err(error);
            }
        }
        Ok(())
    }

    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        self.unit.commit().await
    }
}
