//! The limits that services tell of themselves: one call each, and in part with what is used.

use std::collections::BTreeMap;

use aws_sdk_iam::types::SummaryKeyType;
use futures::FutureExt;
use futures::future::BoxFuture;

use super::clients::Aws;
use super::limits::Told;
use crate::model::QuotaUse;
use crate::quota::{Limit, Origin};

/// Elastic Load Balancing's names of quotas.
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Limit.html>
const BALANCING: &[(&str, &str)] = &[
    ("alb", "application-load-balancers"),
    ("nlb", "network-load-balancers"),
    ("gwlb", "gateway-load-balancers"),
    ("target-group", "target-groups"),
];

/// Auto Scaling tells how many groups may be and how many there are.
/// <https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeAccountLimits.html>
const SCALING: &str = "auto-scaling-group";

/// IAM's names of quotas, and of what is used of them.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountSummary.html>
const SUMMARY: &[(&str, &str, Option<&str>)] = &[
    ("iam-role", "RolesQuota", Some("Roles")),
    ("iam-policy", "PoliciesQuota", Some("Policies")),
    ("iam-instance-profile", "InstanceProfilesQuota", Some("InstanceProfiles")),
    ("policy-per-role", "AttachedPoliciesPerRoleQuota", None),
];

/// The quota that EC2 tells as an attribute of the account, and the attribute.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeAccountAttributes.html>
const ADDRESSES: (&str, &str) = ("eip", "vpc-max-elastic-ips");

const BALANCING_SERVICE: &str = "elasticloadbalancing";
const SCALING_SERVICE: &str = "autoscaling";

/// The services that tell limits themselves.
const SERVICES: [&str; 3] = [BALANCING_SERVICE, SCALING_SERVICE, "iam"];

/// Whether a service tells the limit of this quota itself.
pub(super) fn tells(quota: &str) -> bool {
    quota == SCALING
        || BALANCING.iter().any(|(name, _)| *name == quota)
        || SUMMARY.iter().any(|(name, ..)| *name == quota)
}

/// What to ask for these quotas.
pub(super) fn questions<'a>(aws: &'a Aws, wanted: &[&'static QuotaUse]) -> Vec<BoxFuture<'a, Told>> {
    let those = |service: &str| -> Vec<&'static QuotaUse> {
        let fits = |quota: &&&QuotaUse| quota.service == service && tells(quota.name);
        wanted.iter().filter(fits).copied().collect()
    };
    let mut questions: Vec<BoxFuture<'a, Told>> = Vec::new();
    for (service, quotas) in SERVICES.map(|service| (service, those(service))) {
        let answer = Told::nothing(service, &quotas);
        match service {
            _ if quotas.is_empty() => {}
            BALANCING_SERVICE => questions.push(balancing(aws, answer).boxed()),
            SCALING_SERVICE => questions.push(scaling(aws, answer).boxed()),
            _ => questions.push(summary(aws, answer).boxed()),
        }
    }
    questions
}

/// A limit that a service told of itself.
fn limit(value: u64) -> Limit {
    Limit { value, origin: Origin::Account, adjustable: None }
}

async fn balancing(aws: &Aws, mut answer: Told) -> Told {
    let call = aws.elb.describe_account_limits().page_size(400);
    let pages = aws
        .pages(
            "elasticloadbalancing:DescribeAccountLimits",
            |token| call.clone().set_marker(token).send(),
            |page| page.next_marker(),
        )
        .await;
    let pages = match pages {
        Ok(pages) => pages,
        Err(error) => return answer.failed(&error),
    };
    let rows = pages.iter().flat_map(|page| page.limits());
    let rows: BTreeMap<&str, u64> =
        rows.filter_map(|row| Some((row.name()?, row.max()?.parse().ok()?))).collect();
    for (name, row) in BALANCING {
        answer.limits.extend(rows.get(row).map(|max| (*name, limit(*max))));
    }
    answer
}

async fn scaling(aws: &Aws, mut answer: Told) -> Told {
    let send = || aws.autoscaling.describe_account_limits().send();
    let told = match aws.read("autoscaling:DescribeAccountLimits", send).await {
        Ok(told) => told,
        Err(error) => return answer.failed(&error),
    };
    let number = |told: Option<i32>| told.and_then(|count| u64::try_from(count).ok());
    answer.limits.extend(number(told.max_number_of_auto_scaling_groups()).map(|max| (SCALING, limit(max))));
    answer.used.extend(number(told.number_of_auto_scaling_groups()).map(|used| (SCALING, used)));
    answer
}

async fn summary(aws: &Aws, mut answer: Told) -> Told {
    let told = match aws.read("iam:GetAccountSummary", || aws.iam.get_account_summary().send()).await {
        Ok(told) => told,
        Err(error) => return answer.failed(&error),
    };
    let number = |key: &str| {
        let count = told.summary_map()?.get(&SummaryKeyType::from(key))?;
        u64::try_from(*count).ok()
    };
    for (name, quota, used) in SUMMARY {
        answer.limits.extend(number(quota).map(|max| (*name, limit(max))));
        answer.used.extend(used.and_then(number).map(|used| (*name, used)));
    }
    answer
}

/// Adds the limit on Elastic IPs from the account's attributes, where Service Quotas could not be read: so
/// the quota that is short most often is known to whoever may describe EC2.
pub(super) async fn add_addresses(aws: &Aws, answer: &mut Told) {
    let (name, attribute) = ADDRESSES;
    if !answer.asked.contains(name) || answer.limits.contains_key(name) {
        return;
    }
    let send = || aws.ec2.describe_account_attributes().send();
    // That this fails as well adds nothing to the reason there already is.
    let Ok(told) = aws.read("ec2:DescribeAccountAttributes", send).await else { return };
    let values = told.account_attributes().iter().filter(|it| it.attribute_name() == Some(attribute));
    let value = values.flat_map(|it| it.attribute_values()).find_map(|it| it.attribute_value()?.parse().ok());
    answer.limits.extend(value.map(|max| (name, limit(max))));
}
