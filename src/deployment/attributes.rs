//! Which attributes are kept, and in which spelling: for the readers of Terraform and Pulumi.
//!
//! A plan holds secrets that nobody marked. So an attribute is kept if a need or a check asks for it and
//! dropped otherwise, and what is named like a credential inside of a kept one is a secret.

use std::collections::BTreeMap;

use super::types::Row;
use super::value::snake_case;
use super::{Format, Value};

/// Kept of every AWS type.
const OF_ALL: &[&str] = &["arn", "id", "name", "name_prefix", "region", "tags", "tags_all"];

/// Kept of these kinds besides.
const OF_KIND: &[(&str, &[&str])] = &[
    (
        "elastic-ip",
        &[
            "allocation_id",
            "customer_owned_ipv4_pool",
            "domain",
            "instance",
            "ipam_pool_id",
            "network_interface",
            "public_ip",
            "public_ipv4_pool",
        ],
    ),
    (
        "nat-gateway",
        &[
            "allocation_id",
            "availability_mode",
            "availability_zone_address",
            "connectivity_type",
            "secondary_allocation_ids",
            "secondary_private_ip_address_count",
            "subnet_id",
            "vpc_id",
        ],
    ),
    ("vpc", &["cidr_block", "ipv6_cidr_block"]),
    (
        "subnet",
        &[
            "availability_zone",
            "availability_zone_id",
            "cidr_block",
            "ipv6_cidr_block",
            "map_public_ip_on_launch",
            "vpc_id",
        ],
    ),
    ("route-table", &["route", "vpc_id"]),
    (
        "route",
        &[
            "destination_cidr_block",
            "destination_ipv6_cidr_block",
            "destination_prefix_list_id",
            "route_table_id",
        ],
    ),
    ("internet-gateway", &["vpc_id"]),
    ("egress-only-internet-gateway", &["vpc_id"]),
    ("network-acl", &["egress", "ingress", "subnet_ids", "vpc_id"]),
    ("network-interface", &["interface_type", "security_groups", "subnet_id"]),
    ("security-group", &["egress", "ingress", "vpc_id"]),
    ("vpc-endpoint", &["service_name", "subnet_configuration", "subnet_ids", "vpc_endpoint_type", "vpc_id"]),
    (
        "instance",
        &[
            "ami",
            "availability_zone",
            "cpu_options",
            "ebs_block_device",
            "instance_lifecycle",
            "instance_market_options",
            "instance_type",
            "launch_template",
            "network_interface",
            "root_block_device",
            "subnet_id",
            "tenancy",
            "user_data",
            "user_data_base64",
            "volume_tags",
        ],
    ),
    ("volume", &["availability_zone", "iops", "multi_attach_enabled", "size", "throughput", "type"]),
    (
        "launch-template",
        &[
            "block_device_mappings",
            "default_version",
            "image_id",
            "instance_market_options",
            "instance_requirements",
            "instance_type",
            "latest_version",
            "metadata_options",
            "network_interfaces",
            "tag_specifications",
            "user_data",
        ],
    ),
    (
        "auto-scaling-group",
        &[
            "availability_zones",
            "desired_capacity",
            "desired_capacity_type",
            "launch_configuration",
            "launch_template",
            "max_size",
            "min_size",
            "mixed_instances_policy",
            "tag",
            "vpc_zone_identifier",
        ],
    ),
    ("load-balancer", &["internal", "load_balancer_type", "subnet_mapping", "subnets", "vpc_id"]),
    ("classic-load-balancer", &["availability_zones", "internal", "subnets"]),
    ("target-group", &["port", "protocol", "target_type", "vpc_id"]),
    (
        "eks-cluster",
        &[
            "access_config",
            "bootstrap_self_managed_addons",
            "compute_config",
            "enabled_cluster_log_types",
            "role_arn",
            "storage_config",
            "upgrade_policy",
            "version",
            "vpc_config",
        ],
    ),
    (
        "eks-nodegroup",
        &[
            "ami_type",
            "capacity_type",
            "cluster_name",
            "disk_size",
            "instance_types",
            "launch_template",
            "node_group_name",
            "node_group_name_prefix",
            "node_role_arn",
            "release_version",
            "scaling_config",
            "subnet_ids",
            "version",
        ],
    ),
    ("eks-addon", &["addon_name", "addon_version", "cluster_name"]),
    ("eks-fargate-profile", &["cluster_name", "fargate_profile_name", "selector", "subnet_ids"]),
    ("iam-role", &["managed_policy_arns", "path"]),
    ("iam-policy", &["path"]),
    ("iam-instance-profile", &["path", "role"]),
    ("iam-oidc-provider", &["client_id_list", "url"]),
    ("iam-role-policy-attachment", &["policy_arn", "role"]),
    ("kms-key", &["multi_region"]),
    ("kms-alias", &["target_key_id"]),
    ("log-group", &["log_group_class", "retention_in_days"]),
    ("cloudformation-stack", &[]),
    (
        "helm-release",
        &[
            "chart",
            "name",
            "namespace",
            "repository",
            "set",
            "set_list",
            "value_yaml_files",
            "values",
            "version",
        ],
    ),
];

