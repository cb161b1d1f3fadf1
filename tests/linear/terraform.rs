//! Plans of Terraform's, as long as they are wanted: `main` measures how long the program takes over them.

use std::fmt::Write;

use crate::Shape;

/// One resource's block in a module: its type and name, its expressions, and how many there are of it.
struct Block {
    type_name: &'static str,
    name: String,
    /// `name` and references, as the configuration has them.
    expressions: Vec<(&'static str, String)>,
    /// `count_expression` or `for_each_expression`.
    repeated: &'static str,
}

/// What a stack consists of, by a prefix for its names and by what its network is called in it.
struct Stack {
    blocks: Vec<Block>,
}

/// A plan that makes so many things.
pub fn plan(size: usize, shape: Shape) -> String {
    let mut plan = Plan { changes: String::with_capacity(size * 520), count: 0 };
    let configuration = match shape {
        Shape::Apart => apart(&mut plan, size),
        Shape::Hub => hub(&mut plan, size),
        Shape::Instances => instances(&mut plan, size),
    };
    format!(
        "{{\"format_version\":\"1.2\",\"terraform_version\":\"1.9.0\",\"variables\":{{\"region\":{{\"value\":\"us-east-1\"}}}},\
         \"resource_changes\":[{}],\"configuration\":{{\"provider_config\":{{\"aws\":{{\"name\":\"aws\",\"expressions\":\
         {{\"region\":{{\"references\":[\"var.region\"]}}}}}}}},\"root_module\":{configuration}}},\"complete\":true}}",
        plan.changes
    )
}

struct Plan {
    changes: String,
    count: usize,
}

/// One instance of a resource.
struct Instance<'a> {
    module: &'a str,
    type_name: &'a str,
    name: &'a str,
    /// As JSON: `0`, `"a"`, or nothing.
    index: &'a str,
    after: &'a str,
    unknown: &'a str,
}

impl Plan {
    fn make(&mut self, it: &Instance<'_>) {
        let Instance { module, type_name, name, index, after, unknown } = it;
        let comma = if self.count == 0 { "" } else { "," };
        self.count += 1;
        let (dot, of_module) = match module.is_empty() {
            true => ("", String::new()),
            false => (".", format!("\"module_address\":{},", quoted(module))),
        };
        let (bracket, at) = match index.is_empty() {
            true => (String::new(), String::new()),
            false => (format!("[{index}]"), format!("\"index\":{index},")),
        };
        let address = quoted(&format!("{module}{dot}{type_name}.{name}{bracket}"));
        write!(
            self.changes,
            "{comma}{{\"address\":{address},{of_module}\"mode\":\"managed\",\"type\":\"{type_name}\",\"name\":\"{name}\",{at}\
             \"provider_name\":\"registry.terraform.io/hashicorp/aws\",\"change\":{{\"actions\":[\"create\"],\"before\":null,\
             \"after\":{{{after}}},\"after_unknown\":{{\"id\":true,{unknown}}},\"before_sensitive\":false,\
             \"after_sensitive\":{{\"tags_all\":{{}}}}}}}}"
        )
        .unwrap();
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\\\""))
}

const TAGS: &str = "\"tags\":{\"Project\":\"shop\",\"Team\":\"blue\"},\"tags_all\":{\"Project\":\"shop\",\"Team\":\"blue\",\"Environment\":\"dev\"}";

const TRUST: &str = "{\\\"Version\\\":\\\"2012-10-17\\\",\\\"Statement\\\":[{\\\"Effect\\\":\\\"Allow\\\",\\\"Principal\\\":{\\\"Service\\\":\\\"ec2.amazonaws.com\\\"},\\\"Action\\\":\\\"sts:AssumeRole\\\"}]}";

/// How many instances each block has: type, name, indices, attributes, unknown ones. `{n}` is the stack's
/// number and `{i}` the instance's place.
type Made = (&'static str, &'static str, &'static [&'static str], &'static str, &'static str);

