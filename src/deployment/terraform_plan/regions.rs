//! The region of a provider's block, told by the configuration or else by the items that it makes.

use std::collections::BTreeMap;

use super::configuration::{Configuration, Expression, Provider};
use super::draft::Draft;
use super::references::References;
use crate::deployment::places::region_in;
use crate::model::Region;

/// The regions of all providers of a configuration.
pub struct ProviderRegions<'a> {
    configuration: &'a Configuration,
    by_key: BTreeMap<&'a str, Option<Region>>,
    /// What its other items tell of a provider: `None` where they disagree.
    by_evidence: BTreeMap<&'a str, Option<Region>>,
}

impl<'a> ProviderRegions<'a> {
    /// Those of a configuration and its items.
    pub fn new(configuration: &'a Configuration, references: &References<'a>, drafts: &[Draft]) -> Self {
        let region = |provider: &'a Provider| {
            let leaf = provider.expressions.region.as_ref()?;
            let module: Vec<&str> = super::addresses::module_path(&provider.module_address);
            region_in(references.constant(leaf, &module)?)
        };
        let by_key = configuration.provider_config.iter().map(|(key, it)| (key.as_str(), region(it)));
        let mut by_evidence: BTreeMap<&str, Option<Region>> = BTreeMap::new();
        for draft in drafts {
            let Some((block, evidence)) = references.block(draft).zip(draft.evidence.as_ref()) else {
                continue;
            };
            let agreed =
                by_evidence.entry(&block.provider_config_key).or_insert_with(|| Some(evidence.clone()));
            if agreed.as_ref() != Some(evidence) {
                *agreed = None;
            }
        }
        Self { configuration, by_key: by_key.collect(), by_evidence }
    }

    /// The region that an item's provider works in: as its block says, else as what the item names does, else as the
    /// zones and ARNs of its other items do (the block names none where the region comes from the environment).
    ///
    /// Older versions name in a module a provider that stands outside of it, and not which one it was
    /// given. That decides nothing, unless all blocks of the provider agree.
    pub fn of(&self, draft: &Draft, key: Option<&str>) -> Option<Region> {
        let provider = draft.type_name.split('_').next()?;
        let configured = key.and_then(|key| self.by_key.get(key).cloned().flatten());
        let evidence = || {
            key.filter(|key| !self.is_each(key)).and_then(|key| self.by_evidence.get(key).cloned().flatten())
        };
        configured.or_else(|| draft.told.clone()).or_else(evidence).or_else(|| match key {
            Some(key) if self.is_told(key) || !key.contains(':') => None,
            _ => self.agreed(provider),
        })
    }

    /// Whether a block is one of each of several regions (OpenTofu's `for_each` of providers).
    fn is_each(&self, key: &str) -> bool {
        let region =
            self.configuration.provider_config.get(key).and_then(|it| it.expressions.region.as_ref());
        region.is_some_and(|leaf| leaf.references.iter().any(|it| it.starts_with("each.")))
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
