//! Times on the wire.

use time::{
    Date, OffsetDateTime, PrimitiveDateTime, UtcOffset, format_description::well_known::Iso8601,
    macros::format_description,
};

/// ISO 8601 in UTC with milliseconds.
pub(crate) fn timestamp(time: OffsetDateTime) -> String {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
    time.to_offset(UtcOffset::UTC).format(format).unwrap_or_default()
}

/// A day, or a time in ISO 8601, which is in UTC if it does not say; from the year 1 to 9999.
pub(crate) fn day_or_time(text: &str) -> Option<OffsetDateTime> {
    let text = text.trim();
    let day = Date::parse(text, format_description!("[year]-[month]-[day]")).map(|day| day.midnight().assume_utc());
    let time = day
        .or_else(|_| OffsetDateTime::parse(text, &Iso8601::PARSING))
        .or_else(|_| PrimitiveDateTime::parse(text, &Iso8601::PARSING).map(PrimitiveDateTime::assume_utc));
    let time = time.ok()?.checked_to_offset(UtcOffset::UTC)?;
    (1..=9_999).contains(&time.year()).then_some(time)
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
