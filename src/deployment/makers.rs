//! Types of Terraform and Pulumi that make other things, of which the file tells nothing.

use super::{Item, Uncounted, Weight};

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
        ],
    ),
];

/// Which of these items make more than they tell.
pub fn uncounted(items: &[Item]) -> Vec<Uncounted> {
    let made = items.iter().filter(|item| item.change.makes());
    made.filter_map(|item| {
        let (why, _) = MAKERS.iter().find(|(_, types)| types.contains(&item.type_name.as_str()))?;
        Some(Uncounted { what: item.address.clone(), why: (*why).to_owned(), weight: Weight::Open })
    })
    .collect()
}
