//! What the name of an instance type tells: kinds ask for the family whose quota on virtual processors it
//! counts against, and checks for the architecture of its processor.

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

/// What a processor runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Architecture {
    /// `arm64`: AWS's Graviton.
    Arm,
    /// `x86_64`: Intel's and AMD's.
    X86,
}

/// Families that name no processor, by their letters and generations: all of them of Intel or AMD.
/// <https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html>
const OF_X86: &[(&str, &[u8])] = &[
    ("c", &[1, 3, 4, 5]),
    ("d", &[2, 3]),
    ("dl", &[1, 2]),
    ("f", &[1, 2]),
    ("g", &[3, 4, 5, 6]),
    ("gr", &[6]),
    ("h", &[1]),
    ("i", &[2, 3]),
    ("inf", &[1, 2]),
    ("m", &[1, 2, 3, 4, 5]),
    ("p", &[2, 3, 4, 5]),
    ("r", &[3, 4, 5]),
    ("t", &[1, 2, 3]),
    ("trn", &[1, 2]),
    ("vt", &[1]),
    ("x", &[1]),
    ("z", &[1]),
];

impl Architecture {
    /// That of an instance type: the first letter behind the generation is the processor's (`g` is Graviton,
    /// `i` Intel, `a` AMD), and older families have none. `None` for a family that nobody here has heard of,
    /// and for names of another form.
    /// <https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html>
    pub fn of(instance_type: &str) -> Option<Self> {
        let (family, _) = instance_type.split_once('.')?;
        let family = family.strip_suffix("-flex").unwrap_or(family);
        let known = !matches!(Family::of(family), Family::New | Family::Mac | Family::HighMemory);
        if !known || !family.chars().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit()) {
            return None;
        }
        let digit = family.find(|it: char| it.is_ascii_digit())?;
        let (letters, rest) = family.split_at(digit);
        let end = rest.find(|it: char| !it.is_ascii_digit()).unwrap_or(rest.len());
        let (generation, options) = rest.split_at(end);
        let generation: u8 = generation.parse().ok()?;
        // The first Graviton, before there was a letter for it.
        if (letters, generation, options) == ("a", 1, "") {
            return Some(Self::Arm);
        }
        match options.chars().next() {
            Some('g') => Some(Self::Arm),
            Some('i' | 'a') => Some(Self::X86),
            _ => OF_X86
                .iter()
                .any(|(own, generations)| *own == letters && generations.contains(&generation))
                .then_some(Self::X86),
        }
    }

    /// As AWS writes it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Arm => "arm64",
            Self::X86 => "x86_64",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Architecture, Family};

    #[test]
    fn a_processor_is_told_by_the_letter_behind_the_generation() {
        let arm = [
            "t4g.small",
            "m8gd.large",
            "c6gn.large",
            "im4gn.large",
            "is4gen.large",
            "g5g.xlarge",
            "a1.large",
        ];
        for name in arm {
            assert_eq!(Architecture::of(name), Some(Architecture::Arm), "{name}");
        }
        let x86 = [
            "t3.medium",
            "m5zn.large",
            "g4dn.xlarge",
            "g6e.xlarge",
            "i7ie.large",
            "c7i-flex.large",
            "hpc6a.48xlarge",
            "p4de.24xlarge",
            "x2iedn.large",
        ];
        for name in x86 {
            assert_eq!(Architecture::of(name), Some(Architecture::X86), "{name}");
        }
        for name in [
            "m9.large",
            "mac2.metal",
            "p6e-gb200.36xlarge",
            "u-6tb1.metal",
            "trn3.48xlarge",
            "qq1g.large",
            "m5",
            "",
            "M5.large",
        ] {
            assert_eq!(Architecture::of(name), None, "{name}");
        }
    }

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
