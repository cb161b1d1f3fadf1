//! What people deploy clusters with, each with every failure that this program looks for, and with the right way
//! to do the same: the first is found, the second passes, and nothing at all ends with 0.

mod cdk;
mod eksctl;
mod terraform;

use std::collections::BTreeSet;

use aws_janitor::cli::Exit;
use aws_janitor::preflight::{AddonSupport, ClusterSupport, Support};
use serde_json::{Value, json};

use crate::fake::{World, recorded};
use crate::{Call, Ended};

/// Files of one deployment: their paths within a folder, and their texts.
#[derive(Clone)]
struct Files {
    all: Vec<(String, Value)>,
    /// What is given to the command.
    given: Vec<&'static str>,
}

impl Files {
    fn of(all: &[(&'static str, Value)]) -> Self {
        let given = all.iter().map(|(name, _)| *name).collect();
        Self { all: all.iter().map(|(name, text)| ((*name).to_owned(), text.clone())).collect(), given }
    }

    fn write(&self, call: &Call) -> String {
        for (name, text) in &self.all {
            let path = std::path::PathBuf::from(call.path(name));
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text.to_string()).unwrap();
        }
        self.given.iter().map(|name| call.path(name)).collect::<Vec<_>>().join(" ")
    }
}

/// What people deploy with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tool {
    /// The module terraform-aws-eks in its 20th version, with terraform-aws-vpc.
    TerraformEks20,
    /// The same in its 21st.
    TerraformEks21,
    /// The module terraform-aws-vpc, with a cluster of the user's own beside.
    TerraformVpc,
    /// The templates of eksctl.
    Eksctl,
    /// A cluster of the CDK's L2.
    Cdk,
}

const TOOLS: [Tool; 5] =
    [Tool::TerraformEks20, Tool::TerraformEks21, Tool::TerraformVpc, Tool::Eksctl, Tool::Cdk];

/// What is wrong with a deployment, or done as it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// A launch template with an image of the user's own: without user data, or with what joins the cluster.
    OwnImage,
    /// A tag's key: with this in it, or with a word about outputs.
    TagKey(&'static str),
    /// A Helm release that waits for its pods: for no nodes, or for them.
    Release,
    /// A workload that waits for its pods: for no nodes, or for them.
    Workload,
    /// The network plugin, in a cluster that brings none: after the nodes, or before.
    NetworkPlugin,
    /// A version out of support, or in it.
    Version,
    /// Auto Mode with a version too old for it, or with one that it takes.
    AutoMode,
    /// The version of an add-on for another version of Kubernetes, or for this one.
    AddOn,
    /// The cluster-autoscaler of another minor version, or of this one.
    Autoscaler,
}

const PARTS: [(Part, &str, &str); 11] = [
    (Part::OwnImage, "node-image", "fail"),
    (Part::TagKey("[object Object]"), "tags", "fail"),
    (Part::TagKey("Calling [toString] on an [Output<T>] is not supported."), "tags", "fail"),
    (Part::TagKey("for-${Token[TOKEN.123]}"), "tags", "fail"),
    (Part::Release, "helm-order", "fail"),
    (Part::Workload, "helm-order", "fail"),
    (Part::NetworkPlugin, "helm-order", "fail"),
    (Part::Version, "eks-version", "fail"),
    (Part::AutoMode, "eks-version", "fail"),
    (Part::AddOn, "addon-version", "fail"),
    (Part::Autoscaler, "cluster-autoscaler", "warn"),
];

/// How a part is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Done {
    Wrong,
    Right,
}

/// The deployment with nothing put into it.
fn quiet(tool: Tool) -> Files {
    match tool {
        Tool::TerraformEks20 | Tool::TerraformEks21 | Tool::TerraformVpc => terraform::quiet(tool).files(),
        Tool::Eksctl => eksctl::quiet(),
        Tool::Cdk => cdk::quiet().files(),
    }
}

