//! Which type of which tool is which kind: the readers ask it, and it looks in the catalog.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::kinds;
pub use crate::model::deployed::{KindRow, Types};

/// The row of a Terraform type, of the providers `aws` and `awscc`.
pub fn of_terraform(type_name: &str) -> Option<&'static KindRow> {
    static ROWS: LazyLock<Rows> = LazyLock::new(|| rows_by(|types| types.terraform));
    match type_name.strip_prefix("awscc_") {
        Some(rest) => of_folded(rest),
        None => ROWS.get(type_name).copied(),
    }
}

/// Rows by the names of types: asked for every thing of a file.
type Rows = BTreeMap<&'static str, &'static KindRow>;

/// The rows by the names that one tool has for them; the first, where two have one.
fn rows_by(names: fn(&'static Types) -> &'static [&'static str]) -> Rows {
    let mut rows = Rows::new();
    for row in kinds::rows() {
        for name in names(&row.deployed.types) {
            rows.entry(name).or_insert(row);
        }
    }
    rows
}

/// The row of what a provider that is made of CloudFormation's registry calls so.
fn of_folded(name: &str) -> Option<&'static KindRow> {
    static ROWS: LazyLock<BTreeMap<String, &'static KindRow>> = LazyLock::new(|| {
        let mut rows = BTreeMap::new();
        for (own, row) in rows_by(|types| types.cloudformation) {
            if let Some(own) = own.strip_prefix("AWS::") {
                rows.entry(folded(own)).or_insert(row);
            }
        }
        rows
    });
    ROWS.get(folded(name).as_str()).copied()
}

/// The row of a Pulumi type, of the providers `aws`, `aws-native` and `kubernetes`.
pub fn of_pulumi(type_name: &str) -> Option<&'static KindRow> {
    static ROWS: LazyLock<Rows> = LazyLock::new(|| rows_by(|types| types.pulumi));
    match type_name.strip_prefix("aws-native:") {
        Some(rest) => of_folded(rest),
        None => ROWS.get(type_name).copied(),
    }
}

/// The row of a CloudFormation type.
pub fn of_cloudformation(type_name: &str) -> Option<&'static KindRow> {
    static ROWS: LazyLock<Rows> = LazyLock::new(|| rows_by(|types| types.cloudformation));
    ROWS.get(type_name).copied()
}

/// Whether a type is of one of AWS's providers, known here or not.
pub fn is_aws(type_name: &str) -> bool {
    ["aws_", "awscc_", "aws:", "aws-native:", "AWS::"].iter().any(|prefix| type_name.starts_with(prefix))
}

/// Letters and digits alone, in small letters: `EC2::NatGateway`, `ec2:NatGateway` and `ec2_nat_gateway` are one.
pub(super) fn folded(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
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
