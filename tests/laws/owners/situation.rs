//! Where a thing that must stay comes from: each is a situation that people were in. A wrong deletion is counted
//! under the one by which the thing, or whoever works with it, came into the land.

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Situation {
    /// The attempts themselves: no situation.
    Attempt,
    /// What every account has: its default VPC, AWS's own roles.
    Furniture,
    /// An attempt that was not selected.
    AnotherAttempt,

    // The healthy stack of the project.
    HealthyNodes,
    HealthyIdle,
    HealthyBoxes,
    HealthyBoxesAlone,
    HealthyStandby,
    HealthyRevived,
    /// Tasks of a container service run.
    HealthyService,
    /// A function that is called now and then.
    HealthyFunction,
    /// The night shift: its own scaling group stands at zero until the morning.
    HealthyNight,
    /// It has the attempt's very name, in a region that was not asked for.
    HealthyTwinElsewhere,
    /// Its purpose is one of those that expire, and one of its things was made a few hours ago.
    ExpiringAndGrowing,
    /// The same, and one of its things is for another purpose.
    ExpiringInPart,
    /// The attempt was deployed again over its leftovers, under the same names.
    Redeployed,

    // Others' things in the attempt's VPC.
    ClusterInVpc,
    CapiInVpc,
    KopsInVpc,
    OpenShiftInVpc,
    K3sInVpc,
    /// A cluster that is not EKS's bears the very name that the attempt's subnets bear.
    NamesakeInVpc,
    TaggedBoxInVpc,
    BareBoxInVpc,
    /// "Launch more like this": the whole stack key was copied, and it runs.
    CopiedTagsInVpc,
    /// The same, stopped.
    CopiedTagsStopped,
    TaggedGroupInVpc,
    BalancerOfOthersInVpc,
    DatabaseInVpc,
    /// The list of instances leaves one out, whose interface is listed.
    ListLeavesOneOut,
    TableOfOthersThroughNat,
    EndpointInTableOfOthers,
    /// Another team's Auto Scaling group stands at zero in the attempt's subnets.
    ScalingGroupAtZero,
    GatewayOfVpnInVpc,

    // The attempt stands on others' ground.
    CorporateGround,
    GroundOfAnotherAccount,

    // Marks and tags that only look like the attempt's.
    MarkedElsewhere,
    WrongCase,
    HalfTheKey,
    RestoredFromBackup,
    DefaultVpcMarked,

    // Living users of the attempt's things.
    RoleOfFunction,
    RoleOfClusterElsewhere,
    ProfileOfBoxElsewhere,
    RoleOfNewCluster,
    NodeRoleOfNewGroup,
    ProfileOfRunningBox,
    RoleTrustedByRole,
    ProviderTrustedByRole,
    GroupInTemplate,
    ProfileInTemplate,
    ProfileInTemplateElsewhere,
    TemplateOfScalingGroup,
    BalancerForOthers,
    RoleOfFargateProfile,
    RoleOfService,
    /// Another account assumes the role.
    RoleOfAnotherAccount,
    PolicyOfOthersRole,
    BoundaryOfOthersRole,
    PolicyOfUser,
    PeeredWithLiving,
    GroupNamedByGroup,
    AddressOnOthersBox,

    // Somebody's word.
    ProtectedByTag,
    ProtectedByAws,
    WordsInATag,

    // What states of deployment tools own and name.
    /// The state of the attempt itself knows all of it: its tool removes it.
    StateOwnsAll,
    /// A run was killed: its state knows a part.
    StateOwnsPart,
    /// What it owns is replaced and not yet gone, or to be made anew.
    StateOwnsOld,
    /// One thing was being made when the run ended: the state has no id of it.
    StateBegan,
    /// Another stack looks things up.
    StateLooksUp,
    /// Somewhere in another stack's state stands an id.
    StateMentions,
    /// Another stack's thing bears the attempt's whole key, and its state owns it.
    StateOfCopiedTags,
    /// Two states share a thing: that of the attempt, which is called abandoned, and that of a living stack.
    StatesShare,
    /// What the state of another stack owns bears the key of the attempt, which is called abandoned.
    StateOfCopiedTagsAbandoned,
    /// The state of a stack that somebody calls abandoned.
    StateAbandoned,
    /// A state that has nothing to do with the attempt.
    StateOfOthers,
    StateSealed,
    StateLocked,
    StateBroken,
    StateOfAnotherAccount,

    // What CloudFormation's records say.
    /// The record of the attempt's stack says that its making or its end failed.
    RecordFailed,
    /// The same, and nothing bears a key: only the record tells whose its members are.
    RecordFailedBare,
    /// The same, with a stack within the stack.
    RecordNested,
    /// Somebody calls the stack abandoned, which stands.
    RecordAbandoned,
    /// The stack is gone, and left some of its things behind.
    RecordGone,
    /// A stack of others has things of the very names in another region, and named a group like a member.
    RecordNamesElsewhere,
    /// The stack stands as it was wanted.
    RecordStands,
    /// CloudFormation is at work on it.
    RecordAtWork,
    /// It stands, and no listing could tell.
    RecordUnread,
    /// It failed, and a living stack imports what it exports.
    RecordExported,
    /// A thing that bears the attempt's key is a member of another stack, which stands.
    RecordOfAnother,
}

