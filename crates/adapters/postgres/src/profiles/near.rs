//! Approved profiles around a point: first the places in a box, by the index on latitude, then the profiles of each place,
//! the nearest first, by the index of terms.

use std::collections::HashMap;

use uuid::Uuid;
use vestibule_domain::{
    place::{BoundingBox, GeoPoint, PlaceName},
    profile::ProfileFilter,
};
use vestibule_ports::{
    Around, NearProfile, ProfileSummary, ProfileWindow, StoreError,
    stored::{StoredProfileSummary, readable_all},
};

use super::{
    search::fitting,
    terms::{Asked, of_place},
};
use crate::connections::{Connections, alone};

/// How many places are examined at first, and at most at once.
const FIRST_PLACES: usize = 16;
const MOST_PLACES: usize = 1_024;

/// A place within the circle.
struct Found {
    distance_km: f64,
    term: String,
}

/// A match at a place: the distance, then the place in the order of lists.
struct Candidate {
    distance_km: f64,
    ord: i32,
    id: Uuid,
}

/// The window of matches, the nearest first.
pub(super) async fn near(
    connections: &Connections,
    around: Around,
    filter: &ProfileFilter,
    window: ProfileWindow,
) -> Result<Vec<NearProfile>, StoreError> {
    let limit = window.limit.min(ProfileWindow::MOST) as usize;
    if limit == 0 || filter.is_void() {
        return Ok(Vec::new());
    }
    let skip = usize::try_from(window.skip).unwrap_or(usize::MAX);
    let wanted = skip.saturating_add(limit);
    let asked = Asked::of(filter);
    let places = places_within(connections, around).await?;
    let (mut candidates, mut rest, mut most) = (Vec::new(), places.as_slice(), FIRST_PLACES);
    while !rest.is_empty() && candidates.len() < wanted {
        let mut next = most.min(rest.len());
        // Places at the same distance stay together: their profiles are sorted together.
        while next < rest.len() && rest[next - 1].distance_km.total_cmp(&rest[next].distance_km).is_eq() {
            next += 1;
        }
        let (now, later) = rest.split_at(next);
        candidates.extend(candidates_at(connections, &asked, now, wanted).await?);
        (rest, most) = (later, (most * 4).min(MOST_PLACES));
    }
    let shown = candidates.get(skip..wanted.min(candidates.len())).unwrap_or_default();
    with_details(connections, shown).await
}

/// The places found within a circle, the nearest first.
async fn places_within(connections: &Connections, around: Around) -> Result<Vec<Found>, StoreError> {
    let within = BoundingBox::around(around.center, around.radius_km);
    let (south, north) = within.latitudes;
    let (west, east) = within.longitudes;
    let (beyond_west, beyond_east) = within.beyond.unwrap_or(within.longitudes);
    let rows = alone!(
        connections,
        fetch_all,
        sqlx::query!(
            "SELECT name, latitude AS \"latitude!\", longitude AS \"longitude!\" FROM places \
             WHERE latitude IS NOT NULL AND latitude BETWEEN $1 AND $2 \
             AND (longitude BETWEEN $3 AND $4 OR longitude BETWEEN $5 AND $6)",
            south,
            north,
            west,
            east,
            beyond_west,
            beyond_east,
        )
    )?;
    let mut found = Vec::new();
    for row in rows {
        // An unreadable place is logged where places are listed.
        let Ok(point) = GeoPoint::new(row.latitude, row.longitude) else { continue };
        let distance_km = point.distance_km(around.center);
        if (..=around.radius_km).contains(&distance_km) {
            let Ok(name) = PlaceName::parse(&row.name) else { continue };
            found.push(Found { distance_km, term: of_place(&name) });
        }
    }
    found.sort_by(|one, other| one.distance_km.total_cmp(&other.distance_km));
    Ok(found)
}

/// The matches at places, from each no more than are wanted in total.
async fn candidates_at(
    connections: &Connections,
    asked: &Asked,
    places: &[Found],
    wanted: usize,
) -> Result<Vec<Candidate>, StoreError> {
    let terms: Vec<String> = places.iter().map(|place| place.term.clone()).collect();
    let (terms, wanted) = (terms.as_slice(), i64::try_from(wanted).unwrap_or(i64::MAX));
    let rows = alone!(
        connections,
        fetch_all,
        fitting!(
            query[],
            asked,
            "SELECT place.number AS \"number!\", found.ord AS \"ord!\", found.profile_id AS \"id!\" \
             FROM unnest($15::text[]) WITH ORDINALITY AS place (term, number) CROSS JOIN LATERAL \
             (SELECT w.ord, w.profile_id FROM (SELECT ord, profile_id FROM (SELECT * FROM profile_terms \
             WHERE term = place.term ORDER BY ord, profile_id OFFSET 0) there WHERE ",
            ") w CROSS JOIN LATERAL (SELECT FROM profiles WHERE id = w.profile_id AND terms && $11::text[] \
             AND terms && $12::text[] AND terms && $13::text[] AND terms && $14::text[] OFFSET 0) p \
             ORDER BY w.ord, w.profile_id LIMIT $16) found",
            &asked.any_of[0],
            &asked.any_of[1],
            &asked.any_of[2],
            &asked.any_of[3],
            terms,
            wanted
        )
    )?;
    let candidate = |number: i64, ord, id| {
        let place = usize::try_from(number - 1).ok().and_then(|at| places.get(at))?;
        Some(Candidate { distance_km: place.distance_km, ord, id })
    };
    let mut candidates: Vec<_> = rows.into_iter().filter_map(|row| candidate(row.number, row.ord, row.id)).collect();
    candidates.sort_by(|one, other| {
        one.distance_km.total_cmp(&other.distance_km).then((one.ord, one.id).cmp(&(other.ord, other.id)))
    });
    Ok(candidates)
}

/// The details of candidates, except those that were changed since.
async fn with_details(connections: &Connections, shown: &[Candidate]) -> Result<Vec<NearProfile>, StoreError> {
    if shown.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<Uuid> = shown.iter().map(|candidate| candidate.id).collect();
    let ids = ids.as_slice();
    let rows = alone!(
        connections,
        fetch_all,
        sqlx::query_as!(
            StoredProfileSummary,
            "SELECT id, ord, age, location, tags, details FROM profiles WHERE id = ANY($1) AND state = 'approved'",
            ids,
        )
    )?;
    let profiles: Vec<ProfileSummary> = readable_all(rows);
    let mut profiles: HashMap<Uuid, ProfileSummary> =
        profiles.into_iter().map(|profile| (profile.id.uuid(), profile)).collect();
    let with_distance = |candidate: &Candidate| {
        Some(NearProfile { profile: profiles.remove(&candidate.id)?, distance_km: candidate.distance_km })
    };
    Ok(shown.iter().filter_map(with_distance).collect())
}
