//! Proving that a mailbox is its owner's: what every door does then with what was there before.
//!
//! The rule: what a stranger could have set before the owner proved the mailbox does not outlive the proof unseen, and
//! nothing that was proven once is taken away by a sign-up.

use time::OffsetDateTime;
use vestibule_domain::Account;
use vestibule_ports::StoreError;

use crate::{
    Identity,
    events::Cause,
    passwords::{NewHash, end_proofs},
    unit::Unit,
};

/// What a proof says about the password and the linked identities of the account.
pub(crate) enum Proof {
    /// They stay: the password was typed, the mail told when it was set, or an administrator vouches for it.
    KeepsPassword,
    /// The owner may know none of them. If the present mailbox was never proven before, they are dropped, and every token
    /// ends. A provider that vouches links its identity afterwards.
    DropsUnproven(Cause),
    /// Another password takes its place. If the present mailbox was never proven before, the identities are dropped.
    SetsPassword(NewHash),
}

impl Identity {
    /// Notes on a locked account that its owner reads the mailbox, and stores it. What was mailed before to prove the
    /// mailbox ends, since a stranger's password may wait with it.
    pub(crate) async fn prove_mailbox(
        &self,
        unit: &mut Unit,
        account: &mut Account,
        proof: Proof,
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let is_first = !account.was_proven();
        let can_be_strangers = account.password().is_some() || !account.identities().is_empty();
        account.prove_mailbox(now);
        let changes_hands = match proof {
            // That ends all that was mailed by itself.
            Proof::SetsPassword(new) => {
                if is_first {
                    account.unlink_identities(now);
                }
                self.set_password(unit, account, new, now).await?;
                is_first
            }
            Proof::DropsUnproven(cause) if is_first && can_be_strangers => {
                account.unlink_identities(now);
                self.drop_password(unit, account, &cause, now).await?;
                end_proofs(unit, account.id()).await?;
                true
            }
            Proof::DropsUnproven(_) | Proof::KeepsPassword => {
                unit.accounts().update(account).await?;
                end_proofs(unit, account.id()).await?;
                false
            }
        };
        if changes_hands {
            unit.sources().forget_all(account.id()).await?;
        }
        Ok(())
    }

    /// Stores an account without its password, if it has one, and ends every token.
    async fn drop_password(
        &self,
        unit: &mut Unit,
        account: &mut Account,
        cause: &Cause,
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let had_password = account.password().is_some();
        account.drop_password(self.new_epoch(), now);
        unit.accounts().update(account).await?;
        if had_password {
            self.record_password_change(unit, account.id(), cause, now).await?;
        }
        Ok(())
    }
}
