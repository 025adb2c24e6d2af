//! Preparing the store at start: the schema, the secret it is used with, and the first root.

use std::{sync::Arc, time::Duration};

use secrecy::ExposeSecret;
use tokio::{sync::oneshot, time::timeout};
use vestibule_application::{
    AccountFilter, Fault, Identity, Operator,
    accounts::{CreateAccountError, RootSeed, SeedOutcome},
    chain,
    operations::SecretError,
};
use vestibule_system::OsRandomness;

use super::{StartError, outage::Outage};
use crate::{
    config::{Config, Root, data_dir},
    exit::Exit,
};

/// How often an unreachable store is retried.
const RETRY: Duration = Duration::from_secs(1);
/// How often to check that the store is usable and that its secret is still this node's.
const WATCH: Duration = Duration::from_secs(2);
/// How long the store may take to answer.
const ANSWER: Duration = Duration::from_secs(15);
/// How often to retry if only a person can help.
const SLOW_RETRY: Duration = Duration::from_secs(30);

/// The state of the store at start.
pub(super) enum Preparation {
    /// Ready; with whether there is a root.
    Ready {
        /// Whether any account is a root.
        has_root: bool,
    },
    /// Unreachable, or not migrated: requests get 503 until it is ready.
    Waiting,
}

/// The reason to stop after all, if the store turns out to be used with another secret once it is reachable.
pub(super) struct Refusal(oneshot::Receiver<StartError>);

impl Refusal {
    /// Waits for it; for ever if all is well.
    pub(super) async fn wait(self) -> StartError {
        match self.0.await {
            Ok(error) => error,
            Err(_) => std::future::pending().await,
        }
    }
}

/// Migrates, compares the secret and creates the first root. An unreachable store does not keep the server from starting:
/// this continues in the background.
pub(super) async fn prepare(config: &Config, app: &Arc<Identity>) -> Result<(Preparation, Refusal), StartError> {
    let ((refuse, refusal), mut outage) = (oneshot::channel(), Outage::default());
    let preparation = match try_prepare(config, app).await {
        Ok(has_root) => {
            actix_web::rt::spawn(look_through(config.clone(), Arc::clone(app)));
            let app = Arc::clone(app);
            actix_web::rt::spawn(async move { watch(&app, Outage::default(), refuse).await });
            return Ok((Preparation::Ready { has_root }, Refusal(refusal)));
        }
        Err(PrepareError::Fatal(error)) => return Err(error),
        Err(PrepareError::AnotherSecret) => return Err(another_secret()),
        Err(PrepareError::Away(fault)) => {
            outage.goes_on(&fault);
            Preparation::Waiting
        }
        Err(PrepareError::NotMigrated) => {
            tracing::error!("the store is not migrated and VESTIBULE_MIGRATE is off: run `vestibule migrate`");
            Preparation::Waiting
        }
    };
    let (config, app) = (config.clone(), Arc::clone(app));
    actix_web::rt::spawn(async move { keep_trying(&config, &app, outage, refuse).await });
    Ok((preparation, Refusal(refusal)))
}

enum PrepareError {
    Away(Fault),
    NotMigrated,
    AnotherSecret,
    Fatal(StartError),
}

fn another_secret() -> StartError {
    StartError::new(
        Exit::Configuration,
        "the store was used with another secret than the configured one; give this node the secret of before or of the \
         other nodes (VESTIBULE_SECRET, VESTIBULE_SECRET_FILE, or the file `secret` in the data directory); if it was \
         changed on purpose, stop every node and run `vestibule secret adopt --yes`, after which access tokens, reset \
         tokens, codes, links and waiting mail of before are void, and stored documents stay unreadable",
    )
}

impl From<SecretError> for PrepareError {
    fn from(error: SecretError) -> Self {
        match error {
            SecretError::Another => Self::AnotherSecret,
            SecretError::Fault(fault) => fault.into(),
        }
    }
}

impl From<Fault> for PrepareError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Unavailable(_) | Fault::Overloaded(_) => Self::Away(fault),
            Fault::Unfit(_) | Fault::Throttled { .. } | Fault::Internal(_) => {
                Self::Fatal(StartError::new(Exit::of(&fault), chain(&fault)))
            }
        }
    }
}

impl From<CreateAccountError> for PrepareError {
    fn from(error: CreateAccountError) -> Self {
        match error {
            CreateAccountError::Fault(fault) => fault.into(),
            error => Self::Fatal(StartError::new(
                Exit::Conflict,
                format!("the first root cannot be made: {error}; use `vestibule user set-role` instead"),
            )),
        }
    }
}

