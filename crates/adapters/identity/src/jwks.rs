//! A provider's public keys (RFC 7517): fetched on demand, and cached as long as the provider says.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
    time::Duration as StdDuration,
};

use hyper::{
    HeaderMap, StatusCode,
    header::{AGE, CACHE_CONTROL},
};
use jsonwebtoken::DecodingKey;
use serde::Deserialize;
use serde_json::Value;
use time::{Duration, OffsetDateTime};
use tokio::sync::Mutex;
use vestibule_ports::{Clock, CredentialRejection, IdentityError};

use crate::{client::HttpClient, endpoint::Endpoint, failure::Failure};

/// The least time that keys are cached, whatever the provider says.
const MIN_FRESH: Duration = Duration::MINUTE;
/// The longest time that keys are cached.
const MAX_FRESH: Duration = Duration::DAY;
/// The pause after a fetch, successful or not: clients choose the key ids that they ask for.
const PAUSE: Duration = Duration::seconds(5);
/// The most keys that are accepted; providers have two or three.
const MAX_KEYS: usize = 64;

/// A provider's keys; clones share them.
#[derive(Clone)]
pub(crate) struct KeySet(Arc<Inner>);

/// Where keys come from.
pub(crate) struct KeySource {
    pub(crate) client: Arc<HttpClient>,
    pub(crate) endpoint: Endpoint,
    pub(crate) timeout: StdDuration,
    pub(crate) clock: Arc<dyn Clock>,
}

struct Inner {
    source: KeySource,
    cache: RwLock<Cache>,
    /// Held while keys are fetched.
    fetching: Mutex<()>,
}

type Keys = HashMap<String, Arc<DecodingKey>>;

#[derive(Default)]
struct Cache {
    keys: Keys,
    /// When the keys were fetched, and until when they are valid.
    fresh: Option<(OffsetDateTime, OffsetDateTime)>,
    /// When the last fetch ended, and whether it succeeded.
    last_fetch: Option<(OffsetDateTime, bool)>,
}

impl Cache {
    /// What is known about a key; none if a fetch is due. Times from before the clock was set back are ignored.
    fn look(&self, key_id: &str, now: OffsetDateTime) -> Option<Result<Arc<DecodingKey>, IdentityError>> {
        if let Some((from, until)) = self.fresh
            && (from..until).contains(&now)
            && let Some(key) = self.keys.get(key_id)
        {
            return Some(Ok(Arc::clone(key)));
        }
        match self.last_fetch {
            Some((at, true)) if (at..at + PAUSE).contains(&now) => Some(Err(CredentialRejection::Signature.into())),
            Some((at, false)) if (at..at + PAUSE).contains(&now) => Some(Err(Failure::KeysMissing.into())),
            _ => None,
        }
    }
}

impl KeySet {
    pub(crate) fn new(source: KeySource) -> Self {
        Self(Arc::new(Inner { source, cache: RwLock::default(), fetching: Mutex::new(()) }))
    }

    /// A key by its id. Concurrent callers that need a fetch share one.
    pub(crate) async fn find(&self, key_id: &str) -> Result<Arc<DecodingKey>, IdentityError> {
        if let Some(known) = self.0.look(key_id) {
            return known;
        }
        // A task of its own: a client that disconnects must not cancel the fetch that others wait for.
        let (inner, key_id) = (Arc::clone(&self.0), key_id.to_owned());
        tokio::spawn(async move { inner.fetch_for(&key_id).await }).await.map_err(|_| Failure::Stopping)?
    }
}

impl Inner {
    fn look(&self, key_id: &str) -> Option<Result<Arc<DecodingKey>, IdentityError>> {
        self.cache.read().unwrap_or_else(PoisonError::into_inner).look(key_id, self.source.clock.now())
    }

    async fn fetch_for(&self, key_id: &str) -> Result<Arc<DecodingKey>, IdentityError> {
        let _turn = self.fetching.lock().await;
        // Another caller may have fetched them meanwhile.
        if let Some(known) = self.look(key_id) {
            return known;
        }
        let fetched = tokio::time::timeout(self.source.timeout, self.fetch()).await;
        let fetched = fetched.unwrap_or(Err(Failure::TimedOut(self.source.timeout)));
        let now = self.source.clock.now();
        let mut cache = self.cache.write().unwrap_or_else(PoisonError::into_inner);
        cache.last_fetch = Some((now, fetched.is_ok()));
        let (keys, fresh_for) = fetched?;
        let found = keys.get(key_id).cloned();
        (cache.keys, cache.fresh) = (keys, Some((now, now + fresh_for)));
        Ok(found.ok_or(CredentialRejection::Signature)?)
    }

