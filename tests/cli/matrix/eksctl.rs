//! Templates as eksctl makes them: a stack for the cluster, for each node group and for each add-on, which find
//! each other by names and exports.

use serde_json::{Value, json};

use super::{Done, Files, Part, autoscaler, data, tag};

struct Templates {
    cluster: Value,
    /// `None` where they stand in the cluster's template.
    nodes: Option<Value>,
    addon: Value,
}

impl Templates {
    fn files(self) -> Files {
        let nodes = self.nodes.map(|nodes| ("nodes.json", nodes));
        let all = [("cluster.json", self.cluster), ("addon.json", self.addon)];
        Files::of(&all.into_iter().chain(nodes).collect::<Vec<_>>())
    }

    /// The same in one template, as those have it who keep what eksctl made.
    fn in_one(mut self) -> Self {
        let nodes = self.nodes.take().unwrap()["Resources"].as_object().unwrap().clone();
        self.cluster["Resources"].as_object_mut().unwrap().extend(nodes);
        let group = &mut self.cluster["Resources"]["ManagedNodeGroup"];
        group["Properties"]["ClusterName"] = json!({ "Ref": "ControlPlane" });
        group["Properties"]["Subnets"] = json!([{ "Ref": "SubnetPrivateUSEAST1A" }]);
        let groups = json!([{ "Fn::GetAtt": ["ControlPlane", "ClusterSecurityGroupId"] }]);
        let template = &mut self.cluster["Resources"]["LaunchTemplate"]["Properties"];
        template["LaunchTemplateData"]["SecurityGroupIds"] = groups;
        self
    }

    fn add(&mut self, name: &str, resource: Value) {
        self.cluster["Resources"][name] = resource;
    }
}

fn templates() -> Templates {
    Templates {
        cluster: data(include_str!("../../data/eksctl/cluster.json")),
        nodes: Some(data(include_str!("../../data/eksctl/nodes.json"))),
        addon: data(include_str!("../../data/eksctl/addon.json")),
    }
}

pub(super) fn quiet() -> Files {
    templates().files()
}

pub(super) fn with(part: Part, done: Done) -> Files {
    let mut all = templates();
    let wrong = done == Done::Wrong;
    let (cluster, nodes) = (json!(["ControlPlane"]), json!(["ManagedNodeGroup"]));
    let waits = if wrong == (part == Part::NetworkPlugin) { nodes } else { cluster };
    match part {
        Part::OwnImage => own_image(&mut all, wrong),
        Part::TagKey(word) => {
            let key = if wrong { word } else { "outputs: Output of the stack" };
            let tags = &mut all.cluster["Resources"]["VPC"]["Properties"]["Tags"];
            tags.as_array_mut().unwrap().push(json!({ "Key": key, "Value": "x" }));
        }
        Part::Release => {
            all = all.in_one();
            let properties = json!({
                "ClusterID": { "Ref": "ControlPlane" }, "Name": "web", "Chart": "web", "Namespace": "default",
            });
            all.add(
                "Web",
                json!({ "Type": "AWSQS::Kubernetes::Helm", "DependsOn": waits, "Properties": properties }),
            );
        }
        Part::Workload => {
            all = all.in_one();
            let manifest = "apiVersion: batch/v1\nkind: Job\nmetadata: { name: migrate }\n";
            let properties = json!({
                "ClusterName": { "Ref": "ControlPlane" }, "Namespace": "default", "Manifest": manifest,
            });
            let job = json!({
                "Type": "AWSQS::Kubernetes::Resource", "DependsOn": waits, "Properties": properties,
            });
            all.add("Migrate", job);
        }
        Part::NetworkPlugin => {
            all = all.in_one();
            let mut addon = all.addon["Resources"]["Addon"].take();
            addon["DependsOn"] = waits;
            all.add("Addon", addon);
            all.addon = json!({ "Resources": { "Topic": { "Type": "AWS::SNS::Topic" } } });
        }
        Part::Version => {
            let version = if wrong { "1.30" } else { "1.35" };
            all.cluster["Resources"]["ControlPlane"]["Properties"]["Version"] = json!(version);
        }
        Part::AutoMode => auto_mode(&mut all, if wrong { "1.28" } else { "1.35" }),
        Part::AddOn => {
            let version = if wrong { "v1.9.0-eksbuild.1" } else { "v1.21.1-eksbuild.1" };
            all.addon["Resources"]["Addon"]["Properties"]["AddonVersion"] = json!(version);
        }
        Part::Autoscaler => {
            all = all.in_one();
            release_of_autoscaler(&mut all, tag(done));
        }
    }
    all.files()
}

/// An image of the user's own.
fn own_image(all: &mut Templates, wrong: bool) {
    let nodes = &mut all.nodes.as_mut().unwrap()["Resources"];
    let data = &mut nodes["LaunchTemplate"]["Properties"]["LaunchTemplateData"];
    data["ImageId"] = json!("ami-0123456789abcdef0");
    if !wrong {
        // `#!/bin/bash`, a line end, `/etc/eks/bootstrap.sh shop`
        data["UserData"] = json!("IyEvYmluL2Jhc2gKL2V0Yy9la3MvYm9vdHN0cmFwLnNoIHNob3A=");
    }
    let group = nodes["ManagedNodeGroup"]["Properties"].as_object_mut().unwrap();
    group.remove("AmiType");
}

/// Auto Mode, all three settings of it.
fn auto_mode(all: &mut Templates, version: &str) {
    let cluster = &mut all.cluster["Resources"]["ControlPlane"]["Properties"];
    cluster["Version"] = json!(version);
    let pools = json!(["general-purpose", "system"]);
    cluster["ComputeConfig"] = json!({ "Enabled": true, "NodePools": pools });
    cluster["StorageConfig"] = json!({ "BlockStorage": { "Enabled": true } });
    cluster["KubernetesNetworkConfig"] =
        json!({ "IpFamily": "ipv4", "ElasticLoadBalancing": { "Enabled": true } });
}

fn release_of_autoscaler(all: &mut Templates, tag: &str) {
    let values = autoscaler(tag).to_string();
    let name = "autoscaling/cluster-autoscaler";
    let properties = json!({
        "ClusterID": { "Ref": "ControlPlane" }, "Name": "ca", "Chart": name, "ValueYaml": values,
    });
    let release = json!({
        "Type": "AWSQS::Kubernetes::Helm", "DependsOn": ["ManagedNodeGroup"], "Properties": properties,
    });
    all.add("Autoscaler", release);
}
