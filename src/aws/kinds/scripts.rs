//! EC2's kinds against recorded shapes of EC2's answers: what goes over the wire, and what comes of it.

use super::testing::{links, site};
use super::{
    Kind, elastic_ip, instance, internet_gateway, launch_template, nat_gateway, route_table, security_group,
    subnet, vpc, vpc_endpoint,
};
use crate::aws::scripted::Script;
use crate::model::{CloudError, ErrorClass, GuardRule, Link, Resource, words::how};
use crate::session::CallMode;

/// An answer in EC2's envelope.
fn answer(action: &str, body: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
        <{action}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
        <requestId>5c0d1f2e-0000-4000-8000-000000000001</requestId>{body}</{action}Response>"#
    )
}

/// An error in EC2's envelope.
fn error(code: &str, message: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?><Response><Errors><Error><Code>{code}</Code>
        <Message>{message}</Message></Error></Errors><RequestID>5c0d1f2e-0001</RequestID></Response>"#
    )
}

/// Resources to delete, of which nothing but the id matters.
fn some(kind: &'static str, ids: &[&str]) -> Vec<Resource> {
    ids.iter().map(|id| Resource::new(site().key(kind, *id))).collect()
}

/// The class of each answer; `None` is success.
fn classes(answers: &[Result<(), CloudError>]) -> Vec<Option<ErrorClass>> {
    answers.iter().map(|answer| answer.as_ref().err().map(|error| error.class)).collect()
}

fn ids(found: &[Resource]) -> Vec<&str> {
    found.iter().map(|resource| resource.key.id.as_str()).collect()
}

#[tokio::test]
async fn a_listing_follows_the_pages_to_their_end() {
    let page = |id: &str, next: &str| {
        answer(
            "DescribeSubnets",
            &format!(
                "<subnetSet><item><subnetId>{id}</subnetId><vpcId>vpc-1</vpcId></item></subnetSet>{next}"
            ),
        )
    };
    let script = Script::new([
        (200, page("subnet-1", "<nextToken>one</nextToken>").as_str()),
        // A page may be empty and still not the last.
        (200, answer("DescribeSubnets", "<subnetSet/><nextToken>two</nextToken>").as_str()),
        (200, page("subnet-2", "").as_str()),
    ]);
    let found = subnet::Calls.list(&script.aws(CallMode::Real)).await.unwrap();
    assert_eq!(ids(&found), ["subnet-1", "subnet-2"]);
    let sent = script.requests();
    assert!(
        sent.iter().all(|body| body.contains("Action=DescribeSubnets") && body.contains("MaxResults=1000"))
    );
    assert!(!sent[0].contains("NextToken"));
    assert!(sent[1].contains("NextToken=one") && sent[2].contains("NextToken=two"));
}

#[tokio::test]
async fn a_listing_that_breaks_off_is_an_error_and_not_a_shorter_list() {
    let first = answer(
        "DescribeVpcs",
        "<vpcSet><item><vpcId>vpc-1</vpcId></item></vpcSet><nextToken>one</nextToken>",
    );
    let second = error("UnauthorizedOperation", "You are not authorized to perform this operation.");
    let script = Script::new([(200, first.as_str()), (403, second.as_str())]);
    let failure = vpc::Calls.list(&script.aws(CallMode::Real)).await.unwrap_err();
    assert_eq!((failure.class, failure.api.as_str()), (ErrorClass::Denied, "ec2:DescribeVpcs"));
}

#[tokio::test]
async fn a_look_filters_by_ids_in_requests_that_ec2_takes() {
    let empty = answer("DescribeVpcs", "<vpcSet/>");
    let script = Script::new([(200, empty.as_str()); 3]);
    let ids: Vec<String> = (1..=401).map(|n| format!("vpc-{n}")).collect();
    assert!(vpc::Calls.look(&script.aws(CallMode::Real), &ids).await.unwrap().is_empty());
    let sent = script.requests();
    assert!(sent.iter().all(|body| body.contains("Filter.1.Name=vpc-id")));
    let counts: Vec<usize> = sent.iter().map(|body| body.matches("Filter.1.Value.").count()).collect();
    assert_eq!(counts, [200, 200, 1]);
    assert!(sent[2].contains("Filter.1.Value.1=vpc-401"));
}

