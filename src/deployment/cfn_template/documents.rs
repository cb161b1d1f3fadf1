//! Texts that are documents, of which a template tells all but some names in between: the reader of templates asks
//! for them, and checks find in them what does not hang on those names.
//!
//! The CDK writes the values of a chart and the objects of a manifest as one `Fn::Join` of JSON, with a reference
//! wherever the program named a cluster or a role. Without this, one name would hide all the rest.

use serde_json::Value as Json;

use super::intrinsics::{Piece, dynamic, pieces, written};
use super::scope::TemplateScope;
use crate::deployment::Value;

/// What stands in a document in the place of what is not known before the deployment: Unicode's own letter for
/// something that is no text. Those who read a document take what holds one as not known.
pub const GAP: char = '\u{FFFC}';

/// The longest document that is put together.
const LONGEST: usize = 1 << 18;

/// The properties that hold one, by type.
const DOCUMENTS: [(&str, &str); 4] = [
    ("AWSQS::Kubernetes::Helm", "ValueYaml"),
    ("AWSQS::Kubernetes::Resource", "Manifest"),
    ("Custom::AWSCDK-EKS-HelmChart", "Values"),
    ("Custom::AWSCDK-EKS-KubernetesResource", "Manifest"),
];

impl TemplateScope<'_> {
    /// Puts in what is known of the documents among the properties of a resource. A secret stays one.
    pub fn fill_documents(&self, type_name: &str, json: &Json, properties: &mut Value) {
        let Value::Map(properties) = properties else { return };
        for (_, name) in DOCUMENTS.iter().filter(|(of, _)| *of == type_name) {
            if let (Some(value @ Value::Unknown(_)), Some(json)) = (properties.get_mut(name), json.get(name))
                && let Some(text) = self.document(json)
            {
                *value = dynamic(&text);
            }
        }
    }

    /// What is known of a text; `None` where that is nothing.
    fn document(&self, json: &Json) -> Option<String> {
        let parts: Vec<Option<String>> = match (json.get("Fn::Join"), json.get("Fn::Sub")) {
            (Some(joined), None) => {
                let [Json::String(between), Json::Array(members)] = joined.as_array()?.as_slice() else {
                    return None;
                };
                let members = members.iter().map(|member| written(&self.value(member)));
                let between = || Some(between.clone());
                members
                    .enumerate()
                    .flat_map(|(at, it)| [between().filter(|_| at > 0).or(Some(String::new())), it])
                    .collect()
            }
            (None, Some(Json::String(text))) => pieces(text)
                .into_iter()
                .map(|piece| match piece {
                    Piece::Text(text) => Some(text.to_owned()),
                    Piece::Name(name) => self.parameter(name).as_ref().and_then(written),
                })
                .collect(),
            (_, _) => return None,
        };
        let known: usize = parts.iter().flatten().map(String::len).sum();
        let document = || parts.iter().map(|part| part.clone().unwrap_or_else(|| GAP.to_string())).collect();
        (1..=LONGEST).contains(&known).then(document)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::deployment::{Alone, Input, file};
    use std::collections::BTreeMap;

    fn values(json: &Json) -> Value {
        let template = json!({
            "Parameters": {"Tag": {"Type": "String"}, "Key": {"Type": "String", "NoEcho": true}},
            "Resources": {
                "C": {"Type": "AWS::EKS::Cluster", "Properties": {}},
                "H": {"Type": "Custom::AWSCDK-EKS-HelmChart", "Properties": {"Values": json}},
            },
        });
        let parameters = BTreeMap::new();
        let text = template.to_string();
        let input = Input {
            source: "template",
            bytes: text.as_bytes(),
            beside: &Alone,
            region: None,
            parameters: &parameters,
        };
        let deployment = file::read(&input).expect("a template");
        let chart = deployment.items.iter().find(|it| it.address == "H").expect("the chart");
        chart.properties.at("values").clone()
    }

    #[test]
    fn a_name_that_is_not_known_hides_nothing_of_the_rest() {
        let join = json!({"Fn::Join": ["", ["{\"a\":\"", {"Ref": "C"}, "\",\"b\":1}"]]});
        assert_eq!(values(&join).as_text(), Some("{\"a\":\"\u{FFFC}\",\"b\":1}"));
        let sub = json!({"Fn::Sub": "a: ${C.Arn}\nb: ${Tag}\nc: ${!x}"});
        assert_eq!(values(&sub).as_text(), Some("a: \u{FFFC}\nb: \u{FFFC}\nc: ${x}"));
        let comma = json!({"Fn::Join": [",", ["a", {"Ref": "C"}, "b"]]});
        assert_eq!(values(&comma).as_text(), Some("a,\u{FFFC},b"));
    }

    #[test]
    fn what_is_not_known_whole_or_is_secret_stays_so() {
        assert!(matches!(values(&json!({"Ref": "Tag"})), Value::Unknown(_)));
        assert!(matches!(values(&json!({"Fn::Join": ["", [{"Ref": "C"}]]})), Value::Unknown(_)));
        let secret = json!({"Fn::Join": ["", ["a", {"Ref": "Key"}]]});
        assert!(matches!(values(&secret), Value::Secret));
        let resolved = json!({"Fn::Join": ["", ["{{resolve:secretsmanager:a}}", {"Ref": "C"}]]});
        assert!(matches!(values(&resolved), Value::Secret));
    }
}
