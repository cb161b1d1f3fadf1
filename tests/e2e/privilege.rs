//! Least privilege, both ways: every call of a run is granted, and every grant is called by a run or argued.
//!
//! It takes the published policies (`policies/iam`) and the calls that reached the embedded AWS.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use aws_janitor_sandbox::{Call, Sandbox, SimClock, World, scenario};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::gates::{make, text};
use crate::plans::{change, terraform_plan};
use crate::program::{ABANDONED, ACCOUNT, ATTEMPTS, Endpoint, serve};
use crate::sandbox::told;
use crate::story::Parts;

/// A grant that no run calls, and why it is given all the same.
struct Argued {
    action: &'static str,
    why: &'static str,
}

/// No world of these runs has one to ask about.
const NONE_THERE: &str =
    "asked only where a listing names one: a configuration, a service, a profile, a stack";

const WITH_ITS_CLUSTER: &str =
    "a part goes with its cluster; one whose cluster is no longer listed is deleted by itself";

const ARGUED: [Argued; 15] = [
    Argued { action: "autoscaling:DescribeLaunchConfigurations", why: NONE_THERE },
    Argued { action: "cloudformation:DeleteStack", why: NONE_THERE },
    Argued { action: "cloudformation:ListImports", why: NONE_THERE },
    Argued { action: "cloudformation:ListStackResources", why: NONE_THERE },
    Argued { action: "ecs:DescribeServices", why: NONE_THERE },
    Argued { action: "ecs:DescribeTaskDefinition", why: NONE_THERE },
    Argued { action: "ecs:ListServices", why: NONE_THERE },
    Argued { action: "eks:DescribeAccessEntry", why: NONE_THERE },
    Argued { action: "eks:DescribeFargateProfile", why: NONE_THERE },
    Argued { action: "eks:DescribePodIdentityAssociation", why: NONE_THERE },
    Argued {
        action: "sts:DecodeAuthorizationMessage",
        why: "asked only where a change was denied, which with this policy none is",
    },
    Argued {
        action: "cloudtrail:LookupEvents",
        why: "only a verdict that hangs on who made a thing, or when, asks for it",
    },
    Argued { action: "eks:DeleteAddon", why: WITH_ITS_CLUSTER },
    Argued { action: "eks:DeleteAccessEntry", why: WITH_ITS_CLUSTER },
    Argued { action: "eks:DeletePodIdentityAssociation", why: WITH_ITS_CLUSTER },
];

/// The actions that runs called, by the policy that has to grant them.
#[derive(Default)]
struct Called {
    by_policy: BTreeMap<&'static str, BTreeSet<String>>,
}

impl Called {
    /// Runs the program and notes what it called.
    async fn run(&mut self, policy: &'static str, at: &At, args: &[&str], code: i32) {
        let seen = at.sandbox.world().calls.len();
        at.endpoint.run(args).await.expect(code);
        let world = at.sandbox.world();
        let actions = world.calls[seen..].iter().map(Call::iam_action);
        self.by_policy.entry(policy).or_default().extend(actions);
    }
}

/// An embedded AWS and the way to it.
struct At {
    sandbox: Sandbox,
    endpoint: Endpoint,
}

async fn at(world: World) -> At {
    let (sandbox, endpoint) = serve(world).await;
    At { sandbox, endpoint }
}

fn granted(policy: &str) -> BTreeSet<String> {
    let path = format!("{}/policies/iam/{policy}.json", env!("CARGO_MANIFEST_DIR"));
    let document: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let statements = document["Statement"].as_array().unwrap().iter();
    let actions = statements.flat_map(|it| it["Action"].as_array().unwrap());
    actions.map(|it| it.as_str().unwrap().to_owned()).collect()
}

const DATA: &str = "volume,log-group";

