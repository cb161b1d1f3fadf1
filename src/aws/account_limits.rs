//! The limits that services tell of themselves, in one call each. Gives `limits` their answers, in part with
//! what is used; asked only for the quotas whose spec names such a service.

use std::collections::BTreeMap;

use aws_sdk_iam::types::SummaryKeyType;
use futures::FutureExt;
use futures::future::BoxFuture;

use super::clients::Aws;
use super::limits::SourceAnswer;
use crate::model::{QuotaUse, ToldBy};
use crate::quota::{Limit, Origin};

const BALANCING_SERVICE: &str = "elasticloadbalancing";
const SCALING_SERVICE: &str = "autoscaling";

/// The services that tell limits themselves.
const SERVICES: [&str; 3] = [BALANCING_SERVICE, SCALING_SERVICE, "iam"];

/// Whether a service tells the limit of this quota itself, in an answer that is asked for anyway.
pub(super) fn tells(quota: &QuotaUse) -> bool {
    match quota.told_by {
        ToldBy::LoadBalancing(_) | ToldBy::AutoScaling | ToldBy::IamSummary { .. } => true,
        ToldBy::Nobody | ToldBy::Ec2Attribute(_) => false,
    }
}

/// What to ask for these quotas.
pub(super) fn questions<'a>(aws: &'a Aws, wanted: &[&'static QuotaUse]) -> Vec<BoxFuture<'a, SourceAnswer>> {
    let those = |service: &str| -> Vec<&'static QuotaUse> {
        let fits = |quota: &&&QuotaUse| quota.service == service && tells(quota);
        wanted.iter().filter(fits).copied().collect()
    };
    let mut questions: Vec<BoxFuture<'a, SourceAnswer>> = Vec::new();
    for (service, quotas) in SERVICES.map(|service| (service, those(service))) {
        let answer = SourceAnswer::nothing(service, &quotas);
        match service {
            _ if quotas.is_empty() => {}
            BALANCING_SERVICE => questions.push(balancing(aws, quotas, answer).boxed()),
            SCALING_SERVICE => questions.push(scaling(aws, quotas, answer).boxed()),
            _ => questions.push(summary(aws, quotas, answer).boxed()),
        }
    }
    questions
}

/// A limit that a service told of itself.
fn limit(value: u64) -> Limit {
    Limit { value, origin: Origin::Account, adjustable: None }
}

async fn balancing(aws: &Aws, quotas: Vec<&'static QuotaUse>, mut answer: SourceAnswer) -> SourceAnswer {
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
    for quota in quotas {
        let ToldBy::LoadBalancing(row) = quota.told_by else { continue };
        answer.limits.extend(rows.get(row).map(|max| (quota.name, limit(*max))));
    }
    answer
}

async fn scaling(aws: &Aws, quotas: Vec<&'static QuotaUse>, mut answer: SourceAnswer) -> SourceAnswer {
    let send = || aws.autoscaling.describe_account_limits().send();
    let account = match aws.read("autoscaling:DescribeAccountLimits", send).await {
        Ok(account) => account,
        Err(error) => return answer.failed(&error),
    };
    let number = |it: Option<i32>| it.and_then(|count| u64::try_from(count).ok());
    let (max, used) = (
        number(account.max_number_of_auto_scaling_groups()),
        number(account.number_of_auto_scaling_groups()),
    );
    for quota in quotas {
        answer.limits.extend(max.map(|max| (quota.name, limit(max))));
        answer.used.extend(used.map(|used| (quota.name, used)));
    }
    answer
}

async fn summary(aws: &Aws, quotas: Vec<&'static QuotaUse>, mut answer: SourceAnswer) -> SourceAnswer {
    let summary = match aws.read("iam:GetAccountSummary", || aws.iam.get_account_summary().send()).await {
        Ok(summary) => summary,
        Err(error) => return answer.failed(&error),
    };
    let number = |key: &str| {
        let count = summary.summary_map()?.get(&SummaryKeyType::from(key))?;
        u64::try_from(*count).ok()
    };
    for quota in quotas {
        let ToldBy::IamSummary { limit: max, used } = quota.told_by else { continue };
        answer.limits.extend(number(max).map(|max| (quota.name, limit(max))));
        answer.used.extend(used.and_then(number).map(|used| (quota.name, used)));
    }
    answer
}

/// Adds the limits among these that EC2 tells as attributes of the account, where Service Quotas could not be
/// read: so the quota that is short most often is known to whoever may describe EC2.
pub(super) async fn add_attributes(aws: &Aws, quotas: &[&'static QuotaUse], answer: &mut SourceAnswer) {
    let is_attribute = |quota: &&&'static QuotaUse| matches!(quota.told_by, ToldBy::Ec2Attribute(_));
    let unknown =
        |answer: &SourceAnswer, name| answer.asked.contains(name) && !answer.limits.contains_key(name);
    let missing: Vec<&QuotaUse> =
        quotas.iter().filter(is_attribute).filter(|quota| unknown(answer, quota.name)).copied().collect();
    if missing.is_empty() {
        return;
    }
    let send = || aws.ec2.describe_account_attributes().send();
    // That this fails as well adds nothing to the reason there already is.
    let Ok(attributes) = aws.read("ec2:DescribeAccountAttributes", send).await else { return };
    for quota in missing {
        let ToldBy::Ec2Attribute(attribute) = quota.told_by else { continue };
        let values =
            attributes.account_attributes().iter().filter(|it| it.attribute_name() == Some(attribute));
        let mut values = values.flat_map(|it| it.attribute_values());
        let value = values.find_map(|it| it.attribute_value()?.parse().ok());
        answer.limits.extend(value.map(|max| (quota.name, limit(max))));
    }
}
