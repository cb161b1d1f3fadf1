//! From the steps of a preview to the items of a deployment: one for each object, however many steps it
//! takes.

use std::collections::{BTreeMap, BTreeSet};

use super::step::{PreviewStep, stack_of, type_of};
use crate::deployment::places::region_named;
use crate::deployment::{
    Certainty, Change, Deployment, Format, Input, Item, ORDER_OF_REPLACEMENTS, ReadError, ReplaceOrder,
    Uncounted, Value, Weight,
};
use crate::model::lookup::Lookup;
use crate::model::{AccountId, Region};

/// Everything a preview tells.
pub struct Preview {
    pub format: Format,
    /// The stack's configuration, by `namespace:key`.
    pub config: BTreeMap<String, String>,
    pub steps: Vec<PreviewStep>,
}

/// What the steps on one URN say together.
#[derive(Default)]
struct UrnFate {
    change: Option<Change>,
    /// The step that tells how it will be.
    told_by: usize,
    /// The step that makes the new object of a replacement, where it is shown.
    made_by: Option<usize>,
    /// The steps that delete its old objects.
    ends: Vec<usize>,
}

/// How many parts of components one thing is said to wait for. So many things may wait for a component of so many
/// parts that all pairs of both are no file's measure.
const MOST_PARTS: usize = 1000;

/// The steps, by what is asked of them.
struct StepsView<'a> {
    steps: &'a [PreviewStep],
    by_urn: Lookup<&'a str, &'a PreviewStep>,
    children: Lookup<&'a str, Vec<&'a str>>,
    config: &'a BTreeMap<String, String>,
    /// What its resources tell of a provider: `None` where they disagree.
    by_evidence: BTreeMap<&'a str, Option<&'a Region>>,
}

impl Preview {
    /// What is deployed.
    pub fn deployment(self, input: &Input<'_>) -> Result<Deployment, ReadError> {
        let view = StepsView::new(&self.steps, &self.config);
        let mut items = Vec::new();
        let mut unordered = 0_usize;
        for fate in view.fates(self.format)? {
            let replaced = matches!(fate.change, Some(Change::Replace(_)));
            unordered += usize::from(replaced && fate.made_by.is_none());
            items.extend(view.items(fate));
        }
        items.sort_by_key(|(at, _)| *at);
        let items: Vec<Item> = items.into_iter().map(|(_, item)| item).collect();
        let accounts: BTreeSet<&AccountId> = self.steps.iter().filter_map(|it| it.arn.1.as_ref()).collect();
        Ok(Deployment {
            source: input.source.to_owned(),
            format: self.format,
            stack: self.steps.iter().find_map(|step| stack_of(&step.urn)),
            account: if accounts.len() == 1 { accounts.into_iter().next().cloned() } else { None },
            uncounted: remarks(&items, unordered),
            items,
        })
    }
}

impl<'a> StepsView<'a> {
    fn new(steps: &'a [PreviewStep], config: &'a BTreeMap<String, String>) -> Self {
        let mut children: Lookup<&str, Vec<&str>> = Lookup::default();
        let mut by_evidence: BTreeMap<&str, Option<&Region>> = BTreeMap::new();
        for step in steps {
            if let Some((provider, evidence)) = step.provider.as_deref().zip(step.evidence.as_ref()) {
                let agreed = by_evidence.entry(provider).or_insert(Some(evidence));
                *agreed = agreed.filter(|it| *it == evidence);
            }
            if let Some(parent) = &step.parent {
                children.entry(parent.as_str()).push(&step.urn);
            }
        }
        let by_urn = steps.iter().map(|step| (step.urn.as_str(), step)).collect();
        Self { steps, by_urn, children, config, by_evidence }
    }

    fn fates(&self, format: Format) -> Result<Vec<UrnFate>, ReadError> {
        let mut fates: Vec<UrnFate> = Vec::new();
        let mut by_urn: Lookup<&str, usize> = Lookup::default();
        for (at, step) in self.steps.iter().enumerate() {
            let counts = step.custom && !step.type_name.starts_with("pulumi:");
            let known = by_urn.get(step.urn.as_str()).copied().unwrap_or(fates.len());
            if counts && known == fates.len() {
                by_urn.insert(&step.urn, known);
                fates.push(UrnFate::default());
            }
            let mut ignored = UrnFate::default();
            let fate = fates.get_mut(known).filter(|_| counts).unwrap_or(&mut ignored);
            if !fate.take(step, at) {
                let why = format!("the operation on `{}` is not known", step.urn);
                return Err(ReadError::Broken { format: format.title(), why });
            }
        }
        Ok(fates)
    }

    /// The items of one URN, each with the number of the step that tells it.
    fn items(&self, fate: UrnFate) -> Vec<(usize, Item)> {
        let mut ends = fate.ends.clone();
        let mut items = Vec::new();
        match fate.settled() {
            Some(change) => {
                items.extend(self.item(fate.told_by, change, None));
                // The end of a replacement is a part of it.
                if matches!(change, Change::Replace(_)) {
                    ends.pop();
                }
            }
            None => {
                let plain =
                    ends.iter().position(|at| self.steps.get(*at).is_some_and(|it| it.op == "delete"));
                if !ends.is_empty() {
                    items.extend(self.item(ends.remove(plain.unwrap_or_default()), Change::Delete, None));
                }
            }
        }
        let old = ends.into_iter().zip(1..).filter_map(|(at, nth)| self.item(at, Change::Delete, Some(nth)));
        items.extend(old);
        items
    }

