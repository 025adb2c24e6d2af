//! Hostile texts.

use std::{
    sync::LazyLock,
    time::{Duration, Instant},
};

use proptest::prelude::*;
use tokio::runtime::Runtime;
use vestibule_domain::place::PlaceName;
use vestibule_gazetteer::OfflineGeocoder;
use vestibule_ports::geocoder::Geocoder;

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());
static GEOCODER: LazyLock<OfflineGeocoder> = LazyLock::new(OfflineGeocoder::new);

/// Far more than a look-up takes in a build without optimisation; a release build takes microseconds.
const LIMIT: Duration = Duration::from_millis(500);

fn look_up(text: &str) {
    let Ok(name) = PlaceName::parse(text) else { return };
    RUNTIME.block_on(async {
        GEOCODER.locate(&PlaceName::parse("Berlin").unwrap()).await.unwrap();
        let begin = Instant::now();
        let found = GEOCODER.locate(&name).await.unwrap();
        assert!(begin.elapsed() < LIMIT, "{text:?} takes {:?}", begin.elapsed());
        if let Some(found) = found {
            assert!(!found.formatted.as_str().is_empty());
        }
    });
}

#[test]
fn long_and_repeated_texts_take_no_longer() {
    for unit in [
        "san ",
        "san antonio,",
        "st 1,",
        "1,",
        ",",
        "(",
        "saint-",
        "\u{fdfa}",
        "e\u{301}",
        "ae",
        "CA ",
        "santa maria 1 ",
    ] {
        let text: String = unit.chars().cycle().take(PlaceName::MAX_CHARS).collect();
        look_up(&text);
    }
    look_up("1 San Jose, 1 San Jose, 1 San Jose, 1 San Jose, 1 San Jose, 1 San Jose, 1 San Jose, 1 San Jose");
}

proptest! {
    #[test]
    fn no_text_is_too_much(text in "\\PC{1,200}") {
        look_up(&text);
    }

    #[test]
    fn no_mix_of_names_and_marks_is_too_much(
        parts in prop::collection::vec(
            prop::sample::select(vec![
                "san jose", "Paris", "CA", "TX", "New York", "Georgia", "St.", "Fort", "東京", "مدينة", ",", ", ", " ", "(", ")", "-",
                " - ", "/", "🌴", "\u{200d}", "\u{301}", "94103", "DE", "U.S.A.", "Muenchen", "Victoria", "Santa Cruz",
            ]),
            1..24,
        )
    ) {
        let text: String = parts.concat().chars().take(PlaceName::MAX_CHARS).collect();
        look_up(&text);
    }
}
