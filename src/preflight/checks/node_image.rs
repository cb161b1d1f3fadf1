//! Finds node groups whose launch template brings an image or user data with which nodes cannot join.
//!
//! With an image of its own in the launch template EKS adds nothing to the user data, which then must hold
//! all that joins the cluster; nodes that do not join end as `NodeCreationFailure` after 15 minutes or more:
//! <https://docs.aws.amazon.com/eks/latest/userguide/launch-templates.html>

use std::collections::BTreeSet;

use crate::deployment::{Format, Item, Value};
use crate::model::deployed::Plays;
use crate::model::few;
use crate::model::index::By;

use super::super::scene::{File, Planned, Scene, TextValue};
use super::super::{CheckName, Finding, Outcome};
use super::user_data::{self, UserData};

const CHECK: CheckName = CheckName::NodeImage;

pub(super) fn look(scene: &Scene<'_>) -> Vec<Finding> {
    scene.changed_playing(Plays::NodeGroup).flat_map(|group| of_group(scene, group)).collect()
}

fn of_group(scene: &Scene<'_>, group: Planned<'_>) -> Vec<Finding> {
    let unclear = |why: String| vec![group.finding(CHECK, Outcome::Unclear, why, "")];
    if group.is_bare() {
        return unclear(format!("a {} tells no attributes", group.deployment.format.title()));
    }
    let reference = group.item.properties.at("launch_template");
    if reference.is_empty() {
        // No template, no image of its own.
        return Vec::new();
    }
    let template = match template(scene, group, reference) {
        Ok(template) => template,
        Err(why) => return unclear(why),
    };
    if template.is_bare() {
        return unclear(format!("the file tells no attributes of {}", template.item.address));
    }
    let mut findings = Vec::new();
    let data = template.item.properties.at("user_data");
    if let Value::Text(text) = data
        && takes_base64(template.deployment.format)
        && !user_data::is_base64(text)
        && !text.is_empty()
    {
        findings.push(group.finding(
            CHECK,
            Outcome::Fail,
            format!("the user data of {} is not in base64, and EC2 takes it in no other form", template.item.address),
            "encode it: `base64encode(…)` in Terraform, `Buffer.from(…).toString(\"base64\")` in a Pulumi program, `Fn::Base64` in a template",
        ));
    }
    // AWS fills no image in where none is named: so one that is not known yet is one that the file sets.
    match template.item.properties.at("image_id") {
        image if image.is_empty() => findings.push(image_of_eks(group, template, data)),
        image if image.is_open() && !image.is_looked_up() && data.is_empty() => {
            let why = format!(
                "the image of {} is not known before the deployment, and it has no user data",
                template.item.address
            );
            findings.extend(unclear(why));
        }
        _ => findings.extend(own_image(group, template, data)),
    }
    findings
}

/// The launch template that a node group names.
pub(super) fn template<'a>(
    scene: &Scene<'a>,
    group: Planned<'a>,
    reference: &Value,
) -> Result<Planned<'a>, String> {
    if reference.is_open() && (reference.sources().is_empty() || reference.is_looked_up()) {
        return Err("which launch template it uses is not known yet".to_owned());
    }
    let (id, name) = (reference.at("id"), reference.at("name"));
    let sources: Vec<&String> =
        id.sources().iter().chain(name.sources()).chain(reference.sources()).collect();
    let file = group.file;
    let is_template = |it: &Planned<'_>| it.plays(Plays::LaunchTemplate) && it.item.change.remains();
    let found: BTreeSet<usize> = sources.iter().filter_map(|address| file.items.place(address)).collect();
    let found: Vec<Planned<'a>> =
        found.into_iter().filter_map(|at| file.planned_at(at)).filter(is_template).collect();
    match found.as_slice() {
        [] => {}
        [only] => return Ok(*only),
        several => {
            let several: Vec<&Item> = several.iter().map(|it| it.item).collect();
            return Err(format!("it uses one of {}, and the file does not tell which", addresses(&several)));
        }
    }
    let mut files = [file].into_iter().chain(scene.files);
    if let Some(found) = files.find_map(|file| named(file, id, name)) {
        return Ok(found);
    }
    let which = id.as_text().or(name.as_text()).map(|it| format!("launch template {it}"));
    Err(match which {
        Some(which) => {
            format!("{which} is in none of the files, so that its image and user data are not known")
        }
        None => match file.remaining(Plays::LaunchTemplate) {
            [] => "its launch template is in none of the files".to_owned(),
            here => {
                format!("the file does not tell which launch template it uses; it has {}", addresses(here))
            }
        },
    })
}

