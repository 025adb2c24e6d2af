//! The providers against a local Google, Facebook and Apple.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test helpers may panic")]

mod apple;
mod clients;
mod facebook;
mod forgery;
mod google;
mod keys;
mod options;
mod trouble;

use std::{sync::Arc, time::Duration};

use vestibule_domain::ProvenIdentity;
use vestibule_identity::{
    AppleOptions, AppleProvider, FacebookOptions, FacebookProvider, GoogleOptions, GoogleProvider, ProviderTimeouts,
};
use vestibule_ports::{CredentialRejection, IdentityError};
use vestibule_testkit::{FixedClock, LocalProvider, provider::Person, provider::ids};

/// The local providers and a clock.
struct World {
    local: LocalProvider,
    clock: Arc<FixedClock>,
    timeouts: ProviderTimeouts,
}

impl World {
    fn new() -> Self {
        Self {
            local: LocalProvider::start(),
            clock: Arc::new(FixedClock::default()),
            timeouts: ProviderTimeouts::default(),
        }
    }

    /// A world with short timeouts.
    fn impatient() -> Self {
        let total = Duration::from_millis(300);
        Self { timeouts: ProviderTimeouts { connect: total, total }, ..Self::new() }
    }

    fn google(&self) -> GoogleProvider {
        GoogleProvider::new(self.google_options(), Arc::clone(&self.clock) as _).unwrap()
    }

    fn google_options(&self) -> GoogleOptions {
        let (jwks_url, timeouts) = (self.local.google_jwks_url(), self.timeouts);
        GoogleOptions { jwks_url, timeouts, ..GoogleOptions::new(ids::GOOGLE_CLIENT_ID) }
    }

    fn facebook(&self) -> FacebookProvider {
        FacebookProvider::new(self.facebook_options(), Arc::clone(&self.clock) as _).unwrap()
    }

    fn facebook_options(&self) -> FacebookOptions {
        let (graph_url, timeouts) = (self.local.facebook_graph_url(), self.timeouts);
        let ours = FacebookOptions::new(ids::FACEBOOK_APP_ID, ids::FACEBOOK_APP_SECRET.into());
        FacebookOptions { graph_url, timeouts, ..ours }
    }

    fn apple(&self) -> AppleProvider {
        AppleProvider::new(self.apple_options(), Arc::clone(&self.clock) as _).unwrap()
    }

    fn apple_options(&self) -> AppleOptions {
        AppleOptions {
            client_id: ids::APPLE_CLIENT_ID.to_owned(),
            team_id: ids::APPLE_TEAM_ID.to_owned(),
            key_id: ids::APPLE_KEY_ID.to_owned(),
            private_key: self.local.apple_private_key().into(),
            url: self.local.apple_url(),
            timeouts: self.timeouts,
        }
    }
}

fn ada() -> Person {
    Person::new("10769150350006150715113082367", "ada@example.test")
}

fn rejection(result: Result<ProvenIdentity, IdentityError>) -> CredentialRejection {
    match result {
        Err(IdentityError::Rejected(rejection)) => rejection,
        other => panic!("not rejected: {other:?}"),
    }
}

/// The words of a failure and of what led to it.
fn trouble(result: Result<ProvenIdentity, IdentityError>) -> String {
    let Err(error @ IdentityError::Unavailable(_)) = result else { panic!("not unavailable: {result:?}") };
    let mut words = format!("{error} {error:?}");
    let mut source = std::error::Error::source(&error);
    while let Some(error) = source {
        words = format!("{words}: {error}");
        source = error.source();
    }
    words
}
