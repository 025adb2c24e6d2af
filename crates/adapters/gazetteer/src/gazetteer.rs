//! Choosing the place that a text means.

use vestibule_domain::place::GeoPoint;

use crate::{
    areas::Areas,
    cities::{Cities, City, Named},
    format::{DamagedData, unpack},
    question::{has_digit, parts, splits, without_digits},
    words::{NICKNAMES, NOT_CITIES},
};

/// How much more a city counts under its first name than under another one: Salem is not Jerusalem.
const FIRST_NAME: u64 = 10;
/// A smaller city, or one with another first name, is not meant by the lone name of a country or state elsewhere: Lebanon
/// is not in Tennessee.
const KNOWN_ALONE: u32 = 250_000;
/// How far a quarter may be from the centre of its city, in km.
const QUARTER_KM: f64 = 40.0;

/// A city with its full name.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Found {
    pub(crate) formatted: String,
    pub(crate) latitude: f64,
    pub(crate) longitude: f64,
}

#[derive(Debug)]
pub(crate) struct Gazetteer {
    areas: Areas,
    cities: Cities,
}

impl Gazetteer {
    /// Unpacks the data.
    pub(crate) fn read(packed: &[u8]) -> Result<Self, DamagedData> {
        let [countries, regions, names, numbers, folded, lists] = unpack(packed)?;
        let gazetteer =
            Self { areas: Areas::read(&countries, &regions)?, cities: Cities::read([names, numbers, folded, lists])? };
        Ok(gazetteer)
    }

    /// The city that a text means.
    pub(crate) fn locate(&self, text: &str) -> Option<Found> {
        let parts = parts(text);
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        self.choose(&parts).map(|city| self.found(&city))
    }

    fn found(&self, city: &City) -> Found {
        Found {
            formatted: self.areas.describe(self.cities.name(city), city),
            latitude: f64::from(city.latitude) / 1000.0,
            longitude: f64::from(city.longitude) / 1000.0,
        }
    }

    fn choose(&self, parts: &[&str]) -> Option<City> {
        let (first, qualifiers) = parts.split_first()?;
        let (last, rest) = parts.split_last()?;
        self.city(first, qualifiers)
            // A comma may be part of the name.
            .or_else(|| if qualifiers.is_empty() { None } else { self.city(&parts.join(" "), &[]) })
            // The largest may come first, as in `Japan, Tokyo`.
            .or_else(|| if qualifiers.is_empty() { None } else { self.city(last, rest) })
            // A street line may come first.
            .or_else(|| if has_digit(first) { self.choose(qualifiers) } else { None })
    }

    /// The city of a name that may contain its own qualifiers, as in `Paris Texas`.
    fn city(&self, name: &str, qualifiers: &[&str]) -> Option<City> {
        let plain = without_digits(name);
        std::iter::once(name).chain(plain.as_deref()).find_map(|name| {
            self.best(name, qualifiers).or_else(|| {
                splits(name).find_map(|(name, qualifier)| {
                    let is_area = !self.areas.named(qualifier).is_empty();
                    if is_area { self.best(name, &[&[qualifier], qualifiers].concat()) } else { None }
                })
            })
        })
    }

    /// The most likely city with exactly this name.
    fn best(&self, name: &str, qualifiers: &[&str]) -> Option<City> {
        self.nickname(name, qualifiers).or_else(|| self.heaviest(self.cities.named(name), name, qualifiers)).or_else(
            || {
                let plain = name.replace("ae", "a").replace("oe", "o").replace("ue", "u");
                if plain == name { None } else { self.heaviest(self.cities.named(&plain), &plain, qualifiers) }
            },
        )
    }

    fn nickname(&self, name: &str, qualifiers: &[&str]) -> Option<City> {
        let (_, name, qualifier) = NICKNAMES.iter().find(|row| row.0 == name)?;
        let (name, qualifier) = (crate::fold::fold(name), crate::fold::fold(qualifier));
        let qualifiers = [&[&*qualifier], qualifiers].concat();
        self.heaviest(self.cities.named(&name), &name, &qualifiers)
    }

