//! Signing in with an e-mail address or user name and a password.

use time::OffsetDateTime;
use vestibule_domain::{
    Account, AccountId, AccountStatus, EmailAddress, EventKind, Origin, Role, SignInOutcome, Username,
};
use vestibule_ports::PasswordMatch;

use super::{SignInError, guesses::GuessCount};
use crate::{Fault, Identity, events::Cause, passwords, sessions::IssuedRefresh};

/// What an account is known by at sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identifier {
    /// Its address.
    Email(EmailAddress),
    /// Its user name.
    Username(Username),
    /// A text that cannot be either, so that no account answers to it; refused like any other unknown one.
    Unfit(String),
}

/// A try to sign in.
#[derive(Debug)]
pub struct SignInWithPassword {
    /// Where the request came from.
    pub origin: Origin,
    /// The account's address or user name.
    pub identifier: Identifier,
    /// The password, as typed.
    pub password: String,
    /// Whether the mailbox must be proven.
    pub proof: MailboxProof,
    /// The lowest role that gets in.
    pub least_role: Role,
    /// Whether to begin a session, with a refresh token.
    pub refreshable: bool,
}

/// Whether a dialect asks for a proof of the mailbox; a pending account never gets in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum MailboxProof {
    /// An active account is active.
    #[default]
    NotNeeded,
    /// An active account whose mailbox is not proven counts as pending.
    Needed,
}

impl MailboxProof {
    /// The status that such a dialect shows of an account.
    pub const fn status_of(self, account: &Account) -> AccountStatus {
        match self {
            Self::Needed => account.standing(),
            Self::NotNeeded => account.status(),
        }
    }
}

/// A success.
#[derive(Debug)]
pub struct SignedIn {
    pub account: Account,
    /// When it signed in.
    pub at: OffsetDateTime,
    /// The first refresh token, if a session was to begin.
    pub refresh: Option<IssuedRefresh>,
}

impl Identity {
    /// Signs in to an active account. An unknown one costs the same time.
    pub async fn sign_in_with_password(&self, input: SignInWithPassword) -> Result<SignedIn, SignInError> {
        self.limits.sign_in(input.origin.source)?;
        let now = self.core.now();
        let account = self.find_by_identifier(&input.identifier).await?;
        let id = account.as_ref().map_or_else(|| self.core.phantom_id(input.identifier.as_str()), Account::id);
        let (turn, guesses) = self.begin_guess(id, input.origin.source, now).await?;
        let hash = account.as_ref().and_then(Account::password).cloned();
        let matched = passwords::compare(turn, &input.password, (id, hash)).await?;
        let signed_in = match judge(account, matched, &input) {
            Ok(account) => self.note_success((account, matched), &guesses, &input, now).await?,
            Err(refusal) => Err(refusal),
        };
        match signed_in {
            Ok(signed_in) => {
                if matched == PasswordMatch::Outdated {
                    self.rehash(&signed_in.account, &input.password, now).await;
                }
                Ok(signed_in)
            }
            Err(refusal) => {
                self.note_refusal(&refusal, id, input.origin, now).await?;
                Err(refusal.error)
            }
        }
    }

    pub(crate) async fn find_by_identifier(&self, identifier: &Identifier) -> Result<Option<Account>, Fault> {
        let accounts = self.core.read().accounts();
        Ok(match identifier {
            Identifier::Email(email) => accounts.find_by_email(email).await?,
            Identifier::Username(username) => accounts.find_by_username(username).await?,
            Identifier::Unfit(_) => None,
        })
    }

    /// Forgets the guesses, remembers the source, and begins a session if one is wanted; unless the account has changed
    /// while the password was compared, so that it would be refused now.
    async fn note_success(
        &self,
        (judged, matched): (Account, PasswordMatch),
        guesses: &GuessCount,
        input: &SignInWithPassword,
        now: OffsetDateTime,
    ) -> Result<Result<SignedIn, Refusal>, Fault> {
        let mut unit = self.core.begin().await?;
        let current = unit.accounts().find_for_update(judged.id()).await?;
        // Hashing a password anew changes no more than the hash; a password that is set or dropped comes with a new epoch.
        let is_same = |current: &Account| current.password() == judged.password() || current.epoch() == judged.epoch();
        let matched = if current.as_ref().is_some_and(is_same) { matched } else { PasswordMatch::Wrong };
        let account = match judge(current, matched, input) {
            Ok(account) => account,
            Err(refusal) => return Ok(Err(refusal)),
        };
        self.note_sign_in(&mut unit, account.id(), &input.origin, now).await?;
        let refresh = if input.refreshable { Some(self.begin_session(&mut unit, &account, now).await?) } else { None };
        guesses.forget(&mut unit).await?;
        unit.commit().await?;
        Ok(Ok(SignedIn { account, at: now, refresh }))
    }

