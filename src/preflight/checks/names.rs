//! Finds names that are to be made and exist already, and tells whether an orphan holds them.
//!
//! What has to be unique where, and how it is found out, the kinds say ([`Naming`]).

use std::collections::BTreeMap;

use crate::deployment::{Certainty, Change, NAME_PREFIX, ORDER_OF_REPLACEMENTS, ReplaceOrder, STACK_NAME};
use crate::deployment::{Format, Value};
use crate::kinds;
use crate::model::deployed::{Letters, NameLookup, Naming, Plays, UniqueName};
use crate::model::index::By;
use crate::model::{Class, Key, KindName, Region, Resource, Verdict, quoted};
use crate::policy::Terms;

use super::super::scene::{Planned, Scene, TextValue};
use super::super::{CheckName, Finding, Outcome};

const CHECK: CheckName = CheckName::Names;

/// The kind of the log groups that EKS may make before a deployment does ([`races_with_eks`]).
const LOG_GROUP: &str = "log-group";

/// A name that will be made.
struct Name<'a> {
    planned: Planned<'a>,
    kind: &'static str,
    unique: UniqueName,
    name: String,
    region: &'a Region,
}

pub(super) fn look(scene: &Scene<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut names = Vec::new();
    let mut open: BTreeMap<&str, usize> = BTreeMap::new();
    let mut of_stacks: BTreeMap<&str, usize> = BTreeMap::new();
    for planned in scene.all().filter(|planned| takes_a_name(*planned)) {
        match name_of(planned) {
            Ok(Some(_)) if planned.file.is_of_several_accounts => {
                *open.entry(&planned.deployment.source).or_default() += 1;
            }
            Ok(Some(name)) => names.push(name),
            Ok(None) if is_of_its_stack(planned) => {
                *of_stacks.entry(&planned.deployment.source).or_default() += 1;
            }
            Ok(None) => {}
            Err(finding) => findings.push(finding),
        }
    }
    findings.extend(twice(&names));
    let holders = Holders::of(scene, &names);
    let mut free: BTreeMap<&str, usize> = BTreeMap::new();
    for name in &names {
        match collision(scene, &holders, name) {
            Some(finding) => findings.push(finding),
            None => *free.entry(&name.planned.deployment.source).or_default() += 1,
        }
    }
    findings.extend(scene.changed().filter(|it| it.is(LOG_GROUP)).filter_map(races_with_eks));
    findings.extend(open.into_iter().map(|(source, many)| Finding {
        check: CHECK,
        outcome: Outcome::Unclear,
        subject: source.to_owned(),
        source: source.to_owned(),
        line: None,
        evidence: format!(
            "it works in several accounts and does not tell which of its names ({many}) is made in which"
        ),
        remedy: "make a plan for each account".to_owned(),
    }));
    findings.extend(of_stacks.into_iter().map(|(source, many)| not_looked_at(source, many)));
    findings.extend(free.into_iter().map(|(source, many)| Finding {
        check: CHECK,
        outcome: Outcome::Pass,
        subject: source.to_owned(),
        source: source.to_owned(),
        line: None,
        evidence: match many {
            1 => "a name is to be made, and it is free".to_owned(),
            _ => format!("{many} names are to be made, and they are free"),
        },
        remedy: String::new(),
    }));
    findings
}

/// Names that are made of their stack's, which the file does not tell.
fn not_looked_at(source: &str, many: usize) -> Finding {
    let evidence = match many {
        1 => "a name is made of the stack's, which the file does not tell: whether it is free was not looked at"
            .to_owned(),
        _ => format!(
            "{many} names are made of the stack's, which the file does not tell: whether they are free was not looked at"
        ),
    };
    Finding {
        check: CHECK,
        outcome: Outcome::Warn,
        subject: source.to_owned(),
        source: source.to_owned(),
        line: None,
        evidence,
        remedy: format!("name the stack: --parameter {STACK_NAME}=NAME"),
    }
}

/// Whether it needs a name that nobody has. Where the old one goes first, its name is free by then.
const fn takes_a_name(planned: Planned<'_>) -> bool {
    matches!(planned.item.change, Change::Create | Change::Replace(ReplaceOrder::CreateFirst))
}

