//! What the tools that deploy call a kind, and what a deployment uses of it, as data in its spec.
//!
//! Kinds answer it (`crate::kinds`); readers, needs and checks ask it. There is no `Default`: each kind answers
//! each question, also where the answer is that there is nothing to say.

use super::deployment::Item;
use super::need::{PartUse, Use, World};
use super::{KindName, KindSpec, Region, Scope};

/// What deployments call a kind and use of it.
#[derive(Debug, Clone, Copy)]
pub struct Deployed {
    /// What the tools call it.
    pub types: Types,
    /// Which of its attributes a need or a check asks for, by Terraform's names: all others are dropped, but
    /// for those that are kept of every type.
    pub attributes: &'static [&'static str],
    /// Names of attributes that differ from Terraform's: those of Pulumi, whose bridge makes lists plural, and
    /// of what is named after CloudFormation's (`aws-native`, `awscc`).
    pub aliases: &'static [Alias],
    /// Attributes that hold others which belong to the thing itself, for the same tools.
    pub wrappers: &'static [&'static str],
    /// How a template of CloudFormation's spells its properties.
    pub template: Spelling,
    /// The attributes that say how much of a quota a thing uses, and that may change where it stands: by their
    /// first names. Empty for what always uses the same.
    pub sizes: &'static [&'static str],
    /// What a thing uses of quotas, itself and through what AWS makes along with it.
    pub uses: Uses,
    /// What a new thing uses of the limits on its own parts: what a VPC holds besides what it comes with.
    pub parts: fn(&World<'_>, &Item) -> Vec<PartUse>,
    /// The instance types that it names, now or as it was, so that their sizes can be asked for.
    pub instance_types: fn(&Item) -> Vec<String>,
    /// The part that its items play in a deployment.
    pub plays: Plays,
    /// Whether AWS refuses a second one of the same name.
    pub name: Naming,
    /// What AWS takes in its tags.
    pub tags: Tagging,
}

impl Deployed {
    /// That of a kind which no tool deploys: said outright, where it is so.
    pub const UNHEARD_OF: Self = Self {
        types: Types { terraform: &[], pulumi: &[], cloudformation: &[], adopted: &[] },
        attributes: &[],
        aliases: &[],
        wrappers: &[],
        template: Spelling::SAME,
        sizes: &[],
        uses: Uses::Nothing,
        parts: |_, _| Vec::new(),
        instance_types: |_| Vec::new(),
        plays: Plays::Nothing,
        name: Naming::Free,
        tags: Tagging::ANY,
    };
}

/// What the tools call a kind.
#[derive(Debug, Clone, Copy)]
pub struct Types {
    /// Terraform's types.
    pub terraform: &'static [&'static str],
    /// Pulumi's types, of its classic AWS provider.
    pub pulumi: &'static [&'static str],
    /// CloudFormation's types; Pulumi's aws-native and Terraform's awscc are named after them.
    pub cloudformation: &'static [&'static str],
    /// Types that adopt what AWS has made already, and so make none: a default VPC.
    pub adopted: &'static [&'static str],
}

/// A name of an attribute that differs from ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alias {
    /// The tool's own, in `snake_case`; in a [`Spelling`], the path to it.
    pub own: &'static str,
    /// Ours.
    pub ours: &'static str,
}

/// An alias.
pub const fn alias(own: &'static str, ours: &'static str) -> Alias {
    Alias { own, ours }
}

/// How a template of CloudFormation's spells a type's properties.
#[derive(Debug, Clone, Copy)]
pub struct Spelling {
    /// Properties whose members stand at the top elsewhere.
    pub hoisted: &'static [&'static str],
    /// Names that differ from ours, by their paths.
    pub names: &'static [Alias],
}

impl Spelling {
    /// As Terraform does.
    pub const SAME: Self = Self::of(&[]);

    /// As Terraform does, but for these names.
    pub const fn of(names: &'static [Alias]) -> Self {
        Self { hoisted: &[], names }
    }
}

