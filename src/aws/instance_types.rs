//! How large instance types are: asked by `quota` and `preflight` for the types that a deployment names,
//! since quotas count virtual processors.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ec2::types::InstanceType;

use super::clients::Aws;
use super::error::names_no_instance_type;
use crate::model::CloudError;

/// DescribeInstanceTypes takes no more names in one call.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceTypes.html>
const AT_ONCE: usize = 100;

/// How many virtual processors these types have by default. One that is not known in the region is left out.
pub(super) async fn vcpus(aws: &Aws, types: &BTreeSet<String>) -> Result<BTreeMap<String, u64>, CloudError> {
    let names: Vec<String> = types.iter().filter(|name| !name.is_empty()).cloned().collect();
    let mut found = BTreeMap::new();
    for chunk in names.chunks(AT_ONCE) {
        let mut left = chunk.to_vec();
        while !left.is_empty() {
            match described(aws, &left).await {
                Ok(some) => {
                    found.extend(some);
                    break;
                }
                // One that is not known fails the call for all of them; the message names it.
                Err(error) if names_no_instance_type(&error) => {
                    let before = left.len();
                    left.retain(|name| !mentions(&error.message, name));
                    if left.len() == before {
                        found.extend(one_by_one(aws, &left).await?);
                        break;
                    }
                }
                Err(error) => return Err(error),
            }
        }
    }
    Ok(found)
}

/// Each by itself, where the message does not tell which of them is not known.
async fn one_by_one(aws: &Aws, names: &[String]) -> Result<BTreeMap<String, u64>, CloudError> {
    let mut found = BTreeMap::new();
    for name in names {
        match described(aws, std::slice::from_ref(name)).await {
            Ok(some) => found.extend(some),
            Err(error) if names_no_instance_type(&error) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

async fn described(aws: &Aws, names: &[String]) -> Result<BTreeMap<String, u64>, CloudError> {
    let types: Vec<InstanceType> = names.iter().map(|name| InstanceType::from(name.as_str())).collect();
    let call = aws.ec2.describe_instance_types().set_instance_types(Some(types));
    let pages = aws
        .pages(
            "ec2:DescribeInstanceTypes",
            |token| call.clone().set_next_token(token).send(),
            |page| page.next_token(),
        )
        .await?;
    let rows = pages.iter().flat_map(|page| page.instance_types());
    let size = |row: &aws_sdk_ec2::types::InstanceTypeInfo| {
        let vcpus = u64::try_from(row.v_cpu_info()?.default_v_cpus()?).ok()?;
        Some((row.instance_type()?.as_str().to_owned(), vcpus))
    };
    Ok(rows.filter_map(size).collect())
}

/// Whether a message names this type, as a whole word: `[m5.larg, m5.huge]` does not name `m5.large`.
fn mentions(message: &str, name: &str) -> bool {
    let of_name = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '-';
    message.split(|c: char| !of_name(c)).any(|word| word.trim_end_matches('.') == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::scripted::Script;
    use crate::session::CallMode;

    fn types(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn answer(rows: &[(&str, u32)]) -> String {
        let row = |(name, vcpus): &(&str, u32)| {
            format!(
                "<item><instanceType>{name}</instanceType><vCpuInfo><defaultVCpus>{vcpus}</defaultVCpus></vCpuInfo></item>"
            )
        };
        let rows: String = rows.iter().map(row).collect();
        format!(
            r#"<DescribeInstanceTypesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
            <instanceTypeSet>{rows}</instanceTypeSet></DescribeInstanceTypesResponse>"#
        )
    }

    fn unknown(message: &str) -> String {
        format!(
            "<Response><Errors><Error><Code>InvalidInstanceType</Code><Message>{message}</Message></Error></Errors>\
             <RequestID>r</RequestID></Response>"
        )
    }

    #[tokio::test]
    async fn a_type_that_is_not_known_is_left_out_and_the_others_are_asked_for_again() {
        let script = Script::new([
            (400, unknown("The following supplied instance types do not exist: [m5.larg, z9.big]").as_str()),
            (200, answer(&[("m5.large", 2), ("t3.xlarge", 4)]).as_str()),
        ]);
        let wanted = types(&["m5.large", "m5.larg", "t3.xlarge", "z9.big"]);
        let found = vcpus(&script.aws(CallMode::Real), &wanted).await.unwrap();
        assert_eq!(found, BTreeMap::from([("m5.large".to_owned(), 2), ("t3.xlarge".to_owned(), 4)]));
        let second = &script.requests()[1];
        assert!(second.contains("m5.large") && !second.contains("m5.larg&") && !second.contains("z9.big"));
    }

    #[tokio::test]
    async fn where_the_message_names_none_each_is_asked_for_by_itself() {
        let script = Script::new([
            (400, unknown("no such type").as_str()),
            (400, unknown("no such type").as_str()),
            (200, answer(&[("t3.large", 2)]).as_str()),
        ]);
        let found = vcpus(&script.aws(CallMode::Real), &types(&["q1.large", "t3.large"])).await.unwrap();
        assert_eq!(found, BTreeMap::from([("t3.large".to_owned(), 2)]));
    }

    #[tokio::test]
    async fn a_hundred_types_are_asked_for_in_one_call_and_none_in_no_call() {
        let names: BTreeSet<String> = (0..150).map(|n| format!("m{n}.large")).collect();
        let script = Script::always(200, &answer(&[]));
        assert!(vcpus(&script.aws(CallMode::Real), &names).await.unwrap().is_empty());
        let asked = script.requests();
        assert_eq!(asked.len(), 2);
        assert!(asked[0].contains("InstanceType.100=") && !asked[0].contains("InstanceType.101="));
        assert!(asked[1].contains("InstanceType.50=") && !asked[1].contains("InstanceType.51="));
        let silent = Script::new([]);
        assert!(vcpus(&silent.aws(CallMode::Real), &types(&[""])).await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn any_other_refusal_is_an_error() {
        let denied = "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>no</Message></Error></Errors></Response>";
        let script = Script::new([(403, denied)]);
        assert!(vcpus(&script.aws(CallMode::Real), &types(&["t3.large"])).await.is_err());
    }
}
