//! Tells what starts instances as pods ask for them, without a bound that a file could tell: Auto Mode and Karpenter.
//! `file` asks it for the items of every format.
//!
//! <https://docs.aws.amazon.com/eks/latest/userguide/automode.html>, <https://karpenter.sh/docs/concepts/nodepools/>

use super::{Change, Item, Uncounted, Value, Weight};
use crate::kinds;
use crate::model::deployed::Plays;
use crate::model::few;

/// How many of a sort are named.
const NAMED: usize = 3;

/// What is made or changed of each sort, as a remark: no count is wrong for it, and none tells how many come on top.
pub fn remarks(items: &[Item]) -> Vec<Uncounted> {
    let auto_mode = remark("nodes of Auto Mode", items, is_auto_mode);
    auto_mode.into_iter().chain(remark("nodes of Karpenter", items, is_karpenter)).collect()
}

fn remark(what: &str, items: &[Item], is: impl Fn(&Item) -> bool) -> Option<Uncounted> {
    let makers = items.iter().filter(|item| changes(item) && is(item));
    let makers: Vec<&str> = makers.map(|item| item.address.as_str()).collect();
    (!makers.is_empty()).then(|| Uncounted {
        what: format!("{what} ({})", few(makers.into_iter(), NAMED)),
        why: "instances start as pods ask for them, without a bound that could be counted".to_owned(),
        weight: Weight::Remark,
    })
}

fn changes(item: &Item) -> bool {
    item.change.makes() || item.change == Change::Update
}

fn plays(item: &Item) -> Option<Plays> {
    kinds::row_of(item).map(|row| row.deployed.plays)
}

fn is_auto_mode(item: &Item) -> bool {
    plays(item) == Some(Plays::Cluster)
        && item.properties.at("compute_config.enabled").as_bool() == Some(true)
}

/// Karpenter's chart, or one of its own objects.
fn is_karpenter(item: &Item) -> bool {
    if plays(item) == Some(Plays::Release) {
        let chart = item.properties.at("chart").as_text().unwrap_or_default();
        return chart.trim_end_matches('/').rsplit('/').next() == Some("karpenter");
    }
    names_karpenter(&item.properties)
}

fn names_karpenter(value: &Value) -> bool {
    match value {
        Value::Map(entries) => {
            // The one goes before the other.
            let other = || entries.get("api_version").is_some();
            entries.iter().any(|(name, value)| {
                let is_version = name == "api_version" || (name == "apiVersion" && !other());
                let names = |value: &Value| value.as_text().is_some_and(|it| it.starts_with(GROUP));
                (is_version && names(value)) || names_karpenter(value)
            })
        }
        Value::List(members) => members.iter().any(names_karpenter),
        // Hardly any text is as long as one that holds both.
        Value::Text(text) => {
            text.len() > GROUP.len() + VERSION.len() && text.contains(GROUP) && text.contains(VERSION)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Unknown(_) | Value::Secret => false,
    }
}

/// What the version of Karpenter's objects begins with.
const GROUP: &str = "karpenter.sh/";

/// What a manifest begins with.
const VERSION: &str = "apiVersion";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deployment::{Certainty, types};

    fn map(entries: &[(&str, Value)]) -> Value {
        Value::Map(entries.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect())
    }

    fn told(type_name: &str, properties: Value) -> Vec<String> {
        let rows = [types::of_terraform(type_name), types::of_cloudformation(type_name)];
        let item = Item {
            address: "it".to_owned(),
            type_name: type_name.to_owned(),
            kind: rows.into_iter().flatten().next().map(types::KindRow::name),
            change: Change::Create,
            certainty: Certainty::Certain,
            region: None,
            properties,
            before: Value::Null,
            after: Vec::new(),
        };
        let as_it_is = [Change::Delete, Change::Keep].map(|change| Item { change, ..item.clone() });
        assert!(remarks(&as_it_is).is_empty());
        remarks(&[item]).into_iter().map(|it| it.what).collect()
    }

    #[test]
    fn auto_mode_and_karpenter_are_told_as_unbounded_and_others_are_not() {
        let on = |on: bool| map(&[("compute_config", map(&[("enabled", Value::Bool(on))]))]);
        assert_eq!(told("aws_eks_cluster", on(true)), ["nodes of Auto Mode (it)"]);
        assert!(told("aws_eks_cluster", on(false)).is_empty());
        let chart = |chart: &str| map(&[("chart", Value::text(chart))]);
        for chart_name in ["karpenter", "oci://public.ecr.aws/karpenter/karpenter"] {
            assert_eq!(told("helm_release", chart(chart_name)), ["nodes of Karpenter (it)"], "{chart_name}");
        }
        assert!(told("helm_release", chart("karpenter-dashboards")).is_empty());
        let version = |version: &str| map(&[("api_version", Value::text(version))]);
        assert_eq!(told("kubernetes_manifest", version("karpenter.sh/v1")), ["nodes of Karpenter (it)"]);
        assert!(told("kubernetes_manifest", version("apps/v1")).is_empty());
        let yaml = |yaml: &str| map(&[("yaml_body_parsed", Value::text(yaml))]);
        let pool = "apiVersion: karpenter.sh/v1\nkind: NodePool\n";
        assert_eq!(told("kubectl_manifest", yaml(pool)), ["nodes of Karpenter (it)"]);
        assert!(told("kubectl_manifest", yaml("kind: A # karpenter.sh/discovery")).is_empty());
    }
}
