//! The questions about a kind that are not about its links: what it is to the things around it, how its
//! ids look, what its states mean. Each is an answer in the kind's [`super::KindSpec`]; rooms ask for the
//! answer and never for the kind.

use super::{Key, Life, Link, Resource};

/// The form of a kind's ids, as its delete call takes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ids {
    /// AWS makes them up and begins them with this: `vpc-`. They tell the kind by themselves.
    Prefix(&'static str),
    /// Whoever made the thing chose its name.
    Name,
    /// The name of its cluster, a slash, its own name.
    OfCluster,
    /// An ARN of this service, with a resource part of this form, in which `{}` stands for the name.
    Arn {
        /// The service in the ARN: `elasticloadbalancing`.
        service: &'static str,
        /// Its resource part: `targetgroup/{}/50dc6c495c0c9188`.
        resource: &'static str,
    },
}

/// What a kind is good for. It decides who may say whose a thing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// It only carries others: subnets, gateways, groups, interfaces. It belongs to what it lies in.
    Plumbing,
    /// It does somebody's work: instances, clusters, load balancers. It needs a claim of its own.
    Workload,
    /// Others work with it: roles, policies, templates. It needs a claim of its own.
    Tool,
    /// It holds data that a deletion would lose for good: reported and priced, deleted only when the policy
    /// or `--with-data` names the kind.
    Data,
    /// It is read and no call deletes it: it claims, uses and holds. What it uses stays, and so does what it
    /// made; what made it may take it along (a node group its Auto Scaling group).
    Witness,
}

/// What the resources of a kind are to those around them in an account, where a rule of AWS's or of its tools is
/// about that very kind. Judge, planner and quotas ask it of what a scan saw; what needs and checks look for in a
/// deployment is another question ([`super::deployed::Plays`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Position {
    /// The network that others lie in: a VPC.
    Network,
    /// A part of the network, in one zone.
    Subnet,
    /// The way out of a network that public addresses are mapped through.
    WayOut,
    /// A cluster, whose name its controllers write on what they make.
    Cluster,
    /// A group of a cluster's nodes, on which the software runs that looks after what it made.
    NodeGroup,
    /// A machine, which may be a node.
    Machine,
    /// An identity to work with.
    Role,
    /// A record of what was deployed together, which removes its members itself.
    Stack,
    /// Nothing of these.
    Nothing,
}

/// Who makes a thing of a kind anew while he runs, so that he has to go first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LookedAfter {
    /// Nobody.
    ByNobody,
    /// A controller that runs on the nodes of the cluster that the thing is marked with.
    FromNodes,
}

/// Whether a thing of a kind works for one other thing at a time, so that without any tag it belongs to what
/// it is attached to, associated with or used by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Serves {
    /// One thing.
    One,
    /// Any number, or nothing.
    Any,
}

/// As which of AWS's services a thing of a kind works with a role. Nothing can use a role that does not trust its
/// service, so a kind that could not be read somewhere matters only to roles that do (IAM User Guide, "AWS service
/// principals").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorksAs {
    /// It works with no role.
    Nobody,
    /// As one of these, and whatever else does so is of a kind that is read as well.
    Wholly(&'static [&'static str]),
    /// As one of these. Others do so of which no kind is read.
    AmongOthers(&'static [&'static str]),
    /// As whoever the role lets in: it owns the role, or hands it to a service of AWS's.
    Anyone,
}

impl WorksAs {
    /// The services.
    pub const fn services(self) -> &'static [&'static str] {
        match self {
            Self::Nobody | Self::Anyone => &[],
            Self::Wholly(services) | Self::AmongOthers(services) => services,
        }
    }

    /// Whether a role that trusts these services lets it in: comma-joined as in
    /// [`super::words::fact::TRUSTED_SERVICES`], `None` if that was not read.
    pub fn may_be_trusted(self, trusted: Option<&str>) -> bool {
        // Whoever works with no role, or owns it, is no question of trust.
        let asks = !matches!(self, Self::Nobody | Self::Anyone);
        let Some(trusted) = trusted.filter(|_| asks) else { return true };
        let mut trusted = trusted.split(',').map(str::trim);
        trusted
            .any(|one| one.contains('*') || self.services().iter().any(|service| same_service(one, service)))
    }
}

