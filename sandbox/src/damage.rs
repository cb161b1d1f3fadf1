//! Listings that are damaged on demand ([`Damage`]): a row is missing, all are, a token repeats for ever, an
//! answer is cut off.
//!
//! It takes calls and answers from the wire, on their way in and out, and gives them on changed.

use serde_json::Value;

use crate::faults::Damage;
use crate::protocol::{Answer, Ctx, Response};
use crate::service::Service;
use crate::xml::Xml;

/// The token that repeats.
const TOKEN: &str = "cmVwZWF0cw";

/// The listings that always name what they list the parts of.
const OF_PARENTS: [&str; 2] = ["ListObjectsV2", "ListStackResources"];

/// How services name the token of the next page, in requests and in answers.
const TOKENS: [&str; 9] = [
    "nextToken",
    "NextToken",
    "Marker",
    "NextMarker",
    "PaginationToken",
    "marker",
    "nextMarker",
    "ContinuationToken",
    "NextContinuationToken",
];

/// Whether the damage strikes this call. What a list leaves out is told to who asks for it by its id, by a
/// parameter or by a filter: only then can it be seen that a list is not whole.
pub(crate) fn strikes(damage: &Damage, ctx: &Ctx) -> bool {
    match damage {
        Damage::LeavesOut(_) | Damage::Empty => {
            ctx.target().is_empty() || OF_PARENTS.contains(&ctx.action.as_str())
        }
        Damage::RepeatsToken | Damage::CutOff => true,
    }
}

/// The call as the damaged listing takes it: it knows no place to go on from if its token repeats.
pub(crate) fn asked(mut ctx: Ctx, damage: Option<&Damage>) -> Ctx {
    if damage == Some(&Damage::RepeatsToken) {
        for name in TOKENS {
            ctx.params.remove(name);
            ctx.json.remove(name);
        }
    }
    ctx
}

/// The answer as the damaged listing tells it.
pub(crate) fn told(answer: Answer, damage: Option<&Damage>, service: &Service) -> Answer {
    let Some(damage) = damage else { return answer };
    match answer {
        Answer::Xml(xml) => {
            let mut nodes = parse(xml.as_str());
            damage_xml(&mut nodes, damage, service);
            let mut out = String::new();
            nodes.iter().for_each(|node| node.write(&mut out));
            Answer::Xml(Xml::written(out))
        }
        Answer::Json(mut value) => {
            damage_json(&mut value, damage, service);
            Answer::Json(value)
        }
        Answer::Plain(plain) => Answer::Plain(plain),
    }
}

/// The answer as it is sent.
pub(crate) fn sent(mut response: Response, damage: Option<&Damage>) -> Response {
    if damage == Some(&Damage::CutOff) {
        response.body.truncate(response.body.len() / 2);
    }
    response
}

/// The name under which a service's answers tell the next page.
fn token_name(service: &Service) -> &'static str {
    match service.iam {
        "ec2" | "ecs" | "eks" | "logs" => "nextToken",
        "elasticloadbalancing" | "lambda" | "kms" => "NextMarker",
        "iam" => "Marker",
        "s3" => "NextContinuationToken",
        "tag" => "PaginationToken",
        _ => "NextToken",
    }
}

fn damage_json(value: &mut Value, damage: &Damage, service: &Service) {
    let Some(members) = value.as_object_mut() else { return };
    match damage {
        Damage::CutOff => {}
        Damage::RepeatsToken => {
            members.insert(token_name(service).to_owned(), Value::String(TOKEN.to_owned()));
        }
        Damage::Empty => {
            members.values_mut().filter_map(Value::as_array_mut).for_each(Vec::clear);
            TOKENS.iter().for_each(|name| {
                members.remove(*name);
            });
        }
        Damage::LeavesOut(id) => {
            let is_it = |text: &Value| text.as_str() == Some(id);
            for rows in members.values_mut().filter_map(Value::as_array_mut) {
                rows.retain(|row| {
                    let named = row.as_object().is_some_and(|row| row.values().any(is_it));
                    !named && !is_it(row)
                });
            }
        }
    }
}

