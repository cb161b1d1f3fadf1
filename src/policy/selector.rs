//! The policy compiled: what it asks of a resource, checked once so that judging cannot fail.
//!
//! It is made of a policy and the names of all kinds. The judge asks it what is selected, protected and
//! abandoned, and takes its sentences as evidence.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use super::age::{self, Age};
use super::glob::GlobError;
use super::matcher::{Candidate, Matcher};
use super::pattern::Case;
use super::terms::{Basis, Naming, Terms, kind_remedy};
use super::{Policy, PolicyError};
use crate::guards::Guards;
use crate::model::{KindName, Tags};

/// The tag keys that name a stack when the policy names none.
const DEFAULT_STACK_KEY: [&str; 2] = ["Project", "EnvironmentSuffix"];

/// So many characters of an entry of `select` stand for themselves at least: fewer fit half an account.
const LEAST: usize = 3;

/// How long ago the youngest thing of a stack must have been made, unless the policy says otherwise.
pub(super) const SETTLED: Duration = Duration::from_secs(10 * 60);

/// A compiled policy.
#[derive(Debug, Clone)]
pub struct Selector {
    select: Vec<Entry>,
    protect: Vec<Entry>,
    guards: Guards,
    abandoned: BTreeSet<String>,
    expires: Vec<Expires>,
    older_than: Option<Duration>,
    settled: Duration,
    stack_key: Vec<String>,
    owner_keys: Vec<String>,
    neutral_tags: Vec<String>,
    with_data: BTreeSet<KindName>,
}

/// Why a resource is selected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selected {
    /// What the entry that selects it looks at.
    pub basis: Basis,
    /// By what the entries that match it name one thing.
    pub named: BTreeSet<Naming>,
    /// The tag keys that the entries that match it ask for.
    pub asked: BTreeSet<String>,
    /// In a sentence: `tag Project=demo matches --select tag:Project=demo`.
    pub why: String,
}

/// An entry of `expired`: which stacks are nobody's, and how long after the youngest of their things was made.
#[derive(Debug, Clone)]
pub struct Expires {
    entry: Entry,
    after: Age,
}

impl Expires {
    /// Whether it means this thing.
    pub fn covers(&self, seen: &Candidate<'_>) -> bool {
        self.entry.matcher.matched(seen).is_some()
    }

    /// How long ago the youngest thing of a stack must have been made.
    pub fn after(&self) -> Duration {
        self.after.duration()
    }
}

impl fmt::Display for Expires {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[[expired]] select {} after {}", self.entry.terms, age::show(self.after()))
    }
}

/// An entry of `select` or `protect`: its terms, for sentences, and what they were compiled to.
#[derive(Debug, Clone)]
struct Entry {
    terms: Terms,
    matcher: Matcher,
}

impl Selector {
    /// Compiles a policy. `kind_names` are the names of all kinds that there are.
    pub fn new(policy: &Policy, kind_names: &[&str]) -> Result<Self, PolicyError> {
        check_kinds(policy, kind_names)?;
        check_account(policy)?;
        check_breadth("select", policy.select.iter())?;
        check_breadth("expired", policy.expired.iter().map(|expiry| &expiry.select))?;
        let stack_key = stack_key(policy)?;
        check_neutral(policy, &stack_key)?;
        Ok(Self {
            owner_keys: owner_keys(policy, &stack_key),
            select: entries("select", &policy.select, Case::Exact)?,
            protect: entries("protect", &policy.protect, Case::Wide)?,
            guards: Guards::new(&policy.guards, kind_names).map_err(PolicyError::Guards)?,
            abandoned: abandoned(policy)?,
            expires: expires(policy)?,
            older_than: policy.older_than.map(Age::duration),
            settled: policy.settled.map_or(SETTLED, Age::duration),
            stack_key,
            neutral_tags: policy.neutral_tags.clone(),
            with_data: policy.with_data.clone(),
        })
    }

    /// Whether nothing is selected: then nothing can be an orphan.
    pub fn is_empty(&self) -> bool {
        self.select.is_empty()
    }

