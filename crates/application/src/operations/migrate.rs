//! The schema of the store, and what earlier versions stored in another form.

use vestibule_domain::{AccountId, EmailAddress};
use vestibule_ports::{StoreError, UniqueKey};

use crate::{Fault, Identity, MigrationStatus, PageRequest};

/// How many accounts are looked at together.
const PAGE: u32 = 500;
/// How many accounts that stayed as they were are named; more are counted.
const MOST_NAMED: usize = 1_000;

/// What became of the addresses that an earlier version stored.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Spellings {
    /// How many took their canonical form.
    pub changed: u64,
    /// The accounts that stayed as they were, at most 1000 of them.
    pub left: Vec<LeftAlone>,
    /// How many stayed as they were.
    pub left_count: u64,
}

/// An account whose address stayed as it was. It cannot sign in by its address until an operator gives it another one.
#[derive(Debug, PartialEq, Eq)]
pub struct LeftAlone {
    pub id: AccountId,
    /// Its address, as it is stored.
    pub email: EmailAddress,
    /// What is in the way.
    pub why: InTheWay,
}

/// Why an address did not take its canonical form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InTheWay {
    /// It has none: no mail can reach it.
    NotAnAddress,
    /// Another account has it; none, if that one is gone by now, and the next time makes it good.
    Account(Option<AccountId>),
}

/// What became of one address.
enum Spelled {
    Canonical,
    Changed,
    Left(InTheWay),
}

impl Identity {
    /// Brings the schema up to date; safe when several nodes do it at once, and again.
    pub async fn migrate(&self) -> Result<(), Fault> {
        Ok(self.core.ports.store.migrate().await?)
    }

    /// Puts the addresses of accounts into their canonical form, for which it looks at each once; safe when several nodes do it
    /// at once, and again.
    pub async fn spell_addresses(&self) -> Result<Spellings, Fault> {
        let (mut spellings, mut after) = (Spellings::default(), None);
        loop {
            let page = PageRequest { after, limit: PAGE };
            let page = self.core.read().accounts().list_doubtful_addresses(page).await?;
            after = page.items.last().map(vestibule_domain::Account::id);
            for account in page.items {
                match self.spell(account.id(), account.email()).await? {
                    Spelled::Canonical => {}
                    Spelled::Changed => spellings.changed += 1,
                    Spelled::Left(why) => {
                        tracing::warn!(
                            account = account.id().hex(),
                            in_the_way = why.account().map(AccountId::hex),
                            "the address of an account was stored by an earlier version and cannot be put into its \
                             canonical form: the account cannot sign in by it until it is changed"
                        );
                        spellings.left_count += 1;
                        if spellings.left.len() < MOST_NAMED {
                            spellings.left.push(LeftAlone { id: account.id(), email: account.email().clone(), why });
                        }
                    }
                }
            }
            if !page.has_more {
                break;
            }
        }
        if spellings.changed > 0 {
            tracing::info!(accounts = spellings.changed, "addresses were put into their canonical form");
        }
        Ok(spellings)
    }

    /// The store tells whether another account has the form.
    async fn spell(&self, id: AccountId, stored: &EmailAddress) -> Result<Spelled, Fault> {
        let Ok(canonical) = stored.to_canonical() else { return Ok(Spelled::Left(InTheWay::NotAnAddress)) };
        if canonical == *stored {
            return Ok(Spelled::Canonical);
        }
        let mut unit = self.core.begin().await?;
        let found = unit.accounts().find_for_update(id).await?.filter(|account| account.email() == stored);
        // Another node was quicker, or the owner has another address by now.
        let Some(mut account) = found else { return Ok(Spelled::Canonical) };
        account.spell_email(canonical.clone());
        match unit.accounts().update(&account).await {
            Ok(_) => {
                unit.commit().await?;
                Ok(Spelled::Changed)
            }
            Err(StoreError::Conflict(UniqueKey::AccountEmail)) => {
                drop(unit);
                let other = self.core.read().accounts().find_by_email(&canonical).await?;
                Ok(Spelled::Left(InTheWay::Account(other.map(|other| other.id()))))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// How many steps of the schema the store lacks. An error if it has one that this program does not know.
    pub async fn pending_migrations(&self) -> Result<usize, Fault> {
        let steps = self.migrations().await?;
        match steps.iter().find_map(|step| step.unfit) {
            Some(error) => Err(StoreError::from(error).into()),
            None => Ok(steps.iter().filter(|step| !step.applied).count()),
        }
    }

    /// Every step of the schema and whether the store has it.
    pub async fn migrations(&self) -> Result<Vec<MigrationStatus>, Fault> {
        Ok(self.core.ports.store.migrations().await?)
    }

    /// Finishes what runs in the store and closes it.
    pub async fn close(&self) {
        self.core.ports.store.close().await;
    }
}

impl InTheWay {
    /// The account that has the canonical form.
    pub const fn account(self) -> Option<AccountId> {
        match self {
            Self::NotAnAddress => None,
            Self::Account(id) => id,
        }
    }
}
