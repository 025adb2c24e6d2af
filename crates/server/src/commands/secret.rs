//! `secret adopt`.

use vestibule_application::Operator;

use super::{report, with_store};
use crate::{
    cli::SecretCommand,
    config::Config,
    exit::Exit,
    terminal::{complain, output},
};

pub(super) fn run(config: &Config, command: SecretCommand, json: bool) -> Exit {
    let SecretCommand::Adopt { .. } = command;
    if config.database.store.is_in_memory() {
        complain("the memory store ends with its server, and so does its secret: there is nothing to adopt");
        return Exit::Configuration;
    }
    with_store(config, async |app| match app.adopt_secret(Operator::at_the_console()).await {
        Ok(servers) if json => output(&serde_json::json!({ "adopted": true, "servers": servers }).to_string()),
        Ok(servers) => output(&format!(
            "the configured secret is the one of the store now; access tokens, reset tokens, codes, links and waiting \
             mail of another one are void, and documents that were stored with it are unreadable\n{}",
            running(&servers)
        )),
        Err(fault) => report::fault(&fault),
    })
}

fn running(servers: &[String]) -> String {
    match servers {
        [] => "no running server is seen; one that reaches PostgreSQL through a pooler cannot be".to_owned(),
        servers => format!(
            "running servers: {}; each that has another secret ends within 5 s, and each that has this one goes on",
            servers.join(", ")
        ),
    }
}
