//! Reads YAML for templates, with CloudFormation's short forms (`!Ref`, `!GetAtt`) written out as JSON has
//! them.
//!
//! Scalars are read as CloudFormation reads them: it follows YAML 1.1, so that a plain `yes` or `off` is a
//! boolean, and has no timestamps, so that a date is text
//! (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html>). It hands
//! nearly every scalar on as text, so only a whole number that keeps its spelling is read as a number: a
//! version `1.30` and an account `012345678901` stay text. It takes neither aliases nor merge keys, but the
//! tools that write a template out before it is sent do, and so they are read here.

use std::collections::BTreeMap;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Span, Tag};
use serde_json::Value as Json;

/// How many nodes a text may grow to when its aliases are written out: a template has at most a megabyte
/// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html>).
const MOST_NODES: usize = 1_000_000;

/// How deep nodes may lie in each other, as in JSON here.
const DEEPEST: usize = 120;

/// The functions that have a short form; `!Ref` and `!Condition` keep their names.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html>
const SHORT_FORMS: &[&str] = &[
    "And",
    "Base64",
    "Cidr",
    "Contains",
    "EachMemberEquals",
    "EachMemberIn",
    "Equals",
    "FindInMap",
    "GetAZs",
    "GetAtt",
    "GetStackOutput",
    "If",
    "ImportValue",
    "Join",
    "Length",
    "Not",
    "Or",
    "RefAll",
    "Select",
    "Split",
    "Sub",
    "ToJsonString",
    "Transform",
    "ValueOf",
    "ValueOfAll",
];

/// Why a text is not the YAML that is read here, and where; never what stands there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why} (line {line}, column {column})")]
pub struct YamlError {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
    /// What is wrong, without content.
    pub why: &'static str,
}

/// A node and where it begins.
#[derive(Debug, Clone, PartialEq)]
pub struct YamlNode {
    /// Its line, from 1.
    pub line: usize,
    /// Its column, from 1.
    pub column: usize,
    /// What it is.
    pub content: Content,
}

/// What a node is.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// A text, a number, a boolean, or nothing.
    Scalar(Json),
    /// Several nodes.
    List(Vec<YamlNode>),
    /// Nodes by name, in the file's order.
    Map(Vec<YamlEntry>),
}

/// One entry of a mapping.
#[derive(Debug, Clone, PartialEq)]
pub struct YamlEntry {
    /// Its key.
    pub key: String,
    /// The key's line, from 1.
    pub line: usize,
    /// What stands there.
    pub node: YamlNode,
}

impl YamlNode {
    /// The entries of a mapping, with their lines; none of anything else.
    pub fn entries(&self) -> &[YamlEntry] {
        match &self.content {
            Content::Map(entries) => entries,
            Content::Scalar(_) | Content::List(_) => &[],
        }
    }

    /// The entry of a name, if this is a mapping.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entries().iter().find(|entry| entry.key == key).map(|entry| &entry.node)
    }

    /// Its text, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        match &self.content {
            Content::Scalar(scalar) => scalar.as_str(),
            Content::List(_) | Content::Map(_) => None,
        }
    }

    /// The same without lines.
    pub fn to_json(&self) -> Json {
        match &self.content {
            Content::Scalar(scalar) => scalar.clone(),
            Content::List(list) => Json::Array(list.iter().map(Self::to_json).collect()),
            Content::Map(entries) => {
                Json::Object(entries.iter().map(|it| (it.key.clone(), it.node.to_json())).collect())
            }
        }
    }

    fn size(&self) -> usize {
        1 + match &self.content {
            Content::Scalar(_) => 0,
            Content::List(list) => list.iter().map(Self::size).sum(),
            Content::Map(entries) => entries.iter().map(|entry| entry.node.size()).sum(),
        }
    }

    fn height(&self) -> usize {
        1 + match &self.content {
            Content::Scalar(_) => 0,
            Content::List(list) => list.iter().map(Self::height).max().unwrap_or(0),
            Content::Map(entries) => entries.iter().map(|entry| entry.node.height()).max().unwrap_or(0),
        }
    }
}

/// The one document of a text, as JSON.
pub fn parse(text: &str) -> Result<Json, YamlError> {
    Ok(document(text)?.to_json())
}

