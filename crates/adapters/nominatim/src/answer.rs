//! Reading the server's answers.

use serde::Deserialize;
use vestibule_domain::place::{GeoPoint, PlaceName};
use vestibule_ports::FoundPlace;

use crate::failure::Failure;

/// The fields of a place that are read; the server sends numbers as texts.
#[derive(Deserialize)]
struct Place {
    lat: String,
    lon: String,
    display_name: String,
}

/// The first place of a list, checked; none if the list is empty.
pub(crate) fn read(body: &[u8]) -> Result<Option<FoundPlace>, Failure> {
    // The parser's own words may quote the answer.
    let places: Vec<Place> = serde_json::from_slice(body).map_err(|_| Failure::Nonsense("list of places"))?;
    let Some(place) = places.into_iter().next() else { return Ok(None) };
    let point = match (place.lat.parse(), place.lon.parse()) {
        (Ok(latitude), Ok(longitude)) => GeoPoint::new(latitude, longitude).ok(),
        _ => None,
    };
    let point = point.ok_or(Failure::Nonsense("latitude or longitude"))?;
    let formatted = PlaceName::parse(shorten(&place.display_name)).map_err(|_| Failure::Nonsense("name of a place"))?;
    Ok(Some(FoundPlace { formatted, point }))
}

/// As much of a name as is allowed, cut at a comma if there is one: street names can be long.
fn shorten(name: &str) -> &str {
    let Some((end, _)) = name.char_indices().nth(PlaceName::MAX_CHARS) else { return name };
    let cut = &name[..end];
    cut.rfind(',').map_or(cut, |comma| &cut[..comma])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_place_is_read() {
        let body = r#"[{"lat":"48.137","lon":"11.575","display_name":"Munich, Bavaria, Germany","rank":1},{"lat":"0","lon":"0","display_name":"Null Island"}]"#;
        let found = read(body.as_bytes()).unwrap().unwrap();
        assert_eq!(found.formatted.as_str(), "Munich, Bavaria, Germany");
        assert_eq!(found.point, GeoPoint::new(48.137, 11.575).unwrap());
        assert_eq!(read(b"[]").unwrap(), None);
    }

    #[test]
    fn what_is_no_list_of_places_is_refused() {
        for body in [
            "",
            "{}",
            "null",
            "[",
            "[{}]",
            "[1]",
            r#"{"error":"Unable to geocode"}"#,
            r#"[{"lat":1,"lon":2,"display_name":"x"}]"#,
            r#"[{"lat":"north","lon":"2","display_name":"x"}]"#,
            r#"[{"lat":"90.1","lon":"2","display_name":"x"}]"#,
            r#"[{"lat":"1","lon":"-181","display_name":"x"}]"#,
            r#"[{"lat":"NaN","lon":"2","display_name":"x"}]"#,
            r#"[{"lat":"inf","lon":"2","display_name":"x"}]"#,
            r#"[{"lat":"1","lon":"2","display_name":""}]"#,
            r#"[{"lat":"1","lon":"2","display_name":"a\u0000b"}]"#,
        ] {
            let failure = read(body.as_bytes()).unwrap_err();
            assert!(matches!(failure, Failure::Nonsense(_)), "{body}");
        }
    }

    #[test]
    fn a_long_name_is_cut_at_a_comma() {
        let name = format!("{}, Straße, München", "ü".repeat(190));
        assert_eq!(shorten(&name), format!("{}, Straße", "ü".repeat(190)));
        assert_eq!(shorten(&"ü".repeat(300)), "ü".repeat(200));
        assert_eq!(shorten("Berlin"), "Berlin");
    }
}
