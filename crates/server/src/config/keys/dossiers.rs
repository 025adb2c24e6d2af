//! The review of dossiers.

use super::{Key, Kind, number, table};

table! {
    DOSSIER_FOUR_EYES = Key::new("dossiers.four_eyes", &["VESTIBULE_DOSSIER_FOUR_EYES"], Kind::Switch,
        "Whether two reviewers have to accept a dossier, one after the other.").default("off");
    DOSSIER_HOLD = Key::new("dossiers.hold_minutes", &["VESTIBULE_DOSSIER_HOLD_MINUTES"], number(5, 240),
        "How long a reviewer holds a dossier before another one may take it.").default("30");
}
