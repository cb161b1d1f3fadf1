//! Reasons in words: why something stays, and how much stays for which reason. It reads the fates of a plan;
//! every report of a plan takes its words and its counts from here.

use std::collections::BTreeMap;

use crate::model::{Gate, Guard, GuardRule, Key, Verdict, few};
use crate::plan::file::{Blocked, PlanFile};
use crate::plan::{Action, Fate, Keep, Step};

/// Why a resource stays, in one sentence without a full stop.
pub fn keep_text(keep: &Keep) -> String {
    match keep {
        Keep::NotOrphan { verdict, .. } => format!("its verdict is {verdict}"),
        Keep::HoldsData => "it holds data, and nobody named its kind (--with-data)".to_owned(),
        Keep::Witness => "its kind is read and never deleted".to_owned(),
        Keep::Guarded { guard } => guard.why.clone(),
        Keep::HeldBy { by, how } => format!("held by {by} ({how})"),
        Keep::TiedTo { to, how } => format!("it cannot go before {to} ({how})"),
        Keep::GoesWith { carrier } => format!("it goes only with {carrier}, which stays"),
        Keep::WouldTake { key } => format!("its deletion would take {key} along, which must stay"),
        Keep::Unseen { kind, region } => {
            format!("{kind} in {region} was not read, and could hold it or make it anew")
        }
        Keep::Cycle { with } => {
            let others: Vec<String> = with.iter().map(ToString::to_string).collect();
            format!("it and {} hold each other", few(others.iter().map(String::as_str), 5))
        }
        Keep::LeftOut { why } => why.clone(),
    }
}

/// The reason in one or two words, for counting.
pub fn keep_word(keep: &Keep) -> &'static str {
    match keep {
        Keep::NotOrphan { verdict, .. } => verdict.word(),
        Keep::HoldsData => "holding data",
        Keep::Witness => "only read",
        Keep::Guarded { .. } => "guarded",
        Keep::HeldBy { .. } => "held",
        Keep::TiedTo { .. } | Keep::GoesWith { .. } | Keep::WouldTake { .. } => "tied",
        Keep::Unseen { .. } => "not seen whole",
        Keep::Cycle { .. } => "in a circle",
        Keep::LeftOut { .. } => "left out",
    }
}

/// What was selected and stays, by the sort of reason.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stays<'a> {
    /// It is an orphan, and something keeps it.
    pub blocked: Vec<&'a Blocked>,
    /// It holds data, and nobody named its kind.
    pub data: Vec<&'a Blocked>,
    /// It is not certain whose it is.
    pub uncertain: Vec<&'a Blocked>,
    /// Another verdict keeps it, and that is well.
    pub kept: Vec<&'a Blocked>,
}

/// Sorts what was selected and stays.
pub fn stays(file: &PlanFile) -> Stays<'_> {
    let fates: BTreeMap<&Key, &Fate> = file.fates.iter().map(|line| (&line.resource, &line.fate)).collect();
    let mut stays = Stays::default();
    for blocked in &file.blocked {
        let key = Key::new(blocked.kind.clone(), blocked.region.clone(), blocked.id.clone());
        match fates.get(&key) {
            Some(Fate::Kept(Keep::NotOrphan { verdict: Verdict::Uncertain, .. })) => {
                stays.uncertain.push(blocked)
            }
            Some(Fate::Kept(Keep::NotOrphan { .. })) => stays.kept.push(blocked),
            Some(Fate::Kept(Keep::HoldsData)) => stays.data.push(blocked),
            Some(Fate::Kept(_) | Fate::Delete | Fate::Carried(_) | Fate::Leaving) | None => {
                stays.blocked.push(blocked);
            }
        }
    }
    stays
}

/// How many of what.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Delete steps.
    pub delete: usize,
    /// Cut steps.
    pub cut: usize,
    /// What goes by itself.
    pub carried: usize,
    /// What was selected and cannot go.
    pub blocked: usize,
    /// What stays, by reason.
    pub kept: BTreeMap<&'static str, usize>,
}

/// Counts a plan.
pub fn counts(file: &PlanFile) -> Counts {
    let mut counts = Counts { blocked: stays(file).blocked.len(), ..Counts::default() };
    for step in &file.steps {
        match step.action {
            Action::Cut(_) => counts.cut += 1,
            Action::Delete => counts.delete += 1,
            Action::Await => {}
        }
    }
    for line in &file.fates {
        match &line.fate {
            Fate::Delete => {}
            Fate::Carried(_) | Fate::Leaving => counts.carried += 1,
            Fate::Kept(keep) => *counts.kept.entry(keep_word(keep)).or_default() += 1,
        }
    }
    counts
}

