//! `user …`: managing accounts.

use std::io::{self, BufRead, IsTerminal, Read};

use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use vestibule_application::{
    AccountFilter, Identity, Operator, PageRequest,
    accounts::{AccountChange, AccountSelector, CreateAccount, NewRole, NewStatus, OpenSession},
};
use vestibule_domain::{
    Account, FullName, NewPassword, Permission, PermissionSet, PersonName, Username, password::PasswordError,
};

use super::{report::Failure, with_store};
use crate::{
    cli::{AccountArgs, CreateUser, ListUsers, UserCommand},
    config::Config,
    exit::Exit,
    terminal::output,
};

const OPERATOR: Operator = Operator::at_the_console();
/// More than any acceptable password.
const MAX_INPUT: u64 = 4_096;

pub(super) fn run(config: &Config, command: &UserCommand, json: bool) -> Exit {
    with_store(config, async |app| match dispatch(app, command, json).await {
        Ok(text) => output(&text),
        Err(failure) => failure.say(),
    })
}

async fn dispatch(app: &Identity, command: &UserCommand, json: bool) -> Result<String, Failure> {
    let shown = |account: Account| if json { as_json(&account).to_string() } else { as_text(&account) };
    match command {
        UserCommand::Create(input) => {
            let account = create(app, input).await?;
            Ok(if json { as_json(&account).to_string() } else { account.id().hex() })
        }
        UserCommand::Show(args) => Ok(shown(find(app, &args.account).await?)),
        UserCommand::List(args) => list(app, args, json).await,
        UserCommand::SetPassword { account, .. } => {
            let account = find(app, &account.account).await?;
            Ok(shown(app.set_account_password(OPERATOR, account.id(), read_password(app)?).await?))
        }
        UserCommand::SetRole(args) => {
            let change = AccountChange::role(NewRole::Exactly(args.role()));
            Ok(shown(self::change(app, &args.account.account, change).await?))
        }
        UserCommand::Disable(args) => {
            Ok(shown(change(app, &args.account, AccountChange::status(NewStatus::Suspended)).await?))
        }
        UserCommand::Enable(args) => {
            Ok(shown(change(app, &args.account, AccountChange::status(NewStatus::Active)).await?))
        }
        UserCommand::Sessions(args) => sessions(app, args, json).await,
        UserCommand::EndSessions(args) => {
            let ended = app.end_sessions(OPERATOR, find(app, &args.account).await?.id()).await?;
            Ok(if json {
                serde_json::json!({ "ended": ended }).to_string()
            } else {
                format!("{ended} ended; every token is void")
            })
        }
        UserCommand::Delete { account, .. } => {
            let account = find(app, &account.account).await?;
            app.remove_account(OPERATOR.authority_over(account.id())).await?;
            let id = account.id().hex();
            Ok(if json { serde_json::json!({ "deleted": id }).to_string() } else { format!("deleted {id}") })
        }
    }
}

async fn create(app: &Identity, input: &CreateUser) -> Result<Account, Failure> {
    let name = match &input.name {
        Some(text) => PersonName::Full(FullName::parse(text).map_err(|error| Failure::usage(error.to_string()))?),
        None => PersonName::UNKNOWN,
    };
    let account = CreateAccount {
        email: input.email.clone(),
        username: input.username.clone(),
        name,
        permissions: PermissionSet::default(),
        role: input.role,
        password: read_password(app)?,
    };
    Ok(app.create_account(OPERATOR.as_ruler(), account).await?)
}

async fn find(app: &Identity, account: &AccountSelector) -> Result<Account, Failure> {
    app.find_account(OPERATOR.as_reader(), account).await?.ok_or_else(Failure::no_account)
}

async fn change(app: &Identity, account: &AccountSelector, change: AccountChange) -> Result<Account, Failure> {
    let account = find(app, account).await?;
    Ok(app.change_account(OPERATOR.authority_over(account.id()), change).await?)
}

async fn list(app: &Identity, args: &ListUsers, json: bool) -> Result<String, Failure> {
    let page = PageRequest { after: args.after, limit: args.limit };
    let filter = AccountFilter { role: args.role, hash_cost_above: args.hash_cost_above };
    let page = app.list_accounts(OPERATOR.as_reader(), filter, page).await?;
    if json {
        let users: serde_json::Value = page.items.iter().map(as_json).collect();
        return Ok(serde_json::json!({ "users": users, "hasMore": page.has_more }).to_string());
    }
    let mut lines: Vec<String> = page.items.iter().map(as_line).collect();
    if let (true, Some(last)) = (page.has_more, page.items.last()) {
        lines.push(format!("… more: --after {}", last.id().hex()));
    }
    Ok(lines.join("\n"))
}

