//! Reads CloudFormation templates, JSON or YAML, into a deployment. Change sets and CDK folders hand over
//! theirs.
//!
//! A template is resolved as far as it and the given parameters tell: its functions, mappings, conditions,
//! loops, and nested stacks whose templates lie beside it. What only AWS knows stays unknown; what may
//! make more than the template shows is listed as uncounted.

mod conditions;
mod documents;
mod intrinsics;
#[cfg(test)]
mod laws;
mod loops;
mod nested;
mod opaque;
mod outputs;
mod properties;
mod region;
mod scope;
mod source;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::rc::Rc;

use serde_json::{Map, Value as Json};

use self::conditions::Truth;
use self::scope::{TemplateScope, section};
use super::value::Entries;
use super::{Beside, Certainty, Change, Deployment, Format, Input, Item, ReadError, Uncounted, Value, types};
use crate::model::Region;

pub use self::documents::GAP;
pub(super) use self::nested::{assets, folder, within};
pub(super) use self::opaque::resource as unknown_to_all;
pub(super) use self::properties::canonical;
pub(super) use self::region::region;
pub use self::scope::STACK_NAME;
pub(super) use self::scope::TemplateUse;
pub(super) use self::source::json;

/// Reads a template. It does not say what its stack has already, so everything in it is made: the needs
/// of a stack that exists are fewer.
pub fn read(input: &Input<'_>) -> Result<Deployment, ReadError> {
    let parameters = input.parameters.iter().map(|(name, value)| (name.clone(), Value::text(value.as_str())));
    let manifest = nested::manifest_beside(input.source).and_then(|file| input.beside.file(&file));
    let mut setting = TemplateUse {
        assets: manifest.map(|bytes| assets(&bytes, "")).unwrap_or_default().into(),
        parameters: parameters.collect(),
        ..TemplateUse::default()
    };
    let document = source::template(input.bytes)?;
    let mut found = FoundItems::default();
    found.document(&document, &setting, input.beside)?;
    setting.region = region::of(&found, input);
    if setting.asked_for_region.get() {
        found = FoundItems::default();
        found.document(&document, &setting, input.beside)?;
    } else {
        // Nothing in it hangs on where it stands.
        found.stand_in(setting.region.as_ref());
    }
    found.closing_remarks(input);
    Ok(Deployment {
        source: input.source.to_owned(),
        format: Format::CloudFormationTemplate,
        stack: None,
        account: None,
        items: found.items,
        uncounted: found.uncounted,
    })
}

/// What stands around a resource.
struct Around<'a> {
    scope: &'a TemplateScope<'a>,
    logical_ids: BTreeSet<&'a str>,
    beside: &'a dyn Beside,
}

impl Around<'_> {
    /// The addresses of what a resource waits for or refers to.
    fn after(&self, logical_id: &str, resource: &Json) -> Vec<String> {
        let mut names = BTreeSet::new();
        for part in ["Properties", "Metadata"].iter().filter_map(|part| resource.get(part)) {
            intrinsics::references(part, &mut names);
        }
        match resource.get("DependsOn") {
            Some(Json::String(name)) => {
                names.insert(name.clone());
            }
            Some(Json::Array(list)) => names.extend(list.iter().filter_map(Json::as_str).map(str::to_owned)),
            _ => {}
        }
        let there = |name: &&String| name.as_str() != logical_id && self.logical_ids.contains(name.as_str());
        names.iter().filter(there).map(|name| self.scope.address(name)).collect()
    }
}

/// What was found in templates.
#[derive(Debug, Default)]
pub(super) struct FoundItems {
    pub items: Vec<Item>,
    pub uncounted: Vec<Uncounted>,
    /// Whether a template takes zones by their places.
    pub zones_by_place: bool,
    /// The names of the parameters that the outermost templates have.
    pub parameters: BTreeSet<String>,
    outputs: outputs::Outputs,
}