/// Every command that calls AWS, on worlds that have all that it can meet.
async fn runs() -> Called {
    let mut called = Called::default();
    whole_stacks(&mut called).await;
    what_is_cut(&mut called).await;
    what_nobody_tagged(&mut called).await;
    limits_and_checks(&mut called).await;
    called
}

async fn whole_stacks(called: &mut Called) {
    let apply = ["apply", "--select", ATTEMPTS, ABANDONED, "--with-data", DATA, "--yes"];
    let deployed = at(World::new(ACCOUNT, SimClock::new(Timestamp::now(), 400.0))).await;
    told(&deployed.endpoint, Parts::All).await;
    called.run("scan", &deployed, &["scan", "--select", ATTEMPTS], 0).await;
    called.run("scan", &deployed, &["plan", "--select", ATTEMPTS, "--region", "all"], 0).await;
    called.run("apply", &deployed, &apply, 0).await;
    let built = at(scenario::build("failed-eks", 400.0, Timestamp::now()).unwrap()).await;
    called.run("apply", &built, &apply, 0).await;
}

/// Groups whose outbound rules name each other, a table for what comes in through the gateway, and an endpoint
/// behind a route of its own subnet: circles of which one end has to be cut.
async fn what_is_cut(called: &mut Called) {
    let built = at(scenario::build("shared-vpc", 400.0, Timestamp::now()).unwrap()).await;
    let sandbox = &built.sandbox;
    let vpc = text(&make(sandbox, "ec2", "CreateVpc", &[("CidrBlock", "10.9.0.0/16")]), "vpcId");
    let subnet = [("VpcId", &*vpc), ("CidrBlock", "10.9.1.0/24")];
    let subnet = text(&make(sandbox, "ec2", "CreateSubnet", &subnet), "subnetId");
    let gateway = text(&make(sandbox, "ec2", "CreateInternetGateway", &[]), "internetGatewayId");
    make(sandbox, "ec2", "AttachInternetGateway", &[("VpcId", &vpc), ("InternetGatewayId", &gateway)]);
    let groups = ["a", "b"].map(|name| {
        let group = [("GroupName", name), ("GroupDescription", name), ("VpcId", &*vpc)];
        text(&make(sandbox, "ec2", "CreateSecurityGroup", &group), "groupId")
    });
    for [group, other] in [[0, 1], [1, 0]] {
        let rule = [
            ("GroupId", &*groups[group]),
            ("IpPermissions.1.IpProtocol", "tcp"),
            ("IpPermissions.1.FromPort", "443"),
            ("IpPermissions.1.ToPort", "443"),
            ("IpPermissions.1.Groups.1.GroupId", &*groups[other]),
        ];
        make(sandbox, "ec2", "AuthorizeSecurityGroupEgress", &rule);
    }
    let [inwards, within] = [("GatewayId", &gateway), ("SubnetId", &subnet)].map(|end| {
        let table = text(&make(sandbox, "ec2", "CreateRouteTable", &[("VpcId", &vpc)]), "routeTableId");
        make(sandbox, "ec2", "AssociateRouteTable", &[("RouteTableId", &table), (end.0, end.1)]);
        table
    });
    let endpoint = [
        ("VpcId", &*vpc),
        ("VpcEndpointType", "GatewayLoadBalancer"),
        ("ServiceName", "com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0"),
        ("SubnetId.1", &subnet),
    ];
    let endpoint = text(&make(sandbox, "ec2", "CreateVpcEndpoint", &endpoint), "vpcEndpointId");
    sandbox.world().clock.skip(Duration::from_secs(600));
    let route =
        [("RouteTableId", &*within), ("DestinationCidrBlock", "0.0.0.0/0"), ("VpcEndpointId", &endpoint)];
    make(sandbox, "ec2", "CreateRoute", &route);
    make(sandbox, "ec2", "CreateEgressOnlyInternetGateway", &[("VpcId", &vpc)]);
    let (other, joined) = joined_with(sandbox, &vpc);
    let tools = tools_of(sandbox, &vpc);
    let own =
        [&vpc, &subnet, &gateway, &groups[0], &groups[1], &inwards, &within, &endpoint, &other, &joined];
    let vpn = vpn_at(sandbox, &other);
    let ways = ways_at(sandbox, &other);
    for id in own.into_iter().chain(&tools).chain(&vpn).chain(&ways) {
        let tags = [
            ("ResourceId.1", &**id),
            ("Tag.1.Key", "Project"),
            ("Tag.1.Value", "cut-apart"),
            ("Tag.2.Key", "EnvironmentSuffix"),
            ("Tag.2.Value", "attempt-1"),
        ];
        make(sandbox, "ec2", "CreateTags", &tags);
    }
    // Direct Connect may lead through its VPN gateway, which only the owner can tell.
    let apply = ["apply", "--select", "tag:Project=cut-apart", "--abandoned=cut-apart/attempt-1", "--yes"];
    called.run("apply", &built, &apply, 0).await;
}

