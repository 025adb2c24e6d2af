//! The command line, as clap reads it; what a command does is elsewhere.

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
    /// The configuration file; otherwise that of `VESTIBULE_CONFIG`, or ./vestibule.toml if it exists.
    #[arg(long, global = true, value_name = "PATH")]
    pub config: Option<PathBuf>,

    /// Write the outcome as JSON, where there is any.
    #[arg(long, global = true)]
    pub json: bool,

    /// What to do; serve if nothing is given.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum Command {
    /// Serve HTTP until SIGTERM or SIGINT (this is what happens without a command).
    Serve,
    /// Bring the store's schema up to date.
    Migrate {
        /// What else to do about migrations.
        #[command(subcommand)]
        command: Option<MigrateCommand>,
    },
    /// Look after accounts; the last active root can be neither demoted, disabled nor deleted.
    #[command(subcommand)]
    User(UserCommand),
    /// Look at what happened to accounts.
    #[command(subcommand)]
    Events(EventsCommand),
    /// Look after mail.
    #[command(subcommand)]
    Mail(MailCommand),
    /// Look after the secret.
    #[command(subcommand)]
    Secret(SecretCommand),
    /// Look at the configuration.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Print the OpenAPI 3.1 document of all enabled dialects.
    Openapi,
    /// Ask a running server whether it is ready; for container health checks.
    Healthcheck {
        /// The base URL of the server; otherwise the configured listener.
        #[arg(long, value_name = "URL")]
        url: Option<String>,
    },
    /// Print the completions of a shell, to be put where it looks for them.
    #[command(after_help = "Example:\n  vestibule completions bash > /usr/share/bash-completion/completions/vestibule")]
    Completions {
        /// Of which shell.
        #[arg(value_name = "SHELL")]
        shell: Shell,
    },
    /// Print the manual page, as roff.
    #[command(after_help = "Example:\n  vestibule man > /usr/local/share/man/man1/vestibule.1")]
    Man,
    /// Print the licences of what this program contains.
    Licenses,
    /// Print the version.
    Version,
}

/// What else to do about migrations.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum MigrateCommand {
    /// List every migration and whether it has been applied; changes nothing.
    Status,
}

/// What to do about accounts.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum UserCommand {
    /// Make an active account with a proven mailbox, and print its id.
    #[command(
        after_help = "Example:\n  printf '%s' \"$PASSWORD\" | vestibule user create --email root@example.org --role root --password-stdin"
    )]
    Create(CreateUser),
    /// Show an account.
    Show(AccountArgs),
    /// List accounts, oldest first.
    List(ListUsers),
    /// Set the password of an account, which ends its tokens.
    #[command(
        after_help = "Example:\n  printf '%s' \"$PASSWORD\" | vestibule user set-password root@example.org --password-stdin"
    )]
    SetPassword {
        /// Which account.
        #[command(flatten)]
        account: AccountArgs,
        /// Read the password from standard input, up to the end of the line.
        #[arg(long, required = true)]
        password_stdin: bool,
    },
    /// Set the role of an account.
    #[command(after_help = "Example:\n  vestibule user set-role jo@example.org admin")]
    SetRole(SetRole),
    /// Disable an account, which ends its tokens and keeps it from signing in.
    Disable(AccountArgs),
    /// Enable a disabled account.
    Enable(AccountArgs),
    /// List the sessions of an account that can be used, the one that began last first.
    ///
    /// A sign-in of a dialect without refresh tokens begins none: its access token lives until it expires.
    Sessions(AccountArgs),
    /// End every session and token of an account: all its clients have to sign in again.
    EndSessions(AccountArgs),
    /// Delete an account with everything that belongs to it.
    Delete {
        /// Which account.
        #[command(flatten)]
        account: AccountArgs,
        /// Yes, delete it: it cannot be had back.
        #[arg(long, required = true)]
        yes: bool,
    },
}

/// What to do about security events.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum EventsCommand {
    /// List sign-ins, refused ones, used-up refresh tokens, changes of passwords and roles, blocks and deletions, newest
    /// first.
    #[command(after_help = "Example:\n  vestibule events list --account jo@example.org --limit 20")]
    List(ListedEvents),
}

