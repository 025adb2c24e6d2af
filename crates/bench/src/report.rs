//! The table: medians of the rounds, their spread, the ratio round by round, and whether it is what was asked for.

use std::{fmt::Write as _, fs, path::PathBuf};

use serde_json::{Map, Value, json};

use crate::{
    Failure,
    rows::{Figure, Goal, Row, rows},
    samples::{Samples, Spread},
};

/// `bare report`
#[derive(clap::Args)]
pub struct Args {
    /// The recorded samples, one JSON object a line.
    #[arg(long)]
    samples: PathBuf,
    /// The circumstances, as lines of `name: value`; printed above the table.
    #[arg(long)]
    about: PathBuf,
    /// Where to write every figure as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
}

/// A row with its figures.
struct Outcome {
    row: Row,
    baseline: Option<Spread>,
    server: Spread,
    /// Server through baseline, round by round.
    ratio: Option<Spread>,
    verdict: &'static str,
}

/// Prints the table.
pub fn run(args: &Args) -> Result<(), Failure> {
    let about = fs::read_to_string(&args.about)?;
    let samples = Samples::parse(&fs::read_to_string(&args.samples)?)?;
    let results: Vec<_> = rows().filter_map(|row| evaluate(row, &samples)).collect();
    println!("{about}\n{}", table(&results, &samples));
    if let Some(path) = &args.json {
        fs::write(path, format!("{:#}\n", as_json(&about, &results, &samples)))?;
    }
    Ok(())
}

fn evaluate(row: Row, samples: &Samples) -> Option<Outcome> {
    let server = samples.spread(row.server)?;
    let baseline = row.baseline.and_then(|baseline| samples.spread(baseline));
    let ratio = row.baseline.and_then(|baseline| samples.ratio(row.server, baseline));
    if row.baseline.is_some() && ratio.is_none() {
        return None;
    }
    let met = match (row.goal, ratio.map(|ratio| ratio.median)) {
        (Goal::RatioAtLeast(goal), Some(ratio)) => ratio >= goal,
        (Goal::RatioAtMost(goal), Some(ratio)) => ratio <= goal,
        (Goal::AtMost(goal), _) => server.median <= goal,
        (Goal::None, _) => true,
        (Goal::RatioAtLeast(_) | Goal::RatioAtMost(_), None) => false,
    };
    let errors: f64 =
        [Some(row.server), row.baseline].into_iter().flatten().map(|at| samples.total(at.key, "errors")).sum();
    let verdict = match (errors > 0.0, met) {
        (true, _) => "errors",
        (false, false) => "short",
        (false, true) if matches!(row.goal, Goal::None) => "-",
        (false, true) => "ok",
    };
    Some(Outcome { row, baseline, server, ratio, verdict })
}

fn table(results: &[Outcome], samples: &Samples) -> String {
    let mut cells = vec![
        ["work", "store", "unit", "baseline", "min–max", "server", "min–max", "ratio", "min–max", "goal", ""]
            .map(str::to_owned),
    ];
    cells.extend(results.iter().map(|result| {
        let or_none = |spread: Option<Spread>| spread.map_or_else(|| ("-".to_owned(), "-".to_owned()), shown);
        let (baseline, baseline_range) = or_none(result.baseline);
        let (server, server_range) = shown(result.server);
        let (ratio, ratio_range) = or_none(result.ratio);
        let Row { work, store, unit, goal, .. } = result.row;
        let goal = match goal {
            Goal::RatioAtLeast(goal) => format!("≥ {goal}"),
            Goal::RatioAtMost(goal) => format!("≤ {goal}"),
            Goal::AtMost(goal) => format!("≤ {goal} {unit}"),
            Goal::None => "-".to_owned(),
        };
        let [work, store, unit, verdict] = [work, store, unit, result.verdict].map(str::to_owned);
        [work, store, unit, baseline, baseline_range, server, server_range, ratio, ratio_range, goal, verdict]
    }));
    let mut text = aligned(&cells);
    text.push_str("\nLatency in ms, median of the rounds (min–max)\n");
    text.push_str(&aligned(&latencies(samples)));
    text
}

/// p50 and p99 of everything that was asked over the wire.
fn latencies(samples: &Samples) -> Vec<[String; 5]> {
    let mut cells = vec![["measured", "p50", "p99", "failed", "answered 503"].map(str::to_owned)];
    for key in samples.keys() {
        let spread = |metric| samples.spread(Figure { key, metric });
        let (Some(p50), Some(p99)) = (spread("p50"), spread("p99")) else { continue };
        let [p50, p99] = [p50, p99].map(shown).map(|(median, range)| format!("{median} ({range})"));
        let [failed, refused] = ["errors", "refused"].map(|metric| samples.total(key, metric).to_string());
        cells.push([key.to_owned(), p50, p99, failed, refused]);
    }
    cells
}

/// The median, and the range of the rounds, with as many decimals as the size of the figure asks for.
fn shown(spread: Spread) -> (String, String) {
    let decimals = match spread.median {
        size if size >= 1000.0 => 0,
        size if size >= 10.0 => 1,
        _ => 2,
    };
    let Spread { median, min, max } = spread;
    (format!("{median:.decimals$}"), format!("{min:.decimals$}–{max:.decimals$}"))
}

fn aligned<const N: usize>(rows: &[[String; N]]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<_> = (0..N).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            // Writing to a String cannot fail.
            let _ = write!(line, "{cell:<width$}  ");
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

fn as_json(about: &str, results: &[Outcome], samples: &Samples) -> Value {
    let about: Map<_, _> = about
        .lines()
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_owned(), value.into()))
        .collect();
    let rows: Vec<_> = results
        .iter()
        .map(|result| {
            json!({
                "work": result.row.work,
                "store": result.row.store,
                "unit": result.row.unit,
                "baseline": result.baseline,
                "server": result.server,
                "ratio": result.ratio,
                "verdict": result.verdict,
            })
        })
        .collect();
    json!({ "about": about, "rows": rows, "samples": samples })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdicts(lines: &str) -> Vec<&'static str> {
        let samples = Samples::parse(lines).unwrap();
        rows().filter_map(|row| evaluate(row, &samples)).map(|result| result.verdict).collect()
    }

    #[test]
    fn a_ratio_below_its_goal_is_short() {
        let lines = |server: u32| {
            format!(
                "{{\"key\":\"me/postgres/baseline\",\"rps\":100}}\n{{\"key\":\"me/postgres/server\",\"rps\":{server}}}"
            )
        };
        assert_eq!(verdicts(&lines(90)), ["ok"]);
        assert_eq!(verdicts(&lines(89)), ["short"]);
    }

    #[test]
    fn a_latency_above_its_goal_is_short() {
        let lines =
            |loud: u32| format!("{{\"key\":\"storm/quiet\",\"p99\":1}}\n{{\"key\":\"storm/loud\",\"p99\":{loud}}}");
        assert_eq!(verdicts(&lines(6)), ["ok"]);
        assert_eq!(verdicts(&lines(7)), ["short"]);
    }

    #[test]
    fn a_row_with_failed_requests_is_never_ok() {
        let lines = r#"{"key":"me/memory/baseline","rps":1}
            {"key":"me/memory/server","rps":9,"errors":1}"#;
        assert_eq!(verdicts(lines), ["errors"]);
    }

    #[test]
    fn a_row_that_was_not_measured_is_left_out() {
        assert!(verdicts(r#"{"key":"me/postgres/server","rps":1}"#).is_empty());
        assert_eq!(verdicts(r#"{"key":"memory/idle","rss":20.5}"#), ["short"]);
    }
}
