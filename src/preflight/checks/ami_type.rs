//! Finds node groups whose AMI type fits neither their Kubernetes version nor their instance types: EKS refuses
//! to make them, when the cluster stands and is paid for.
//!
//! AMI types: <https://docs.aws.amazon.com/eks/latest/APIReference/API_Nodegroup.html>. Which image goes with
//! which processor: <https://docs.aws.amazon.com/eks/latest/userguide/choosing-instance-type.html>.

use std::collections::BTreeSet;

use crate::deployment::Value;
use crate::model::deployed::Plays;
use crate::model::instance_type::Architecture;

use super::super::eks_facts::{CHECKED, ENDED_FAMILIES, EndedFamily};
use super::super::scene::{Minor, Planned, Scene, TextValue};
use super::super::{CheckName, Finding, Outcome};
use super::node_image;

const CHECK: CheckName = CheckName::AmiType;

pub(super) fn look(scene: &Scene<'_>) -> Vec<Finding> {
    let groups = scene.changed_playing(Plays::NodeGroup);
    groups.flat_map(|group| of_version(scene, group).into_iter().chain(of_processor(scene, group))).collect()
}

/// A family of images that ends before the group's Kubernetes version.
fn of_version(scene: &Scene<'_>, group: Planned<'_>) -> Option<Finding> {
    let TextValue::Text(ami) = group.text("ami_type") else { return None };
    let family = ENDED_FAMILIES.iter().find(|it| ami.starts_with(it.begins))?;
    let version = version(scene, group)?
        .and_then(|text| Minor::of(&text).ok_or_else(|| format!("{text} is no Kubernetes version")));
    let EndedFamily { title, last, instead, .. } = family;
    let remedy = format!("take an AMI type that begins with {instead}, and migrate what its user data does");
    Some(match version {
        Ok(version) if version > *last => {
            let evidence = format!(
                "EKS makes no {title} ({ami}) for Kubernetes {version}: {last} is the last that it takes with it (checked {CHECKED})"
            );
            group.finding(CHECK, Outcome::Fail, evidence, remedy)
        }
        Ok(version) => {
            let evidence = format!("EKS takes {ami} with Kubernetes {version}");
            group.finding(CHECK, Outcome::Pass, evidence, "")
        }
        Err(why) => {
            let evidence = format!("{ami} goes with Kubernetes {last} at most, and {why}");
            group.finding(CHECK, Outcome::Unclear, evidence, remedy)
        }
    })
}

/// The Kubernetes version of a group: its own, else its cluster's. `None` for a change that names none: it
/// leaves the group at its version, which may be older than the cluster's.
fn version(scene: &Scene<'_>, group: Planned<'_>) -> Option<Result<String, String>> {
    let of_cluster = || scene.version_of(&scene.cluster_of(group));
    match group.text("version") {
        TextValue::Text(version) => return Some(Ok(version)),
        // A value that comes from nothing is one that nobody set: AWS fills it in.
        TextValue::Open(why) if !group.item.properties.at("version").sources().is_empty() => {
            // No group is newer than its cluster.
            let old = |it: &String| {
                Minor::of(it).is_some_and(|it| ENDED_FAMILIES.iter().all(|family| it <= family.last))
            };
            let cluster = of_cluster().ok().filter(old);
            return Some(cluster.ok_or_else(|| format!("its version is not known: {why}")));
        }
        TextValue::Open(_) | TextValue::Absent => {}
    }
    if !group.item.change.makes() {
        return None;
    }
    match group.text("release_version") {
        TextValue::Text(release) => Some(Ok(release)),
        TextValue::Open(_) | TextValue::Absent => Some(of_cluster()),
    }
}

