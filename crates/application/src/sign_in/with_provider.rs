//! Signing in through a provider.

use time::OffsetDateTime;
use vestibule_domain::{
    Account, AccountId, AccountStatus, EmailAddress, EventKind, LinkedIdentity, NamePart, NewAccount, Origin,
    PersonName, ProvenIdentity, Provider, Role, SignInOutcome, Username,
};
use vestibule_ports::{CredentialRejection, IdentityError, StoreError, UniqueKey};

use super::SignedIn;
use crate::{
    Identity,
    events::Cause,
    fault::{Fault, faults_into},
    proofs::Proof,
    unit::Unit,
};

/// How often a collision with another sign-in, or with a taken user name, is tried again.
const ATTEMPTS: u32 = 16;
const USERNAME_MIN: usize = 4;
const USERNAME_MAX: usize = 30;
/// The most digits that make a user name unlike others.
const MAX_DIGITS: usize = 9;

/// A credential of a provider.
#[derive(Debug)]
pub struct SignInWithProvider {
    /// Where the request came from.
    pub origin: Origin,
    /// Whose credential it is.
    pub provider: Provider,
    /// The credential: an ID token, an access token or a code.
    pub credential: String,
    /// The first name that the client tells, for providers that do not: used for a new account only.
    pub first_name: Option<NamePart>,
    /// The last name that the client tells.
    pub last_name: Option<NamePart>,
}

/// Why nobody was signed in.
#[derive(Debug, thiserror::Error)]
pub enum ProviderSignInError {
    /// The provider is not configured.
    #[error("the provider is not configured")]
    ProviderOff,
    /// The provider is down or slow.
    #[error("the provider is unavailable")]
    ProviderUnavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The credential is of no use.
    #[error(transparent)]
    Rejected(#[from] CredentialRejection),
    /// The identity is new here and the provider vouches for no address.
    #[error("the provider does not vouch for the address")]
    Unvouched,
    /// The account is disabled.
    #[error("the account is disabled")]
    Disabled,
    /// Nothing to do with what was asked.
    #[error(transparent)]
    Fault(#[from] Fault),
}

faults_into!(ProviderSignInError: StoreError);

impl From<IdentityError> for ProviderSignInError {
    fn from(error: IdentityError) -> Self {
        match error {
            IdentityError::Rejected(rejection) => Self::Rejected(rejection),
            IdentityError::Unavailable(source) => Self::ProviderUnavailable(source),
        }
    }
}

/// One of several attempts to find, link or make the account of an identity.
#[derive(Clone, Copy)]
struct Attempt<'a> {
    proven: &'a ProvenIdentity,
    input: &'a SignInWithProvider,
    number: u32,
    now: OffsetDateTime,
}

impl Identity {
    /// Signs in to the account of an identity; links it to the account of an address that the provider vouches for; or
    /// makes an account.
    pub async fn sign_in_with_provider(&self, input: SignInWithProvider) -> Result<SignedIn, ProviderSignInError> {
        let provider = self.ports.providers.get(&input.provider).ok_or(ProviderSignInError::ProviderOff)?;
        self.limits.sign_in(input.origin.source)?;
        let proven = provider.prove(&input.credential).await?;
        let now = self.core.now();
        for number in 0..ATTEMPTS {
            let attempt = Attempt { proven: &proven, input: &input, number, now };
            if let Some(account) = self.try_sign_in_with(attempt).await? {
                return Ok(SignedIn { account, at: now, refresh: None });
            }
        }
        Err(Fault::overloaded("the account kept changing").into())
    }

    /// `None` if another unit came between; then everything is looked at again.
    async fn try_sign_in_with(&self, attempt: Attempt<'_>) -> Result<Option<Account>, ProviderSignInError> {
        let Attempt { proven, input, now, .. } = attempt;
        let accounts = self.core.read().accounts();
        let linked = accounts.find_by_identity(proven.identity.provider, &proven.identity.user_id).await?;
        let vouched = proven.email.as_ref().filter(|_| proven.email_is_vouched_for);
        let mut unit = self.core.begin().await?;
        let found = match (&linked, vouched) {
            (Some(account), _) => unit.accounts().find_for_update(account.id()).await?,
            (None, Some(email)) => unit.accounts().find_by_email_for_update(email).await?,
            (None, None) => return Err(ProviderSignInError::Unvouched),
        };
        // Another unit may have unlinked it since: the account is no longer that of the identity.
        let is_another = |account: &Account| !has(account, &proven.identity);
        if linked.is_some() && found.as_ref().is_some_and(is_another) {
            return Ok(None);
        }
        let outcome = match (found, vouched) {
            (Some(account), _) if account.status() == AccountStatus::Disabled => {
                let cause = Cause::anyone(input.origin.clone());
                unit.accounts().note_sign_in(account.id(), SignInOutcome::Failed, now).await?;
                self.core.record(&mut unit, cause.of(EventKind::SignInFailed, Some(account.id())), now).await?;
                unit.commit().await?;
                return Err(ProviderSignInError::Disabled);
            }
            (Some(account), _) => self.link(&mut unit, account, attempt).await?,
            // Linked a moment ago and gone now.
            (None, _) if linked.is_some() => None,
            (None, Some(email)) => self.create(&mut unit, email, attempt).await?,
            (None, None) => None,
        };
        if let Some(account) = &outcome {
            self.note_sign_in(&mut unit, account.id(), &input.origin, now).await?;
            unit.commit().await?;
        }
        Ok(outcome)
    }

