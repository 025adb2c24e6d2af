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
    /// How many to pass over.
    pub skip: u64,
    /// The most to give; at most 1000.
    pub limit: u32,
}

impl ProfileWindow {
    /// The most profiles of a list.
    pub const MOST: u32 = 1_000;
}

/// A part of a list, and how long the whole of it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountedProfiles {
    /// The profiles of the window, in order.
    pub profiles: Vec<Profile>,
    /// How many there are in all.
    pub total: u64,
}

/// A profile without its thread, as searches give it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileSummary {
    /// Its id.
    pub id: ProfileId,
    /// Its place in lists.
    pub order: i32,
    /// What it tells.
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
    /// Its middle.
    pub center: GeoPoint,
    /// How far from there.
    pub radius_km: f64,
}

/// A profile and how far it is from a point.
#[derive(Debug, Clone, PartialEq)]
pub struct NearProfile {
    /// The profile.
    pub profile: ProfileSummary,
    /// The distance on the sphere ([`GeoPoint::distance_km`]).
    pub distance_km: f64,
}

/// Profiles, read outside a unit of work. Lists are in their order, then by id.
#[async_trait]
pub trait ReadProfiles: Send + Sync {
    /// The profile of an id.
    async fn find(&self, id: ProfileId) -> Result<Option<Profile>, StoreError>;
    /// The profiles of many ids, in no particular order; unknown ids are absent.
    async fn find_many(&self, ids: &[ProfileId]) -> Result<Vec<Profile>, StoreError>;
    /// The profiles of a state.
    async fn list(&self, state: ProfileState, window: ProfileWindow) -> Result<CountedProfiles, StoreError>;
    /// The approved profiles that a filter fits ([`ProfileFilter::fits`]).
    async fn search(&self, filter: &ProfileFilter, window: ProfileWindow) -> Result<Vec<ProfileSummary>, StoreError>;
    /// The approved profiles that a filter fits, and whose location was found within a circle: the nearest first, of the same
    /// distance in their order, then by id. At most 1000 are given.
    async fn near(
        &self,
        around: Around,
        filter: &ProfileFilter,
        window: ProfileWindow,
    ) -> Result<Vec<NearProfile>, StoreError>;
    /// The changes of a profile, the last first, of those below a number; at most 1000 are given.
    async fn history(&self, id: ProfileId, below: Option<u64>, limit: u32) -> Result<Page<ProfileChange>, StoreError>;
}

/// Profiles, inside a unit of work.
#[async_trait]
pub trait Profiles: Send {
    /// The profile of an id, locked until the unit ends.
    async fn find_for_update(&mut self, id: ProfileId) -> Result<Option<Profile>, StoreError>;
    /// Stores a new profile.
    async fn insert(&mut self, profile: &Profile) -> Result<(), StoreError>;
    /// Stores another state of a profile that is locked, and adds its changes.
    async fn replace(&mut self, profile: &Profile, changes: &[ProfileChange]) -> Result<(), StoreError>;
    /// Removes a profile that is locked, with its changes.
    async fn remove(&mut self, id: ProfileId) -> Result<(), StoreError>;
    /// Removes, in one atomic step, submissions of the public (those without an author) that are not approved and were made
    /// before a time, the oldest first and at most so many; gives what was removed.
    async fn remove_stale(&mut self, made_before: OffsetDateTime, limit: u32) -> Result<Vec<Profile>, StoreError>;
}
