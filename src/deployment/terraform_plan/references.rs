//! To which items an expression refers, as far as the configuration tells: asked for attributes that are not
//! known, and for what waits for what.
//!
//! Terraform writes down what an expression mentions and not how: of
//! `aws_subnet.public[count.index % 2].id` there are `aws_subnet.public` and `count.index`. So each instance
//! of what is mentioned is a candidate; where there are as many as there are of the one that asks, and the
//! expression mentions its own index, the candidate of the same index is the one.
//! Locals stand nowhere in the file: what a reference through one may lead to, `kin` tells.

mod modules;
mod notes;

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::addresses::{module_path, parts, within};
use super::configuration::{Configuration, ConfiguredResource, Expression, Leaf};
use super::document::Variable;
use super::draft::{Draft, Index};
use super::kin::{Kin, Wanted};
use crate::deployment::Value;
use crate::model::lookup::Lookup;

/// How the source of a value is called that a data source asks EKS for: which version of an add-on goes with a
/// version of Kubernetes.
pub const ADDON_VERSIONS: &str = "data.aws_eks_addon_version.";

/// More candidates than this tell nothing about where something comes from.
pub const MOST_SOURCES: usize = 256;
/// More dependencies than this are not kept for one item.
const MOST_DEPENDENCIES: usize = 1000;
/// How many references one expression is followed through, and how many in a row: no file may lead in circles.
const MOST_STEPS: usize = 20_000;
const DEEPEST: usize = 50;

/// So many of one resource or one module are told one by one; of more it is told which resource or module it is.
const MOST_ONE_BY_ONE: usize = 16;

/// The items of a plan and the configuration they come from.
pub struct References<'a> {
    pub(super) configuration: &'a Configuration,
    pub(super) kin: Kin,
    variables: &'a BTreeMap<String, Variable>,
    blocks: Vec<&'a ConfiguredResource>,
    items: Vec<KnownItem>,
    /// What remains of each resource.
    resources: Vec<KnownResource>,
    /// The same by its address, which has no index.
    by_resource: Lookup<Rc<str>, usize>,
    /// Their numbers by their addresses, once somebody asks for all of a module.
    in_order: OnceCell<Vec<usize>>,
    /// The instances of modules.
    modules: BTreeSet<String>,
    /// The same by their call: `module.a[0].module.b` has `module.a[0].module.b[0]`, ….
    by_call: BTreeMap<String, Instances>,
    /// To what variables and outputs led that were followed before.
    followed: RefCell<BTreeMap<Followed, Led>>,
}

struct KnownItem {
    address: String,
    /// How much of the address is its module's.
    module_length: usize,
    resource: usize,
    index: Option<Index>,
}

struct KnownResource {
    address: Rc<str>,
    items: Vec<usize>,
    by_index: BTreeMap<Index, usize>,
}

/// The instances of the call of a module.
#[derive(Default)]
struct Instances {
    all: Vec<String>,
    by_index: BTreeMap<Index, Vec<usize>>,
}

/// A variable or an output, and after how many references it was come to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Followed {
    Variable(String, String, usize),
    Output(String, String, usize),
}

/// To what references lead. One to all instances of a resource, or to all of a module, is kept as one: each of its
/// instances may hold such a reference, and as many times as many would have to be looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// Single items.
    pub single: BTreeSet<usize>,
    /// Resources as a whole.
    whole: BTreeSet<usize>,
    /// Addresses of modules, for all that stands in them.
    modules: BTreeSet<String>,
}

impl Found {
    fn extend(&mut self, other: Self) {
        self.single.extend(other.single);
        self.whole.extend(other.whole);
        self.modules.extend(other.modules);
    }
}

impl FromIterator<Self> for Found {
    fn from_iter<T: IntoIterator<Item = Self>>(all: T) -> Self {
        let mut found = Self::default();
        all.into_iter().for_each(|it| found.extend(it));
        found
    }
}

/// Where an expression stands.
pub struct ExpressionScope<'a> {
    pub module: &'a str,
    pub index: Option<&'a Index>,
    /// How many instances there are of the resource or the module that it is an instance of.
    pub siblings: usize,
    for_each: Option<&'a Expression>,
    /// How many references lead here.
    depth: usize,
}