/// The one document of a text, with lines.
pub fn document(text: &str) -> Result<YamlNode, YamlError> {
    let mut documents = documents(text)?.into_iter();
    match (documents.next(), documents.next()) {
        (Some(only), None) => Ok(only),
        (None, _) => Err(YamlError { line: 1, column: 1, why: "there is nothing in it" }),
        (Some(_), Some(second)) => Err(YamlError {
            line: second.line,
            column: second.column,
            why: "a second document begins, where one is read",
        }),
    }
}

/// All documents of a text, with lines.
pub fn documents(text: &str) -> Result<Vec<YamlNode>, YamlError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut builder = Builder { parser: Parser::new_from_str(text), anchors: BTreeMap::new(), nodes: 0 };
    let mut documents = Vec::new();
    loop {
        let (event, span) = builder.next()?;
        match event {
            Event::StreamEnd => return Ok(documents),
            Event::DocumentStart(_) => {
                builder.anchors.clear();
                let (event, span) = builder.next()?;
                documents.push(builder.node(event, span, 0)?);
            }
            Event::StreamStart | Event::DocumentEnd | Event::Nothing => {}
            _ => return Err(error(span.start, BROKEN)),
        }
    }
}

const BROKEN: &str = "this is not YAML";

fn error(at: Marker, why: &'static str) -> YamlError {
    YamlError { line: at.line(), column: at.col() + 1, why }
}

struct Builder<'a> {
    parser: Parser<'a, saphyr_parser::StrInput<'a>>,
    /// The nodes that aliases may name, with their sizes and heights.
    anchors: BTreeMap<usize, (YamlNode, usize, usize)>,
    /// How many nodes there are by now, aliases written out.
    nodes: usize,
}

impl<'a> Builder<'a> {
    fn next(&mut self) -> Result<(Event<'a>, Span), YamlError> {
        match self.parser.next_event() {
            Some(Ok(event)) => Ok(event),
            Some(Err(wrong)) => Err(error(*wrong.marker(), BROKEN)),
            None => Err(YamlError { line: 1, column: 1, why: BROKEN }),
        }
    }

    fn node(&mut self, event: Event<'a>, span: Span, depth: usize) -> Result<YamlNode, YamlError> {
        let at = span.start;
        self.count(1, depth, at)?;
        let (content, anchor, tag) = match event {
            Event::Alias(anchor) => return self.alias(anchor, at, depth),
            Event::Scalar(text, style, anchor, tag) => {
                (Content::Scalar(scalar(&text, style, tag.as_deref(), at)?), anchor, tag)
            }
            Event::SequenceStart(anchor, tag) => (Content::List(self.list(depth)?), anchor, tag),
            Event::MappingStart(anchor, tag) => (Content::Map(self.map(depth)?), anchor, tag),
            _ => return Err(error(at, BROKEN)),
        };
        let node = YamlNode { line: at.line(), column: at.col() + 1, content };
        let node = written_out(node, tag.as_deref(), at)?;
        if anchor > 0 {
            let (size, height) = (node.size(), node.height());
            self.anchors.insert(anchor, (node.clone(), size, height));
        }
        Ok(node)
    }

    fn count(&mut self, nodes: usize, depth: usize, at: Marker) -> Result<(), YamlError> {
        self.nodes = self.nodes.saturating_add(nodes);
        if self.nodes > MOST_NODES {
            return Err(error(at, "there is more here than a template can hold"));
        }
        if depth > DEEPEST {
            return Err(error(at, "this lies too deep"));
        }
        Ok(())
    }

    fn alias(&mut self, anchor: usize, at: Marker, depth: usize) -> Result<YamlNode, YamlError> {
        let Some((_, size, height)) = self.anchors.get(&anchor) else {
            return Err(error(at, "this alias names what it stands in"));
        };
        let (size, height) = (*size, *height);
        self.count(size, depth + height, at)?;
        match self.anchors.get(&anchor) {
            Some((node, _, _)) => Ok(node.clone()),
            None => Err(error(at, BROKEN)),
        }
    }