const MADE: [Made; 17] = [
    ("aws_vpc", "net", &[], "\"cidr_block\":\"10.0.0.0/16\",\"enable_dns_hostnames\":true", "\"arn\":true"),
    (
        "aws_subnet",
        "private",
        &["0", "1"],
        "\"availability_zone\":\"us-east-1{z}\",\"cidr_block\":\"10.0.{i}.0/24\",\"map_public_ip_on_launch\":false",
        "\"arn\":true,\"vpc_id\":true",
    ),
    ("aws_route_table", "private", &["0", "1"], "\"region\":\"us-east-1\"", "\"route\":true,\"vpc_id\":true"),
    ("aws_eip", "nat", &["0"], "\"domain\":\"vpc\"", "\"public_ip\":true,\"allocation_id\":true"),
    (
        "aws_nat_gateway",
        "this",
        &["0", "1"],
        "\"connectivity_type\":\"public\"",
        "\"subnet_id\":true,\"allocation_id\":true,\"public_ip\":true",
    ),
    (
        "aws_security_group",
        "nodes",
        &[],
        "\"name\":\"nodes-{n}\",\"description\":\"nodes\"",
        "\"vpc_id\":true,\"ingress\":true",
    ),
    (
        "aws_instance",
        "box",
        &["\"a\"", "\"b\""],
        "\"instance_type\":\"t3.medium\",\"ami\":\"ami-0123456789abcdef0\",\"user_data\":\"IyEvYmluL3NoCg==\"",
        "\"subnet_id\":true,\"vpc_security_group_ids\":true,\"private_ip\":true",
    ),
    (
        "aws_launch_template",
        "nodes",
        &[],
        "\"name\":\"nodes-{n}\",\"instance_type\":\"m5.large\",\"block_device_mappings\":[{\"device_name\":\"/dev/xvda\",\"ebs\":[{\"volume_size\":100,\"volume_type\":\"gp3\"}]}]",
        "\"arn\":true,\"latest_version\":true",
    ),
    (
        "aws_autoscaling_group",
        "workers",
        &[],
        "\"name\":\"workers-{n}\",\"min_size\":1,\"max_size\":4,\"desired_capacity\":2,\"launch_template\":[{\"version\":\"$Latest\"}],\"warm_pool\":[{\"min_size\":1,\"pool_state\":\"Stopped\"}],\"tag\":[{\"key\":\"kubernetes.io/cluster/cluster-{n}\",\"value\":\"owned\",\"propagate_at_launch\":true}]",
        "\"launch_template\":[{\"id\":true,\"name\":true}],\"vpc_zone_identifier\":true,\"tag\":[{}],\"warm_pool\":[{}]",
    ),
    (
        "aws_eks_cluster",
        "main",
        &[],
        "\"name\":\"cluster-{n}\",\"version\":\"1.34\",\"enabled_cluster_log_types\":[\"api\"],\"vpc_config\":[{\"endpoint_private_access\":true}]",
        "\"endpoint\":true,\"role_arn\":true,\"vpc_config\":[{\"subnet_ids\":true}]",
    ),
    (
        "aws_eks_node_group",
        "main",
        &[],
        "\"node_group_name\":\"main\",\"ami_type\":\"AL2023_x86_64_STANDARD\",\"capacity_type\":\"ON_DEMAND\",\"scaling_config\":[{\"desired_size\":2,\"max_size\":3,\"min_size\":1}],\"launch_template\":[{}]",
        "\"cluster_name\":true,\"node_role_arn\":true,\"subnet_ids\":true,\"launch_template\":[{\"id\":true,\"name\":true,\"version\":true}],\"scaling_config\":[{}]",
    ),
    (
        "aws_eks_addon",
        "cni",
        &[],
        "\"addon_name\":\"vpc-cni\",\"resolve_conflicts_on_update\":\"OVERWRITE\"",
        "\"cluster_name\":true,\"addon_version\":true",
    ),
    (
        "aws_iam_role",
        "nodes",
        &[],
        "\"name\":\"nodes-{n}\",\"path\":\"/\",\"assume_role_policy\":\"{trust}\"",
        "\"arn\":true",
    ),
    (
        "aws_iam_role_policy_attachment",
        "nodes",
        &["\"cni\"", "\"worker\""],
        "\"policy_arn\":\"arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy\",\"role\":\"nodes-{n}\"",
        "\"policy_arn\":false",
    ),
    (
        "aws_cloudwatch_log_group",
        "cluster",
        &[],
        "\"name\":\"/aws/eks/cluster-{n}/cluster\",\"retention_in_days\":30",
        "\"arn\":true",
    ),
    (
        "helm_release",
        "web",
        &[],
        "\"name\":\"web-{n}\",\"chart\":\"web\",\"namespace\":\"web\",\"wait\":true,\"values\":[\"image:\\n  tag: v1.0.0\\n\"]",
        "\"metadata\":true",
    ),
    (
        "aws_s3_bucket",
        "logs",
        &[],
        "\"bucket\":\"logs-{n}\",\"force_destroy\":true,\"policy\":\"{trust}\"",
        "\"arn\":true",
    ),
];

