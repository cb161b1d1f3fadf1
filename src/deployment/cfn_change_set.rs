//! Reads what `aws cloudformation describe-change-set` answers into a deployment.
//!
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeChangeSet.html>,
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ResourceChange.html>

use serde_json::Value as Json;

use super::cfn_template::{self, canonical};
use super::places::region_of_all;
use super::types;
use super::{
    Certainty, Change, Deployment, Format, Input, Item, ReadError, ReplaceOrder, Uncounted, Value, Weight,
};
use crate::model::{AccountId, Region};

/// How deep change sets of nested stacks are followed.
const DEEPEST: usize = 8;

/// What stands for a value that is known only afterwards; it may stand within a text.
const KNOWN_LATER: &str = "{{changeSet:KNOWN_AFTER_APPLY}}";

/// What stands for the value of a parameter with `NoEcho`.
const MASKED: &str = "****";

/// Reads a change set. The change set of a nested stack is read too if its description lies beside, in a
/// file that bears its name: `<name>.json`.
pub fn read(input: &Input<'_>) -> Result<Deployment, ReadError> {
    let document = cfn_template::json(input.bytes, Format::CloudFormationChangeSet.title())?;
    let arn = ["StackId", "ChangeSetId"].iter().find_map(|name| Arn::of(document.get(*name)?.as_str()?));
    let mut reader = ChangeSetReader {
        input,
        region: arn.as_ref().map(|arn| arn.region.clone()),
        items: Vec::new(),
        uncounted: Vec::new(),
    };
    reader.change_set(&document, "", 0)?;
    if reader.region.is_none() {
        let region = region_of_all(&reader.items).or_else(|| input.region.clone());
        for item in &mut reader.items {
            let row = types::of_cloudformation(&item.type_name);
            item.region = row.map_or(region.clone(), |row| row.region(region.clone()));
        }
    }
    Ok(Deployment {
        source: input.source.to_owned(),
        format: Format::CloudFormationChangeSet,
        stack: document.get("StackName").and_then(Json::as_str).map(str::to_owned),
        account: arn.map(|arn| arn.account),
        items: reader.items,
        uncounted: reader.uncounted,
    })
}

/// What an ARN of CloudFormation's tells.
struct Arn {
    account: AccountId,
    region: Region,
}

impl Arn {
    fn of(text: &str) -> Option<Self> {
        let mut parts = text.split(':');
        let (arn, _, service) = (parts.next()?, parts.next()?, parts.next()?);
        let (region, account) = (parts.next()?, parts.next()?);
        let whole = arn == "arn" && service == "cloudformation" && !region.is_empty() && !account.is_empty();
        whole.then(|| Self { account: AccountId::new(account), region: Region::new(region) })
    }
}

fn broken(why: impl Into<String>) -> ReadError {
    ReadError::Broken { format: Format::CloudFormationChangeSet.title(), why: why.into() }
}

struct ChangeSetReader<'a> {
    input: &'a Input<'a>,
    region: Option<Region>,
    items: Vec<Item>,
    uncounted: Vec<Uncounted>,
}

