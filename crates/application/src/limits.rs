//! What is counted per source or account in this process, by the `governor` crate.
//!
//! Limits that must hold across nodes and dialects are throttles in the store.

use std::{hash::Hash, num::NonZeroU32, sync::Arc};

use governor::{
    Quota, RateLimiter, clock::Clock as GovernorClock, middleware::NoOpMiddleware, nanos::Nanos,
    state::keyed::DashMapStateStore,
};
use vestibule_domain::{AccountId, Source};
use vestibule_ports::Clock;

use crate::{Fault, NodeLimits, Policy};

type Limiter<K> = RateLimiter<K, DashMapStateStore<K>, PortClock, NoOpMiddleware<Nanos>>;

/// One limit of one node.
pub(crate) struct Limit<K: Hash + Eq + Clone> {
    enabled: bool,
    clock: PortClock,
    limiter: Limiter<K>,
}

impl<K: Hash + Eq + Clone> Limit<K> {
    fn new(quota: Quota, clock: &Arc<dyn Clock>, policy: &Policy) -> Self {
        let clock = PortClock(Arc::clone(clock));
        let limiter = RateLimiter::new(quota, DashMapStateStore::default(), clock.clone());
        Self { enabled: policy.limits, clock, limiter }
    }

    /// Counts one for a key.
    pub(crate) fn check(&self, key: &K) -> Result<(), Fault> {
        self.check_many(key, NonZeroU32::MIN)
    }

    fn check_many(&self, key: &K, cost: NonZeroU32) -> Result<(), Fault> {
        if !self.enabled {
            return Ok(());
        }
        match self.limiter.check_key_n(key, cost) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(refused)) => {
                let wait = refused.wait_time_from(self.clock.now());
                Err(Fault::Throttled { retry_after: (wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1) })
            }
            // The cost is never above a quota's burst, so that this does not happen; it would not be granted.
            Err(_) => Err(Fault::Throttled { retry_after: 3_600 }),
        }
    }

    /// Forgets keys of which nothing is counted any more.
    pub(crate) fn forget_idle(&self) {
        self.limiter.retain_recent();
    }
}

/// Profiles that sources hand in to one node.
pub(crate) fn submissions(clock: &Arc<dyn Clock>, policy: &Policy) -> Limit<Source> {
    Limit::new(Quota::per_hour(policy.node.submissions_per_hour), clock, policy)
}

/// The limits of one node on accounts and sign-ins.
pub(crate) struct SourceLimits {
    sign_ins: Limit<Source>,
    anonymous_sessions: Limit<Source>,
    registrations: Limit<Source>,
    mails: Limit<Source>,
    resets: Limit<AccountId>,
    look_ups: Limit<AccountId>,
    identifiers: Limit<AccountId>,
    username_changes: Limit<AccountId>,
    /// What one request can cost at most.
    most_identifiers: NonZeroU32,
}

impl SourceLimits {
    pub(crate) fn new(clock: &Arc<dyn Clock>, policy: &Policy) -> Self {
        let NodeLimits {
            sign_ins_per_minute,
            anonymous_sessions_per_minute,
            registrations_per_hour,
            mails_per_hour,
            resets_per_minute,
            look_ups_per_hour,
            identifiers_per_hour,
            username_changes_per_hour,
            ..
        } = policy.node;
        Self {
            sign_ins: Limit::new(Quota::per_minute(sign_ins_per_minute), clock, policy),
            anonymous_sessions: Limit::new(Quota::per_minute(anonymous_sessions_per_minute), clock, policy),
            registrations: Limit::new(Quota::per_hour(registrations_per_hour), clock, policy),
            mails: Limit::new(Quota::per_hour(mails_per_hour), clock, policy),
            resets: Limit::new(Quota::per_minute(resets_per_minute), clock, policy),
            look_ups: Limit::new(Quota::per_hour(look_ups_per_hour), clock, policy),
            identifiers: Limit::new(Quota::per_hour(identifiers_per_hour), clock, policy),
            username_changes: Limit::new(Quota::per_hour(username_changes_per_hour), clock, policy),
            most_identifiers: identifiers_per_hour,
        }
    }

    /// Sign-ins from one source.
    pub(crate) fn sign_in(&self, source: Source) -> Result<(), Fault> {
        self.sign_ins.check(&source)
    }

    /// Anonymous sessions that one source begins.
    pub(crate) fn anonymous_session(&self, source: Source) -> Result<(), Fault> {
        self.anonymous_sessions.check(&source)
    }

    /// Registrations from one source.
    pub(crate) fn registration(&self, source: Source) -> Result<(), Fault> {
        self.registrations.check(&source)
    }

    /// Requests from one source that may send a mail.
    pub(crate) fn mail(&self, source: Source) -> Result<(), Fault> {
        self.mails.check(&source)
    }

    /// New passwords for one account by a good token: it is only spent after the password was hashed, so that one whose
    /// password is refused could be sent again and again to keep every hashing thread busy.
    pub(crate) fn reset(&self, owner: AccountId) -> Result<(), Fault> {
        self.resets.check(&owner)
    }

    /// Look-ups, and identifiers in them, by one account.
    pub(crate) fn look_up(&self, account: AccountId, identifiers: usize) -> Result<(), Fault> {
        self.look_ups.check(&account)?;
        match u32::try_from(identifiers).ok().and_then(NonZeroU32::new) {
            Some(identifiers) => self.identifiers.check_many(&account, identifiers.min(self.most_identifiers)),
            None => Ok(()),
        }
    }

    /// Tries to give an account another user name: the answer tells whether the name is taken.
    pub(crate) fn username_change(&self, account: AccountId) -> Result<(), Fault> {
        self.username_changes.check(&account)
    }

    /// Forgets whoever has not been seen for so long that nothing is counted any more.
    pub(crate) fn forget_idle(&self) {
        self.sign_ins.forget_idle();
        self.anonymous_sessions.forget_idle();
        self.registrations.forget_idle();
        self.mails.forget_idle();
        self.resets.forget_idle();
        self.look_ups.forget_idle();
        self.identifiers.forget_idle();
        self.username_changes.forget_idle();
    }
}

/// The application's clock in the shape that the `governor` crate reads: the time that passes, so that no source waits
/// for a time of day that was set back.
#[derive(Clone)]
struct PortClock(Arc<dyn Clock>);

impl GovernorClock for PortClock {
    type Instant = Nanos;

    fn now(&self) -> Self::Instant {
        self.0.monotonic().into()
    }
}
