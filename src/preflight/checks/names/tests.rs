use super::super::super::testing::{Item, World, cluster, item, text, unknown};
use super::*;
use crate::inventory::Gap;
use crate::inventory::testing::region;

fn role(name: &str) -> Item {
    item("aws_iam_role.node", "iam-role").with("name", text(name))
}

fn group(name: &str) -> Item {
    item("aws_cloudwatch_log_group.a", "log-group").with("name", text(name))
}

#[test]
fn a_name_that_exists_fails_and_a_free_one_passes() {
    let unique = kinds::rows().filter(|row| row.deployed.name != Naming::Free).map(|row| row.kind);
    for (kind, name) in unique.map(|kind| (kind, "shop")) {
        let mut world = World::new();
        world.add(item("a", kind).with("name", text(name)));
        assert_eq!(world.findings(CHECK)[0].outcome, Outcome::Pass, "{kind}");
        if kind == "kms-alias" {
            world.aliases = Ok([name.to_owned()].into());
        } else {
            world.live(kind, "some-id").name = Some(name.to_owned());
        }
        assert_eq!(world.findings(CHECK)[0].outcome, Outcome::Fail, "{kind}");
    }
}

#[test]
fn a_name_that_is_made_of_the_stacks_is_told_with_what_would_decide_it() {
    let mut world = World::new();
    world.add(role("x").with("name", Value::of_parameter(STACK_NAME)));
    let found = &world.findings(CHECK)[0];
    assert_eq!(found.outcome, Outcome::Warn);
    assert_eq!(found.remedy, "name the stack: --parameter AWS::StackName=NAME");
    world.add(role("x").with("name", unknown(&["aws_ssm_parameter.name"])));
    assert_eq!(world.findings(CHECK)[0].outcome, Outcome::Unclear, "another may be anything");
}

#[test]
fn an_orphan_that_holds_it_is_named_with_the_command_that_frees_it() {
    let mut world = World::new();
    world.live("iam-role", "shop-node");
    world.judged("iam-role", "shop-node", Verdict::Orphan, Some("shop/a1"));
    world.flags = " --profile dev".to_owned();
    world.select = vec!["tag:Project=shop".parse().expect("terms")];
    world.add(role("shop-node"));
    let found = &world.findings(CHECK)[0];
    assert!(found.evidence.contains("an orphan of stack shop/a1"), "{}", found.evidence);
    assert_eq!(
        found.remedy,
        "aws-janitor apply --select tag:Project=shop,stack=shop/a1 --region us-east-1 --profile dev"
    );
    let mut world = World::new();
    world.live("log-group", "/aws/eks/shop/cluster");
    world.judged("log-group", "/aws/eks/shop/cluster", Verdict::Orphan, None);
    world.add(group("/aws/eks/shop/cluster"));
    let remedy = &world.findings(CHECK)[0].remedy;
    assert!(
        remedy.ends_with("id=/aws/eks/shop/cluster --region us-east-1 --with-data log-group"),
        "{remedy}"
    );
}

#[test]
fn what_is_in_use_is_to_be_renamed_or_imported_never_deleted() {
    let mut world = World::new();
    world.live("iam-role", "shop-node");
    world.judged("iam-role", "shop-node", Verdict::Active, Some("shop/live"));
    world.add(role("shop-node"));
    let found = &world.findings(CHECK)[0];
    assert_eq!(found.outcome, Outcome::Fail);
    assert!(found.remedy.contains("import") && !found.remedy.contains("apply"));
}

#[test]
fn iam_takes_names_that_differ_in_case_for_one_and_log_groups_do_not() {
    let mut world = World::new();
    world.live("iam-role", "Shop-Node");
    world.live("log-group", "/Shop");
    world.add(role("shop-node"));
    world.add(group("/shop"));
    let outcomes: Vec<Outcome> = world.findings(CHECK).iter().map(|it| it.outcome).collect();
    assert_eq!(outcomes, [Outcome::Fail, Outcome::Pass]);
}

#[test]
fn another_region_and_another_kind_are_no_collision() {
    let mut world = World::new();
    world.live("log-group", "shop");
    world.live("iam-policy", "arn").name = Some("shop".to_owned());
    world.account.inventory.regions.insert(Region::new("eu-west-1"));
    world.add(group("shop").region("eu-west-1"));
    world.add(role("shop"));
    assert_eq!(world.findings(CHECK)[0].outcome, Outcome::Pass);
}

