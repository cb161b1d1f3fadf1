//! The hand that makes the things of one owner, and how its tools tag them: which keys Terraform, its modules,
//! Pulumi and CDK put on which kinds, read in their sources and in the states of real runs.

use aws_janitor::model::{Key, Resource, Tags};
use jiff::Timestamp;

use super::land::{Draw, Land, Owner, thing};
use super::situation::Situation;

/// How a deployment's things are tagged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Style {
    /// Terraform with `default_tags` of the provider: everything that can carry tags.
    DefaultTags,
    /// terraform-aws-vpc and terraform-aws-eks: `var.tags`, also on what AWS made with the VPC.
    Modules,
    /// Pulumi with `defaultTags` of the provider.
    PulumiDefault,
    /// Pulumi, `tags` on awsx.Vpc and eks.Cluster only: roles and templates carry none.
    PulumiArgs,
    /// awsx with nothing but names.
    Bare,
    /// CDK: CloudFormation's own tags beside those of the app.
    Cdk,
    /// By hand: the VPC, the cluster and the roles are tagged, plumbing now and then not.
    Careless,
}

/// Styles in which a failed stack's things carry its stack key.
pub(crate) const KEYED: [Style; 4] =
    [Style::DefaultTags, Style::Modules, Style::PulumiDefault, Style::Careless];

/// What a thing is in its stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Vpc,
    PublicSubnet,
    PrivateSubnet,
    PublicTable,
    PrivateTable,
    Gateway,
    Nat,
    Address,
    Endpoint,
    /// AWS makes it with the VPC: its main table, default group and default ACL.
    Ride,
    Group,
    NodeSecurity,
    Cluster,
    NodeGroup,
    Addon,
    Tool,
    Template,
    Log,
}

#[derive(Debug, Clone)]
pub(crate) struct Hand {
    pub(crate) owner: Owner,
    pub(crate) of: Situation,
    pub(crate) style: Style,
    /// `shop-a1`: what the names begin with.
    pub(crate) label: String,
    /// The stack key, and pairs that the tool puts beside it.
    pub(crate) key: Tags,
    pub(crate) cluster: String,
    pub(crate) region: &'static str,
    pub(crate) born: Timestamp,
    /// Whether subnets and groups are marked with the cluster's name.
    pub(crate) marks: bool,
}

impl Hand {
    pub(crate) fn thing(&self, kind: &str, id: impl Into<String>) -> Resource {
        thing(kind, self.region, id)
    }

    pub(crate) fn put(&self, land: &mut Land, it: Resource) -> Key {
        land.put(it, self.owner, self.of)
    }

    /// The tags of a part, with this name at its end. `chance` tells whether a careless hand forgets them.
    pub(crate) fn tags(&self, part: Part, name: &str, forgets: bool) -> Tags {
        let mut tags = Tags::new();
        if self.keyed(part, forgets) {
            tags.extend(self.key.clone());
        }
        let nameless = matches!(part, Part::Ride | Part::Cluster | Part::Addon | Part::Tool | Part::Log);
        let nameless = nameless || (part == Part::Address && self.style == Style::PulumiArgs);
        if !nameless {
            tags.insert("Name".into(), format!("{}-{name}", self.label));
        }
        self.add_layout(part, &mut tags);
        if self.style == Style::Cdk && part != Part::Ride && part != Part::Cluster {
            tags.insert("aws:cloudformation:stack-name".into(), self.label.clone());
            tags.insert("aws:cloudformation:logical-id".into(), format!("{name}A1B2"));
        }
        tags
    }

    fn keyed(&self, part: Part, forgets: bool) -> bool {
        let plumbing = !matches!(
            part,
            Part::Vpc | Part::Cluster | Part::NodeGroup | Part::Addon | Part::Tool | Part::Template
        );
        match self.style {
            Style::DefaultTags | Style::PulumiDefault => part != Part::Ride,
            Style::Modules => true,
            Style::PulumiArgs => {
                !matches!(part, Part::Ride | Part::Tool | Part::Template | Part::NodeGroup | Part::Addon)
                    && part != Part::Address
            }
            Style::Bare => false,
            Style::Cdk => part != Part::Ride && part != Part::Cluster,
            Style::Careless => part != Part::Ride && !(plumbing && forgets),
        }
    }

    fn add_layout(&self, part: Part, tags: &mut Tags) {
        let mut put = |key: &str, value: &str| _ = tags.insert(key.to_owned(), value.to_owned());
        let subnet = matches!(part, Part::PublicSubnet | Part::PrivateSubnet);
        let public = matches!(part, Part::PublicSubnet | Part::PublicTable);
        let role = if public { "kubernetes.io/role/elb" } else { "kubernetes.io/role/internal-elb" };
        let word = if public { "Public" } else { "Private" };
        match self.style {
            Style::DefaultTags | Style::Modules | Style::Careless if subnet => {
                put(role, "1");
                if self.style == Style::Modules && !public {
                    put("karpenter.sh/discovery", &self.cluster);
                }
            }
            Style::PulumiDefault | Style::PulumiArgs | Style::Bare => {
                if subnet || matches!(part, Part::PublicTable | Part::PrivateTable) {
                    put("SubnetType", word);
                }
            }
            Style::Cdk => {
                if subnet {
                    put("aws-cdk:subnet-name", word);
                    put("aws-cdk:subnet-type", word);
                }
                if subnet || matches!(part, Part::PublicTable | Part::PrivateTable | Part::Nat) {
                    put(role, "1");
                }
            }
            Style::DefaultTags | Style::Modules | Style::Careless => {}
        }
        if self.marks && (subnet || part == Part::NodeSecurity) {
            let mark = if subnet { "shared" } else { "owned" };
            put(&format!("kubernetes.io/cluster/{}", self.cluster), mark);
        }
    }
}

/// An IAM role as its description shows it.
pub(crate) fn role(hand: &Hand, name: &str, trusts: &str, used: Option<(Timestamp, &str)>) -> Resource {
    use aws_janitor::model::words::fact;
    let it =
        hand.thing("iam-role", format!("{}-{name}", hand.label)).named(&format!("{}-{name}", hand.label));
    let it = it.born(hand.born).fact(fact::TRUSTED_SERVICES, trusts);
    let it = it.tags(&hand.tags(Part::Tool, name, false));
    match used {
        Some((at, region)) => it.fact(fact::LAST_USED, at).fact(fact::LAST_USED_REGION, region),
        None => it,
    }
}
