//! Every quota of the embedded AWS: what Service Quotas tells of it, and its default.
//!
//! The defaults are those of the pages "endpoints and quotas" of the AWS General Reference, one page
//! per service, <https://docs.aws.amazon.com/general/latest/gr/aws-service-information.html>, and of
//! <https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html>. The codes stand in the
//! links of those pages.

/// One quota.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// `vpc`.
    pub service: &'static str,
    /// `L-F678F1CE`.
    pub code: String,
    /// As the console shows it.
    pub name: String,
    /// What an account has to which nothing was applied.
    pub default: f64,
    /// Whether an increase can be asked for.
    pub adjustable: bool,
    /// Whether it is one for the whole account; it is told and changed in us-east-1 only.
    pub global: bool,
    /// The class of vCPUs whose use CloudWatch counts: `Standard/OnDemand`.
    pub usage_class: Option<&'static str>,
}

/// Service codes with the names of the services.
pub(crate) const SERVICES: &[(&str, &str)] = &[
    ("autoscaling", "Amazon EC2 Auto Scaling"),
    ("cloudformation", "AWS CloudFormation"),
    ("dynamodb", "Amazon DynamoDB"),
    ("ebs", "Amazon Elastic Block Store (Amazon EBS)"),
    ("ec2", "Amazon Elastic Compute Cloud (Amazon EC2)"),
    ("ecr", "Amazon Elastic Container Registry (Amazon ECR)"),
    ("eks", "Amazon Elastic Kubernetes Service (Amazon EKS)"),
    ("elasticloadbalancing", "Elastic Load Balancing (ELB)"),
    ("fargate", "AWS Fargate"),
    ("iam", "AWS Identity and Access Management (IAM)"),
    ("kms", "AWS Key Management Service (AWS KMS)"),
    ("logs", "Amazon CloudWatch Logs"),
    ("rds", "Amazon Relational Database Service (Amazon RDS)"),
    ("s3", "Amazon Simple Storage Service (Amazon S3)"),
    ("secretsmanager", "AWS Secrets Manager"),
    ("vpc", "Amazon Virtual Private Cloud (Amazon VPC)"),
];

/// What people call the quotas that worlds are mostly built against.
pub const NAMES: &[(&str, &str)] = &[
    ("eip", ADDRESSES),
    ("vpc", VPCS),
    ("internet-gateway", INTERNET_GATEWAYS),
    ("egress-only-internet-gateway", EGRESS_GATEWAYS),
    ("nat-gateway", NAT_GATEWAYS),
    ("subnet", SUBNETS),
    ("route-table", ROUTE_TABLES),
    ("security-group", SECURITY_GROUPS),
    ("network-interface", INTERFACES),
    ("vcpu", STANDARD_VCPUS),
];

