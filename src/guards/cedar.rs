//! The rules in Cedar's own types, which do not leave this file: gets the texts of guard files and gives what they
//! say of one thing.
//!
//! A file is refused as a whole for anything that could make a rule say less than its author meant: an error of the
//! strict validator, a `permit`, a template, a rule that can never match, text that is not shown as it is read.

use std::str::FromStr;

use cedar_policy::ffi::DetailedError;
use cedar_policy::{
    Authorizer, Context, Effect, Entities, Entity, EntityId, EntityTypeName, EntityUid, Policy, PolicyId,
    PolicySet, Request, RestrictedExpression, Schema, ValidationMode, ValidationWarning, Validator,
};

use super::asked::class;
use super::{Asked, Forbidden, GuardFault, bounds, schema};

/// What to do about what does not follow the schema.
const REMEDY: &str = "the words that a rule may use are in schemas/guards.cedarschema";

/// Characters that change in which direction text is shown, so that a rule may read as another one
/// (<https://www.unicode.org/reports/tr9/>, explicit directional formatting).
const TURNING: [char; 9] = [
    '\u{202A}', '\u{202B}', '\u{202C}', '\u{202D}', '\u{202E}', '\u{2066}', '\u{2067}', '\u{2068}',
    '\u{2069}',
];

/// The rules of all files.
#[derive(Debug)]
pub(super) struct Rules {
    files: Vec<File>,
    words: Words,
}

/// The rules of one file.
#[derive(Debug)]
struct File {
    set: PolicySet,
    /// In the order of the file.
    rules: Vec<Rule>,
}

/// One rule, for people.
#[derive(Debug)]
struct Rule {
    id: PolicyId,
    /// `guards.cedar:12`.
    place: String,
    /// Its `@reason`, or else its `@id`.
    reason: Option<String>,
}

/// The schema with the names of what it declares.
#[derive(Debug)]
struct Words {
    schema: Schema,
    caller: EntityTypeName,
    resource: EntityTypeName,
    kind: EntityTypeName,
    class: EntityTypeName,
    verdict: EntityTypeName,
    delete: EntityUid,
}

impl Words {
    fn new(kinds: &[&str]) -> Result<Self, String> {
        let (schema, _) = Schema::from_cedarschema_str(&schema(kinds))
            .map_err(|error| DetailedError::from(&error).message)?;
        let name = |text: &str| EntityTypeName::from_str(text).map_err(|error| error.to_string());
        Ok(Self {
            schema,
            caller: name("Caller")?,
            resource: name("Resource")?,
            kind: name("Kind")?,
            class: name("Class")?,
            verdict: name("StackVerdict")?,
            delete: uid(&name("Action")?, "delete"),
        })
    }
}

fn uid(of: &EntityTypeName, id: &str) -> EntityUid {
    EntityUid::from_type_name_and_id(of.clone(), EntityId::new(id))
}

impl Rules {
    /// Reads the rules, or tells all that is wrong with them.
    pub(super) fn new(files: &[(&str, &str)], kinds: &[&str]) -> Result<Self, Vec<GuardFault>> {
        let words = Words::new(kinds).map_err(|why| {
            let why = format!("this program's own schema is broken ({why}); report this as a bug");
            vec![GuardFault { file: "schemas/guards.cedarschema".to_owned(), line: None, why }]
        })?;
        let validator = Validator::new(words.schema.clone());
        let (mut read, mut faults) = (Vec::new(), Vec::new());
        for (name, text) in files {
            match File::new(&Source { name, text }, &validator) {
                Ok(file) => read.push(file),
                Err(more) => faults.extend(more),
            }
        }
        if faults.is_empty() { Ok(Self { files: read, words }) } else { Err(faults) }
    }

