//! The interfaces of functions in a VPC: one for each subnet and set of groups, shared by all functions that
//! use the two together, and kept for a while after the last.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html>

use std::time::Duration;

use crate::ec2::held::{self, PublicAddress, ServiceInterface};
use crate::ec2::make_interfaces::release_interface;
use crate::error::AwsResult;
use crate::stores::lambda::{Lambda, Place, SharedInterface};
use crate::world::World;

/// How long an interface outlasts the last function that used it: "up to 20 minutes" on the page above, more
/// in practice.
pub const LINGER: Duration = Duration::from_secs(25 * 60);

/// Makes the interfaces that a function needs and that are not there yet.
pub(super) fn make(world: &mut World, region: &str, name: &str) -> AwsResult<()> {
    let Some(function) = world.region(region).lambda.functions.get(name).cloned() else { return Ok(()) };
    let Some(vpc) = function.vpc else { return Ok(()) };
    for subnet in vpc.subnets {
        let place = Place { subnet, groups: vpc.groups.clone() };
        if world.region(region).lambda.interfaces.contains_key(&place) {
            continue;
        }
        let new = ServiceInterface {
            subnet: place.subnet.clone(),
            description: format!("AWS Lambda VPC ENI-{name}-{}", world.ids.uuid()),
            interface_type: "lambda",
            requester: "amazon-lambda",
            attached_by: "amazon-aws",
            groups: place.groups.clone(),
            public: PublicAddress::No,
        };
        let interface = held::make_for_service(world, region, new)?;
        let shared = SharedInterface { interface, role: function.role.clone() };
        world.region(region).lambda.interfaces.insert(place, shared);
    }
    Ok(())
}

/// Whether a function of the region uses this place.
fn is_used(lambda: &Lambda, place: &Place) -> bool {
    lambda.functions.values().any(|function| place.serves(function))
}

/// After a while, removes the interfaces that no function uses now nor then. Without its role Lambda cannot
/// remove one: it lets go of it, and leaves it to the user.
pub(super) fn release_unused_later(world: &mut World, region: &str) {
    let lambda = &world.region(region).lambda;
    let unused: Vec<Place> =
        lambda.interfaces.keys().filter(|place| !is_used(lambda, place)).cloned().collect();
    let region = region.to_owned();
    world.after(LINGER, move |world| {
        for place in unused {
            if is_used(&world.region(&region).lambda, &place) {
                continue;
            }
            let Some(shared) = world.region(&region).lambda.interfaces.remove(&place) else { continue };
            if world.iam.roles.values().any(|role| role.arn == shared.role) {
                release_interface(world, &region, &shared.interface);
            } else if let Some(left) = world.region(&region).ec2.interfaces.get_mut(&shared.interface) {
                left.attachment = None;
                left.status = "available".to_owned();
            }
        }
    });
}
