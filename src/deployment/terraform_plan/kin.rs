//! To what a reference leads that stands nowhere in the plan: `references` asks it where a `dynamic` block or a
//! local leaves no expression.
//!
//! A value that is unknown comes from something that is made: the id of a launch template from a launch
//! template that the plan makes, whatever local it goes through. So what it may be is all that is made of the
//! wanted type where the expression can see it: in the same module instance, of the same instance key if there
//! is one; handed out by the modules called there; handed in by the call of that module. Only if nothing is
//! there it is looked for around, and at last in the whole plan. Where several are left, all of them are told,
//! and those who ask have to take them as one of several. Where a data source of the type may be read, which
//! finds what is not in the plan, nothing is told. So one that is told alone is taken as if it were named.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::addresses::{module_path, parent};
use super::configuration::{Call, Expression, Module};
use super::draft::{Draft, Index};
use super::references::{ExpressionScope, MOST_SOURCES, References, Walk};
use crate::model::lookup::Lookup;

/// What is named by an attribute, or by the `id` or `name` in a block of that name.
#[derive(Debug, PartialEq, Eq)]
pub struct Wanted {
    attribute: &'static str,
    /// Its type, and what variables that hand one in are called after.
    type_name: &'static str,
    stem: &'static str,
}

static WANTED: [Wanted; 4] = [
    Wanted { attribute: "launch_template", type_name: "aws_launch_template", stem: "launch_template" },
    Wanted {
        attribute: "launch_configuration",
        type_name: "aws_launch_configuration",
        stem: "launch_configuration",
    },
    Wanted { attribute: "vpc_id", type_name: "aws_vpc", stem: "vpc_id" },
    // User data that is not known before names the endpoint of a cluster.
    Wanted { attribute: "user_data", type_name: "aws_eks_cluster", stem: "cluster" },
];

/// By what a block names what it wants.
const IN_BLOCKS: [&str; 4] = ["id", "name", "launch_template_id", "launch_template_name"];

impl Wanted {
    /// What an attribute of this name wants.
    pub fn by(attribute: &str) -> Option<&'static Self> {
        WANTED.iter().find(|it| it.attribute == attribute)
    }

    /// The same within a block that wants something.
    pub fn within(around: Option<&'static Self>, name: &str) -> Option<&'static Self> {
        around.filter(|_| IN_BLOCKS.contains(&name)).or_else(|| Self::by(name))
    }
}

/// What something may be; `None` where it cannot be told.
type Candidates = Option<BTreeSet<usize>>;

/// What modules hand out, by the names of their calls.
type HandedOut = BTreeMap<String, BTreeSet<usize>>;

