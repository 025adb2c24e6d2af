//! What is understood, and what is not.

use vestibule_domain::place::GeoPoint;
use vestibule_gazetteer::OfflineGeocoder;

use crate::locate;

/// A text, the full name of the place that it means, and about where that is.
type Row = (&'static str, &'static str, f64, f64);

/// Asserts that each text is found within 30 km.
async fn assert_all(rows: &[Row]) {
    let geocoder = OfflineGeocoder::new();
    let mut wrong = Vec::new();
    for (text, formatted, latitude, longitude) in rows {
        let expected = GeoPoint::new(*latitude, *longitude).unwrap();
        match locate(&geocoder, text).await {
            Some(found) if found.formatted.as_str() == *formatted && found.point.distance_km(expected) < 30.0 => {}
            other => wrong.push(format!("{text:?} should be {formatted:?}, and is {other:?}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

async fn assert_unknown(texts: &[&str]) {
    let geocoder = OfflineGeocoder::new();
    let mut wrong = Vec::new();
    for text in texts {
        if let Some(found) = locate(&geocoder, text).await {
            wrong.push(format!("{text:?} should be unknown, and is {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

const SAN_FRANCISCO: &str = "San Francisco, California, United States";
const NEW_YORK: &str = "New York City, New York, United States";
const PARIS: &str = "Paris, Île-de-France, France";
const MUNICH: &str = "Munich, Bavaria, Germany";
const MIAMI: &str = "Miami, Florida, United States";
const DC: &str = "Washington, District of Columbia, United States";

#[tokio::test]
async fn a_city_is_found_by_its_state() {
    assert_all(&[
        ("San Francisco, CA", SAN_FRANCISCO, 37.77, -122.42),
        ("san francisco,california", SAN_FRANCISCO, 37.77, -122.42),
        ("San Francisco, CA, USA", SAN_FRANCISCO, 37.77, -122.42),
        ("San Francisco CA", SAN_FRANCISCO, 37.77, -122.42),
        ("Paris, TX", "Paris, Texas, United States", 33.66, -95.56),
        ("Paris, Texas", "Paris, Texas, United States", 33.66, -95.56),
        ("Paris Texas", "Paris, Texas, United States", 33.66, -95.56),
        ("Portland, ME", "Portland, Maine, United States", 43.66, -70.26),
        ("Portland", "Portland, Oregon, United States", 45.52, -122.68),
        ("Springfield, IL", "Springfield, Illinois, United States", 39.80, -89.64),
        ("Richmond, CA", "Richmond, California, United States", 37.94, -122.35),
        ("Columbus, Georgia", "Columbus, Georgia, United States", 32.46, -84.99),
        ("Washington, D.C.", DC, 38.90, -77.04),
        ("Washington DC", DC, 38.90, -77.04),
        ("Vancouver, BC", "Vancouver, British Columbia, Canada", 49.25, -123.12),
        ("Toronto, Ontario", "Toronto, Ontario, Canada", 43.70, -79.42),
        ("London, ON", "London, Ontario, Canada", 42.98, -81.25),
        ("St. John's, NL", "St. John's, Newfoundland and Labrador, Canada", 47.56, -52.71),
        ("Newcastle, NSW", "Newcastle, New South Wales, Australia", -32.93, 151.78),
        ("Frankfurt, Hessen", "Frankfurt am Main, Hesse, Germany", 50.11, 8.68),
    ])
    .await;
}

#[tokio::test]
async fn a_city_is_found_by_its_country() {
    assert_all(&[
        ("Paris, France", PARIS, 48.85, 2.35),
        ("Paris (France)", PARIS, 48.85, 2.35),
        ("Paris, FR", PARIS, 48.85, 2.35),
        ("Paris, Île-de-France, France", PARIS, 48.85, 2.35),
        ("France, Paris", PARIS, 48.85, 2.35),
        ("London, UK", "London, England, United Kingdom", 51.51, -0.13),
        ("London England", "London, England, United Kingdom", 51.51, -0.13),
        ("London, Great Britain", "London, England, United Kingdom", 51.51, -0.13),
        ("Edinburgh, Scotland", "Edinburgh, Scotland, United Kingdom", 55.95, -3.20),
        ("Toronto, CA", "Toronto, Ontario, Canada", 43.70, -79.42),
        ("Berlin, Deutschland", "Berlin, State of Berlin, Germany", 52.52, 13.41),
        ("Berlin, DE", "Berlin, State of Berlin, Germany", 52.52, 13.41),
        ("Berlin - Germany", "Berlin, State of Berlin, Germany", 52.52, 13.41),
        ("Valencia, España", "Valencia, Spain", 39.47, -0.38),
        ("Valencia, Venezuela", "Valencia, Carabobo, Venezuela", 10.16, -68.0),
        ("Tbilisi, Georgia", "Tbilisi, Georgia", 41.69, 44.83),
        ("Hyderabad, Pakistan", "Hyderabad, Sindh, Pakistan", 25.39, 68.37),
        ("Birmingham, GBR", "Birmingham, England, United Kingdom", 52.48, -1.90),
        ("Monaco", "Monaco, Municipality of Monaco, Monaco", 43.73, 7.42),
        ("Singapore", "Singapore", 1.29, 103.85),
        ("Hong Kong, China", "Hong Kong", 22.28, 114.17),
        ("San Juan, PR, USA", "San Juan, Puerto Rico", 18.47, -66.11),
        ("São Paulo - SP", "São Paulo, Brazil", -23.55, -46.64),
        ("Bogotá, D.C.", "Bogotá, Bogota D.C., Colombia", 4.61, -74.08),
        ("Kraków, Polska", "Kraków, Lesser Poland, Poland", 50.06, 19.94),
        ("Frankfurt (Oder)", "Frankfurt (Oder), Brandenburg, Germany", 52.35, 14.55),
    ])
    .await;
}

#[tokio::test]
async fn the_largest_city_of_a_name_is_meant() {
    assert_all(&[
        ("Paris", PARIS, 48.85, 2.35),
        ("London", "London, England, United Kingdom", 51.51, -0.13),
        ("Birmingham", "Birmingham, England, United Kingdom", 52.48, -1.90),
        ("Springfield", "Springfield, Missouri, United States", 37.22, -93.30),
        ("Alexandria", "Alexandria, Egypt", 31.20, 29.92),
        ("Waterloo", "Waterloo, Ontario, Canada", 43.47, -80.52),
        ("Salem", "Salem, Tamil Nadu, India", 11.65, 78.16),
        ("Odessa", "Odesa, Ukraine", 46.48, 30.72),
        ("Odessa, TX", "Odessa, Texas, United States", 31.85, -102.37),
    ])
    .await;
}

#[tokio::test]
async fn nicknames_and_abbreviations_are_known() {
    assert_all(&[
        ("NYC", NEW_YORK, 40.71, -74.01),
        ("n.y.c.", NEW_YORK, 40.71, -74.01),
        ("New York", NEW_YORK, 40.71, -74.01),
        ("New York, NY", NEW_YORK, 40.71, -74.01),
        ("New York City, New York, USA", NEW_YORK, 40.71, -74.01),
        ("Brooklyn, NYC", "Brooklyn, New York, United States", 40.65, -73.95),
        ("LA", "Los Angeles, California, United States", 34.05, -118.24),
        ("L.A., California", "Los Angeles, California, United States", 34.05, -118.24),
        ("New Orleans, LA", "New Orleans, Louisiana, United States", 29.95, -90.08),
        ("SF", SAN_FRANCISCO, 37.77, -122.42),
        ("SF Bay Area", SAN_FRANCISCO, 37.77, -122.42),
        ("DC", DC, 38.90, -77.04),
        ("Las Vegas", "Las Vegas, Nevada, United States", 36.17, -115.14),
        ("Vegas", "Las Vegas, Nevada, United States", 36.17, -115.14),
        ("St. Petersburg, FL", "St. Petersburg, Florida, United States", 27.77, -82.68),
        ("Saint Petersburg, Florida", "St. Petersburg, Florida, United States", 27.77, -82.68),
        ("St Petersburg", "Saint Petersburg, St.-Petersburg, Russia", 59.94, 30.31),
        ("Ft. Lauderdale", "Fort Lauderdale, Florida, United States", 26.12, -80.14),
        ("Fort Worth, TX", "Fort Worth, Texas, United States", 32.73, -97.32),
        ("Mt. Vernon, NY", "Mount Vernon, New York, United States", 40.91, -73.84),
        ("Saint Louis, Missouri", "St. Louis, Missouri, United States", 38.63, -90.20),
    ])
    .await;
}

#[tokio::test]
async fn spellings_and_scripts_do_not_matter() {
    assert_all(&[
        ("München", MUNICH, 48.14, 11.58),
        ("Munich", MUNICH, 48.14, 11.58),
        ("Muenchen", MUNICH, 48.14, 11.58),
        ("munchen", MUNICH, 48.14, 11.58),
        ("MÜNCHEN, BAYERN", MUNICH, 48.14, 11.58),
        ("Mu\u{308}nchen", MUNICH, 48.14, 11.58),
        ("Cologne", "Köln, North Rhine-Westphalia, Germany", 50.93, 6.95),
        ("Tuebingen", "Tübingen, Baden-Wurttemberg, Germany", 48.52, 9.06),
        ("東京", "Tokyo, Japan", 35.69, 139.69),
        ("東京、日本", "Tokyo, Japan", 35.69, 139.69),
        ("Москва", "Moscow, Russia", 55.75, 37.62),
        ("Санкт-Петербург, Россия", "Saint Petersburg, St.-Petersburg, Russia", 59.94, 30.31),
        ("الرياض", "Riyadh, Riyadh Region, Saudi Arabia", 24.69, 46.72),
        ("北京", "Beijing, China", 39.91, 116.40),
        ("서울", "Seoul, South Korea", 37.57, 126.98),
        ("Αθήνα", "Athens, Attica, Greece", 37.98, 23.73),
        ("मुंबई", "Mumbai, Maharashtra, India", 19.07, 72.88),
        ("תל אביב", "Tel Aviv, Israel", 32.08, 34.78),
        ("sao paulo", "São Paulo, Brazil", -23.55, -46.64),
        ("San Sebastián", "Donostia / San Sebastián, Basque Country, Spain", 43.31, -1.97),
        ("Kathmandu / काठमांडू", "Kathmandu, Bagmati Province, Nepal", 27.70, 85.32),
        ("Zürich", "Zürich, Zurich, Switzerland", 47.37, 8.55),
        ("Zurich, ZH", "Zürich, Zurich, Switzerland", 47.37, 8.55),
        ("İstanbul", "Istanbul, Turkey", 41.01, 28.95),
        ("Coeur d’Alene, ID", "Coeur d'Alene, Idaho, United States", 47.68, -116.78),
    ])
    .await;
}

#[tokio::test]
async fn what_stands_around_a_name_does_not_matter() {
    assert_all(&[
        ("🌴 Miami, FL 🌴", MIAMI, 25.77, -80.19),
        ("  miami ,  fl  ", MIAMI, 25.77, -80.19),
        ("📍Miami 🇺🇸", MIAMI, 25.77, -80.19),
        ("*~Miami~* / Florida!", MIAMI, 25.77, -80.19),
        ("San Francisco, CA 94103", SAN_FRANCISCO, 37.77, -122.42),
        ("1 Market Street, San Francisco, CA 94105, USA", SAN_FRANCISCO, 37.77, -122.42),
        ("80331 München", MUNICH, 48.14, 11.58),
        ("London SW1A 1AA", "London, England, United Kingdom", 51.51, -0.13),
    ])
    .await;
}

#[tokio::test]
async fn what_is_not_understood_is_unknown() {
    assert_unknown(&[
        "Nowhere at all",
        "asdfgh, TX",
        "asdfgh TX",
        "Springfield, ZZ",
        "ZZ, Springfield",
        "Springfield, Illinois, France",
        "Paris, Japan",
        "Paris, London",
        "🌴🌴🌴",
        "...",
        "12345",
        "somewhere over the rainbow",
        "your mom's house",
        "none",
        "N/A",
        "Europe",
        "London | Paris",
        "Earth",
        "a, b, c, d, e, f, g, h, i, j",
    ])
    .await;
}

#[tokio::test]
async fn a_lone_country_or_state_is_not_a_small_city_that_has_its_name() {
    assert_unknown(&[
        "Texas",
        "California",
        "Lebanon",
        "Germany",
        "Peru",
        "Delaware",
        "Ontario",
        "Jordan",
        "USA",
        "Cuba",
    ])
    .await;
    assert_all(&[
        ("Lebanon, TN", "Lebanon, Tennessee, United States", 36.21, -86.29),
        ("Ontario, CA", "Ontario, California, United States", 34.06, -117.65),
        ("Mexico", "Mexico City, Mexico", 19.43, -99.13),
        ("Washington", DC, 38.90, -77.04),
        ("Quebec", "Québec, Quebec, Canada", 46.81, -71.21),
    ])
    .await;
}