/// The first launch template of a file that has this id or this name.
fn named<'a>(file: &'a File<'a>, id: &Value, name: &Value) -> Option<Planned<'a>> {
    let called = |by, value: &Value, property: &str| {
        let text = value.as_text()?;
        let mut called = file.items.called(Plays::LaunchTemplate, by, text);
        called.find(|it| it.change.remains() && it.properties.at(property).as_text() == Some(text))
    };
    let found = [called(By::Id, id, "id"), called(By::Name, name, "name")];
    let first = found.into_iter().flatten().min_by_key(|it| file.items.place(&it.address));
    first.map(|it| file.planned(it))
}

/// The first of them, for people.
fn addresses(all: &[&Item]) -> String {
    few(all.iter().map(|it| it.address.as_str()), 3)
}

/// The formats that tell user data as EC2 gets it; a change set may tell what stands in a `Fn::Base64`.
const fn takes_base64(format: Format) -> bool {
    match format {
        Format::TerraformPlan
        | Format::PulumiPreview
        | Format::PulumiEvents
        | Format::CloudFormationTemplate
        | Format::CdkOut => true,
        Format::TerraformLog | Format::CloudFormationChangeSet => false,
    }
}

/// A launch template with an image of its own.
fn own_image(group: Planned<'_>, template: Planned<'_>, data: &Value) -> Vec<Finding> {
    let mut findings = vec![joins(group, template, data)];
    if !group.item.change.makes() {
        // An update carries what AWS once filled in.
        return findings;
    }
    for (name, title) in
        [("ami_type", "AMI type"), ("version", "Kubernetes version"), ("release_version", "release")]
    {
        let TextValue::Text(value) = group.text(name) else { continue };
        if name == "ami_type" && value == "CUSTOM" {
            continue;
        }
        let evidence = format!(
            "it names {title} {value}, and its launch template {} has an image of its own: EKS refuses the two together",
            template.item.address
        );
        let remedy = format!("leave {name} away, or take image_id out of the launch template");
        findings.push(group.finding(CHECK, Outcome::Fail, evidence, remedy));
    }
    findings
}

/// What user data has to hold where EKS adds none.
const FULL: &str = "give it user data that joins the cluster (Bottlerocket: TOML with api-server, cluster-certificate \
                    and cluster-name under settings.kubernetes; Amazon Linux 2023: a NodeConfig), or leave image_id away";

/// Whether nodes of an image of the user's own can join.
pub(super) fn joins(group: Planned<'_>, template: Planned<'_>, data: &Value) -> Finding {
    let own = format!("{} has an image of its own", template.item.address);
    let finding = |outcome, evidence: String, remedy: &str| group.finding(CHECK, outcome, evidence, remedy);
    match data {
        Value::Text(text) if !text.trim().is_empty() => of_form(group, template, &user_data::read(text)),
        Value::Unknown(from) => match cluster_among(template, from) {
            Some(cluster) => {
                let why = format!("{own}, and its user data is made of what {cluster} will be");
                finding(Outcome::Pass, why, "")
            }
            None => {
                let why = format!("{own}, and its user data is not known before the deployment");
                finding(Outcome::Unclear, why, "")
            }
        },
        Value::Secret => {
            finding(Outcome::Unclear, format!("{own}, and its user data is marked as sensitive"), "")
        }
        _ => {
            let why = format!("{own} and no user data: EKS adds none, so that no node joins");
            finding(Outcome::Fail, why, FULL)
        }
    }
}

