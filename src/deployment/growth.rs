//! Things that stand and get larger: what they will use on top stands in no item, so it is said.
//!
//! Needs count what is made. A node group that gets more nodes is made of nothing new, and neither is a
//! larger volume in the place of a smaller one.

use super::{Change, Order, Uncounted, Value, Weight};

/// The attributes that tell how much of a quota a thing of a kind uses.
const SIZES: &[(&str, &[&str])] = &[
    (
        "auto-scaling-group",
        &["desired_capacity", "min_size", "mixed_instances_policy.launch_template.override"],
    ),
    (
        "eks-nodegroup",
        &["scaling_config.desired_size", "scaling_config.min_size", "instance_types", "capacity_type"],
    ),
    ("instance", &["instance_type"]),
    ("launch-template", &["instance_type"]),
    ("volume", &["size", "type"]),
];

fn sizes(kind: &str) -> &'static [&'static str] {
    SIZES.iter().find(|(of, _)| *of == kind).map_or(&[], |(_, sizes)| sizes)
}

/// Whether a change of a thing of this kind may make it larger without a need that tells it. What is made
/// before the old one goes is counted whole.
pub(super) fn matters(kind: Option<&str>, change: Change) -> bool {
    let in_place = matches!(change, Change::Update | Change::Replace(Order::DeleteFirst));
    in_place && kind.is_some_and(|kind| !sizes(kind).is_empty())
}

/// What is to be said of a thing whose attributes were and will be so.
pub(super) fn between(address: &str, kind: &str, before: &Value, after: &Value) -> Option<Uncounted> {
    let larger = |path: &&&str| match (before.at(path), after.at(path)) {
        // What nobody sets stays.
        (_, Value::Null) => false,
        (one, other) => match (one.as_count(), other.as_count()) {
            (Some(one), Some(other)) => other > one,
            _ => one != other,
        },
    };
    sizes(kind).iter().find(larger).map(|path| grows(address, path))
}

/// What is to be said of a thing of which these attributes change, by their first names; `None` where the
/// file does not tell which.
pub(super) fn among(address: &str, kind: &str, changed: Option<&[String]>) -> Option<Uncounted> {
    let first = |path: &str| path.split('.').next().map(str::to_owned);
    let touched =
        |path: &&&str| changed.is_none_or(|changed| first(path).is_some_and(|it| changed.contains(&it)));
    let path = sizes(kind).iter().find(touched)?;
    Some(match changed {
        Some(_) => grows(address, path),
        None => open(address, "whether it gets larger is not told, nor by how much".to_owned()),
    })
}

fn grows(address: &str, path: &str) -> Uncounted {
    open(address, format!("its {path} changes, and what it uses on top of what it does now is not counted"))
}

fn open(address: &str, why: String) -> Uncounted {
    Uncounted { what: address.to_owned(), why, weight: Weight::Open }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deployment::types;

    fn group(desired: Value) -> Value {
        let sizes = [("desired_size".to_owned(), desired), ("max_size".to_owned(), Value::Number(9.0))];
        let config = Value::List(vec![Value::Map(sizes.into())]);
        Value::Map([("scaling_config".to_owned(), config)].into())
    }

    fn says(before: &Value, after: &Value) -> bool {
        between("nodes", "eks-nodegroup", before, after).is_some()
    }

    #[test]
    fn what_grows_or_may_grow_is_said_and_what_shrinks_or_stays_is_not() {
        let three = group(Value::Number(3.0));
        assert!(says(&three, &group(Value::Number(4.0))));
        assert!(says(&three, &group(Value::Unknown(Vec::new()))));
        assert!(says(&Value::default(), &three), "what was is not told");
        assert!(says(&three, &Value::Unknown(Vec::new())));
        for same in [&three, &group(Value::Number(2.0)), &group(Value::text("3")), &Value::default()] {
            assert!(!says(&three, same), "{same:?}");
        }
    }

    #[test]
    fn what_is_not_told_may_grow_and_a_label_does_not() {
        let changed = |names: &[&str]| names.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
        assert!(among("a", "eks-nodegroup", None).is_some());
        assert!(among("a", "eks-nodegroup", Some(&changed(&["labels", "scaling_config"]))).is_some());
        assert!(among("a", "eks-nodegroup", Some(&changed(&["labels", "tags"]))).is_none());
        assert!(among("a", "vpc", None).is_none());
    }

    #[test]
    fn every_kind_with_a_size_is_one_that_is_read() {
        for (kind, _) in SIZES {
            assert!(types::of_kind(kind).is_some(), "{kind}");
            assert!(matters(Some(kind), Change::Update) && !matters(Some(kind), Change::Create));
        }
        assert!(!matters(Some("vpc"), Change::Update) && !matters(None, Change::Update));
    }
}