    /// Notes that somebody was refused. For an account that does not exist the same is written, to no effect on any.
    async fn note_refusal(
        &self,
        refusal: &Refusal,
        id: AccountId,
        origin: Origin,
        now: OffsetDateTime,
    ) -> Result<(), Fault> {
        if !refusal.counts {
            return Ok(());
        }
        let account = (!matches!(refusal.error, SignInError::UnknownAccount)).then_some(id);
        let mut unit = self.core.begin().await?;
        unit.accounts().note_sign_in(id, SignInOutcome::Failed, now).await?;
        self.core.record(&mut unit, Cause::anyone(origin).of(EventKind::SignInFailed, account), now).await?;
        Ok(unit.commit().await?)
    }

    /// Hashes the password anew with the present cost. The sign-in has succeeded already: a failure here is only logged.
    async fn rehash(&self, account: &Account, password: &str, now: OffsetDateTime) {
        if let Err(error) = self.try_rehash(account, password, now).await {
            tracing::warn!(%error, "could not renew the hash of a password");
        }
    }

    async fn try_rehash(&self, account: &Account, password: &str, now: OffsetDateTime) -> Result<(), Fault> {
        // The password was taken when it was set, perhaps under other rules; only bcrypt's own bound matters here.
        let Ok(password) = vestibule_domain::PasswordRules::at_least(0).check(password) else { return Ok(()) };
        let hash = self.ports.hasher.hash(&password).await?;
        let mut unit = self.core.begin().await?;
        match unit.accounts().find_for_update(account.id()).await? {
            Some(mut current) if current.password() == account.password() => {
                current.rehash_password(hash, now);
                unit.accounts().update(&current).await?;
                Ok(unit.commit().await?)
            }
            // Changed or removed in the meantime: there is nothing to renew.
            _ => Ok(()),
        }
    }
}

/// Why somebody is refused, and whether that is a failed try: the right password of an account that only has to prove its
/// mailbox is none.
struct Refusal {
    error: SignInError,
    counts: bool,
}

/// The account that gets in. What is wrong with an account is told only to whoever knows its password.
fn judge(account: Option<Account>, matched: PasswordMatch, input: &SignInWithPassword) -> Result<Account, Refusal> {
    let failed = |error| Err(Refusal { error, counts: true });
    let Some(account) = account else { return failed(SignInError::UnknownAccount) };
    if account.password().is_none() {
        return failed(SignInError::NoPassword);
    }
    let is_unproven = input.proof == MailboxProof::Needed && account.mailbox_proven_at().is_none();
    match (matched, account.status()) {
        (PasswordMatch::Wrong | PasswordMatch::Unusable(_), _) => failed(SignInError::WrongPassword),
        (_, AccountStatus::Disabled) => failed(SignInError::Disabled),
        (_, AccountStatus::Pending | AccountStatus::Active) if account.role() < input.least_role => {
            failed(SignInError::RoleTooLow)
        }
        (_, AccountStatus::Pending) => Err(Refusal { error: SignInError::Pending, counts: false }),
        (_, AccountStatus::Active) if is_unproven => Err(Refusal { error: SignInError::Unproven, counts: false }),
        (PasswordMatch::Right | PasswordMatch::Outdated, AccountStatus::Active) => Ok(account),
    }
}

impl Identifier {
    /// Takes a text as a user name or, failing that, as unfit.
    pub fn username(text: &str) -> Self {
        Username::parse(text).map_or_else(|_| Self::Unfit(text.to_owned()), Self::Username)
    }

    /// Takes a text as an address or, failing that, as unfit.
    pub fn email(text: &str) -> Self {
        EmailAddress::parse(text).map_or_else(|_| Self::Unfit(text.to_owned()), Self::Email)
    }

    /// The canonical text.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Email(email) => email.as_str(),
            Self::Username(username) => username.as_str(),
            Self::Unfit(text) => text,
        }
    }
}