/// Whether two service principals are one service's: partitions and regions have suffixes of their own
/// (`ec2.amazonaws.com.cn`).
pub fn same_service(a: &str, b: &str) -> bool {
    a.split('.').next() == b.split('.').next()
}

/// What of a thing of a kind shows that somebody works with it now. That AWS runs a thing shows nothing: a control
/// plane is ACTIVE, its log grows and its roles are used although no node ever joined.
#[derive(Debug, Clone, Copy)]
pub enum ShowsLife {
    /// Nothing of it does: it stands the same whether or not anybody works with it.
    Never,
    /// A group of nodes does, in this state and without [`super::words::fact::TROUBLE`], if a machine of it runs.
    Nodes(&'static str),
    /// A machine does in the first state, if it is nobody's node; in one of the others it rests, and may be
    /// started again.
    Machine {
        /// The state in which it runs.
        runs: &'static str,
        /// The states in which it rests.
        rests: &'static [&'static str],
    },
    /// An interface does that a node's network plugin made, in this state on a machine that runs.
    Interface(&'static str),
    /// Targets do that pass their health check behind a load balancer
    /// ([`super::words::fact::HEALTHY_TARGETS`]).
    Targets,
    /// Tasks that run do ([`super::words::fact::RUNNING`]).
    Tasks,
    /// A call of late does ([`super::words::fact::LAST_EVENT`], which is asked for).
    Calls,
    /// A tunnel that is up does ([`super::words::fact::TUNNELS_UP`]), or one that came up or went down of late
    /// ([`super::words::fact::TUNNEL_CHANGED`]).
    Tunnels,
    /// Its work shows in nothing that is read. Where this gives a reason, it may be at work.
    Unseen(fn(&Resource) -> Option<&'static str>),
}

/// For what AWS or a tool made a thing of a kind, where no field of its description says so.
#[derive(Debug, Clone, Copy)]
pub enum MadeFor {
    /// Its links say all there is to say.
    Told,
    /// For the cluster whose issuer it trusts ([`super::words::fact::ISSUER`] of both).
    ClusterOfIssuer,
    /// For the cluster whose name its own name holds.
    ClusterInName(fn(&str) -> Option<&str>),
    /// For a node group, by EKS, if it looks like that: its machines tell the group, else its role does.
    NodeGroup(fn(&Resource) -> bool),
}

/// Where the log of a thing of a kind is, by whose youngest event it is seen at work.
#[derive(Debug, Clone, Copy)]
pub enum Logs {
    /// It is a log.
    Itself,
    /// In the log group of this name, if it has one.
    Group(fn(&Resource) -> Option<String>),
    /// It has none, or nobody knows where.
    NoneKnown,
}

/// Whether a route of a route table can lead to a thing of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RouteTarget {
    /// One can; its id stands in one of the route's fields.
    Yes,
    /// None can.
    No,
}

/// What AWS's words for the states of a kind mean. What stands in no list is standing, also a word that AWS
/// brings later and one for a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct States {
    /// AWS is still making it, or changing it: by these a deployment under way is known.
    pub coming: &'static [&'static str],
    /// AWS is removing it.
    pub leaving: &'static [&'static str],
    /// It is gone, although AWS still shows it for a while.
    pub gone: &'static [&'static str],
}

impl States {
    /// A kind that AWS shows only while it stands.
    pub const NONE: Self = Self { coming: &[], leaving: &[], gone: &[] };

    /// Where in its life a thing in this state stands; `None` if it is gone.
    pub fn life(&self, state: Option<&str>) -> Option<Life> {
        let among = |words: &[&str]| state.is_some_and(|state| words.contains(&state));
        match () {
            () if among(self.gone) => None,
            () if among(self.leaving) => Some(Life::Leaving),
            () if among(self.coming) => Some(Life::Coming),
            () => Some(Life::Standing),
        }
    }

