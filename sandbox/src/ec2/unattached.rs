//! Interfaces that stand `available` although what they were made for stands: their service has made them
//! and not yet attached them, or has detached them and not yet removed them.
//!
//! "The AWS service detaches the network interface and deletes it. If the service detached a network
//! interface but didn't delete it, you can delete the detached network interface":
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/requester-managed-eni.html>. The VPC CNI creates an
//! interface before it attaches it to its node (`AllocENI` in
//! <https://github.com/aws/amazon-vpc-cni-k8s/blob/master/pkg/awsutils/awsutils.go>). So EC2 deletes such an
//! interface for anybody; that somebody did is kept in [`World::torn`]. How long such moments last is
//! [`crate::faults::Faults::unattached`]: by default nobody ever sees one.

use std::collections::BTreeSet;
use std::time::Duration;

use super::make_interfaces::{make_interface, service_attachment};
use crate::error::AwsResult;
use crate::stores::ec2::{Ec2, Interface, InterfaceAttachment};
use crate::stores::eks::ClusterStatus;
use crate::tags::Tags;
use crate::world::{RegionState, Torn, World};

/// What an interface was made for.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Maker {
    /// Its id, name or ARN.
    id: String,
    /// Whether it is being deleted.
    going: bool,
}

/// Makes an interface for a service. Its attachment, which `spec` has, may come only after a while.
pub(super) fn make(world: &mut World, region: &str, mut spec: Interface) -> AwsResult<String> {
    let wait = world.faults.unattached;
    let attachment = if wait.is_zero() { None } else { spec.attachment.take() };
    let id = make_interface(world, region, spec)?;
    if let Some(attachment) = attachment {
        attach_later(world, region, &id, attachment, wait);
    }
    Ok(id)
}

/// Has a service let its interfaces go for a while before it removes them, which is in so much time.
pub(crate) fn let_go_before(world: &mut World, region: &str, interfaces: &[String], removal: Duration) {
    let alone = world.faults.unattached;
    if alone.is_zero() {
        return;
    }
    let (region, interfaces) = (region.to_owned(), interfaces.to_vec());
    world.after(removal.saturating_sub(alone), move |world| {
        for id in &interfaces {
            let _attachment = let_go(&mut world.region(&region).ec2, id);
        }
    });
}

/// Has a service attach its interfaces again that it let go to remove them, because it could not.
pub(crate) fn take_back(world: &mut World, region: &str, interfaces: &[String]) {
    let free = |world: &mut World, id: &String| {
        world.region(region).ec2.interfaces.get(id).is_some_and(|interface| interface.attachment.is_none())
    };
    for id in interfaces {
        if !free(world, id) {
            continue;
        }
        let attachment = service_attachment(world, "amazon-aws");
        if let Some(interface) = world.region(region).ec2.interfaces.get_mut(id) {
            interface.status = "in-use".to_owned();
            interface.attachment = Some(attachment);
        }
    }
}

/// Has every service let go of its interfaces now, to attach them again after a while.
pub(crate) fn let_all_go(world: &mut World) {
    let wait = world.faults.unattached;
    let regions: Vec<String> = world.regions.keys().cloned().collect();
    for region in regions {
        let state = world.region(&region);
        let ids: Vec<String> = state.ec2.interfaces.keys().cloned().collect();
        let held: Vec<String> = ids.into_iter().filter(|id| stays(state, id)).collect();
        for id in held {
            if let Some(attachment) = let_go(&mut world.region(&region).ec2, &id) {
                attach_later(world, &region, &id, attachment, wait);
            }
        }
    }
}

/// The interface that the VPC CNI of a node adds to the node's first one, for its pods. It is the account's
/// own, and goes with its instance once it is attached.
/// <https://docs.aws.amazon.com/eks/latest/best-practices/vpc-cni.html>
pub(crate) fn add_for_pods(world: &mut World, region: &str, cluster: &str, instance: &str) -> AwsResult<()> {
    if world.faults.unattached.is_zero() {
        return Ok(());
    }
    let ec2 = &world.region(region).ec2;
    let Some(node) = ec2.instances.get(instance) else { return Ok(()) };
    let first = node.interfaces.first().and_then(|first| ec2.interfaces.get(first));
    let groups = first.map_or_else(BTreeSet::new, |first| first.groups.clone());
    let subnet = node.subnet.clone();
    let tags = [
        ("node.k8s.amazonaws.com/instance_id", instance),
        ("cluster.k8s.amazonaws.com/name", cluster),
        ("eks:eni:owner", "amazon-vpc-cni"),
    ];
    let attachment = InterfaceAttachment {
        id: world.ids.ec2("eni-attach"),
        instance: Some(instance.to_owned()),
        instance_owner: world.account.clone(),
        device_index: 1,
        delete_on_termination: true,
        ..Default::default()
    };
    let spec = Interface {
        subnet,
        description: format!("aws-K8S-{instance}"),
        groups,
        attachment: Some(attachment),
        tags: tags.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect::<Tags>(),
        ..Default::default()
    };
    make(world, region, spec).map(|_| ())
}

