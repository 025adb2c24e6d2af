//! Searches of twenty thousand profiles: what they find, and how much they read for it, as the server counts it.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use vestibule_domain::{
    place::{GeoPoint, PlaceName},
    profile::{Age, Facet, ProfileFilter, ProfileState, Tag},
};
use vestibule_ports::{Around, ProfileSummary, ProfileWindow, RandomnessExt, Store};
use vestibule_testkit::{FixedClock, SeededRandomness};

use crate::database::Database;

const PROFILES: u64 = 20_000;

/// Profiles with tags of every frequency, all with the same place in lists or each with one of a thousand.
async fn filled(ord: &str) -> Database {
    let database = Database::migrated().await;
    let statements = include_str!("profiles.sql").replace("{profiles}", &PROFILES.to_string()).replace("{ord}", ord);
    database.execute(&statements).await;
    database
}

/// A filter of an age between bounds, and of tags by facet, several of one separated by commas.
fn filter(ages: Option<(u64, u64)>, tags: [&str; 4]) -> ProfileFilter {
    let age = |years| Age::new(years).unwrap();
    let mut asked = BTreeMap::new();
    for (facet, tags) in Facet::ALL.into_iter().zip(tags).filter(|(_, tags)| !tags.is_empty()) {
        asked.insert(facet, tags.split(',').map(|tag| Tag::parse(tag).unwrap()).collect());
    }
    ProfileFilter { min_age: ages.map(|ages| age(ages.0)), max_age: ages.map(|ages| age(ages.1)), tags: asked }
}

const fn window(skip: u64, limit: u32) -> ProfileWindow {
    ProfileWindow { skip, limit }
}

/// Every profile, in order.
async fn everything(store: &dyn Store) -> Vec<ProfileSummary> {
    let mut all = Vec::new();
    for skip in (0..PROFILES).step_by(1_000) {
        let found = store.read().profiles().search(&ProfileFilter::default(), window(skip, 1_000)).await.unwrap();
        all.extend(found);
    }
    assert_eq!(all.len() as u64, PROFILES);
    assert!(all.is_sorted_by_key(|profile| (profile.order, profile.id)));
    all
}

#[tokio::test]
async fn searches_of_many_profiles_find_what_a_plain_model_finds() {
    const WORDS: [&str; 13] = [
        "",
        "",
        "",
        "half",
        "half",
        "tenth",
        "hundredth",
        "thousandth",
        "ten",
        "apart",
        "away",
        "u1,u2,half",
        "none,u3",
    ];
    const AGES: [Option<(u64, u64)>; 6] = [None, None, Some((20, 60)), Some((33, 33)), Some((0, 19)), Some((95, 99))];
    let database = filled("pg_temp.dice(n, 98, 1000)").await;
    let store = database.store();
    let all = everything(&store).await;
    let dice = SeededRandomness::new(1);
    let below = |bound: usize| usize::try_from(u32::from_be_bytes(dice.bytes())).unwrap() % bound;
    let mut cases = vec![filter(None, ["apart"; 4]), filter(Some((20, 60)), ["apart", "", "apart", "half"])];
    for _ in 0..60 {
        cases.push(filter(AGES[below(6)], [(); 4].map(|()| WORDS[below(WORDS.len())])));
    }
    for filter in &cases {
        let fitting: Vec<_> = all.iter().filter(|profile| filter.fits(&profile.details)).cloned().collect();
        for window in [window(0, 10), window(below(30) as u64, 5), window(below(3_000) as u64, 1_000)] {
            let skip = usize::try_from(window.skip).unwrap();
            let expected: Vec<_> = fitting.iter().skip(skip).take(window.limit as usize).cloned().collect();
            let found = store.read().profiles().search(filter, window).await.unwrap();
            assert!(found == expected, "{filter:?} {window:?}: {} and not {}", found.len(), expected.len());
        }
    }
}

/// What the server has read: rows of profiles, entries of the index of terms, and whole tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Read {
    profiles: i64,
    terms: i64,
    tables: i64,
}

