//! Mailed one-time codes: making them, and counting who tries them.

use time::{Duration, OffsetDateTime};
use vestibule_domain::{AccountId, Code, CodeId, Digest, LiveCode, OneTimeCode, ThrottleRule, TokenPurpose};
use vestibule_ports::StoreError;

use crate::{Fault, Identity, unit::Unit};

/// Never refuses: only the work of counting matters.
const IDLE_TRIES: ThrottleRule = ThrottleRule::counted(1_000_000_000, Duration::hours(1));

impl Identity {
    /// A code as it is stored, with no password that waits for it.
    pub(crate) fn new_code(
        &self,
        account: AccountId,
        purpose: TokenPurpose,
        code: &Code,
        now: OffsetDateTime,
    ) -> OneTimeCode {
        OneTimeCode {
            id: CodeId::new(now, self.core.random()),
            account,
            purpose,
            digest: self.code_digest(account, purpose, code),
            tries_left: self.core.policy.code_tries.per_code,
            expires_at: now + self.core.policy.code_lifetime,
            waiting_password: None,
        }
    }

    /// The digest under which a code is stored: of no use for another account or purpose.
    pub(crate) fn code_digest(&self, account: AccountId, purpose: TokenPurpose, code: &Code) -> Digest {
        let account = account.uuid();
        let parts = [account.as_bytes().as_slice(), purpose.as_str().as_bytes(), code.expose().as_bytes()];
        self.core.ports.keyring.digest("code", &parts)
    }

    /// Counts a try on the code and on its account, even if one of them refuses; `None` if either has no try left. A guess
    /// where there is no code uses up none of the account's tries, or strangers could close any account's codes without a
    /// mail; it writes as much all the same, under one of a few keys, so that the time tells nothing and strangers'
    /// addresses do not pile up.
    ///
    /// The code comes before the count, here as where it is spent: in another order the two would block each other.
    pub(crate) async fn count_code_try(
        &self,
        account: AccountId,
        purpose: TokenPurpose,
        now: OffsetDateTime,
    ) -> Result<Option<LiveCode>, Fault> {
        let mut unit = self.core.begin().await?;
        let live = unit.codes().take_try(account, purpose, now).await?;
        let (key, rule) = match live {
            Some(_) => (code_tries_key(account), self.core.policy.code_tries.per_account),
            None => (idle_tries_key(account), IDLE_TRIES),
        };
        let taken = unit.throttles().take(&key, &rule, now).await?;
        unit.commit().await?;
        Ok(live.filter(|_| taken.is_ok()))
    }
}

/// Does the work of storing a code in the place of an earlier one, to no effect: the account is nobody's.
pub(crate) async fn pretend_to_replace(unit: &mut Unit, code: &OneTimeCode) -> Result<(), StoreError> {
    unit.codes().remove_of_account(code.account).await.map(drop)
}

/// Forgets the tries that led to a success.
pub(crate) async fn forget_code_tries(unit: &mut Unit, account: AccountId) -> Result<(), StoreError> {
    unit.throttles().reset(&code_tries_key(account)).await
}

fn code_tries_key(account: AccountId) -> String {
    format!("code-tries/{}", account.hex())
}

/// The count of guesses at no code: one of 256, whatever the account.
fn idle_tries_key(account: AccountId) -> String {
    format!("code-tries/none/{}", &account.hex()[22..])
}
