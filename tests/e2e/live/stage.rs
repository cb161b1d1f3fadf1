//! The stage of these scenes: an account whose history is made by AWS's own calls, and what can be asked of it
//! once the program has played its part. What stands is told by the embedded AWS's books, why by the program.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_janitor_sandbox::{Sandbox, SimClock, World};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::gates::text;
use crate::program::{ACCOUNT, Ended, Endpoint, serve};

/// What selects the failed stack and nothing else.
pub const FAILED: &str = "tag:Project=shop,tag:EnvironmentSuffix=a1";

/// The region of every scene that plays in one only.
pub const HOME: &str = "us-east-1";

/// How much faster than AWS's the clock runs while the program works.
pub const SPEED: f64 = 400.0;

/// How long before its end an account's history begins.
const HISTORY: Duration = Duration::from_secs(30 * 24 * 3600);

pub const DAY: Duration = Duration::from_secs(24 * 3600);
pub const MINUTE: Duration = Duration::from_secs(60);

pub type Tags<'a> = &'a [(&'a str, &'a str)];

/// The tags of the failed stack.
pub const A1: Tags<'static> = &[("Project", "shop"), ("EnvironmentSuffix", "a1")];

/// Those of a stack of the same project that lives.
pub const LIVE: Tags<'static> = &[("Project", "shop"), ("EnvironmentSuffix", "live")];

/// Those of another team.
pub const FINANCE: Tags<'static> = &[("Owner", "finance"), ("Environment", "production")];

/// An account in the making.
pub struct Stage {
    pub world: World,
    pub region: &'static str,
}

/// A network: a VPC with one public subnet behind a NAT gateway and one private subnet.
#[derive(Debug, Clone)]
pub struct Network {
    pub vpc: String,
    pub public: String,
    pub private: String,
    pub gateway: String,
    pub table: String,
    pub nat: String,
    pub address: String,
}

impl Network {
    /// All of it.
    pub fn all(&self) -> Vec<&str> {
        vec![&self.vpc, &self.public, &self.private, &self.gateway, &self.table, &self.nat, &self.address]
    }
}

/// A role's name and ARN.
#[derive(Debug, Clone)]
pub struct Role {
    pub name: String,
    pub arn: String,
}

/// What nothing in a scene concerns: it goes, whatever stays.
#[derive(Debug, Clone)]
pub struct Spare {
    pub address: String,
    pub role: String,
}

impl Spare {
    pub fn all(&self) -> [&str; 2] {
        [&self.address, &self.role]
    }
}

impl Stage {
    /// A fresh account, a month ago.
    pub fn new() -> Self {
        let history = SignedDuration::try_from(HISTORY).unwrap();
        let origin = Timestamp::now().checked_sub(history).unwrap();
        Self { world: World::new(ACCOUNT, SimClock::new(origin, 0.0)), region: HOME }
    }

    /// Goes on to the moment that lies this long before the end.
    pub fn ago(&mut self, before_end: Duration) {
        let missing = HISTORY.saturating_sub(before_end).saturating_sub(self.world.clock.elapsed());
        self.pass(missing);
    }

    /// The moment of the history.
    pub fn now(&self) -> Timestamp {
        self.world.clock.now()
    }

    pub fn pass(&mut self, time: Duration) {
        self.world.clock.skip(time);
        self.world.settle();
    }

    /// The end of the history: from now on the clock runs, and the program can come.
    pub async fn open(self) -> Scene {
        self.open_at(SPEED).await
    }

    /// The same, with a clock of this speed.
    pub async fn open_at(mut self, speed: f64) -> Scene {
        self.ago(Duration::ZERO);
        self.world.clock.set_speed(speed);
        let (sandbox, endpoint) = serve(self.world).await;
        Scene { sandbox, endpoint }
    }

    /// A call of a query service; gives the XML.
    #[track_caller]
    pub fn call(&mut self, service: &str, action: &str, params: Tags<'_>) -> String {
        let answer = self.world.call(service, self.region, action, params);
        answer.unwrap_or_else(|error| panic!("{action}: {error:?}"))
    }

    #[track_caller]
    pub fn ec2(&mut self, action: &str, params: Tags<'_>) -> String {
        self.call("ec2", action, params)
    }

    /// A call of a JSON service.
    #[track_caller]
    pub fn json(&mut self, service: &str, action: &str, input: Value) -> Value {
        let answer = self.world.call_json(service, self.region, action, input);
        answer.unwrap_or_else(|error| panic!("{action}: {error:?}"))
    }

