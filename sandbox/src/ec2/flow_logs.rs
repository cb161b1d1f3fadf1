//! Flow logs. Only that they are there: no traffic flows, and nothing is written to their destination.

use super::describe::{Kind, Pages, describe, one, optional};
use super::noun::{FLOW_LOG, INTERFACE, SUBNET, VPC};
use super::tags::checked;
use crate::error::{AwsError, AwsResult};
use crate::protocol::{Answer, Ctx};
use crate::service::Operation;
use crate::stores::ec2::FlowLog;
use crate::world::World;
use crate::xml::Xml;

pub(crate) const OPERATIONS: &[(&str, Operation)] = &[
    ("CreateFlowLogs", create),
    ("DeleteFlowLogs", delete),
    ("DescribeFlowLogs", |world, ctx| describe(world, ctx, &KIND)),
];

static KIND: Kind<FlowLog> = Kind {
    noun: &FLOW_LOG,
    ids: "FlowLogId",
    set: "flowLogSet",
    pages: Pages::Of(1000),
    facts: &[
        ("deliver-log-status", |_, _, _| one("SUCCESS")),
        ("flow-log-id", |_, id, _| one(id)),
        ("log-destination-type", |_, _, log| one(&log.destination_type)),
        ("log-group-name", |_, _, log| optional(log.log_group.as_ref())),
        ("resource-id", |_, _, log| one(&log.resource)),
        ("traffic-type", |_, _, log| one(&log.traffic)),
    ],
    tags: |log| &log.tags,
    records: |ec2| &ec2.flow_logs,
    write: |_, xml, id, log| {
        xml.maybe("creationTime", log.created).text("flowLogId", id).text("flowLogStatus", "ACTIVE");
        xml.text("deliverLogsStatus", "SUCCESS").text("resourceId", &log.resource);
        xml.maybe("deliverLogsPermissionArn", log.role.as_ref());
        xml.maybe("logGroupName", log.log_group.as_ref()).text("trafficType", &log.traffic);
        xml.text("logDestinationType", &log.destination_type);
        xml.maybe("logDestination", log.destination.as_ref()).text("maxAggregationInterval", 600);
        xml.tags(&log.tags);
    },
};

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateFlowLogs.html>
fn create(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let resource_type = ctx.params.required("ResourceType")?;
    let text = |name: &str| ctx.params.get(name).map(str::to_owned);
    let log = FlowLog {
        traffic: text("TrafficType").unwrap_or_else(|| "ALL".to_owned()),
        destination_type: text("LogDestinationType").unwrap_or_else(|| "cloud-watch-logs".to_owned()),
        destination: text("LogDestination"),
        log_group: text("LogGroupName"),
        role: text("DeliverLogsPermissionArn"),
        created: Some(world.clock.now()),
        tags: checked(ctx.params.tag_specifications("vpc-flow-log"))?,
        resource: String::new(),
    };
    let resources = ctx.params.list("ResourceId");
    let ec2 = &world.region(&ctx.region).ec2;
    for id in &resources {
        match resource_type {
            "VPC" => VPC.check(id, &ec2.vpcs)?,
            "Subnet" => SUBNET.check(id, &ec2.subnets)?,
            "NetworkInterface" => INTERFACE.check(id, &ec2.interfaces)?,
            other => {
                let text = format!("Value ({other}) for parameter resourceType is invalid.");
                return Err(AwsError::new("InvalidParameterValue", text));
            }
        }
    }
    let made: Vec<(String, FlowLog)> = resources
        .into_iter()
        .map(|resource| (world.ids.ec2("fl"), FlowLog { resource, ..log.clone() }))
        .collect();
    let mut xml = Xml::new();
    xml.texts("flowLogIdSet", made.iter().map(|(id, _)| id)).node("unsuccessful", |_| {});
    world.region(&ctx.region).ec2.flow_logs.extend(made);
    Ok(xml.into())
}

/// What could not be deleted is told inside a call that succeeds.
///
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteFlowLogs.html>
fn delete(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let logs = &mut world.region(&ctx.region).ec2.flow_logs;
    let mut refusals = Vec::new();
    for id in ctx.params.list("FlowLogId") {
        match FLOW_LOG.check(&id, logs) {
            Ok(()) => drop(logs.remove(&id)),
            Err(refusal) => refusals.push((id, refusal)),
        }
    }
    let mut xml = Xml::new();
    xml.list("unsuccessful", refusals, |item, (id, refusal)| {
        item.text("resourceId", id).node("error", |error| {
            error.text("code", &refusal.code).text("message", &refusal.message);
        });
    });
    Ok(xml.into())
}

#[cfg(test)]
mod tests {
    use crate::ec2::lab::Lab;

    #[test]
    fn a_flow_log_goes_with_its_vpc_and_an_unknown_one_is_told_inside() {
        let mut lab = Lab::new();
        let vpc = lab.vpc();
        let params = [("ResourceType", "VPC"), ("ResourceId.1", vpc.as_str()), ("LogGroupName", "flows")];
        let id = lab.get("CreateFlowLogs", &params, "item");
        let of = [("Filter.1.Name", "resource-id"), ("Filter.1.Value.1", vpc.as_str())];
        assert_eq!(lab.all("DescribeFlowLogs", &of, "flowLogId"), std::slice::from_ref(&id));
        lab.ok("DeleteVpc", &[("VpcId", &vpc)]);
        assert!(lab.all("DescribeFlowLogs", &[], "flowLogId").is_empty());
        let codes = lab.all("DeleteFlowLogs", &[("FlowLogId.1", &id)], "code");
        assert_eq!(codes, ["InvalidFlowLogId.NotFound"]);
    }
}
