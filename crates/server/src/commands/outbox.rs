//! `mail list`, `mail show` and `mail retry`: waiting and dead mail.

use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use vestibule_application::{
    Fault, Identity, Operator,
    mail::{OutboxEntries, OutboxList},
};
use vestibule_domain::{MailId, mail::OutboxEntry};

use super::{report, with_store};
use crate::{
    cli::OutboxCommand,
    config::Config,
    exit::Exit,
    terminal::{complain, output},
};

const OPERATOR: Operator = Operator::at_the_console();

pub(super) fn run(config: &Config, command: &OutboxCommand, json: bool) -> Exit {
    with_store(config, async |app| match command {
        OutboxCommand::List { dead, limit } => list(app, *dead, *limit, json).await,
        OutboxCommand::Show { id } => show(app, *id, json).await,
        OutboxCommand::Retry { id, .. } => retry(app, *id, json).await,
    })
}

async fn list(app: &Identity, dead: bool, limit: u32, json: bool) -> Exit {
    let list = if dead { OutboxList::Dead } else { OutboxList::Waiting };
    told(app.list_outbox(OPERATOR, list, limit).await, |found| {
        output(&if json { list_as_json(found) } else { list_as_text(found) })
    })
}

async fn show(app: &Identity, id: MailId, json: bool) -> Exit {
    told(app.find_mail(OPERATOR, id).await, |found| match found {
        Some(entry) if json => output(&as_json(entry).to_string()),
        Some(entry) => output(&as_text(entry)),
        None => not_found(),
    })
}

async fn retry(app: &Identity, id: Option<MailId>, json: bool) -> Exit {
    if let Some(id) = id {
        match app.find_mail(OPERATOR, id).await {
            Err(fault) => return report::fault(&fault),
            Ok(None) => return not_found(),
            Ok(Some(OutboxEntry { dead_at: Some(_), .. })) => {
                complain("this mail was given up and its content is gone: let its recipient ask for another one");
                return Exit::Conflict;
            }
            Ok(Some(_)) => {}
        }
    }
    told(app.retry_mail(OPERATOR, id).await, |hastened| {
        output(&if json {
            serde_json::json!({ "due": hastened }).to_string()
        } else {
            format!("{hastened} put off before, due now")
        })
    })
}

fn told<T>(outcome: Result<T, Fault>, tell: impl FnOnce(&T) -> Exit) -> Exit {
    match outcome {
        Ok(value) => tell(&value),
        Err(fault) => report::fault(&fault),
    }
}

fn not_found() -> Exit {
    complain("there is no such mail: it was delivered, or removed some time after it was given up");
    Exit::NotFound
}

fn list_as_json(found: &OutboxEntries) -> String {
    let mails: serde_json::Value = found.entries.iter().map(as_json).collect();
    serde_json::json!({ "mails": mails, "total": found.total }).to_string()
}

fn list_as_text(found: &OutboxEntries) -> String {
    let mut lines: Vec<String> = found.entries.iter().map(as_line).collect();
    if lines.is_empty() {
        lines.push("no mail".to_owned());
    } else if found.total > found.entries.len() as u64 {
        lines.push(format!("… {} of {}", found.entries.len(), found.total));
    }
    lines.join("\n")
}

fn as_json(entry: &OutboxEntry) -> serde_json::Value {
    serde_json::json!({
        "id": entry.id.hex(),
        "to": entry.to.as_str(),
        "attempts": entry.attempts,
        "createdAt": at(entry.created_at),
        "dueAt": at(entry.due_at),
        "expiresAt": at(entry.expires_at),
        "deadAt": entry.dead_at.map(at),
        "lastError": entry.last_error,
    })
}

fn as_text(entry: &OutboxEntry) -> String {
    let fields = [
        ("id", entry.id.hex()),
        ("to", entry.to.to_string()),
        ("attempts", entry.attempts.to_string()),
        ("created", at(entry.created_at)),
        ("due", at(entry.due_at)),
        ("expires", at(entry.expires_at)),
        ("given up", entry.dead_at.map_or_else(|| "-".to_owned(), at)),
        ("last error", last_error(entry)),
    ];
    fields.map(|(name, value)| format!("{name:<11} {value}")).join("\n")
}

fn as_line(entry: &OutboxEntry) -> String {
    let when = match entry.dead_at {
        Some(dead_at) => format!("given up {}", at(dead_at)),
        None => format!("due {}", at(entry.due_at)),
    };
    format!("{}  {when}  attempts {}  {}  {}", entry.id.hex(), entry.attempts, entry.to, last_error(entry))
}

/// On one line: a mail server's words may contain line breaks or control characters.
fn last_error(entry: &OutboxEntry) -> String {
    let error = entry.last_error.as_deref().unwrap_or("-");
    error.chars().map(|character| if character.is_control() { ' ' } else { character }).collect()
}

fn at(time: OffsetDateTime) -> String {
    time.format(&Rfc3339).unwrap_or_default()
}
