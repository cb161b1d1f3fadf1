//! The calls about instances: how they are read and answered.

use std::collections::{BTreeMap, BTreeSet};

use super::describe::{self, Pages, many, one, optional};
use super::held::PublicAddress;
use super::instance_xml::{groups, write_reservation, write_state};
use super::instances::{self, Launch};
use super::make_interfaces::free_addresses;
use super::noun::SUBNET;
use super::tags::{checked, done};
use super::vcpus;
use crate::error::{AwsError, AwsResult};
use crate::protocol::{Answer, Ctx};
use crate::query::Params;
use crate::service::Operation;
use crate::stores::ec2::{Ec2, Instance, TemplateContents};
use crate::tags::Tags;
use crate::world::{Pace, World};
use crate::xml::Xml;

/// The operations of this file.
pub(crate) const OPERATIONS: &[(&str, Operation)] = &[
    ("RunInstances", run),
    ("DescribeInstances", describe_instances),
    ("TerminateInstances", terminate),
    ("StopInstances", stop),
    ("DescribeInstanceAttribute", describe_attribute),
    ("ModifyInstanceAttribute", modify_attribute),
];

/// RunInstances: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html>.
fn run(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let params = &ctx.params;
    let least = params.int("MinCount")?.unwrap_or(1);
    let most = params.int("MaxCount")?.unwrap_or(least);
    if !(1..=most).contains(&least) || most > 1000 {
        return Err(AwsError::new("InvalidParameterValue", "Value for parameter minCount is invalid."));
    }
    let standing = standing(world, ctx);
    let ids = if standing.is_empty() {
        let mut new = read_launch(world, ctx)?;
        new.reservation = world.ids.ec2("r");
        let count = launchable(world, ctx, &new, (least, most))?;
        (0..count)
            .map(|_| instances::launch(world, &ctx.region, new.clone(), Pace::AsAws))
            .collect::<AwsResult<Vec<_>>>()?
    } else {
        standing
    };
    let account = world.account.clone();
    let ec2 = &world.region(&ctx.region).ec2;
    let mut xml = Xml::new();
    let rows: Vec<_> = ids.iter().filter_map(|id| ec2.instances.get_key_value(id)).collect();
    write_reservation(&mut xml, ec2, &account, &rows);
    Ok(xml.into())
}

/// "EC2 launches the largest possible number of instances above the minimum count" (the page of
/// RunInstances); here the subnet's addresses and the quota of vCPUs bound it.
fn launchable(world: &mut World, ctx: &Ctx, new: &Launch, (least, most): (i64, i64)) -> AwsResult<i64> {
    let subnet = &new.subnet;
    let room = vcpus::room(world, &ctx.region, &new.instance_type, new.spot)?;
    if room.instances < least {
        return Err(room.refusal);
    }
    let ec2 = &world.region(&ctx.region).ec2;
    SUBNET.check(subnet, &ec2.subnets)?;
    let free = i64::try_from(free_addresses(ec2, subnet)).unwrap_or(i64::MAX);
    if free < least {
        let text = format!("There are not enough free addresses in subnet '{subnet}'.");
        return Err(AwsError::new("InsufficientFreeAddressesInSubnet", text));
    }
    Ok(most.min(free).min(room.instances))
}

/// The instances that an earlier call with the same token launched:
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/Run_Instance_Idempotency.html>.
fn standing(world: &mut World, ctx: &Ctx) -> Vec<String> {
    let Some(token) = ctx.params.get("ClientToken") else { return Vec::new() };
    let instances = &world.region(&ctx.region).ec2.instances;
    let same = instances.iter().filter(|(_, instance)| instance.client_token.as_deref() == Some(token));
    same.map(|(id, _)| id.clone()).collect()
}