/// How many things a stack has.
fn in_stack() -> usize {
    MADE.iter().map(|(_, _, indices, _, _)| indices.len().max(1)).sum()
}

/// To what a block's expressions refer. `net` is how its VPC is named.
#[expect(clippy::too_many_lines, reason = "a table")]
fn expressions(type_name: &str, suffix: &str, net: &str) -> Vec<(&'static str, String)> {
    let list = |names: &[&str]| {
        let all: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
        format!("{{\"references\":[{}]}}", all.join(","))
    };
    let of = |attribute: &str, resource: &str| {
        list(&[&format!("{resource}{suffix}.{attribute}"), &format!("{resource}{suffix}")])
    };
    let text = |text: &str| format!("{{\"constant_value\":\"{text}\"}}");
    let vpc = ("vpc_id", list(&[net, net.rsplit_once('.').map_or(net, |(resource, _)| resource)]));
    let subnets = |name| (name, list(&[&format!("aws_subnet.private{suffix}")]));
    match type_name {
        "aws_subnet" | "aws_route_table" | "aws_security_group" => vec![vpc],
        "aws_nat_gateway" => vec![
            ("subnet_id", list(&[&format!("aws_subnet.private{suffix}"), "count.index"])),
            (
                "allocation_id",
                list(&[
                    &format!("aws_eip.nat{suffix}[0].id"),
                    &format!("aws_eip.nat{suffix}[0]"),
                    &format!("aws_eip.nat{suffix}"),
                ]),
            ),
        ],
        "aws_instance" => vec![
            (
                "subnet_id",
                list(&[
                    &format!("aws_subnet.private{suffix}[0].id"),
                    &format!("aws_subnet.private{suffix}[0]"),
                    &format!("aws_subnet.private{suffix}"),
                ]),
            ),
            ("vpc_security_group_ids", of("id", "aws_security_group.nodes")),
            ("instance_type", text("t3.medium")),
        ],
        "aws_autoscaling_group" => vec![
            (
                "launch_template",
                format!(
                    "[{{\"id\":{},\"version\":{}}}]",
                    of("id", "aws_launch_template.nodes"),
                    text("$Latest")
                ),
            ),
            subnets("vpc_zone_identifier"),
        ],
        "aws_eks_cluster" => vec![
            ("role_arn", of("arn", "aws_iam_role.nodes")),
            (
                "vpc_config",
                format!("[{{\"subnet_ids\":{}}}]", list(&[&format!("aws_subnet.private{suffix}")])),
            ),
        ],
        "aws_eks_node_group" => vec![
            ("cluster_name", of("name", "aws_eks_cluster.main")),
            ("node_role_arn", of("arn", "aws_iam_role.nodes")),
            subnets("subnet_ids"),
            (
                "launch_template",
                format!(
                    "[{{\"id\":{},\"version\":{}}}]",
                    of("id", "aws_launch_template.nodes"),
                    of("latest_version", "aws_launch_template.nodes")
                ),
            ),
        ],
        "aws_eks_addon" => vec![("cluster_name", of("name", "aws_eks_cluster.main"))],
        "aws_iam_role_policy_attachment" => {
            vec![("role", of("name", "aws_iam_role.nodes")), ("policy_arn", list(&["each.value"]))]
        }
        "helm_release" => vec![("name", text("web")), ("namespace", of("id", "aws_eks_node_group.main"))],
        _ => vec![("name", text("x"))],
    }
}