/// What a step does, in words, without its number: `internet-gateway igw-1 (web): detach vpc vpc-1`.
pub fn step_text(step: &Step, name: Option<&str>) -> String {
    let name = name.filter(|name| *name != step.resource.id);
    let name = name.map(|name| format!(" ({})", super::plain(name))).unwrap_or_default();
    let resource = format!("{}{name}", step.resource);
    match &step.action {
        Action::Cut(link) => format!("{resource}: {} {}", verb(step.api.as_deref()), link.to),
        Action::Delete => resource,
        Action::Await => format!("{resource}: AWS removes it by itself"),
    }
}

/// What somebody can do about what keeps a blocked resource.
pub fn remedy(file: &PlanFile, blocked: &Blocked) -> String {
    let cause = blocked.by.last().and_then(|cause| cause.split_once(' '));
    let (kind, id) = cause.unwrap_or((blocked.kind.as_str(), &blocked.id));
    let fate = file.fates.iter().find(|line| line.resource.kind.as_str() == kind && line.resource.id == id);
    let explain = format!("see `aws-janitor explain {id}`");
    match fate.map(|line| &line.fate) {
        Some(Fate::Kept(Keep::HoldsData)) => {
            format!("keep it, or let the data go too: --with-data {kind}")
        }
        Some(Fate::Kept(Keep::Guarded { guard: Guard { rule: GuardRule::Held, .. } })) => {
            format!("take it from that by hand if it is meant to go; {explain}")
        }
        Some(Fate::Kept(Keep::Guarded { .. })) => format!("switch that off if it is meant to go; {explain}"),
        Some(Fate::Kept(Keep::Unseen { kind, .. })) => {
            format!("allow {kind} to be read (`aws-janitor iam-policy --for scan`), then plan again")
        }
        Some(Fate::Kept(Keep::Witness | Keep::NotOrphan { gate: Some(Gate::Witness), .. })) => {
            format!("no plan deletes it: remove it by hand, then plan again; {explain}")
        }
        Some(Fate::Kept(Keep::NotOrphan { verdict, .. })) => match &blocked.by_hand {
            Some(command) => {
                let flag = match verdict {
                    Verdict::Active | Verdict::Foreign => ", or plan with --revoke-in-kept-groups",
                    Verdict::Protected | Verdict::TooYoung | Verdict::Uncertain | Verdict::Orphan => "",
                };
                format!("if whoever owns {id} agrees: `{command}`, then plan again{flag}; {explain}")
            }
            None => format!("{}; {explain}", let_go(*verdict)),
        },
        Some(Fate::Kept(_) | Fate::Delete | Fate::Carried(_) | Fate::Leaving) | None => explain,
    }
}

/// What has to come first where something stays by its verdict. Never that it be selected as well: whatever is no
/// orphan may live.
fn let_go(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Protected => "it goes only if what protects it is lifted",
        Verdict::Active | Verdict::Foreign => "it is somebody's: whoever owns it has to let go of this first",
        Verdict::TooYoung => "it may go when it is old enough",
        Verdict::Uncertain | Verdict::Orphan => "what is uncertain has to be settled first",
    }
}

