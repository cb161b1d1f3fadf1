//! The policy compiled: what it asks of a resource, checked once so that judging cannot fail.

use std::time::Duration;

use super::pattern::{Case, Pattern};
use super::terms::{Basis, Candidate, Terms, kind_remedy};
use super::{Policy, PolicyError, age};

/// The tag keys that name a stack when the policy names none.
const DEFAULT_STACK_KEY: [&str; 2] = ["Project", "EnvironmentSuffix"];

/// A compiled policy.
#[derive(Debug, Clone)]
pub struct Selector {
    select: Vec<Terms>,
    protect: Vec<Terms>,
    abandoned: Vec<Pattern>,
    older_than: Option<Duration>,
    stack_key: Vec<String>,
    owner_keys: Vec<String>,
}

impl Selector {
    /// Compiles a policy. `kind_names` are the names of all kinds that there are.
    pub fn new(policy: &Policy, kind_names: &[&str]) -> Result<Self, PolicyError> {
        check_kinds(policy, kind_names)?;
        check_account(policy)?;
        let select = entries("select", &policy.select, Case::Exact, kind_names)?;
        // Wiping an account is never a meaning: an entry has to narrow something.
        if let Some(all) = select.iter().find(|terms| terms.matches_all()) {
            let why = "selects everything there is; add a term that narrows it".to_owned();
            return Err(PolicyError::Entry { place: "select", text: all.text().to_owned(), why });
        }
        read_age("timeout", policy.timeout.as_deref())?;
        let stack_key = stack_key(policy)?;
        Ok(Self {
            owner_keys: owner_keys(policy, &stack_key, &select),
            select,
            protect: entries("protect", &policy.protect, Case::Wide, kind_names)?,
            abandoned: globs("abandoned", &policy.abandoned)?,
            older_than: read_age("older-than", policy.older_than.as_deref())?,
            stack_key,
        })
    }

    /// Whether nothing is selected: then nothing can be an orphan.
    pub fn is_empty(&self) -> bool {
        self.select.is_empty()
    }

    /// Why this resource is selected: `tag Project=demo matches --select tag:Project=demo`, and what that looked at.
    pub fn selects(&self, seen: &Candidate<'_>) -> Option<(Basis, String)> {
        let matching =
            self.select.iter().filter_map(|terms| Some((terms.basis(), sentence(terms, seen, "--select")?)));
        // `min_by_key` gives the first of equals: the reason named is that of the policy's first entry.
        matching.min_by_key(|(basis, _)| *basis)
    }

    /// Why this resource must stay: `tag keep=yes matches --protect tag:keep`.
    pub fn protects(&self, seen: &Candidate<'_>) -> Option<String> {
        self.protect.iter().find_map(|terms| sentence(terms, seen, "--protect"))
    }

    /// Whether the user said that nobody wants this stack any more.
    pub fn abandons(&self, stack: &str) -> bool {
        self.abandoned.iter().any(|glob| glob.matches(stack))
    }

    /// Nothing younger than this is touched.
    pub fn older_than(&self) -> Option<Duration> {
        self.older_than
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
fn owner_keys(policy: &Policy, stack_key: &[String], select: &[Terms]) -> Vec<String> {
    let mut keys = stack_key.to_vec();
    if policy.stack_key.is_empty() {
        for key in select.iter().flat_map(Terms::tag_keys).filter(|key| *key != "Name") {
            if !keys.iter().any(|known| known == key) {
                keys.push(key.to_owned());
            }
        }
    }
    keys
}

fn sentence(terms: &Terms, seen: &Candidate<'_>, flag: &str) -> Option<String> {
    let matched = terms.matched(seen)?;
    let verb = if terms.len() == 1 { "matches" } else { "match" };
    Some(format!("{matched} {verb} {flag} {}", terms.text()))
}

fn entries(
    place: &'static str,
    texts: &[String],
    case: Case,
    kinds: &[&str],
) -> Result<Vec<Terms>, PolicyError> {
    texts
        .iter()
        .map(|text| Terms::parse(text, case, kinds).map_err(|source| PolicyError::Term { place, source }))
        .collect()
}

fn globs(place: &'static str, texts: &[String]) -> Result<Vec<Pattern>, PolicyError> {
    let broken = |text: &str, why: String| PolicyError::Entry { place, text: text.to_owned(), why };
    texts
        .iter()
        .map(|text| {
            if text.is_empty() {
                return Err(broken(text, "is empty".to_owned()));
            }
            Pattern::new(text, Case::Exact).map_err(|why| broken(text, format!("is a broken glob: {why}")))
        })
        .collect()
}

fn read_age(place: &'static str, text: Option<&str>) -> Result<Option<Duration>, PolicyError> {
    text.map(|text| age::parse(text).map_err(|source| PolicyError::Age { place, source })).transpose()
}

fn stack_key(policy: &Policy) -> Result<Vec<String>, PolicyError> {
    if policy.stack_key.iter().any(String::is_empty) {
        let why = "is not a tag key".to_owned();
        return Err(PolicyError::Entry { place: "stack-key", text: String::new(), why });
    }
    if policy.stack_key.is_empty() {
        return Ok(DEFAULT_STACK_KEY.iter().map(|key| (*key).to_owned()).collect());
    }
    Ok(policy.stack_key.clone())
}

fn check_account(policy: &Policy) -> Result<(), PolicyError> {
    match &policy.account {
        Some(account) if account.len() != 12 || !account.bytes().all(|byte| byte.is_ascii_digit()) => {
            let why = "is not an account id, which has twelve digits".to_owned();
            Err(PolicyError::Entry { place: "account", text: account.clone(), why })
        }
        Some(_) | None => Ok(()),
    }
}

fn check_kinds(policy: &Policy, kinds: &[&str]) -> Result<(), PolicyError> {
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
            ("select=['tagg:a']", "in select: the term `tagg:a`"),
            ("protect=['tag:keep*']", "in protect: the term `tag:keep*`"),
            ("older-than='24'", "in older-than: `24` is not an age"),
            ("timeout='-1h'", "in timeout: `-1h`"),
            ("with-data=['volumes']", "did you mean volume?"),
            ("[max-per-kind]\nelastic-ips=1", "in max-per-kind: there is no kind `elastic-ips`"),
            ("abandoned=['a[']", "in abandoned: `a[` is a broken glob"),
            ("abandoned=['']", "in abandoned: `` is empty"),
            ("account='12345'", "twelve digits"),
            ("stack-key=['']", "in stack-key"),
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
        let policy = Policy::from_toml("select=['tag:a=*', 'kind=vpc,name=*']").expect("TOML");
        assert!(Selector::new(&policy, KINDS).is_ok());
    }
}