/// The deployment with one part put into it.
fn with(tool: Tool, part: Part, done: Done) -> Files {
    match tool {
        Tool::TerraformEks20 | Tool::TerraformEks21 | Tool::TerraformVpc => {
            terraform::with(tool, part, done).files()
        }
        Tool::Eksctl => eksctl::with(part, done),
        Tool::Cdk => cdk::with(part, done).files(),
    }
}

/// An account with room, in which nothing stands.
fn world() -> World {
    let mut world = crate::preflight::world();
    let mut inventory = recorded();
    inventory.resources.clear();
    world.inventory = Some(inventory);
    world.aliases.clear();
    for name in ["m6i.large", "m5.large", "t3.medium"] {
        world.vcpus.insert(name.to_owned(), 2);
    }
    let coredns = AddonSupport { versions: vec!["v1.13.1-eksbuild.1".to_owned()], default: None };
    world.eks.addons.insert(("coredns".to_owned(), "1.35".to_owned()), coredns);
    let old = ClusterSupport {
        support: Support::Extended,
        standard_until: None,
        extended_until: None,
        is_default: false,
    };
    world.eks.clusters.insert("1.28".to_owned(), old);
    for version in ["1.28", "1.30"] {
        for (addon, listed) in [("vpc-cni", "v1.20.4-eksbuild.2"), ("coredns", "v1.13.1-eksbuild.1")] {
            let support = AddonSupport { versions: vec![listed.to_owned()], default: None };
            world.eks.addons.insert((addon.to_owned(), version.to_owned()), support);
        }
    }
    world
}

fn run(world: World, files: &Files, line: &str) -> (Ended, Value) {
    let call = Call::new(world);
    let given = files.write(&call);
    let ended = call.run(&format!("preflight {given} --region us-east-1 -o json {line}"));
    let document = serde_json::from_str(&ended.out).unwrap_or_else(|_| panic!("{}", ended.err));
    (ended, document)
}

/// The findings of these outcomes, as `check subject`.
fn told(document: &Value, outcomes: &[&str]) -> BTreeSet<String> {
    let all = document["findings"].as_array().unwrap().iter();
    all.filter(|it| outcomes.iter().any(|outcome| it["outcome"] == **outcome))
        .map(|it| {
            let text = |name: &str| it[name].as_str().unwrap_or_default().to_owned();
            format!("{} {}: {}", text("check"), text("subject"), text("evidence"))
        })
        .collect()
}

#[test]
fn a_quiet_account_takes_each_of_them() {
    for tool in TOOLS {
        let (ended, document) = run(world(), &quiet(tool), "");
        let told = told(&document, &["fail", "unclear"]);
        assert_eq!((ended.exit, told), (Exit::Done, BTreeSet::new()), "{tool:?}");
    }
}

