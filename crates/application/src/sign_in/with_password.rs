//! Signing in with an e-mail address or user name and a password.

use time::OffsetDateTime;
use vestibule_domain::{Account, AccountId, AccountStatus, EmailAddress, Source, Username, id::Id96};
use vestibule_ports::PasswordMatch;

use super::{SignInError, guesses::GuessCount};
use crate::{Application, Fault};

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
    pub source: Source,
    /// The account's address or user name.
    pub identifier: Identifier,
    /// The password, as typed.
    pub password: String,
    /// Whether the mailbox must be proven.
    pub proof: MailboxProof,
}

/// Whether a dialect lets in who has not proven the mailbox; a pending account never gets in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailboxProof {
    /// It does.
    NotNeeded,
    /// It does not.
    Needed,
}

/// A success.
#[derive(Debug)]
pub struct SignedIn {
    /// The account.
    pub account: Account,
    /// When it signed in.
    pub at: OffsetDateTime,
}

impl Application {
    /// Signs in to an active account. An unknown one costs the same time.
    pub async fn sign_in_with_password(&self, input: SignInWithPassword) -> Result<SignedIn, SignInError> {
        self.limits.sign_in(input.source)?;
        let now = self.now();
        let account = self.find_by_identifier(&input.identifier).await?;
        let id = account.as_ref().map_or_else(|| self.phantom_id(input.identifier.as_str()), Account::id);
        let (turn, guesses) = self.begin_guess(id, input.source, now).await?;
        let hash = account.as_ref().and_then(Account::password).cloned();
        let matched = turn.verify(&input.password, hash).await?;
        let account = account.ok_or(SignInError::UnknownAccount)?;
        if account.password().is_none() {
            return Err(SignInError::NoPassword);
        }
        match (matched, account.status()) {
            (PasswordMatch::Wrong, _) => return Err(SignInError::WrongPassword),
            (_, AccountStatus::Pending) => return Err(SignInError::Pending),
            (_, AccountStatus::Disabled) => return Err(SignInError::Disabled),
            (_, AccountStatus::Active)
                if input.proof == MailboxProof::Needed && account.mailbox_proven_at().is_none() =>
            {
                return Err(SignInError::Unproven);
            }
            (PasswordMatch::Right | PasswordMatch::Outdated, AccountStatus::Active) => {}
        }
        self.note_success(&account, &guesses, input.source, now).await?;
        if matched == PasswordMatch::Outdated {
            self.rehash(&account, &input.password, now).await;
        }
        Ok(SignedIn { account, at: now })
    }

    pub(crate) async fn find_by_identifier(&self, identifier: &Identifier) -> Result<Option<Account>, Fault> {
        let accounts = self.ports.store.read().accounts();
        Ok(match identifier {
            Identifier::Email(email) => accounts.find_by_email(email).await?,
            Identifier::Username(username) => accounts.find_by_username(username).await?,
            Identifier::Unfit(_) => None,
        })
    }

    /// The id that an account which does not exist would have: what is counted and looked up for a known identifier
    /// is so for an unknown one.
    pub(crate) fn phantom_id(&self, identifier: &str) -> AccountId {
        let digest = self.ports.keyring.digest("phantom-account", &[identifier.as_bytes()]);
        let mut bytes = [0; 12];
        bytes.copy_from_slice(&digest.bytes()[..12]);
        Id96::from_bytes(bytes).into()
    }

    /// Forgets the guesses and remembers the source; nothing is written if there is nothing to note.
    async fn note_success(
        &self,
        account: &Account,
        guesses: &GuessCount,
        source: Source,
        now: OffsetDateTime,
    ) -> Result<(), Fault> {
        if guesses.is_known_source() && !self.policy.limits {
            return Ok(());
        }
        let mut unit = self.ports.store.write().await?;
        guesses.forget(unit.as_mut()).await?;
        unit.sources().remember(account.id(), source, now).await?;
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
        let mut unit = self.ports.store.write().await?;
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
