//! What several checks ask of Helm releases and Kubernetes objects in deployments.

use saphyr_parser::{Event, Parser};

use crate::deployment::{GAP, Item, Value};
use crate::kinds;
use crate::model::deployed::Plays;

use super::super::scene::Planned;

/// What sort of thing it is to a cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ObjectSort {
    /// A Helm release or chart.
    Release,
    /// An object whose pods have to run before it counts as made.
    Workload,
    /// An add-on of EKS's with such pods.
    AddOn,
    /// Any other object.
    Other,
}

/// The public extension of CloudFormation that applies a manifest:
/// <https://github.com/aws-quickstart/quickstart-kubernetes-resource-provider>.
const EXTENSION: &str = "AWSQS::Kubernetes::Resource";

/// Add-ons that are deployments. EKS calls one `DEGRADED` whose pods do not run; those of daemon sets alone are
/// active on no nodes. <https://docs.aws.amazon.com/eks/latest/userguide/workloads-add-ons-available-eks.html>
const OF_DEPLOYMENTS: [&str; 6] = [
    "amazon-cloudwatch-observability",
    "aws-ebs-csi-driver",
    "aws-efs-csi-driver",
    "coredns",
    "metrics-server",
    "snapshot-controller",
];

/// The sort of an item; `None` where it is nothing of Kubernetes.
pub(super) fn sort(item: &Item) -> Option<ObjectSort> {
    if kinds::row_of(item).is_some_and(|row| row.deployed.plays == Plays::Release) {
        return Some(ObjectSort::Release);
    }
    if kinds::row_of(item).is_some_and(|row| row.deployed.plays == Plays::AddOn) {
        let name = item.properties.at("addon_name").as_text().unwrap_or_default();
        return Some(if OF_DEPLOYMENTS.contains(&name) { ObjectSort::AddOn } else { ObjectSort::Other });
    }
    let name = item.type_name.as_str();
    if name == EXTENSION {
        // Of what it applies it waits for the end of a job alone.
        let mut is_job = false;
        texts(item.properties.at("manifest"), &mut |text| {
            is_job |= matches!(scalar(text, "kind"), Ok(Some(kind)) if kind == "Job");
        });
        return Some(if is_job { ObjectSort::Workload } else { ObjectSort::Other });
    }
    let object = match name.strip_prefix("kubernetes:") {
        // `kubernetes:apps/v1:Deployment`
        Some(rest) => rest.rsplit(':').next().unwrap_or_default().to_ascii_lowercase(),
        // `kubernetes_deployment_v1`
        None => name.strip_prefix("kubernetes_")?.split("_v").next().unwrap_or_default().replace('_', ""),
    };
    Some(match object.as_str() {
        // Terraform's `kubernetes_manifest` and daemon sets wait for nothing by themselves.
        "deployment" | "statefulset" | "replicaset" | "replicationcontroller" | "job" | "pod" => {
            ObjectSort::Workload
        }
        _ => ObjectSort::Other,
    })
}

/// Whether it holds Kubernetes objects as text: CDK's and kubectl's manifests, and those of the extension.
pub(super) fn is_manifest(item: &Item) -> bool {
    matches!(
        item.type_name.as_str(),
        "kubectl_manifest" | "Custom::AWSCDK-EKS-KubernetesResource" | EXTENSION
    )
}