/// The blocks of a stack whose names end in this.
fn stack(suffix: &str, net: &str, with: impl Fn(&str) -> bool) -> Stack {
    let blocks = MADE.iter().filter(|made| with(made.0)).map(|(type_name, name, indices, _, _)| Block {
        type_name,
        name: format!("{name}{suffix}"),
        expressions: expressions(type_name, suffix, net),
        repeated: match indices.first() {
            None => "",
            Some(index) if index.starts_with('"') => ",\"for_each_expression\":{\"constant_value\":[]}",
            Some(_) => ",\"count_expression\":{\"constant_value\":2}",
        },
    });
    Stack { blocks: blocks.collect() }
}

impl Stack {
    fn configuration(&self, into: &mut String) {
        for Block { type_name, name, expressions, repeated } in &self.blocks {
            let comma = if into.is_empty() || into.ends_with('[') { "" } else { "," };
            let all: Vec<String> = expressions.iter().map(|(name, it)| format!("\"{name}\":{it}")).collect();
            write!(
                into,
                "{comma}{{\"address\":\"{type_name}.{name}\",\"mode\":\"managed\",\"type\":\"{type_name}\",\"name\":\"{name}\",\
                 \"provider_config_key\":\"aws\",\"expressions\":{{{}}},\"schema_version\":0{repeated}}}",
                all.join(",")
            )
            .unwrap();
        }
    }
}

/// Makes the things of a stack of this number in a module.
fn make(plan: &mut Plan, module: &str, n: usize, suffix: &str, with: impl Fn(&str) -> bool) {
    for (type_name, name, indices, after, unknown) in MADE.iter().filter(|made| with(made.0)) {
        let name = format!("{name}{suffix}");
        let indices = if indices.is_empty() { &[""] as &[&str] } else { indices };
        for (i, index) in indices.iter().enumerate() {
            let tags = if type_name.starts_with("helm") { "\"lint\":false" } else { TAGS };
            let after = after
                .replace("{n}", &n.to_string())
                .replace("{i}", &i.to_string())
                .replace("{z}", ["a", "b"][i % 2])
                .replace("{trust}", TRUST);
            let after = format!("{after},{tags}");
            plan.make(&Instance { module, type_name, name: &name, index, after: &after, unknown });
        }
    }
}

/// Each stack has a network of its own: half of them are instances of one module, half have a call each.
fn apart(plan: &mut Plan, size: usize) -> String {
    let mut of_module = String::new();
    stack("", "aws_vpc.net.id", |_| true).configuration(&mut of_module);
    let module = format!(
        "{{\"resources\":[{of_module}],\"outputs\":{{\"vpc_id\":{{\"expression\":{{\"references\":[\"aws_vpc.net.id\",\"aws_vpc.net\"]}}}}}}}}"
    );
    let mut calls = format!(
        "\"stack\":{{\"source\":\"./stack\",\"expressions\":{{}},\"for_each_expression\":{{\"references\":[\"var.stacks\"]}},\"module\":{module}}}"
    );
    for n in 0..size / in_stack() {
        match n % 2 {
            0 => make(plan, &format!("module.stack[\"s{n}\"]"), n, "", |_| true),
            _ => {
                make(plan, &format!("module.own_{n}"), n, "", |_| true);
                write!(
                    calls,
                    ",\"own_{n}\":{{\"source\":\"./stack\",\"expressions\":{{}},\"module\":{module}}}"
                )
                .unwrap();
            }
        }
    }
    format!("{{\"resources\":[],\"module_calls\":{{{calls}}}}}")
}

