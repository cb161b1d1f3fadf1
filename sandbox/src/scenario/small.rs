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

#[cfg(test)]
mod tests {
    use crate::World;
    use crate::scenario::{REGION, build};

    fn world(name: &str) -> World {
        build(name, 0.0, "2026-11-20T10:00:00Z".parse().unwrap()).unwrap()
    }

    fn code(world: &mut World, action: &str, params: &[(&str, &str)]) -> Option<String> {
        world.call("ec2", REGION, action, params).err().map(|refusal| refusal.code)
    }

    #[test]
    fn the_strangers_instance_holds_its_subnet_and_the_vpc() {
        let mut world = world("shared-vpc");
        let (_, instance) = world.region(REGION).ec2.instances.first_key_value().unwrap();
        let (vpc, subnet) = (instance.vpc.clone(), instance.subnet.clone());
        assert_eq!(instance.tags["Project"], "analytics");
        assert_eq!(
            code(&mut world, "DeleteSubnet", &[("SubnetId", &subnet)]).as_deref(),
            Some("DependencyViolation")
        );
        assert_eq!(code(&mut world, "DeleteVpc", &[("VpcId", &vpc)]).as_deref(), Some("DependencyViolation"));
    }

    #[test]
    fn one_rule_less_opens_the_ring() {
        let mut world = world("cycle");
        let ec2 = &world.region(REGION).ec2;
        let named: Vec<(String, String, String)> = ec2
            .rules
            .iter()
            .filter_map(|(id, rule)| Some((id.clone(), rule.group.clone(), rule.referenced_group.clone()?)))
            .filter(|(_, group, referenced)| group != referenced)
            .collect();
        assert_eq!(named.len(), 3);
        for (_, group, _) in &named {
            let refusal = code(&mut world, "DeleteSecurityGroup", &[("GroupId", group)]);
            assert_eq!(refusal.as_deref(), Some("DependencyViolation"));
        }
        let (rule, owner, mut free) = named[0].clone();
        let revoked = [("GroupId", owner.as_str()), ("SecurityGroupRuleId.1", rule.as_str())];
        assert_eq!(code(&mut world, "RevokeSecurityGroupIngress", &revoked), None);
        for _ in 0..3 {
            let next = named.iter().find(|(_, group, _)| *group == free).map(|(_, _, next)| next.clone());
            assert_eq!(code(&mut world, "DeleteSecurityGroup", &[("GroupId", &free)]), None);
            free = next.unwrap();
        }
    }
}