impl ChangeSetReader<'_> {
    fn change_set(&mut self, document: &Json, prefix: &str, depth: usize) -> Result<(), ReadError> {
        if !usable(document)? {
            return Ok(());
        }
        self.whole(document, prefix);
        let changes = document.get("Changes").and_then(Json::as_array);
        for change in changes.ok_or_else(|| broken("it has no Changes"))? {
            match change.get("ResourceChange") {
                Some(change) => self.change(change, prefix, depth)?,
                None => return Err(broken("a change in it is not one of a resource")),
            }
        }
        Ok(())
    }

    /// Says what is missing of a description that was cut or has aged.
    fn whole(&mut self, document: &Json, prefix: &str) {
        let what = format!("{prefix}{}", text(document, "ChangeSetName").unwrap_or("change set"));
        if document.get("NextToken").is_some_and(|token| !token.is_null()) {
            self.uncounted.push(Uncounted {
                what: what.clone(),
                why: "only a part of its changes stands in the file: describe it without --no-paginate and \
                      --max-items"
                    .to_owned(),
                weight: Weight::Open,
            });
        }
        match text(document, "ExecutionStatus") {
            Some("OBSOLETE") => self.uncounted.push(Uncounted {
                what,
                why:
                    "the stack was changed after it was made, so that it no longer tells what would happen: \
                      make a new one"
                        .to_owned(),
                weight: Weight::Open,
            }),
            Some(status) if status.starts_with("EXECUTE_") => self.uncounted.push(Uncounted {
                what,
                why: format!("it has been carried out already ({status}): what it made is counted again"),
                weight: Weight::Remark,
            }),
            _ => {}
        }
    }

    fn change(&mut self, change: &Json, prefix: &str, depth: usize) -> Result<(), ReadError> {
        let logical_id =
            text(change, "LogicalResourceId").ok_or_else(|| broken("a change in it names no resource"))?;
        let type_name = text(change, "ResourceType")
            .ok_or_else(|| broken(format!("the change of {logical_id} names no ResourceType")))?;
        let (action, certainty) = action(change).map_err(|why| broken(format!("{logical_id} {why}")))?;
        let address = format!("{prefix}{logical_id}");
        let row = types::of_cloudformation(type_name);
        let before = context(change, "BeforeContext", type_name)?;
        let properties = context(change, "AfterContext", type_name)?;
        // Where both sides are told, needs count what grows.
        if action == Change::Update && (before.is_none() || properties.is_none()) {
            let sizes = row.map_or(&[] as &[&str], |row| row.deployed.sizes);
            self.uncounted.extend(may_grow(change, &address, type_name, sizes));
        }
        let properties = properties.or_else(|| before.clone()).unwrap_or(Value::Unknown(Vec::new()));
        self.items.push(Item {
            before: before.filter(|_| action != Change::Create).unwrap_or(Value::Null),
            after: causes(change, logical_id).map(|name| format!("{prefix}{name}")).collect(),
            address: address.clone(),
            type_name: type_name.to_owned(),
            kind: row.map(types::KindRow::name),
            change: action,
            certainty,
            region: row.map_or(self.region.clone(), |row| row.region(self.region.clone())),
            properties,
        });
        if action != Change::Delete && action != Change::Keep {
            self.uncounted.extend(cfn_template::unknown_to_all(&address, type_name));
            if type_name == "AWS::CloudFormation::Stack" {
                self.nested(change, &address, depth)?;
            }
        }
        Ok(())
    }

    /// Adds the changes of a nested stack, if their description lies beside.
    fn nested(&mut self, change: &Json, address: &str, depth: usize) -> Result<(), ReadError> {
        let mut open = |why: String| {
            self.uncounted.push(Uncounted { what: address.to_owned(), why, weight: Weight::Open });
        };
        let Some(id) = text(change, "ChangeSetId") else {
            open(
                "what changes in this nested stack is not told: make the change set with \
                  --include-nested-stacks"
                    .to_owned(),
            );
            return Ok(());
        };
        let name = id.rsplit('/').nth(1).unwrap_or(id);
        let file = format!("{name}.json");
        let Some(bytes) = self.input.beside.file(&file).filter(|_| depth < DEEPEST) else {
            open(format!(
                "what changes in this nested stack stands in a change set of its own: describe {id} and put the \
                 answer beside this file as {file}"
            ));
            return Ok(());
        };
        let document = cfn_template::json(&bytes, Format::CloudFormationChangeSet.title())
            .map_err(|error| broken(format!("{error} ({file})")))?;
        if text(&document, "ChangeSetId") != Some(id) {
            return Err(broken(format!(
                "{file} is not the description of the change set that it is named for"
            )));
        }
        self.change_set(&document, &format!("{address}."), depth + 1)
    }
}

fn text<'a>(json: &'a Json, name: &str) -> Option<&'a str> {
    json.get(name).and_then(Json::as_str)
}