#[test]
fn what_could_not_be_read_is_unclear_never_free() {
    let mut world = World::new();
    let gap = Gap::new(KindName::of("log-group"), region(), "AccessDenied: no");
    world.account.inventory.gaps.insert(gap);
    world.add(group("shop"));
    let found = &world.findings(CHECK)[0];
    assert_eq!(found.outcome, Outcome::Unclear);
    assert!(found.evidence.contains("AccessDenied"));
    let mut world = World::new();
    world.add(group("shop").region("eu-west-1"));
    assert_eq!(world.findings(CHECK)[0].outcome, Outcome::Unclear, "a region that nobody read");
    let mut world = World::new();
    world.aliases = Err("AccessDenied".to_owned());
    world.add(item("k", "kms-alias").with("name", text("alias/shop")));
    assert_eq!(world.findings(CHECK)[0].outcome, Outcome::Unclear);
}

#[test]
fn a_name_made_twice_fails_also_over_two_files() {
    let mut world = World::new();
    world.add(role("shop"));
    let mut second = world.deployments[0].clone();
    second.source = "other.json".to_owned();
    world.deployments.push(second);
    let found = world.findings(CHECK);
    assert_eq!(found[0].outcome, Outcome::Fail);
    assert!(found[0].evidence.contains("plan.json") && found[0].source == "other.json");
}

#[test]
fn names_that_the_tool_makes_up_are_free_and_others_that_are_unknown_are_unclear() {
    let of = |name: Value| {
        let mut world = World::new();
        world.add(item("r", "iam-role").with("name", name).with("path", text("/")));
        world.findings(CHECK).remove(0).outcome
    };
    assert_eq!(of(Value::Null), Outcome::Skipped);
    assert_eq!(of(unknown(&[])), Outcome::Unclear);
    assert_eq!(of(unknown(&["module.x.random_id.suffix"])), Outcome::Skipped);
    for types in ["random:index/randomId:RandomId", "my:Net$random:index/randomId:RandomId"] {
        assert_eq!(of(unknown(&[&format!("urn:pulumi:a::shop::{types}::s")])), Outcome::Skipped, "{types}");
    }
    assert_eq!(of(unknown(&["aws_eks_cluster.a"])), Outcome::Unclear);
    let mut world = World::of_format(Format::CloudFormationTemplate);
    world.add(item("r", "iam-role").with("name", unknown(&[])).with("path", text("/")));
    assert_eq!(world.findings(CHECK)[0].outcome, Outcome::Unclear, "a parameter that nobody gave");
}

#[test]
fn a_name_made_from_a_known_prefix_collides_with_nothing() {
    let of = |prefix: Value| {
        let mut world = World::new();
        world.live("iam-role", "node-");
        world.add(item("r", "iam-role").with("name", unknown(&[])).with("name_prefix", prefix));
        world.findings(CHECK).remove(0).outcome
    };
    assert_eq!(of(text("node-")), Outcome::Skipped);
    assert_eq!(of(unknown(&[])), Outcome::Unclear, "either of the two may be set");
    assert_eq!(of(text("")), Outcome::Unclear, "an empty prefix is none");
    let mut world = World::new();
    world.live("iam-role", "shop");
    world.add(role("shop").with("name_prefix", text("sh")));
    assert_eq!(world.findings(CHECK)[0].outcome, Outcome::Fail, "a name that is known is the name");
}

#[test]
fn a_replacement_needs_its_name_free_only_if_the_new_one_comes_first() {
    let of = |order| {
        let mut world = World::new();
        world.live("iam-role", "shop");
        world.add(role("shop").replace(order));
        world.findings(CHECK)[0].outcome
    };
    assert_eq!(of(ReplaceOrder::CreateFirst), Outcome::Fail);
    assert_eq!(of(ReplaceOrder::DeleteFirst), Outcome::Skipped);
    let mut world = World::new();
    world.live("iam-role", "shop");
    world.add(role("shop").update());
    assert_eq!(world.findings(CHECK)[0].outcome, Outcome::Skipped);
}