/// Every text in a value, whatever stands around it.
pub(super) fn texts<'a>(value: &'a Value, tell: &mut dyn FnMut(&'a str)) {
    match value {
        Value::Text(text) => tell(text),
        Value::List(list) => list.iter().for_each(|it| texts(it, tell)),
        Value::Map(map) => map.values().for_each(|it| texts(it, tell)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Unknown(_) | Value::Secret => {}
    }
}

/// A setting of a Helm release: `image.tag`. The last one counts: `set` goes before `values`, and a later
/// document of `values` before an earlier one.
pub(super) enum ReleaseSetting {
    /// It is set to this.
    Set(String),
    /// Nothing sets it.
    Unset,
    /// Something that may set it is not known.
    Open,
}

/// Looks a setting up, whichever tool wrote the release.
pub(super) fn setting(release: Planned<'_>, path: &str) -> ReleaseSetting {
    let properties = &release.item.properties;
    for name in ["set", "set_sensitive", "set_list"] {
        let set = properties.at(name);
        if set.is_open() {
            return ReleaseSetting::Open;
        }
        for entry in set.members().iter().rev() {
            match (entry.at("name"), entry.at("value")) {
                (Value::Text(name), value) if name == path => return of_value(value),
                (name, _) if name.is_open() => return ReleaseSetting::Open,
                (_, _) => {}
            }
        }
    }
    let values = properties.at("values");
    if let Value::Map(map) = values {
        // The extension of CloudFormation names each value by its whole path.
        return of_value(map.get(path).unwrap_or_else(|| values.at(path)));
    }
    for document in values.members().iter().rev() {
        let text = match document {
            Value::Text(text) => text,
            Value::Map(_) => match of_value(document.at(path)) {
                ReleaseSetting::Unset => continue,
                known => return known,
            },
            _ => return ReleaseSetting::Open,
        };
        match scalar(text, path) {
            Ok(Some(text)) => return of_value(&Value::Text(text)),
            Ok(None) => {}
            Err(()) => return ReleaseSetting::Open,
        }
    }
    ReleaseSetting::Unset
}

fn of_value(value: &Value) -> ReleaseSetting {
    match value {
        Value::Text(text) if text.contains(GAP) => ReleaseSetting::Open,
        Value::Text(text) => ReleaseSetting::Set(text.clone()),
        Value::Number(number) => ReleaseSetting::Set(number.to_string()),
        Value::Bool(it) => ReleaseSetting::Set(it.to_string()),
        Value::Null => ReleaseSetting::Unset,
        Value::Unknown(_) | Value::Secret | Value::List(_) | Value::Map(_) => ReleaseSetting::Open,
    }
}

/// The scalar at a path of a YAML (or JSON) document; an error where the text is none, or its anchors
/// would have to be followed.
fn scalar(text: &str, path: &str) -> Result<Option<String>, ()> {
    /// A collection that is open: a mapping with its present key, or a sequence.
    enum Open {
        Mapping(Option<String>),
        Sequence,
    }
    let mut open: Vec<Open> = Vec::new();
    let mut found = None;
    for event in Parser::new_from_str(text) {
        let (event, _) = event.map_err(|_| ())?;
        match event {
            Event::MappingStart(..) => open.push(Open::Mapping(None)),
            Event::SequenceStart(..) => open.push(Open::Sequence),
            Event::MappingEnd | Event::SequenceEnd => {
                open.pop();
                value_ends(open.last_mut().and_then(key));
            }
            Event::Scalar(value, ..) => {
                let here = open.iter().map(|it| match it {
                    Open::Mapping(key) => key.as_deref(),
                    Open::Sequence => None,
                });
                let here: Option<Vec<&str>> = here.collect();
                let is_path = here.is_some_and(|here| here.join(".") == path);
                match open.last_mut().and_then(key) {
                    Some(key) if key.is_none() => *key = Some(value.to_string()),
                    at => {
                        if is_path {
                            found = Some(value.to_string());
                        }
                        value_ends(at);
                    }
                }
            }
            Event::Alias(..) => return Err(()),
            _ => {}
        }
    }
    fn key(open: &mut Open) -> Option<&mut Option<String>> {
        match open {
            Open::Mapping(key) => Some(key),
            Open::Sequence => None,
        }
    }
    fn value_ends(key: Option<&mut Option<String>>) {
        if let Some(key) = key {
            *key = None;
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_is_found_in_yaml_and_in_json_by_its_whole_path() {
        let yaml = "image:\n  repository: r\n  tag: v1.29.0\nother:\n  - image: {tag: no}\n";
        assert_eq!(scalar(yaml, "image.tag"), Ok(Some("v1.29.0".to_owned())));
        assert_eq!(
            scalar(r#"{"image":{"tag":"v1.30.1"},"tag":"no"}"#, "image.tag"),
            Ok(Some("v1.30.1".to_owned()))
        );
        for other in
            ["tag: v1", "sidecar: {image: {tag: v1}}", "", "- image: {tag: v1}", "image: {tag: {x: y}}"]
        {
            assert_eq!(scalar(other, "image.tag"), Ok(None), "{other}");
        }
        assert_eq!(scalar("image: [", "image.tag"), Err(()));
        assert_eq!(scalar("a: &a {tag: v1}\nimage: *a", "image.tag"), Err(()), "anchors are not followed");
    }

    #[test]
    fn what_has_pods_to_wait_for_is_a_workload_for_every_tool() {
        let of = |type_name: &str| sort(&super::super::super::testing::item("a", "x").of_type(type_name).0);
        for workload in [
            "kubernetes_deployment",
            "kubernetes_deployment_v1",
            "kubernetes:apps/v1:Deployment",
            "kubernetes_stateful_set_v1",
        ] {
            assert_eq!(of(workload), Some(ObjectSort::Workload), "{workload}");
        }
        for other in [
            "kubernetes_namespace",
            "kubernetes_daemon_set_v1",
            "kubernetes:core/v1:ConfigMap",
            "kubernetes_manifest",
        ] {
            assert_eq!(of(other), Some(ObjectSort::Other), "{other}");
        }
        assert_eq!(of("aws_eks_cluster"), None);
    }
}
