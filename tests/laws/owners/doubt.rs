//! What may keep a thing of the failed stack although it is nobody's: a closed list. Whatever else keeps one is a
//! fault, be it called `uncertain` or anything. (Beside these, what holds data stays unless its kind is named.)

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Doubt {
    /// Something that is not the stack's stands in its VPC.
    StrangerInVpc,
    /// A listing was denied.
    DeniedListing,
    /// Something carries a tag, and nobody knows whose.
    NobodysTag,
    /// A trace younger than a day that no condemned user explains.
    FreshTrace,
    /// An age is asked for, and nothing tells it.
    Undated,
    /// A workload or a tool that nothing says the owner of.
    WithoutClaim,
    /// A running instance elsewhere bears the name of a cluster that EKS does not list: such a cluster may live.
    Namesake,
    /// Somebody's thing bears the name of a stack that expires, and not its purpose: it speaks for the stack.
    BorneByOthers,
    /// A stack of the same name stands in a region that was not asked for: what is global and nobody works with may be
    /// that one's.
    TwinElsewhere,
    /// A state could not be read, or somebody may be at work with it: it may own anything.
    StateUnread,
    /// Something of the stack was made less than ten minutes ago, or by a clock that is ahead.
    BeingMade,
}