#[test]
fn a_replacement_never_leads_to_a_command_that_deletes_what_it_replaces() {
    let mut world = World::new();
    world.live("iam-role", "shop");
    world.judged("iam-role", "shop", Verdict::Orphan, Some("shop/a1"));
    world.add(role("shop").replace(ReplaceOrder::CreateFirst));
    let found = world.findings(CHECK).remove(0);
    assert_eq!(found.outcome, Outcome::Fail);
    assert!(!found.remedy.contains("apply"), "{}", found.remedy);
}

#[test]
fn a_preview_that_hides_the_order_of_a_replacement_leaves_its_name_open() {
    let mut world = World::of_format(Format::PulumiPreview);
    world.live("iam-role", "shop");
    world.add(role("shop").replace(ReplaceOrder::CreateFirst));
    world.deployments[0].uncounted.push(crate::deployment::Uncounted {
        what: ORDER_OF_REPLACEMENTS.to_owned(),
        why: "the preview does not show it".to_owned(),
        weight: crate::deployment::Weight::Remark,
    });
    assert_eq!(world.findings(CHECK)[0].outcome, Outcome::Unclear);
}

#[test]
fn what_a_template_sets_nothing_of_has_no_name_of_its_own_and_elsewhere_that_is_not_known() {
    let of = |format| {
        let mut world = World::of_format(format);
        world.add(item("r", "iam-role"));
        world.findings(CHECK)[0].outcome
    };
    assert_eq!(of(Format::CloudFormationTemplate), Outcome::Skipped);
    assert_eq!(of(Format::CdkOut), Outcome::Skipped);
    assert_eq!(of(Format::CloudFormationChangeSet), Outcome::Unclear);
    assert_eq!(of(Format::PulumiEvents), Outcome::Unclear);
}

#[test]
fn a_template_may_update_the_stack_that_has_the_name() {
    let mut world = World::of_format(Format::CloudFormationTemplate);
    world.live("iam-role", "shop");
    world.add(role("shop"));
    assert_eq!(world.findings(CHECK)[0].outcome, Outcome::Warn);
    world.judged("iam-role", "shop", Verdict::Orphan, Some("shop/a1"));
    assert_eq!(world.findings(CHECK)[0].outcome, Outcome::Fail, "an orphan is no stack's");
}

#[test]
fn eks_makes_the_log_group_of_a_cluster_that_does_not_wait_for_it() {
    let of = |after: &[&str]| {
        let mut world = World::new();
        let types = Value::List(vec![text("api")]);
        world.add(cluster("c", "shop").with("enabled_cluster_log_types", types).after(after));
        world.add(group("/aws/eks/shop/cluster"));
        world.findings(CHECK)[0].outcome
    };
    assert_eq!(of(&[]), Outcome::Warn);
    assert_eq!(of(&["aws_cloudwatch_log_group.a"]), Outcome::Pass);
}

#[test]
fn where_a_plan_works_in_several_accounts_no_name_is_taken_and_none_is_free() {
    let mut world = World::new();
    world.live("iam-role", "shop");
    world.add(role("shop"));
    world.add(role("shop"));
    world.add(role("other"));
    world.deployments[0].uncounted.push(crate::deployment::Uncounted {
        what: format!("{}111111111111, 222222222222", crate::deployment::ACCOUNTS),
        why: "it is counted as if it were one".to_owned(),
        weight: crate::deployment::Weight::Remark,
    });
    let found = world.findings(CHECK);
    assert_eq!((found.len(), found[0].outcome), (1, Outcome::Unclear));
}

#[test]
fn where_a_file_does_not_tell_what_waits_for_what_nothing_races() {
    let mut world = World::new();
    let types = Value::List(vec![text("api")]);
    world.add(cluster("c", "shop").with("enabled_cluster_log_types", types));
    world.add(group("/aws/eks/shop/cluster"));
    world.deployments[0].uncounted.push(crate::deployment::Uncounted {
        what: crate::deployment::DEPENDENCIES.to_owned(),
        why: "the plan does not hold its configuration".to_owned(),
        weight: crate::deployment::Weight::Remark,
    });
    assert!(world.findings(CHECK).iter().all(|it| it.outcome != Outcome::Warn));
}
