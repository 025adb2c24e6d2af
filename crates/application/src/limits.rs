//! What is counted per source or account in this process, by the `governor` crate.
//!
//! Limits that must hold across nodes and dialects are throttles in the store.

use std::{hash::Hash, num::NonZeroU32, sync::Arc, time::Duration};

use governor::{
    Quota, RateLimiter, clock::Clock as GovernorClock, middleware::NoOpMiddleware, nanos::Nanos,
    state::keyed::DashMapStateStore,
};
use vestibule_domain::{AccountId, Source};
use vestibule_ports::Clock;

use crate::{Fault, NodeLimits, Policy};

type Limiter<K> = RateLimiter<K, DashMapStateStore<K>, PortClock, NoOpMiddleware<Nanos>>;

/// The limits of one node.
pub(crate) struct SourceLimits {
    enabled: bool,
    clock: PortClock,
    sign_ins: Limiter<Source>,
    anonymous_sessions: Limiter<Source>,
    registrations: Limiter<Source>,
    mails: Limiter<Source>,
    resets: Limiter<AccountId>,
    look_ups: Limiter<AccountId>,
    identifiers: Limiter<AccountId>,
    username_changes: Limiter<AccountId>,
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
        let clock = PortClock(Arc::clone(clock));
        Self {
            enabled: policy.limits,
            sign_ins: limiter(Quota::per_minute(sign_ins_per_minute), &clock),
            anonymous_sessions: limiter(Quota::per_minute(anonymous_sessions_per_minute), &clock),
            registrations: limiter(Quota::per_hour(registrations_per_hour), &clock),
            mails: limiter(Quota::per_hour(mails_per_hour), &clock),
            resets: limiter(Quota::per_minute(resets_per_minute), &clock),
            look_ups: limiter(Quota::per_hour(look_ups_per_hour), &clock),
            identifiers: limiter(Quota::per_hour(identifiers_per_hour), &clock),
            username_changes: limiter(Quota::per_hour(username_changes_per_hour), &clock),
            most_identifiers: identifiers_per_hour,
            clock,
        }
    }

    /// Sign-ins from one source.
    pub(crate) fn sign_in(&self, source: Source) -> Result<(), Fault> {
        self.check(&self.sign_ins, &source, NonZeroU32::MIN)
    }

    /// Anonymous sessions that one source begins.
    pub(crate) fn anonymous_session(&self, source: Source) -> Result<(), Fault> {
        self.check(&self.anonymous_sessions, &source, NonZeroU32::MIN)
    }

    /// Registrations from one source.
    pub(crate) fn registration(&self, source: Source) -> Result<(), Fault> {
        self.check(&self.registrations, &source, NonZeroU32::MIN)
    }

    /// Requests from one source that may send a mail.
    pub(crate) fn mail(&self, source: Source) -> Result<(), Fault> {
        self.check(&self.mails, &source, NonZeroU32::MIN)
    }

    /// New passwords for one account by a good token: it is only spent after the password was hashed, so that one whose
    /// password is refused could be sent again and again to keep every hashing thread busy.
    pub(crate) fn reset(&self, owner: AccountId) -> Result<(), Fault> {
        self.check(&self.resets, &owner, NonZeroU32::MIN)
    }

    /// Look-ups, and identifiers in them, by one account.
    pub(crate) fn look_up(&self, account: AccountId, identifiers: usize) -> Result<(), Fault> {
        self.check(&self.look_ups, &account, NonZeroU32::MIN)?;
        match u32::try_from(identifiers).ok().and_then(NonZeroU32::new) {
            Some(identifiers) => self.check(&self.identifiers, &account, identifiers.min(self.most_identifiers)),
            None => Ok(()),
        }
    }

    /// Tries to give an account another user name: the answer tells whether the name is taken.
    pub(crate) fn username_change(&self, account: AccountId) -> Result<(), Fault> {
        self.check(&self.username_changes, &account, NonZeroU32::MIN)
    }

    /// Forgets whoever has not been seen for so long that nothing is counted any more.
    pub(crate) fn forget_idle(&self) {
        self.sign_ins.retain_recent();
        self.anonymous_sessions.retain_recent();
        self.registrations.retain_recent();
        self.mails.retain_recent();
        self.resets.retain_recent();
        self.look_ups.retain_recent();
        self.identifiers.retain_recent();
        self.username_changes.retain_recent();
    }

    fn check<K: Hash + Eq + Clone>(&self, limiter: &Limiter<K>, key: &K, cost: NonZeroU32) -> Result<(), Fault> {
        if !self.enabled {
            return Ok(());
        }
        match limiter.check_key_n(key, cost) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(refused)) => Err(throttled(refused.wait_time_from(self.clock.now()))),
            // The cost is never above a quota's burst, so that this does not happen; it would not be granted.
            Err(_) => Err(Fault::Throttled { retry_after: 3_600 }),
        }
    }
}

/// Profiles that sources hand in to one node.
pub(crate) struct SubmissionLimit {
    enabled: bool,
    clock: PortClock,
    submissions: Limiter<Source>,
}

impl SubmissionLimit {
    pub(crate) fn new(clock: &Arc<dyn Clock>, policy: &Policy) -> Self {
        let clock = PortClock(Arc::clone(clock));
        let submissions = limiter(Quota::per_hour(policy.node.submissions_per_hour), &clock);
        Self { enabled: policy.limits, clock, submissions }
    }

    /// Counts a profile from a source.
    pub(crate) fn check(&self, source: Source) -> Result<(), Fault> {
        if !self.enabled {
            return Ok(());
        }
        self.submissions.check_key(&source).map_err(|refused| throttled(refused.wait_time_from(self.clock.now())))
    }

    /// Forgets sources of which nothing is counted any more.
    pub(crate) fn forget_idle(&self) {
        self.submissions.retain_recent();
    }
}

fn throttled(wait: Duration) -> Fault {
    Fault::Throttled { retry_after: (wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1) }
}

fn limiter<K: Hash + Eq + Clone>(quota: Quota, clock: &PortClock) -> Limiter<K> {
    RateLimiter::new(quota, DashMapStateStore::default(), clock.clone())
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
