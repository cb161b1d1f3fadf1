//! The quotas on virtual processors: one for each group of instance families, on demand and Spot apart.
//!
//! An instance counts by the letters its type begins with, and by how it is paid for. Capacity that is
//! reserved on demand and stands unused counts too, and is not seen by a scan.
//!
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-on-demand-instances.html>
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-spot-limits.html>
//! <https://docs.aws.amazon.com/general/latest/gr/ec2-service.html>

use crate::model::instance_type::Family;
use crate::model::words::fact;
use crate::model::{Amount, Per, QuotaUse, Resource, Unit};

/// All of them, those that people meet first in front.
pub(super) const QUOTAS: &[QuotaUse] = &[
    quota("vcpu", "on-demand vCPUs, standard families", "L-1216C47A", |it| on_demand(it, Family::Standard)),
    quota("vcpu-spot", "Spot vCPUs, standard families", "L-34B43A08", |it| spot(it, Family::Standard)),
    quota("vcpu-g", "on-demand vCPUs, G and VT families", "L-DB2E81BA", |it| on_demand(it, Family::G)),
    quota("vcpu-p", "on-demand vCPUs, P families", "L-417A185B", |it| on_demand(it, Family::P)),
    quota("vcpu-f", "on-demand vCPUs, F families", "L-74FC7D96", |it| on_demand(it, Family::F)),
    quota("vcpu-x", "on-demand vCPUs, X families", "L-7295265B", |it| on_demand(it, Family::X)),
    quota("vcpu-inf", "on-demand vCPUs, Inf families", "L-1945791B", |it| on_demand(it, Family::Inf)),
    quota("vcpu-trn", "on-demand vCPUs, Trn families", "L-2C3B7624", |it| on_demand(it, Family::Trn)),
    quota("vcpu-dl", "on-demand vCPUs, DL families", "L-6E869C2A", |it| on_demand(it, Family::Dl)),
    quota("vcpu-high-memory", "on-demand vCPUs, high memory families", "L-43DA4232", |it| {
        on_demand(it, Family::HighMemory)
    }),
    quota("vcpu-hpc", "on-demand vCPUs, HPC families", "L-F7808C92", |it| on_demand(it, Family::Hpc)),
    quota("vcpu-spot-g", "Spot vCPUs, G and VT families", "L-3819A6DF", |it| spot(it, Family::G)),
    quota("vcpu-spot-p", "Spot vCPUs, P families", "L-7212CCBC", |it| spot(it, Family::P)),
    quota("vcpu-spot-f", "Spot vCPUs, F families", "L-88CF9481", |it| spot(it, Family::F)),
    quota("vcpu-spot-x", "Spot vCPUs, X families", "L-E3A00192", |it| spot(it, Family::X)),
    quota("vcpu-spot-inf", "Spot vCPUs, Inf families", "L-B5D1601B", |it| spot(it, Family::Inf)),
    quota("vcpu-spot-trn", "Spot vCPUs, Trn families", "L-6B0D517C", |it| spot(it, Family::Trn)),
    quota("vcpu-spot-dl", "Spot vCPUs, DL families", "L-85EED4F7", |it| spot(it, Family::Dl)),
];

const fn quota(
    name: &'static str,
    title: &'static str,
    code: &'static str,
    amount: fn(&Resource) -> Amount,
) -> QuotaUse {
    QuotaUse::each(name, title, ("ec2", code), Per::Region).counted(Unit::Vcpus, amount)
}

/// Only what runs counts; what is pending is about to. What is paid for in another way (a Capacity Block)
/// does not: <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-capacity-blocks.html>.
fn on_demand(resource: &Resource, of: Family) -> Amount {
    if resource.facts.contains_key(fact::MARKET) { Amount::Known(0) } else { counted(resource, of) }
}

fn spot(resource: &Resource, of: Family) -> Amount {
    let is_spot = resource.facts.get(fact::MARKET).is_some_and(|market| market == "spot");
    if is_spot { counted(resource, of) } else { Amount::Known(0) }
}

