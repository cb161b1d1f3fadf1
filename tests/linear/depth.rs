//! Files that lie deep, lead in circles or lead to one thing on many ways: each is read to its end, or refused.

use std::fmt::Write;

use aws_janitor::deployment::{Deployment, ReadError};

use crate::read_or_refuse;

fn plan(changes: &str, root: &str) -> Result<Deployment, ReadError> {
    read_or_refuse(&format!(
        "{{\"format_version\":\"1.2\",\"resource_changes\":[{changes}],\"configuration\":{{\"root_module\":{root}}}}}"
    ))
}

fn change(module: &str, type_name: &str, unknown: &str) -> String {
    let dot = if module.is_empty() { "" } else { "." };
    format!(
        "{{\"address\":\"{module}{dot}{type_name}.it\",\"module_address\":\"{module}\",\"mode\":\"managed\",\"type\":\"{type_name}\",\
         \"name\":\"it\",\"change\":{{\"actions\":[\"create\"],\"before\":null,\"after\":{{}},\"after_unknown\":{{{unknown}}}}}}}"
    )
}

const VPC: &str = "{\"mode\":\"managed\",\"type\":\"aws_vpc\",\"name\":\"it\",\"expressions\":{}}";

fn subnet(references: &str) -> String {
    format!(
        "{{\"mode\":\"managed\",\"type\":\"aws_subnet\",\"name\":\"it\",\"expressions\":{{\"vpc_id\":{{\"references\":[{references}]}}}}}}"
    )
}

/// Modules in a row: each hands out what it is handed, by two outputs, and is handed both of the one before it.
fn row(length: usize) -> Deployment {
    let mut changes =
        format!("{},{}", change("module.m0", "aws_vpc", ""), change("", "aws_subnet", "\"vpc_id\":true"));
    let mut calls = String::new();
    for n in 0..length {
        if n > 0 {
            write!(changes, ",{}", change(&format!("module.m{n}"), "null_resource", "")).unwrap();
        }
        let (comma, handed, given, own) = match n {
            0 => ("", "\"aws_vpc.it\"".to_owned(), String::new(), VPC.to_owned()),
            _ => {
                let before = n - 1;
                let given =
                    format!("\"x\":{{\"references\":[\"module.m{before}.a\",\"module.m{before}.b\"]}}");
                (",", "\"var.x\"".to_owned(), given, String::new())
            }
        };
        let output = format!("{{\"expression\":{{\"references\":[{handed}]}}}}");
        write!(
            calls,
            "{comma}\"m{n}\":{{\"expressions\":{{{given}}},\"module\":{{\"resources\":[{own}],\"outputs\":{{\"a\":{output},\"b\":{output}}}}}}}"
        )
        .unwrap();
    }
    let subnet = subnet(&format!("\"module.m{}.a\"", length - 1));
    plan(&changes, &format!("{{\"resources\":[{subnet}],\"module_calls\":{{{calls}}}}}")).unwrap()
}

#[test]
fn outputs_that_lead_to_one_thing_on_very_many_ways_are_followed_once() {
    // On 2^20 ways.
    let near = row(20);
    assert_eq!(near.items[1].after, ["module.m0.aws_vpc.it"]);
    assert_eq!(near.items[1].properties.at("vpc_id").sources(), ["module.m0.aws_vpc.it"]);
    // Of longer rows nothing is told, and they end.
    for length in [60, 5_000] {
        assert!(row(length).items[1].properties.at("vpc_id").is_open());
    }
}

#[test]
fn an_output_that_leads_to_itself_ends() {
    let output = "{\"expression\":{\"references\":[\"var.x\"]}}";
    let call = format!(
        "{{\"expressions\":{{\"x\":{{\"references\":[\"module.m.a\"]}}}},\"module\":{{\"outputs\":{{\"a\":{output}}}}}}}"
    );
    let changes =
        format!("{},{}", change("module.m", "aws_vpc", ""), change("", "aws_subnet", "\"vpc_id\":true"));
    let root = format!("{{\"resources\":[{}],\"module_calls\":{{\"m\":{call}}}}}", subnet("\"module.m.a\""));
    let read = plan(&changes, &root).unwrap();
    assert_eq!(read.items[1].properties.at("vpc_id").sources(), [""; 0]);
}

#[test]
fn a_module_at_any_depth_is_an_address_and_no_more() {
    for depth in [1_000, 20_000] {
        let module = vec!["module.a"; depth].join(".");
        let read = plan(&change(&module, "aws_vpc", ""), "{}").unwrap();
        assert_eq!(read.items[0].address.len(), module.len() + ".aws_vpc.it".len());
    }
}

#[test]
fn what_lies_too_deep_in_json_is_refused() {
    let deep = format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000));
    let attribute =
        change("", "aws_vpc", "").replace("\"after\":{}", &format!("\"after\":{{\"tags\":{deep}}}"));
    assert!(plan(&attribute, "{}").is_err());
    assert!(
        read_or_refuse(&format!(
            "{{\"Resources\":{{\"A\":{{\"Type\":\"AWS::EC2::VPC\",\"Properties\":{deep}}}}}}}"
        ))
        .is_err()
    );
    assert!(read_or_refuse(&format!("{{\"config\":{{}},\"steps\":[{{\"op\":\"create\",\"urn\":\"u\",\"newState\":{{\"inputs\":{{\"a\":{deep}}}}}}}]}}")).is_err());
}

#[test]
fn conditions_in_a_row_of_any_length_are_decided_or_left_open() {
    let mut conditions = "\"C0\":{\"Fn::Equals\":[\"a\",\"a\"]}".to_owned();
    for n in 1..50_000 {
        write!(conditions, ",\"C{n}\":{{\"Fn::Not\":[{{\"Fn::Not\":[{{\"Condition\":\"C{}\"}}]}}]}}", n - 1)
            .unwrap();
    }
    let vpc = |n| format!("\"V{n}\":{{\"Type\":\"AWS::EC2::VPC\",\"Condition\":\"C{n}\"}}");
    let read = read_or_refuse(&format!(
        "{{\"Conditions\":{{{conditions}}},\"Resources\":{{{},{}}}}}",
        vpc(0),
        vpc(49_999)
    ));
    assert_eq!(read.unwrap().items.len(), 2, "neither is said not to be made");
}