/// Everything hangs on one network, one cluster and one module's output.
fn hub(plan: &mut Plan, size: usize) -> String {
    let shared = |type_name: &str| {
        matches!(type_name, "aws_vpc" | "aws_subnet" | "aws_security_group" | "aws_eks_cluster")
    };
    let mut net = String::new();
    stack("", "aws_vpc.net.id", |it| matches!(it, "aws_vpc" | "aws_subnet")).configuration(&mut net);
    make(plan, "module.net", 0, "", |it| matches!(it, "aws_vpc" | "aws_subnet"));
    make(plan, "", 0, "", |it| matches!(it, "aws_security_group" | "aws_eks_cluster"));
    let mut root = String::new();
    stack("", "module.net.vpc_id", |it| matches!(it, "aws_security_group" | "aws_eks_cluster"))
        .configuration(&mut root);
    for n in 0..size.saturating_sub(plan.count) / (in_stack() - 5) {
        let suffix = format!("_{n}");
        make(plan, "", n, &suffix, |it| !shared(it));
        let mut own = stack(&suffix, "module.net.vpc_id", |it| !shared(it));
        for (_, references) in own.blocks.iter_mut().flat_map(|block| &mut block.expressions) {
            for (of_stack, of_all) in [
                (format!("aws_subnet.private{suffix}"), "module.net.subnet_ids"),
                (format!("aws_security_group.nodes{suffix}"), "aws_security_group.nodes"),
                (format!("aws_eks_cluster.main{suffix}"), "aws_eks_cluster.main"),
            ] {
                *references = references.replace(&of_stack, of_all);
            }
        }
        own.configuration(&mut root);
    }
    format!(
        "{{\"resources\":[{root}],\"module_calls\":{{\"net\":{{\"expressions\":{{}},\"module\":{{\"resources\":[{net}],\"outputs\":{{\
         \"vpc_id\":{{\"expression\":{{\"references\":[\"aws_vpc.net.id\",\"aws_vpc.net\"]}}}},\
         \"subnet_ids\":{{\"expression\":{{\"references\":[\"aws_subnet.private\"]}}}}}}}}}}}}}}"
    )
}

/// Blocks of `for_each`, each with 10,000 instances of it, that refer to others by their own key and to all of
/// one another.
fn instances(plan: &mut Plan, size: usize) -> String {
    let mut root = String::new();
    let wanted = |it: &str| {
        matches!(
            it,
            "aws_vpc"
                | "aws_subnet"
                | "aws_security_group"
                | "aws_instance"
                | "aws_nat_gateway"
                | "aws_eks_node_group"
                | "aws_eks_cluster"
                | "aws_launch_template"
        )
    };
    let mut block = 0;
    while plan.count < size {
        let suffix = format!("_{block}");
        block += 1;
        let mut own = stack(&suffix, &format!("aws_vpc.net{suffix}.id"), wanted);
        for it in &mut own.blocks {
            it.repeated = ",\"for_each_expression\":{\"references\":[\"var.all\"]}";
            for (name, references) in &mut it.expressions {
                let by_key = !matches!(*name, "subnet_ids" | "node_role_arn");
                *references = references.replace("[0]", "");
                if by_key && references.contains("\"references\":[") {
                    *references = references.replace("]}", ",\"each.key\"]}");
                }
            }
        }
        own.configuration(&mut root);
        let each = 10_000.min((size - plan.count).div_ceil(8)).max(1);
        for (type_name, name, _, after, unknown) in MADE.iter().filter(|made| wanted(made.0)) {
            let name = format!("{name}{suffix}");
            for k in 0..each {
                let after = after
                    .replace("{n}", &format!("{block}-{k}"))
                    .replace("{i}", "1")
                    .replace("{z}", ["a", "b"][k % 2]);
                let after = format!("{after},{TAGS}");
                let index = format!("\"key-{k}\"");
                plan.make(&Instance {
                    module: "",
                    type_name,
                    name: &name,
                    index: &index,
                    after: &after,
                    unknown,
                });
            }
        }
    }
    format!("{{\"resources\":[{root}]}}")
}
