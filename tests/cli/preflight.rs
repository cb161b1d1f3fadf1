//! `preflight` as scripts and people meet it.

use std::collections::BTreeSet;

use aws_janitor::cli::Exit;
use aws_janitor::preflight::{AddonSupport, ClusterSupport, EksSupport, Support};
use expect_test::{Expect, expect};
use serde_json::{Value, json};

use crate::documents::follows;
use crate::fake::{World, gap, recorded};
use crate::{Call, Ended};

/// What EKS supports: one version of each sort, and one add-on.
fn support() -> EksSupport {
    let version = |support, standard: &str, extended: &str| ClusterSupport {
        support,
        standard_until: Some(format!("{standard}T00:00:00Z").parse().unwrap()),
        extended_until: Some(format!("{extended}T00:00:00Z").parse().unwrap()),
        is_default: support == Support::Standard,
    };
    let fits = AddonSupport {
        versions: vec!["v1.21.1-eksbuild.1".to_owned(), "v1.20.4-eksbuild.2".to_owned()],
        default: Some("v1.20.4-eksbuild.2".to_owned()),
    };
    EksSupport {
        clusters: [
            ("1.30".to_owned(), version(Support::Unsupported, "2025-07-23", "2026-07-23")),
            ("1.32".to_owned(), version(Support::Extended, "2026-03-23", "2027-03-23")),
            ("1.35".to_owned(), version(Support::Standard, "2027-03-27", "2028-03-27")),
        ]
        .into(),
        addons: [(("vpc-cni".to_owned(), "1.35".to_owned()), fits)].into(),
    }
}

pub(crate) fn world() -> World {
    World {
        eks: support(),
        aliases: BTreeSet::from(["alias/demo-a1".to_owned()]),
        limits: crate::quota::young(),
        ..World::default()
    }
}

/// A Terraform plan that makes these: type, name, attributes.
pub(crate) fn plan(things: &[(&str, &str, Value)]) -> String {
    let change = |(type_name, name, after): &(&str, &str, Value)| {
        json!({
            "address": format!("{type_name}.{name}"), "mode": "managed", "type": type_name, "name": name,
            "provider_name": "registry.terraform.io/hashicorp/aws",
            "change": {
                "actions": ["create"], "before": null, "after": after,
                "after_unknown": {}, "before_sensitive": false, "after_sensitive": {},
            },
        })
    };
    let changes: Vec<Value> = things.iter().map(change).collect();
    let resource = |(type_name, name, _): &(&str, &str, Value)| {
        json!({
            "address": format!("{type_name}.{name}"), "mode": "managed", "type": type_name, "name": name,
            "provider_config_key": "aws", "expressions": {},
        })
    };
    let resources: Vec<Value> = things.iter().map(resource).collect();
    let provider = json!({ "name": "aws", "expressions": { "region": { "constant_value": "us-east-1" } } });
    let document = json!({
        "format_version": "1.2", "terraform_version": "1.11.4", "complete": true, "errored": false,
        "planned_values": { "root_module": {} },
        "resource_changes": changes,
        "configuration": { "provider_config": { "aws": provider }, "root_module": { "resources": resources } },
    });
    document.to_string()
}

/// A deployment with something wrong for every second check.
fn broken() -> String {
    plan(&[
        ("aws_eks_cluster", "main", json!({ "name": "demo-a3", "version": "1.30" })),
        ("aws_iam_role", "node", json!({ "name": "demo-a1-node", "tags": { "Owner": "[object Object]" } })),
        ("aws_kms_alias", "main", json!({ "name": "alias/demo-a1" })),
        ("aws_vpc", "main", json!({ "cidr_block": "10.0.0.0/16", "tags": { "Name": "demo-a3" } })),
    ])
}

/// The same, mended.
fn healthy() -> String {
    plan(&[
        ("aws_iam_role", "node", json!({ "name": "demo-a3-node", "tags": { "Owner": "team" } })),
        ("aws_kms_alias", "main", json!({ "name": "alias/demo-a3" })),
        ("aws_vpc", "main", json!({ "cidr_block": "10.0.0.0/16", "tags": { "Name": "demo-a3" } })),
    ])
}

const SELECT: &str = "--select tag:Project=demo --protect stack=demo/live";

fn with(text: &str, line: &str) -> Ended {
    let call = Call::new(world());
    on(&call, text, line)
}

fn on(call: &Call, text: &str, line: &str) -> Ended {
    let path = call.path("plan.json");
    std::fs::write(&path, text).unwrap();
    call.run(&format!("preflight {path} {line}"))
}

