//! Writes states as Terraform, OpenTofu and Pulumi write them: from things as AWS shows them, the files of a place that
//! holds a state. What is in them is decided before, by whoever knows the truth.

use std::collections::BTreeMap;

use aws_janitor::model::words::how;
use aws_janitor::model::{Key, Resource};
use aws_janitor::states::Fetched;
use serde_json::{Map, Value as Json, json};

/// What tools call a kind: Terraform, Pulumi and CloudFormation.
const TYPES: [(&str, &str, &str, &str); 24] = [
    ("vpc", "aws_vpc", "aws:ec2/vpc:Vpc", "AWS::EC2::VPC"),
    ("subnet", "aws_subnet", "aws:ec2/subnet:Subnet", "AWS::EC2::Subnet"),
    ("route-table", "aws_route_table", "aws:ec2/routeTable:RouteTable", "AWS::EC2::RouteTable"),
    (
        "internet-gateway",
        "aws_internet_gateway",
        "aws:ec2/internetGateway:InternetGateway",
        "AWS::EC2::InternetGateway",
    ),
    ("nat-gateway", "aws_nat_gateway", "aws:ec2/natGateway:NatGateway", "AWS::EC2::NatGateway"),
    ("elastic-ip", "aws_eip", "aws:ec2/eip:Eip", "AWS::EC2::EIP"),
    ("vpc-endpoint", "aws_vpc_endpoint", "aws:ec2/vpcEndpoint:VpcEndpoint", "AWS::EC2::VPCEndpoint"),
    (
        "security-group",
        "aws_security_group",
        "aws:ec2/securityGroup:SecurityGroup",
        "AWS::EC2::SecurityGroup",
    ),
    (
        "launch-template",
        "aws_launch_template",
        "aws:ec2/launchTemplate:LaunchTemplate",
        "AWS::EC2::LaunchTemplate",
    ),
    ("instance", "aws_instance", "aws:ec2/instance:Instance", "AWS::EC2::Instance"),
    ("volume", "aws_ebs_volume", "aws:ebs/volume:Volume", "AWS::EC2::Volume"),
    (
        "vpc-peering-connection",
        "aws_vpc_peering_connection",
        "aws:ec2/vpcPeeringConnection:VpcPeeringConnection",
        "AWS::EC2::VPCPeeringConnection",
    ),
    ("eks-cluster", "aws_eks_cluster", "aws:eks/cluster:Cluster", "AWS::EKS::Cluster"),
    ("eks-nodegroup", "aws_eks_node_group", "aws:eks/nodeGroup:NodeGroup", "AWS::EKS::Nodegroup"),
    ("eks-addon", "aws_eks_addon", "aws:eks/addon:Addon", "AWS::EKS::Addon"),
    ("iam-role", "aws_iam_role", "aws:iam/role:Role", "AWS::IAM::Role"),
    ("iam-policy", "aws_iam_policy", "aws:iam/policy:Policy", "AWS::IAM::ManagedPolicy"),
    (
        "iam-oidc-provider",
        "aws_iam_openid_connect_provider",
        "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
        "AWS::IAM::OIDCProvider",
    ),
    (
        "iam-instance-profile",
        "aws_iam_instance_profile",
        "aws:iam/instanceProfile:InstanceProfile",
        "AWS::IAM::InstanceProfile",
    ),
    (
        "auto-scaling-group",
        "aws_autoscaling_group",
        "aws:autoscaling/group:Group",
        "AWS::AutoScaling::AutoScalingGroup",
    ),
    (
        "load-balancer",
        "aws_lb",
        "aws:lb/loadBalancer:LoadBalancer",
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
    ),
    (
        "target-group",
        "aws_lb_target_group",
        "aws:lb/targetGroup:TargetGroup",
        "AWS::ElasticLoadBalancingV2::TargetGroup",
    ),
    ("log-group", "aws_cloudwatch_log_group", "aws:cloudwatch/logGroup:LogGroup", "AWS::Logs::LogGroup"),
    ("lambda-function", "aws_lambda_function", "aws:lambda/function:Function", "AWS::Lambda::Function"),
];

