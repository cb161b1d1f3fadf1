//! Every situation as an example of its own, by its name: what a failing world says in many things, these say in a
//! line. The attempt failed at each stage, made by three tools in turn, and is asked for in every way.

use super::doubt::Doubt;
use super::hand::Style;
use super::laws::outcome;
use super::situation::RECORDS;
use super::situation::Situation::{self, *};
use super::stack::{STAGES, Stage};
use super::world::{Ask, Recipe, Robot, World};

/// An ordinary attempt by Terraform that failed at this stage.
fn attempt(stage: Stage) -> Recipe {
    Recipe {
        seed: 1,
        attempts: vec![stage],
        style: Style::DefaultTags,
        marks: true,
        ask: Ask::Tags,
        situations: vec![],
        doubts: vec![],
        robot: None,
        killed: false,
        dated: false,
    }
}

/// The worlds of a situation: each stage with each way to ask, the tools in turn.
fn worlds(of: Situation) -> impl Iterator<Item = World> {
    let asks = [Ask::Tags, Ask::Stack, Ask::Name, Ask::Vpc, Ask::Cluster, Ask::Wide];
    let styles = [Style::DefaultTags, Style::Modules, Style::Bare];
    let each = STAGES.into_iter().enumerate().flat_map(move |(n, stage)| {
        let turns = asks.into_iter().enumerate();
        turns.map(move |(m, ask)| (stage, ask, styles[(n + m) % styles.len()]))
    });
    let recipe = move |(seed, (stage, ask, style))| {
        let marks = style != Style::Bare;
        if RECORDS.contains(&of) {
            let mut recipe = Recipe { seed, ask, ..attempt(stage) };
            recipe.recorded(of);
            return recipe;
        }
        Recipe { seed, ask, style, marks, situations: vec![of], ..attempt(stage) }
    };
    (1..).zip(each).map(recipe).map(|it| it.build()).filter(move |it| it.land.situations.contains(&of))
}

#[track_caller]
fn holds(of: Situation) {
    let mut tried = 0;
    let mut wrong = Vec::new();
    for world in worlds(of) {
        tried += 1;
        let mut outcome = outcome(&world);
        outcome.wrong.extend(super::more::wrong(&world));
        let told = |it: &super::laws::Wrong| format!("{}: {} {}\n", world.recipe, it.key, it.what);
        wrong.extend(outcome.wrong.first().map(told));
    }
    assert!(tried > 0, "{of:?} never comes about");
    assert!(wrong.is_empty(), "{} of {tried}, the first\n{}", wrong.len(), wrong[0]);
}

macro_rules! examples {
    ($($name:ident: $of:ident,)*) => {
        $(#[test]
        fn $name() {
            holds($of);
        })*

        #[test]
        fn every_situation_that_is_drawn_has_its_example() {
            let records = super::situation::RECORDS.into_iter();
            for of in super::situation::DRAWN.into_iter().chain(super::situation::STATES).chain(records) {
                // An attempt beside is tried in the worlds of several; the other two are no situation.
                assert!([$($of),*, AnotherAttempt, Furniture, Attempt].contains(&of), "{of:?}");
            }
        }
    };
}

