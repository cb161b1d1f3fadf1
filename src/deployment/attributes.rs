//! Which attributes are kept, and in which spelling: the readers of Terraform and Pulumi ask it, and it asks
//! the catalog.
//!
//! A plan holds secrets that nobody marked. So an attribute is kept if a need or a check asks for it and
//! dropped otherwise, and what is named like a credential inside of a kept one is a secret.

use super::types::KindRow;
use super::value::{Entries, EntryName, in_snake_case};
use super::{Format, Value};
use crate::model::deployed::{Alias, Deployed, alias};

/// Our name of what begins a name that the provider makes up: `role_name_prefix` is it as well.
pub const NAME_PREFIX: &str = "name_prefix";

/// Kept of every AWS type.
const OF_ALL: &[&str] = &["arn", "id", "name", NAME_PREFIX, "region", "tags", "tags_all"];

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

/// Names of what a cluster runs that differ from Terraform's: Pulumi's bridge makes lists plural.
const OF_PODS: &[Alias] = &[alias("containers", "container"), alias("init_containers", "init_container")];

/// What holds the attributes of what a cluster runs.
const MANIFEST: &str = "manifest";

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
#[derive(Debug, Clone, Copy)]
pub struct Attributes {
    sort: Sort,
    deployed: Option<&'static Deployed>,
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
    pub fn of(format: Format, type_name: &str, row: Option<&'static KindRow>) -> Self {
        let kubernetes = ["kubernetes_", "kubectl_", "kubernetes:", "helm_"];
        let aws = ["aws_", "awscc_", "aws:", "aws-native:"];
        let begins = |starts: &[&str]| starts.iter().any(|start| type_name.starts_with(start));
        let sort = match () {
            () if begins(&aws) => Sort::Aws,
            () if begins(&kubernetes) => Sort::Kubernetes,
            () => Sort::Other,
        };
        let snake = matches!(format, Format::PulumiPreview | Format::PulumiEvents);
        Self { sort, deployed: row.map(|row| row.deployed), snake }
    }

    /// Our name of an attribute; `None` if it is dropped.
    pub fn name(self, own: &str) -> Option<String> {
        let name = in_snake_case(own);
        let name = self.respelled(&name);
        self.keeps(name).then(|| name.to_owned())
    }

    /// Whether it holds attributes that belong to the thing itself.
    pub fn is_wrapper(self, own: &str) -> bool {
        if self.deployed.is_none_or(|it| it.wrappers.is_empty()) && self.sort != Sort::Kubernetes {
            return false;
        }
        let own = in_snake_case(own);
        self.deployed.is_some_and(|it| it.wrappers.contains(&&*own))
            || (self.sort == Sort::Kubernetes && own == MANIFEST)
    }

    fn keeps(self, name: &str) -> bool {
        self.deployed.is_some_and(|it| it.attributes.contains(&name))
            || match self.sort {
                Sort::Aws => OF_ALL.contains(&name),
                Sort::Kubernetes => OF_KUBERNETES.contains(&name),
                Sort::Other => false,
            }
    }

    fn respelled(self, name: &str) -> &str {
        let of_kind = self.deployed.map_or(&[] as &[Alias], |it| it.aliases);
        let of_pods = if self.sort == Sort::Kubernetes { OF_PODS } else { &[] };
        let ours = |name: &str| {
            of_kind.iter().chain(of_pods).find(|alias| alias.own == name).map(|alias| alias.ours)
        };
        // What begins a name is called as the name is.
        let begins_the_name = || name.strip_suffix("_prefix").and_then(ours) == Some("name");
        ours(name).unwrap_or(if begins_the_name() { NAME_PREFIX } else { name })
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

    fn entry(self, own: &str, value: Value) -> Option<(EntryName, Value)> {
        let snake = in_snake_case(own);
        let respelled = self.snake || own == "containers" || own == "initContainers";
        let name = if respelled { self.respelled(&snake) } else { own };
        let hidden = self.sort == Sort::Kubernetes && KUBERNETES_DATA.contains(&&*snake);
        let value = if hidden && !value.is_open() { Value::Secret } else { self.value(name, value) };
        (!own.starts_with("__")).then(|| (name.into(), value))
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
                let guarded = |(key, value): (EntryName, Value)| {
                    let value = match value {
                        Value::Map(_) | Value::List(_) => self.verbatim(name, value),
                        other => self.guarded(&in_snake_case(&key), other),
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
    match pairs.collect::<Option<Entries>>() {
        Some(tags) => Value::Map(tags),
        None => Value::List(list),
    }
}

/// Whether these are the name and the value of a setting (Helm's `set`) that is named like a credential.
fn is_credential_setting(map: &Entries) -> bool {
    let name = map.get("name").and_then(Value::as_text);
    name.is_some_and(|name| name.split('.').any(|part| is_credential(&in_snake_case(part))))
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

    /// Aliases of what stands within an attribute.
    const WITHIN: [(&str, &str); 1] = [("auto-scaling-group", "override")];

    #[test]
    fn every_alias_points_at_something_kept() {
        for row in crate::kinds::rows() {
            let types = row.deployed.types.terraform;
            let attributes = Attributes::of(Format::TerraformPlan, types[0], Some(row));
            for Alias { own, ours } in row.deployed.aliases {
                let kept = attributes.name(own).as_deref() == Some(*ours);
                assert!(kept != WITHIN.contains(&(row.kind, ours)), "{}: {own}", row.kind);
            }
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
    fn the_prefix_of_a_name_is_called_as_the_name_is() {
        for (type_name, own) in [
            ("aws_iam_role", "name_prefix"),
            ("aws:iam/role:Role", "namePrefix"),
            ("aws_iam_role", "role_name_prefix"),
            ("aws:ec2/launchTemplate:LaunchTemplate", "launchTemplateNamePrefix"),
        ] {
            assert_eq!(of(type_name).name(own).as_deref(), Some(NAME_PREFIX), "{type_name} {own}");
        }
        assert_eq!(of("aws_iam_role").name("path_prefix"), None);
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
