//! A time in which the store is unusable: one log line at its beginning with the cause, one from time to time, and one at
//! its end with its duration.

use std::time::Duration;

use tokio::time::Instant;
use vestibule_application::{Fault, chain};

/// How often a continuing outage is logged.
const IN_A_WHILE: Duration = Duration::from_mins(1);

/// What was logged about it.
#[derive(Debug, Default)]
pub(super) struct Outage(Option<Told>);

#[derive(Debug)]
struct Told {
    began: Instant,
    last: Instant,
}

impl Outage {
    /// Notes that the store is unusable.
    pub(super) fn goes_on(&mut self, fault: &Fault) {
        let now = Instant::now();
        match &mut self.0 {
            None => {
                tracing::error!(
                    error = chain(fault),
                    "the store cannot be used: requests that need it get 503 until it is back"
                );
                self.0 = Some(Told { began: now, last: now });
            }
            Some(told) if now - told.last >= IN_A_WHILE => {
                let seconds = (now - told.began).as_secs();
                tracing::warn!(seconds, error = chain(fault), "the store still cannot be used");
                told.last = now;
            }
            Some(_) => {}
        }
    }

    /// Notes that the store is usable.
    pub(super) fn is_over(&mut self) {
        if let Some(told) = self.0.take() {
            tracing::info!(seconds = told.began.elapsed().as_secs(), "the store is back");
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;
    use vestibule_testkit::Lines;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_outage_is_told_at_its_beginning_once_in_a_while_and_at_its_end() {
        let lines = Lines::default();
        let writer = lines.clone();
        let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone());
        let guard = tracing::subscriber::set_default(subscriber.finish());
        let (mut outage, away) = (Outage::default(), Fault::unavailable("connection refused"));
        outage.is_over();
        for _ in 0..75 {
            outage.goes_on(&away);
            advance(Duration::from_secs(2)).await;
        }
        outage.is_over();
        outage.is_over();
        drop(guard);
        let text = lines.text();
        let told: Vec<&str> = text.lines().collect();
        assert_eq!(told.len(), 4, "{text}");
        assert!(told[0].contains("ERROR") && told[0].contains("connection refused"), "{text}");
        assert!(told[1].contains("WARN") && told[1].contains("seconds=60"), "{text}");
        assert!(told[2].contains("seconds=120"), "{text}");
        assert!(told[3].contains("the store is back") && told[3].contains("seconds=150"), "{text}");
    }
}