    /// Whether this resource is selected, and why.
    pub fn selects(&self, seen: &Candidate<'_>) -> Option<Selected> {
        let matching =
            self.select.iter().filter_map(|entry| Some((entry, entry.sentence(seen, "--select")?)));
        let matching: Vec<_> = matching.collect();
        let named = matching.iter().flat_map(|(entry, _)| entry.terms.names()).collect();
        let asked = matching.iter().flat_map(|(entry, _)| entry.terms.tag_keys());
        let asked = asked.map(str::to_owned).collect();
        // `min_by_key` gives the first of equals: the reason named is that of the policy's first entry.
        let (entry, why) = matching.into_iter().min_by_key(|(entry, _)| entry.terms.basis())?;
        Some(Selected { basis: entry.terms.basis(), named, asked, why })
    }

    /// Whether a thing with these tags, of which nothing else is known, may be meant: it has what an entry asks of
    /// tags. Without a selection all are.
    pub fn means_tags(&self, tags: &Tags) -> bool {
        let means = |entry: &Entry| entry.matcher.means_tags(tags, &self.stack_key);
        self.select.is_empty() || self.select.iter().any(means)
    }

    /// Whether the user said that this tag does not tell whose a thing is.
    pub fn is_neutral(&self, key: &str) -> bool {
        self.neutral_tags.iter().any(|neutral| neutral == key)
    }

    /// Whether things of this kind that hold data may go.
    pub fn takes_data_of(&self, kind: &KindName) -> bool {
        self.with_data.contains(kind)
    }

    /// The clusters that `select` names letter by letter.
    pub fn named_clusters(&self) -> impl Iterator<Item = String> {
        self.select.iter().flat_map(|entry| entry.terms.clusters())
    }

    /// Why this resource must stay: `tag keep=yes matches --protect tag:keep`.
    pub fn protects(&self, seen: &Candidate<'_>) -> Option<String> {
        self.protect.iter().find_map(|entry| entry.sentence(seen, "--protect"))
    }

    /// The rules that forbid to delete what nothing else keeps.
    pub fn guards(&self) -> &Guards {
        &self.guards
    }

    /// Whether the user said, letter by letter, that nobody wants this stack any more.
    pub fn abandons(&self, stack: &str) -> bool {
        self.abandoned.contains(stack)
    }

    /// The stacks of which he said so.
    pub fn abandoned(&self) -> &BTreeSet<String> {
        &self.abandoned
    }

    /// The stacks that are nobody's after some time.
    pub fn expires(&self) -> &[Expires] {
        &self.expires
    }

    /// Nothing younger than this is touched.
    pub fn older_than(&self) -> Option<Duration> {
        self.older_than
    }

    /// The same, without an age that is asked for.
    pub fn without_age(&self) -> Self {
        Self { older_than: None, ..self.clone() }
    }

    /// How long ago the youngest thing of a stack must have been made, else somebody is at work in it.
    pub fn settled(&self) -> Duration {
        self.settled
    }

    /// The tag keys whose values together name a stack. Never empty.
    pub fn stack_key(&self) -> &[String] {
        &self.stack_key
    }

    /// The tag keys by which a resource says that it belongs elsewhere than what it lies in. Never empty.
    pub fn owner_keys(&self) -> &[String] {
        &self.owner_keys
    }
}

/// The stack key; and where the policy names none, the tags it selects by as well: who selects
/// `tag:Env=pr-12` does not mean what stands in that VPC and is tagged `Env=prod`. `Name` tells nothing.
fn owner_keys(policy: &Policy, stack_key: &[String]) -> Vec<String> {
    let mut keys = stack_key.to_vec();
    if policy.stack_key.is_empty() {
        for key in policy.select.iter().flat_map(Terms::tag_keys).filter(|key| *key != "Name") {
            if !keys.iter().any(|known| known == key) {
                keys.push(key.to_owned());
            }
        }
    }
    keys
}

impl Entry {
    fn sentence(&self, seen: &Candidate<'_>, flag: &str) -> Option<String> {
        let matched = self.matcher.matched(seen)?;
        let verb = if self.terms.all().len() == 1 { "matches" } else { "match" };
        Some(format!("{matched} {verb} {flag} {}", self.terms))
    }
}

fn entries(place: &'static str, all: &[Terms], case: Case) -> Result<Vec<Entry>, PolicyError> {
    let entry = |terms: &Terms| match Matcher::new(terms, case) {
        Ok(matcher) => Ok(Entry { terms: terms.clone(), matcher }),
        Err(why) => Err(broken(place, terms, &why)),
    };
    all.iter().map(entry).collect()
}

