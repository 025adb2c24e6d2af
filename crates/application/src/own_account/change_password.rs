//! Changing one's own password.

use time::OffsetDateTime;
use vestibule_domain::{Account, NewPassword, Source};
use vestibule_ports::PasswordMatch;

use super::OwnAccountError;
use crate::{Application, Caller, password_reset::end_resets, passwords};

/// The old and the new password.
#[derive(Debug)]
pub struct ChangeOwnPassword {
    /// Where the request came from.
    pub source: Source,
    /// The present password, as typed.
    pub current: String,
    /// The new one.
    pub new: NewPassword,
}

/// The account after the change, for which a fresh token is to be made.
#[derive(Debug)]
pub struct PasswordChanged {
    /// The account.
    pub account: Account,
    /// When.
    pub at: OffsetDateTime,
}

impl Application {
    /// Sets the new password if the present one is right; every earlier token, code and link ends.
    pub async fn change_own_password(
        &self,
        caller: &Caller,
        input: ChangeOwnPassword,
    ) -> Result<PasswordChanged, OwnAccountError> {
        passwords::check_for(caller.account().role(), &input.new)?;
        let now = self.now();
        let (turn, guesses) = self.begin_guess(caller.id(), input.source, now).await?;
        let hash = caller.account().password().cloned();
        if turn.verify(&input.current, hash).await? == PasswordMatch::Wrong {
            return Err(OwnAccountError::WrongPassword);
        }
        let password = self.ports.hasher.hash(&input.new).await?;
        let notice = self.write_password_changed()?;
        let mut unit = self.ports.store.write().await?;
        let mut account = self.find_self(unit.as_mut(), caller).await?;
        // Asked again on the locked row: it may have been promoted since.
        passwords::check_for(account.role(), &input.new)?;
        account.change_password(password, self.new_subject(), now);
        unit.accounts().update(&account).await?;
        end_resets(unit.as_mut(), &account).await?;
        guesses.forget(unit.as_mut()).await?;
        let notice = self.new_mail(account.email().clone(), &notice, now, now + self.policy.outbox.max_age);
        self.post(unit.as_mut(), notice).await?;
        unit.commit().await?;
        self.mail_written.notify_one();
        Ok(PasswordChanged { account, at: now })
    }
}
