//! A page of Markdown for each kind, and a table of all: takes the specs of the catalog, and gives `docs/kinds/` its
//! files and the README its table. Whatever a page says is what judge, planner and run go by.

use crate::model::{
    Catalog, Class, Cost, Cut, GuardRule, Holds, Ids, KindSpec, LinkRule, Near, Per, QuotaUse, Region,
    RouteTarget, Scope, Settle, ShowsLife, Touches,
};
use crate::price;

/// Where the table of all kinds begins and ends in the README.
pub const TABLE: [&str; 2] = ["<!-- kinds: make docs -->\n", "<!-- end of kinds -->\n"];

/// The table of all kinds, with a link to the page of each, which is in `folder`.
pub fn table(catalog: Catalog, folder: &str) -> String {
    let rows = catalog.iter().map(|spec| {
        let name = spec.name;
        format!("| [`{name}`]({folder}{name}.md) | {} | {} |\n", spec.title, short(spec.class))
    });
    format!("| kind | what it is | deleted |\n| --- | --- | --- |\n{}", rows.collect::<String>())
}

/// The page of one kind.
pub fn page(spec: &KindSpec, catalog: Catalog) -> String {
    let mut text = format!("# `{}`: {}\n\n{}\n\n", spec.name, spec.title, spec.about);
    text.push_str(&format!("Its {} {}.\n", ids(spec.ids), scope(spec.scope)));
    text.push_str(&format!("{}\n", class(spec.class)));
    if let Some(life) = life(spec.shows_life) {
        text.push_str(&format!("It is at work, and stays, {life}.\n"));
    }
    let guards: Vec<&str> = spec.guards.iter().map(|rule| guard(*rule)).collect();
    if !guards.is_empty() {
        text.push_str(&format!("It stays if {}.\n", guards.join(", or if ")));
    }
    text.push_str(&deletion(spec));
    text.push_str(&refers(spec));
    text.push_str(&first(spec, catalog));
    text.push_str(&quotas(spec.quotas));
    text.push_str(&prices(spec.priced));
    text.push_str(&actions(spec));
    text.push_str(&deployed(spec));
    text
}

const fn short(class: Class) -> &'static str {
    match class {
        Class::Plumbing | Class::Workload | Class::Tool => "yes",
        Class::Data => "if its kind is named: it holds data",
        Class::Witness => "no, only read",
    }
}

const fn class(class: Class) -> &'static str {
    match class {
        Class::Plumbing => "It carries others, and belongs to what it lies in.",
        Class::Workload => "It does somebody's work, and needs a claim of its own.",
        Class::Tool => "Others work with it, and it needs a claim of its own.",
        Class::Data => {
            "It holds data: it is reported and priced, and deleted only if `--with-data` names its kind."
        }
        Class::Witness => "It is read and never deleted: what it uses or holds stays.",
    }
}

fn ids(ids: Ids) -> String {
    match ids {
        Ids::Prefix(begins) => format!("ids begin with `{begins}`; it is one"),
        Ids::Name => "id is its name; it is one".to_owned(),
        Ids::OfCluster => "id is the name of its cluster, a slash, and its own; it is one".to_owned(),
        Ids::Arn { service, resource } => {
            format!("id is its ARN, `arn:aws:{service}:…:{}`; it is one", resource.replace("{}", "NAME"))
        }
    }
}

const fn scope(scope: Scope) -> &'static str {
    match scope {
        Scope::Regional => "of a region",
        Scope::Global => "of the account as a whole",
    }
}

const fn life(life: ShowsLife) -> Option<&'static str> {
    match life {
        ShowsLife::Never => None,
        ShowsLife::Nodes(_) => Some("while a machine of it runs and it reports no trouble"),
        ShowsLife::Machine { .. } => {
            Some("while it runs and is no node of a cluster, or rests and may be started again")
        }
        ShowsLife::Interface(_) => Some("while it is in use on a machine that runs"),
        ShowsLife::Targets => Some("while a target behind it passes its health check"),
        ShowsLife::Tasks => Some("while tasks of it run"),
        ShowsLife::Calls => Some("while it was called of late"),
        ShowsLife::Tunnels => Some("while a tunnel of it is up, or was of late"),
        ShowsLife::Unseen(_) => {
            Some("where its description does not rule that out: its work shows in nothing that is read")
        }
    }
}

