//! Countries and regions: the qualifiers after the name of a city.

use std::collections::HashMap;

use crate::{
    cities::City,
    fold::fold,
    format::DamagedData,
    words::{COUNTRIES, REGIONS},
};

/// The country whose state codes are better known than country codes.
const UNITED_STATES: &str = "US";
const CANADA: &str = "CA";

/// Words around the name of a region that are often left out.
const BEFORE: &[&str] = &["state of ", "province of ", "canton of ", "republic of ", "emirate of ", "region of "];
const BEHIND: &[&str] = &[
    " oblast",
    " province",
    " prefecture",
    " county",
    " governorate",
    " region",
    " department",
    " district",
    " state",
    " voivodeship",
    " krai",
    " canton",
    " municipality",
    " division",
];

/// A country or a region, by its index in its list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Area {
    Country(u32),
    Region(u32),
}

#[derive(Debug)]
struct Country {
    code: String,
    name: String,
}

#[derive(Debug)]
struct Region {
    country: u32,
    name: String,
}

#[derive(Debug)]
pub(crate) struct Areas {
    countries: Vec<Country>,
    regions: Vec<Region>,
    by_name: HashMap<String, Vec<Area>>,
}

impl Areas {
    /// Takes the first two parts of the data.
    pub(crate) fn read(countries: &[u8], regions: &[u8]) -> Result<Self, DamagedData> {
        let damaged = DamagedData("an area is not what it should be");
        let mut areas = Self { countries: Vec::new(), regions: Vec::new(), by_name: HashMap::new() };
        areas.read_countries(countries).and_then(|()| areas.read_regions(regions)).ok_or(damaged)?;
        Ok(areas)
    }

    fn read_countries(&mut self, lines: &[u8]) -> Option<()> {
        for (line, place) in std::str::from_utf8(lines).ok()?.lines().zip(0..) {
            let [code, name, iso3] = columns(line)?;
            let words = COUNTRIES.iter().filter(|(of, _)| *of == code).flat_map(|(_, words)| *words);
            for name in [code, name, iso3].iter().chain(words) {
                self.add(fold(name), Area::Country(place));
            }
            self.countries.push(Country { code: code.to_owned(), name: name.to_owned() });
        }
        Some(())
    }

    fn read_regions(&mut self, lines: &[u8]) -> Option<()> {
        for (line, place) in std::str::from_utf8(lines).ok()?.lines().zip(0..) {
            let [country, code, name] = columns(line)?;
            let words = REGIONS.iter().filter(|row| (row.0, row.1) == (country, name)).map(|row| row.2);
            let code = Some(code).filter(|code| code.len() > 1 && code.bytes().all(|b| b.is_ascii_alphabetic()));
            for name in words.chain(code).map(fold).chain(shorter(&fold(name))) {
                self.add(name, Area::Region(place));
            }
            let country = self.countries.iter().position(|of| of.code == country)?;
            self.regions.push(Region { country: u32::try_from(country).ok()?, name: name.to_owned() });
        }
        Some(())
    }

    fn add(&mut self, name: String, area: Area) {
        if name.is_empty() {
            return;
        }
        let named = self.by_name.entry(name).or_default();
        if !named.contains(&area) {
            named.push(area);
        }
    }

    /// Every area with a folded name or code.
    pub(crate) fn named(&self, folded: &str) -> &[Area] {
        self.by_name.get(folded).map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether the city lies in the area.
    pub(crate) fn holds(&self, area: Area, city: &City) -> bool {
        match area {
            Area::Country(country) => self.region(city.region).is_some_and(|region| region.country == country),
            Area::Region(region) => city.region == region,
        }
    }

    /// Whether the area is a state of the US.
    pub(crate) fn is_state(&self, area: Area) -> bool {
        self.is_region_of(area, &[UNITED_STATES])
    }

    /// Whether a name that stands alone means the area rather than a small city elsewhere with the same name.
    pub(crate) fn is_known_alone(&self, area: Area) -> bool {
        matches!(area, Area::Country(_)) || self.is_region_of(area, &[UNITED_STATES, CANADA])
    }

    fn is_region_of(&self, area: Area, codes: &[&str]) -> bool {
        match area {
            Area::Country(_) => false,
            Area::Region(place) => {
                self.region(place).and_then(|region| self.country(region)).is_some_and(|of| codes.contains(&&*of.code))
            }
        }
    }

    fn region(&self, place: u32) -> Option<&Region> {
        self.regions.get(usize::try_from(place).ok()?)
    }

    fn country(&self, region: &Region) -> Option<&Country> {
        self.countries.get(usize::try_from(region.country).ok()?)
    }

    /// `City, Region, Country`, without a part that repeats the one before it.
    pub(crate) fn describe(&self, name: &str, city: &City) -> String {
        let region = self.region(city.region);
        let country = region.and_then(|region| self.country(region)).map_or("", |country| &country.name);
        let mut formatted = name.to_owned();
        let mut last = name;
        for part in [region.map_or("", |region| &region.name), country] {
            if !part.is_empty() && part != last {
                formatted.push_str(", ");
                formatted.push_str(part);
                last = part;
            }
        }
        formatted
    }
}

fn columns(line: &str) -> Option<[&str; 3]> {
    line.split('\t').collect::<Vec<_>>().try_into().ok()
}

/// A folded name, and the rest of it without words such as `oblast`.
fn shorter(name: &str) -> impl Iterator<Item = String> {
    let before = BEFORE.iter().filter_map(|word| name.strip_prefix(word));
    let behind = BEHIND.iter().filter_map(|word| name.strip_suffix(word));
    let names: Vec<String> = std::iter::once(name).chain(before).chain(behind).map(str::to_owned).collect();
    names.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DATA, format::unpack};

    fn areas() -> Areas {
        let [countries, regions, ..] = unpack(DATA).unwrap();
        Areas::read(&countries, &regions).unwrap()
    }

    #[test]
    fn every_word_for_an_area_stands_for_one_of_the_data() {
        let areas = areas();
        for (code, words) in COUNTRIES {
            let place = areas.countries.iter().position(|country| country.code == *code).expect(code);
            for word in *words {
                let area = Area::Country(place.try_into().unwrap());
                assert!(areas.named(&fold(word)).contains(&area), "{word}");
            }
        }
        for (code, name, word) in REGIONS {
            let is_meant = |area: &Area| match area {
                Area::Country(_) => false,
                Area::Region(place) => {
                    let region = areas.region(*place).unwrap();
                    areas.country(region).unwrap().code == *code && region.name == *name
                }
            };
            assert!(areas.named(&fold(word)).iter().any(is_meant), "{word}: {name}, {code}");
        }
    }

    #[test]
    fn an_area_has_codes_and_shorter_names() {
        let areas = areas();
        for name in ["us", "usa", "tx", "texas", "berlin", "state of berlin", "bayern", "moscow", "zh", "sct", "nsw"] {
            assert!(!areas.named(name).is_empty(), "{name}");
        }
        for name in ["", "zz", "08", "nowhere"] {
            assert_eq!(areas.named(name), [], "{name}");
        }
    }
}
