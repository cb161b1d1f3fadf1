//! The calls of `instance`: its description as a resource, and its deletion. What they mean stands in
//! [`crate::kinds::instance`].

use async_trait::async_trait;
use aws_sdk_ec2::types::{Filter, Instance as Described};
use futures::stream::{self, TryStreamExt};
use jiff::Timestamp;

use super::ec2::{PAGE, fact, guard, guard_operated, looked_up, may_be_ones_fault};
use super::{Kind, one_by_one};
use crate::aws::shapes::{ec2_resource, timestamp};
use crate::aws::{Aws, Site};
use crate::inventory::marks::node_group;
use crate::kinds::instance::{NAME, SPEC, TERMINATE};
use crate::model::words::{fact as facts, how};
use crate::model::{CloudError, ErrorClass, GuardRule, KindSpec, Life, Link, Resource};

/// Its calls.
pub struct Calls;

/// How many instances a listing asks for their protection, each by a call of its own.
const PROTECTIONS_LISTED: usize = 200;

/// By this tag Auto Scaling marks what it started.
/// <https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-tagging.html>
const SCALING_GROUP: &str = "aws:autoscaling:groupName";

/// How many of those calls are under way at once.
const AT_ONCE: usize = 8;

#[async_trait]
impl Kind for Calls {
    fn spec(&self) -> &'static KindSpec {
        &SPEC
    }

    /// Termination protection stands in no describe: it takes a call for each instance. So a listing
    /// asks for the first [`PROTECTIONS_LISTED`] that no other thing takes along; for those beyond, it
    /// shows in `look`, which is taken right before each deletion, and AWS refuses in any case.
    async fn list(&self, aws: &Aws) -> Result<Vec<Resource>, CloudError> {
        let mut found = described(aws, None).await?;
        add_protections(aws, &mut found, PROTECTIONS_LISTED).await?;
        Ok(found)
    }

    async fn list_users(&self, aws: &Aws) -> Result<Vec<Resource>, CloudError> {
        described(aws, None).await
    }

    async fn look(&self, aws: &Aws, ids: &[String]) -> Result<Vec<Resource>, CloudError> {
        let mut found = looked_up("instance-id", ids, |filter| described(aws, Some(filter))).await?;
        let all = found.len();
        add_protections(aws, &mut found, all).await?;
        Ok(found)
    }

    async fn delete_one(&self, aws: &Aws, resource: &Resource) -> Result<(), CloudError> {
        terminate(aws, &[resource.key.id.to_string()]).await
    }

    async fn delete(&self, aws: &Aws, resources: &[Resource]) -> Vec<Result<(), CloudError>> {
        let ids: Vec<String> = resources.iter().map(|resource| resource.key.id.to_string()).collect();
        match terminate(aws, &ids).await {
            // One that is gone or protected fails the call for all of them. To terminate again what
            // that call did terminate (those of other zones) is a success.
            Err(error) if ids.len() > 1 && may_be_ones_fault(&error) => {
                one_by_one(self, aws, resources).await
            }
            answer => vec![answer; ids.len()],
        }
    }
}

async fn terminate(aws: &Aws, ids: &[String]) -> Result<(), CloudError> {
    let call = aws.ec2.terminate_instances().set_instance_ids(Some(ids.to_vec())).set_dry_run(aws.dry_run());
    aws.change(TERMINATE, || call.send()).await
}

/// With those that an account setting hides: they cost all the same.
async fn described(aws: &Aws, filter: Option<Filter>) -> Result<Vec<Resource>, CloudError> {
    let call = aws
        .ec2
        .describe_instances()
        .set_filters(filter.map(|it| vec![it]))
        .include_managed_resources(true)
        .max_results(PAGE);
    let pages = aws
        .pages(
            "ec2:DescribeInstances",
            |token| call.clone().set_next_token(token).send(),
            |page| page.next_token(),
        )
        .await?;
    Ok(pages
        .iter()
        .flat_map(|page| page.reservations())
        .flat_map(|reservation| reservation.instances().iter().map(|it| (reservation.owner_id(), it)))
        .filter_map(|(owner, it)| read(&aws.site, owner, it))
        .collect())
}

/// Asks whether termination protection is on, for at most so many of those that nothing takes along.
async fn add_protections(aws: &Aws, found: &mut [Resource], at_most: usize) -> Result<(), CloudError> {
    let asked = found
        .iter_mut()
        .filter(|it| it.life != Life::Leaving && it.guards.is_empty())
        .filter(|it| it.links_as(how::MADE_BY).next().is_none())
        .take(at_most);
    stream::iter(asked.map(Ok))
        .try_for_each_concurrent(AT_ONCE, |resource| async move {
            if is_protected(aws, &resource.key.id).await? {
                guard(resource, GuardRule::Protection, "termination protection is on");
            }
            Ok(())
        })
        .await
}

