//! The least privilege that a command needs, as an IAM policy document: it takes the API actions that the
//! catalog names for each kind, and gives what `iam-policy` prints and `policies/iam/` holds.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::model::Catalog;

/// What the policy is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyFor {
    /// `scan`, `plan`, `explain`, `graph`: read only.
    Scan,
    /// `apply`: the same, and what deletes and cuts.
    Apply,
    /// `quota`: what a scan reads, and what AWS allows.
    Quota,
    /// `preflight`: what `quota` reads, and what EKS supports and KMS has named.
    Preflight,
}

/// What every scan calls besides the kinds' own listings, and what is asked about single things.
/// `sts:GetCallerIdentity` needs no permission, but a policy that names it reads whole:
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>.
const ALWAYS: [&str; 6] = [
    "cloudtrail:LookupEvents",
    "ec2:DescribeRegions",
    "iam:ListAccountAliases",
    "logs:DescribeLogStreams",
    "sts:GetCallerIdentity",
    "tag:GetResources",
];

/// What tells limits, and how many virtual processors an instance type has.
pub const LIMITS: [&str; 7] = [
    "autoscaling:DescribeAccountLimits",
    "ec2:DescribeAccountAttributes",
    "ec2:DescribeInstanceTypes",
    "elasticloadbalancing:DescribeAccountLimits",
    "iam:GetAccountSummary",
    "servicequotas:ListAWSDefaultServiceQuotas",
    "servicequotas:ListServiceQuotas",
];

/// What the checks of a preflight ask besides.
pub const CHECKS: [&str; 3] = ["eks:DescribeAddonVersions", "eks:DescribeClusterVersions", "kms:ListAliases"];

/// The actions needed to read.
pub fn reading(catalog: &Catalog) -> BTreeSet<&'static str> {
    catalog.iter().flat_map(|spec| spec.apis.list.iter().copied()).chain(ALWAYS).collect()
}

/// What tells in words why a change was denied. Without it a run does the same and tells less:
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html>.
const TOLD: &str = "sts:DecodeAuthorizationMessage";

/// The actions needed to delete and cut.
pub fn changing(catalog: &Catalog) -> BTreeSet<&'static str> {
    let deletes = catalog.iter().flat_map(|spec| spec.apis.delete.iter().copied());
    let cuts = catalog.iter().flat_map(|spec| spec.links).filter_map(|rule| rule.cut).map(|cut| cut.api);
    deletes.chain(cuts).chain([TOLD]).filter(|api| api.contains(':')).collect()
}

/// The policy document. The same catalog gives the same bytes.
pub fn document(need: PolicyFor, catalog: &Catalog) -> Value {
    let read = reading(catalog);
    let mut statements = vec![statement("JanitorReads", &read)];
    match need {
        PolicyFor::Scan => {}
        PolicyFor::Quota => statements.push(statement("JanitorReadsLimits", &LIMITS.into())),
        PolicyFor::Preflight => {
            statements.push(statement("JanitorReadsLimits", &LIMITS.into()));
            statements.push(statement("JanitorReadsForChecks", &CHECKS.into()));
        }
        PolicyFor::Apply => {
            let change: BTreeSet<&str> = changing(catalog).difference(&read).copied().collect();
            statements.extend(by_service(&change).into_iter().map(|(service, actions)| {
                statement(&format!("JanitorChanges{}", capital(service)), &actions)
            }));
        }
    }
    let mut document = json!({ "Version": "2012-10-17", "Statement": statements });
    // The same bytes, whatever order the JSON library's features give its maps.
    document.sort_all_objects();
    document
}

fn statement(sid: &str, actions: &BTreeSet<&str>) -> Value {
    json!({ "Sid": sid, "Effect": "Allow", "Action": actions, "Resource": "*" })
}

fn by_service<'a>(actions: &BTreeSet<&'a str>) -> BTreeMap<&'a str, BTreeSet<&'a str>> {
    let mut services: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for action in actions {
        if let Some((service, _)) = action.split_once(':') {
            services.entry(service).or_default().insert(action);
        }
    }
    services
}

/// A service's name with a capital, letters and digits only: all that a Sid may hold.
fn capital(service: &str) -> String {
    let mut letters = service.chars().filter(char::is_ascii_alphanumeric);
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}
