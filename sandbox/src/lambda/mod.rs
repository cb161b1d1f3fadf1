//! AWS Lambda over REST JSON: functions with their role and network, and the interfaces that those in a VPC
//! have there. Nothing runs.

mod interfaces;
mod routes;

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};

use crate::error::{AwsError, AwsResult};
use crate::fields::Fields;
use crate::protocol::{Answer, Ctx, Protocol};
use crate::service::{Operation, Service};
use crate::stores::lambda::{Function, VpcConfig};
use crate::world::World;

pub use interfaces::LINGER;

/// Lambda as the wire knows it.
pub(crate) const SERVICE: Service = Service {
    scope: "lambda",
    iam: "lambda",
    protocol: Protocol::RestJson { route: routes::route },
    operation,
};

const OPERATIONS: &[(&str, Operation)] = &[
    ("CreateFunction", create),
    ("DeleteFunction", delete),
    ("GetFunction", get),
    ("GetFunctionConfiguration", get_configuration),
    ("ListFunctions", list),
    ("ListTags", list_tags),
    ("TagResource", tag),
    ("UntagResource", untag),
    ("UpdateFunctionConfiguration", update),
];

fn operation(action: &str) -> Option<Operation> {
    OPERATIONS.iter().find(|(name, _)| *name == action).map(|(_, operation)| *operation)
}

/// How long a function is `Pending` while its interfaces are made, "a minute or so":
/// <https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html>.
pub const PENDING: Duration = Duration::from_secs(60);

/// The most functions of one answer, whatever is asked:
/// <https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctions.html>.
const PAGE: usize = 50;

// The refusals and their statuses: https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html#API_CreateFunction_Errors

fn invalid(text: impl Into<String>) -> AwsError {
    AwsError::new("InvalidParameterValueException", text)
}

fn not_found(region: &str, account: &str, name: &str) -> AwsError {
    let arn = arn(region, account, name);
    AwsError::with_status(404, "ResourceNotFoundException", format!("Function not found: {arn}"))
}

fn arn(region: &str, account: &str, name: &str) -> String {
    format!("arn:aws:lambda:{region}:{account}:function:{name}")
}

/// A function's name, however it was named: by name or by ARN.
fn name_in(named: &str) -> &str {
    named.split(":function:").last().unwrap_or(named).split(':').next().unwrap_or(named)
}

fn required(fields: &Fields, name: &str) -> AwsResult<String> {
    fields.text(name).ok_or_else(|| AwsError::constraint("ValidationException", name, None, "not be null"))
}

fn find<'world>(world: &'world mut World, ctx: &Ctx, member: &str) -> AwsResult<&'world mut Function> {
    let named = required(&Fields::from(&ctx.json), member)?;
    let name = name_in(&named);
    let missing = not_found(&ctx.region, &world.account, name);
    world.region(&ctx.region).lambda.functions.get_mut(name).ok_or(missing)
}

/// CreateFunction: <https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html>.
fn create(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let fields = Fields::from(&ctx.json);
    let name = required(&fields, "FunctionName")?;
    let role = required(&fields, "Role")?;
    check_role(world, &role)?;
    let arn = arn(&ctx.region, &world.account, &name);
    if world.region(&ctx.region).lambda.functions.contains_key(&name) {
        let text = format!("Function already exist: {name}");
        return Err(AwsError::with_status(409, "ResourceConflictException", text));
    }
    let vpc = network(world, &ctx.region, &fields)?;
    let function = Function {
        arn,
        role,
        runtime: fields.text("Runtime"),
        handler: fields.text("Handler"),
        description: fields.text("Description").unwrap_or_default(),
        state: if vpc.is_some() { "Pending" } else { "Active" }.to_owned(),
        vpc,
        modified: world.clock.now(),
        tags: fields.map("Tags"),
    };
    world.region(&ctx.region).lambda.functions.insert(name.clone(), function);
    interfaces::make(world, &ctx.region, &name)?;
    let (region, of) = (ctx.region.clone(), name.clone());
    world.after(PENDING, move |world| {
        if let Some(function) = world.region(&region).lambda.functions.get_mut(&of) {
            function.state = "Active".to_owned();
        }
    });
    let function = find(world, ctx, "FunctionName")?;
    Ok(with_state(&name, function).into())
}

/// The role has to be there.
fn check_role(world: &World, arn: &str) -> AwsResult<()> {
    if world.iam.roles.values().any(|role| role.arn == arn) {
        return Ok(());
    }
    Err(invalid("The role defined for the function cannot be assumed by Lambda."))
}

/// `VpcConfig`, whose subnets and groups have to be there and in one VPC.
fn network(world: &mut World, region: &str, fields: &Fields) -> AwsResult<Option<VpcConfig>> {
    let config = fields.object("VpcConfig");
    let subnets: BTreeSet<String> = config.texts("SubnetIds").into_iter().collect();
    let groups: BTreeSet<String> = config.texts("SecurityGroupIds").into_iter().collect();
    let ec2 = &world.region(region).ec2;
    let mut vpcs = BTreeSet::new();
    for id in &subnets {
        let subnet = ec2.subnets.get(id).ok_or_else(|| {
            invalid(format!(
                "Error occurred while DescribeSubnets. EC2 Error Code: InvalidSubnetID.NotFound. EC2 Error \
                 Message: The subnet ID '{id}' does not exist"
            ))
        })?;
        vpcs.insert(subnet.vpc.clone());
    }
    for id in &groups {
        if ec2.security_groups.get(id).is_none_or(|group| !vpcs.contains(&group.vpc)) {
            return Err(invalid(format!(
                "Error occurred while DescribeSecurityGroups. EC2 Error Code: InvalidGroup.NotFound. EC2 Error \
                 Message: The security group '{id}' does not exist"
            )));
        }
    }
    match (vpcs.pop_first(), vpcs.is_empty(), groups.is_empty()) {
        (None, ..) => Ok(None),
        (Some(_), false, _) => Err(invalid("Subnets must be in one VPC")),
        (Some(_), _, true) => Err(invalid("At least one security group must be specified")),
        (Some(vpc), ..) => Ok(Some(VpcConfig { vpc, subnets, groups })),
    }
}

