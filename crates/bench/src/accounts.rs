//! The accounts that the load signs in to, made through the front door.

use serde::Deserialize;
use serde_json::json;

use crate::{
    Failure,
    wire::{Connection, Target, ask_once},
};

/// The password of all accounts.
pub const PASSWORD: &str = "correct horse battery";

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

/// `bare sign-in`
#[derive(clap::Args)]
pub struct SignInArgs {
    /// Where to sign in, such as `http://127.0.0.1:3000/api/auth/signin`.
    #[arg(long)]
    url: Target,
    /// The address of the account.
    #[arg(long, default_value = "bench-0@example.test")]
    email: String,
}

#[derive(Deserialize)]
struct SignedIn {
    token: String,
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
            "password": PASSWORD,
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

/// Signs in and prints the token.
pub fn sign_in(args: &SignInArgs) -> Result<(), Failure> {
    let body = json!({ "email": args.email, "password": PASSWORD });
    let answer = ask_once(&args.url, &args.url.post(&body))?;
    if answer.status != 200 {
        return Err(format!("signing in answered {}: {}", answer.status, String::from_utf8_lossy(&answer.body)).into());
    }
    let SignedIn { token } = serde_json::from_slice(&answer.body)?;
    println!("{token}");
    Ok(())
}
