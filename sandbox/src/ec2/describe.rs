//! What all describe calls share: ids, filters and pages.
//!
//! A kind of thing tells its facts (what filters compare with) and how a row
//! is written; everything else is the same for all kinds.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::noun::Noun;
use crate::error::{AwsError, AwsResult};
use crate::protocol::{Answer, Ctx};
use crate::query::Filter;
use crate::stores::ec2::{Address, Ec2, Rule};
use crate::tags::Tags;
use crate::world::World;
use crate::xml::Xml;

/// The most values that the filters of one request may hold. The error is documented, its
/// number is customary: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html>.
const MOST_FILTER_VALUES: usize = 200;

/// What a row is written and filtered against.
pub(crate) struct View<'a> {
    /// EC2's records of the region.
    pub ec2: &'a Ec2,
    /// The region's name.
    pub region: &'a str,
    /// The account's number.
    pub account: &'a str,
    index: OnceCell<Index<'a>>,
}

/// The records that rows look up by something else than their id, gathered once per call, so that
/// a listing's cost grows with its length and not with its square.
#[derive(Default)]
struct Index<'a> {
    rules: BTreeMap<&'a str, Vec<(&'a String, &'a Rule)>>,
    addresses: BTreeMap<&'a str, (&'a String, &'a Address)>,
}

impl<'a> View<'a> {
    /// The view of a region, which is made if it was never used.
    pub(crate) fn of(world: &'a mut World, region: &'a str) -> Self {
        world.region(region);
        let world: &'a World = world;
        Self { ec2: &world.regions[region].ec2, region, account: &world.account, index: OnceCell::new() }
    }

    /// The rules of a security group in one direction, with their ids.
    pub(crate) fn rules(&self, group: &str, egress: bool) -> impl Iterator<Item = (&'a String, &'a Rule)> {
        let rules = self.index().rules.get(group).into_iter().flatten();
        rules.copied().filter(move |(_, rule)| rule.egress == egress)
    }

    /// The Elastic IP on an interface, with its allocation id.
    pub(crate) fn elastic_ip(&self, interface: &str) -> Option<(&'a String, &'a Address)> {
        self.index().addresses.get(interface).copied()
    }

    fn index(&self) -> &Index<'a> {
        self.index.get_or_init(|| {
            let mut index = Index::default();
            for (id, rule) in &self.ec2.rules {
                index.rules.entry(&rule.group).or_default().push((id, rule));
            }
            for (id, address) in &self.ec2.addresses {
                if let Some(interface) = &address.interface {
                    index.addresses.insert(interface, (id, address));
                }
            }
            index
        })
    }
}

/// A filter's name, and what it compares with in a record of this id.
pub(crate) type Fact<T> = (&'static str, fn(&View<'_>, &str, &T) -> Vec<String>);

/// How a describe call pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pages {
    /// One answer, no `MaxResults`.
    None,
    /// Up to this many rows on a page.
    Of(usize),
    /// As `Of`, and `MaxResults` may not stand beside ids.
    OfUnlessIds(usize),
    /// As `Of`; a larger `MaxResults` is clipped instead of refused.
    Clipped(usize),
}

/// One kind of thing as its describe call shows it.
pub(crate) struct Kind<T: 'static> {
    /// How its ids look, and what is said of an unknown one.
    pub noun: &'static Noun,
    /// The request's list of ids: `VpcId`.
    pub ids: &'static str,
    /// The answer's list: `vpcSet`.
    pub set: &'static str,
    /// How it pages.
    pub pages: Pages,
    /// The filters it knows, besides those of tags.
    pub facts: &'static [Fact<T>],
    /// Its tags.
    pub tags: fn(&T) -> &Tags,
    /// Its records.
    pub records: fn(&Ec2) -> &BTreeMap<String, T>,
    /// Writes one row.
    pub write: fn(&View<'_>, &mut Xml, &str, &T),
}

/// One value of a fact.
pub(crate) fn one(value: impl ToString) -> Vec<String> {
    vec![value.to_string()]
}

