//! `config check`, `config print` and `config example`.

use std::env;

use vestibule_application::chain;
use vestibule_objects::{ObjectBlobs, S3Options};
use vestibule_ports::Blobs;
use vestibule_smtp::{SmtpMailer, SmtpOptions};

use crate::{
    cli::ConfigCommand,
    compose::compose_without_blobs,
    config::{
        self, BlobPlace, Config, ConfigError, Loaded, Problem, Sources, show,
        trial::{self, Findings},
    },
    exit::Exit,
    terminal::{complain, output},
};

pub(super) fn run(command: ConfigCommand, sources: &Sources, json: bool) -> Exit {
    match command {
        ConfigCommand::Example if json => output(&show::example_json().to_string()),
        ConfigCommand::Example => output(show::example().trim_end()),
        ConfigCommand::Check { connect } => check(sources, connect, json),
        ConfigCommand::Print => print(sources, json),
    }
}

fn check(sources: &Sources, connect: bool, json: bool) -> Exit {
    let mut exit = Exit::Configuration;
    let outcome = config::load(sources).and_then(tried).and_then(|loaded| {
        let Reached { problems, code } = if connect { reach(&loaded.config) } else { Reached::default() };
        exit = code;
        if problems.is_empty() { Ok(loaded) } else { Err(ConfigError { problems }) }
    });
    let outcome = outcome.as_ref();
    if json {
        output(&show::check_json(outcome).to_string());
    } else if outcome.is_ok() {
        output(&show::check_text(outcome));
    } else {
        complain(&show::check_text(outcome));
    }
    exit
}

/// What the check found, and the exit code of the command.
struct Reached {
    problems: Vec<Problem>,
    code: Exit,
}

impl Default for Reached {
    fn default() -> Self {
        Self { problems: Vec::new(), code: Exit::Success }
    }
}

impl Reached {
    /// Of several problems, the first determines the exit code.
    fn refuse(&mut self, code: Exit, place: &str, what: impl Into<String>) {
        if self.problems.is_empty() {
            self.code = code;
        }
        self.problems.push(Problem::new(place, what, ""));
    }
}

/// Checks the store, the mail server and the bucket. A missing SQLite file is created by the server, not by a check.
fn reach(config: &Config) -> Reached {
    actix_web::rt::System::new().block_on(async {
        let mut reached = Reached::default();
        let is_to_be_made = config.database.store.file().is_some_and(|file| !file.exists());
        if !is_to_be_made {
            ask_store(config, &mut reached).await;
        }
        if let Some(smtp) = config.email.smtp.clone() {
            ask_mail_server(smtp, &mut reached).await;
        }
        if let BlobPlace::S3(bucket) = &config.blobs {
            ask_bucket(bucket, &mut reached).await;
        }
        reached
    })
}

async fn ask_store(config: &Config, reached: &mut Reached) {
    const PLACE: &str = "DATABASE_URL";
    let app = match compose_without_blobs(config).await {
        Ok(composition) => composition.app,
        Err(error) => return reached.refuse(error.exit(), PLACE, error.to_string()),
    };
    let answer = async {
        let readiness = app.readiness().await?;
        app.pending_migrations().await.map(|_| readiness)
    };
    match answer.await {
        Ok(readiness) if !readiness.is_our_secret => {
            reached.refuse(
                Exit::Configuration,
                PLACE,
                "the store was used with another secret than the configured one",
            );
        }
        Ok(readiness) if readiness.pending_migrations > 0 && !config.database.migrate => {
            let what = "the store is not migrated and VESTIBULE_MIGRATE is off: run `vestibule migrate`";
            reached.refuse(Exit::StoreUnavailable, PLACE, what);
        }
        Ok(_) => {}
        Err(fault) => reached.refuse(Exit::of(&fault), PLACE, chain(&fault)),
    }
    app.close().await;
}

async fn ask_mail_server(options: SmtpOptions, reached: &mut Reached) {
    let smtp = match SmtpMailer::new(options) {
        Ok(smtp) => smtp,
        Err(error) => return reached.refuse(Exit::Configuration, "EMAIL_HOST", chain(&error)),
    };
    let failed = smtp.greet().await.steps.into_iter().find_map(|step| Some((step.step, step.outcome.err()?)));
    if let Some((step, told)) = failed {
        reached.refuse(
            Exit::Failure,
            "EMAIL_HOST",
            format!("the mail server does not take mail from us: {step}: {told}"),
        );
    }
}

async fn ask_bucket(options: &S3Options, reached: &mut Reached) {
    const PLACE: &str = "VESTIBULE_BLOBS";
    // The check writes nothing, so no upload can wait there.
    match ObjectBlobs::s3(options, &env::temp_dir()) {
        Ok(bucket) => {
            if let Err(error) = bucket.ping().await {
                reached.refuse(Exit::Failure, PLACE, format!("the bucket cannot be asked: {}", chain(&error)));
            }
        }
        Err(error) => reached.refuse(Exit::Configuration, PLACE, chain(&error)),
    }
}

/// Including the problems found by trying, which are problems of the configuration like any other.
fn tried(mut loaded: Loaded) -> Result<Loaded, ConfigError> {
    let Findings { problems, warnings } = trial::find(&loaded.config);
    loaded.config.warnings.extend(warnings);
    if problems.is_empty() { Ok(loaded) } else { Err(ConfigError { problems }) }
}

fn print(sources: &Sources, json: bool) -> Exit {
    match config::load_without_mail_files(sources) {
        Ok(loaded) if json => output(&show::print_json(&loaded.settings).to_string()),
        Ok(loaded) => output(&show::print_text(&loaded.settings)),
        Err(error) => {
            complain(&error.to_string());
            Exit::Configuration
        }
    }
}