/// What was read by stores that are closed.
async fn read_so_far(database: &Database) -> Read {
    let connected = "SELECT count(*) FROM pg_stat_activity \
                     WHERE datname = current_database() AND application_name = 'vestibule'";
    let began = Instant::now();
    while database.number(connected).await > 0 {
        assert!(began.elapsed() < Duration::from_secs(10), "connections of a closed store are still open");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let profiles = "SELECT idx_tup_fetch FROM pg_stat_user_tables WHERE relname = 'profiles'";
    let terms = "SELECT idx_tup_read FROM pg_stat_user_indexes WHERE indexrelname = 'profile_terms_pkey'";
    let tables = "SELECT sum(seq_scan)::bigint FROM pg_stat_user_tables \
                  WHERE relname IN ('profiles', 'profile_terms', 'places')";
    Read {
        profiles: database.number(profiles).await,
        terms: database.number(terms).await,
        tables: database.number(tables).await,
    }
}

/// How often each is asked, so that the server settles on a plan for any argument.
const TIMES: i64 = 8;

#[tokio::test]
async fn searches_read_little_more_than_they_find() {
    let database = filled("0").await;
    let usual = Some((20, 60));
    // How many are found, and how many rows of profiles and entries of the index may be read for each search.
    let cases = [
        (filter(usual, ["half", "half", "half", ""]), 10, 20, 600),
        (filter(usual, ["half", "half", "ten", ""]), 0, 10, 2_600),
        (filter(usual, ["tenth", "tenth", "thousandth", ""]), 0, 10, 2_600),
        (filter(usual, ["half", "half", "none", ""]), 0, 1, 2_100),
        (filter(Some((95, 99)), ["half", "half", "", ""]), 0, 1, 2_100),
        (filter(Some((33, 33)), [""; 4]), 10, 30, 1_100),
        (ProfileFilter::default(), 10, 20, 20),
        // Half of all have each, and none both; of a tenth it is the same.
        (filter(usual, ["apart", "apart", "half", ""]), 0, 1, 2_600),
        (filter(usual, ["away", "away", "", ""]), 0, 1, 2_600),
    ];
    for step in ["ANALYZE", "VACUUM"] {
        let of_each = |table| format!("{step} {table}");
        for table in ["profiles", "profile_terms"].map(of_each) {
            database.execute(&table).await;
        }
        for (filter, least, profiles, terms) in &cases {
            let before = read_so_far(&database).await;
            let store = database.store();
            for _ in 0..TIMES {
                let found = store.read().profiles().search(filter, window(0, 10)).await.unwrap();
                assert!(found.len() >= *least, "{filter:?}: {}", found.len());
            }
            store.close().await;
            let after = read_so_far(&database).await;
            let read = (after.profiles - before.profiles, after.terms - before.terms);
            let told = format!("{step} {filter:?}: {read:?}");
            assert!(read.0 <= TIMES * profiles && read.1 <= TIMES * terms, "{told}");
            assert_eq!(after.tables, before.tables, "{told}");
        }
    }
}

#[tokio::test]
async fn lists_and_neighbours_read_little_more_than_they_give() {
    let database = filled("0").await;
    database
        .execute(
            "INSERT INTO places SELECT (lpad(to_hex(1700000000 + n), 8, '0') || '-0000-8000-8000-000000000000')::uuid, 'City ' || n,
            'City', n % 160 - 80, n % 300 - 150, now() FROM generate_series(0, 1899) AS n;
            UPDATE profiles SET state = 'draft', terms = '{}', author = NULL WHERE id IN
            (SELECT id FROM profiles ORDER BY id LIMIT 100);
            INSERT INTO profile_counts VALUES ('draft', 7, 40), ('draft', 8, 60), ('approved', 8, -100);
            ANALYZE profiles, profile_terms, places",
        )
        .await;
    let around = Around { center: GeoPoint::new(0.0, 0.0).unwrap(), radius_km: 1_500.0 };
    let name = PlaceName::parse("City 5").unwrap();
    for step in 0..6 {
        let before = read_so_far(&database).await;
        let store = database.store();
        for _ in 0..TIMES {
            let (profiles, places) = (store.read().profiles(), store.read().places());
            let given = match step {
                0 => profiles.list(ProfileState::Approved, window(0, 10)).await.unwrap().profiles.len(),
                1 => profiles.list(ProfileState::Draft, window(90, 1_000)).await.unwrap().profiles.len(),
                2 => profiles.near(around, &filter(None, ["half", "", "", ""]), window(0, 10)).await.unwrap().len(),
                3 => places.missing(FixedClock::START, 100).await.unwrap().len(),
                4 => places.located(Some(&name), 10).await.unwrap().len(),
                _ => {
                    let mut unit = store.write().await.unwrap();
                    unit.profiles().remove_stale(FixedClock::START, 10).await.unwrap().len()
                }
            };
            assert!(given > 0, "step {step}");
        }
        store.close().await;
        let after = read_so_far(&database).await;
        let read = (after.profiles - before.profiles, after.terms - before.terms);
        // Every location is read once by the search for those that are missing.
        let most = [(40, 0), (240, 0), (400, 400), (2_100, 0), (40, 0), (60, 0)][step];
        assert!(read.0 <= TIMES * most.0 && read.1 <= TIMES * most.1, "step {step}: {read:?}");
        assert_eq!(after.tables, before.tables, "step {step}");
    }
}
