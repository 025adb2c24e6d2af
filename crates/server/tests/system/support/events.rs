//! Server-Sent Events as read by a strict client: an event that the connection cuts off is dropped.

use std::{
    io::{self, Read, Write},
    net::{SocketAddr, TcpStream},
    time::{Duration, Instant},
};

use serde_json::Value;

use super::{PATIENCE, Request};

/// How long one look for more bytes lasts.
const GLANCE: Duration = Duration::from_millis(20);

/// An event with its fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) id: Option<u64>,
    pub(crate) name: String,
    pub(crate) data: Value,
}

/// What a stream tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Told {
    Event(Event),
    Comment,
    /// When to come back, in milliseconds.
    Retry(u64),
    /// The answer is complete, or the connection is closed or broken: then it is not.
    End {
        complete: bool,
    },
}

/// An answer that is still being written.
pub(crate) struct EventStream {
    connection: TcpStream,
    head: String,
    /// What was received and not decoded yet.
    raw: Vec<u8>,
    chunk: Chunk,
    /// The decoded body, from the end of the last block on.
    body: Vec<u8>,
}

/// Where in a chunked body the decoder is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Chunk {
    Size,
    Data(usize),
    Complete,
    Closed,
}

impl EventStream {
    /// Sends a request and reads the head of its answer, whatever it is.
    pub(crate) fn open(address: SocketAddr, request: &Request) -> io::Result<Self> {
        let mut connection = TcpStream::connect_timeout(&address, PATIENCE)?;
        connection.set_nodelay(true)?;
        connection.write_all(&request.bytes())?;
        connection.set_read_timeout(Some(GLANCE))?;
        let (head, raw, body) = (String::new(), Vec::new(), Vec::new());
        let mut stream = Self { connection, head, raw, chunk: Chunk::Size, body };
        let began = Instant::now();
        let end = loop {
            if let Some(end) = stream.raw.windows(4).position(|window| window == b"\r\n\r\n") {
                break end;
            }
            if !stream.receive()? {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            assert!(began.elapsed() < PATIENCE, "no answer to {request:?}");
        };
        stream.head = String::from_utf8(stream.raw.drain(..end + 4).collect()).unwrap().to_ascii_lowercase();
        stream.decode();
        Ok(stream)
    }

    /// The same, where it must be the stream that was asked for.
    pub(crate) fn follow(address: SocketAddr, request: &Request) -> Self {
        let mut stream = Self::open(address, request).unwrap();
        assert_eq!(stream.status(), 200, "{}", stream.head);
        assert_eq!(stream.next(PATIENCE), Some(Told::Retry(2_000)));
        stream
    }

    pub(crate) fn status(&self) -> u16 {
        self.head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_else(|| panic!("{}", self.head))
    }

    /// Whether the head has a line.
    pub(crate) fn has_header(&self, line: &str) -> bool {
        self.head.lines().any(|other| other == line)
    }

    /// What comes next, if something comes in time.
    pub(crate) fn next(&mut self, time: Duration) -> Option<Told> {
        let began = Instant::now();
        loop {
            if let Some(block) = self.block() {
                return Some(told(&block));
            }
            match self.chunk {
                Chunk::Complete => return Some(Told::End { complete: true }),
                Chunk::Closed => return Some(Told::End { complete: false }),
                Chunk::Size | Chunk::Data(_) => {}
            }
            if began.elapsed() >= time {
                return None;
            }
            if !self.receive().unwrap_or(false) {
                self.chunk = Chunk::Closed;
            }
        }
    }

    /// The next event, passing over comments.
    pub(crate) fn event(&mut self, time: Duration) -> Event {
        let began = Instant::now();
        loop {
            match self.next(time.saturating_sub(began.elapsed())) {
                Some(Told::Event(event)) => return event,
                Some(Told::Comment) => {}
                other => panic!("{other:?} after {:?} and not an event", began.elapsed()),
            }
        }
    }

    /// Waits for the end; what else was told until then, but for comments.
    pub(crate) fn rest(&mut self, time: Duration) -> Vec<Told> {
        let (began, mut rest) = (Instant::now(), Vec::new());
        loop {
            match self.next(time.saturating_sub(began.elapsed())) {
                Some(Told::End { .. }) => return rest,
                Some(Told::Comment) => {}
                Some(told) => rest.push(told),
                None => panic!("the stream is still open after {:?}", began.elapsed()),
            }
        }
    }

    /// Receives for a moment and decodes; false at the end of the connection.
    fn receive(&mut self) -> io::Result<bool> {
        let mut buffer = [0; 16_384];
        match self.connection.read(&mut buffer) {
            Ok(0) => Ok(false),
            Ok(read) => {
                self.raw.extend_from_slice(&buffer[..read]);
                if !self.head.is_empty() {
                    self.decode();
                }
                Ok(true)
            }
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => Ok(true),
            Err(error) => Err(error),
        }
    }

    fn decode(&mut self) {
        loop {
            match self.chunk {
                Chunk::Size => {
                    let Some(end) = self.raw.windows(2).position(|window| window == b"\r\n") else { return };
                    let line: Vec<u8> = self.raw.drain(..end + 2).collect();
                    let line = str::from_utf8(&line).unwrap().trim_end();
                    // What follows a chunk is an empty line.
                    if !line.is_empty() {
                        let size = usize::from_str_radix(line, 16).unwrap_or_else(|_| panic!("{line:?} is no size"));
                        self.chunk = if size == 0 { Chunk::Complete } else { Chunk::Data(size) };
                    }
                }
                Chunk::Data(left) => {
                    let here = left.min(self.raw.len());
                    self.body.extend(self.raw.drain(..here));
                    if here < left {
                        self.chunk = Chunk::Data(left - here);
                        return;
                    }
                    self.chunk = Chunk::Size;
                }
                Chunk::Complete | Chunk::Closed => return,
            }
        }
    }

    fn block(&mut self) -> Option<String> {
        let end = self.body.windows(2).position(|window| window == b"\n\n")?;
        let block = self.body.drain(..end + 2).take(end).collect();
        Some(String::from_utf8(block).unwrap())
    }
}

fn told(block: &str) -> Told {
    if block == ":" {
        return Told::Comment;
    }
    let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    if let Some(retry) = field("retry") {
        // The opening says too after which entry the stream begins.
        let is_control = |line: &str| line.starts_with("retry: ") || line.starts_with("id: ");
        assert!(block.lines().all(is_control), "{block}");
        return Told::Retry(retry.parse().unwrap());
    }
    let (name, data) = field("event").zip(field("data")).unwrap_or_else(|| panic!("{block:?} is no event"));
    let data = serde_json::from_str(data).unwrap();
    Told::Event(Event { id: field("id").map(|id| id.parse().unwrap()), name: name.to_owned(), data })
}
