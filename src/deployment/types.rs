//! Which type of which tool is which kind: the readers ask it, and it looks in the catalog.

use crate::kinds;
pub use crate::model::deployed::{KindRow, Types};

/// The row of a Terraform type, of the providers `aws` and `awscc`.
pub fn of_terraform(type_name: &str) -> Option<&'static KindRow> {
    kinds::rows().find(|row| is_terraforms(&row.deployed.types, type_name))
}

/// The row of a Pulumi type, of the providers `aws`, `aws-native` and `kubernetes`.
pub fn of_pulumi(type_name: &str) -> Option<&'static KindRow> {
    kinds::rows().find(|row| is_pulumis(&row.deployed.types, type_name))
}

/// The row of a CloudFormation type.
pub fn of_cloudformation(type_name: &str) -> Option<&'static KindRow> {
    kinds::rows().find(|row| row.deployed.types.cloudformation.contains(&type_name))
}

/// Whether a type is of one of AWS's providers, known here or not.
pub fn is_aws(type_name: &str) -> bool {
    ["aws_", "awscc_", "aws:", "aws-native:", "AWS::"].iter().any(|prefix| type_name.starts_with(prefix))
}

fn is_terraforms(types: &Types, type_name: &str) -> bool {
    match type_name.strip_prefix("awscc_") {
        Some(rest) => is_folded(types, rest),
        None => types.terraform.contains(&type_name),
    }
}

fn is_pulumis(types: &Types, type_name: &str) -> bool {
    match type_name.strip_prefix("aws-native:") {
        Some(rest) => is_folded(types, rest),
        None => types.pulumi.contains(&type_name),
    }
}

/// Whether what a provider that is made of CloudFormation's registry calls so is one of these.
fn is_folded(types: &Types, name: &str) -> bool {
    let fits = |own: &&str| own.strip_prefix("AWS::").is_some_and(|own| letters(own).eq(letters(name)));
    types.cloudformation.iter().any(fits)
}

/// Letters and digits alone, in small letters: `EC2::NatGateway`, `ec2:NatGateway` and `ec2_nat_gateway` are one.
fn letters(name: &str) -> impl Iterator<Item = char> {
    name.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase())
}

/// The same as a text.
pub(super) fn folded(name: &str) -> String {
    letters(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tool_means_the_same_kind() {
        for (terraform, pulumi, cloudformation, kind) in [
            ("aws_eip", "aws:ec2/eip:Eip", "AWS::EC2::EIP", "elastic-ip"),
            ("awscc_ec2_nat_gateway", "aws-native:ec2:NatGateway", "AWS::EC2::NatGateway", "nat-gateway"),
            ("awscc_eks_nodegroup", "aws-native:eks:Nodegroup", "AWS::EKS::Nodegroup", "eks-nodegroup"),
        ] {
            assert_eq!(of_terraform(terraform).map(|row| row.kind), Some(kind));
            assert_eq!(of_pulumi(pulumi).map(|row| row.kind), Some(kind));
            assert_eq!(of_cloudformation(cloudformation).map(|row| row.kind), Some(kind));
        }
        assert!(of_terraform("aws_s3_bucket").is_none());
        assert!(of_terraform("awscc_").is_none());
    }
}
