//! The sign-in providers.

use secrecy::SecretString;

use super::{Settings, key::Key, keys, parse};

/// The providers that are configured.
#[derive(Debug, Clone, Default)]
pub struct Providers {
    /// Google.
    pub google: Option<Google>,
    /// Facebook.
    pub facebook: Option<Facebook>,
    /// Apple.
    pub apple: Option<Apple>,
}

/// Our place at Google.
#[derive(Debug, Clone)]
pub struct Google {
    /// Our id.
    pub client_id: String,
    /// Where the keys are, if not where Google has them.
    pub jwks_url: Option<String>,
    /// Who issues the tokens, if not Google.
    pub issuer: Option<String>,
}

/// Our place at Facebook.
#[derive(Debug, Clone)]
pub struct Facebook {
    /// Our id.
    pub app_id: String,
    /// Our secret.
    pub app_secret: SecretString,
    /// Where the Graph API is, if not where Facebook has it.
    pub graph_url: Option<String>,
    /// Whether its addresses count as vouched for.
    pub trust_email: bool,
}

/// Our place at Apple.
#[derive(Debug, Clone)]
pub struct Apple {
    /// Our id.
    pub client_id: String,
    /// The team of the key.
    pub team_id: String,
    /// The id of the key.
    pub key_id: String,
    /// The key.
    pub private_key: SecretString,
    /// Where its endpoints are, if not where Apple has them.
    pub url: Option<String>,
}

pub(super) fn providers(settings: &mut Settings) -> Providers {
    Providers {
        google: settings.text(&keys::GOOGLE_CLIENT_ID).map(|client_id| Google {
            client_id,
            jwks_url: settings.parse(&keys::GOOGLE_JWKS_URL, parse::provider_url),
            issuer: settings.text(&keys::GOOGLE_ISSUER),
        }),
        facebook: facebook(settings),
        apple: apple(settings),
    }
}

fn facebook(settings: &mut Settings) -> Option<Facebook> {
    let [app_id, app_secret] = all_or_none(settings, [&keys::FACEBOOK_APP_ID, &keys::FACEBOOK_APP_SECRET])?;
    Some(Facebook {
        app_id,
        app_secret: app_secret.into(),
        graph_url: settings.parse(&keys::FACEBOOK_GRAPH_URL, parse::provider_url),
        trust_email: settings.is_on(&keys::FACEBOOK_TRUST_EMAIL),
    })
}

fn apple(settings: &mut Settings) -> Option<Apple> {
    let keys = [&keys::APPLE_CLIENT_ID, &keys::APPLE_TEAM_ID, &keys::APPLE_KEY_ID, &keys::APPLE_PRIVATE_KEY];
    let [client_id, team_id, key_id, private_key] = all_or_none(settings, keys)?;
    settings.parse(&keys::APPLE_PRIVATE_KEY, parse::apple_key);
    let url = settings.parse(&keys::APPLE_URL, parse::provider_url);
    Some(Apple { client_id, team_id, key_id, private_key: private_key.into(), url })
}

/// The values of keys that are of use only together; a part of them is a mistake, which never switches a check off.
fn all_or_none<const N: usize>(settings: &mut Settings, keys: [&Key; N]) -> Option<[String; N]> {
    let values = keys.map(|key| settings.text(key));
    if values.iter().all(Option::is_some) {
        return Some(values.map(Option::unwrap_or_default));
    }
    let is_begun = values.iter().any(Option::is_some);
    for (key, value) in keys.iter().zip(&values) {
        if is_begun && value.is_none() {
            let remedy = format!("set {}, or none of the provider's keys", key.env[0]);
            settings.refuse(key, "the sign-in provider is configured by half", remedy);
        }
    }
    None
}
