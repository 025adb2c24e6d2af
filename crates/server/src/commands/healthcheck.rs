//! `healthcheck`: asks a running server whether it is ready.

use std::{
    io::{self, Read, Write},
    net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, ToSocketAddrs},
    time::Duration,
};

use super::{complain, output};
use crate::{config::Config, exit::Exit};

const TIMEOUT: Duration = Duration::from_secs(5);

pub(super) fn run(config: &Config, url: Option<&str>, json: bool) -> Exit {
    let authority = match url {
        None => local(config.server.listen).to_string(),
        Some(url) => {
            let Some(rest) = url.strip_prefix("http://") else {
                complain("--url must begin with http:// and name the server itself, not the proxy before it");
                return Exit::Usage;
            };
            rest.trim_end_matches('/').to_owned()
        }
    };
    match ask(&authority) {
        Ok((200, body)) => {
            output(if json { &body } else { "ready" });
            Exit::Success
        }
        Ok((status, body)) => {
            complain(&format!("unready (status {status}): {body}"));
            Exit::Failure
        }
        Err(error) => {
            complain(&format!("no answer from {authority}: {error}"));
            Exit::Failure
        }
    }
}

/// A server that listens on every address is asked on this machine's own.
fn local(listen: SocketAddr) -> SocketAddr {
    match listen {
        SocketAddr::V4(address) if address.ip().is_unspecified() => (Ipv4Addr::LOCALHOST, address.port()).into(),
        SocketAddr::V6(address) if address.ip().is_unspecified() => (Ipv6Addr::LOCALHOST, address.port()).into(),
        address => address,
    }
}

/// One request without a client library: a fixed path, a short answer, the connection closed by the server.
fn ask(authority: &str) -> io::Result<(u16, String)> {
    let address = authority.to_socket_addrs()?.next().ok_or(io::ErrorKind::NotFound)?;
    let mut stream = TcpStream::connect_timeout(&address, TIMEOUT)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    write!(stream, "GET /health/ready HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.take(64 * 1024).read_to_string(&mut answer)?;
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    status.map(|status| (status, body.to_owned())).ok_or_else(|| io::ErrorKind::InvalidData.into())
}
