//! Races: others change the account right before the n-th call of a run, whichever n that is.
//!
//! The law: nothing that a change made somebody's is deleted or cut by a call whose last look came after the
//! change, and of others nothing is ever touched. A look is what stands behind a call: the whole reading by which
//! its step was judged to start, and the thing itself, asked for by its id between that and the call. What AWS
//! answers last is what anybody can know: a change that comes between that answer and the call is seen by nobody.
//! This window is as small as the design has it (its section on the run): for what the thing itself shows from the
//! look to the call, and for what another thing shows from that one's listing in the last whole reading to the
//! call. Here the clock runs so fast that a reading's minute is over before the next one begins, so that each step
//! starts right after a reading of its own, and the law asks for that very reading.
//!
//! The usual run takes a sample of the calls, each change at others; `RACES_EVERY=1` takes every call
//! (`make races`).

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use aws_janitor_sandbox::error::AwsResult;
use aws_janitor_sandbox::{Call, Counted, World};
use serde_json::json;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::stage::{A1, DAY, FAILED, HOME, Network, Role, SPEED, Scene, Stage, Tags};
use crate::gates::text;

const BLUE: Tags<'static> = &[("team", "blue")];

/// How many calls apart the sample's are, unless `RACES_EVERY` says it.
const SAMPLED: usize = 150;

/// How many runs go on at once.
const AT_ONCE: usize = 3;

/// What stands when the run begins.
#[derive(Debug, Clone)]
struct Cast {
    network: Network,
    address: String,
    role: Role,
    policy: String,
    /// In the blue team's network, but the failed stack's.
    group: String,
    blue: Network,
    machine: String,
    blue_group: String,
    blue_role: Role,
}

/// The failed stack's profile.
const PROFILE: &str = "shop-a1-profile";

fn cast() -> (Stage, Cast) {
    let mut stage = Stage::new();
    stage.ago(5 * DAY);
    let blue = stage.network(7, BLUE);
    let machine = stage.instance(&blue.public, BLUE, &[]);
    let blue_group = stage.group(&blue.vpc, "blue-db", BLUE);
    let blue_role = stage.role("blue-app", "ec2.amazonaws.com", BLUE);
    stage.ago(3 * DAY);
    let network = stage.network(1, A1);
    let address = stage.address(A1);
    let group = stage.group(&blue.vpc, "shop-a1-web", A1);
    let role = stage.role("shop-a1-role", "ec2.amazonaws.com", A1);
    stage.profile(PROFILE, &role, A1);
    let document = json!({
        "Version": "2012-10-17",
        "Statement": [{ "Effect": "Allow", "Action": "ecr:GetAuthorizationToken", "Resource": "*" }],
    })
    .to_string();
    let params = [("PolicyName", "shop-a1-policy"), ("PolicyDocument", document.as_str())];
    let policy = stage.make_of("iam", "CreatePolicy", &params, (A1, "Arn"));
    stage.call("iam", "AttachRolePolicy", &[("RoleName", &role.name), ("PolicyArn", &policy)]);
    let cast = Cast { network, address, role, policy, group, blue, machine, blue_group, blue_role };
    (stage, cast)
}

/// What another does to the account.
struct Change {
    name: &'static str,
    /// Makes it, and gives the ids of what is new.
    make: fn(&mut World, &Cast) -> AwsResult<Vec<String>>,
    /// What it makes somebody's.
    takes: fn(&Cast) -> Vec<&str>,
    /// What of that it takes with the gateway alone: once that is gone nobody works with it.
    with_gateway: fn(&Cast) -> Vec<&str>,
    /// The listing that shows it.
    shown_by: &'static str,
    /// The call by which what it takes shows it itself, to whoever asks for that by its id.
    on_itself: Option<&'static str>,
    /// Whether it takes anything before a plan is made. What carries the stack's own tags is the stack's, whatever
    /// else it carries, and a role that was made anew under them as well: only after the plan is it another thing
    /// than was condemned.
    before_a_plan: bool,
}

fn ec2(world: &mut World, action: &str, params: Tags<'_>) -> AwsResult<String> {
    world.call("ec2", HOME, action, params)
}