#[tokio::test]
async fn a_deleted_nat_gateway_that_is_still_described_is_gone() {
    let body = "<natGatewaySet>
        <item><natGatewayId>nat-1</natGatewayId><state>deleted</state></item>
        <item><natGatewayId>nat-2</natGatewayId><state>available</state><vpcId>vpc-1</vpcId>
          <subnetId>subnet-1</subnetId><createTime>2026-11-20T10:00:00.000Z</createTime>
          <natGatewayAddressSet><item><allocationId>eipalloc-1</allocationId>
            <networkInterfaceId>eni-1</networkInterfaceId></item></natGatewayAddressSet></item>
        </natGatewaySet>";
    let script = Script::new([(200, answer("DescribeNatGateways", body).as_str())]);
    let look = ["nat-1", "nat-2"].map(str::to_owned);
    let found = nat_gateway::Calls.look(&script.aws(CallMode::Real), &look).await.unwrap();
    assert_eq!(ids(&found), ["nat-2"]);
    assert!(links(&found[0]).contains(&"uses elastic-ip eipalloc-1".to_owned()));
    assert_eq!(found[0].created.unwrap().to_string(), "2026-11-20T10:00:00Z");
    assert!(script.requests()[0].contains("Filter.1.Name=nat-gateway-id"));
}

#[tokio::test]
async fn failures_inside_a_success_are_failures() {
    let body = "<unsuccessful>
        <item><resourceId>vpce-2</resourceId><error><code>InvalidVpcEndpointId.NotFound</code>
          <message>The Vpc Endpoint Id 'vpce-2' does not exist</message></error></item>
        <item><resourceId>vpce-3</resourceId><error><code>OperationNotPermitted</code>
          <message>Operation is not allowed for requester-managed VPC endpoints</message></error></item>
        </unsuccessful>";
    let script = Script::new([(200, answer("DeleteVpcEndpoints", body).as_str())]);
    let three = some("vpc-endpoint", &["vpce-1", "vpce-2", "vpce-3"]);
    let answers = vpc_endpoint::Calls.delete(&script.aws(CallMode::Real), &three).await;
    assert_eq!(classes(&answers), [None, Some(ErrorClass::Gone), Some(ErrorClass::Protected)]);
    let sent = script.requests();
    assert_eq!(sent.len(), 1);
    assert!(sent[0].contains("VpcEndpointId.1=vpce-1") && sent[0].contains("VpcEndpointId.3=vpce-3"));
}

#[tokio::test]
async fn a_batch_that_one_id_spoils_is_sent_again_one_by_one() {
    let gone = error("InvalidInstanceID.NotFound", "The instance ID 'i-2' does not exist");
    let held = error("OperationNotPermitted", "The instance 'i-3' may not be terminated.");
    let done = answer("TerminateInstances", "<instancesSet/>");
    let script =
        Script::new([(400, gone.as_str()), (200, done.as_str()), (400, gone.as_str()), (400, held.as_str())]);
    let three = some("instance", &["i-1", "i-2", "i-3"]);
    let answers = instance::Calls.delete(&script.aws(CallMode::Real), &three).await;
    assert_eq!(classes(&answers), [None, Some(ErrorClass::Gone), Some(ErrorClass::Protected)]);
}

#[tokio::test]
async fn a_batch_that_was_throttled_is_left_to_the_run() {
    let busy = error("RequestLimitExceeded", "Request limit exceeded.");
    let script = Script::new([(503, busy.as_str()), (503, busy.as_str())]);
    let aws = script.aws(CallMode::Real);
    let answers = instance::Calls.delete(&aws, &some("instance", &["i-1", "i-2"])).await;
    assert_eq!(classes(&answers), [Some(ErrorClass::Throttled); 2]);
    let answers = vpc_endpoint::Calls.delete(&aws, &some("vpc-endpoint", &["vpce-1", "vpce-2"])).await;
    assert_eq!(classes(&answers), [Some(ErrorClass::Throttled); 2]);
    assert_eq!(script.requests().len(), 2);
}

