//! Where places are looked up.

use super::{Key, Kind, table};

table! {
    GEOCODER = Key::new("places.geocoder", &["VESTIBULE_GEOCODER"], Kind::Choice(&["offline", "nominatim"]),
        "`offline` finds cities of 5,000 inhabitants or more in data inside the binary, without any network. `nominatim` asks a \
         server, at most once a second, and tells it what users call the places that they are at.")
        .default("offline");
    NOMINATIM_URL = Key::new("places.nominatim_url", &["VESTIBULE_NOMINATIM_URL"], Kind::Text,
        "Where the Nominatim server is, without `/search`; https, or http on this machine. The rules of a public server apply to \
         you: it is told the public URL.")
        .example("https://nominatim.example.org");
}