impl FoundItems {
    /// Says what is to be known of every count that comes from templates, once all of them are read.
    pub fn closing_remarks(&mut self, input: &Input<'_>) {
        self.uncounted.push(opaque::remark(
            "what the stack has already",
            "a template does not tell it, so everything in it is counted as new: give a change set for a \
             stack that exists",
        ));
        let unused = input.parameters.keys().filter(|name| !self.parameters.contains(*name));
        let unused = unused.filter(|name| !name.starts_with("AWS::"));
        self.uncounted.extend(unused.map(|name| {
            opaque::remark(&format!("parameter {name}"), "no template here has it, so its value is not used")
        }));
    }

    /// Adds what a template makes.
    pub fn template(
        &mut self,
        bytes: &[u8],
        setting: &TemplateUse,
        beside: &dyn Beside,
    ) -> Result<(), ReadError> {
        self.document(&source::template(bytes)?, setting, beside)
    }

    /// Says where all of it stands.
    fn stand_in(&mut self, region: Option<&Region>) {
        for item in &mut self.items {
            let row = types::of_cloudformation(&item.type_name);
            item.region = row.map_or_else(|| region.cloned(), |row| row.region(region.cloned()));
        }
    }

    fn document(
        &mut self,
        document: &Json,
        setting: &TemplateUse,
        beside: &dyn Beside,
    ) -> Result<(), ReadError> {
        check(document)?;
        let mut scope = TemplateScope::of(document, setting);
        let sections = ["Conditions", "Resources"].map(|name| section(document, name));
        let used = loops::Used::in_document(document);
        let [conditions, resources] = sections.map(|it| match it {
            Some(section) if used.loops => loops::written_out(section, &scope),
            Some(section) => Cow::Borrowed(section),
            None => Cow::Owned(Map::new()),
        });
        scope.truths = conditions::decide(&conditions, &scope);

        self.uncounted.extend(opaque::transforms(document, &setting.prefix));
        self.zones_by_place |= used.zones;
        if setting.depth == 0 {
            self.parameters.extend(scope.parameters.keys().cloned());
        }
        let logical_ids = resources.keys().map(String::as_str).collect();
        let around = Around { scope: &scope, logical_ids, beside };
        // By name, whatever order the JSON library's features give its maps.
        let mut ordered: Vec<(&String, &Json)> = resources.iter().collect();
        ordered.sort_unstable_by_key(|(logical_id, _)| *logical_id);
        for (logical_id, resource) in ordered {
            let address = scope.address(logical_id);
            if logical_id.starts_with(loops::LOOP) {
                self.uncounted.push(opaque::open(
                    &address,
                    "how often this loop runs is not known: give its parameter a value, or give a change set",
                ));
            } else if logical_id.starts_with("Fn::") {
                self.uncounted.push(opaque::macro_of(&address));
            } else {
                self.resource(logical_id, resource, &around)?;
            }
        }
        match setting.prefix.strip_suffix('.').filter(|_| setting.depth > 0) {
            Some(stack) => self.hand_out(document, stack, &scope),
            None => self.items.iter_mut().for_each(|it| outputs::resolve(&mut it.properties, &self.outputs)),
        }
        Ok(())
    }

    /// Keeps what a nested stack hands out.
    fn hand_out(&mut self, document: &Json, stack: &str, scope: &TemplateScope<'_>) {
        for (name, output) in section(document, "Outputs").into_iter().flatten() {
            let value = output.get("Value").map_or(Value::Null, |value| scope.value(value));
            self.outputs.insert(outputs::name(stack, &format!("Outputs.{name}")), value);
        }
    }

    fn resource(&mut self, logical_id: &str, resource: &Json, around: &Around<'_>) -> Result<(), ReadError> {
        let type_name = resource
            .get("Type")
            .and_then(Json::as_str)
            .ok_or_else(|| broken(format!("resource {logical_id} has no Type")))?;
        let scope = around.scope;
        let certainty = match resource.get("Condition").and_then(Json::as_str) {
            None => Certainty::Certain,
            Some(condition) => match scope.truths.get(condition) {
                Some(Truth::Yes) => Certainty::Certain,
                Some(Truth::No) => return Ok(()),
                Some(open) => open.reason(condition).map_or(Certainty::Certain, Certainty::Possible),
                None => {
                    let why =
                        format!("resource {logical_id} names condition {condition}, which is not there");
                    return Err(broken(why));
                }
            },
        };
        let address = scope.address(logical_id);
        let row = types::of_cloudformation(type_name);
        let region = scope.setting.region.clone();
        let properties = resource.get("Properties").unwrap_or(&Json::Null);
        let mut known = scope.value(properties);
        scope.fill_documents(type_name, properties, &mut known);
        self.uncounted.extend(opaque::resource(&address, type_name));
        let item = Item {
            address: address.clone(),
            type_name: type_name.to_owned(),
            kind: row.map(types::KindRow::name),
            change: Change::Create,
            certainty,
            region: row.map_or(region.clone(), |row| row.region(region)),
            properties: canonical(type_name, known),
            before: Value::Null,
            after: around.after(logical_id, resource),
        };
        let stack = (type_name == "AWS::CloudFormation::Stack").then(|| item.clone());
        self.items.push(item);
        match stack {
            Some(stack) => self.nested(&stack, resource, around),
            None => Ok(()),
        }
    }

