//! The search index of profiles agrees with the profiles.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::{ConnectOptions, SqliteConnection, sqlite::SqliteConnectOptions};
use vestibule_domain::{
    Actor, FullName, Profile, ProfileContent,
    id::Id96,
    profile::{Age, Details, Facet, NewProfile, Tag, Tags},
};
use vestibule_ports::{
    RandomnessExt, Store, UnitOfWork,
    stored::{Record, StoredProfile},
};
use vestibule_testkit::{FixedClock, SeededRandomness};

use crate::{database, open};

const CHUNK: usize = 32_768;
const NO_AGE: u8 = 255;

/// The slot, the order, the id, the age and the tags of a profile.
type ProfileRow = (i64, i64, Vec<u8>, Option<u8>, String);

/// A random generator with the same sequence in every run.
struct Dice(SeededRandomness);

impl Dice {
    fn below(&self, bound: usize) -> usize {
        usize::try_from(u32::from_be_bytes(self.0.bytes())).unwrap() % bound
    }

    fn content(&self) -> ProfileContent {
        let mut details = Details::named(FullName::parse("Somebody").unwrap());
        details.age = (self.below(4) > 0).then(|| Age::new(self.below(151) as u64).unwrap());
        let tag = || Tag::parse(format!("tag {}", self.below(self.below(40) + 1))).unwrap();
        let tags = |facet| (facet, Tags::new((0..self.below(3)).map(|_| tag())).unwrap());
        details.tags = Facet::ALL.map(tags).into();
        let order = i32::try_from(self.below(self.below(100) + 1)).unwrap() - 20;
        ProfileContent { order, details, messages: Vec::new() }
    }

    fn profile(&self) -> Profile {
        let id = Id96::from_bytes(self.0.bytes()).into();
        let created_at = FixedClock::START;
        let mut profile =
            Profile::new(NewProfile { id, content: self.content(), is_submitted: true, author: None, created_at })
                .unwrap();
        if self.below(8) > 0 {
            profile.approve(Id96::from_bytes([1; 12]).into(), created_at);
        }
        profile
    }

    async fn change(&self, unit: &mut dyn UnitOfWork, profiles: &mut Vec<Profile>) {
        let at = self.below(profiles.len());
        let profile = &mut profiles[at];
        let moderator = Id96::from_bytes([1; 12]).into();
        match self.below(8) {
            0 => {
                unit.profiles().remove(profile.id()).await.unwrap();
                profiles.swap_remove(at);
                return;
            }
            1 => drop(profile.reopen(moderator, FixedClock::START).unwrap()),
            2 => drop(profile.approve(moderator, FixedClock::START)),
            _ => drop(profile.change(self.content(), Actor::Operator, FixedClock::START).unwrap()),
        }
        unit.profiles().replace(profile, &[]).await.unwrap();
    }
}

/// Compares the whole search index with the rows of the profiles.
async fn check(file: &mut SqliteConnection) {
    let in_order: Vec<ProfileRow> =
        sqlx::query_as("SELECT slot, ord, id, age, tags FROM profiles WHERE state = 'approved' ORDER BY ord, id")
            .fetch_all(&mut *file)
            .await
            .unwrap();
    let stretches: Vec<(i64, Vec<u8>, Vec<u8>)> =
        sqlx::query_as("SELECT ord, id, slots FROM profile_order ORDER BY ord, id")
            .fetch_all(&mut *file)
            .await
            .unwrap();
    let slots_of = |bytes: &[u8]| -> Vec<i64> {
        bytes.as_chunks().0.iter().map(|slot| u32::from_le_bytes(*slot).into()).collect()
    };
    let listed: Vec<i64> = stretches.iter().flat_map(|(.., slots)| slots_of(slots)).collect();
    assert_eq!(listed, in_order.iter().map(|row| row.0).collect::<Vec<_>>());
    let places: BTreeMap<i64, _> = in_order.iter().map(|row| (row.0, (row.1, &row.2))).collect();
    for (number, (ord, id, slots)) in stretches.iter().enumerate() {
        assert!(slots.len() <= 4 * 2_049 && (number == 0 || !slots.is_empty()));
        assert!(slots_of(slots).iter().all(|slot| (*ord, id) <= places[slot]));
    }

    let mut tags: BTreeMap<(String, String), BTreeSet<usize>> = BTreeMap::new();
    let mut ages: BTreeMap<usize, u8> = BTreeMap::new();
    for (slot, _, _, age, stored) in &in_order {
        let slot = usize::try_from(*slot).unwrap();
        ages.extend(age.map(|age| (slot, age)));
        let stored: BTreeMap<String, Vec<String>> = serde_json::from_str(stored).unwrap();
        for (facet, words) in stored {
            for word in words {
                tags.entry((facet.clone(), word)).or_default().insert(slot);
            }
        }
    }
    let sets: Vec<(String, String, i64, Vec<u8>)> =
        sqlx::query_as("SELECT facet, tag, chunk, slots FROM profile_tags").fetch_all(&mut *file).await.unwrap();
    let mut kept: BTreeMap<(String, String), BTreeSet<usize>> = BTreeMap::new();
    for (facet, tag, chunk, slots) in sets {
        let first = usize::try_from(chunk).unwrap() * CHUNK;
        let set = kept.entry((facet, tag)).or_default();
        if slots.len() == CHUNK / 8 {
            set.extend((0..CHUNK).filter(|at| slots[at / 8] >> (at % 8) & 1 == 1).map(|at| first + at));
        } else {
            set.extend(slots.as_chunks().0.iter().map(|at| first + usize::from(u16::from_le_bytes(*at))));
        }
    }
    assert_eq!(kept, tags);
    let arrays: Vec<(i64, Vec<u8>)> =
        sqlx::query_as("SELECT chunk, ages FROM profile_ages").fetch_all(file).await.unwrap();
    let noted = arrays.iter().flat_map(|(chunk, noted)| {
        (usize::try_from(*chunk).unwrap() * CHUNK..).zip(noted).filter(|(_, age)| **age != NO_AGE)
    });
    assert_eq!(noted.map(|(slot, age)| (slot, *age)).collect::<BTreeMap<_, _>>(), ages);
}