/// Nobody means to wipe an account, so an entry has to narrow something.
fn check_breadth<'t>(
    place: &'static str,
    mut all: impl Iterator<Item = &'t Terms> + Clone,
) -> Result<(), PolicyError> {
    let refuse = |terms: &Terms, why: String| Err(PolicyError::Entry { place, text: terms.to_string(), why });
    if let Some(everything) = all.clone().find(|terms| terms.matches_all()) {
        return refuse(everything, "selects everything there is; add a term that narrows it".to_owned());
    }
    match all.find(|terms| terms.breadth() < LEAST) {
        Some(wide) => refuse(
            wide,
            format!(
                "selects too much: add a term of which at least {LEAST} characters stand for themselves, in the value of a tag, a name, a stack, a cluster or an id, such as tag:Project=NAME"
            ),
        ),
        None => Ok(()),
    }
}

fn expires(policy: &Policy) -> Result<Vec<Expires>, PolicyError> {
    let terms: Vec<Terms> = policy.expired.iter().map(|expiry| expiry.select.clone()).collect();
    let entries = entries("expired", &terms, Case::Exact)?;
    let ages = policy.expired.iter().map(|expiry| expiry.after);
    Ok(entries.into_iter().zip(ages).map(|(entry, after)| Expires { entry, after }).collect())
}

fn abandoned(policy: &Policy) -> Result<BTreeSet<String>, PolicyError> {
    if policy.abandoned.iter().any(String::is_empty) {
        let why = "is empty".to_owned();
        return Err(PolicyError::Entry { place: "abandoned", text: String::new(), why });
    }
    Ok(policy.abandoned.iter().cloned().collect())
}

fn broken(place: &'static str, text: &impl ToString, why: &GlobError) -> PolicyError {
    PolicyError::Entry { place, text: text.to_string(), why: format!("is a broken glob: {why}") }
}

pub(super) fn stack_key(policy: &Policy) -> Result<Vec<String>, PolicyError> {
    if policy.stack_key.iter().any(String::is_empty) {
        let why = "is not a tag key".to_owned();
        return Err(PolicyError::Entry { place: "stack-key", text: String::new(), why });
    }
    if policy.stack_key.is_empty() {
        return Ok(DEFAULT_STACK_KEY.iter().map(|key| (*key).to_owned()).collect());
    }
    Ok(policy.stack_key.clone())
}

/// Owners and teams speak for somebody, whatever one calls them; and so does what names a stack.
fn check_neutral(policy: &Policy, stack_key: &[String]) -> Result<(), PolicyError> {
    let whose = |key: &str| {
        let speaks = ["owner", "team"].contains(&key.to_lowercase().as_str());
        speaks || key.starts_with("aws:") || stack_key.iter().any(|named| named == key)
    };
    let refuse = |key: &String, why: &str| {
        Err(PolicyError::Entry { place: "neutral-tags", text: key.clone(), why: why.to_owned() })
    };
    match policy.neutral_tags.iter().find(|key| key.is_empty() || whose(key)) {
        Some(key) if key.is_empty() => refuse(key, "is not a tag key"),
        Some(key) => refuse(key, "tells whose a thing is, so it cannot be neutral; leave it out"),
        None => Ok(()),
    }
}

fn check_account(policy: &Policy) -> Result<(), PolicyError> {
    let one = policy.account.iter().map(|account| ("account", account));
    let mut all = one.chain(policy.accounts.iter().map(|account| ("accounts", account)));
    let is_none = |account: &str| account.len() != 12 || !account.bytes().all(|byte| byte.is_ascii_digit());
    match all.find(|(_, account)| is_none(account)) {
        Some((place, account)) => {
            let why = "is not an account id, which has twelve digits".to_owned();
            Err(PolicyError::Entry { place, text: account.clone(), why })
        }
        None => account_among(policy),
    }
}

/// The one account of a policy is one of its several.
fn account_among(policy: &Policy) -> Result<(), PolicyError> {
    match &policy.account {
        Some(account) if !policy.accounts.is_empty() && !policy.accounts.contains(account) => {
            let why = "is none of `accounts`".to_owned();
            Err(PolicyError::Entry { place: "account", text: account.clone(), why })
        }
        Some(_) | None => Ok(()),
    }
}

