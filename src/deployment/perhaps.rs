//! Tells what a file leaves open whether it is made at all, and what would decide it: `file` asks it for the items of
//! every format.

use std::collections::BTreeMap;

use super::{Certainty, Item, Uncounted, Weight};
use crate::kinds;
use crate::model::deployed::Uses;
use crate::model::few;

/// How many of those that hang on one condition are named.
const NAMED: usize = 3;

/// What may not be made although it would use quotas, each reason once. It is counted as what may come on top.
pub fn remarks(items: &[Item]) -> Vec<Uncounted> {
    let mut by_reason: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for item in items.iter().filter(|item| item.change.makes()) {
        let counts = kinds::row_of(item).is_some_and(|row| matches!(row.deployed.uses, Uses::Quotas(_)));
        if let (Certainty::Possible(why), true) = (&item.certainty, counts) {
            by_reason.entry(why).or_default().push(&item.address);
        }
    }
    let remark = |(why, of): (&str, Vec<&str>)| Uncounted {
        what: format!("{} for certain", few(of.into_iter(), NAMED)),
        why: why.to_owned(),
        weight: Weight::Remark,
    };
    by_reason.into_iter().map(remark).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::deployment::{Alone, Input, file};

    #[test]
    fn what_hangs_on_a_condition_is_told_with_what_would_decide_it() {
        let template = r#"{"Parameters": {"Nat": {"Type": "String"}},
            "Conditions": {"N": {"Fn::Equals": [{"Ref": "Nat"}, "yes"]},
                           "S": {"Fn::Equals": [{"Ref": "AWS::StackName"}, "prod"]},
                           "R": {"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]}},
            "Resources": {"A": {"Type": "AWS::EC2::EIP", "Condition": "N"}, "B": {"Type": "AWS::EC2::VPC", "Condition": "N"},
                "C": {"Type": "AWS::EC2::EIP", "Condition": "S"}, "D": {"Type": "AWS::EC2::EIP", "Condition": "R"},
                "E": {"Type": "AWS::SNS::Topic", "Condition": "N"}, "F": {"Type": "AWS::EC2::EIP"}}}"#;
        let parameters = BTreeMap::new();
        let input = Input {
            source: "template",
            bytes: template.as_bytes(),
            beside: &Alone,
            region: None,
            parameters: &parameters,
        };
        let told: Vec<(String, String)> = super::remarks(&file::read(&input).unwrap().items)
            .into_iter()
            .map(|it| (it.what, it.why))
            .collect();
        let expected = [
            ("A, B for certain", "condition N needs parameter Nat (--parameter Nat=VALUE)"),
            ("D for certain", "condition R needs the region (--region)"),
            ("C for certain", "condition S needs AWS::StackName (--parameter AWS::StackName=VALUE)"),
        ];
        assert_eq!(told, expected.map(|(what, why)| (what.to_owned(), why.to_owned())));
    }
}