#[tokio::test]
async fn what_searches_know_follows_every_change() {
    let directory = tempfile::tempdir().unwrap();
    let path = database(&directory);
    let store = open(&path).await;
    let mut file: SqliteConnection = SqliteConnectOptions::new().filename(&path).connect().await.unwrap();
    let (dice, mut profiles) = (Dice(SeededRandomness::new(1)), Vec::new());
    check(&mut file).await;
    // Some slots lie on both sides of the border of two chunks.
    sqlx::query(
        "INSERT INTO profiles SELECT 32000, unhex('00000000000080008000000000000000'), 0, NULL, NULL, '{}', \
                 '{\"name\":\"x\"}', 'draft', NULL, NULL, 0, 0, 0, '[]'",
    )
    .execute(&mut file)
    .await
    .unwrap();
    for round in 0..6 {
        let mut unit = store.write().await.unwrap();
        let count = [100, 3_000, 400, 0, 0, 0][round];
        for _ in 0..count {
            let profile = dice.profile();
            unit.profiles().insert(&profile).await.unwrap();
            profiles.push(profile);
        }
        for _ in 0..profiles.len().min(300) {
            dice.change(unit.as_mut(), &mut profiles).await;
        }
        unit.commit().await.unwrap();
        check(&mut file).await;
    }
    assert!(sqlx::query_scalar::<_, i64>("SELECT count(*) FROM profile_order").fetch_one(&mut file).await.unwrap() > 1);
    assert_eq!(
        sqlx::query_scalar::<_, i64>("SELECT count(*) FROM profile_ages").fetch_one(&mut file).await.unwrap(),
        2
    );
    let mut unit = store.write().await.unwrap();
    for profile in profiles.drain(..) {
        unit.profiles().remove(profile.id()).await.unwrap();
    }
    unit.commit().await.unwrap();
    check(&mut file).await;
    for table in ["profile_order WHERE slots <> x''", "profile_tags", "profile_changes"] {
        let count = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
        assert_eq!(sqlx::query_scalar::<_, i64>(count).fetch_one(&mut file).await.unwrap(), 0, "{table}");
    }
}

#[tokio::test]
async fn what_searches_know_after_an_import_is_what_the_profiles_tell() {
    let directory = tempfile::tempdir().unwrap();
    let path = database(&directory);
    let store = open(&path).await;
    let mut file: SqliteConnection = SqliteConnectOptions::new().filename(&path).connect().await.unwrap();
    let dice = Dice(SeededRandomness::new(2));
    // More approved ones than a stretch of the list has, and slots in two chunks.
    let mut profiles: Vec<Profile> = (0..36_000).map(|_| dice.profile()).collect();
    profiles.sort_by_key(Profile::id);
    let records: Vec<Record> = profiles.iter().map(|profile| StoredProfile::from(profile).into()).collect();
    let mut import = store.import().await.unwrap().unwrap();
    for batch in records.chunks(500) {
        import.put(batch.to_vec()).await.unwrap();
    }
    import.commit().await.unwrap();
    check(&mut file).await;
    let mut unit = store.write().await.unwrap();
    for _ in 0..300 {
        dice.change(unit.as_mut(), &mut profiles).await;
    }
    unit.commit().await.unwrap();
    check(&mut file).await;
}
