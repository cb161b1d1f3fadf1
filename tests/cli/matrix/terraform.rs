//! Plans as Terraform prints them of terraform-aws-eks and terraform-aws-vpc: `dynamic` blocks and locals without
//! expressions, instances by `count` and `for_each`, names by prefix, `time_sleep` between cluster and nodes.

use serde_json::{Value, json};

use super::{Done, Files, Part, Tool, autoscaler, data, tag};

const CLUSTER: &str = "module.eks.aws_eks_cluster.this[0]";
const GROUP: &str = "module.eks.module.eks_managed_node_group[\"workers\"].aws_eks_node_group.this[0]";
const TEMPLATE: &str = "module.eks.module.eks_managed_node_group[\"workers\"].aws_launch_template.this[0]";
const PLUGIN: &str = "module.eks.aws_eks_addon.before_compute[\"vpc-cni\"]";

/// A plan, and the addresses of what is changed in it.
pub(super) struct Plan {
    tool: Tool,
    plan: Value,
}

/// A resource of the root module.
struct Root<'a> {
    kind: &'a str,
    name: &'a str,
    after: Value,
    unknown: Value,
    expressions: Value,
    depends_on: &'a [&'a str],
}

impl Plan {
    pub(super) fn files(self) -> Files {
        Files::of(&[("plan.json", self.plan)])
    }

    fn changes(&mut self) -> &mut Vec<Value> {
        self.plan["resource_changes"].as_array_mut().unwrap()
    }

    fn change(&mut self, address: &str) -> &mut Value {
        let found = self.changes().iter_mut().find(|it| it["address"] == address);
        &mut found.unwrap_or_else(|| panic!("no {address}"))["change"]
    }

    /// What of a plan with the module is something of the root module in a plan without.
    fn at(&self, of_module: &'static str, root: &'static str) -> &'static str {
        if self.tool == Tool::TerraformVpc { root } else { of_module }
    }

    /// Sets what is known before.
    fn set(&mut self, address: &str, name: &str, value: Value) {
        let change = self.change(address);
        change["after"][name] = value;
        change["after_unknown"].as_object_mut().unwrap().remove(name);
    }

    /// Makes something known only afterwards.
    fn hide(&mut self, address: &str, name: &str) {
        let change = self.change(address);
        change["after"].as_object_mut().unwrap().remove(name);
        change["after_unknown"][name] = json!(true);
    }

    fn add(&mut self, root: Root<'_>) {
        let Root { kind, name, after, unknown, expressions, depends_on } = root;
        let address = format!("{kind}.{name}");
        let provider = kind.split('_').next().unwrap();
        self.changes().push(json!({
            "address": address, "mode": "managed", "type": kind, "name": name,
            "provider_name": format!("registry.terraform.io/hashicorp/{provider}"),
            "change": { "actions": ["create"], "before": null, "after": after, "after_unknown": unknown },
        }));
        let mut block = json!({
            "address": address, "mode": "managed", "type": kind, "name": name,
            "provider_config_key": provider, "expressions": expressions,
        });
        if !depends_on.is_empty() {
            block["depends_on"] = json!(depends_on);
        }
        self.plan["configuration"]["root_module"]["resources"].as_array_mut().unwrap().push(block);
    }

    /// Something in the cluster: a provider that is set up from the cluster's outputs is all that it waits for.
    fn add_in_cluster(&mut self, kind: &str, name: &str, after: Value, depends_on: &[&str]) {
        let provider = kind.split('_').next().unwrap();
        let endpoint = self.at("module.eks.cluster_endpoint", "aws_eks_cluster.main.endpoint");
        let above = self.at("module.eks", "aws_eks_cluster.main");
        self.plan["configuration"]["provider_config"][provider] = json!({
            "name": provider, "expressions": { "kubernetes": [{ "host": { "references": [endpoint, above] } }] },
        });
        let expressions = json!({ "name": { "constant_value": name } });
        self.add(Root { kind, name, after, unknown: json!({ "id": true }), expressions, depends_on });
    }

    /// What nodes are, to `depends_on`.
    fn nodes(&self) -> &'static [&'static str] {
        match self.tool {
            Tool::TerraformEks21 => &["module.eks.eks_managed_node_groups", "module.eks"],
            Tool::TerraformVpc => &["aws_eks_node_group.main"],
            _ => &["module.eks"],
        }
    }
}

