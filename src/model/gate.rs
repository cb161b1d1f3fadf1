//! Which gate decided a verdict, with what decided there: the judge writes it beside the sentences of the
//! evidence, which are for people. Commands, plans and scripts decide by it and never by a sentence.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{GuardRule, Key, KindName, Region};

/// Who claims a thing against the stack, by what stands on the thing itself.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "who")]
pub enum Claimant {
    /// Somebody who tagged it.
    Tagger {
        /// The tag's key.
        key: String,
        /// Its value.
        value: String,
    },
    /// A cluster, of EKS or of anything else that makes clusters.
    Cluster {
        /// Its name.
        name: String,
    },
    /// An Auto Scaling group, which would make it anew.
    ScalingGroup {
        /// Its name.
        name: String,
    },
    /// A service that made it or keeps it.
    Service {
        /// The key of the tag by which the service says so.
        key: String,
    },
}

/// A sign of life: what shows that somebody works with a stack now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Sign {
    /// A managed node group is ready, nothing is wrong with it, and a machine of it runs.
    NodeGroup,
    /// A node joined a cluster: software of the cluster works on it.
    JoinedNode,
    /// A target behind a load balancer passes its health check.
    HealthyTarget,
    /// A task of a service runs.
    RunningTask,
    /// A function was called of late, and after the stack was made.
    Called,
    /// A tunnel of a VPN connection is up, or was of late.
    Tunnel,
    /// A machine outside any cluster and Auto Scaling group has run for more than an hour.
    Machine,
}

/// The gate that kept a resource. What comes from another resource names that one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "by")]
pub enum Gate {
    /// A term of `protect` names it.
    Protect,
    /// A term of `protect` names the VPC or subnet it lies in, a tag of this program's own keeps that, or a guard rule
    /// forbids to delete it.
    ProtectedAround {
        /// That VPC or subnet.
        around: Key,
    },
    /// A tag of this program's own says that it stays: `aws-janitor:keep`, or `aws-janitor:expires` before its moment.
    OwnTag {
        /// The tag's key, as it is written.
        key: String,
    },
    /// Guard rules of the user's forbid it.
    Forbidden {
        /// Where the rules stand: `guards.cedar:12`.
        rules: Vec<String>,
    },
    /// A guard rule could not be evaluated, so nobody knows whether it forbids it.
    GuardUnclear {
        /// Where the rules stand.
        rules: Vec<String>,
    },
    /// A guard of its own forbids it.
    Guard {
        /// The rule behind the guard.
        rule: GuardRule,
    },
    /// AWS is still making it.
    Coming,
    /// AWS is still making something of its stack.
    StackDeploying {
        /// That thing.
        maker: Key,
    },
    /// Something of its stack was made a moment ago: somebody is at work in it.
    StackUnsettled {
        /// That thing.
        made: Key,
    },
    /// Its stack lives.
    Lives {
        /// The stack.
        stack: String,
        /// The sign that shows it.
        sign: Sign,
        /// What shows the sign.
        thing: Key,
    },
    /// Whether its stack lives does not show: something of it may be at work without any sign that is read.
    LifeUnknown {
        /// The stack.
        stack: String,
        /// That thing.
        thing: Key,
    },
    /// Whether its stack lives cannot be told.
    LifeUnseen {
        /// The kind that would show it and could not be read.
        kind: KindName,
        /// Where.
        region: Region,
    },
    /// It rests, and may be started again.
    Rests,
    /// A tag says in words that it is to be kept.
    Intent {
        /// The tag's key.
        key: String,
    },
    /// The state of a deployment tool owns it, or names it.
    Tracked {
        /// Where the state was read.
        state: String,
    },
    /// A state that may own it could not be read.
    StateUnread {
        /// Where it was to be read.
        state: String,
    },
    /// A CloudFormation stack may still own it.
    CloudFormation {
        /// The stack's name.
        stack: String,
    },
    /// It is younger than the policy allows.
    TooYoung,
    /// Another account owns it.
    OtherAccount,
    /// Nothing selects it.
    NotSelected,
    /// Somebody else claims it.
    Claimed {
        /// Who.
        claimant: Claimant,
    },
    /// Nothing says whose it is: it needs a claim of its own, or lies in nothing that is the stack's.
    Unclaimed,
    /// It is ground on which a cluster may work that is not the stack's.
    SharedGround {
        /// The cluster's name.
        cluster: String,
    },
    /// A kind of which one may work with it could not be read everywhere.
    UsersUnseen {
        /// The kind.
        kind: KindName,
        /// Where.
        region: Region,
    },
    /// Nobody knows in which regions it may be used.
    RegionsUnknown,
    /// It was used a short while ago, by nothing that is known to go.
    UsedOfLate {
        /// Where, if AWS told.
        region: Option<Region>,
    },
    /// It was last used in a region that was not looked into.
    UsedElsewhere {
        /// The region.
        region: Region,
    },
    /// Whoever may own it is of a kind that could not be read there.
    OwnerUnseen {
        /// The kind.
        kind: KindName,
        /// Where.
        region: Region,
    },
    /// It is a VPC, or lies in one, of which not all that is in it could be read.
    ContentsUnseen {
        /// The VPC.
        vpc: Key,
    },
    /// Whether its stack is being deployed cannot be told.
    DeploymentUnseen {
        /// The kind that would tell and could not be read.
        kind: KindName,
        /// Where.
        region: Region,
    },
    /// It is a stack, and would take something along that is of a kind which could not be read there.
    MemberUnseen {
        /// The kind.
        kind: KindName,
        /// Where.
        region: Region,
    },
    /// Something that has a say in its verdict could not be read.
    SuperiorUnseen {
        /// That thing.
        superior: Key,
    },
    /// An age was asked for, and nothing tells it.
    AgeUnknown,
    /// Its creation time lies in the future.
    BornInFuture,
    /// Its kind is read and never deleted.
    Witness,
    /// Its owner, a cluster or node group, stays.
    Owner {
        /// The owner.
        owner: Key,
    },
    /// What it goes with stays.
    Carrier {
        /// What carries it.
        carrier: Key,
    },
    /// It is selected only with something that stays.
    SelectedWith {
        /// That thing.
        via: Key,
    },
    /// It is a VPC, or lies in one, that also holds something which is no orphan.
    Stranger {
        /// That thing.
        stranger: Key,
    },
    /// The VPC it lies in stays.
    Within {
        /// The VPC.
        vpc: Key,
    },
    /// Something that stays works with it.
    User {
        /// The user.
        user: Key,
    },
    /// A living cluster may work in it.
    Shared {
        /// The cluster.
        cluster: Key,
    },
}