/// Links that stand in a thing's attributes.
const TOLD: [&str; 14] = [
    how::WITHIN,
    how::USES,
    how::ATTACHED,
    how::ASSOCIATED,
    how::ATTACHES,
    how::CONTAINS,
    how::ROUTES_THROUGH,
    how::BOUNDED_BY,
    how::TRUSTS,
    how::WOULD_USE,
    how::BEHIND,
    how::OF_CLUSTER,
    how::NAMES,
    how::NAMES_OUTBOUND,
];

/// The type of a kind in CloudFormation, for what deployers make.
pub(super) fn cloudformation(kind: &str) -> Option<&'static str> {
    TYPES.iter().find(|row| row.0 == kind).map(|row| row.3)
}

/// Which tool wrote a state, and where it lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tool {
    Terraform,
    Workspace,
    /// `terraform show -json`.
    Shown,
    /// `pulumi stack export`.
    Export,
    /// What Pulumi's own backend keeps.
    Checkpoint,
}

pub(crate) const TOOLS: [Tool; 5] =
    [Tool::Terraform, Tool::Workspace, Tool::Shown, Tool::Export, Tool::Checkpoint];

impl Tool {
    fn is_pulumi(self) -> bool {
        matches!(self, Self::Export | Self::Checkpoint)
    }

    /// The name of its file in the place, for a stack of this name.
    pub(crate) fn file(self, stack: &str) -> String {
        match self {
            Self::Terraform => "prod/terraform.tfstate".to_owned(),
            Self::Workspace => format!("env:/{stack}/prod/terraform.tfstate"),
            Self::Shown => "shown.json".to_owned(),
            Self::Export => "export.json".to_owned(),
            Self::Checkpoint => format!(".pulumi/stacks/shop/{stack}.json"),
        }
    }

    /// The lock that somebody holds on it.
    pub(crate) fn lock(self, stack: &str) -> (String, Vec<u8>) {
        let terraform = json!({"ID": "3c58", "Operation": "OperationTypeApply", "Who": "ann@host",
            "Created": "2026-11-21T11:55:14.4Z"});
        let pulumi =
            json!({"pid": 7, "username": "ann", "hostname": "host", "timestamp": "2026-11-21T11:55:14Z"});
        let (name, content) = match self {
            Self::Terraform => ("prod/.terraform.tfstate.lock.info".to_owned(), terraform),
            Self::Checkpoint => (format!(".pulumi/locks/organization/shop/{stack}/3c58.json"), pulumi),
            Self::Workspace | Self::Shown | Self::Export => {
                (format!("{}.tflock", self.file(stack)), terraform)
            }
        };
        (name, content.to_string().into_bytes())
    }
}

/// What a state says of a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum As {
    Owned,
    Tainted,
    /// Deposed, or to be deleted.
    Old,
    LookedUp,
    /// It was being made: its name and its tags are known, and no id. Terraform writes nothing of such.
    Begun,
}

/// A thing in a state.
pub(crate) struct Entry {
    pub(crate) thing: Resource,
    pub(crate) told: As,
    /// What stands in its attributes beside what it works with.
    pub(crate) text: Option<String>,
}

impl Entry {
    pub(crate) fn new(thing: &Resource, told: As) -> Self {
        Self { thing: thing.clone(), told, text: None }
    }
}

/// A place with one state.
pub(crate) fn place(tool: Tool, stack: &str, entries: &[Entry]) -> Fetched {
    Fetched { objects: BTreeMap::from([(tool.file(stack), Ok(state(tool, stack, entries)))]) }
}

/// The bytes of a state.
pub(crate) fn state(tool: Tool, stack: &str, entries: &[Entry]) -> Vec<u8> {
    let file = match tool {
        Tool::Terraform | Tool::Workspace => terraform(entries),
        Tool::Shown => shown(entries),
        Tool::Export => json!({"version": 3, "deployment": pulumi(stack, entries)}),
        Tool::Checkpoint => {
            json!({"version": 3, "checkpoint": {"stack": format!("organization/shop/{stack}"), "latest": pulumi(stack, entries)}})
        }
    };
    file.to_string().into_bytes()
}