use Situation as S;

/// All that may be drawn into a world, each with its turn.
pub(crate) const DRAWN: [Situation; 66] = [
    S::HealthyNodes,
    S::HealthyIdle,
    S::HealthyBoxes,
    S::HealthyBoxesAlone,
    S::HealthyStandby,
    S::HealthyRevived,
    S::HealthyService,
    S::HealthyFunction,
    S::HealthyNight,
    S::HealthyTwinElsewhere,
    S::Redeployed,
    S::AnotherAttempt,
    S::ClusterInVpc,
    S::CapiInVpc,
    S::KopsInVpc,
    S::OpenShiftInVpc,
    S::K3sInVpc,
    S::NamesakeInVpc,
    S::TaggedBoxInVpc,
    S::BareBoxInVpc,
    S::CopiedTagsInVpc,
    S::CopiedTagsStopped,
    S::TaggedGroupInVpc,
    S::BalancerOfOthersInVpc,
    S::DatabaseInVpc,
    S::ListLeavesOneOut,
    S::TableOfOthersThroughNat,
    S::EndpointInTableOfOthers,
    S::ScalingGroupAtZero,
    S::GatewayOfVpnInVpc,
    S::CorporateGround,
    S::GroundOfAnotherAccount,
    S::MarkedElsewhere,
    S::WrongCase,
    S::HalfTheKey,
    S::RestoredFromBackup,
    S::DefaultVpcMarked,
    S::RoleOfFunction,
    S::RoleOfClusterElsewhere,
    S::ProfileOfBoxElsewhere,
    S::RoleOfNewCluster,
    S::NodeRoleOfNewGroup,
    S::ProfileOfRunningBox,
    S::RoleTrustedByRole,
    S::ProviderTrustedByRole,
    S::GroupInTemplate,
    S::ProfileInTemplate,
    S::ProfileInTemplateElsewhere,
    S::TemplateOfScalingGroup,
    S::BalancerForOthers,
    S::RoleOfFargateProfile,
    S::RoleOfService,
    S::RoleOfAnotherAccount,
    S::PolicyOfOthersRole,
    S::BoundaryOfOthersRole,
    S::PolicyOfUser,
    S::PeeredWithLiving,
    S::GroupNamedByGroup,
    S::AddressOnOthersBox,
    S::ProtectedByTag,
    S::ProtectedByAws,
    S::WordsInATag,
    S::Furniture,
    S::Attempt,
    S::ExpiringAndGrowing,
    S::ExpiringInPart,
];

/// So many of them are drawn alike; those that expire have a turn of their own.
pub(crate) const ALIKE: usize = DRAWN.len() - 2;

/// What states of deployment tools may say.
pub(crate) const STATES: [Situation; 15] = [
    S::StateOwnsAll,
    S::StateOwnsPart,
    S::StateOwnsOld,
    S::StateBegan,
    S::StateLooksUp,
    S::StateMentions,
    S::StateOfCopiedTags,
    S::StatesShare,
    S::StateOfCopiedTagsAbandoned,
    S::StateAbandoned,
    S::StateOfOthers,
    S::StateSealed,
    S::StateLocked,
    S::StateBroken,
    S::StateOfAnotherAccount,
];

/// What records of CloudFormation may say.
pub(crate) const RECORDS: [Situation; 11] = [
    S::RecordFailed,
    S::RecordFailedBare,
    S::RecordNested,
    S::RecordAbandoned,
    S::RecordGone,
    S::RecordNamesElsewhere,
    S::RecordStands,
    S::RecordAtWork,
    S::RecordUnread,
    S::RecordExported,
    S::RecordOfAnother,
];
