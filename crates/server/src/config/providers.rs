//! The sign-in providers.

use secrecy::SecretString;

use super::{Settings, key::Key, keys, parse, value::Value};

/// The configured providers.
#[derive(Debug, Clone, Default)]
pub struct Providers {
    pub google: Option<Google>,
    pub facebook: Option<Facebook>,
    pub apple: Option<Apple>,
}

/// Our registration with Google.
#[derive(Debug, Clone)]
pub struct Google {
    pub client_ids: Vec<String>,
    /// The URL of the keys, if not Google's.
    pub jwks_url: Option<String>,
    /// The issuer of the tokens, if not Google.
    pub issuer: Option<String>,
}

/// Our registration with Facebook.
#[derive(Debug, Clone)]
pub struct Facebook {
    /// Our ids, each with its secret.
    pub apps: Vec<(String, SecretString)>,
    /// The URL of the Graph API, if not Facebook's.
    pub graph_url: Option<String>,
    /// Whether its addresses count as vouched for.
    pub trust_email: bool,
}

/// Our registration with Apple.
#[derive(Debug, Clone)]
pub struct Apple {
    pub client_ids: Vec<String>,
    /// The team of the key.
    pub team_id: String,
    /// The id of the key.
    pub key_id: String,
    pub private_key: SecretString,
    /// The URL of the endpoints, if not Apple's.
    pub url: Option<String>,
}

pub(super) fn providers(settings: &mut Settings) -> Providers {
    Providers { google: google(settings), facebook: facebook(settings), apple: apple(settings) }
}

fn google(settings: &mut Settings) -> Option<Google> {
    settings.get(&keys::GOOGLE_CLIENT_ID)?;
    Some(Google {
        client_ids: ids(settings, &keys::GOOGLE_CLIENT_ID),
        jwks_url: settings.parse(&keys::GOOGLE_JWKS_URL, parse::provider_url),
        issuer: settings.parse(&keys::GOOGLE_ISSUER, parse::one_word),
    })
}

fn facebook(settings: &mut Settings) -> Option<Facebook> {
    all_or_none(settings, &[&keys::FACEBOOK_APP_ID, &keys::FACEBOOK_APP_SECRET])?;
    let ids = ids(settings, &keys::FACEBOOK_APP_ID);
    let secrets = settings.text(&keys::FACEBOOK_APP_SECRET).unwrap_or_default();
    let secrets: Vec<SecretString> = secrets.split(',').map(|secret| secret.trim().into()).collect();
    if !ids.is_empty() && secrets.len() != ids.len() {
        let what = format!("{} app secrets for {} app ids", secrets.len(), ids.len());
        let remedy = "give one secret for each id of FACEBOOK_APP_ID, in the same order, separated by commas";
        settings.refuse(&keys::FACEBOOK_APP_SECRET, what, remedy);
    }
    Some(Facebook {
        apps: ids.into_iter().zip(secrets).collect(),
        graph_url: settings.parse(&keys::FACEBOOK_GRAPH_URL, parse::provider_url),
        trust_email: settings.is_on(&keys::FACEBOOK_TRUST_EMAIL),
    })
}

fn apple(settings: &mut Settings) -> Option<Apple> {
    all_or_none(
        settings,
        &[&keys::APPLE_CLIENT_ID, &keys::APPLE_TEAM_ID, &keys::APPLE_KEY_ID, &keys::APPLE_PRIVATE_KEY],
    )?;
    settings.parse(&keys::APPLE_PRIVATE_KEY, parse::apple_key);
    Some(Apple {
        client_ids: ids(settings, &keys::APPLE_CLIENT_ID),
        team_id: settings.parse(&keys::APPLE_TEAM_ID, parse::provider_id).unwrap_or_default(),
        key_id: settings.parse(&keys::APPLE_KEY_ID, parse::provider_id).unwrap_or_default(),
        private_key: settings.text(&keys::APPLE_PRIVATE_KEY).unwrap_or_default().into(),
        url: settings.parse(&keys::APPLE_URL, parse::provider_url),
    })
}

/// The ids of a list, which must not be empty if it is set.
fn ids(settings: &mut Settings, key: &Key) -> Vec<String> {
    let is_empty = settings.get(key).is_some_and(|setting| setting.value == Value::List(Vec::new()));
    if is_empty {
        settings.refuse(key, "a list without an id", "write at least one id, or leave the key out");
    }
    settings.parse_list(key, parse::provider_id)
}

/// Whether all keys that belong together are set; setting only some is an error and never disables a check.
fn all_or_none(settings: &mut Settings, keys: &[&Key]) -> Option<()> {
    let missing: Vec<&Key> = keys.iter().copied().filter(|key| settings.get(key).is_none()).collect();
    if missing.is_empty() {
        return Some(());
    }
    if missing.len() < keys.len() {
        for key in missing {
            let remedy = format!("set {}, or none of the provider's keys", key.env[0]);
            settings.refuse(key, "the sign-in provider is only partly configured", remedy);
        }
    }
    None
}