const fn guard(rule: GuardRule) -> &'static str {
    match rule {
        GuardRule::DefaultThing => "it is a default VPC or a part of one",
        GuardRule::AwsManaged => "it is AWS's own",
        GuardRule::Protection => "protection against its deletion is switched on",
        GuardRule::Held => "something that is of no kind here holds it",
        GuardRule::OtherAccount => "another account owns it",
        GuardRule::UnknownMaker => "a service made it that could not be told",
    }
}

/// How it is deleted, by this program and by hand.
fn deletion(spec: &KindSpec) -> String {
    let by_hand = format!("\n## By hand\n\n    {}\n", by_hand(spec));
    if spec.apis.delete.is_empty() {
        return by_hand;
    }
    let mut text = format!("\n## Deletion\n\n{}\n", settles(spec.settle));
    if spec.batch > 1 {
        text.push_str(&format!("One call takes up to {} of them.\n", spec.batch));
    }
    if spec.pause > 0 {
        text.push_str(&format!("It rests {} s after the last thing in its way has gone.\n", spec.pause));
    }
    if spec.patience > 0 {
        text.push_str(&format!("A refusal that may pass is tried again for {} s.\n", spec.patience));
    }
    text + &by_hand
}

fn by_hand(spec: &KindSpec) -> String {
    [("{id}", "ID"), ("{cluster}", "CLUSTER"), ("{name}", "NAME")]
        .iter()
        .fold(spec.by_hand.0.to_owned(), |text, (slot, word)| text.replace(slot, word))
}

fn settles(settle: Settle) -> String {
    match settle {
        Settle::AtOnce => "It is gone when the call has returned.".to_owned(),
        Settle::Poll { every, usually, at_most } => format!(
            "It usually takes {usually} s. It is looked at every {every} s, for {at_most} s at most; then the step has failed."
        ),
    }
}

fn of_kind(rule: &LinkRule) -> String {
    match rule.to {
        LinkRule::ANY_ROUTE_TARGET => "whatever a route can lead to".to_owned(),
        to => format!("`{to}`"),
    }
}

/// What it refers to.
fn refers(spec: &KindSpec) -> String {
    if spec.links.is_empty() {
        return String::new();
    }
    let rows = spec
        .links
        .iter()
        .map(|rule| format!("| `{}`: {} | {} | {} |\n", rule.how, of_kind(rule), near(rule), cut(rule.cut)));
    format!(
        "\n## What it refers to\n\n| link | what that means for it | the call that severs it |\n| --- | --- | --- |\n{}",
        rows.collect::<String>()
    )
}

fn near(rule: &LinkRule) -> String {
    match rule.near {
        Near::Free => "nothing: it can go first".to_owned(),
        Near::CutFirst => "it can go once that is severed".to_owned(),
        Near::AfterTarget => "it goes after that, and stays if that stays".to_owned(),
        Near::AfterIfGoes => "it goes after that, if that goes".to_owned(),
        Near::GoesWithTarget(settle) => match settle {
            Settle::AtOnce => "it goes with that, by itself".to_owned(),
            Settle::Poll { usually, .. } => {
                format!("it goes with that, by itself, usually {usually} s later")
            }
        },
    }
}

fn cut(cut: Option<Cut>) -> String {
    match cut {
        None => String::new(),
        Some(Cut { api, touches: Touches::NearEnd, .. }) => format!("`{api}`"),
        Some(Cut { api, touches: Touches::BothEnds, .. }) => format!("`{api}`, if both ends go"),
    }
}

