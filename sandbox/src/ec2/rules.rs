//! The rules of security groups: authorising, revoking, describing.

use super::describe::{Kind, Pages, View, describe, one};
use super::noun::{RULE, SECURITY_GROUP};
use crate::error::{AwsError, AwsResult};
use crate::protocol::{Answer, Ctx};
use crate::query::Params;
use crate::quotas::table;
use crate::service::Operation;
use crate::stores::ec2::{Ec2, Rule};
use crate::world::World;
use crate::xml::Xml;

pub(crate) const OPERATIONS: &[(&str, Operation)] = &[
    ("DescribeSecurityGroupRules", |world, ctx| describe(world, ctx, &KIND)),
    ("AuthorizeSecurityGroupIngress", |world, ctx| authorize(world, ctx, false)),
    ("AuthorizeSecurityGroupEgress", |world, ctx| authorize(world, ctx, true)),
    ("RevokeSecurityGroupIngress", |world, ctx| revoke(world, ctx, false)),
    ("RevokeSecurityGroupEgress", |world, ctx| revoke(world, ctx, true)),
];

static KIND: Kind<Rule> = Kind {
    noun: &RULE,
    ids: "SecurityGroupRuleId",
    set: "securityGroupRuleSet",
    pages: Pages::Of(1000),
    facts: &[("group-id", |_, _, rule| one(&rule.group)), ("security-group-rule-id", |_, id, _| one(id))],
    tags: |rule| &rule.tags,
    records: |ec2| &ec2.rules,
    write: |view, xml, id, rule| write_rule(view.region, view.account, xml, id, rule),
};

fn write_rule(region: &str, account: &str, xml: &mut Xml, id: &str, rule: &Rule) {
    xml.text("securityGroupRuleId", id).text("groupId", &rule.group).text("groupOwnerId", account);
    xml.text("isEgress", rule.egress).text("ipProtocol", &rule.protocol);
    xml.text("fromPort", rule.from_port).text("toPort", rule.to_port);
    xml.maybe("cidrIpv4", rule.cidr.as_ref()).maybe("cidrIpv6", rule.cidr_v6.as_ref());
    xml.maybe("prefixListId", rule.prefix_list.as_ref());
    if let Some(group) = &rule.referenced_group {
        xml.node("referencedGroupInfo", |info| {
            info.text("groupId", group).text("userId", account);
        });
    }
    xml.maybe("description", rule.description.as_ref()).tags(&rule.tags);
    xml.text("securityGroupRuleArn", format_args!("arn:aws:ec2:{region}:{account}:security-group-rule/{id}"));
}

/// The rules of a group in one direction.
pub(crate) fn of_group<'a>(
    ec2: &'a Ec2,
    group: &'a str,
    egress: bool,
) -> impl Iterator<Item = (&'a String, &'a Rule)> {
    ec2.rules.iter().filter(move |(_, rule)| rule.group == group && rule.egress == egress)
}

/// Writes a group's rules of one direction in the older form, gathered by protocol and ports.
pub(crate) fn write_permissions(xml: &mut Xml, name: &str, view: &View<'_>, group: &str, egress: bool) {
    let mut spans: std::collections::BTreeMap<(&str, i32, i32), Vec<&Rule>> =
        std::collections::BTreeMap::new();
    for (_, rule) in view.rules(group, egress) {
        spans.entry((&rule.protocol, rule.from_port, rule.to_port)).or_default().push(rule);
    }
    xml.list(name, spans, |item, ((protocol, from, to), rules)| {
        item.text("ipProtocol", protocol);
        // "All traffic" has no ports: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html
        if protocol != "-1" {
            item.text("fromPort", from).text("toPort", to);
        }
        let described = |item: &mut Xml, name: &str, value: &str, rule: &Rule| {
            item.text(name, value).maybe("description", rule.description.as_ref());
        };
        let pick = |of: fn(&Rule) -> Option<&String>| {
            rules.iter().filter_map(|rule| Some((of(rule)?, *rule))).collect::<Vec<_>>()
        };
        item.list("groups", pick(|rule| rule.referenced_group.as_ref()), |item, (value, rule)| {
            item.text("userId", view.account);
            described(item, "groupId", value, rule);
        });
        item.list("ipRanges", pick(|rule| rule.cidr.as_ref()), |item, (value, rule)| {
            described(item, "cidrIp", value, rule);
        });
        item.list("ipv6Ranges", pick(|rule| rule.cidr_v6.as_ref()), |item, (value, rule)| {
            described(item, "cidrIpv6", value, rule);
        });
        item.list("prefixListIds", pick(|rule| rule.prefix_list.as_ref()), |item, (value, rule)| {
            described(item, "prefixListId", value, rule);
        });
    });
}