/// An image for one processor beside instance types with another.
fn of_processor(scene: &Scene<'_>, group: Planned<'_>) -> Option<Finding> {
    let (ami, wanted) = image(scene, group)?;
    let types = types(scene, group);
    let known = || types.iter().filter_map(|it| Some((*it, Architecture::of(it)?)));
    let others: Vec<&str> = known().filter(|(_, it)| *it != wanted).map(|(name, _)| name).collect();
    if others.is_empty() {
        let evidence = format!("{ami} is for {}, as its instance types are", wanted.word());
        return known().next().map(|_| group.finding(CHECK, Outcome::Pass, evidence, ""));
    }
    let processor = match wanted {
        Architecture::Arm => Architecture::X86,
        Architecture::X86 => Architecture::Arm,
    };
    let others = others.join(", ");
    let evidence = format!(
        "{ami} is for {}, and {others} is {}: EKS refuses the two together",
        wanted.word(),
        processor.word()
    );
    let remedy = "name an AMI type of the processor of the instance types (`_ARM_64` for Graviton, `_x86_64` for others)";
    Some(group.finding(CHECK, Outcome::Fail, evidence, remedy))
}

/// What its nodes start from, for people, and for which processor that is.
fn image(scene: &Scene<'_>, group: Planned<'_>) -> Option<(String, Architecture)> {
    match group.text("ami_type") {
        TextValue::Text(ami) if ami.contains("ARM_64") => Some((ami, Architecture::Arm)),
        TextValue::Text(ami) if ami.contains("x86_64") => Some((ami, Architecture::X86)),
        // Where nobody names one, EKS takes an Amazon Linux for x86_64, whatever the instance types are.
        TextValue::Absent if group.item.change.makes() && has_no_image(scene, group) => {
            Some(("the AMI type that EKS takes where none is named".to_owned(), Architecture::X86))
        }
        TextValue::Text(_) | TextValue::Absent | TextValue::Open(_) => {
            let template = template(scene, group).ok().flatten()?;
            let image = template.item.properties.at("image_id").as_text()?;
            Some((format!("the image of {}", template.item.address), processor_of(image)?))
        }
    }
}

/// The processor that the name of an image tells, which a launch template takes from a parameter of AWS's:
/// `resolve:ssm:/aws/service/eks/optimized-ami/1.33/amazon-linux-2023/arm64/standard/recommended/image_id`.
/// <https://docs.aws.amazon.com/eks/latest/userguide/retrieve-ami-id.html>
fn processor_of(image: &str) -> Option<Architecture> {
    let name = image.strip_prefix("resolve:ssm:/aws/service/")?;
    let has = |word: &str| name.split(['/', '-']).any(|part| part == word);
    match (has("arm64"), has("x86_64")) {
        (true, false) => Some(Architecture::Arm),
        (false, true) => Some(Architecture::X86),
        (_, _) => None,
    }
}

/// Whether its launch template, if it has one, surely brings no image.
fn has_no_image(scene: &Scene<'_>, group: Planned<'_>) -> bool {
    match template(scene, group) {
        Ok(Some(template)) => !template.is_bare() && template.item.properties.at("image_id").is_empty(),
        Ok(None) => true,
        Err(()) => false,
    }
}

/// The instance types that the group names, or its launch template.
fn types<'a>(scene: &Scene<'a>, group: Planned<'a>) -> BTreeSet<&'a str> {
    let named = group.item.properties.at("instance_types");
    if !named.is_empty() {
        return named.members().iter().filter_map(Value::as_text).collect();
    }
    let template = template(scene, group).ok().flatten();
    template.and_then(|it| it.item.properties.at("instance_type").as_text()).into_iter().collect()
}

