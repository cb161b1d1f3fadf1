//! One AWS thing as a scan saw it: the kinds at the edge make it of descriptions, and every room reads it.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{AccountId, Key, KindName, Region};

/// Tags by key.
pub type Tags = BTreeMap<String, String>;

/// A fact: the resource that carries this link refers to `to`, in the role `how`.
///
/// What a standing link forbids is not said here but by the kind's [`super::LinkRule`] of the same role.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(from = "LinkDocument", into = "LinkDocument")]
#[schemars(with = "LinkDocument")]
pub struct Link {
    /// The role: `within`, `uses`, `attached`, `names`, `made-by`, …
    pub how: Cow<'static, str>,
    /// What it refers to. It need not be in the inventory.
    pub to: Key,
    /// What the cut call needs to sever this link: rule ids, an association id, an attachment id. Often empty.
    pub via: Vec<String>,
}

/// A link as it stands in JSON: `to` is the plain id, which is what scripts ask for.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct LinkDocument {
    /// The role: `within`, `uses`, `names`, …
    how: Cow<'static, str>,
    /// The id of what it refers to.
    to: String,
    /// The kind of what it refers to.
    kind: KindName,
    /// The region of what it refers to.
    region: Region,
    /// What the cut call needs to sever the link.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    via: Vec<String>,
}

impl From<LinkDocument> for Link {
    fn from(link: LinkDocument) -> Self {
        Self { how: link.how, to: Key::new(link.kind, link.region, link.to), via: link.via }
    }
}

impl From<Link> for LinkDocument {
    fn from(link: Link) -> Self {
        Self {
            how: link.how,
            to: link.to.id.into(),
            kind: link.to.kind,
            region: link.to.region,
            via: link.via,
        }
    }
}

impl Link {
    /// A link that needs no handle to be cut.
    pub fn new(how: &'static str, to: Key) -> Self {
        Self { how: Cow::Borrowed(how), to, via: Vec::new() }
    }

    /// A link with the handles that its cut call takes.
    pub fn via(how: &'static str, to: Key, via: Vec<String>) -> Self {
        Self { how: Cow::Borrowed(how), to, via }
    }
}

/// Where in its life a resource stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Life {
    /// AWS is still making it.
    Coming,
    /// It stands; also when it failed and stands there broken.
    #[default]
    Standing,
    /// AWS is already removing it.
    Leaving,
}

/// Why AWS or this program never deletes a resource, whatever was selected.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Guard {
    /// Which rule.
    pub rule: GuardRule,
    /// One sentence for people, without a full stop: `deletion protection is on`.
    pub why: String,
}

/// The rules behind a [`Guard`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum GuardRule {
    /// A default VPC or a part of one. Verdict `protected`.
    DefaultThing,
    /// AWS owns it: managed policies, service-linked and reserved roles. Verdict `protected`.
    AwsManaged,
    /// Deletion or termination protection is on; it is never switched off unasked. Verdict `protected`.
    Protection,
    /// Something that is of no kind holds it (an IAM user, a group), and it stays with that. Verdict `active`.
    Held,
    /// Another account owns it (shared by RAM, say). Verdict `foreign`.
    OtherAccount,
    /// A service made it, is using it, and could not be told from what was read. Verdict `uncertain`.
    UnknownMaker,
}

/// One AWS thing, as a scan saw it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Resource {
    /// What tells it from every other.
    #[serde(flatten)]
    pub key: Key,
    /// Its ARN, if AWS gives it one.
    #[serde(default)]
    pub arn: Option<String>,
    /// An id that is never used again, for kinds whose names are (RoleId, a cluster's creation time).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unique_id: Option<String>,
    /// The name people know it by: the Name tag, or its own.
    #[serde(default)]
    pub name: Option<String>,
    /// The owning account, where AWS tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<AccountId>,
    /// All its tags.
    #[serde(default)]
    pub tags: Tags,
    /// Its state in AWS's own word, if the kind has states.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Where in its life it stands.
    #[serde(default)]
    pub life: Life,
    /// When AWS says it was made. Absent for kinds whose age AWS does not tell.
    #[serde(default)]
    pub created: Option<Timestamp>,
    /// What it refers to.
    #[serde(default)]
    pub links: BTreeSet<Link>,
    /// What forbids its deletion.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub guards: BTreeSet<Guard>,
    /// Small facts that price, quota and judge need: `instance_type`, `size_gib`, `zone`, …
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub facts: BTreeMap<String, String>,
}

impl Resource {
    /// A standing resource with nothing known of it but its key.
    pub fn new(key: Key) -> Self {
        Self {
            key,
            arn: None,
            unique_id: None,
            name: None,
            owner: None,
            tags: Tags::new(),
            state: None,
            life: Life::Standing,
            created: None,
            links: BTreeSet::new(),
            guards: BTreeSet::new(),
            facts: BTreeMap::new(),
        }
    }

    /// Its links in this role.
    pub fn links_as<'a>(&'a self, how: &'a str) -> impl Iterator<Item = &'a Link> {
        self.links.iter().filter(move |link| link.how == how)
    }
}