    /// What they say of one thing. What cannot be asked is kept.
    pub(super) fn forbid(&self, asked: &Asked<'_>) -> Option<Forbidden> {
        let (request, entities) = match self.words.put(asked) {
            Ok(question) => question,
            Err(why) => {
                let rules = self.files.iter().flat_map(|file| &file.rules);
                return Some(Forbidden {
                    rules: rules.map(|rule| rule.place.clone()).collect(),
                    why: format!("the guard rules could not be evaluated, so it stays: {why}"),
                    unclear: true,
                });
            }
        };
        let (mut matched, mut failed) = (Vec::new(), Vec::new());
        for file in &self.files {
            let response = Authorizer::new().is_authorized(&request, &file.set, &entities);
            let said = response.diagnostics();
            let is_reason = |rule: &&Rule| said.reason().any(|id| *id == rule.id);
            matched.extend(file.rules.iter().filter(is_reason));
            failed.extend(said.errors().map(
                |cedar_policy::AuthorizationError::PolicyEvaluationError(error)| {
                    let rule = file.rules.iter().find(|rule| rule.id == *error.policy_id());
                    (rule, error.inner().to_string())
                },
            ));
        }
        if matched.is_empty() && failed.is_empty() {
            return None;
        }
        let unclear = matched.is_empty();
        let place = |rule: Option<&Rule>| rule.map_or_else(String::new, |rule| rule.place.clone());
        let forbids = |rule: &&Rule| match &rule.reason {
            Some(reason) => format!("guard rule {} forbids it: {reason}", rule.place),
            None => format!("guard rule {} forbids it", rule.place),
        };
        let mut fails: Vec<(String, String)> =
            failed.into_iter().map(|(rule, why)| (place(rule), why)).collect();
        fails.sort();
        let rules = match unclear {
            true => fails.iter().map(|(place, _)| place.clone()).collect(),
            false => matched.iter().map(|rule| rule.place.clone()).collect(),
        };
        let fails = fails
            .iter()
            .map(|(place, why)| format!("guard rule {place} could not be evaluated, so it stays: {why}"));
        let sentences: Vec<String> = matched.iter().map(forbids).chain(fails).collect();
        Some(Forbidden { rules, why: sentences.join("; "), unclear })
    }
}

impl Words {
    /// The question whether one thing may be deleted.
    fn put(&self, asked: &Asked<'_>) -> Result<(Request, Entities), String> {
        let text = |text: &str| RestrictedExpression::new_string(text.to_owned());
        let one_of = |of: &EntityTypeName, id: &str| RestrictedExpression::new_entity_uid(uid(of, id));
        let long = RestrictedExpression::new_long;
        let it = asked.resource;
        let mut attributes = vec![
            ("kind", one_of(&self.kind, it.key.kind.as_str())),
            ("id", text(&it.key.id)),
            ("region", text(it.key.region.as_str())),
            ("account", text(asked.account)),
            ("class", one_of(&self.class, class(asked.class))),
            ("holds_data", RestrictedExpression::new_bool(asked.holds_data)),
            ("claims", RestrictedExpression::new_set(asked.claims.iter().map(|claim| text(claim)))),
        ];
        attributes.extend(it.name.as_deref().map(|name| ("name", text(name))));
        attributes.extend(it.arn.as_deref().map(|arn| ("arn", text(arn))));
        attributes.extend(asked.monthly_cents.map(|cents| ("monthly_cents", long(cents))));
        attributes.extend(asked.age_hours.map(|hours| ("age_hours", long(hours))));
        if let Some((name, verdict)) = asked.stack {
            let fields = [("name", text(name)), ("verdict", one_of(&self.verdict, verdict.word()))];
            let fields = fields.map(|(name, value)| (name.to_owned(), value));
            let stack = RestrictedExpression::new_record(fields).map_err(|error| error.to_string())?;
            attributes.push(("stack", stack));
        }
        let attributes = attributes.into_iter().map(|(name, value)| (name.to_owned(), value));
        let tags = it.tags.iter().map(|(key, value)| (key.clone(), text(value)));
        let around = asked.within.iter().filter(|id| **id != &*it.key.id).map(|id| uid(&self.resource, id));
        let resource = uid(&self.resource, &it.key.id);
        let caller = uid(&self.caller, asked.caller);
        let thing = Entity::new_with_tags(resource.clone(), attributes, around, tags);
        let arn = [("arn".to_owned(), text(asked.caller))];
        let who = Entity::new_with_tags(caller.clone(), arn, [], []);
        let entities = [thing.map_err(|error| error.to_string())?, who.map_err(|error| error.to_string())?];
        let entities = Entities::from_entities(entities, Some(&self.schema));
        let entities = entities.map_err(|error| DetailedError::from(&error).message)?;
        let request =
            Request::new(caller, self.delete.clone(), resource, Context::empty(), Some(&self.schema));
        Ok((request.map_err(|error| error.to_string())?, entities))
    }
}

/// The text of a file under its name.
struct Source<'a> {
    name: &'a str,
    text: &'a str,
}

impl Source<'_> {
    fn line(&self, at: usize) -> usize {
        self.text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
    }

    fn fault(&self, line: Option<usize>, why: impl Into<String>) -> GuardFault {
        GuardFault { file: self.name.to_owned(), line, why: why.into() }
    }

    /// What Cedar says, with the line that it is about and what to do.
    fn told(&self, error: &DetailedError, rule: Option<usize>) -> GuardFault {
        let line = error.source_locations.first().map(|label| self.line(label.loc.start)).or(rule);
        // Cedar numbers the rules, which nobody sees in the file.
        let numbered = error.message.strip_prefix("for policy `").and_then(|rest| rest.split_once('`'));
        let message = numbered.map_or(&*error.message, |(_, rest)| rest.trim_start_matches([',', ':', ' ']));
        let remedy = error.help.as_deref().unwrap_or(REMEDY);
        self.fault(line, format!("{message}; {remedy}"))
    }
}

