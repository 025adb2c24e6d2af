//! Exit codes of the process.

use std::process::ExitCode;

use vestibule_application::Fault;

/// The exit codes; documented in the help and in docs/configuration.md.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done.
    Success = 0,
    /// A failure without its own code.
    Failure = 1,
    /// The command line is wrong; clap uses this code too.
    Usage = 2,
    /// The configuration is wrong, or the data directory or the store contradicts it.
    Configuration = 3,
    /// The store is unreachable or not migrated.
    StoreUnavailable = 4,
    /// There is no such account.
    NotFound = 5,
    /// The account's e-mail or user name is taken, or it is the last active root; or the file exists, or the store is not empty.
    Conflict = 6,
}

impl Exit {
    /// All codes, ascending.
    pub const ALL: [Self; 7] = [
        Self::Success,
        Self::Failure,
        Self::Usage,
        Self::Configuration,
        Self::StoreUnavailable,
        Self::NotFound,
        Self::Conflict,
    ];

    /// The exit code for a fault, in every command and in the server.
    pub const fn of(fault: &Fault) -> Self {
        match fault {
            Fault::Unavailable(_) | Fault::Overloaded(_) => Self::StoreUnavailable,
            Fault::Unfit(_) => Self::Configuration,
            Fault::Throttled { .. } | Fault::Internal(_) => Self::Failure,
        }
    }

    /// The numeric exit code.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// Its meaning, for help and documents.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Success => "done",
            Self::Failure => "it did not work: unhealthy, mail not taken, or a reason without a code of its own",
            Self::Usage => "the command line is wrong",
            Self::Configuration => "the configuration is wrong, or the data directory or the store does not fit it",
            Self::StoreUnavailable => "the store cannot be reached, or has not been migrated",
            Self::NotFound => "there is no such account",
            Self::Conflict => {
                "the e-mail or user name is taken, it is the last active root, the file exists, or the store is not empty"
            }
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// The list of exit codes at the end of every long help.
pub fn help() -> String {
    let lines: Vec<String> = Exit::ALL.iter().map(|exit| format!("  {}  {}", exit.code(), exit.meaning())).collect();
    format!("Exit codes:\n{}", lines.join("\n"))
}

/// The table of exit codes, for docs/configuration.md.
pub fn reference() -> String {
    let rows = Exit::ALL.iter().map(|exit| format!("| {} | {} |", exit.code(), exit.meaning()));
    ["| Code | Meaning |", "|---|---|"].map(str::to_owned).into_iter().chain(rows).collect::<Vec<_>>().join("\n")
}
