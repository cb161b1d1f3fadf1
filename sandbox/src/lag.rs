//! Eventual consistency on demand: reads answered from a moment ago, and deletions refused for what
//! held a thing a moment ago.
//!
//! EC2's and IAM's parts answer from copies that follow late, each read from whichever copy it meets:
//! what was deleted may still be shown, what was made may not be shown yet, and two reads in a row may
//! tell it the other way round.
//! <https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html>,
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency>.
//! EKS, load balancing and logs are read here as they are: nothing published says otherwise.

use std::time::Duration;

use crate::error::{AwsError, AwsResult};
use crate::protocol::{Answer, Ctx};
use crate::service::Operation;
use crate::world::World;
use crate::world::past::as_of;

/// Deletions that are judged by what held the thing a moment ago, with the code that says so. None of
/// them begins anything that takes time, so trying one on a copy leaves no trace.
///
/// A subnet whose last interface has just gone, a group whose last user has just gone:
/// `DependencyViolation` for some seconds. An address whose NAT gateway has just gone: `AuthFailure`.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html>.
/// A role whose policy was detached just now: `DeleteConflict`.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRole.html#API_DeleteRole_Errors>.
const JUDGED_LATE: &[(&str, &str, &[&str])] = &[
    ("ec2", "DeleteSubnet", &["DependencyViolation"]),
    ("ec2", "DeleteSecurityGroup", &["DependencyViolation"]),
    ("ec2", "DeleteVpc", &["DependencyViolation"]),
    ("ec2", "DeleteRouteTable", &["DependencyViolation"]),
    ("ec2", "DeleteNetworkAcl", &["DependencyViolation"]),
    ("ec2", "DetachInternetGateway", &["DependencyViolation"]),
    ("ec2", "DeleteInternetGateway", &["DependencyViolation"]),
    ("ec2", "ReleaseAddress", &["AuthFailure", "InvalidIPAddress.InUse"]),
    ("iam", "DeleteRole", &["DeleteConflict"]),
    ("iam", "DeletePolicy", &["DeleteConflict"]),
    ("iam", "DeleteInstanceProfile", &["DeleteConflict"]),
];

/// Carries out a read, as one of the copies that follow late would answer it.
pub(crate) fn read(world: &mut World, service: &str, ctx: &Ctx, operation: Operation) -> AwsResult<Answer> {
    match lately(world).and_then(|moment| at(world, service, ctx, moment, operation)) {
        Some(answer) => answer,
        None => operation(world, ctx),
    }
}

/// The refusal of a deletion for what held the thing a moment ago.
pub(crate) fn refusal(world: &mut World, service: &str, ctx: &Ctx, operation: Operation) -> Option<AwsError> {
    let (_, _, codes) = JUDGED_LATE.iter().find(|(of, action, _)| *of == service && *action == ctx.action)?;
    let moment = lately(world)?;
    let refusal = at(world, service, ctx, moment, operation)?.err()?;
    codes.contains(&refusal.code.as_str()).then_some(refusal)
}

/// A moment within the lag, drawn anew each time.
fn lately(world: &mut World) -> Option<Duration> {
    if world.faults.lag.is_zero() {
        return None;
    }
    let late = world.faults.lag.mul_f64(world.faults.dice.share());
    Some(world.clock.elapsed().saturating_sub(late))
}