fn name_of(planned: Planned<'_>) -> Result<Option<Name<'_>>, Finding> {
    let Some(row) = kinds::row_of(planned.item) else { return Ok(None) };
    let Naming::Unique(unique) = row.deployed.name else { return Ok(None) };
    let title = unique.title;
    let given: Vec<String> = planned.item.properties.at("name").parameters().map(give).collect();
    let remedy = match (given.is_empty(), is_perhaps_its_own(planned)) {
        (false, _) => format!("give {}, or make a change set, and look at that", given.join(" ")),
        (true, true) => "make a change set, and look at that".to_owned(),
        (true, false) => String::new(),
    };
    let unclear = |why: String| Err(planned.finding(CHECK, Outcome::Unclear, why, remedy.as_str()));
    let name = match planned.text("name") {
        TextValue::Text(name) => name,
        // AWS or the tool makes one up.
        TextValue::Absent => return Ok(None),
        TextValue::Open(_) if is_random(planned) || has_prefix(planned) || is_of_its_stack(planned) => {
            return Ok(None);
        }
        TextValue::Open(why) => return unclear(format!("the name of the {title} cannot be told: {why}")),
    };
    match planned.region() {
        Ok(region) => Ok(Some(Name { planned, kind: row.kind, unique, name, region })),
        Err(why) => unclear(format!("where the {title} {name} is made cannot be told: {why}")),
    }
}

/// The flag that gives a parameter its value.
fn give(parameter: &str) -> String {
    format!("--parameter {parameter}=VALUE")
}

/// Whether a name that is not known yet has a random part, so that it will be free.
fn is_random(planned: Planned<'_>) -> bool {
    let random = |source: &String| {
        // The type of a Pulumi URN stands behind those of its parents: `component$random:index/…`.
        let types = source.rsplit("::").nth(1).unwrap_or(source);
        let own = types.rsplit('$').next().unwrap_or(types);
        own.starts_with("random:") || source.split('.').any(|part| part.starts_with("random_"))
    };
    planned.item.properties.at("name").sources().iter().any(random)
}

/// Whether a name that is not known yet begins with a known prefix: the provider puts the time and a counter
/// behind it, and takes a prefix beside a name from nobody. An empty prefix is none, and the name is another's.
fn has_prefix(planned: Planned<'_>) -> bool {
    matches!(planned.text(NAME_PREFIX), TextValue::Text(_))
}

/// Whether a name that is not known yet is made of its stack's. Of those there is one in a region, so that
/// somebody else's thing has such a name only by design.
fn is_of_its_stack(planned: Planned<'_>) -> bool {
    planned.item.properties.at("name").parameters().any(|name| name == STACK_NAME)
}

/// Names that the deployments make twice.
fn twice(names: &[Name<'_>]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut seen: BTreeMap<(&str, &Region, String), Planned<'_>> = BTreeMap::new();
    for name in names {
        let key = (name.kind, name.region, name.unique.letters.folded(&name.name));
        let Some(earlier) = seen.insert(key, name.planned) else { continue };
        let evidence = format!("{} {} is made by {} as well", name.unique.title, name.name, label(earlier));
        // Of two that stand under opposite conditions one is made.
        let open = earlier.item.certainty != Certainty::Certain;
        let outcome = if open { Outcome::Unclear } else { Outcome::Fail };
        findings.push(name.planned.finding(CHECK, outcome, evidence, "give one of them another name"));
    }
    findings
}

fn label(planned: Planned<'_>) -> String {
    format!("{} in {}", planned.item.address, planned.deployment.source)
}

/// Whether something has the name already.
fn collision(scene: &Scene<'_>, holders: &Holders<'_>, name: &Name<'_>) -> Option<Finding> {
    let unclear =
        |why: String, remedy: &str| Some(name.planned.finding(CHECK, Outcome::Unclear, why, remedy));
    let allow = "`aws-janitor iam-policy --for scan` prints what has to be allowed";
    if let NameLookup::AmongAliases { .. } = name.unique.seen {
        return match scene.facts.aliases.get(name.region) {
            Some(Ok(aliases)) if aliases.contains(&name.name) => {
                Some(taken(scene, name, holders.of_name(name)))
            }
            Some(Ok(_)) => None,
            Some(Err(why)) => {
                let why =
                    format!("whether {} {} exists could not be read: {why}", name.unique.title, name.name);
                unclear(why, "allow kms:ListAliases for this caller")
            }
            None => unclear(format!("whether {} {} exists was not read", name.unique.title, name.name), ""),
        };
    }
    if let Some(holder) = holders.of_name(name) {
        return Some(taken(scene, name, Some(holder)));
    }
    let kind = KindName::of(name.kind);
    if scene.facts.inventory.saw(&kind, name.region) {
        return None;
    }
    let place = match name.region.is_global() {
        true => "the account".to_owned(),
        false => name.region.to_string(),
    };
    let unknown = format!("whether {} {} exists in {place} is not known", name.unique.title, name.name);
    match scene.facts.inventory.gaps.iter().find(|gap| gap.kind == kind && gap.region == *name.region) {
        Some(gap) => unclear(format!("{unknown}: {}", gap.error), allow),
        None => unclear(format!("{unknown}: it was not read"), ""),
    }
}

/// What holds names in the account, by the kind of the holder, its region, how letters count, and the name.
struct Holders<'a>(BTreeMap<(&'static str, &'a Region, String), &'a Resource>);

impl<'a> Holders<'a> {
    /// Those that may hold one of these names: each kind in each region is passed over once.
    fn of(scene: &Scene<'a>, names: &[Name<'_>]) -> Self {
        let asked: BTreeMap<(&'static str, &Region), Letters> =
            names.iter().map(|it| ((it.holder(), it.region), it.unique.letters)).collect();
        let mut holders = BTreeMap::new();
        for ((kind, region), letters) in asked {
            let from = Key::new(KindName::of(kind), region.clone(), "");
            let here = scene.facts.inventory.resources.range(from..).map(|(_, resource)| resource);
            for it in here.take_while(|it| it.key.kind.as_str() == kind && it.key.region == *region) {
                for name in [Some(it.key.id.as_str()), it.name.as_deref()].into_iter().flatten() {
                    holders.entry((kind, &it.key.region, letters.folded(name))).or_insert(it);
                }
            }
        }
        Self(holders)
    }

    /// The resource of the account that has the name.
    fn of_name(&self, name: &Name<'_>) -> Option<&'a Resource> {
        self.0.get(&(name.holder(), name.region, name.unique.letters.folded(&name.name))).copied()
    }
}

impl Name<'_> {
    /// The kind of what may hold it.
    const fn holder(&self) -> &'static str {
        match self.unique.seen {
            NameLookup::AmongAliases { of } => of,
            NameLookup::InScan => self.kind,
        }
    }
}

