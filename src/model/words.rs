//! The roles of links and the names of facts that more than one room speaks of.
//!
//! A kind's own roles may stand in its file alone; what the judge, the closure or the price
//! table read as well stands here, so that a misspelling is a compiler error.

/// Roles of links ([`super::Link::how`]).
pub mod how {
    /// It lies within this VPC or subnet.
    pub const WITHIN: &str = "within";
    /// It works with this one: an address, a security group, a role, a launch template.
    pub const USES: &str = "uses";
    /// It is attached to this one (gateway to VPC, volume or interface to instance).
    pub const ATTACHED: &str = "attached";
    /// It is associated with this one (route table or network ACL with subnet, address with interface).
    pub const ASSOCIATED: &str = "associated";
    /// One of its inbound rules names this security group.
    pub const NAMES: &str = "names";
    /// One of its outbound rules names this security group.
    pub const NAMES_OUTBOUND: &str = "names-outbound";
    /// One of its routes leads here.
    pub const ROUTES_THROUGH: &str = "routes-through";
    /// This one made it, or it is a part of this one, and it goes when this one goes.
    pub const MADE_BY: &str = "made-by";
    /// Derived: one of its routes leads to a gateway that this one joins its network to.
    pub const ROUTES_OVER: &str = "routes-over";
    /// It belongs to this cluster (node group, add-on).
    pub const OF_CLUSTER: &str = "of-cluster";
    /// It has a public address mapped in this VPC.
    pub const PUBLIC_ADDRESS: &str = "public-address";
    /// Derived: its public address is reached through this internet gateway.
    pub const MAPPED_THROUGH: &str = "mapped-through";
    /// It was made for this cluster, and may be made anew while the cluster lives (log group, OIDC provider).
    pub const MADE_FOR: &str = "made-for";
    /// Derived: software on this node group looks after it and would make it anew.
    pub const MANAGED_FROM: &str = "managed-from";
    /// Derived: EKS made it for this node group and removes it with the group.
    pub const MADE_FOR_NODES: &str = "made-for-nodes";
    /// Derived: the network plugin of this instance made it for the instance's pods.
    pub const MADE_FOR_NODE: &str = "made-for-node";
    /// Derived: the pods of this cluster may work as it, since its trust policy names the provider of the cluster's
    /// issuer.
    pub const FOR_PODS_OF: &str = "for-pods-of";
    /// An instance profile contains this role.
    pub const CONTAINS: &str = "contains";
    /// This policy is attached to it.
    pub const ATTACHES: &str = "attaches";
    /// This policy bounds what it may do.
    pub const BOUNDED_BY: &str = "bounded-by";
    /// Its trust policy names this role or provider: who loses that cannot assume it any more.
    pub const TRUSTS: &str = "trusts";
    /// One of its versions that may be launched names this: a group, a profile, a subnet.
    pub const WOULD_USE: &str = "would-use";
    /// It looks on at what happens there (a flow log of a network) and uses nothing: it neither lies within that nor
    /// works with it, so whosever it is, it keeps nothing.
    pub const WATCHES: &str = "watches";
    /// A listener, or a rule of one, forwards to it.
    pub const BEHIND: &str = "behind";
    /// Its record says that this is a member of it, by the id that the record has.
    pub const OWNS: &str = "owns";
    /// It works with what this one exports.
    pub const IMPORTS: &str = "imports";
    /// Derived: this stack's record says that it is a member, which goes when the stack goes.
    pub const MEMBER_OF: &str = "member-of";
    /// Its tags, which only AWS writes, say that this stack made it.
    pub const TAGGED_BY: &str = "tagged-by";
    /// It writes its log there.
    pub const LOGS_TO: &str = "logs-to";

    /// Roles that make the near end a user of the far end: who stays loses by what it uses being deleted,
    /// whether or not AWS would refuse that (a route through a NAT gateway becomes a black hole, and a
    /// launch template goes from under its Auto Scaling group).
    pub const MAKE_A_USER: [&str; 12] = [
        USES,
        ATTACHES,
        CONTAINS,
        ROUTES_THROUGH,
        ROUTES_OVER,
        BOUNDED_BY,
        TRUSTS,
        WOULD_USE,
        BEHIND,
        LOGS_TO,
        OWNS,
        IMPORTS,
    ];
}

