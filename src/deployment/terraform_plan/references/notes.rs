//! Takes note of what a plan and its configuration hold: items by their resources, instances of modules, blocks. It is
//! given both, and what refers to what is asked of it afterwards.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::super::addresses::{module_path, parent, parts, within};
use super::super::configuration::{Configuration, Module};
use super::super::document::Variable;
use super::super::draft::Draft;
use super::super::kin::Kin;
use super::{KnownItem, KnownResource, References, call_of, resource_of};
use crate::deployment::Change;
use crate::model::lookup::Lookup;

/// The numbers of blocks by their type and name, by the path of their module.
type Blocks<'a> = BTreeMap<String, BTreeMap<(&'a str, &'a str), usize>>;

/// Modules that lie deeper than this have no configuration: no JSON that is read is so deep.
const DEEPEST_MODULE: usize = 64;

impl<'a> References<'a> {
    /// Those of these items.
    pub fn new(
        configuration: &'a Configuration,
        variables: &'a BTreeMap<String, Variable>,
        drafts: &mut [Draft],
    ) -> Self {
        let mut it = Self {
            configuration,
            kin: Kin::default(),
            variables,
            blocks: Vec::new(),
            items: Vec::new(),
            resources: Vec::new(),
            by_resource: Lookup::default(),
            in_order: OnceCell::new(),
            modules: BTreeSet::new(),
            by_call: BTreeMap::new(),
            followed: RefCell::default(),
        };
        let mut blocks = Blocks::new();
        it.note_blocks(String::new(), &configuration.root_module, &mut blocks);
        // Instances of one module stand together.
        let (mut module, mut in_module) = (String::new(), blocks.get(""));
        for draft in drafts {
            if draft.module != module {
                module.clone_from(&draft.module);
                in_module = blocks.get(&module_path(&module).join("."));
            }
            let names = (draft.type_name.as_str(), draft.name.as_str());
            draft.block = in_module.and_then(|blocks| blocks.get(&names).copied());
            let address = resource_of(draft);
            if draft.change.is_some_and(Change::remains) {
                draft.resource = Some(it.note(draft, address));
                it.note_modules(&draft.module);
            } else {
                draft.resource = it.by_resource.get(address.as_str()).copied();
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
                self.by_call.entry(of_call).or_default().all.push(instance.clone());
                self.note_bare_calls(instance, &call.module);
            }
        }
    }

    /// Takes note of an item; the number of its resource.
    fn note(&mut self, draft: &Draft, address: String) -> usize {
        let at = self.items.len();
        let resource = self.by_resource.get(address.as_str()).copied().unwrap_or_else(|| {
            let (items, by_index) = (Vec::new(), BTreeMap::new());
            let address: Rc<str> = address.into();
            self.resources.push(KnownResource { address: address.clone(), items, by_index });
            self.by_resource.insert(address, self.resources.len() - 1);
            self.resources.len() - 1
        });
        if let Some(known) = self.resources.get_mut(resource) {
            known.items.push(at);
            if let Some(index) = &draft.index {
                known.by_index.entry(index.clone()).or_insert(at);
            }
        }
        self.kin.note(at, draft);
        self.items.push(KnownItem {
            address: draft.address.clone(),
            module_length: draft.module.len(),
            resource,
            index: draft.index.clone(),
        });
        resource
    }

    fn note_modules(&mut self, instance: &str) {
        if self.modules.contains(instance) || parts(instance).len() > 2 * DEEPEST_MODULE {
            return;
        }
        let mut module = instance;
        while !module.is_empty() && self.modules.insert(module.to_owned()) {
            let Some((outer, part)) = parent(module) else { break };
            let instances = self.by_call.entry(call_of(outer, part.name)).or_default();
            if let Some(index) = part.index {
                instances.by_index.entry(index).or_default().push(instances.all.len());
            }
            instances.all.push(module.to_owned());
            module = outer;
        }
    }

    fn note_blocks(&mut self, path: String, module: &'a Module, blocks: &mut Blocks<'a>) {
        self.kin.note_data(&path, module);
        for resource in module.resources.iter().filter(|resource| resource.mode != "data") {
            let of_module = blocks.entry(path.clone()).or_default();
            of_module.insert((&resource.type_name, &resource.name), self.blocks.len());
            self.blocks.push(resource);
        }
        for (name, call) in &module.module_calls {
            self.note_blocks(within(&path, name), &call.module, blocks);
        }
    }
}
