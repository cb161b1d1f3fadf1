//! From an HTTP request to the service it is meant for, and back.
//!
//! The service and the region are read from the signature's credential scope
//! (`Credential=KEY/DATE/REGION/SERVICE/aws4_request`), as AWS's front doors do:
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>.
//! Signatures themselves are not checked: nothing secret lives here.

use std::time::Duration;

use crate::calls::{Call, iam_action};
use crate::error::{AwsError, AwsResult};
use crate::protocol::{Answer, Ctx, Protocol, Request, Response};
use crate::query::Params;
use crate::service::{Operation, Service};
use crate::world::{World, past, races, tagged};
use crate::{
    autoscaling, cloudformation, cloudtrail, damage, ec2, ecs, eks, elb, gate, iam, kms, lag, lambda, logs,
    s3, servicequotas, ssm, sts, tagging,
};

/// Every service of the embedded AWS, a line each.
const SERVICES: &[&Service] = &[
    &autoscaling::SERVICE,
    &cloudformation::SERVICE,
    &cloudtrail::SERVICE,
    &ec2::SERVICE,
    &ecs::SERVICE,
    &eks::SERVICE,
    &elb::SERVICE,
    &iam::SERVICE,
    &kms::SERVICE,
    &lambda::SERVICE,
    &logs::SERVICE,
    &s3::SERVICE,
    &servicequotas::SERVICE,
    &ssm::SERVICE,
    &sts::SERVICE,
    &tagging::SERVICE,
];

/// Answers one request against the world, and says how long the answer is to be held back.
pub fn answer(world: &mut World, request: &Request) -> (Response, Duration) {
    let request_id = world.next_request_id();
    let latency = world.faults.latency;
    let Some((key, region, scope)) = request.scope() else {
        let refusal = AwsError::with_status(
            403,
            "MissingAuthenticationToken",
            "Request is missing Authentication Token",
        );
        return (guess_protocol(request).refusal(&refusal, &request_id), latency);
    };
    let Some(service) = service(scope) else {
        let text = format!("the embedded AWS does not model the service {scope}");
        return (
            Protocol::Json.refusal(&AwsError::with_status(501, "NotImplemented", text), &request_id),
            latency,
        );
    };
    let ctx = match service.read(request, region) {
        Ok(ctx) => ctx,
        Err(refusal) => return (service.protocol.refusal(&refusal, &request_id), latency),
    };
    let place = world.calls.len();
    world.calls.push(Call {
        at: world.clock.now(),
        region: region.to_owned(),
        service: service.iam.to_owned(),
        action: ctx.action.clone(),
        target: ctx.target(),
        mutating: gate::mutates(&ctx),
        dry_run: ctx.params.bool("DryRun"),
        refused: None,
    });
    let iam_action = iam_action(service.iam, &ctx.action);
    let_others_act(world, &iam_action);
    let damage = world.faults.listings.get(&iam_action).filter(|it| damage::strikes(it, &ctx)).cloned();
    let ctx = damage::asked(ctx, damage.as_ref());
    let mut response = match admitted(world, service, &ctx, key) {
        Ok(answer) => {
            let answer = damage::told(answer, damage.as_ref(), service);
            damage::sent(service.wrap(&ctx.action, &request_id, &answer), damage.as_ref())
        }
        Err(refusal) => {
            world.calls[place].refused = Some(refusal.code.clone());
            service.protocol.refusal(&refusal, &request_id)
        }
    };
    response.headers.push(("x-amzn-requestid".into(), request_id));
    if request.method == "HEAD" {
        response.body.clear();
    }
    response.lost = world.faults.loses(&iam_action);
    (response, latency)
}

/// What others do right before this call.
fn let_others_act(world: &mut World, iam_action: &str) {
    races::run(world);
    for other in world.faults.meanwhile(iam_action) {
        let params: Vec<(&str, &str)> =
            other.params.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        let params = Params::from_pairs(&params);
        let ctx = Ctx { region: other.region, action: other.action, params, ..Ctx::default() };
        // A refusal is that other's own trouble.
        let _ = operate(world, &other.service, &ctx);
    }
}

/// Carries out a call from outside, if it is let through.
fn admitted(world: &mut World, service: &Service, ctx: &Ctx, key: &str) -> AwsResult<Answer> {
    let operation = gate::admit(world, service, ctx, key)?;
    if !gate::mutates(ctx) {
        return lag::read(world, service.iam, ctx, operation);
    }
    match lag::refusal(world, service.iam, ctx, operation) {
        Some(refusal) => Err(refusal),
        None => perform(world, service, ctx, operation),
    }
}

/// Carries out a call from inside: not recorded, and no fault strikes it.
pub(crate) fn operate(world: &mut World, scope: &str, ctx: &Ctx) -> AwsResult<Answer> {
    world.settle();
    let missing = || AwsError::new("NotImplemented", format!("there is no service {scope}"));
    let service = service(scope).ok_or_else(missing)?;
    let operation = (service.operation)(&ctx.action).ok_or_else(|| service.unknown(&ctx.action))?;
    perform(world, service, ctx, operation)
}

/// Carries out what a service calls for its caller: the caller's permissions hold and the trail tells it, but no
/// fault strikes it and it is not the client's call. Nothing is settled, since events call it as well.
pub(crate) fn operate_on_behalf(world: &mut World, scope: &str, ctx: &Ctx) -> AwsResult<Answer> {
    let missing = || AwsError::new("NotImplemented", format!("there is no service {scope}"));
    let service = service(scope).ok_or_else(missing)?;
    let operation = (service.operation)(&ctx.action).ok_or_else(|| service.unknown(&ctx.action))?;
    gate::permit(world, service, ctx)?;
    perform(world, service, ctx, operation)
}

/// Carries out an admitted call, under the eyes of the tagging API and of the trail.
fn perform(world: &mut World, service: &Service, ctx: &Ctx, operation: Operation) -> AwsResult<Answer> {
    if !gate::mutates(ctx) {
        return operation(world, ctx);
    }
    past::remember(world);
    tagged::before(world, &ctx.region, &ctx.action);
    let outcome = operation(world, ctx);
    tagged::after(world, &ctx.region, &ctx.action);
    if let Ok(answer) = &outcome {
        cloudtrail::record(world, service, ctx, answer);
    }
    outcome
}

/// The service with this name in credential scopes.
pub(crate) fn service(scope: &str) -> Option<&'static Service> {
    SERVICES.iter().copied().find(|service| service.scope == scope)
}

/// The protocol of a request whose service nobody named.
fn guess_protocol(request: &Request) -> Protocol {
    if request.header("x-amz-target").is_some() {
        Protocol::Json
    } else if request.header("content-type").is_some_and(|kind| kind.starts_with("application/x-www-form")) {
        Protocol::Ec2Query { namespace: ec2::NAMESPACE }
    } else {
        Protocol::RestJson { route: |_| None }
    }
}

#[cfg(test)]
mod tests;