examples! {
    a_stack_with_joined_nodes_stays: HealthyNodes,
    a_stack_whose_node_group_stands_at_zero_stays: HealthyIdle,
    a_stack_with_healthy_targets_stays: HealthyBoxes,
    a_stack_with_instances_that_nothing_watches_stays: HealthyBoxesAlone,
    a_stack_whose_instances_are_stopped_stays: HealthyStandby,
    a_stack_whose_instances_were_started_a_moment_ago_stays: HealthyRevived,
    a_stack_with_running_tasks_stays: HealthyService,
    a_stack_with_a_function_stays: HealthyFunction,
    a_stack_whose_scaling_group_stands_at_zero_stays: HealthyNight,
    a_stack_of_the_same_name_in_another_region_stays: HealthyTwinElsewhere,
    a_stack_that_expires_stays_while_something_of_it_is_young: ExpiringAndGrowing,
    a_stack_that_expires_in_part_stays: ExpiringInPart,
    a_redeployment_over_leftovers_of_the_same_names_stays: Redeployed,
    a_cluster_of_others_in_the_vpc_stays: ClusterInVpc,
    a_cluster_api_machine_in_the_vpc_stays: CapiInVpc,
    a_kops_machine_in_the_vpc_stays: KopsInVpc,
    an_openshift_machine_in_the_vpc_stays: OpenShiftInVpc,
    a_k3s_machine_in_the_vpc_stays: K3sInVpc,
    a_machine_of_a_namesake_of_the_cluster_stays: NamesakeInVpc,
    a_tagged_instance_of_others_in_the_vpc_stays: TaggedBoxInVpc,
    an_instance_without_tags_in_the_vpc_stays: BareBoxInVpc,
    an_instance_with_copied_tags_stays: CopiedTagsInVpc,
    a_stopped_instance_with_copied_tags_stays: CopiedTagsStopped,
    a_group_of_others_in_the_vpc_stays: TaggedGroupInVpc,
    a_load_balancer_of_another_cluster_in_the_vpc_stays: BalancerOfOthersInVpc,
    a_database_in_the_vpc_stays: DatabaseInVpc,
    a_network_stays_whose_list_of_instances_leaves_one_out: ListLeavesOneOut,
    a_gateway_that_a_table_of_others_routes_through_stays: TableOfOthersThroughNat,
    an_endpoint_in_a_table_of_others_stays: EndpointInTableOfOthers,
    subnets_of_a_scaling_group_at_zero_stay: ScalingGroupAtZero,
    a_vpc_with_a_vpn_gateway_of_others_stays: GatewayOfVpnInVpc,
    corporate_ground_that_the_cluster_marked_stays: CorporateGround,
    ground_that_another_account_shares_stays: GroundOfAnotherAccount,
    an_instance_elsewhere_that_names_the_cluster_stays: MarkedElsewhere,
    keys_in_another_case_of_letters_are_others: WrongCase,
    half_of_the_stack_key_is_none_of_it: HalfTheKey,
    a_volume_restored_from_a_backup_stays: RestoredFromBackup,
    a_default_vpc_that_the_cluster_marked_stays: DefaultVpcMarked,
    the_role_of_a_function_stays: RoleOfFunction,
    the_role_of_a_cluster_in_another_region_stays: RoleOfClusterElsewhere,
    the_profile_of_an_instance_in_another_region_stays: ProfileOfBoxElsewhere,
    the_role_of_a_newer_cluster_stays: RoleOfNewCluster,
    the_role_of_a_newer_node_group_stays: NodeRoleOfNewGroup,
    the_profile_of_a_running_instance_stays: ProfileOfRunningBox,
    a_role_that_a_living_role_trusts_stays: RoleTrustedByRole,
    a_provider_that_a_living_role_trusts_stays: ProviderTrustedByRole,
    a_group_that_a_living_template_names_stays: GroupInTemplate,
    a_profile_that_a_living_template_names_stays: ProfileInTemplate,
    a_profile_that_a_template_in_another_region_names_stays: ProfileInTemplateElsewhere,
    the_template_of_a_scaling_group_at_zero_stays: TemplateOfScalingGroup,
    a_load_balancer_before_living_targets_stays: BalancerForOthers,
    the_role_of_a_fargate_profile_stays: RoleOfFargateProfile,
    the_role_of_a_service_stays: RoleOfService,
    the_role_that_another_account_used_of_late_stays: RoleOfAnotherAccount,
    a_policy_of_a_living_role_stays: PolicyOfOthersRole,
    a_boundary_of_a_living_role_stays: BoundaryOfOthersRole,
    a_policy_of_a_user_stays: PolicyOfUser,
    a_vpc_peered_with_a_living_one_stays: PeeredWithLiving,
    a_group_that_a_living_rule_names_stays: GroupNamedByGroup,
    an_address_on_an_instance_of_others_stays: AddressOnOthersBox,
    what_a_protect_term_names_stays_with_what_it_needs: ProtectedByTag,
    what_aws_protects_stays_with_what_it_needs: ProtectedByAws,
    what_says_in_words_that_it_must_stay_does: WordsInATag,
    what_the_state_of_the_attempt_owns_stays: StateOwnsAll,
    what_the_state_of_a_killed_run_owns_stays: StateOwnsPart,
    what_a_state_replaced_or_will_make_anew_stays: StateOwnsOld,
    what_was_being_made_when_a_run_ended_stays: StateBegan,
    what_the_state_of_others_looks_up_stays: StateLooksUp,
    what_the_state_of_others_mentions_stays: StateMentions,
    what_another_stacks_state_owns_stays_whatever_key_it_bears: StateOfCopiedTags,
    what_two_states_share_stays_though_one_is_of_an_abandoned_stack: StatesShare,
    what_another_stacks_state_owns_stays_though_the_attempt_is_abandoned: StateOfCopiedTagsAbandoned,
    nothing_of_others_goes_with_an_abandoned_stack_and_its_state: StateAbandoned,
    nothing_of_others_goes_beside_a_state_of_others: StateOfOthers,
    nothing_goes_beside_a_sealed_state: StateSealed,
    nothing_goes_beside_a_locked_state: StateLocked,
    nothing_goes_beside_a_broken_state: StateBroken,
    nothing_goes_beside_a_state_of_another_account: StateOfAnotherAccount,
    nothing_of_others_goes_with_a_stack_that_failed: RecordFailed,
    nothing_of_others_goes_with_a_failed_stack_without_a_key: RecordFailedBare,
    nothing_of_others_goes_with_a_stack_within_a_failed_stack: RecordNested,
    nothing_of_others_goes_with_an_abandoned_stack_that_stands: RecordAbandoned,
    nothing_of_others_goes_with_what_a_gone_stack_left: RecordGone,
    what_bears_the_names_of_members_elsewhere_stays: RecordNamesElsewhere,
    a_stack_that_stands_as_it_was_wanted_stays: RecordStands,
    a_stack_that_cloudformation_works_on_stays: RecordAtWork,
    a_stack_that_could_not_be_read_stays: RecordUnread,
    a_stack_stays_from_which_a_living_one_imports: RecordExported,
    a_member_of_another_stack_stays_whatever_key_it_bears: RecordOfAnother,
}

