//! Searches around a point: the places within the circle, the nearest first, and the profiles of each in the order of their index,
//! until the window is full.

use std::collections::{HashMap, VecDeque};

use sqlx::{Connection, SqliteConnection};
use vestibule_domain::{
    place::{BoundingBox, GeoPoint},
    profile::ProfileFilter,
};
use vestibule_ports::{Around, ProfileWindow, stored::StoredProfileSummary};

use super::{
    search::{as_list, fitting, summaries},
    sets::SlotSet,
};

/// Up to this many matching profiles, it is cheaper to locate each one than to list the profiles of each place.
const FEW: usize = 4096;
/// The most profiles of a place that are read at once.
const AT_ONCE: u32 = 512;

/// A place within the circle.
struct Within {
    distance_km: f64,
    name: String,
}

/// A profile's place in the order of lists.
type Position = (i64, Vec<u8>);

/// A window of the matching profiles within the circle, with their distances.
pub(super) async fn near(
    connection: &mut SqliteConnection,
    around: Around,
    filter: &ProfileFilter,
    window: ProfileWindow,
) -> sqlx::Result<Vec<(StoredProfileSummary, f64)>> {
    let mut snapshot = connection.begin().await?;
    let fitting = fitting(&mut snapshot, filter).await?;
    let places = within(&mut snapshot, around).await?;
    let found = match &fitting {
        Some(fitting) if fitting.count() <= FEW => of_few(&mut snapshot, fitting, &places, window).await?,
        fitting => by_place(&mut snapshot, fitting.as_ref(), &places, window).await?,
    };
    let slots: Vec<_> = found.iter().map(|(slot, _)| *slot).collect();
    let mut told = summaries(&mut snapshot, &slots).await?;
    snapshot.commit().await?;
    Ok(found.into_iter().filter_map(|(slot, distance_km)| Some((told.remove(&slot)?, distance_km))).collect())
}

/// The places of approved profiles within a circle, the nearest first.
async fn within(connection: &mut SqliteConnection, around: Around) -> sqlx::Result<Vec<Within>> {
    let area = BoundingBox::around(around.center, around.radius_km);
    let ((south, north), (west, east)) = (area.latitudes, area.longitudes);
    let (west_beyond, east_beyond) = area.beyond.unwrap_or(area.longitudes);
    let rows = sqlx::query!(
        r#"SELECT name, latitude AS "latitude!", longitude AS "longitude!" FROM places
        WHERE latitude BETWEEN ? AND ? AND (longitude BETWEEN ? AND ? OR longitude BETWEEN ? AND ?)
            AND EXISTS (SELECT 1 FROM profiles WHERE state = 'approved' AND location = places.name)"#,
        south,
        north,
        west,
        east,
        west_beyond,
        east_beyond
    )
    .fetch_all(connection)
    .await?;
    let mut places = Vec::new();
    for row in rows {
        // An unreadable place is logged where places are listed.
        let Ok(point) = GeoPoint::new(row.latitude, row.longitude) else { continue };
        let distance_km = point.distance_km(around.center);
        if distance_km <= around.radius_km {
            places.push(Within { distance_km, name: row.name });
        }
    }
    places.sort_by(|one, other| one.distance_km.total_cmp(&other.distance_km));
    Ok(places)
}

/// A window for few matches: locate each one.
async fn of_few(
    connection: &mut SqliteConnection,
    fitting: &SlotSet,
    places: &[Within],
    window: ProfileWindow,
) -> sqlx::Result<Vec<(u32, f64)>> {
    let slots = as_list(fitting.slots());
    let rows = sqlx::query!(
        r#"SELECT slot AS "slot: u32", ord, id, location AS "location!" FROM profiles
        WHERE slot IN (SELECT value FROM json_each(?)) AND location IS NOT NULL"#,
        slots
    )
    .fetch_all(connection)
    .await?;
    let distances: HashMap<_, _> = places.iter().map(|place| (place.name.as_str(), place.distance_km)).collect();
    let found = rows.into_iter().filter_map(|row| {
        let distance_km = *distances.get(row.location.as_str())?;
        Some((distance_km, (row.ord, row.id), row.slot))
    });
    let mut found: Vec<_> = found.collect();
    found.sort_by(|one, other| one.0.total_cmp(&other.0).then_with(|| one.1.cmp(&other.1)));
    let skip = usize::try_from(window.skip).unwrap_or(usize::MAX);
    let most = window.limit.min(ProfileWindow::MOST) as usize;
    Ok(found.into_iter().skip(skip).take(most).map(|(distance_km, _, slot)| (slot, distance_km)).collect())
}

/// A window for many matches: list the profiles of each place, one distance after the other.
async fn by_place(
    connection: &mut SqliteConnection,
    fitting: Option<&SlotSet>,
    places: &[Within],
    window: ProfileWindow,
) -> sqlx::Result<Vec<(u32, f64)>> {
    let most = window.limit.min(ProfileWindow::MOST) as usize;
    let (mut skip, mut found) = (window.skip, Vec::new());
    for ring in places.chunk_by(|one, other| one.distance_km.total_cmp(&other.distance_km).is_eq()) {
        let mut queues: Vec<_> = ring.iter().map(Queue::of).collect();
        while found.len() < most {
            let Some(slot) = next_of(connection, &mut queues).await? else { break };
            if fitting.is_some_and(|fitting| !fitting.has(slot)) {
                continue;
            }
            if skip > 0 {
                skip -= 1;
            } else {
                found.push((slot, ring[0].distance_km));
            }
        }
        if found.len() >= most {
            break;
        }
    }
    Ok(found)
}

/// The approved profiles of a place, in their order: the part read but not yet returned.
struct Queue<'p> {
    name: &'p str,
    read: VecDeque<(Position, u32)>,
    last: Position,
    at_once: u32,
    is_read: bool,
}

impl<'p> Queue<'p> {
    fn of(place: &'p Within) -> Self {
        Self { name: &place.name, read: VecDeque::new(), last: (i64::MIN, Vec::new()), at_once: 32, is_read: false }
    }

    /// Reads more once everything read was returned.
    async fn fill(&mut self, connection: &mut SqliteConnection) -> sqlx::Result<()> {
        if self.is_read || !self.read.is_empty() {
            return Ok(());
        }
        let ((ord, id), name, at_once) = (&self.last, self.name, self.at_once);
        let rows = sqlx::query!(
            r#"SELECT slot AS "slot: u32", ord, id FROM profiles
            WHERE state = 'approved' AND location = ? AND (ord, id) > (?, ?) ORDER BY ord, id LIMIT ?"#,
            name,
            ord,
            id,
            at_once
        )
        .fetch_all(connection)
        .await?;
        self.is_read = rows.len() < at_once as usize;
        self.at_once = (at_once * 2).min(AT_ONCE);
        self.read.extend(rows.into_iter().map(|row| ((row.ord, row.id), row.slot)));
        if let Some((last, _)) = self.read.back() {
            self.last = last.clone();
        }
        Ok(())
    }
}

/// The next profile among several places at the same distance.
async fn next_of(connection: &mut SqliteConnection, queues: &mut [Queue<'_>]) -> sqlx::Result<Option<u32>> {
    for queue in &mut *queues {
        queue.fill(connection).await?;
    }
    let first = queues.iter_mut().filter(|queue| !queue.read.is_empty());
    let first = first.min_by(|one, other| one.read.front().cmp(&other.read.front()));
    Ok(first.and_then(|queue| queue.read.pop_front()).map(|(_, slot)| slot))
}
