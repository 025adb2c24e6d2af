//! The command line.

use clap::{CommandFactory, Parser, error::ErrorKind};
use vestibule_application::accounts::AccountSelector;
use vestibule_domain::{AccountId, EventId, MailId, Role, Username};
use vestibule_server::{
    cli::{
        Cli, Command, ConfigCommand, EventsCommand, MailCommand, MigrateCommand, OutboxCommand, SecretCommand,
        StoreCommand, UserCommand,
    },
    exit::Exit,
};

fn parse(line: &str) -> Result<Cli, clap::Error> {
    Cli::try_parse_from(std::iter::once("vestibule").chain(line.split_whitespace()))
}

fn command(line: &str) -> Command {
    parse(line).unwrap_or_else(|error| panic!("{error}")).command.expect("a command")
}

fn refusal(line: &str) -> ErrorKind {
    parse(line).expect_err(line).kind()
}

#[test]
fn the_definition_is_sound() {
    Cli::command().debug_assert();
}

#[test]
fn global_options_stand_before_or_behind_the_command() {
    assert!(parse("").unwrap().command.is_none());
    for line in ["--config x.toml --json config print", "config print --json --config x.toml"] {
        let cli = parse(line).unwrap();
        assert_eq!(cli.config.unwrap().to_str(), Some("x.toml"));
        assert!(cli.json);
        assert_eq!(cli.command, Some(Command::Config(ConfigCommand::Print)));
    }
}

#[test]
fn every_command_is_read() {
    assert_eq!(command("serve"), Command::Serve);
    assert_eq!(command("migrate"), Command::Migrate { command: None });
    assert_eq!(command("migrate status"), Command::Migrate { command: Some(MigrateCommand::Status) });
    assert_eq!(command("openapi"), Command::Openapi);
    assert_eq!(command("healthcheck"), Command::Healthcheck { url: None });
    assert_eq!(command("healthcheck --url http://h"), Command::Healthcheck { url: Some("http://h".to_owned()) });
    assert_eq!(command("version"), Command::Version);
    assert!(matches!(command("mail test --to A@shop.test"),
        Command::Mail(MailCommand::Test { to }) if to.as_str() == "a@shop.test"));
    assert_eq!(command("secret adopt --yes"), Command::Secret(SecretCommand::Adopt { yes: true }));
    assert_eq!(refusal("secret adopt"), ErrorKind::MissingRequiredArgument);
    let store = |line: &str| match command(line) {
        Command::Store(command) => command,
        other => panic!("{other:?}"),
    };
    assert_eq!(store("store export -"), StoreCommand::Export { file: "-".into(), overwrite: false });
    assert_eq!(store("store export a --overwrite"), StoreCommand::Export { file: "a".into(), overwrite: true });
    assert_eq!(store("store import a"), StoreCommand::Import { file: "a".into() });
    assert_eq!(refusal("store export"), ErrorKind::MissingRequiredArgument);
    for line in [
        "show joe",
        "disable joe",
        "enable joe",
        "delete joe --yes",
        "set-password joe --password-stdin",
        "list",
        "sessions joe",
        "end-sessions joe",
    ] {
        command(&format!("user {line}"));
    }
}

#[test]
fn mail_is_retried_by_its_id_or_all_of_it() {
    let outbox = |line: &str| match command(line) {
        Command::Mail(MailCommand::Outbox(command)) => command,
        other => panic!("{other:?}"),
    };
    let id = MailId::parse("507f1f77bcf86cd799439011").unwrap();
    assert_eq!(outbox("mail list"), OutboxCommand::List { dead: false, limit: 100 });
    assert_eq!(outbox("mail list --dead --limit 5"), OutboxCommand::List { dead: true, limit: 5 });
    assert_eq!(outbox("mail show 507f1f77bcf86cd799439011"), OutboxCommand::Show { id });
    assert_eq!(outbox("mail retry --all"), OutboxCommand::Retry { id: None, all: true });
    assert_eq!(outbox("mail retry 507f1f77bcf86cd799439011"), OutboxCommand::Retry { id: Some(id), all: false });
    assert_eq!(refusal("mail retry"), ErrorKind::MissingRequiredArgument);
    assert_eq!(refusal("mail retry 507f1f77bcf86cd799439011 --all"), ErrorKind::ArgumentConflict);
    assert_eq!(refusal("mail list --limit 1001"), ErrorKind::ValueValidation);
}

