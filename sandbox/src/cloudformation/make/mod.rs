//! The creation of each type of resource, through the operations of its service, with the properties that the
//! types' pages tell:
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-template-resource-type-ref.html>.

mod ec2;
mod iam;

use serde_json::{Map, Value, json};

use super::hands::Hands;
use super::invalid;
use super::template::plain;
use crate::error::{AwsError, AwsResult};
use crate::stores::cloudformation::Stack;
use crate::stores::eks::{AddonStatus, ClusterStatus, NodegroupStatus, ProfileStatus};
use crate::stores::elb::State;
use crate::tags::Tags;
use crate::world::World;

/// How far a creation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Made {
    Whole,
    Underway,
}

/// The tags that a template gives to a thing: a list of keys and values, or a map.
pub(super) fn own_tags(properties: &Value) -> Tags {
    match &properties["Tags"] {
        Value::Array(all) => all.iter().map(|tag| (plain(&tag["Key"]), plain(&tag["Value"]))).collect(),
        Value::Object(all) => all.iter().map(|(key, value)| (key.clone(), plain(value))).collect(),
        _ => Tags::new(),
    }
}

/// Parameters of a query call, taken from properties.
struct Form<'p> {
    properties: &'p Value,
    params: Vec<(String, String)>,
}

impl<'p> Form<'p> {
    fn of(properties: &'p Value) -> Self {
        Self { properties, params: Vec::new() }
    }

    /// Sets a parameter.
    fn set(mut self, name: &str, value: impl Into<String>) -> Self {
        self.params.push((name.to_owned(), value.into()));
        self
    }

    /// Properties that the call knows by the same names.
    fn same(self, names: &[&str]) -> Self {
        names.iter().fold(self, |form, name| form.taken(name, name))
    }

    /// A property that the call knows by another name.
    fn taken(self, property: &str, name: &str) -> Self {
        match &self.properties[property] {
            Value::Null => self,
            value => {
                let value = plain(value);
                self.set(name, value)
            }
        }
    }

    /// A list of texts: `Name.1`, or `Name.member.1`.
    fn listed(mut self, property: &str, name: &str) -> Self {
        let all = self.properties[property].as_array();
        for (number, value) in (1..).zip(all.into_iter().flatten()) {
            self.params.push((format!("{name}.{number}"), plain(value)));
        }
        self
    }
}

/// A name as CloudFormation makes it: stack, logical id and some letters.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-name.html>
fn name(hands: &mut Hands<'_>, properties: &Value, property: &str, stack: &Stack, logical: &str) -> String {
    match &properties[property] {
        Value::String(name) => name.clone(),
        _ => format!("{}-{logical}-{}", stack.name, hands.world.ids.hex(12).to_uppercase()),
    }
}

/// As [`name`], cut to what load balancing takes.
fn short_name(hands: &mut Hands<'_>, properties: &Value, stack: &Stack, logical: &str) -> String {
    match &properties["Name"] {
        Value::String(name) => name.clone(),
        _ => {
            let (stack, logical) =
                (stack.name.get(..5).unwrap_or(&stack.name), logical.get(..5).unwrap_or(logical));
            format!("{stack}-{logical}-{}", hands.world.ids.hex(12).to_uppercase())
        }
    }
}

/// Makes a thing; gives its physical id.
pub(super) fn make(
    hands: &mut Hands<'_>,
    stack: &Stack,
    (logical, kind): (&str, &str),
    properties: &Value,
) -> AwsResult<String> {
    let service = kind.split("::").nth(1).unwrap_or_default();
    match service {
        "EC2" => ec2::make(hands, stack, (logical, kind), properties),
        "EKS" => eks(hands, stack, (logical, kind), properties),
        "ElasticLoadBalancingV2" => elb(hands, stack, (logical, kind), properties),
        "IAM" => iam::make(hands, stack, (logical, kind), properties),
        _ => other(hands, stack, (logical, kind), properties),
    }
}

fn not_made(kind: &str) -> AwsError {
    invalid(format!("{kind} is not made from templates here"))
}

