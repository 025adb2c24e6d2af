//! Telling the other nodes, and hearing from them.

use std::{convert::Infallible, time::Duration};

use tokio::time::sleep;
use vestibule_domain::AccountId;
use vestibule_ports::{BusError, Notice, Subscription};

use super::{BATCH, Chat};
use crate::{Fault, chain};

/// The first pause before the bus is tried again; each later one is twice as long, up to the last.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LAST_PAUSE: Duration = Duration::from_secs(2);
/// After the other nodes were told, what comes within this time is told together.
const GATHER: Duration = Duration::from_millis(5);

impl Chat {
    /// Carries news between this node and the others, for as long as it is polled; never ends. Whatever it is dropped in the
    /// middle of is found out by [`Chat::watch_over`] on the nodes that miss it.
    pub async fn relay(&self) {
        tokio::join!(self.listen(), self.tell());
    }

    /// Tells the other nodes what is left to tell, once; for the end, when nothing relays any more.
    pub async fn tell_rest(&self) -> Result<(), Fault> {
        let notices = self.news.take();
        self.publish(&notices).await.map_err(|error| Fault::unavailable(error))
    }

    async fn tell(&self) {
        let mut outage = Outage::of("other nodes cannot be told of messages: they notice them later");
        loop {
            let notices = self.news.next().await;
            match self.publish(&notices).await {
                Ok(()) => {
                    outage.end();
                    sleep(GATHER).await;
                }
                Err(error) => {
                    self.news.put_back(notices);
                    outage.go_on(&error).await;
                }
            }
        }
    }

    async fn publish(&self, notices: &[Notice]) -> Result<(), BusError> {
        for batch in notices.chunks(BATCH) {
            self.ports.bus.publish(batch).await?;
        }
        Ok(())
    }

    async fn listen(&self) {
        let mut outage = Outage::of("messages on other nodes cannot be heard of: they are noticed later");
        loop {
            let Err(error) = self.hear_until_it_breaks(&mut outage).await;
            outage.go_on(&error).await;
        }
    }

    async fn hear_until_it_breaks(&self, outage: &mut Outage) -> Result<Infallible, BusError> {
        let mut subscription = self.ports.bus.subscribe().await?;
        // What was published before the subscription is lost.
        self.refresh_or_leave_it(self.hub.conversations()).await;
        outage.end();
        loop {
            let news = self.news_in(&mut *subscription).await?;
            self.refresh_or_leave_it(news).await;
        }
    }

    /// Waits for notices; the conversations of which they are news to a follower here.
    async fn news_in(&self, subscription: &mut dyn Subscription) -> Result<Vec<AccountId>, BusError> {
        let mut notices = subscription.next().await?;
        notices.retain(|notice| self.hub.lacks(notice));
        let mut news: Vec<AccountId> = notices.into_iter().map(|notice| notice.conversation).collect();
        news.sort_unstable();
        news.dedup();
        Ok(news)
    }

    async fn refresh_or_leave_it(&self, conversations: Vec<AccountId>) {
        if let Err(fault) = self.refresh(conversations).await {
            tracing::debug!(error = chain(&fault), "conversations cannot be read: they are looked at again soon");
        }
    }
}

/// A time in which something does not work: said once at its beginning and once at its end.
struct Outage {
    what: &'static str,
    pause: Option<Duration>,
}

impl Outage {
    const fn of(what: &'static str) -> Self {
        Self { what, pause: None }
    }

    /// Waits until it is time for another try.
    async fn go_on(&mut self, error: &BusError) {
        let pause = match self.pause {
            None => {
                tracing::warn!(error = chain(error), "{}", self.what);
                FIRST_PAUSE
            }
            Some(pause) => (2 * pause).min(LAST_PAUSE),
        };
        self.pause = Some(pause);
        sleep(pause).await;
    }

    fn end(&mut self) {
        if self.pause.take().is_some() {
            tracing::info!("over: {}", self.what);
        }
    }
}
