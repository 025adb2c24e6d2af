//! Identities at sign-in providers, and how they are linked to an account.

use std::{fmt, str::FromStr};

use crate::{EmailAddress, name::NamePart};

/// A provider that signs people in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Provider {
    /// Google.
    Google,
    /// Facebook.
    Facebook,
    /// Apple.
    Apple,
}

/// Why a word is not a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a provider is google, facebook or apple")]
pub struct InvalidProvider;

impl Provider {
    /// Every provider.
    pub const ALL: [Self; 3] = [Self::Google, Self::Facebook, Self::Apple];

    /// The stored word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Google => "google",
            Self::Facebook => "facebook",
            Self::Apple => "apple",
        }
    }
}

impl FromStr for Provider {
    type Err = InvalidProvider;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|provider| provider.as_str() == text).ok_or(InvalidProvider)
    }
}

/// Why a text is not a user id at a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an id at a provider has 1 to 255 printable ASCII characters")]
pub struct InvalidProviderUserId;

/// A user id at a provider: 1 to 255 printable ASCII characters, compared exactly (`sub` of an ID token).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProviderUserId(String);

impl ProviderUserId {
    /// Reads an id.
    pub fn parse(text: &str) -> Result<Self, InvalidProviderUserId> {
        let fits = (1..=255).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        if fits { Ok(Self(text.to_owned())) } else { Err(InvalidProviderUserId) }
    }

    /// The id as the provider has it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ProviderUserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An identity that signs in to an account; an account has at most one per provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkedIdentity {
    pub provider: Provider,
    /// The user id there.
    pub user_id: ProviderUserId,
    /// The URL of a picture, at most 2048 characters; shown, never fetched.
    pub picture: Option<String>,
}

/// What a provider has proven about a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvenIdentity {
    /// The identity to link.
    pub identity: LinkedIdentity,
    /// The address that the provider knows, if it reveals one.
    pub email: Option<EmailAddress>,
    /// Whether the provider vouches that the address is this person's.
    pub email_is_vouched_for: bool,
    /// The first name, if the provider reveals it.
    pub first_name: Option<NamePart>,
    /// The last name, if the provider reveals it.
    pub last_name: Option<NamePart>,
}
