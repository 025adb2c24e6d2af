//! How long a request may take: the time of a handler begins anew when the body has been read.

use std::{cell::Cell, pin::pin, rc::Rc, time::Duration};

use actix_web::{
    HttpMessage,
    dev::ServiceRequest,
    http::Method,
    rt::time::{Instant, sleep_until},
};
use futures_util::future::{Either, select};

use crate::RequestLimits;

/// When a request is given up; whoever reads its body moves it on.
#[derive(Debug, Clone)]
pub(crate) struct TimeLimit {
    at: Rc<Cell<Instant>>,
    handler: Duration,
}

/// The request took longer than it may.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooLong;

impl TimeLimit {
    /// The limit of a request, which begins now. If a body may come, its reader finds the limit with the request.
    pub(super) fn of(request: &ServiceRequest, limits: RequestLimits) -> Self {
        let limit = Self::begin(limits);
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            request.extensions_mut().insert(limit.clone());
        }
        limit
    }

    fn begin(limits: RequestLimits) -> Self {
        let handler = limits.handler_time;
        Self { at: Rc::new(Cell::new(Instant::now() + handler)), handler }
    }

    /// Waits for what reads the body, which has so much time, and then gives the handler its whole time.
    pub(crate) async fn except<T>(&self, time: Duration, reading: impl Future<Output = T>) -> T {
        self.at.set(Instant::now() + time + self.handler);
        let read = reading.await;
        self.at.set(Instant::now() + self.handler);
        read
    }

    /// Waits for the work of the request for as long as it may take.
    pub(super) async fn hold<T>(&self, work: impl Future<Output = T>) -> Result<T, TooLong> {
        let mut work = pin!(work);
        // No limit that is set meanwhile comes before this one.
        let mut look = self.at.get();
        loop {
            match select(work.as_mut(), pin!(sleep_until(look))).await {
                Either::Left((done, _)) => return Ok(done),
                Either::Right(_) if self.at.get() > look => look = self.at.get().min(look + self.handler),
                Either::Right(_) => return Err(TooLong),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::{dev::Payload, error::PayloadError, rt::time::sleep, test::TestRequest, web::Bytes};
    use futures_util::{StreamExt, stream};
    use serde_json::{Map, Value};

    use super::*;
    use crate::shared::body::{BodyError, RawBody};

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    /// A request that works for some time, reads a body that takes its time to come, and works on.
    async fn serve(before: u64, body: u64, after: u64) -> Result<Result<(), BodyError>, TooLong> {
        let request = TestRequest::post().to_srv_request();
        let limit = TimeLimit::of(&request, RequestLimits::default());
        let chunk = async move {
            sleep(seconds(body)).await;
            Ok::<_, PayloadError>(Bytes::from_static(b"{}"))
        };
        let mut payload = Payload::Stream { payload: stream::once(chunk).boxed_local() };
        let work = async {
            sleep(seconds(before)).await;
            let raw = RawBody::take(request.request(), &mut payload);
            let read = raw.json_object::<Map<String, Value>>().await;
            sleep(seconds(after)).await;
            read.map(drop)
        };
        limit.hold(work).await
    }

    #[tokio::test(start_paused = true)]
    async fn a_handler_has_ten_seconds() {
        assert_eq!(TimeLimit::begin(RequestLimits::default()).hold(sleep(seconds(9))).await, Ok(()));
        assert_eq!(TimeLimit::begin(RequestLimits::default()).hold(sleep(seconds(11))).await, Err(TooLong));
    }

    #[tokio::test(start_paused = true)]
    async fn the_ten_seconds_begin_when_the_body_has_been_read() {
        for (before, body) in [(0, 0), (0, 2), (9, 6), (0, 29), (9, 29)] {
            assert_eq!(serve(before, body, 9).await, Ok(Ok(())), "{before} s, then a body of {body} s");
            let began = Instant::now();
            assert_eq!(serve(before, body, 40).await, Err(TooLong), "{before} s, then a body of {body} s");
            assert_eq!(began.elapsed().as_secs(), before + body + 10);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_handler_that_takes_too_long_before_it_reads_the_body_is_given_up() {
        assert_eq!(serve(11, 0, 0).await, Err(TooLong));
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_is_not_whole_after_thirty_seconds_is_the_handlers_to_refuse() {
        assert_eq!(serve(9, 31, 9).await, Ok(Err(BodyError::TooSlow)));
    }
}