impl<'a> ExpressionScope<'a> {
    /// A module as a whole.
    pub const fn whole(module: &'a str, depth: usize) -> Self {
        Self { module, index: None, siblings: 0, for_each: None, depth }
    }
}

/// A walk along references.
pub struct Walk {
    /// How many references it still follows.
    steps: usize,
    /// The modules in which it came to a local, where it ends.
    pub locals: BTreeSet<String>,
    /// The data sources that it came to and that are told.
    pub data: BTreeSet<String>,
}

/// To what a variable or an output led.
#[derive(Clone)]
struct Led {
    found: Found,
    locals: BTreeSet<String>,
    data: BTreeSet<String>,
}

impl Default for Walk {
    fn default() -> Self {
        Self { steps: MOST_STEPS, locals: BTreeSet::new(), data: BTreeSet::new() }
    }
}

impl<'a> References<'a> {
    /// The block of an item.
    pub fn block(&self, draft: &Draft) -> Option<&'a ConfiguredResource> {
        self.blocks.get(draft.block?).copied()
    }

    /// The addresses of everything that an item waits for or refers to; `provider` is the block that its
    /// provider is set up by.
    pub fn dependencies(&self, draft: &Draft, provider: Option<&Expression>) -> Vec<String> {
        let Some(block) = self.block(draft) else { return Vec::new() };
        let scope = self.scope(draft, block);
        let own = [&block.count_expression, &block.for_each_expression].into_iter().flatten();
        let mut found = Found::default();
        for expression in block.expressions.values().chain(own) {
            for leaf in expression.leaves() {
                found.extend(self.of_leaves(&[leaf], &scope));
            }
        }
        if !block.depends_on.is_empty() {
            found.extend(self.of_names(&block.depends_on, &draft.module));
        }
        let mut module = draft.module.as_str();
        while let Some((outer, call)) = self.call(module) {
            if !call.depends_on.is_empty() {
                found.extend(self.of_names(&call.depends_on, outer));
            }
            module = outer;
        }
        if let Some(provider) = provider {
            found.extend(self.of_leaves(&provider.leaves(), &ExpressionScope::whole("", 0)));
        }
        let mut after = self.told(found);
        after.retain(|address| *address != draft.address);
        after.truncate(MOST_DEPENDENCIES);
        after
    }

    /// The addresses of what was found, in the plan's order: one by one, or as the resource or the module that they
    /// are of where they are many.
    fn told(&self, found: Found) -> Vec<String> {
        let mut single = found.single;
        let mut many: BTreeSet<&str> = BTreeSet::new();
        for resource in found.whole.iter().filter_map(|it| self.resources.get(*it)) {
            match resource.items.len() <= MOST_ONE_BY_ONE {
                true => single.extend(&resource.items),
                false => {
                    many.insert(&resource.address);
                }
            }
        }
        for module in &found.modules {
            let few: Vec<usize> = self.all_in(module).take(MOST_ONE_BY_ONE + 1).collect();
            match few.len() <= MOST_ONE_BY_ONE {
                true => single.extend(few),
                false => {
                    many.insert(module);
                }
            }
        }
        self.addresses(single).into_iter().chain(many.into_iter().map(str::to_owned)).collect()
    }

    /// Single items, as far as they are no more than tell something.
    pub(super) fn sources(&self, found: &Found) -> Option<BTreeSet<usize>> {
        let whole = found.whole.iter().filter_map(|it| self.resources.get(*it));
        let whole = whole.flat_map(|resource| resource.items.iter().copied());
        let inside = found.modules.iter().flat_map(|module| self.all_in(module));
        let mut all = BTreeSet::new();
        for at in found.single.iter().copied().chain(whole).chain(inside) {
            all.insert(at);
            if all.len() > MOST_SOURCES {
                return None;
            }
        }
        Some(all)
    }

    /// Those of the wanted type, or a few more of them than tell something.
    pub(super) fn wanted(&self, wanted: &Wanted, found: &Found) -> BTreeSet<usize> {
        let is_one = |at: &usize| self.kin.is_one(wanted, *at);
        let whole = found.whole.iter().filter_map(|it| self.resources.get(*it));
        let whole =
            whole.filter(|it| it.items.first().is_some_and(is_one)).flat_map(|it| it.items.iter().copied());
        let inside = found.modules.iter().flat_map(|module| self.kin.inside(wanted, module));
        let single = found.single.iter().copied().filter(is_one);
        single.chain(whole.filter(is_one)).chain(inside).take(MOST_SOURCES + 1).collect()
    }

    pub(super) fn scope<'s>(
        &'s self,
        draft: &'s Draft,
        block: &'s ConfiguredResource,
    ) -> ExpressionScope<'s> {
        let siblings = draft.resource.and_then(|it| self.resources.get(it)).map_or(0, |it| it.items.len());
        let for_each = block.for_each_expression.as_ref();
        ExpressionScope { module: &draft.module, index: draft.index.as_ref(), siblings, for_each, depth: 0 }
    }

    pub(super) fn addresses(&self, found: BTreeSet<usize>) -> Vec<String> {
        found.into_iter().filter_map(|at| Some(self.items.get(at)?.address.clone())).collect()
    }

    fn of_names(&self, names: &[String], module: &str) -> Found {
        let leaf = Leaf { references: names.to_vec(), constant: Value::Null };
        self.of_leaves(&[&leaf], &ExpressionScope::whole(module, 0))
    }

    fn of_leaves(&self, leaves: &[&Leaf], scope: &ExpressionScope<'_>) -> Found {
        let mut walk = Walk::default();
        leaves.iter().map(|leaf| self.of_leaf(leaf, scope, &mut walk)).collect()
    }

    pub(super) fn of_leaf(&self, leaf: &Leaf, scope: &ExpressionScope<'_>, walk: &mut Walk) -> Found {
        let heads = leaf.heads();
        let (each, other): (Vec<&str>, Vec<&str>) = heads.iter().partition(|head| head.starts_with("each."));
        let mut follow =
            |heads: Vec<&str>| heads.iter().map(|head| self.of_reference(head, scope, walk)).collect();
        let (gone_through, mut found): (Found, Found) = (follow(each), follow(other));
        // A part of `each.value` may name any other.
        if heads.iter().any(|head| matches!(*head, "count.index" | "each.key" | "each.value")) {
            found = self.narrowed(found, &heads, scope);
        }
        found.extend(self.narrowed(gone_through, &heads, scope));
        found
    }

    fn of_reference(&self, reference: &str, scope: &ExpressionScope<'_>, walk: &mut Walk) -> Found {
        if walk.steps == 0 || scope.depth > DEEPEST {
            return Found::default();
        }
        walk.steps -= 1;
        let parts = parts(reference);
        match parts.as_slice() {
            [first, name, ..] if first.name == "var" => self.of_variable(name.name, scope, walk),
            [first, _, ..] if first.name == "local" => {
                walk.locals.insert(scope.module.to_owned());
                Found::default()
            }
            [first, kind, name, ..] if first.name == "data" => {
                let data = format!("data.{}.{}", kind.name, name.name);
                if data.starts_with(ADDON_VERSIONS) {
                    walk.data.insert(within(scope.module, &data));
                }
                Found::default()
            }
            [first, call, rest @ ..] if first.name == "module" => {
                self.of_module(call, rest.first(), scope, walk)
            }
            [first, ..] if first.name == "each" => match scope.for_each {
                Some(each) => {
                    let outer = ExpressionScope { for_each: None, depth: scope.depth + 1, ..*scope };
                    each.leaves().iter().map(|leaf| self.of_leaf(leaf, &outer, walk)).collect()
                }
                None => Found::default(),
            },
            [kind, name, ..] => {
                let address = address_of(scope.module, kind.name, name.name);
                let mut found = Found::default();
                if let Some(resource) = self.by_resource.get(address.as_str()) {
                    match &name.index {
                        None => found.whole.extend([*resource]),
                        Some(index) => found.single.extend(self.of_index(*resource, index)),
                    }
                }
                found
            }
            _ => Found::default(),
        }
    }

    /// The instance of this index of a resource.
    fn of_index(&self, resource: usize, index: &Index) -> Option<usize> {
        self.resources.get(resource)?.by_index.get(index).copied()
    }

    pub(super) fn index(&self, at: usize) -> Option<&Index> {
        self.items.get(at)?.index.as_ref()
    }

    /// How many instances of its resource there are.
    pub(super) fn siblings(&self, at: usize) -> Option<usize> {
        Some(self.resources.get(self.items.get(at)?.resource)?.items.len())
    }

    /// Whether it stands in this module itself.
    pub(super) fn is_in(&self, at: usize, module: &str) -> bool {
        self.items
            .get(at)
            .is_some_and(|item| item.module_length == module.len() && item.address.starts_with(module))
    }

    /// The candidates of the same index, of each resource that has as many instances as the one that asks.
    fn narrowed(&self, found: Found, heads: &[&str], scope: &ExpressionScope<'_>) -> Found {
        let Some(index) = scope.index.filter(|_| found != Found::default()) else { return found };
        let named = self.named_by_list(heads, scope);
        let mut narrow = Found { modules: found.modules, ..Found::default() };
        for resource in &found.whole {
            let as_many = self.resources.get(*resource).is_some_and(|it| it.items.len() == scope.siblings);
            let of_index = |index| self.of_index(*resource, index);
            let same = [Some(index), named.as_ref()].into_iter().flatten().filter_map(of_index).min();
            match same.filter(|_| as_many) {
                Some(same) => narrow.single.extend([same]),
                None => narrow.whole.extend([*resource]),
            }
        }
        let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for at in found.single {
            let Some(item) = self.items.get(at) else { continue };
            if !found.whole.contains(&item.resource) {
                groups.entry(item.resource).or_default().push(at);
            }
        }
        for group in groups.into_values() {
            let same = group.iter().find(|at| {
                let its = self.index(**at);
                its == Some(index) || (named.is_some() && its == named.as_ref())
            });
            match same {
                Some(same) if group.len() == scope.siblings => narrow.single.extend([*same]),
                _ => narrow.single.extend(group),
            }
        }
        narrow
    }

    /// The key that a list in a variable has at the place of `count.index`: `aws_subnet.a[var.zones[count.index]]`.
    fn named_by_list(&self, heads: &[&str], scope: &ExpressionScope<'_>) -> Option<Index> {
        let Some(Index::Number(number)) = scope.index else { return None };
        let mut lists =
            heads.iter().filter_map(|head| match self.value_of(head, &module_path(scope.module))? {
                Value::List(list) => Some(list),
                _ => None,
            });
        let (only, none) = (lists.next()?, lists.next());
        let member = only.get(usize::try_from(*number).ok()?)?.as_text()?;
        none.is_none().then(|| Index::Key(member.to_owned()))
    }

    /// The value of a reference to a variable, where the plan or the configuration tells it.
    pub fn value_of(&self, reference: &str, module: &[&str]) -> Option<&'a Value> {
        let path = reference.strip_prefix("var.")?;
        let (name, rest) = path.split_once('.').unwrap_or((path, ""));
        let value = self.variable(name, module)?;
        let value = if rest.is_empty() { value } else { value.at(rest) };
        (*value != Value::Null).then_some(value)
    }

    fn variable(&self, name: &str, module: &[&str]) -> Option<&'a Value> {
        let root = &self.configuration.root_module;
        let declared = root.below(module.iter().copied())?.variables.get(name).map(|it| &it.default.0);
        let Some((call, outer)) = module.split_last() else {
            return self.variables.get(name).map(|variable| &variable.value.0).or(declared);
        };
        let given = root.below(outer.iter().copied())?.module_calls.get(*call)?.expressions.get(name);
        match given {
            Some(expression) => self.constant(expression.as_leaf()?, outer),
            None => declared,
        }
    }

    /// What an expression is, if it is constant or nothing but a variable whose value is told.
    pub fn constant(&self, leaf: &'a Leaf, module: &[&str]) -> Option<&'a Value> {
        match leaf.heads().as_slice() {
            [] => Some(&leaf.constant),
            [only] => self.value_of(only, module),
            _ => None,
        }
    }
}

fn call_of(outer: &str, call: &str) -> String {
    within(outer, &format!("module.{call}"))
}

fn resource_of(draft: &Draft) -> String {
    address_of(&draft.module, &draft.type_name, &draft.name)
}

/// The address of a resource in a module: put together for each reference.
fn address_of(module: &str, type_name: &str, name: &str) -> String {
    let parts: &[&str] =
        if module.is_empty() { &[type_name, ".", name] } else { &[module, ".", type_name, ".", name] };
    parts.concat()
}