/// Kept of what a cluster runs.
const OF_KUBERNETES: &[&str] = &[
    "api_version",
    "kind",
    "metadata",
    "skip_await",
    "spec",
    "wait",
    "wait_for_completion",
    "wait_for_rollout",
    "yaml_body_parsed",
];

/// Names that differ from Terraform's, for a kind (`""` for all): the tool's own in [`snake_case`], ours.
/// The longer ones are of Pulumi, whose bridge makes lists plural; those with a kind's name in them of the
/// types that are named after CloudFormation's (`aws-native`, `awscc`).
const ALIASES: &[(&str, &str, &str)] = &[
    ("auto-scaling-group", "auto_scaling_group_name", "name"),
    ("auto-scaling-group", "launch_template_specification", "launch_template"),
    ("auto-scaling-group", "launch_template_overrides", "override"),
    ("auto-scaling-group", "overrides", "override"),
    ("auto-scaling-group", "tags", "tag"),
    ("auto-scaling-group", "vpc_zone_identifiers", "vpc_zone_identifier"),
    ("eks-cluster", "resources_vpc_config", "vpc_config"),
    ("eks-fargate-profile", "selectors", "selector"),
    ("eks-fargate-profile", "subnets", "subnet_ids"),
    ("eks-nodegroup", "node_role", "node_role_arn"),
    ("eks-nodegroup", "nodegroup_name", "node_group_name"),
    ("eks-nodegroup", "subnets", "subnet_ids"),
    ("helm-release", "repo", "repository"),
    ("iam-instance-profile", "instance_profile_name", "name"),
    ("iam-oidc-provider", "client_id_lists", "client_id_list"),
    ("iam-policy", "managed_policy_name", "name"),
    ("iam-role", "role_name", "name"),
    ("instance", "ebs_block_devices", "ebs_block_device"),
    ("instance", "image_id", "ami"),
    ("instance", "network_interfaces", "network_interface"),
    ("kms-alias", "alias_name", "name"),
    ("launch-template", "launch_template_name", "name"),
    ("load-balancer", "subnet_mappings", "subnet_mapping"),
    ("load-balancer", "type", "load_balancer_type"),
    ("log-group", "log_group_name", "name"),
    ("route-table", "routes", "route"),
    ("security-group", "group_name", "name"),
    ("security-group", "security_group_egress", "egress"),
    ("security-group", "security_group_ingress", "ingress"),
    ("volume", "volume_type", "type"),
    ("", "containers", "container"),
    ("", "init_containers", "init_container"),
];

/// Attributes that hold others which belong to the thing itself.
const WRAPPERS: &[(&str, &str)] =
    &[("launch-template", "launch_template_data"), ("helm-release", "repository_opts"), ("", "manifest")];

/// Names below which every key is somebody's data, and no name of ours.
const VERBATIM: &[&str] =
    &["annotations", "labels", "match_labels", "node_selector", "tags", "tags_all", "values", "volume_tags"];

/// Words that make a name one of a credential.
const CREDENTIALS: &[&str] =
    &["credential", "credentials", "passwd", "password", "secret", "secrets", "token"];

/// Names of two words that do.
const CREDENTIAL_PAIRS: &[[&str; 2]] =
    &[["access", "key"], ["api", "key"], ["certificate", "body"], ["private", "key"]];

/// What holds credentials by its nature in a container, a secret or a config map.
const KUBERNETES_DATA: &[&str] =
    &["args", "binary_data", "command", "data", "env", "env_from", "string_data"];

/// What a thing is, as far as its attributes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attributes {
    sort: Sort,
    kind: &'static str,
    snake: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    Aws,
    Kubernetes,
    Other,
}