/// UpdateFunctionConfiguration, as far as roles and networks go; an empty `VpcConfig` takes it out of its VPC:
/// <https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionConfiguration.html>.
fn update(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let fields = Fields::from(&ctx.json);
    let name = name_in(&required(&fields, "FunctionName")?).to_owned();
    find(world, ctx, "FunctionName")?;
    if let Some(role) = fields.text("Role") {
        check_role(world, &role)?;
        find(world, ctx, "FunctionName")?.role = role;
    }
    if fields.has("VpcConfig") {
        let vpc = network(world, &ctx.region, &fields)?;
        let function = find(world, ctx, "FunctionName")?;
        function.vpc = vpc;
        interfaces::make(world, &ctx.region, &name)?;
        interfaces::release_unused_later(world, &ctx.region);
    }
    let now = world.clock.now();
    let function = find(world, ctx, "FunctionName")?;
    function.modified = now;
    Ok(with_state(&name, function).into())
}

/// DeleteFunction: <https://docs.aws.amazon.com/lambda/latest/api/API_DeleteFunction.html>.
fn delete(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    find(world, ctx, "FunctionName")?;
    let named = required(&Fields::from(&ctx.json), "FunctionName")?;
    world.region(&ctx.region).lambda.functions.remove(name_in(&named));
    interfaces::release_unused_later(world, &ctx.region);
    Ok(json!({}).into())
}

/// GetFunction: <https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html>.
fn get(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let function = find(world, ctx, "FunctionName")?;
    let configuration = with_state(name_in(&function.arn), function);
    Ok(json!({ "Configuration": configuration, "Code": {}, "Tags": function.tags }).into())
}

/// GetFunctionConfiguration: <https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionConfiguration.html>.
fn get_configuration(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let function = find(world, ctx, "FunctionName")?;
    Ok(with_state(name_in(&function.arn), function).into())
}

/// ListFunctions tells neither the state nor the tags: <https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctions.html>.
fn list(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let fields = Fields::from(&ctx.json);
    let size = match fields.number("MaxItems") {
        None if fields.has("MaxItems") => 0,
        size => size.map_or(PAGE, |size| size as usize),
    };
    if size == 0 || size > 10_000 {
        return Err(invalid("MaxItems must be between 1 and 10000"));
    }
    let after = fields.text("Marker").unwrap_or_default();
    let functions = &world.region(&ctx.region).lambda.functions;
    let mut rest = functions.iter().filter(|(name, _)| **name > after);
    let page: Vec<_> = rest.by_ref().take(size.min(PAGE)).collect();
    let marker = rest.next().and(page.last()).map(|(name, _)| *name);
    let rows: Vec<Value> = page.iter().map(|(name, function)| configuration(name, function)).collect();
    Ok(json!({ "Functions": rows, "NextMarker": marker }).into())
}

fn configuration(name: &str, function: &Function) -> Value {
    let mut value = json!({
        "FunctionName": name,
        "FunctionArn": function.arn,
        "Runtime": function.runtime,
        "Role": function.role,
        "Handler": function.handler,
        "Description": function.description,
        "PackageType": "Zip",
        "Version": "$LATEST",
        "LastModified": function.modified.strftime("%Y-%m-%dT%H:%M:%S.000+0000").to_string(),
    });
    if let Some(vpc) = &function.vpc {
        value["VpcConfig"] =
            json!({ "SubnetIds": vpc.subnets, "SecurityGroupIds": vpc.groups, "VpcId": vpc.vpc });
    }
    value
}

fn with_state(name: &str, function: &Function) -> Value {
    let mut value = configuration(name, function);
    value["State"] = json!(function.state);
    value["LastUpdateStatus"] = json!("Successful");
    value
}

/// ListTags: <https://docs.aws.amazon.com/lambda/latest/api/API_ListTags.html>.
fn list_tags(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let tags = &find(world, ctx, "Resource")?.tags;
    Ok(json!({ "Tags": tags }).into())
}

/// TagResource: <https://docs.aws.amazon.com/lambda/latest/api/API_TagResource.html>.
fn tag(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let added = Fields::from(&ctx.json).map("Tags");
    find(world, ctx, "Resource")?.tags.extend(added);
    Ok(json!({}).into())
}

/// UntagResource: <https://docs.aws.amazon.com/lambda/latest/api/API_UntagResource.html>.
fn untag(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let keys = Fields::from(&ctx.json).texts("tagKeys");
    find(world, ctx, "Resource")?.tags.retain(|key, _| !keys.contains(key));
    Ok(json!({}).into())
}

#[cfg(test)]
mod tests;
