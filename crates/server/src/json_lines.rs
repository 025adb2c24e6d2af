//! Log lines as JSON, written directly into the line's buffer.
//!
//! The library's own formatter stores the fields of a span as JSON text, which it parses and rewrites for each line. Here
//! they are stored as members that are only copied.

use std::fmt::{self, Debug, Write};

use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
    span::Record,
};
use tracing_subscriber::{
    field::RecordFields,
    fmt::{
        FmtContext, FormatEvent, FormatFields, FormattedFields,
        format::Writer,
        time::{FormatTime, SystemTime},
    },
    registry::LookupSpan,
};

/// One object a line: time, level, the fields of the event, target, and the innermost span with its fields.
pub(crate) struct JsonLines;

/// The fields of a span as the members of an object, without its braces.
pub(crate) struct JsonMembers;

impl<S, N> FormatEvent<S, N> for JsonLines
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    N: for<'writer> FormatFields<'writer> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut line: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        line.write_str(r#"{"timestamp":""#)?;
        SystemTime.format_time(&mut line)?;
        line.write_str(r#"","level":""#)?;
        line.write_str(event.metadata().level().as_str())?;
        line.write_str("\"")?;
        let mut members = Members { out: &mut line, is_first: false, target: None, result: Ok(()) };
        event.record(&mut members);
        let target = members.target.take();
        members.result?;
        line.write_str(r#","target":"#)?;
        text(&mut line, target.as_deref().unwrap_or_else(|| event.metadata().target()))?;
        if let Some(span) = event.parent().and_then(|id| context.span(id)).or_else(|| context.lookup_current()) {
            line.write_str(r#","span":{"#)?;
            if let Some(fields) = span.extensions().get::<FormattedFields<N>>().filter(|fields| !fields.is_empty()) {
                line.write_str(fields)?;
                line.write_str(",")?;
            }
            line.write_str(r#""name":"#)?;
            text(&mut line, span.name())?;
            line.write_str("}")?;
        }
        line.write_str("}\n")
    }
}

impl<'writer> FormatFields<'writer> for JsonMembers {
    fn format_fields<R: RecordFields>(&self, mut writer: Writer<'writer>, fields: R) -> fmt::Result {
        let mut members = Members { out: &mut writer, is_first: true, target: None, result: Ok(()) };
        fields.record(&mut members);
        members.result
    }

    fn add_fields(&self, current: &'writer mut FormattedFields<Self>, fields: &Record<'_>) -> fmt::Result {
        let is_first = current.is_empty();
        let mut members = Members { out: &mut current.as_writer(), is_first, target: None, result: Ok(()) };
        fields.record(&mut members);
        members.result
    }
}

/// Writes each visited field as a member.
struct Members<'a> {
    out: &'a mut dyn Write,
    /// Whether the next member is the first.
    is_first: bool,
    /// The origin of a line of the `log` crate, whose own target is always the same.
    target: Option<String>,
    result: fmt::Result,
}

impl Members<'_> {
    fn member(&mut self, field: &Field, value: impl FnOnce(&mut dyn Write) -> fmt::Result) {
        let name = field.name();
        // The code location of a line of the `log` crate.
        if self.result.is_err() || name.starts_with("log.") {
            return;
        }
        let is_first = std::mem::replace(&mut self.is_first, false);
        self.result = (|| {
            self.out.write_str(if is_first { "" } else { "," })?;
            text(self.out, name.strip_prefix("r#").unwrap_or(name))?;
            self.out.write_str(":")?;
            value(self.out)
        })();
    }
}

impl Visit for Members<'_> {
    fn record_f64(&mut self, field: &Field, value: f64) {
        // JSON cannot represent the others.
        self.member(field, |out| if value.is_finite() { write!(out, "{value}") } else { out.write_str("null") });
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.member(field, |out| write!(out, "{value}"));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.member(field, |out| write!(out, "{value}"));
    }

    fn record_i128(&mut self, field: &Field, value: i128) {
        self.member(field, |out| write!(out, "{value}"));
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        self.member(field, |out| write!(out, "{value}"));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.member(field, |out| write!(out, "{value}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "log.target" {
            self.target = Some(value.to_owned());
        }
        self.member(field, |out| text(out, value));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.member(field, |out| {
            out.write_str("\"")?;
            write!(Escaping(out), "{value:?}")?;
            out.write_str("\"")
        });
    }
}

/// Writes a text as JSON.
fn text(out: &mut dyn Write, text: &str) -> fmt::Result {
    out.write_str("\"")?;
    Escaping(out).write_str(text)?;
    out.write_str("\"")
}

/// Escapes texts for the inside of a JSON string.
struct Escaping<'a>(&'a mut dyn Write);

impl Write for Escaping<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut rest = text;
        while let Some(at) = rest.bytes().position(|byte| byte < b' ' || byte == b'"' || byte == b'\\') {
            // Every escaped character is one byte long, so both cuts are on character boundaries.
            let (before, from) = rest.split_at(at);
            let (escaped, after) = from.split_at(1);
            self.0.write_str(before)?;
            match escaped {
                "\"" => self.0.write_str("\\\"")?,
                "\\" => self.0.write_str("\\\\")?,
                "\n" => self.0.write_str("\\n")?,
                control => write!(self.0, "\\u{:04x}", control.bytes().next().unwrap_or_default())?,
            }
            rest = after;
        }
        self.0.write_str(rest)
    }
}
