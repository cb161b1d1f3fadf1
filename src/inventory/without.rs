//! Services that the endpoint does not know and that the user does without (`--without-service`): takes the gaps
//! of their kinds from an inventory, so that these count as read and empty.
//!
//! Only where the endpoint itself answered that it does not know the call: a denial, or anything that was found,
//! stays what it is, whatever the user says.

use super::{Gap, Inventory};
use crate::kinds::CATALOG;
use crate::model::ErrorClass;

impl Gap {
    /// The service that the endpoint does not know, where that is what the gap comes from: `eks`.
    pub fn unserved(&self) -> Option<&'static str> {
        let spec = CATALOG.get(&self.kind)?;
        (self.class == Some(ErrorClass::Unserved)).then(|| spec.service())
    }
}

/// Takes away the gaps of what the user does without.
pub(super) fn excuse(inventory: &mut Inventory) {
    let Inventory { gaps, elsewhere, without_services, .. } = inventory;
    let stays = |gap: &Gap| !gap.unserved().is_some_and(|service| without_services.contains(service));
    gaps.retain(stays);
    elsewhere.gaps.retain(stays);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::testing::{KINDS, World, key};
    use crate::model::Key;

    /// A scan in which no kind could be read, with these classes.
    fn blind(class: ErrorClass) -> Inventory {
        let mut inventory = World::new().inventory;
        for kind in KINDS.iter() {
            let Key { kind, region, .. } = key(kind, "any");
            let gap = Gap::new(kind, region, "no").of(class);
            inventory.elsewhere.gaps.insert(gap.clone());
            inventory.gaps.insert(gap);
        }
        inventory
    }

    #[test]
    fn kinds_of_a_service_that_the_user_does_without_count_as_read_and_no_others() {
        for spec in CATALOG.iter() {
            let mut inventory = blind(ErrorClass::Unserved);
            inventory.without_services.insert(spec.service().to_owned());
            excuse(&mut inventory);
            for other in CATALOG.iter() {
                let Key { kind, region, .. } = key(other.name, "any");
                assert_eq!(
                    inventory.saw(&kind, &region),
                    other.service() == spec.service(),
                    "{}",
                    other.name
                );
                let missing = inventory.elsewhere.gaps.iter().any(|gap| gap.kind == kind);
                assert_eq!(missing, other.service() != spec.service(), "{}", other.name);
            }
        }
    }

    #[test]
    fn a_denial_is_never_done_without() {
        for class in [ErrorClass::Denied, ErrorClass::Transient, ErrorClass::Credentials, ErrorClass::Refused]
        {
            let mut inventory = blind(class);
            inventory.without_services = CATALOG.iter().map(|spec| spec.service().to_owned()).collect();
            let before = inventory.clone();
            excuse(&mut inventory);
            assert_eq!(inventory, before, "{class:?}");
        }
    }
}
