//! Says in the unknown values of an item where they come from: takes its block from `references` and gives the
//! draft back with what was found.

use std::collections::BTreeSet;

use super::configuration::Expression;
use super::draft::Draft;
use super::kin::Wanted;
use super::references::{ExpressionScope, Found, References, Walk};
use crate::deployment::Value;

/// Blocks that a `dynamic` block may make: Terraform writes down no expression of those, so that one which
/// is unknown may be set all the same.
const BLOCKS: [&str; 10] = [
    "block_device_mappings",
    "compute_config",
    "instance_market_options",
    "launch_template",
    "mixed_instances_policy",
    "scaling_config",
    "tag_specifications",
    "upgrade_policy",
    "vpc_config",
    "warm_pool",
];

/// Where a value stands in an item.
#[derive(Clone, Copy)]
struct Named<'a> {
    name: &'a str,
    /// What the blocks around it want.
    around: Option<&'static Wanted>,
}

impl<'a> Named<'a> {
    const fn at_top(name: &'a str) -> Self {
        Self { name, around: None }
    }

    fn inner(self, name: &'a str) -> Self {
        Self { name, around: Wanted::by(self.name).or(self.around) }
    }

    fn wants(self) -> Option<&'static Wanted> {
        Wanted::within(self.around, self.name)
    }
}

impl References<'_> {
    /// Says in an item's unknown values where they come from. `name` is our name of an attribute. What is
    /// unknown although the configuration sets nothing there is what the provider fills in afterwards: so
    /// far nobody has set it, and it is absent.
    pub fn complete(&self, draft: &mut Draft, name: impl Fn(&str) -> Option<String>) {
        let Some(block) = self.block(draft) else { return };
        let mut properties = std::mem::take(&mut draft.properties);
        if let Value::Map(map) = &mut properties {
            let scope = self.scope(draft, block);
            let mut set: BTreeSet<String> = BTreeSet::new();
            for (own, expression) in &block.expressions {
                let Some(name) = name(own) else { continue };
                if let Some(value) = map.get_mut(&name) {
                    self.fill(value, Named::at_top(&name), expression, &scope);
                }
                set.insert(name);
            }
            for (name, value) in map.iter_mut() {
                if set.contains(name) {
                    continue;
                }
                if BLOCKS.contains(&name) {
                    self.fill_dynamic(value, Named::at_top(name), &scope);
                } else if matches!(value, Value::Unknown(_)) {
                    *value = Value::Null;
                }
            }
        }
        draft.properties = properties;
    }

    fn fill(
        &self,
        value: &mut Value,
        named: Named<'_>,
        expression: &Expression,
        scope: &ExpressionScope<'_>,
    ) {
        match (value, expression) {
            (Value::Unknown(from), _) => {
                let mut walk = Walk::default();
                let leaves = expression.leaves();
                let mut found: Found =
                    leaves.iter().map(|leaf| self.of_leaf(leaf, scope, &mut walk)).collect();
                if let Some(wanted) = named.wants()
                    && self.wanted(wanted, &found).is_empty()
                {
                    found
                        .single
                        .extend(walk.locals.iter().flat_map(|module| self.kin(wanted, module, scope)));
                }
                if let Some(sources) = self.sources(&found) {
                    *from = self.addresses(sources);
                    from.extend(walk.data);
                }
            }
            (Value::List(list), Expression::Blocks(blocks)) if list.len() == blocks.len() => {
                list.iter_mut().zip(blocks).for_each(|(value, block)| self.fill(value, named, block, scope));
            }
            (Value::List(list), Expression::Leaf(_) | Expression::Block(_)) => {
                list.iter_mut().for_each(|value| self.fill(value, named, expression, scope));
            }
            (Value::Map(map), Expression::Blocks(blocks)) => {
                if let [block] = blocks.as_slice() {
                    map.iter_mut()
                        .for_each(|(name, value)| self.fill(value, named.inner(name), block, scope));
                }
            }
            (Value::Map(map), Expression::Block(block)) => {
                for (name, value) in map.iter_mut() {
                    match block.get(name) {
                        Some(expression) => self.fill(value, named.inner(name), expression, scope),
                        // What is no block and not set here, the provider fills in.
                        None if matches!(value, Value::List(_) | Value::Map(_)) => {
                            self.fill_dynamic(value, named.inner(name), scope);
                        }
                        None => {}
                    }
                }
            }
            (Value::Map(map), Expression::Leaf(_)) => {
                map.iter_mut()
                    .for_each(|(name, value)| self.fill(value, named.inner(name), expression, scope));
            }
            _ => {}
        }
    }

    /// The same in what a `dynamic` block made. One that is unknown as a whole may be none.
    fn fill_dynamic(&self, value: &mut Value, named: Named<'_>, scope: &ExpressionScope<'_>) {
        match value {
            Value::Unknown(from) if named.around.is_some() => {
                if let Some(wanted) = named.wants() {
                    *from = self.addresses(self.kin(wanted, scope.module, scope));
                }
            }
            Value::List(list) => {
                list.iter_mut().for_each(|value| self.fill_dynamic(value, named, scope));
            }
            Value::Map(map) => {
                map.iter_mut().for_each(|(name, value)| self.fill_dynamic(value, named.inner(name), scope));
            }
            _ => {}
        }
    }
}