async fn sessions(app: &Identity, args: &AccountArgs, json: bool) -> Result<String, Failure> {
    let account = find(app, &args.account).await?;
    let sessions = app.list_sessions(OPERATOR, &account).await?;
    let rows = sessions.iter().map(|OpenSession { session, expires_at }| {
        let last_use = session.last_use.map(|last| last.at);
        (session.id.hex(), session.began_at, last_use, *expires_at)
    });
    let at = |time: OffsetDateTime| time.format(&Rfc3339).unwrap_or_default();
    if json {
        let sessions: serde_json::Value = rows
            .map(|(id, began, last_use, expires)| {
                serde_json::json!({
                    "id": id, "beganAt": at(began), "lastUsedAt": last_use.map(at), "expiresAt": at(expires)
                })
            })
            .collect();
        return Ok(serde_json::json!({ "sessions": sessions }).to_string());
    }
    let lines: Vec<String> = rows
        .map(|(id, began, last_use, expires)| {
            let last_use = last_use.map_or_else(|| "-".to_owned(), at);
            format!("{id}  began {}  last used {last_use}  expires {}", at(began), at(expires))
        })
        .collect();
    Ok(if lines.is_empty() { "no sessions".to_owned() } else { lines.join("\n") })
}

/// A new password: the first line of standard input, without its line end; on a terminal it is prompted for and not echoed.
fn read_password(app: &Identity) -> Result<NewPassword, Failure> {
    let line = read_line().map_err(Failure::usage)?;
    let rules = app.operator_password_rules();
    rules.check(&line).map_err(|error| {
        Failure::usage(match error {
            PasswordError::Common => format!("{error}: choose another one"),
            PasswordError::TooShort | PasswordError::TooLong | PasswordError::Nul => {
                format!("{error}: it must have {} characters to 72 bytes", rules.min_chars())
            }
        })
    })
}

fn read_line() -> Result<String, String> {
    let stdin = io::stdin();
    if stdin.is_terminal() {
        return ask_twice(rpassword::prompt_password);
    }
    let mut line = Vec::new();
    let read = stdin.lock().take(MAX_INPUT).read_until(b'\n', &mut line);
    read.map_err(|error| format!("standard input cannot be read: {error}"))?;
    let line = String::from_utf8(line).map_err(|_| "there is no UTF-8 text on standard input".to_owned())?;
    let line = line.strip_suffix('\n').unwrap_or(&line);
    Ok(line.strip_suffix('\r').unwrap_or(line).to_owned())
}

/// A hidden password with a typo would lock out the account's owner.
fn ask_twice(mut ask: impl FnMut(&'static str) -> io::Result<String>) -> Result<String, String> {
    let mut ask = |prompt| ask(prompt).map_err(|error| format!("the password cannot be asked for: {error}"));
    let password = ask("Password: ")?;
    if ask("Password again: ")? == password { Ok(password) } else { Err("the two passwords differ".to_owned()) }
}

fn as_json(account: &Account) -> serde_json::Value {
    serde_json::json!({
        "id": account.id().hex(),
        "uuid": account.id().uuid().to_string(),
        "email": account.email().as_str(),
        "username": account.username().map(Username::as_str),
        "name": account.name().full(),
        "role": account.role().as_str(),
        "status": account.status().as_str(),
        "permissions": account.permissions().iter().map(Permission::as_str).collect::<Vec<_>>(),
        "passwordChangeDue": account.password_change_due(),
        "mailboxProvenAt": account.mailbox_proven_at().and_then(|at| at.format(&Rfc3339).ok()),
        "createdAt": account.created_at().format(&Rfc3339).ok(),
        "updatedAt": account.updated_at().format(&Rfc3339).ok(),
    })
}

fn as_text(account: &Account) -> String {
    let fields = as_json(account);
    let Some(fields) = fields.as_object() else { return String::new() };
    let line = |(name, value): (&String, &serde_json::Value)| {
        let value = match value {
            serde_json::Value::Null => "-".to_owned(),
            serde_json::Value::String(text) => text.clone(),
            serde_json::Value::Array(items) => {
                items.iter().filter_map(serde_json::Value::as_str).collect::<Vec<_>>().join(", ")
            }
            other => other.to_string(),
        };
        format!("{name:<18} {value}")
    };
    fields.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn as_line(account: &Account) -> String {
    let username = account.username().map_or("-", Username::as_str);
    format!(
        "{}  {:<5}  {:<8}  {}  {username}",
        account.id().hex(),
        account.role().as_str(),
        account.status().as_str(),
        account.email()
    )
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::ask_twice;

    #[test]
    fn a_password_that_is_not_shown_is_typed_twice_alike() {
        let typed = |words: [&str; 2]| {
            let mut words = words.map(str::to_owned).into_iter();
            ask_twice(|_| Ok(words.next().unwrap()))
        };
        assert_eq!(typed(["battery", "battery"]), Ok("battery".to_owned()));
        assert_eq!(typed(["battery", "batery"]), Err("the two passwords differ".to_owned()));
    }

    #[test]
    fn what_keeps_a_password_from_being_asked_for_is_told() {
        let no_terminal = ask_twice(|_| Err(io::Error::other("no /dev/tty")));
        assert_eq!(no_terminal, Err("the password cannot be asked for: no /dev/tty".to_owned()));
    }
}