/// What a thing of a kind uses of quotas.
#[derive(Debug, Clone, Copy)]
pub enum Uses {
    /// This much.
    Quotas(fn(&World<'_>, &Item) -> Vec<Use>),
    /// Nothing: no quota is on it, or none that people meet.
    Nothing,
    /// There is a quota on it, which no scan counts yet: how people call several of the kind.
    NotLookedAt(&'static str),
}

/// The part that a kind's items play in a deployment: what needs and checks look for in a file without knowing
/// the kind. What the resources of a kind are to those around them in an account is its
/// [`super::Position`]: that says which kinds a scan's rooms mean, and kinds that no scan reads have none.
/// A Helm release plays a part and has no position; a role has a position and plays no part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Plays {
    /// None that anybody asks for.
    Nothing,
    /// What counts by VPC lies in it.
    Vpc,
    /// It tells the zone of what lies in it.
    Subnet,
    /// It holds the routes of subnets.
    RouteTable,
    /// A route of a route table, by itself.
    Route,
    /// It gives a subnet its route table, or a VPC its main one.
    RouteTableAssociation,
    /// The internet lies behind it.
    InternetGateway,
    /// A service lies behind it.
    VpcEndpoint,
    /// It runs Kubernetes.
    Cluster,
    /// Nodes of a cluster that EKS manages.
    NodeGroup,
    /// Something else that a cluster may run pods on.
    Nodes,
    /// An add-on that EKS puts into a cluster.
    AddOn,
    /// It lets a role into a cluster.
    AccessEntry,
    /// It describes instances that others make.
    LaunchTemplate,
    /// It does so for Auto Scaling groups alone.
    LaunchConfiguration,
    /// A Helm release or chart.
    Release,
}

impl Plays {
    /// Whether it gives a cluster something to run pods on.
    pub const fn gives_nodes(self) -> bool {
        matches!(self, Self::NodeGroup | Self::Nodes)
    }

    /// Whether it describes instances that others make.
    pub const fn describes_instances(self) -> bool {
        matches!(self, Self::LaunchTemplate | Self::LaunchConfiguration)
    }
}

/// Whether a kind's name (its attribute `name`) is unique in its region, or in the account if it lives in none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Naming {
    /// It is not, or AWS makes it up.
    Free,
    /// It is.
    Unique(UniqueName),
}

impl Naming {
    /// Whether it is a name of KMS's for something else.
    pub const fn is_alias(self) -> bool {
        matches!(self, Self::Unique(UniqueName { seen: NameLookup::AmongAliases { .. }, .. }))
    }
}

/// A name that is unique in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UniqueName {
    /// What bears it, for people: `log group`.
    pub title: &'static str,
    /// How AWS compares it.
    pub letters: Letters,
    /// What tells whether it is taken.
    pub seen: NameLookup,
}

impl UniqueName {
    /// A name of what a scan reads, compared letter by letter.
    pub const fn of(title: &'static str) -> Naming {
        Naming::Unique(Self { title, letters: Letters::AsWritten, seen: NameLookup::InScan })
    }

    /// A name of IAM's, unique whatever its case:
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-names>.
    pub const fn of_iam(title: &'static str) -> Naming {
        Naming::Unique(Self { title, letters: Letters::OfAnyCase, seen: NameLookup::InScan })
    }
}

/// How AWS compares two names or keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Letters {
    /// As they are written.
    AsWritten,
    /// Whatever their case.
    OfAnyCase,
}

impl Letters {
    /// Whether two are the same.
    pub fn same(self, one: &str, other: &str) -> bool {
        match self {
            Self::AsWritten => one == other,
            Self::OfAnyCase => one.eq_ignore_ascii_case(other),
        }
    }

    /// A name in the form in which equal ones are equal.
    pub fn folded(self, name: &str) -> String {
        match self {
            Self::AsWritten => name.to_owned(),
            Self::OfAnyCase => name.to_ascii_lowercase(),
        }
    }
}

/// What tells whether a name is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameLookup {
    /// A scan, which reads the kind.
    InScan,
    /// KMS's list of aliases; the key behind one is of this kind.
    AmongAliases {
        /// The kind of what it names.
        of: &'static str,
    },
}

/// What AWS takes in the tags of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tagging {
    /// In keys and values.
    pub characters: Characters,
    /// Which keys are the same.
    pub keys: Letters,
}

impl Tagging {
    /// EC2 takes any character: <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html>.
    pub const ANY: Self = Self { characters: Characters::Any, keys: Letters::AsWritten };
    /// EKS and KMS call some generally allowed:
    /// <https://docs.aws.amazon.com/eks/latest/userguide/eks-using-tags.html>.
    pub const USUAL: Self = Self { characters: Characters::Usual, keys: Letters::AsWritten };
    /// IAM, Elastic Load Balancing and CloudWatch Logs take letters, numbers, blanks and `_.:/=+-@`:
    /// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_Tag.html>,
    /// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Tag.html>,
    /// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_TagResource.html>.
    pub const STRICT: Self = Self { characters: Characters::Strict, keys: Letters::AsWritten };
}

/// How strictly a service reads tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Characters {
    /// It takes any character.
    Any,
    /// Its documentation calls some generally allowed.
    Usual,
    /// Its API refuses all others.
    Strict,
}

/// A kind that deployments speak of and no scan reads.
#[derive(Debug, Clone, Copy)]
pub struct Declared {
    /// Its name.
    pub name: &'static str,
    /// Where its resources live.
    pub scope: Scope,
    /// What deployments call it and use of it.
    pub deployed: Deployed,
}

/// One kind as deployments know it, whether a scan reads it or not.
#[derive(Debug, Clone, Copy)]
pub struct KindRow {
    /// Its name.
    pub kind: &'static str,
    /// Whether it lives in the account as a whole.
    pub global: bool,
    /// What deployments call it and use of it.
    pub deployed: &'static Deployed,
}

impl KindRow {
    /// Of a kind of the catalog.
    pub const fn scanned(spec: &'static KindSpec) -> Self {
        Self { kind: spec.name, global: matches!(spec.scope, Scope::Global), deployed: &spec.deployed }
    }

    /// Of a kind that no scan reads.
    pub const fn declared(kind: &'static Declared) -> Self {
        Self { kind: kind.name, global: matches!(kind.scope, Scope::Global), deployed: &kind.deployed }
    }

    /// Its kind.
    pub const fn name(&self) -> KindName {
        KindName::of(self.kind)
    }

    /// Where a thing of this kind lives that is made in this region.
    pub fn region(&self, region: Option<Region>) -> Option<Region> {
        if self.global { Some(Region::global()) } else { region }
    }
}
