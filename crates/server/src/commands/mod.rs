//! The commands.

mod config;
mod events;
mod healthcheck;
mod mail;
mod manual;
mod migrate;
mod openapi;
mod outbox;
mod report;
mod secret;
mod store;
mod user;

use std::{future::Future, process::ExitCode};

use vestibule_application::Identity;
use vestibule_system::OsRandomness;

use crate::{
    cli::{Cli, Command, MailCommand},
    compose::{Composition, compose_without_blobs},
    config::{Config, ConfigError, Loaded, LogFormat, Sources, data_dir, load, load_without_mail_files},
    exit::Exit,
    hardening, serve, telemetry,
    terminal::{complain, output},
};

/// Runs a command and returns its exit code.
pub fn run(cli: &Cli) -> ExitCode {
    hardening::keep_memory_private();
    let sources = Sources::of_process(cli.config.clone());
    // Only commands that send mail need its files: disabling an account, and the health check of a server, must work even
    // if one is missing.
    let without_mail = || load_without_mail_files(&sources);
    match cli.command.as_ref().unwrap_or(&Command::Serve) {
        Command::Config(command) => config::run(*command, &sources, cli.json),
        Command::Version => version(cli.json),
        Command::Completions { shell } => manual::completions(*shell),
        Command::Man => manual::page(),
        Command::Licenses => manual::licenses(),
        Command::Serve => serve(load(&sources), cli.json),
        Command::Mail(MailCommand::Test { to }) => {
            with_config(load(&sources), |loaded| mail::run(&loaded.config, to, cli.json))
        }
        Command::Mail(MailCommand::Outbox(command)) => {
            with_config(without_mail(), |loaded| outbox::run(&loaded.config, command, cli.json))
        }
        Command::Openapi => with_config(without_mail(), |loaded| openapi::run(&loaded.config)),
        Command::Healthcheck { url } => {
            with_config(without_mail(), |loaded| healthcheck::run(&loaded.config, url.as_deref(), cli.json))
        }
        Command::Migrate { command } => {
            with_config(without_mail(), |loaded| migrate::run(&loaded.config, command.as_ref(), cli.json))
        }
        Command::User(command) => with_config(without_mail(), |loaded| user::run(&loaded.config, command, cli.json)),
        Command::Events(command) => {
            with_config(without_mail(), |loaded| events::run(&loaded.config, command, cli.json))
        }
        Command::Store(command) => with_config(without_mail(), |loaded| store::run(&loaded.config, command, cli.json)),
        Command::Secret(command) => {
            with_config(without_mail(), |loaded| secret::run(&loaded.config, *command, cli.json))
        }
    }
    .into()
}

/// An invalid configuration cannot set the log format; the environment may.
fn serve(loaded: Result<Loaded, ConfigError>, json: bool) -> Exit {
    match loaded {
        Ok(loaded) => serve::run(&loaded, json),
        Err(error) => {
            let format = match std::env::var("VESTIBULE_LOG_FORMAT").as_deref() {
                Ok("text") => Some(LogFormat::Text),
                Ok("json") => Some(LogFormat::Json),
                _ => None,
            };
            complain(&telemetry::last_words(format, &error.to_string(), Exit::Configuration));
            Exit::Configuration
        }
    }
}

fn with_config(loaded: Result<Loaded, ConfigError>, command: impl FnOnce(&Loaded) -> Exit) -> Exit {
    match loaded {
        Ok(loaded) => command(&loaded),
        Err(error) => {
            complain(&error.to_string());
            Exit::Configuration
        }
    }
}

/// Composes the application, runs an async command on it and closes it.
fn with_application<F>(config: &Config, command: impl FnOnce(Composition) -> F) -> Exit
where
    F: Future<Output = Exit>,
{
    actix_web::rt::System::new().block_on(async {
        match compose_without_blobs(config).await {
            Ok(composition) => {
                let app = std::sync::Arc::clone(&composition.app);
                let exit = command(composition).await;
                app.close().await;
                exit
            }
            Err(error) => {
                complain(&error.to_string());
                error.exit()
            }
        }
    })
}

/// Runs an async command on a store that outlives the server, after migrating it unless that is off.
fn with_store(config: &Config, command: impl AsyncFnOnce(&Identity) -> Exit) -> Exit {
    if let Some(refusal) = refuse_memory(config) {
        return refusal;
    }
    with_application(config, async |composition| match prepare(config, &composition.app).await {
        Ok(()) => command(&composition.app).await,
        Err(exit) => exit,
    })
}

/// Refuses a command about stored data if the store keeps none: `None` for every other store.
fn refuse_memory(config: &Config) -> Option<Exit> {
    config.database.store.is_in_memory().then(|| {
        complain(
            "the memory store is inside the server, where no other process reaches it; to have a root there, start the \
             server with VESTIBULE_ROOT_EMAIL and VESTIBULE_ROOT_PASSWORD",
        );
        Exit::Configuration
    })
}

/// Migrates, unless that is off, before a command uses the store.
async fn prepare(config: &Config, app: &Identity) -> Result<(), Exit> {
    if !config.database.migrate {
        // An unsuitable store is reported before anything is done.
        return app.pending_migrations().await.map(drop).map_err(|fault| report::fault(&fault));
    }
    app.migrate().await.map_err(|fault| report::fault(&fault))?;
    // From the first row on, a lost file must not be silently replaced.
    data_dir::mark_initialised(config, &OsRandomness).map_err(|error| {
        complain(&error.to_string());
        Exit::Configuration
    })
}

/// Prints the version.
fn version(json: bool) -> Exit {
    let version = env!("CARGO_PKG_VERSION");
    if json {
        output(&serde_json::json!({ "name": "vestibule", "version": version }).to_string())
    } else {
        output(&format!("vestibule {version}"))
    }
}
