//! The region of a stack whose file is bound to none: takes its template and gives the region that it names by
//! itself, else the user's. Templates and CDK folders ask it before they are read for that region.

use super::{FoundItems, TemplateUse};
use crate::deployment::places::region_of_all;
use crate::deployment::{Input, ReadError};
use crate::model::Region;

/// The region of a stack that is bound to none: the one that its template names, by zones and ARNs as they are
/// without a region, else the one that the user names.
pub(in crate::deployment) fn region(
    input: &Input<'_>,
    anywhere: &TemplateUse,
    bytes: &[u8],
) -> Result<Option<Region>, ReadError> {
    let mut found = FoundItems::default();
    found.template(bytes, anywhere, input.beside)?;
    Ok(of(&found, input))
}

/// The same of what was found in the template, read without a region.
pub(super) fn of(found: &FoundItems, input: &Input<'_>) -> Option<Region> {
    region_of_all(&found.items).or_else(|| input.region.clone())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::{Value as Json, json};

    use crate::deployment::{Alone, cfn_template};

    use super::*;

    /// The region of the first thing of a template, by a user who names `us-east-1`.
    fn of(resources: &Json, more: &Json, parameters: &[(&str, &str)]) -> String {
        let mut template = json!({"Resources": resources});
        for (name, section) in more.as_object().into_iter().flatten() {
            template[name] = section.clone();
        }
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let parameters: BTreeMap<String, String> = parameters.iter().map(own).collect();
        let template = template.to_string();
        let input = Input {
            source: "template",
            bytes: template.as_bytes(),
            beside: &Alone,
            region: Some(Region::new("us-east-1")),
            parameters: &parameters,
        };
        let deployment = cfn_template::read(&input).unwrap();
        deployment.items[0].region.clone().unwrap().to_string()
    }

    fn subnet(zone: &Json) -> Json {
        json!({"Type": "AWS::EC2::Subnet", "Properties": {"AvailabilityZone": zone}})
    }

    #[test]
    fn a_literal_zone_or_arn_tells_the_region_of_all_the_template() {
        let parameter = json!({"Parameters": {"Z": {"Type": "String", "Default": "us-west-2a"}}});
        let group = "arn:aws:elasticloadbalancing:us-west-2:123456789012:targetgroup/a/1";
        let groups = |properties: Json| json!({"Type": "AWS::AutoScaling::AutoScalingGroup", "Properties": properties});
        for (it, more) in [
            (subnet(&json!("us-west-2b")), json!({})),
            (subnet(&json!({"Fn::Join": ["", ["us-west-", "2b"]]})), json!({})),
            (subnet(&json!({"Ref": "Z"})), parameter),
            (
                groups(json!({"AvailabilityZones": ["us-west-2a", {"Fn::Select": [1, {"Fn::GetAZs": ""}]}]})),
                json!({}),
            ),
            (groups(json!({"TargetGroupARNs": [group]})), json!({})),
        ] {
            assert_eq!(
                of(&json!({"Eip": {"Type": "AWS::EC2::EIP"}, "It": it}), &more, &[]),
                "us-west-2",
                "{it}"
            );
        }
    }

    #[test]
    fn what_is_right_in_every_region_or_tells_of_two_leaves_it_to_the_user() {
        let zones =
            json!({"Mappings": {"Z": {"us-east-1": {"A": "us-east-1a"}, "us-west-2": {"A": "us-west-2a"}}}});
        let west = json!({"Conditions": {"West": {"Fn::Equals": [{"Ref": "AWS::Region"}, "us-west-2"]}}});
        let mut only_west = subnet(&json!("us-west-2a"));
        only_west["Condition"] = json!("West");
        let either = json!({"Fn::If": ["West", "us-west-2a", "us-east-1a"]});
        let east = subnet(&json!("us-east-1a"));
        for (resources, more) in [
            (json!({"A": subnet(&json!({"Fn::FindInMap": ["Z", {"Ref": "AWS::Region"}, "A"]}))}), &zones),
            (json!({"A": subnet(&json!({"Fn::Sub": "${AWS::Region}a"}))}), &zones),
            (json!({"A": {"Type": "AWS::EC2::EIP"}, "B": only_west}), &west),
            (json!({"A": subnet(&either)}), &west),
            (json!({"A": east, "B": subnet(&json!("us-west-2a"))}), &west),
        ] {
            assert_eq!(of(&resources, more, &[]), "us-east-1", "{resources}");
        }
        let parameter = json!({"Parameters": {"Z": {"Type": "String", "Default": "us-west-2a"}}});
        let given = [("Z", "us-east-1a")];
        assert_eq!(of(&json!({"It": subnet(&json!({"Ref": "Z"}))}), &parameter, &given), "us-east-1");
    }

    #[test]
    fn what_is_made_of_the_region_is_made_of_the_one_that_the_template_or_the_user_names() {
        let of_region = json!({"Fn::Sub": "shop-${AWS::Region}"});
        let of_suffix = json!({"Fn::Join": ["", ["shop.", {"Ref": "AWS::URLSuffix"}]]});
        let cluster = |name: &Json| json!({"Type": "AWS::EKS::Cluster", "Properties": {"Name": name}});
        for (zone, region, suffix) in
            [("us-west-2a", "us-west-2", "amazonaws.com"), ("cn-north-1a", "cn-north-1", "amazonaws.com.cn")]
        {
            let template = json!({"Resources": {
                "A": subnet(&json!(zone)), "B": cluster(&of_region), "C": cluster(&of_suffix),
                "D": {"Type": "AWS::IAM::Role"}, "E": {"Type": "AWS::SQS::Queue"}}});
            let template = template.to_string();
            let input = Input {
                source: "template",
                bytes: template.as_bytes(),
                beside: &Alone,
                region: Some(Region::new("us-east-1")),
                parameters: &BTreeMap::new(),
            };
            let items = cfn_template::read(&input).unwrap().items;
            let names = [1, 2].map(|at: usize| items[at].properties.at("name").as_text());
            assert_eq!(names, [Some(&*format!("shop-{region}")), Some(&*format!("shop.{suffix}"))]);
            let regions: Vec<&str> =
                items.iter().map(|item| item.region.as_ref().unwrap().as_str()).collect();
            assert_eq!(regions, [region, region, region, "global", region]);
        }
    }
}