fn iam(world: &mut World, action: &str, params: Tags<'_>) -> AwsResult<String> {
    world.call("iam", HOME, action, params)
}

fn tagged(world: &mut World, id: &str, (key, value): (&str, &str)) -> AwsResult<Vec<String>> {
    let params = [("ResourceId.1", id), ("Tag.1.Key", key), ("Tag.1.Value", value)];
    ec2(world, "CreateTags", &params).map(|_| Vec::new())
}

/// A machine of the blue team's.
fn starts(world: &mut World, subnet: &str, more: Tags<'_>) -> AwsResult<Vec<String>> {
    let params = [
        ("ImageId", "ami-0c0ffee0c0ffee012"),
        ("MinCount", "1"),
        ("MaxCount", "1"),
        ("SubnetId", subnet),
        ("TagSpecification.1.ResourceType", "instance"),
        ("TagSpecification.1.Tag.1.Key", "team"),
        ("TagSpecification.1.Tag.1.Value", "blue"),
    ];
    let told = ec2(world, "RunInstances", &[&params, more].concat())?;
    Ok(vec![text(&told, "instanceId")])
}

fn routes(world: &mut World, cast: &Cast) -> AwsResult<Vec<String>> {
    let params = [
        ("VpcId", cast.network.vpc.as_str()),
        ("TagSpecification.1.ResourceType", "route-table"),
        ("TagSpecification.1.Tag.1.Key", "team"),
        ("TagSpecification.1.Tag.1.Value", "blue"),
    ];
    let table = text(&ec2(world, "CreateRouteTable", &params)?, "routeTableId");
    let params = [
        ("RouteTableId", table.as_str()),
        ("DestinationCidrBlock", "0.0.0.0/0"),
        ("NatGatewayId", &cast.network.nat),
    ];
    // The table is there all the same if the gateway is not.
    drop(ec2(world, "CreateRoute", &params));
    Ok(vec![table])
}

fn launches(world: &mut World, cast: &Cast) -> AwsResult<Vec<String>> {
    let params = [
        ("LaunchTemplateName", "blue-workers"),
        ("LaunchTemplateData.InstanceType", "t3.small"),
        ("LaunchTemplateData.SecurityGroupId.1", cast.group.as_str()),
        ("TagSpecification.1.ResourceType", "launch-template"),
        ("TagSpecification.1.Tag.1.Key", "team"),
        ("TagSpecification.1.Tag.1.Value", "blue"),
    ];
    // A template may name what is not there; then nothing is taken.
    if !world.region(HOME).ec2.security_groups.contains_key(&cast.group) {
        return Ok(Vec::new());
    }
    let told = ec2(world, "CreateLaunchTemplate", &params)?;
    Ok(vec![text(&told, "launchTemplateId")])
}

fn functions(world: &mut World, cast: &Cast) -> AwsResult<Vec<String>> {
    let input = json!({
        "FunctionName": "blue-export", "Role": cast.role.arn, "Runtime": "python3.13",
        "Handler": "main.handler", "Code": { "ZipFile": "" }, "Tags": { "team": "blue" },
    });
    world.call_json("lambda", HOME, "CreateFunction", input).map(|_| Vec::new())
}

fn lets_in(world: &mut World, cast: &Cast) -> AwsResult<Vec<String>> {
    let params = [
        ("GroupId", cast.blue_group.as_str()),
        ("IpPermissions.1.IpProtocol", "tcp"),
        ("IpPermissions.1.FromPort", "443"),
        ("IpPermissions.1.ToPort", "443"),
        ("IpPermissions.1.Groups.1.GroupId", &cast.group),
    ];
    let told = ec2(world, "AuthorizeSecurityGroupIngress", &params)?;
    Ok(vec![text(&told, "securityGroupRuleId")])
}

