//! A client of many connections on one thread: as little as can read an answer, or the events of one that goes on.

use std::io;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{Failure, wire::Target};

/// No head of an answer, event or answer that is measured comes near this.
const MOST: usize = 1 << 20;

/// A connection, and what was read from it and not used yet.
pub(super) struct Connection {
    socket: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    pub(super) async fn open(target: &Target) -> io::Result<Self> {
        let socket = TcpStream::connect(&target.authority).await?;
        socket.set_nodelay(true)?;
        Ok(Self { socket, buffer: Vec::new() })
    }

    /// Sends a request and reads the whole answer; its status.
    pub(super) async fn ask(&mut self, request: &[u8]) -> Result<u16, Failure> {
        self.socket.write_all(request).await?;
        let head = self.up_to(b"\r\n\r\n").await?;
        let length: usize = header(&head, "content-length").ok_or("an answer has no length")?.parse()?;
        while self.buffer.len() < length.min(MOST) {
            self.read().await?;
        }
        self.buffer.drain(..length.min(MOST));
        status(&head)
    }

    /// Sends a request whose answer goes on and reads its head.
    pub(super) async fn follow(&mut self, request: &[u8]) -> Result<(), Failure> {
        self.socket.write_all(request).await?;
        let head = self.up_to(b"\r\n\r\n").await?;
        match status(&head)? {
            200 => Ok(()),
            status => Err(format!("a stream answered {status}").into()),
        }
    }

    /// The next event or comment, with what frames it.
    pub(super) async fn next(&mut self) -> io::Result<Vec<u8>> {
        self.up_to(b"\n\n").await
    }

    async fn up_to(&mut self, mark: &[u8]) -> io::Result<Vec<u8>> {
        loop {
            if let Some(at) = self.buffer.windows(mark.len()).position(|window| window == mark) {
                return Ok(self.buffer.drain(..at + mark.len()).collect());
            }
            if self.buffer.len() > MOST {
                return Err(io::ErrorKind::InvalidData.into());
            }
            self.read().await?;
        }
    }

    async fn read(&mut self) -> io::Result<()> {
        match self.socket.read_buf(&mut self.buffer).await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }
}

fn status(head: &[u8]) -> Result<u16, Failure> {
    let text = std::str::from_utf8(head)?;
    Ok(text.split(' ').nth(1).ok_or("an answer has no status")?.parse()?)
}

fn header<'a>(head: &'a [u8], name: &str) -> Option<&'a str> {
    let lines = std::str::from_utf8(head).ok()?.lines();
    let mut pairs = lines.filter_map(|line| line.split_once(':'));
    pairs.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_says_its_status_and_headers() {
        let head = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 12\r\n\r\n";
        assert_eq!((status(head).unwrap(), header(head, "content-length")), (503, Some("12")));
        assert!(status(b"nonsense").is_err());
    }
}
