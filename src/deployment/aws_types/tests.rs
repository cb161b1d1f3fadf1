use super::*;
use crate::kinds;
use crate::model::deployed::Uses;

/// The tools, as a type's first letters tell them.
const TOOLS: [(&str, &str); 3] = [("CloudFormation", "AWS::"), ("Terraform", "aws_"), ("Pulumi", "aws:")];

fn row_of(name: &str) -> Option<&'static types::KindRow> {
    let rows = [types::of_terraform(name), types::of_pulumi(name), types::of_cloudformation(name)];
    rows.into_iter().flatten().next()
}

#[test]
fn the_table_and_the_kinds_say_the_same_of_a_type() {
    for (name, sort) in all() {
        let uses = row_of(&name).map(|row| row.deployed.uses);
        let agrees = match (sort, uses) {
            (Sort::Counted, uses) => matches!(uses, Some(Uses::Quotas(_))),
            (Sort::Limit(title), Some(Uses::NotLookedAt(several))) => title == several,
            (Sort::Nothing(_) | Sort::Other | Sort::Open(_), Some(Uses::Nothing)) => true,
            (Sort::Unknown, _) | (_, Some(_)) => false,
            (Sort::Told(_) | Sort::Limit(_) | Sort::Open(_) | Sort::Nothing(_) | Sort::Other, None) => true,
        };
        assert!(agrees, "{name}: {sort:?}");
    }
}

#[test]
fn every_type_of_a_kind_stands_in_the_table() {
    for row in kinds::rows() {
        let of = row.deployed.types;
        let names = [of.terraform, of.pulumi, of.cloudformation, of.adopted].concat();
        for name in names.iter().filter(|name| types::is_aws(name)) {
            assert!(all().any(|(own, _)| own == **name), "{name}");
        }
        for name in of.adopted {
            assert!(matches!(sort(name), Some(Sort::Nothing(_))), "{name}");
        }
    }
}

#[test]
fn no_type_stands_in_two_places() {
    let mut seen = BTreeSet::new();
    for (name, _) in all() {
        assert!(types::is_aws(&name), "{name}");
        assert!(seen.insert(name.clone()), "{name}");
    }
}

#[test]
fn every_type_is_found_by_its_name() {
    for (name, own) in all() {
        assert_eq!(sort(&name), Some(own), "{name}");
        assert_eq!(sort(&format!("{name}New")), Some(Sort::Unknown), "{name}");
    }
    assert_eq!(sort("google_compute_instance"), None);
    assert_eq!(sort("AWS::"), Some(Sort::Unknown));
    assert_eq!(sort("aws_"), Some(Sort::Unknown));
    assert_eq!(sort("aws:s3/"), Some(Sort::Unknown));
    assert_eq!(sort("aws:s3/é:É"), Some(Sort::Unknown));
    assert_eq!(sort("aws:s3/bucket:bucket"), Some(Sort::Unknown));
    assert_eq!(sort("aws:s3/pail:Bucket"), Some(Sort::Unknown), "its middle counts as well");
}

#[test]
fn what_is_named_after_the_registry_is_what_the_registry_says() {
    for (name, own) in all() {
        let Some((service, last)) = name.strip_prefix("AWS::").and_then(|it| it.split_once("::")) else {
            continue;
        };
        let native = format!("aws-native:{}:{last}", service.to_lowercase());
        assert_eq!(sort(&native), Some(own), "{native}");
        let awscc = format!("awscc_{}_{}", service.to_lowercase(), crate::model::value::snake_case(last));
        assert_eq!(sort(&awscc), Some(own), "{awscc}");
    }
}