    fn list(&mut self, depth: usize) -> Result<Vec<YamlNode>, YamlError> {
        let mut list = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(list),
                (event, span) => list.push(self.node(event, span, depth + 1)?),
            }
        }
    }

    fn map(&mut self, depth: usize) -> Result<Vec<YamlEntry>, YamlError> {
        let mut entries: Vec<YamlEntry> = Vec::new();
        let mut merged: Vec<YamlEntry> = Vec::new();
        let mut keys = std::collections::BTreeSet::new();
        loop {
            let (event, span) = self.next()?;
            if event == Event::MappingEnd {
                break;
            }
            let at = span.start;
            let merges = matches!(&event, Event::Scalar(text, ScalarStyle::Plain, _, None) if text == "<<");
            let key = self.key(event, at)?;
            let (event, span) = self.next()?;
            let node = self.node(event, span, depth + 1)?;
            if merges {
                merge(node, &mut merged, at)?;
            } else if keys.insert(key.clone()) {
                entries.push(YamlEntry { key, line: at.line(), node });
            } else {
                return Err(error(at, "a key stands here for the second time"));
            }
        }
        // What is written goes before what is merged in (https://yaml.org/type/merge.html).
        for entry in merged {
            if keys.insert(entry.key.clone()) {
                entries.push(entry);
            }
        }
        Ok(entries)
    }

    fn key(&mut self, event: Event<'a>, at: Marker) -> Result<String, YamlError> {
        let wrong = error(at, "a key is not a text");
        match event {
            Event::Scalar(text, _, anchor, tag) => {
                if tag.as_deref().is_some_and(|tag| !tag.is_yaml_core_schema()) {
                    return Err(wrong);
                }
                let key = text.into_owned();
                if anchor > 0 {
                    let content = Content::Scalar(Json::String(key.clone()));
                    let node = YamlNode { line: at.line(), column: at.col() + 1, content };
                    self.anchors.insert(anchor, (node, 1, 1));
                }
                Ok(key)
            }
            Event::Alias(anchor) => match self.anchors.get(&anchor) {
                Some((node, _, _)) => node.as_text().map(str::to_owned).ok_or(wrong),
                None => Err(wrong),
            },
            _ => Err(wrong),
        }
    }
}

/// Takes the entries of a merged mapping, or of a list of them, of which the first go before the later.
fn merge(node: YamlNode, into: &mut Vec<YamlEntry>, at: Marker) -> Result<(), YamlError> {
    match node.content {
        Content::Map(entries) => into.extend(entries),
        Content::List(list) => {
            for node in list {
                match node.content {
                    Content::Map(entries) => into.extend(entries),
                    Content::Scalar(_) | Content::List(_) => return Err(error(at, NOT_MERGED)),
                }
            }
        }
        Content::Scalar(_) => return Err(error(at, NOT_MERGED)),
    }
    Ok(())
}

const NOT_MERGED: &str = "what is merged in is not a mapping";

/// The name of a local tag: `Ref` of `!Ref`.
fn local(tag: &Tag) -> Option<&str> {
    if tag.is_yaml_core_schema() {
        return None;
    }
    match tag.handle.as_str() {
        "!" => Some(tag.suffix.as_str()),
        "" => Some(tag.suffix.trim_start_matches('!')),
        _ => None,
    }
}

fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>, at: Marker) -> Result<Json, YamlError> {
    let written = || Json::String(text.to_owned());
    match tag {
        None if style == ScalarStyle::Plain => Ok(plain(text)),
        None => Ok(written()),
        Some(tag) if tag.is_yaml_core_schema() => match tag.suffix.as_str() {
            "str" => Ok(written()),
            "int" | "float" | "bool" | "null" => Ok(plain(text)),
            _ => Err(error(at, UNKNOWN_TAG)),
        },
        // A function's argument is text, whatever it looks like: `!Ref 123`, `!GetAZs ''`.
        Some(_) => Ok(written()),
    }
}

const UNKNOWN_TAG: &str = "this tag is none of CloudFormation's";

/// A scalar without quotes.
fn plain(text: &str) -> Json {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Json::Null,
        "true" | "True" | "TRUE" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => return Json::Bool(true),
        "false" | "False" | "FALSE" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => return Json::Bool(false),
        _ => {}
    }
    match text.parse::<i64>() {
        Ok(number) if number.to_string() == text => Json::from(number),
        _ => Json::String(text.to_owned()),
    }
}

