//! How long searches for profiles take among few and among many; not a test.

use std::time::{Duration, Instant};

use tempfile::TempDir;
use time::OffsetDateTime;
use vestibule_domain::{
    FullName, Profile, ProfileContent,
    id::Id96,
    place::{FoundPlace, GeoPoint, Place, PlaceName},
    profile::{Age, Details, Facet, NewProfile, ProfileFilter, Tag, Tags},
};
use vestibule_ports::{Around, ProfileWindow, RandomnessExt, Store};
use vestibule_sqlite::SqliteStore;
use vestibule_testkit::{FixedClock, SeededRandomness};

use crate::{database, open};

const NOW: OffsetDateTime = FixedClock::START;

struct Dice(SeededRandomness);

impl Dice {
    fn below(&self, bound: usize) -> usize {
        usize::try_from(u32::from_be_bytes(self.0.bytes())).unwrap() % bound
    }

    /// One to three tags of a facet: half of all profiles have tag 0, and half as many each further one; and one of a
    /// thousand rare tags. Half each have `left` and `right`, and none has both.
    fn tags(&self, facet: Facet, number: usize) -> Tags {
        let mut words = vec![format!("common-{}", self.below(1 << 16).trailing_zeros().min(12))];
        words.push(format!("rare-{}", self.below(1_000)));
        match facet {
            Facet::Position => words.push(["left", "right"][number % 2].to_owned()),
            Facet::Looking => words.push(["right", "left"][number % 2].to_owned()),
            _ => {}
        }
        if number % 10 == 9 {
            words.push("late".to_owned());
        }
        Tags::new(words.into_iter().map(|word| Tag::parse(word).unwrap())).unwrap()
    }

    fn profile(&self, number: usize, of: usize) -> Profile {
        let mut details = Details::named(FullName::parse("Somebody").unwrap());
        details.age = Some(Age::new(18 + self.below(60) as u64).unwrap());
        details.location = Some(PlaceName::parse(&format!("place {}", self.below(500))).unwrap());
        details.tags = Facet::ALL.map(|facet| (facet, self.tags(facet, number))).into();
        let mut order = i32::try_from(self.below(of)).unwrap();
        if number % 10 == 9 {
            order += i32::try_from(of).unwrap();
        }
        let id = Id96::new(NOW + Duration::from_millis(number as u64), self.0.bytes()).into();
        let content = ProfileContent { order, details, messages: Vec::new() };
        let new = NewProfile { id, content, is_submitted: true, author: None, created_at: NOW };
        let mut profile = Profile::new(new).unwrap();
        profile.approve(Id96::new(NOW, [1; 6]).into(), NOW);
        profile
    }
}

async fn filled(directory: &TempDir, count: usize) -> SqliteStore {
    let store = open(&database(directory)).await;
    let (dice, begin) = (Dice(SeededRandomness::new(1)), Instant::now());
    for first in (0..count).step_by(1_000) {
        let mut unit = store.write().await.unwrap();
        for number in first..first + 1_000 {
            unit.profiles().insert(&dice.profile(number, count)).await.unwrap();
        }
        unit.commit().await.unwrap();
    }
    let mut unit = store.write().await.unwrap();
    for number in 0..500_u64 {
        let name = PlaceName::parse(&format!("place {number}")).unwrap();
        let degrees = |round: u64| f64::from(u16::try_from(number % round).unwrap());
        let point = GeoPoint::new(degrees(170) - 85.0, degrees(350) - 175.0).unwrap();
        let found = Some(FoundPlace { formatted: name.clone(), point });
        let id = Id96::new(NOW, SeededRandomness::new(number).bytes()).into();
        unit.places().keep(&Place::new(id, name, found, NOW)).await.unwrap();
    }
    unit.commit().await.unwrap();
    let bytes = std::fs::metadata(database(directory)).unwrap().len();
    println!("{count} profiles stored in {:?}, {} MB", begin.elapsed(), bytes >> 20);
    store
}

fn filter(tags: &[(Facet, &[&str])], ages: Option<(u64, u64)>) -> ProfileFilter {
    let age = |age: u64| Age::new(age).unwrap();
    let asked =
        tags.iter().map(|(facet, words)| (*facet, words.iter().map(|word| Tag::parse(*word).unwrap()).collect()));
    ProfileFilter {
        min_age: ages.map(|(min, _)| age(min)),
        max_age: ages.map(|(_, max)| age(max)),
        tags: asked.collect(),
    }
}

