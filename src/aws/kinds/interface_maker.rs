//! By which marks of a network interface its maker is known. EC2 has no field for it: the marks are
//! the attachment, the interface type and the texts that services write into the description.
//!
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/requester-managed-eni.html>

use aws_sdk_ec2::types::{NetworkInterface as Described, NetworkInterfaceAttachment as Attachment};

use crate::aws::Site;
use crate::model::{Key, Tags};

/// What an interface that is in use goes with.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Maker {
    /// It goes by itself when this goes.
    Goes(Key),
    /// It is attached to this and stays behind, free, when this goes.
    Outlives(Key),
    /// Something that cannot be told or that no kind knows; in words, for people.
    Unknown(String),
}

/// Who made an interface that is in use.
pub(super) fn maker(site: &Site, it: &Described, tags: &Tags) -> Maker {
    let description = it.description().unwrap_or_default();
    // The texts before the attachment: a cluster's interfaces hang on instances of another account.
    if let Some(key) = by_description(site, description) {
        return Maker::Goes(key);
    }
    if let Some(found) = it.attachment().and_then(|attachment| by_attachment(site, attachment)) {
        return found;
    }
    // <https://docs.aws.amazon.com/eks/latest/userguide/security-groups-for-pods.html>
    if let Some(trunk) = tags.get("vpcresources.k8s.aws/trunk-eni-id") {
        return Maker::Outlives(site.key("network-interface", trunk));
    }
    Maker::Unknown(unknown(it, description))
}

/// Services that write the id of what they made an interface for.
pub(super) fn by_description(site: &Site, description: &str) -> Option<Key> {
    if let Some(cluster) = description.strip_prefix("Amazon EKS ") {
        return named(cluster).map(|name| site.key("eks-cluster", name));
    }
    if let Some(gateway) = description.strip_prefix("Interface for NAT Gateway ") {
        return id(gateway, "nat-").map(|id| site.key("nat-gateway", id));
    }
    if let Some(endpoint) = description.strip_prefix("VPC Endpoint Interface ") {
        return id(endpoint, "vpce-").map(|id| site.key("vpc-endpoint", id));
    }
    if let Some(attachment) = description.strip_prefix("Network Interface for Transit Gateway Attachment ") {
        return id(attachment, "tgw-attach-").map(|id| site.key("transit-gateway-attachment", id));
    }
    // What stands around the id AWS does not document: only the id is gone by.
    if description.starts_with("EC2 Instance Connect Endpoint") {
        let word = description.split_whitespace().find_map(|word| id(word, "eice-"));
        return word.map(|id| site.key("instance-connect-endpoint", id));
    }
    // `ELB app/<name>/<hash>`, with `net` for network and `gwy` for gateway load balancers: the end of
    // the load balancer's ARN. A classic one has its bare name there.
    let balancer = named(description.strip_prefix("ELB ")?)?;
    let known = ["app/", "net/", "gwy/"].iter().any(|family| balancer.starts_with(family));
    let arn = site.arn("elasticloadbalancing", &format!("loadbalancer/{balancer}"));
    (known && balancer.matches('/').count() == 2).then(|| site.key("load-balancer", arn))
}

/// The instance that the VPC CNI's description of its secondary interfaces names: `aws-K8S-i-0abc`.
/// <https://github.com/aws/amazon-vpc-cni-k8s/blob/master/docs/troubleshooting.md>
pub(super) fn node_of_plugin(description: &str) -> Option<&str> {
    id(description.strip_prefix("aws-K8S-")?, "i-")
}

/// The one word of this text.
fn named(text: &str) -> Option<&str> {
    let text = text.trim();
    (!text.is_empty() && !text.contains(char::is_whitespace)).then_some(text)
}

/// The one word of this text, if it is an id with this prefix.
fn id<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    named(text).filter(|id| id.starts_with(prefix))
}

/// An attachment to an instance of this account. Whether the interface goes with it is set on the
/// attachment; where that is missing, the first interface does and the others do not, as EC2 makes them.
fn by_attachment(site: &Site, attachment: &Attachment) -> Option<Maker> {
    let instance = attachment.instance_id().filter(|id| !id.is_empty())?;
    let owner = attachment.instance_owner_id().unwrap_or(site.account.as_str());
    if owner != site.account.as_str() {
        return Some(Maker::Unknown(format!("an instance of account {owner}")));
    }
    let key = site.key("instance", instance);
    let goes = attachment.delete_on_termination().unwrap_or(attachment.device_index() == Some(0));
    Some(if goes { Maker::Goes(key) } else { Maker::Outlives(key) })
}

