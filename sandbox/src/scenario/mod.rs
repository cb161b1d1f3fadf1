//! Worlds with a history, built through the operations themselves, so that nothing is in them
//! that AWS would not have let happen. [`STORIES`] lists them.

mod big;
mod builder;
mod cdk;
mod cluster;
mod eksctl;
mod failed_eks;
mod identity;
mod network;
mod retained;
mod small;
mod stacks;
mod templates;

use jiff::Timestamp;

use crate::error::AwsError;
use crate::world::World;
use builder::Builder;

/// The account of every scenario.
pub const ACCOUNT: &str = "111122223333";

/// The region of every scenario that plays in one region only.
pub const REGION: &str = "us-east-1";

/// Why a scenario could not be built.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    /// Nobody wrote a scenario of this name.
    #[error("unknown scenario {0}")]
    Unknown(String),
    /// A scenario broke one of the embedded AWS's own rules: a fault of the scenario.
    #[error("{action} was refused while the scenario was built: {} {}", refusal.code, refusal.message)]
    Refused {
        /// The operation.
        action: String,
        /// Its refusal.
        refusal: AwsError,
    },
    /// An answer lacked what the scenario goes on with: a fault of the embedded AWS.
    #[error("the answer of {action} has no {field}")]
    Silent {
        /// The operation.
        action: String,
        /// The field that was looked for.
        field: String,
    },
}

/// What can fill a world.
pub struct Story {
    /// What it is asked for by.
    pub name: &'static str,
    /// What is in it, in a line.
    pub about: &'static str,
    tell: fn(&mut Builder) -> Result<(), ScenarioError>,
}

/// All scenarios.
pub const STORIES: &[Story] = &[
    Story { name: "empty", about: "a fresh account", tell: |_| Ok(()) },
    Story {
        name: "failed-eks",
        about: "two failed attempts at an EKS stack, a healthy one beside them, and a stranger's things",
        tell: failed_eks::tell,
    },
    Story {
        name: "first-attempt",
        about: "the same before the second attempt: the addresses are short, the VPCs are not",
        tell: failed_eks::tell_first,
    },
    Story {
        name: "shared-vpc",
        about: "a failed stack in whose VPC a stranger's instance runs",
        tell: small::shared_vpc,
    },
    Story { name: "cycle", about: "security groups that name each other in a ring", tell: small::cycle },
    Story {
        name: "unattached",
        about: "failed-eks, where interfaces that AWS makes stand free for ten minutes, at first and at the end",
        tell: failed_eks::tell_unattached,
    },
    Story {
        name: "cdk-stuck",
        about: "a CDK stack that its cluster's leftovers keep from being deleted, and one at work",
        tell: cdk::tell,
    },
    Story {
        name: "eksctl-stuck",
        about: "eksctl's stacks of a cluster that is gone, none of which could be deleted, and those of one at work",
        tell: eksctl::tell,
    },
    Story {
        name: "cfn-retained",
        about: "what a deleted stack left behind, with its tags, and a stack at work",
        tell: retained::tell,
    },
    Story { name: "big", about: "48 failed stacks in four regions, for measuring", tell: big::tell },
];

/// The names of all scenarios.
pub fn names() -> impl Iterator<Item = &'static str> {
    STORIES.iter().map(|story| story.name)
}

/// Builds a scenario whose history ends at `now`; from then on its clock runs `speed` times as fast
/// as the machine's. The same name and `now` always give the same world.
pub fn build(name: &str, speed: f64, now: Timestamp) -> Result<World, ScenarioError> {
    let found = STORIES.iter().find(|story| story.name == name);
    let story = found.ok_or_else(|| ScenarioError::Unknown(name.to_owned()))?;
    let mut builder = Builder::new(now);
    (story.tell)(&mut builder)?;
    Ok(builder.finish(speed))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::time::Duration;

    use super::*;

    #[test]
    fn every_scenario_can_be_built_and_ends_now() {
        let now: Timestamp = "2026-11-20T10:00:00Z".parse().unwrap();
        for name in names() {
            let world = build(name, 1.0, now).unwrap_or_else(|error| panic!("{name}: {error}"));
            let off = world.clock.now().duration_since(now);
            assert!(off.as_secs() < 5 && !off.is_negative(), "{name} ends {off} after now");
        }
    }

    #[test]
    fn every_scenario_can_be_built_at_any_moment() {
        for now in
            ["2020-05-05T05:05:05Z", "2026-01-28T00:00:00Z", "2027-06-01T00:00:00Z", "2033-01-01T00:00:00Z"]
        {
            for name in names() {
                build(name, 1.0, now.parse().unwrap())
                    .unwrap_or_else(|error| panic!("{name}, {now}: {error}"));
            }
        }
    }

    #[test]
    fn the_same_name_and_moment_give_the_same_world() {
        let now: Timestamp = "2026-11-20T10:00:00Z".parse().unwrap();
        for name in names() {
            let worlds = [(); 2].map(|()| build(name, 0.0, now).unwrap());
            let [one, other] = worlds.map(|world| format!("{:?} {:?}", world.regions, world.iam));
            assert!(one == other, "{name} is not the same twice");
        }
    }

    #[test]
    fn the_big_one_is_big_and_spread() {
        let world = build("big", 0.0, "2026-11-20T10:00:00Z".parse().unwrap()).unwrap();
        assert_eq!(world.regions.len(), 4);
        let vpcs =
            |state: &crate::world::RegionState| state.ec2.vpcs.values().filter(|vpc| !vpc.is_default).count();
        assert_eq!(world.regions.values().map(vpcs).sum::<usize>(), 48);
        let things: usize =
            world.regions.values().map(|state| state.ec2.subnets.len() + state.ec2.rules.len()).sum();
        assert!(things > 500, "{things}");
    }

    #[test]
    fn interfaces_stand_unattached_at_first_whatever_made_them() {
        let mut world = build("unattached", 0.0, "2026-11-20T10:00:00Z".parse().unwrap()).unwrap();
        let of = |world: &World, status: &str| -> BTreeSet<&'static str> {
            let interfaces = world.regions[REGION].ec2.interfaces.values();
            let told: Vec<&String> =
                interfaces.filter(|it| it.status == status).map(|it| &it.description).collect();
            let marks =
                ["Amazon EKS ", "ELB app/", "Interface for NAT Gateway ", "VPC Endpoint ", "aws-K8S-i-"];
            marks.into_iter().filter(|mark| told.iter().any(|told| told.starts_with(mark))).collect()
        };
        assert_eq!(of(&world, "available").len(), 5);
        assert_eq!(of(&world, "in-use"), BTreeSet::new());
        world.clock.skip(Duration::from_secs(10 * 60));
        world.settle();
        assert_eq!(of(&world, "in-use").len(), 5);
        assert_eq!(of(&world, "available"), BTreeSet::new());
    }

    #[test]
    fn an_unknown_scenario_is_named_in_the_refusal() {
        let refusal = build("nothing", 1.0, Timestamp::UNIX_EPOCH).err().map(|error| error.to_string());
        assert_eq!(refusal.as_deref(), Some("unknown scenario nothing"));
    }
}