/// Keeps in mind that somebody deletes this interface, if what it was made for stands.
pub(super) fn note_deletion(world: &mut World, region: &str, id: &str) {
    let at = world.clock.now();
    let state = world.region(region);
    let Some(interface) = state.ec2.interfaces.get(id) else { return };
    let Some(maker) = maker(state, id, interface) else { return };
    let description = interface.description.clone();
    let (region, interface) = (region.to_owned(), id.to_owned());
    world.torn.push(Torn { at, region, interface, description, maker: maker.id });
}

/// What an interface was made for, if that stands: a cluster, a load balancer, a NAT gateway, an endpoint, a
/// function, a service of tasks, a node.
fn maker(state: &RegionState, id: &str, interface: &Interface) -> Option<Maker> {
    let made = |ids: &[String]| ids.iter().any(|made| made == id);
    let ec2 = &state.ec2;
    let nats = ec2.nat_gateways.iter().filter(|(_, nat)| nat.interface.as_deref() == Some(id));
    let mut nats = nats.map(|(nat, record)| (nat, record.state.as_str()));
    let endpoints = ec2.endpoints.iter().filter(|(_, endpoint)| endpoint.interfaces.contains(id));
    let mut endpoints = endpoints.map(|(endpoint, record)| (endpoint, record.state.as_str()));
    if let Some((maker, state)) = nats.next().or_else(|| endpoints.next()) {
        return (state != "deleted").then(|| Maker { id: maker.clone(), going: state == "deleting" });
    }
    if let Some(cluster) = state.eks.clusters.values().find(|cluster| made(&cluster.interfaces)) {
        return Some(Maker { id: cluster.arn.clone(), going: cluster.status == ClusterStatus::Deleting });
    }
    if let Some((arn, _)) = state.elb.load_balancers.iter().find(|(_, lb)| made(&lb.interfaces)) {
        return Some(Maker { id: arn.clone(), going: false });
    }
    if let Some((place, _)) = state.lambda.interfaces.iter().find(|(_, shared)| shared.interface == id) {
        let function = state.lambda.functions.values().find(|function| place.serves(function))?;
        return Some(Maker { id: function.arn.clone(), going: false });
    }
    let mut services = state.ecs.clusters.values().flat_map(|cluster| cluster.services.values());
    if let Some(service) = services.find(|service| made(&service.interfaces)) {
        return Some(Maker { id: service.arn.clone(), going: false });
    }
    let node = interface.description.strip_prefix("aws-K8S-")?;
    let there = ec2.instances.get(node).filter(|instance| instance.state != "terminated")?;
    Some(Maker { id: node.to_owned(), going: there.state == "shutting-down" })
}

/// Whether what the interface was made for stands and is not being deleted.
fn stays(state: &RegionState, id: &str) -> bool {
    let interface = state.ec2.interfaces.get(id);
    interface.and_then(|interface| maker(state, id, interface)).is_some_and(|maker| !maker.going)
}

fn let_go(ec2: &mut Ec2, id: &str) -> Option<InterfaceAttachment> {
    let interface = ec2.interfaces.get_mut(id)?;
    let attachment = interface.attachment.take()?;
    interface.status = "available".to_owned();
    if let Some(node) = attachment.instance.as_ref().and_then(|node| ec2.instances.get_mut(node)) {
        node.interfaces.retain(|held| held != id);
    }
    Some(attachment)
}

