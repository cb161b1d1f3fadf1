//! AWS Systems Manager over AWS JSON 1.1: parameters, by name. A SecureString is not encrypted, but told as if it
//! were to who does not ask for its decryption.

use serde_json::{Value, json};

use crate::error::{AwsError, AwsResult};
use crate::fields::Fields;
use crate::protocol::{Answer, Ctx, Protocol};
use crate::service::{Operation, Service};
use crate::stores::ssm::Parameter;
use crate::world::World;

/// Systems Manager as the wire knows it.
pub(crate) const SERVICE: Service = Service { scope: "ssm", iam: "ssm", protocol: Protocol::Json, operation };

const OPERATIONS: &[(&str, Operation)] = &[
    ("DeleteParameter", delete),
    ("DescribeParameters", describe),
    ("GetParameter", get),
    ("GetParameters", get_many),
    ("PutParameter", put),
];

fn operation(action: &str) -> Option<Operation> {
    OPERATIONS.iter().find(|(name, _)| *name == action).map(|(_, operation)| *operation)
}

/// How many names GetParameters takes, and how many rows DescribeParameters gives at most:
/// <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html>,
/// <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DescribeParameters.html>.
const MOST_NAMES: usize = 10;
const PAGE: u32 = 50;

const TYPES: [&str; 3] = ["String", "StringList", "SecureString"];

/// <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html#API_GetParameter_Errors>;
/// AWS gives it no sentence.
fn not_found() -> AwsError {
    AwsError::new("ParameterNotFound", "")
}

fn required(input: &Fields, name: &str) -> AwsResult<String> {
    input.text(name).ok_or_else(|| AwsError::constraint("ValidationException", name, None, "not be null"))
}

/// The name that a call means: a name, or an ARN.
fn name_in(named: &str) -> &str {
    match named.split_once(":parameter/") {
        // The ARN of `/a/b` ends in `parameter/a/b`, that of `a` in `parameter/a`.
        Some((front, rest)) if front.starts_with("arn:") && rest.contains('/') => &named[front.len() + 10..],
        Some((front, rest)) if front.starts_with("arn:") => rest,
        _ => named,
    }
}

fn find(world: &mut World, region: &str, named: &str) -> Option<(String, Parameter)> {
    // `name:3` means a version; only the last one is kept.
    let (name, version) = match named.rsplit_once(':') {
        Some((name, version)) if !named.starts_with("arn:") => (name, Some(version)),
        _ => (name_in(named), None),
    };
    let (name, parameter) = world.region(region).ssm.parameters.get_key_value(name)?;
    let fits = version.is_none_or(|version| version == parameter.version.to_string());
    fits.then(|| (name.clone(), parameter.clone()))
}

/// A parameter as it is told: <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_Parameter.html>.
fn told(name: &str, parameter: &Parameter, decrypted: bool) -> Value {
    let sealed = parameter.kind == "SecureString" && !decrypted;
    json!({
        "Name": name,
        "Type": parameter.kind,
        "Value": if sealed { cipher(name, parameter.version) } else { parameter.value.clone() },
        "Version": parameter.version,
        "LastModifiedDate": seconds(parameter),
        "ARN": parameter.arn,
        "DataType": "text",
    })
}

/// What stands for a secret to who does not decrypt it. It tells nothing of the value.
fn cipher(name: &str, version: u64) -> String {
    let digits: String = name.bytes().map(|byte| format!("{byte:02x}")).collect();
    format!("AQICAH{digits}{version:04x}==")
}

fn seconds(parameter: &Parameter) -> f64 {
    parameter.modified.as_millisecond() as f64 / 1000.0
}

/// GetParameter: <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html>.
fn get(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let input = Fields::from(&ctx.json);
    let named = required(&input, "Name")?;
    let (name, parameter) = find(world, &ctx.region, &named).ok_or_else(not_found)?;
    Ok(json!({ "Parameter": told(&name, &parameter, input.truth("WithDecryption")) }).into())
}

/// GetParameters: what is not there is told as invalid, not refused.
/// <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html>
fn get_many(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let input = Fields::from(&ctx.json);
    let names = input.texts("Names");
    if names.is_empty() || names.len() > MOST_NAMES {
        let must = "have length less than or equal to 10";
        return Err(AwsError::constraint("ValidationException", "Names", Some(&names.join(", ")), must));
    }
    let (mut rows, mut missing) = (Vec::new(), Vec::new());
    for named in names {
        match find(world, &ctx.region, &named) {
            Some((name, parameter)) => rows.push(told(&name, &parameter, input.truth("WithDecryption"))),
            None => missing.push(named),
        }
    }
    Ok(json!({ "Parameters": rows, "InvalidParameters": missing }).into())
}