fn elb(
    hands: &mut Hands<'_>,
    stack: &Stack,
    (logical, kind): (&str, &str),
    properties: &Value,
) -> AwsResult<String> {
    let form = Form::of(properties);
    let (action, form, element) = match kind {
        "AWS::ElasticLoadBalancingV2::LoadBalancer" => {
            let name = short_name(hands, properties, stack, logical);
            let form = form.same(&["Type", "Scheme"]).set("Name", name).listed("Subnets", "Subnets.member");
            ("CreateLoadBalancer", form.listed("SecurityGroups", "SecurityGroups.member"), "LoadBalancerArn")
        }
        "AWS::ElasticLoadBalancingV2::TargetGroup" => {
            let name = short_name(hands, properties, stack, logical);
            let form = form.same(&["Protocol", "Port", "VpcId", "TargetType"]).set("Name", name);
            ("CreateTargetGroup", form, "TargetGroupArn")
        }
        "AWS::ElasticLoadBalancingV2::Listener" => {
            let mut form = form.same(&["LoadBalancerArn", "Port", "Protocol"]);
            for (number, action) in (1..).zip(properties["DefaultActions"].as_array().into_iter().flatten()) {
                let prefix = format!("DefaultActions.member.{number}");
                for name in ["Type", "TargetGroupArn"].iter().filter(|name| !action[**name].is_null()) {
                    form = form.set(&format!("{prefix}.{name}"), plain(&action[*name]));
                }
            }
            ("CreateListener", form, "ListenerArn")
        }
        kind => return Err(not_made(kind)),
    };
    hands.told("elasticloadbalancing", action, &form.params, element)
}

/// The names of EKS's own calls begin with a small letter. Labels keep theirs, tags come later.
fn camel(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let one = |(key, inside): (&String, &Value)| {
                let mut letters = key.chars();
                let first = letters.next().map(|first| first.to_ascii_lowercase());
                let name: String = first.into_iter().chain(letters).collect();
                let inside = if key == "Labels" { inside.clone() } else { camel(inside) };
                (key != "Tags").then_some((name, inside))
            };
            Value::Object(members.iter().filter_map(one).collect::<Map<String, Value>>())
        }
        Value::Array(items) => Value::Array(items.iter().map(camel).collect()),
        value => value.clone(),
    }
}

fn eks(
    hands: &mut Hands<'_>,
    stack: &Stack,
    (logical, kind): (&str, &str),
    properties: &Value,
) -> AwsResult<String> {
    let (property, action, between) = match kind {
        "AWS::EKS::Cluster" => ("Name", "CreateCluster", None),
        "AWS::EKS::Nodegroup" => ("NodegroupName", "CreateNodegroup", Some('/')),
        "AWS::EKS::Addon" => ("AddonName", "CreateAddon", Some('|')),
        "AWS::EKS::FargateProfile" => ("FargateProfileName", "CreateFargateProfile", Some('|')),
        kind => return Err(not_made(kind)),
    };
    let name = name(hands, properties, property, stack, logical);
    let mut properties = properties.clone();
    properties[property] = json!(name);
    hands.json("eks", action, camel(&properties))?;
    Ok(match between {
        Some(between) => format!("{}{between}{name}", plain(&properties["ClusterName"])),
        None => name,
    })
}

fn other(
    hands: &mut Hands<'_>,
    stack: &Stack,
    (logical, kind): (&str, &str),
    properties: &Value,
) -> AwsResult<String> {
    match kind {
        "AWS::AutoScaling::AutoScalingGroup" => {
            let group = name(hands, properties, "AutoScalingGroupName", stack, logical);
            let subnets = properties["VPCZoneIdentifier"].as_array().into_iter().flatten().map(plain);
            let subnets = subnets.collect::<Vec<_>>().join(",");
            let mut form = Form::of(properties)
                .same(&["MinSize", "MaxSize", "DesiredCapacity", "LaunchConfigurationName"])
                .set("AutoScalingGroupName", &group)
                .set("VPCZoneIdentifier", subnets)
                .listed("TargetGroupARNs", "TargetGroupARNs.member");
            let template = &properties["LaunchTemplate"];
            for name in ["LaunchTemplateId", "LaunchTemplateName", "Version"] {
                if !template[name].is_null() {
                    form = form.set(&format!("LaunchTemplate.{name}"), plain(&template[name]));
                }
            }
            hands.told("autoscaling", "CreateAutoScalingGroup", &form.params, "RequestId")?;
            Ok(group)
        }
        "AWS::Lambda::Function" => {
            let function = name(hands, properties, "FunctionName", stack, logical);
            let mut input = properties.clone();
            input["FunctionName"] = json!(function);
            if let Some(members) = input.as_object_mut() {
                members.remove("Tags");
            }
            hands.json("lambda", "CreateFunction", input)?;
            Ok(function)
        }
        "AWS::Logs::LogGroup" => {
            let group = name(hands, properties, "LogGroupName", stack, logical);
            hands.json("logs", "CreateLogGroup", json!({ "logGroupName": group }))?;
            if let Some(days) = properties["RetentionInDays"].as_u64() {
                let input = json!({ "logGroupName": group, "retentionInDays": days });
                hands.json("logs", "PutRetentionPolicy", input)?;
            }
            Ok(group)
        }
        "AWS::S3::Bucket" | "AWS::SSM::Parameter" => kept(hands, stack, (logical, kind), properties),
        "AWS::CDK::Metadata" => Ok(hands.world.ids.uuid()),
        "AWS::CloudFormation::WaitConditionHandle" => Ok(format!(
            "https://cloudformation-waitcondition-{0}.s3.amazonaws.com/{1}/{logical}",
            hands.region, stack.id
        )),
        // Nested stacks need a template in a bucket, custom resources a function that runs.
        kind => Err(not_made(kind)),
    }
}

