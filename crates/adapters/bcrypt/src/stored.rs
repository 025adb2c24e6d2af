//! Stored hashes of any origin.

use vestibule_domain::PasswordHash;

/// The highest cost that is still compared, about four seconds: a stored hash must not occupy a thread for hours.
pub(crate) const MAX_COST: u32 = 16;

/// What a hash reveals without a comparison.
pub(crate) struct StoredHash {
    pub(crate) text: String,
    cost: u32,
}

impl StoredHash {
    /// Reads a `$2a$`, `$2b$` or `$2y$` hash, which are equivalent for passwords of at most 72 bytes. `$2x$` marks the
    /// hashes of a defective implementation and is refused. The refusal gives a reason but no part of the hash.
    pub(crate) fn read(hash: &PasswordHash) -> Result<Self, &'static str> {
        let text = hash.expose();
        if !["$2a$", "$2b$", "$2y$"].iter().any(|prefix| text.starts_with(prefix)) {
            return Err("it is not of bcrypt ($2a$, $2b$ or $2y$)");
        }
        let parts: bcrypt::HashParts = text.parse().map_err(|_| "it is of bcrypt, but damaged")?;
        let cost = parts.get_cost();
        if !(4..=MAX_COST).contains(&cost) {
            return Err("its cost is not of 4 to 16");
        }
        Ok(Self { text: text.to_owned(), cost })
    }

    /// A hash without a known password, to compare with if the real one is missing. It is written down instead of computed,
    /// so that the start does not wait for it; a comparison takes as long as with any other.
    pub(crate) fn of_nobody(cost: u32) -> Self {
        Self { text: format!("$2b${cost:02}$......................vestibulevestibulevestibuleves."), cost }
    }

    /// The work left after a comparison with this hash until it has taken as long as one of the present cost. Each step
    /// doubles the work, so one hash of every cost in between makes up for the rest. None for a higher cost.
    pub(crate) fn rest(&self, present_cost: u32) -> impl Iterator<Item = Self> + use<> {
        (self.cost..present_cost).map(Self::of_nobody)
    }

    /// Whether a password should be rehashed when it is next seen.
    pub(crate) fn is_outdated(&self, present_cost: u32) -> bool {
        self.cost != present_cost || !self.text.starts_with("$2b$")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_of_a_lower_cost_and_its_rest_are_the_work_of_the_present_one() {
        const PRESENT: u32 = 12;
        let work = |hash: &StoredHash| 1_u64 << hash.cost;
        for cost in 4..=PRESENT {
            let stored = StoredHash::of_nobody(cost);
            let rest: u64 = stored.rest(PRESENT).map(|hash| work(&hash)).sum();
            assert_eq!(work(&stored) + rest, 1 << PRESENT, "{cost}");
        }
        assert_eq!(StoredHash::of_nobody(PRESENT + 1).rest(PRESENT).count(), 0);
    }
}
