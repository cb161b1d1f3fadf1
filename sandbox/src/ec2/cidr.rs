//! IPv4 ranges: just enough for subnets to lie within VPCs and to hand out addresses.

use std::net::Ipv4Addr;

/// An IPv4 range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cidr {
    first: u32,
    bits: u32,
}

impl Cidr {
    /// Reads `10.0.0.0/16`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (address, bits) = text.split_once('/')?;
        let bits: u32 = bits.parse().ok().filter(|bits| *bits <= 32)?;
        let first = u32::from(address.parse::<Ipv4Addr>().ok()?) & mask(bits);
        Some(Self { first, bits })
    }

    /// The length of the prefix.
    pub(crate) fn bits(self) -> u32 {
        self.bits
    }

    /// How many addresses it holds.
    pub(crate) fn size(self) -> u64 {
        1 << (32 - self.bits)
    }

    /// Whether all of `other` lies in this range.
    pub(crate) fn holds(self, other: Self) -> bool {
        other.bits >= self.bits && other.first & mask(self.bits) == self.first
    }

    /// Whether the two share an address.
    pub(crate) fn overlaps(self, other: Self) -> bool {
        self.holds(other) || other.holds(self)
    }

    /// The address at this place in the range.
    pub(crate) fn at(self, place: u32) -> Ipv4Addr {
        Ipv4Addr::from(self.first.wrapping_add(place))
    }
}

impl std::fmt::Display for Cidr {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}/{}", self.at(0), self.bits)
    }
}

fn mask(bits: u32) -> u32 {
    u32::MAX.checked_shl(32 - bits).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_hold_and_overlap() {
        let vpc = Cidr::parse("10.0.3.4/16").unwrap();
        assert_eq!(vpc.to_string(), "10.0.0.0/16");
        assert!(vpc.holds(Cidr::parse("10.0.128.0/20").unwrap()));
        assert!(!vpc.overlaps(Cidr::parse("10.1.0.0/16").unwrap()));
        assert!(Cidr::parse("0.0.0.0/0").unwrap().holds(vpc));
        assert_eq!(vpc.at(257).to_string(), "10.0.1.1");
        assert_eq!(Cidr::parse("10.0.0.0/33"), None);
    }
}