/// Elastic IPs.
pub const ADDRESSES: &str = "L-0263D0A3";
/// VPCs, the default one included.
pub const VPCS: &str = "L-F678F1CE";
/// Internet gateways.
pub const INTERNET_GATEWAYS: &str = "L-A4707A72";
/// Egress-only internet gateways.
pub const EGRESS_GATEWAYS: &str = "L-45FE3B85";
/// NAT gateways per availability zone.
pub const NAT_GATEWAYS: &str = "L-FE5A380F";
/// Subnets per VPC.
pub const SUBNETS: &str = "L-407747CB";
/// Route tables per VPC, the main one included.
pub const ROUTE_TABLES: &str = "L-589F43AA";
/// Active peering connections per VPC.
pub const ACTIVE_PEERINGS: &str = "L-7E9ECCDB";
/// Routes per route table.
pub const ROUTES: &str = "L-93826ACB";
/// Security groups.
pub const SECURITY_GROUPS: &str = "L-E79EC296";
/// Rules per security group and direction.
pub const RULES: &str = "L-0EA8095F";
/// Security groups per network interface.
pub const GROUPS_PER_INTERFACE: &str = "L-2AFB9258";
/// Network interfaces.
pub const INTERFACES: &str = "L-DF5E4CA3";
/// Interface endpoints per VPC.
pub const INTERFACE_ENDPOINTS: &str = "L-29B6F2EB";
/// Gateway endpoints.
pub const GATEWAY_ENDPOINTS: &str = "L-1B52E74A";
/// Network ACLs per VPC.
pub const NETWORK_ACLS: &str = "L-B4A6D682";
/// vCPUs of On-Demand instances of the families A, C, D, H, I, M, R, T, Z.
pub const STANDARD_VCPUS: &str = "L-1216C47A";
/// vCPUs of On-Demand instances of the families G and VT.
pub const G_VCPUS: &str = "L-DB2E81BA";
/// vCPUs of On-Demand instances of the family P.
pub const P_VCPUS: &str = "L-417A185B";
/// vCPUs of On-Demand instances of the family X.
pub const X_VCPUS: &str = "L-7295265B";
/// vCPUs of On-Demand instances of the family Inf.
pub const INF_VCPUS: &str = "L-1945791B";
/// vCPUs of Spot instances of the families A, C, D, H, I, M, R, T, Z.
pub const STANDARD_SPOT_VCPUS: &str = "L-34B43A08";
/// vCPUs of Spot instances of the families G and VT.
pub const G_SPOT_VCPUS: &str = "L-3819A6DF";
/// vCPUs of Spot instances of the family P.
pub const P_SPOT_VCPUS: &str = "L-7212CCBC";
/// vCPUs of Spot instances of the family X.
pub const X_SPOT_VCPUS: &str = "L-E3A00192";
/// vCPUs of Spot instances of the family Inf.
pub const INF_SPOT_VCPUS: &str = "L-B5D1601B";
/// Application load balancers.
pub const APPLICATION_LOAD_BALANCERS: &str = "L-53DA6B97";
/// Network load balancers.
pub const NETWORK_LOAD_BALANCERS: &str = "L-69A177A2";
/// Gateway load balancers. The page gives no code; this one only has the form of one.
pub const GATEWAY_LOAD_BALANCERS: &str = "L-2CBEB3B8";
/// Target groups.
pub const TARGET_GROUPS: &str = "L-B22855CB";
/// Listeners per application load balancer.
pub const LISTENERS_PER_APPLICATION: &str = "L-B6DF7632";
/// Listeners per network load balancer.
pub const LISTENERS_PER_NETWORK: &str = "L-57A373D6";
/// IAM roles.
pub const ROLES: &str = "L-FE177D64";
/// Customer-managed policies.
pub const POLICIES: &str = "L-E95E4862";
/// Instance profiles.
pub const PROFILES: &str = "L-6E65F664";
/// OIDC providers.
pub const PROVIDERS: &str = "L-858F3967";
/// IAM users.
pub const USERS: &str = "L-F55AF5E4";
/// IAM groups.
pub const GROUPS: &str = "L-F4A5425F";
/// Server certificates.
pub const CERTIFICATES: &str = "L-BF35879D";
/// Managed policies per role.
pub const ATTACHED_PER_ROLE: &str = "L-0DA4ABF3";
/// Characters of a role's trust policy.
pub const TRUST_POLICY: &str = "L-C07B4B0D";
/// EKS clusters.
pub const CLUSTERS: &str = "L-1194D53C";
/// Managed node groups per cluster.
pub const NODEGROUPS: &str = "L-6D54EA21";
/// Nodes per managed node group.
pub const NODES: &str = "L-BD136A63";
/// Auto Scaling groups.
pub const SCALING_GROUPS: &str = "L-CDE20ADC";
/// Launch configurations.
pub const LAUNCH_CONFIGURATIONS: &str = "L-6B80B8FA";
/// KMS keys.
pub const KEYS: &str = "L-C2F1777E";
/// Log groups.
pub const LOG_GROUPS: &str = "L-C7B9AAAB";

