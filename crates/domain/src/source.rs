//! Where a request comes from, for counting and for recognising a client.

use std::{fmt, net::IpAddr};

/// The network that a request came from: an IPv4 address, or the first 64 bits of an IPv6 address, which are one
/// subscriber's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Source(IpAddr);

impl Source {
    /// Takes an address and drops the part that a subscriber can change at will.
    pub fn new(address: IpAddr) -> Self {
        match address.to_canonical() {
            v4 @ IpAddr::V4(_) => Self(v4),
            IpAddr::V6(v6) => Self(IpAddr::V6((u128::from(v6) >> 64 << 64).into())),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