fn read_launch(world: &mut World, ctx: &Ctx) -> AwsResult<Launch> {
    let params = &ctx.params;
    let template = template(world, ctx)?;
    let first = params.items("NetworkInterface").into_iter().next().unwrap_or_default();
    let described = template.interfaces.first().cloned().unwrap_or_default();
    let subnet = params.get("SubnetId").or(first.get("SubnetId")).map(str::to_owned).or(described.subnet);
    let subnet = match subnet {
        Some(subnet) => subnet,
        None => default_subnet(&world.region(&ctx.region).ec2)?,
    };
    let mut groups: BTreeSet<String> = params.list("SecurityGroupId").into_iter().collect();
    groups.extend(first.list("SecurityGroupId"));
    // What the call says itself stands instead of what the template says:
    // https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/launch-instances-from-launch-template.html
    if groups.is_empty() {
        groups.extend(described.groups.into_iter().chain(template.groups));
    }
    // A name or an id of the call's stands instead of those of the template.
    let mut placement = params.nested("Placement");
    if placement.get("GroupName").or(placement.get("GroupId")).is_none() {
        for (key, value) in
            [("GroupName", &template.placement_group), ("GroupId", &template.placement_group_id)]
        {
            value.iter().for_each(|value| placement.set(key, value));
        }
    }
    let placement_group = super::placement_groups::named(&world.region(&ctx.region).ec2, &placement)?;
    let image = params.get("ImageId").map(str::to_owned).or(template.image);
    let profile = params.nested("IamInstanceProfile");
    let by_name = profile
        .get("Name")
        .map(str::to_owned)
        .or(template.profile_name.filter(|_| profile.get("Arn").is_none()));
    let by_name = by_name.map(|name| format!("arn:aws:iam::{}:instance-profile/{name}", world.account));
    let root = params.items("BlockDeviceMapping").into_iter().next().unwrap_or_default();
    Ok(Launch {
        subnet,
        groups,
        instance_type: params
            .get("InstanceType")
            .map(str::to_owned)
            .or(template.instance_type)
            .unwrap_or_else(|| "m1.small".to_owned()),
        image: image.ok_or_else(|| {
            AwsError::new("MissingParameter", "The request must contain the parameter ImageId")
        })?,
        public: first.get("AssociatePublicIpAddress").map(|wanted| match wanted {
            "true" => PublicAddress::Own,
            _ => PublicAddress::No,
        }),
        root_gib: root.int("Ebs.VolumeSize")?.and_then(|size| u32::try_from(size).ok()).unwrap_or(0),
        termination_protected: params.bool("DisableApiTermination"),
        spot: params.get("InstanceMarketOptions.MarketType") == Some("spot"),
        cpu: cpu_options(params)?,
        profile_arn: profile.get("Arn").map(str::to_owned).or(by_name).or(template.profile_arn),
        key_name: params.get("KeyName").map(str::to_owned).or(template.key_name),
        placement_group,
        client_token: params.get("ClientToken").map(str::to_owned),
        reservation: String::new(),
        tags: tags(params, "instance", template.instance_tags)?,
        volume_tags: tags(params, "volume", template.volume_tags)?,
        interface_tags: checked(params.tag_specifications("network-interface"))?,
    })
}

/// Cores, and threads of each, if the call tells both, as it has to:
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CpuOptionsRequest.html>.
fn cpu_options(params: &Params) -> AwsResult<Option<(u32, u32)>> {
    let number =
        |name: &str| params.int(name).map(|number| number.and_then(|number| u32::try_from(number).ok()));
    Ok(number("CpuOptions.CoreCount")?.zip(number("CpuOptions.ThreadsPerCore")?))
}

/// The contents of the launch template that the call names, or empty ones.
fn template(world: &mut World, ctx: &Ctx) -> AwsResult<TemplateContents> {
    let named = ctx.params.nested("LaunchTemplate");
    if named.iter().next().is_none() {
        return Ok(TemplateContents::default());
    }
    super::launch_templates::contents(&world.region(&ctx.region).ec2, &named)
}

/// The call's own tags win over the template's:
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-launch-templates.html>.
fn tags(params: &Params, kind: &str, mut template: Tags) -> AwsResult<Tags> {
    template.extend(checked(params.tag_specifications(kind))?);
    Ok(template)
}

fn default_subnet(ec2: &Ec2) -> AwsResult<String> {
    // https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
    let found = ec2.subnets.iter().find(|(_, subnet)| subnet.default_for_az);
    let text = "No subnets found for the default VPC. Please specify a subnet.";
    found.map(|(id, _)| id.clone()).ok_or_else(|| AwsError::new("MissingInput", text))
}