fn filters() -> Vec<(&'static str, ProfileFilter)> {
    use Facet::{Ethnicities as E, Looking as L, Position as P, Tribes as T};
    let (c0, c2, c5): (&[&str], &[&str], &[&str]) = (&["common-0"], &["common-2"], &["common-5"]);
    let many: Vec<String> = (0..20).map(|number| format!("rare-{number}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let wide: Vec<String> = (0..13).map(|number| format!("common-{number}")).collect();
    let wide: Vec<&str> = wide.iter().map(String::as_str).collect();
    vec![
        ("none", filter(&[], None)),
        ("age wide", filter(&[], Some((18, 60)))),
        ("age one", filter(&[], Some((33, 33)))),
        ("age absent", filter(&[], Some((90, 120)))),
        ("common", filter(&[(P, c0)], None)),
        ("12 %", filter(&[(P, c2)], None)),
        ("1.5 %", filter(&[(P, c5)], None)),
        ("rare", filter(&[(P, &["rare-7"])], None)),
        ("absent", filter(&[(P, &["absent"])], None)),
        ("common, age", filter(&[(P, c0)], Some((25, 35)))),
        ("rare, age", filter(&[(P, &["rare-7"])], Some((25, 35)))),
        ("absent, age", filter(&[(P, &["absent"])], Some((25, 35)))),
        ("2 common", filter(&[(P, c0), (L, c0)], None)),
        ("2 of 12 %, age", filter(&[(P, c2), (L, c2)], Some((25, 35)))),
        ("common, rare", filter(&[(P, c0), (L, &["rare-7"])], None)),
        ("common, absent", filter(&[(P, c0), (L, &["absent"])], None)),
        ("3 common, age", filter(&[(P, c0), (L, c0), (T, c0)], Some((25, 35)))),
        ("4 common", filter(&[(P, c0), (L, c0), (T, c0), (E, c0)], None)),
        ("4 common, age", filter(&[(P, c0), (L, c0), (T, c0), (E, c0)], Some((18, 60)))),
        ("4 of 12 %, age", filter(&[(P, c2), (L, c2), (T, c2), (E, c2)], Some((18, 60)))),
        ("4 of 1.5 %, age", filter(&[(P, c5), (L, c5), (T, c5), (E, c5)], Some((18, 60)))),
        ("4 rare, age", filter(&[(P, &many), (L, &many), (T, &many), (E, &many)], Some((18, 60)))),
        ("4 times 13 tags, age", filter(&[(P, &wide), (L, &wide), (T, &wide), (E, &wide)], Some((18, 60)))),
        ("never together", filter(&[(P, &["left"]), (L, &["left"])], None)),
        ("never together, age", filter(&[(P, &["left"]), (L, &["left"]), (T, c0)], Some((18, 60)))),
        ("last in the list", filter(&[(P, &["late"])], None)),
        ("last in the list, age", filter(&[(P, &["late"]), (L, c0)], Some((18, 60)))),
    ]
}

/// The median and the 99th percentile of many calls.
async fn times(call: impl AsyncFn()) -> (Duration, Duration) {
    let mut times = Vec::new();
    for _ in 0..300 {
        let begin = Instant::now();
        call().await;
        times.push(begin.elapsed());
    }
    times.sort();
    (times[150], times[297])
}

/// Run with `cargo test --profile bench-loop -p vestibule-sqlite searches -- --ignored --nocapture`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measure, not a test"]
async fn searches_among_few_and_many() {
    let directories = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let stores = [filled(&directories[0], 10_000).await, filled(&directories[1], 200_000).await];
    let print = |name: &str, found: [usize; 2], [few, many]: [(Duration, Duration); 2]| {
        let ratio = |few: Duration, many: Duration| many.as_secs_f64() / few.as_secs_f64();
        let ratios = (ratio(few.0, many.0), ratio(few.1, many.1));
        println!(
            "{name:24} found {found:?}: p50 {:?} -> {:?} ({:.1}), p99 {:?} -> {:?} ({:.1})",
            few.0, many.0, ratios.0, few.1, many.1, ratios.1
        );
    };
    let window = ProfileWindow { skip: 0, limit: 20 };
    for (name, filter) in filters() {
        let (mut found, mut took) = ([0; 2], [(Duration::ZERO, Duration::ZERO); 2]);
        for (number, store) in stores.iter().enumerate() {
            let read = store.read().profiles();
            found[number] = read.search(&filter, window).await.unwrap().len();
            took[number] = times(async || drop(read.search(&filter, window).await.unwrap())).await;
        }
        print(name, found, took);
    }
    for (name, filter) in filters() {
        for radius_km in [300.0, 30_000.0] {
            let around = Around { center: GeoPoint::new(5.0, 5.0).unwrap(), radius_km };
            let (mut found, mut took) = ([0; 2], [(Duration::ZERO, Duration::ZERO); 2]);
            for (number, store) in stores.iter().enumerate() {
                let read = store.read().profiles();
                found[number] = read.near(around, &filter, window).await.unwrap().len();
                took[number] = times(async || drop(read.near(around, &filter, window).await.unwrap())).await;
            }
            print(&format!("near {radius_km} km, {name}"), found, took);
        }
    }
    for skip in [1_000, 9_000, 190_000] {
        let window = ProfileWindow { skip, limit: 20 };
        for (name, filter) in filters().into_iter().take(2) {
            let read = stores[1].read().profiles();
            let (p50, p99) = times(async || drop(read.search(&filter, window).await.unwrap())).await;
            println!("{name}, {skip} skipped: p50 {p50:?}, p99 {p99:?}");
        }
        let read = stores[1].read().profiles();
        let state = vestibule_domain::profile::ProfileState::Approved;
        let (p50, p99) = times(async || drop(read.list(state, window).await.unwrap())).await;
        println!("list, {skip} skipped: p50 {p50:?}, p99 {p99:?}");
    }
    let read = stores[1].read().places();
    let (p50, p99) = times(async || drop(read.missing(NOW, 1_000).await.unwrap())).await;
    println!("missing: p50 {p50:?}, p99 {p99:?}");
    let (p50, p99) = times(async || drop(read.located(None, 1_000).await.unwrap())).await;
    println!("located: p50 {p50:?}, p99 {p99:?}");
}
