//! What `cdk synth` writes for a cluster of the L2: custom resources for the cluster, charts and manifests, nested
//! stacks for their makers that are found by the hash of an asset, one `Fn::Join` for each document.

use serde_json::{Value, json};

use super::{Done, Files, Part, data, tag};

const CLUSTER: &str = "CD8393B19";
const GROUP: &str = "CNodegroupN6E0F5AD1";
const CHART: &str = "CchartNginx99D97CFA";

pub(super) struct Synthesized(Value);

impl Synthesized {
    pub(super) fn files(self) -> Files {
        let beside = [
            ("Q.assets.json", include_str!("../../data/cdk-eks/Q.assets.json")),
            ("manifest.json", include_str!("../../data/cdk-eks/manifest.json")),
            (
                "QawscdkawseksClusterResourceProviderB10E770D.nested.template.json",
                include_str!(
                    "../../data/cdk-eks/QawscdkawseksClusterResourceProviderB10E770D.nested.template.json"
                ),
            ),
            (
                "QawscdkawseksKubectlProvider3C0BCB12.nested.template.json",
                include_str!("../../data/cdk-eks/QawscdkawseksKubectlProvider3C0BCB12.nested.template.json"),
            ),
        ];
        let mut all: Vec<(String, Value)> =
            beside.iter().map(|(name, text)| (format!("cdk.out/{name}"), data(text))).collect();
        all.push(("cdk.out/Q.template.json".to_owned(), self.0));
        Files { all, given: vec!["cdk.out"] }
    }

    fn resource(&mut self, id: &str) -> &mut Value {
        let found = self.0["Resources"].get_mut(id);
        found.unwrap_or_else(|| panic!("no {id}"))
    }

    fn config(&mut self) -> &mut Value {
        &mut self.resource(CLUSTER)["Properties"]["Config"]
    }
}

pub(super) fn quiet() -> Synthesized {
    Synthesized(data(include_str!("../../data/cdk-eks/Q.template.json")))
}

/// With the nodes that the L2 makes where nobody asks for any.
pub(super) fn with_default_nodes() -> Synthesized {
    let mut app = quiet();
    app.resource(GROUP)["Properties"]["AmiType"] = json!("AL2_x86_64");
    app
}

pub(super) fn with(part: Part, done: Done) -> Synthesized {
    let mut app = quiet();
    let wrong = done == Done::Wrong;
    match part {
        Part::OwnImage => own_image(&mut app, wrong),
        Part::TagKey(word) => {
            let key = if wrong { word } else { "outputs: Output of the stack" };
            app.resource(GROUP)["Properties"]["Tags"] = json!({ key: "x" });
        }
        Part::Release => {
            if wrong {
                app.resource(CHART)["DependsOn"] = json!(["CKubectlReadyBarrier2F8AB7E3"]);
            }
        }
        Part::Workload => {
            let waits = if wrong { json!([CLUSTER]) } else { json!([GROUP]) };
            let manifest = "apiVersion: batch/v1\nkind: Job\nmetadata: { name: migrate }\n";
            let properties = json!({
                "ClusterName": { "Ref": CLUSTER }, "Namespace": "default", "Manifest": manifest,
            });
            app.0["Resources"]["Migrate"] = json!({
                "Type": "AWSQS::Kubernetes::Resource", "DependsOn": waits, "Properties": properties,
            });
        }
        Part::NetworkPlugin => {
            app.config()["bootstrapSelfManagedAddons"] = json!(false);
            if wrong {
                app.resource("Cni")["DependsOn"] = json!([GROUP]);
            }
        }
        Part::Version => app.config()["version"] = json!(if wrong { "1.30" } else { "1.35" }),
        Part::AutoMode => {
            let config = app.config();
            config["version"] = json!(if wrong { "1.28" } else { "1.35" });
            config["computeConfig"] = json!({ "enabled": true, "nodePools": ["system"] });
            config["storageConfig"] = json!({ "blockStorage": { "enabled": true } });
            config["kubernetesNetworkConfig"] =
                json!({ "ipFamily": "ipv4", "elasticLoadBalancing": { "enabled": true } });
        }
        Part::AddOn => {
            let version = if wrong { "v1.9.0-eksbuild.1" } else { "v1.21.1-eksbuild.1" };
            app.resource("Cni")["Properties"]["AddonVersion"] = json!(version);
        }
        Part::Autoscaler => autoscaler(&mut app, tag(done)),
    }
    app
}

/// An image of the user's own.
fn own_image(app: &mut Synthesized, wrong: bool) {
    let mut template = json!({ "ImageId": "ami-0123456789abcdef0" });
    if !wrong {
        let joined = json!(["", ["#!/bin/bash\n/etc/eks/bootstrap.sh ", { "Ref": CLUSTER }]]);
        template["UserData"] = json!({ "Fn::Base64": { "Fn::Join": joined } });
    }
    let properties = json!({ "LaunchTemplateData": template });
    app.0["Resources"]["LT"] = json!({ "Type": "AWS::EC2::LaunchTemplate", "Properties": properties });
    let version = json!({ "Fn::GetAtt": ["LT", "LatestVersionNumber"] });
    let group = &mut app.resource(GROUP)["Properties"];
    group["LaunchTemplate"] = json!({ "Id": { "Ref": "LT" }, "Version": version });
    group.as_object_mut().unwrap().remove("AmiType");
}

/// The program named the cluster, and so all values are one text around a reference.
fn autoscaler(app: &mut Synthesized, tag: &str) {
    let behind = format!("\"}},\"image\":{{\"tag\":\"{}\"}}}}", tag);
    let texts = json!(["{\"autoDiscovery\":{\"clusterName\":\"", { "Ref": CLUSTER }, behind]);
    let chart = &mut app.resource(CHART)["Properties"];
    chart["Chart"] = json!("cluster-autoscaler");
    chart["Values"] = json!({ "Fn::Join": ["", texts] });
}
