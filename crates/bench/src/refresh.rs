//! Refreshing without pause: each connection has a sign-in of its own and uses each refresh token once.

use std::{
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{
    Failure,
    accounts::PASSWORD,
    samples::percentile,
    wire::{Connection, Target},
};

/// `bare refresh`
#[derive(clap::Args)]
pub struct Args {
    /// The users of the dialect `ego`, such as `http://127.0.0.1:3000/api/v1/users`.
    #[arg(long)]
    url: Target,
    /// The address of the account.
    #[arg(long)]
    email: String,
    /// How many sign-ins refresh at once; the server must allow an account as many.
    #[arg(long, default_value_t = 64)]
    connections: u32,
    /// For how long.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
}

/// Prints refreshes a second and latencies in milliseconds as JSON.
pub fn run(args: &Args) -> Result<(), Failure> {
    let mut sign_ins = Vec::new();
    for _ in 0..args.connections {
        let mut connection = Connection::open(&args.url)?;
        let token =
            ask(&mut connection, &below(&args.url, "login"), &json!({ "email": args.email, "password": PASSWORD }))?;
        sign_ins.push((connection, token));
    }
    let (refresh, end) = (below(&args.url, "refresh-token"), Instant::now() + Duration::from_secs(args.seconds));
    let threads: Vec<_> = sign_ins
        .into_iter()
        .map(|(connection, token)| {
            let refresh = refresh.clone();
            thread::spawn(move || go_on(connection, token, &refresh, end))
        })
        .collect();
    let mut times = Vec::new();
    for thread in threads {
        times.extend(thread.join().map_err(|_| "a thread ended early")??);
    }
    times.sort_by(f64::total_cmp);
    let count = u32::try_from(times.len())?;
    let rps = f64::from(count) / Duration::from_secs(args.seconds).as_secs_f64();
    let [p50, p99, max] = [50.0, 99.0, 100.0].map(|percent| percentile(&times, percent));
    println!("{}", json!({ "rps": rps, "p50": p50, "p99": p99, "max": max, "errors": 0, "refused": 0 }));
    Ok(())
}

/// The milliseconds that each refresh took.
fn go_on(mut connection: Connection, mut token: String, refresh: &Target, end: Instant) -> Result<Vec<f64>, Failure> {
    let mut times = Vec::new();
    while Instant::now() < end {
        let sent = Instant::now();
        token = ask(&mut connection, refresh, &json!({ "refreshToken": token }))?;
        times.push(sent.elapsed().as_secs_f64() * 1e3);
    }
    Ok(times)
}

/// The refresh token in the answer.
fn ask(connection: &mut Connection, target: &Target, body: &Value) -> Result<String, Failure> {
    let answer = connection.ask(&target.post(body))?;
    let parsed: Value = serde_json::from_slice(&answer.body)?;
    let token = parsed["data"]["token"]["refreshToken"].as_str();
    Ok(token.ok_or_else(|| format!("{} answered {}: {parsed}", target.path, answer.status))?.to_owned())
}

fn below(users: &Target, path: &str) -> Target {
    Target { authority: users.authority.clone(), path: format!("{}/{path}", users.path) }
}
