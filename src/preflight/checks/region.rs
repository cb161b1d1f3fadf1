//! Tells whether the regions of the deployments exist and are enabled.
//!
//! Regions that AWS opened after March 2019 are not enabled by themselves:
//! <https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html>

use std::collections::BTreeMap;

use crate::deployment::places::named_in;
use crate::model::Region;
use crate::policy::nearest;

use super::super::scene::{Planned, Scene};
use super::super::{CheckName, Finding, Outcome};

pub(super) fn look(scene: &Scene<'_>) -> Vec<Finding> {
    // One finding a region and file, on the first thing that is made there.
    let mut seen: BTreeMap<(&str, &Region), usize> = BTreeMap::new();
    for planned in scene.changed() {
        if let Some(region) = planned.item.region.as_ref().filter(|region| !region.is_global()) {
            *seen.entry((&planned.deployment.source, region)).or_default() += 1;
        }
    }
    let known = &scene.facts.regions;
    let elsewhere: Vec<Finding> = scene.changed().filter_map(of_another).collect();
    seen.into_iter()
        .map(|((source, region), things)| {
            let (outcome, evidence, remedy) = match known {
                Ok(known) => compared(known, region, things),
                Err(why) => (
                    Outcome::Unclear,
                    format!("whether {region} is enabled could not be read: {why}"),
                    "allow ec2:DescribeRegions for this caller".to_owned(),
                ),
            };
            Finding {
                check: CheckName::Region,
                outcome,
                subject: region.to_string(),
                source: source.to_owned(),
                line: None,
                evidence,
                remedy,
            }
        })
        .chain(elsewhere)
        .collect()
}

/// What is made in one region and names a zone or a thing of another: AWS refuses it.
fn of_another(planned: Planned<'_>) -> Option<Finding> {
    let region = planned.item.region.as_ref().filter(|region| !region.is_global())?;
    planned.item.kind.as_ref()?;
    let (named, its) = named_in(&planned.item.properties).into_iter().find(|(_, its)| its != region)?;
    let what = if named.starts_with("arn:") { "one" } else { "a zone" };
    let evidence = format!("{named} is {what} of {its}, and it is made in {region}");
    let remedy = format!("name {what} of {region}, or deploy to {its}");
    Some(planned.finding(CheckName::Region, Outcome::Fail, evidence, remedy))
}

fn compared(known: &BTreeMap<Region, bool>, region: &Region, things: usize) -> (Outcome, String, String) {
    match known.get(region) {
        Some(true) => (Outcome::Pass, format!("{region} is enabled"), String::new()),
        Some(false) => (
            Outcome::Fail,
            format!("{region} is not enabled for this account, and {things} of the plan are made there"),
            format!("enable it (`aws account enable-region --region-name {region}`), or deploy elsewhere"),
        ),
        None => {
            let near = nearest(region.as_str(), known.keys().map(Region::as_str));
            let remedy = match near {
                Some(near) => format!("correct the region; is {near} meant?"),
                None => "correct the region".to_owned(),
            };
            (Outcome::Fail, format!("AWS has no region {region} for this account's partition"), remedy)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{World, item, text};
    use super::*;

    fn of(world: &World) -> Vec<Finding> {
        world.findings(CheckName::Region)
    }

    #[test]
    fn a_region_that_is_not_enabled_fails_and_an_enabled_one_passes() {
        let mut world = World::new();
        world.add(item("aws_vpc.a", "vpc"));
        world.regions = Ok([(Region::new("us-east-1"), true), (Region::new("me-south-1"), false)].into());
        assert_eq!(of(&world)[0].outcome, Outcome::Pass);
        world.add(item("aws_vpc.b", "vpc").region("me-south-1"));
        let found = of(&world);
        assert_eq!((found[0].outcome, found[0].subject.as_str()), (Outcome::Fail, "me-south-1"));
        assert!(found[0].remedy.contains("enable-region --region-name me-south-1"));
    }

    #[test]
    fn a_misspelt_region_fails_with_the_one_that_is_meant() {
        let mut world = World::new();
        world.add(item("aws_vpc.a", "vpc").region("us-esat-1"));
        let found = of(&world);
        assert_eq!(found[0].outcome, Outcome::Fail);
        assert!(found[0].remedy.contains("us-east-1"), "{}", found[0].remedy);
    }

    #[test]
    fn regions_that_could_not_be_read_are_unclear_never_well() {
        let mut world = World::new();
        world.add(item("aws_vpc.a", "vpc"));
        world.regions = Err("AccessDenied".to_owned());
        assert_eq!(of(&world)[0].outcome, Outcome::Unclear);
    }

    #[test]
    fn a_zone_of_another_region_fails_and_one_of_the_same_passes() {
        let subnet = |zone| item("aws_subnet.a", "subnet").with("availability_zone", text(zone));
        for zone in ["us-west-2b", "us-west-2-lax-1a", "us-west-2-wl1-las-wlz-1"] {
            let mut world = World::new();
            world.add(subnet(zone));
            let failed: Vec<Finding> =
                of(&world).into_iter().filter(|it| it.outcome == Outcome::Fail).collect();
            assert_eq!(failed.len(), 1, "{zone}");
            assert!(failed[0].evidence.contains(zone) && failed[0].evidence.contains("us-east-1"));
        }
        for zone in ["us-east-1a", "us-east-1-bos-1a", "use1-az1"] {
            let mut world = World::new();
            world.add(subnet(zone));
            assert!(of(&world).iter().all(|it| it.outcome != Outcome::Fail), "{zone}");
        }
    }

    #[test]
    fn a_target_group_of_another_region_fails() {
        let mut world = World::new();
        let arn = "arn:aws:elasticloadbalancing:us-west-2:123456789012:targetgroup/a/1";
        world.add(item("aws_autoscaling_group.a", "auto-scaling-group").with("target_group_arns", text(arn)));
        let failed: Vec<Finding> = of(&world).into_iter().filter(|it| it.outcome == Outcome::Fail).collect();
        assert_eq!(failed.len(), 1);
        assert!(failed[0].evidence.contains("one of us-west-2"), "{}", failed[0].evidence);
    }

    #[test]
    fn what_is_only_deleted_or_kept_needs_no_region() {
        let mut world = World::new();
        world.add(item("aws_vpc.a", "vpc").region("me-south-1").delete());
        world.add(item("aws_iam_role.a", "iam-role").region("global"));
        assert_eq!(of(&world)[0].outcome, Outcome::Skipped);
    }
}