    /// A call to EC2 that makes something with these tags; gives the text of this element.
    #[track_caller]
    pub fn make(&mut self, action: &str, params: Tags<'_>, tags: Tags<'_>, element: &str) -> String {
        let made = action.trim_start_matches("Create");
        let kind = match action {
            "AllocateAddress" => "elastic-ip".to_owned(),
            "RunInstances" => "instance".to_owned(),
            "CreateNatGateway" => "natgateway".to_owned(),
            _ => dashed(made),
        };
        let mut all = owned(params);
        if !tags.is_empty() {
            all.push(("TagSpecification.1.ResourceType".into(), kind));
        }
        for (number, (key, value)) in (1..).zip(tags) {
            all.push((format!("TagSpecification.1.Tag.{number}.Key"), (*key).into()));
            all.push((format!("TagSpecification.1.Tag.{number}.Value"), (*value).into()));
        }
        text(&self.ec2(action, &borrowed(&all)), element)
    }

    /// A call to IAM or load balancing that makes something with these tags; gives the text of this element.
    #[track_caller]
    pub fn make_of(
        &mut self,
        service: &str,
        action: &str,
        params: Tags<'_>,
        (tags, element): (Tags<'_>, &str),
    ) -> String {
        let mut all = owned(params);
        for (number, (key, value)) in (1..).zip(tags) {
            all.push((format!("Tags.member.{number}.Key"), (*key).into()));
            all.push((format!("Tags.member.{number}.Value"), (*value).into()));
        }
        text(&self.call(service, action, &borrowed(&all)), element)
    }

    pub fn tag(&mut self, id: &str, (key, value): (&str, &str)) {
        self.ec2("CreateTags", &[("ResourceId.1", id), ("Tag.1.Key", key), ("Tag.1.Value", value)]);
    }

    pub fn vpc(&mut self, number: u8, tags: Tags<'_>) -> String {
        self.make("CreateVpc", &[("CidrBlock", &format!("10.{number}.0.0/16"))], tags, "vpcId")
    }

    /// A subnet, in the zone of its number.
    pub fn subnet(&mut self, vpc: &str, cidr: &str, tags: Tags<'_>) -> String {
        let third: usize = cidr.split('.').nth(2).unwrap().parse().unwrap();
        let zone = format!("{}{}", self.region, ["a", "b", "c"][third % 3]);
        let params = [("VpcId", vpc), ("CidrBlock", cidr), ("AvailabilityZone", &zone)];
        self.make("CreateSubnet", &params, tags, "subnetId")
    }

    pub fn address(&mut self, tags: Tags<'_>) -> String {
        self.make("AllocateAddress", &[("Domain", "vpc")], tags, "allocationId")
    }

    pub fn group(&mut self, vpc: &str, name: &str, tags: Tags<'_>) -> String {
        let params = [("GroupName", name), ("GroupDescription", name), ("VpcId", vpc)];
        self.make("CreateSecurityGroup", &params, tags, "groupId")
    }

    /// Lets the second group in at the first.
    pub fn let_in(&mut self, group: &str, from: &str) -> String {
        let params = [
            ("GroupId", group),
            ("IpPermissions.1.IpProtocol", "tcp"),
            ("IpPermissions.1.FromPort", "443"),
            ("IpPermissions.1.ToPort", "443"),
            ("IpPermissions.1.Groups.1.GroupId", from),
        ];
        text(&self.ec2("AuthorizeSecurityGroupIngress", &params), "securityGroupRuleId")
    }

    /// A network `10.<number>.0.0/16` with these tags on each thing of it.
    pub fn network(&mut self, number: u8, tags: Tags<'_>) -> Network {
        let vpc = self.vpc(number, tags);
        let public = self.subnet(&vpc, &format!("10.{number}.0.0/24"), tags);
        let private = self.subnet(&vpc, &format!("10.{number}.1.0/24"), tags);
        let gateway = self.make("CreateInternetGateway", &[], tags, "internetGatewayId");
        self.ec2("AttachInternetGateway", &[("InternetGatewayId", &gateway), ("VpcId", &vpc)]);
        let out = self.make("CreateRouteTable", &[("VpcId", &vpc)], tags, "routeTableId");
        self.route(&out, "0.0.0.0/0", ("GatewayId", &gateway));
        self.ec2("AssociateRouteTable", &[("RouteTableId", &out), ("SubnetId", &public)]);
        let address = self.address(tags);
        let params = [("SubnetId", public.as_str()), ("AllocationId", &address)];
        let nat = self.make("CreateNatGateway", &params, tags, "natGatewayId");
        self.pass(5 * MINUTE);
        let table = self.make("CreateRouteTable", &[("VpcId", &vpc)], tags, "routeTableId");
        self.route(&table, "0.0.0.0/0", ("NatGatewayId", &nat));
        self.ec2("AssociateRouteTable", &[("RouteTableId", &table), ("SubnetId", &private)]);
        Network { vpc, public, private, gateway, table, nat, address }
    }

    pub fn route(&mut self, table: &str, to: &str, target: (&str, &str)) {
        self.ec2("CreateRoute", &[("RouteTableId", table), ("DestinationCidrBlock", to), target]);
    }

    /// A role that a service may assume.
    pub fn role(&mut self, name: &str, service: &str, tags: Tags<'_>) -> Role {
        self.role_trusting(name, &json!({ "Service": service }), tags)
    }

    /// A role that these may assume.
    pub fn role_trusting(&mut self, name: &str, principal: &Value, tags: Tags<'_>) -> Role {
        let action = match principal.get("Federated") {
            Some(_) => "sts:AssumeRoleWithWebIdentity",
            None => "sts:AssumeRole",
        };
        let trust = json!({
            "Version": "2012-10-17",
            "Statement": [{ "Effect": "Allow", "Principal": principal, "Action": action }],
        })
        .to_string();
        let params = [("RoleName", name), ("AssumeRolePolicyDocument", &trust)];
        let arn = self.make_of("iam", "CreateRole", &params, (tags, "Arn"));
        Role { name: name.to_owned(), arn }
    }

    /// An instance profile that holds the role.
    pub fn profile(&mut self, name: &str, role: &Role, tags: Tags<'_>) {
        let params = [("InstanceProfileName", name)];
        self.make_of("iam", "CreateInstanceProfile", &params, (tags, "Arn"));
        let params = [("InstanceProfileName", name), ("RoleName", &role.name)];
        self.call("iam", "AddRoleToInstanceProfile", &params);
    }

    /// That a role was used, just now, in the region at hand.
    pub fn used_now(&mut self, role: &Role) {
        let now = self.world.clock.now();
        let region = self.region.to_owned();
        self.world.iam.roles.get_mut(&role.name).unwrap().last_used = Some((now, region));
    }

    /// A running instance.
    pub fn instance(&mut self, subnet: &str, tags: Tags<'_>, more: Tags<'_>) -> String {
        let params = [
            ("ImageId", "ami-0c0ffee0c0ffee012"),
            ("InstanceType", "t3.small"),
            ("MinCount", "1"),
            ("MaxCount", "1"),
            ("SubnetId", subnet),
        ];
        let id = self.make("RunInstances", &[&params, more].concat(), tags, "instanceId");
        self.pass(2 * MINUTE);
        id
    }

    /// A cluster that is active.
    pub fn cluster(&mut self, name: &str, role: &Role, subnets: &[&str], tags: Tags<'_>) -> String {
        let input = json!({
            "name": name,
            "roleArn": role.arn,
            "resourcesVpcConfig": { "subnetIds": subnets },
            "tags": map(tags),
        });
        self.json("eks", "CreateCluster", input);
        self.pass(12 * MINUTE);
        name.to_owned()
    }

    /// A node group of one node that joins; gives `cluster/name`.
    pub fn nodegroup(
        &mut self,
        (cluster, name): (&str, &str),
        role: &Role,
        subnet: &str,
        tags: Tags<'_>,
    ) -> String {
        let input = json!({
            "clusterName": cluster,
            "nodegroupName": name,
            "nodeRole": role.arn,
            "subnets": [subnet],
            "scalingConfig": { "minSize": 1, "maxSize": 2, "desiredSize": 1 },
            "tags": map(tags),
        });
        self.json("eks", "CreateNodegroup", input);
        self.pass(30 * MINUTE);
        format!("{cluster}/{name}")
    }

    /// The roles of a cluster and of its nodes.
    pub fn eks_roles(&mut self, prefix: &str, tags: Tags<'_>) -> (Role, Role) {
        let cluster = self.role(&format!("{prefix}-cluster"), "eks.amazonaws.com", tags);
        let node = self.role(&format!("{prefix}-node"), "ec2.amazonaws.com", tags);
        for (role, policy) in [
            (&cluster, "AmazonEKSClusterPolicy"),
            (&node, "AmazonEKSWorkerNodePolicy"),
            (&node, "AmazonEKS_CNI_Policy"),
            (&node, "AmazonEC2ContainerRegistryReadOnly"),
        ] {
            let arn = format!("arn:aws:iam::aws:policy/{policy}");
            self.call("iam", "AttachRolePolicy", &[("RoleName", &role.name), ("PolicyArn", &arn)]);
        }
        (cluster, node)
    }

    /// A failed stack's address and role that nothing works with.
    pub fn spare(&mut self, tags: Tags<'_>) -> Spare {
        let address = self.address(tags);
        let role = self.role("shop-a1-spare", "lambda.amazonaws.com", tags);
        Spare { address, role: role.name }
    }
}

/// `VpcEndpoint` as EC2's tag specifications spell it: `vpc-endpoint`.
fn dashed(name: &str) -> String {
    let mut dashed = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !dashed.is_empty() {
            dashed.push('-');
        }
        dashed.extend(letter.to_lowercase());
    }
    dashed
}

