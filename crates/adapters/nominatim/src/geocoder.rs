//! The port, implemented by a Nominatim server.

use std::{io, time::Duration};

use async_trait::async_trait;
use hyper::{
    StatusCode,
    header::{HeaderValue, RETRY_AFTER},
};
use vestibule_domain::place::PlaceName;
use vestibule_ports::{FoundPlace, GeocodeError, Geocoder};

use crate::{
    answer,
    client::{Answer, HttpClient},
    endpoint::{Endpoint, InvalidNominatimUrl},
    failure::Failure,
    turns::Turns,
};

/// How long to pause for a server that asks for a pause without a usable length.
const PAUSE: Duration = Duration::from_secs(30);
const MAX_PAUSE: Duration = Duration::from_mins(10);

/// How a server is asked.
#[derive(Debug, Clone)]
pub struct NominatimOptions {
    /// Its URL, without `/search`.
    pub url: String,
    /// Identifies us: the public servers want a contact in case of trouble.
    pub user_agent: String,
    /// For a connection.
    pub connect: Duration,
    /// For a whole request.
    pub timeout: Duration,
    /// From one request to the next.
    pub interval: Duration,
    /// How many look-ups may wait for their turn; beyond that they are unavailable at once.
    pub max_waiting: usize,
}

impl NominatimOptions {
    /// One request a second, 5 s for each, at most 4 waiting: so a look-up takes less than the 10 s limit of a request.
    /// `public_url` is where our users find us.
    pub fn new(url: &str, public_url: &str) -> Self {
        Self {
            url: url.to_owned(),
            user_agent: format!("Vestibule/{} ({public_url})", env!("CARGO_PKG_VERSION")),
            connect: Duration::from_secs(3),
            timeout: Duration::from_secs(5),
            interval: Duration::from_secs(1),
            max_waiting: 4,
        }
    }
}

/// Why the options are refused.
#[derive(Debug, thiserror::Error)]
pub enum NominatimConfigError {
    /// The URL cannot be used.
    #[error(transparent)]
    Url(#[from] InvalidNominatimUrl),
    /// The user agent has characters that a header must not have.
    #[error("the public URL cannot be told to the Nominatim server")]
    UserAgent,
    /// The system has no certificates to verify the server with.
    #[error("cannot read the system's certificate authorities")]
    Certificates(#[source] io::Error),
}

/// Asks a Nominatim server. A process needs exactly one, because it limits the request rate.
pub struct NominatimGeocoder {
    endpoint: Endpoint,
    client: HttpClient,
    turns: Turns,
    timeout: Duration,
}

impl NominatimGeocoder {
    /// Checks the options; does not connect.
    pub fn new(options: &NominatimOptions) -> Result<Self, NominatimConfigError> {
        let endpoint = Endpoint::parse(&options.url)?;
        let user_agent = HeaderValue::from_str(&options.user_agent).map_err(|_| NominatimConfigError::UserAgent)?;
        let client =
            HttpClient::new(&endpoint, user_agent, options.connect).map_err(NominatimConfigError::Certificates)?;
        let turns = Turns::new(options.interval, options.max_waiting);
        Ok(Self { endpoint, client, turns, timeout: options.timeout })
    }

    async fn ask(&self, name: &PlaceName) -> Result<Option<FoundPlace>, Failure> {
        self.turns.take().await?;
        let url = self.endpoint.search(name.as_str());
        let request = self.client.get(&url);
        let answer =
            tokio::time::timeout(self.timeout, request).await.map_err(|_| Failure::TimedOut(self.timeout))??;
        match answer.status {
            StatusCode::OK => answer::read(&answer.body),
            status => {
                if matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
                    self.turns.pause(pause(&answer)).await;
                }
                Err(Failure::Status(status.as_u16()))
            }
        }
    }
}

#[async_trait]
impl Geocoder for NominatimGeocoder {
    async fn locate(&self, name: &PlaceName) -> Result<Option<FoundPlace>, GeocodeError> {
        Ok(self.ask(name).await?)
    }
}

/// How long a server asks for a pause.
fn pause(answer: &Answer) -> Duration {
    let seconds =
        answer.headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()).and_then(|text| text.parse().ok());
    seconds.map_or(PAUSE, Duration::from_secs).min(MAX_PAUSE)
}