/// What keeps data: a bucket, a parameter.
fn kept(
    hands: &mut Hands<'_>,
    stack: &Stack,
    (logical, kind): (&str, &str),
    properties: &Value,
) -> AwsResult<String> {
    match kind {
        "AWS::S3::Bucket" => {
            let bucket = name(hands, properties, "BucketName", stack, logical).to_lowercase();
            let place = match hands.region {
                "us-east-1" => json!({}),
                region => json!({ "LocationConstraint": region }),
            };
            let input = json!({ "Bucket": bucket, "CreateBucketConfiguration": place });
            hands.json("s3", "CreateBucket", input)?;
            Ok(bucket)
        }
        "AWS::SSM::Parameter" => {
            let parameter = name(hands, properties, "Name", stack, logical);
            let (kind, value) = (plain(&properties["Type"]), plain(&properties["Value"]));
            hands.json("ssm", "PutParameter", json!({ "Name": parameter, "Type": kind, "Value": value }))?;
            Ok(parameter)
        }
        kind => Err(not_made(kind)),
    }
}

/// How far a thing is that was begun, or what it failed with.
pub(super) fn made(world: &mut World, region: &str, kind: &str, physical: &str) -> AwsResult<Made> {
    let state = world.region(region);
    let clusters = &state.eks.clusters;
    let (outer, inner) = physical.split_once(['/', '|']).unwrap_or((physical, ""));
    let failed = |reason: &str| AwsError::new("NotStabilized", reason);
    let whole = match kind {
        "AWS::EC2::Instance" => state.ec2.instances.get(physical).is_none_or(|it| it.state != "pending"),
        "AWS::EC2::NatGateway" => match state.ec2.nat_gateways.get(physical) {
            Some(it) if it.state == "failed" => {
                return Err(failed(&it.failure.clone().map(|(_, text)| text).unwrap_or_default()));
            }
            it => it.is_none_or(|it| it.state != "pending"),
        },
        "AWS::EC2::VPCEndpoint" => state.ec2.endpoints.get(physical).is_none_or(|it| it.state != "pending"),
        "AWS::EKS::Cluster" => match clusters.get(physical).map(|it| it.status) {
            Some(ClusterStatus::Failed) => return Err(failed("The cluster could not be made.")),
            status => status != Some(ClusterStatus::Creating),
        },
        "AWS::EKS::Nodegroup" => match clusters.get(outer).and_then(|it| it.nodegroups.get(inner)) {
            Some(it) if it.status == NodegroupStatus::CreateFailed => {
                return Err(failed(
                    &it.issues.first().map(|issue| issue.message.clone()).unwrap_or_default(),
                ));
            }
            it => it.is_none_or(|it| it.status != NodegroupStatus::Creating),
        },
        "AWS::EKS::Addon" => {
            let addon = clusters.get(outer).and_then(|it| it.addons.get(inner));
            addon.is_none_or(|it| it.status != AddonStatus::Creating)
        }
        "AWS::EKS::FargateProfile" => {
            let profile = clusters.get(outer).and_then(|it| it.fargate_profiles.get(inner));
            profile.is_none_or(|it| it.status != ProfileStatus::Creating)
        }
        "AWS::ElasticLoadBalancingV2::LoadBalancer" => {
            state.elb.load_balancers.get(physical).is_none_or(|it| it.state != State::Provisioning)
        }
        _ => true,
    };
    Ok(if whole { Made::Whole } else { Made::Underway })
}
