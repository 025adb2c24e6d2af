//! The most common passwords.

use std::sync::LazyLock;

/// Lower-case and sorted; `common.LICENSE` names their origin.
static COMMON: LazyLock<Vec<&str>> = LazyLock::new(|| include_str!("common.txt").lines().collect());

/// Whether a text is one of about thirty thousand most common passwords, ignoring case.
pub fn is_common(text: &str) -> bool {
    COMMON.binary_search(&text.to_lowercase().as_str()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_can_be_searched() {
        assert!(COMMON.len() > 20_000);
        assert!(COMMON.is_sorted(), "sort it by bytes");
        assert!(
            COMMON.iter().all(|entry| !entry.is_empty() && entry.to_lowercase() == *entry),
            "write it in lower case"
        );
    }
}