    /// Adds what a nested stack makes, if its template lies beside.
    fn nested(&mut self, stack: &Item, resource: &Json, around: &Around<'_>) -> Result<(), ReadError> {
        let (scope, beside) = (around.scope, around.beside);
        let outer = scope.setting;
        let template = nested::files(resource, outer).find_map(|file| Some((beside.file(&file)?, file)));
        let Some((bytes, file)) = template else {
            self.uncounted.push(opaque::open(
                &stack.address,
                "the template of this nested stack does not lie beside: give a change set, or the templates \
                 as files",
            ));
            return Ok(());
        };
        if outer.depth >= nested::DEEPEST || self.items.len() > nested::MOST_ITEMS {
            self.uncounted.push(opaque::open(&stack.address, "stacks are nested here without end"));
            return Ok(());
        }
        let parameters = match resource.pointer("/Properties/Parameters").map(|it| scope.value(it)) {
            Some(Value::Map(parameters)) => parameters,
            _ => Entries::default(),
        };
        let setting = TemplateUse {
            region: outer.region.clone(),
            asked_for_region: Rc::clone(&outer.asked_for_region),
            account: outer.account.clone(),
            stack: None,
            prefix: format!("{}.", stack.address),
            folder: folder(&file),
            assets: Rc::clone(&outer.assets),
            parameters,
            depth: outer.depth + 1,
        };
        let first = self.items.len();
        self.template(&bytes, &setting, beside)
            .map_err(|error| broken(format!("the template of nested stack {}: {error}", stack.address)))?;
        // What the stack waits for, all in it waits for; what may not be made, nothing of it may be.
        let mut inner = Vec::new();
        for item in self.items.iter_mut().skip(first) {
            inner.push(item.address.clone());
            item.after.extend(stack.after.iter().cloned());
            if let (Certainty::Certain, Certainty::Possible(_)) = (&item.certainty, &stack.certainty) {
                item.certainty = stack.certainty.clone();
            }
        }
        // And a stack is there when all in it is.
        let outer = first.checked_sub(1).and_then(|place| self.items.get_mut(place));
        outer.into_iter().for_each(|outer| outer.after.append(&mut inner));
        Ok(())
    }
}

/// Whether a document is a template at all.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html>
fn check(document: &Json) -> Result<(), ReadError> {
    if !document.is_object() {
        return Err(broken("it is not a mapping"));
    }
    match document.get("AWSTemplateFormatVersion") {
        None | Some(Json::Null) => {}
        Some(Json::String(version)) if version == "2010-09-09" => {}
        Some(version) => {
            let version = version.as_str().map_or_else(|| "not a date".to_owned(), str::to_owned);
            return Err(ReadError::UnknownVersion {
                format: Format::CloudFormationTemplate.title(),
                version,
            });
        }
    }
    match section(document, "Resources") {
        Some(resources) if !resources.is_empty() => {}
        _ => return Err(broken("it has no Resources")),
    }
    for name in ["Parameters", "Mappings", "Conditions"] {
        if document.get(name).is_some_and(|it| !it.is_object() && !it.is_null()) {
            return Err(broken(format!("its {name} are not a mapping")));
        }
    }
    Ok(())
}

fn broken(why: impl Into<String>) -> ReadError {
    ReadError::Broken { format: Format::CloudFormationTemplate.title(), why: why.into() }
}