#[test]
fn what_people_deploy_most_is_told_by_its_name_whichever_tool_they_have() {
    for (title, names) in [
        (
            "Cloud9 environments",
            ["Cloud9::EnvironmentEC2", "cloud9_environment_ec2", "cloud9:EnvironmentEC2"],
        ),
        (
            "Client VPN endpoints",
            ["EC2::ClientVpnEndpoint", "ec2_client_vpn_endpoint", "ec2clientvpn:Endpoint"],
        ),
        (
            "DMS replication instances",
            ["DMS::ReplicationInstance", "dms_replication_instance", "dms:ReplicationInstance"],
        ),
        ("DocumentDB instances", ["DocDB::DBInstance", "docdb_cluster_instance", "docdb:ClusterInstance"]),
        ("EFS mount targets", ["EFS::MountTarget", "efs_mount_target", "efs:MountTarget"]),
        (
            "ElastiCache clusters",
            [
                "ElastiCache::ReplicationGroup",
                "elasticache_replication_group",
                "elasticache:ReplicationGroup",
            ],
        ),
        ("MSK clusters", ["MSK::Cluster", "msk_cluster", "msk:Cluster"]),
        ("Neptune instances", ["Neptune::DBInstance", "neptune_cluster_instance", "neptune:ClusterInstance"]),
        ("OpenSearch domains", ["OpenSearchService::Domain", "opensearch_domain", "opensearch:Domain"]),
        ("RDS instances", ["RDS::DBInstance", "db_instance", "rds:Instance"]),
        ("Redshift clusters", ["Redshift::Cluster", "redshift_cluster", "redshift:Cluster"]),
        (
            "SageMaker notebooks",
            ["SageMaker::NotebookInstance", "sagemaker_notebook_instance", "sagemaker:NotebookInstance"],
        ),
        (
            "transit gateways",
            ["EC2::TransitGateway", "ec2_transit_gateway", "ec2transitgateway:TransitGateway"],
        ),
    ] {
        let [cloudformation, terraform, pulumi] = names;
        let (module, last) = pulumi.split_once(':').unwrap();
        let camel = format!("{}{}", last[..1].to_lowercase(), &last[1..]);
        for name in [
            format!("AWS::{cloudformation}"),
            format!("aws_{terraform}"),
            format!("aws:{module}/{camel}:{last}"),
        ] {
            assert_eq!(sort(&name), Some(Sort::Told(title)), "{name}");
        }
    }
    for name in ["AWS::EMR::Cluster", "aws_batch_compute_environment", "aws:emr/cluster:Cluster"] {
        assert!(matches!(sort(name), Some(Sort::Open(_))), "{name}");
    }
}

/// Things that a tool has no type for, though another one has.
const NOT_IN: [(&str, &[&str]); 1] = [(
    "CloudFormation",
    &[
        "Bedrock models",
        "FinSpace clusters",
        "addresses added to NAT gateways",
        "capacity blocks",
        "copies of volumes",
        "policy attachments that name several roles",
        "secondary subnets",
        "security groups of standing interfaces",
        "subnets added to VPC endpoints",
        "what its template makes is not read from here: give that template as a file of its own",
    ],
)];

#[test]
fn each_thing_that_is_told_is_reached_from_each_tool() {
    let mut reached: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (name, sort) in all() {
        let (Sort::Told(title) | Sort::Limit(title) | Sort::Open(title)) = sort else { continue };
        let tools = reached.entry(title).or_default();
        tools.extend(TOOLS.iter().filter(|(_, begins)| name.starts_with(begins)).map(|(tool, _)| *tool));
        // Providers of the other two are made of the registry.
        if name.starts_with("AWS::") {
            tools.extend(["Terraform", "Pulumi"]);
        }
    }
    for (tool, _) in TOOLS {
        let excused = NOT_IN.iter().filter(|(own, _)| *own == tool).flat_map(|(_, titles)| *titles);
        let lacking = reached.iter().filter(|(_, tools)| !tools.contains(tool)).map(|(title, _)| title);
        assert_eq!(lacking.collect::<Vec<_>>(), excused.collect::<Vec<_>>(), "{tool}");
    }
}

#[test]
fn both_files_are_of_the_day_that_is_told() {
    for file in [JUDGED, OTHERS] {
        let first = file.lines().next().unwrap_or_default();
        assert!(first.contains(&format!(" on {CHECKED},")), "{first}");
    }
}

#[test]
fn a_type_below_no_heading_would_be_unknown() {
    let all = judged(
        "# A note.\naws_lost\n\ntold: moons\naws_moon\nnothing: it is a star\naws_star\ncounted\naws_eip\n",
    );
    let expected = [
        ("aws_lost", Sort::Unknown),
        ("aws_moon", Sort::Told("moons")),
        ("aws_star", Sort::Nothing("it is a star")),
        ("aws_eip", Sort::Counted),
    ];
    assert_eq!(all, expected);
}

/// The table for people.
const PAGE: &str = "docs/types.md";

