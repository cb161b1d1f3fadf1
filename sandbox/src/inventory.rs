//! The books of the embedded AWS: what stands, whatever any call tells of it. For tests that ask AWS itself
//! what is gone and what lives, instead of asking the program that they test.
//!
//! It reads the world's records, past lag, faults and permissions, and gives plain data to the doors.

use crate::stores::autoscaling::AutoScaling;
use crate::stores::cloudformation::CloudFormation;
use crate::stores::ec2::Ec2;
use crate::stores::ecs::Ecs;
use crate::stores::eks::Eks;
use crate::stores::elb::Elb;
use crate::stores::iam::Iam;
use crate::stores::kms::Kms;
use crate::stores::lambda::Lambda;
use crate::stores::logs::Logs;
use crate::stores::ssm::Ssm;
use crate::tags::Tags;
use crate::world::{RegionState, World};

/// One thing that stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Thing {
    /// Its type as AWS's tagging API has it, or would have: `ec2:natgateway`, `iam:role`.
    pub kind: &'static str,
    /// Its region; `global` for IAM's.
    pub region: String,
    /// What the call that deletes it names: an id, a name, an ARN; of node groups, Fargate
    /// profiles and add-ons `cluster/name`, of an Auto Scaling group its name.
    pub id: String,
    /// Its state as AWS spells it, for what has one: `deleting`, `in-use`, `ACTIVE`.
    pub state: Option<String>,
    /// Its tags.
    pub tags: Tags,
}

/// Everything that stands now, sorted by kind, region and id. What is only still shown after its end (a
/// terminated instance, a deleted NAT gateway) stands no longer.
pub fn of(world: &World) -> Vec<Thing> {
    let mut books = Books { region: "global", things: Vec::new() };
    books.iam(&world.iam);
    for (name, bucket) in &world.s3.buckets {
        books.region = &bucket.region;
        books.note("s3:bucket", name, &bucket.tags);
    }
    for (region, state) in &world.regions {
        books.region = region;
        // Taken apart whole, so that a record that is new cannot be forgotten here.
        let RegionState { ec2, autoscaling, cloudformation, elb, ecs, eks, lambda, logs, kms, ssm } = state;
        books.ec2(ec2);
        books.autoscaling(autoscaling);
        books.cloudformation(cloudformation);
        books.elb(elb);
        books.ecs(ecs);
        books.eks(eks);
        books.lambda(lambda);
        books.logs(logs);
        books.kms(kms);
        books.ssm(ssm);
    }
    books.things.sort();
    books.things
}

/// The longest of the names.
const EGRESS_GATEWAY: &str = "ec2:egress-only-internet-gateway";

struct Books<'a> {
    region: &'a str,
    things: Vec<Thing>,
}

