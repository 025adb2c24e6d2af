//! The dialect's words for the tags of profiles.

use vestibule_domain::profile::Facet;

/// The lists of tags in the order in which they are shown and filtered by.
pub(crate) const FACETS: [(&str, Facet); 4] = [
    ("position", Facet::Position),
    ("looking", Facet::Looking),
    ("tribes", Facet::Tribes),
    ("ethnos", Facet::Ethnicities),
];