fn owned(params: Tags<'_>) -> Vec<(String, String)> {
    params.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn borrowed(params: &[(String, String)]) -> Vec<(&str, &str)> {
    params.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

/// Tags as JSON services take them.
pub fn map(tags: Tags<'_>) -> Value {
    tags.iter()
        .map(|(key, value)| ((*key).to_owned(), json!(value)))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// An account, served.
pub struct Scene {
    pub sandbox: Sandbox,
    pub endpoint: Endpoint,
}

impl Scene {
    /// Everything that stands, by its id in the books.
    pub fn books(&self) -> BTreeSet<String> {
        self.sandbox.inventory().into_iter().map(|thing| thing.id).collect()
    }

    #[track_caller]
    pub fn stand(&self, ids: &[&str]) {
        let books = self.books();
        let gone: Vec<_> = ids.iter().filter(|id| !books.contains(**id)).collect();
        assert!(gone.is_empty(), "gone, and should stand: {gone:?}");
    }

    #[track_caller]
    pub fn are_gone(&self, ids: &[&str]) {
        let books = self.books();
        let left: Vec<_> = ids.iter().filter(|id| books.contains(**id)).collect();
        assert!(left.is_empty(), "left, and should be gone: {left:?}");
    }

    /// What the program says of everything under this selection.
    pub async fn told(&self, flags: &[&str]) -> Told {
        let args = [&["scan", "-o", "json", "--region", HOME], flags].concat();
        let ended = self.endpoint.run(&args).await;
        assert!(matches!(ended.code, Some(0 | 3 | 6)), "{ended:?}");
        Told(ended.json())
    }

    /// What it plans under this selection.
    pub async fn plan(&self, flags: &[&str]) -> Value {
        let args = [&["plan", "-o", "json", "--region", HOME], flags].concat();
        self.endpoint.run(&args).await.json()
    }

    /// Applies this selection, with consent.
    pub async fn apply(&self, flags: &[&str]) -> Ended {
        let args = [&["apply", "--yes", "--region", HOME], flags].concat();
        let ended = self.endpoint.run(&args).await;
        let refused = crate::program::refused_for_order(&self.sandbox.world().calls);
        assert_eq!(refused, Vec::<String>::new(), "{ended:?}");
        ended
    }
}

/// A scan's document.
pub struct Told(pub Value);

impl Told {
    #[track_caller]
    fn row(&self, id: &str) -> &Value {
        let rows = self.0["resources"].as_array().unwrap();
        rows.iter().find(|row| row["id"] == id).unwrap_or_else(|| panic!("no {id} among {rows:#?}"))
    }

    /// Asserts a thing's verdict, the gate that decided and what its evidence names.
    #[track_caller]
    pub fn says(&self, id: &str, verdict: &str, by: &str, names: &[&str]) {
        let row = self.row(id);
        let told = json!({ "verdict": row["verdict"], "gate": row["gate"], "evidence": row["evidence"] });
        let gate = row["gate"]["by"].as_str().unwrap_or_default();
        assert!(row["verdict"] == verdict && gate == by, "{id}: {told:#}");
        let evidence = row["evidence"].to_string();
        let silent: Vec<_> = names.iter().filter(|name| !evidence.contains(**name)).collect();
        assert!(silent.is_empty(), "{id} names no {silent:?}: {told:#}");
    }

    /// A thing's verdict.
    #[track_caller]
    pub fn verdict(&self, id: &str) -> &str {
        self.row(id)["verdict"].as_str().unwrap()
    }

    /// A thing's evidence.
    #[track_caller]
    pub fn evidence(&self, id: &str) -> String {
        self.row(id)["evidence"].to_string()
    }

    /// Asserts that a whole network is uncertain, but for what somebody works with, and that its VPC's evidence names these.
    #[track_caller]
    pub fn keeps_whole(&self, network: &Network, names: &[&str]) {
        for id in network.all() {
            let verdict = self.verdict(id);
            assert!(["uncertain", "active"].contains(&verdict), "{id} is {verdict}: {}", self.evidence(id));
        }
        self.says(&network.vpc, "uncertain", "stranger", names);
    }

    /// Asserts that all of these are orphans.
    #[track_caller]
    pub fn orphans(&self, ids: &[&str]) {
        ids.iter().for_each(|id| self.says(id, "orphan", "", &[]));
    }
}

/// The ids that a plan deletes or cuts.
pub fn touched(plan: &Value) -> BTreeSet<String> {
    let steps = plan["steps"].as_array().unwrap().iter().filter(|step| step["action"] != "await");
    steps.map(|step| step["resource"].as_str().unwrap().to_owned()).collect()
}