/// DescribeInstances: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstances.html>.
///
/// Rows are grouped by reservation, so it cannot use the common describe.
fn describe_instances(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let asked = ctx.params.list("InstanceId");
    instances::check_known(world, &ctx.region, &asked)?;
    let known: Vec<&str> = FILTERS.iter().map(|(name, _)| *name).collect();
    let filters = describe::check_filters(ctx.params.filters(), &known)?;
    let account = world.account.clone();
    let ec2 = &world.region(&ctx.region).ec2;
    let rows = ec2.instances.iter().filter(|(id, instance)| {
        (asked.is_empty() || asked.contains(id))
            && filters.iter().all(|filter| {
                let values = match FILTERS.iter().find(|(name, _)| *name == filter.name) {
                    Some((_, values)) => values(ec2, id, instance),
                    None => describe::tag_values(&instance.tags, &filter.name),
                };
                describe::any_matches(&values, &filter.values)
            })
    });
    let (rows, next) =
        describe::paged(ctx, Pages::OfUnlessIds(1000), !asked.is_empty(), rows, |(id, _)| id.as_str())?;
    let mut reservations: BTreeMap<&str, Vec<(&String, &Instance)>> = BTreeMap::new();
    for row in rows {
        reservations.entry(&row.1.reservation).or_default().push(row);
    }
    let mut xml = Xml::new();
    xml.list("reservationSet", reservations.values(), |item, rows| {
        write_reservation(item, ec2, &account, rows);
    });
    xml.maybe("nextToken", next);
    Ok(xml.into())
}

