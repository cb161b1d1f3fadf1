//! Names things that use quotas and of which nothing here knows how much, so that the readers pass none over.

use std::collections::BTreeMap;

use super::{Item, Uncounted, Weight, beside};
use crate::kinds;
use crate::model::deployed::Uses;

/// What they are for people, and the types.
const MAKERS: &[(&str, &[&str])] = &[
    (
        "what its template makes is not read from here: give that template as a file of its own",
        &[
            "aws_cloudformation_stack",
            "aws:cloudformation/stack:Stack",
            "aws-native:cloudformation:Stack",
            "awscc_cloudformation_stack",
        ],
    ),
    (
        "what a stack set makes stands in no file here",
        &[
            "aws_cloudformation_stack_instances",
            "aws_cloudformation_stack_set",
            "aws_cloudformation_stack_set_instance",
            "aws:cloudformation/stackInstances:StackInstances",
            "aws:cloudformation/stackSet:StackSet",
            "aws:cloudformation/stackSetInstance:StackSetInstance",
            "aws-native:cloudformation:StackSet",
            "awscc_cloudformation_stack_set",
        ],
    ),
    (
        "what a product of a catalog makes stands in no file here",
        &[
            "aws_serverlessapplicationrepository_cloudformation_stack",
            "aws_servicecatalog_provisioned_product",
            "aws:serverlessrepository/cloudFormationStack:CloudFormationStack",
            "aws:servicecatalog/provisionedProduct:ProvisionedProduct",
            "aws-native:servicecatalog:CloudFormationProvisionedProduct",
            "awscc_servicecatalog_cloudformation_provisioned_product",
        ],
    ),
    (
        "how many instances it starts, and of which type, is decided when they start",
        &[
            "aws_batch_compute_environment",
            "aws_ec2_capacity_reservation",
            "aws_ec2_fleet",
            "aws_elastic_beanstalk_environment",
            "aws_emr_cluster",
            "aws_emr_instance_fleet",
            "aws_emr_instance_group",
            "aws_spot_fleet_request",
            "aws_spot_instance_request",
            "aws:batch/computeEnvironment:ComputeEnvironment",
            "aws:ec2/capacityReservation:CapacityReservation",
            "aws:ec2/fleet:Fleet",
            "aws:ec2/spotFleetRequest:SpotFleetRequest",
            "aws:ec2/spotInstanceRequest:SpotInstanceRequest",
            "aws:elasticbeanstalk/environment:Environment",
            "aws:emr/cluster:Cluster",
            "aws:emr/instanceFleet:InstanceFleet",
            "aws:emr/instanceGroup:InstanceGroup",
            "aws-native:batch:ComputeEnvironment",
            "aws-native:ec2:CapacityReservation",
            "aws-native:ec2:Ec2Fleet",
            "aws-native:ec2:SpotFleet",
            "aws-native:elasticbeanstalk:Environment",
            "awscc_batch_compute_environment",
            "awscc_ec2_capacity_reservation",
            "awscc_ec2_ec2_fleet",
            "awscc_ec2_spot_fleet",
            "awscc_elasticbeanstalk_environment",
            "AWS::Batch::ComputeEnvironment",
            "AWS::EC2::CapacityReservation",
            "AWS::EC2::EC2Fleet",
            "AWS::EC2::SpotFleet",
            "AWS::ElasticBeanstalk::Environment",
            "AWS::EMR::Cluster",
        ],
    ),
];

/// What is to be said of what these items make.
pub fn uncounted(items: &[Item]) -> Vec<Uncounted> {
    let made = || items.iter().filter(|item| item.change.makes());
    let open = made().filter_map(|item| {
        let (why, _) = MAKERS.iter().find(|(_, types)| types.contains(&item.type_name.as_str()))?;
        Some(Uncounted { what: item.address.clone(), why: (*why).to_owned(), weight: Weight::Open })
    });
    let mut all: Vec<Uncounted> = open.collect();
    let titles = made().filter_map(|item| beside::title(&item.type_name));
    let why = "what they take of instances, interfaces, addresses and quotas of their own is not looked at";
    all.extend(counted(titles, why));
    let several = made().filter_map(kinds::row_of).filter_map(|row| match row.deployed.uses {
        Uses::NotLookedAt(several) => Some(several),
        Uses::Quotas(_) | Uses::Nothing => None,
    });
    all.extend(counted(several, "their quota is not looked at"));
    all
}

