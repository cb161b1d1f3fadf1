//! Money: what things cost by list price (`price.rs`), for tables, plans and explanations. It is an order of
//! magnitude to decide by, not a bill.

use crate::model::{Catalog, Resource};
use crate::price;

/// What a resource costs per month while it stands: 0 if its kind is free, `None` if the price is not known.
pub fn monthly(resource: &Resource, catalog: &Catalog) -> Option<f64> {
    let spec = catalog.get(&resource.key.kind)?;
    price::monthly(&(spec.cost)(resource), &resource.key.region)
}

/// The sum of what is known.
pub fn total<'a>(resources: impl Iterator<Item = &'a Resource>, catalog: &Catalog) -> f64 {
    // Rounded, so that the errors of adding floats do not reach the cents.
    let cents: f64 = resources.filter_map(|resource| monthly(resource, catalog)).map(|usd| usd * 100.0).sum();
    // The sum of no floats is -0, which would be printed with its sign.
    cents.round() / 100.0 + 0.0
}

/// An amount: `$71.20`.
pub fn usd(amount: f64) -> String {
    format!("${amount:.2}")
}

/// A cell of a table: nothing for what is free, `?` for what is not known.
pub fn cell(amount: Option<f64>) -> String {
    match amount {
        Some(amount) if amount < 0.005 => String::new(),
        Some(amount) => usd(amount),
        None => "?".to_owned(),
    }
}

/// What every sum of money says of itself.
pub fn note() -> String {
    format!("list price, checked {}", price::CHECKED)
}
