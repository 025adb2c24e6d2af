//! Editing what an account says about its owner, and how the owner signs in.

use time::OffsetDateTime;
use vestibule_domain::{
    Account, AccountId, Dossier, DossierChange, EmailAddress, EventKind, NamePart, NewPassword, PasswordHash,
    PersonName, Role, Username,
};
use vestibule_ports::{HashError, Language, PasswordMatch, StoreError, UniqueKey};

use super::guard::Guarded;
use crate::{
    Caller, CommonPassword, Identity,
    dossier::edited_dossier,
    events::Cause,
    fault::{Fault, faults_into},
    passwords::{self, NewHash, end_mailed},
    rights::{Rights, may_modify, rules_at_once},
    sign_in::GuessCount,
    unit::Unit,
};

/// What to do with a value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Edit<T> {
    /// Leave it.
    #[default]
    Keep,
    /// Give it another.
    Set(T),
    /// Take it away.
    Clear,
}

impl<T> Edit<T> {
    /// What comes of a value.
    pub(crate) fn over(self, present: Option<T>) -> Option<T> {
        match self {
            Self::Keep => present,
            Self::Set(value) => Some(value),
            Self::Clear => None,
        }
    }
}

/// What to do with the parts of a name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NameEdit {
    pub first: Edit<NamePart>,
    pub last: Edit<NamePart>,
}

/// Who may edit what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum EditRule {
    /// An owner edits everything. Another who may change the account edits all but the address and the password. Rights are
    /// not edited here.
    #[default]
    ByOwner,
    /// A root edits everything of everybody; an owner all but the user name and the rights. While a change of password is due,
    /// an owner edits the password alone, and a root is no more than an owner.
    ByRoot,
}

/// What to edit; the rest stays.
#[derive(Debug)]
pub struct EditAccount {
    /// Who may edit what.
    pub rule: EditRule,
    /// Whose account.
    pub id: AccountId,
    /// The parts of the name.
    pub name: NameEdit,
    /// Another user name.
    pub username: Option<Username>,
    /// Another address, whose mailbox is then to be proven; the owner needs the present password.
    pub email: Option<EmailAddress>,
    /// A new password; the owner needs the present one.
    pub password: Option<NewPassword>,
    /// The present password, as typed.
    pub current_password: Option<String>,
    /// What the account is to be allowed.
    pub rights: Option<Rights>,
    /// Whether the owner is to choose another password before anything else; it outlives a password that is set with it.
    pub password_change_due: Option<bool>,
    /// The fields of the dossier.
    pub dossier: DossierChange,
    /// The language of the notice to the owner.
    pub language: Language,
}

