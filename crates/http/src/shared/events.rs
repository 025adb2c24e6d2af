//! Server-Sent Events (WHATWG HTML, 9.2): a stream of events for as long as the client listens.

use std::{fmt::Write, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse,
    http::{Method, header},
    rt::time::timeout,
    web::Bytes,
};
use futures_util::{FutureExt, stream};

use super::kind::Kind;

/// After so long without an event a comment is sent: proxies end connections on which nothing happens.
const HEARTBEAT: Duration = Duration::from_secs(20);
const COMMENT: &str = ":\n\n";
/// When a client is to come back, in milliseconds: said at the beginning, and at the end.
const RETRY: &str = "retry: 2000\n\n";
/// So many bytes that are ready go out together.
const CHUNK: usize = 64 * 1_024;

/// An event.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Event {
    /// What the client names when it comes back, where it can go on from here.
    pub(crate) id: Option<u64>,
    pub(crate) name: &'static str,
    /// JSON, in one line.
    pub(crate) data: String,
}

/// What tells of events.
pub(crate) trait Events {
    /// Waits for the next one; none is the end. Dropped while it waits, it loses nothing.
    fn next(&mut self) -> impl Future<Output = Option<Event>>;
}

/// The answer that goes on until the events end. Each piece is made when the one before has been written, so that a client that
/// reads slowly costs one piece.
pub(crate) fn answer(request: &HttpRequest, events: impl Events + 'static) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response.insert_header((header::CONTENT_TYPE, Kind::Events.success_type()));
    // nginx holds answers back otherwise.
    response.insert_header(("X-Accel-Buffering", "no"));
    if request.method() == Method::HEAD {
        return response.finish();
    }
    let began = Telling { events, begun: false, over: false };
    response.streaming(stream::unfold(began, |mut telling| async move {
        let piece = telling.piece().await?;
        Some((Ok::<_, actix_web::Error>(Bytes::from(piece)), telling))
    }))
}

struct Telling<E> {
    events: E,
    begun: bool,
    over: bool,
}

impl<E: Events> Telling<E> {
    async fn piece(&mut self) -> Option<String> {
        if self.over {
            return None;
        }
        if !std::mem::replace(&mut self.begun, true) {
            return Some(RETRY.to_owned());
        }
        let Ok(first) = timeout(HEARTBEAT, self.events.next()).await else { return Some(COMMENT.to_owned()) };
        let (mut piece, mut next) = (String::new(), Some(first));
        while let Some(told) = next {
            let Some(event) = told else {
                self.over = true;
                piece.push_str(RETRY);
                break;
            };
            write(&mut piece, &event);
            next = if piece.len() < CHUNK { self.events.next().now_or_never() } else { None };
        }
        Some(piece)
    }
}

fn write(piece: &mut String, event: &Event) {
    // Writing to a text does not fail.
    if let Some(id) = event.id {
        let _ = writeln!(piece, "id: {id}");
    }
    let _ = write!(piece, "event: {}\ndata: {}\n\n", event.name, event.data);
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use actix_web::rt::time::{Instant, sleep};

    use super::*;

    /// Events that come after so many seconds each.
    struct Scripted(VecDeque<(u64, Option<u64>)>);

    impl Events for Scripted {
        async fn next(&mut self) -> Option<Event> {
            if let Some((seconds, _)) = self.0.front_mut() {
                let (began, wait) = (Instant::now(), Duration::from_secs(*seconds));
                *seconds = 0;
                sleep(wait - began.elapsed()).await;
            }
            let (_, id) = self.0.pop_front()?;
            Some(Event { id, name: "message", data: "{}".to_owned() })
        }
    }

    async fn pieces(events: &[(u64, Option<u64>)]) -> Vec<String> {
        let mut telling = Telling { events: Scripted(events.iter().copied().collect()), begun: false, over: false };
        let mut pieces = Vec::new();
        while let Some(piece) = telling.piece().await {
            pieces.push(piece);
        }
        pieces
    }

    #[tokio::test(start_paused = true)]
    async fn events_that_are_ready_go_out_together_and_the_end_says_when_to_come_back() {
        let told = pieces(&[(0, Some(1)), (0, Some(2)), (1, None)]).await;
        assert_eq!(
            told,
            [
                RETRY,
                "id: 1\nevent: message\ndata: {}\n\nid: 2\nevent: message\ndata: {}\n\n",
                "event: message\ndata: {}\n\nretry: 2000\n\n",
            ]
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_silent_stream_sends_a_comment_every_20_seconds() {
        let told = pieces(&[(50, Some(1))]).await;
        assert!(told.starts_with(&[RETRY.to_owned(), COMMENT.to_owned()]), "{told:?}");
    }
}
