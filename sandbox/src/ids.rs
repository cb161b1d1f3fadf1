//! Ids as AWS makes them, from a counter, so that a scenario always has the same ones.

/// Makes ids. The same sequence of calls gives the same ids.
#[derive(Debug, Clone, Default)]
pub struct Ids {
    next: u64,
}

impl Ids {
    /// A 17-digit hexadecimal id with a prefix, as EC2's: `vpc-0a1b2c3d4e5f60718`.
    pub fn ec2(&mut self, prefix: &str) -> String {
        format!("{prefix}-0{:016x}", self.scramble())
    }

    /// `length` (at most 32) hexadecimal digits.
    pub fn hex(&mut self, length: usize) -> String {
        let text = format!("{:016x}{:016x}", self.scramble(), self.scramble());
        text[..length.min(32)].to_owned()
    }

    /// 32 hexadecimal digits in the form of a UUID.
    pub fn uuid(&mut self) -> String {
        let hex = self.hex(32);
        format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
    }

    /// An upper-case id of 21 characters with a prefix, as IAM's unique ids: `AROA…`.
    pub fn iam(&mut self, prefix: &str) -> String {
        format!("{prefix}{}", &format!("{:016X}{:016X}", self.scramble(), self.scramble())[..17])
    }

    /// A number that no earlier call gave, well mixed (SplitMix64).
    fn scramble(&mut self) -> u64 {
        self.next += 1;
        let mut z = self.next.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}
