//! What a call has to pass before its operation is carried out: known caller,
//! known operation, rate, faults on demand, permission, EC2's dry run.

use crate::calls::iam_action;
use crate::error::{AwsError, AwsResult};
use crate::faults::Unserved;
use crate::protocol::{Ctx, Protocol};
use crate::service::{Operation, Service};
use crate::throttle;
use crate::world::World;

/// EC2 operations that have no `DryRun` member (EC2's service model).
const WITHOUT_DRY_RUN: &[&str] = &[
    "DeleteVpnConnectionRoute",
    "DisassociateIamInstanceProfile",
    "DisassociateSubnetCidrBlock",
    "DisassociateVpcCidrBlock",
    "ReleaseHosts",
];

/// Whether a call is meant to change something.
pub(crate) fn mutates(ctx: &Ctx) -> bool {
    const READING: &[&str] = &[
        "Describe",
        "Get",
        "Head",
        "List",
        "Search",
        "Lookup",
        "Simulate",
        "Assume",
        "Decode",
        "Filter",
        "StartQuery",
    ];
    !ctx.params.bool("DryRun") && !READING.iter().any(|verb| ctx.action.starts_with(verb))
}

/// Lets a call through to its operation, or refuses it as AWS's front door would.
pub(crate) fn admit(world: &mut World, service: &Service, ctx: &Ctx, key: &str) -> AwsResult<Operation> {
    let known = world.accepted_keys.is_empty() || world.accepted_keys.iter().any(|accepted| accepted == key);
    if !known || world.faults.disabled_regions.contains(&ctx.region) {
        return Err(unknown_caller(&service.protocol));
    }
    if let Some(how) = world.faults.unserved.get(service.iam) {
        return Err(unserved(service, &ctx.action, *how));
    }
    // Organisations exempt the global services from what they deny by region:
    // https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_examples_general.html
    let global = ["iam", "sts"].contains(&service.iam);
    if !global && world.faults.forbidden_regions.contains(&ctx.region) {
        let iam_action = iam_action(service.iam, &ctx.action);
        let why = "with an explicit deny in a service control policy";
        return Err(denied(&service.protocol, &world.caller_arn, &iam_action, why));
    }
    let operation = (service.operation)(&ctx.action).ok_or_else(|| service.unknown(&ctx.action))?;
    throttle::take(world, service, ctx)?;
    let iam_action = iam_action(service.iam, &ctx.action);
    if let Some(refusal) = world.faults.fails(&iam_action) {
        return Err(refusal);
    }
    if world.faults.strikes() {
        return Err(broken(service));
    }
    permit(world, service, ctx)?;
    if matches!(service.protocol, Protocol::Ec2Query { .. }) && ctx.params.get("DryRun").is_some() {
        dry_run(ctx)?;
    }
    Ok(operation)
}

/// Refuses what the caller may not do.
pub(crate) fn permit(world: &World, service: &Service, ctx: &Ctx) -> AwsResult<()> {
    let iam_action = iam_action(service.iam, &ctx.action);
    if world.faults.denies(&iam_action) {
        let why = format!("because no identity-based policy allows the {iam_action} action");
        return Err(denied(&service.protocol, &world.caller_arn, &iam_action, &why));
    }
    Ok(())
}

/// EC2's dry run: an error whatever the outcome, and nothing is changed.
///
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html>
fn dry_run(ctx: &Ctx) -> AwsResult<()> {
    if WITHOUT_DRY_RUN.contains(&ctx.action.as_str()) {
        return Err(AwsError::new("UnknownParameter", "The parameter DryRun is not recognized"));
    }
    if ctx.params.bool("DryRun") {
        let text = "Request would have succeeded, but DryRun flag is set.";
        return Err(AwsError::with_status(412, "DryRunOperation", text));
    }
    Ok(())
}

/// How each protocol's services refuse a key that they do not know, and any key in a region
/// that the account has not enabled.
///
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html#CommonErrors>,
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html>
fn unknown_caller(protocol: &Protocol) -> AwsError {
    match protocol {
        Protocol::Ec2Query { .. } => AwsError::with_status(
            401,
            "AuthFailure",
            "AWS was not able to validate the provided access credentials",
        ),
        Protocol::Query { .. } => AwsError::with_status(
            403,
            "InvalidClientTokenId",
            "The security token included in the request is invalid.",
        ),
        Protocol::Json => invalid_token(400),
        Protocol::RestJson { .. } => invalid_token(403),
        // https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
        Protocol::RestXml { .. } => AwsError::with_status(
            403,
            "InvalidAccessKeyId",
            "The AWS Access Key Id you provided does not exist in our records.",
        ),
    }
}

/// How each service says that it failed by itself.
///
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html#CommonErrors>,
/// <https://docs.aws.amazon.com/eks/latest/APIReference/API_DescribeCluster.html#API_DescribeCluster_Errors>,
/// <https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html#API_GetResources_Errors>,
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRole.html#API_DeleteRole_Errors>,
/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListServices.html#API_ListServices_Errors>,
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_ListAliases.html#API_ListAliases_Errors>,
/// <https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctions.html#API_ListFunctions_Errors>,
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>,
/// <https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_ListServiceQuotas.html#API_ListServiceQuotas_Errors>,
/// <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html#API_GetParameter_Errors>
fn broken(service: &Service) -> AwsError {
    let code = match service.iam {
        "ec2" | "s3" => "InternalError",
        "ecs" | "eks" => "ServerException",
        "iam" => "ServiceFailure",
        "kms" => "KMSInternalException",
        "lambda" => "ServiceException",
        "logs" => "ServiceUnavailableException",
        "servicequotas" => "ServiceException",
        "ssm" => "InternalServerError",
        "tag" => "InternalServiceException",
        _ => "InternalFailure",
    };
    AwsError::with_status(500, code, "An internal error has occurred")
}

fn invalid_token(status: u16) -> AwsError {
    let text = "The security token included in the request is invalid.";
    AwsError::with_status(status, "UnrecognizedClientException", text)
}

/// How a service that is not there answers.
fn unserved(service: &Service, action: &str, how: Unserved) -> AwsError {
    match how {
        Unserved::NotFound => AwsError::with_status(404, "NotFound", "Not Found"),
        Unserved::NotImplemented => {
            let text = format!("The service {} is not implemented", service.iam);
            AwsError::with_status(501, "NotImplemented", text)
        }
        Unserved::InvalidAction => service.unknown(action),
    }
}

/// How each protocol's services say that an action is not permitted.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>
fn denied(protocol: &Protocol, caller: &str, iam_action: &str, why: &str) -> AwsError {
    let reason = format!("User: {caller} is not authorized to perform: {iam_action} {why}");
    match protocol {
        Protocol::Ec2Query { .. } => {
            let mut text = format!("You are not authorized to perform this operation. {reason}");
            // What only reads is denied without the details.
            if !iam_action.starts_with("ec2:Describe") && !iam_action.starts_with("ec2:Get") {
                let encoded = crate::sts::encoded(caller, iam_action);
                text.push_str(&format!(". Encoded authorization failure message: {encoded}"));
            }
            AwsError::with_status(403, "UnauthorizedOperation", text)
        }
        Protocol::Query { .. } | Protocol::RestXml { .. } => {
            AwsError::with_status(403, "AccessDenied", reason)
        }
        Protocol::Json => AwsError::new("AccessDeniedException", reason),
        Protocol::RestJson { .. } => AwsError::with_status(403, "AccessDeniedException", reason),
    }
}
