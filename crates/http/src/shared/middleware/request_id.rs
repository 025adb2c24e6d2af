//! Ids of requests.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use actix_web::{dev::ServiceRequest, http::header::HeaderValue};

use vestibule_domain::RequestId;

use crate::{
    HttpOptions,
    shared::{single::single, source},
};

/// The header that carries the id, in and out.
pub(super) const HEADER: &str = "x-request-id";

/// The id of a request, kept with it for whoever asks.
pub(crate) struct RequestIdValue(pub(super) HeaderValue);

impl RequestIdValue {
    /// The id as the use cases take it.
    pub(crate) fn read(&self) -> Option<RequestId> {
        self.0.to_str().ok().and_then(|id| RequestId::parse(id).ok())
    }
}

/// Gives ids that no other request of any process has: a random start and a count.
#[derive(Debug, Clone)]
pub(crate) struct RequestIds {
    prefix: String,
    next: Arc<AtomicU64>,
}

impl RequestIds {
    /// Ids with the random text of this process before them.
    pub(crate) fn new(prefix: String) -> Self {
        Self { prefix, next: Arc::default() }
    }

    /// The id that a trusted proxy gave the request, or a new one.
    pub(super) fn id_of(&self, request: &ServiceRequest, options: &HttpOptions) -> HeaderValue {
        // Of two, one may be the client's own.
        let given = single(request.headers(), HEADER).ok().flatten().filter(|value| is_fit(value));
        match given {
            Some(id) if source::is_trusted_peer(request.peer_addr(), options) => id.clone(),
            _ => self.next_id(),
        }
    }

    fn next_id(&self) -> HeaderValue {
        let count = self.next.fetch_add(1, Ordering::Relaxed);
        HeaderValue::try_from(format!("{}-{count:x}", self.prefix)).unwrap_or(HeaderValue::from_static("unknown"))
    }
}

fn is_fit(value: &HeaderValue) -> bool {
    value.to_str().is_ok_and(|id| RequestId::parse(id).is_ok())
}
