//! The command line, as clap reads it; the commands themselves are in `commands`.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;
use vestibule_application::accounts::AccountSelector;
use vestibule_domain::{AccountId, EmailAddress, EventId, MailId, Role, Username};

use crate::exit;

const EXAMPLES: &str = "\
Examples:
  vestibule                                   serve with the defaults, on http://127.0.0.1:3000
  vestibule --config /etc/vestibule.toml      serve with a configuration file
  vestibule config example > vestibule.toml   begin such a file
  printf '%s' \"$PASSWORD\" | vestibule user create --email root@example.org --role root --password-stdin
";

/// Accounts, e-mailed codes and tokens, self-hosted.
#[derive(Debug, Parser)]
#[command(name = "vestibule", version, max_term_width = 100)]
#[command(after_help = "Run `vestibule --help` for examples and exit codes.")]
#[command(after_long_help = format!("{EXAMPLES}\n{}", exit::help()))]
pub struct Cli {
    /// The configuration file; by default that of `VESTIBULE_CONFIG`, or ./vestibule.toml if it exists.
    #[arg(long, global = true, value_name = "PATH")]
    pub config: Option<PathBuf>,

    /// Print the result as JSON, if the command has one.
    #[arg(long, global = true)]
    pub json: bool,

    /// The command; `serve` by default.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// The commands.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum Command {
    /// Serve HTTP until SIGTERM or SIGINT (the default command).
    Serve,
    /// Migrate the store's schema to the latest version.
    Migrate {
        /// Other commands about migrations.
        #[command(subcommand)]
        command: Option<MigrateCommand>,
    },
    /// Manage accounts; the last active root can be neither demoted, disabled nor deleted.
    #[command(subcommand)]
    User(UserCommand),
    /// Show the security events of accounts.
    #[command(subcommand)]
    Events(EventsCommand),
    /// Manage mail.
    #[command(subcommand)]
    Mail(MailCommand),
    /// Manage the secret.
    #[command(subcommand)]
    Secret(SecretCommand),
    /// Move an installation to another store.
    #[command(subcommand)]
    Store(StoreCommand),
    /// Check and show the configuration.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Print the OpenAPI 3.1 document of all enabled dialects.
    Openapi,
    /// Check whether a running server is ready; for container health checks.
    Healthcheck {
        /// The base URL of the server; by default the configured listener.
        #[arg(long, value_name = "URL")]
        url: Option<String>,
    },
    /// Print a shell's completions, to be saved where the shell looks for them.
    #[command(after_help = "Example:\n  vestibule completions bash > /usr/share/bash-completion/completions/vestibule")]
    Completions {
        /// The shell.
        #[arg(value_name = "SHELL")]
        shell: Shell,
    },
    /// Print the manual page, as roff.
    #[command(after_help = "Example:\n  vestibule man > /usr/local/share/man/man1/vestibule.1")]
    Man,
    /// Print the licences of the software in this program.
    Licenses,
    /// Print the version.
    Version,
}

/// Other commands about migrations.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum MigrateCommand {
    /// List every migration and whether it has been applied; changes nothing.
    Status,
}

/// The commands about accounts.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum UserCommand {
    /// Create an active account with a proven mailbox, and print its id.
    #[command(
        after_help = "Example:\n  printf '%s' \"$PASSWORD\" | vestibule user create --email root@example.org --role root --password-stdin"
    )]
    Create(CreateUser),
    /// Show an account.
    Show(AccountArgs),
    /// List accounts, oldest first.
    List(ListUsers),
    /// Set the password of an account and end its tokens.
    #[command(
        after_help = "Example:\n  printf '%s' \"$PASSWORD\" | vestibule user set-password root@example.org --password-stdin"
    )]
    SetPassword {
        /// The account.
        #[command(flatten)]
        account: AccountArgs,
        /// Read the password from standard input, up to the end of the line.
        #[arg(long, required = true)]
        password_stdin: bool,
    },
    /// Set the role of an account.
    #[command(after_help = "Example:\n  vestibule user set-role jo@example.org admin")]
    SetRole(SetRole),
    /// Disable an account: it cannot sign in, and its tokens end.
    Disable(AccountArgs),
    /// Enable a disabled account.
    Enable(AccountArgs),
    /// List the usable sessions of an account, the newest first.
    ///
    /// A sign-in of a dialect without refresh tokens has no session: its access token lives until it expires.
    Sessions(AccountArgs),
    /// End every session and token of an account: all its clients must sign in again.
    EndSessions(AccountArgs),
    /// Delete an account with everything that belongs to it.
    Delete {
        /// The account.
        #[command(flatten)]
        account: AccountArgs,
        /// Confirm the deletion, which cannot be undone.
        #[arg(long, required = true)]
        yes: bool,
    },
}

/// The commands about security events.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum EventsCommand {
    /// List sign-ins, refused sign-ins, reused refresh tokens, changes of passwords and roles, blocks and deletions, newest
    /// first.
    #[command(after_help = "Example:\n  vestibule events list --account jo@example.org --limit 20")]
    List(ListedEvents),
}

/// Which events to list.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct ListedEvents {
    /// Only events of this account: its id (24 hex digits or a UUID; also of a removed account), e-mail address or user
    /// name.
    #[arg(long, value_name = "ACCOUNT")]
    pub account: Option<AccountSelector>,
    /// Only events before this one: an id from a list (24 hex digits or a UUID).
    #[arg(long, value_name = "ID", value_parser = EventId::parse)]
    pub before: Option<EventId>,
    /// How many to list, at most 1000.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub limit: u32,
}