async fn is_protected(aws: &Aws, id: &str) -> Result<bool, CloudError> {
    let call = aws
        .ec2
        .describe_instance_attribute()
        .instance_id(id)
        .attribute(aws_sdk_ec2::types::InstanceAttributeName::DisableApiTermination);
    match aws.read("ec2:DescribeInstanceAttribute", || call.clone().send()).await {
        Ok(answer) => Ok(answer.disable_api_termination().and_then(|it| it.value()) == Some(true)),
        Err(error) if error.class == ErrorClass::Gone => Ok(false),
        Err(error) => Err(error),
    }
}

/// The SDK's description as a resource.
fn read(site: &Site, owner: Option<&str>, it: &Described) -> Option<Resource> {
    let id = it.instance_id()?;
    let mut resource = ec2_resource(site, NAME, id, it.tags(), owner);
    resource.state = it.state().and_then(|state| state.name()).map(|state| state.as_str().to_owned());
    resource.life = match SPEC.states.life(resource.state.as_deref())? {
        // A node group replaces its instances for as long as it stands, failed or not: that is no deployment.
        Life::Coming if node_group(&resource).is_some() => Life::Standing,
        life => life,
    };
    resource.arn = Some(site.arn("ec2", &format!("instance/{id}")));
    resource.created = created(it);
    let started = it.launch_time().and_then(timestamp);
    fact(&mut resource, facts::STARTED, started.map(|at| at.to_string()));
    fact(&mut resource, facts::INSTANCE_TYPE, it.instance_type().map(|kind| kind.as_str()));
    fact(&mut resource, facts::VCPUS, own_vcpus(it).map(|count| count.to_string()));
    fact(&mut resource, facts::MARKET, it.instance_lifecycle().map(|market| market.as_str()));
    let tenancy = it.placement().and_then(|placement| placement.tenancy());
    fact(
        &mut resource,
        facts::TENANCY,
        tenancy.map(|it| it.as_str()).filter(|tenancy| *tenancy != "default"),
    );
    fact(&mut resource, facts::ZONE, it.placement().and_then(|placement| placement.availability_zone()));
    fact(&mut resource, facts::PUBLIC_IP, it.public_ip_address());
    fact(&mut resource, facts::LENT_ADDRESSES, lent_addresses(it).map(|count| count.to_string()));
    add_links(site, it, &mut resource);
    add_keeper(site, it, &mut resource);
    Some(resource)
}

/// How many virtual processors it has: cores times threads, whether by default or as its CPU options say.
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-cpu-options-rules.html>
fn own_vcpus(it: &Described) -> Option<u64> {
    let options = it.cpu_options()?;
    let cores = u64::try_from(options.core_count()?).ok()?;
    cores.checked_mul(u64::try_from(options.threads_per_core()?).ok()?).filter(|count| *count > 0)
}

/// The launch time is renewed at each start. Its root volume and first interface tell an earlier one.
fn created(it: &Described) -> Option<Timestamp> {
    let volumes = it
        .block_device_mappings()
        .iter()
        .filter(|device| device.device_name().is_some() && device.device_name() == it.root_device_name())
        .filter_map(|device| timestamp(device.ebs()?.attach_time()?));
    let interfaces = it
        .network_interfaces()
        .iter()
        .filter_map(|interface| interface.attachment())
        .filter(|attachment| attachment.device_index() == Some(0))
        .filter_map(|attachment| timestamp(attachment.attach_time()?));
    it.launch_time().and_then(timestamp).into_iter().chain(volumes).chain(interfaces).min()
}

/// How many of its public addresses are Amazon's, lent until it stops.
fn lent_addresses(it: &Described) -> Option<usize> {
    let lent = it
        .network_interfaces()
        .iter()
        .filter_map(|interface| interface.association())
        .filter(|association| {
            association.public_ip().is_some() && association.ip_owner_id() == Some("amazon")
        })
        .count();
    (lent > 0).then_some(lent)
}

fn add_links(site: &Site, it: &Described, resource: &mut Resource) {
    let links = &mut resource.links;
    if let Some(subnet) = it.subnet_id() {
        links.insert(Link::new(how::WITHIN, site.key("subnet", subnet)));
    }
    if let Some(vpc) = it.vpc_id() {
        links.insert(Link::new(how::WITHIN, site.key("vpc", vpc)));
    }
    for group in it.security_groups().iter().filter_map(|group| group.group_id()) {
        links.insert(Link::new(how::USES, site.key("security-group", group)));
    }
    // The ARN ends with the profile's path and name; its key is the name.
    let profile = it.iam_instance_profile().and_then(|profile| profile.arn());
    if let Some(name) = profile.and_then(|arn| arn.rsplit('/').next()) {
        links.insert(Link::new(how::USES, site.global_key("iam-instance-profile", name)));
    }
    if let Some(pair) = it.key_name() {
        links.insert(Link::new(how::USES, site.key("key-pair", pair)));
    }
    if let Some(group) = it.placement().and_then(|it| it.group_name()).filter(|name| !name.is_empty()) {
        links.insert(Link::new(how::USES, site.key("placement-group", group)));
    }
    if let Some(template) = resource.tags.get("aws:ec2launchtemplate:id") {
        links.insert(Link::new(how::USES, site.key("launch-template", template.clone())));
    }
}