/// What joins this network to others and lets people in, with the subnet for it.
fn ways_at(sandbox: &Sandbox, vpc: &str) -> [String; 4] {
    let made =
        |action: &str, params: &[(&str, &str)], element| text(&make(sandbox, "ec2", action, params), element);
    let subnet = made("CreateSubnet", &[("VpcId", vpc), ("CidrBlock", "10.8.1.0/24")], "subnetId");
    let endpoint =
        made("CreateInstanceConnectEndpoint", &[("SubnetId", &subnet)], "instanceConnectEndpointId");
    let carrier = made("CreateCarrierGateway", &[("VpcId", vpc)], "carrierGatewayId");
    let ends = [("TransitGatewayId", "tgw-0123456789abcdef0"), ("VpcId", vpc), ("SubnetIds.1", &*subnet)];
    let joined = made("CreateTransitGatewayVpcAttachment", &ends, "transitGatewayAttachmentId");
    sandbox.world().clock.skip(Duration::from_secs(600));
    [subnet, endpoint, carrier, joined]
}

/// A VPN connection from this network, and the gateways at its ends.
fn vpn_at(sandbox: &Sandbox, vpc: &str) -> [String; 3] {
    let made =
        |action: &str, params: &[(&str, &str)], element| text(&make(sandbox, "ec2", action, params), element);
    let gateway = made("CreateVpnGateway", &[("Type", "ipsec.1")], "vpnGatewayId");
    make(sandbox, "ec2", "AttachVpnGateway", &[("VpnGatewayId", &gateway), ("VpcId", vpc)]);
    let router = [("Type", "ipsec.1"), ("IpAddress", "198.51.100.7"), ("BgpAsn", "65010")];
    let customer = made("CreateCustomerGateway", &router, "customerGatewayId");
    let ends = [("Type", "ipsec.1"), ("CustomerGatewayId", &*customer), ("VpnGatewayId", &*gateway)];
    let connection = made("CreateVpnConnection", &ends, "vpnConnectionId");
    sandbox.world().clock.skip(Duration::from_secs(600));
    [connection, gateway, customer]
}

/// What lies in no network and is given to it or to its machines.
fn tools_of(sandbox: &Sandbox, vpc: &str) -> [String; 4] {
    let options = [("DhcpConfiguration.1.Key", "domain-name"), ("DhcpConfiguration.1.Value.1", "shop.test")];
    let options = text(&make(sandbox, "ec2", "CreateDhcpOptions", &options), "dhcpOptionsId");
    make(sandbox, "ec2", "AssociateDhcpOptions", &[("VpcId", vpc), ("DhcpOptionsId", &options)]);
    let pair = text(&make(sandbox, "ec2", "CreateKeyPair", &[("KeyName", "cut")]), "keyPairId");
    let close = text(&make(sandbox, "ec2", "CreatePlacementGroup", &[("GroupName", "cut")]), "groupId");
    let flows = [("ResourceType", "VPC"), ("ResourceId.1", vpc), ("LogGroupName", "cut")];
    let flows = text(&make(sandbox, "ec2", "CreateFlowLogs", &flows), "item");
    [options, pair, close, flows]
}

