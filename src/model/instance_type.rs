//! What the name of an instance type tells.

/// The vCPU quota that an On-Demand instance type counts against: the short name of the quota
/// ([`super::QuotaUse::name`]). `None` for families whose quota this program does not read.
///
/// The families are AWS's own grouping, by the letters before the generation:
/// <https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-instance-quotas.html>.
pub fn vcpu_quota(instance_type: &str) -> Option<&'static str> {
    let letters: String = instance_type.chars().take_while(char::is_ascii_alphabetic).collect();
    match letters.to_ascii_lowercase().as_str() {
        "g" | "gr" | "vt" => Some("vcpu-g"),
        "p" => Some("vcpu-p"),
        // Families of their own: machine learning, FPGA, high memory, high performance, Macs.
        "inf" | "trn" | "dl" | "f" | "u" | "x" | "hpc" | "mac" => None,
        family => family.starts_with(['a', 'c', 'd', 'h', 'i', 'm', 'r', 't', 'z']).then_some("vcpu"),
    }
}

#[cfg(test)]
mod tests {
    use super::vcpu_quota;

    #[test]
    fn a_family_counts_against_its_own_quota() {
        for (name, quota) in [
            ("t3.medium", Some("vcpu")),
            ("m7g.large", Some("vcpu")),
            ("im4gn.large", Some("vcpu")),
            ("is4gen.large", Some("vcpu")),
            ("d3en.xlarge", Some("vcpu")),
            ("g5.xlarge", Some("vcpu-g")),
            ("gr6.4xlarge", Some("vcpu-g")),
            ("vt1.3xlarge", Some("vcpu-g")),
            ("p4d.24xlarge", Some("vcpu-p")),
            ("inf2.xlarge", None),
            ("trn1.2xlarge", None),
            ("dl1.24xlarge", None),
            ("hpc6a.48xlarge", None),
            ("mac2.metal", None),
            ("u-6tb1.metal", None),
            ("x2idn.16xlarge", None),
            ("", None),
        ] {
            assert_eq!(vcpu_quota(name), quota, "{name}");
        }
    }
}