/// The name is taken: by whom, and what to do.
fn taken(scene: &Scene<'_>, name: &Name<'_>, holder: Option<&Resource>) -> Finding {
    let exists = format!("{} {} exists already", name.unique.title, name.name);
    if let Change::Replace(_) = name.planned.item.change {
        return replaced(name, exists);
    }
    let rename = "give it another name, or import the one that exists into the stack";
    let Some(holder) = holder else {
        let leftover = match name.unique.seen {
            NameLookup::AmongAliases { .. } => {
                format!("; if it is a leftover, `{}` frees the name", delete_alias(name))
            }
            NameLookup::InScan => String::new(),
        };
        return name.planned.finding(CHECK, Outcome::Fail, exists, format!("{rename}{leftover}"));
    };
    let judged = scene.facts.judgement.verdicts.get(&holder.key);
    let orphan = judged.filter(|judged| judged.verdict == Verdict::Orphan);
    let stack = judged.and_then(|judged| judged.stack.as_deref());
    let of_stack = stack.map(|stack| format!(" of stack {stack}")).unwrap_or_default();
    if orphan.is_some() {
        let evidence = format!("{exists}: an orphan{of_stack} holds it");
        // A key that waits for its deletion keeps its aliases.
        let remedy = match name.unique.seen {
            NameLookup::AmongAliases { .. } => delete_alias(name),
            NameLookup::InScan => apply(scene, holder, stack),
        };
        return name.planned.finding(CHECK, Outcome::Fail, evidence, remedy);
    }
    let verdict = judged.map(|judged| format!(" ({}{of_stack})", judged.verdict)).unwrap_or_default();
    let leftover = match judged {
        Some(judged) if !judged.selected => "; if it is a leftover, name what is meant to go with --select",
        Some(_) | None => "",
    };
    if is_perhaps_its_own(name.planned) {
        let evidence = format!(
            "{exists}{verdict}, and a template does not tell whether it updates the stack that has it"
        );
        return name.planned.finding(CHECK, Outcome::Warn, evidence, "make a change set, and look at that");
    }
    name.planned.finding(CHECK, Outcome::Fail, format!("{exists}{verdict}"), format!("{rename}{leftover}"))
}

