//! Living users of the attempt's things: they came after the attempt, and took what they found.

use aws_janitor::model::Key;
use aws_janitor::model::words::{fact, how};

use super::cluster::{self, Nodes, used};
use super::doubt::Doubt;
use super::hand::{Hand, Part, role};
use super::land::{ACCOUNT, AWAY, Draw, HOME, Land, Owner, ago};
use super::network;
use super::situation::Situation::{self, *};
use super::stack::{Stack, balancer, lone};
use super::strangers::others;
use crate::rng::Rng;

/// A profile that the attempt made for its instances.
fn profile(land: &mut Land, stack: &Stack) -> Key {
    let name = format!("{}-node", stack.hand.label);
    let it = stack.hand.thing("iam-instance-profile", name.clone()).named(&name).born(stack.hand.born);
    let it = it.link(how::CONTAINS, &stack.tools.node_role);
    stack.hand.put(land, it.tags(&stack.hand.tags(Part::Tool, "node", false)))
}

/// A role that the attempt made for a service, which was used a while ago.
fn service_role(land: &mut Land, stack: &Stack, rng: &mut Rng, name: &str, trusts: &str) -> Key {
    // AWS tells the date late; a user that works seldom leaves an old one.
    let minutes = *rng.pick(&[1, 90, 60 * 30]);
    stack.hand.put(land, role(&stack.hand, name, trusts, Some((ago(minutes), HOME))))
}

pub(crate) fn users(land: &mut Land, rng: &mut Rng, stack: &Stack, of: Situation) -> bool {
    let team = others(of, Owner::Team, "pay", &[("Owner", "pay")]);
    let away = Hand { region: AWAY, ..team.clone() };
    let tools = &stack.tools;
    match of {
        RoleOfClusterElsewhere => {
            let it = away.thing("eks-cluster", "pay-prod").state("ACTIVE").born(ago(9000));
            away.put(land, it.link(how::USES, &tools.cluster_role).tag("Owner", "pay"));
            used(land, &tools.cluster_role, 3, AWAY);
        }
        ProfileOfBoxElsewhere => {
            let profile = profile(land, stack);
            let id = land.id("i-");
            let it = away.thing("instance", id).state("running").born(ago(9000)).tag("Owner", "pay");
            away.put(land, it.link(how::USES, &profile));
            // The role tells one region only: the last it was used in, be it this one.
            if rng.chance(1, 2) {
                used(land, &tools.node_role, 10, AWAY);
            }
        }
        RoleOfNewCluster | NodeRoleOfNewGroup => {
            let net = network::network(land, &team, rng, 1, 1);
            let mut own = cluster::tools(land, &team, &net);
            if of == RoleOfNewCluster {
                own.cluster_role = tools.cluster_role.clone();
            } else {
                own.node_role = tools.node_role.clone();
            }
            cluster::cluster(land, &team, rng, (&net, &own), Nodes::Joined);
        }
        ProfileOfRunningBox => {
            let profile = profile(land, stack);
            let net = network::network(land, &team, rng, 1, 1);
            let node = lone(land, &team, (&net, &net.private[0], &net.group), true);
            land.alter(&node, |it| it.link(how::USES, &profile).tag("Owner", "pay"));
        }
        AddressOnOthersBox => {
            let net = network::network(land, &team, rng, 1, 1);
            let node = lone(land, &team, (&net, &net.public[0], &net.group), true);
            let address = network::address(land, &stack.hand, "ingress", false);
            land.alter(&address, |it| it.link(how::ASSOCIATED, &node));
            // It is the box that answers at this address.
            land.kept.insert(address, of);
        }
        _ => return served(land, rng, stack, &team, of) || named_by(land, rng, stack, &team, of),
    }
    true
}

/// Roles that the attempt made for services, and that others' services work with.
fn served(land: &mut Land, rng: &mut Rng, stack: &Stack, team: &Hand, of: Situation) -> bool {
    match of {
        RoleOfFunction => {
            let role = service_role(land, stack, rng, "fn", "lambda.amazonaws.com");
            let it = team.thing("lambda-function", "pay-hook").named("pay-hook").link(how::USES, &role);
            team.put(land, it.tag("Owner", "pay"));
        }
        RoleOfService => {
            let role = service_role(land, stack, rng, "task", "ecs-tasks.amazonaws.com");
            let it = team.thing("ecs-service", "pay/api").named("api").link(how::USES, &role);
            team.put(land, it.fact(fact::RUNNING, 2).fact(fact::DESIRED, 2));
        }
        RoleOfFargateProfile => {
            let role = service_role(land, stack, rng, "pods", "eks-fargate-pods.amazonaws.com");
            let it = team.thing("eks-fargate-profile", "pay-prod/default").link(how::USES, &role);
            team.put(land, it.state("ACTIVE"));
        }
        RoleOfAnotherAccount => {
            let it = role(&stack.hand, "audit", "", Some((ago(600), HOME)));
            let role = stack.hand.put(land, it.fact(fact::TRUSTED_ACCOUNTS, "999900001111"));
            land.kept.insert(role, of);
        }
        _ => return false,
    }
    true
}

