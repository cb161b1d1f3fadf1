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
