//! Promises of the fingerprint of the secret.

use std::{collections::HashSet, sync::Arc};

use vestibule_domain::Digest;
use vestibule_ports::Store;

use crate::support::{RACERS, committed, digest, dropped, race};

async fn claim(store: &Arc<dyn Store>, fingerprint: Digest) -> Digest {
    committed(store, async |unit| unit.fingerprint().claim(&fingerprint).await.unwrap()).await
}

/// The first fingerprint stays, and every later claim and read returns it.
pub(crate) async fn the_first_fingerprint_stays(store: Arc<dyn Store>) {
    assert_eq!(store.read().fingerprint().find().await.unwrap(), None);
    assert_eq!(claim(&store, digest(1)).await, digest(1));
    for number in [2, 1, 3] {
        assert_eq!(claim(&store, digest(number)).await, digest(1));
        assert_eq!(store.read().fingerprint().find().await.unwrap(), Some(digest(1)));
    }
}

/// A claim in a dropped unit does not count.
pub(crate) async fn a_claim_in_a_dropped_unit_is_none(store: Arc<dyn Store>) {
    let seen = dropped(&store, async |unit| unit.fingerprint().claim(&digest(1)).await.unwrap()).await;
    assert_eq!(seen, digest(1));
    assert_eq!(claim(&store, digest(2)).await, digest(2));
}

/// A replacing fingerprint is the one that counts, whether or not there was one before.
pub(crate) async fn a_replaced_fingerprint_counts(store: Arc<dyn Store>) {
    for number in [1, 2] {
        committed(&store, async |unit| unit.fingerprint().replace(&digest(number)).await.unwrap()).await;
        assert_eq!(claim(&store, digest(9)).await, digest(number));
    }
}

/// When many units make the first claim at once, one wins, and all learn which.
pub(crate) async fn of_many_first_claims_one_wins(store: Arc<dyn Store>) {
    let seen = race(RACERS, async |number| claim(&store, digest(number)).await);
    let seen: HashSet<[u8; 32]> = seen.into_iter().map(|digest| *digest.bytes()).collect();
    assert_eq!(seen.len(), 1);
}