/// Whether there is a root afterwards.
async fn try_prepare(config: &Config, app: &Identity) -> Result<bool, PrepareError> {
    if config.database.migrate {
        app.migrate().await?;
        data_dir::mark_initialised(config, &OsRandomness)
            .map_err(|error| PrepareError::Fatal(StartError::new(Exit::Configuration, error.to_string())))?;
    } else if app.pending_migrations().await? > 0 {
        return Err(PrepareError::NotMigrated);
    }
    app.check_secret().await?;
    if let Some(root) = &config.root {
        seed(app, root).await?;
    }
    Ok(app.has_root().await?)
}

/// Checks every account for leftovers of earlier versions or settings. The start does not wait for this.
async fn look_through(config: Config, app: Arc<Identity>) {
    report_dear_hashes(config.security.hashing.cost, &app).await;
    if config.database.migrate
        && let Err(fault) = app.spell_addresses().await
    {
        tracing::warn!(
            error = chain(&fault),
            "addresses of an earlier version cannot be put into their canonical form; `vestibule migrate` tries it again"
        );
    }
}

/// A sign-in with a costlier hash takes longer, which reveals that the account exists.
async fn report_dear_hashes(cost: u32, app: &Identity) {
    let filter = AccountFilter { hash_cost_above: u8::try_from(cost).ok(), ..AccountFilter::default() };
    match app.count_accounts(Operator::at_the_console().as_reader(), filter).await {
        Ok(0) => {}
        Ok(accounts) => tracing::warn!(
            accounts,
            cost,
            "password hashes have a higher cost than the configured one, so the time of a sign-in reveals that the \
             account exists; `vestibule user list --hash-cost-above {cost}` finds them"
        ),
        Err(fault) => tracing::warn!(error = chain(&fault), "hashes of a higher cost cannot be counted"),
    }
}

async fn keep_trying(config: &Config, app: &Arc<Identity>, mut outage: Outage, refuse: oneshot::Sender<StartError>) {
    let mut pause = RETRY;
    loop {
        actix_web::rt::time::sleep(pause).await;
        pause = match try_prepare(config, app).await {
            Ok(_) => {
                outage.is_over();
                tracing::info!("the store is ready");
                actix_web::rt::spawn(look_through(config.clone(), Arc::clone(app)));
                return watch(app, outage, refuse).await;
            }
            Err(PrepareError::Away(fault)) => {
                outage.goes_on(&fault);
                RETRY
            }
            Err(PrepareError::NotMigrated) => {
                outage.is_over();
                RETRY
            }
            Err(PrepareError::AnotherSecret) => {
                // Not awaited once the server is stopping.
                let _ = refuse.send(another_secret());
                return;
            }
            Err(PrepareError::Fatal(error)) if error.exit == Exit::Configuration => {
                let _ = refuse.send(error);
                return;
            }
            Err(PrepareError::Fatal(error)) => {
                tracing::error!("{}", error.message);
                SLOW_RETRY
            }
        };
    }
}

/// Logs when the store becomes unusable and usable again. Stops the server if an operator has given the store another
/// secret, because what this node signs and seals is then invalid.
async fn watch(app: &Identity, mut outage: Outage, refuse: oneshot::Sender<StartError>) {
    loop {
        actix_web::rt::time::sleep(WATCH).await;
        let silent = |_| Err(Fault::unavailable("no answer in time"));
        match timeout(ANSWER, app.readiness()).await.unwrap_or_else(silent) {
            Ok(readiness) if !readiness.is_our_secret => {
                let _ = refuse.send(another_secret());
                return;
            }
            Ok(_) => outage.is_over(),
            // A busy store is reachable.
            Err(Fault::Overloaded(_) | Fault::Throttled { .. }) => {}
            Err(fault) => outage.goes_on(&fault),
        }
    }
}

async fn seed(app: &Identity, root: &Root) -> Result<(), PrepareError> {
    // The configuration would have been refused if it were too short or too common.
    let password = app.operator_password_rules().check(root.password.expose_secret()).map_err(|error| {
        PrepareError::Fatal(StartError::new(Exit::Configuration, format!("the first root cannot be made: {error}")))
    })?;
    let seed = RootSeed { email: root.email.clone(), username: root.username.clone(), password };
    if app.seed_root(Operator::at_the_console(), seed).await? == SeedOutcome::Created {
        tracing::info!("created the first root from the configuration");
    }
    Ok(())
}
