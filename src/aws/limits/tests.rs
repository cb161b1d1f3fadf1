//! Limits as AWS's answers tell them, through the real client.

use std::fmt::Write as _;

use super::*;
use crate::aws::Site;
use crate::aws::scripted::{Script, aws_over};
use crate::kinds::CATALOG;
use crate::model::AccountId;
use crate::report::iam;
use crate::session::CallMode;

const DEFAULTS: &str = "ListAWSDefaultServiceQuotas";

const DENIED: &str = r#"{"__type": "AccessDeniedException", "Message": "not authorized to list"}"#;
const THROTTLED: &str = r#"{"__type": "TooManyRequestsException", "Message": "slow down"}"#;
const NO_SUCH: &str = r#"{"__type": "NoSuchResourceException", "Message": "there is none"}"#;

/// The services that Service Quotas is asked for in a region.
const LISTED: [&str; 5] = ["ebs", "ec2", "eks", "logs", "vpc"];

/// A row of a listing.
fn row(code: &str, value: &str) -> String {
    format!(r#"{{"QuotaCode": "{code}", "QuotaName": "of {code}", "Value": {value}, "Adjustable": true}}"#)
}

/// A page of a listing.
fn page(rows: &[String], next: Option<&str>) -> String {
    let next = next.map(|token| format!(r#", "NextToken": "{token}""#)).unwrap_or_default();
    format!(r#"{{"Quotas": [{}]{next}}}"#, rows.join(","))
}

/// The codes of a service's quotas that a kind uses.
fn codes(service: &str) -> Vec<&'static str> {
    let quotas = CATALOG.quotas().filter(|(_, quota)| quota.service == service);
    BTreeSet::from_iter(quotas.filter_map(|(_, quota)| quota.code)).into_iter().collect()
}

/// A listing of one page that tells 7 for each quota of a service that a kind uses.
fn sevens(service: &str) -> String {
    page(&codes(service).into_iter().map(|code| row(code, "7")).collect::<Vec<_>>(), None)
}

/// An answer of load balancing.
fn balancing(rows: &[(&str, &str)]) -> String {
    let mut members = String::new();
    for (name, max) in rows {
        _ = write!(members, "<member><Name>{name}</Name><Max>{max}</Max></member>");
    }
    format!(
        r#"<DescribeAccountLimitsResponse xmlns="http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/">
        <DescribeAccountLimitsResult><Limits>{members}</Limits></DescribeAccountLimitsResult>
        </DescribeAccountLimitsResponse>"#
    )
}

const SCALING: &str = r#"<DescribeAccountLimitsResponse xmlns="http://autoscaling.amazonaws.com/doc/2011-01-01/">
    <DescribeAccountLimitsResult><MaxNumberOfAutoScalingGroups>200</MaxNumberOfAutoScalingGroups>
    <NumberOfAutoScalingGroups>3</NumberOfAutoScalingGroups></DescribeAccountLimitsResult>
    </DescribeAccountLimitsResponse>"#;

/// An answer of EC2's account attributes.
const ATTRIBUTES: &str = r#"<DescribeAccountAttributesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
    <accountAttributeSet><item><attributeName>vpc-max-elastic-ips</attributeName><attributeValueSet><item>
    <attributeValue>12</attributeValue></item></attributeValueSet></item></accountAttributeSet>
    </DescribeAccountAttributesResponse>"#;

/// Words that stand in a request for one service's listing, by the service.
fn of(service: &str) -> &'static str {
    match service {
        "ebs" => r#""ServiceCode":"ebs""#,
        "ec2" => r#""ServiceCode":"ec2""#,
        "eks" => r#""ServiceCode":"eks""#,
        "iam" => r#""ServiceCode":"iam""#,
        "logs" => r#""ServiceCode":"logs""#,
        _ => r#""ServiceCode":"vpc""#,
    }
}

/// The limits of a region in which these answers come first, and 7 is the limit of all else.
async fn region(first: &[(&'static str, u16, &str)]) -> (Limits, Script) {
    let balancers = balancing(&[("application-load-balancers", "50"), ("target-groups", "3000")]);
    let plain: Vec<(&str, String)> = LISTED.iter().map(|service| (of(service), sevens(service))).collect();
    let mut answers = first.to_vec();
    answers.extend(plain.iter().map(|(words, body)| (*words, 200, body.as_str())));
    answers.push(("Version=2015-12-01", 200, &balancers));
    answers.push(("Version=2011-01-01", 200, SCALING));
    let script = Script::matching(answers);
    (read(&[script.aws(CallMode::Real)], CATALOG).await, script)
}

/// The limits of the account as a whole.
async fn account(answers: &[(&'static str, u16, &str)]) -> Limits {
    let script = Script::matching(answers.to_vec());
    read(&[global(script)], CATALOG).await
}

fn global(script: Script) -> Aws {
    aws_over(
        script,
        Site { region: Region::global(), account: AccountId::new("111122223333") },
        CallMode::Real,
    )
}

fn limit(limits: &Limits, name: &str) -> Option<(u64, Origin)> {
    let here = limits.limits.iter().find(|((_, quota), _)| quota == name);
    here.map(|(_, limit)| (limit.value, limit.origin))
}

/// Services with a gap, each with the reason.
fn gaps(limits: &Limits) -> Vec<(&str, &str)> {
    limits.gaps.iter().map(|gap| (gap.service.as_str(), gap.error.as_str())).collect()
}

#[tokio::test]
async fn every_quota_of_a_kind_has_a_limit_where_all_can_be_read() {
    let gwlb = (
        "Version=2015-12-01",
        200,
        &*balancing(&[
            ("application-load-balancers", "50"),
            ("network-load-balancers", "51"),
            ("gateway-load-balancers", "52"),
            ("target-groups", "3000"),
        ]),
    );
    let (limits, _) = region(&[gwlb]).await;
    assert!(limits.gaps.is_empty(), "{:?}", limits.gaps);
    for quota in wanted(CATALOG, &Region::new("us-east-1")) {
        assert!(limit(&limits, quota.name).is_some(), "{}", quota.name);
    }
    assert_eq!(limit(&limits, "eip"), Some((7, Origin::Applied)));
    assert_eq!(limit(&limits, "ebs-gp3"), Some((7 * 1024, Origin::Applied)), "AWS tells TiB");
    assert_eq!(limit(&limits, "nlb"), Some((51, Origin::Account)));
    assert_eq!(limit(&limits, "gwlb"), Some((52, Origin::Account)), "documented only where none is told");
    assert_eq!(limit(&limits, "auto-scaling-group"), Some((200, Origin::Account)));
    assert_eq!(limit(&limits, "launch-template"), Some((5000, Origin::Documented)));
    let used = |name: &str| limits.used.get(&(Region::new("us-east-1"), name.to_owned())).copied();
    assert_eq!((used("auto-scaling-group"), used("eip")), (Some(3), None));
    let key = |name: &str| (Region::new("us-east-1"), name.to_owned());
    assert_eq!(limits.limits[&key("eip")].adjustable, Some(true));
    assert_eq!(limits.limits[&key("nlb")].adjustable, None);
}

#[tokio::test]
async fn a_listing_is_read_to_its_end_and_a_throttled_page_is_asked_for_again() {
    let first = page(&[row("L-0263D0A3", "9")], Some("two"));
    let rest: Vec<String> = codes("ec2").iter().map(|code| row(code, "7")).collect();
    let (limits, script) = region(&[
        (r#""NextToken":"two""#, 429, THROTTLED),
        (r#""NextToken":"two""#, 200, page(&rest, None).as_str()),
        (of("ec2"), 200, first.as_str()),
    ])
    .await;
    assert!(limits.gaps.is_empty(), "{:?}", limits.gaps);
    assert_eq!(limit(&limits, "vcpu"), Some((7, Origin::Applied)));
    let asked = |words: &str| script.requests().iter().filter(|body| body.contains(words)).count();
    assert_eq!((asked(of("ec2")), asked(r#""NextToken":"two""#)), (3, 2));
}

#[tokio::test]
async fn what_is_not_applied_is_as_the_defaults_say_and_only_then_are_they_read() {
    let applied = page(&[row("L-F678F1CE", "20")], None);
    let (limits, script) = region(&[(of("vpc"), 200, applied.as_str())]).await;
    assert_eq!(limit(&limits, "vpc"), Some((20, Origin::Applied)), "not its default");
    assert_eq!(limit(&limits, "internet-gateway"), Some((7, Origin::Default)));
    assert_eq!(limit(&limits, "eip"), Some((7, Origin::Applied)));
    assert!(limits.gaps.is_empty());
    let asked = script.requests().iter().filter(|body| body.contains("ServiceCode")).count();
    assert_eq!(asked, 6, "five listings, and the defaults of one of them");
}

#[tokio::test]
async fn a_service_of_which_nothing_was_applied_has_its_defaults() {
    let (limits, _) = region(&[(of("eks"), 400, NO_SUCH)]).await;
    assert_eq!(limit(&limits, "eks-cluster"), Some((7, Origin::Default)));
    assert!(limits.gaps.is_empty());
}

#[tokio::test]
async fn a_service_that_is_not_in_the_region_is_a_gap_and_the_others_are_read() {
    let (limits, _) =
        region(&[(of("eks"), 400, NO_SUCH), (of("eks"), 400, NO_SUCH), (of("logs"), 0, "")]).await;
    let gaps = gaps(&limits);
    let services: Vec<&str> = gaps.iter().map(|(service, _)| *service).collect();
    assert_eq!(services, ["eks", "logs"]);
    assert!(gaps[0].1.contains("NoSuchResourceException") && gaps[1].1.contains("Connection"), "{gaps:?}");
    assert_eq!(limit(&limits, "eks-cluster"), None, "unknown, not none");
    assert_eq!(limit(&limits, "vpc"), Some((7, Origin::Applied)));
}

#[tokio::test]
async fn a_denial_is_a_gap_and_the_limit_on_addresses_comes_from_the_accounts_attributes() {
    let (limits, _) = region(&[
        (of("ec2"), 400, DENIED),
        (of("vpc"), 400, DENIED),
        ("Action=DescribeAccountAttributes", 200, ATTRIBUTES),
    ])
    .await;
    assert_eq!(limit(&limits, "eip"), Some((12, Origin::Account)));
    assert_eq!((limit(&limits, "vcpu"), limit(&limits, "vpc")), (None, None));
    let gaps = gaps(&limits);
    assert_eq!(gaps.iter().map(|(service, _)| *service).collect::<Vec<_>>(), ["ec2", "vpc"]);
    assert!(gaps[0].1.contains("servicequotas:ListServiceQuotas: AccessDeniedException: not authorized"));
}

#[tokio::test]
async fn denied_defaults_leave_unknown_what_is_not_applied_and_are_a_gap() {
    let applied = page(&[row("L-F678F1CE", "20")], None);
    let (limits, _) = region(&[(of("vpc"), 200, applied.as_str()), (of("vpc"), 400, DENIED)]).await;
    assert_eq!(limit(&limits, "vpc"), Some((20, Origin::Applied)));
    assert_eq!(limit(&limits, "internet-gateway"), None);
    assert_eq!(gaps(&limits).len(), 1);
    assert!(gaps(&limits)[0].1.contains(DEFAULTS));
}

#[tokio::test]
async fn a_value_that_is_no_whole_number_or_was_not_read_is_unknown_and_not_the_default() {
    for wrong in [
        row("L-F678F1CE", "-1"),
        row("L-F678F1CE", "2.5"),
        row("L-F678F1CE", "1e300"),
        row("L-F678F1CE", "\"NaN\""),
        r#"{"QuotaCode": "L-F678F1CE"}"#.to_owned(),
        r#"{"QuotaCode": "L-F678F1CE", "Value": 5, "ErrorReason":
            {"ErrorCode": "DEPENDENCY_THROTTLING_ERROR", "ErrorMessage": "later"}}"#
            .to_owned(),
    ] {
        let (limits, _) =
            region(&[(of("vpc"), 200, page(std::slice::from_ref(&wrong), None).as_str())]).await;
        assert_eq!(limit(&limits, "vpc"), None, "{wrong}");
        assert_eq!(limit(&limits, "internet-gateway"), Some((7, Origin::Default)));
        assert!(gaps(&limits)[0].1.contains("L-F678F1CE"), "{:?}", gaps(&limits));
    }
}

#[tokio::test]
async fn a_value_applied_to_one_resource_alone_is_not_the_accounts() {
    let of_one = r#"{"QuotaCode": "L-F678F1CE", "Value": 99, "QuotaAppliedAtLevel": "RESOURCE"}"#.to_owned();
    let (limits, _) = region(&[(of("vpc"), 200, page(&[of_one], None).as_str())]).await;
    assert_eq!(limit(&limits, "vpc"), Some((7, Origin::Default)));
}

#[tokio::test]
async fn an_answer_without_quotas_is_not_read_as_none_applied() {
    let empty = (of("vpc"), 200, "{}");
    let (limits, _) = region(&[empty, empty, empty, empty]).await;
    assert_eq!(limit(&limits, "vpc"), None);
    assert_eq!(gaps(&limits).len(), 1);
}

#[tokio::test]
async fn a_service_that_does_not_tell_its_own_limits_is_a_gap() {
    let denied =
        "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>";
    let (limits, _) =
        region(&[("Version=2015-12-01", 403, denied), ("Version=2011-01-01", 403, denied)]).await;
    assert_eq!(
        gaps(&limits).iter().map(|it| it.0).collect::<Vec<_>>(),
        ["autoscaling", "elasticloadbalancing"]
    );
    assert_eq!((limit(&limits, "alb"), limit(&limits, "auto-scaling-group")), (None, None));
    assert_eq!(limit(&limits, "gwlb"), Some((100, Origin::Documented)));
}

fn summary(entries: &[(&str, u32)]) -> String {
    let mut map = String::new();
    for (key, value) in entries {
        _ = write!(map, "<entry><key>{key}</key><value>{value}</value></entry>");
    }
    format!(
        r#"<GetAccountSummaryResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><GetAccountSummaryResult>
        <SummaryMap>{map}</SummaryMap></GetAccountSummaryResult></GetAccountSummaryResponse>"#
    )
}

const IAM_DENIED: &str =
    "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>";

#[tokio::test]
async fn iam_tells_its_limits_and_what_is_used_and_service_quotas_the_rest() {
    let summary_body = summary(&[
        ("Roles", 41),
        ("RolesQuota", 1000),
        ("Policies", 12),
        ("PoliciesQuota", 1500),
        ("AttachedPoliciesPerRoleQuota", 10),
    ]);
    let limits =
        account(&[(of("iam"), 200, &sevens("iam")), ("Action=GetAccountSummary", 200, &summary_body)]).await;
    assert!(limits.gaps.is_empty());
    assert_eq!(limit(&limits, "iam-role"), Some((1000, Origin::Account)));
    assert_eq!(limit(&limits, "policy-per-role"), Some((10, Origin::Account)));
    assert_eq!(limit(&limits, "iam-oidc-provider"), Some((7, Origin::Applied)));
    assert_eq!(limit(&limits, "iam-instance-profile"), Some((7, Origin::Applied)), "the summary left it out");
    let key = |name: &str| (Region::global(), name.to_owned());
    assert_eq!(limits.used.get(&key("iam-role")), Some(&41));
    assert_eq!(limits.used.get(&key("iam-instance-profile")), None);
    assert_eq!(limits.limits[&key("iam-role")].adjustable, Some(true), "as Service Quotas says");
    assert!(limits.limits.keys().all(|(region, _)| region.is_global()));
}

#[tokio::test]
async fn a_denied_source_is_no_gap_where_the_other_tells_all() {
    let limits =
        account(&[(of("iam"), 200, &sevens("iam")), ("Action=GetAccountSummary", 403, IAM_DENIED)]).await;
    assert!(limits.gaps.is_empty() && limits.used.is_empty());
    assert_eq!(limit(&limits, "iam-role"), Some((7, Origin::Applied)));
    let limits = account(&[(of("iam"), 400, DENIED), ("Action=GetAccountSummary", 403, IAM_DENIED)]).await;
    let gaps = gaps(&limits);
    assert_eq!(gaps.len(), 1, "one of a service, with both reasons");
    assert!(gaps[0].1.contains("ListServiceQuotas") && gaps[0].1.contains("GetAccountSummary"), "{gaps:?}");
}

/// How many rows the listings have when they are long: EC2's has one for each family of dedicated hosts.
const ROWS: [(&str, usize); 6] =
    [("ec2", 250), ("vpc", 35), ("ebs", 45), ("eks", 20), ("logs", 60), ("iam", 30)];

#[tokio::test]
async fn one_region_and_the_account_take_at_most_twenty_calls() {
    let mut answers: Vec<(&'static str, u16, String)> = Vec::new();
    for (service, rows) in ROWS {
        // Both listings are as long, and the first leaves out what the kinds use.
        for filler in [true, false] {
            let pages = rows.div_ceil(100);
            let mut left: Vec<String> =
                if filler { Vec::new() } else { codes(service).iter().map(|code| row(code, "7")).collect() };
            for number in 1..=pages {
                let next = (number < pages).then(|| format!("page-{number}"));
                answers.push((of(service), 200, page(&std::mem::take(&mut left), next.as_deref())));
            }
        }
    }
    answers.push(("Version=2015-12-01", 200, balancing(&[("application-load-balancers", "50")])));
    answers.push(("Version=2011-01-01", 200, SCALING.to_owned()));
    answers.push(("Action=GetAccountSummary", 200, summary(&[])));
    let script =
        Script::matching(answers.iter().map(|(words, status, body)| (*words, *status, body.as_str())));
    let limits = read(&[script.aws(CallMode::Real), global(script.clone())], CATALOG).await;
    assert!(limits.gaps.is_empty(), "{:?}", limits.gaps);
    assert_eq!(limit(&limits, "vcpu"), Some((7, Origin::Default)));
    assert_eq!(script.requests().len(), 19);
}

#[test]
fn the_policy_of_quota_names_every_call_that_is_made_for_it_and_no_other() {
    let sources = [
        include_str!("../limits.rs"),
        include_str!("../account_limits.rs"),
        include_str!("../instance_types.rs"),
    ];
    let literals = sources.iter().flat_map(|source| source.split('"').skip(1).step_by(2));
    let calls: BTreeSet<&str> = literals
        .filter(|text| {
            let (service, action) = text.split_once(':').unwrap_or_default();
            let word = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric());
            word(service) && word(action) && action.starts_with(char::is_uppercase)
        })
        .collect();
    assert_eq!(calls, BTreeSet::from(iam::LIMITS));
}
