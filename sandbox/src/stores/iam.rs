//! What IAM knows of the account. Plain records; the rules are in the room `iam`.
#![expect(missing_docs, reason = "the fields are named as AWS names them in its answers")]

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use crate::ids::Ids;
use crate::tags::Tags;

/// IAM's records. IAM is global: one set for the whole account.
#[derive(Debug, Clone, Default)]
pub struct Iam {
    /// Roles by name.
    pub roles: BTreeMap<String, Role>,
    /// Customer-managed policies by ARN.
    pub policies: BTreeMap<String, Policy>,
    /// Instance profiles by name.
    pub profiles: BTreeMap<String, Profile>,
    /// OIDC providers by ARN.
    pub providers: BTreeMap<String, Provider>,
    /// Users by name.
    pub users: BTreeMap<String, User>,
    /// Groups of users by name.
    pub groups: BTreeMap<String, Group>,
    /// The account's alias, if it has one.
    pub alias: Option<String>,
}

#[derive(Debug, Clone)]
pub struct Role {
    pub name: String,
    pub path: String,
    pub id: String,
    pub arn: String,
    pub created: Timestamp,
    pub trust: String,
    pub description: Option<String>,
    pub max_session: u32,
    pub boundary: Option<String>,
    /// Inline policies: name → document.
    pub inline: BTreeMap<String, String>,
    /// ARNs of attached policies.
    pub attached: BTreeSet<String>,
    /// When and in which region it was last used.
    pub last_used: Option<(Timestamp, String)>,
    pub tags: Tags,
}

#[derive(Debug, Clone)]
pub struct Policy {
    pub name: String,
    pub path: String,
    pub id: String,
    pub arn: String,
    pub description: Option<String>,
    pub created: Timestamp,
    pub updated: Timestamp,
    /// The number of the default version.
    pub default: u32,
    /// Version number → document and creation time. Numbers are never used twice.
    pub versions: BTreeMap<u32, (String, Timestamp)>,
    /// The number that the next version gets.
    pub next_version: u32,
    pub tags: Tags,
}

#[derive(Debug, Clone)]
pub struct Profile {
    pub name: String,
    pub path: String,
    pub id: String,
    pub arn: String,
    pub created: Timestamp,
    /// The one role a profile can hold.
    pub role: Option<String>,
    pub tags: Tags,
}

#[derive(Debug, Clone)]
pub struct Provider {
    pub arn: String,
    /// Without `https://`, as GetOpenIDConnectProvider tells it.
    pub url: String,
    pub clients: Vec<String>,
    pub thumbprints: Vec<String>,
    pub created: Timestamp,
    pub tags: Tags,
}

#[derive(Debug, Clone)]
pub struct User {
    pub name: String,
    pub path: String,
    pub id: String,
    pub arn: String,
    pub created: Timestamp,
    pub boundary: Option<String>,
    /// ARNs of attached policies.
    pub attached: BTreeSet<String>,
    pub tags: Tags,
}

#[derive(Debug, Clone)]
pub struct Group {
    pub name: String,
    pub path: String,
    pub id: String,
    pub arn: String,
    pub created: Timestamp,
    /// ARNs of attached policies.
    pub attached: BTreeSet<String>,
    /// Names of its users.
    pub members: BTreeSet<String>,
}

/// Service-linked roles of an account that has used EKS, load balancers and NAT gateways:
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html>.
const SERVICE_LINKED: [(&str, &str, &str); 7] = [
    ("AWSServiceRoleForAmazonEKS", "eks.amazonaws.com", "AmazonEKSServiceRolePolicy"),
    (
        "AWSServiceRoleForAmazonEKSNodegroup",
        "eks-nodegroup.amazonaws.com",
        "AWSServiceRoleForAmazonEKSNodegroup",
    ),
    ("AWSServiceRoleForAutoScaling", "autoscaling.amazonaws.com", "AutoScalingServiceRolePolicy"),
    (
        "AWSServiceRoleForElasticLoadBalancing",
        "elasticloadbalancing.amazonaws.com",
        "AWSElasticLoadBalancingServiceRolePolicy",
    ),
    ("AWSServiceRoleForNATGateway", "nat-gateway.amazonaws.com", "AWSNATGatewayServiceRolePolicy"),
    ("AWSServiceRoleForSupport", "support.amazonaws.com", "AWSSupportServiceRolePolicy"),
    ("AWSServiceRoleForTrustedAdvisor", "trustedadvisor.amazonaws.com", "AWSTrustedAdvisorServiceRolePolicy"),
];

/// How long before the world's beginning the account itself was opened.
const ACCOUNT_AGE: SignedDuration = SignedDuration::from_hours(24 * 400);

impl Iam {
    /// The IAM of an account with nothing of its own: its service-linked roles and the caller's user.
    pub fn fresh(account: &str, now: Timestamp, ids: &mut Ids) -> Self {
        let created = now.saturating_sub(ACCOUNT_AGE).unwrap_or(Timestamp::MIN);
        let mut iam = Self::default();
        for (name, service, policy) in SERVICE_LINKED {
            let path = format!("/aws-service-role/{service}/");
            let role = Role {
                name: name.to_owned(),
                id: ids.iam("AROA"),
                arn: format!("arn:aws:iam::{account}:role{path}{name}"),
                created,
                trust: service_trust(service),
                description: None,
                max_session: 3600,
                boundary: None,
                inline: BTreeMap::new(),
                attached: BTreeSet::from([format!("arn:aws:iam::aws:policy/aws-service-role/{policy}")]),
                last_used: None,
                tags: Tags::new(),
                path,
            };
            iam.roles.insert(name.to_owned(), role);
        }
        let user = User {
            name: "deployer".into(),
            path: "/".into(),
            id: ids.iam("AIDA"),
            arn: format!("arn:aws:iam::{account}:user/deployer"),
            created,
            boundary: None,
            attached: BTreeSet::new(),
            tags: Tags::new(),
        };
        iam.users.insert(user.name.clone(), user);
        iam
    }

    /// The ARNs of the roles, users and groups to which this policy is attached.
    pub fn attachments(&self, policy: &str) -> impl Iterator<Item = &String> {
        let roles = self.roles.values().map(|role| (&role.arn, &role.attached));
        let users = self.users.values().map(|user| (&user.arn, &user.attached));
        let groups = self.groups.values().map(|group| (&group.arn, &group.attached));
        let all = roles.chain(users).chain(groups);
        all.filter(move |(_, attached)| attached.contains(policy)).map(|(arn, _)| arn)
    }

    /// The ARNs of the roles and users whose permissions boundary this policy is.
    pub fn boundaries(&self, policy: &str) -> impl Iterator<Item = &String> {
        let roles = self.roles.values().map(|role| (&role.arn, &role.boundary));
        let users = self.users.values().map(|user| (&user.arn, &user.boundary));
        let bounded = roles.chain(users).filter(move |(_, boundary)| boundary.as_deref() == Some(policy));
        bounded.map(|(arn, _)| arn)
    }

    /// Instance profiles that hold this role.
    pub fn profiles_of(&self, role: &str) -> impl Iterator<Item = &Profile> {
        self.profiles.values().filter(move |profile| profile.role.as_deref() == Some(role))
    }
}

/// A trust policy that lets a service assume the role.
pub fn service_trust(service: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"Service":"{service}"}},"Action":"sts:AssumeRole"}}]}}"#
    )
}