/// Why an account was not edited.
#[derive(Debug, thiserror::Error)]
pub enum EditAccountError {
    /// There is no such account.
    #[error("there is no such account")]
    NotFound,
    /// The caller may not edit this account.
    #[error("the caller has not the right")]
    Forbidden,
    /// The present password is another one, is missing, or is not the caller's to know.
    #[error("the password is wrong")]
    WrongPassword,
    /// The caller is to choose another password first.
    #[error("a change of password is due")]
    PasswordChangeDue,
    /// The last active root cannot be made anything else.
    #[error("this is the last active root")]
    LastRoot,
    /// The caller's account was removed, or its tokens ended, in the meantime.
    #[error("the caller is no longer signed in")]
    SignedOut,
    /// Another account has the address.
    #[error("the e-mail address is taken")]
    EmailTaken,
    /// Another account has the user name.
    #[error("the user name is taken")]
    UsernameTaken,
    /// Another account has the telephone number.
    #[error("the telephone number is taken")]
    PhoneTaken,
    /// Too common for the account's role.
    #[error(transparent)]
    CommonPassword(#[from] CommonPassword),
    /// Nothing to do with what was asked.
    #[error(transparent)]
    Fault(#[from] Fault),
}

faults_into!(EditAccountError: StoreError, HashError);

impl Identity {
    /// Edits an account and its dossier together, for its owner and for those who may change it; returns both as they are
    /// now. A new password ends every earlier token.
    pub async fn edit_account(
        &self,
        caller: &Caller,
        input: EditAccount,
    ) -> Result<(Account, Dossier), EditAccountError> {
        let now = self.core.now();
        let target = self.find_editable(caller, &input).await?;
        check_fields(caller, &input)?;
        if input.username.as_ref().is_some_and(|name| target.username() != Some(name)) {
            self.limits.username_change(input.id)?;
        }
        let takes_password = takes_password(&target, (&input, caller));
        let guesses = if takes_password { Some(self.check_current_password(caller, &input, now).await?) } else { None };
        let hash = match &input.password {
            Some(password) => {
                passwords::check_for(target.role(), password)?;
                Some(self.ports.hasher.hash(password).await?)
            }
            None => None,
        };
        let mut unit = self.core.begin().await?;
        let (mut account, guarded) = lock_editable(&mut unit, caller, &input).await?;
        // Asked again on the locked row: another request may have changed the address, or promoted the account.
        if takes_password != self::takes_password(&account, (&input, caller)) && !takes_password {
            return Err(EditAccountError::WrongPassword);
        }
        let before = account.clone();
        self.apply(&mut unit, &mut account, (&input, caller), now).await?;
        if let Some(guarded) = guarded {
            guarded.check(Some(&account))?;
        }
        if let Some(hash) = hash {
            self.apply_password(&mut unit, &mut account, (&input, caller, hash), now).await?;
        }
        self.core.record_changes(&mut unit, (&before, &account), &caller.into(), now).await?;
        self.post_notices(&mut unit, &before, &input, now).await?;
        if let Some(guesses) = guesses {
            guesses.forget(&mut unit).await?;
        }
        let dossier = edited_dossier(&mut unit, &account, input.dossier, now).await?;
        unit.commit().await?;
        Ok((account, dossier))
    }

    /// Sets the password; the session of an owner's own request goes on.
    async fn apply_password(
        &self,
        unit: &mut Unit,
        account: &mut Account,
        (input, caller, hash): (&EditAccount, &Caller, PasswordHash),
        now: OffsetDateTime,
    ) -> Result<(), EditAccountError> {
        if let Some(password) = &input.password {
            passwords::check_for(account.role(), password)?;
        }
        self.set_password(unit, account, NewHash { hash, cause: caller.into() }, now).await?;
        if input.password_change_due == Some(true) {
            account.require_password_change(true, now);
            unit.accounts().update(account).await?;
        }
        if let (true, Some(session)) = (caller.id() == account.id(), caller.session()) {
            unit.sessions().rebind(session, account.epoch()).await?;
        }
        Ok(())
    }

    /// Tells the owner of another address or password at the mailbox of before: that of a new address may be a thief's. An
    /// address that is given up and was not proven is told nothing, since nothing is known of who reads it.
    async fn post_notices(
        &self,
        unit: &mut Unit,
        before: &Account,
        input: &EditAccount,
        now: OffsetDateTime,
    ) -> Result<(), Fault> {
        let moves = input.email.as_ref().is_some_and(|email| email != before.email());
        if moves && before.mailbox_proven_at().is_none() {
            return Ok(());
        }
        if moves {
            let notice = self.core.write_email_changed(input.language)?;
            self.core.post(unit, self.core.new_notice(before, &notice, now)).await?;
        }
        if input.password.is_some() {
            self.core.post(unit, self.password_notice(before, input.language, now)?).await?;
        }
        Ok(())
    }

    async fn find_editable(&self, caller: &Caller, input: &EditAccount) -> Result<Account, EditAccountError> {
        if caller.id() == input.id {
            return Ok(caller.account().clone());
        }
        // A stranger learns nothing of whether the account exists.
        let may_look = match input.rule {
            EditRule::ByOwner => caller.account().role() >= Role::Admin,
            EditRule::ByRoot => rules_at_once(caller.account()),
        };
        if !may_look {
            return Err(EditAccountError::Forbidden);
        }
        let target = self.show_account(input.id).await?.ok_or(EditAccountError::NotFound)?;
        if may_modify(caller.account(), &target) { Ok(target) } else { Err(EditAccountError::Forbidden) }
    }

    /// Only the owner can know it; each guess is counted before it is compared.
    async fn check_current_password(
        &self,
        caller: &Caller,
        input: &EditAccount,
        now: OffsetDateTime,
    ) -> Result<GuessCount, EditAccountError> {
        let (true, Some(current)) = (caller.id() == input.id, &input.current_password) else {
            return Err(EditAccountError::WrongPassword);
        };
        let (turn, guesses) = self.begin_guess(caller.id(), caller.origin().source, now).await?;
        let hash = caller.account().password().cloned();
        match passwords::compare(turn, current, (caller.id(), hash)).await? {
            PasswordMatch::Wrong | PasswordMatch::Unusable(_) => Err(EditAccountError::WrongPassword),
            PasswordMatch::Right | PasswordMatch::Outdated => Ok(guesses),
        }
    }

    /// Stores the name, the user name, the address and the rights; what a provisional account has of them it gives up.
    async fn apply(
        &self,
        unit: &mut Unit,
        account: &mut Account,
        (input, caller): (&EditAccount, &Caller),
        now: OffsetDateTime,
    ) -> Result<(), EditAccountError> {
        let before = account.clone();
        account.rename(edited(account.name(), &input.name), now);
        if let Some(username) = &input.username {
            account.change_username(username.clone(), now);
        }
        if let Some(email) = &input.email {
            account.change_email(email.clone(), now);
        }
        if let Some(rights) = &input.rights {
            rights.give(account, now);
        }
        if let Some(due) = input.password_change_due {
            account.require_password_change(due, now);
        }
        if *account == before {
            return Ok(());
        }
        while let Err(error) = unit.accounts().update(account).await {
            let StoreError::Conflict(taken) = error else { return Err(error.into()) };
            if !self.make_room(unit, taken, (account, now), &Cause::from(caller)).await? {
                return Err(refusal(taken));
            }
        }
        if account.email() != before.email() {
            end_mailed(unit, account.id()).await?;
            self.core.record(unit, Cause::from(caller).of(EventKind::EmailChange, Some(account.id())), now).await?;
        }
        Ok(())
    }
}

/// Whether the caller may edit these fields of an account that it may edit.
fn check_fields(caller: &Caller, input: &EditAccount) -> Result<(), EditAccountError> {
    let sets_rights = input.rights.is_some() || input.password_change_due.is_some();
    match input.rule {
        EditRule::ByOwner if sets_rights => Err(EditAccountError::Forbidden),
        EditRule::ByRoot if (sets_rights || input.username.is_some()) && !rules_at_once(caller.account()) => {
            Err(EditAccountError::Forbidden)
        }
        EditRule::ByRoot if caller.account().password_change_due() && !sets_password_alone(input) => {
            Err(EditAccountError::PasswordChangeDue)
        }
        EditRule::ByOwner | EditRule::ByRoot => Ok(()),
    }
}

fn sets_password_alone(input: &EditAccount) -> bool {
    input.email.is_none() && input.name == NameEdit::default() && input.dossier.is_empty()
}

/// Whether the edit needs the present password.
fn takes_password(account: &Account, (input, caller): (&EditAccount, &Caller)) -> bool {
    let asks = input.rule == EditRule::ByOwner || caller.id() == input.id;
    asks && (input.password.is_some() || input.email.as_ref().is_some_and(|email| email != account.email()))
}

/// Where rights are to change, the active roots are locked before the account.
async fn lock_editable(
    unit: &mut Unit,
    caller: &Caller,
    input: &EditAccount,
) -> Result<(Account, Option<Guarded>), EditAccountError> {
    let (account, guarded) = if input.rights.is_some() {
        let guarded = Guarded::lock(unit, input.id).await?;
        (guarded.as_ref().map(|guarded| guarded.account().clone()), guarded)
    } else {
        (unit.accounts().find_for_update(input.id).await?, None)
    };
    let is_own = caller.id() == input.id;
    match account {
        Some(account) if is_own && caller.is_still(&account) => Ok((account, guarded)),
        Some(_) | None if is_own => Err(EditAccountError::SignedOut),
        Some(account) if may_modify(caller.account(), &account) => Ok((account, guarded)),
        Some(_) => Err(EditAccountError::Forbidden),
        None => Err(EditAccountError::NotFound),
    }
}

/// A name with some of its parts edited; one that was given as a whole is taken apart only then.
fn edited(name: &PersonName, edit: &NameEdit) -> PersonName {
    if *edit == NameEdit::default() {
        return name.clone();
    }
    let part = |edit: &Edit<NamePart>, present: Option<&str>| match edit {
        Edit::Keep => present.and_then(|text| NamePart::parse(text).ok()),
        Edit::Set(part) => Some(part.clone()),
        Edit::Clear => None,
    };
    PersonName::Parts { first: part(&edit.first, name.first()), last: part(&edit.last, name.last()) }
}

fn refusal(taken: UniqueKey) -> EditAccountError {
    match taken {
        UniqueKey::AccountEmail => EditAccountError::EmailTaken,
        UniqueKey::AccountUsername => EditAccountError::UsernameTaken,
        UniqueKey::AccountId | UniqueKey::AccountIdentity | UniqueKey::DossierPhone | UniqueKey::PlaceName => {
            StoreError::Conflict(taken).into()
        }
    }
}
