//! Times on the wire.

use time::{
    Date, OffsetDateTime, PrimitiveDateTime, UtcOffset, format_description::well_known::Iso8601,
    macros::format_description,
};

/// ISO 8601 in UTC with milliseconds.
pub(crate) fn timestamp(time: OffsetDateTime) -> String {
    Timestamp::of(time).as_str().to_owned()
}

/// The same without an allocation, for where many are written.
pub(crate) struct Timestamp([u8; 24]);

impl Timestamp {
    /// No time before the year 0 is ever shown.
    pub(crate) fn of(time: OffsetDateTime) -> Self {
        let time = time.to_offset(UtcOffset::UTC);
        let ((hour, minute, second), date) = (time.to_hms(), time.date());
        let mut text = *b"0000-00-00T00:00:00.000Z";
        let numbers = [
            (0..4, u32::try_from(date.year()).unwrap_or(0)),
            (5..7, u8::from(date.month()).into()),
            (8..10, date.day().into()),
            (11..13, hour.into()),
            (14..16, minute.into()),
            (17..19, second.into()),
            (20..23, time.millisecond().into()),
        ];
        for (place, mut number) in numbers {
            for digit in text[place].iter_mut().rev() {
                *digit += u8::try_from(number % 10).unwrap_or(0);
                number /= 10;
            }
        }
        Self(text)
    }

    pub(crate) fn as_str(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default()
    }
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
    use proptest::proptest;
    use time::macros::datetime;

    use super::*;

    #[test]
    fn times_have_milliseconds_in_utc() {
        assert_eq!(timestamp(datetime!(2026-03-01 12:00:00.1239 +2)), "2026-03-01T10:00:00.123Z");
        assert_eq!(timestamp(datetime!(2026-03-01 12:00 UTC)), "2026-03-01T12:00:00.000Z");
    }

    proptest! {
        #[test]
        fn every_time_from_the_year_0_on_is_written_as_the_library_writes_it(
            seconds in -62_167_219_200_i64..=253_402_300_799, nanosecond in 0..1_000_000_000_u32, hours in -18..=18_i8,
        ) {
            let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
            let time = OffsetDateTime::from_unix_timestamp(seconds).unwrap().replace_nanosecond(nanosecond).unwrap();
            let written = time.format(format).unwrap();
            assert_eq!(timestamp(time), written);
            if let Some(elsewhere) = time.checked_to_offset(UtcOffset::from_hms(hours, 0, 0).unwrap()) {
                assert_eq!(timestamp(elsewhere), written);
            }
        }
    }
}
