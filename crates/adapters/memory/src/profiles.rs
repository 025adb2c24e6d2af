//! Profiles, by id, by list order and by location, with their changes.

use std::{collections::BTreeSet, ops::Bound, sync::Arc};

use async_trait::async_trait;
use rpds::{HashTrieMapSync, RedBlackTreeMapSync};
use time::OffsetDateTime;
use vestibule_domain::{
    Profile, ProfileId,
    account::to_microseconds,
    place::PlaceName,
    profile::{ProfileChange, ProfileFilter, ProfileState},
};
use vestibule_ports::{
    Around, CountedProfiles, NearProfile, Page, ProfileSummary, ProfileWindow, Profiles, ReadProfiles, StoreError,
    stored::{StoredProfile, StoredProfileChange},
};

use crate::{MemoryStore, state::State, store::MemoryUnit};

/// The most changes of a page.
const PAGE_LIMIT: u32 = 1000;

/// A set of profiles in the order of lists.
type Ordered = RedBlackTreeMapSync<(i32, ProfileId), ()>;

/// The profiles; those in each state, with their number; those of each location; public submissions that are not approved,
/// by age; the changes of each profile, by number.
#[derive(Clone, Default)]
pub(crate) struct ProfileTable {
    by_id: HashTrieMapSync<ProfileId, Arc<Profile>>,
    by_state: HashTrieMapSync<ProfileState, Ordered>,
    by_location: RedBlackTreeMapSync<PlaceName, Ordered>,
    unapproved: RedBlackTreeMapSync<(OffsetDateTime, ProfileId), ()>,
    changes: HashTrieMapSync<ProfileId, RedBlackTreeMapSync<u64, ProfileChange>>,
}

impl ProfileTable {
    /// The locations of profiles, each once.
    pub(crate) fn locations(&self, from: Bound<&PlaceName>) -> impl Iterator<Item = &PlaceName> {
        let from: (Bound<&PlaceName>, Bound<&PlaceName>) = (from, Bound::Unbounded);
        self.by_location.range::<PlaceName, _>(from).map(|(name, _)| name)
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = StoredProfile<i64>> {
        self.by_id.values().map(|profile| profile.as_ref().into())
    }

    pub(crate) fn change_rows(&self) -> impl Iterator<Item = StoredProfileChange<i64>> {
        self.changes.iter().flat_map(|(id, changes)| changes.values().map(|change| (*id, change).into()))
    }

    /// Takes a change of a profile as it is; whether there is the profile.
    pub(crate) fn restore_change(&mut self, id: ProfileId, change: ProfileChange) -> bool {
        let mut changes = self.changes.get(&id).cloned().unwrap_or_default();
        changes.insert_mut(change.number, change);
        self.changes.insert_mut(id, changes);
        self.by_id.contains_key(&id)
    }

    fn of_id(&self, id: ProfileId) -> Option<Profile> {
        self.by_id.get(&id).map(|profile| Profile::clone(profile))
    }

    fn in_order<'t>(&'t self, ordered: Option<&'t Ordered>) -> impl Iterator<Item = &'t Arc<Profile>> {
        ordered.into_iter().flat_map(Ordered::keys).filter_map(|(_, id)| self.by_id.get(id))
    }

    fn put(&mut self, profile: &Profile) {
        self.take_out(profile.id());
        let record = profile.record();
        let place = (record.order, record.id);
        let mut of_state = self.by_state.get(&record.state).cloned().unwrap_or_default();
        of_state.insert_mut(place, ());
        self.by_state.insert_mut(record.state, of_state);
        if let Some(location) = &record.details.location {
            let mut there = self.by_location.get(location).cloned().unwrap_or_default();
            there.insert_mut(place, ());
            self.by_location.insert_mut(location.clone(), there);
        }
        if record.author.is_none() && !profile.is_public() {
            self.unapproved.insert_mut((record.created_at, record.id), ());
        }
        self.by_id.insert_mut(record.id, Arc::new(profile.clone()));
    }

    /// Removes a profile, but not its changes.
    fn take_out(&mut self, id: ProfileId) {
        let Some(profile) = self.by_id.get(&id).cloned() else { return };
        let record = profile.record();
        let place = (record.order, record.id);
        if let Some(mut of_state) = self.by_state.get(&record.state).cloned() {
            of_state.remove_mut(&place);
            self.by_state.insert_mut(record.state, of_state);
        }
        if let Some(location) = &record.details.location {
            let mut there = self.by_location.get(location).cloned().unwrap_or_default();
            there.remove_mut(&place);
            if there.is_empty() {
                self.by_location.remove_mut(location);
            } else {
                self.by_location.insert_mut(location.clone(), there);
            }
        }
        self.unapproved.remove_mut(&(record.created_at, record.id));
        self.by_id.remove_mut(&id);
    }

    fn remove(&mut self, id: ProfileId) {
        self.take_out(id);
        self.changes.remove_mut(&id);
    }
}

/// The items of a window of a list.
fn windowed<T>(items: impl Iterator<Item = T>, window: ProfileWindow) -> impl Iterator<Item = T> {
    let skip = usize::try_from(window.skip).unwrap_or(usize::MAX);
    items.skip(skip).take(window.limit.min(ProfileWindow::MOST) as usize)
}

/// The found places within a circle, with their distance and name: the nearest first.
fn places_within(state: &State, around: Around) -> Vec<(f64, &PlaceName)> {
    let found = state.profiles.locations(Bound::Unbounded).filter_map(|name| {
        let distance_km = state.places.of_name(name)?.found.as_ref()?.point.distance_km(around.center);
        (..=around.radius_km).contains(&distance_km).then_some((distance_km, name))
    });
    let mut found: Vec<_> = found.collect();
    found.sort_by(|(one, _), (other, _)| one.total_cmp(other));
    found
}

#[async_trait]
impl ReadProfiles for MemoryStore {
    async fn find(&self, id: ProfileId) -> Result<Option<Profile>, StoreError> {
        Ok(self.snapshot()?.profiles.of_id(id))
    }