impl Attributes {
    /// Those of a type of this format.
    pub fn of(format: Format, type_name: &str, row: Option<&'static Row>) -> Self {
        let kubernetes = ["kubernetes_", "kubectl_", "kubernetes:", "helm_"];
        let aws = ["aws_", "awscc_", "aws:", "aws-native:"];
        let begins = |starts: &[&str]| starts.iter().any(|start| type_name.starts_with(start));
        let sort = match () {
            () if begins(&aws) => Sort::Aws,
            () if begins(&kubernetes) => Sort::Kubernetes,
            () => Sort::Other,
        };
        let snake = matches!(format, Format::PulumiPreview | Format::PulumiEvents);
        Self { sort, kind: row.map_or("", |row| row.kind), snake }
    }

    /// Our name of an attribute; `None` if it is dropped.
    pub fn name(self, own: &str) -> Option<String> {
        let name = self.respelled(&snake_case(own));
        self.keeps(&name).then_some(name)
    }

    /// Whether it holds attributes that belong to the thing itself.
    pub fn is_wrapper(self, own: &str) -> bool {
        let fits = |kind: &str| kind == self.kind || (kind.is_empty() && self.sort == Sort::Kubernetes);
        WRAPPERS.iter().any(|(kind, name)| fits(kind) && *name == snake_case(own))
    }

    fn keeps(self, name: &str) -> bool {
        let of_kind = OF_KIND.iter().find(|(kind, _)| *kind == self.kind);
        of_kind.is_some_and(|(_, names)| names.contains(&name))
            || match self.sort {
                Sort::Aws => OF_ALL.contains(&name),
                Sort::Kubernetes => OF_KUBERNETES.contains(&name),
                Sort::Other => false,
            }
    }

    fn respelled(self, name: &str) -> String {
        let fits = |kind: &str| {
            kind == self.kind && !kind.is_empty() || kind.is_empty() && self.sort == Sort::Kubernetes
        };
        let alias = ALIASES.iter().find(|(kind, own, _)| fits(kind) && *own == name);
        alias.map_or(name, |(_, _, ours)| ours).to_owned()
    }

    /// A kept attribute's value in our spelling, with what is named like a credential made a secret.
    pub fn value(self, name: &str, value: Value) -> Value {
        if VERBATIM.contains(&name) {
            return self.verbatim(name, value);
        }
        match value {
            Value::List(list) => Value::List(list.into_iter().map(|it| self.value(name, it)).collect()),
            Value::Map(map) => {
                let setting = is_credential_setting(&map);
                let entries = map.into_iter().filter_map(|(own, value)| match own.as_str() {
                    "value" if setting => Some((own, Value::Secret)),
                    _ => self.entry(&own, value),
                });
                Value::Map(entries.collect())
            }
            other => self.guarded(name, other),
        }
    }

    fn entry(self, own: &str, value: Value) -> Option<(String, Value)> {
        let name = if self.snake || own == "containers" || own == "initContainers" {
            self.respelled(&snake_case(own))
        } else {
            own.to_owned()
        };
        let hidden = self.sort == Sort::Kubernetes && KUBERNETES_DATA.contains(&snake_case(own).as_str());
        let value = if hidden && !value.is_open() { Value::Secret } else { self.value(&name, value) };
        (!own.starts_with("__")).then_some((name, value))
    }

    fn verbatim(self, name: &str, value: Value) -> Value {
        let tags = name.contains("tags");
        match value {
            Value::List(list) if tags => by_key(list),
            Value::List(list) => {
                Value::List(list.into_iter().map(|member| self.verbatim(name, member)).collect())
            }
            Value::Map(map) if tags => Value::Map(map),
            Value::Map(map) => {
                let guarded = |(key, value): (String, Value)| {
                    let value = match value {
                        Value::Map(_) | Value::List(_) => self.verbatim(name, value),
                        other => self.guarded(&snake_case(&key), other),
                    };
                    (key, value)
                };
                Value::Map(map.into_iter().map(guarded).collect())
            }
            other => other,
        }
    }

    fn guarded(self, name: &str, value: Value) -> Value {
        if matches!(value, Value::Text(_)) && is_credential(name) { Value::Secret } else { value }
    }
}

/// Tags that stand as a list of keys and values, as CloudFormation has them, by key.
fn by_key(list: Vec<Value>) -> Value {
    let pairs = list.iter().map(|tag| {
        let key = [tag.at("key"), tag.at("Key")].into_iter().find_map(Value::as_text)?;
        let value = [tag.at("value"), tag.at("Value")].into_iter().find(|value| **value != Value::Null);
        Some((key.to_owned(), value.cloned().unwrap_or(Value::Null)))
    });
    match pairs.collect::<Option<BTreeMap<_, _>>>() {
        Some(tags) => Value::Map(tags),
        None => Value::List(list),
    }
}

