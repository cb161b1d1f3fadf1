//! To which items an expression refers, as far as the configuration tells: asked for attributes that are not
//! known, and for what waits for what.
//!
//! Terraform writes down what an expression mentions and not how: of
//! `aws_subnet.public[count.index % 2].id` there are `aws_subnet.public` and `count.index`. So each instance
//! of what is mentioned is a candidate; where there are as many as there are of the one that asks, and the
//! expression mentions its own index, the candidate of the same index is the one.
//! Locals stand nowhere in the file: what a reference through one may lead to, `kin` tells.

use std::collections::{BTreeMap, BTreeSet};

use super::addresses::{Segment, module_path, parent, parts, within};
use super::configuration::{Call, Configuration, ConfiguredResource, Expression, Leaf, Module};
use super::document::Variable;
use super::draft::{Draft, Index};
use super::kin::Kin;
use crate::deployment::Value;

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

/// The items of a plan and the configuration they come from.
pub struct References<'a> {
    pub(super) configuration: &'a Configuration,
    pub(super) kin: Kin,
    variables: &'a BTreeMap<String, Variable>,
    blocks: BTreeMap<(String, &'a str, &'a str), &'a ConfiguredResource>,
    items: Vec<KnownItem>,
    /// By address without index, what remains.
    by_resource: BTreeMap<String, Vec<usize>>,
    /// The instances of modules.
    modules: BTreeSet<String>,
    /// The same by their call: `module.a[0].module.b` has `module.a[0].module.b[0]`, ….
    by_call: BTreeMap<String, Vec<String>>,
}

struct KnownItem {
    address: String,
    /// How much of the address is its module's.
    module_length: usize,
    resource: String,
    index: Option<Index>,
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

impl Default for Walk {
    fn default() -> Self {
        Self { steps: MOST_STEPS, locals: BTreeSet::new(), data: BTreeSet::new() }
    }
}

impl<'a> References<'a> {
    /// Those of these items.
    pub fn new(
        configuration: &'a Configuration,
        variables: &'a BTreeMap<String, Variable>,
        drafts: &[Draft],
    ) -> Self {
        let mut it = Self {
            configuration,
            kin: Kin::default(),
            variables,
            blocks: BTreeMap::new(),
            items: Vec::new(),
            by_resource: BTreeMap::new(),
            modules: BTreeSet::new(),
            by_call: BTreeMap::new(),
        };
        it.note_blocks(String::new(), &configuration.root_module);
        for draft in drafts.iter().filter(|draft| draft.change.is_some_and(|change| change.remains())) {
            let resource = resource_of(draft);
            it.by_resource.entry(resource.clone()).or_default().push(it.items.len());
            it.kin.note(it.items.len(), draft);
            it.items.push(KnownItem {
                address: draft.address.clone(),
                module_length: draft.module.len(),
                resource,
                index: draft.index.clone(),
            });
            let mut module = draft.module.as_str();
            while !module.is_empty() && it.modules.insert(module.to_owned()) {
                let Some((outer, part)) = parent(module) else { break };
                it.by_call.entry(call_of(outer, part.name)).or_default().push(module.to_owned());
                module = outer;
            }
        }
        it.note_bare_calls(String::new(), &configuration.root_module);
        let instances: Vec<String> = it.modules.iter().cloned().collect();
        for instance in instances {
            if let Some(module) = configuration.root_module.below(module_path(&instance)) {
                it.note_bare_calls(instance, module);
            }
        }
        it
    }

    /// Takes note of modules that make nothing themselves: they name things, or put user data together. No address
    /// tells of them, and what is handed to them goes on through their outputs. Of one that is there several times
    /// nobody knows the keys.
    fn note_bare_calls(&mut self, outer: String, module: &'a Module) {
        for (name, call) in &module.module_calls {
            let of_call = call_of(&outer, name);
            let is_one = call.count_expression.is_none() && call.for_each_expression.is_none();
            if is_one && !self.by_call.contains_key(&of_call) {
                let instance = within(&outer, &format!("module.{name}"));
                self.modules.insert(instance.clone());
                self.by_call.insert(of_call, vec![instance.clone()]);
                self.note_bare_calls(instance, &call.module);
            }
        }
    }

    fn note_blocks(&mut self, path: String, module: &'a Module) {
        self.kin.note_data(&path, module);
        for resource in module.resources.iter().filter(|resource| resource.mode != "data") {
            self.blocks.insert((path.clone(), &resource.type_name, &resource.name), resource);
        }
        for (name, call) in &module.module_calls {
            self.note_blocks(within(&path, name), &call.module);
        }
    }

    /// The block of an item.
    pub fn block(&self, draft: &Draft) -> Option<&'a ConfiguredResource> {
        let path = module_path(&draft.module).join(".");
        self.blocks.get(&(path, draft.type_name.as_str(), draft.name.as_str())).copied()
    }

