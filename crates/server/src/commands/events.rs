//! `events …`: showing security events.

use time::format_description::well_known::Rfc3339;
use vestibule_application::{Identity, Operator, accounts::AccountSelector, events::ListEvents};
use vestibule_domain::{AccountId, Actor, SecurityEvent};

use super::{report::Failure, with_store};
use crate::{
    cli::{EventsCommand, ListedEvents},
    config::Config,
    exit::Exit,
    terminal::output,
};

pub(super) fn run(config: &Config, command: &EventsCommand, json: bool) -> Exit {
    let EventsCommand::List(args) = command;
    with_store(config, async |app| match list(app, args).await {
        Ok(events) => output(&shown(&events, args.limit, json)),
        Err(failure) => failure.say(),
    })
}

async fn list(app: &Identity, args: &ListedEvents) -> Result<Vec<SecurityEvent>, Failure> {
    let account = match &args.account {
        Some(account) => Some(id_of(app, account).await?),
        None => None,
    };
    let input = ListEvents { account, before: args.before, limit: args.limit };
    Ok(app.list_events(Operator::at_the_console(), input).await?)
}

/// An id need not be an account's any more: what happened to one that is gone is told too.
async fn id_of(app: &Identity, account: &AccountSelector) -> Result<AccountId, Failure> {
    let found = async || app.find_account(Operator::at_the_console().as_reader(), account).await;
    match account {
        AccountSelector::Id(id) => Ok(*id),
        AccountSelector::IdOrUsername(id, _) => Ok(found().await?.map_or(*id, |account| account.id())),
        AccountSelector::Email(_) | AccountSelector::Username(_) => {
            Ok(found().await?.ok_or_else(Failure::no_account)?.id())
        }
    }
}

fn shown(events: &[SecurityEvent], limit: u32, json: bool) -> String {
    if json {
        let events: serde_json::Value = events.iter().map(as_json).collect();
        return serde_json::json!({ "events": events }).to_string();
    }
    let mut lines: Vec<String> = events.iter().map(as_line).collect();
    match events.last() {
        None => lines.push("no events".to_owned()),
        Some(last) if u32::try_from(events.len()).is_ok_and(|count| count >= limit) => {
            lines.push(format!("… perhaps more: --before {}", last.id.hex()));
        }
        Some(_) => {}
    }
    lines.join("\n")
}

fn as_json(event: &SecurityEvent) -> serde_json::Value {
    serde_json::json!({
        "id": event.id.hex(),
        "at": event.at.format(&Rfc3339).ok(),
        "kind": event.kind.as_str(),
        "account": event.account.map(AccountId::hex),
        "actor": actor(event.actor),
        "source": event.origin.as_ref().map(|origin| origin.source.to_string()),
        "request": event.origin.as_ref().map(|origin| origin.request.as_str()),
    })
}

fn as_line(event: &SecurityEvent) -> String {
    let origin = event
        .origin
        .as_ref()
        .map_or_else(|| "-".to_owned(), |origin| format!("{} (request {})", origin.source, origin.request.as_str()));
    format!(
        "{:<27}  {:<15}  account {:<24}  by {}  from {origin}",
        event.at.format(&Rfc3339).unwrap_or_default(),
        event.kind.as_str(),
        event.account.map_or_else(|| "-".to_owned(), AccountId::hex),
        actor(event.actor),
    )
}

fn actor(actor: Actor) -> String {
    match actor {
        Actor::Anyone => "anyone".to_owned(),
        Actor::Operator => "operator".to_owned(),
        Actor::Account(id) => id.hex(),
    }
}
