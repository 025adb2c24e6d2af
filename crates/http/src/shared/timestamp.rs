//! Times on the wire.

use time::{OffsetDateTime, UtcOffset, macros::format_description};

/// ISO 8601 in UTC with milliseconds.
pub(crate) fn timestamp(time: OffsetDateTime) -> String {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
    time.to_offset(UtcOffset::UTC).format(format).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn times_have_milliseconds_in_utc() {
        assert_eq!(timestamp(datetime!(2026-03-01 12:00:00.1239 +2)), "2026-03-01T10:00:00.123Z");
        assert_eq!(timestamp(datetime!(2026-03-01 12:00 UTC)), "2026-03-01T12:00:00.000Z");
    }
}