#[track_caller]
fn check(text: &str, line: &str, expected: Expect) {
    let call = Call::new(world());
    let ended = on(&call, text, line);
    let folder = call.path("");
    let shown = format!("{:?}\n{}\n{}", ended.exit, ended.err, ended.out).replace(&folder, "");
    expected.assert_eq(&shown);
}

#[test]
fn what_is_in_the_way_comes_first_with_its_remedy() {
    check(
        &broken(),
        &format!("{SELECT} --checks=-eks-version,-quotas"),
        expect![[r#"
            Refused
            Account 123456789012 (acme-dev), caller arn:aws:iam::123456789012:user/deployer
            Regions us-east-1

            plan.json (Terraform plan)

            ✗ fail names aws_iam_role.node
              IAM role demo-a1-node exists already: an orphan of stack demo/a1 holds it
              → aws-janitor apply --select tag:Project=demo,stack=demo/a1 --region \
                us-east-1 --protect stack=demo/live
            ✗ fail names aws_kms_alias.main
              KMS alias alias/demo-a1 exists already: an orphan of stack demo/a1 holds it
              → aws kms delete-alias --alias-name alias/demo-a1 --region us-east-1
            ✗ fail tags aws_iam_role.node
              the tag "Owner" holds an output that was not resolved: "[object Object]"
              → make the text from within the output (`pulumi.interpolate`, `apply`,
                `Output.concat`)

            · 11 checks had nothing to look at: state-lock, cluster-settings, addon-version,
              cluster-autoscaler, ami-type, node-image, node-routes, subnet-addresses,
              endpoint-access, helm-order, pulumi-config

            ✓ pass: coverage, region, names, tags

            Preflight: fail; 3 fail, 11 skipped, 4 pass
        "#]],
    );
}

#[test]
fn a_healthy_deployment_passes_in_few_lines() {
    check(
        &healthy(),
        "",
        expect![[r#"
            Done
            Account 123456789012 (acme-dev), caller arn:aws:iam::123456789012:user/deployer
            Regions us-east-1

            plan.json (Terraform plan)

            · 12 checks had nothing to look at: state-lock, eks-version, cluster-settings,
              addon-version, cluster-autoscaler, ami-type, node-image, node-routes,
              subnet-addresses, endpoint-access, helm-order, pulumi-config

            ✓ pass: coverage, region, quotas, names, tags

            Preflight: pass; 12 skipped, 5 pass
        "#]],
    );
}

#[test]
fn the_document_follows_its_schema_and_tells_the_exit_code() {
    let ended = with(&broken(), &format!("{SELECT} -o json"));
    let document: Value = serde_json::from_str(&ended.out).unwrap();
    follows("preflight.json", &document);
    assert_eq!(ended.exit, Exit::Refused);
    assert_eq!(document["schema"], "aws-janitor/preflight/1");
    assert_eq!((&document["verdict"], &document["exit_code"]), (&json!("fail"), &json!(4)));
    let names: Vec<&Value> =
        document["findings"].as_array().unwrap().iter().filter(|it| it["check"] == "names").collect();
    let remedies: Vec<&str> = names.iter().filter_map(|it| it["remedy"].as_str()).collect();
    let flags = "--protect stack=demo/live";
    assert!(
        remedies.contains(
            &format!("aws-janitor apply --select tag:Project=demo,stack=demo/a1 --region us-east-1 {flags}")
                .as_str()
        ),
        "{remedies:?}"
    );
    let ended = with(&healthy(), "-o json");
    let document: Value = serde_json::from_str(&ended.out).unwrap();
    follows("preflight.json", &document);
    assert_eq!((ended.exit, &document["exit_code"]), (Exit::Done, &json!(0)));
}

#[test]
fn junit_has_a_case_for_each_finding() {
    let call = Call::new(world());
    let ended = on(&call, &broken(), "-o junit --checks tags,eks-version,state-lock");
    let shown = ended.out.replace(&call.path(""), "");
    expect![[r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <testsuites name="aws-janitor preflight" tests="4" skipped="1" failures="2" errors="0">
            <testsuite name="state-lock" tests="1" skipped="1" errors="0" failures="0">
                <testcase name="state-lock" classname="preflight.state-lock">
                    <skipped message="no state was named with --state"/>
                </testcase>
            </testsuite>
            <testsuite name="eks-version" tests="1" skipped="0" errors="0" failures="1">
                <testcase name="aws_eks_cluster.main" classname="preflight.eks-version" file="plan.json">
                    <failure message="EKS does not support Kubernetes 1.30 any more since 2026-07-23" type="eks-version">EKS does not support Kubernetes 1.30 any more since 2026-07-23
        Remedy: set a version that AWS supports, 1.35 say</failure>
                </testcase>
            </testsuite>
            <testsuite name="tags" tests="2" skipped="0" errors="0" failures="1">
                <testcase name="aws_iam_role.node" classname="preflight.tags" file="plan.json">
                    <failure message="the tag &quot;Owner&quot; holds an output that was not resolved: &quot;[object Object]&quot;" type="tags">the tag &quot;Owner&quot; holds an output that was not resolved: &quot;[object Object]&quot;
        Remedy: make the text from within the output (`pulumi.interpolate`, `apply`, `Output.concat`)</failure>
                </testcase>
                <testcase name="plan.json" classname="preflight.tags" file="plan.json">
                    <system-out>AWS takes the tags of the one thing that has some</system-out>
                </testcase>
            </testsuite>
        </testsuites>
    "#]].assert_eq(&shown);
}

#[test]
fn markdown_cannot_be_broken_by_a_tag() {
    let text = plan(&[("aws_iam_role", "r", json!({ "tags": { "a|b<img>": "x" } }))]);
    let ended = with(&text, "-o markdown --checks tags");
    assert!(ended.out.contains("a\\|b\\<img\\>"), "{}", ended.out);
}

#[test]
fn github_gets_annotations_on_stderr_and_the_step_summary_and_data_stays_data() {
    let call = Call::new(world());
    let summary = call.path("summary.md");
    let call = call.variable("GITHUB_ACTIONS", "true").variable("GITHUB_STEP_SUMMARY", &summary);
    let ended = on(&call, &broken(), "-o json");
    assert!(serde_json::from_str::<Value>(&ended.out).is_ok());
    assert!(ended.err.lines().any(|line| line.starts_with("::error file=")), "{}", ended.err);
    assert!(std::fs::read_to_string(summary).unwrap().contains("### aws-janitor preflight"));
    let ended = with(&broken(), "");
    assert!(!ended.err.contains("::error"), "nobody asked for annotations");
}

#[test]
fn a_warning_counts_only_when_strict() {
    let text = plan(&[("aws_eks_cluster", "main", json!({ "name": "demo-a3", "version": "1.32" }))]);
    assert_eq!(with(&text, "--checks eks-version").exit, Exit::Done);
    assert_eq!(with(&text, "--checks eks-version --strict").exit, Exit::Refused);
}

#[test]
fn what_cannot_be_told_is_six() {
    let text = plan(&[("aws_eks_cluster", "main", json!({ "name": "demo-a3", "version": "1.35" }))]);
    let mut inventory = recorded();
    inventory.gaps.insert(gap("eks-cluster", "denied"));
    let world = World { inventory: Some(inventory), ..world() };
    let ended = on(&Call::new(world), &text, "");
    assert_eq!(ended.exit, Exit::Unclear, "{}", ended.out);
    assert!(ended.out.contains("whether EKS cluster demo-a3 exists in us-east-1 is not known"));
}

#[test]
fn a_file_that_is_no_plan_ends_it_before_anything_is_called() {
    for (text, said) in [("", "empty"), ("{}", "plan"), ("{\"format_version\": \"1.2\", \"resource", "")] {
        let ended = with(text, "");
        assert_eq!(ended.exit, Exit::Error, "{}", ended.err);
        assert!(ended.err.contains(said) && ended.err.contains("hint:"), "{}", ended.err);
        assert_eq!(ended.fake.calls(), [""; 0]);
    }
    let missing = Call::new(world()).run("preflight nowhere.json");
    assert_eq!(missing.exit, Exit::Error);
    assert!(missing.err.contains("nowhere.json"));
}

#[test]
fn wrong_words_are_usage_errors() {
    for (line, said) in [
        ("--checks tag", "did you mean `tags`?"),
        ("--checks tags,-tags", "no check is left"),
        ("--parameter zones", "KEY=VALUE"),
        ("-o xml", "xml"),
        ("--region nowhere", "not the name of a region"),
    ] {
        let ended = with(&healthy(), line);
        assert_eq!(ended.exit, Exit::Usage, "{line}: {}", ended.err);
        assert!(ended.err.contains(said), "{line}: {}", ended.err);
        assert_eq!(ended.fake.calls(), [""; 0], "{line}");
    }
}

#[test]
fn a_region_that_no_file_tells_has_to_be_named() {
    let text = json!({
        "AWSTemplateFormatVersion": "2010-09-09",
        "Resources": { "Net": { "Type": "AWS::EC2::VPC", "Properties": { "CidrBlock": "10.0.0.0/16" } } },
    });
    let ended = with(&text.to_string(), "");
    assert_eq!(ended.exit, Exit::Usage, "{}", ended.err);
    assert!(ended.err.contains("--region") && ended.err.contains("Net"), "{}", ended.err);
    assert_eq!(with(&text.to_string(), "--region eu-west-1 --checks=-quotas").exit, Exit::Done);
    let two = with(&text.to_string(), "--region eu-west-1 --region us-east-1");
    assert_eq!(two.exit, Exit::Usage);
    let elsewhere = with(&healthy(), "--region eu-west-1");
    assert_eq!(elsewhere.exit, Exit::Usage);
    assert!(elsewhere.err.contains("is for us-east-1, and --region names eu-west-1"), "{}", elsewhere.err);
}

#[test]
fn what_belongs_to_no_region_and_what_changes_nothing_need_none() {
    let role = plan(&[("aws_iam_role", "node", json!({ "name": "demo-a3-node" }))]);
    assert_eq!(with(&role, "").exit, Exit::Done);
    let nothing = with(&healthy().replace("[\"create\"]", "[\"no-op\"]"), "");
    assert_eq!(nothing.exit, Exit::Done, "{}", nothing.err);
    assert_eq!(nothing.fake.calls(), [""; 0]);
}

#[test]
fn a_plan_for_another_account_is_an_error() {
    let text = json!({
        "StackName": "shop", "StackId": "arn:aws:cloudformation:us-east-1:210987654321:stack/shop/1",
        "ChangeSetName": "c", "Status": "CREATE_COMPLETE", "ExecutionStatus": "AVAILABLE",
        "Changes": [{ "Type": "Resource", "ResourceChange": {
            "Action": "Add", "LogicalResourceId": "Net", "ResourceType": "AWS::EC2::VPC", "Scope": [], "Details": [],
        } }],
    });
    let ended = with(&text.to_string(), "");
    assert_eq!(ended.exit, Exit::Error, "{}{}", ended.err, ended.out);
    assert!(ended.err.contains("210987654321") && ended.err.contains("--profile"), "{}", ended.err);
}

#[test]
fn checks_that_need_no_account_call_nothing() {
    let ended = with(&broken(), "--checks tags,helm-order,pulumi-config");
    assert_eq!(ended.exit, Exit::Refused);
    assert_eq!(ended.fake.calls(), [""; 0]);
}

#[test]
fn what_no_check_needs_is_not_asked() {
    let ended = with(&healthy(), "--checks region,eks-version");
    assert!(!ended.fake.calls().iter().any(|call| call == "eks_support" || call == "kms_aliases"));
    let ended = with(&broken(), "");
    for call in ["scan", "eks_support", "kms_aliases"] {
        assert_eq!(ended.fake.calls().iter().filter(|it| *it == call).count(), 1, "{call}");
    }
    assert_eq!(ended.fake.changes(), [""; 0]);
}

#[test]
fn where_addons_may_not_be_asked_for_versions_are_still_checked() {
    let text = plan(&[
        ("aws_eks_cluster", "main", json!({ "name": "demo-a3", "role_arn": "x" })),
        ("aws_eks_addon", "cni", json!({ "cluster_name": "demo-a3", "addon_name": "vpc-cni" })),
    ]);
    let line = "--checks eks-version,addon-version";
    let ended = with(&text, line);
    assert_eq!(ended.exit, Exit::Done, "the add-on of a default version is asked for in a second round");
    let call = Call::new(World { deny_addons: true, ..world() });
    let ended = on(&call, &text, line);
    assert_eq!(ended.exit, Exit::Unclear, "{}", ended.out);
    assert!(ended.out.contains("pass: eks-version"), "{}", ended.out);
    assert!(ended.err.contains("no add-ons for you"), "{}", ended.err);
}

#[test]
fn what_a_template_leaves_open_is_unclear() {
    let text = json!({
        "AWSTemplateFormatVersion": "2010-09-09",
        "Resources": { "Nested": {
            "Type": "AWS::CloudFormation::Stack",
            "Properties": { "TemplateURL": "https://example.com/nested.json" },
        } },
    });
    let ended = with(&text.to_string(), "--region us-east-1");
    assert_eq!(ended.exit, Exit::Unclear, "{}", ended.out);
    assert!(ended.out.contains("? unclear coverage Nested"), "{}", ended.out);
}

#[test]
fn a_saved_scan_serves_and_what_it_does_not_tell_is_unclear() {
    let call = Call::new(world());
    let scan = call.path("scan.json");
    std::fs::write(&scan, call.run("scan --region us-east-1 -o json").out).unwrap();
    let calls = call.fake.calls().len();
    let ended = on(&call, &broken(), &format!("--inventory {scan} --checks names {SELECT}"));
    assert!(ended.out.contains("an orphan of stack demo/a1 holds it"), "{}", ended.out);
    assert!(ended.out.contains("? unclear names aws_kms_alias.main"), "{}", ended.out);
    let ended = on(&call, &broken(), &format!("--inventory {scan} --checks eks-version"));
    assert_eq!(ended.exit, Exit::Unclear);
    let ended = on(&call, &broken(), &format!("--inventory {scan} --checks region"));
    assert_eq!(ended.exit, Exit::Done, "{}", ended.out);
    assert_eq!(call.fake.calls().len(), calls);
}

#[test]
fn a_project_file_is_read_by_name_and_beside_a_preview() {
    let call = Call::new(world());
    let project = "name: shop\nruntime: nodejs\nconfig:\n  aws:region:\n    default: us-east-1\n";
    std::fs::write(call.path("Pulumi.yaml"), project).unwrap();
    let named = call.run(&format!("preflight {}", call.path("Pulumi.yaml")));
    assert_eq!(named.exit, Exit::Refused, "{}{}", named.err, named.out);
    assert!(named.out.contains("Pulumi.yaml:4"), "{}", named.out);
    assert_eq!(call.fake.calls(), [""; 0]);
    let preview = json!({
        "config": { "aws:region": "us-east-1" },
        "steps": [{ "op": "create", "urn": "urn:pulumi:dev::shop::aws:ec2/vpc:Vpc::main", "newState": {
            "urn": "urn:pulumi:dev::shop::aws:ec2/vpc:Vpc::main", "custom": true, "type": "aws:ec2/vpc:Vpc",
            "inputs": { "cidrBlock": "10.0.0.0/16" },
        } }],
        "duration": 1, "changeSummary": { "create": 1 },
    });
    let beside = on(&call, &preview.to_string(), "--checks pulumi-config");
    assert_eq!(beside.exit, Exit::Refused, "{}{}", beside.err, beside.out);
}

#[test]
fn a_lock_beside_the_state_is_found() {
    let call = Call::new(world());
    let state = json!({ "version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "x", "outputs": {}, "resources": [] });
    let path = call.path("terraform.tfstate");
    std::fs::write(&path, state.to_string()).unwrap();
    let line = format!("--checks state-lock --state {path}");
    assert_eq!(on(&call, &healthy(), &line).exit, Exit::Done);
    let lock = json!({
        "ID": "0e2a7c4e-0000-0000-0000-000000000000", "Operation": "OperationTypeApply", "Info": "",
        "Who": "ci@runner", "Version": "1.11.4", "Created": "2026-11-21T09:00:00Z", "Path": "terraform.tfstate",
    });
    std::fs::write(call.path(".terraform.tfstate.lock.info"), lock.to_string()).unwrap();
    let ended = on(&call, &healthy(), &line);
    assert_eq!(ended.exit, Exit::Refused, "{}{}", ended.err, ended.out);
    assert!(ended.out.contains("ci@runner") && ended.out.contains("force-unlock 0e2a7c4e"), "{}", ended.out);
    std::fs::write(&path, "not a state").unwrap();
    assert_eq!(on(&call, &healthy(), &line).exit, Exit::Error, "a state that cannot be read is no free one");
}

#[test]
fn a_secret_of_the_plan_is_never_printed() {
    let text = plan(&[
        (
            "aws_launch_template",
            "lt",
            json!({ "name": "nodes", "image_id": "ami-1", "user_data": "aHVudGVyMg==" }),
        ),
        (
            "aws_eks_node_group",
            "ng",
            json!({ "cluster_name": "x", "launch_template": [{ "name": "nodes" }] }),
        ),
        ("aws_db_instance", "db", json!({ "password": "hunter2", "tags": { "a": "[object Object]" } })),
    ]);
    for format in ["table -vvv", "json", "markdown", "junit"] {
        let ended = with(&text, &format!("-o {format}"));
        let all = format!("{}{}", ended.out, ended.err);
        assert!(!all.contains("hunter2") && !all.contains("aHVudGVyMg"), "{format}");
    }
}
