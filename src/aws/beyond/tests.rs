//! The pass against recorded answers: which regions it looks into, and that a region that does not answer is a
//! gap of each kind that it hides.

use super::*;
use crate::aws::Site;
use crate::aws::scripted::{Script, aws_over};
use crate::inventory::Caller;
use crate::model::{AccountId, Guard, Key, KindName};
use crate::session::CallMode;

const ACCOUNT: &str = "111122223333";

fn regions_of(names: &[&str]) -> BTreeSet<Region> {
    names.iter().map(|name| Region::new(*name)).collect()
}

fn request(users: UserRegions) -> ScanRequest {
    ScanRequest {
        regions: regions_of(&["us-east-1"]),
        kinds: CATALOG.iter().map(crate::model::KindSpec::kind).collect(),
        users,
        without_services: BTreeSet::new(),
        tags: BTreeSet::new(),
    }
}

/// What a scan saw: these roles; `true` for those that AWS manages.
fn seen(roles: &[(&str, bool)]) -> Inventory {
    let role = |(name, aws_own): &(&str, bool)| {
        let mut role = Resource::new(Key::new(KindName::of("iam-role"), Region::global(), *name));
        if *aws_own {
            role.guards.insert(Guard { rule: GuardRule::AwsManaged, why: "it is AWS's".to_owned() });
        }
        (role.key.clone(), role)
    };
    Inventory {
        caller: Caller { account: AccountId::new(ACCOUNT), alias: None, arn: String::new() },
        taken: jiff::Timestamp::UNIX_EPOCH,
        regions: regions_of(&["us-east-1"]),
        kinds: BTreeSet::new(),
        resources: roles.iter().map(role).collect(),
        gaps: BTreeSet::new(),
        elsewhere: Elsewhere::default(),
        without_services: BTreeSet::new(),
        unanswered: BTreeMap::new(),
        unread_things: Vec::new(),
        states: Vec::new(),
        gone: Default::default(),
    }
}

#[test]
fn every_enabled_region_beside_those_of_the_scan_is_looked_into() {
    let enabled = regions_of(&["eu-west-1", "us-east-1", "us-west-2"]);
    let found = regions(&request(UserRegions::Enabled), &seen(&[("shop-node", false)]), Some(&enabled));
    assert_eq!(found, regions_of(&["eu-west-1", "us-west-2"]));
}

#[test]
fn the_users_word_goes_before_what_is_enabled() {
    let enabled = regions_of(&["eu-west-1", "us-east-1", "us-west-2"]);
    let users = UserRegions::These(regions_of(&["us-east-1", "us-west-2"]));
    for enabled in [Some(&enabled), None] {
        let found = regions(&request(users.clone()), &seen(&[("shop-node", false)]), enabled);
        assert_eq!(found, regions_of(&["us-west-2"]));
    }
}

#[test]
fn nobody_looks_beyond_for_users_of_what_the_account_has_not_or_may_not_be_judged() {
    let enabled = regions_of(&["eu-west-1", "us-east-1"]);
    let enabled = Some(&enabled);
    let none = BTreeSet::new();
    assert_eq!(regions(&request(UserRegions::Enabled), &seen(&[]), enabled), none);
    assert_eq!(regions(&request(UserRegions::Enabled), &seen(&[("AWSServiceRole", true)]), enabled), none);
    assert_eq!(regions(&request(UserRegions::Nowhere), &seen(&[("shop-node", false)]), enabled), none);
    assert_eq!(regions(&request(UserRegions::Enabled), &seen(&[("shop-node", false)]), None), none);
}

/// An instance with a profile, in a subnet.
const INSTANCES: &str = r#"<DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><reservationSet>
    <item><reservationId>r-1</reservationId><ownerId>111122223333</ownerId><instancesSet><item>
    <instanceId>i-1</instanceId><instanceState><code>16</code><name>running</name></instanceState>
    <subnetId>subnet-1</subnetId><vpcId>vpc-1</vpcId>
    <iamInstanceProfile><arn>arn:aws:iam::111122223333:instance-profile/shop-node</arn><id>AIPA1</id></iamInstanceProfile>
    </item></instancesSet></item></reservationSet></DescribeInstancesResponse>"#;

const DENIED: &str = r#"<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>You are not authorized to
    perform this operation with an explicit deny in a service control policy</Message></Error></Errors></Response>"#;

fn place(region: &str, script: &Script) -> (Region, Aws) {
    let site = Site { region: Region::new(region), account: AccountId::new(ACCOUNT) };
    (site.region.clone(), aws_over(script.clone(), site, CallMode::Real))
}

/// A scan of instances alone.
fn of_instances(users: UserRegions) -> ScanRequest {
    ScanRequest { kinds: [KindName::of("instance")].into(), ..request(users) }
}

#[tokio::test]
async fn of_an_instance_beyond_one_call_tells_its_profile_and_no_more_is_kept() {
    let script = Script::new([(200, INSTANCES)]);
    let places = [place("eu-west-1", &script)].into();
    let enabled = regions_of(&["eu-west-1", "us-east-1"]);
    let beyond = look(&places, &of_instances(UserRegions::Enabled), Some(enabled.clone()), &|_| {}).await;
    assert_eq!(script.requests().len(), 1, "nobody asks for its termination protection");
    assert_eq!((beyond.enabled, beyond.assumed), (Some(enabled), None));
    assert_eq!(beyond.regions, regions_of(&["eu-west-1"]));
    assert!(beyond.gaps.is_empty());
    let instance = beyond.resources.values().next().unwrap();
    assert_eq!((instance.key.id.as_str(), instance.state.as_deref()), ("i-1", Some("running")));
    let links: Vec<String> = instance.links.iter().map(|link| format!("{} {}", link.how, link.to)).collect();
    assert_eq!(links.len(), 1, "{links:?}");
    assert!(links[0].starts_with("uses") && links[0].contains("shop-node"), "{links:?}");
}

#[tokio::test]
async fn a_region_that_does_not_answer_is_a_gap_and_was_looked_into() {
    let refuses = r#"<Response><Errors><Error><Code>AuthFailure</Code><Message>AWS was not able to validate the
        provided access credentials</Message></Error></Errors></Response>"#;
    let [denies, refuses] = [Script::always(403, DENIED), Script::always(401, refuses)];
    let places = [place("ap-east-1", &denies), place("me-south-1", &refuses)].into();
    let users = UserRegions::These(regions_of(&["ap-east-1", "me-south-1"]));
    let beyond = look(&places, &request(users.clone()), None, &|_| {}).await;
    let kinds = super::users(&request(users)).len();
    assert!(kinds > 1);
    assert_eq!(beyond.regions.len(), 2);
    assert_eq!(beyond.gaps.len(), 2 * kinds, "each kind in each region");
    assert_eq!(beyond.assumed, Some(regions_of(&["ap-east-1", "me-south-1"])));
    for gap in &beyond.gaps {
        assert_eq!(gap.is_of_refusing_region(), gap.region.as_str() == "me-south-1", "{gap:?}");
    }
}

#[tokio::test]
async fn a_service_that_is_done_without_is_asked_beyond_all_the_same() {
    let script = Script::always(403, DENIED);
    let places = [place("eu-west-1", &script)].into();
    let without =
        ScanRequest { without_services: ["ec2".to_owned()].into(), ..of_instances(UserRegions::Enabled) };
    let beyond = look(&places, &without, None, &|_| {}).await;
    assert!(!script.requests().is_empty() && !beyond.gaps.is_empty(), "a denial is not excused");
}
