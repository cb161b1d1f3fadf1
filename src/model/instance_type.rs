//! What the name of an instance type tells: kinds ask for the family whose quota on virtual processors it
//! counts against.

/// Families that share a quota on virtual processors.
/// <https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-instance-quotas.html>
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// A, C, D, H, I, M, R, T and Z.
    Standard,
    /// G and VT.
    G,
    /// P.
    P,
    /// F.
    F,
    /// X.
    X,
    /// Inf.
    Inf,
    /// Trn.
    Trn,
    /// DL.
    Dl,
    /// U.
    HighMemory,
    /// HPC.
    Hpc,
    /// Mac, which runs on a dedicated host only: the host counts, by another quota.
    Mac,
    /// One that nobody here has heard of.
    New,
}

impl Family {
    /// The family of an instance type, by the letters it begins with: `c6gn.large` is a C.
    /// <https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html>
    pub fn of(instance_type: &str) -> Self {
        let letters: String = instance_type.chars().take_while(char::is_ascii_lowercase).collect();
        match letters.as_str() {
            // Im and Is are I with more or with less memory, as Gr is G.
            "a" | "c" | "d" | "h" | "i" | "im" | "is" | "m" | "r" | "t" | "z" => Self::Standard,
            "g" | "gr" | "vt" => Self::G,
            "p" => Self::P,
            "f" => Self::F,
            "x" => Self::X,
            "inf" => Self::Inf,
            "trn" => Self::Trn,
            "dl" => Self::Dl,
            "u" => Self::HighMemory,
            "hpc" => Self::Hpc,
            "mac" => Self::Mac,
            _ => Self::New,
        }
    }

    /// The short name of the quota ([`super::QuotaUse::name`]) that its On-Demand instances count against.
    /// New families have mostly come to the standard ones.
    pub const fn on_demand(self) -> Option<&'static str> {
        Some(match self {
            Self::Standard | Self::New => "vcpu",
            Self::G => "vcpu-g",
            Self::P => "vcpu-p",
            Self::F => "vcpu-f",
            Self::X => "vcpu-x",
            Self::Inf => "vcpu-inf",
            Self::Trn => "vcpu-trn",
            Self::Dl => "vcpu-dl",
            Self::HighMemory => "vcpu-high-memory",
            Self::Hpc => "vcpu-hpc",
            Self::Mac => return None,
        })
    }

    /// The same for its Spot instances. High memory and HPC have none.
    pub const fn spot(self) -> Option<&'static str> {
        Some(match self {
            Self::Standard | Self::New => "vcpu-spot",
            Self::G => "vcpu-spot-g",
            Self::P => "vcpu-spot-p",
            Self::F => "vcpu-spot-f",
            Self::X => "vcpu-spot-x",
            Self::Inf => "vcpu-spot-inf",
            Self::Trn => "vcpu-spot-trn",
            Self::Dl => "vcpu-spot-dl",
            Self::HighMemory | Self::Hpc | Self::Mac => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Family;

    #[test]
    fn a_family_counts_against_its_own_quota() {
        for (name, on_demand, spot) in [
            ("t3.medium", Some("vcpu"), Some("vcpu-spot")),
            ("im4gn.large", Some("vcpu"), Some("vcpu-spot")),
            ("gr6.4xlarge", Some("vcpu-g"), Some("vcpu-spot-g")),
            ("p6-b200.48xlarge", Some("vcpu-p"), Some("vcpu-spot-p")),
            ("inf2.xlarge", Some("vcpu-inf"), Some("vcpu-spot-inf")),
            ("hpc6a.48xlarge", Some("vcpu-hpc"), None),
            ("u-6tb1.metal", Some("vcpu-high-memory"), None),
            ("mac2.metal", None, None),
        ] {
            let family = Family::of(name);
            assert_eq!((family.on_demand(), family.spot()), (on_demand, spot), "{name}");
        }
        assert_eq!(Family::of("qq1.large"), Family::New);
        assert_eq!(Family::of(""), Family::New);
    }
}