/// What stands behind a gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behind<'a> {
    /// The thing itself, or somebody's word about it.
    Itself,
    /// The verdict of another thing.
    Other(&'a Key),
    /// Something that could not be read and has a say in it.
    Gap,
}

impl Gate {
    /// What stands behind it.
    pub const fn behind(&self) -> Behind<'_> {
        match self {
            Self::Owner { owner: other }
            | Self::Carrier { carrier: other }
            | Self::SelectedWith { via: other }
            | Self::Stranger { stranger: other }
            | Self::Within { vpc: other }
            | Self::User { user: other }
            | Self::Shared { cluster: other } => Behind::Other(other),
            Self::OwnerUnseen { .. }
            | Self::StateUnread { .. }
            | Self::ContentsUnseen { .. }
            | Self::DeploymentUnseen { .. }
            | Self::MemberUnseen { .. }
            | Self::SuperiorUnseen { .. }
            | Self::UsersUnseen { .. }
            | Self::LifeUnseen { .. }
            | Self::RegionsUnknown
            | Self::UsedElsewhere { .. } => Behind::Gap,
            Self::Protect
            | Self::ProtectedAround { .. }
            | Self::OwnTag { .. }
            | Self::Forbidden { .. }
            | Self::GuardUnclear { .. }
            | Self::Guard { .. }
            | Self::Coming
            | Self::StackDeploying { .. }
            | Self::StackUnsettled { .. }
            | Self::Lives { .. }
            | Self::LifeUnknown { .. }
            | Self::Rests
            | Self::Intent { .. }
            | Self::Tracked { .. }
            | Self::CloudFormation { .. }
            | Self::TooYoung
            | Self::OtherAccount
            | Self::NotSelected
            | Self::Claimed { .. }
            | Self::Unclaimed
            | Self::SharedGround { .. }
            | Self::UsedOfLate { .. }
            | Self::AgeUnknown
            | Self::BornInFuture
            | Self::Witness => Behind::Itself,
        }
    }
}
