//! Where places are looked up.

use super::{Settings, keys, value::Refusal};

/// A source of places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Places {
    /// The cities embedded in the binary.
    Offline,
    /// The Nominatim server at a URL.
    Nominatim(String),
}

pub(super) fn places(settings: &mut Settings, warnings: &mut Vec<String>) -> Places {
    let url = settings.parse(&keys::NOMINATIM_URL, nominatim_url);
    let is_nominatim = settings.text(&keys::GEOCODER).is_some_and(|word| word == "nominatim");
    if !is_nominatim {
        if settings.is_given(&keys::NOMINATIM_URL) {
            let place = settings.origin(&keys::NOMINATIM_URL).place(keys::NOMINATIM_URL.name);
            warnings.push(format!("{place} has no effect unless VESTIBULE_GEOCODER is `nominatim`"));
        }
        return Places::Offline;
    }
    if !settings.is_given(&keys::NOMINATIM_URL) {
        settings.refuse(
            &keys::NOMINATIM_URL,
            "places are to be looked up by Nominatim, and there is no server to ask",
            "set VESTIBULE_NOMINATIM_URL, or VESTIBULE_GEOCODER to `offline`",
        );
    }
    url.map_or(Places::Offline, Places::Nominatim)
}

fn nominatim_url(text: &str) -> Result<String, Refusal> {
    vestibule_nominatim::check_url(text)
        .map_err(|error| Refusal::new(error.to_string(), "write it as in `https://nominatim.example.org`"))?;
    Ok(text.to_owned())
}
