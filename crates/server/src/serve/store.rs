//! Bringing the store into shape at start: the schema and the first root.

use std::{sync::Arc, time::Duration};

use secrecy::ExposeSecret;
use vestibule_application::{
    Application, Fault, Operator,
    administration::{AdministrationError, RootSeed, SeedOutcome},
    chain,
};
use vestibule_system::OsRandomness;

use super::StartError;
use crate::{
    config::{Config, Root, data_dir},
    exit::Exit,
};

/// How often a store that is away is tried again.
const RETRY: Duration = Duration::from_secs(1);
/// How often, where only a person can help.
const SLOW_RETRY: Duration = Duration::from_secs(30);

/// How the store was found.
pub(super) enum Preparation {
    /// In shape; whether there is a root.
    Ready {
        /// Whether any account is a root.
        has_root: bool,
    },
    /// Away, or not migrated: requests get 503 until it is there.
    Waiting,
}

/// Migrates and seeds. A store that is away does not keep the server from starting: it goes on in the background.
pub(super) async fn prepare(config: &Config, app: &Arc<Application>) -> Result<Preparation, StartError> {
    match try_prepare(config, app).await {
        Ok(preparation) => Ok(preparation),
        Err(PrepareError::Away(fault)) => {
            tracing::error!(error = chain(&fault), "the store is away; it is tried again every second");
            let (config, app) = (config.clone(), Arc::clone(app));
            actix_web::rt::spawn(async move { keep_trying(&config, &app).await });
            Ok(Preparation::Waiting)
        }
        Err(PrepareError::Fatal(error)) => Err(error),
    }
}

enum PrepareError {
    Away(Fault),
    Fatal(StartError),
}

impl From<Fault> for PrepareError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Unavailable(_) | Fault::Overloaded(_) => Self::Away(fault),
            Fault::Throttled { .. } | Fault::Internal(_) => {
                Self::Fatal(StartError::new(Exit::StoreUnavailable, format!("the store failed: {}", chain(&fault))))
            }
        }
    }
}

impl From<AdministrationError> for PrepareError {
    fn from(error: AdministrationError) -> Self {
        match error {
            AdministrationError::Fault(fault) => fault.into(),
            error => Self::Fatal(StartError::new(
                Exit::Conflict,
                format!("the first root cannot be made: {error}; use `vestibule user set-role` instead"),
            )),
        }
    }
}

async fn try_prepare(config: &Config, app: &Application) -> Result<Preparation, PrepareError> {
    if config.database.migrate {
        app.migrate().await?;
        data_dir::mark_initialised(config, &OsRandomness)
            .map_err(|error| PrepareError::Fatal(StartError::new(Exit::Configuration, error.to_string())))?;
    } else if app.migrations().await?.iter().any(|step| !step.applied) {
        tracing::error!("the store is not migrated and VESTIBULE_MIGRATE is off: run `vestibule migrate`");
        return Ok(Preparation::Waiting);
    }
    if let Some(root) = &config.root {
        seed(app, root).await?;
    }
    Ok(Preparation::Ready { has_root: app.has_root().await? })
}

async fn keep_trying(config: &Config, app: &Application) {
    let mut pause = RETRY;
    loop {
        actix_web::rt::time::sleep(pause).await;
        pause = match try_prepare(config, app).await {
            Ok(_) => return tracing::info!("the store is there"),
            Err(PrepareError::Away(_)) => RETRY,
            Err(PrepareError::Fatal(error)) => {
                tracing::error!("{}", error.message);
                SLOW_RETRY
            }
        };
    }
}

async fn seed(app: &Application, root: &Root) -> Result<(), PrepareError> {
    // The configuration was refused if it were too short or too common.
    let password = app.operator_password_rules().check(root.password.expose_secret()).map_err(|error| {
        PrepareError::Fatal(StartError::new(Exit::Configuration, format!("the first root cannot be made: {error}")))
    })?;
    let seed = RootSeed { email: root.email.clone(), username: root.username.clone(), password };
    if app.seed_root(Operator::at_the_console(), seed).await? == SeedOutcome::Created {
        tracing::info!("made the first root from the configuration");
    }
    Ok(())
}