/// The cluster that user data is made of which is not known yet: its endpoint and certificate are known when it
/// is there, and nobody needs them but to join it. Tools that wait in between (`time_sleep`) hand them on.
fn cluster_among<'a>(template: Planned<'a>, from: &[String]) -> Option<&'a str> {
    let items = &template.file.items;
    let among = |addresses: &[String]| {
        let named = addresses.iter().filter_map(|address| items.at(address));
        let clusters = named.filter(|it| template.file.planned(it).plays(Plays::Cluster));
        clusters.filter(|it| it.change.makes()).map(|it| it.address.as_str()).min()
    };
    let handed_on = from.iter().filter_map(|address| items.at(address)).filter(|it| it.kind.is_none());
    among(from).or_else(|| handed_on.filter_map(|it| among(&it.after)).min())
}

/// The same, by what the user data is.
fn of_form(group: Planned<'_>, template: Planned<'_>, data: &UserData) -> Finding {
    let address = &template.item.address;
    let (outcome, evidence, remedy) = match data {
        UserData::Bottlerocket(missing) if missing.is_empty() => {
            (Outcome::Pass, format!("the user data of {address} names the cluster for Bottlerocket"), "")
        }
        UserData::Bottlerocket(missing) => (
            Outcome::Fail,
            format!(
                "{address} has an image of its own, and its Bottlerocket user data misses {} under settings.kubernetes: no node joins",
                missing.join(", ")
            ),
            "set them from the cluster's endpoint, certificate authority and name",
        ),
        UserData::Unresolved => (
            Outcome::Fail,
            format!("the user data of {address} holds an output that was not resolved"),
            RESOLVE,
        ),
        UserData::BrokenToml(line) => {
            let line = line.map(|line| format!(" (line {line})")).unwrap_or_default();
            let evidence = format!("the user data of {address} is no TOML{line}");
            (Outcome::Fail, evidence, "correct it: Bottlerocket reads nothing else")
        }
        UserData::Script(script) if !script.missing.is_empty() => (
            Outcome::Fail,
            format!(
                "{address} has an image of its own, and the NodeConfig in its user data misses {} of the cluster: nodeadm does not start",
                script.missing.join(", ")
            ),
            "set them under spec.cluster from the cluster's endpoint, certificate authority and service range",
        ),
        UserData::Script(script) if script.joins => {
            (Outcome::Pass, format!("the user data of {address} joins the cluster"), "")
        }
        UserData::Script(_) => (
            Outcome::Warn,
            format!(
                "{address} has an image of its own, and its user data calls nothing known that joins a cluster"
            ),
            "call bootstrap.sh or bring a NodeConfig, unless the image joins by itself",
        ),
        UserData::Unreadable | UserData::Other => (
            Outcome::Unclear,
            format!("{address} has an image of its own, and its user data is of no known form"),
            "",
        ),
    };
    group.finding(CHECK, outcome, evidence, remedy)
}

const RESOLVE: &str = "make the text from within the output (`pulumi.interpolate`, `apply`, `Output.concat`)";

/// What EKS takes where a node group names no AMI type.
const DEFAULT_AMI: &str = "Amazon Linux";

fn is_linux(ami: &str) -> bool {
    ami.starts_with("AL2") || ami == DEFAULT_AMI
}