fn attach_later(world: &mut World, region: &str, id: &str, attachment: InterfaceAttachment, wait: Duration) {
    let (region, id) = (region.to_owned(), id.to_owned());
    world.after(wait, move |world| {
        let now = world.clock.now();
        let state = world.region(&region);
        if !stays(state, &id) {
            return;
        }
        if let Some(node) = attachment.instance.as_ref().and_then(|node| state.ec2.instances.get_mut(node)) {
            node.interfaces.push(id.clone());
        }
        if let Some(interface) = state.ec2.interfaces.get_mut(&id).filter(|it| it.attachment.is_none()) {
            interface.status = "in-use".to_owned();
            interface.attachment = Some(InterfaceAttachment { attached: Some(now), ..attachment });
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ec2::lab::{Lab, REGION};
    use crate::ec2::nat_gateways::DELETE_TAKES;

    const ALONE: Duration = Duration::from_secs(30);

    /// A lab whose services leave their interfaces alone for a while, and a subnet for a NAT gateway.
    fn lab() -> (Lab, String) {
        let mut lab = Lab::new();
        lab.world.faults.unattached = ALONE;
        let (_, subnet, _) = lab.public_subnet();
        (lab, subnet)
    }

    fn nat(lab: &mut Lab, subnet: &str) -> String {
        let address = lab.get("AllocateAddress", &[], "allocationId");
        let params = [("SubnetId", subnet), ("AllocationId", &address)];
        lab.get("CreateNatGateway", &params, "natGatewayId")
    }

    /// The NAT gateway's interface as it is described: id and whole answer.
    fn seen(lab: &mut Lab) -> (String, String) {
        let own = [("Filter.1.Name", "requester-managed"), ("Filter.1.Value.1", "true")];
        let told = lab.ok("DescribeNetworkInterfaces", &own);
        (crate::xml::text_of(&told, "networkInterfaceId").unwrap_or_default(), told)
    }

    #[test]
    fn a_services_interface_is_free_before_it_is_attached_and_before_it_is_removed() {
        let (mut lab, subnet) = lab();
        let id = nat(&mut lab, &subnet);
        let (_, told) = seen(&mut lab);
        assert!(told.contains("<status>available</status>") && !told.contains("<attachment>"), "{told}");
        assert!(told.contains("<requesterManaged>true</requesterManaged>"), "{told}");
        assert!(told.contains(&format!("<description>Interface for NAT Gateway {id}</description>")));
        lab.pass(ALONE);
        assert!(seen(&mut lab).1.contains("<attachmentId>ela-attach-"));
        lab.pass(ALONE * 10);
        lab.ok("DeleteNatGateway", &[("NatGatewayId", &id)]);
        lab.pass(DELETE_TAKES - ALONE - Duration::from_secs(1));
        assert!(seen(&mut lab).1.contains("<attachmentId>"));
        lab.pass(Duration::from_secs(1));
        let (_, told) = seen(&mut lab);
        assert!(told.contains("<status>available</status>") && !told.contains("<attachment>"), "{told}");
        lab.pass(ALONE);
        assert_eq!(seen(&mut lab).0, "");
        assert_eq!(lab.world.torn, []);
    }

    #[test]
    fn who_deletes_one_is_found_out() {
        let (mut lab, subnet) = lab();
        let id = nat(&mut lab, &subnet);
        let (interface, _) = seen(&mut lab);
        lab.ok("DeleteNetworkInterface", &[("NetworkInterfaceId", &interface)]);
        let torn: Vec<_> = lab.world.torn.iter().map(|torn| (&torn.interface, &torn.maker)).collect();
        assert_eq!(torn, [(&interface, &id)]);
        lab.pass(ALONE * 2);
        assert_eq!(seen(&mut lab).0, "", "nothing brings it back");
    }

    #[test]
    fn one_that_outlives_its_maker_is_anybodys() {
        let (mut lab, subnet) = lab();
        let id = nat(&mut lab, &subnet);
        let (interface, _) = seen(&mut lab);
        lab.world.region(REGION).ec2.nat_gateways.remove(&id);
        lab.ok("DeleteNetworkInterface", &[("NetworkInterfaceId", &interface)]);
        assert_eq!(lab.world.torn, []);
    }

    #[test]
    fn all_let_go_at_once_and_are_attached_again() {
        let (mut lab, subnet) = lab();
        nat(&mut lab, &subnet);
        lab.pass(ALONE);
        let_all_go(&mut lab.world);
        assert!(seen(&mut lab).1.contains("<status>available</status>"));
        lab.pass(ALONE);
        assert!(seen(&mut lab).1.contains("<status>in-use</status>"));
    }
}
