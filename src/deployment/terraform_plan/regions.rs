//! The region of a provider's block.

use std::collections::BTreeMap;

use super::configuration::{Configuration, Expression, Provider};
use super::draft::Draft;
use super::references::References;
use crate::deployment::places::region_in;
use crate::model::Region;

/// The regions of all providers of a configuration.
pub struct Regions<'a> {
    configuration: &'a Configuration,
    by_key: BTreeMap<&'a str, Option<Region>>,
}

impl<'a> Regions<'a> {
    /// Those of a configuration.
    pub fn new(configuration: &'a Configuration, references: &References<'a>) -> Self {
        let region = |provider: &'a Provider| {
            let leaf = provider.expressions.region.as_ref()?;
            let module: Vec<&str> = super::addresses::module_path(&provider.module_address);
            region_in(references.constant(leaf, &module)?)
        };
        let by_key = configuration.provider_config.iter().map(|(key, it)| (key.as_str(), region(it)));
        Self { configuration, by_key: by_key.collect() }
    }

    /// The region that an item's provider works in.
    ///
    /// Older versions name in a module a provider that stands outside of it, and not which one it was
    /// given. That decides nothing, unless all blocks of the provider agree.
    pub fn of(&self, draft: &Draft, key: Option<&str>) -> Option<Region> {
        let provider = draft.type_name.split('_').next()?;
        match key {
            Some(key) if self.is_told(key) => self.by_key.get(key)?.clone(),
            Some(key) if !key.contains(':') => None,
            _ => self.agreed(provider),
        }
    }

    fn is_told(&self, key: &str) -> bool {
        self.configuration.provider_config.get(key).is_some_and(|it| it.expressions.region.is_some())
    }

    fn agreed(&self, provider: &str) -> Option<Region> {
        let blocks = self.configuration.provider_config.iter().filter(|(key, it)| {
            let named = if it.name.is_empty() { key.as_str() } else { it.name.as_str() };
            named.split('.').next() == Some(provider) && (!key.contains(':') || self.is_told(key))
        });
        let mut regions = blocks.map(|(key, _)| self.by_key.get(key.as_str()).cloned().flatten());
        let first = regions.next().flatten()?;
        regions.all(|region| region.as_ref() == Some(&first)).then_some(first)
    }

    /// What a provider is set up by.
    pub fn settings(&self, key: Option<&str>) -> Option<&'a Expression> {
        self.configuration.provider_config.get(key?)?.expressions.all.as_ref()
    }
}