/// What has to be gone before it can go.
fn first(spec: &KindSpec, catalog: Catalog) -> String {
    let here = |rule: &LinkRule| match rule.to {
        LinkRule::ANY_ROUTE_TARGET => spec.route_target == RouteTarget::Yes,
        to => to == spec.name,
    };
    let held = catalog.iter().flat_map(|from| from.links.iter().map(move |rule| (from, rule)));
    let rows = held.filter(|(_, rule)| here(rule) && rule.holds != Holds::Nothing).map(|(from, rule)| {
        let until = match rule.holds {
            Holds::Nothing | Holds::Delete => "is gone",
            Holds::DeleteAndCuts => "is gone; until then nothing of it is severed either",
            Holds::DeleteUntilCut => "is gone, or that is severed",
        };
        format!("| `{}`: `{}` | {until} |\n", from.name, rule.how)
    });
    let rows: String = rows.collect();
    if rows.is_empty() {
        return String::new();
    }
    format!(
        "\n## What has to go first\n\n| what, and how it is linked to it | until that |\n| --- | --- |\n{rows}"
    )
}

fn quotas(quotas: &[QuotaUse]) -> String {
    if quotas.is_empty() {
        return String::new();
    }
    let rows = quotas.iter().map(|quota| {
        let code = match (quota.code, quota.documented) {
            (Some(code), _) => format!("`{}` `{code}`", quota.service),
            (None, Some(limit)) => format!("{limit}, by AWS's documentation"),
            (None, None) => format!("told by {}", quota.service),
        };
        format!("| `{}` | {} | {} | {code} |\n", quota.name, quota.title, per(quota.per))
    });
    format!(
        "\n## Quotas\n\n| name | what is counted | for each | code in Service Quotas |\n| --- | --- | --- | --- |\n{}",
        rows.collect::<String>()
    )
}

const fn per(per: Per) -> &'static str {
    match per {
        Per::Account => "account",
        Per::Region => "region",
        Per::Zone => "zone",
        Per::Vpc => "VPC",
        Per::Cluster => "cluster",
        Per::Itself => "of these",
    }
}

fn prices(priced: &[&'static str]) -> String {
    if priced.is_empty() {
        return "\nIt costs nothing by itself, or nothing that is counted here.\n".to_owned();
    }
    let region = Region::new("us-east-1");
    let rows = priced.iter().map(|&item| {
        let usd = price::monthly(&[Cost { item, units: 1.0 }], &region).unwrap_or_default();
        format!("| `{item}` | ${usd:.2} |\n")
    });
    format!(
        "\n## Price\n\nOne unit a month in us-east-1, by the list of {}: an order of magnitude, no bill.\n\n| item | |\n| --- | ---: |\n{}",
        price::CHECKED,
        rows.collect::<String>()
    )
}

fn actions(spec: &KindSpec) -> String {
    let named = |apis: &[&str]| apis.iter().map(|api| format!("`{api}`")).collect::<Vec<_>>().join(", ");
    let mut text = format!("\n## IAM actions\n\nRead by {}.\n", named(spec.apis.list));
    if !spec.apis.delete.is_empty() {
        text.push_str(&format!("Deleted by {}.\n", named(spec.apis.delete)));
    }
    if !spec.made_by_events.is_empty() {
        text.push_str(&format!("CloudTrail's {} tells who made it, and when.\n", named(spec.made_by_events)));
    }
    text
}

fn deployed(spec: &KindSpec) -> String {
    let types = &spec.deployed.types;
    let lines =
        [("Terraform", types.terraform), ("Pulumi", types.pulumi), ("CloudFormation", types.cloudformation)];
    let lines = lines.iter().filter(|(_, types)| !types.is_empty()).map(|(tool, types)| {
        let types: Vec<String> = types.iter().map(|name| format!("`{name}`")).collect();
        format!("- {tool}: {}\n", types.join(", "))
    });
    let lines: String = lines.collect();
    if lines.is_empty() { lines } else { format!("\n## What deployments call it\n\n{lines}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::CATALOG;

    #[test]
    fn a_page_tells_what_has_to_go_first_and_how_it_is_severed() {
        let page = page(CATALOG.named("internet-gateway").unwrap(), CATALOG);
        assert!(page.contains("| `nat-gateway`: `mapped-through` | is gone; until then"), "{page}");
        assert!(page.contains("`ec2:DetachInternetGateway`, if both ends go"), "{page}");
    }
}
