//! Security events: what happened to accounts, for later investigation.

use std::str::FromStr;

use time::OffsetDateTime;

use crate::{AccountId, EventId, Source};

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EventKind {
    /// A sign-in succeeded.
    SignIn,
    /// A sign-in was refused.
    SignInFailed,
    /// A refresh token was used again; its session ended.
    RefreshReuse,
    /// A new password was set, or the old one was dropped.
    PasswordChange,
    /// The address changed.
    EmailChange,
    /// The role changed.
    RoleChange,
    /// The account was disabled.
    Block,
    /// The account was enabled again.
    Unblock,
    /// The account was removed.
    Deletion,
    /// Its dossier was accepted, for the first or the last time, rejected, or taken back into review.
    DossierDecision,
    /// A profile was approved, rejected or reopened.
    ProfileDecision,
    /// The account was created by another account, which vouches for its mailbox.
    Creation,
    /// Its individual permissions changed.
    PermissionChange,
    /// A password change was demanded of its owner, or no longer is.
    PasswordDemand,
    /// Another account vouched for its mailbox, or demanded a proof of it.
    ProofChange,
    /// All its sessions and tokens were ended by an operator.
    SignOut,
}

/// Why a word is not a kind of event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a kind of event")]
pub struct InvalidEventKind;

impl EventKind {
    /// Every kind.
    pub const ALL: [Self; 16] = [
        Self::SignIn,
        Self::SignInFailed,
        Self::RefreshReuse,
        Self::PasswordChange,
        Self::EmailChange,
        Self::RoleChange,
        Self::Block,
        Self::Unblock,
        Self::Deletion,
        Self::DossierDecision,
        Self::ProfileDecision,
        Self::Creation,
        Self::PermissionChange,
        Self::PasswordDemand,
        Self::ProofChange,
        Self::SignOut,
    ];

    /// The stored word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignIn => "sign-in",
            Self::SignInFailed => "sign-in-failed",
            Self::RefreshReuse => "refresh-reuse",
            Self::PasswordChange => "password-change",
            Self::EmailChange => "email-change",
            Self::RoleChange => "role-change",
            Self::Block => "block",
            Self::Unblock => "unblock",
            Self::Deletion => "deletion",
            Self::DossierDecision => "dossier-decision",
            Self::ProfileDecision => "profile-decision",
            Self::Creation => "creation",
            Self::PermissionChange => "permission-change",
            Self::PasswordDemand => "password-demand",
            Self::ProofChange => "proof-change",
            Self::SignOut => "sign-out",
        }
    }
}

impl FromStr for EventKind {
    type Err = InvalidEventKind;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(InvalidEventKind)
    }
}

/// The author of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Actor {
    /// A client that was not signed in.
    Anyone,
    /// A signed-in account.
    Account(AccountId),
    /// A person with access to the machine.
    Operator,
}

/// A recorded event, kept after the account is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecurityEvent {
    /// Its id, ascending by time.
    pub id: EventId,
    /// What happened.
    pub kind: EventKind,
    /// The account that it happened to; none if no account has the address or user name.
    pub account: Option<AccountId>,
    /// Who did it.
    pub actor: Actor,
    /// Where the request came from, if there was one.
    pub origin: Option<Origin>,
    /// When, in whole microseconds.
    pub at: OffsetDateTime,
}

/// The source and the id of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The network.
    pub source: Source,
    /// The id in its response and its log lines.
    pub request: RequestId,
}

/// The id of a request: 1 to 64 visible ASCII characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RequestId(String);

/// Why a text is not the id of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the id of a request has 1 to 64 visible ASCII characters")]
pub struct InvalidRequestId;

impl RequestId {
    /// The most bytes of an id.
    pub const MAX_BYTES: usize = 64;

    /// Reads an id.
    pub fn parse(text: &str) -> Result<Self, InvalidRequestId> {
        let fits = (1..=Self::MAX_BYTES).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        if fits { Ok(Self(text.to_owned())) } else { Err(InvalidRequestId) }
    }

    /// Stands for a request without an id.
    pub fn unknown() -> Self {
        Self("unknown".to_owned())
    }

    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