    /// Whether AWS tells of a thing of this kind that it is still making it.
    pub const fn tell_of_a_making(&self) -> bool {
        !self.coming.is_empty()
    }
}

impl Ids {
    /// An id in this form, with this name or these hexadecimal digits in it, of this region and account.
    pub fn form(self, name: &str, region: &str, account: &str) -> String {
        match self {
            Self::Prefix(prefix) => format!("{prefix}{name}"),
            Self::Name => name.to_owned(),
            Self::OfCluster => format!("{name}/{name}"),
            Self::Arn { service, resource } => {
                let region = if service == "iam" { "" } else { region };
                format!("arn:aws:{service}:{region}:{account}:{}", resource.replace("{}", name))
            }
        }
    }
}

/// The command of the AWS CLI that removes a thing by hand. In its text `{id}` stands for the id, `{cluster}`
/// and `{name}` for the two halves of an id that is one of a cluster's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ByHand(pub &'static str);

impl ByHand {
    /// The command that severs this link of a thing: `{via}` stands for what tells the link from others. Nothing,
    /// if that is not known.
    pub fn severs(self, near: &Key, link: &Link) -> Option<String> {
        let known = !link.via.is_empty() && link.via.iter().all(|handle| !handle.is_empty());
        known.then(|| self.command(near).replace("{via}", &link.via.join(" ")))
    }

    /// The command for this thing.
    pub fn command(self, key: &Key) -> String {
        let (cluster, name) = key.id.split_once('/').unwrap_or(("", &key.id));
        let text = self.0.replace("{id}", &key.id).replace("{cluster}", cluster).replace("{name}", name);
        if key.region.is_global() { text } else { format!("{text} --region {}", key.region) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{KindName, Region};

    #[test]
    fn a_state_that_nobody_listed_is_standing_and_one_that_is_gone_has_no_life() {
        let states = States { coming: &["pending"], leaving: &["deleting"], gone: &["deleted"] };
        for (state, life) in [
            (Some("pending"), Some(Life::Coming)),
            (Some("deleting"), Some(Life::Leaving)),
            (Some("deleted"), None),
            (Some("failed"), Some(Life::Standing)),
            (Some("a-word-of-2030"), Some(Life::Standing)),
            (None, Some(Life::Standing)),
        ] {
            assert_eq!(states.life(state), life, "{state:?}");
        }
    }

    #[test]
    fn a_role_is_out_of_reach_only_of_what_works_as_a_service_that_it_is_known_not_to_trust() {
        let nodes = WorksAs::Wholly(&["ec2.amazonaws.com"]);
        for (trusted, may) in [
            (None, true),
            (Some(""), false),
            (Some("*"), true),
            (Some("eks.amazonaws.com"), false),
            (Some("eks.amazonaws.com,*"), true),
            (Some("ec2.amazonaws.com,eks.amazonaws.com"), true),
            (Some("eks.amazonaws.com, ec2.amazonaws.com.cn"), true),
            (Some("ec2-instance-connect.amazonaws.com"), false),
        ] {
            assert_eq!(nodes.may_be_trusted(trusted), may, "{trusted:?}");
            assert!(WorksAs::Nobody.may_be_trusted(trusted), "{trusted:?}");
        }
    }

    #[test]
    fn a_command_by_hand_names_the_thing_and_its_region() {
        let command = |text, region, id: &str| ByHand(text).command(&Key::new(KindName::of("x"), region, id));
        let here = || Region::new("eu-west-1");
        assert_eq!(
            command("aws ec2 delete-vpc --vpc-id {id}", here(), "vpc-1"),
            "aws ec2 delete-vpc --vpc-id vpc-1 --region eu-west-1"
        );
        assert_eq!(
            command("aws eks delete-addon --cluster-name {cluster} --addon-name {name}", here(), "demo/dns"),
            "aws eks delete-addon --cluster-name demo --addon-name dns --region eu-west-1"
        );
        assert_eq!(
            command("aws iam delete-role --role-name {id}", Region::global(), "node"),
            "aws iam delete-role --role-name node"
        );
    }
}