/// Whether a change set can be read; `false` for one that changes nothing.
fn usable(document: &Json) -> Result<bool, ReadError> {
    let status = text(document, "Status").ok_or_else(|| broken("it names no Status"))?;
    let reason = text(document, "StatusReason").unwrap_or_default();
    match status {
        "CREATE_COMPLETE" => Ok(true),
        // AWS has no other word for it (https://repost.aws/knowledge-center/cloudformation-changeset-error).
        "FAILED" if reason.contains("didn't contain changes") || reason.contains("No updates are to be") => {
            Ok(false)
        }
        "FAILED" => {
            let why = "its Status is FAILED, see its StatusReason".to_owned();
            Err(ReadError::Errored { format: Format::CloudFormationChangeSet.title(), why })
        }
        status => Err(broken(format!("its Status is {status}, and only CREATE_COMPLETE tells all changes"))),
    }
}

/// What happens to a resource.
fn action(change: &Json) -> Result<(Change, Certainty), String> {
    let policy = text(change, "PolicyAction").unwrap_or_default();
    let exists = text(change, "PhysicalResourceId").is_some_and(|id| !id.is_empty());
    // What is replaced and retained stays beside the new one.
    let replace = if policy == "ReplaceAndRetain" {
        Change::Create
    } else {
        Change::Replace(ReplaceOrder::CreateFirst)
    };
    let possible = |why: &str| Certainty::Possible(why.to_owned());
    Ok(match text(change, "Action") {
        Some("Add") => (Change::Create, Certainty::Certain),
        Some("Remove") if policy == "Retain" => (Change::Keep, Certainty::Certain),
        Some("Remove") => (Change::Delete, Certainty::Certain),
        Some("Import" | "SyncWithActual") => (Change::Keep, Certainty::Certain),
        Some("Modify") => match text(change, "Replacement") {
            Some("True") => (replace, Certainty::Certain),
            Some("Conditional") => {
                (replace, possible("whether it is replaced is known only when the change set is carried out"))
            }
            Some("False") | None => (Change::Update, Certainty::Certain),
            Some(_) => return Err("has a Replacement that this program does not know".to_owned()),
        },
        Some("Dynamic") => {
            let action = if exists { replace } else { Change::Create };
            (action, possible("what happens to it is known only when the change set is carried out"))
        }
        Some(_) => return Err("has an Action that this program does not know".to_owned()),
        None => return Err("has no Action".to_owned()),
    })
}

/// The resources that cause a change, as far as CloudFormation names them: `Vpc`, `Vpc.VpcId`.
fn causes<'a>(change: &'a Json, itself: &'a str) -> impl Iterator<Item = &'a str> {
    let details = change.get("Details").and_then(Json::as_array);
    let named = details.into_iter().flatten().filter_map(|detail| {
        let source = text(detail, "ChangeSource")?;
        let cause = text(detail, "CausingEntity")?;
        matches!(source, "ResourceReference" | "ResourceAttribute")
            .then(|| cause.split_once('.').map_or(cause, |(name, _)| name))
    });
    let names: std::collections::BTreeSet<&str> = named.filter(|name| *name != itself).collect();
    names.into_iter()
}

/// The properties of one of the contexts of a change: as they will be, or were. A change set that was
/// described without `--include-property-values` has none.
fn context(change: &Json, name: &str, type_name: &str) -> Result<Option<Value>, ReadError> {
    let Some(context) = text(change, name) else { return Ok(None) };
    let context: Json = serde_json::from_str(context)
        .map_err(|_| broken(format!("the properties of a resource of type {type_name} are not JSON")))?;
    Ok(Some(canonical(type_name, context.get("Properties").map_or(Value::default(), value))))
}

/// What is to be said of a thing that is changed in place, by attributes of which some say how much it uses.
fn may_grow(change: &Json, address: &str, type_name: &str, sizes: &[&str]) -> Option<Uncounted> {
    let touches = match changed(change, type_name) {
        Some(names) => names.iter().any(|name| sizes.contains(&name.as_str())),
        None => true,
    };
    (touches && !sizes.is_empty()).then(|| Uncounted {
        what: address.to_owned(),
        why: "it is changed, and the change set does not tell whether it grows; describe it with \
              `--include-property-values`"
            .to_owned(),
        weight: Weight::Open,
    })
}