#[track_caller]
fn goes(recipes: impl IntoIterator<Item = Recipe>) {
    let mut left = Vec::new();
    let mut expected = 0;
    for recipe in recipes {
        let world = recipe.build();
        let outcome = outcome(&world);
        assert_eq!(outcome.doubts, [].into(), "{recipe}");
        expected += outcome.expected;
        left.extend(outcome.left.first().map(|(key, by)| format!("{recipe}: {key}: {by}")));
    }
    assert!(expected > 0, "nothing is to go");
    assert!(left.is_empty(), "{}", left.join("\n"));
}

fn with(stage: Stage, of: Situation) -> Recipe {
    Recipe { situations: vec![of], ..attempt(stage) }
}

#[test]
fn an_attempt_goes_whole_at_every_stage_and_by_every_tool() {
    let styles = [Style::DefaultTags, Style::Modules, Style::PulumiDefault];
    let each = STAGES.into_iter().flat_map(|stage| styles.map(|style| Recipe { style, ..attempt(stage) }));
    goes(each);
}

#[test]
fn a_stack_that_works_goes_when_it_has_expired_and_stays_without_the_owners_word() {
    let styles = [Style::DefaultTags, Style::Modules, Style::PulumiDefault];
    let leaked = styles.map(|style| Recipe { style, ..attempt(Stage::Leaked) });
    goes(leaked.clone());
    for recipe in leaked {
        let mut world = recipe.build();
        world.land.policy.expired.clear();
        let outcome = outcome(&world);
        assert_eq!(outcome.left.len(), outcome.expected, "{recipe}");
    }
}

