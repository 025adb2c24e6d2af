//! Promises of the sources from which an account signed in before.

use std::{net::IpAddr, sync::Arc};

use time::Duration;
use vestibule_domain::Source;
use vestibule_ports::Store;

use crate::support::{
    MICROSECOND, NANOSECONDS, NOW, RACERS, an_account, committed, purges_in_parts, race, some_accounts,
};

fn source(address: &str) -> Source {
    Source::new(address.parse().unwrap())
}

/// A remembered source is known, for both address families, to its account only.
pub(crate) async fn a_remembered_source_is_known_to_its_account(store: Arc<dyn Store>) {
    let accounts = some_accounts(&store, 2).await;
    let [account, other] = [accounts[0].id(), accounts[1].id()];
    committed(&store, async |unit| {
        unit.sources().remember(account, source("192.0.2.1"), NOW).await.unwrap();
        unit.sources().remember(account, source("2001:db8:1:2:3::4"), NOW).await.unwrap();
    })
    .await;
    let read = store.read().sources();
    for (address, is_known) in [
        ("192.0.2.1", true),
        ("::ffff:192.0.2.1", true),
        ("192.0.2.2", false),
        ("2001:db8:1:2::", true),
        ("2001:db8:1:2:9:9:9:9", true),
        ("2001:db8:1:3:3::4", false),
    ] {
        assert_eq!(read.contains(account, source(address)).await.unwrap(), is_known, "{address}");
        assert!(!read.contains(other, source(address)).await.unwrap(), "{address}");
    }
}

/// A source is forgotten if, and only if, its last use is older than the given time; a source used often is one source.
pub(crate) async fn sources_are_forgotten_by_their_last_use(store: Arc<dyn Store>) {
    let account = an_account(&store).await;
    let day = Duration::days(1);
    let uses = [
        ("192.0.2.1", vec![NOW - day], false),
        ("192.0.2.2", vec![NOW - day, NOW - MICROSECOND], false),
        ("192.0.2.3", vec![NOW - day, NOW], true),
        ("192.0.2.4", vec![NOW + day], true),
        // Last used when the clock was right again.
        ("192.0.2.5", vec![NOW + day, NOW - MICROSECOND], false),
    ];
    committed(&store, async |unit| {
        for (address, times, _) in &uses {
            for at in times {
                unit.sources().remember(account, source(address), *at).await.unwrap();
            }
        }
    })
    .await;
    committed(&store, async |unit| {
        assert_eq!(unit.sources().purge_unused(NOW - day).await.unwrap(), 0);
        assert_eq!(unit.sources().purge_unused(NOW).await.unwrap(), 3);
    })
    .await;
    for (address, _, is_known) in uses {
        assert_eq!(store.read().sources().contains(account, source(address)).await.unwrap(), is_known, "{address}");
    }
}

/// When many units remember one source at once, none fails, and it is one source.
pub(crate) async fn many_units_can_remember_one_source(store: Arc<dyn Store>) {
    let account = an_account(&store).await;
    race(RACERS, async |_| {
        committed(&store, async |unit| unit.sources().remember(account, source("192.0.2.1"), NOW).await.unwrap()).await;
    });
    let later = NOW + MICROSECOND;
    let purged = committed(&store, async |unit| unit.sources().purge_unused(later).await.unwrap()).await;
    assert_eq!(purged, 1);
}

/// Every source of an account can be forgotten; those of others stay.
pub(crate) async fn the_sources_of_one_account_are_forgotten(store: Arc<dyn Store>) {
    let accounts = some_accounts(&store, 2).await;
    let [account, other] = [accounts[0].id(), accounts[1].id()];
    let addresses = ["192.0.2.1", "192.0.2.2", "2001:db8:1:2:3::4"];
    committed(&store, async |unit| {
        for address in addresses {
            unit.sources().remember(account, source(address), NOW).await.unwrap();
            unit.sources().remember(other, source(address), NOW).await.unwrap();
        }
        assert_eq!(unit.sources().forget_all(account).await.unwrap(), 3);
        assert_eq!(unit.sources().forget_all(account).await.unwrap(), 0);
    })
    .await;
    for address in addresses {
        assert!(!store.read().sources().contains(account, source(address)).await.unwrap());
        assert!(store.read().sources().contains(other, source(address)).await.unwrap());
    }
}

/// One purge forgets at most 1000 sources.
pub(crate) async fn a_purge_forgets_at_most_a_thousand_sources(store: Arc<dyn Store>) {
    let account = an_account(&store).await;
    committed(&store, async |unit| {
        for number in 0..1001_u32 {
            let source = Source::new(IpAddr::V4(number.into()));
            unit.sources().remember(account, source, NOW).await.unwrap();
        }
    })
    .await;
    let later = NOW + MICROSECOND;
    purges_in_parts(&store, 1001, async |unit| unit.sources().purge_unused(later).await.unwrap()).await;
}

/// The times of a use and of a purge are cut to microseconds.
pub(crate) async fn the_time_of_a_use_is_cut_to_microseconds(store: Arc<dyn Store>) {
    let account = an_account(&store).await;
    committed(&store, async |unit| {
        unit.sources().remember(account, source("192.0.2.1"), NOW + NANOSECONDS).await.unwrap();
        assert_eq!(unit.sources().purge_unused(NOW + NANOSECONDS).await.unwrap(), 0);
        assert_eq!(unit.sources().purge_unused(NOW + MICROSECOND).await.unwrap(), 1);
    })
    .await;
}