/// The account that a command is about.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct AccountArgs {
    /// Its id (24 hex digits or a UUID), e-mail address or user name.
    #[arg(value_name = "ACCOUNT")]
    pub account: AccountSelector,
}

/// A new account.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct CreateUser {
    /// Its e-mail address.
    #[arg(long)]
    pub email: EmailAddress,
    /// Its user name: 3 to 30 of A-Z a-z 0-9 . - _
    #[arg(long, value_parser = Username::parse)]
    pub username: Option<Username>,
    /// The owner's full name.
    #[arg(long)]
    pub name: Option<String>,
    /// Its role: user, admin or root.
    #[arg(long)]
    pub role: Role,
    /// Read the password from standard input, up to the end of the line.
    #[arg(long, required = true)]
    pub password_stdin: bool,
}

/// Which accounts to list.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct ListUsers {
    /// Only accounts with this role: user, admin or root.
    #[arg(long)]
    pub role: Option<Role>,
    /// Only accounts whose password hash has a higher bcrypt cost than this, such as imported ones.
    #[arg(long, value_name = "COST", value_parser = clap::value_parser!(u8).range(0..=31))]
    pub hash_cost_above: Option<u8>,
    /// How many to list, at most 1000.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub limit: u32,
    /// Only accounts after this id (24 hex digits or a UUID), such as the last one of the previous list.
    #[arg(long, value_name = "ID", value_parser = AccountId::parse)]
    pub after: Option<AccountId>,
}

/// A change of role.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct SetRole {
    /// The account.
    #[command(flatten)]
    pub account: AccountArgs,
    /// The new role: user, admin or root.
    #[arg(value_name = "ROLE", required_unless_present = "role")]
    positional: Option<Role>,
    /// The new role, as an option.
    #[arg(long, conflicts_with = "positional")]
    role: Option<Role>,
}

impl SetRole {
    /// The new role; clap ensures that one is given, otherwise it would be the lowest.
    pub fn role(&self) -> Role {
        self.positional.or(self.role).unwrap_or(Role::User)
    }
}

/// The commands about mail.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum MailCommand {
    /// Waiting and dead mail.
    #[command(flatten)]
    Outbox(OutboxCommand),
    /// Send a mail at once, bypassing the outbox, and show the mail server's answers.
    Test {
        /// The recipient.
        #[arg(long, value_name = "ADDR")]
        to: EmailAddress,
    },
}

/// The commands about waiting and dead mail.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum OutboxCommand {
    /// List mail that waits for delivery, oldest first, or dead mail.
    #[command(after_help = "Example:\n  vestibule mail list --dead --limit 20")]
    List {
        /// List mail that was given up instead, the latest first.
        #[arg(long)]
        dead: bool,
        /// How many to list, at most 1000.
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1000))]
        limit: u32,
    },
    /// Show a mail without its content, which may hold a code.
    Show {
        /// An id from a list (24 hex digits or a UUID).
        #[arg(value_name = "ID", value_parser = MailId::parse)]
        id: MailId,
    },
    /// Retry delayed mail at once; a running server does so within seconds.
    ///
    /// Mail that was given up cannot be retried: its content is gone, and its code has expired or its address accepts no
    /// mail.
    #[command(after_help = "Example:\n  vestibule mail retry --all")]
    Retry {
        /// An id from a list (24 hex digits or a UUID).
        #[arg(value_name = "ID", value_parser = MailId::parse, required_unless_present = "all")]
        id: Option<MailId>,
        /// All delayed mail.
        #[arg(long, conflicts_with = "id")]
        all: bool,
    },
}

/// The commands about the secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Subcommand)]
pub enum SecretCommand {
    /// Accept a deliberately changed secret as the secret of the store; stop every node first.
    ///
    /// This invalidates access tokens, reset tokens, codes, links and waiting mail, and stored documents become unreadable;
    /// accounts and passwords stay.
    Adopt {
        /// Confirm that everything made with the previous secret becomes invalid.
        #[arg(long, required = true)]
        yes: bool,
    },
}

/// The commands about everything in the store.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum StoreCommand {
    /// Export everything in the store, as of one moment, as lines of JSON.
    ///
    /// The contents of documents and pictures and the secret are not included: copy them as files. Stop every server first: later
    /// changes are not in the export.
    #[command(
        after_help = "Example:\n  vestibule --config old.toml store export - | vestibule --config new.toml store import -"
    )]
    Export {
        /// A new file, readable by its owner only; or `-` for standard output.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Replace the file if it exists.
        #[arg(long)]
        overwrite: bool,
    },
    /// Import an export into an empty store, all of it or nothing.
    ///
    /// The configured secret must be that of the exported installation. The export is checked for missing, changed and added lines before
    /// it is committed.
    #[command(after_help = "Example:\n  vestibule store import vestibule.jsonl")]
    Import {
        /// A file made by `store export`; or `-` for standard input.
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}

/// The commands about the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Subcommand)]
pub enum ConfigCommand {
    /// Report every error in it, and what would keep the server from starting on this machine as this user.
    Check {
        /// Also check the store, the mail server and the bucket, without changing anything or sending mail.
        #[arg(long)]
        connect: bool,
    },
    /// Print the effective values and where each came from; secrets are not shown.
    Print,
    /// Print a configuration file with every key and its meaning.
    Example,
}