#[test]
fn an_account_is_made_with_its_password_from_standard_input_only() {
    let line = "user create --email jo@shop.test --username Jo_1 --name Jo --role admin";
    let Command::User(UserCommand::Create(create)) = command(&format!("{line} --password-stdin")) else { panic!() };
    assert_eq!((create.email.as_str(), create.role), ("jo@shop.test", Role::Admin));
    assert_eq!(create.username.unwrap().as_str(), "jo_1");
    assert_eq!(refusal(line), ErrorKind::MissingRequiredArgument);
    assert_eq!(refusal(&format!("{line} --password secret")), ErrorKind::UnknownArgument);
    assert_eq!(refusal("user create --email jo@shop.test --role boss --password-stdin"), ErrorKind::ValueValidation);
}

#[test]
fn the_role_is_named_or_just_said() {
    for line in ["user set-role joe admin", "user set-role joe --role admin"] {
        let Command::User(UserCommand::SetRole(set)) = command(line) else { panic!("{line}") };
        assert_eq!(set.role(), Role::Admin);
        assert_eq!(set.account.account.to_string(), "joe");
    }
    assert_eq!(refusal("user set-role joe"), ErrorKind::MissingRequiredArgument);
    assert_eq!(refusal("user set-role joe admin --role user"), ErrorKind::ArgumentConflict);
}

#[test]
fn deleting_asks_for_a_yes() {
    assert_eq!(refusal("user delete joe"), ErrorKind::MissingRequiredArgument);
}

#[test]
fn an_account_is_named_by_id_address_or_user_name() {
    let id = AccountId::from_hex("0123456789abcdef01234567").unwrap();
    let parse = |text: &str| text.parse::<AccountSelector>();
    let name = Username::parse(&id.hex()).unwrap();
    assert_eq!(parse(&id.hex()), Ok(AccountSelector::IdOrUsername(id, name)));
    assert_eq!(parse(&id.uuid().to_string()), Ok(AccountSelector::Id(id)));
    assert!(matches!(parse("JO@Shop.test"), Ok(AccountSelector::Email(email)) if email.as_str() == "jo@shop.test"));
    assert!(matches!(parse("jo.1"), Ok(AccountSelector::Username(name)) if name.as_str() == "jo.1"));
    for text in ["", "a@", "no spaces", "ab"] {
        assert!(parse(text).is_err(), "{text}");
    }
}

#[test]
fn an_id_is_taken_in_the_same_forms_everywhere() {
    let id = AccountId::from_hex("0123456789abcdef01234567").unwrap();
    for text in [id.hex(), id.uuid().to_string()] {
        let Command::User(UserCommand::List(list)) = command(&format!("user list --after {text}")) else { panic!() };
        assert_eq!(list.after, Some(id));
        let line = format!("events list --account {text} --before {text}");
        let Command::Events(EventsCommand::List(list)) = command(&line) else { panic!() };
        assert!(
            matches!(list.account, Some(AccountSelector::Id(of) | AccountSelector::IdOrUsername(of, _)) if of == id)
        );
        assert_eq!(list.before.map(EventId::hex), Some(id.hex()));
    }
    let foreign = "0e0c7d6a-7f3b-4a57-9d4f-3a0b8f6d2c11";
    assert_eq!(refusal(&format!("user list --after {foreign}")), ErrorKind::ValueValidation);
}

#[test]
fn the_long_help_tells_every_exit_code() {
    let help = Cli::command().render_long_help().to_string();
    for exit in Exit::ALL {
        assert!(help.contains(&format!("{}  {}", exit.code(), exit.meaning())), "{exit:?}");
    }
}