/// Whether these are the name and the value of a setting (Helm's `set`) that is named like a credential.
fn is_credential_setting(map: &BTreeMap<String, Value>) -> bool {
    let name = map.get("name").and_then(Value::as_text);
    name.is_some_and(|name| name.split('.').any(|part| is_credential(&snake_case(part))))
}

/// Whether an attribute of this name holds a credential.
pub fn is_credential(name: &str) -> bool {
    let words: Vec<&str> = name.split('_').collect();
    words.iter().any(|word| CREDENTIALS.contains(word))
        || words.windows(2).any(|pair| CREDENTIAL_PAIRS.iter().any(|known| known == pair))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deployment::types;

    fn of(type_name: &str) -> Attributes {
        match type_name.contains(':') {
            true => Attributes::of(Format::PulumiPreview, type_name, types::of_pulumi(type_name)),
            false => Attributes::of(Format::TerraformPlan, type_name, types::of_terraform(type_name)),
        }
    }

    fn map(entries: &[(&str, Value)]) -> Value {
        Value::Map(entries.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect())
    }

    #[test]
    fn every_kind_says_what_it_keeps() {
        for row in types::ROWS {
            assert!(OF_KIND.iter().any(|(kind, _)| *kind == row.kind), "{}", row.kind);
        }
        for (kind, _, ours) in ALIASES.iter().filter(|(kind, ..)| !kind.is_empty()) {
            assert!(types::of_kind(kind).is_some(), "{kind}");
            assert_ne!(*ours, "", "{kind}");
        }
    }

    #[test]
    fn both_tools_and_both_providers_give_one_name() {
        for (type_name, own, ours) in [
            ("aws_eks_node_group", "node_group_name", "node_group_name"),
            ("aws:eks/nodeGroup:NodeGroup", "nodeGroupName", "node_group_name"),
            ("aws-native:eks:Nodegroup", "nodegroupName", "node_group_name"),
            ("awscc_eks_nodegroup", "nodegroup_name", "node_group_name"),
            ("aws:autoscaling/group:Group", "vpcZoneIdentifiers", "vpc_zone_identifier"),
        ] {
            assert_eq!(of(type_name).name(own).as_deref(), Some(ours), "{type_name}");
        }
    }

    #[test]
    fn what_nobody_asks_for_is_dropped() {
        assert_eq!(of("aws_iam_role").name("assume_role_policy"), None);
        assert_eq!(of("aws_db_instance").name("password"), None);
        assert_eq!(of("random_password").name("result"), None);
        assert_eq!(of("random_password").name("name"), None);
        assert_eq!(of("aws_db_instance").name("tags").as_deref(), Some("tags"));
    }

    #[test]
    fn what_is_named_like_a_credential_is_a_secret() {
        let release = of("helm_release");
        let set = map(&[("adminPassword", Value::text("hunter2")), ("image", Value::text("a"))]);
        let values = release.value("values", map(&[("auth", set)]));
        assert_eq!(values.at("auth.adminPassword"), &Value::Secret);
        assert_eq!(values.at("auth.image").as_text(), Some("a"));
        assert!(is_credential("private_key_pem") && is_credential("db_password") && !is_credential("key"));
        let set = map(&[("name", Value::text("auth.rootPassword")), ("value", Value::text("hunter2"))]);
        assert_eq!(release.value("set", set).at("value"), &Value::Secret);
        let template = of("aws_launch_template");
        let options = template.value("metadata_options", map(&[("http_tokens", Value::text("required"))]));
        assert_eq!(options.at("http_tokens").as_text(), Some("required"));
    }

    #[test]
    fn a_containers_environment_is_a_secret_and_its_image_is_not() {
        let container = map(&[("image", Value::text("a:1")), ("env", Value::List(vec![Value::text("x")]))]);
        let spec = map(&[("containers", Value::List(vec![container]))]);
        let spec = of("kubernetes:apps/v1:Deployment").value("spec", spec);
        assert_eq!(spec.at("container.image").as_text(), Some("a:1"));
        assert_eq!(spec.at("container.env"), &Value::Secret);
    }

    #[test]
    fn a_tags_key_is_never_respelled_and_a_list_of_tags_is_a_map() {
        let tags = of("aws:ec2/vpc:Vpc").value("tags", map(&[("CostCenter", Value::text("a"))]));
        assert_eq!(tags.at("CostCenter").as_text(), Some("a"));
        let tag = map(&[("key", Value::text("CostCenter")), ("value", Value::text("a"))]);
        let tags = of("awscc_ec2_vpc").value("tags", Value::List(vec![tag]));
        assert_eq!(tags.at("CostCenter").as_text(), Some("a"));
    }
}
