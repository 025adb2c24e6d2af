//! Approved profiles with tags of every frequency: of each facet half have the tag `half`, and so on; `ten` are ten of all, and half
//! are `apart` in the first and the third facet, the others in the second and the fourth.

use std::{collections::BTreeMap, path::Path};

use sqlx::{AssertSqlSafe, Connection, PgConnection};
use time::{Duration, OffsetDateTime};
use vestibule_domain::{
    FullName, Profile, ProfileContent,
    id::Id96,
    profile::{Age, Details, Facet, NewProfile, Tag, Tags},
};
use vestibule_ports::Store as _;
use vestibule_sqlite::{SqliteOptions, SqliteStore};

use crate::{Failure, crowd::Store};

/// `bare profiles`
#[derive(clap::Args)]
pub struct Args {
    /// Which store.
    #[arg(long, value_enum, default_value_t = Store::Postgres)]
    store: Store,
    /// The URL of the database, whose tables the server made.
    #[arg(long)]
    database: String,
    /// How many.
    #[arg(long, default_value_t = 10_000)]
    profiles: u32,
    /// Whether their places in lists are a thousand numbers, and not all the same.
    #[arg(long)]
    spread: bool,
}

const STATEMENTS: &str = include_str!("../../adapters/postgres/tests/it/profiles.sql");
/// How many are stored in one unit of work of SQLite.
const TOGETHER: u32 = 1_000;

/// Writes the profiles, and lets PostgreSQL look at them, as it would by itself some minutes later.
pub fn run(args: &Args) -> Result<(), Failure> {
    let system = actix_web::rt::System::new();
    match args.store {
        Store::Postgres => system.block_on(by_statements(args)),
        Store::Sqlite => system.block_on(by_units(args)),
    }
}

async fn by_statements(args: &Args) -> Result<(), Failure> {
    let ord = if args.spread { "pg_temp.dice(n, 98, 1000)" } else { "0" };
    let statements = STATEMENTS.replace("{profiles}", &args.profiles.to_string()).replace("{ord}", ord);
    let mut connection = PgConnection::connect(&args.database).await?;
    sqlx::raw_sql(AssertSqlSafe(statements)).execute(&mut connection).await?;
    for table in ["VACUUM ANALYZE profiles", "VACUUM ANALYZE profile_terms"] {
        sqlx::raw_sql(table).execute(&mut connection).await?;
    }
    connection.close().await?;
    Ok(())
}

/// SQLite keeps the tags as sets of bits, which no statement writes.
async fn by_units(args: &Args) -> Result<(), Failure> {
    let path = args.database.strip_prefix("sqlite://").ok_or("a URL of SQLite begins with sqlite://")?;
    let store = SqliteStore::open(Path::new(path), SqliteOptions::default()).await?;
    for first in (0..args.profiles).step_by(TOGETHER as usize) {
        let mut unit = store.write().await?;
        for number in first..args.profiles.min(first + TOGETHER) {
            unit.profiles().insert(&profile(number, args)?).await?;
        }
        unit.commit().await?;
    }
    store.close().await;
    Ok(())
}

fn profile(number: u32, args: &Args) -> Result<Profile, Failure> {
    let created_at = OffsetDateTime::UNIX_EPOCH + Duration::seconds(1_700_000_000 + i64::from(number));
    let mut details = Details::named(FullName::parse(&format!("Some Name {number}"))?);
    details.age = Some(Age::new(u64::from(18 + dice(number, 99, 73)))?);
    details.tags = tags(number, args.profiles)?;
    let order = if args.spread { i32::try_from(dice(number, 98, 1_000))? } else { 0 };
    let content = ProfileContent { order, details, messages: Vec::new() };
    let random = [&[0; 2][..], &number.to_be_bytes()].concat();
    let id = Id96::new(created_at, random.try_into().unwrap_or_default()).into();
    let mut profile = Profile::new(NewProfile { id, content, is_submitted: true, author: None, created_at })?;
    profile.approve(Id96::new(created_at, [1; 6]).into(), created_at);
    Ok(profile)
}

/// As the statements for PostgreSQL have them.
fn tags(number: u32, of: u32) -> Result<BTreeMap<Facet, Tags>, Failure> {
    let mut all = BTreeMap::new();
    for (place, facet) in (0..).zip(Facet::ALL) {
        let mut words = vec![format!("u{}", dice(number, place + 50, 100))];
        for (tag, seed, sides) in [("half", 0, 2), ("tenth", 10, 10), ("hundredth", 20, 100), ("thousandth", 30, 1_000)]
        {
            words.extend((dice(number, place + seed, sides) == 0).then(|| tag.to_owned()));
        }
        words.extend((number % (of / 10).max(1) == place).then(|| "ten".to_owned()));
        words.extend((dice(number, 40, 2) == place % 2).then(|| "apart".to_owned()));
        let tags = words.into_iter().map(Tag::parse).collect::<Result<Vec<_>, _>>()?;
        all.insert(facet, Tags::new(tags)?);
    }
    Ok(all)
}

/// A throw for a number, the same each time (splitmix64).
fn dice(number: u32, seed: u32, sides: u32) -> u32 {
    let mut mixed = (u64::from(number) << 32 | u64::from(seed)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    u32::try_from((mixed ^ (mixed >> 31)) % u64::from(sides)).unwrap_or_default()
}
