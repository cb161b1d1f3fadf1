//! Deployments of many things that each ask for others, in every way in which a kind, a need or a check looks for
//! another thing: each way once passed over all things for each that asked.

use aws_janitor::deployment::{Certainty, Change, Deployment, Format, Item, Uncounted, Value, Weight};
use aws_janitor::kinds;
use aws_janitor::model::Region;

/// So many things of each sort, and what they are about.
pub type Pairs = (&'static str, fn(usize) -> Deployment);

pub const PAIRS: [Pairs; 11] = [
    ("subnets that are named by their ids", |many| {
        each(many, |n, all| {
            let zone = ("availability_zone", text("us-east-1a"));
            all.push(Item {
                change: Change::Keep,
                ..item("subnet", n, &[("id", text(format!("subnet-{n}"))), zone])
            });
            all.push(item("nat-gateway", n, &[("subnet_id", text(format!("subnet-{n}")))]));
        })
    }),
    ("VPCs in any of which a thing may lie", |many| {
        each(many, |n, all| {
            all.push(item("vpc", n, &[]));
            all.push(item("security-group", n, &[("vpc_id", Value::Unknown(Vec::new()))]));
        })
    }),
    ("VPCs that things name by where their ids come from", |many| {
        each(many, |n, all| {
            all.push(item("vpc", n, &[]));
            all.push(item("security-group", n, &[("vpc_id", from("vpc", n))]));
        })
    }),
    ("clusters that are named by their names", |many| {
        each(many, |n, all| {
            let name = || text(format!("cluster-{n}"));
            all.push(item("eks-cluster", n, &[("name", name()), ("version", text("1.34"))]));
            all.push(item("eks-addon", n, &[("cluster_name", name()), ("addon_name", text("vpc-cni"))]));
            all.push(item("eks-nodegroup", n, &[("cluster_name", name()), ("version", text("1.34"))]));
        })
    }),
    ("clusters that are reached through one thing", |many| {
        let mut of = each(many, |n, all| {
            all.push(Item {
                after: vec!["hub".into()],
                ..item("eks-addon", n, &[("cluster_name", Value::Unknown(Vec::new()))])
            });
            all.push(Item {
                after: vec![format!("hub-{n}")],
                ..item("iam-role", n, &[("name", text(format!("role-{n}")))])
            });
        });
        let after = (0..many).map(|n| address("iam-role", n)).collect();
        of.items.push(Item {
            address: "hub".into(),
            after,
            ..item("eks-cluster", 0, &[("name", text("x"))])
        });
        of
    }),
    ("groups with a warm pool of their own", |many| {
        each(many, |n, all| {
            let sizes = [("min_size", text("1")), ("max_size", text("3")), ("desired_capacity", text("1"))];
            all.push(item("auto-scaling-group", n, &sizes));
            let named = [("auto_scaling_group_name", from("auto-scaling-group", n))];
            let pool = item("instance", n, &named);
            all.push(Item {
                type_name: "AWS::AutoScaling::WarmPool".into(),
                kind: None,
                address: format!("pool-{n}"),
                ..pool
            });
        })
    }),
    ("groups of which any may have any warm pool", |many| {
        each(many, |n, all| {
            let sizes = [("min_size", text("1")), ("max_size", text("3")), ("desired_capacity", text("1"))];
            all.push(item("auto-scaling-group", n, &sizes));
            let pool = item("instance", n, &[("auto_scaling_group_name", Value::Unknown(Vec::new()))]);
            all.push(Item {
                type_name: "AWS::AutoScaling::WarmPool".into(),
                kind: None,
                address: format!("pool-{n}"),
                ..pool
            });
        })
    }),
    ("launch templates that are named by their names", |many| {
        each(many, |n, all| {
            let name = || text(format!("nodes-{n}"));
            all.push(item("launch-template", n, &[("name", name()), ("instance_type", text("m5.large"))]));
            let block = Value::Map([("name".to_owned(), name())].into());
            let cluster = ("cluster_name", text("x"));
            all.push(item("eks-nodegroup", n, &[("launch_template", block), cluster]));
        })
    }),
    ("roles and their attachments", |many| {
        each(many, |n, all| {
            all.push(item("iam-role", n, &[("name", text(format!("role-{n}")))]));
            all.push(item("iam-role-policy-attachment", n, &[("role", text(format!("role-{n}")))]));
        })
    }),
    ("releases, clusters and their nodes", |many| {
        each(many, |n, all| {
            all.push(item(
                "eks-cluster",
                n,
                &[
                    ("name", text(format!("cluster-{n}"))),
                    ("enabled_cluster_log_types", Value::List(vec![text("api")])),
                ],
            ));
            all.push(item("log-group", n, &[("name", text(format!("/aws/eks/cluster-{n}/cluster")))]));
            all.push(Item {
                after: vec![address("eks-cluster", n)],
                ..item("eks-nodegroup", n, &[("cluster_name", from("eks-cluster", n))])
            });
            all.push(Item {
                after: vec![address("eks-nodegroup", n)],
                ..item("helm-release", n, &[("chart", text("web"))])
            });
        })
    }),
    ("things that are told beside many that are not counted", |many| {
        let mut of = each(many, |n, all| {
            all.push(item("log-group", n, &[("name", text(format!("group-{n}")))]));
            all.push(item("helm-release", n, &[("chart", text("web"))]));
        });
        of.items.push(item("eks-cluster", 0, &[("name", text("x"))]));
        let uncounted =
            |n| Uncounted { what: format!("it {n}"), why: "unknown".into(), weight: Weight::Open };
        of.uncounted = (0..many).map(uncounted).collect();
        of
    }),
];

fn text(text: impl Into<String>) -> Value {
    Value::text(text)
}

fn from(kind: &str, n: usize) -> Value {
    Value::Unknown(vec![address(kind, n)])
}

fn address(kind: &str, n: usize) -> String {
    format!("{kind}.it-{n}")
}

fn item(kind: &'static str, n: usize, properties: &[(&str, Value)]) -> Item {
    let row = kinds::row(kind).unwrap();
    let properties = properties.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
    Item {
        address: address(kind, n),
        type_name: row.deployed.types.terraform.first().map_or(kind, |name| name).to_owned(),
        kind: Some(row.name()),
        change: Change::Create,
        certainty: Certainty::Certain,
        region: row.region(Some(Region::new("us-east-1"))),
        properties: Value::Map(properties.collect()),
        before: Value::Null,
        after: Vec::new(),
    }
}

fn each(many: usize, make: impl Fn(usize, &mut Vec<Item>)) -> Deployment {
    let mut items = Vec::new();
    (0..many).for_each(|n| make(n, &mut items));
    Deployment {
        source: "file".into(),
        format: Format::TerraformPlan,
        stack: None,
        account: None,
        items,
        uncounted: Vec::new(),
    }
}