/// Its virtual processors, if it is of this group and counts at all. On a dedicated host it does not: the
/// host counts, by another quota.
fn counted(resource: &Resource, of: Family) -> Amount {
    let at_rest =
        matches!(resource.state.as_deref(), Some("stopped" | "stopping" | "shutting-down" | "terminated"));
    let on_its_host = resource.facts.get(fact::TENANCY).is_some_and(|tenancy| tenancy == "host");
    if at_rest || on_its_host {
        return Amount::Known(0);
    }
    match resource.facts.get(fact::INSTANCE_TYPE).map(|name| Family::of(name)) {
        // New families have mostly come to the standard ones: so there the sum is not known.
        Some(Family::New) if of == Family::Standard => Amount::Unknown,
        Some(family) if family != of => Amount::Known(0),
        Some(_) => Amount::of_fact(resource, fact::VCPUS),
        None => Amount::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Key, KindName, Region};

    fn instance(facts: &[(&str, &str)]) -> Resource {
        let mut resource = Resource::new(Key::new(KindName::of("instance"), Region::new("us-east-1"), "i-1"));
        let facts = facts.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        resource.facts = facts.collect();
        resource.state = Some("running".to_owned());
        resource
    }

    /// What an instance uses, by quota; those of which it uses nothing are left out.
    fn used(resource: &Resource) -> Vec<(&'static str, Amount)> {
        let amounts = QUOTAS.iter().map(|quota| (quota.name, (quota.amount)(resource)));
        amounts.filter(|(_, amount)| *amount != Amount::Known(0)).collect()
    }

    #[test]
    fn an_instance_counts_in_the_one_quota_of_its_family_and_market() {
        for (instance_type, on_demand, spot) in [
            ("t3.large", Some("vcpu"), Some("vcpu-spot")),
            ("c6gn.large", Some("vcpu"), Some("vcpu-spot")),
            ("im4gn.large", Some("vcpu"), Some("vcpu-spot")),
            ("h1.2xlarge", Some("vcpu"), Some("vcpu-spot")),
            ("g4dn.xlarge", Some("vcpu-g"), Some("vcpu-spot-g")),
            ("vt1.3xlarge", Some("vcpu-g"), Some("vcpu-spot-g")),
            ("p6-b200.48xlarge", Some("vcpu-p"), Some("vcpu-spot-p")),
            ("f2.6xlarge", Some("vcpu-f"), Some("vcpu-spot-f")),
            ("x2idn.metal", Some("vcpu-x"), Some("vcpu-spot-x")),
            ("inf2.xlarge", Some("vcpu-inf"), Some("vcpu-spot-inf")),
            ("trn1n.32xlarge", Some("vcpu-trn"), Some("vcpu-spot-trn")),
            ("dl2q.24xlarge", Some("vcpu-dl"), Some("vcpu-spot-dl")),
            ("u-6tb1.56xlarge", Some("vcpu-high-memory"), None),
            ("u7i-12tb.224xlarge", Some("vcpu-high-memory"), None),
            ("hpc7g.16xlarge", Some("vcpu-hpc"), None),
            ("mac2.metal", None, None),
        ] {
            let facts = [(fact::INSTANCE_TYPE, instance_type), (fact::VCPUS, "8")];
            let expected = |name: Option<&'static str>| name.map(|name| (name, Amount::Known(8)));
            assert_eq!(used(&instance(&facts)), Vec::from_iter(expected(on_demand)), "{instance_type}");
            let facts = [facts[0], facts[1], (fact::MARKET, "spot")];
            assert_eq!(used(&instance(&facts)), Vec::from_iter(expected(spot)), "{instance_type}");
        }
    }

    #[test]
    fn what_rests_stands_on_its_own_host_or_in_a_capacity_block_does_not_count() {
        let facts = [(fact::INSTANCE_TYPE, "p5.48xlarge"), (fact::VCPUS, "192")];
        let mut resource = instance(&facts);
        for (state, counts) in [
            ("pending", true),
            ("running", true),
            ("stopping", false),
            ("stopped", false),
            ("shutting-down", false),
        ] {
            resource.state = Some(state.to_owned());
            assert_eq!(!used(&resource).is_empty(), counts, "{state}");
        }
        for (fact, value, counts) in [
            (fact::TENANCY, "dedicated", true),
            (fact::TENANCY, "host", false),
            (fact::MARKET, "capacity-block", false),
        ] {
            let resource = instance(&[facts[0], facts[1], (fact, value)]);
            assert_eq!(!used(&resource).is_empty(), counts, "{value}");
        }
    }

    #[test]
    fn what_is_not_told_of_an_instance_is_unknown_and_not_nothing() {
        let sizeless = instance(&[(fact::INSTANCE_TYPE, "m5.large")]);
        assert_eq!(used(&sizeless), [("vcpu", Amount::Unknown)]);
        let typeless = used(&instance(&[(fact::VCPUS, "4")]));
        let new = instance(&[(fact::INSTANCE_TYPE, "qq1.large"), (fact::VCPUS, "4")]);
        assert_eq!(used(&new), [("vcpu", Amount::Unknown)]);
        assert_eq!(typeless.len(), 10, "any on-demand quota may be meant: {typeless:?}");
    }
}