impl File {
    fn new(source: &Source<'_>, validator: &Validator) -> Result<Self, Vec<GuardFault>> {
        if let Some(at) = source.text.find(TURNING) {
            let why = "a character changes the direction in which text is shown, so that a rule may read as another \
                       one; write it without";
            return Err(vec![source.fault(Some(source.line(at)), why)]);
        }
        if let Some((at, why)) = bounds::beyond(source.text) {
            return Err(vec![source.fault(Some(source.line(at)), why)]);
        }
        let set = PolicySet::from_str(source.text).map_err(|errors| {
            let told = |error| source.told(&DetailedError::from(error), None);
            errors.iter().map(told).collect::<Vec<GuardFault>>()
        })?;
        if set.is_empty() {
            let why = "there is no rule in it, so it keeps nothing; write one, or do not name the file";
            return Err(vec![source.fault(None, why)]);
        }
        let rules = rules(source, &set);
        let line = |id: &PolicyId| rules.iter().find(|rule| rule.1.id == *id).map(|rule| rule.0);
        let mut faults = Vec::new();
        for template in set.templates() {
            let at = source.text.find(&template.to_cedar()).map(|at| source.line(at));
            let why = "a rule with a slot (`?principal`, `?resource`) matches nothing by itself; name what it is about";
            faults.push(source.fault(at, why));
        }
        for rule in set.policies().filter(|rule| rule.effect() == Effect::Permit) {
            let why = "a guard rule can only forbid, and what none forbids is permitted already; write `forbid`, or \
                       leave the rule out";
            faults.push(source.fault(line(rule.id()), why));
        }
        let result = validator.validate(&set, ValidationMode::Strict);
        for error in result.validation_errors() {
            faults.push(source.told(&DetailedError::from(error), line(error.policy_id())));
        }
        // A rule with an error has told enough.
        let failed = |id: &PolicyId| result.validation_errors().any(|error| error.policy_id() == id);
        for warning in result.validation_warnings().filter(|warning| !failed(warning.policy_id())) {
            match warning {
                // A tag may have a value in any script, and mix them.
                ValidationWarning::MixedScriptString(_)
                | ValidationWarning::MixedScriptIdentifier(_)
                | ValidationWarning::ConfusableIdentifier(_) => {}
                // Cedar may come to warn of more: whatever it is, the author did not mean it.
                ValidationWarning::ImpossiblePolicy(_) => {
                    let why = "this rule can never match, so it keeps nothing; change its condition, or leave it out";
                    faults.push(source.fault(line(warning.policy_id()), why));
                }
                other => faults.push(source.told(&DetailedError::from(other), line(other.policy_id()))),
            }
        }
        match faults.is_empty() {
            true => Ok(Self { set, rules: rules.into_iter().map(|(_, rule)| rule).collect() }),
            false => Err(sorted(faults)),
        }
    }
}

/// By line, each once.
fn sorted(mut faults: Vec<GuardFault>) -> Vec<GuardFault> {
    faults.sort_by(|a, b| (a.line, &a.why).cmp(&(b.line, &b.why)));
    faults.dedup();
    faults
}

/// The rules of a file in its order, each with its line: Cedar gives them numbers in that order, and the text of each.
fn rules(source: &Source<'_>, set: &PolicySet) -> Vec<(usize, Rule)> {
    let numbered = |rule: &&Policy| {
        let id: &str = rule.id().as_ref();
        id.strip_prefix("policy").and_then(|number| number.parse::<usize>().ok()).unwrap_or(usize::MAX)
    };
    let mut all: Vec<&Policy> = set.policies().collect();
    all.sort_by_key(numbered);
    let mut from = 0;
    let one = |rule: &Policy| {
        let text = rule.to_cedar().unwrap_or_default();
        let found = source.text.get(from..).and_then(|rest| rest.find(&text)).map_or(from, |at| from + at);
        from = found + text.len();
        let line = source.line(found);
        let said = |key: &str| rule.annotation(key).filter(|said| !said.trim().is_empty());
        let reason = said("reason").or_else(|| said("id")).map(str::to_owned);
        (line, Rule { id: rule.id().clone(), place: format!("{}:{line}", source.name), reason })
    };
    all.into_iter().map(one).collect()
}