/// A remark for each of these, with how many there are.
fn counted<'a>(titles: impl Iterator<Item = &'a str>, why: &'a str) -> impl Iterator<Item = Uncounted> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for title in titles {
        *counts.entry(title).or_default() += 1;
    }
    counts.into_iter().map(move |(title, count)| Uncounted {
        what: format!("{title} ({count})"),
        why: why.to_owned(),
        weight: Weight::Remark,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deployment::{Certainty, Change, Value, types};
    use crate::model::deployed::KindRow;

    fn item(type_name: &str, change: Change) -> Item {
        let row = [types::of_terraform(type_name), types::of_cloudformation(type_name)];
        Item {
            address: format!("the {type_name}"),
            type_name: type_name.to_owned(),
            kind: row.into_iter().flatten().next().map(types::KindRow::name),
            change,
            certainty: Certainty::Certain,
            region: None,
            properties: Value::default(),
            before: Value::Null,
            after: Vec::new(),
        }
    }

    fn named(items: &[Item]) -> Vec<(String, Weight)> {
        uncounted(items).into_iter().map(|it| (it.what, it.weight)).collect()
    }

    #[test]
    fn what_starts_instances_of_its_own_leaves_the_counts_open() {
        for type_name in ["aws_ec2_fleet", "aws:emr/cluster:Cluster", "AWS::EC2::CapacityReservation"] {
            let made = [item(type_name, Change::Create), item(type_name, Change::Keep)];
            assert_eq!(named(&made), [(format!("the {type_name}"), Weight::Open)]);
        }
        assert!(
            named(&[item("aws_instance", Change::Create), item("aws_s3_bucket", Change::Create)]).is_empty()
        );
    }

    #[test]
    fn what_other_services_take_is_told_and_leaves_the_counts_as_they_are() {
        let made = [
            item("AWS::Cloud9::EnvironmentEC2", Change::Create),
            item("AWS::EC2::TransitGateway", Change::Create),
        ];
        let expected = ["Cloud9 environments (1)", "transit gateways (1)"];
        assert_eq!(named(&made), expected.map(|it| (it.to_owned(), Weight::Remark)));
        assert!(named(&[item("aws_db_instance", Change::Delete)]).is_empty());
    }

    #[test]
    fn what_has_a_quota_that_is_not_looked_at_is_named_once() {
        // Whichever kinds these are.
        let several = |row: &'static KindRow| match row.deployed.uses {
            Uses::NotLookedAt(several) => Some((row.deployed.types.terraform.first()?, several)),
            Uses::Quotas(_) | Uses::Nothing => None,
        };
        let known: BTreeMap<&str, &str> =
            kinds::rows().filter_map(several).map(|(name, several)| (several, *name)).collect();
        let made: Vec<Item> = known
            .values()
            .flat_map(|name| [item(name, Change::Create), item(name, Change::Create)])
            .collect();
        let expected = known.keys().map(|several| (format!("{several} (2)"), Weight::Remark));
        assert_eq!(named(&made), expected.collect::<Vec<_>>());
        assert!(!known.is_empty());
    }

    #[test]
    fn what_is_counted_is_not_said_to_be_uncounted() {
        let starters = MAKERS.iter().flat_map(|(_, types)| *types);
        for type_name in starters.filter(|it| !it.to_lowercase().contains("stack")) {
            let rows = [
                types::of_terraform(type_name),
                types::of_pulumi(type_name),
                types::of_cloudformation(type_name),
            ];
            assert!(rows.iter().all(Option::is_none), "{type_name}");
        }
    }
}
