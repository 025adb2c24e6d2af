//! `config check`, `config print` and `config example`.

use super::{complain, output};
use crate::{
    cli::ConfigCommand,
    config::{
        self, ConfigError, Loaded, Sources, show,
        trial::{self, Findings},
    },
    exit::Exit,
};

pub(super) fn run(command: ConfigCommand, sources: &Sources, json: bool) -> Exit {
    match command {
        ConfigCommand::Example if json => output(&show::example_json().to_string()),
        ConfigCommand::Example => output(show::example().trim_end()),
        ConfigCommand::Check => check(sources, json),
        ConfigCommand::Print => print(sources, json),
    }
}

fn check(sources: &Sources, json: bool) -> Exit {
    let outcome = config::load(sources).and_then(tried);
    let outcome = outcome.as_ref();
    let exit = if outcome.is_ok() { Exit::Success } else { Exit::Configuration };
    if json {
        output(&show::check_json(outcome).to_string());
    } else if outcome.is_ok() {
        output(&show::check_text(outcome));
    } else {
        complain(&show::check_text(outcome));
    }
    exit
}

/// With what was found by trying; that is a problem of the configuration as any other.
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
