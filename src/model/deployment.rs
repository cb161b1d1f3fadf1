//! What somebody is about to deploy, as data, whatever tool wrote it down. Readers (`crate::deployment`) make
//! it of files; kinds tell what it uses; needs and checks are made from it, and know no format.

use super::value::Value;
use super::{AccountId, KindName, Region};

/// The forms in which tools write down what they are about to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// `terraform show -json plan.bin`, also OpenTofu's.
    TerraformPlan,
    /// `terraform plan -json`: one JSON object a line.
    TerraformLog,
    /// `pulumi preview --json`.
    PulumiPreview,
    /// The same with `PULUMI_ENABLE_STREAMING_JSON_PREVIEW`: one engine event a line.
    PulumiEvents,
    /// A CloudFormation template, JSON or YAML.
    CloudFormationTemplate,
    /// The answer of `aws cloudformation describe-change-set`.
    CloudFormationChangeSet,
    /// The folder that `cdk synth` writes.
    CdkOut,
}

impl Format {
    /// For people: `Terraform plan`.
    pub const fn title(self) -> &'static str {
        match self {
            Self::TerraformPlan => "Terraform plan",
            Self::TerraformLog => "Terraform plan log",
            Self::PulumiPreview => "Pulumi preview",
            Self::PulumiEvents => "Pulumi preview events",
            Self::CloudFormationTemplate => "CloudFormation template",
            Self::CloudFormationChangeSet => "CloudFormation change set",
            Self::CdkOut => "CDK output",
        }
    }
}

/// What a file says will be deployed.
#[derive(Debug, Clone, PartialEq)]
pub struct Deployment {
    /// The file, as the user named it.
    pub source: String,
    /// Its form.
    pub format: Format,
    /// The stack it is about, where the file says so: Pulumi's `project/stack`, a CloudFormation stack's name.
    pub stack: Option<String>,
    /// The account it is meant for, where the file says so.
    pub account: Option<AccountId>,
    /// Everything it speaks of, in the file's order, also what stays as it is.
    pub items: Vec<Item>,
    /// What it will make that could not be counted.
    pub uncounted: Vec<Uncounted>,
}

/// One thing of a deployment.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// What the tool calls it: `module.vpc.aws_eip.nat[0]`, a URN, a logical id.
    pub address: String,
    /// The tool's type: `aws_eip`, `aws:ec2/eip:Eip`, `AWS::EC2::EIP`.
    pub type_name: String,
    /// Our kind, if the catalog knows the type.
    pub kind: Option<KindName>,
    /// What happens to it.
    pub change: Change,
    /// Whether it is certain that it will be there.
    pub certainty: Certainty,
    /// The region it is made in; `None` where the file does not tell. Global kinds have [`Region::global`].
    pub region: Option<Region>,
    /// Its attributes as they will be, in one spelling for all tools: `snake_case`, by Terraform's names
    /// where the tools differ. A block that stands once may be a list of one or a map: [`Value::at`]
    /// reads both alike. What nobody set is absent; all of it is [`Value::Unknown`] where the format does
    /// not tell attributes.
    pub properties: Value,
    /// The same as they were, of what is changed or made anew; [`Value::Null`] where the file does not tell.
    pub before: Value,
    /// The addresses of what it waits for or refers to, as far as the file tells.
    pub after: Vec<String>,
}

/// What a deployment does to a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// It is made.
    Create,
    /// It is made anew.
    Replace(ReplaceOrder),
    /// It is changed in place.
    Update,
    /// It is deleted.
    Delete,
    /// It stays as it is: also what is imported, read or merely forgotten.
    Keep,
}

impl Deployment {
    /// Whether it works in more than one account, and does not tell what is made in which.
    pub fn is_of_several_accounts(&self) -> bool {
        self.uncounted.iter().any(|it| it.what.starts_with(ACCOUNTS))
    }

    /// Whether it tells what waits for what: [`Item::after`] is empty otherwise.
    pub fn tells_order(&self) -> bool {
        !matches!(self.format, Format::TerraformLog | Format::CloudFormationChangeSet)
            && self.uncounted.iter().all(|it| it.what != DEPENDENCIES)
    }
}

impl Item {
    /// Whether it is of this kind.
    pub fn is(&self, kind: &str) -> bool {
        self.kind.as_ref().is_some_and(|it| it.as_str() == kind)
    }
}

impl Change {
    /// Whether there will be one more of it, at least for a while.
    pub const fn makes(self) -> bool {
        matches!(self, Self::Create | Self::Replace(_))
    }

    /// Whether it will be there afterwards.
    pub const fn remains(self) -> bool {
        !matches!(self, Self::Delete)
    }
}

/// In which order a replacement happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReplaceOrder {
    /// The new one is made before the old one goes: for a while there are both.
    CreateFirst,
    /// The old one goes first.
    DeleteFirst,
}

/// Whether a thing will be there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Certainty {
    /// It will.
    Certain,
    /// Perhaps: why the file does not decide it, for people (`condition HasNat needs parameter Zones`).
    Possible(String),
}

/// Something that will make resources which could not be counted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Uncounted {
    /// What it is: an address, or a sentence's subject.
    pub what: String,
    /// Why it could not be counted, for people, without a full stop.
    pub why: String,
    /// What that means for the answer.
    pub weight: Weight,
}

/// What an [`Uncounted`] is about where a file does not show in which order its replacements happen.
pub const ORDER_OF_REPLACEMENTS: &str = "the order of replacements";

/// How what an [`Uncounted`] is about begins where a file works in more than one account.
pub const ACCOUNTS: &str = "the accounts ";

/// What an [`Uncounted`] is about where a file that could tell does not show what waits for what.
pub const DEPENDENCIES: &str = "what waits for what";

/// What it means that something could not be counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// To be known; the answer stands (a custom resource, what `apply()` may make).
    Remark,
    /// It may use any quota, so that nothing "fits" (a nested stack whose template is missing, a macro).
    Open,
}