#[test]
fn robots_that_tag_everything_keep_nothing() {
    let robots = [Robot::AutoTag, Robot::Custodian, Robot::Migration, Robot::GuardDuty];
    let robots = robots.map(|robot| Recipe { robot: Some(robot), ..attempt(Stage::BeforeCluster) });
    goes(robots);
}

#[test]
fn a_profile_that_eks_made_goes_with_its_node_group_whatever_a_robot_wrote_onto_it() {
    let robots = [Robot::Custodian, Robot::Migration];
    let robots = robots.map(|robot| Recipe { robot: Some(robot), ..attempt(Stage::NodesApart) });
    goes(robots);
}

#[test]
fn a_node_group_goes_although_its_role_works_for_others() {
    goes([ProfileInTemplate, NodeRoleOfNewGroup].map(|of| with(Stage::NodesApart, of)));
}

#[test]
fn a_cluster_named_by_itself_goes_without_its_roles() {
    goes([Recipe { ask: Ask::Cluster, ..attempt(Stage::NodesApart) }]);
}

#[test]
fn what_the_controllers_left_goes_although_the_network_stays() {
    goes([with(Stage::ClusterGone, GroupInTemplate)]);
}

#[test]
fn an_abandoned_stack_goes_whole_with_what_its_own_state_names() {
    goes(STAGES.map(|stage| with(stage, StateAbandoned)));
}

#[test]
fn a_failed_stack_of_cloudformations_goes_whole_by_its_tags_and_by_its_record_alone() {
    let failed = [
        RecordFailed,
        RecordFailedBare,
        RecordNested,
        RecordNamesElsewhere,
        RecordOfAnother,
        RecordAbandoned,
    ];
    let each = STAGES.into_iter().flat_map(|stage| {
        failed.map(|of| {
            let mut recipe = attempt(stage);
            recipe.recorded(of);
            recipe
        })
    });
    goes(each);
}

#[test]
fn a_cluster_goes_although_its_network_stays() {
    goes([with(Stage::AfterCluster, GroupInTemplate)]);
}

#[test]
fn what_cloudtrail_dates_is_old_enough() {
    goes([Recipe { dated: true, ..attempt(Stage::BeforeCluster) }]);
}

#[test]
fn the_share_under_each_doubt_is_counted() {
    for doubt in [Doubt::FreshTrace, Doubt::Undated, Doubt::WithoutClaim, Doubt::BeingMade, Doubt::NobodysTag]
    {
        let recipe = Recipe { doubts: vec![doubt], ..attempt(Stage::AfterCluster) };
        assert!(outcome(&recipe.build()).doubts.contains(&doubt), "{doubt:?}");
    }
}

#[test]
fn what_could_not_be_read_keeps_what_it_may_work_with() {
    let mut wrong = std::collections::BTreeMap::new();
    let stages = [Stage::AfterCluster, Stage::Leaked];
    for (of, stage) in super::situation::DRAWN.into_iter().flat_map(|of| stages.map(|stage| (of, stage))) {
        let world = with(stage, of).build();
        let others = world.land.things.values().chain(world.land.beyond.values()).filter(|it| it.of == of);
        let keys: std::collections::BTreeSet<_> =
            others.map(|it| (it.resource.key.kind.clone(), it.resource.key.region.clone())).collect();
        for hidden in keys {
            let kind = hidden.0.clone();
            let mut world = world.clone();
            world.land.hidden.insert(hidden);
            if let Some(it) = outcome(&world).wrong.first() {
                wrong.insert(
                    (of, kind.as_str().to_owned()),
                    format!("{}: {} {}", world.recipe, it.key, it.what),
                );
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
