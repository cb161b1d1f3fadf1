//! Holds the cluster-autoscaler's minor version against that of its cluster.
//!
//! Its authors want it to be of the minor version of the control plane, because it carries a copy of that
//! version's scheduler: <https://github.com/kubernetes/autoscaler/tree/master/cluster-autoscaler#releases>

use crate::deployment::GAP;
use crate::model::deployed::Plays;
use crate::model::index::By;

use super::super::reach::Few;
use super::super::scene::{Cluster, Minor, Planned, Scene};
use super::super::{CheckName, Finding, Outcome};
use super::kubernetes::{self, ReleaseSetting};

const CHECK: CheckName = CheckName::ClusterAutoscaler;

/// The image's name, before its tag.
const IMAGE: &str = "cluster-autoscaler:";

/// What is known of the image.
enum Image {
    /// Its tag.
    Tag(String),
    /// It cannot be told, and why.
    Open(String),
}

pub(super) fn look(scene: &Scene<'_>) -> Vec<Finding> {
    scene.changed().filter_map(|planned| Some(compare(scene, planned, image(planned)?))).collect()
}

/// The image that an item deploys, if it deploys the cluster-autoscaler.
fn image(planned: Planned<'_>) -> Option<Image> {
    let sort = kubernetes::sort(planned.item);
    if sort == Some(kubernetes::ObjectSort::Release) && planned.is_bare() {
        let format = planned.deployment.format.title();
        return Some(Image::Open(format!("a {format} does not tell which chart it is")));
    }
    if sort == Some(kubernetes::ObjectSort::Release) && is_chart(planned) {
        return Some(match kubernetes::setting(planned, "image.tag") {
            ReleaseSetting::Set(tag) => Image::Tag(tag),
            ReleaseSetting::Unset => {
                Image::Open("the release sets no image.tag, so that its chart names the image".to_owned())
            }
            ReleaseSetting::Open => Image::Open("the values that set image.tag are not known yet".to_owned()),
        });
    }
    if sort.is_none() && !kubernetes::is_manifest(planned.item) {
        return None;
    }
    let (mut tag, mut digest) = (None, false);
    kubernetes::texts(&planned.item.properties, &mut |text| {
        tag = tag.take().or_else(|| tag_in(text));
        digest |= text.contains("/cluster-autoscaler@sha256:");
    });
    let by_digest = || Image::Open("its image is named by a digest, which tells no version".to_owned());
    tag.map(Image::Tag).or_else(|| digest.then(by_digest))
}

fn is_chart(release: Planned<'_>) -> bool {
    let chart = release.item.properties.at("chart").as_text().unwrap_or_default();
    chart.trim_end_matches('/').rsplit('/').next() == Some("cluster-autoscaler")
}

/// The tag of the cluster-autoscaler's image, in a text that may be the image itself or a manifest.
fn tag_in(text: &str) -> Option<String> {
    text.match_indices(IMAGE).find_map(|(at, _)| {
        let before = text[..at].chars().next_back();
        // Another image may end with the same words: `my-cluster-autoscaler:1`.
        let is_whole = before.is_none_or(|it| matches!(it, '/' | '"' | '\'' | ' ' | '\n'));
        let behind = &text[at + IMAGE.len()..];
        let is_of_tag = |it: char| it.is_ascii_alphanumeric() || matches!(it, '.' | '-' | '_');
        let end = behind.find(|it| !is_of_tag(it)).unwrap_or(behind.len());
        let (tag, behind) = behind.split_at(end);
        // A tag of which a part is not known tells no version.
        let tag = if behind.starts_with(GAP) { GAP.to_string() } else { tag.to_owned() };
        (is_whole && !tag.is_empty()).then_some(tag)
    })
}