/// A filter's name, and what it compares with.
type Field = (&'static str, fn(&Ec2, &str, &Instance) -> Vec<String>);

/// The filters of DescribeInstances that are modelled.
const FILTERS: &[Field] = &[
    ("instance-id", |_, id, _| one(id)),
    ("instance-state-name", |_, _, instance| one(&instance.state)),
    ("instance-type", |_, _, instance| one(&instance.instance_type)),
    ("instance-lifecycle", |_, _, instance| optional(instance.spot.then(|| "spot".to_owned()).as_ref())),
    ("image-id", |_, _, instance| one(&instance.image)),
    ("key-name", |_, _, instance| optional(instance.key_name.as_ref())),
    ("availability-zone", |_, _, instance| one(&instance.zone)),
    ("reservation-id", |_, _, instance| one(&instance.reservation)),
    ("client-token", |_, _, instance| optional(instance.client_token.as_ref())),
    ("iam-instance-profile.arn", |_, _, instance| optional(instance.profile_arn.as_ref())),
    // A terminated instance is no longer in any network.
    ("vpc-id", |_, _, instance| optional((instance.state != "terminated").then_some(&instance.vpc))),
    ("subnet-id", |_, _, instance| optional((instance.state != "terminated").then_some(&instance.subnet))),
    ("instance.group-id", |ec2, _, instance| many(groups(ec2, instance))),
    ("network-interface.network-interface-id", |_, _, instance| many(&instance.interfaces)),
    ("block-device-mapping.volume-id", |_, _, instance| many(&instance.volumes)),
];

/// TerminateInstances: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TerminateInstances.html>.
fn terminate(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let ids = named_instances(ctx)?;
    let (going, refusal) = instances::terminable(world, &ctx.region, &ids)?;
    let before = states(world, ctx, &going);
    for id in &going {
        instances::terminate(world, &ctx.region, id);
    }
    match refusal {
        Some(refusal) => Err(refusal),
        None => Ok(state_changes(world, ctx, &before)),
    }
}

/// StopInstances: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_StopInstances.html>.
fn stop(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let ids = named_instances(ctx)?;
    instances::check_known(world, &ctx.region, &ids)?;
    let before = states(world, ctx, &ids);
    for id in &ids {
        instances::stop(world, &ctx.region, id)?;
    }
    Ok(state_changes(world, ctx, &before))
}

fn named_instances(ctx: &Ctx) -> AwsResult<Vec<String>> {
    let ids = ctx.params.list("InstanceId");
    if ids.is_empty() {
        return Err(AwsError::new("MissingParameter", "The request must contain the parameter InstanceId"));
    }
    Ok(ids)
}

fn states(world: &mut World, ctx: &Ctx, ids: &[String]) -> Vec<(String, String)> {
    let instances = &world.region(&ctx.region).ec2.instances;
    ids.iter().filter_map(|id| Some((id.clone(), instances.get(id)?.state.clone()))).collect()
}

fn state_changes(world: &mut World, ctx: &Ctx, before: &[(String, String)]) -> Answer {
    let instances = &world.region(&ctx.region).ec2.instances;
    let mut xml = Xml::new();
    xml.list("instancesSet", before, |item, (id, previous)| {
        let current = instances.get(id).map_or(previous.as_str(), |instance| &instance.state);
        item.text("instanceId", id);
        write_state(item, "currentState", current);
        write_state(item, "previousState", previous);
    });
    xml.into()
}

/// DescribeInstanceAttribute, for the attributes a deletion depends on:
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceAttribute.html>.
fn describe_attribute(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let id = ctx.params.required("InstanceId")?.to_owned();
    let attribute = ctx.params.required("Attribute")?;
    instances::check_known(world, &ctx.region, std::slice::from_ref(&id))?;
    let ec2 = &world.region(&ctx.region).ec2;
    let protected = ec2.instances.get(&id).is_some_and(|instance| instance.termination_protected);
    let mut xml = Xml::new();
    xml.text("instanceId", &id);
    let value = match attribute {
        "disableApiTermination" => protected,
        "disableApiStop" => false,
        other => {
            let text = format!("Value ({other}) for parameter attribute is invalid.");
            return Err(AwsError::new("InvalidParameterValue", text));
        }
    };
    xml.node(attribute, |node| {
        node.text("value", value);
    });
    Ok(xml.into())
}

/// ModifyInstanceAttribute, for termination protection:
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyInstanceAttribute.html>.
fn modify_attribute(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let params = &ctx.params;
    let id = params.required("InstanceId")?.to_owned();
    instances::check_known(world, &ctx.region, std::slice::from_ref(&id))?;
    let by_attribute =
        if params.get("Attribute") == Some("disableApiTermination") { params.get("Value") } else { None };
    let Some(value) = params.get("DisableApiTermination.Value").or(by_attribute) else {
        return Err(AwsError::new("InvalidParameterCombination", "No attributes specified."));
    };
    if let Some(instance) = world.region(&ctx.region).ec2.instances.get_mut(&id) {
        instance.termination_protected = value == "true";
    }
    Ok(done())
}

#[cfg(test)]
mod tests {
    use super::super::fixture::*;
    use super::*;
    use crate::xml::{text_of, texts_of};

    #[test]
    fn instances_are_found_by_filter_and_told_with_what_they_hold() {
        let mut world = world();
        let tags = [
            ("TagSpecification.1.ResourceType", "instance"),
            ("TagSpecification.1.Tag.1.Key", "Project"),
            ("TagSpecification.1.Tag.1.Value", "a b"),
        ];
        let id = running(&mut world, &tags);
        running(&mut world, &[]);
        for (name, value, found) in [
            ("tag:Project", "a*", 1),
            ("vpc-id", VPC, 2),
            ("instance-state-name", "running", 2),
            ("instance-state-name", "stopped", 0),
            ("instance-id", &id, 1),
            ("instance.group-id", GROUP, 2),
        ] {
            let filter = [("Filter.1.Name", name), ("Filter.1.Value.1", value)];
            let answer = ec2(&mut world, "DescribeInstances", &filter).unwrap();
            assert_eq!(texts_of(&answer, "instanceId").len(), found, "{name} {value}");
        }
        let answer = ec2(&mut world, "DescribeInstances", &[("InstanceId.1", &id)]).unwrap();
        let ec2 = &world.region(REGION).ec2;
        let held = &ec2.instances[&id];
        assert_eq!(text_of(&answer, "networkInterfaceId").as_ref(), held.interfaces.first());
        assert_eq!(text_of(&answer, "volumeId").as_ref(), held.volumes.first());
    }

    #[test]
    fn an_unknown_filter_and_a_page_size_beside_ids_are_refused() {
        let mut world = world();
        let id = running(&mut world, &[]);
        let filter = [("Filter.1.Name", "colour"), ("Filter.1.Value.1", "red")];
        assert_eq!(code(ec2(&mut world, "DescribeInstances", &filter)), "InvalidParameterValue");
        let both = [("InstanceId.1", id.as_str()), ("MaxResults", "10")];
        assert_eq!(code(ec2(&mut world, "DescribeInstances", &both)), "InvalidParameterCombination");
    }

    #[test]
    fn pages_hold_every_instance_once() {
        let mut world = world();
        for _ in 0..12 {
            running(&mut world, &[]);
        }
        let (mut seen, mut token) = (Vec::new(), None::<String>);
        loop {
            let mut params = vec![("MaxResults", "5")];
            params.extend(token.as_deref().map(|token| ("NextToken", token)));
            let answer = ec2(&mut world, "DescribeInstances", &params).unwrap();
            seen.extend(texts_of(&answer, "instanceId"));
            token = text_of(&answer, "nextToken");
            if token.is_none() {
                break;
            }
        }
        assert_eq!(seen.len(), 12);
        assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), 12);
    }

    #[test]
    fn a_launch_without_image_or_with_a_foreign_group_is_refused() {
        let mut world = world();
        assert_eq!(code(ec2(&mut world, "RunInstances", &[("SubnetId", SUBNET_A)])), "MissingParameter");
        let params =
            [("ImageId", "ami-1"), ("SubnetId", SUBNET_A), ("SecurityGroupId.1", "sg-0123456789abcdef0")];
        assert_eq!(code(ec2(&mut world, "RunInstances", &params)), "InvalidGroup.NotFound");
        assert!(world.region(REGION).ec2.instances.is_empty());
    }

    #[test]
    fn as_many_are_launched_as_the_subnet_holds_if_they_are_enough() {
        let mut world = world();
        world.region(REGION).ec2.subnets.get_mut(SUBNET_A).unwrap().cidr = "10.0.0.0/28".into();
        let launch = |least, most| {
            [("ImageId", "ami-1"), ("SubnetId", SUBNET_A), ("MinCount", least), ("MaxCount", most)]
        };
        let refused = ec2(&mut world, "RunInstances", &launch("12", "12"));
        assert_eq!(code(refused), "InsufficientFreeAddressesInSubnet");
        assert!(world.region(REGION).ec2.instances.is_empty());
        let answer = ec2(&mut world, "RunInstances", &launch("2", "20")).unwrap();
        assert_eq!(texts_of(&answer, "instanceId").len(), 11);
    }

    #[test]
    fn an_instance_keeps_its_subnet_its_groups_and_with_a_public_address_the_internet_gateway() {
        let mut world = world();
        let public = [
            ("ImageId", "ami-1"),
            ("NetworkInterface.1.DeviceIndex", "0"),
            ("NetworkInterface.1.SubnetId", SUBNET_A),
            ("NetworkInterface.1.SecurityGroupId.1", GROUP),
            ("NetworkInterface.1.AssociatePublicIpAddress", "true"),
        ];
        let id = told(&mut world, "RunInstances", &public, "instanceId");
        let detach = [("InternetGatewayId", GATEWAY), ("VpcId", VPC)];
        let blocked: [(&str, &[(&str, &str)]); 3] = [
            ("DetachInternetGateway", &detach),
            ("DeleteSubnet", &[("SubnetId", SUBNET_A)]),
            ("DeleteSecurityGroup", &[("GroupId", GROUP)]),
        ];
        ec2(&mut world, "TerminateInstances", &[("InstanceId.1", &id)]).unwrap();
        for (action, params) in blocked {
            assert_eq!(code(ec2(&mut world, action, params)), "DependencyViolation", "{action}");
        }
        skip(&mut world, instances::SHUTDOWN);
        for (action, params) in blocked {
            ec2(&mut world, action, params).unwrap();
        }
    }
}