#[tokio::test]
async fn a_probe_sends_dry_runs_and_takes_would_have_succeeded_as_success() {
    let yes = error("DryRunOperation", "Request would have succeeded, but DryRun flag is set.");
    let no = error("UnauthorizedOperation", "You are not authorized to perform this operation.");
    let script = Script::new([(412, yes.as_str()), (412, yes.as_str()), (403, no.as_str())]);
    let aws = script.aws(CallMode::Probe);
    assert_eq!(classes(&vpc::Calls.delete(&aws, &some("vpc", &["vpc-1"])).await), [None]);
    let two = some("vpc-endpoint", &["vpce-1", "vpce-2"]);
    assert_eq!(classes(&vpc_endpoint::Calls.delete(&aws, &two).await), [None, None]);
    let denied = subnet::Calls.delete(&aws, &some("subnet", &["subnet-1"])).await;
    assert_eq!(classes(&denied), [Some(ErrorClass::Denied)]);
    assert!(script.requests().iter().all(|body| body.contains("DryRun=true")));
}

#[tokio::test]
async fn a_real_change_says_nothing_of_a_dry_run() {
    let done = answer("DeleteSubnet", "<return>true</return>");
    let script = Script::new([(200, done.as_str())]);
    let answers = subnet::Calls.delete(&script.aws(CallMode::Real), &some("subnet", &["subnet-1"])).await;
    assert_eq!(classes(&answers), [None]);
    assert!(!script.requests()[0].contains("DryRun"));
}

#[tokio::test]
async fn a_page_of_html_instead_of_an_answer_is_a_passing_failure() {
    let html = "<html><head><title>502 Bad Gateway</title></head><body><hr>oops</body></html>";
    let script = Script::new([(500, html); 9]);
    let aws = script.aws(CallMode::Real);
    let failure = vpc::Calls.list(&aws).await.unwrap_err();
    assert_eq!(failure.class, ErrorClass::Transient);
    // The SDK does not try again here; the edge does, a page at a time, and then gives up.
    let failure = elastic_ip::Calls.list(&aws).await.unwrap_err();
    assert_eq!(failure.class, ErrorClass::Transient);
    assert_eq!(script.requests().len(), 8);
    let answers = vpc::Calls.delete(&aws, &some("vpc", &["vpc-1"])).await;
    assert_eq!(classes(&answers), [Some(ErrorClass::Transient)]);
}

#[tokio::test]
async fn an_address_that_its_nat_gateway_still_holds_is_not_yet_free() {
    let refused = error("AuthFailure", "You do not have permission to access the specified resource.");
    let script = Script::new([(400, refused.as_str())]);
    let mut address = Resource::new(site().key("elastic-ip", "eipalloc-1"));
    address.facts.insert("border_group".to_owned(), "us-east-1-bos-1".to_owned());
    let answers = elastic_ip::Calls.delete(&script.aws(CallMode::Real), &[address]).await;
    assert_eq!(classes(&answers), [Some(ErrorClass::NotYet)]);
    let sent = script.requests();
    assert!(sent[0].contains("AllocationId=eipalloc-1"));
    assert!(sent[0].contains("NetworkBorderGroup=us-east-1-bos-1"));
}