fn compare(scene: &Scene<'_>, planned: Planned<'_>, image: Image) -> Finding {
    let unclear = |why: String| {
        let remedy = "set image.tag to a release of the cluster's minor version";
        planned.finding(CHECK, Outcome::Unclear, why, remedy)
    };
    let tag = match image {
        Image::Tag(tag) => tag,
        Image::Open(why) => return unclear(why),
    };
    let Some(minor) = Minor::of(&tag) else {
        return unclear("the image's tag does not tell its version".to_owned());
    };
    // The text in which it was found may be anybody's secret: no more of it is told than the version.
    let tag: String = tag.chars().take_while(|it| it.is_ascii_digit() || matches!(it, 'v' | '.')).collect();
    let version = match scene.version_of(&cluster(scene, planned)) {
        Ok(version) => version,
        Err(why) => return unclear(format!("the cluster-autoscaler is of {tag}, and {why}")),
    };
    let Some(wanted) = Minor::of(&version) else {
        return unclear(format!("the cluster's version {version} is no version of Kubernetes"));
    };
    let evidence = format!("the cluster-autoscaler is of {tag}, and its cluster of Kubernetes {version}");
    match minor == wanted {
        true => planned.finding(CHECK, Outcome::Pass, evidence, ""),
        false => planned.finding(
            CHECK,
            Outcome::Warn,
            evidence,
            format!(
                "take a release v{wanted}.x of the cluster-autoscaler: it carries that version's scheduler"
            ),
        ),
    }
}