    async fn fetch(&self) -> Result<(Keys, Duration), Failure> {
        let answer = self.source.client.get(&self.source.endpoint).await?;
        if answer.status != StatusCode::OK {
            return Err(Failure::Status(answer.status.as_u16()));
        }
        let keys = usable(answer.json("set of keys")?);
        if keys.is_empty() {
            return Err(Failure::Nonsense("set of keys"));
        }
        Ok((keys, freshness(&answer.headers)))
    }
}

/// A key set as it is published.
#[derive(Deserialize)]
struct Published {
    keys: Vec<Value>,
}

/// A key for RS256.
#[derive(Deserialize)]
struct PublishedKey {
    kty: String,
    kid: String,
    n: String,
    e: String,
    alg: Option<String>,
    r#use: Option<String>,
}

/// The keys that sign with RS256; others in the set are skipped.
fn usable(published: Published) -> Keys {
    let keys = published.keys.into_iter().take(MAX_KEYS).filter_map(|key| serde_json::from_value(key).ok());
    keys.filter(|key: &PublishedKey| {
        key.kty == "RSA"
            && key.alg.as_deref().is_none_or(|algorithm| algorithm == "RS256")
            && key.r#use.as_deref().is_none_or(|purpose| purpose == "sig")
    })
    .filter_map(|key| Some((key.kid, Arc::new(DecodingKey::from_rsa_components(&key.n, &key.e).ok()?))))
    .collect()
}

/// How long an answer may be cached (RFC 9111, sections 4.2.1 and 4.2.3), within our own bounds.
fn freshness(headers: &HeaderMap) -> Duration {
    let directives = headers.get_all(CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok());
    let max_age = directives
        .flat_map(|value| value.split(','))
        .filter_map(|directive| directive.trim().split_once('='))
        .find(|(name, _)| name.eq_ignore_ascii_case("max-age"))
        .and_then(|(_, seconds)| seconds.trim_matches('"').parse::<u32>().ok());
    let age = headers.get(AGE).and_then(|value| value.to_str().ok()?.parse::<u32>().ok()).unwrap_or(0);
    let seconds = i64::from(max_age.unwrap_or(0)) - i64::from(age);
    Duration::seconds(seconds).clamp(MIN_FRESH, MAX_FRESH)
}

#[cfg(test)]
mod tests {
    use hyper::{HeaderMap, header::HeaderValue};
    use serde_json::json;
    use time::Duration;

    use super::{freshness, usable};

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn keys_are_kept_for_a_minute_to_a_day() {
        for (pairs, seconds) in [
            (&[][..], 60),
            (&[("cache-control", "public, max-age=3600, must-revalidate")], 3600),
            (&[("cache-control", "Max-Age=3600"), ("age", "600")], 3000),
            (&[("cache-control", "max-age=3600"), ("age", "9999")], 60),
            (&[("cache-control", "max-age=0")], 60),
            (&[("cache-control", "max-age=99999999")], 86_400),
            (&[("cache-control", "max-age=-1")], 60),
            (&[("cache-control", "no-store")], 60),
        ] {
            assert_eq!(freshness(&headers(pairs)), Duration::seconds(seconds), "{pairs:?}");
        }
    }

    #[test]
    fn only_keys_for_rs256_are_taken() {
        let key = |kid: &str, changes: serde_json::Value| {
            let mut key = json!({ "kid": kid, "kty": "RSA", "alg": "RS256", "use": "sig", "n": "AQAB", "e": "AQAB" });
            key.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
            key
        };
        let published = json!({ "keys": [
            key("good", json!({})),
            key("plain", json!({ "alg": null, "use": null })),
            key("ec", json!({ "kty": "EC" })),
            key("rs512", json!({ "alg": "RS512" })),
            key("enc", json!({ "use": "enc" })),
            key("garbled", json!({ "n": "**" })),
            json!("nonsense"),
        ]});
        let mut ids: Vec<_> = usable(serde_json::from_value(published).unwrap()).into_keys().collect();
        ids.sort();
        assert_eq!(ids, ["good", "plain"]);
    }
}
