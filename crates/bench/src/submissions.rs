//! Submissions of profiles with large pictures, without pause: what the server does beside what is measured.

use std::{
    thread,
    time::{Duration, Instant},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use jpeg_encoder::{ColorType, Encoder};
use serde_json::json;

use crate::{
    Failure,
    wire::{Connection, Target},
};

/// The size of a picture in bytes.
const SIZE: usize = 2 << 20;
/// The sides of a picture in pixels.
const SIDES: (u16, u16) = (3000, 2000);

/// `bare submissions`
#[derive(clap::Args)]
pub struct Args {
    /// Where to post them, such as `http://127.0.0.1:3000/profiles/submission`.
    #[arg(long)]
    url: Target,
    /// How many are sent at once.
    #[arg(long, default_value_t = 16)]
    connections: usize,
    /// For how long a client begins another one.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
}

/// Prints submissions a second, and how many answers were no 200, as JSON; a 503 says that the queue of pictures is full.
pub fn run(args: &Args) -> Result<(), Failure> {
    let picture = format!("data:image/jpeg;base64,{}", STANDARD.encode(picture()?));
    let profile = json!({ "details": { "name": "Alex", "pic": { "thumb": picture, "detail": picture } } });
    let request = args.url.post(&profile);
    let end = Instant::now() + Duration::from_secs(args.seconds);
    let statuses = thread::scope(|scope| {
        let threads: Vec<_> = (0..args.connections).map(|_| scope.spawn(|| go_on(&args.url, &request, end))).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().map_err(|_| "a thread ended early")?)
            .collect::<Result<Vec<_>, Failure>>()
    })?
    .concat();
    let count = |wanted: fn(u16) -> bool| statuses.iter().filter(|status| wanted(**status)).count();
    let rps =
        f64::from(u32::try_from(count(|status| status == 200))?) / Duration::from_secs(args.seconds).as_secs_f64();
    let (refused, errors) = (count(|status| status == 503), count(|status| status != 200 && status != 503));
    println!("{}", json!({ "rps": rps, "errors": errors, "refused": refused }));
    Ok(())
}

fn go_on(url: &Target, request: &[u8], end: Instant) -> Result<Vec<u16>, Failure> {
    let mut statuses = Vec::new();
    while Instant::now() < end {
        let mut connection = Connection::open(url)?;
        statuses.push(connection.ask(request)?.status);
    }
    Ok(statuses)
}

/// A JPEG of just below the size: shades with noise, in the best quality that fits.
fn picture() -> Result<Vec<u8>, Failure> {
    let (width, height) = SIDES;
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut noise = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_be_bytes()[0] >> 3
    };
    let mut shade = |x: u16, y: u16| ((x / 24) ^ (y / 16)).to_be_bytes()[1].wrapping_add(noise());
    let pixels: Vec<u8> = (0..height)
        .flat_map(|y| (0..width).map(move |x| (x, y)))
        .flat_map(|(x, y)| [0; 3].map(|_| shade(x, y)))
        .collect();
    for quality in (10..=95).rev().step_by(5) {
        let mut bytes = Vec::new();
        Encoder::new(&mut bytes, quality).encode(&pixels, width, height, ColorType::Rgb)?;
        if bytes.len() <= SIZE {
            return Ok(bytes);
        }
    }
    Err("no quality makes the picture small enough".into())
}