/// Its launch template; an error where it has one that is not in the files.
fn template<'a>(scene: &Scene<'a>, group: Planned<'a>) -> Result<Option<Planned<'a>>, ()> {
    match group.item.properties.at("launch_template") {
        none if none.is_empty() => Ok(None),
        reference => node_image::template(scene, group, reference).map(Some).map_err(|_| ()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{Item, World, cluster, item, map, text, unknown};
    use super::*;

    fn group(ami: &str) -> Item {
        item("ng", "eks-nodegroup").with("cluster_name", text("shop")).with("ami_type", text(ami))
    }

    fn types(names: &[&str]) -> Value {
        Value::List(names.iter().map(|it| text(it)).collect())
    }

    fn outcomes(items: Vec<Item>) -> Vec<Outcome> {
        let mut world = World::new();
        for item in items {
            world.add(item);
        }
        world.findings(CHECK).iter().map(|it| it.outcome).collect()
    }

    fn beside(version: &str, group: Item) -> Vec<Outcome> {
        outcomes(vec![cluster("c", "shop").with("version", text(version)), group])
    }

    #[test]
    fn amazon_linux_2_ends_with_1_32_whichever_of_its_types_it_is() {
        for ami in ["AL2_x86_64", "AL2_x86_64_GPU", "AL2_ARM_64"] {
            for version in ["1.33", "1.34", "1.40"] {
                assert_eq!(beside(version, group(ami)), [Outcome::Fail], "{ami} {version}");
            }
            for version in ["1.32", "1.9"] {
                assert_eq!(beside(version, group(ami)), [Outcome::Pass], "{ami} {version}");
            }
        }
        for other in ["AL2023_x86_64_STANDARD", "BOTTLEROCKET_x86_64", "CUSTOM"] {
            assert_eq!(beside("1.34", group(other)), [Outcome::Skipped], "{other}");
        }
    }

    #[test]
    fn the_version_of_the_group_goes_before_that_of_its_cluster() {
        let versioned = |version: &str| group("AL2_x86_64").with("version", text(version));
        assert_eq!(beside("1.33", versioned("1.32")), [Outcome::Pass]);
        assert_eq!(outcomes(vec![versioned("1.33")]), [Outcome::Fail], "no cluster is in the file");
        let filled_in = || group("AL2_x86_64").with("version", unknown(&[]));
        assert_eq!(beside("1.34", filled_in()), [Outcome::Fail], "AWS takes the cluster's");
        let release = || group("AL2_x86_64").with("release_version", text("1.32.9-20251120"));
        assert_eq!(beside("1.33", release()), [Outcome::Pass]);
        let referred = || group("AL2_x86_64").with("version", unknown(&["data.x"]));
        assert_eq!(beside("1.34", referred()), [Outcome::Unclear]);
        assert_eq!(beside("1.32", referred()), [Outcome::Pass], "no group is newer than its cluster");
    }

    #[test]
    fn a_version_that_nobody_knows_is_unclear_for_amazon_linux_2_alone() {
        assert_eq!(outcomes(vec![group("AL2_x86_64")]), [Outcome::Unclear]);
        assert_eq!(outcomes(vec![group("AL2023_x86_64_STANDARD")]), [Outcome::Skipped]);
        let open = item("ng", "eks-nodegroup").with("ami_type", unknown(&[]));
        assert_eq!(outcomes(vec![open]), [Outcome::Skipped]);
    }

    #[test]
    fn a_change_that_names_no_version_leaves_the_group_at_its_own() {
        assert_eq!(beside("1.33", group("AL2_x86_64").update()), [Outcome::Skipped]);
        let upgrade = group("AL2_x86_64").with("version", text("1.33")).update();
        assert_eq!(beside("1.33", upgrade), [Outcome::Fail]);
    }

    #[test]
    fn an_image_of_one_processor_and_instance_types_of_the_other_are_refused() {
        let of = |ami: &str, names: &[&str]| outcomes(vec![group(ami).with("instance_types", types(names))]);
        assert_eq!(of("AL2023_x86_64_STANDARD", &["m5.large", "t4g.medium"]), [Outcome::Fail]);
        assert_eq!(of("BOTTLEROCKET_ARM_64_NVIDIA", &["t3.medium"]), [Outcome::Fail]);
        assert_eq!(of("AL2023_ARM_64_STANDARD", &["t4g.medium", "m8g.large"]), [Outcome::Pass]);
        assert_eq!(of("WINDOWS_CORE_2022_x86_64", &["m6i.large"]), [Outcome::Pass]);
        assert_eq!(of("AL2023_ARM_64_STANDARD", &["m9.large"]), [Outcome::Skipped], "nobody knows it");
        assert_eq!(of("CUSTOM", &["t4g.medium"]), [Outcome::Skipped]);
    }

    #[test]
    fn the_instance_type_of_the_launch_template_counts_where_the_group_names_none() {
        let of = |name: &str, own: Option<&str>| {
            let reference = map(&[("id", unknown(&["lt"]))]);
            let group = group("AL2023_x86_64_STANDARD").with("launch_template", reference);
            let group = match own {
                Some(own) => group.with("instance_types", types(&[own])),
                None => group,
            };
            outcomes(vec![item("lt", "launch-template").with("instance_type", text(name)), group])
        };
        assert_eq!(of("c7g.large", None), [Outcome::Fail]);
        assert_eq!(of("c7i.large", None), [Outcome::Pass]);
        assert_eq!(of("c7g.large", Some("c7i.large")), [Outcome::Pass]);
    }

    #[test]
    fn an_image_that_aws_names_by_its_processor_goes_with_that_alone() {
        let of = |image: &str, name: &str| {
            let group = item("ng", "eks-nodegroup").with("launch_template", map(&[("id", unknown(&["lt"]))]));
            let template = item("lt", "launch-template").with("image_id", text(image));
            outcomes(vec![template, group.with("instance_types", types(&[name]))])
        };
        let path = "resolve:ssm:/aws/service";
        let al2023 = |word: &str| {
            format!("{path}/eks/optimized-ami/1.33/amazon-linux-2023/{word}/standard/recommended/image_id")
        };
        assert_eq!(of(&al2023("arm64"), "m7i.large"), [Outcome::Fail]);
        assert_eq!(of(&al2023("x86_64"), "t4g.medium"), [Outcome::Fail]);
        assert_eq!(of(&al2023("arm64"), "t4g.medium"), [Outcome::Pass]);
        let bottlerocket = format!("{path}/bottlerocket/aws-k8s-1.33/arm64/latest/image_id");
        assert_eq!(of(&bottlerocket, "m5.large"), [Outcome::Fail]);
        let of_ec2 = format!("{path}/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64");
        assert_eq!(of(&of_ec2, "m5.large"), [Outcome::Fail]);
        for untold in ["ami-1", "resolve:ssm:/mine/arm64", "resolve:ssm:/aws/service/x/recommended"] {
            assert_eq!(of(untold, "m5.large"), [Outcome::Skipped], "{untold}");
        }
    }

    #[test]
    fn without_an_ami_type_eks_takes_one_for_x86() {
        let of = |item: Item, image: Option<Value>| {
            let item = item.with("instance_types", types(&["t4g.medium"]));
            let (item, template) = match image {
                Some(image) => (
                    item.with("launch_template", map(&[("id", unknown(&["lt"]))])),
                    crate::preflight::testing::item("lt", "launch-template").with("image_id", image),
                ),
                None => (item, cluster("c", "shop")),
            };
            outcomes(vec![template, item])
        };
        let group = || item("ng", "eks-nodegroup").with("cluster_name", text("shop"));
        assert_eq!(of(group(), None), [Outcome::Fail]);
        assert_eq!(of(group(), Some(Value::Null)), [Outcome::Fail]);
        assert_eq!(of(group(), Some(text("ami-1"))), [Outcome::Skipped]);
        assert_eq!(of(group().update(), None), [Outcome::Skipped]);
        assert_eq!(of(group().with("ami_type", unknown(&[])), None), [Outcome::Skipped]);
    }
}