fn type_of(entry: &Entry, tool: Tool) -> &'static str {
    let row = TYPES.iter().find(|row| row.0 == entry.thing.key.kind.as_str());
    let (_, terraform, pulumi, _) = row.unwrap_or_else(|| panic!("{} in a state", entry.thing.key));
    if tool.is_pulumi() { pulumi } else { terraform }
}

/// The id by which both tools know a thing.
fn id(thing: &Resource) -> String {
    match thing.key.kind.as_str() {
        "eks-nodegroup" | "eks-addon" => thing.key.id.replacen('/', ":", 1),
        _ => thing.key.id.to_string(),
    }
}

fn terraform(entries: &[Entry]) -> Json {
    let resources = entries.iter().enumerate().filter(|(_, entry)| entry.told != As::Begun);
    let resources = resources.map(|(n, entry)| {
        let mut instance =
            json!({"schema_version": 0, "attributes": attributes(entry, false), "private": "bnVsbA=="});
        match entry.told {
            As::Tainted => instance["status"] = json!("tainted"),
            As::Old => instance["deposed"] = json!("1800718f"),
            As::Owned | As::LookedUp | As::Begun => {}
        }
        json!({"mode": mode(entry), "type": type_of(entry, Tool::Terraform), "name": format!("it{n}"),
            "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]", "instances": [instance]})
    });
    let resources: Vec<Json> = resources.collect();
    json!({"version": 4, "terraform_version": "1.11.4", "serial": 9, "lineage": "x", "outputs": {},
        "resources": resources, "check_results": null})
}

fn mode(entry: &Entry) -> &'static str {
    if entry.told == As::LookedUp { "data" } else { "managed" }
}

fn shown(entries: &[Entry]) -> Json {
    let resources = entries.iter().enumerate().filter(|(_, entry)| entry.told != As::Begun);
    let resources = resources.map(|(n, entry)| {
        let type_name = type_of(entry, Tool::Shown);
        let mut it = json!({"address": format!("module.m.{type_name}.it{n}"), "mode": mode(entry), "type": type_name,
            "name": format!("it{n}"), "values": attributes(entry, false)});
        match entry.told {
            As::Tainted => it["tainted"] = json!(true),
            As::Old => it["deposed_key"] = json!("1800718f"),
            As::Owned | As::LookedUp | As::Begun => {}
        }
        it
    });
    let resources: Vec<Json> = resources.collect();
    let modules = json!([{"address": "module.m", "resources": resources}]);
    json!({"format_version": "1.0", "terraform_version": "1.11.4",
        "values": {"root_module": {"resources": [], "child_modules": modules}}})
}

fn pulumi(stack: &str, entries: &[Entry]) -> Json {
    let urn = |of: &str, n: usize| format!("urn:pulumi:{stack}::shop::{of}::it{n}");
    let provider = urn("pulumi:providers:aws", 0);
    let mut resources = vec![
        json!({"urn": format!("urn:pulumi:{stack}::shop::pulumi:pulumi:Stack::it"), "custom": false, "type": "pulumi:pulumi:Stack"}),
        json!({"urn": provider, "custom": true, "id": "9f1c", "type": "pulumi:providers:aws",
            "inputs": {"region": "us-east-1"}, "outputs": {"region": "us-east-1"}}),
    ];
    let mut pending = Vec::new();
    for (n, entry) in entries.iter().enumerate() {
        let type_name = type_of(entry, Tool::Export);
        let mut it = json!({"urn": urn(type_name, n), "custom": true, "type": type_name,
            "inputs": attributes(&Entry { told: As::Begun, text: None, thing: entry.thing.clone() }, true),
            "provider": format!("{provider}::9f1c")});
        if entry.told == As::Begun {
            pending.push(json!({"resource": it, "type": "creating"}));
            continue;
        }
        it["id"] = json!(id(&entry.thing));
        it["outputs"] = Json::Object(attributes(entry, true));
        match entry.told {
            As::Tainted => it["initErrors"] = json!(["it failed"]),
            As::Old => it["delete"] = json!(true),
            As::LookedUp => it["external"] = json!(true),
            As::Owned | As::Begun => {}
        }
        resources.push(it);
    }
    json!({"manifest": {"time": "2026-11-20T12:00:00Z", "magic": "m", "version": "v3.137.0"},
        "resources": resources, "pending_operations": pending})
}