/// An image of EKS's own, with which EKS merges the user data, if that is of the form it takes.
fn image_of_eks(group: Planned<'_>, template: Planned<'_>, data: &Value) -> Finding {
    let address = &template.item.address;
    let ami = match group.text("ami_type") {
        TextValue::Text(ami) => ami,
        // Where nobody names one, EKS takes an Amazon Linux:
        // <https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateNodegroup.html>
        TextValue::Absent if group.item.change.makes() => DEFAULT_AMI.to_owned(),
        TextValue::Absent | TextValue::Open(_) => String::new(),
    };
    let pass = || {
        let evidence = format!("{address} names no image, so that EKS adds what joins the cluster");
        group.finding(CHECK, Outcome::Pass, evidence, "")
    };
    let Value::Text(text) = data else { return pass() };
    if text.trim().is_empty() {
        return pass();
    }
    let read = user_data::read(text);
    let wanted = match (ami.as_str(), &read) {
        (_, UserData::Unreadable) => return pass(),
        (_, UserData::Unresolved) => {
            let evidence = format!("the user data of {address} holds an output that was not resolved");
            return group.finding(CHECK, Outcome::Warn, evidence, RESOLVE);
        }
        (ami, UserData::Bottlerocket(_)) if ami.starts_with("BOTTLEROCKET") => return pass(),
        (ami, _) if ami.starts_with("BOTTLEROCKET") => "TOML",
        (ami, UserData::Script(script)) if is_linux(ami) && !script.is_mime => "MIME parts",
        (ami, UserData::Bottlerocket(_) | UserData::BrokenToml(_)) if is_linux(ami) => "MIME parts",
        (_, _) => return pass(),
    };
    group.finding(
        CHECK,
        Outcome::Fail,
        format!("the user data of {address} is not in the form that EKS merges for {ami}: {wanted}"),
        format!("write it as {wanted}"),
    )
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{Item, World, item, map, text, unknown};
    use super::*;

    /// The base64 form, written by hand here so that the check's own reading is tested against another.
    fn base64(text: &str) -> Value {
        const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let mut out = String::new();
        for group in text.as_bytes().chunks(3) {
            let bits = group.iter().fold(0_usize, |bits, byte| bits << 8 | usize::from(*byte))
                << (8 * (3 - group.len()));
            for place in 0..4 {
                let digit = if place <= group.len() { DIGITS[bits >> (18 - 6 * place) & 63] } else { b'=' };
                out.push(char::from(digit));
            }
        }
        Value::text(out)
    }

    const BOTTLEROCKET: &str = "[settings.kubernetes]\napi-server = \"https://x\"\ncluster-certificate = \"Yg==\"\ncluster-name = \"shop\"\n";

    fn group() -> Item {
        item("ng", "eks-nodegroup").with("launch_template", map(&[("id", unknown(&["lt"]))]))
    }

    fn of_both(group: Item, template: Item) -> Vec<Finding> {
        let mut world = World::new();
        world.add(template.with("name", text("nodes")));
        world.add(group);
        world.findings(CHECK)
    }

    fn template() -> Item {
        item("lt", "launch-template").with("image_id", text("ami-1"))
    }

    fn of(data: Value) -> Finding {
        of_both(group(), template().with("user_data", data)).remove(0)
    }

    #[test]
    fn an_image_of_ones_own_without_user_data_fails_and_with_whole_data_passes() {
        assert_eq!(of(Value::Null).outcome, Outcome::Fail);
        assert_eq!(of(text("  ")).outcome, Outcome::Fail);
        assert_eq!(of(base64(BOTTLEROCKET)).outcome, Outcome::Pass);
        assert_eq!(of(base64("#!/bin/bash\n/etc/eks/bootstrap.sh shop")).outcome, Outcome::Pass);
    }

    #[test]
    fn bottlerocket_data_without_a_certificate_fails_by_that_name_and_prints_nothing_of_it() {
        let data = BOTTLEROCKET.replace("cluster-certificate", "secret-thing");
        let found = of(base64(&data));
        assert_eq!(found.outcome, Outcome::Fail);
        assert!(found.evidence.contains("cluster-certificate"));
        for part in ["secret-thing", "https://x", "Yg=="] {
            assert!(!format!("{found:?}").contains(part), "{part} of the user data is printed");
        }
    }

    #[test]
    fn user_data_that_is_made_of_the_new_cluster_can_name_it() {
        let of = |from: &str, of_cluster: Item| {
            let mut world = World::new();
            world.add(of_cluster);
            world.add(item("time_sleep.a", "x").of_type("time_sleep").after(&["aws_eks_cluster.a"]));
            world.add(item("role", "iam-role").after(&["aws_eks_cluster.a"]));
            world.add(template().with("user_data", unknown(&[from])));
            world.add(group());
            world.findings(CHECK).remove(0).outcome
        };
        let made = || item("aws_eks_cluster.a", "eks-cluster");
        assert_eq!(of("aws_eks_cluster.a", made()), Outcome::Pass);
        assert_eq!(of("time_sleep.a", made()), Outcome::Pass, "what waits in between hands it on");
        assert_eq!(of("role", made()), Outcome::Unclear, "what waits for a cluster is no part of it");
        assert_eq!(of("aws_s3_object.a", made()), Outcome::Unclear);
        assert_eq!(of("aws_eks_cluster.a", made().update()), Outcome::Unclear, "that is known before");
    }

    #[test]
    fn user_data_that_cannot_be_told_is_unclear() {
        for data in
            [unknown(&["aws_eks_cluster.a"]), Value::Secret, base64("hello"), text("H4sIAAAAAAAA/w==")]
        {
            assert_eq!(of(data).outcome, Outcome::Unclear);
        }
    }

    #[test]
    fn an_image_that_is_not_known_yet_is_still_an_image() {
        for image in [unknown(&["data.aws_ssm_parameter.x"]), unknown(&[])] {
            let lt = || item("lt", "launch-template").with("image_id", image.clone());
            assert_eq!(of_both(group(), lt())[0].outcome, Outcome::Unclear);
            let joining = lt().with("user_data", base64(BOTTLEROCKET));
            assert_eq!(of_both(group(), joining)[0].outcome, Outcome::Pass);
        }
    }

    #[test]
    fn an_image_that_is_looked_up_by_its_name_is_one_of_ones_own() {
        let template = item("lt", "launch-template").with("image_id", Value::looked_up());
        assert_eq!(of_both(group(), template)[0].outcome, Outcome::Fail);
    }

    #[test]
    fn user_data_that_holds_an_output_that_was_not_resolved_fails() {
        let data =
            BOTTLEROCKET.replace("https://x", "Calling [toString] on an [Output<T>] is not supported.");
        assert_eq!(of(base64(&data)).outcome, Outcome::Fail);
        let script = "#!/bin/bash\n/etc/eks/bootstrap.sh [object Object]";
        assert_eq!(of(base64(script)).outcome, Outcome::Fail);
    }

    #[test]
    fn a_node_config_that_names_no_cluster_fails_beside_an_image_of_ones_own_alone() {
        let mime = "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"b\"\n\n--b\n\nkind: NodeConfig\nspec: { kubelet: {} }\n--b--";
        let found = of(base64(mime));
        assert_eq!(found.outcome, Outcome::Fail);
        assert!(found.evidence.contains("apiServerEndpoint"), "{}", found.evidence);
        let merged = item("lt", "launch-template").with("user_data", base64(mime));
        assert_eq!(of_both(group(), merged)[0].outcome, Outcome::Pass, "EKS adds the cluster");
    }

    #[test]
    fn a_group_without_an_ami_type_takes_mime_parts_as_amazon_linux_does() {
        let lt = || item("lt", "launch-template").with("user_data", base64("#!/bin/bash\nyum -y update"));
        let found = of_both(group(), lt());
        assert_eq!(found[0].outcome, Outcome::Fail);
        assert!(found[0].evidence.contains("for Amazon Linux: MIME parts"), "{}", found[0].evidence);
        assert_eq!(
            of_both(group().update(), lt())[0].outcome,
            Outcome::Pass,
            "it may have another type by now"
        );
        assert_eq!(of_both(group().with("ami_type", unknown(&[])), lt())[0].outcome, Outcome::Pass);
    }

    #[test]
    fn an_output_that_was_not_resolved_warns_beside_an_image_of_eks() {
        let mime = "MIME-Version: 1.0\n\n--b\n\n#!/bin/bash\necho [object Object]\n--b--";
        let lt = item("lt", "launch-template").with("user_data", base64(mime));
        assert_eq!(of_both(group(), lt)[0].outcome, Outcome::Warn);
    }

    #[test]
    fn a_script_that_joins_nothing_warns() {
        assert_eq!(of(base64("#!/bin/bash\nyum -y update")).outcome, Outcome::Warn);
    }

    #[test]
    fn user_data_in_plain_text_is_refused_by_ec2() {
        for format in [Format::TerraformPlan, Format::PulumiPreview, Format::CloudFormationTemplate] {
            let mut world = World::of_format(format);
            world.add(template().with("user_data", text(BOTTLEROCKET)).with("name", text("nodes")));
            world.add(group());
            let found = world.findings(CHECK).remove(0);
            assert_eq!(found.outcome, Outcome::Fail, "{format:?}");
            assert!(found.evidence.contains("base64"));
        }
    }

    #[test]
    fn an_ami_type_or_a_version_beside_an_image_is_refused() {
        let whole = || template().with("user_data", base64(BOTTLEROCKET));
        for (name, value) in
            [("ami_type", "BOTTLEROCKET_x86_64"), ("version", "1.35"), ("release_version", "1.35-1")]
        {
            let found = of_both(group().with(name, text(value)), whole());
            assert_eq!(found[0].outcome, Outcome::Fail, "{name}");
            assert!(found[0].remedy.contains(name));
            let updated = of_both(group().with(name, text(value)).update(), whole());
            assert_eq!(updated[0].outcome, Outcome::Pass, "an update carries what AWS filled in");
        }
        assert_eq!(of_both(group().with("ami_type", text("CUSTOM")), whole())[0].outcome, Outcome::Pass);
        assert_eq!(of_both(group().with("ami_type", unknown(&[])), whole())[0].outcome, Outcome::Pass);
    }

    #[test]
    fn with_an_image_of_eks_the_data_need_not_join_but_must_be_of_its_form() {
        let of = |ami: &str, data: &str| {
            let template = item("lt", "launch-template").with("user_data", base64(data));
            of_both(group().with("ami_type", text(ami)), template).remove(0).outcome
        };
        assert_eq!(
            of("BOTTLEROCKET_x86_64", "[settings.host-containers.admin]\nenabled = true"),
            Outcome::Pass
        );
        assert_eq!(of("BOTTLEROCKET_x86_64", "#!/bin/bash\necho"), Outcome::Fail);
        assert_eq!(of("AL2023_x86_64_STANDARD", "#!/bin/bash\necho"), Outcome::Fail);
        assert_eq!(of("AL2023_x86_64_STANDARD", "MIME-Version: 1.0\n\necho"), Outcome::Pass);
        let none = of_both(group(), item("lt", "launch-template"));
        assert_eq!(none[0].outcome, Outcome::Pass);
    }

    #[test]
    fn a_template_is_found_by_reference_id_or_name_and_another_is_unclear() {
        let by = |reference: Value| {
            let group = item("ng", "eks-nodegroup").with("launch_template", reference);
            of_both(group, template().with("id", text("lt-1"))).remove(0).outcome
        };
        assert_eq!(by(map(&[("id", text("lt-1"))])), Outcome::Fail);
        assert_eq!(by(Value::List(vec![map(&[("name", text("nodes"))])])), Outcome::Fail);
        assert_eq!(by(map(&[("id", text("lt-2"))])), Outcome::Unclear);
        assert_eq!(by(unknown(&["data.x"])), Outcome::Unclear);
    }

    #[test]
    fn one_of_several_templates_is_unclear_and_none_is_called_missing_that_is_there() {
        let of = |reference: Value| {
            let mut world = World::new();
            world.add(item("lt", "launch-template").with("user_data", text("")));
            world.add(item("lt2", "launch-template").with("image_id", text("ami-1")));
            world.add(item("ng", "eks-nodegroup").with("launch_template", map(&[("id", reference)])));
            world.findings(CHECK).remove(0)
        };
        let found = of(unknown(&["lt", "lt2"]));
        assert_eq!(found.outcome, Outcome::Unclear, "one of them would pass");
        assert!(found.evidence.contains("one of lt, lt2"), "{}", found.evidence);
        let found = of(unknown(&[]));
        assert_eq!(found.outcome, Outcome::Unclear);
        assert!(found.evidence.contains("it has lt, lt2"), "{}", found.evidence);
        assert_eq!(of(unknown(&["lt2"])).outcome, Outcome::Fail);
    }

    #[test]
    fn a_group_without_a_template_is_healthy() {
        let mut world = World::new();
        world.add(item("ng", "eks-nodegroup").with("cluster_name", text("shop")));
        assert_eq!(world.findings(CHECK)[0].outcome, Outcome::Skipped);
    }
}
