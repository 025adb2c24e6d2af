use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use proptest::prelude::*;
use vestibule_domain::Source;

proptest! {
    #[test]
    fn an_ipv4_address_is_a_source_of_its_own(a: u32, b: u32) {
        let (a, b) = (Ipv4Addr::from(a), Ipv4Addr::from(b));
        prop_assert_eq!(Source::new(a.into()) == Source::new(b.into()), a == b);
        prop_assert_eq!(Source::new(a.to_ipv6_mapped().into()), Source::new(a.into()));
        prop_assert_eq!(Source::new(a.into()).to_string(), a.to_string());
    }

    #[test]
    fn an_ipv6_network_of_64_bits_is_one_source(network in 1_u64.., a: u64, b: u64, other in 1_u64..) {
        let source = |network: u64, host: u64| {
            Source::new(IpAddr::V6(Ipv6Addr::from(u128::from(network) << 64 | u128::from(host))))
        };
        prop_assert_eq!(source(network, a), source(network, b));
        prop_assert_eq!(source(network, a) == source(other, a), network == other);
    }
}

#[test]
fn a_source_is_shown_without_the_part_of_the_subscriber() {
    assert_eq!(Source::new("2001:db8:1:2:3:4:5:6".parse().unwrap()).to_string(), "2001:db8:1:2::");
}