/// What a tool keeps of a thing; of one that was being made, what was asked for.
fn attributes(entry: &Entry, camel: bool) -> Map<String, Json> {
    let thing = &entry.thing;
    let mut all = Map::new();
    let mut put = |name: &str, value: Json| {
        let name = if camel { camel_case(name) } else { name.to_owned() };
        all.insert(name, value);
    };
    if entry.told != As::Begun {
        put("id", json!(id(thing)));
        // NAT gateways have none, nor has an address.
        if let Some(arn) = &thing.arn {
            put("arn", json!(arn));
        }
        if let Some(address) = thing.facts.get("public_ip") {
            put("public_ip", json!(address));
            put("allocation_id", json!(thing.key.id.as_str()));
        }
        for (name, value) in referred(thing) {
            put(name, value);
        }
    }
    if let Some(name) = named(thing) {
        put("name", json!(name));
    }
    if let Some((cluster, part)) = thing.key.id.split_once('/').filter(|_| is_part(&thing.key)) {
        put("cluster_name", json!(cluster));
        put(
            if thing.key.kind.as_str() == "eks-addon" { "addon_name" } else { "node_group_name" },
            json!(part),
        );
    }
    // AWS's own tags nobody can ask for.
    let tags: BTreeMap<&String, &String> =
        thing.tags.iter().filter(|(key, _)| !key.starts_with("aws:")).collect();
    put("tags", json!(tags));
    put("tags_all", json!(tags));
    if let Some(text) = &entry.text {
        put("content", json!(text));
    }
    all
}

fn is_part(key: &Key) -> bool {
    ["eks-addon", "eks-nodegroup"].contains(&key.kind.as_str())
}

/// The name that is no tag.
fn named(thing: &Resource) -> Option<&str> {
    let own = [
        "iam-role",
        "iam-instance-profile",
        "eks-cluster",
        "log-group",
        "lambda-function",
        "auto-scaling-group",
        "iam-policy",
        "security-group",
        "load-balancer",
        "target-group",
        "launch-template",
    ];
    let kind = thing.key.kind.as_str();
    let by_id = !thing.key.id.starts_with("arn:") && !["security-group", "launch-template"].contains(&kind);
    let name = if by_id { Some(thing.key.id.as_str()) } else { thing.name.as_deref() };
    name.filter(|_| own.contains(&kind))
}

/// What it works with, as its attributes name that: by id, by ARN, or by name where the tools do.
fn referred(thing: &Resource) -> Vec<(&'static str, Json)> {
    let mut ids: Vec<String> = Vec::new();
    let mut all = Vec::new();
    for link in thing.links.iter().filter(|link| TOLD.contains(&link.how.as_ref())) {
        let (kind, to) = (link.to.kind.as_str(), link.to.id.as_str());
        match kind {
            "iam-role" if link.how == how::CONTAINS => all.push(("role", json!(to))),
            "iam-role" => {
                all.push(("role_arn", json!(format!("arn:aws:iam::{}:role/{to}", super::land::ACCOUNT))));
            }
            "iam-instance-profile" => all.push(("iam_instance_profile", json!(to))),
            "eks-cluster" => all.push(("cluster_name", json!(to))),
            _ if kind.starts_with("iam-inline") => {}
            _ => ids.push(to.to_owned()),
        }
    }
    all.push(("related", json!(ids)));
    all
}

fn camel_case(name: &str) -> String {
    let mut parts = name.split('_');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |all, part| {
        let (head, tail) = part.split_at(1);
        all + &head.to_uppercase() + tail
    })
}