/// The cluster it runs in: the one it is told to scale, else the one it waits for, else the only one.
fn cluster<'a>(scene: &Scene<'a>, planned: Planned<'a>) -> Cluster<'a> {
    if let ReleaseSetting::Set(name) = kubernetes::setting(planned, "autoDiscovery.clusterName") {
        if let Some(named) = planned.file.items.first_called(&[(Plays::Cluster, By::Name)], &name) {
            return Cluster::Planned(planned.file.planned(named));
        }
        let mut live =
            scene.facts.inventory.regions.iter().filter_map(|region| scene.live_cluster(region, &name));
        if let (Some(only), None) = (live.next(), live.next()) {
            return Cluster::Live(only);
        }
        return Cluster::Unknown(format!(
            "cluster {name} is in none of the files and was not found in the account"
        ));
    }
    let cluster = match (planned.reach().clusters, planned.file.remaining(Plays::Cluster)) {
        (Few::One(at), _) => planned.file.planned_at(at),
        (Few::None, [only]) => Some(planned.file.planned(only)),
        (_, _) => None,
    };
    let unknown = || Cluster::Unknown("the file does not tell in which cluster it runs".to_owned());
    cluster.map_or_else(unknown, Cluster::Planned)
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{Item, World, cluster, item, map, text, unknown};
    use super::*;
    use crate::deployment::Value;

    fn release() -> Item {
        item("helm_release.ca", "helm-release").with("chart", text("cluster-autoscaler"))
    }

    fn with_values(yaml: &str) -> Item {
        release().with("values", Value::List(vec![text(yaml)]))
    }

    fn of(item: Item) -> Finding {
        let mut world = World::new();
        world.add(cluster("aws_eks_cluster.a", "shop").with("version", text("1.35")));
        world.add(item);
        world.findings(CHECK).remove(0)
    }

    #[test]
    fn another_minor_warns_and_the_same_passes() {
        assert_eq!(of(with_values("image: {tag: v1.29.0}")).outcome, Outcome::Warn);
        let same = of(with_values("image: {tag: v1.35.2}"));
        assert_eq!(same.outcome, Outcome::Pass, "{}", same.evidence);
    }

    #[test]
    fn set_goes_before_values_and_a_later_document_before_an_earlier() {
        let set = map(&[("name", text("image.tag")), ("value", text("v1.29.0"))]);
        let both = with_values("image: {tag: v1.35.0}").with("set", Value::List(vec![set]));
        assert_eq!(of(both).outcome, Outcome::Warn);
        let documents = vec![text("image: {tag: v1.29.0}"), text("image: {tag: v1.35.0}")];
        assert_eq!(of(release().with("values", Value::List(documents))).outcome, Outcome::Pass);
    }

    #[test]
    fn a_gap_in_the_values_hides_no_more_than_what_stands_in_it() {
        let gap = |tag: &str| {
            of(with_values(&format!("autoDiscovery: {{clusterName: \"\u{FFFC}\"}}\nimage: {{tag: {tag}}}")))
        };
        assert_eq!(gap("v1.29.0").outcome, Outcome::Warn);
        assert_eq!(gap("v1.35.0").outcome, Outcome::Pass);
        assert_eq!(gap("v1.2\u{FFFC}").outcome, Outcome::Unclear);
    }

    #[test]
    fn nothing_but_the_version_is_told_of_a_text_that_may_be_a_secret() {
        for secret in ["hunter2", "v1.2.hunter2", "1.29-hunter2"] {
            let manifest = item("ca", "x").of_type("kubectl_manifest");
            let body = format!("kind: Secret\nstringData: {{ a: x/cluster-autoscaler:{secret} }}");
            let found = of(manifest.with("yaml_body_parsed", Value::text(body)));
            assert!(!format!("{found:?}").contains("hunter2"), "{}", found.evidence);
        }
    }

    #[test]
    fn an_image_that_is_named_by_a_digest_is_unclear_and_not_absent() {
        let of_image = |image: &str| {
            let container = map(&[("image", text(image))]);
            let spec = map(&[("container", Value::List(vec![container]))]);
            of(item("ca", "x").of_type("kubernetes_deployment").with("spec", spec)).outcome
        };
        let image = "registry.k8s.io/autoscaling/cluster-autoscaler";
        assert_eq!(of_image(&format!("{image}@sha256:0a1b")), Outcome::Unclear);
        assert_eq!(of_image(&format!("{image}:v1.35.0@sha256:0a1b")), Outcome::Pass);
        assert_eq!(of_image("example.com/my-cluster-autoscaler@sha256:0a1b"), Outcome::Skipped);
    }

    #[test]
    fn the_image_is_found_in_objects_of_every_tool() {
        let container = map(&[("image", text("registry.k8s.io/autoscaling/cluster-autoscaler:v1.29.0"))]);
        let spec = map(&[("container", Value::List(vec![container]))]);
        let deployment = item("kubernetes_deployment.ca", "x").of_type("kubernetes_deployment");
        assert_eq!(of(deployment.with("spec", spec)).outcome, Outcome::Warn);
        let manifest = item("ca", "x").of_type("kubectl_manifest");
        let body = "image: \"registry.k8s.io/autoscaling/cluster-autoscaler:v1.35.0\"\n";
        assert_eq!(of(manifest.with("yaml_body", text(body))).outcome, Outcome::Pass);
        let pulumi = map(&[("image", map(&[("tag", text("v1.29.0"))]))]);
        assert_eq!(of(release().with("values", pulumi)).outcome, Outcome::Warn);
    }

    #[test]
    fn what_the_plan_does_not_tell_is_unclear() {
        assert_eq!(of(release()).outcome, Outcome::Unclear);
        assert_eq!(of(with_values("image: {tag: latest}")).outcome, Outcome::Unclear);
        assert_eq!(of(with_values("image: [")).outcome, Outcome::Unclear);
        let bare = item("h", "helm-release");
        assert_eq!(of(bare).outcome, Outcome::Unclear, "a log does not tell the chart");
        assert_eq!(of(release().with("values", unknown(&["x"]))).outcome, Outcome::Unclear);
        let mut world = World::new();
        world.add(with_values("image: {tag: v1.35.0}"));
        assert_eq!(world.findings(CHECK)[0].outcome, Outcome::Unclear, "no cluster is known");
    }

    #[test]
    fn a_cluster_of_the_account_is_found_by_the_name_it_scales() {
        let mut world = World::new();
        world.live("eks-cluster", "shop").facts.insert("version".into(), "1.35".into());
        world.add(with_values("autoDiscovery: {clusterName: shop}\nimage: {tag: v1.29.0}"));
        assert_eq!(world.findings(CHECK)[0].outcome, Outcome::Warn);
    }

    #[test]
    fn other_charts_and_images_are_left_alone() {
        let other = release().with("chart", text("my-cluster-autoscaler"));
        assert_eq!(of(other).outcome, Outcome::Skipped);
        let role = item("r", "iam-role").with("description", text("cluster-autoscaler:v1.29"));
        assert_eq!(of(role).outcome, Outcome::Skipped);
        assert_eq!(tag_in("repo/cluster-autoscaler:v1.2\u{FFFC}").and_then(|tag| Minor::of(&tag)), None);
        assert_eq!(tag_in("repo/not-cluster-autoscaler:v1.2"), None);
        assert_eq!(tag_in("repo/cluster-autoscaler@sha256:abc"), None);
    }
}