pub(super) fn quiet(tool: Tool) -> Plan {
    let mut plan = Plan { tool, plan: data(include_str!("../../data/terraform-eks/plan.json")) };
    match tool {
        Tool::TerraformEks21 => newer(&mut plan),
        Tool::TerraformVpc => of_the_vpc(&mut plan),
        _ => {}
    }
    plan
}

/// What is otherwise in the 21st version: the cluster is named by its id, and brings no network plugin. And a call that waits for the VPC, as
/// many do, so that Terraform reads all data of the module only during the deployment.
fn newer(plan: &mut Plan) {
    plan.set(CLUSTER, "bootstrap_self_managed_addons", json!(false));
    plan.hide(GROUP, "cluster_name");
    for addon in [PLUGIN, "module.eks.aws_eks_addon.this[\"coredns\"]"] {
        plan.hide(addon, "addon_version");
    }
    plan.hide("module.eks.aws_iam_role.this[0]", "assume_role_policy");
    plan.plan["configuration"]["root_module"]["module_calls"]["eks"]["depends_on"] = json!(["module.vpc"]);
}

/// The VPC module alone, with a cluster of the user's own.
fn of_the_vpc(plan: &mut Plan) {
    plan.changes().retain(|it| it["module_address"] == "module.vpc");
    plan.plan["configuration"]["root_module"]["module_calls"].as_object_mut().unwrap().remove("eks");
    let subnets = json!({ "references": ["module.vpc.private_subnets", "module.vpc"] });
    plan.add(Root {
        kind: "aws_eks_cluster",
        name: "main",
        after: json!({ "name": "shop", "version": "1.35", "vpc_config": [{ "endpoint_public_access": true }] }),
        unknown: json!({ "id": true, "endpoint": true, "role_arn": true, "vpc_config": [{ "subnet_ids": true }] }),
        expressions: json!({
            "name": { "constant_value": "shop" }, "version": { "constant_value": "1.35" },
            "vpc_config": [{ "subnet_ids": subnets }],
        }),
        depends_on: &[],
    });
    plan.add(Root {
        kind: "aws_launch_template",
        name: "main",
        after: json!({ "name_prefix": "shop-", "image_id": "", "user_data": "" }),
        unknown: json!({ "id": true, "name": true, "latest_version": true }),
        expressions: json!({
            "name_prefix": { "constant_value": "shop-" }, "image_id": {},
            "user_data": { "references": [
                "aws_eks_cluster.main.endpoint", "aws_eks_cluster.main",
                "aws_eks_cluster.main.certificate_authority[0].data", "aws_eks_cluster.main.certificate_authority[0]",
                "aws_eks_cluster.main.certificate_authority", "aws_eks_cluster.main",
            ] },
        }),
        depends_on: &[],
    });
    let template = json!(["aws_launch_template.main.id", "aws_launch_template.main"]);
    let version = json!(["aws_launch_template.main.latest_version", "aws_launch_template.main"]);
    let cluster = json!({ "references": ["aws_eks_cluster.main.name", "aws_eks_cluster.main"] });
    plan.add(Root {
        kind: "aws_eks_node_group",
        name: "main",
        after: json!({
            "cluster_name": "shop", "node_group_name": "workers", "ami_type": "AL2023_x86_64_STANDARD",
            "instance_types": ["m6i.large"], "launch_template": [{}],
            "scaling_config": [{ "desired_size": 2, "max_size": 3, "min_size": 1 }],
        }),
        unknown: json!({
            "id": true, "subnet_ids": true, "node_role_arn": true,
            "launch_template": [{ "id": true, "name": true, "version": true }],
        }),
        expressions: json!({
            "cluster_name": cluster, "subnet_ids": subnets,
            "launch_template": [{ "id": { "references": template }, "version": { "references": version } }],
        }),
        depends_on: &[],
    });
    plan.add(Root {
        kind: "aws_eks_addon",
        name: "cni",
        after: json!({ "cluster_name": "shop", "addon_name": "vpc-cni", "addon_version": "v1.20.4-eksbuild.2" }),
        unknown: json!({ "id": true }),
        expressions: json!({ "cluster_name": cluster }),
        depends_on: &[],
    });
}

