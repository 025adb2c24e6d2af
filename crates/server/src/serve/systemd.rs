//! Notifications to systemd (`sd_notify(3)`), if it started the server and asks for them.

use std::{
    io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use sd_notify::NotifyState;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{interval, timeout},
};

/// A server that has notified systemd that it is ready.
pub(super) struct Supervised {
    is_stopping: Arc<AtomicBool>,
}

impl Supervised {
    /// Notifies that the server is ready at an address, and from now on feeds the watchdog, if there is one, while the
    /// server answers.
    pub(super) fn start(address: SocketAddr) -> Self {
        tell(NotifyState::Ready);
        let is_stopping = Arc::<AtomicBool>::default();
        if let Some(limit) = sd_notify::watchdog_enabled() {
            // As `sd_watchdog_enabled(3)` recommends.
            actix_web::rt::spawn(keep_quiet(limit / 2, own(address), Arc::clone(&is_stopping)));
        }
        Self { is_stopping }
    }

    /// Notifies that the server is stopping.
    pub(super) fn stop(&self) {
        self.is_stopping.store(true, Ordering::Relaxed);
        tell(NotifyState::Stopping);
    }
}

fn tell(state: NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(&[state]) {
        tracing::warn!(%error, "cannot notify systemd");
    }
}

/// Feeds the watchdog as long as the server answers. A stopping server need not answer: its shutdown has its own time
/// limit.
async fn keep_quiet(pause: Duration, address: SocketAddr, is_stopping: Arc<AtomicBool>) {
    let mut ticks = interval(pause);
    loop {
        ticks.tick().await;
        let answers = async || matches!(timeout(pause, is_alive(address)).await, Ok(Ok(true)));
        if is_stopping.load(Ordering::Relaxed) || answers().await {
            tell(NotifyState::Watchdog);
        }
    }
}

async fn is_alive(address: SocketAddr) -> io::Result<bool> {
    const REQUEST: &[u8] = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(REQUEST).await?;
    let mut status = [0; b"HTTP/1.1 200".len()];
    stream.read_exact(&mut status).await?;
    Ok(status.ends_with(b" 200"))
}

/// A server that listens on every address is probed at this machine's own.
pub(crate) fn own(listen: SocketAddr) -> SocketAddr {
    match listen {
        SocketAddr::V4(address) if address.ip().is_unspecified() => (Ipv4Addr::LOCALHOST, address.port()).into(),
        SocketAddr::V6(address) if address.ip().is_unspecified() => (Ipv6Addr::LOCALHOST, address.port()).into(),
        address => address,
    }
}