    /// The addresses of everything that an item waits for or refers to; `provider` is the block that its
    /// provider is set up by.
    pub fn dependencies(&self, draft: &Draft, provider: Option<&Expression>) -> Vec<String> {
        let Some(block) = self.block(draft) else { return Vec::new() };
        let scope = self.scope(draft, block);
        let own = [&block.count_expression, &block.for_each_expression].into_iter().flatten();
        let mut found = BTreeSet::new();
        for expression in block.expressions.values().chain(own) {
            for leaf in expression.leaves() {
                found.extend(self.of_leaves(&[leaf], &scope));
            }
        }
        found.extend(self.of_names(&block.depends_on, &draft.module));
        let mut module = draft.module.as_str();
        while let Some((outer, call)) = self.call(module) {
            found.extend(self.of_names(&call.depends_on, outer));
            module = outer;
        }
        if let Some(provider) = provider {
            found.extend(self.of_leaves(&provider.leaves(), &ExpressionScope::whole("", 0)));
        }
        found.retain(|at| self.items.get(*at).is_some_and(|item| item.address != draft.address));
        self.addresses(found.into_iter().take(MOST_DEPENDENCIES).collect())
    }

    pub(super) fn scope<'s>(
        &'s self,
        draft: &'s Draft,
        block: &'s ConfiguredResource,
    ) -> ExpressionScope<'s> {
        let siblings = self.by_resource.get(&resource_of(draft)).map_or(0, Vec::len);
        let for_each = block.for_each_expression.as_ref();
        ExpressionScope { module: &draft.module, index: draft.index.as_ref(), siblings, for_each, depth: 0 }
    }

    pub(super) fn addresses(&self, found: BTreeSet<usize>) -> Vec<String> {
        found.into_iter().filter_map(|at| Some(self.items.get(at)?.address.clone())).collect()
    }

    fn of_names(&self, names: &[String], module: &str) -> BTreeSet<usize> {
        let leaf = Leaf { references: names.to_vec(), constant: Value::Null };
        self.of_leaves(&[&leaf], &ExpressionScope::whole(module, 0))
    }

    fn of_leaves(&self, leaves: &[&Leaf], scope: &ExpressionScope<'_>) -> BTreeSet<usize> {
        let mut walk = Walk::default();
        leaves.iter().flat_map(|leaf| self.of_leaf(leaf, scope, &mut walk)).collect()
    }

    pub(super) fn of_leaf(
        &self,
        leaf: &Leaf,
        scope: &ExpressionScope<'_>,
        walk: &mut Walk,
    ) -> BTreeSet<usize> {
        let heads = leaf.heads();
        let (each, other): (Vec<&str>, Vec<&str>) = heads.iter().partition(|head| head.starts_with("each."));
        let mut follow =
            |heads: Vec<&str>| heads.iter().flat_map(|head| self.of_reference(head, scope, walk)).collect();
        let (gone_through, mut found): (BTreeSet<usize>, BTreeSet<usize>) = (follow(each), follow(other));
        // A part of `each.value` may name any other.
        if heads.iter().any(|head| matches!(*head, "count.index" | "each.key" | "each.value")) {
            found = self.narrowed(found, &heads, scope);
        }
        found.extend(self.narrowed(gone_through, &heads, scope));
        found
    }

    fn of_reference(&self, reference: &str, scope: &ExpressionScope<'_>, walk: &mut Walk) -> BTreeSet<usize> {
        if walk.steps == 0 || scope.depth > DEEPEST {
            return BTreeSet::new();
        }
        walk.steps -= 1;
        let parts = parts(reference);
        match parts.as_slice() {
            [first, name, ..] if first.name == "var" => self.of_variable(name.name, scope, walk),
            [first, _, ..] if first.name == "local" => {
                walk.locals.insert(scope.module.to_owned());
                BTreeSet::new()
            }
            [first, kind, name, ..] if first.name == "data" => {
                let data = format!("data.{}.{}", kind.name, name.name);
                if data.starts_with(ADDON_VERSIONS) {
                    walk.data.insert(within(scope.module, &data));
                }
                BTreeSet::new()
            }
            [first, call, rest @ ..] if first.name == "module" => {
                self.of_module(call, rest.first(), scope, walk)
            }
            [first, ..] if first.name == "each" => match scope.for_each {
                Some(each) => {
                    let outer = ExpressionScope { for_each: None, depth: scope.depth + 1, ..*scope };
                    each.leaves().iter().flat_map(|leaf| self.of_leaf(leaf, &outer, walk)).collect()
                }
                None => BTreeSet::new(),
            },
            [kind, name, ..] => {
                let resource = within(scope.module, &format!("{}.{}", kind.name, name.name));
                let all = self.by_resource.get(&resource).into_iter().flatten().copied();
                all.filter(|at| name.index.is_none() || self.index(*at) == name.index.as_ref()).collect()
            }
            _ => BTreeSet::new(),
        }
    }

    pub(super) fn index(&self, at: usize) -> Option<&Index> {
        self.items.get(at)?.index.as_ref()
    }

    /// How many instances of its resource there are.
    pub(super) fn siblings(&self, at: usize) -> Option<usize> {
        self.by_resource.get(&self.items.get(at)?.resource).map(Vec::len)
    }

    /// Whether it stands in this module itself.
    pub(super) fn is_in(&self, at: usize, module: &str) -> bool {
        self.items
            .get(at)
            .is_some_and(|item| item.module_length == module.len() && item.address.starts_with(module))
    }

    /// What a module's variable was given by its call.
    pub(super) fn of_variable(
        &self,
        name: &str,
        scope: &ExpressionScope<'_>,
        walk: &mut Walk,
    ) -> BTreeSet<usize> {
        let Some((outer, call)) = self.call(scope.module) else { return BTreeSet::new() };
        let Some(expression) = call.expressions.get(name) else { return BTreeSet::new() };
        let own = parent(scope.module).and_then(|(_, part)| part.index);
        let siblings =
            parent(scope.module).map_or(0, |(_, part)| self.instances(outer, part.name, None).len());
        let given = ExpressionScope {
            module: outer,
            index: own.as_ref(),
            siblings,
            for_each: call.for_each_expression.as_ref(),
            depth: scope.depth + 1,
        };
        expression.leaves().iter().flat_map(|leaf| self.of_leaf(leaf, &given, walk)).collect()
    }

    /// What a module's output refers to; everything in it, if none is named.
    fn of_module(
        &self,
        call: &Segment<'_>,
        output: Option<&Segment<'_>>,
        scope: &ExpressionScope<'_>,
        walk: &mut Walk,
    ) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        for instance in self.instances(scope.module, call.name, call.index.as_ref()) {
            let Some(output) = output else {
                found.extend(self.all_in(instance));
                continue;
            };
            let module = self.configuration.root_module.below(module_path(instance));
            let Some(output) = module.and_then(|module| module.outputs.get(output.name)) else { continue };
            let inner = ExpressionScope::whole(instance, scope.depth + 1);
            for leaf in output.expression.iter().flat_map(Expression::leaves) {
                found.extend(self.of_leaf(leaf, &inner, walk));
            }
            for name in &output.depends_on {
                found.extend(self.of_reference(name, &inner, walk));
            }
        }
        found
    }

    /// The instances of a module call within a module instance.
    pub(super) fn instances(&self, outer: &str, call: &str, index: Option<&Index>) -> Vec<&str> {
        let all = self.by_call.get(&call_of(outer, call)).into_iter().flatten();
        let fits =
            |it: &&String| index.is_none() || parent(it).and_then(|(_, part)| part.index).as_ref() == index;
        all.filter(fits).map(String::as_str).collect()
    }

    fn all_in(&self, instance: &str) -> BTreeSet<usize> {
        let start = format!("{instance}.");
        let inside = self.by_resource.range(start.clone()..).take_while(|(it, _)| it.starts_with(&start));
        inside.flat_map(|(_, all)| all.iter().copied()).collect()
    }

    pub(super) fn call(&self, module: &str) -> Option<(&str, &'a Call)>
    where
        Self: 'a,
    {
        let instance = self.modules.get(module)?;
        let (outer, part) = parent(instance)?;
        let around = self.configuration.root_module.below(module_path(outer))?;
        Some((outer, around.module_calls.get(part.name)?))
    }

    /// The candidates of the same index, of each resource that has as many instances as the one that asks.
    fn narrowed(
        &self,
        found: BTreeSet<usize>,
        heads: &[&str],
        scope: &ExpressionScope<'_>,
    ) -> BTreeSet<usize> {
        let Some(index) = scope.index else { return found };
        let mut groups: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for at in found {
            let resource = self.items.get(at).map_or("", |item| item.resource.as_str());
            groups.entry(resource).or_default().push(at);
        }
        let named = self.named_by_list(heads, scope);
        let narrow = |group: Vec<usize>| {
            let same = group.iter().find(|at| {
                let its = self.index(**at);
                its == Some(index) || (named.is_some() && its == named.as_ref())
            });
            match same {
                Some(same) if group.len() == scope.siblings => vec![*same],
                _ => group,
            }
        };
        groups.into_values().flat_map(narrow).collect()
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
    within(&draft.module, &format!("{}.{}", draft.type_name, draft.name))
}
