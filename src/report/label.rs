//! What a resource is called in a report for people: once, and short. The reports hand over id and name and
//! the room there is. Data for scripts keeps the whole id.

use std::collections::BTreeMap;

use super::colour::Symbols;
use super::{Detail, Look, TIED, plain, width};
use crate::model::{Key, KindName};

/// An id as people say it: of an ARN only what tells it from others of its kind.
///
/// The shapes: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>. A load balancer's
/// and a stack's ARN end with a number that AWS made, and the name stands before it.
pub fn short(id: &str) -> &str {
    let mut parts = id.splitn(6, ':');
    let (Some("arn"), _, Some(service)) = (parts.next(), parts.next(), parts.next()) else { return id };
    let Some(resource) = parts.nth(2) else { return id };
    let rest = resource.split_once(['/', ':']).map_or(resource, |(_, rest)| rest);
    match service {
        "elasticloadbalancing" => rest.rsplit('/').nth(1).unwrap_or(rest),
        "cloudformation" => rest.split('/').next().unwrap_or(rest),
        "logs" => rest.trim_end_matches(":*"),
        _ => rest,
    }
}

/// What a resource is called, where it is named within a sentence: kind and id, or kind and name.
pub fn said(key: &Key) -> String {
    format!("{} {}", key.kind, plain(short(&key.id)))
}

/// What a resource is called, nothing twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Called<'a> {
    /// The id that has to be shown.
    pub id: &'a str,
    /// The name, if it says more than the id.
    pub name: Option<&'a str>,
}

/// What a resource of this id and name is called.
pub fn called<'a>(id: &'a str, name: Option<&'a str>) -> Called<'a> {
    let id = short(id);
    match name {
        None => Called { id, name: None },
        Some(name) if name == id => Called { id, name: None },
        // The id of a node group or an add-on is `CLUSTER/NAME`, and its ARN ends with its name: the name is enough.
        Some(name) if id.strip_suffix(name).is_some_and(|front| front.ends_with(['/', ':'])) => {
            Called { id: name, name: None }
        }
        Some(name) => Called { id, name: Some(name) },
    }
}

/// The label in this many columns. An id that AWS made up stays whole, as it is what people copy;
/// names give way in the middle, because they tend to differ at the end.
pub fn label(id: &str, name: Option<&str>, room: usize, look: Look) -> String {
    let Called { id, name } = called(id, name);
    let id = plain(id);
    let Some(name) = name.map(plain) else {
        return match look.detail {
            Detail::Full => id,
            Detail::Brief => squeeze(&id, room, look.symbols),
        };
    };
    let left = room.saturating_sub(width::columns(&id) + 1);
    match look.detail {
        Detail::Full => format!("{id} {name}"),
        // Fewer than 12 columns of a name tell nothing.
        Detail::Brief if left < 12 && left < width::columns(&name) => id,
        Detail::Brief => format!("{id} {}", squeeze(&name, left, look.symbols)),
    }
}

/// The text, with its middle left out if it is too long.
pub fn squeeze(text: &str, room: usize, symbols: Symbols) -> String {
    let mark = symbols.ellipsis();
    let keep = room.max(12).saturating_sub(width::columns(mark));
    if width::columns(text) <= room.max(12) {
        return text.to_owned();
    }
    let front = &text[..width::cut(text, keep / 3)];
    let back = &text[width::cut_behind(text, keep - keep / 3)..];
    format!("{front}{mark}{back}")
}

/// `3 elastic-ip, 1 vpc`: how many of each kind, to be wrapped.
pub fn kinds<'a>(all: impl Iterator<Item = &'a KindName>) -> String {
    let mut counts: BTreeMap<&KindName, usize> = BTreeMap::new();
    for kind in all {
        *counts.entry(kind).or_default() += 1;
    }
    counts.iter().map(|(kind, number)| format!("{number}{TIED}{kind}")).collect::<Vec<_>>().join(", ")
}

/// Numbers as people write them: `3-6, 9`.
pub fn ranges(numbers: &[u32]) -> String {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for number in numbers {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == *number => *last = *number,
            _ => runs.push((*number, *number)),
        }
    }
    let texts = runs.iter().map(|(first, last)| match last - first {
        0 => first.to_string(),
        1 => format!("{first}, {last}"),
        _ => format!("{first}-{last}"),
    });
    texts.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::colour::Paint;

    fn look(detail: Detail) -> Look {
        Look { width: 80, paint: Paint::Plain, symbols: Symbols::Unicode, detail }
    }

    #[test]
    fn an_arn_is_called_by_what_tells_it_from_others() {
        for (arn, called) in [
            ("arn:aws:iam::aws:policy/AmazonEKSClusterPolicy", "AmazonEKSClusterPolicy"),
            ("arn:aws:iam::123456789012:policy/team/dns", "team/dns"),
            ("arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/web/7786f3b1", "web"),
            ("arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/011f04f2", "web"),
            ("arn:aws:cloudformation:us-east-1:123456789012:stack/eksctl-a/5b1c", "eksctl-a"),
            ("arn:aws:logs:us-east-1:123456789012:log-group:/aws/eks/a/cluster:*", "/aws/eks/a/cluster"),
            ("arn:aws:iam::123456789012:oidc-provider/oidc.eks.example/id/6A", "oidc.eks.example/id/6A"),
            ("vpc-1", "vpc-1"),
            ("arn:odd", "arn:odd"),
        ] {
            assert_eq!(short(arn), called, "{arn}");
        }
    }

    #[test]
    fn nothing_is_shown_twice() {
        let brief = |id, name| label(id, name, 60, look(Detail::Brief));
        assert_eq!(brief("node-role", Some("node-role")), "node-role");
        assert_eq!(brief("cluster-a/vpc-cni", Some("vpc-cni")), "vpc-cni");
        assert_eq!(brief("arn:aws:iam::1:policy/dns", Some("dns")), "dns");
        assert_eq!(brief("vpc-1", Some("shop")), "vpc-1 shop");
    }

    #[test]
    fn an_id_stays_whole_and_a_name_gives_way() {
        let label =
            |room| label("subnet-0123456789", Some("shop-attempt-1-private-2"), room, look(Detail::Brief));
        assert_eq!(label(60), "subnet-0123456789 shop-attempt-1-private-2");
        assert_eq!(label(34), "subnet-0123456789 shop-…-private-2");
        assert_eq!(label(20), "subnet-0123456789");
    }

    #[test]
    fn a_wide_name_gives_way_by_columns() {
        let name = "店舗の試み一号の公開サブネット";
        let squeezed = squeeze(name, 20, Symbols::Unicode);
        assert_eq!(squeezed, "店舗の…開サブネット");
        assert!(width::columns(&squeezed) <= 20);
    }

    #[test]
    fn numbers_that_follow_each_other_are_told_as_a_range() {
        assert_eq!(ranges(&[1, 2, 3, 5, 7, 8]), "1-3, 5, 7, 8");
        assert_eq!(ranges(&[]), "");
    }
}
