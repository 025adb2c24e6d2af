//! Settings that are allowed but dangerous if others than this machine's user can reach the server: a warning each at
//! start.

use std::net::SocketAddr;

use secrecy::ExposeSecret;

use super::{Database, Security, Server};

/// The lowest safe bcrypt cost for passwords of people.
const GOOD_COST: u32 = 12;
/// A random text of the minimum length has more distinct characters.
const FEW_CHARACTERS: usize = 10;
/// The placeholder of a secret in examples.
const PLACEHOLDERS: [&str; 6] = ["secret", "password", "change", "example", "placeholder", "vestibule"];

/// Finds the dangers.
pub(super) fn warnings(
    server: &Server,
    store: &Database,
    security: &Security,
    (has_root, metrics): (bool, Option<SocketAddr>),
) -> Vec<String> {
    let url = server.public_url.as_deref().unwrap_or_default();
    let found = [
        (url.starts_with("https://") && server.trusted_proxies.is_empty()).then(|| {
            "VESTIBULE_PUBLIC_URL is https, so a proxy ends TLS, but VESTIBULE_TRUSTED_PROXIES is empty: all clients share the limits of \
             the proxy's address"
                .to_owned()
        }),
        (url.starts_with("http://") && !is_local(url)).then(|| {
            format!("VESTIBULE_PUBLIC_URL is {url}: passwords, tokens and the links in mails travel in plain text; put TLS before it")
        }),
        (has_root && !store.is_in_memory()).then(|| {
            "VESTIBULE_ROOT_PASSWORD is set: remove it once the first root is created, because any reader of this process' environment or \
             settings could sign in as root"
                .to_owned()
        }),
        (security.hashing.cost < GOOD_COST).then(|| {
            format!(
                "VESTIBULE_BCRYPT_COST is {}: passwords of a stolen database are guessed faster than with {GOOD_COST}",
                security.hashing.cost
            )
        }),
        metrics.filter(|address| address.ip().is_unspecified()).map(|address| {
            format!("metrics are shown to everybody who reaches {address}: set VESTIBULE_METRICS_LISTEN to an address inside")
        }),
        security.secret.as_ref().filter(|secret| is_guessable(secret.expose_secret())).map(|_| {
            "the secret looks like a placeholder or repeats itself, and everything is derived from it: make one with `openssl rand -hex \
             32`"
                .to_owned()
        }),
    ];
    found.into_iter().flatten().collect()
}

fn is_local(url: &str) -> bool {
    let host = url.trim_start_matches("http://").split(['/', ':']).next().unwrap_or_default();
    host == "localhost" || host.ends_with(".localhost") || host.starts_with("127.") || url.starts_with("http://[::1]")
}

/// Whether a secret clearly is not random. False does not prove that it is.
fn is_guessable(secret: &str) -> bool {
    let mut characters: Vec<u8> = secret.bytes().collect();
    let repeats =
        (1..=characters.len() / 2).any(|period| characters.iter().zip(&characters[period..]).all(|(a, b)| a == b));
    characters.sort_unstable();
    characters.dedup();
    let text = secret.to_ascii_lowercase();
    repeats || characters.len() < FEW_CHARACTERS || PLACEHOLDERS.iter().any(|word| text.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_machine_made_at_random_is_guessable() {
        for secret in [
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "0123456789abcdef0123456789abcdef",
            "111122223333444455556666777788889",
            "change-me-before-you-go-live-2024",
            "MySuperSecretKeyForProduction123!",
        ] {
            assert!(is_guessable(secret), "{secret}");
        }
        for secret in [
            "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "kF3q0pZ1vU7m2Yw8Rt5Xn6Bc4Jd9Ls0a",
            "dGhpcyBpcyByYW5kb20gZW5vdWdoIHg=",
        ] {
            assert!(!is_guessable(secret), "{secret}");
        }
    }

    #[test]
    fn a_name_of_this_machine_is_local() {
        for url in ["http://localhost:3000", "http://127.0.0.1", "http://[::1]:3000", "http://app.localhost/x"] {
            assert!(is_local(url), "{url}");
        }
        for url in ["http://shop.test", "http://10.0.0.1:3000", "http://localhost.shop.test"] {
            assert!(!is_local(url), "{url}");
        }
    }
}