/// What an operation answers in a copy of the records of another moment, which is thrown away
/// afterwards; `None` if they have not changed since.
fn at(
    world: &mut World,
    service: &str,
    ctx: &Ctx,
    moment: Duration,
    operation: Operation,
) -> Option<AwsResult<Answer>> {
    match service {
        "ec2" => {
            let copy = as_of(world.past.ec2.get(&ctx.region)?, moment)?.clone();
            let present = std::mem::replace(&mut world.region(&ctx.region).ec2, copy);
            let outcome = operation(world, ctx);
            world.region(&ctx.region).ec2 = present;
            Some(outcome)
        }
        "iam" => {
            let copy = as_of(&world.past.iam, moment)?.clone();
            let present = std::mem::replace(&mut world.iam, copy);
            let outcome = operation(world, ctx);
            world.iam = present;
            Some(outcome)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ec2::lab::REGION;
    use crate::protocol::Request;
    use crate::wire;
    use crate::{SimClock, xml};

    const LAG: Duration = Duration::from_secs(20);

    fn world() -> World {
        let mut world =
            World::new("111122223333", SimClock::new("2026-01-01T00:00:00Z".parse().unwrap(), 0.0));
        world.clock.skip(LAG);
        world.faults.lag = LAG;
        world.region(REGION);
        world
    }

    /// What is answered to a call from outside: the body, and the refusal's code.
    fn ask(world: &mut World, service: &str, form: &str) -> (String, Option<String>) {
        let scope = format!(
            "AWS4-HMAC-SHA256 Credential=AKIATEST/20260101/{REGION}/{service}/aws4_request, SignedHeaders=host"
        );
        let request = Request {
            method: "POST".into(),
            path: "/".into(),
            headers: vec![("authorization".into(), scope)],
            body: form.as_bytes().to_vec(),
            ..Request::default()
        };
        let (response, _) = wire::answer(world, &request);
        let body = String::from_utf8(response.body).unwrap();
        let code = (response.status >= 400).then(|| xml::text_of(&body, "Code").unwrap_or_default());
        (body, code)
    }

    /// How many of a hundred reads show this.
    fn shown(world: &mut World, form: &str, what: &str) -> usize {
        (0..100).filter(|_| ask(world, "ec2", form).0.contains(what)).count()
    }

    fn made(world: &mut World, form: &str, tag: &str) -> String {
        let (body, code) = ask(world, "ec2", form);
        assert_eq!(code, None, "{body}");
        xml::text_of(&body, tag).unwrap()
    }

    #[test]
    fn what_was_made_is_shown_by_some_reads_at_first_and_by_all_in_the_end() {
        let mut world = world();
        let vpc = made(&mut world, "Action=CreateVpc&CidrBlock=10.0.0.0%2F16", "vpcId");
        world.clock.skip(LAG / 2);
        let some = shown(&mut world, "Action=DescribeVpcs", &vpc);
        assert!((20..80).contains(&some), "{some}");
        world.clock.skip(LAG / 2);
        assert_eq!(shown(&mut world, "Action=DescribeVpcs", &vpc), 100);
    }

    #[test]
    fn what_was_deleted_is_shown_by_some_reads_at_first_and_by_none_in_the_end() {
        let mut world = world();
        for (make, tag, list, delete) in [
            (
                "Action=CreateSecurityGroup&GroupName=g&GroupDescription=g&VpcId=VPC",
                "groupId",
                "Action=DescribeSecurityGroups",
                "Action=DeleteSecurityGroup&GroupId=",
            ),
            (
                "Action=CreateSubnet&CidrBlock=10.0.1.0%2F24&VpcId=VPC",
                "subnetId",
                "Action=DescribeSubnets",
                "Action=DeleteSubnet&SubnetId=",
            ),
            (
                "Action=AllocateAddress&Domain=vpc",
                "allocationId",
                "Action=DescribeAddresses",
                "Action=ReleaseAddress&AllocationId=",
            ),
        ] {
            let vpc = made(&mut world, "Action=CreateVpc&CidrBlock=10.0.0.0%2F16", "vpcId");
            let id = made(&mut world, &make.replace("VPC", &vpc), tag);
            world.clock.skip(LAG * 2);
            assert_eq!(ask(&mut world, "ec2", &format!("{delete}{id}")).1, None, "{delete}");
            world.clock.skip(LAG / 2);
            let some = shown(&mut world, list, &id);
            assert!((20..80).contains(&some), "{list}: {some}");
            world.clock.skip(LAG / 2);
            assert_eq!(shown(&mut world, list, &id), 0, "{list}");
        }
    }

    #[test]
    fn an_interface_deleted_just_now_still_holds_its_subnet() {
        let mut world = world();
        let vpc = made(&mut world, "Action=CreateVpc&CidrBlock=10.0.0.0%2F16", "vpcId");
        let subnet =
            made(&mut world, &format!("Action=CreateSubnet&CidrBlock=10.0.1.0%2F24&VpcId={vpc}"), "subnetId");
        let interface = made(
            &mut world,
            &format!("Action=CreateNetworkInterface&SubnetId={subnet}"),
            "networkInterfaceId",
        );
        world.clock.skip(LAG * 2);
        let delete = format!("Action=DeleteNetworkInterface&NetworkInterfaceId={interface}");
        assert_eq!(ask(&mut world, "ec2", &delete).1, None);
        let delete = format!("Action=DeleteSubnet&SubnetId={subnet}");
        assert_eq!(ask(&mut world, "ec2", &delete).1.as_deref(), Some("DependencyViolation"));
        world.clock.skip(LAG);
        assert_eq!(ask(&mut world, "ec2", &delete).1, None);
    }

    #[test]
    fn a_policy_detached_just_now_still_holds_its_role() {
        let mut world = world();
        let role = "RoleName=node&AssumeRolePolicyDocument=%7B%7D";
        assert_eq!(ask(&mut world, "iam", &format!("Action=CreateRole&{role}")).1, None);
        let policy = "RoleName=node&PolicyArn=arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2FAmazonEKSWorkerNodePolicy";
        assert_eq!(ask(&mut world, "iam", &format!("Action=AttachRolePolicy&{policy}")).1, None);
        world.clock.skip(LAG * 2);
        assert_eq!(ask(&mut world, "iam", &format!("Action=DetachRolePolicy&{policy}")).1, None);
        let delete = "Action=DeleteRole&RoleName=node";
        assert_eq!(ask(&mut world, "iam", delete).1.as_deref(), Some("DeleteConflict"));
        world.clock.skip(LAG);
        assert_eq!(ask(&mut world, "iam", delete).1, None);
    }
}
