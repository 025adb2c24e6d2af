//! `migrate` and `migrate status`.

use vestibule_application::{Identity, MigrationStatus};
use vestibule_system::OsRandomness;

use super::{report, with_application};
use crate::{
    cli::MigrateCommand,
    config::{Config, data_dir},
    exit::Exit,
    terminal::{complain, output},
};

pub(super) fn run(config: &Config, command: Option<&MigrateCommand>, json: bool) -> Exit {
    if config.database.store.is_in_memory() {
        return output(if json { "[]" } else { "The memory store has no schema." });
    }
    if let (Some(MigrateCommand::Status), Some(path)) = (command, config.database.store.file())
        && !path.exists()
    {
        // A status must not create a file.
        return match data_dir::check_database(&config.server.data_dir, path) {
            Ok(()) => print(&config.database.store.steps(), json),
            Err(error) => {
                complain(&error.to_string());
                Exit::Configuration
            }
        };
    }
    with_application(config, async |composition| {
        let app = &composition.app;
        let pending_before = match app.migrations().await {
            Ok(steps) => steps.iter().filter(|step| !step.applied).count(),
            Err(fault) => return report::fault(&fault),
        };
        match command {
            Some(MigrateCommand::Status) => show(app, json).await,
            None => migrate(config, app, pending_before, json).await,
        }
    })
}

async fn migrate(config: &Config, app: &Identity, pending: usize, json: bool) -> Exit {
    if let Err(fault) = app.migrate().await {
        return report::fault(&fault);
    }
    if let Err(error) = data_dir::mark_initialised(config, &OsRandomness) {
        complain(&error.to_string());
        return Exit::Configuration;
    }
    let spellings = match app.spell_addresses().await {
        Ok(spellings) => spellings,
        Err(fault) => return report::fault(&fault),
    };
    if !json {
        let applied = if pending == 1 { "1 migration".to_owned() } else { format!("{pending} migrations") };
        output(&format!("applied {applied}"));
        if spellings.changed > 0 {
            output(&format!("put addresses into their canonical form: {}", spellings.changed));
        }
    }
    report::left_alone(&spellings);
    show(app, json).await
}

async fn show(app: &Identity, json: bool) -> Exit {
    match app.migrations().await {
        Ok(steps) => print(&steps, json),
        Err(fault) => report::fault(&fault),
    }
}

fn print(steps: &[MigrationStatus], json: bool) -> Exit {
    if json {
        output(&steps.iter().map(as_json).collect::<serde_json::Value>().to_string())
    } else {
        output(&steps.iter().map(as_line).collect::<Vec<_>>().join("\n"))
    }
}

fn as_json(step: &MigrationStatus) -> serde_json::Value {
    serde_json::json!({ "version": step.version, "description": step.description, "applied": step.applied, "known": step.unfit.is_none() })
}

fn as_line(step: &MigrationStatus) -> String {
    let state = match (step.unfit, step.applied) {
        (Some(_), _) => "unknown",
        (None, true) => "applied",
        (None, false) => "pending",
    };
    format!("{state}  {:>4}  {}", step.version, step.description)
}
