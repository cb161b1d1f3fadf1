//! What a template holds of which only AWS knows what it will make: given to the deployment as uncounted.

use serde_json::Value as Json;

use crate::deployment::{Uncounted, Weight, types};

/// Custom resources of the CDK that make nothing which has a quota here: they empty buckets, apply
/// manifests, read values.
const HARMLESS: &[&str] = &[
    "Custom::AWSCDK-EKS-KubernetesResource",
    "Custom::AWSCDK-EKS-KubernetesPatch",
    "Custom::AWSCDK-EKS-KubernetesObjectValue",
    "Custom::AWSCDKCfnJson",
    "Custom::AWSCDKCfnUtilsProvider",
    "Custom::CDKBucketDeployment",
    "Custom::CrossRegionExportReader",
    "Custom::CrossRegionExportWriter",
    "Custom::ECRAutoDeleteImages",
    "Custom::S3AutoDeleteObjects",
    "Custom::S3BucketNotifications",
    "Custom::VpcRestrictDefaultSG",
];

/// The macro of which [`super::loops`] knows what it does; its other functions are functions.
const EXTENSIONS: &str = "AWS::LanguageExtensions";

/// What a template's macros may make.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/transform-section-structure.html>
pub(super) fn transforms(template: &Json, prefix: &str) -> Vec<Uncounted> {
    let names = match template.get("Transform") {
        None | Some(Json::Null) => &[],
        Some(Json::Array(list)) => list.as_slice(),
        Some(only) => std::slice::from_ref(only),
    };
    let names = names.iter().map(|it| it.as_str().or_else(|| it.get("Name")?.as_str()));
    names
        .filter(|name| *name != Some(EXTENSIONS))
        .map(|name| macro_of(&format!("{prefix}{}", name.unwrap_or("a macro"))))
        .collect()
}

/// A macro that makes what it likes.
pub(super) fn macro_of(what: &str) -> Uncounted {
    open(what, "what this macro makes is known only to CloudFormation: give a change set instead")
}

/// What a resource makes besides itself, if that cannot be told.
pub(in crate::deployment) fn resource(address: &str, type_name: &str) -> Option<Uncounted> {
    if type_name.ends_with("::MODULE") {
        return Some(open(
            address,
            "what this module makes is known only to CloudFormation: give a change set instead",
        ));
    }
    if types::of_cloudformation(type_name).is_some() || HARMLESS.contains(&type_name) {
        return None;
    }
    match type_name {
        "AWS::CloudFormation::CustomResource" => {
            Some(remark(address, "a custom resource makes what its code makes"))
        }
        _ if type_name.starts_with("Custom::") => {
            Some(remark(address, "a custom resource makes what its code makes"))
        }
        _ if type_name.starts_with("AWS::Serverless::") => Some(open(
            address,
            "what AWS SAM makes of it is known only to CloudFormation: give a change set instead",
        )),
        _ if type_name.starts_with("AWS::") => None,
        _ => Some(remark(address, "a resource type of the registry makes what its code makes")),
    }
}

pub(super) fn open(what: &str, why: impl Into<String>) -> Uncounted {
    Uncounted { what: what.to_owned(), why: why.into(), weight: Weight::Open }
}

pub(super) fn remark(what: &str, why: impl Into<String>) -> Uncounted {
    Uncounted { what: what.to_owned(), why: why.into(), weight: Weight::Remark }
}