/// The values of a fact that may be absent.
pub(crate) fn optional(value: Option<impl ToString>) -> Vec<String> {
    value.map(|value| value.to_string()).into_iter().collect()
}

/// Several values of a fact.
pub(crate) fn many<T: ToString>(values: impl IntoIterator<Item = T>) -> Vec<String> {
    values.into_iter().map(|value| value.to_string()).collect()
}

/// Answers a describe call.
pub(crate) fn describe<T>(world: &mut World, ctx: &Ctx, kind: &Kind<T>) -> AwsResult<Answer> {
    let view = View::of(world, &ctx.region);
    let rows = (kind.records)(view.ec2);
    let wanted = wanted_ids(ctx, kind, rows)?;
    let filters = checked_filters(ctx, kind)?;
    let matching = rows.iter().filter(|(id, row)| {
        (wanted.is_empty() || wanted.contains(id))
            && filters.iter().all(|filter| matches(&view, kind, (id, row), filter))
    });
    let (page, next) = paged(ctx, kind.pages, !wanted.is_empty(), matching, |(id, _)| id)?;
    let mut xml = Xml::new();
    xml.list(kind.set, page, |item, (id, row)| (kind.write)(&view, item, id, row));
    xml.maybe("nextToken", next);
    Ok(xml.into())
}

