//! How many more instances the quotas of vCPUs permit.

use super::instance_types::{self, Class};
use crate::error::{AwsError, AwsResult};
use crate::stores::ec2::Instance;
use crate::world::World;

/// How many more instances of a type there may be, and how one more is refused.
#[derive(Debug)]
pub(super) struct Room {
    pub(super) instances: i64,
    pub(super) refusal: AwsError,
}

/// The room that the vCPUs of the class's running instances leave. An instance that is being launched
/// is counted, since it will run; one that ends or stops is not:
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-on-demand-instances.html#ec2-on-demand-instances-limits>,
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-spot-limits.html>. CPU options change
/// nothing: the default vCPUs count.
pub(super) fn room(world: &mut World, region: &str, instance_type: &str, spot: bool) -> AwsResult<Room> {
    let Some(shape) = instance_types::find(instance_type) else {
        let text = format!("Invalid value '{instance_type}' for InstanceType.");
        return Err(AwsError::new("InvalidParameterValue", text));
    };
    let most = world.quotas.limit(region, shape.class.quota(spot));
    let most = u32::try_from(most).unwrap_or(u32::MAX);
    let used = used(world, region, shape.class, spot);
    Ok(Room { instances: i64::from(most.saturating_sub(used) / shape.vcpus), refusal: refusal(spot, most) })
}

fn used(world: &mut World, region: &str, class: Class, spot: bool) -> u32 {
    let counts = |instance: &&Instance| {
        instance.spot == spot && ["pending", "running"].contains(&instance.state.as_str())
    };
    let instances = world.region(region).ec2.instances.values().filter(counts);
    let shapes = instances.filter_map(|instance| instance_types::find(&instance.instance_type));
    shapes.filter(|shape| shape.class == class).map(|shape| shape.vcpus).sum()
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html>: `VcpuLimitExceeded`,
/// `MaxSpotInstanceCountExceeded`.
fn refusal(spot: bool, most: u32) -> AwsError {
    if spot {
        return AwsError::new("MaxSpotInstanceCountExceeded", "Max spot instance count exceeded");
    }
    let text = format!(
        "You have requested more vCPU capacity than your current vCPU limit of {most} allows for the instance \
         bucket that the specified instance type belongs to. Please visit \
         http://aws.amazon.com/contact-us/ec2-request to request an adjustment to this limit."
    );
    AwsError::new("VcpuLimitExceeded", text)
}

#[cfg(test)]
mod tests {
    use crate::ec2::fixture::*;
    use crate::quotas::table;
    use crate::xml::texts_of;
    use crate::{World, error::AwsError};

    fn run(world: &mut World, kind: &str, more: &[(&str, &str)]) -> Result<Vec<String>, AwsError> {
        let mut params = vec![("ImageId", "ami-1"), ("SubnetId", SUBNET_A), ("InstanceType", kind)];
        params.extend(more);
        ec2(world, "RunInstances", &params).map(|told| texts_of(&told, "instanceId"))
    }

    #[test]
    fn vcpus_beyond_the_quota_are_refused_and_ended_ones_make_room() {
        let mut world = world();
        world.quotas.apply(REGION, table::STANDARD_VCPUS, 5.0);
        let two = [("MinCount", "1"), ("MaxCount", "9")];
        let ids = run(&mut world, "t3.small", &two).unwrap();
        assert_eq!(ids.len(), 2, "as many as fit, since one is enough");
        let refusal = run(&mut world, "t3.small", &[]).unwrap_err();
        assert_eq!(refusal.code, "VcpuLimitExceeded");
        assert!(refusal.message.contains("vCPU limit of 5 "), "{}", refusal.message);
        assert_eq!(run(&mut world, "m7g.medium", &[]).unwrap().len(), 1, "one vCPU is left");
        ec2(&mut world, "TerminateInstances", &[("InstanceId.1", &ids[0])]).unwrap();
        run(&mut world, "t3.small", &[]).unwrap();
    }

    #[test]
    fn each_class_and_spot_have_quotas_of_their_own() {
        let mut world = world();
        assert_eq!(run(&mut world, "g5.xlarge", &[]).unwrap_err().code, "VcpuLimitExceeded");
        world.quotas.apply(REGION, table::G_VCPUS, 4.0);
        run(&mut world, "g5.xlarge", &[]).unwrap();
        world.quotas.apply(REGION, table::STANDARD_SPOT_VCPUS, 2.0);
        let spot = [("InstanceMarketOptions.MarketType", "spot")];
        let ids = run(&mut world, "t3.small", &spot).unwrap();
        let refusal = run(&mut world, "t3.small", &spot).unwrap_err();
        assert_eq!(refusal.code, "MaxSpotInstanceCountExceeded");
        run(&mut world, "t3.small", &[]).unwrap();
        let told = told(&mut world, "DescribeInstances", &[("InstanceId.1", &ids[0])], "instanceLifecycle");
        assert_eq!(told, "spot");
    }

    #[test]
    fn an_unknown_type_is_refused() {
        let refusal = run(&mut world(), "t3.huge", &[]).unwrap_err();
        assert_eq!(refusal.code, "InvalidParameterValue");
    }

    #[test]
    fn an_instance_tells_its_cores_and_threads() {
        let mut world = world();
        let ids = run(&mut world, "m5.xlarge", &[]).unwrap();
        let asked = [("InstanceId.1", ids[0].as_str())];
        assert_eq!(told(&mut world, "DescribeInstances", &asked, "coreCount"), "2");
        assert_eq!(told(&mut world, "DescribeInstances", &asked, "threadsPerCore"), "2");
        let half = [("CpuOptions.CoreCount", "2"), ("CpuOptions.ThreadsPerCore", "1")];
        let ids = run(&mut world, "m5.xlarge", &half).unwrap();
        let asked = [("InstanceId.1", ids[0].as_str())];
        assert_eq!(told(&mut world, "DescribeInstances", &asked, "threadsPerCore"), "1");
    }
}
