//! Sessions: the chain of refresh tokens that begins with one sign-in on one client, and the rule of their rotation.
//!
//! A token is used once and gives a successor. A client that lost the answer may ask again: the same use gives the same
//! successor until the successor is used. Any other use of a token that is not current can only come from a copy. It ends
//! the session, so neither the thief nor the client can continue, and the client notices.

use std::fmt;

use time::{Duration, OffsetDateTime};

use crate::{Account, AccountId, CLOCK_SKEW, Digest, TokenEpoch, account::to_microseconds, id::SessionId};

/// How long sessions live, and what counts as a retry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefreshRule {
    /// How long a session lives from its last use.
    pub idle: Duration,
    /// How long it lives from the sign-in, however often it is used.
    pub absolute: Duration,
    /// How long a repeated use without a key counts as a retry.
    pub retry_window: Duration,
    /// How many sessions an account may have; beyond that the least recently used end.
    pub per_account: u32,
}

/// Idle 7 days, absolute 30 days, retries without a key for 10 s, 20 sessions an account.
impl Default for RefreshRule {
    fn default() -> Self {
        Self {
            idle: Duration::days(7),
            absolute: Duration::days(30),
            retry_window: Duration::seconds(10),
            per_account: 20,
        }
    }
}

/// The one use that a token can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenUse {
    /// The digest of the key by which the client marks its own retries, if it sent one.
    pub key: Option<Digest>,
    /// When, in whole microseconds.
    pub at: OffsetDateTime,
}

impl TokenUse {
    /// A use at a time.
    pub fn new(key: Option<Digest>, at: OffsetDateTime) -> Self {
        Self { key, at: to_microseconds(at) }
    }

    /// Whether another use is a retry of this one: equal keys at any time, or both without a key within the window. The
    /// clock of the node that answers the retry may be behind the first node's, by up to [`CLOCK_SKEW`]. A clock that was
    /// further ahead must not keep the window open.
    pub fn is_retried_by(&self, other: &Self, rule: &RefreshRule) -> bool {
        match (&self.key, &other.key) {
            (Some(key), Some(other)) => key == other,
            (None, None) => {
                let later = other.at - self.at;
                -(CLOCK_SKEW + rule.retry_window) <= later && later <= rule.retry_window
            }
            (Some(_), None) | (None, Some(_)) => false,
        }
    }
}

/// The owner of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner<A = AccountId> {
    /// An account.
    Account {
        /// Its id, or the account itself where it was read with the session.
        account: A,
        /// Its token epoch at the sign-in: a new epoch ends the session.
        epoch: TokenEpoch,
    },
    /// No account: the client did not sign in.
    Anonymous,
}

impl Owner {
    /// An account, with its present epoch.
    pub const fn of(account: &Account) -> Self {
        Self::Account { account: account.id(), epoch: account.epoch() }
    }

    /// The account, if it is one.
    pub const fn account(&self) -> Option<AccountId> {
        match self {
            Self::Account { account, .. } => Some(*account),
            Self::Anonymous => None,
        }
    }

    /// The token epoch that the account must have, if it is one.
    pub const fn epoch(&self) -> Option<TokenEpoch> {
        match self {
            Self::Account { epoch, .. } => Some(*epoch),
            Self::Anonymous => None,
        }
    }
}

/// A session; of its refresh tokens, the one numbered `counter` is current.
///
/// `Session` names its account by id; `Session<Account>` was read together with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session<A = AccountId> {
    pub id: SessionId,
    pub owner: Owner<A>,
    /// How many tokens were issued before the current one.
    pub counter: u32,
    /// The use that was answered with the current token; none for the first token.
    pub last_use: Option<TokenUse>,
    /// When the session began, in whole microseconds.
    pub began_at: OffsetDateTime,
}

/// The effect of using a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presentation {
    /// The first use of the current token: [`Session::advanced`] gives its successor.
    Advance,
    /// A retry of the last use: the answer is the current token again, and nothing changes.
    Repeat,
    /// The use of a copy: the session must end.
    Reuse,
    /// The session is too old.
    Expired,
}

impl Session {
    /// Begins a session.
    pub fn begin(id: SessionId, owner: Owner, now: OffsetDateTime) -> Self {
        Self { id, owner, counter: 0, last_use: None, began_at: to_microseconds(now) }
    }