/// The verb of a cut's call: `detach`, `revoke`, `disassociate`, `remove`.
pub fn verb(api: Option<&str>) -> String {
    let name = api.and_then(|api| api.split_once(':')).map_or("", |(_, name)| name);
    let end = name
        .char_indices()
        .skip(1)
        .find(|(_, letter)| letter.is_ascii_uppercase())
        .map_or(name.len(), |(at, _)| at);
    if end == 0 { "cut".to_owned() } else { name[..end].to_ascii_lowercase() }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::time::Duration;

    use super::*;
    use crate::inventory::testing::{KINDS, World, at, key};
    use crate::judge::judge;
    use crate::kinds::CATALOG;
    use crate::model::Link;
    use crate::model::words::how;
    use crate::plan::file::Sources;
    use crate::plan::planner;
    use crate::policy::{Policy, Selector};

    const NOW: &str = "2026-11-21T12:00:00Z";

    /// What is selected by its stack's tags, planned and saved.
    fn saved(world: &World) -> PlanFile {
        let select = vec!["tag:EnvironmentSuffix=attempt-1".parse().unwrap()];
        let policy = Policy { select, ..Policy::default() };
        let selector = Selector::new(&policy, &KINDS).unwrap();
        let verdicts = judge(&world.inventory, &selector, at(NOW)).verdicts;
        let plan = planner::plan(&world.inventory, CATALOG, &verdicts, &BTreeSet::new());
        PlanFile::new(Sources {
            plan: &plan,
            inventory: &world.inventory,
            verdicts: &verdicts,
            policy: &policy,
            catalog: CATALOG,
            tool_version: "1.2.3",
            now: at(NOW),
            valid_for: Duration::from_secs(3600),
            saved: None,
        })
        .unwrap()
    }

    fn own(world: &mut World, kind: &str, id: &str) {
        world.add(kind, id).tag(kind, id, "Project", "shop").tag(kind, id, "EnvironmentSuffix", "attempt-1");
    }

    /// A group of the attempt's that a rule of a living group names, both ways if asked.
    fn named(roles: &[&'static str]) -> World {
        let mut world = World::new();
        own(&mut world, "vpc", "vpc-1");
        own(&mut world, "security-group", "sg-1");
        world.link("security-group", "sg-1", how::WITHIN, "vpc", "vpc-1");
        world.add("security-group", "sg-live");
        for role in roles {
            let via = vec![format!("sgr-{role}-1"), format!("sgr-{role}-2")];
            let link = Link::via(role, key("security-group", "sg-1"), via);
            world.get("security-group", "sg-live").links.insert(link);
        }
        world
    }

    fn told(file: &PlanFile, id: &str) -> String {
        let blocked = file.blocked.iter().find(|blocked| blocked.id == id).expect("blocked");
        remedy(file, blocked)
    }

    #[test]
    fn a_rule_of_a_living_group_is_revoked_by_its_id_and_the_group_is_left_alone() {
        let file = saved(&named(&[how::NAMES]));
        let command = "`aws ec2 revoke-security-group-ingress --group-id sg-live --security-group-rule-ids \
                       sgr-names-1 sgr-names-2 --region us-east-1`";
        for id in ["sg-1", "vpc-1"] {
            let told = told(&file, id);
            assert!(told.contains(command), "{id}: {told}");
            assert!(told.contains("if whoever owns sg-live agrees"), "{id}: {told}");
        }
        let both = told(&saved(&named(&[how::NAMES, how::NAMES_OUTBOUND])), "sg-1");
        assert!(both.contains(command.trim_matches('`')), "{both}");
        assert!(both.contains("revoke-security-group-egress --group-id sg-live"), "{both}");
    }

    #[test]
    fn a_rule_without_an_id_and_a_link_that_nothing_severs_give_no_command() {
        let mut world = named(&[]);
        world.link("security-group", "sg-live", how::NAMES, "security-group", "sg-1");
        assert!(!told(&saved(&world), "sg-1").contains("aws ec2"));
        // Something else of the same group's would hold it all the same.
        let mut world = named(&[how::NAMES]);
        world.link("security-group", "sg-live", how::NAMES_OUTBOUND, "security-group", "sg-1");
        assert!(!told(&saved(&world), "sg-1").contains("aws ec2"));
    }

    #[test]
    fn no_remedy_says_to_select_what_stays_as_well_nor_deletes_it() {
        let mut world = named(&[how::NAMES]);
        for (kind, id) in [("subnet", "subnet-1"), ("iam-role", "r"), ("iam-policy", "arn:p")] {
            own(&mut world, kind, id);
        }
        world.link("subnet", "subnet-1", how::WITHIN, "vpc", "vpc-1");
        world.add("nat-gateway", "nat-live").link(
            "nat-gateway",
            "nat-live",
            how::WITHIN,
            "subnet",
            "subnet-1",
        );
        world.add("iam-role", "live").link("iam-role", "live", how::ATTACHES, "iam-policy", "arn:p");
        let file = saved(&world);
        assert!(file.blocked.len() >= 3, "{:#?}", file.blocked);
        for blocked in &file.blocked {
            let told = remedy(&file, blocked);
            assert!(!told.contains("select") && !told.contains("delete"), "{}: {told}", blocked.id);
        }
    }
}
