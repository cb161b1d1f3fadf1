//! Small scenarios, each about one difficulty.

use super::ScenarioError;
use super::builder::{Builder, days, minutes, tags};
use super::network::{Owner, Side, add_gateway, add_group, add_subnets, let_in, make_vpc};

/// A failed stack in whose VPC another team runs an instance: nothing that holds it may go.
pub(super) fn shared_vpc(builder: &mut Builder) -> Result<(), ScenarioError> {
    builder.ago(days(3));
    let owner = Owner::shop("attempt-1");
    let mut network = make_vpc(builder, &owner, 1)?;
    add_subnets(builder, &owner, &mut network, 1, Side::Public)?;
    add_gateway(builder, &owner, &network)?;
    add_group(builder, &network.vpc, "shop-attempt-1-web", &owner.named("web"))?;
    builder.ago(days(2));
    let stranger = tags(&[("Name", "etl-runner"), ("Project", "analytics"), ("Owner", "data-team")]);
    let params = [
        ("ImageId", "ami-0c0ffee0c0ffee012"),
        ("InstanceType", "t3.small"),
        ("MinCount", "1"),
        ("MaxCount", "1"),
        ("SubnetId", &network.public[1]),
    ];
    builder.make("RunInstances", &params, ("instance", &stranger))?;
    builder.wait(minutes(2));
    Ok(())
}

/// Three security groups that name each other in a ring, in a VPC with nothing else.
pub(super) fn cycle(builder: &mut Builder) -> Result<(), ScenarioError> {
    builder.ago(days(3));
    let owner = Owner::shop("attempt-1");
    let network = make_vpc(builder, &owner, 1)?;
    let mut groups = Vec::new();
    for name in ["a", "b", "c"] {
        groups.push(add_group(builder, &network.vpc, name, &owner.named(name))?);
    }
    for (place, group) in groups.iter().enumerate() {
        let_in(builder, group, &groups[(place + 1) % groups.len()], ("443", "443"))?;
    }
    Ok(())
}
