//! How much of one whole attempt goes beside each state and each record, and what stays why, row by row
//! (`UPDATE_EXPECT=1` rewrites the rows).

use expect_test::expect;

use super::counts::row;
use super::hand::Style;
use super::situation::{RECORDS, STATES, Situation};
use super::stack::Stage;
use super::world::{Ask, Recipe, World};

/// An attempt whose nodes did not join, beside this.
fn world(of: Situation) -> World {
    let mut recipe = Recipe {
        seed: 2,
        attempts: vec![Stage::NodesApart],
        style: Style::DefaultTags,
        marks: false,
        ask: Ask::Tags,
        situations: vec![],
        doubts: vec![],
        robot: None,
        killed: false,
        dated: false,
    };
    match RECORDS.contains(&of) {
        true => recipe.recorded(of),
        false => recipe.situations.push(of),
    }
    recipe.build()
}

fn rows(all: &[Situation]) -> String {
    all.iter().map(|of| row(&format!("{of:?}"), &world(*of))).collect()
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn what_a_state_owns_or_names_stays_and_of_an_abandoned_stack_it_goes() {
    expect![[r#"
        StateOwnsAll: 0 go, 0 ride
            active by carrier: 1 iam-instance-profile, 1 network-acl, 4 network-interface, 1 route-table, 1 security-group, 2 volume
            active by owner: 1 auto-scaling-group, 2 instance, 1 security-group
            active by tracked: 2 eks-addon, 1 eks-cluster, 1 eks-nodegroup, 1 elastic-ip, 1 iam-oidc-provider, 1 iam-policy, 3 iam-role, 1 internet-gateway, 1 launch-template, 1 log-group, 1 nat-gateway, 1 network-interface, 3 route-table, 2 security-group, 4 subnet, 1 vpc, 1 vpc-endpoint
        StateOwnsPart: 0 go, 0 ride
            active by carrier: 1 iam-instance-profile, 1 network-acl, 4 network-interface, 1 route-table, 1 security-group, 2 volume
            active by owner: 1 auto-scaling-group, 1 eks-addon, 1 eks-nodegroup, 2 instance, 1 log-group, 1 security-group
            active by tracked: 1 eks-addon, 1 eks-cluster, 1 elastic-ip, 1 iam-oidc-provider, 1 iam-policy, 1 iam-role, 1 internet-gateway, 1 nat-gateway, 1 network-interface, 3 route-table, 2 security-group, 4 subnet, 1 vpc
            active by user: 2 iam-role, 1 launch-template
            uncertain by within: 1 vpc-endpoint
        StateOwnsOld: 0 go, 0 ride
            active by carrier: 1 iam-instance-profile, 1 network-acl, 4 network-interface, 1 route-table, 1 security-group, 2 volume
            active by owner: 1 auto-scaling-group, 2 eks-addon, 2 instance, 1 security-group
            active by tracked: 1 eks-cluster, 1 eks-nodegroup, 1 elastic-ip, 1 iam-oidc-provider, 2 iam-role, 1 internet-gateway, 1 launch-template, 1 log-group, 1 nat-gateway, 1 network-interface, 2 route-table, 2 security-group, 4 subnet, 1 vpc
            active by user: 1 iam-policy, 1 iam-role, 1 route-table
            uncertain by within: 1 vpc-endpoint
        StateBegan: 8 go, 13 ride
            active by tracked: 1 security-group
            data that nobody named: 1 log-group
            uncertain by carrier: 1 network-acl, 1 network-interface, 1 route-table, 1 security-group
            uncertain by stranger: 1 internet-gateway, 1 nat-gateway, 3 route-table, 1 security-group, 4 subnet, 1 vpc, 1 vpc-endpoint
            uncertain by user: 1 elastic-ip
        StateLooksUp: 8 go, 13 ride
            active by carrier: 1 network-acl, 1 network-interface, 1 route-table, 1 security-group
            active by tracked: 1 nat-gateway, 1 route-table, 1 subnet, 1 vpc
            active by user: 1 elastic-ip, 1 internet-gateway
            data that nobody named: 1 log-group
            uncertain by within: 2 route-table, 2 security-group, 3 subnet, 1 vpc-endpoint
        StateMentions: 8 go, 13 ride
            active by carrier: 1 network-interface
            active by tracked: 1 subnet
            active by user: 1 elastic-ip, 1 nat-gateway, 1 route-table
            data that nobody named: 1 log-group
            uncertain by carrier: 1 network-acl, 1 route-table, 1 security-group
            uncertain by stranger: 1 internet-gateway, 2 route-table, 2 security-group, 3 subnet, 1 vpc, 1 vpc-endpoint
        StateOfCopiedTags: 22 go, 17 ride
            active by tracked: 1 iam-policy
            data that nobody named: 1 log-group
        StatesShare: 8 go, 13 ride
            active by carrier: 1 network-acl, 1 route-table, 1 security-group
            active by tracked: 1 internet-gateway, 1 vpc
            data that nobody named: 1 log-group
            uncertain by carrier: 1 network-interface
            uncertain by user: 1 elastic-ip
            uncertain by within: 1 nat-gateway, 3 route-table, 2 security-group, 4 subnet, 1 vpc-endpoint
        StateOfCopiedTagsAbandoned: 22 go, 17 ride
            active by tracked: 1 launch-template
            data that nobody named: 1 log-group
        StateAbandoned: 22 go, 17 ride
            data that nobody named: 1 log-group
        StateOfOthers: 22 go, 17 ride
            data that nobody named: 1 log-group
        StateSealed: 0 go, 0 ride
            uncertain by carrier: 1 iam-instance-profile, 1 network-acl, 5 network-interface, 1 route-table, 1 security-group, 2 volume
            uncertain by owner: 1 auto-scaling-group, 2 instance, 1 security-group
            uncertain by state-unread: 2 eks-addon, 1 eks-cluster, 1 eks-nodegroup, 1 elastic-ip, 1 iam-oidc-provider, 1 iam-policy, 3 iam-role, 1 internet-gateway, 1 launch-template, 1 log-group, 1 nat-gateway, 3 route-table, 2 security-group, 4 subnet, 1 vpc, 1 vpc-endpoint
        StateLocked: 0 go, 0 ride
            active by carrier: 1 iam-instance-profile, 1 network-acl, 5 network-interface, 1 route-table, 1 security-group, 2 volume
            active by owner: 1 auto-scaling-group, 2 eks-addon, 2 instance, 1 security-group
            active by tracked: 1 eks-cluster, 1 eks-nodegroup, 1 iam-oidc-provider, 1 iam-policy, 3 iam-role, 1 launch-template, 1 log-group, 3 subnet, 1 vpc
            active by user: 1 elastic-ip, 1 internet-gateway, 1 nat-gateway, 3 route-table, 1 security-group
            uncertain by state-unread: 1 security-group, 1 subnet, 1 vpc-endpoint
        StateBroken: 0 go, 0 ride
            uncertain by carrier: 1 iam-instance-profile, 1 network-acl, 5 network-interface, 1 route-table, 1 security-group, 2 volume
            uncertain by owner: 1 auto-scaling-group, 2 instance, 1 security-group
            uncertain by state-unread: 2 eks-addon, 1 eks-cluster, 1 eks-nodegroup, 1 elastic-ip, 1 iam-oidc-provider, 1 iam-policy, 3 iam-role, 1 internet-gateway, 1 launch-template, 1 log-group, 1 nat-gateway, 3 route-table, 2 security-group, 4 subnet, 1 vpc, 1 vpc-endpoint
        StateOfAnotherAccount: 0 go, 0 ride
            uncertain by carrier: 1 iam-instance-profile, 1 network-acl, 5 network-interface, 1 route-table, 1 security-group, 2 volume
            uncertain by owner: 1 auto-scaling-group, 2 instance, 1 security-group
            uncertain by state-unread: 2 eks-addon, 1 eks-cluster, 1 eks-nodegroup, 1 elastic-ip, 1 iam-oidc-provider, 1 iam-policy, 3 iam-role, 1 internet-gateway, 1 launch-template, 1 log-group, 1 nat-gateway, 3 route-table, 2 security-group, 4 subnet, 1 vpc, 1 vpc-endpoint
    "#]].assert_eq(&rows(&STATES));
}

#[test]
fn a_stack_of_cloudformations_goes_if_it_failed_and_with_it_all_its_members() {
    expect![[r#"
        RecordFailed: 1 go, 40 ride
        RecordFailedBare: 1 go, 40 ride
        RecordNested: 1 go, 41 ride
        RecordAbandoned: 1 go, 39 ride
            data that nobody named: 1 log-group
        RecordGone: 22 go, 17 ride
            data that nobody named: 1 log-group
        RecordNamesElsewhere: 1 go, 40 ride
        RecordStands: 0 go, 0 ride
            active by carrier: 2 eks-addon, 1 eks-cluster, 1 elastic-ip, 1 iam-instance-profile, 1 iam-policy, 3 iam-role, 1 internet-gateway, 1 launch-template, 1 nat-gateway, 1 network-acl, 5 network-interface, 4 route-table, 3 security-group, 4 subnet, 2 volume, 1 vpc, 1 vpc-endpoint
            active by cloud-formation: 1 cloudformation-stack
            active by owner: 1 auto-scaling-group, 1 eks-nodegroup, 1 iam-oidc-provider, 2 instance, 1 log-group, 1 security-group
        RecordAtWork: 0 go, 0 ride
            active by coming: 1 cloudformation-stack
            active by stack-deploying: 1 auto-scaling-group, 2 eks-addon, 1 eks-cluster, 1 eks-nodegroup, 1 elastic-ip, 1 iam-instance-profile, 1 iam-oidc-provider, 1 iam-policy, 3 iam-role, 2 instance, 1 internet-gateway, 1 launch-template, 1 log-group, 1 nat-gateway, 1 network-acl, 5 network-interface, 4 route-table, 4 security-group, 4 subnet, 2 volume, 1 vpc, 1 vpc-endpoint
        RecordUnread: 0 go, 0 ride
            uncertain by carrier: 1 iam-instance-profile, 1 network-acl, 5 network-interface, 1 route-table, 1 security-group, 2 volume
            uncertain by cloud-formation: 1 eks-cluster, 1 eks-nodegroup, 1 elastic-ip, 1 internet-gateway, 1 log-group, 1 nat-gateway, 3 route-table, 2 security-group, 4 subnet, 1 vpc, 1 vpc-endpoint
            uncertain by deployment-unseen: 2 eks-addon, 1 launch-template
            uncertain by owner: 1 auto-scaling-group, 2 instance, 1 security-group
            uncertain by users-unseen: 1 iam-oidc-provider, 1 iam-policy, 3 iam-role
        RecordExported: 0 go, 0 ride
            active by carrier: 2 eks-addon, 1 eks-cluster, 1 elastic-ip, 1 iam-instance-profile, 1 iam-policy, 3 iam-role, 1 internet-gateway, 1 launch-template, 1 nat-gateway, 1 network-acl, 5 network-interface, 4 route-table, 3 security-group, 4 subnet, 2 volume, 1 vpc, 1 vpc-endpoint
            active by owner: 1 auto-scaling-group, 1 eks-nodegroup, 1 iam-oidc-provider, 2 instance, 1 log-group, 1 security-group
            active by user: 1 cloudformation-stack
        RecordOfAnother: 1 go, 40 ride
            foreign by carrier: 1 iam-role, 1 launch-template, 1 network-acl, 1 route-table, 1 security-group, 1 subnet, 1 target-group, 1 vpc
            foreign by selected-with: 1 internet-gateway, 2 route-table, 1 subnet
    "#]].assert_eq(&rows(&RECORDS));
}