impl Books<'_> {
    fn note(&mut self, kind: &'static str, id: &str, tags: &Tags) {
        self.with_state(kind, id, None, tags);
    }

    fn with_state(&mut self, kind: &'static str, id: &str, state: Option<&str>, tags: &Tags) {
        self.things.push(Thing {
            kind,
            region: self.region.to_owned(),
            id: id.to_owned(),
            state: state.map(str::to_owned),
            tags: tags.clone(),
        });
    }

    fn iam(&mut self, iam: &Iam) {
        let Iam { roles, policies, profiles, providers, users, groups, alias: _ } = iam;
        roles.values().for_each(|role| self.note("iam:role", &role.name, &role.tags));
        policies.values().for_each(|policy| self.note("iam:policy", &policy.arn, &policy.tags));
        profiles.values().for_each(|profile| self.note("iam:instance-profile", &profile.name, &profile.tags));
        providers.values().for_each(|provider| self.note("iam:oidc-provider", &provider.arn, &provider.tags));
        users.values().for_each(|user| self.note("iam:user", &user.name, &user.tags));
        groups.values().for_each(|group| self.note("iam:group", &group.name, &Tags::new()));
    }

    fn ec2(&mut self, ec2: &Ec2) {
        let Ec2 {
            vpcs,
            subnets,
            route_tables,
            internet_gateways,
            network_acls,
            interfaces,
            security_groups,
            rules,
            addresses,
            nat_gateways,
            endpoints,
            egress_gateways,
            dhcp_options,
            default_dhcp_options: _,
            // What joins networks, below.
            peerings: _,
            vpn_gateways: _,
            vpn_connections: _,
            customer_gateways: _,
            carrier_gateways: _,
            instance_connect_endpoints: _,
            transit_attachments: _,
            endpoint_services: _,
            flow_logs,
            key_pairs,
            placement_groups,
            ended_associations: _,
            instances,
            volumes,
            launch_templates,
        } = ec2;
        vpcs.iter().for_each(|(id, it)| self.note("ec2:vpc", id, &it.tags));
        subnets.iter().for_each(|(id, it)| self.note("ec2:subnet", id, &it.tags));
        route_tables.iter().for_each(|(id, it)| self.note("ec2:route-table", id, &it.tags));
        internet_gateways.iter().for_each(|(id, it)| self.note("ec2:internet-gateway", id, &it.tags));
        network_acls.iter().for_each(|(id, it)| self.note("ec2:network-acl", id, &it.tags));
        for (id, it) in interfaces {
            self.with_state("ec2:network-interface", id, Some(&it.status), &it.tags);
        }
        security_groups.iter().for_each(|(id, it)| self.note("ec2:security-group", id, &it.tags));
        rules.iter().for_each(|(id, it)| self.note("ec2:security-group-rule", id, &it.tags));
        addresses.iter().for_each(|(id, it)| self.note("ec2:elastic-ip", id, &it.tags));
        for (id, it) in nat_gateways.iter().filter(|(_, it)| it.state != "deleted") {
            self.with_state("ec2:natgateway", id, Some(&it.state), &it.tags);
        }
        for (id, it) in endpoints.iter().filter(|(_, it)| it.state != "deleted") {
            self.with_state("ec2:vpc-endpoint", id, Some(&it.state), &it.tags);
        }
        egress_gateways.iter().for_each(|(id, it)| self.note(EGRESS_GATEWAY, id, &it.tags));
        dhcp_options.iter().for_each(|(id, it)| self.note("ec2:dhcp-options", id, &it.tags));
        flow_logs.iter().for_each(|(id, it)| self.note("ec2:vpc-flow-log", id, &it.tags));
        key_pairs.iter().for_each(|(id, it)| self.note("ec2:key-pair", id, &it.tags));
        placement_groups.iter().for_each(|(id, it)| self.note("ec2:placement-group", id, &it.tags));
        for (id, it) in instances.iter().filter(|(_, it)| it.state != "terminated") {
            self.with_state("ec2:instance", id, Some(&it.state), &it.tags);
        }
        volumes.iter().for_each(|(id, it)| self.with_state("ec2:volume", id, Some(&it.state), &it.tags));
        launch_templates.iter().for_each(|(id, it)| self.note("ec2:launch-template", id, &it.tags));
        self.joining(ec2);
    }

    /// What joins a network to others, or lets others in.
    fn joining(&mut self, ec2: &Ec2) {
        for (id, it) in ec2.vpn_gateways.iter().filter(|(_, it)| it.state != "deleted") {
            self.with_state("ec2:vpn-gateway", id, Some(&it.state), &it.tags);
        }
        for (id, it) in ec2.vpn_connections.iter().filter(|(_, it)| it.state != "deleted") {
            self.with_state("ec2:vpn-connection", id, Some(&it.state), &it.tags);
        }
        for (id, it) in ec2.customer_gateways.iter().filter(|(_, it)| it.state != "deleted") {
            self.with_state("ec2:customer-gateway", id, Some(&it.state), &it.tags);
        }
        ec2.carrier_gateways.iter().for_each(|(id, it)| self.note("ec2:carrier-gateway", id, &it.tags));
        for (id, it) in ec2.instance_connect_endpoints.iter().filter(|(_, it)| it.state != "delete-complete")
        {
            self.with_state("ec2:instance-connect-endpoint", id, Some(&it.state), &it.tags);
        }
        for (id, it) in ec2.transit_attachments.iter().filter(|(_, it)| it.state != "deleted") {
            self.with_state("ec2:transit-gateway-attachment", id, Some(&it.state), &it.tags);
        }
        ec2.endpoint_services.iter().for_each(|(id, it)| self.note("ec2:vpc-endpoint-service", id, &it.tags));
        for (id, it) in ec2.peerings.iter().filter(|(_, it)| it.status != "deleted") {
            self.with_state("ec2:vpc-peering-connection", id, Some(&it.status), &it.tags);
        }
    }

    fn autoscaling(&mut self, autoscaling: &AutoScaling) {
        let AutoScaling { groups, configurations } = autoscaling;
        for (name, it) in groups {
            let tags = it.tags.iter().map(|(key, (value, _))| (key.clone(), value.clone())).collect();
            let state = it.deleting.then_some("Delete in progress");
            self.with_state("autoscaling:autoScalingGroup", name, state, &tags);
        }
        configurations
            .keys()
            .for_each(|name| self.note("autoscaling:launchConfiguration", name, &Tags::new()));
    }

    fn cloudformation(&mut self, cloudformation: &CloudFormation) {
        let CloudFormation { stacks } = cloudformation;
        for (id, it) in stacks.iter().filter(|(_, it)| it.stands()) {
            self.with_state("cloudformation:stack", id, Some(it.status.as_str()), &it.tags);
        }
    }

    fn elb(&mut self, elb: &Elb) {
        let Elb { load_balancers, target_groups, listeners, rules } = elb;
        for (arn, it) in load_balancers {
            self.with_state("elasticloadbalancing:loadbalancer", arn, Some(it.state.as_str()), &it.tags);
        }
        for (arn, it) in target_groups {
            self.note("elasticloadbalancing:targetgroup", arn, &it.tags);
        }
        for (arn, it) in listeners {
            self.note("elasticloadbalancing:listener", arn, &it.tags);
        }
        for (arn, it) in rules {
            self.note("elasticloadbalancing:listener-rule", arn, &it.tags);
        }
    }

    fn ecs(&mut self, ecs: &Ecs) {
        let Ecs { clusters, definitions } = ecs;
        for cluster in clusters.values() {
            self.note("ecs:cluster", &cluster.arn, &cluster.tags);
            cluster.services.values().for_each(|it| self.note("ecs:service", &it.arn, &it.tags));
        }
        definitions.values().for_each(|it| self.note("ecs:task-definition", &it.arn, &it.tags));
    }

    fn eks(&mut self, eks: &Eks) {
        for (name, cluster) in &eks.clusters {
            self.with_state("eks:cluster", name, Some(cluster.status.as_str()), &cluster.tags);
            for (part, it) in &cluster.nodegroups {
                let id = format!("{name}/{part}");
                self.with_state("eks:nodegroup", &id, Some(it.status.as_str()), &it.tags);
                // Its tags are EKS's own: they follow from the node group.
                self.note("autoscaling:autoScalingGroup", &it.scaling_group, &Tags::new());
            }
            for (part, it) in &cluster.addons {
                let id = format!("{name}/{part}");
                self.with_state("eks:addon", &id, Some(it.status.as_str()), &it.tags);
            }
            for (part, it) in &cluster.fargate_profiles {
                let id = format!("{name}/{part}");
                self.with_state("eks:fargateprofile", &id, Some(it.status.as_str()), &it.tags);
            }
            for (principal, it) in &cluster.access_entries {
                self.note("eks:access-entry", &format!("{name}/{principal}"), &it.tags);
            }
            for (part, it) in &cluster.associations {
                self.note("eks:podidentityassociation", &format!("{name}/{part}"), &it.tags);
            }
        }
    }

    fn lambda(&mut self, lambda: &Lambda) {
        // Its interfaces are EC2's, and noted there.
        let Lambda { functions, interfaces: _ } = lambda;
        for it in functions.values() {
            self.with_state("lambda:function", &it.arn, Some(&it.state), &it.tags);
        }
    }

    fn logs(&mut self, logs: &Logs) {
        let Logs { groups } = logs;
        groups.iter().for_each(|(name, it)| self.note("logs:log-group", name, &it.tags));
    }

    fn ssm(&mut self, ssm: &Ssm) {
        let Ssm { parameters } = ssm;
        parameters.iter().for_each(|(name, it)| self.note("ssm:parameter", name, &it.tags));
    }

    fn kms(&mut self, kms: &Kms) {
        let Kms { keys, aliases } = kms;
        for (id, it) in keys {
            let state = if it.deletion.is_some() { "PendingDeletion" } else { "Enabled" };
            self.with_state("kms:key", id, Some(state), &it.tags);
        }
        aliases.keys().for_each(|name| self.note("kms:alias", name, &Tags::new()));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use super::*;
    use crate::ec2::lab::Lab;
    use crate::world::covered::walk;

    fn standing(lab: &Lab, kind: &str) -> Vec<(String, Option<String>)> {
        let all = of(&lab.world).into_iter().filter(|thing| thing.kind == kind);
        all.map(|thing| (thing.id, thing.state)).collect()
    }

    #[test]
    fn a_nat_gateway_stands_until_it_is_deleted_though_it_is_shown_for_longer() {
        let mut lab = Lab::new();
        let (_, subnet, _) = lab.public_subnet();
        let (nat, _) = lab.nat(&subnet);
        assert_eq!(standing(&lab, "ec2:natgateway"), [(nat.clone(), Some("available".to_owned()))]);
        lab.ok("DeleteNatGateway", &[("NatGatewayId", &nat)]);
        assert_eq!(standing(&lab, "ec2:natgateway"), [(nat.clone(), Some("deleting".to_owned()))]);
        lab.pass(Duration::from_secs(10 * 60));
        assert!(lab.ok("DescribeNatGateways", &[]).contains(&nat));
        assert_eq!(standing(&lab, "ec2:natgateway"), []);
    }

    #[test]
    fn whatever_the_tagging_api_covers_is_in_the_books_as_often() {
        for name in crate::scenario::names() {
            let world = crate::scenario::build(name, 0.0, "2026-11-20T10:00:00Z".parse().unwrap()).unwrap();
            let mut covered: BTreeMap<&str, usize> = BTreeMap::new();
            for region in world.regions.keys() {
                walk(&world, region, &mut |kind, _, _| *covered.entry(kind).or_default() += 1);
            }
            let books = of(&world);
            for (kind, number) in covered {
                assert_eq!(books.iter().filter(|thing| thing.kind == kind).count(), number, "{name}: {kind}");
            }
        }
    }

    #[test]
    fn the_books_hold_what_the_tagging_api_does_not_tell() {
        let world =
            crate::scenario::build("failed-eks", 0.0, "2026-11-20T10:00:00Z".parse().unwrap()).unwrap();
        let all = of(&world);
        for kind in ["iam:role", "autoscaling:autoScalingGroup", "eks:cluster", "ec2:network-interface"] {
            assert!(all.iter().any(|thing| thing.kind == kind), "{kind}");
        }
        assert!(all.is_sorted());
    }
}
