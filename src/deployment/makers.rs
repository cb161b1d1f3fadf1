//! Things that use quotas and of which nothing here knows how much: they are named, never passed over.

use std::collections::BTreeMap;

use super::{Item, Uncounted, Weight};

/// Types that start instances of their own.
const INSTANCES: &[&str] = &[
    "aws_ec2_fleet",
    "aws_elastic_beanstalk_environment",
    "aws_emr_cluster",
    "aws_spot_fleet_request",
    "aws_spot_instance_request",
    "aws:ec2/fleet:Fleet",
    "aws:ec2/spotFleetRequest:SpotFleetRequest",
    "aws:ec2/spotInstanceRequest:SpotInstanceRequest",
    "aws:elasticbeanstalk/environment:Environment",
    "aws:emr/cluster:Cluster",
    "AWS::EC2::EC2Fleet",
    "AWS::EC2::SpotFleet",
    "AWS::ElasticBeanstalk::Environment",
    "AWS::EMR::Cluster",
];

/// Types that keep room for instances, which counts as if they ran:
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-on-demand-instances.html>.
const RESERVATIONS: &[&str] = &[
    "aws_ec2_capacity_reservation",
    "aws:ec2/capacityReservation:CapacityReservation",
    "AWS::EC2::CapacityReservation",
];

/// Kinds with a quota that no scan counts yet, and how people call several of them.
const KINDS: &[(&str, &str)] = &[
    ("classic-load-balancer", "classic load balancers"),
    ("egress-only-internet-gateway", "egress-only internet gateways"),
    ("eks-fargate-profile", "EKS Fargate profiles"),
];

/// What is to be said of what these items make.
pub(super) fn uncounted(items: &[Item]) -> Vec<Uncounted> {
    let mut all = Vec::new();
    let mut of_kind: BTreeMap<&str, usize> = BTreeMap::new();
    for item in items.iter().filter(|item| item.change.makes()) {
        let of = |types: &[&str]| types.contains(&item.type_name.as_str());
        let why = match item {
            _ if of(INSTANCES) => "it starts instances of its own, whose virtual processors are not counted",
            _ if of(RESERVATIONS) => "what it keeps free counts like instances that run, and is not counted",
            _ => {
                let kind = item.kind.as_ref().map(|kind| kind.as_str());
                let row = KINDS.iter().find(|(of, _)| Some(*of) == kind);
                row.into_iter().for_each(|(_, title)| *of_kind.entry(title).or_default() += 1);
                continue;
            }
        };
        all.push(Uncounted { what: item.address.clone(), why: why.to_owned(), weight: Weight::Open });
    }
    all.extend(of_kind.into_iter().map(|(title, count)| Uncounted {
        what: format!("{title} ({count})"),
        why: "their quota is not looked at".to_owned(),
        weight: Weight::Remark,
    }));
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deployment::{Certainty, Change, Value, types};

    fn item(type_name: &str, change: Change) -> Item {
        let row = [types::of_terraform(type_name), types::of_cloudformation(type_name)];
        Item {
            address: format!("the {type_name}"),
            type_name: type_name.to_owned(),
            kind: row.into_iter().flatten().next().map(types::Row::name),
            change,
            certainty: Certainty::Certain,
            region: None,
            properties: Value::default(),
            after: Vec::new(),
        }
    }

    fn told(items: &[Item]) -> Vec<(String, Weight)> {
        uncounted(items).into_iter().map(|it| (it.what, it.weight)).collect()
    }

    #[test]
    fn what_starts_instances_of_its_own_leaves_the_counts_open() {
        for type_name in ["aws_ec2_fleet", "aws:emr/cluster:Cluster", "AWS::EC2::CapacityReservation"] {
            let made = [item(type_name, Change::Create), item(type_name, Change::Keep)];
            assert_eq!(told(&made), [(format!("the {type_name}"), Weight::Open)]);
        }
        assert!(
            told(&[item("aws_instance", Change::Create), item("aws_s3_bucket", Change::Create)]).is_empty()
        );
    }

    #[test]
    fn what_has_a_quota_that_is_not_looked_at_is_named_once() {
        let made =
            ["aws_elb", "aws_elb", "aws_egress_only_internet_gateway"].map(|it| item(it, Change::Create));
        let expected = ["classic load balancers (2)", "egress-only internet gateways (1)"];
        assert_eq!(told(&made), expected.map(|it| (it.to_owned(), Weight::Remark)));
    }

    #[test]
    fn what_is_counted_is_not_said_to_be_uncounted() {
        for type_name in INSTANCES.iter().chain(RESERVATIONS) {
            let rows = [
                types::of_terraform(type_name),
                types::of_pulumi(type_name),
                types::of_cloudformation(type_name),
            ];
            assert!(rows.iter().all(Option::is_none), "{type_name}");
        }
        for (kind, _) in KINDS {
            assert!(types::of_kind(kind).is_some(), "{kind}");
        }
    }
}