#[test]
fn each_failure_is_found_in_each_of_them_and_the_right_way_is_not() {
    let mut wrong = Vec::new();
    for tool in TOOLS {
        for (part, check, outcome) in PARTS {
            wrong.extend(missed(tool, part, check, outcome));
            wrong.extend(flagged(tool, part, check));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What is not as it should be where a part is done wrong: it has to be found, and nothing else fails.
fn missed(tool: Tool, part: Part, check: &str, outcome: &str) -> Option<String> {
    let (ended, document) = run(world(), &with(tool, part, Done::Wrong), "");
    let is_of_check = |it: &String| it.split(' ').next() == Some(check);
    let found = told(&document, &[outcome]).iter().any(is_of_check);
    let alone = told(&document, &["fail"]).iter().all(is_of_check);
    let exit = if outcome == "fail" { Exit::Refused } else { Exit::Done };
    let all = told(&document, &["fail", "unclear", "warn"]);
    (!found || !alone || ended.exit != exit).then(|| format!("{tool:?} {part:?}: {:?} {all:#?}", ended.exit))
}

/// What is told where it is done right: nothing that fails or cannot be told, and no warning of the check.
fn flagged(tool: Tool, part: Part, check: &str) -> Option<String> {
    let (ended, document) = run(world(), &with(tool, part, Done::Right), "");
    let mut all = told(&document, &["fail", "unclear"]);
    let warned = told(&document, &["warn"]);
    all.extend(warned.into_iter().filter(|it| it.split(' ').next() == Some(check)));
    (!all.is_empty() || ended.exit != Exit::Done)
        .then(|| format!("{tool:?} {part:?}, done right: {:?} {all:#?}", ended.exit))
}

#[test]
fn addresses_that_leftovers_hold_are_named_with_the_stack_and_the_command_that_frees_them() {
    const SELECT: &str = "--select tag:Project=demo --protect stack=demo/live";
    let full = || {
        let mut world = World { inventory: None, ..world() };
        let place = (aws_janitor::model::Region::new("us-east-1"), "eip".to_owned());
        world.limits.limits.get_mut(&place).unwrap().value = 3;
        world
    };
    for tool in TOOLS {
        let (ended, document) = run(full(), &quiet(tool), SELECT);
        let findings = document["findings"].as_array().unwrap().iter();
        let short: Vec<&Value> =
            findings.filter(|it| it["check"] == "quotas" && it["outcome"] == "fail").collect();
        let [short] = short.as_slice() else { panic!("{tool:?}: {document:#}") };
        assert_eq!(short["subject"], "eip in us-east-1", "{tool:?}");
        assert!(short["evidence"].as_str().unwrap().contains("demo/a1 2 (orphans)"), "{tool:?}: {short}");
        let remedy = short["remedy"].as_str().unwrap();
        assert!(remedy.starts_with("aws-janitor apply --select tag:Project=demo,stack=demo/a1"), "{remedy}");
        assert_eq!(ended.exit, Exit::Short, "{tool:?}");
        // Nothing selected: nothing is anybody's leftover, and the command asks AWS for more.
        let (_, document) = run(full(), &quiet(tool), "");
        let told = told(&document, &["fail"]);
        assert!(told.iter().all(|it| !it.contains("(orphans)")), "{tool:?}: {told:#?}");
        // With room for them the same leftovers are in nobody's way.
        let mut roomy = full();
        let place = (aws_janitor::model::Region::new("us-east-1"), "eip".to_owned());
        roomy.limits.limits.get_mut(&place).unwrap().value = 4;
        let (ended, _) = run(roomy, &quiet(tool), SELECT);
        assert_eq!(ended.exit, Exit::Done, "{tool:?}");
    }
}

#[test]
fn a_project_file_beside_is_looked_at_whatever_wrote_the_plan() {
    for (member, exit) in [("default", Exit::Refused), ("value", Exit::Done)] {
        for tool in TOOLS {
            let files = quiet(tool);
            let call = Call::new(world());
            let given = files.write(&call);
            let text =
                format!("name: shop\nruntime: nodejs\nconfig:\n  aws:region:\n    {member}: us-east-1\n");
            std::fs::write(call.path("Pulumi.yaml"), text).unwrap();
            let project = call.path("Pulumi.yaml");
            let ended = call.run(&format!("preflight {given} {project} --region us-east-1"));
            assert_eq!(ended.exit, exit, "{tool:?} {member}: {}{}", ended.out, ended.err);
            assert_eq!(ended.out.contains("fail pulumi-config aws:region"), member == "default", "{tool:?}");
        }
    }
}

#[test]
fn the_default_nodes_of_the_cdk_fail_from_kubernetes_1_33_on() {
    let (ended, document) = run(world(), &cdk::with_default_nodes().files(), "");
    let told = told(&document, &["fail"]);
    assert_eq!(ended.exit, Exit::Refused, "{told:#?}");
    assert!(told.iter().all(|it| it.starts_with("ami-type ")) && told.len() == 1, "{told:#?}");
}

/// JSON of the project's own data.
fn data(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// The values of the cluster-autoscaler's chart.
fn autoscaler(tag: &str) -> Value {
    json!({ "autoDiscovery": { "clusterName": "shop" }, "image": { "tag": tag } })
}

const TAGS: [&str; 2] = ["v1.29.0", "v1.35.0"];

fn tag(done: Done) -> &'static str {
    match done {
        Done::Wrong => TAGS[0],
        Done::Right => TAGS[1],
    }
}