    async fn find_many(&self, ids: &[ProfileId]) -> Result<Vec<Profile>, StoreError> {
        let table = &self.snapshot()?.profiles;
        let distinct: BTreeSet<_> = ids.iter().collect();
        Ok(distinct.into_iter().filter_map(|id| table.of_id(*id)).collect())
    }

    async fn list(&self, state: ProfileState, window: ProfileWindow) -> Result<CountedProfiles, StoreError> {
        let table = &self.snapshot()?.profiles;
        let of_state = table.by_state.get(&state);
        let profiles = windowed(table.in_order(of_state), window).map(|profile| Profile::clone(profile)).collect();
        Ok(CountedProfiles { profiles, total: of_state.map_or(0, |of_state| of_state.size() as u64) })
    }

    async fn search(&self, filter: &ProfileFilter, window: ProfileWindow) -> Result<Vec<ProfileSummary>, StoreError> {
        let table = &self.snapshot()?.profiles;
        let approved = table.in_order(table.by_state.get(&ProfileState::Approved));
        let found = approved.filter(|profile| filter.fits(&profile.record().details));
        Ok(windowed(found, window).map(|profile| profile.record().into()).collect())
    }

    async fn near(
        &self,
        around: Around,
        filter: &ProfileFilter,
        window: ProfileWindow,
    ) -> Result<Vec<NearProfile>, StoreError> {
        let state = self.snapshot()?;
        let table = &state.profiles;
        let places = places_within(&state, around);
        let ring = |places: &[(f64, &PlaceName)]| {
            let there = places.iter().flat_map(|(distance_km, name)| {
                table.in_order(table.by_location.get(*name)).map(|profile| (*distance_km, profile))
            });
            let fits = |profile: &Profile| profile.is_public() && filter.fits(&profile.record().details);
            let mut there: Vec<_> = there.filter(|(_, profile)| fits(profile)).collect();
            there.sort_by_key(|(_, profile)| (profile.record().order, profile.id()));
            there
        };
        let rings = places.chunk_by(|(one, _), (other, _)| one.total_cmp(other).is_eq());
        let found = windowed(rings.flat_map(ring), window);
        Ok(found.map(|(distance_km, profile)| NearProfile { profile: profile.record().into(), distance_km }).collect())
    }

    async fn history(&self, id: ProfileId, below: Option<u64>, limit: u32) -> Result<Page<ProfileChange>, StoreError> {
        let state = self.snapshot()?;
        let numbers = (Bound::Unbounded, below.map_or(Bound::Unbounded, Bound::Excluded));
        let of_profile = state.profiles.changes.get(&id).into_iter();
        let mut last_first =
            of_profile.flat_map(|changes| changes.range(numbers).rev().map(|(_, change)| change.clone()));
        let items = last_first.by_ref().take(limit.min(PAGE_LIMIT) as usize).collect();
        Ok(Page { items, has_more: last_first.next().is_some() })
    }
}

#[async_trait]
impl Profiles for MemoryUnit {
    async fn find_for_update(&mut self, id: ProfileId) -> Result<Option<Profile>, StoreError> {
        Ok(self.state.profiles.of_id(id))
    }

    async fn insert(&mut self, profile: &Profile) -> Result<(), StoreError> {
        if self.state.profiles.by_id.contains_key(&profile.id()) {
            return Err(self.failed("a profile has this id"));
        }
        self.state.profiles.put(profile);
        Ok(())
    }

    async fn replace(&mut self, profile: &Profile, changes: &[ProfileChange]) -> Result<(), StoreError> {
        let (id, table) = (profile.id(), &mut self.state.profiles);
        if !table.by_id.contains_key(&id) {
            return Err(self.failed("there is no such profile"));
        }
        let mut history = table.changes.get(&id).cloned().unwrap_or_default();
        for change in changes {
            if history.contains_key(&change.number) {
                return Err(self.failed("a change of this profile has this number"));
            }
            history.insert_mut(change.number, change.clone());
        }
        table.changes.insert_mut(id, history);
        table.put(profile);
        Ok(())
    }

    async fn remove(&mut self, id: ProfileId) -> Result<(), StoreError> {
        self.state.profiles.remove(id);
        Ok(())
    }

    async fn remove_stale(&mut self, made_before: OffsetDateTime, limit: u32) -> Result<Vec<Profile>, StoreError> {
        let (table, made_before) = (&mut self.state.profiles, to_microseconds(made_before));
        let oldest_first = table.unapproved.keys().take_while(|(made, _)| *made < made_before);
        let stale: Vec<_> = oldest_first.take(limit as usize).filter_map(|(_, id)| table.of_id(*id)).collect();
        for profile in &stale {
            table.remove(profile.id());
        }
        Ok(stale)
    }
}
