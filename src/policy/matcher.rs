//! The terms of an entry compiled, and held against one resource: the selector makes one of each entry.

use std::collections::BTreeSet;

use crate::model::{KindName, Resource, Tags};

use super::glob::GlobError;
use super::pattern::{Case, Pattern};
use super::terms::{Term, Terms};

/// What a term may ask about one resource.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    /// The resource.
    pub resource: &'a Resource,
    /// The ids of the VPCs it is or lies in.
    pub vpcs: &'a BTreeSet<String>,
    /// The names of the clusters it is, or was made by or for. For protection also those that share it.
    pub clusters: &'a BTreeSet<String>,
    /// The stack it belongs to.
    pub stack: Option<&'a str>,
}

/// An entry of `select` or `protect`, compiled.
#[derive(Debug, Clone)]
pub(super) struct Matcher {
    case: Case,
    tests: Vec<Test>,
}

/// A term, compiled.
#[derive(Debug, Clone)]
enum Test {
    Tag { key: String, value: Option<Pattern> },
    Kind(KindName),
    Id(Pattern),
    Name(Pattern),
    Vpc(Pattern),
    Cluster(Pattern),
    Stack(Pattern),
}

impl Matcher {
    /// Compiles an entry.
    pub fn new(terms: &Terms, case: Case) -> Result<Self, GlobError> {
        let tests = terms.all().iter().map(|term| Test::new(term, case)).collect::<Result<_, _>>()?;
        Ok(Self { case, tests })
    }

    /// Whether these tags have what the terms about tags and stacks ask, and there is such a term.
    pub fn means_tags(&self, tags: &Tags, stack_key: &[String]) -> bool {
        let fits = |test: &Test| match test {
            Test::Tag { key, value } => Some(tags.iter().any(|(k, v)| {
                self.case.fold(k) == self.case.fold(key) && value.as_ref().is_none_or(|glob| glob.matches(v))
            })),
            Test::Stack(glob) => {
                let values: Option<Vec<String>> =
                    stack_key.iter().map(|key| Some(tags.get(key)?.replace('/', r"\/"))).collect();
                Some(values.is_some_and(|values| glob.matches(&values.join("/"))))
            }
            Test::Kind(_) | Test::Id(_) | Test::Name(_) | Test::Vpc(_) | Test::Cluster(_) => None,
        };
        let answers: Vec<bool> = self.tests.iter().filter_map(fits).collect();
        !answers.is_empty() && answers.into_iter().all(|fits| fits)
    }

    /// What of the resource matched, if all terms do: `tag Project=demo, name web`.
    pub fn matched(&self, seen: &Candidate<'_>) -> Option<String> {
        let parts =
            self.tests.iter().map(|test| test.matched(seen, self.case)).collect::<Option<Vec<_>>>()?;
        Some(parts.join(", "))
    }
}

impl Test {
    fn new(term: &Term, case: Case) -> Result<Self, GlobError> {
        Ok(match term {
            Term::Tag { key, value } => Self::Tag {
                key: key.clone(),
                value: value.as_ref().map(|glob| Pattern::new(glob, case)).transpose()?,
            },
            Term::Kind(kind) => Self::Kind(kind.clone()),
            Term::Id(glob) => Self::Id(Pattern::new(glob, case)?),
            Term::Name(glob) => Self::Name(Pattern::new(glob, case)?),
            Term::Vpc(glob) => Self::Vpc(Pattern::new(glob, case)?),
            Term::Cluster(glob) => Self::Cluster(Pattern::new(glob, case)?),
            Term::Stack(glob) => Self::Stack(Pattern::new(glob, case)?),
        })
    }

    fn matched(&self, seen: &Candidate<'_>, case: Case) -> Option<String> {
        let resource = seen.resource;
        match self {
            Self::Tag { key, value } => resource
                .tags
                .iter()
                .filter(|(k, _)| case.fold(k) == case.fold(key))
                .find(|(_, v)| value.as_ref().is_none_or(|glob| glob.matches(v)))
                .map(|(k, v)| format!("tag {k}={v}")),
            Self::Kind(kind) => (resource.key.kind == *kind).then(|| format!("kind {kind}")),
            Self::Id(glob) => glob.matches(&resource.key.id).then(|| format!("id {}", resource.key.id)),
            Self::Name(glob) => matched_name(resource, glob),
            Self::Vpc(glob) => first(seen.vpcs, glob).map(|vpc| format!("VPC {vpc}")),
            Self::Cluster(glob) => first(seen.clusters, glob).map(|cluster| format!("cluster {cluster}")),
            Self::Stack(glob) => {
                seen.stack.filter(|stack| glob.matches(stack)).map(|stack| format!("stack {stack}"))
            }
        }
    }
}