/// A second network, and the active connection with it.
fn joined_with(sandbox: &Sandbox, vpc: &str) -> (String, String) {
    let other = text(&make(sandbox, "ec2", "CreateVpc", &[("CidrBlock", "10.8.0.0/16")]), "vpcId");
    let ends = [("VpcId", vpc), ("PeerVpcId", &other)];
    let joined = text(&make(sandbox, "ec2", "CreateVpcPeeringConnection", &ends), "vpcPeeringConnectionId");
    sandbox.world().clock.skip(Duration::from_secs(60));
    make(sandbox, "ec2", "AcceptVpcPeeringConnection", &[("VpcPeeringConnectionId", &joined)]);
    sandbox.world().clock.skip(Duration::from_secs(60));
    (other, joined)
}

/// Where the tagging API tells of no policy and no profile, each is asked for its tags.
async fn what_nobody_tagged(called: &mut Called) {
    let built = at(scenario::build("empty", 400.0, Timestamp::now()).unwrap()).await;
    let document = r#"{"Version":"2012-10-17","Statement":[]}"#;
    let policy = [("PolicyName", "bare"), ("PolicyDocument", document)];
    make(&built.sandbox, "iam", "CreatePolicy", &policy);
    make(&built.sandbox, "iam", "CreateInstanceProfile", &[("InstanceProfileName", "bare")]);
    called.run("scan", &built, &["scan"], 0).await;
}

async fn limits_and_checks(called: &mut Called) {
    let built = at(scenario::build("first-attempt", 400.0, Timestamp::now()).unwrap()).await;
    let file = built.endpoint.file("plan.json");
    let mut plan = terraform_plan("1.35");
    let changes = plan["resource_changes"].as_array_mut().unwrap();
    let addon = json!({"cluster_name": "shop-attempt-2", "addon_name": "vpc-cni"});
    changes.push(change("aws_eks_addon.cni", "aws_eks_addon", None, addon, json!({})));
    let alias = json!({"name": "alias/shop"});
    changes.push(change("aws_kms_alias.shop", "aws_kms_alias", None, alias, json!({})));
    std::fs::write(&file, plan.to_string()).unwrap();
    for told_by_default in [false, true] {
        built.sandbox.world().quotas.told_by_default = told_by_default;
        called.run("quota", &built, &["quota", "--for", &file, "--select", ATTEMPTS], 5).await;
        called.run("preflight", &built, &["preflight", &file, "--select", ATTEMPTS], 4).await;
    }
    // Where an organisation's policy denies Service Quotas, EC2 itself tells one limit.
    built.sandbox.world().faults.denied.insert("servicequotas:*".to_owned());
    called.run("quota", &built, &["quota", "--need", "eip=3"], 5).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_call_is_granted_and_every_grant_is_called_or_argued() {
    let called = runs().await;
    let mut everywhere = BTreeSet::new();
    for (policy, actions) in &called.by_policy {
        let beyond: Vec<_> = actions.difference(&granted(policy)).cloned().collect();
        assert_eq!(beyond, Vec::<String>::new(), "{policy}.json does not grant what a run calls");
        everywhere.extend(actions.iter().cloned());
    }
    let all: BTreeSet<String> = called.by_policy.keys().flat_map(|policy| granted(policy)).collect();
    let argued: BTreeSet<String> = ARGUED.iter().map(|it| it.action.to_owned()).collect();
    let idle: BTreeSet<String> = all.difference(&everywhere).cloned().collect();
    assert_eq!(idle, argued, "what is granted and not called is what is argued, no more and no less");
    assert!(ARGUED.iter().all(|it| !it.why.is_empty()));
}
