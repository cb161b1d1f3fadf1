//! How much of which quota a deployment needs: takes deployments and what a person typed, and gives `quota`
//! needs, one for each quota and place.
//!
//! ```text
//! deployments ─► uses (what each item uses, says its kind; where) ─► add up ─► Need per quota and place
//! --need TEXT ─► typed ───────────────────────────────────────►
//! ```
//!
//! A need is never one number. `certain` is what the file says, `implicit` what AWS makes along with it,
//! `peak` what stands beside for a while, `unknown` what may come on top.

mod growth;
mod places;
mod typed;
mod uses;

use crate::deployment::{Certainty, Change, Deployment, Item, ReplaceOrder};
use crate::kinds;
use crate::model::lookup::Lookup;
use crate::model::need::{MadeBy, Use, World};

pub use crate::model::need::{Known, Most, Wanted};
pub use places::{NEW, Place, Spot};
pub use typed::{TypedError, typed};
pub use uses::instance_types;

/// How much of one quota is needed in one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// The quota's short name.
    pub quota: &'static str,
    /// Where it counts.
    pub place: Place,
    /// How much.
    pub amount: Wanted,
    /// What needs it: addresses, or the text of `--need`. In the deployment's order.
    pub from: Vec<String>,
}

/// Why needs could not be made of a deployment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NeedsError {
    /// The file does not say in which region something is made.
    #[error("the file does not say in which region {address} is made")]
    NoRegion {
        /// Its address.
        address: String,
    },
}

impl NeedsError {
    /// What to do about it, in one sentence.
    pub const fn remedy(&self) -> &'static str {
        match self {
            Self::NoRegion { .. } => "name the region with --region",
        }
    }
}

/// The needs of these deployments together, by quota and place.
pub fn needs(deployments: &[Deployment], known: Known<'_>) -> Result<Vec<Need>, NeedsError> {
    let mut sum = Sum::default();
    let made = places::MadeClusters::of(deployments);
    for deployment in deployments {
        let items = kinds::items(&deployment.items);
        let world = World { items: &items, known, past: false };
        let containers = places::Containers::of(&items);
        for item in deployment.items.iter().filter(|item| item.change.makes()) {
            for used in uses::uses(&world, item) {
                let spots = made.put_in(places::spots(&world, &containers, item, &used)?, &used);
                sum.add(item, &used, spots);
            }
        }
        let mut put = |quota, place, amount, address: &str| sum.put(quota, place, amount, [address]);
        growth::grown(&world, &containers, &mut put)?;
        uses::parts(&world, &mut put);
    }
    let needs = sum.needs();
    debug_assert!(needs.iter().all(|need| kinds::CATALOG.quota(need.quota).is_some()), "{needs:?}");
    Ok(needs)
}

/// The needs of several sources together.
pub fn together(needs: impl IntoIterator<Item = Need>) -> Vec<Need> {
    let mut sum = Sum::default();
    for need in needs {
        sum.put(need.quota, need.place, need.amount, need.from.iter().map(String::as_str));
    }
    sum.needs()
}

/// Needs, added up by quota and place.
#[derive(Default)]
struct Sum {
    needs: Vec<Need>,
    /// The number of each by its quota and place.
    by_place: Lookup<(&'static str, Place), usize>,
}

/// Addresses in the order in which they came, each once.
fn each_once(mut addresses: Vec<String>) -> Vec<String> {
    let is_first: Vec<bool> = {
        let mut known: Lookup<&str, ()> = Lookup::default();
        addresses.iter().map(|it| known.insert(it, ()).is_none()).collect()
    };
    let mut is_first = is_first.into_iter();
    addresses.retain(|_| is_first.next() == Some(true));
    addresses
}

impl Sum {
    fn add(&mut self, item: &Item, used: &Use, spots: Vec<Spot>) {
        for spot in spots {
            let amount = amount(item, used, &spot);
            self.put(used.quota, spot.place, amount, [item.address.as_str()]);
        }
    }

    fn put<'a>(
        &mut self,
        quota: &'static str,
        place: Place,
        amount: Wanted,
        from: impl IntoIterator<Item = &'a str>,
    ) {
        let key = (quota, place);
        let known = self.by_place.get(&key).copied().and_then(|at| self.needs.get_mut(at));
        if let Some(need) = known {
            need.amount = need.amount.plus(amount);
            need.from.extend(from.into_iter().map(str::to_owned));
            return;
        }
        let from = from.into_iter().map(str::to_owned).collect();
        self.needs.push(Need { quota, place: key.1.clone(), amount, from });
        self.by_place.insert(key, self.needs.len() - 1);
    }

    fn needs(self) -> Vec<Need> {
        let mut needs = self.needs;
        needs.retain(|need| !need.amount.is_nothing());
        needs.sort_by(|one, other| (one.quota, &one.place).cmp(&(other.quota, &other.place)));
        needs.into_iter().map(|need| Need { from: each_once(need.from), ..need }).collect()
    }
}

/// How much an item needs of what it uses at one of the places where that may count.
fn amount(item: &Item, used: &Use, spot: &Spot) -> Wanted {
    let wanted = wanted(item, used, spot);
    match item.change {
        // The old one stands beside for a while, and then there is one as before.
        Change::Replace(ReplaceOrder::CreateFirst) => {
            Wanted { certain: 0, implicit: 0, peak: wanted.least(), ..wanted }
        }
        // What it needs beyond what the old one had is counted apart.
        Change::Replace(ReplaceOrder::DeleteFirst) => Wanted::default(),
        _ => wanted,
    }
}

/// The same of something that stands beside nothing.
fn wanted(item: &Item, used: &Use, spot: &Spot) -> Wanted {
    let certain = match (&item.certainty, spot.sure) {
        (Certainty::Certain, true) => used.amount,
        (Certainty::Possible(_), _) | (_, false) => 0,
    };
    let open = Most::Of(used.amount - certain).plus(used.more);
    let made = match used.origin {
        MadeBy::File => Wanted { certain, ..Wanted::default() },
        MadeBy::Aws => Wanted { implicit: certain, ..Wanted::default() },
    };
    Wanted { unknown: open, ..made }
}

#[cfg(test)]
mod tests;