/// Which events to list.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct ListedEvents {
    /// Only those of this account: its id (24 hex digits or a UUID; also of one that is gone), e-mail address or user
    /// name.
    #[arg(long, value_name = "ACCOUNT")]
    pub account: Option<AccountSelector>,
    /// Only those before this one: an id of a list (24 hex digits or a UUID).
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
    /// The full name of its owner.
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
    /// Only accounts of this role: user, admin or root.
    #[arg(long)]
    pub role: Option<Role>,
    /// Only accounts whose password hash has a higher bcrypt cost than this, such as imported ones.
    #[arg(long, value_name = "COST", value_parser = clap::value_parser!(u8).range(0..=31))]
    pub hash_cost_above: Option<u8>,
    /// The most accounts to list, up to 1000.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub limit: u32,
    /// Only accounts after this id (24 hex digits or a UUID), as the last one of a list before.
    #[arg(long, value_name = "ID", value_parser = AccountId::parse)]
    pub after: Option<AccountId>,
}

/// A change of role.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct SetRole {
    /// Which account.
    #[command(flatten)]
    pub account: AccountArgs,
    /// The new role: user, admin or root.
    #[arg(value_name = "ROLE", required_unless_present = "role")]
    positional: Option<Role>,
    /// The new role, for those who prefer to name it.
    #[arg(long, conflicts_with = "positional")]
    role: Option<Role>,
}

impl SetRole {
    /// The new role; clap sees to it that there is one, so without any it is the least.
    pub fn role(&self) -> Role {
        self.positional.or(self.role).unwrap_or(Role::User)
    }
}

/// What to do about mail.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum MailCommand {
    /// Mail that waits or was given up.
    #[command(flatten)]
    Outbox(OutboxCommand),
    /// Send a mail at once, past the outbox, and show what the mail server said.
    Test {
        /// To whom.
        #[arg(long, value_name = "ADDR")]
        to: EmailAddress,
    },
}

/// What to do about mail that waits or was given up.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum OutboxCommand {
    /// List mail that waits for delivery, oldest first, or that was given up.
    #[command(after_help = "Example:\n  vestibule mail list --dead --limit 20")]
    List {
        /// Mail that was given up, the last one first.
        #[arg(long)]
        dead: bool,
        /// How many to list, at most 1000.
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1000))]
        limit: u32,
    },
    /// Show a mail without its content, which may hold a code.
    Show {
        /// An id of a list (24 hex digits or a UUID).
        #[arg(value_name = "ID", value_parser = MailId::parse)]
        id: MailId,
    },
    /// Try mail that was put off at once; a running server does so within seconds.
    ///
    /// Mail that was given up is not tried again: its content is gone, and its code has expired or its address takes no mail.
    #[command(after_help = "Example:\n  vestibule mail retry --all")]
    Retry {
        /// An id of a list (24 hex digits or a UUID).
        #[arg(value_name = "ID", value_parser = MailId::parse, required_unless_present = "all")]
        id: Option<MailId>,
        /// All mail that was put off.
        #[arg(long, conflicts_with = "id")]
        all: bool,
    },
}

/// What to do about the secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Subcommand)]
pub enum SecretCommand {
    /// Make the configured secret the one of the store, after it was changed on purpose; stop every node first.
    ///
    /// Access tokens, reset tokens, codes, links and waiting mail of before are void, and documents that were stored are
    /// unreadable; accounts and passwords stay.
    Adopt {
        /// Yes, what was made with the secret of before is to be void.
        #[arg(long, required = true)]
        yes: bool,
    },
}

/// What to do about the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Subcommand)]
pub enum ConfigCommand {
    /// Say everything that is wrong with it, and what would keep the server from starting on this machine as this user.
    Check {
        /// Ask the store, the mail server and the bucket too; nothing is changed there, and no mail is sent.
        #[arg(long)]
        connect: bool,
    },
    /// Print the values in force and where each came from; secrets are not shown.
    Print,
    /// Print a configuration file with every key and its meaning.
    Example,
}