    /// Links the identity, or refreshes what is known of it. Whoever is vouched for owns the mailbox: the password and the
    /// other identities of somebody who has never proven it are dropped, and earlier tokens end.
    async fn link(
        &self,
        unit: &mut Unit,
        mut account: Account,
        attempt: Attempt<'_>,
    ) -> Result<Option<Account>, ProviderSignInError> {
        let Attempt { proven, input, now, .. } = attempt;
        let vouches = proven.email_is_vouched_for && proven.email.as_ref() == Some(account.email());
        if vouches && account.mailbox_proven_at().is_none() {
            let proof = Proof::DropsUnproven(Cause::owner(account.id(), input.origin.clone()));
            self.prove_mailbox(unit, &mut account, proof, now).await?;
        }
        let before = account.clone();
        if account.status() == AccountStatus::Pending {
            // Linked, but by an address that is no longer this one: nobody has proven the present mailbox.
            return Err(ProviderSignInError::Unvouched);
        }
        account.link_identity(proven.identity.clone(), now);
        if tells_names(proven.identity.provider) {
            account.rename(name(proven.first_name.as_ref(), proven.last_name.as_ref()), now);
        }
        if account == before {
            return Ok(Some(account));
        }
        match unit.accounts().update(&account).await {
            Ok(true) => Ok(Some(account)),
            Ok(false) | Err(StoreError::Conflict(UniqueKey::AccountIdentity)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Makes an account, with a user name that is free.
    async fn create(
        &self,
        unit: &mut Unit,
        email: &EmailAddress,
        attempt: Attempt<'_>,
    ) -> Result<Option<Account>, ProviderSignInError> {
        let Attempt { proven, input, number, now } = attempt;
        let first = proven.first_name.as_ref().or(input.first_name.as_ref());
        let last = proven.last_name.as_ref().or(input.last_name.as_ref());
        let account = Account::new(NewAccount {
            id: AccountId::new(now, self.core.random()),
            email: email.clone(),
            username: self.new_username(email, number),
            name: name(first, last),
            role: Role::User,
            status: AccountStatus::Active,
            password: None,
            epoch: self.new_epoch(),
            mailbox_proven_at: Some(now),
            identity: Some(proven.identity.clone()),
            created_at: now,
        });
        let cause = Cause::owner(account.id(), input.origin.clone());
        match self.insert_account(unit, &account, &cause).await {
            Ok(()) => Ok(Some(account)),
            Err(crate::register::RegisterError::Fault(fault)) => Err(fault.into()),
            // Address, identity or user name were taken a moment ago.
            Err(_) => Ok(None),
        }
    }

    /// A user name made of the local part of an address: unfit characters dropped, filled or cut to 4–30, with digits
    /// behind it from the second attempt on, more of them with each.
    fn new_username(&self, email: &EmailAddress, attempt: u32) -> Option<Username> {
        let local = email.as_str().split('@').next().unwrap_or_default();
        let fit = |byte: &char| byte.is_ascii_alphanumeric() || ['.', '-', '_'].contains(byte);
        let mut stem: String = local.chars().filter(fit).take(USERNAME_MAX).collect();
        while stem.len() < USERNAME_MIN {
            stem.push('0');
        }
        if attempt > 0 {
            let digits = format!("{:020}", u64::from_be_bytes(self.core.random()));
            let width = usize::try_from(attempt).unwrap_or(MAX_DIGITS).clamp(2, MAX_DIGITS);
            stem.truncate(USERNAME_MAX - width);
            stem += &digits[digits.len() - width..];
        }
        Username::parse(&stem).ok()
    }
}

/// Whether an identity signs in to an account.
fn has(account: &Account, identity: &LinkedIdentity) -> bool {
    let is_same = |linked: &LinkedIdentity| linked.provider == identity.provider && linked.user_id == identity.user_id;
    account.identities().iter().any(is_same)
}

/// Google and Facebook tell the name each time; Apple only to the client, once.
const fn tells_names(provider: Provider) -> bool {
    match provider {
        Provider::Google | Provider::Facebook => true,
        Provider::Apple => false,
    }
}

fn name(first: Option<&NamePart>, last: Option<&NamePart>) -> PersonName {
    PersonName::Parts { first: first.cloned(), last: last.cloned() }
}