/// Service, code, name, default, whether an increase can be asked for.
type Known = (&'static str, &'static str, &'static str, f64, bool);

const KNOWN: &[Known] = &[
    ("autoscaling", SCALING_GROUPS, "Auto Scaling groups per region", 500.0, true),
    ("autoscaling", LAUNCH_CONFIGURATIONS, "Launch configurations per region", 200.0, true),
    ("cloudformation", "L-0485CB21", "Stack count", 2000.0, true),
    ("dynamodb", "L-F98FE922", "Maximum number of tables", 2500.0, true),
    ("ebs", "L-309BACF6", "Snapshots per Region", 100_000.0, true),
    ("ebs", "L-7A658B76", "Storage for General Purpose SSD (gp3) volumes, in TiB", 50.0, true),
    ("ebs", "L-D18FCD1D", "Storage for General Purpose SSD (gp2) volumes, in TiB", 50.0, true),
    ("ebs", "L-FD252861", "Storage for Provisioned IOPS SSD (io1) volumes, in TiB", 50.0, true),
    ("ec2", ADDRESSES, "EC2-VPC Elastic IPs", 5.0, true),
    ("ec2", STANDARD_VCPUS, "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances", 5.0, true),
    ("ec2", G_VCPUS, "Running On-Demand G and VT instances", 0.0, true),
    ("ec2", P_VCPUS, "Running On-Demand P instances", 0.0, true),
    ("ec2", X_VCPUS, "Running On-Demand X instances", 0.0, true),
    ("ec2", INF_VCPUS, "Running On-Demand Inf instances", 0.0, true),
    (
        "ec2",
        STANDARD_SPOT_VCPUS,
        "All Standard (A, C, D, H, I, M, R, T, Z) Spot Instance Requests",
        5.0,
        true,
    ),
    ("ec2", G_SPOT_VCPUS, "All G and VT Spot Instance Requests", 0.0, true),
    ("ec2", P_SPOT_VCPUS, "All P4, P3 and P2 Spot Instance Requests", 0.0, true),
    ("ec2", X_SPOT_VCPUS, "All X Spot Instance Requests", 0.0, true),
    ("ec2", INF_SPOT_VCPUS, "All Inf Spot Instance Requests", 0.0, true),
    ("ec2", "L-B665C33B", "AMIs", 50_000.0, true),
    ("ec2", "L-A2478D36", "Transit gateways per account", 5.0, true),
    ("ec2", "L-E0233F82", "Attachments per transit gateway", 5000.0, true),
    ("ec2", "L-3E6EC3A3", "VPN connections per region", 50.0, true),
    ("ec2", "L-4FB7FF5D", "Customer gateways per region", 50.0, true),
    ("ecr", "L-CFEB8E8D", "Registered repositories", 100_000.0, true),
    ("eks", CLUSTERS, "Clusters", 100.0, true),
    ("eks", "L-11427A54", "Control plane security groups per cluster", 4.0, false),
    ("eks", "L-33415657", "Fargate profiles per cluster", 10.0, true),
    ("eks", "L-23414FF3", "Label pairs per Fargate profile selector", 5.0, false),
    ("eks", NODEGROUPS, "Managed node groups per cluster", 30.0, true),
    ("eks", NODES, "Nodes per managed node group", 450.0, true),
    ("eks", "L-93A74D60", "Public endpoint access CIDR ranges per cluster", 40.0, false),
    ("eks", "L-D78D8AF8", "Selectors per Fargate profile", 5.0, true),
    ("elasticloadbalancing", APPLICATION_LOAD_BALANCERS, "Application Load Balancers per Region", 50.0, true),
    ("elasticloadbalancing", NETWORK_LOAD_BALANCERS, "Network Load Balancers per Region", 50.0, true),
    ("elasticloadbalancing", "L-E9E9831D", "Classic Load Balancers per Region", 20.0, true),
    ("elasticloadbalancing", GATEWAY_LOAD_BALANCERS, "Gateway Load Balancers per Region", 100.0, true),
    ("elasticloadbalancing", TARGET_GROUPS, "Target Groups per Region", 3000.0, true),
    (
        "elasticloadbalancing",
        LISTENERS_PER_APPLICATION,
        "Listeners per Application Load Balancer",
        50.0,
        true,
    ),
    ("elasticloadbalancing", LISTENERS_PER_NETWORK, "Listeners per Network Load Balancer", 50.0, true),
    ("fargate", "L-3032A538", "Fargate On-Demand vCPU resource count", 6.0, true),
    ("fargate", "L-36FBB829", "Fargate Spot vCPU resource count", 6.0, true),
    ("iam", ROLES, "Roles per account", 1000.0, true),
    ("iam", POLICIES, "Customer managed policies per account", 1500.0, true),
    ("iam", PROFILES, "Instance profiles per account", 1000.0, true),
    ("iam", PROVIDERS, "OpenId connect providers per account", 100.0, true),
    ("iam", USERS, "Users per account", 5000.0, false),
    ("iam", GROUPS, "Groups per account", 300.0, true),
    ("iam", CERTIFICATES, "Server certificates per account", 20.0, true),
    ("iam", ATTACHED_PER_ROLE, "Managed policies per role", 10.0, true),
    ("iam", TRUST_POLICY, "Role trust policy length", 2048.0, true),
    ("kms", KEYS, "Customer Master Keys (CMKs)", 100_000.0, true),
    ("logs", LOG_GROUPS, "Log groups", 1_000_000.0, true),
    ("rds", "L-7B6409FD", "DB instances", 40.0, true),
    ("rds", "L-952B80B8", "DB clusters", 40.0, true),
    ("rds", "L-7ADDB58A", "Total storage for all DB instances", 100_000.0, true),
    ("s3", "L-DC2B2D3D", "General purpose buckets", 10_000.0, true),
    ("secretsmanager", "L-2F66C23C", "Secrets per Region", 500_000.0, false),
    ("vpc", VPCS, "VPCs per Region", 5.0, true),
    ("vpc", INTERNET_GATEWAYS, "Internet gateways per Region", 5.0, true),
    ("vpc", EGRESS_GATEWAYS, "Egress-only internet gateways per Region", 5.0, true),
    ("vpc", NAT_GATEWAYS, "NAT gateways per Availability Zone", 5.0, true),
    ("vpc", "L-5F53652F", "Elastic IP address quota per NAT gateway", 2.0, true),
    ("vpc", "L-DFA99DE7", "Private IP address quota per NAT gateway", 8.0, true),
    ("vpc", SUBNETS, "Subnets per VPC", 200.0, true),
    ("vpc", ROUTE_TABLES, "Route tables per VPC", 200.0, true),
    ("vpc", ROUTES, "Routes per route table", 500.0, true),
    ("vpc", SECURITY_GROUPS, "VPC security groups per Region", 2500.0, true),
    ("vpc", RULES, "Inbound or outbound rules per security group", 60.0, true),
    ("vpc", GROUPS_PER_INTERFACE, "Security groups per network interface", 5.0, true),
    ("vpc", INTERFACES, "Network interfaces per Region", 5000.0, true),
    ("vpc", INTERFACE_ENDPOINTS, "Interface VPC endpoints per VPC", 50.0, true),
    ("vpc", GATEWAY_ENDPOINTS, "Gateway VPC endpoints per Region", 20.0, true),
    ("vpc", NETWORK_ACLS, "Network ACLs per VPC", 200.0, true),
    ("vpc", "L-2AEEBF1A", "Rules per network ACL", 20.0, true),
    ("vpc", "L-83CA0A9D", "IPv4 CIDR blocks per VPC", 5.0, true),
    ("vpc", ACTIVE_PEERINGS, "Active VPC peering connections per VPC", 50.0, true),
    ("vpc", "L-BB24F6E5", "Network Address Usage", 64_000.0, true),
];

/// Quotas whose use CloudWatch counts (`AWS/Usage`), with the class that tells them apart:
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-Service-Quota-Integration.html>.
const COUNTED: &[(&str, &str)] = &[
    (STANDARD_VCPUS, "Standard/OnDemand"),
    (G_VCPUS, "G/OnDemand"),
    (P_VCPUS, "P/OnDemand"),
    (X_VCPUS, "X/OnDemand"),
    (INF_VCPUS, "Inf/OnDemand"),
    (STANDARD_SPOT_VCPUS, "Standard/Spot"),
    (G_SPOT_VCPUS, "G/Spot"),
    (P_SPOT_VCPUS, "P/Spot"),
    (X_SPOT_VCPUS, "X/Spot"),
    (INF_SPOT_VCPUS, "Inf/Spot"),
];

/// Services whose quotas hold for the whole account.
const GLOBAL: &[&str] = &["iam", "s3"];

/// Families with a quota of Dedicated Hosts each, by
/// <https://docs.aws.amazon.com/general/latest/gr/ec2-service.html>.
const HOST_FAMILIES: &str = "a1 c3 c4 c5 c5a c5d c5n c6a c6g c6gd c6gn c6i c6id c6in c7a c7g c7gd c7gn c7i \
    c7i-flex c8g c8gd c8gn d2 d3 d3en dl1 dl2q f1 f2 g3 g3s g4ad g4dn g5 g5g g6 g6e gr6 h1 hpc6a hpc7a \
    hpc7g i2 i3 i3en i4g i4i i7i i7ie i8g im4gn inf1 inf2 is4gen m3 m4 m5 m5a m5ad m5d m5dn m5n m5zn m6a m6g \
    m6gd m6i m6id m6idn m6in m7a m7g m7gd m7i m8g mac1 mac2 p2 p3 p3dn p4d p4de p5 p5e r3 r4 r5 r5a r5ad r5b \
    r5d r5dn r5n r6a r6g r6gd r6i r6id r6idn r6in r7a r7g r7gd r7i r7iz r8g t2 t3 t3a t4g trn1 trn1n trn2 \
    u-3tb1 u-6tb1 u-9tb1 u-12tb1 vt1 x1 x1e x2gd x2idn x2iedn x2iezn x8g z1d";

/// Other quotas of VPC that nobody here enforces, by the names of
/// <https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html>.
const OTHER_OF_VPC: &[&str] = &[
    "Characters per VPC endpoint policy",
    "Gateway Load Balancer endpoints per VPC",
    "IPv6 CIDR blocks per VPC",
    "IPv6 CIDR blocks per subnet",
    "Outstanding VPC peering connection requests",
    "Participant accounts per VPC",
    "Peered Network Address Usage",
    "Prefix lists per Region",
    "Maximum entries per prefix list",
    "References to a prefix list per resource type",
    "Route 53 Resolver rule associations per VPC",
    "Security group associations per VPC",
    "Subnets that can be shared with an account",
    "Traffic mirror filters per account",
    "Traffic mirror filter rules",
    "Traffic mirror sessions per account",
    "Traffic mirror sources per target",
    "Traffic mirror targets per account",
    "Carrier gateways per VPC",
    "DHCP option sets per Region",
    "Flow logs per network interface",
    "Flow logs per subnet",
    "Flow logs per VPC",
    "VPC block public access exclusions",
    "VPC peering connection request expiry hours",
    "Resource gateways per VPC",
    "Resource configurations per account",
    "Regional NAT gateways per VPC",
    "BYOIP CIDRs per Region",
    "VPC encryption control exclusions",
];

/// All rows, by service and code.
pub(crate) fn rows() -> Vec<Row> {
    let known = KNOWN.iter().map(|(service, code, name, default, adjustable)| Row {
        service,
        code: (*code).to_owned(),
        name: (*name).to_owned(),
        default: *default,
        adjustable: *adjustable,
        global: GLOBAL.contains(service),
        usage_class: COUNTED.iter().find(|(counted, _)| counted == code).map(|(_, class)| *class),
    });
    let hosts =
        HOST_FAMILIES.split(' ').map(|family| other("ec2", format!("Running Dedicated {family} Hosts"), 0.0));
    let of_vpc = OTHER_OF_VPC.iter().map(|name| other("vpc", (*name).to_owned(), 20.0));
    let mut rows: Vec<Row> = known.chain(hosts).chain(of_vpc).collect();
    rows.sort_by(|one, next| (one.service, &one.code).cmp(&(next.service, &next.code)));
    rows
}

/// A row that only makes listings as long as AWS's. Its code has the form of a code, but follows from
/// its name, and its value stands for none of AWS's.
fn other(service: &'static str, name: String, default: f64) -> Row {
    // FNV-1a: a number for a text, the same everywhere.
    let number =
        name.bytes().fold(0x811c_9dc5_u32, |sum, byte| (sum ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    Row {
        service,
        code: format!("L-{number:08X}"),
        name,
        default,
        adjustable: true,
        global: false,
        usage_class: None,
    }
}

/// A quota's default and whether it is the account's; `None`: no such quota.
pub(crate) fn known(code: &str) -> Option<(f64, bool)> {
    let (service, _, _, default, _) = KNOWN.iter().find(|(_, known, ..)| *known == code)?;
    Some((*default, GLOBAL.contains(service)))
}
