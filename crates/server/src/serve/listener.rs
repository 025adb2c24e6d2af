//! The listener, and how long its connections wait for a client.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    time::Duration,
};

use socket2::SockRef;

/// How long sent data may stay unread or unacknowledged. Without a limit, a client that stops reading would keep its
/// connection, and a live stream, for as long as it answers the kernel's probes.
pub(super) const UNREAD: Duration = Duration::from_mins(1);

/// Listens on an address. The kernel closes a connection whose client accepts no data for some time.
pub(super) fn bind(address: SocketAddr, unread: Duration) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(address)?;
    // Accepted connections inherit it.
    SockRef::from(&listener).set_tcp_user_timeout(Some(unread))?;
    Ok(listener)
}

#[cfg(test)]
mod tests {
    use std::{
        io::{ErrorKind, Write},
        net::TcpStream,
        time::Instant,
    };

    use super::*;

    #[test]
    fn a_client_that_reads_nothing_is_given_up() {
        let listener = bind(([127, 0, 0, 1], 0).into(), Duration::from_secs(1)).unwrap();
        let _client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (mut connection, _) = listener.accept().unwrap();
        // An error other than the kernel's.
        connection.set_write_timeout(Some(Duration::from_secs(30))).unwrap();
        let (began, much) = (Instant::now(), vec![0; 65_536]);
        let error = loop {
            if let Err(error) = connection.write_all(&much) {
                break error;
            }
        };
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        assert!(began.elapsed() >= Duration::from_millis(900), "{:?}", began.elapsed());
    }
}
