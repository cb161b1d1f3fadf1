//! Plans of the story's stack, as Terraform writes them.

use serde_json::{Value, json};

/// A small plan of the story's stack: a VPC, a public subnet with its gateway in each of three zones, a
/// cluster of this version with a node group.
pub fn terraform_plan(version: &str) -> Value {
    json!({
        "format_version": "1.2", "terraform_version": "1.11.4", "complete": true, "errored": false,
        "resource_changes": changes(version),
        "configuration": {
            "provider_config": {"aws": {"name": "aws", "expressions": {"region": {"constant_value": "us-east-1"}}}},
            "root_module": {"resources": resources()},
        },
    })
}

/// What it makes.
fn changes(version: &str) -> Vec<Value> {
    let zones = ["us-east-1a", "us-east-1b", "us-east-1c"];
    let mut changes = vec![change(
        "aws_vpc.main",
        "aws_vpc",
        None,
        json!({"cidr_block": "10.0.0.0/16"}),
        json!({"id": true}),
    )];
    for (at, zone) in zones.iter().enumerate() {
        let index = Some(at);
        let subnet = json!({"availability_zone": zone});
        changes.push(change(
            &format!("aws_subnet.public[{at}]"),
            "aws_subnet",
            index,
            subnet,
            json!({"vpc_id": true}),
        ));
        changes.push(change(
            &format!("aws_eip.nat[{at}]"),
            "aws_eip",
            index,
            json!({"domain": "vpc"}),
            json!({}),
        ));
        let unknown = json!({"subnet_id": true, "allocation_id": true});
        changes.push(change(
            &format!("aws_nat_gateway.nat[{at}]"),
            "aws_nat_gateway",
            index,
            json!({}),
            unknown,
        ));
    }
    let cluster = json!({"name": "shop-attempt-2", "version": version, "tags": {"Project": "shop"}});
    changes.push(change("aws_eks_cluster.main", "aws_eks_cluster", None, cluster, json!({})));
    let nodes = json!({
        "cluster_name": "shop-attempt-2", "node_group_name": "nodes", "instance_types": ["t3.large"],
        "scaling_config": [{"desired_size": 3, "min_size": 1, "max_size": 5}],
    });
    changes.push(change("aws_eks_node_group.nodes", "aws_eks_node_group", None, nodes, json!({})));
    // A name that does not change between the attempts.
    let logs = json!({"name": "/shop/application", "tags": {"Project": "shop"}});
    changes.push(change("aws_cloudwatch_log_group.logs", "aws_cloudwatch_log_group", None, logs, json!({})));
    changes
}

/// What the configuration says of it.
fn resources() -> Vec<Value> {
    let resource = |kind: &str, name: &str, count: bool, expressions: Value| {
        let mut it = json!({
            "address": format!("{kind}.{name}"), "mode": "managed", "type": kind, "name": name,
            "provider_config_key": "aws", "expressions": expressions,
        });
        if count {
            it["count_expression"] = json!({"constant_value": 3});
        }
        it
    };
    vec![
        resource("aws_vpc", "main", false, json!({})),
        resource(
            "aws_subnet",
            "public",
            true,
            json!({"vpc_id": {"references": ["aws_vpc.main.id", "aws_vpc.main"]}}),
        ),
        resource("aws_eip", "nat", true, json!({})),
        resource(
            "aws_nat_gateway",
            "nat",
            true,
            json!({
                "subnet_id": {"references": ["aws_subnet.public", "count.index"]},
                "allocation_id": {"references": ["aws_eip.nat", "count.index"]},
            }),
        ),
        resource("aws_eks_cluster", "main", false, json!({})),
        resource("aws_eks_node_group", "nodes", false, json!({})),
        resource("aws_cloudwatch_log_group", "logs", false, json!({})),
    ]
}

/// One resource that the plan creates.
pub fn change(address: &str, kind: &str, index: Option<usize>, after: Value, unknown: Value) -> Value {
    let name = address.split(['.', '[']).nth(1).unwrap();
    let mut change = json!({
        "address": address, "mode": "managed", "type": kind, "name": name,
        "provider_name": "registry.terraform.io/hashicorp/aws",
        "change": {
            "actions": ["create"], "before": null, "after": after, "after_unknown": unknown,
            "before_sensitive": false, "after_sensitive": {},
        },
    });
    if let Some(index) = index {
        change["index"] = json!(index);
    }
    change
}