pub(super) fn with(tool: Tool, part: Part, done: Done) -> Plan {
    let mut plan = quiet(tool);
    let cluster = plan.at(CLUSTER, "aws_eks_cluster.main");
    let group = plan.at(GROUP, "aws_eks_node_group.main");
    let template = plan.at(TEMPLATE, "aws_launch_template.main");
    let addon = plan.at(PLUGIN, "aws_eks_addon.cni");
    let wrong = done == Done::Wrong;
    let waits = if wrong { &[] } else { plan.nodes() };
    match part {
        Part::OwnImage => {
            plan.set(template, "image_id", json!("ami-0123456789abcdef0"));
            // Nothing is set then, and the provider fills in what AWS says.
            plan.hide(group, "ami_type");
            plan.hide(group, "version");
            if !wrong {
                plan.hide(template, "user_data");
            }
        }
        Part::TagKey(word) => {
            let key = if wrong { word } else { "outputs: Output of the stack" };
            plan.change("module.vpc.aws_vpc.this[0]")["after"]["tags"][key] = json!("x");
        }
        Part::Release => {
            let after = json!({ "name": "web", "chart": "web", "wait": true, "timeout": 300, "values": [] });
            plan.add_in_cluster("helm_release", "web", after, waits);
        }
        Part::Workload => {
            let after = json!({ "metadata": [{ "name": "web" }], "spec": [{ "replicas": "2" }], "wait_for_rollout": true });
            plan.add_in_cluster("kubernetes_deployment_v1", "web", after, waits);
        }
        Part::NetworkPlugin => network_plugin(&mut plan, cluster, wrong),
        Part::Version => version(&mut plan, if wrong { "1.30" } else { "1.35" }),
        Part::AutoMode => {
            version(&mut plan, if wrong { "1.28" } else { "1.35" });
            auto_mode(&mut plan, cluster);
        }
        Part::AddOn => {
            let version = if wrong { "v1.9.0-eksbuild.1" } else { "v1.21.1-eksbuild.1" };
            plan.set(addon, "addon_version", json!(version));
        }
        Part::Autoscaler => {
            let values = autoscaler(tag(done)).to_string();
            let after = json!({ "name": "ca", "chart": "cluster-autoscaler", "values": [values] });
            let nodes = plan.nodes();
            plan.add_in_cluster("helm_release", "ca", after, nodes);
        }
    }
    plan
}

/// The cluster brings no network plugin, and the add-on waits for the nodes, or not.
fn network_plugin(plan: &mut Plan, cluster: &str, wrong: bool) {
    plan.set(cluster, "bootstrap_self_managed_addons", json!(false));
    if wrong && plan.tool == Tool::TerraformVpc {
        let root = &mut plan.plan["configuration"]["root_module"]["resources"];
        let block = root.as_array_mut().unwrap().iter_mut().find(|it| it["name"] == "cni");
        block.unwrap()["depends_on"] = json!(["aws_eks_node_group.main"]);
    } else if wrong {
        // Without `before_compute` the module makes it with the other add-ons.
        let change = plan.changes().iter_mut().find(|it| it["address"] == PLUGIN).unwrap();
        change["address"] = json!("module.eks.aws_eks_addon.this[\"vpc-cni\"]");
        change["name"] = json!("this");
    }
}

/// Auto Mode, all three settings of it.
fn auto_mode(plan: &mut Plan, cluster: &str) {
    plan.set(cluster, "compute_config", json!([{ "enabled": true, "node_pools": ["system"] }]));
    plan.set(cluster, "bootstrap_self_managed_addons", json!(false));
    plan.set(cluster, "storage_config", json!([{ "block_storage": [{ "enabled": true }] }]));
    let network = json!([{ "elastic_load_balancing": [{ "enabled": true }], "ip_family": "ipv4" }]);
    plan.set(cluster, "kubernetes_network_config", network);
}

/// The version of the cluster, and of what takes its own from it.
fn version(plan: &mut Plan, version: &str) {
    let cluster = plan.at(CLUSTER, "aws_eks_cluster.main");
    plan.set(cluster, "version", json!(version));
    if plan.tool != Tool::TerraformVpc {
        plan.set(GROUP, "version", json!(version));
    }
}
