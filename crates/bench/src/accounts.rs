//! The accounts that the load signs in to, made through the front door.

use serde::Deserialize;
use serde_json::json;

use crate::{
    Failure,
    wire::{Connection, Target},
};

/// `bare register`
#[derive(clap::Args)]
pub struct Args {
    /// Where to register, such as `http://127.0.0.1:3000/api/auth/register`.
    #[arg(long)]
    url: Target,
    /// How many accounts; their addresses are `bench-0@example.test` and so on (as `scripts/bench.d/load.lua` knows).
    #[arg(long, default_value_t = 64)]
    accounts: u32,
}

#[derive(Deserialize)]
struct Registered {
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    #[serde(rename = "_id")]
    id: String,
    token: String,
}

/// Registers the accounts and prints `ID TOKEN` of the first.
pub fn run(args: &Args) -> Result<(), Failure> {
    let mut connection = Connection::open(&args.url)?;
    for number in 0..args.accounts {
        let answer = connection.ask(&args.url.post(&json!({
            "fullName": format!("Bench Account {number}"),
            "email": format!("bench-{number}@example.test"),
            "password": "correct horse battery",
        })))?;
        if answer.status != 201 {
            let (status, body) = (answer.status, String::from_utf8_lossy(&answer.body));
            return Err(format!("registering account {number} answered {status}: {body}").into());
        }
        if number == 0 {
            let Registered { data } = serde_json::from_slice(&answer.body)?;
            println!("{} {}", data.id, data.token);
        }
    }
    Ok(())
}
