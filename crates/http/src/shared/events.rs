//! Server-Sent Events (WHATWG HTML, 9.2): a stream of events for as long as the client listens.

use std::{fmt::Write, task::Poll, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse,
    http::{Method, header},
    rt::time::{Instant, timeout},
    web::Bytes,
};
use futures_util::stream;

use super::kind::Kind;

/// After so long without an event a comment is sent: proxies end connections on which nothing happens.
const HEARTBEAT: Duration = Duration::from_secs(20);
/// In a young stream it is sent after as long as the stream has lasted, and at least after this. Only what is written shows that a
/// client has gone: one that comes back often would otherwise leave more streams behind than it may have.
const FIRST_HEARTBEAT: Duration = Duration::from_secs(1);
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
    /// After which event the stream begins: a client that loses it before the first event comes back with this one.
    fn position(&self) -> u64;

    /// Waits for the next one; none is the end. Dropped while it waits, it loses nothing.
    fn next(&mut self) -> impl Future<Output = Option<Event>>;

    /// The same, if it is there already and nothing has to be waited for or begun.
    fn ready(&mut self) -> Poll<Option<Event>>;
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
    response.streaming(stream::unfold(Telling::of(events), |mut telling| async move {
        let piece = telling.piece().await?;
        Some((Ok::<_, actix_web::Error>(Bytes::from(piece)), telling))
    }))
}

struct Telling<E> {
    events: E,
    since: Instant,
    begun: bool,
    over: bool,
}

impl<E: Events> Telling<E> {
    fn of(events: E) -> Self {
        Self { events, since: Instant::now(), begun: false, over: false }
    }

    async fn piece(&mut self) -> Option<String> {
        if self.over {
            return None;
        }
        if !std::mem::replace(&mut self.begun, true) {
            return Some(format!("id: {}\n{RETRY}", self.events.position()));
        }
        let heartbeat = self.since.elapsed().clamp(FIRST_HEARTBEAT, HEARTBEAT);
        let Ok(first) = timeout(heartbeat, self.events.next()).await else { return Some(COMMENT.to_owned()) };
        let (mut piece, mut next) = (String::new(), Poll::Ready(first));
        while let Poll::Ready(told) = next {
            let Some(event) = told else {
                self.over = true;
                piece.push_str(RETRY);
                break;
            };
            write(&mut piece, &event);
            next = if piece.len() < CHUNK { self.events.ready() } else { Poll::Pending };
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

    use actix_web::rt::time::sleep_until;

    use super::*;

    /// Events and the second in which each of them comes.
    struct Scripted {
        began: Instant,
        events: VecDeque<(u64, Option<u64>)>,
    }

    impl Events for Scripted {
        fn position(&self) -> u64 {
            7
        }

        async fn next(&mut self) -> Option<Event> {
            if let Some((second, _)) = self.events.front() {
                sleep_until(self.began + Duration::from_secs(*second)).await;
            }
            match self.ready() {
                Poll::Ready(event) => event,
                Poll::Pending => None,
            }
        }

        fn ready(&mut self) -> Poll<Option<Event>> {
            match self.events.front().copied() {
                Some((second, id)) if self.began.elapsed().as_secs() >= second => {
                    self.events.pop_front();
                    Poll::Ready(id.map(|id| Event { id: Some(id), name: "message", data: "{}".to_owned() }))
                }
                _ => Poll::Pending,
            }
        }
    }

    fn telling<const N: usize>(events: [(u64, Option<u64>); N]) -> Telling<Scripted> {
        Telling::of(Scripted { began: Instant::now(), events: events.into() })
    }

    #[tokio::test(start_paused = true)]
    async fn events_that_are_ready_go_out_together_and_the_end_says_when_to_come_back() {
        let mut telling = telling([(0, Some(1)), (0, Some(2)), (1, Some(3)), (1, None)]);
        let mut pieces = Vec::new();
        while let Some(piece) = telling.piece().await {
            pieces.push(piece);
        }
        assert_eq!(
            pieces,
            [
                "id: 7\nretry: 2000\n\n",
                "id: 1\nevent: message\ndata: {}\n\nid: 2\nevent: message\ndata: {}\n\n",
                "id: 3\nevent: message\ndata: {}\n\nretry: 2000\n\n",
            ]
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_silent_stream_sends_comments_first_often_and_then_every_20_seconds() {
        let mut telling = telling([(100, None)]);
        assert!(telling.piece().await.is_some_and(|piece| piece.ends_with(RETRY)));
        let mut comments = Vec::new();
        while telling.piece().await.as_deref() == Some(COMMENT) {
            comments.push(telling.since.elapsed().as_secs());
        }
        assert_eq!(comments, [1, 2, 4, 8, 16, 32, 52, 72, 92]);
    }
}