/// Somebody deploys anew under the role's name: what stands of it makes room, if it stands.
fn anew(world: &mut World, cast: &Cast) -> AwsResult<Vec<String>> {
    let role = ("RoleName", cast.role.name.as_str());
    drop(iam(world, "RemoveRoleFromInstanceProfile", &[("InstanceProfileName", PROFILE), role]));
    drop(iam(world, "DetachRolePolicy", &[role, ("PolicyArn", &cast.policy)]));
    drop(iam(world, "DeleteRole", &[role]));
    let trust = aws_janitor_sandbox::stores::iam::service_trust("ec2.amazonaws.com");
    let mut params = vec![role, ("AssumeRolePolicyDocument", &trust)];
    let tags = ["Tags.member.1.Key", "Tags.member.1.Value", "Tags.member.2.Key", "Tags.member.2.Value"];
    params.extend(tags.into_iter().zip(["Project", "shop", "EnvironmentSuffix", "a1"]));
    iam(world, "CreateRole", &params)?;
    Ok(vec![cast.role.name.clone()])
}

fn network(cast: &Cast) -> Vec<&str> {
    cast.network.all()
}

fn nothing(_: &Cast) -> Vec<&str> {
    Vec::new()
}

fn address_of_gateway(cast: &Cast) -> Vec<&str> {
    vec![&cast.network.address]
}

/// The gateway itself is what the route leads through, and the route's table is in the VPC.
fn all_but_gateway_and_vpc(cast: &Cast) -> Vec<&str> {
    let ends = [&cast.network.nat, &cast.network.vpc];
    network(cast).into_iter().filter(|id| !ends.iter().any(|end| end == id)).collect()
}

const CHANGES: [Change; 11] = [
    Change {
        name: "a machine of others starts in the network",
        make: |world, cast| starts(world, &cast.network.private, &[]),
        takes: network,
        with_gateway: address_of_gateway,
        shown_by: "DescribeInstances",
        on_itself: None,
        before_a_plan: true,
    },
    Change {
        name: "a route of others leads through the gateway",
        make: routes,
        takes: network,
        with_gateway: all_but_gateway_and_vpc,
        shown_by: "DescribeRouteTables",
        on_itself: None,
        before_a_plan: true,
    },
    Change {
        name: "an address is tagged as another team's",
        make: |world, cast| tagged(world, &cast.address, ("team", "blue")),
        takes: |cast| vec![&cast.address],
        with_gateway: nothing,
        shown_by: "DescribeAddresses",
        on_itself: Some("DescribeAddresses"),
        before_a_plan: false,
    },
    Change {
        name: "the network is protected",
        make: |world, cast| tagged(world, &cast.network.vpc, ("keep", "yes")),
        takes: network,
        with_gateway: address_of_gateway,
        shown_by: "DescribeVpcs",
        on_itself: None,
        before_a_plan: true,
    },
    Change {
        name: "a function of others takes the role",
        make: functions,
        takes: |cast| vec![&cast.role.name, &cast.policy],
        with_gateway: nothing,
        shown_by: "ListFunctions",
        on_itself: None,
        before_a_plan: true,
    },
    Change {
        name: "a machine of others starts with the profile",
        make: |world, cast| starts(world, &cast.blue.private, &[("IamInstanceProfile.Name", PROFILE)]),
        takes: |cast| vec![&cast.role.name, &cast.policy, PROFILE],
        with_gateway: nothing,
        shown_by: "DescribeInstances",
        on_itself: None,
        before_a_plan: true,
    },
    Change {
        name: "a template of others names the group",
        make: launches,
        takes: |cast| vec![&cast.group],
        with_gateway: nothing,
        shown_by: "DescribeLaunchTemplates",
        on_itself: None,
        before_a_plan: true,
    },
    Change {
        name: "a rule of others names the group",
        make: lets_in,
        takes: |cast| vec![&cast.group],
        with_gateway: nothing,
        shown_by: "DescribeSecurityGroups",
        on_itself: None,
        before_a_plan: true,
    },
    Change {
        name: "the address goes to a machine of others",
        make: |world, cast| {
            let params = [("AllocationId", cast.address.as_str()), ("InstanceId", &cast.machine)];
            ec2(world, "AssociateAddress", &params).map(|_| Vec::new())
        },
        takes: |cast| vec![&cast.address],
        with_gateway: nothing,
        shown_by: "DescribeAddresses",
        on_itself: Some("DescribeAddresses"),
        before_a_plan: true,
    },
    Change {
        name: "the role is made anew as another one",
        make: anew,
        takes: |cast| vec![&cast.role.name],
        with_gateway: nothing,
        shown_by: "GetAccountAuthorizationDetails",
        on_itself: Some("GetRole"),
        before_a_plan: false,
    },
    Change {
        name: "a living role takes the policy",
        make: |world, cast| {
            let params = [("RoleName", cast.blue_role.name.as_str()), ("PolicyArn", &cast.policy)];
            iam(world, "AttachRolePolicy", &params).map(|_| Vec::new())
        },
        takes: |cast| vec![&cast.policy],
        with_gateway: nothing,
        shown_by: "GetAccountAuthorizationDetails",
        on_itself: None,
        before_a_plan: true,
    },
];