/// What would replace it, or alone may terminate it. A node group's instances bear its Auto Scaling
/// group's tag as well: there the node group is the one to delete, and takes both.
fn add_keeper(site: &Site, it: &Described, resource: &mut Resource) {
    guard_operated(resource, it.operator());
    let keeper = match (node_group(resource), resource.tags.get(SCALING_GROUP)) {
        (Some(nodegroup), _) => site.key("eks-nodegroup", nodegroup),
        (None, Some(group)) => site.key("auto-scaling-group", group.clone()),
        (None, None) => return,
    };
    resource.links.insert(Link::new(how::MADE_BY, keeper));
}

#[cfg(test)]
mod tests {
    use aws_sdk_ec2::types::{
        CpuOptions, EbsInstanceBlockDevice, GroupIdentifier, IamInstanceProfile, InstanceBlockDeviceMapping,
        InstanceLifecycleType, InstanceNetworkInterface, InstanceNetworkInterfaceAssociation,
        InstanceNetworkInterfaceAttachment, InstanceState, InstanceType, OperatorResponse, Placement,
        Tenancy,
    };
    use aws_smithy_types::DateTime;

    use super::*;
    use crate::aws::kinds::testing::{ACCOUNT, guards, links, site, tag};
    use crate::kinds::instance::cost;
    use crate::model::Cost;
    use aws_sdk_ec2::types::InstanceStateName as State;

    fn instance(state: State) -> aws_sdk_ec2::types::builders::InstanceBuilder {
        Described::builder()
            .instance_id("i-1")
            .instance_type(InstanceType::T3Large)
            .state(InstanceState::builder().name(state).build())
    }

    fn seen(it: Described) -> Resource {
        read(&site(), Some(ACCOUNT), &it).unwrap()
    }

    #[test]
    fn an_instance_refers_to_its_network_its_profile_and_its_template() {
        let it = instance(State::Running)
            .subnet_id("subnet-1")
            .vpc_id("vpc-1")
            .security_groups(GroupIdentifier::builder().group_id("sg-1").build())
            .iam_instance_profile(
                IamInstanceProfile::builder()
                    .arn("arn:aws:iam::111122223333:instance-profile/team/a/nodes")
                    .build(),
            )
            .tags(tag("aws:ec2launchtemplate:id", "lt-1"))
            .key_name("ops")
            .placement(Placement::builder().group_name("close").build())
            .build();
        let read = seen(it);
        assert_eq!(
            links(&read),
            [
                "uses iam-instance-profile nodes",
                "uses key-pair ops",
                "uses launch-template lt-1",
                "uses placement-group close",
                "uses security-group sg-1",
                "within subnet subnet-1",
                "within vpc vpc-1",
            ]
        );
        let profile = read.links.iter().find(|link| link.to.kind.as_str() == "iam-instance-profile").unwrap();
        assert!(profile.to.region.is_global());
    }

    #[test]
    fn an_instance_has_the_vcpus_of_its_cpu_options_and_a_market_only_off_demand() {
        let options = CpuOptions::builder().core_count(4).threads_per_core(1).build();
        let tenancy = |it: Tenancy| Placement::builder().tenancy(it).build();
        let plain = instance(State::Running).cpu_options(options).placement(tenancy(Tenancy::Default));
        let read = seen(plain.clone().build());
        assert_eq!(read.facts[facts::VCPUS], "4");
        assert!(!read.facts.contains_key(facts::MARKET) && !read.facts.contains_key(facts::TENANCY));
        let special = plain.instance_lifecycle(InstanceLifecycleType::Spot).placement(tenancy(Tenancy::Host));
        let read = seen(special.build());
        assert_eq!((&*read.facts[facts::MARKET], &*read.facts[facts::TENANCY]), ("spot", "host"));
        assert!(!seen(instance(State::Running).build()).facts.contains_key(facts::VCPUS));
    }

