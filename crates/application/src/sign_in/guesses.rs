//! Counting password guesses.
//!
//! A source that signed in to the account before has a count of its own; all strangers share one. So strangers who
//! guess can close the account to strangers, never to its owner.

use time::OffsetDateTime;
use vestibule_domain::{AccountId, Source};
use vestibule_ports::{HashTurn, StoreError};

use crate::{Fault, Identity, throttles::Count, unit::Unit};

/// Whose guesses on which account are counted together: the key of the count.
pub(crate) struct GuessCount(String);

impl Identity {
    /// Reserves the turn to compare, then counts the guess: durably, before anything is compared, and never for a
    /// comparison that an overloaded server refuses.
    pub(crate) async fn begin_guess(
        &self,
        account: AccountId,
        source: Source,
        now: OffsetDateTime,
    ) -> Result<(Box<dyn HashTurn>, GuessCount), Fault> {
        let turn = self.ports.hasher.reserve().await?;
        Ok((turn, self.count_guess(account, source, now).await?))
    }

    /// Counts one guess; refuses it if it comes too soon.
    async fn count_guess(&self, account: AccountId, source: Source, now: OffsetDateTime) -> Result<GuessCount, Fault> {
        let known = self.core.read().sources().contains(account, source).await?;
        let key = if known { key_of_source(account, source) } else { key_of_strangers(account) };
        if self.core.policy.limits {
            let count = Count { key: key.clone(), rule: &self.core.policy.guesses };
            let mut unit = self.core.begin().await?;
            if let Err(throttled) = unit.throttles().take(&count.key, count.rule, now).await? {
                drop(unit);
                return Err(self.core.refuse_take(&count, throttled, now).await);
            }
            unit.commit().await?;
        }
        Ok(GuessCount(key))
    }
}

impl GuessCount {
    /// Forgets the guesses that led to a success.
    pub(crate) async fn forget(&self, unit: &mut Unit) -> Result<(), StoreError> {
        unit.throttles().reset(&self.0).await
    }
}

/// Opens an account to strangers again, after a reset of its password.
pub(crate) async fn forget_strangers(unit: &mut Unit, account: AccountId) -> Result<(), StoreError> {
    unit.throttles().reset(&key_of_strangers(account)).await
}

fn key_of_strangers(account: AccountId) -> String {
    format!("sign-in/{}", account.hex())
}

fn key_of_source(account: AccountId, source: Source) -> String {
    format!("sign-in/{}/{source}", account.hex())
}