/// Something is made anew under a name that is taken: most likely by its own old one, which no command may
/// be told to delete.
fn replaced(name: &Name<'_>, exists: String) -> Finding {
    let deployment = name.planned.deployment;
    if deployment.uncounted.iter().any(|it| it.what == ORDER_OF_REPLACEMENTS) {
        let evidence = format!(
            "{exists}, perhaps by the one that is replaced, and the preview does not show whether that goes first"
        );
        let remedy = "make the preview with --show-replacement-steps, and look at that";
        return name.planned.finding(CHECK, Outcome::Unclear, evidence, remedy);
    }
    let evidence = format!("{exists}, and the new one is made before the old one goes");
    let remedy = "let the old one go first, or give the new one another name";
    name.planned.finding(CHECK, Outcome::Fail, evidence, remedy)
}

/// A template alone makes everything anew, also what its stack has long made.
const fn is_perhaps_its_own(planned: Planned<'_>) -> bool {
    matches!(planned.deployment.format, Format::CloudFormationTemplate | Format::CdkOut)
}

/// The command that frees an alias; its key is another matter.
fn delete_alias(name: &Name<'_>) -> String {
    format!("aws kms delete-alias --alias-name {} --region {}", quoted(&name.name), name.region)
}

/// The command that frees the name. What belongs to no region is found from any that was read.
fn apply(scene: &Scene<'_>, holder: &Resource, stack: Option<&str>) -> String {
    let what = match stack {
        Some(stack) => Terms::of_stack(stack),
        None => Terms::of_kind(&holder.key.kind).and(&Terms::of_id(&holder.key.id)),
    };
    let regions = match holder.key.region.is_global() {
        true => scene.facts.inventory.regions.clone(),
        false => [holder.key.region.clone()].into(),
    };
    let regions: String = regions.iter().map(|region| format!(" --region {region}")).collect();
    let data = match kinds::CATALOG.get(&holder.key.kind).map(|spec| spec.class) {
        Some(Class::Data) => format!(" --with-data {}", holder.key.kind),
        Some(Class::Plumbing | Class::Workload | Class::Tool | Class::Witness) | None => String::new(),
    };
    // What was selected is narrowed, never widened.
    let own = &scene.facts.select;
    let narrowed: Vec<Terms> = own.iter().map(|own| own.and(&what)).collect();
    let select = if narrowed.is_empty() { vec![what] } else { narrowed };
    let select: String =
        select.iter().map(|terms| format!(" --select {}", quoted(&terms.to_string()))).collect();
    format!("aws-janitor apply{select}{regions}{data}{}", scene.facts.flags)
}

/// EKS makes the log group of a cluster by itself as soon as the cluster logs. Where the plan makes it as
/// well and the cluster does not wait for it, EKS may be first:
/// <https://docs.aws.amazon.com/eks/latest/userguide/control-plane-logs.html>
fn races_with_eks(group: Planned<'_>) -> Option<Finding> {
    let name = group.item.properties.at("name").as_text()?;
    let cluster_name = name.strip_prefix("/aws/eks/")?.strip_suffix("/cluster")?;
    if !group.file.tells_order || !group.item.change.makes() {
        return None;
    }
    let mut called = group.file.items.called(Plays::Cluster, By::Name, cluster_name);
    let cluster = group.file.planned(called.find(|it| it.change.makes())?);
    let logs =
        !matches!(cluster.item.properties.at("enabled_cluster_log_types"), Value::Null | Value::Unknown(_))
            && !cluster.item.properties.at("enabled_cluster_log_types").is_empty();
    if !logs {
        return None;
    }
    let Some(waits) = cluster.waits_for(group) else {
        let evidence = format!(
            "EKS makes log group {name} by itself once {} logs, and that waits for too much to find out whether for \
             this one as well",
            cluster.item.address
        );
        return Some(group.finding(CHECK, Outcome::Unclear, evidence, ""));
    };
    (!waits).then(|| {
        let evidence = format!(
            "EKS makes log group {name} by itself once {} logs, and that does not wait for this one",
            cluster.item.address
        );
        let remedy = format!("let {} depend on it", cluster.item.address);
        group.finding(CHECK, Outcome::Warn, evidence, remedy)
    })
}

#[cfg(test)]
mod tests;