/// A living target group stands behind the attempt's load balancer.
fn balancer_for(land: &mut Land, stack: &Stack, team: &Hand) {
    let (balancer, _) = balancer(land, &stack.hand, &stack.net, 0);
    let id = land.id("");
    let arn = format!("arn:aws:elasticloadbalancing:{HOME}:{ACCOUNT}:targetgroup/pay/{id}");
    let it = team.thing("target-group", arn).named("pay").fact(fact::HEALTHY_TARGETS, 2);
    // It lies in the load balancer's network: Elastic Load Balancing lets no other stand behind it.
    let it = it.link(how::WITHIN, &stack.net.vpc);
    team.put(land, it.link(how::BEHIND, &balancer).tag("Owner", "pay"));
    land.doubts.insert(Doubt::StrangerInVpc);
}

/// What lives only names the attempt's things: in a policy, a template, a rule, a listener.
fn named_by(land: &mut Land, rng: &mut Rng, stack: &Stack, team: &Hand, of: Situation) -> bool {
    let tools = &stack.tools;
    let away = Hand { region: AWAY, ..team.clone() };
    match of {
        RoleTrustedByRole => {
            let it = role(team, "reader", "", None).link(how::TRUSTS, &tools.node_role);
            team.put(land, it);
        }
        ProviderTrustedByRole => {
            let providers = land.of(stack.hand.owner, "iam-oidc-provider");
            let Some(provider) = providers.first() else { return false };
            let it = role(team, "irsa", "", Some((ago(30), HOME))).link(how::TRUSTS, provider);
            team.put(land, it);
        }
        GroupInTemplate | ProfileInTemplate | ProfileInTemplateElsewhere => {
            let hand = if of == ProfileInTemplateElsewhere { &away } else { team };
            let named = if of == GroupInTemplate { tools.node_group.clone() } else { profile(land, stack) };
            let id = land.id("lt-");
            let it = hand.thing("launch-template", id).named("pay-workers").born(ago(50_000));
            hand.put(land, it.link(how::WOULD_USE, &named).tag("Owner", "pay"));
        }
        TemplateOfScalingGroup => {
            let it = team.thing("auto-scaling-group", "pay-workers").fact(fact::DESIRED, 0);
            team.put(land, it.link(how::USES, &tools.template).tag("Owner", "pay"));
        }
        BalancerForOthers => balancer_for(land, stack, team),
        PolicyOfOthersRole => {
            let it = role(team, "api", "ec2.amazonaws.com", None).link(how::ATTACHES, &tools.policy);
            team.put(land, it);
        }
        BoundaryOfOthersRole => {
            let it = role(team, "api", "ec2.amazonaws.com", None).link(how::BOUNDED_BY, &tools.policy);
            team.put(land, it);
        }
        PolicyOfUser => {
            use aws_janitor::model::GuardRule;
            let why = "it is attached to user deploy, which this program never changes";
            land.alter(&tools.policy, |it| it.guard(GuardRule::Protection, why));
            land.kept.insert(tools.policy.clone(), of);
        }
        PeeredWithLiving => {
            let net = network::network(land, team, rng, 1, 1);
            let id = land.id("pcx-");
            let it = stack.hand.thing("vpc-peering-connection", id).state("active");
            let it = it.link(how::ATTACHED, &stack.net.vpc).link(how::ATTACHED, &net.vpc);
            let peering = stack.hand.put(land, it.tags(&stack.hand.key));
            land.alter(&net.tables[1], |it| it.link(how::ROUTES_THROUGH, &peering));
        }
        GroupNamedByGroup => {
            let net = network::network(land, team, rng, 1, 0);
            land.alter(&net.group, |it| it.cut_by(how::NAMES, &tools.node_group, "sgr-77"));
        }
        _ => return false,
    }
    true
}