#[tokio::test]
async fn groups_are_joined_with_the_ids_of_their_rules() {
    let groups = answer(
        "DescribeSecurityGroups",
        "<securityGroupInfo><item><groupId>sg-1</groupId><groupName>web</groupName><vpcId>vpc-1</vpcId>
           <ownerId>111122223333</ownerId><ipPermissions><item><ipProtocol>tcp</ipProtocol><groups><item>
           <groupId>sg-2</groupId><userId>111122223333</userId></item></groups></item></ipPermissions></item>
         <item><groupId>sg-2</groupId><groupName>nodes</groupName><vpcId>vpc-1</vpcId></item></securityGroupInfo>",
    );
    let rules = answer(
        "DescribeSecurityGroupRules",
        "<securityGroupRuleSet><item><securityGroupRuleId>sgr-1</securityGroupRuleId><groupId>sg-1</groupId>
           <isEgress>false</isEgress><referencedGroupInfo><groupId>sg-2</groupId></referencedGroupInfo></item>
         </securityGroupRuleSet>",
    );
    let script = Script::new([(200, groups.as_str()), (200, rules.as_str())]);
    let found = security_group::Calls.list(&script.aws(CallMode::Real)).await.unwrap();
    assert_eq!(links(&found[0]), [r#"names security-group sg-2 ["sgr-1"]"#, "within vpc vpc-1"]);
    assert_eq!(links(&found[1]), ["within vpc vpc-1"]);
}

/// A link of group sg-1 to sg-2 by these rules.
fn naming(how: &'static str, rules: &[&str]) -> (Resource, Link) {
    let link = Link::via(
        how,
        site().key("security-group", "sg-2"),
        rules.iter().map(|it| (*it).to_owned()).collect(),
    );
    (Resource::new(site().key("security-group", "sg-1")), link)
}

#[tokio::test]
async fn a_cut_revokes_exactly_the_rules_of_its_direction() {
    let inbound = answer("RevokeSecurityGroupIngress", "<return>true</return>");
    let outbound = answer("RevokeSecurityGroupEgress", "<return>true</return>");
    let script = Script::new([(200, inbound.as_str()), (200, outbound.as_str())]);
    let aws = script.aws(CallMode::Real);
    for (how, rules) in [(how::NAMES, ["sgr-1", "sgr-2"]), (how::NAMES_OUTBOUND, ["sgr-3", "sgr-4"])] {
        let (group, link) = naming(how, &rules);
        security_group::Calls.cut(&aws, &group, &link).await.unwrap();
    }
    let sent = script.requests();
    assert!(sent[0].contains("Action=RevokeSecurityGroupIngress") && sent[0].contains("GroupId=sg-1"));
    assert!(
        sent[0].contains("SecurityGroupRuleId.1=sgr-1") && sent[0].contains("SecurityGroupRuleId.2=sgr-2")
    );
    assert!(
        sent[1].contains("Action=RevokeSecurityGroupEgress")
            && sent[1].contains("SecurityGroupRuleId.2=sgr-4")
    );
}

#[tokio::test]
async fn a_cut_of_rules_of_which_one_is_gone_still_revokes_the_others() {
    let gone =
        error("InvalidSecurityGroupRuleId.NotFound", "The security group rule ID 'sgr-1' does not exist");
    let done = answer("RevokeSecurityGroupIngress", "<return>true</return>");
    let script = Script::new([(400, gone.as_str()), (400, gone.as_str()), (200, done.as_str())]);
    let (group, link) = naming(how::NAMES, &["sgr-1", "sgr-2"]);
    security_group::Calls.cut(&script.aws(CallMode::Real), &group, &link).await.unwrap();
    assert!(script.requests()[2].contains("SecurityGroupRuleId.1=sgr-2"));
}

#[tokio::test]
async fn a_cut_without_rule_ids_is_refused_and_asks_nothing() {
    let script = Script::default();
    let (group, link) = naming(how::NAMES, &[]);
    let failure = security_group::Calls.cut(&script.aws(CallMode::Real), &group, &link).await.unwrap_err();
    assert_eq!(failure.class, ErrorClass::Refused);
    assert!(script.requests().is_empty());
}

#[tokio::test]
async fn a_route_to_an_endpoint_is_cut_by_its_destination() {
    let done = answer("DeleteRoute", "<return>true</return>");
    let script = Script::new([(200, done.as_str()), (200, done.as_str())]);
    let to = site().key("vpc-endpoint", "vpce-1");
    let link = Link::via(how::ROUTES_THROUGH, to, vec!["10.0.0.0/8".to_owned(), "::/0".to_owned()]);
    let table = Resource::new(site().key("route-table", "rtb-1"));
    route_table::Calls.cut(&script.aws(CallMode::Real), &table, &link).await.unwrap();
    let sent = script.requests();
    assert!(sent[0].contains("DestinationCidrBlock=10.0.0.0%2F8") && sent[0].contains("RouteTableId=rtb-1"));
    assert!(sent[1].contains("DestinationIpv6CidrBlock=%3A%3A%2F0"));
}

#[tokio::test]
async fn a_gateway_is_detached_from_the_vpc_of_its_link() {
    let refused = error(
        "DependencyViolation",
        "Network vpc-1 has some mapped public address(es). Please unmap those before detaching the gateway.",
    );
    let gone = error("Gateway.NotAttached", "resource igw-1 is not attached to network vpc-1");
    let script = Script::new([(400, refused.as_str()), (400, gone.as_str())]);
    let aws = script.aws(CallMode::Real);
    let gateway = Resource::new(site().key("internet-gateway", "igw-1"));
    let link = Link::new(how::ATTACHED, site().key("vpc", "vpc-1"));
    let failure = internet_gateway::Calls.cut(&aws, &gateway, &link).await.unwrap_err();
    assert_eq!(failure.class, ErrorClass::NotYet);
    let failure = internet_gateway::Calls.cut(&aws, &gateway, &link).await.unwrap_err();
    assert_eq!(failure.class, ErrorClass::Gone);
    let sent = &script.requests()[0];
    assert!(sent.contains("Action=DetachInternetGateway"));
    assert!(sent.contains("InternetGatewayId=igw-1") && sent.contains("VpcId=vpc-1"));
}

/// A running instance as DescribeInstances tells of it.
fn running(id: &str, tags: &str) -> String {
    format!(
        "<item><instanceId>{id}</instanceId><instanceState><code>16</code><name>running</name></instanceState>
         <tagSet>{tags}</tagSet></item>"
    )
}

#[tokio::test]
async fn a_listing_asks_for_the_protection_of_those_that_nothing_takes_along() {
    let node = running(
        "i-2",
        "<item><key>eks:cluster-name</key><value>dev</value></item>
         <item><key>eks:nodegroup-name</key><value>blue</value></item>",
    );
    let body = format!(
        "<reservationSet><item><reservationId>r-1</reservationId><ownerId>111122223333</ownerId><instancesSet>{}{node}
         </instancesSet></item></reservationSet>",
        running("i-1", "")
    );
    let described = answer("DescribeInstances", &body);
    let protection = answer(
        "DescribeInstanceAttribute",
        "<instanceId>i-1</instanceId><disableApiTermination><value>true</value></disableApiTermination>",
    );
    let script = Script::new([(200, described.as_str()), (200, protection.as_str())]);
    let found = instance::Calls.list(&script.aws(CallMode::Real)).await.unwrap();
    let guards: Vec<Vec<GuardRule>> = found.iter().map(super::testing::guards).collect();
    assert_eq!(guards, [vec![GuardRule::Protection], vec![]]);
    let sent = script.requests();
    assert_eq!(sent.len(), 2);
    assert!(sent[0].contains("IncludeManagedResources=true"));
    assert!(sent[1].contains("InstanceId=i-1") && sent[1].contains("Attribute=disableApiTermination"));
}

/// A template as DescribeLaunchTemplates tells of it, and a version of one with this data.
fn template(id: &str) -> String {
    format!("<item><launchTemplateId>{id}</launchTemplateId></item>")
}

fn version(id: &str, data: &str) -> String {
    format!(
        "<item><launchTemplateId>{id}</launchTemplateId><versionNumber>1</versionNumber>
         <launchTemplateData>{data}</launchTemplateData></item>"
    )
}

fn templates(items: &str) -> String {
    answer("DescribeLaunchTemplates", &format!("<launchTemplates>{items}</launchTemplates>"))
}

fn versions(items: &str, next: &str) -> String {
    let body = format!("<launchTemplateVersionSet>{items}</launchTemplateVersionSet>{next}");
    answer("DescribeLaunchTemplateVersions", &body)
}

#[tokio::test]
async fn a_template_that_is_gone_does_not_hide_the_others() {
    let gone =
        error("InvalidLaunchTemplateId.NotFound", "The specified launch template, lt-1, does not exist.");
    let (one, held) = (templates(&template("lt-2")), versions(&version("lt-2", ""), ""));
    let script =
        Script::new([(400, gone.as_str()), (400, gone.as_str()), (200, one.as_str()), (200, held.as_str())]);
    let look = ["lt-1", "lt-2"].map(str::to_owned);
    let found = launch_template::Calls.look(&script.aws(CallMode::Real), &look).await.unwrap();
    assert_eq!(ids(&found), ["lt-2"]);
}

#[tokio::test]
async fn templates_name_what_their_latest_and_default_versions_hold() {
    let first = version(
        "lt-1",
        "<iamInstanceProfile><arn>arn:aws:iam::111122223333:instance-profile/team/nodes</arn></iamInstanceProfile>
         <networkInterfaceSet><item><deviceIndex>0</deviceIndex><subnetId>subnet-1</subnetId>
         <groupSet><groupId>sg-2</groupId></groupSet></item>
         <item><networkInterfaceId>eni-1</networkInterfaceId></item></networkInterfaceSet>
         <securityGroupIdSet><item>sg-1</item></securityGroupIdSet>",
    );
    let second = version(
        "lt-1",
        "<iamInstanceProfile><name>old</name></iamInstanceProfile>
         <securityGroupSet><item>web</item></securityGroupSet>",
    );
    let groups = answer(
        "DescribeSecurityGroups",
        "<securityGroupInfo><item><groupId>sg-8</groupId><groupName>web</groupName></item>
         <item><groupId>sg-9</groupId><groupName>web</groupName></item></securityGroupInfo>",
    );
    let script = Script::new([
        (200, versions(&first, "<nextToken>two</nextToken>").as_str()),
        (200, versions(&(second + &version("lt-2", "")), "").as_str()),
        (200, groups.as_str()),
        (200, templates(&(template("lt-1") + &template("lt-2"))).as_str()),
    ]);
    let found = launch_template::Calls.list(&script.aws(CallMode::Real)).await.unwrap();
    assert_eq!(
        links(&found[0]),
        [
            "would-use iam-instance-profile nodes",
            "would-use iam-instance-profile old",
            "would-use network-interface eni-1",
            "would-use security-group sg-1",
            "would-use security-group sg-2",
            "would-use security-group sg-8",
            "would-use security-group sg-9",
            "would-use subnet subnet-1",
        ]
    );
    assert!(found[1].links.is_empty());
    let sent = script.requests();
    let asked = &sent[0];
    assert!(
        asked.contains("LaunchTemplateVersion.1=%24Latest&LaunchTemplateVersion.2=%24Default"),
        "{asked}"
    );
    assert!(!asked.contains("LaunchTemplateId") && asked.contains("IncludeManagedResources=true"), "{asked}");
    assert!(sent[2].contains("Filter.1.Name=group-name&Filter.1.Value.1=web"), "{}", sent[2]);
    // The list comes last: one that was made meanwhile is in it, and is asked about by itself.
    assert!(sent[3].contains("Action=DescribeLaunchTemplates&"), "{}", sent[3]);
}

#[tokio::test]
async fn a_template_whose_contents_nobody_told_is_asked_about_and_never_taken_for_an_empty_one() {
    let all = templates(&(template("lt-1") + &template("lt-2")));
    let gone =
        error("InvalidLaunchTemplateId.NotFound", "The specified launch template, lt-1, does not exist.");
    let held = version("lt-2", "<securityGroupIdSet><item>sg-1</item></securityGroupIdSet>");
    let by_one = |second: &str| {
        Script::matching([
            ("Action=DescribeLaunchTemplates&", 200, all.as_str()),
            ("LaunchTemplateId=lt-1", 400, gone.as_str()),
            ("LaunchTemplateId=lt-2", 200, second),
            ("Action=DescribeLaunchTemplateVersions", 200, versions("", "").as_str()),
        ])
    };
    let script = by_one(&versions(&held, ""));
    let found = launch_template::Calls.list(&script.aws(CallMode::Real)).await.unwrap();
    assert_eq!((ids(&found), links(&found[0])), (vec!["lt-2"], vec!["would-use security-group sg-1".into()]));
    let script = by_one(&versions("", ""));
    assert!(launch_template::Calls.list(&script.aws(CallMode::Real)).await.is_err());
    let without_data = versions("<item><launchTemplateId>lt-2</launchTemplateId></item>", "");
    let script = by_one(&without_data);
    assert!(launch_template::Calls.list(&script.aws(CallMode::Real)).await.is_err());
}
