//! The configured sign-in providers.

use std::{collections::BTreeMap, sync::Arc};

use vestibule_domain::Provider;
use vestibule_identity::{
    AnyClient, AppleOptions, AppleProvider, FacebookOptions, FacebookProvider, GoogleOptions, GoogleProvider,
    IdentityConfigError, ProviderTimeouts,
};
use vestibule_ports::{Clock, IdentityProvider};

use crate::config::providers::{Apple, Facebook, Google, Providers};

/// Checks the options of each provider and creates it; does not connect.
pub(super) fn providers(
    config: &Providers,
    clock: &Arc<dyn Clock>,
) -> Result<BTreeMap<Provider, Arc<dyn IdentityProvider>>, IdentityConfigError> {
    let mut providers = BTreeMap::new();
    if let Some(config) = &config.google {
        providers.insert(Provider::Google, google(config, clock)?);
    }
    if let Some(config) = &config.facebook {
        providers.insert(Provider::Facebook, facebook(config, clock)?);
    }
    if let Some(config) = &config.apple {
        providers.insert(Provider::Apple, apple(config, clock)?);
    }
    Ok(providers)
}

fn google(config: &Google, clock: &Arc<dyn Clock>) -> Result<Arc<dyn IdentityProvider>, IdentityConfigError> {
    let mut options = GoogleOptions::new("");
    options.client_ids.clone_from(&config.client_ids);
    if let Some(url) = &config.jwks_url {
        options.jwks_url.clone_from(url);
    }
    options.issuer.clone_from(&config.issuer);
    Ok(Arc::new(GoogleProvider::new(options, Arc::clone(clock))?))
}

fn facebook(config: &Facebook, clock: &Arc<dyn Clock>) -> Result<Arc<dyn IdentityProvider>, IdentityConfigError> {
    any(config.apps.iter().map(|(id, secret)| {
        let mut options = FacebookOptions::new(id, secret.clone());
        if let Some(url) = &config.graph_url {
            options.graph_url.clone_from(url);
        }
        options.trust_email = config.trust_email;
        Ok(Arc::new(FacebookProvider::new(options, Arc::clone(clock))?) as Arc<dyn IdentityProvider>)
    }))
}

fn apple(config: &Apple, clock: &Arc<dyn Clock>) -> Result<Arc<dyn IdentityProvider>, IdentityConfigError> {
    any(config.client_ids.iter().map(|id| {
        let options = AppleOptions {
            client_id: id.clone(),
            team_id: config.team_id.clone(),
            key_id: config.key_id.clone(),
            private_key: config.private_key.clone(),
            url: config.url.clone().unwrap_or_else(|| AppleOptions::DEFAULT_URL.to_owned()),
            timeouts: ProviderTimeouts::default(),
        };
        Ok(Arc::new(AppleProvider::new(options, Arc::clone(clock))?) as Arc<dyn IdentityProvider>)
    }))
}

/// Joins the clients of one provider, if there are several.
fn any(
    clients: impl Iterator<Item = Result<Arc<dyn IdentityProvider>, IdentityConfigError>>,
) -> Result<Arc<dyn IdentityProvider>, IdentityConfigError> {
    let clients: Vec<_> = clients.collect::<Result<_, _>>()?;
    match <[_; 1]>::try_from(clients) {
        Ok([only]) => Ok(only),
        Err(clients) => Ok(Arc::new(AnyClient::new(clients, ProviderTimeouts::default()))),
    }
}
