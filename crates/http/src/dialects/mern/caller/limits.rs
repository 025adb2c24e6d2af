//! The document's two buckets: how many failures, and how many mails, one source may cause in a quarter of an hour.
//!
//! They count answers, which only this side knows. They are this node's alone: what must hold across nodes and dialects is
//! counted by the use cases, whatever these say.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use actix_web::{
    Error,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        StatusCode,
        header::{HeaderMap, HeaderName, HeaderValue},
    },
    middleware::Next,
    web,
};
use vestibule_domain::Source;

use crate::{Site, dialects::mern::errors::Failure, shared::source::ClientSource};

const WINDOW_SECONDS: u64 = 15 * 60;
/// The most sources that are counted at once; beyond it, all counts begin anew.
const MAX_SOURCES: usize = 100_000;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Bucket {
    /// Answers of status 400 and above, at most 20.
    Failures,
    /// Answers below 400, at most 5.
    Successes,
}

impl Bucket {
    const fn limit(self) -> u32 {
        match self {
            Self::Failures => 20,
            Self::Successes => 5,
        }
    }

    fn counts(self, status: StatusCode) -> bool {
        let is_failure = status >= StatusCode::BAD_REQUEST;
        match self {
            Self::Failures => is_failure,
            Self::Successes => !is_failure,
        }
    }
}

/// What one source has used of a bucket.
#[derive(Debug, Clone, Copy)]
struct Window {
    used: u32,
    /// In seconds of the time that passes: a clock that is put right makes no window longer.
    resets_at: u64,
}

/// The counts of this process.
#[derive(Debug, Default)]
pub(crate) struct RateLimits {
    windows: Mutex<HashMap<(Bucket, Source), Window>>,
}

impl RateLimits {
    /// Counts a request in advance: of many at once, no more come through than there is room for.
    fn take(&self, bucket: Bucket, source: Source, now: u64) -> Window {
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        if windows.len() >= MAX_SOURCES {
            windows.retain(|_, window| window.resets_at > now);
            if windows.len() >= MAX_SOURCES {
                windows.clear();
            }
        }
        let fresh = Window { used: 0, resets_at: now + WINDOW_SECONDS };
        let window = windows.entry((bucket, source)).or_insert(fresh);
        if window.resets_at <= now {
            *window = fresh;
        }
        window.used = window.used.saturating_add(1);
        *window
    }

    /// Takes back what turned out not to count.
    fn give_back(&self, bucket: Bucket, source: Source, taken: Window) {
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(window) = windows.get_mut(&(bucket, source)).filter(|window| window.resets_at == taken.resets_at) {
            window.used = window.used.saturating_sub(1);
        }
    }
}

/// For routes where failures count.
pub(crate) async fn limit_failures(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    limit(Bucket::Failures, request, next).await
}

/// For routes where successes count.
pub(crate) async fn limit_successes(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    limit(Bucket::Successes, request, next).await
}

async fn limit(
    bucket: Bucket,
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let site = request.app_data::<web::Data<Site>>().cloned();
    let limits = request.app_data::<web::Data<RateLimits>>().cloned();
    let Some(site) = site.filter(|site| site.identity.core().limits_are_on()) else {
        return Ok(next.call(request).await?.map_into_boxed_body());
    };
    let Some(limits) = limits else { return Ok(request.into_response(Failure::INTERNAL.response())) };
    let ClientSource(source) = request.extract::<ClientSource>().await?;
    let now = site.identity.core().monotonic().as_secs();
    let taken = limits.take(bucket, source, now);
    let left = taken.resets_at.saturating_sub(now);
    let reset = site.identity.core().now().unix_timestamp().saturating_add_unsigned(left);
    if taken.used > bucket.limit() {
        limits.give_back(bucket, source, taken);
        let mut response = Failure::too_many_requests(left.max(1)).response();
        announce(response.headers_mut(), bucket, taken, reset);
        return Ok(request.into_response(response));
    }
    let mut response = next.call(request).await?.map_into_boxed_body();
    if !bucket.counts(response.status()) {
        limits.give_back(bucket, source, taken);
    }
    announce(response.headers_mut(), bucket, taken, reset);
    Ok(response)
}

/// Tells what is left of a bucket, and when it is full again, in seconds since 1970.
fn announce(headers: &mut HeaderMap, bucket: Bucket, window: Window, reset: i64) {
    let remaining = bucket.limit().saturating_sub(window.used);
    for (name, value) in [
        (HeaderName::from_static("x-ratelimit-limit"), HeaderValue::from(bucket.limit())),
        (HeaderName::from_static("x-ratelimit-remaining"), HeaderValue::from(remaining)),
        (HeaderName::from_static("x-ratelimit-reset"), HeaderValue::from(reset)),
    ] {
        headers.insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn source(last: u8) -> Source {
        Source::new(Ipv4Addr::new(192, 0, 2, last).into())
    }

    #[test]
    fn a_window_begins_anew_after_a_quarter_of_an_hour() {
        let limits = RateLimits::default();
        assert_eq!((1..=3).map(|_| limits.take(Bucket::Failures, source(1), 100).used).collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!(limits.take(Bucket::Failures, source(1), 999).used, 4);
        let fresh = limits.take(Bucket::Failures, source(1), 1_000);
        assert_eq!((fresh.used, fresh.resets_at), (1, 1_900));
    }

    #[test]
    fn buckets_and_sources_are_counted_apart() {
        let limits = RateLimits::default();
        for (bucket, from) in [(Bucket::Failures, 1), (Bucket::Successes, 1), (Bucket::Failures, 2)] {
            assert_eq!(limits.take(bucket, source(from), 0).used, 1);
        }
    }

    #[test]
    fn what_does_not_count_is_given_back_but_not_to_a_later_window() {
        let limits = RateLimits::default();
        let taken = limits.take(Bucket::Failures, source(1), 0);
        limits.give_back(Bucket::Failures, source(1), taken);
        assert_eq!(limits.take(Bucket::Failures, source(1), 1).used, 1);
        assert_eq!(limits.take(Bucket::Failures, source(1), 900).used, 1);
        limits.give_back(Bucket::Failures, source(1), taken);
        assert_eq!(limits.take(Bucket::Failures, source(1), 901).used, 2);
    }

    #[test]
    fn each_bucket_counts_its_answers() {
        for (status, is_failure) in [(200, false), (201, false), (304, false), (400, true), (401, true), (503, true)] {
            let status = StatusCode::from_u16(status).unwrap();
            assert_eq!((Bucket::Failures.counts(status), Bucket::Successes.counts(status)), (is_failure, !is_failure));
        }
    }
}