/// The most that can be said of a user that is not known, for people.
fn unknown(it: &Described, description: &str) -> String {
    const TEXTS: &[(&str, &str)] = &[
        ("AWS Lambda VPC ENI", "a Lambda function"),
        ("EFS mount target", "an EFS mount target"),
        ("RDSNetworkInterface", "an RDS database"),
        ("Network Interface for Transit Gateway Attachment", "a transit gateway attachment"),
        ("DMSNetworkInterface", "a DMS replication instance"),
        ("ELB ", "a classic load balancer"),
        ("Route 53 Resolver: ", "a Resolver endpoint"),
        ("arn:aws:ecs:", "a task of ECS"),
        ("aws-k8s-branch-eni", "a pod of a cluster"),
    ];
    if let Some((_, who)) = TEXTS.iter().find(|(text, _)| description.starts_with(text)) {
        return format!("{who} ({description})");
    }
    let kind = it.interface_type().map_or("interface", |kind| kind.as_str());
    if kind != "interface" {
        return format!("a service with interfaces of type {kind}");
    }
    let managed = it.requester_managed() == Some(true);
    match (managed, it.requester_id()) {
        (true, Some(requester)) => format!("the service of requester {requester}"),
        (true, None) => "a service that AWS does not name".to_owned(),
        (false, _) => "something that AWS does not name".to_owned(),
    }
}

/// What removes an interface of a maker that no kind is, where its description names the thing: the command, or
/// that the service takes it away by itself.
///
/// <https://docs.aws.amazon.com/efs/latest/ug/manage-fs-access-delete-mount-targets.html>,
/// <https://docs.aws.amazon.com/vpc/latest/tgw/tgw-vpc-attachments.html>,
/// <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-inbound-queries-endpoint-values.html>
pub(super) fn way_out(site: &Site, description: &str) -> Option<String> {
    let command = |text: String| Some(format!("remove that with {text} --region {}", site.region));
    let word = |text: &str, prefix: &str| {
        let plain = text.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-');
        (plain && text.len() > prefix.len() && text.starts_with(prefix)).then(|| text.to_owned())
    };
    if let Some(name) = description.strip_prefix("ELB ").and_then(|name| word(name, "")) {
        return command(format!("aws elb delete-load-balancer --load-balancer-name {name}"));
    }
    if let Some(rest) = description.strip_prefix("EFS mount target for ") {
        let (_, target) = rest.split_once('(')?;
        let target = word(target.trim_end_matches(')'), "fsmt-")?;
        return command(format!("aws efs delete-mount-target --mount-target-id {target}"));
    }
    if let Some(id) = description.strip_prefix("Network Interface for Transit Gateway Attachment ") {
        let id = word(id, "tgw-attach-")?;
        let call = "aws ec2 delete-transit-gateway-vpc-attachment --transit-gateway-attachment-id";
        return command(format!("{call} {id}"));
    }
    if let Some(rest) = description.strip_prefix("Route 53 Resolver: ") {
        let id = word(rest.split(':').next()?, "rslvr-")?;
        return command(format!("aws route53resolver delete-resolver-endpoint --resolver-endpoint-id {id}"));
    }
    // "up to 20 minutes" by https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html; providers that
    // wait for it give it 45.
    let lambda = description.starts_with("AWS Lambda VPC ENI");
    lambda.then(|| {
        "it goes by itself up to 45 min after the last function that uses its subnet and groups".into()
    })
}

#[cfg(test)]
mod tests {
    use aws_sdk_ec2::types::NetworkInterfaceType as Type;

    use super::*;
    use crate::aws::kinds::testing::{ACCOUNT, site};

    fn of(description: &str) -> Maker {
        maker(&site(), &Described::builder().description(description).build(), &Tags::new())
    }

    #[test]
    fn services_that_write_an_id_are_told_by_it() {
        let goes = |kind, id: &str| Maker::Goes(site().key(kind, id));
        assert_eq!(of("Interface for NAT Gateway nat-0a"), goes("nat-gateway", "nat-0a"));
        assert_eq!(of("VPC Endpoint Interface vpce-0a"), goes("vpc-endpoint", "vpce-0a"));
        assert_eq!(of("Amazon EKS dev-1"), goes("eks-cluster", "dev-1"));
        let attachment = "Network Interface for Transit Gateway Attachment tgw-attach-0a";
        assert_eq!(of(attachment), goes("transit-gateway-attachment", "tgw-attach-0a"));
        for text in ["EC2 Instance Connect Endpoint eice-0a", "EC2 Instance Connect Endpoint - eice-0a"] {
            assert_eq!(of(text), goes("instance-connect-endpoint", "eice-0a"));
        }
        for rest in ["app/web/50dc6c495c0c9188", "net/web/50dc6c495c0c9188", "gwy/web/50dc6c495c0c9188"] {
            let arn = format!("arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/{rest}");
            assert_eq!(of(&format!("ELB {rest}")), goes("load-balancer", &arn));
        }
    }