/// The attributes that change, by their first names; `None` where they are not told.
fn changed(change: &Json, type_name: &str) -> Option<Vec<String>> {
    let details = change.get("Details").and_then(Json::as_array)?.iter();
    let targets = details.filter_map(|detail| detail.get("Target"));
    let of_properties = targets.filter(|target| text(target, "Attribute") == Some("Properties"));
    let names: Option<Vec<&str>> = of_properties.map(|target| text(target, "Name")).collect();
    let entries = names?.into_iter().map(|name| (name.to_owned(), Value::Bool(true))).collect();
    Some(canonical(type_name, Value::Map(entries)).entries().map(|(name, _)| name.to_owned()).collect())
}

fn value(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(it) => Value::Bool(*it),
        Json::Number(number) => number.as_f64().map_or(Value::Null, Value::Number),
        Json::String(text) if text.contains(KNOWN_LATER) => Value::Unknown(Vec::new()),
        Json::String(text) if text == MASKED || text.contains("{{resolve:") => Value::Secret,
        Json::String(text) => Value::text(text.as_str()),
        Json::Array(list) => Value::List(list.iter().map(value).collect()),
        Json::Object(map) => Value::Map(map.iter().map(|(name, it)| (name.clone(), value(it))).collect()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;
    use crate::deployment::testing::Files;

    fn read_beside(document: &Json, folder: &Files) -> Result<Deployment, ReadError> {
        let parameters = BTreeMap::new();
        let text = document.to_string();
        read(&Input {
            source: "set.json",
            bytes: text.as_bytes(),
            beside: folder,
            region: None,
            parameters: &parameters,
        })
    }

    fn read_alone(document: &Json) -> Result<Deployment, ReadError> {
        read_beside(document, &Files::default())
    }

    fn set(changes: &Json) -> Json {
        json!({
            "ChangeSetName": "next", "StackName": "shop", "Status": "CREATE_COMPLETE", "ExecutionStatus": "AVAILABLE",
            "ChangeSetId": "arn:aws:cloudformation:eu-west-1:123456789012:changeSet/next/1",
            "StackId": "arn:aws:cloudformation:eu-west-1:123456789012:stack/shop/2", "Changes": changes,
        })
    }

    fn one(change: &Json) -> Json {
        let mut whole = json!({"LogicalResourceId": "Eip", "ResourceType": "AWS::EC2::EIP"});
        for (name, value) in change.as_object().into_iter().flatten() {
            whole[name] = value.clone();
        }
        set(&json!([{"Type": "Resource", "ResourceChange": whole}]))
    }

    fn open(deployment: &Deployment) -> usize {
        deployment.uncounted.iter().filter(|it| it.weight == Weight::Open).count()
    }

    #[test]
    fn what_may_grow_in_place_is_told_with_both_sides_or_leaves_the_counts_open() {
        let modified = |name: &str, type_name: &str| {
            let details = json!([
                {"Target": {"Attribute": "Properties", "Name": name}, "ChangeSource": "DirectModification"},
                {"Target": {"Attribute": "Tags"}, "ChangeSource": "DirectModification"},
            ]);
            json!({"Action": "Modify", "Replacement": "False", "ResourceType": type_name, "Details": details})
        };
        let group = "AWS::AutoScaling::AutoScalingGroup";
        assert_eq!(open(&read_alone(&one(&modified("DesiredCapacity", group))).unwrap()), 1);
        assert_eq!(open(&read_alone(&one(&modified("HealthCheckType", group))).unwrap()), 0);
        assert_eq!(open(&read_alone(&one(&modified("VolumeType", "AWS::EC2::Volume"))).unwrap()), 1);
        assert_eq!(open(&read_alone(&one(&modified("CidrBlock", "AWS::EC2::VPC"))).unwrap()), 0);
        let mut untold = modified("HealthCheckType", group);
        untold["Details"] = Json::Null;
        assert_eq!(open(&read_alone(&one(&untold)).unwrap()), 1, "what is not told may be that");
        let sized = |size: u64| json!(json!({"Properties": {"DesiredCapacity": size}}).to_string());
        let mut sided = modified("DesiredCapacity", group);
        (sided["BeforeContext"], sided["AfterContext"]) = (sized(3), sized(100));
        let deployment = read_alone(&one(&sided)).unwrap();
        assert_eq!(open(&deployment), 0);
        let item = &deployment.items[0];
        assert_eq!(item.before.at("desired_capacity").as_count(), Some(3));
        assert_eq!(item.properties.at("desired_capacity").as_count(), Some(100));
    }

    #[test]
    fn every_action_is_told_as_it_is() {
        let replace = Change::Replace(ReplaceOrder::CreateFirst);
        for (change, expected, certain) in [
            (json!({"Action": "Add"}), Change::Create, true),
            (json!({"Action": "Modify", "Replacement": "False"}), Change::Update, true),
            (json!({"Action": "Modify", "Replacement": "True"}), replace, true),
            (json!({"Action": "Modify", "Replacement": "Conditional"}), replace, false),
            (
                json!({"Action": "Modify", "Replacement": "True", "PolicyAction": "ReplaceAndRetain"}),
                Change::Create,
                true,
            ),
            (json!({"Action": "Remove", "PolicyAction": "Delete"}), Change::Delete, true),
            (json!({"Action": "Remove", "PolicyAction": "Retain"}), Change::Keep, true),
            (json!({"Action": "Import"}), Change::Keep, true),
            (json!({"Action": "SyncWithActual"}), Change::Keep, true),
            (json!({"Action": "Dynamic"}), Change::Create, false),
            (json!({"Action": "Dynamic", "PhysicalResourceId": "192.0.2.1"}), replace, false),
        ] {
            let deployment = read_alone(&one(&change)).unwrap();
            let item = &deployment.items[0];
            assert_eq!((item.change, item.certainty == Certainty::Certain), (expected, certain), "{change}");
            assert_eq!(item.region, Some(Region::new("eu-west-1")));
        }
        for unknown in
            [json!({"Action": "Vanish"}), json!({}), json!({"Action": "Modify", "Replacement": "Maybe"})]
        {
            assert!(matches!(read_alone(&one(&unknown)), Err(ReadError::Broken { .. })), "{unknown}");
        }
    }

    #[test]
    fn a_stack_tells_its_name_account_and_region() {
        let deployment = read_alone(&one(&json!({"Action": "Add"}))).unwrap();
        assert_eq!(deployment.stack.as_deref(), Some("shop"));
        assert_eq!(deployment.account, Some(AccountId::new("123456789012")));
        let role = json!({"Action": "Add", "ResourceType": "AWS::IAM::Role"});
        assert_eq!(read_alone(&one(&role)).unwrap().items[0].region, Some(Region::global()));
    }

    #[test]
    fn one_without_an_arn_is_for_the_region_that_its_things_name() {
        let mut it =
            one(&json!({"Action": "Add", "LogicalResourceId": "Net", "ResourceType": "AWS::EC2::Subnet",
            "AfterContext": json!({"Properties": {"AvailabilityZone": "eu-north-1b"}}).to_string()}));
        for name in ["StackId", "ChangeSetId"] {
            it.as_object_mut().unwrap().remove(name);
        }
        let deployment = read_alone(&it).unwrap();
        assert_eq!(deployment.items[0].region, Some(Region::new("eu-north-1")));
    }

    #[test]
    fn a_change_set_without_changes_changes_nothing_and_a_failed_one_is_an_error() {
        let mut document = set(&json!([]));
        document["Status"] = json!("FAILED");
        document["StatusReason"] =
            json!("The submitted information didn't contain changes. Submit different ...");
        assert_eq!(read_alone(&document).map(|it| it.items.len()), Ok(0));
        document["StatusReason"] = json!("Transform secret-thing failed");
        let error = read_alone(&document).unwrap_err();
        assert!(matches!(error, ReadError::Errored { .. }));
        assert!(!error.to_string().contains("secret-thing"));
        document["Status"] = json!("CREATE_IN_PROGRESS");
        assert!(read_alone(&document).is_err());
    }

    #[test]
    fn a_listing_that_goes_on_or_has_aged_counts_nothing_for_sure() {
        let mut document = one(&json!({"Action": "Add"}));
        assert_eq!(open(&read_alone(&document).unwrap()), 0);
        document["NextToken"] = json!("more");
        assert_eq!(open(&read_alone(&document).unwrap()), 1);
        let mut document = one(&json!({"Action": "Add"}));
        document["ExecutionStatus"] = json!("OBSOLETE");
        assert_eq!(open(&read_alone(&document).unwrap()), 1);
        let mut missing = set(&json!([]));
        missing.as_object_mut().unwrap().remove("Changes");
        assert!(read_alone(&missing).is_err());
    }

    #[test]
    fn properties_are_as_they_will_be() {
        let context = json!({"Properties": {
            "SubnetId": "{{changeSet:KNOWN_AFTER_APPLY}}", "ConnectivityType": "public", "AllocationId": "****",
            "Tags": [{"Key": "Name", "Value": "x-{{changeSet:KNOWN_AFTER_APPLY}}"}],
        }});
        let change = json!({
            "Action": "Add", "ResourceType": "AWS::EC2::NatGateway", "AfterContext": context.to_string(),
        });
        let deployment = read_alone(&one(&change)).unwrap();
        let properties = &deployment.items[0].properties;
        assert_eq!(properties.at("subnet_id"), &Value::Unknown(vec![]));
        assert_eq!(properties.at("connectivity_type").as_text(), Some("public"));
        assert_eq!(properties.at("allocation_id"), &Value::Secret);
        assert!(properties.at("tags").at("Name").is_open());
        let silent = read_alone(&one(&json!({"Action": "Add"}))).unwrap();
        assert!(silent.items[0].properties.at("anything").is_open(), "what is not told is not absent");
    }

    #[test]
    fn a_nested_stack_is_open_unless_its_own_change_set_lies_beside() {
        let id = "arn:aws:cloudformation:eu-west-1:123456789012:changeSet/next-Net-1A/3";
        let change = |id: Option<&str>| {
            let stack = json!({"Action": "Add", "LogicalResourceId": "Net",
                "ResourceType": "AWS::CloudFormation::Stack", "ChangeSetId": id});
            one(&stack)
        };
        assert_eq!(open(&read_alone(&change(None)).unwrap()), 1);
        assert_eq!(open(&read_alone(&change(Some(id))).unwrap()), 1);
        let mut nested = one(&json!({"Action": "Add"}));
        let beside = |nested: &Json| Files::of(&[("next-Net-1A.json", &nested.to_string())]);
        assert!(read_beside(&change(Some(id)), &beside(&nested)).is_err(), "it describes another");
        nested["ChangeSetId"] = json!(id);
        let deployment = read_beside(&change(Some(id)), &beside(&nested)).unwrap();
        let addresses: Vec<_> = deployment.items.iter().map(|item| item.address.as_str()).collect();
        assert_eq!((addresses, open(&deployment)), (vec!["Net", "Net.Eip"], 0));
        let removed = json!({"Action": "Remove", "ResourceType": "AWS::CloudFormation::Stack"});
        assert_eq!(open(&read_alone(&one(&removed)).unwrap()), 0, "what goes makes nothing");
    }

    #[test]
    fn what_causes_a_change_comes_before_it() {
        let change = json!({"Action": "Modify", "Replacement": "True", "Details": [
            {"ChangeSource": "ResourceAttribute", "CausingEntity": "Net.VpcId"},
            {"ChangeSource": "ParameterReference", "CausingEntity": "Size"},
            {"ChangeSource": "DirectModification"},
        ]});
        assert_eq!(read_alone(&one(&change)).unwrap().items[0].after, ["Net"]);
    }
}
