//! Looks at single things by their ids, for a session that settles what listings say against each other: one
//! question of each kind and region, by that kind's own look.

use std::collections::{BTreeMap, BTreeSet};

use futures::StreamExt;
use futures::future::BoxFuture;

use super::clients::Aws;
use super::kinds;
use crate::inventory::Looked;
use crate::model::{CloudError, Key, KindName, Region, Resource};

/// Questions under way at once.
const AT_ONCE: usize = 16;

/// What was asked of one kind and region, and the answer.
type Answer<'a> = (Vec<&'a Key>, Result<Vec<Resource>, String>);

/// Looks at these things, with the clients of their regions.
pub(super) async fn look(places: &BTreeMap<Region, Aws>, keys: &BTreeSet<Key>) -> Looked {
    let mut groups: BTreeMap<(&KindName, &Region), Vec<&Key>> = BTreeMap::new();
    for key in keys {
        groups.entry((&key.kind, &key.region)).or_default().push(key);
    }
    let questions: Vec<BoxFuture<'_, Answer<'_>>> = groups
        .into_iter()
        .map(|((kind, region), keys)| -> BoxFuture<'_, Answer<'_>> {
            Box::pin(ask(kind, places.get(region), keys))
        })
        .collect();
    let answers: Vec<Answer<'_>> = futures::stream::iter(questions).buffer_unordered(AT_ONCE).collect().await;
    let mut looked = Looked::default();
    for (asked, answer) in answers {
        match answer {
            Ok(found) => looked.found.extend(found.into_iter().map(|it| (it.key.clone(), it))),
            Err(error) => looked.failed.extend(asked.into_iter().map(|key| (key.clone(), error.clone()))),
        }
    }
    looked
}

/// One question about things of one kind in one region.
async fn ask<'a>(kind: &KindName, aws: Option<&Aws>, keys: Vec<&'a Key>) -> Answer<'a> {
    let ids: Vec<String> = keys.iter().map(|key| key.id.to_string()).collect();
    let answer = match (kinds::named(kind.as_str()), aws) {
        (Some(edge), Some(aws)) => edge.look(aws, &ids).await.map_err(|error| error.to_string()),
        (Some(_), None) => Err("its region was not looked into".to_owned()),
        (None, _) => Err(format!("this version does not know the kind {kind}")),
    };
    (keys, answer)
}

/// The answer if nothing could be asked.
pub(super) fn nothing(keys: &BTreeSet<Key>, error: &CloudError) -> Looked {
    let failed = keys.iter().map(|key| (key.clone(), error.to_string())).collect();
    Looked { failed, ..Looked::default() }
}
