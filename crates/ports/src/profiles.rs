//! Storage of profiles, their changes, and where they are.

use async_trait::async_trait;
use time::OffsetDateTime;
use vestibule_domain::{
    Profile, ProfileId, ProfileRecord,
    place::GeoPoint,
    profile::{Details, ProfileChange, ProfileFilter, ProfileState},
};

use crate::{Page, StoreError};

/// A part of a list of profiles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProfileWindow {
    /// How many to skip.
    pub skip: u64,
    /// The most to return, capped at 1000; 0 returns none.
    pub limit: u32,
}

impl ProfileWindow {
    /// The most profiles that a list returns.
    pub const MOST: u32 = 1_000;
}

/// A part of a list, with the length of the whole list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountedProfiles {
    /// The profiles of the window, in order.
    pub profiles: Vec<Profile>,
    /// How many there are in all.
    pub total: u64,
}

/// A profile without its thread, as searches return it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileSummary {
    pub id: ProfileId,
    /// Its place in lists.
    pub order: i32,
    /// What the profile says.
    pub details: Details,
}

impl From<&ProfileRecord> for ProfileSummary {
    fn from(record: &ProfileRecord) -> Self {
        Self { id: record.id, order: record.order, details: record.details.clone() }
    }
}

/// A circle on the earth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Around {
    /// The centre.
    pub center: GeoPoint,
    /// The radius in kilometres.
    pub radius_km: f64,
}

/// A profile and how far it is from a point.
#[derive(Debug, Clone, PartialEq)]
pub struct NearProfile {
    pub profile: ProfileSummary,
    /// The distance on the sphere ([`GeoPoint::distance_km`]).
    pub distance_km: f64,
}

/// Profiles, read outside a unit of work. Lists are sorted by `order`, then by id.
#[async_trait]
pub trait ReadProfiles: Send + Sync {
    /// The profile with this id.
    async fn find(&self, id: ProfileId) -> Result<Option<Profile>, StoreError>;
    /// The profiles with these ids, in no particular order; unknown ids are absent.
    async fn find_many(&self, ids: &[ProfileId]) -> Result<Vec<Profile>, StoreError>;
    /// The profiles in a state.
    async fn list(&self, state: ProfileState, window: ProfileWindow) -> Result<CountedProfiles, StoreError>;
    /// The approved profiles that match a filter ([`ProfileFilter::fits`]).
    async fn search(&self, filter: &ProfileFilter, window: ProfileWindow) -> Result<Vec<ProfileSummary>, StoreError>;
    /// The approved profiles that match a filter and whose location was found within a circle: the nearest first, then by
    /// `order`, then by id; at most 1000.
    async fn near(
        &self,
        around: Around,
        filter: &ProfileFilter,
        window: ProfileWindow,
    ) -> Result<Vec<NearProfile>, StoreError>;
    /// The changes of a profile, the latest first, only those below a number if one is given; at most `limit`, capped at
    /// 1000; 0 returns none.
    async fn history(&self, id: ProfileId, below: Option<u64>, limit: u32) -> Result<Page<ProfileChange>, StoreError>;
}

/// Profiles, inside a unit of work.
#[async_trait]
pub trait Profiles: Send {
    /// The profile with this id, locked until the unit ends.
    async fn find_for_update(&mut self, id: ProfileId) -> Result<Option<Profile>, StoreError>;
    /// Stores a new profile, its times cut to whole microseconds.
    async fn insert(&mut self, profile: &Profile) -> Result<(), StoreError>;
    /// Stores a new state of a locked profile and adds its changes, all times cut to whole microseconds.
    async fn replace(&mut self, profile: &Profile, changes: &[ProfileChange]) -> Result<(), StoreError>;
    /// Removes a locked profile with its changes.
    async fn remove(&mut self, id: ProfileId) -> Result<(), StoreError>;
    /// Removes public submissions (without an author) that are not approved and were made before a time (cut to whole
    /// microseconds), in one atomic step: the oldest first, at most `limit`; 0 removes none. Returns what it removed.
    async fn remove_stale(&mut self, made_before: OffsetDateTime, limit: u32) -> Result<Vec<Profile>, StoreError>;
}
