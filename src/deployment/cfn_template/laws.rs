//! What holds of every template.

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::tests::read_text;

/// A template as JSON, of values that both spellings can tell.
fn template() -> impl Strategy<Value = Json> {
    let scalar = prop_oneof![
        "[a-zA-Z:-]{0,8}".prop_map(Json::from),
        any::<i32>().prop_map(Json::from),
        any::<bool>().prop_map(Json::from),
        Just(json!("012345678901")),
        Just(json!("2010-09-09")),
        Just(json!("1.30")),
        Just(json!("yes")),
        Just(json!("a: b # c\n\"d\"")),
        Just(json!({"Ref": "R0"})),
        Just(json!({"Fn::GetAtt": ["R1", "Outputs.A"]})),
        Just(json!({"Fn::Sub": "${AWS::Region}-${R0}"})),
        Just(json!({"Fn::Select": [1, {"Fn::GetAZs": ""}]})),
        Just(json!({"Fn::If": ["C", "a", {"Ref": "AWS::NoValue"}]})),
    ];
    let value = scalar.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            prop::collection::btree_map("[A-Z][a-z]{1,5}", inner, 0..4).prop_map(|map| json!(map)),
        ]
    });
    let types =
        prop::sample::select(vec!["AWS::EC2::EIP", "AWS::EC2::Subnet", "AWS::EKS::Cluster", "Custom::X"]);
    let resource = (types, prop::collection::btree_map("[A-Z][a-z]{1,5}", value, 0..5), any::<bool>());
    prop::collection::vec(resource, 1..5).prop_map(|resources| {
        let mut template = json!({
            "AWSTemplateFormatVersion": "2010-09-09",
            "Parameters": {"P": {"Type": "String"}},
            "Conditions": {"C": {"Fn::Equals": [{"Ref": "P"}, "x"]}},
            "Resources": {},
        });
        for (place, (type_name, properties, conditional)) in resources.into_iter().enumerate() {
            let resource = &mut template["Resources"][format!("R{place}")];
            *resource = json!({"Type": type_name, "Properties": properties});
            if conditional {
                resource["Condition"] = json!("C");
            }
        }
        template
    })
}

/// The block spelling of a JSON value, with short forms.
fn block(json: &Json, indent: usize) -> String {
    let pad = " ".repeat(indent);
    match json {
        Json::Object(map) if map.len() == 1 => {
            let (name, argument) = map.iter().next().unwrap();
            match (name.as_str(), argument) {
                ("Ref", Json::String(text)) => format!(" !Ref '{text}'"),
                ("Fn::GetAtt", Json::Array(parts)) => {
                    format!(" !GetAtt {}.{}", parts[0].as_str().unwrap(), parts[1].as_str().unwrap())
                }
                (function, argument) if function.starts_with("Fn::") => {
                    format!(" !{}{}", &function[4..], block(argument, indent))
                }
                _ => format!("\n{pad}{name}:{}", block(argument, indent + 2)),
            }
        }
        Json::Object(map) if !map.is_empty() => {
            map.iter().map(|(name, it)| format!("\n{pad}{name}:{}", block(it, indent + 2))).collect()
        }
        Json::Array(list) if !list.is_empty() => {
            list.iter().map(|it| format!("\n{pad}-{}", block(it, indent + 2))).collect()
        }
        Json::String(text) if !text.is_empty() && text.chars().all(|it| it.is_ascii_digit()) => {
            format!(" {text}")
        }
        Json::String(text) if text == "2010-09-09" || text == "1.30" => format!(" {text}"),
        scalar => format!(" {scalar}"),
    }
}

proptest! {
    #[test]
    fn yaml_and_json_of_one_template_give_one_deployment(template in template()) {
        let json = read_text(&template.to_string()).unwrap();
        let yaml = format!("---{}\n", block(&template, 0));
        let read = read_text(&yaml);
        prop_assert!(read.as_ref() == Ok(&json), "{yaml}");
        // JSON is YAML too.
        let flow = read_text(&format!("--- {template}"));
        prop_assert!(flow.as_ref() == Ok(&json));
    }

    #[test]
    fn a_json_template_that_is_cut_anywhere_is_an_error(template in template(), at in any::<prop::sample::Index>()) {
        let text = template.to_string();
        let mut end = at.index(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        prop_assert!(read_text(&text[..end]).is_err());
    }

    #[test]
    fn no_text_breaks_the_reader(text in "\\PC*", yaml in "[\\[\\]{}:,!&*<>|'\" \\na-zR0-9-]{0,60}") {
        let _ = read_text(&text);
        let _ = read_text(&yaml);
        let _ = read_text(&format!("{{{text}"));
        let _ = read_text(&format!("Resources:\n  A:\n    Type: AWS::EC2::EIP\n    Properties: {yaml}"));
    }
}
