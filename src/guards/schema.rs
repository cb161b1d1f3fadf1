//! The Cedar schema that every rule is checked against before it is used, and that is published for editors. Kinds,
//! classes and verdicts are enumerations, so that a slip in a value is refused like one in a name.

use std::fmt::Write;

use super::asked::class;
use crate::model::{Class, StackVerdict};

const CLASSES: [Class; 5] = [Class::Plumbing, Class::Workload, Class::Tool, Class::Data, Class::Witness];

const VERDICTS: [StackVerdict; 6] = [
    StackVerdict::Healthy,
    StackVerdict::Deploying,
    StackVerdict::Abandoned,
    StackVerdict::Expired,
    StackVerdict::Lost,
    StackVerdict::Uncertain,
];

const HEAD: &str = r#"// What guard rules of aws-janitor are written over. A rule forbids a deletion:
//
//     @reason("finance asks for it every quarter")
//     forbid(principal, action == Action::"delete", resource)
//     when { resource.hasTag("cost-centre") && resource.getTag("cost-centre") like "fin-*" };
//
// `resource in Resource::"vpc-0123"` is true of the VPC of that id and of all that lies in it.
"#;

const BODY: &str = r#"
// Who deletes.
entity Caller = {
    arn: String,
};

// A resource that nothing else keeps. It lies in its VPC and its subnets.
entity Resource in [Resource] = {
    kind: Kind,
    id: String,
    // The Name tag, or a name of its own.
    name?: String,
    arn?: String,
    // `global` for what is of no region.
    region: String,
    account: String,
    class: Class,
    // Whether a deletion would lose data.
    holds_data: Bool,
    // The list price in US cents a month, where it is known.
    monthly_cents?: Long,
    // How many whole hours it has stood at least, where that is proven.
    age_hours?: Long,
    // The stack that it belongs to.
    stack?: {
        name: String,
        verdict: StackVerdict,
    },
    // Who claims it: `stack:NAME`, `cluster:NAME` (one that shares it as well), `cloudformation:NAME`, and
    // `KIND:ID` of what owns or carries it.
    claims: Set<String>,
} tags String;

action "delete" appliesTo {
    principal: [Caller],
    resource: [Resource],
};
"#;

/// The schema, for these kinds.
pub fn schema(kinds: &[&str]) -> String {
    let mut text = HEAD.to_owned();
    enumeration(&mut text, "Kind", "What a resource is.", kinds.iter().copied());
    enumeration(&mut text, "Class", "What a kind is good for.", CLASSES.into_iter().map(class));
    let verdicts = VERDICTS.into_iter().map(StackVerdict::word);
    enumeration(&mut text, "StackVerdict", "The answer for a stack.", verdicts);
    text + BODY
}

fn enumeration<'a>(text: &mut String, name: &str, what: &str, values: impl Iterator<Item = &'a str>) {
    let values: Vec<String> = values.map(|value| format!("    \"{value}\"")).collect();
    // Writing to a string cannot fail.
    let _ = write!(text, "\n// {what}\nentity {name} enum [\n{}\n];\n", values.join(",\n"));
}
