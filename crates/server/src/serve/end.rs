//! The signals that stop the server, or a long command.

use std::{fs, io, time::Duration};

use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    time::timeout,
};

/// Signals that stop the server, all in the same orderly way. Without a handler, all but the first two would kill the
/// process at once or dump core.
const ASKS_FOR_THE_END: [fn() -> SignalKind; 8] = [
    SignalKind::terminate,
    SignalKind::interrupt,
    SignalKind::hangup,
    SignalKind::quit,
    SignalKind::user_defined1,
    SignalKind::user_defined2,
    SignalKind::alarm,
    SignalKind::io,
];
/// How many of them are handled even if the process was started with them ignored.
const ALWAYS_HEARD: usize = 2;

/// The signals that end the server.
pub(crate) struct End(Vec<Signal>);

impl End {
    /// Listens for these signals, except those that the process was started to ignore, such as SIGHUP by `nohup`.
    pub(crate) fn listen() -> io::Result<Self> {
        let ignored = ignored_signals();
        let kinds = ASKS_FOR_THE_END.iter().enumerate().map(|(index, kind)| (index, kind()));
        let heard = kinds.filter(|(index, kind)| *index < ALWAYS_HEARD || !is_in(ignored, *kind));
        heard.map(|(_, kind)| signal(kind)).collect::<io::Result<_>>().map(Self)
    }

    /// Waits for one of them.
    pub(crate) async fn wait(&mut self) {
        std::future::poll_fn(|context| {
            if self.0.iter_mut().any(|signal| signal.poll_recv(context).is_ready()) {
                std::task::Poll::Ready(())
            } else {
                std::task::Poll::Pending
            }
        })
        .await;
    }

    /// Waits for one of them, with a time limit.
    pub(super) async fn wait_for(&mut self, time: Duration) {
        // The result does not depend on which comes first.
        let _ = timeout(time, self.wait()).await;
    }
}

/// The ignored signals, one bit each, as the kernel shows them; none where it does not.
fn ignored_signals() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default()
}

fn is_in(mask: u64, kind: SignalKind) -> bool {
    let number = u32::try_from(kind.as_raw_value()).unwrap_or_default();
    number > 0 && mask & 1_u64.checked_shl(number - 1).unwrap_or_default() != 0
}
