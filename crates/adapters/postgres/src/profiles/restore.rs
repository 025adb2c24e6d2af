//! Rows of profiles, written as they are with what searches look at: an import.

use std::collections::BTreeMap;

use vestibule_domain::Profile;
use vestibule_ports::StoreError;

use super::{ProfileRow, terms::Indexed};
use crate::{columns::columns, unit::PostgresUnit};

/// Writes rows with their terms, which are given apart: an array of arrays of several lengths is none.
macro_rules! insert_profiles {
    ([$rows:ident, $owners:expr, $terms:expr] $($field:ident $mark:tt $name:literal $place:literal)*) => {
        sqlx::query!(
            "INSERT INTO profiles (id" $(+ ", " + $name)* + ", terms) SELECT given.*, coalesce(named.terms, '{}') \
             FROM unnest($1::uuid[], $2::integer[], $3::smallint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], \
             $9::uuid[], $10::bigint[], $11::timestamptz[], $12::timestamptz[], $13::text[]) given (id" $(+ ", " + $name)* + ") \
             LEFT JOIN (SELECT owner, array_agg(term) AS terms FROM unnest($14::uuid[], $15::text[]) each (owner, term) \
             GROUP BY owner) named ON named.owner = given.id",
            &column($rows, |row| row.id)
            $(, &column($rows, |row| row.$field.clone()) as _)*,
            $owners,
            $terms
        )
    };
}

/// A term of a profile, and what stands with it.
struct Term<'r> {
    row: &'r ProfileRow,
    word: String,
    age: i16,
    bits: [i64; 4],
}

impl PostgresUnit {
    /// Writes rows as they are; how many it was.
    pub(crate) async fn restore_profiles(&mut self, rows: &[ProfileRow]) -> Result<u64, StoreError> {
        let mut terms = Vec::new();
        for row in rows {
            let Indexed { terms: found, bits, age } = Indexed::of(&Profile::try_from(row.clone())?);
            terms.extend(found.into_iter().map(|word| Term { row, word, age, bits }));
        }
        let owners = column(&terms, |term| term.row.id);
        let words = column(&terms, |term| term.word.clone());
        let written = self.execute(columns!(profiles insert_profiles [rows, &owners, &words])).await?;
        let statement = sqlx::query!(
            "INSERT INTO profile_terms (term, ord, profile_id, age, position_bits, looking_bits, tribes_bits, ethnicities_bits) \
             SELECT * FROM unnest($1::text[], $2::integer[], $3::uuid[], $4::smallint[], $5::bigint[], $6::bigint[], $7::bigint[], \
             $8::bigint[])",
            &words,
            &column(&terms, |term| term.row.ord),
            &owners,
            &column(&terms, |term| term.age),
            &column(&terms, |term| term.bits[0]),
            &column(&terms, |term| term.bits[1]),
            &column(&terms, |term| term.bits[2]),
            &column(&terms, |term| term.bits[3])
        );
        self.execute(statement).await?;
        let mut of_state = BTreeMap::new();
        for row in rows {
            *of_state.entry(row.state.as_str()).or_insert(0) += 1;
        }
        for (state, more) in of_state {
            self.tally(state, more).await?;
        }
        Ok(written)
    }
}

fn column<Row, T>(rows: &[Row], value: impl Fn(&Row) -> T) -> Vec<T> {
    rows.iter().map(value).collect()
}