/// One page of `rows`, and the token of the next. Rows must come in the order of their keys.
pub(crate) fn paged<'a, T>(
    ctx: &Ctx,
    pages: Pages,
    by_ids: bool,
    rows: impl Iterator<Item = T>,
    key: impl Fn(&T) -> &'a str,
) -> AwsResult<(Vec<T>, Option<String>)> {
    let asked = ctx.params.int("MaxResults")?;
    let (most, clipped) = match pages {
        Pages::None => return Ok((rows.collect(), None)),
        Pages::OfUnlessIds(_) if by_ids && asked.is_some() => {
            let text = "The parameter maxResults cannot be used together with ids";
            return Err(AwsError::new("InvalidParameterCombination", text));
        }
        Pages::Of(most) | Pages::OfUnlessIds(most) => (most, false),
        Pages::Clipped(most) => (most, true),
    };
    let size = match asked {
        None => most,
        Some(asked) => page_size(asked, most, clipped)?,
    };
    let after = ctx.params.get("NextToken").map(token_key).transpose()?;
    let mut rows = rows.skip_while(|row| after.as_deref().is_some_and(|after| key(row) <= after));
    let page: Vec<T> = rows.by_ref().take(size).collect();
    let more = rows.next().is_some();
    let next = page.last().filter(|_| more).map(|row| token(key(row)));
    Ok((page, next))
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/Query-Requests.html#api-pagination>:
/// pages are of 5 rows at least.
fn page_size(asked: i64, most: usize, clipped: bool) -> AwsResult<usize> {
    let refused = |bound: String| {
        let text =
            format!("Value ( {asked} ) for parameter maxResults is invalid. Expecting a value {bound}.");
        Err(AwsError::new("InvalidParameterValue", text))
    };
    match usize::try_from(asked) {
        Ok(size) if size > most && clipped => Ok(most),
        Ok(size) if size > most => refused(format!("less than or equal to {most}")),
        Ok(size) if size >= 5 => Ok(size),
        _ => refused("greater than or equal to 5".to_owned()),
    }
}

/// A page's token: the key of its last row in hexadecimal, so that clients take it as opaque.
fn token(key: &str) -> String {
    key.bytes().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

fn token_key(token: &str) -> AwsResult<String> {
    let invalid = || AwsError::new("InvalidNextToken", "The specified NextToken is not valid.");
    let digits = token.as_bytes();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let bytes: Option<Vec<u8>> = digits.chunks(2).map(byte).collect();
    bytes.and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(invalid)
}

fn wanted_ids<T>(ctx: &Ctx, kind: &Kind<T>, rows: &BTreeMap<String, T>) -> AwsResult<Vec<String>> {
    let wanted = ctx.params.list(kind.ids);
    for id in &wanted {
        kind.noun.check(id, rows)?;
    }
    Ok(wanted)
}

fn checked_filters<T>(ctx: &Ctx, kind: &Kind<T>) -> AwsResult<Vec<Filter>> {
    let known: Vec<&str> = kind.facts.iter().map(|(name, _)| *name).collect();
    check_filters(ctx.params.filters(), &known)
}

/// The filters, if each is one of `known` or concerns tags.
pub(crate) fn check_filters(filters: Vec<Filter>, known: &[&str]) -> AwsResult<Vec<Filter>> {
    for Filter { name, .. } in &filters {
        if !known.contains(&name.as_str()) && name != "tag-key" && !name.starts_with("tag:") {
            let text = format!("The filter '{name}' is invalid");
            return Err(AwsError::new("InvalidParameterValue", text));
        }
    }
    if filters.iter().map(|filter| filter.values.len()).sum::<usize>() > MOST_FILTER_VALUES {
        let text = "The maximum number of filter values specified on a single call is 200";
        return Err(AwsError::new("FilterLimitExceeded", text));
    }
    Ok(filters)
}

fn matches<T>(view: &View<'_>, kind: &Kind<T>, (id, row): (&String, &T), filter: &Filter) -> bool {
    let values = match kind.facts.iter().find(|(name, _)| *name == filter.name) {
        Some((_, fact)) => fact(view, id, row),
        None => tag_values((kind.tags)(row), &filter.name),
    };
    any_matches(&values, &filter.values)
}

/// What the filter `tag:KEY` or `tag-key` compares with.
pub(crate) fn tag_values(tags: &Tags, filter: &str) -> Vec<String> {
    match filter.strip_prefix("tag:") {
        Some(key) => optional(tags.get(key)),
        None => many(tags.keys()),
    }
}

/// Whether one of the values fits one of the patterns.
pub(crate) fn any_matches(values: &[String], patterns: &[String]) -> bool {
    values.iter().any(|value| patterns.iter().any(|pattern| fits(pattern.as_bytes(), value.as_bytes())))
}

/// Filter patterns: `*` is any text, `?` any character, `\` takes the next literally; case counts.
///
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html#Filtering_Resources_CLI>
fn fits(pattern: &[u8], text: &[u8]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, None) => true,
        (Some((b'*', rest)), _) => (0..=text.len()).any(|start| fits(rest, &text[start..])),
        (Some((b'?', rest)), Some((_, left))) => fits(rest, left),
        (Some((b'\\', rest)), Some((got, left))) if !rest.is_empty() => {
            rest[0] == *got && fits(&rest[1..], left)
        }
        (Some((want, rest)), Some((got, left))) => want == got && fits(rest, left),
        (None, Some(_)) | (Some(_), None) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_fit_as_aws_documents() {
        let check = |pattern: &str, text: &str| fits(pattern.as_bytes(), text.as_bytes());
        assert!(check("Amazon EKS *", "Amazon EKS dev"));
        assert!(check("a?c", "abc") && !check("a?c", "ac"));
        assert!(check("a\\*", "a*") && !check("a\\*", "ab"));
        assert!(!check("A", "a"));
    }

    #[test]
    fn a_token_names_the_row_it_continues_after() {
        assert_eq!(token_key(&token("vpc-1")).unwrap(), "vpc-1");
        assert_eq!(token_key("zz").unwrap_err().code, "InvalidNextToken");
    }

    #[test]
    fn pages_below_five_rows_are_refused() {
        assert_eq!(page_size(4, 1000, false).unwrap_err().code, "InvalidParameterValue");
        assert_eq!(page_size(5, 1000, false).unwrap(), 5);
        assert_eq!(page_size(2000, 1000, true).unwrap(), 1000);
        assert!(page_size(2000, 1000, false).is_err());
    }
}