/// The name that matches: the one AWS or the Name tag gives, or, where there is none, the id.
fn matched_name(resource: &Resource, glob: &Pattern) -> Option<String> {
    let tag = resource.tags.get("Name").map(String::as_str);
    let names = [resource.name.as_deref(), tag];
    let id = names.iter().all(Option::is_none).then_some(resource.key.id.as_str());
    names.into_iter().chain([id]).flatten().find(|name| glob.matches(name)).map(|name| format!("name {name}"))
}

fn first<'a>(names: &'a BTreeSet<String>, glob: &Pattern) -> Option<&'a String> {
    names.iter().find(|name| glob.matches(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Key, Region};

    fn resource(tags: &[(&str, &str)]) -> Resource {
        let mut it = Resource::new(Key::new(KindName::of("vpc"), Region::new("us-east-1"), "vpc-1"));
        it.tags = tags.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        it.name = Some("Web".to_owned());
        it
    }

    fn matcher(text: &str, case: Case) -> Matcher {
        Matcher::new(&text.parse().expect(text), case).expect(text)
    }

    #[track_caller]
    fn matches(text: &str, case: Case, tags: &[(&str, &str)]) -> Option<String> {
        let resource = resource(tags);
        let candidate = Candidate {
            resource: &resource,
            vpcs: &BTreeSet::from(["vpc-1".to_owned()]),
            clusters: &BTreeSet::from(["demo".to_owned()]),
            stack: Some("demo/attempt-1"),
        };
        matcher(text, case).matched(&candidate)
    }

    #[test]
    fn terms_within_one_entry_are_anded() {
        let tags = [("Project", "demo"), ("EnvironmentSuffix", "attempt-1")];
        let both = matches("tag:Project=demo, tag:EnvironmentSuffix=attempt-*", Case::Exact, &tags);
        assert_eq!(both.as_deref(), Some("tag Project=demo, tag EnvironmentSuffix=attempt-1"));
        assert_eq!(matches("tag:Project=demo,tag:EnvironmentSuffix=live", Case::Exact, &tags), None);
    }

    #[test]
    fn every_word_looks_at_what_it_names() {
        for (text, hit) in [
            ("kind=vpc", true),
            ("kind=elastic-ip", false),
            ("id=vpc-*", true),
            ("id=vpc", false),
            ("name=We?", true),
            ("name=web", false),
            ("vpc=vpc-1", true),
            ("vpc=vpc-2", false),
            ("cluster=demo", true),
            ("cluster=other", false),
            ("stack=demo/*", true),
            ("stack=demo", false),
        ] {
            assert_eq!(matches(text, Case::Exact, &[]).is_some(), hit, "{text}");
        }
    }

    #[test]
    fn keys_with_slashes_colons_and_equals_signs_work() {
        let tags =
            [("kubernetes.io/cluster/x", "owned"), ("aws:cloudformation:stack-name", "s"), ("a=b", "1,2")];
        assert!(matches("tag:kubernetes.io/cluster/x=owned", Case::Exact, &tags).is_some());
        assert!(matches("tag:aws:cloudformation:stack-name", Case::Exact, &tags).is_some());
        assert!(matches("tag:aws:cloudformation:stack-name=s", Case::Exact, &tags).is_some());
        assert!(matches(r"tag:a\=b=1\,2", Case::Exact, &tags).is_some());
        assert!(matches(r"tag:a\=b", Case::Exact, &tags).is_some());
        assert!(matches("tag:a=b", Case::Exact, &tags).is_none());
    }

    #[test]
    fn protection_ignores_case_and_selection_does_not() {
        let tags = [("Protect", "Yes")];
        assert!(matches("tag:protect=yes", Case::Wide, &tags).is_some());
        assert!(matches("tag:protect=yes", Case::Exact, &tags).is_none());
        assert!(matches("tag:Protect=yes", Case::Exact, &tags).is_none());
        assert!(matches("name=WEB", Case::Wide, &tags).is_some());
    }

    #[test]
    fn a_resource_without_a_name_is_known_by_its_id() {
        let mut nameless = resource(&[]);
        nameless.name = None;
        let none = BTreeSet::new();
        let candidate = Candidate { resource: &nameless, vpcs: &none, clusters: &none, stack: None };
        assert!(matcher("name=vpc-*", Case::Exact).matched(&candidate).is_some());
    }
}