/// The rules that a call describes, by `IpPermissions` or by the older single parameters.
fn asked_rules(params: &Params, group: &str, egress: bool) -> AwsResult<Vec<Rule>> {
    let mut rules = Vec::new();
    for permission in params.items("IpPermissions") {
        let base = base_rule(&permission, group, egress)?;
        let mut add = |list: &str, key: &str, set: fn(&mut Rule, String)| {
            for item in permission.items(list) {
                let Some(value) = item.get(key) else { continue };
                let mut rule =
                    Rule { description: item.get("Description").map(str::to_owned), ..base.clone() };
                set(&mut rule, value.to_owned());
                rules.push(rule);
            }
        };
        add("IpRanges", "CidrIp", |rule, value| rule.cidr = Some(value));
        add("Ipv6Ranges", "CidrIpv6", |rule, value| rule.cidr_v6 = Some(value));
        add("Groups", "GroupId", |rule, value| rule.referenced_group = Some(value));
        add("PrefixListIds", "PrefixListId", |rule, value| rule.prefix_list = Some(value));
    }
    if let Some(cidr) = params.get("CidrIp") {
        rules.push(Rule { cidr: Some(cidr.to_owned()), ..base_rule(params, group, egress)? });
    }
    Ok(rules)
}

fn base_rule(params: &Params, group: &str, egress: bool) -> AwsResult<Rule> {
    let protocol = params.required("IpProtocol")?.to_lowercase();
    // Protocol numbers are told back as names, and "all traffic" has no ports:
    // https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html
    let protocol = match protocol.as_str() {
        "6" => "tcp",
        "17" => "udp",
        "1" => "icmp",
        "all" => "-1",
        other => other,
    };
    let port = |name: &str| -> AwsResult<i32> {
        let port = if protocol == "-1" { None } else { params.int(name)? };
        Ok(port.and_then(|port| i32::try_from(port).ok()).unwrap_or(-1))
    };
    Ok(Rule {
        group: group.to_owned(),
        egress,
        protocol: protocol.to_owned(),
        from_port: port("FromPort")?,
        to_port: port("ToPort")?,
        ..Rule::default()
    })
}

