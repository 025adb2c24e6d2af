//! Spending a mailed code.

use time::OffsetDateTime;
use vestibule_domain::{AccountId, CodeFormat, LiveCode, Origin, TokenPurpose};

use super::{Mailbox, VerificationError};
use crate::{Identity, codes::forget_code_tries, events::Cause, passwords::NewHash, proofs::Proof};

const PURPOSE: TokenPurpose = TokenPurpose::EmailVerification;

/// A typed code.
#[derive(Debug)]
pub struct VerifyMailboxByCode {
    /// Where the request came from.
    pub origin: Origin,
    /// Where the code was mailed to.
    pub mailbox: Mailbox,
    /// The code, as typed.
    pub code: String,
    /// What the dialect's codes look like.
    pub format: CodeFormat,
}

impl Identity {
    /// Spends a code: the mailbox is proven, a pending account becomes active, and a password that waited takes the place
    /// of the old one, whose tokens end. Each try is counted, durably, before it is compared.
    pub async fn verify_mailbox_by_code(&self, input: VerifyMailboxByCode) -> Result<(), VerificationError> {
        let typed = input.format.parse(&input.code).map_err(|_| VerificationError::Invalid)?;
        let now = self.core.now();
        let account = self.find_by_mailbox(&input.mailbox).await?;
        let id = input.mailbox.account_id(&self.core, account.as_ref());
        let live = self.count_code_try(id, PURPOSE, now).await?.ok_or(VerificationError::Invalid)?;
        if live.digest != self.code_digest(id, PURPOSE, &typed) {
            return Err(VerificationError::Invalid);
        }
        self.prove_by(live, id, Cause::anyone(input.origin), now).await
    }

    async fn prove_by(
        &self,
        code: LiveCode,
        id: AccountId,
        cause: Cause,
        now: OffsetDateTime,
    ) -> Result<(), VerificationError> {
        let mut unit = self.core.begin().await?;
        let mut account = unit.accounts().find_for_update(id).await?.ok_or(VerificationError::Invalid)?;
        if !unit.codes().consume(code.id, now).await? {
            return Err(VerificationError::Invalid);
        }
        let proof = match code.waiting_password {
            Some(_) if account.mailbox_proven_at().is_some() => return Err(VerificationError::Invalid),
            Some(hash) => Proof::SetsPassword(NewHash { hash, cause }),
            None => Proof::KeepsPassword,
        };
        self.prove_mailbox(&mut unit, &mut account, proof, now).await?;
        forget_code_tries(&mut unit, id).await?;
        Ok(unit.commit().await?)
    }
}