/// How many types of each tool are of each class.
fn sums() -> BTreeMap<&'static str, [usize; 3]> {
    let mut sums: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    for (name, sort) in all() {
        for (at, _) in TOOLS.iter().enumerate().filter(|(_, (_, begins))| name.starts_with(begins)) {
            sums.entry(class(sort).0).or_default()[at] += 1;
        }
    }
    sums
}

/// What the page calls this, and what it says of it.
const fn class(sort: Sort) -> (&'static str, &'static str) {
    match sort {
        Sort::Counted => ("counted", ""),
        Sort::Told(title) => ("told", title),
        Sort::Limit(title) => ("limit", title),
        Sort::Open(why) => ("open", why),
        Sort::Nothing(why) => ("nothing", why),
        Sort::Other | Sort::Unknown => ("other", ""),
    }
}

fn page() -> String {
    let sums = sums();
    let mut titles: BTreeMap<(&str, &str), [usize; 3]> = BTreeMap::new();
    for (name, sort) in all() {
        let (class, title) = class(sort);
        for (at, _) in TOOLS.iter().enumerate().filter(|(_, (_, begins))| name.starts_with(begins)) {
            if !title.is_empty() {
                titles.entry((class, title)).or_default()[at] += 1;
            }
        }
    }
    let cells = |counts: &[usize; 3]| counts.map(|it| it.to_string()).join(" | ");
    let mut text = format!(
        "# Types of AWS's providers

What `quota --for` and `preflight` say of a thing of each type, held on {CHECKED} against the schemas of all types:
`src/deployment/aws_types` names every one, and `scripts/deployed-types.py` tells by which rule a type has to be judged.

| what is said | CloudFormation | Terraform | Pulumi |
| --- | --- | --- | --- |
"
    );
    for (class, said) in [
        ("counted", "counted, by a kind of ours"),
        ("limit", "told: it has a quota that is not looked at"),
        ("told", "told: it takes instances, interfaces or addresses for another service"),
        ("open", "told, and nothing fits for certain: it makes what no file tells"),
        ("nothing", "nothing: it looks as if it made what has a quota here, and does not"),
        ("other", "nothing: it does not look so"),
    ] {
        text += &format!("| {said} | {} |\n", cells(sums.get(class).unwrap_or(&[0; 3])));
    }
    text += "
`awscc` and `aws-native` are named after CloudFormation's types and mean the same. A type that stands in no list, because
it came after that day, is told.
";
    for (class, heading) in [
        ("limit", "A quota that is not looked at"),
        ("told", "What other services take"),
        ("open", "What makes things that no file tells"),
        ("nothing", "What makes none, and why"),
    ] {
        text += &format!(
            "\n## {heading}\n\n| | CloudFormation | Terraform | Pulumi |\n| --- | --- | --- | --- |\n"
        );
        for ((_, title), counts) in titles.iter().filter(|((own, _), _)| *own == class) {
            text += &format!("| {title} | {} |\n", cells(counts));
        }
    }
    text
}

#[test]
#[expect(clippy::disallowed_methods, reason = "it holds the page to the table")]
fn the_page_about_the_types_is_up_to_date() {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE);
    let text = page();
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&file, &text).unwrap();
    }
    let stands = std::fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(stands, text, "{PAGE}: make golden writes it anew");
}

#[test]
fn the_readme_tells_the_counts() {
    let sums = sums();
    let of = |classes: &[&str], at: usize| classes.iter().map(|class| sums[class][at]).sum::<usize>();
    let three = |classes: &[&str]| [0, 1, 2].map(|at| of(classes, at).to_string());
    let every = ["counted", "told", "limit", "open", "nothing", "other"];
    let [registry, provider, bridge] = three(&every).map(|it| format!("{},{}", &it[..1], &it[1..]));
    let ([a, b, c], [d, e, f]) = (three(&["counted"]), three(&["told", "limit", "open"]));
    let [g, h, i] = three(&["open"]);
    let readme = include_str!("../../../README.md").split_whitespace().collect::<Vec<_>>().join(" ");
    for part in [
        format!("registry ({registry}), Terraform's provider ({provider}) and Pulumi's ({bridge})"),
        format!("{a}, {b} and {c} are counted; {d}, {e} and {f} more may use a quota and are told"),
        format!("of which {g}, {h} and {i} may start or make anything"),
    ] {
        assert!(readme.contains(&part), "{part}");
    }
}