/// Whether two rules permit the same; descriptions and tags do not count.
fn same(one: &Rule, other: &Rule) -> bool {
    let key = |rule: &Rule| {
        let ends = (rule.cidr.clone(), rule.cidr_v6.clone(), rule.prefix_list.clone());
        let ports = (rule.protocol.clone(), rule.from_port, rule.to_port);
        (rule.group.clone(), rule.egress, ports, ends, rule.referenced_group.clone())
    };
    key(one) == key(other)
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AuthorizeSecurityGroupIngress.html>
fn authorize(world: &mut World, ctx: &Ctx, egress: bool) -> AwsResult<Answer> {
    let group = ctx.params.required("GroupId")?;
    let account = world.account.clone();
    let tags = super::tags::checked(ctx.params.tag_specifications("security-group-rule"))?;
    // Per direction: https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
    let most = world.quotas.limit(&ctx.region, table::RULES);
    let ec2 = &world.region(&ctx.region).ec2;
    SECURITY_GROUP.check(group, &ec2.security_groups)?;
    let asked = asked_rules(&ctx.params, group, egress)?;
    if asked.is_empty() {
        return Err(AwsError::new(
            "MissingParameter",
            "Either 'ipPermissions' or 'cidrIp' should be provided.",
        ));
    }
    for rule in &asked {
        if let Some(named) = &rule.referenced_group {
            SECURITY_GROUP.check(named, &ec2.security_groups)?;
        }
        if ec2.rules.values().any(|there| same(there, rule)) {
            let text = format!("the specified rule already exists in {group}");
            return Err(AwsError::new("InvalidPermission.Duplicate", text));
        }
    }
    if of_group(ec2, group, egress).count() + asked.len() > most {
        let text = "The maximum number of rules per security group has been reached.";
        return Err(AwsError::new("RulesPerSecurityGroupLimitExceeded", text));
    }
    let made: Vec<(String, Rule)> =
        asked.into_iter().map(|rule| (world.ids.ec2("sgr"), Rule { tags: tags.clone(), ..rule })).collect();
    let mut xml = Xml::new();
    xml.text("return", true);
    xml.list("securityGroupRuleSet", &made, |item, (id, rule)| {
        write_rule(&ctx.region, &account, item, id, rule);
    });
    world.region(&ctx.region).ec2.rules.extend(made);
    Ok(xml.into())
}

/// By rule ids or by description; unknown ids and, in a VPC's group, unknown descriptions are refused.
///
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RevokeSecurityGroupIngress.html>
fn revoke(world: &mut World, ctx: &Ctx, egress: bool) -> AwsResult<Answer> {
    let group = ctx.params.required("GroupId")?;
    let ec2 = &mut world.region(&ctx.region).ec2;
    SECURITY_GROUP.check(group, &ec2.security_groups)?;
    let mut revoked = ctx.params.list("SecurityGroupRuleId");
    for id in &revoked {
        let rule = RULE.find(id, &ec2.rules)?;
        if rule.group != group || rule.egress != egress {
            return Err(RULE.unknown(id));
        }
    }
    for asked in asked_rules(&ctx.params, group, egress)? {
        let missing = || {
            let text = "The specified rule does not exist in this security group.";
            AwsError::new("InvalidPermission.NotFound", text)
        };
        let there = ec2.rules.iter().find(|(_, rule)| same(rule, &asked)).ok_or_else(missing)?;
        revoked.push(there.0.clone());
    }
    let mut xml = Xml::new();
    xml.text("return", true).node("unknownIpPermissionSet", |_| {});
    let removed: Vec<(String, Rule)> =
        revoked.into_iter().filter_map(|id| ec2.rules.remove_entry(&id)).collect();
    xml.list("revokedSecurityGroupRuleSet", &removed, |item, (id, rule)| {
        item.text("securityGroupRuleId", id).text("groupId", &rule.group).text("isEgress", rule.egress);
        item.text("ipProtocol", &rule.protocol);
        item.text("fromPort", rule.from_port).text("toPort", rule.to_port);
        item.maybe("cidrIpv4", rule.cidr.as_ref()).maybe("cidrIpv6", rule.cidr_v6.as_ref());
        item.maybe("referencedGroupId", rule.referenced_group.as_ref());
        item.maybe("prefixListId", rule.prefix_list.as_ref());
    });
    Ok(xml.into())
}

#[cfg(test)]
mod tests {
    use crate::ec2::lab::Lab;

    #[test]
    fn a_rule_is_there_once_and_is_revoked_by_description_or_id() {
        let mut lab = Lab::new();
        let vpc = lab.vpc();
        let group = lab.group(&vpc, "web");
        let https = [
            ("GroupId", group.as_str()),
            ("IpPermissions.1.IpProtocol", "tcp"),
            ("IpPermissions.1.FromPort", "443"),
            ("IpPermissions.1.ToPort", "443"),
            ("IpPermissions.1.IpRanges.1.CidrIp", "0.0.0.0/0"),
        ];
        lab.ok("AuthorizeSecurityGroupIngress", &https);
        lab.refused("AuthorizeSecurityGroupIngress", &https, "InvalidPermission.Duplicate");
        lab.ok("RevokeSecurityGroupIngress", &https);
        lab.refused("RevokeSecurityGroupIngress", &https, "InvalidPermission.NotFound");
        let rule = lab.get("AuthorizeSecurityGroupIngress", &https, "securityGroupRuleId");
        let by_id = [("GroupId", group.as_str()), ("SecurityGroupRuleId.1", &rule)];
        lab.refused("RevokeSecurityGroupEgress", &by_id, "InvalidSecurityGroupRuleId.NotFound");
        lab.ok("RevokeSecurityGroupIngress", &by_id);
        lab.refused("RevokeSecurityGroupIngress", &by_id, "InvalidSecurityGroupRuleId.NotFound");
    }

    #[test]
    fn a_new_group_lets_everything_out() {
        let mut lab = Lab::new();
        let vpc = lab.vpc();
        let group = lab.group(&vpc, "web");
        let of = [("Filter.1.Name", "group-id"), ("Filter.1.Value.1", group.as_str())];
        assert_eq!(lab.all("DescribeSecurityGroupRules", &of, "isEgress"), ["true"]);
        let groups = lab.ok("DescribeSecurityGroups", &[("GroupId.1", &group)]);
        assert!(groups.contains(
            "<ipPermissions></ipPermissions><ipPermissionsEgress><item><ipProtocol>-1</ipProtocol>"
        ));
    }

    #[test]
    fn sixty_rules_fill_a_direction() {
        let mut lab = Lab::new();
        let vpc = lab.vpc();
        let group = lab.group(&vpc, "wide");
        let mut ask = |number: u32| {
            let cidr = format!("10.0.0.{number}/32");
            let ports = [("FromPort", "1"), ("ToPort", "1"), ("IpProtocol", "tcp")];
            let mut params = vec![("GroupId", group.as_str()), ("CidrIp", &cidr)];
            params.extend(ports);
            lab.world.call("ec2", "us-east-1", "AuthorizeSecurityGroupIngress", &params)
        };
        assert!((0..60).all(|number| ask(number).is_ok()));
        assert_eq!(ask(60).unwrap_err().code, "RulesPerSecurityGroupLimitExceeded");
    }
}