    /// The session with the account that was read with it; none if the account is not its owner.
    pub fn with_account(self, account: Option<Account>) -> Option<Session<Account>> {
        match (self.owner, account) {
            (Owner::Account { account: id, epoch }, Some(account)) if account.id() == id => {
                Some(self.with_owner(Owner::Account { account, epoch }))
            }
            (Owner::Anonymous, None) => Some(self.with_owner(Owner::Anonymous)),
            _ => None,
        }
    }
}

impl Session<Account> {
    /// Whether its tokens can be used: its account, if it has one, is active and still has the epoch of the sign-in.
    pub fn is_usable(&self) -> bool {
        match &self.owner {
            Owner::Account { account, epoch } => account.is_active() && account.epoch() == *epoch,
            Owner::Anonymous => true,
        }
    }

    /// The session without its account, named by id alone.
    pub fn without_account(self) -> Session {
        let owner = match &self.owner {
            Owner::Account { account, epoch } => Owner::Account { account: account.id(), epoch: *epoch },
            Owner::Anonymous => Owner::Anonymous,
        };
        self.with_owner(owner)
    }
}

impl<A> Session<A> {
    fn with_owner<B>(self, owner: Owner<B>) -> Session<B> {
        let Self { id, owner: _, counter, last_use, began_at } = self;
        Session { id, owner, counter, last_use, began_at }
    }

    /// When the current token was issued.
    pub fn issued_at(&self) -> OffsetDateTime {
        self.last_use.map_or(self.began_at, |last| last.at)
    }

    /// When the current token expires if it is not used.
    pub fn expires_at(&self, rule: &RefreshRule) -> OffsetDateTime {
        (self.issued_at() + rule.idle).min(self.began_at + rule.absolute)
    }

    /// Decides the effect of using the token with this number.
    ///
    /// A number above the current one was issued by a store that has since been restored from a backup. What happened after
    /// that backup is unknown, so the token counts as a copy.
    pub fn present(&self, counter: u32, this: TokenUse, rule: &RefreshRule) -> Presentation {
        if self.expires_at(rule) <= this.at {
            return Presentation::Expired;
        }
        if counter == self.counter {
            return Presentation::Advance;
        }
        let was_last = counter.checked_add(1) == Some(self.counter);
        if was_last && self.last_use.is_some_and(|last| last.is_retried_by(&this, rule)) {
            return Presentation::Repeat;
        }
        Presentation::Reuse
    }

    /// The session after a use of its current token.
    #[must_use]
    pub fn advanced(self, this: TokenUse) -> Self {
        Self { counter: self.counter + 1, last_use: Some(this), ..self }
    }
}

/// Identifies a refresh token: its session, its number and a tag.
///
/// The tag is derived, under a server key, from the session, the number and the use that the token answers. So the same use
/// gives the same token although no token is stored. And a token from a history that was lost, because the store was
/// restored from a backup, differs from the token that has its number now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefreshTokenId {
    pub session: SessionId,
    /// The number within the session.
    pub counter: u32,
    pub tag: u128,
}

/// Why a text is not the id of a refresh token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the id of a refresh token")]
pub struct InvalidRefreshTokenId;

impl RefreshTokenId {
    /// Takes the tag from a keyed digest.
    pub fn new(session: SessionId, counter: u32, digest: &Digest) -> Self {
        let tag = digest.bytes()[..16].iter().fold(0, |tag, byte| tag << 8 | u128::from(*byte));
        Self { session, counter, tag }
    }

    /// Reads what [`fmt::Display`] writes.
    pub fn parse(text: &str) -> Result<Self, InvalidRefreshTokenId> {
        let mut parts = text.split('.');
        let (Some(session), Some(counter), Some(tag), None) = (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(InvalidRefreshTokenId);
        };
        let id = Self {
            session: SessionId::from_hex(session).map_err(|_| InvalidRefreshTokenId)?,
            counter: counter.parse().map_err(|_| InvalidRefreshTokenId)?,
            tag: u128::from_str_radix(tag, 16).map_err(|_| InvalidRefreshTokenId)?,
        };
        if id.to_string() == text { Ok(id) } else { Err(InvalidRefreshTokenId) }
    }
}

/// `<24 hexadecimal digits>.<number>.<32 hexadecimal digits>`, as tokens carry it.
impl fmt::Display for RefreshTokenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{:032x}", self.session.hex(), self.counter, self.tag)
    }
}