fn check_kinds(policy: &Policy, kinds: &[&str]) -> Result<(), PolicyError> {
    let expired: Vec<Terms> = policy.expired.iter().map(|expiry| expiry.select.clone()).collect();
    for (place, entries) in [("select", &policy.select), ("protect", &policy.protect), ("expired", &expired)]
    {
        let known = entries.iter().try_for_each(|terms| terms.check_kinds(kinds));
        known.map_err(|source| PolicyError::Term { place, source })?;
    }
    let data = policy.with_data.iter().map(|kind| ("with-data", kind));
    let caps = policy.max_per_kind.keys().map(|kind| ("max-per-kind", kind));
    match data.chain(caps).find(|(_, kind)| !kinds.contains(&kind.as_str())) {
        Some((place, kind)) => {
            let remedy = kind_remedy(kind.as_str(), kinds);
            Err(PolicyError::Kind { place, kind: kind.to_string(), remedy })
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KINDS: &[&str] = &["vpc", "volume", "elastic-ip"];

    #[track_caller]
    fn refusal(toml: &str) -> String {
        let policy = Policy::from_toml(toml).expect("TOML");
        Selector::new(&policy, KINDS).expect_err(toml).to_string()
    }

    #[test]
    fn a_policy_without_select_selects_nothing() {
        let selector = Selector::new(&Policy::default(), KINDS).expect("a selector");
        assert!(selector.is_empty());
        assert_eq!(selector.stack_key(), DEFAULT_STACK_KEY);
    }

    #[test]
    fn whatever_is_wrong_is_refused_before_anything_is_judged() {
        for (toml, part) in [
            ("select=['name=x,kind=elastic-ips']", "in select: the term `kind=elastic-ips`"),
            ("select=['kind=elastic-ips']", "did you mean elastic-ip?"),
            ("protect=['kind=zebra']", "in protect: the term `kind=zebra` is not understood"),
            ("protect=['kind=zebra']", "the kinds are vpc"),
            ("with-data=['volumes']", "did you mean volume?"),
            ("[max-per-kind]\nelastic-ips=1", "in max-per-kind: there is no kind `elastic-ips`"),
            ("abandoned=['']", "in abandoned: `` is empty"),
            ("account='12345'", "twelve digits"),
            ("stack-key=['']", "in stack-key"),
            ("accounts=['12345']", "in accounts: `12345` is not an account id"),
            ("account='123456789012'\naccounts=['210987654321']", "in account: `123456789012` is none of"),
            ("expired=[{select='kind=zebra',after='1d'}]", "in expired: the term `kind=zebra`"),
            ("expired=[{select='stack=*',after='1d'}]", "in expired: `stack=*` selects everything"),
            ("expired=[{select='tag:purpose',after='1d'}]", "in expired: `tag:purpose` selects too much"),
            ("expired=[{select='tag:purpose=ci',after='1d'}]", "at least 3 characters"),
            ("neutral-tags=['']", "not a tag key"),
            ("neutral-tags=['CreatedBy', 'Owner']", "in neutral-tags: `Owner` tells whose a thing is"),
            ("neutral-tags=['owner']", "cannot be neutral"),
            ("neutral-tags=['team']", "cannot be neutral"),
            ("neutral-tags=['Team']", "cannot be neutral"),
            ("neutral-tags=['Project']", "cannot be neutral"),
            ("neutral-tags=['aws:backup:source-resource']", "cannot be neutral"),
        ] {
            let error = refusal(toml);
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn nobody_can_select_a_whole_account() {
        for everything in ["name=*", "id=**", "stack=*", "vpc=*,name=*"] {
            let error = refusal(&format!("select=['tag:a', '{everything}']"));
            assert!(error.contains("selects everything"), "{error}");
        }
    }

    #[test]
    fn every_entry_has_three_characters_that_stand_for_themselves() {
        for wide in [
            "tag:Project",
            "tag:Project=*",
            "tag:Project=ab",
            "tag:Project=a*b",
            "kind=vpc",
            "kind=vpc,tag:Owner",
            "name=ab*",
            "stack=a/*",
            "cluster=??????",
            "id=vpc-*",
            "vpc=vpc-*",
            "vpc=vpc-0a*",
            "id=[abc][abc][abc]",
        ] {
            let error = refusal(&format!("select=['tag:Project=shop', '{wide}']"));
            assert!(error.contains("selects too much") && error.contains("tag:Project=NAME"), "{error}");
        }
        for narrow in
            ["tag:Project=abc", "kind=vpc,name=abc*", "id=i-1", "vpc=vpc-0ab*", "stack=a/b", "cluster=*abc"]
        {
            let policy = Policy::from_toml(&format!("select=['{narrow}']")).expect("TOML");
            assert!(Selector::new(&policy, KINDS).is_ok(), "{narrow}");
        }
    }
}