/// PutParameter: <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html>.
fn put(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let input = Fields::from(&ctx.json);
    let (name, value) = (required(&input, "Name")?, required(&input, "Value")?);
    let now = world.clock.now();
    let slash = if name.starts_with('/') { "" } else { "/" };
    let arn = format!("arn:aws:ssm:{}:{}:parameter{slash}{name}", ctx.region, world.account);
    let parameters = &mut world.region(&ctx.region).ssm.parameters;
    let there = parameters.get(&name);
    if there.is_some() && !input.truth("Overwrite") {
        let text = "The parameter already exists. To overwrite this value, set the overwrite option in the request to \
                    true.";
        return Err(AwsError::new("ParameterAlreadyExists", text));
    }
    let kind = input.text("Type").or(there.map(|there| there.kind.clone()));
    let Some(kind) = kind.filter(|kind| TYPES.contains(&kind.as_str())) else {
        let text = "A parameter type is required when you create a parameter.";
        return Err(AwsError::new("ValidationException", text));
    };
    let version = there.map_or(1, |there| there.version + 1);
    let tags = input.objects("Tags").into_iter();
    let tags =
        tags.filter_map(|tag| Some((tag.text("Key")?, tag.text("Value").unwrap_or_default()))).collect();
    let tags = there.map_or(tags, |there| there.tags.clone());
    let description = input.text("Description");
    let parameter = Parameter { arn, kind, value, description, version, modified: now, tags };
    parameters.insert(name, parameter);
    Ok(json!({ "Version": version, "Tier": "Standard" }).into())
}

/// DeleteParameter: <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DeleteParameter.html>.
fn delete(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let name = required(&Fields::from(&ctx.json), "Name")?;
    world.region(&ctx.region).ssm.parameters.remove(&name).ok_or_else(not_found)?;
    Ok(json!({}).into())
}

