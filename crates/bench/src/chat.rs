//! Conversations: sending, live streams, and reading from a long one. Each tool works on the server and on the bare routes
//! alike: it is told the paths, and whose tokens to use.

use std::{fs, path::PathBuf};

use serde_json::{Value, json};

use crate::{Failure, crowd, wire::Target};

pub mod callers;
pub mod delivery;
pub mod history;
pub mod log;
pub mod send;
mod sse;
pub mod streams;

/// `bare chat`
#[derive(clap::Subcommand)]
pub enum Command {
    /// Sign in and print `ID TOKEN` for each account.
    Callers(callers::Args),
    /// Write conversations into a database.
    History(history::Args),
    /// Send messages without pause.
    Send(send::Args),
    /// Open many streams on which nothing happens, and measure what each costs.
    Streams(streams::Args),
    /// Send messages at a constant rate and measure when their readers have them.
    Delivery(delivery::Args),
    /// Read the newest entries of a short and of a long conversation in turn.
    Log(log::Args),
}

/// Runs one of the tools.
pub fn run(command: &Command) -> Result<(), Failure> {
    match command {
        Command::Callers(args) => callers::run(args),
        Command::History(args) => history::run(args),
        Command::Send(args) => send::run(args),
        Command::Streams(args) => streams::run(args),
        Command::Delivery(args) => delivery::run(args),
        Command::Log(args) => log::run(args),
    }
}

/// Which conversations, and who asks for them.
#[derive(clap::Args)]
pub(crate) struct Whose {
    /// Where the server is, such as `http://127.0.0.1:3000/`.
    #[arg(long)]
    pub(crate) url: Target,
    /// A file with a line `ID TOKEN` for each caller.
    #[arg(long)]
    callers: PathBuf,
    /// Of so many accounts of the crowd, the callers in turn; without it, each caller's own.
    #[arg(long)]
    crowd: Option<u32>,
}

/// A conversation, by the account whose it is, and the token of a caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Conversation {
    id: String,
    pub(crate) token: String,
}

impl Whose {
    pub(crate) fn conversations(&self) -> Result<Vec<Conversation>, Failure> {
        let callers = parse(&fs::read_to_string(&self.callers)?)?;
        Ok(match self.crowd {
            None => callers,
            Some(count) => {
                let tokens = callers.iter().map(|caller| &caller.token).cycle();
                (0..count)
                    .zip(tokens)
                    .map(|(n, token)| Conversation { id: crowd::id(n), token: token.clone() })
                    .collect()
            }
        })
    }

    /// The path of a conversation, from one that says `{id}`.
    pub(crate) fn target(&self, path: &str, conversation: &Conversation) -> Target {
        Target { authority: self.url.authority.clone(), path: path.replace("{id}", &conversation.id) }
    }
}

fn parse(lines: &str) -> Result<Vec<Conversation>, Failure> {
    let callers: Option<Vec<_>> = lines.lines().map(|line| line.split_once(' ')).collect();
    let callers = callers.filter(|callers| !callers.is_empty()).ok_or("a line of callers is `ID TOKEN`")?;
    Ok(callers.into_iter().map(|(id, token)| Conversation { id: id.to_owned(), token: token.to_owned() }).collect())
}

/// What is sent: with the names of either side, so that the same body is good for both.
fn message(conversation: &Conversation, text: &str) -> Value {
    json!({ "userId": conversation.id, "userChats": text, "adminChats": text, "time": "10:30 AM" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callers_are_read_from_lines() {
        let callers = parse("a b\nc d\n").unwrap();
        assert_eq!((callers.len(), callers[1].id.as_str(), callers[1].token.as_str()), (2, "c", "d"));
        assert!(parse("").is_err());
        assert!(parse("alone").is_err());
    }
}