/// A node under its tag, as JSON has it: `!Ref X` is `{"Ref": "X"}`.
fn written_out(node: YamlNode, tag: Option<&Tag>, at: Marker) -> Result<YamlNode, YamlError> {
    let Some(tag) = tag.filter(|tag| !tag.is_yaml_core_schema()) else { return Ok(node) };
    let Some(name) = local(tag) else { return Err(error(at, UNKNOWN_TAG)) };
    let key = match name {
        "" => return Ok(node),
        "Ref" | "Condition" => name.to_owned(),
        _ if SHORT_FORMS.contains(&name) => format!("Fn::{name}"),
        _ => return Err(error(at, UNKNOWN_TAG)),
    };
    let (line, column) = (node.line, node.column);
    let node = if name == "GetAtt" { attribute(node) } else { node };
    Ok(YamlNode { line, column, content: Content::Map(vec![YamlEntry { key, line, node }]) })
}

/// `name.attribute` as a list of both; an attribute may have further dots (`Nested.Outputs.VpcId`).
fn attribute(node: YamlNode) -> YamlNode {
    let Some((name, attribute)) = node.as_text().and_then(|text| text.split_once('.')) else { return node };
    let part = |text: &str| YamlNode {
        line: node.line,
        column: node.column,
        content: Content::Scalar(Json::String(text.to_owned())),
    };
    YamlNode {
        line: node.line,
        column: node.column,
        content: Content::List(vec![part(name), part(attribute)]),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn at(text: &str) -> (usize, usize) {
        let error = parse(text).expect_err("it must not be read");
        (error.line, error.column)
    }

    #[test]
    fn a_short_form_is_its_long_form() {
        let cases = [
            ("!Ref Vpc", json!({"Ref": "Vpc"})),
            ("!GetAtt Eip.AllocationId", json!({"Fn::GetAtt": ["Eip", "AllocationId"]})),
            ("!GetAtt Nested.Outputs.VpcId", json!({"Fn::GetAtt": ["Nested", "Outputs.VpcId"]})),
            ("!GetAtt [Eip, AllocationId]", json!({"Fn::GetAtt": ["Eip", "AllocationId"]})),
            ("!Sub '${A}-b'", json!({"Fn::Sub": "${A}-b"})),
            ("!Sub 123", json!({"Fn::Sub": "123"})),
            ("!GetAZs ''", json!({"Fn::GetAZs": ""})),
            ("!Condition HasNat", json!({"Condition": "HasNat"})),
            ("!Select [0, !GetAZs '']", json!({"Fn::Select": [0, {"Fn::GetAZs": ""}]})),
            (
                "!If [HasNat, !Ref A, !Ref 'AWS::NoValue']",
                json!({"Fn::If": ["HasNat", {"Ref": "A"}, {"Ref": "AWS::NoValue"}]}),
            ),
            (
                "!And\n- !Condition A\n- !Not [!Equals [!Ref B, c]]",
                json!({"Fn::And": [{"Condition": "A"}, {"Fn::Not": [{"Fn::Equals": [{"Ref": "B"}, "c"]}]}]}),
            ),
            ("!GetAZs\n  Ref: AWS::Region", json!({"Fn::GetAZs": {"Ref": "AWS::Region"}})),
            ("Fn::Join:\n  - ''\n  - [a, !Ref B]", json!({"Fn::Join": ["", ["a", {"Ref": "B"}]]})),
        ];
        for (text, long) in cases {
            assert_eq!(parse(text), Ok(long), "{text}");
        }
    }

    #[test]
    fn a_tag_that_cloudformation_does_not_know_is_an_error() {
        for text in ["a: !Reff X", "a: !!binary aGk=", "a: !!timestamp 2020-01-01", "a: !<tag:x,1:y> b"] {
            assert_eq!(at(text).0, 1, "{text}");
        }
    }

    #[test]
    fn a_scalar_keeps_its_spelling() {
        let text = "date: 2010-09-09\naccount: 012345678901\nversion: 1.30\nlong: 123456789012345678901\n\
                    hex: 0x1F\ntime: 22:22\nwhole: 3\nyes: yes\nquoted: 'yes'\nstr: !!str 3\nnothing:\ntext: y";
        assert_eq!(
            parse(text),
            Ok(json!({
                "date": "2010-09-09", "account": "012345678901", "version": "1.30",
                "long": "123456789012345678901", "hex": "0x1F", "time": "22:22", "whole": 3,
                "yes": true, "quoted": "yes", "str": "3", "nothing": null, "text": "y",
            }))
        );
    }

    #[test]
    fn aliases_and_merged_mappings_are_written_out() {
        let text = "base: &base {a: 1, b: 2}\nother: &other {b: 3, c: 4}\none:\n  <<: *base\n  a: 9\n\
                    two:\n  <<: [*base, *other]\nthree: {'<<': *base}\nfour: *base";
        let read = parse(text).unwrap();
        assert_eq!(read["one"], json!({"a": 9, "b": 2}), "what is written goes first");
        assert_eq!(read["two"], json!({"a": 1, "b": 2, "c": 4}), "the first goes before the later");
        assert_eq!(read["three"], json!({"<<": {"a": 1, "b": 2}}), "a quoted key is a key");
        assert_eq!(read["four"], json!({"a": 1, "b": 2}));
        assert!(parse("one:\n  <<: 3").is_err());
    }

    #[test]
    fn a_key_that_stands_twice_is_an_error_with_its_line() {
        assert_eq!(at("Resources:\n  A: 1\n  B: 2\n  A: 3\n"), (4, 3));
        assert_eq!(at("{a: 1, a: 2}"), (1, 8));
        assert!(parse("a: {b: 1}\nc: {b: 1}").is_ok());
    }

    #[test]
    fn a_bomb_of_aliases_ends_in_an_error() {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..12 {
            let before = level - 1;
            let members = vec![format!("*a{before}"); 10].join(", ");
            text.push_str(&format!("a{level}: &a{level} [{members}]\n"));
        }
        assert!(parse(&text).unwrap_err().why.contains("more here"));
        assert!(parse("a: &a [*a]").is_err(), "an alias within itself");
        assert!(parse("a: *nowhere").is_err());
    }

    #[test]
    fn depth_ends_in_an_error() {
        for depth in [130, 200, 5_000, 100_000] {
            assert!(parse(&"[".repeat(depth)).is_err());
            assert!(parse(&"- ".repeat(depth)).is_err());
            assert!(parse(&format!("{}x{}", "[".repeat(depth), "]".repeat(depth))).is_err());
        }
        let mut stairs = "a0: &a0 [x]\n".to_owned();
        for step in 1..200 {
            stairs.push_str(&format!("a{step}: &a{step} [*a{}]\n", step - 1));
        }
        assert!(parse(&stairs).is_err(), "aliases lie as deep as what they name");
        assert!(parse(&format!("{}x{}", "[".repeat(60), "]".repeat(60))).is_ok());
    }

    #[test]
    fn an_error_tells_where_and_never_what() {
        let secret = "hunter2";
        for text in [
            format!("a: 1\nb: [{secret}"),
            format!("a: 1\n{secret}: {{\n"),
            format!("a: \"{secret}"),
            format!("a: !{secret} x"),
            format!("a: *{secret}"),
            format!("? [{secret}]\n: 1"),
            format!("a: 1\n  {secret}: 2"),
            format!("%{secret}\na"),
        ] {
            let error = parse(&text).unwrap_err();
            assert!(!error.to_string().contains(secret), "{error}");
            assert!(error.line >= 1 && error.column >= 1);
        }
    }

    #[test]
    fn one_document_is_read_where_one_is_asked_for() {
        assert_eq!(parse("---\na: 1\n...\n"), Ok(json!({"a": 1})));
        assert_eq!(at("a: 1\n---\nb: 2\n").0, 3);
        assert_eq!(documents("a: 1\n---\nb: 2\n").map(|them| them.len()), Ok(2));
        for nothing in ["", "\n", "# only a comment\n", "\u{feff}"] {
            assert!(parse(nothing).is_err(), "{nothing:?}");
        }
        assert_eq!(parse("\u{feff}a: 1\r\nb: 2\r\n"), Ok(json!({"a": 1, "b": 2})));
    }

    #[test]
    fn keys_tell_their_lines() {
        let node = document("name: x\nconfig:\n  aws:region:\n    default: a\n\n  zones: 3\n").unwrap();
        let config = node.get("config").unwrap();
        let lines: Vec<_> = config.entries().iter().map(|entry| (entry.key.as_str(), entry.line)).collect();
        assert_eq!(lines, [("aws:region", 3), ("zones", 6)]);
    }

    #[test]
    fn json_is_read_as_it_is() {
        let text = r#"{"a": [1, "b", true, null, {"c": "d\u00e9"}], "e": {}}"#;
        assert_eq!(parse(text), Ok(serde_json::from_str(text).unwrap()));
    }
}