/// What the plan makes of the types that are wanted.
#[derive(Default)]
pub struct Kin {
    all: BTreeMap<&'static str, BTreeSet<usize>>,
    by_module: BTreeMap<(&'static str, String), Vec<usize>>,
    by_index: Lookup<(&'static str, String, Option<Index>), Vec<usize>>,
    /// The modules in which a data source finds one of a type.
    looked_up: BTreeSet<(&'static str, String)>,
    /// What was found before.
    around: RefCell<BTreeMap<(&'static str, String), Candidates>>,
    handed_out: RefCell<BTreeMap<(&'static str, String), Rc<HandedOut>>>,
}

impl Kin {
    /// Takes note of what is made.
    pub fn note(&mut self, at: usize, draft: &Draft) {
        let wanted = WANTED.iter().find(|it| it.type_name == draft.type_name);
        let Some(wanted) = wanted.filter(|_| draft.change.is_some_and(|change| change.makes())) else {
            return;
        };
        let (of, module) = (wanted.type_name, draft.module.clone());
        self.all.entry(of).or_default().insert(at);
        self.by_module.entry((of, module.clone())).or_default().push(at);
        self.by_index.entry((of, module, draft.index.clone())).push(at);
    }

    /// Takes note of the data sources of a module.
    pub fn note_data(&mut self, path: &str, module: &Module) {
        let data = module.resources.iter().filter(|resource| resource.mode == "data");
        let found = data.filter_map(|data| WANTED.iter().find(|it| it.type_name == data.type_name));
        self.looked_up.extend(found.map(|wanted| (wanted.type_name, path.to_owned())));
    }

    fn in_module(&self, wanted: &Wanted, module: &str) -> impl Iterator<Item = usize> {
        self.by_module.get(&(wanted.type_name, module.to_owned())).into_iter().flatten().copied()
    }

    fn of_index(&self, wanted: &Wanted, module: &str, index: Option<&Index>) -> BTreeSet<usize> {
        let key = (wanted.type_name, module.to_owned(), index.cloned());
        self.by_index.get(&key).into_iter().flatten().copied().collect()
    }

    /// Those of the wanted type in a module, of one instance or of all, and in the modules called there.
    pub fn inside(&self, wanted: &Wanted, module: &str) -> impl Iterator<Item = usize> {
        let of = wanted.type_name;
        let own = self.by_module.get(&(of, module.to_owned())).into_iter().flatten();
        let deeper = ['.', '['].into_iter().flat_map(move |end| {
            let start = format!("{module}{end}");
            let from = self.by_module.range((of, start.clone())..);
            from.take_while(move |((its, it), _)| *its == of && it.starts_with(&start))
                .flat_map(|(_, all)| all)
        });
        own.chain(deeper).copied()
    }

    /// Whether it is one of the wanted type.
    pub fn is_one(&self, wanted: &Wanted, at: usize) -> bool {
        self.all.get(wanted.type_name).is_some_and(|all| all.contains(&at))
    }
}

impl References<'_> {
    /// What an expression may mean that goes through a local of a module, or that is not written down.
    pub(super) fn kin(&self, wanted: &Wanted, module: &str, scope: &ExpressionScope<'_>) -> BTreeSet<usize> {
        let found = self.around(wanted, module).unwrap_or_default();
        if module != scope.module || scope.index.is_none() {
            return found;
        }
        // Of those beside it, that of its own key: by number, where there are as many.
        let same = self.kin.of_index(wanted, module, scope.index);
        let as_many = |at: &usize| {
            matches!(scope.index, Some(Index::Key(_))) || self.siblings(*at) == Some(scope.siblings)
        };
        if same.is_empty() || !same.iter().all(as_many) {
            return found;
        }
        let of_other_keys = |at: &usize| {
            let index = self.index(*at);
            self.is_in(*at, module) && index.is_some() && index != scope.index
        };
        let mut found: BTreeSet<usize> = found.into_iter().filter(|at| !of_other_keys(at)).collect();
        found.extend(same);
        found
    }

    /// What is made of the wanted type where a module can see it.
    fn around(&self, wanted: &Wanted, module: &str) -> Candidates {
        let key = (wanted.type_name, module.to_owned());
        let known = self.kin.around.borrow().get(&key).cloned();
        known.unwrap_or_else(|| {
            let found = self.look_around(wanted, module).filter(|found| found.len() <= MOST_SOURCES);
            self.kin.around.borrow_mut().insert(key, found.clone());
            found
        })
    }

    fn look_around(&self, wanted: &Wanted, module: &str) -> Candidates {
        let path = module_path(module);
        // No deeper than the configuration is: an address may be of any depth.
        self.configuration.root_module.below(path.iter().copied())?;
        if self.kin.looked_up.contains(&(wanted.type_name, path.join("."))) {
            return None;
        }
        let mut found = self.visible(wanted, module, None);
        found.extend(self.handed_in(wanted, module));
        if !found.is_empty() {
            return Some(found);
        }
        if let Some((outer, _)) = parent(module) {
            return self.around(wanted, outer);
        }
        let is_looked_up = self.kin.looked_up.iter().any(|(of, _)| *of == wanted.type_name);
        let all = self.kin.all.get(wanted.type_name).filter(|all| all.len() <= MOST_SOURCES)?;
        (!is_looked_up).then(|| all.clone())
    }

    /// What stands in a module, and what the modules called there hand out: all of them but one.
    fn visible(&self, wanted: &Wanted, module: &str, but: Option<&str>) -> BTreeSet<usize> {
        let mut found: BTreeSet<usize> = self.kin.in_module(wanted, module).take(MOST_SOURCES + 1).collect();
        let handed_out = self.handed_out(wanted, module);
        for (_, of_call) in handed_out.iter().filter(|(name, _)| but != Some(name.as_str())) {
            if found.len() > MOST_SOURCES {
                break;
            }
            found.extend(of_call);
        }
        found
    }

    /// What the modules called in a module hand out, by call: of those that hand out any, and of no more of them
    /// than tell something, whichever of them is left out.
    fn handed_out(&self, wanted: &Wanted, module: &str) -> Rc<HandedOut> {
        let key = (wanted.type_name, module.to_owned());
        if let Some(known) = self.kin.handed_out.borrow().get(&key) {
            return Rc::clone(known);
        }
        let configured = self.configuration.root_module.below(module_path(module));
        let calls = configured.into_iter().flat_map(|configured| &configured.module_calls);
        let (mut all, mut by_call, mut largest) = (BTreeSet::new(), HandedOut::new(), 0);
        for (name, call) in calls {
            let found = self.handed_out_by(wanted, (module, name), call);
            largest = largest.max(found.len());
            all.extend(found.iter().copied());
            if !found.is_empty() {
                by_call.insert(name.clone(), found);
            }
            if all.len() - largest > MOST_SOURCES {
                break;
            }
        }
        let by_call = Rc::new(by_call);
        self.kin.handed_out.borrow_mut().insert(key, Rc::clone(&by_call));
        by_call
    }

    fn handed_out_by(&self, wanted: &Wanted, (module, name): (&str, &str), call: &Call) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        for instance in self.instances(module, name, None) {
            if found.len() > MOST_SOURCES {
                break;
            }
            let mut walk = Walk::default();
            let inner = ExpressionScope::whole(instance, 1);
            let outputs = call.module.outputs.values().filter_map(|output| output.expression.as_ref());
            for leaf in outputs.flat_map(Expression::leaves) {
                found.extend(self.wanted(wanted, &self.of_leaf(leaf, &inner, &mut walk)));
            }
            found.extend(
                walk.locals
                    .iter()
                    .flat_map(|inside| self.kin.in_module(wanted, inside).take(MOST_SOURCES + 1)),
            );
        }
        found
    }

    /// What the call of a module hands in.
    fn handed_in(&self, wanted: &Wanted, module: &str) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        let (Some((outer, call)), Some((_, own))) = (self.call(module), parent(module)) else { return found };
        let here = ExpressionScope::whole(module, 0);
        for (variable, expression) in &call.expressions {
            found.extend(self.wanted(wanted, &self.of_variable(variable, &here, &mut Walk::default())));
            let mut heads = expression.leaves().into_iter().flat_map(|leaf| leaf.heads());
            if variable.contains(wanted.stem) && heads.any(|head| head.starts_with("local.")) {
                // No module is handed what it hands out itself.
                found.extend(self.visible(wanted, outer, Some(own.name)));
            }
        }
        found
    }
}