    fn heaviest(&self, mut named: Vec<Named>, name: &str, qualifiers: &[&str]) -> Option<City> {
        if qualifiers.is_empty() {
            self.keep_known_alone(&mut named, name);
        }
        for (place, qualifier) in qualifiers.iter().enumerate() {
            if !named.is_empty() {
                named = self.qualified(&named, qualifier, &qualifiers[place + 1..]);
            }
        }
        let weight = |named: &Named| u64::from(named.city.population) * if named.is_first { FIRST_NAME } else { 1 };
        // Among equals the first one in the data.
        named.iter().rev().max_by_key(|named| weight(named)).map(|named| named.city)
    }

    /// Drops the cities that a lone name cannot mean.
    fn keep_known_alone(&self, named: &mut Vec<Named>, name: &str) {
        if NOT_CITIES.contains(&name) {
            named.clear();
        }
        let areas: Vec<_> = self.areas.named(name).iter().filter(|area| self.areas.is_known_alone(**area)).collect();
        if !areas.is_empty() {
            named.retain(|named| {
                named.is_first && named.city.population >= KNOWN_ALONE
                    || areas.iter().any(|area| self.areas.holds(**area, &named.city))
            });
        }
    }

    /// The cities to which a qualifier applies; `more` are the qualifiers after it.
    fn qualified(&self, named: &[Named], qualifier: &str, more: &[&str]) -> Vec<Named> {
        let plain = without_digits(qualifier);
        let qualifier = plain.as_deref().unwrap_or(qualifier);
        let areas = self.areas.named(qualifier);
        let within = |is_meant: &dyn Fn(&Named) -> bool| named.iter().copied().filter(is_meant).collect::<Vec<_>>();
        // Two letters are a US state before they are a country: CA is California.
        if qualifier.len() == 2 {
            let states = within(&|named| {
                areas.iter().any(|area| self.areas.is_state(*area) && self.areas.holds(*area, &named.city))
            });
            if !states.is_empty() {
                return states;
            }
        }
        let in_areas = within(&|named| areas.iter().any(|area| self.areas.holds(*area, &named.city)));
        if !in_areas.is_empty() {
            return in_areas;
        }
        match self.best(qualifier, more).and_then(|city| point(&city)) {
            Some(middle) => within(&|named| point(&named.city).is_some_and(|at| at.distance_km(middle) <= QUARTER_KM)),
            None => Vec::new(),
        }
    }
}

fn point(city: &City) -> Option<GeoPoint> {
    GeoPoint::new(f64::from(city.latitude) / 1000.0, f64::from(city.longitude) / 1000.0).ok()
}

#[cfg(test)]
mod tests {
    use vestibule_domain::place::PlaceName;

    use super::*;
    use crate::{DATA, fold::fold};

    #[test]
    fn every_name_of_the_data_is_folded_and_sorted() {
        let gazetteer = Gazetteer::read(DATA).unwrap();
        let names = gazetteer.cities.folded_names();
        assert!(names.len() > 300_000, "{}", names.len());
        assert!(names.is_sorted());
        for name in &names {
            assert_eq!(&fold(name), name);
        }
    }

    #[test]
    fn every_city_is_found_by_its_name_and_has_a_place() {
        let gazetteer = Gazetteer::read(DATA).unwrap();
        assert!(gazetteer.cities.all().len() > 60_000);
        for city in gazetteer.cities.all() {
            let found = gazetteer.found(city);
            assert!(PlaceName::parse(&found.formatted).is_ok(), "{found:?}");
            assert!(point(city).is_some(), "{found:?}");
            let name = fold(gazetteer.cities.name(city));
            let is_found = gazetteer
                .cities
                .named(&name)
                .iter()
                .any(|named| named.is_first && gazetteer.found(&named.city) == found);
            assert!(is_found, "{found:?}");
        }
    }

    #[test]
    fn every_nickname_stands_for_a_city() {
        let gazetteer = Gazetteer::read(DATA).unwrap();
        for (nickname, name, _) in NICKNAMES {
            assert_eq!(fold(nickname), *nickname);
            let city = gazetteer.nickname(nickname, &[]).unwrap_or_else(|| panic!("{nickname}"));
            assert_eq!(gazetteer.cities.name(&city), *name, "{nickname}");
        }
    }
}
