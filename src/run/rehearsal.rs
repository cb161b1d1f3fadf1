//! Two clouds for runs that change nothing: the rehearsal of a dry run, and the frame of a probe.
//!
//! Both answer looks from the plan; a change makes its resource gone at once. Neither changes anything anywhere.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::check;
use super::cloud::{Change, Cloud};
use crate::model::{AccountId, CloudError, ErrorClass, Key, KindName, Region, Resource};
use crate::plan::file::PlanFile;
use crate::plan::{Action, Fate, Plan};

/// A cloud that answers from a plan and calls nothing.
#[derive(Debug)]
pub struct Rehearsal {
    account: AccountId,
    plan: Plan,
    standing: Mutex<BTreeMap<Key, Resource>>,
}

impl Rehearsal {
    /// A cloud that holds what the plan describes, as it was planned.
    pub fn of(file: &PlanFile) -> Self {
        let plan = file.plan();
        // What AWS removes by itself goes when what it belongs to goes; with nothing to belong to, it is gone
        // at the first look, since a rehearsal does not wait as AWS would.
        let mut standing = plan.resources.clone();
        standing.extend(plan.cut_from.clone());
        for step in &plan.steps {
            let carried = matches!(plan.fates.get(&step.resource), Some(Fate::Carried(_)));
            if step.action == Action::Await && !carried {
                standing.remove(&step.resource);
            }
        }
        Self { account: file.account.clone(), plan, standing: Mutex::new(standing) }
    }

    /// Nothing here can be left half-done by a panic: a map is whole between two calls.
    fn standing(&self) -> MutexGuard<'_, BTreeMap<Key, Resource>> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn delete(&self, key: &Key, standing: &mut BTreeMap<Key, Resource>) -> Result<(), CloudError> {
        if standing.remove(key).is_none() {
            return Err(gone(key));
        }
        for (carried, fate) in &self.plan.fates {
            if *fate == Fate::Carried(key.clone()) {
                // It may have gone by a step of its own.
                drop(self.delete(carried, standing));
            }
        }
        Ok(())
    }
}

fn gone(key: &Key) -> CloudError {
    CloudError {
        class: ErrorClass::Gone,
        api: "none".to_owned(),
        code: "Gone".to_owned(),
        message: format!("{key} does not exist"),
        request_id: None,
    }
}

#[async_trait]
impl Cloud for Rehearsal {
    async fn account(&self) -> Result<AccountId, CloudError> {
        Ok(self.account.clone())
    }

    async fn look(
        &self,
        _kind: &KindName,
        _region: &Region,
        keys: &[Key],
    ) -> Result<BTreeMap<Key, Resource>, CloudError> {
        let standing = self.standing();
        Ok(keys
            .iter()
            .filter_map(|key| standing.get(key))
            .map(|row| (row.key.clone(), row.clone()))
            .collect())
    }

    async fn change(&self, change: &Change) -> Vec<Result<(), CloudError>> {
        let mut standing = self.standing();
        match change {
            Change::Cut(owner, link) => {
                let Some(row) = standing.get_mut(&owner.key) else { return vec![Err(gone(&owner.key))] };
                let Some(link) = check::standing(row, link).cloned() else {
                    return vec![Err(gone(&owner.key))];
                };
                row.links.remove(&link);
                vec![Ok(())]
            }
            Change::Delete(resources) => {
                resources.iter().map(|resource| self.delete(&resource.key, &mut standing)).collect()
            }
        }
    }
}

/// Asks AWS whether a call would be allowed, without making it.
#[async_trait]
pub trait Permission: Send + Sync {
    /// The account the credentials belong to at this moment.
    async fn account(&self) -> Result<AccountId, CloudError>;

    /// For each resource of the change, in order: `Ok` if it would be allowed or cannot be told.
    async fn ask(&self, change: &Change) -> Vec<Result<(), CloudError>>;
}

/// A rehearsal that also asks for each call's permission. A refusal is noted and the rehearsal goes on,
/// so that one run tells all that is missing.
#[derive(Debug)]
pub struct Probe<P> {
    rehearsal: Rehearsal,
    permission: P,
    refused: Mutex<Vec<CloudError>>,
}

impl<P: Permission> Probe<P> {
    /// A probe of this plan.
    pub fn of(file: &PlanFile, permission: P) -> Self {
        Self { rehearsal: Rehearsal::of(file), permission, refused: Mutex::new(Vec::new()) }
    }

    /// What was refused so far, in the order of the calls.
    pub fn refused(&self) -> Vec<CloudError> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl<P: Permission> Cloud for Probe<P> {
    async fn account(&self) -> Result<AccountId, CloudError> {
        self.permission.account().await
    }

    async fn look(
        &self,
        kind: &KindName,
        region: &Region,
        keys: &[Key],
    ) -> Result<BTreeMap<Key, Resource>, CloudError> {
        self.rehearsal.look(kind, region, keys).await
    }

    async fn change(&self, change: &Change) -> Vec<Result<(), CloudError>> {
        let refused = self.permission.ask(change).await.into_iter().filter_map(Result::err);
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).extend(refused);
        self.rehearsal.change(change).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::testing::{account, delete, error, key, plan, wait};

    struct Denies(&'static str);

    #[async_trait]
    impl Permission for Denies {
        async fn account(&self) -> Result<AccountId, CloudError> {
            Ok(account())
        }

        async fn ask(&self, change: &Change) -> Vec<Result<(), CloudError>> {
            let denied = |row: &Resource| match row.key.id == self.0 {
                true => Err(error(ErrorClass::Denied, "UnauthorizedOperation")),
                false => Ok(()),
            };
            match change {
                Change::Cut(owner, _) => vec![denied(owner)],
                Change::Delete(rows) => rows.iter().map(denied).collect(),
            }
        }
    }

    fn row(kind: &'static str, id: &str) -> Resource {
        Resource::new(key(kind, id))
    }

    async fn stands(cloud: &dyn Cloud, row: &Resource) -> bool {
        let (kind, region) = (&row.key.kind, &row.key.region);
        cloud.look(kind, region, std::slice::from_ref(&row.key)).await.unwrap().contains_key(&row.key)
    }

    #[tokio::test]
    async fn what_is_deleted_is_gone_with_all_that_it_carries() {
        let cloud = Rehearsal::of(&plan(vec![delete(1, "slow", &[]), wait(2, &[1])]));
        let (carrier, shadow) = (row("slow", "slow-1"), row("shadow", "shadow-2"));
        assert!(stands(&cloud, &carrier).await && stands(&cloud, &shadow).await);
        assert_eq!(cloud.change(&Change::Delete(vec![carrier.clone()])).await, [Ok(())]);
        assert!(!stands(&cloud, &carrier).await && !stands(&cloud, &shadow).await);
        let again = cloud.change(&Change::Delete(vec![carrier])).await;
        assert_eq!(again[0].as_ref().unwrap_err().class, ErrorClass::Gone);
    }

    #[tokio::test]
    async fn a_probe_notes_a_refusal_and_goes_on() {
        let file = plan(vec![delete(1, "quick", &[]), delete(2, "quick", &[1])]);
        let probe = Probe::of(&file, Denies("quick-1"));
        for id in ["quick-1", "quick-2"] {
            assert_eq!(probe.change(&Change::Delete(vec![row("quick", id)])).await, [Ok(())]);
        }
        assert_eq!(probe.refused(), [error(ErrorClass::Denied, "UnauthorizedOperation")]);
    }
}