    fn item(&self, at: usize, change: Change, old: Option<usize>) -> Option<(usize, Item)> {
        let step = self.steps.get(at)?;
        let region = if step.type_name.starts_with("aws") { self.region(step) } else { None };
        let address = old.map_or_else(|| step.urn.clone(), |nth| format!("{} (old object {nth})", step.urn));
        let item = Item {
            address,
            type_name: step.type_name.clone(),
            kind: step.row.map(|row| row.name()),
            change,
            certainty: Certainty::Certain,
            region: step.row.map_or(region.clone(), |row| row.region(region)),
            // Copied, and so beside each other: among what was read around them each look at one takes longer.
            properties: step.properties.clone(),
            before: if matches!(change, Change::Update | Change::Replace(_)) {
                step.before.clone()
            } else {
                Value::Null
            },
            after: self.after(step),
        };
        Some((at, item))
    }

    /// Where it is made: as it says itself, else as its provider's inputs say, else as what it names does, else as
    /// the zones and ARNs of the provider's other resources do.
    fn region(&self, step: &PreviewStep) -> Option<Region> {
        let urn = step.provider.as_deref();
        let configured = || match self.by_urn.get(urn?) {
            Some(provider) => provider.region.clone(),
            None => self.configured(urn?),
        };
        let agreed = || self.by_evidence.get(urn?).copied().flatten().cloned();
        let own = || step.told.clone();
        step.region.clone().or_else(configured).or_else(own).or_else(agreed).or_else(|| step.arn.0.clone())
    }

    /// The region of a provider that is no step: the stack's configuration sets up the default providers,
    /// which are named so. One of the program's own may be set up otherwise.
    fn configured(&self, provider: &str) -> Option<Region> {
        let name = provider.rsplit("::").next()?;
        let namespace = type_of(provider).strip_prefix("pulumi:providers:")?;
        let value = self.config.get(&format!("{namespace}:region"));
        value.filter(|_| name == "default" || name.starts_with("default_")).and_then(|it| region_named(it))
    }

    /// What an item waits for: what its step names, what is inside of a component that it names, and what
    /// its provider waits for.
    fn after(&self, step: &PreviewStep) -> Vec<String> {
        let provider = step.provider.as_deref().and_then(|urn| self.by_urn.get(urn));
        let mut open: Vec<&str> = step.after.iter().map(String::as_str).collect();
        open.extend(provider.iter().flat_map(|provider| &provider.after).map(String::as_str));
        let mut found: BTreeSet<&str> = BTreeSet::new();
        let mut components: BTreeSet<&str> = BTreeSet::new();
        let named: Vec<&str> = open.clone();
        while let Some(urn) = open.pop() {
            if !self.is_component(urn) {
                found.insert(urn);
            } else if components.insert(urn) {
                let children = self.children.get(urn).map_or(&[] as &[&str], Vec::as_slice);
                let seen = open.len() + found.len() + components.len() + children.len();
                if seen > MOST_PARTS.max(2 * named.len()) {
                    // Named as it is: of that no check can tell what it waits for, and none says that it can.
                    found = named.into_iter().collect();
                    break;
                }
                open.extend(children);
            }
        }
        found.remove(step.urn.as_str());
        found.into_iter().map(str::to_owned).collect()
    }

    fn is_component(&self, urn: &str) -> bool {
        self.by_urn.get(urn).is_some_and(|named| !named.custom)
    }
}

impl UrnFate {
    /// Takes a step into it; `false` if its operation is not known.
    /// <https://github.com/pulumi/pulumi/blob/master/sdk/go/common/display/events.go> and `step.go` name them.
    fn take(&mut self, step: &PreviewStep, at: usize) -> bool {
        let change = match step.op.as_str() {
            "same" | "refresh" | "read" | "import" | "read-replacement" | "import-replacement" => {
                Change::Keep
            }
            _ if step.external => Change::Keep,
            "create" => Change::Create,
            "update" => Change::Update,
            // Both name the same object; the former alone is shown where nobody asks for more.
            "replace" | "create-replacement" => Change::Replace(ReplaceOrder::CreateFirst),
            "delete" | "delete-replaced" => {
                self.ends.push(at);
                return true;
            }
            // What is discarded was only read; of what waits for its replacement the old object is gone.
            "discard" | "discard-replaced" | "remove-pending-replace" => return true,
            _ => return false,
        };
        if step.op == "create-replacement" {
            self.made_by = Some(at);
        }
        self.change = Some(change);
        self.told_by = at;
        true
    }

    /// What happens to it. Where every old object goes before the new one is made, the old one goes first;
    /// otherwise both are there for a while, which is Pulumi's default.
    /// <https://www.pulumi.com/docs/iac/concepts/resources/options/deletebeforereplace/>
    fn settled(&self) -> Option<Change> {
        let order = match self.made_by {
            Some(made) if !self.ends.is_empty() && self.ends.iter().all(|end| *end < made) => {
                ReplaceOrder::DeleteFirst
            }
            _ => ReplaceOrder::CreateFirst,
        };
        self.change
            .map(|change| if let Change::Replace(_) = change { Change::Replace(order) } else { change })
    }
}

fn remarks(items: &[Item], unordered: usize) -> Vec<Uncounted> {
    let remark = |what: &str, why: &str| Uncounted {
        what: what.to_owned(),
        why: why.to_owned(),
        weight: Weight::Remark,
    };
    let mut remarks = Vec::new();
    if items.iter().any(|item| item.change.makes()) {
        remarks.push(remark(
            "resources that the program makes inside of `apply`",
            "a preview does not run an `apply` whose value is not known before the deployment",
        ));
    }
    if unordered > 0 {
        remarks.push(remark(
            ORDER_OF_REPLACEMENTS,
            "the preview does not show it, so that the old and the new one are counted side by side; `--show-replacement-steps` shows it",
        ));
    }
    remarks
}