    #[test]
    fn a_node_group_that_replaces_an_instance_is_no_deployment() {
        let replaced = instance(State::Pending).tags(tag("eks:cluster-name", "shop"));
        assert_eq!(read(&site(), None, &replaced.clone().build()).unwrap().life, Life::Coming);
        let replaced = replaced.tags(tag("eks:nodegroup-name", "workers"));
        assert_eq!(read(&site(), None, &replaced.build()).unwrap().life, Life::Standing);
    }

    #[test]
    fn an_instance_lives_from_pending_to_shutting_down_and_is_gone_when_terminated() {
        let life = |state| read(&site(), None, &instance(state).build()).map(|it| it.life);
        assert_eq!(life(State::Pending), Some(Life::Coming));
        assert_eq!(life(State::Running), Some(Life::Standing));
        assert_eq!(life(State::Stopping), Some(Life::Standing));
        assert_eq!(life(State::Stopped), Some(Life::Standing));
        assert_eq!(life(State::ShuttingDown), Some(Life::Leaving));
        assert_eq!(life(State::Terminated), None);
    }

    #[test]
    fn a_node_goes_with_its_node_group() {
        let it = instance(State::Running)
            .tags(tag("eks:cluster-name", "dev"))
            .tags(tag("eks:nodegroup-name", "blue"))
            .tags(tag("aws:autoscaling:groupName", "eks-blue-0a1b"))
            .build();
        let read = seen(it);
        assert_eq!(links(&read), ["made-by eks-nodegroup dev/blue"]);
        assert!(read.guards.is_empty());
    }

    #[test]
    fn what_an_auto_scaling_group_would_replace_goes_with_it_and_what_is_operated_is_guarded() {
        let scaled = seen(instance(State::Running).tags(tag(SCALING_GROUP, "web")).build());
        assert_eq!(links(&scaled), ["made-by auto-scaling-group web"]);
        let operator = OperatorResponse::builder().managed(true).principal("eks.amazonaws.com").build();
        let operated = seen(instance(State::Running).operator(operator).build());
        assert_eq!(guards(&operated), [GuardRule::UnknownMaker]);
        assert!(operated.guards.first().unwrap().why.starts_with("eks.amazonaws.com"));
    }

    #[test]
    fn a_start_is_told_and_makes_no_instance_new() {
        let made = DateTime::from_secs(1_600_000_000);
        let root = EbsInstanceBlockDevice::builder().attach_time(made).build();
        let it = instance(State::Running)
            .launch_time(DateTime::from_secs(1_700_000_000))
            .root_device_name("/dev/xvda")
            .block_device_mappings(
                InstanceBlockDeviceMapping::builder().device_name("/dev/xvda").ebs(root).build(),
            );
        let read = seen(it.build());
        assert_eq!(read.facts[facts::STARTED], "2023-11-14T22:13:20Z");
        assert_eq!(read.created.unwrap().to_string(), "2020-09-13T12:26:40Z");
    }

    #[test]
    fn it_is_as_old_as_its_oldest_evidence() {
        let interface = InstanceNetworkInterfaceAttachment::builder()
            .device_index(0)
            .attach_time(DateTime::from_secs(2_000))
            .build();
        let device = |name: &str, secs| {
            InstanceBlockDeviceMapping::builder()
                .device_name(name)
                .ebs(EbsInstanceBlockDevice::builder().attach_time(DateTime::from_secs(secs)).build())
                .build()
        };
        let it = instance(State::Running)
            .launch_time(DateTime::from_secs(3_000))
            .root_device_name("/dev/xvda")
            .block_device_mappings(device("/dev/xvda", 1_000))
            .block_device_mappings(device("/dev/sdf", 500))
            .network_interfaces(InstanceNetworkInterface::builder().attachment(interface).build());
        assert_eq!(seen(it.build()).created, Some(Timestamp::from_second(1_000).unwrap()));
    }

    #[test]
    fn it_costs_its_hours_and_its_lent_addresses_and_stopped_it_costs_nothing() {
        let with = |owner: &str| {
            let association = InstanceNetworkInterfaceAssociation::builder()
                .public_ip("203.0.113.7")
                .ip_owner_id(owner)
                .build();
            InstanceNetworkInterface::builder().association(association).build()
        };
        let hours = Cost { item: "instance-t3.large", units: 1.0 };
        let lent = seen(instance(State::Running).network_interfaces(with("amazon")).build());
        assert_eq!(cost(&lent), [hours, Cost { item: "public-ipv4", units: 1.0 }]);
        let elastic = seen(instance(State::Running).network_interfaces(with(ACCOUNT)).build());
        assert_eq!(cost(&elastic), [hours]);
        assert!(cost(&seen(instance(State::Stopped).build())).is_empty());
        let odd = seen(instance(State::Running).instance_type(InstanceType::from("zz9.huge")).build());
        assert_eq!(crate::price::monthly(&cost(&odd), &site().region), None);
    }
}