/// Names of facts ([`super::Resource::facts`]).
pub mod fact {
    /// Availability zone, by name.
    pub const ZONE: &str = "zone";
    /// In how many zones it stands (interface endpoints).
    pub const ZONES: &str = "zones";
    /// EC2 instance type.
    pub const INSTANCE_TYPE: &str = "instance_type";
    /// How many virtual processors an instance has: its cores times the threads of each.
    pub const VCPUS: &str = "vcpus";
    /// How an instance is paid for, where that is not on demand: `spot`, `capacity-block`, …
    pub const MARKET: &str = "market";
    /// `host` or `dedicated`: where an instance does not share its host with other accounts.
    pub const TENANCY: &str = "tenancy";
    /// Size in GiB.
    pub const SIZE_GIB: &str = "size_gib";
    /// Stored bytes (log groups).
    pub const STORED_BYTES: &str = "stored_bytes";
    /// `gp3`, `application`, `Interface`, …: the variety of the kind.
    pub const TYPE: &str = "type";
    /// `GENEVE`, `HTTP`, …: what a target group speaks.
    pub const PROTOCOL: &str = "protocol";
    /// How many addresses a NAT gateway translates to: its private ones, each with or without a public one.
    pub const ADDRESSES: &str = "addresses";
    /// How many rules a security group has in the fullest of its four lists: inbound and outbound, of IPv4
    /// and of IPv6.
    pub const RULES: &str = "rules";
    /// How many routes a route table has that somebody wrote, of IPv4 or of IPv6, whichever are more.
    pub const ROUTES: &str = "routes";
    /// How many IPv4 blocks a VPC has.
    pub const CIDRS: &str = "cidrs";
    /// How many nodes a node group is to have.
    pub const NODES: &str = "nodes";
    /// A public address it holds.
    pub const PUBLIC_IP: &str = "public_ip";
    /// How many public addresses AWS lent it for its lifetime: those that are no Elastic IPs, and so are priced here.
    pub const LENT_ADDRESSES: &str = "lent_addresses";
    /// The pool an address comes from: `amazon`, or the pool of addresses the account brought along.
    pub const POOL: &str = "pool";
    /// The network border group an address is announced from.
    pub const BORDER_GROUP: &str = "border_group";
    /// A cluster's OIDC issuer, or the issuer a provider trusts: host and path without `https://`.
    pub const ISSUER: &str = "issuer";
    /// Kubernetes version.
    pub const VERSION: &str = "version";
    /// The instance whose network plugin made it, while it is attached to none.
    pub const NODE: &str = "node";
    /// The name of the cluster it is said to belong to.
    pub const CLUSTER: &str = "cluster";
    /// AWS's description text.
    pub const DESCRIPTION: &str = "description";
    /// The region in which a role was used last.
    pub const LAST_USED_REGION: &str = "last_used_region";
    /// When a role was used last (RFC 3339).
    pub const LAST_USED: &str = "last_used";
    /// How many targets pass their health check (target groups).
    pub const HEALTHY_TARGETS: &str = "healthy_targets";
    /// How many tasks run (services of ECS).
    pub const RUNNING: &str = "running";
    /// The gateway of no kind here that it joins its network to (an attachment's transit gateway).
    pub const JOINS: &str = "joins";
    /// The gateways of no kind here that its routes lead to, comma-joined and sorted.
    pub const LEADS_TO: &str = "leads_to";
    /// How many tunnels are up (VPN connections).
    pub const TUNNELS_UP: &str = "tunnels_up";
    /// When one of its tunnels came up or went down last (RFC 3339).
    pub const TUNNEL_CHANGED: &str = "tunnel_changed";
    /// How many are wanted (tasks of a service, instances of an Auto Scaling group).
    pub const DESIRED: &str = "desired";
    /// When an instance was started last (RFC 3339). Its creation time is older: a start does not make it new.
    pub const STARTED: &str = "started";
    /// When the youngest event in its log was written, or in that of what logs there (RFC 3339); `never` if
    /// somebody asked and there is none.
    pub const LAST_EVENT: &str = "last_event";
    /// When CloudTrail's event history says that it was made (RFC 3339).
    pub const MADE_AT: &str = "made_at";
    /// When a scan saw it for the first time, as the memory has it (RFC 3339).
    pub const FIRST_SEEN: &str = "first_seen";
    /// Who made it, by the ARN in that event.
    pub const MADE_BY_CALLER: &str = "made_by_caller";
    /// The services that a role's trust policy lets assume it, `ec2.amazonaws.com`, comma-joined and sorted;
    /// whatever cannot be read so stands as `*`.
    pub const TRUSTED_SERVICES: &str = "trusted_services";
    /// The accounts besides the own one that a role's trust policy lets in, comma-joined and sorted; `*` for any.
    pub const TRUSTED_ACCOUNTS: &str = "trusted_accounts";
    /// In which failure a stack of CloudFormation's ended: `DELETE_FAILED`. Absent where it stands as it was wanted.
    pub const FAILED: &str = "failed";
    /// The names of the clusters that a stack made, also of those that are gone, comma-joined.
    pub const OWN_CLUSTERS: &str = "own_clusters";
    /// What a stack holds that may be data and that nobody has asked to be deleted: kinds and types, comma-joined.
    pub const HOLDS_DATA: &str = "holds_data";
    /// What is wrong with it, in AWS's words (a node group's health issue, a gateway's failure).
    pub const TROUBLE: &str = "trouble";
}