/// DescribeParameters, without their values; by name (`ParameterFilters` with the key `Name`), or all.
/// <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DescribeParameters.html>
fn describe(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let input = Fields::from(&ctx.json);
    let filters = input.objects("ParameterFilters");
    if filters.iter().any(|filter| filter.text("Key").as_deref() != Some("Name")) {
        return Err(AwsError::new("InvalidFilterKey", "Only the key Name is modelled."));
    }
    let fits = |name: &str| {
        filters.iter().all(|filter| {
            let values = filter.texts("Values");
            match filter.text("Option").as_deref() {
                Some("BeginsWith") => values.iter().any(|value| name.starts_with(value)),
                Some("Contains") => values.iter().any(|value| name.contains(value)),
                _ => values.iter().any(|value| value == name),
            }
        })
    };
    let size = input.number("MaxResults").unwrap_or(10);
    if !(1..=PAGE).contains(&size) {
        let must = "have value less than or equal to 50";
        return Err(AwsError::constraint("ValidationException", "MaxResults", Some(&size.to_string()), must));
    }
    let after = input.text("NextToken").unwrap_or_default();
    let parameters = &world.region(&ctx.region).ssm.parameters;
    let mut rest = parameters.iter().filter(|(name, _)| **name > after && fits(name));
    let page: Vec<_> = rest.by_ref().take(size as usize).collect();
    let next = rest.next().and(page.last()).map(|(name, _)| (*name).clone());
    let rows: Vec<Value> = page
        .iter()
        .map(|(name, it)| {
            json!({
                "Name": name, "Type": it.kind, "Version": it.version, "LastModifiedDate": seconds(it),
                "ARN": it.arn, "Description": it.description, "Tier": "Standard", "DataType": "text",
            })
        })
        .collect();
    let mut answer = json!({ "Parameters": rows });
    if let Some(next) = next {
        answer["NextToken"] = json!(next);
    }
    Ok(answer.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SimClock;

    const REGION: &str = "us-east-1";

    fn world() -> World {
        World::new("111122223333", SimClock::new("2026-11-21T12:00:00Z".parse().unwrap(), 0.0))
    }

    fn ask(world: &mut World, action: &str, input: Value) -> AwsResult<Value> {
        world.call_json("ssm", REGION, action, input)
    }

    fn with(name: &str, kind: &str, value: &str) -> World {
        let mut world = world();
        let input = json!({ "Name": name, "Type": kind, "Value": value });
        ask(&mut world, "PutParameter", input).unwrap();
        world
    }

    #[test]
    fn a_parameter_is_read_by_name_or_arn_in_its_region_only() {
        let mut world = with("/cdk-bootstrap/hnb659fds/version", "String", "29");
        let told =
            ask(&mut world, "GetParameter", json!({ "Name": "/cdk-bootstrap/hnb659fds/version" })).unwrap();
        let arn = "arn:aws:ssm:us-east-1:111122223333:parameter/cdk-bootstrap/hnb659fds/version";
        assert_eq!((&told["Parameter"]["Value"], &told["Parameter"]["ARN"]), (&json!("29"), &json!(arn)));
        assert_eq!(ask(&mut world, "GetParameter", json!({ "Name": arn })).unwrap(), told);
        let missing = ask(&mut world, "GetParameter", json!({ "Name": "none" })).unwrap_err();
        assert_eq!((missing.code.as_str(), missing.status), ("ParameterNotFound", 400));
        let elsewhere = json!({ "Name": "/cdk-bootstrap/hnb659fds/version" });
        let refusal = world.call_json("ssm", "eu-west-1", "GetParameter", elsewhere).unwrap_err();
        assert_eq!(refusal.code, "ParameterNotFound");
    }

    #[test]
    fn a_secret_is_told_only_to_who_decrypts_it() {
        let mut world = with("/shop/passphrase", "SecureString", "correct horse");
        let plain = ask(&mut world, "GetParameter", json!({ "Name": "/shop/passphrase" })).unwrap();
        assert_eq!(plain["Parameter"]["Type"], "SecureString");
        assert!(!plain.to_string().contains("correct horse"));
        let input = json!({ "Name": "/shop/passphrase", "WithDecryption": true });
        assert_eq!(ask(&mut world, "GetParameter", input).unwrap()["Parameter"]["Value"], "correct horse");
    }

    #[test]
    fn of_several_names_the_missing_are_told_and_ten_are_the_most() {
        let mut world = with("a", "String", "1");
        let told = ask(&mut world, "GetParameters", json!({ "Names": ["a", "b"] })).unwrap();
        assert_eq!(
            (told["Parameters"][0]["Value"].as_str(), &told["InvalidParameters"]),
            (Some("1"), &json!(["b"]))
        );
        let many: Vec<String> = (0..11).map(|number| format!("p{number}")).collect();
        let refusal = ask(&mut world, "GetParameters", json!({ "Names": many })).unwrap_err();
        assert_eq!(refusal.code, "ValidationException");
    }

    #[test]
    fn what_is_there_is_overwritten_only_if_it_is_said() {
        let mut world = with("a", "String", "1");
        let again = json!({ "Name": "a", "Value": "2" });
        assert_eq!(
            ask(&mut world, "PutParameter", again.clone()).unwrap_err().code,
            "ParameterAlreadyExists"
        );
        let mut over = again;
        over["Overwrite"] = json!(true);
        assert_eq!(ask(&mut world, "PutParameter", over).unwrap()["Version"], 2);
        assert_eq!(
            ask(&mut world, "GetParameter", json!({ "Name": "a:2" })).unwrap()["Parameter"]["Value"],
            "2"
        );
        assert_eq!(
            ask(&mut world, "GetParameter", json!({ "Name": "a:1" })).unwrap_err().code,
            "ParameterNotFound"
        );
    }

    #[test]
    fn descriptions_come_in_pages_without_values() {
        let mut world = world();
        for name in ["/a/1", "/a/2", "/a/3", "/b"] {
            let input = json!({ "Name": name, "Type": "String", "Value": "hidden" });
            ask(&mut world, "PutParameter", input).unwrap();
        }
        let filter = json!([{ "Key": "Name", "Option": "BeginsWith", "Values": ["/a/"] }]);
        let input = json!({ "ParameterFilters": filter, "MaxResults": 2 });
        let page = ask(&mut world, "DescribeParameters", input).unwrap();
        assert!(page["Parameters"].as_array().unwrap().len() == 2 && !page.to_string().contains("hidden"));
        let input = json!({ "ParameterFilters": filter, "MaxResults": 2, "NextToken": page["NextToken"] });
        let rest = ask(&mut world, "DescribeParameters", input).unwrap();
        assert_eq!((rest["Parameters"][0]["Name"].as_str(), rest.get("NextToken")), (Some("/a/3"), None));
    }
}
