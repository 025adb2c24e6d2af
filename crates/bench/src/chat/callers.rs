//! Signing in to many accounts.

use serde_json::{Value, json};

use crate::{
    Failure,
    accounts::PASSWORD,
    wire::{Connection, Target},
};

/// `bare chat callers`
#[derive(clap::Args)]
pub struct Args {
    /// The users of the dialect `rococoins`, such as `http://127.0.0.1:3000/user`.
    #[arg(long)]
    url: Target,
    /// Of `NAME-0@example.test`, `NAME-1@example.test` and so on.
    #[arg(long)]
    name: String,
    /// How many accounts.
    #[arg(long)]
    count: u32,
}

/// Prints a line for each account.
pub fn run(args: &Args) -> Result<(), Failure> {
    let mut connection = Connection::open(&args.url)?;
    for number in 0..args.count {
        let body = json!({ "email": format!("{}-{number}@example.test", args.name), "password": PASSWORD });
        let signed_in: Value = serde_json::from_slice(&connection.ask(&below(&args.url, "login").post(&body))?.body)?;
        let token = signed_in["token"].as_str().ok_or_else(|| format!("a sign-in answered {signed_in}"))?;
        let user: Value = serde_json::from_slice(&connection.ask(&below(&args.url, "verify").get(token))?.body)?;
        println!("{} {token}", user["_id"].as_str().ok_or_else(|| format!("an account answered {user}"))?);
    }
    Ok(())
}

fn below(users: &Target, path: &str) -> Target {
    Target { authority: users.authority.clone(), path: format!("{}/{path}", users.path) }
}