/// What the run is started with. Only one region is looked into, for its calls' sake.
const RUN: [&str; 8] =
    ["apply", "--yes", "--region", HOME, "--assume-regions", HOME, "--protect", "tag:keep"];

/// What came of one run.
struct Run {
    cast: Cast,
    calls: Vec<Call>,
    /// What stood before it, and after it.
    before: BTreeSet<String>,
    after: BTreeSet<String>,
    /// Before which call the change was made, and what is new by it; `None` if AWS refused it.
    made: Option<(usize, Option<Vec<String>>)>,
    told: String,
}

async fn run(change: Option<(&'static Change, usize)>, speed: f64) -> Run {
    let (stage, cast) = cast();
    let scene: Scene = stage.open_at(speed).await;
    let before = scene.books();
    let made = Arc::new(Mutex::new(None));
    if let Some((change, n)) = change {
        let (made, cast) = (Arc::clone(&made), cast.clone());
        scene.sandbox.world().before_call(Counted::All, n, move |world| {
            let at = world.calls.len() - 1;
            let new = (change.make)(world, &cast).ok();
            *made.lock().unwrap() = Some((at, new));
        });
    }
    let ended = scene.endpoint.run(&[&RUN[..], &["--select", FAILED]].concat()).await;
    let told = format!("{}\n{}", ended.out, ended.err);
    assert!(matches!(ended.code, Some(0 | 3)), "{:?} {told}", change.map(|(it, n)| (it.name, n)));
    let calls = scene.sandbox.world().calls.clone();
    let made = made.lock().unwrap().take();
    Run { cast, calls, before, after: scene.books(), made, told }
}

fn names(call: &Call, id: &str) -> bool {
    call.target.split(',').any(|part| part == id)
}

/// Whether a call changes this thing: what is taken out of another or off it is changed by that one's call.
fn changes(call: &Call, cast: &Cast, id: &str) -> bool {
    let done = call.mutating && !call.dry_run && call.refused.is_none() && names(call, id);
    done && match call.action.as_str() {
        "DetachRolePolicy" => id == cast.role.name,
        "RemoveRoleFromInstanceProfile" => id == PROFILE,
        "DetachInternetGateway" => id == cast.network.gateway,
        _ => true,
    }
}

/// A whole reading of the account: its first listing and its last.
struct Reading {
    first: usize,
    last: usize,
}

fn lists(call: &Call, action: &str) -> bool {
    call.action == action && call.target.is_empty()
}

/// What one reading lists more than once, and what no listing is.
const SEVERAL: [&str; 3] = ["ListClusters", "GetResources", "GetAccountAuthorizationDetails"];
const BESIDE: [&str; 3] = ["GetCallerIdentity", "ListAccountAliases", "DescribeRegions"];

/// The readings, as the calls tell them: one comes after the other, and the next begins where something is listed
/// anew.
fn readings(calls: &[Call]) -> Vec<Reading> {
    let (mut found, mut listed) = (Vec::<Reading>::new(), BTreeSet::new());
    for (n, call) in calls.iter().enumerate() {
        let action = call.action.as_str();
        if call.mutating || !call.target.is_empty() || BESIDE.contains(&action) {
            continue;
        }
        let anew = !SEVERAL.contains(&action) && listed.contains(action);
        match found.last_mut().filter(|_| !anew) {
            Some(reading) => reading.last = n,
            None => {
                listed.clear();
                found.push(Reading { first: n, last: n });
            }
        }
        listed.insert(action);
    }
    found
}

/// Whether the last whole reading before this look that tells of the thing, and lists what shows a change, was late
/// enough to see it. Of global things only one tells that was made before a step of theirs: it lists them.
fn was_read(run: &Run, at: usize, look: usize, id: &str, shown_by: &str) -> bool {
    let cast = &run.cast;
    let global = [cast.role.name.as_str(), &cast.policy, PROFILE].contains(&id);
    let first = |reading: &Reading, action: &str| {
        (reading.first..=reading.last).find(|n| lists(&run.calls[*n], action))
    };
    let tells = |reading: &Reading| !global || first(reading, "GetAccountAuthorizationDetails").is_some();
    let whole = readings(&run.calls).into_iter().filter(|reading| reading.last < look && tells(reading));
    whole.rev().find_map(|reading| first(&reading, shown_by)).is_some_and(|listed| listed >= at)
}

/// The last call before this one that asks for the thing by its id.
fn look_before(calls: &[Call], n: usize, id: &str) -> Option<usize> {
    (0..n).rev().find(|n| !calls[*n].mutating && names(&calls[*n], id))
}

/// The last time before this call that the thing was asked for by its id with such a call: a look at some kinds takes
/// several.
fn asked_last(calls: &[Call], n: usize, id: &str, action: &str) -> Option<usize> {
    (0..n).rev().find(|n| calls[*n].action == action && names(&calls[*n], id))
}

/// What the law says of a run.
#[derive(Default)]
struct Said {
    /// The calls against it.
    against: Vec<String>,
    /// How many calls came within the window.
    within: usize,
    /// How much of what the change took stands.
    kept: usize,
}

fn said(run: &Run, change: &Change) -> Said {
    let mut said = Said::default();
    let Some((at, Some(new))) = &run.made else { return said };
    let planned = readings(&run.calls).first().is_some_and(|first| first.last < *at);
    if !planned && !change.before_a_plan {
        return said;
    }
    let mut taken = (change.takes)(&run.cast);
    if !run.after.contains(&run.cast.network.nat) {
        let with_gateway = (change.with_gateway)(&run.cast);
        taken.retain(|id| !with_gateway.contains(id));
    }
    said.kept = taken.iter().filter(|id| run.after.contains(**id)).count();
    for id in &taken {
        for (n, call) in run.calls.iter().enumerate().skip(*at).filter(|(_, it)| changes(it, &run.cast, id)) {
            let look = look_before(&run.calls, n, id);
            let seen = look.is_none_or(|look| {
                let shown = |action| asked_last(&run.calls, n, id, action).is_some_and(|look| look >= *at);
                change.on_itself.is_some_and(shown) || was_read(run, *at, look, id, change.shown_by)
            });
            match seen {
                true => {
                    let line = format!("{n}: {} {}, looked at by {look:?}", call.action, call.target);
                    said.against.push(line);
                }
                false => said.within += 1,
            }
        }
    }
    let lost = new.iter().filter(|id| !taken.contains(&id.as_str()) && !run.after.contains(*id));
    said.against.extend(lost.map(|id| format!("{id} is new, and gone")));
    said
}

/// What of others' is gone, and what changes it: of what stood before, all that a run by itself leaves is theirs.
fn of_others(run: &Run, goes: &BTreeSet<String>) -> Vec<String> {
    let others: BTreeSet<&String> = run.before.difference(goes).collect();
    let gone = others.iter().filter(|id| !run.after.contains(**id)).map(|id| format!("{id} is gone"));
    let done = run.calls.iter().filter(|call| call.mutating && call.refused.is_none());
    let touched = done.filter(|call| others.iter().any(|id| names(call, id)));
    gone.chain(touched.map(|call| format!("{} {}", call.action, call.target))).collect()
}

/// Every call of a run, one a line.
fn calls(calls: &[Call]) -> String {
    let line = |(n, call): (usize, &Call)| {
        let refused = call.refused.as_ref().map(|it| format!(" {it:?}")).unwrap_or_default();
        format!("{n:>4} {:?} {} {}{refused}\n", call.at, call.action, call.target)
    };
    calls.iter().enumerate().map(line).collect()
}

fn every() -> usize {
    std::env::var("RACES_EVERY").ok().and_then(|text| text.parse().ok()).unwrap_or(SAMPLED).max(1)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_others_do_before_whichever_call_nothing_that_is_theirs_by_then_goes() {
    let alone = run(None, SPEED).await;
    let goes: BTreeSet<String> = alone.before.difference(&alone.after).cloned().collect();
    assert!(readings(&alone.calls).len() > 1, "a run reads before its steps:\n{}", alone.told);
    for change in &CHANGES {
        let taken = (change.takes)(&alone.cast);
        assert!(taken.iter().all(|id| goes.contains(*id)), "{}: by itself it goes", change.name);
    }
    let (goes, every, last) = (Arc::new(goes), every(), alone.calls.len());
    // The first call is everybody's: then all that follows has seen the change. So is one of the reading that comes
    // between the plan and the first step.
    let always = [1, readings(&alone.calls)[0].last + 12];
    let room = Arc::new(Semaphore::new(AT_ONCE));
    let mut runs = JoinSet::new();
    for (number, change) in CHANGES.iter().enumerate() {
        let offset = number * every / CHANGES.len();
        let sampled = (1..=last).filter(|n| always.contains(n) || n % every == offset);
        for n in sampled {
            let (room, goes) = (Arc::clone(&room), Arc::clone(&goes));
            runs.spawn(async move {
                let _room = room.acquire_owned().await.unwrap();
                let run = run(Some((change, n)), SPEED).await;
                let mut said = said(&run, change);
                said.against.extend(of_others(&run, &goes));
                let name = change.name;
                assert_eq!(
                    said.against,
                    [""; 0],
                    "{name} before call {n}, made {:?}:\n{}\n{}",
                    run.made,
                    calls(&run.calls),
                    run.told
                );
                if n == 1 && change.before_a_plan {
                    whole(&run, change, &goes);
                }
                let made = matches!(run.made, Some((_, Some(_))));
                (number, made, said)
            });
        }
    }
    let mut figures = [(0, 0, 0, 0); CHANGES.len()];
    while let Some(ended) = runs.join_next().await {
        let (number, made, said) = ended.unwrap();
        let (runs, changed, kept, within) = &mut figures[number];
        *runs += 1;
        *changed += usize::from(made);
        *kept += usize::from(made && said.kept > 0);
        *within += usize::from(said.within > 0);
    }
    for (change, (runs, changed, kept, within)) in CHANGES.iter().zip(figures) {
        let name = change.name;
        eprintln!(
            "{name}: {runs} runs, {changed} changed, {kept} kept something of it, {within} lost something within the window"
        );
        assert!(kept > 0, "{name}: nothing is ever kept for it");
    }
}

/// Before the first call all that is to be seen can be seen: what was taken stands whole, and the rest goes.
fn whole(run: &Run, change: &Change, goes: &BTreeSet<String>) {
    let cast = &run.cast;
    let taken = (change.takes)(cast);
    let lost: Vec<_> = taken.iter().filter(|id| !run.after.contains(**id)).collect();
    assert!(lost.is_empty(), "{}: {lost:?} went\n{}", change.name, run.told);
    let own = [network(cast), vec![&cast.address, &cast.group, &cast.policy, &cast.role.name]].concat();
    let left: Vec<_> = own.iter().filter(|id| !taken.contains(id) && run.after.contains(**id)).collect();
    assert!(left.is_empty(), "{}: {left:?} stayed\n{}", change.name, run.told);
    assert!(own.iter().all(|id| goes.contains(*id)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn behind_every_call_stand_a_whole_reading_and_a_look_and_later_calls_have_later_ones() {
    let run = run(None, SPEED).await;
    let readings = readings(&run.calls);
    let mut behind = BTreeSet::new();
    for (n, call) in run.calls.iter().enumerate().filter(|(_, call)| call.mutating) {
        let subject = call.target.split(',').filter_map(|id| look_before(&run.calls, n, id));
        let look = subject.max().unwrap_or_else(|| panic!("{} {} without a look", call.action, call.target));
        let reading = readings.iter().rfind(|reading| reading.last < look);
        behind.extend(reading.map(|reading| reading.last));
    }
    // The minute is over before what waited for the first calls can start.
    assert!(behind.len() > 1, "all is judged by the first reading: {behind:?}");
}
