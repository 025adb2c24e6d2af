//! Recorded samples, and what is said of them.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::{Failure, rows::Figure};

/// Every figure of every round, by `key` (such as `me/postgres/server`) and metric (such as `rps`).
#[derive(Debug, Default, Serialize)]
pub struct Samples(BTreeMap<String, BTreeMap<String, Vec<f64>>>);

/// The median of the rounds, and how far they lie apart.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Spread {
    /// The middle one of the sorted rounds, or the mean of the middle two.
    pub median: f64,
    /// The least.
    pub min: f64,
    /// The greatest.
    pub max: f64,
}

impl Samples {
    /// Reads one JSON object a line: `key`, and a number for each metric.
    pub fn parse(lines: &str) -> Result<Self, Failure> {
        let mut samples = Self::default();
        for line in lines.lines().filter(|line| !line.trim().is_empty()) {
            let mut object: Map<String, Value> = serde_json::from_str(line)?;
            let Some(Value::String(key)) = object.remove("key") else { return Err("a sample has no key".into()) };
            let metrics = samples.0.entry(key).or_default();
            for (metric, value) in object {
                let value = value.as_f64().ok_or("a sample is not a number")?;
                metrics.entry(metric).or_default().push(value);
            }
        }
        Ok(samples)
    }

    /// Every key, sorted.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The spread of a metric over the rounds; none if it was not measured.
    pub fn spread(&self, figure: Figure<'_>) -> Option<Spread> {
        spread(self.rounds(figure)?.to_vec())
    }

    /// The spread of the ratios of each round: what slows the machine for a while slows both parts of a round. None if
    /// one of them was not measured as often as the other.
    pub fn ratio(&self, server: Figure<'_>, baseline: Figure<'_>) -> Option<Spread> {
        let (server, baseline) = (self.rounds(server)?, self.rounds(baseline)?);
        if server.len() != baseline.len() {
            return None;
        }
        spread(server.iter().zip(baseline).map(|(server, baseline)| server / baseline).collect())
    }

    fn rounds(&self, figure: Figure<'_>) -> Option<&[f64]> {
        Some(self.0.get(figure.key)?.get(figure.metric)?)
    }

    /// The sum of a metric over the rounds, such as of `errors`; 0 if it was not measured.
    pub fn total(&self, key: &str, metric: &str) -> f64 {
        self.0.get(key).and_then(|metrics| metrics.get(metric)).map_or(0.0, |values| values.iter().sum())
    }
}

fn spread(mut values: Vec<f64>) -> Option<Spread> {
    values.sort_by(f64::total_cmp);
    let (min, max) = (*values.first()?, *values.last()?);
    let half = values.len() / 2;
    let median = if values.len() % 2 == 1 { values[half] } else { f64::midpoint(values[half - 1], values[half]) };
    Some(Spread { median, min, max })
}

/// The value below which so many percent of sorted values lie (nearest rank); 0 of none.
pub fn percentile(sorted: &[f64], percent: f64) -> f64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a rank within a list of some thousand values"
    )]
    let rank = (percent / 100.0 * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.max(1) - 1).copied().unwrap_or_default()
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the values are small whole numbers and halves")]
mod tests {
    use super::*;

    const fn figure(key: &'static str, metric: &'static str) -> Figure<'static> {
        Figure { key, metric }
    }

    #[test]
    fn a_spread_is_the_median_and_the_extremes_of_the_rounds() {
        let lines = r#"{"key":"a","rps":30,"errors":1}
            {"key":"a","rps":10,"errors":2}
            {"key":"b","rps":7}
            {"key":"a","rps":20}"#;
        let samples = Samples::parse(lines).unwrap();
        assert_eq!(samples.spread(figure("a", "rps")), Some(Spread { median: 20.0, min: 10.0, max: 30.0 }));
        assert_eq!(samples.total("a", "errors"), 3.0);
        assert_eq!(samples.spread(figure("a", "p99")), None);
        assert_eq!(samples.spread(figure("c", "rps")), None);
    }

    #[test]
    fn an_even_number_of_rounds_has_its_median_in_the_middle() {
        let samples = Samples::parse("{\"key\":\"a\",\"ms\":1}\n{\"key\":\"a\",\"ms\":4}").unwrap();
        assert_eq!(samples.spread(figure("a", "ms")).unwrap().median, 2.5);
    }

    #[test]
    fn a_ratio_is_that_of_each_round() {
        let lines = r#"{"key":"bare","rps":100} {"key":"server","rps":90} {"key":"bare","rps":50}
            {"key":"server","rps":40} {"key":"bare","rps":200} {"key":"server","rps":190}"#;
        let samples = Samples::parse(&lines.replace("} {", "}\n{")).unwrap();
        let ratio = samples.ratio(figure("server", "rps"), figure("bare", "rps"));
        assert_eq!(ratio, Some(Spread { median: 0.9, min: 0.8, max: 0.95 }));

        let samples =
            Samples::parse(&format!("{}\n{}", lines.replace("} {", "}\n{"), r#"{"key":"bare","rps":1}"#)).unwrap();
        assert_eq!(samples.ratio(figure("server", "rps"), figure("bare", "rps")), None);
    }

    #[test]
    fn a_percentile_is_the_nearest_rank() {
        let values: Vec<f64> = (1..=200).map(f64::from).collect();
        assert_eq!(percentile(&values, 50.0), 100.0);
        assert_eq!(percentile(&values, 99.0), 198.0);
        assert_eq!(percentile(&values, 100.0), 200.0);
        assert_eq!(percentile(&[], 99.0), 0.0);
    }
}
