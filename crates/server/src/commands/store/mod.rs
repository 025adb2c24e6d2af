//! `store export` and `store import`: moving everything to another store.

mod file;
mod progress;

use std::{
    fs::File,
    future::pending,
    io::{self, BufRead, BufReader, Read},
    path::Path,
};

use vestibule_application::{
    Identity, Operator, chain,
    operations::{ImportError, Importing},
};
use vestibule_ports::stored::Counts;

use self::{
    file::{ExportFile, FileError},
    progress::Progress,
};
use super::{report, with_store};
use crate::{
    cli::StoreCommand,
    config::{Config, data_dir},
    exit::Exit,
    serve::End,
    terminal::{complain, output},
};

const OPERATOR: Operator = Operator::at_the_console();
/// The word for standard input or output.
const STANDARD: &str = "-";
/// Longer than any line of an export.
const LONGEST_LINE: u64 = 256 << 20;

pub(super) fn run(config: &Config, command: &StoreCommand, json: bool) -> Exit {
    match command {
        StoreCommand::Export { file, overwrite } => {
            if let Some(refusal) = refuse_missing(config) {
                return refusal;
            }
            with_store(config, async |app| {
                tokio::select! {
                    exit = export(app, file, *overwrite, json) => exit,
                    // The unfinished file is removed: it holds what a backup does.
                    () = interrupted() => {
                        complain("interrupted; nothing was exported");
                        Exit::Failure
                    }
                }
            })
        }
        StoreCommand::Import { file } => with_store(config, async |app| import(app, file, json).await),
    }
}

/// Waits for Ctrl-C or another signal that ends the process.
async fn interrupted() {
    match End::listen() {
        Ok(mut end) => end.wait().await,
        // Then the signal ends the process without us.
        Err(_) => pending().await,
    }
}

/// Refuses to export from a database file that does not exist, which other commands would create.
fn refuse_missing(config: &Config) -> Option<Exit> {
    let path = config.database.store.file().filter(|path| !path.exists())?;
    match data_dir::check_database(&config.server.data_dir, path) {
        Ok(()) => complain(&format!("there is no database at {}: nothing was exported", path.display())),
        Err(error) => complain(&error.to_string()),
    }
    Some(Exit::Configuration)
}

async fn export(app: &Identity, path: &Path, overwrite: bool, json: bool) -> Exit {
    let is_standard = path == Path::new(STANDARD);
    let file = if is_standard { Ok(ExportFile::standard()) } else { ExportFile::create(path, overwrite) };
    let mut file = match file {
        Ok(file) => file,
        Err(error) => return told(&error),
    };
    let mut exporting = match app.export(OPERATOR).await {
        Ok(exporting) => exporting,
        Err(fault) => return report::fault(&fault),
    };
    if !exporting.servers().is_empty() {
        complain(&format!(
            "running servers: {}; what they write from now on is not in the export",
            exporting.servers().join(", ")
        ));
    }
    let mut progress = Progress::new("exported", is_standard);
    loop {
        match exporting.next().await {
            Ok(Some(lines)) => {
                if let Err(error) = file.write(&lines) {
                    return told(&error);
                }
                progress.show(exporting.done(), exporting.counts().total());
            }
            Ok(None) => break,
            Err(fault) => return report::fault(&fault),
        }
    }
    drop(progress);
    if let Err(error) = file.finish() {
        return told(&error);
    }
    let summary = summary("exported", &exporting.counts(), json);
    if is_standard {
        // Standard output is the export.
        complain(&summary);
        Exit::Success
    } else {
        output(&summary)
    }
}

async fn import(app: &Identity, path: &Path, json: bool) -> Exit {
    let mut lines: Box<dyn BufRead> = if path == Path::new(STANDARD) {
        Box::new(io::stdin().lock())
    } else {
        match File::open(path) {
            Ok(file) => Box::new(BufReader::with_capacity(1 << 20, file)),
            Err(error) => {
                complain(&format!("{} cannot be read: {error}", path.display()));
                return Exit::Failure;
            }
        }
    };
    let imported = async {
        let mut importing = app.import(OPERATOR).await?;
        read(&mut *lines, &mut importing).await?;
        importing.finish().await.map_err(Stopped::from)
    };
    match imported.await {
        Ok(counts) => output(&summary("imported", &counts, json)),
        Err(stopped) => stopped.told(),
    }
}

async fn read(lines: &mut dyn BufRead, importing: &mut Importing<'_>) -> Result<(), Stopped> {
    let mut progress = Progress::new("read", false);
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = (&mut *lines).take(LONGEST_LINE).read_until(b'\n', &mut line).map_err(Stopped::Input)?;
        if read == 0 {
            return Ok(());
        }
        importing.line(&line).await?;
        if importing.done().is_multiple_of(500) {
            progress.show(importing.done(), importing.total());
        }
    }
}

/// Why nothing was imported.
enum Stopped {
    Input(io::Error),
    Import(ImportError),
}

impl From<ImportError> for Stopped {
    fn from(error: ImportError) -> Self {
        Self::Import(error)
    }
}

impl Stopped {
    fn told(self) -> Exit {
        let error = match self {
            Self::Input(error) => {
                complain(&format!("the export cannot be read: {error}; nothing was imported"));
                return Exit::Failure;
            }
            Self::Import(ImportError::Fault(fault)) => {
                let exit = report::fault(&fault);
                // The answer to the commit may be what was lost.
                complain("nothing was imported, unless another import now says that the store is not empty");
                return exit;
            }
            Self::Import(error) => error,
        };
        complain(&format!("{}; nothing was imported", chain(&error)));
        match error {
            ImportError::NotEmpty => Exit::Conflict,
            ImportError::AnotherSecret => Exit::Configuration,
            _ => Exit::Failure,
        }
    }
}

fn told(error: &FileError) -> Exit {
    complain(&format!("{}; nothing was exported", chain(error)));
    if matches!(error, FileError::Taken(_)) { Exit::Conflict } else { Exit::Failure }
}

fn summary(verb: &str, counts: &Counts, json: bool) -> String {
    let some = counts.iter().filter(|(_, count)| *count > 0);
    if json {
        let kinds: serde_json::Map<_, _> =
            counts.iter().map(|(kind, count)| (kind.as_str().to_owned(), count.into())).collect();
        return serde_json::json!({ verb: counts.total(), "kinds": kinds }).to_string();
    }
    let lines = some.map(|(kind, count)| format!("\n  {count:>10}  {}", kind.as_str()));
    format!("{verb} {} records{}", counts.total(), lines.collect::<String>())
}