    #[test]
    fn what_no_kind_is_and_names_itself_has_the_command_that_removes_it() {
        for (description, command) in [
            ("ELB web", "aws elb delete-load-balancer --load-balancer-name web --region"),
            ("EFS mount target for fs-1 (fsmt-2)", "aws efs delete-mount-target --mount-target-id fsmt-2 "),
            (
                "Network Interface for Transit Gateway Attachment tgw-attach-1",
                "aws ec2 delete-transit-gateway-vpc-attachment --transit-gateway-attachment-id tgw-attach-1 ",
            ),
            (
                "Route 53 Resolver: rslvr-in-1:rni-2",
                "aws route53resolver delete-resolver-endpoint --resolver-endpoint-id rslvr-in-1 ",
            ),
            ("AWS Lambda VPC ENI-f-1", "goes by itself"),
        ] {
            let told = way_out(&site(), description).unwrap();
            assert!(told.contains(command), "{told}");
        }
        for text in ["ELB web; rm", "ELB app/web/1", "EFS mount target for fs-1", "RDSNetworkInterface", ""] {
            assert_eq!(way_out(&site(), text), None, "{text}");
        }
    }

    #[test]
    fn a_text_that_only_looks_alike_tells_nothing() {
        assert!(matches!(of("EC2 Instance Connect Endpoint"), Maker::Unknown(_)));
        for text in
            ["Amazon EKS ", "Amazon EKS two words", "Interface for NAT Gateway x", "ELB web", "ELB app/web"]
        {
            assert!(matches!(of(text), Maker::Unknown(_)), "{text}");
        }
    }

    #[test]
    fn the_network_plugins_text_names_its_node_and_other_texts_none() {
        assert_eq!(node_of_plugin("aws-K8S-i-0abc"), Some("i-0abc"));
        for text in ["aws-K8S-", "aws-K8S-x", "aws-K8S-i-0 abc", "i-0abc"] {
            assert_eq!(node_of_plugin(text), None, "{text}");
        }
    }

    fn attached(attachment: aws_sdk_ec2::types::builders::NetworkInterfaceAttachmentBuilder) -> Maker {
        let it = Described::builder()
            .description("aws-K8S-i-1")
            .attachment(attachment.instance_id("i-1").build())
            .build();
        maker(&site(), &it, &Tags::new())
    }

    #[test]
    fn an_attachment_says_whether_the_interface_goes_with_the_instance() {
        let instance = site().key("instance", "i-1");
        let attachment = || Attachment::builder().instance_owner_id(ACCOUNT);
        let goes = Maker::Goes(instance.clone());
        let outlives = Maker::Outlives(instance);
        assert_eq!(attached(attachment().device_index(1).delete_on_termination(true)), goes);
        assert_eq!(attached(attachment().device_index(0).delete_on_termination(false)), outlives);
        assert_eq!(attached(attachment().device_index(0)), goes);
        assert_eq!(attached(attachment().device_index(1)), outlives);
    }

    #[test]
    fn an_instance_of_another_account_is_no_maker_of_ours() {
        let found = attached(Attachment::builder().instance_owner_id("999999999999").device_index(1));
        assert_eq!(found, Maker::Unknown("an instance of account 999999999999".to_owned()));
    }

    #[test]
    fn a_branch_waits_for_its_trunk_and_without_a_trunk_it_is_unknown() {
        let it = Described::builder().description("aws-k8s-branch-eni").interface_type(Type::Branch).build();
        let tags = Tags::from([("vpcresources.k8s.aws/trunk-eni-id".to_owned(), "eni-9".to_owned())]);
        assert_eq!(maker(&site(), &it, &tags), Maker::Outlives(site().key("network-interface", "eni-9")));
        assert!(matches!(maker(&site(), &it, &Tags::new()), Maker::Unknown(_)));
    }

    #[test]
    fn what_is_not_known_is_named_as_well_as_it_can_be() {
        let name = |it: Described| match maker(&site(), &it, &Tags::new()) {
            Maker::Unknown(who) => who,
            found => panic!("{found:?}"),
        };
        let lambda = Described::builder().interface_type(Type::Lambda).description("AWS Lambda VPC ENI-f-1");
        assert_eq!(name(lambda.build()), "a Lambda function (AWS Lambda VPC ENI-f-1)");
        let quicksight = Described::builder().interface_type(Type::Quicksight);
        assert_eq!(name(quicksight.build()), "a service with interfaces of type quicksight");
        let other = Described::builder().requester_managed(true).requester_id("amazon-elasticache");
        assert_eq!(name(other.build()), "the service of requester amazon-elasticache");
    }
}