/// An element of an answer: text, or elements.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Node {
    name: String,
    text: String,
    inside: Vec<Node>,
}

impl Node {
    fn write(&self, out: &mut String) {
        out.push_str(&format!("<{}>{}", self.name, self.text));
        self.inside.iter().for_each(|node| node.write(out));
        out.push_str(&format!("</{}>", self.name));
    }

    fn is_row(&self) -> bool {
        self.name == "item" || self.name == "member"
    }

    fn is_list(&self) -> bool {
        self.inside.iter().all(Self::is_row) && self.text.is_empty()
    }

    /// Whether one of its own texts, or it itself, is this id.
    fn is_named(&self, id: &str) -> bool {
        self.text == id || self.inside.iter().any(|node| node.text == id)
    }
}

/// Takes apart what `xml` wrote: elements without attributes.
fn parse(mut xml: &str) -> Vec<Node> {
    let mut open: Vec<Node> = vec![Node { name: String::new(), text: String::new(), inside: Vec::new() }];
    while let Some((before, rest)) = xml.split_once('<') {
        let Some((tag, after)) = rest.split_once('>') else { break };
        if let Some(top) = open.last_mut() {
            top.text.push_str(before);
        }
        match tag.strip_prefix('/') {
            None => open.push(Node { name: tag.to_owned(), text: String::new(), inside: Vec::new() }),
            Some(_) => {
                let done = open.pop();
                if let (Some(done), Some(top)) = (done, open.last_mut()) {
                    top.inside.push(done);
                }
            }
        }
        xml = after;
    }
    open.pop().map(|root| root.inside).unwrap_or_default()
}

fn damage_xml(nodes: &mut Vec<Node>, damage: &Damage, service: &Service) {
    // S3's answers have a root, and rows beside each other in it.
    let root = nodes.first_mut().filter(|_| service.iam == "s3");
    if let Some(root) = root {
        return damage_rows(&mut root.inside, damage);
    }
    match damage {
        Damage::CutOff => {}
        Damage::RepeatsToken => {
            set(nodes, token_name(service), TOKEN);
            if service.iam == "iam" {
                set(nodes, "IsTruncated", "true");
            }
        }
        Damage::Empty => {
            nodes.retain(|node| !TOKENS.contains(&node.name.as_str()));
            nodes.iter_mut().filter(|node| node.is_list()).for_each(|list| list.inside.clear());
            if nodes.iter().any(|node| node.name == "IsTruncated") {
                set(nodes, "IsTruncated", "false");
            }
        }
        Damage::LeavesOut(id) => leave_out(nodes, id),
    }
}

fn damage_rows(rows: &mut Vec<Node>, damage: &Damage) {
    match damage {
        Damage::CutOff => {}
        Damage::RepeatsToken => {
            set(rows, "NextContinuationToken", TOKEN);
            set(rows, "IsTruncated", "true");
        }
        Damage::Empty => {
            rows.retain(|row| row.name != "Contents" && row.name != "NextContinuationToken");
            set(rows, "IsTruncated", "false");
        }
        Damage::LeavesOut(id) => rows.retain(|row| row.name != "Contents" || !row.is_named(id)),
    }
}

/// Takes the row out of the lists that stand at the top; if it is in none of them, of those inside their rows
/// (instances stand in reservations). What merely mentions the id further inside stays.
fn leave_out(nodes: &mut [Node], id: &str) {
    let mut found = false;
    for list in nodes.iter_mut().filter(|node| node.is_list()) {
        let before = list.inside.len();
        list.inside.retain(|row| !row.is_named(id));
        found |= list.inside.len() < before;
    }
    if found {
        return;
    }
    for row in nodes.iter_mut().filter(|node| node.is_list()).flat_map(|list| &mut list.inside) {
        for list in row.inside.iter_mut().filter(|node| node.is_list()) {
            list.inside.retain(|row| !row.is_named(id));
        }
    }
}

fn set(nodes: &mut Vec<Node>, name: &str, text: &str) {
    nodes.retain(|node| node.name != name);
    nodes.push(Node { name: name.to_owned(), text: text.to_owned(), inside: Vec::new() });
}
