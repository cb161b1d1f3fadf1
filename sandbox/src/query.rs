//! The form body of AWS's query protocols, taken apart.
//!
//! EC2 numbers list items directly (`SubnetId.1`); IAM, STS and load balancing
//! put `member` between (`Subnets.member.1`). Both are read the same way here:
//! <https://smithy.io/2.0/aws/protocols/aws-query-protocol.html>,
//! <https://smithy.io/2.0/aws/protocols/aws-ec2-query-protocol.html>.

use std::collections::BTreeMap;

use crate::error::{AwsError, AwsResult};
use crate::tags::Tags;

/// The parameters of one call, by their full dotted names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Params {
    values: BTreeMap<String, String>,
}

/// One filter of a describe call: its name and the values of which one has to match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// `vpc-id`, `tag:Name`, …
    pub name: String,
    /// The wanted values, which may hold `*` and `?`.
    pub values: Vec<String>,
}

impl Params {
    /// Takes a form body or a query string apart.
    pub fn parse(form: &[u8]) -> Self {
        Self { values: form_urlencoded::parse(form).into_owned().collect() }
    }

    /// Parameters from names and values.
    pub fn from_pairs(pairs: &[(&str, &str)]) -> Self {
        Self { values: pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect() }
    }

    /// The value of a parameter, if it was sent and is not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The value of a parameter that must be there (EC2's `MissingParameter` if it is not).
    pub fn required(&self, name: &str) -> AwsResult<&str> {
        // https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html#CommonErrors
        let missing =
            || AwsError::new("MissingParameter", format!("The request must contain the parameter {name}"));
        self.get(name).ok_or_else(missing)
    }

    /// A whole number, if it was sent.
    pub fn int(&self, name: &str) -> AwsResult<Option<i64>> {
        let Some(text) = self.get(name) else { return Ok(None) };
        let malformed = |_| {
            AwsError::new("InvalidParameterValue", format!("Value ({text}) for parameter {name} is invalid."))
        };
        text.parse().map(Some).map_err(malformed)
    }

    /// Whether a parameter was sent as `true`.
    pub fn bool(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// A list of plain values, in the order of its numbers: `Name.1`, or `Name.member.1`.
    pub fn list(&self, name: &str) -> Vec<String> {
        let own = self.nested(name);
        let own =
            if own.values.keys().any(|key| key.starts_with("member.")) { own.nested("member") } else { own };
        let mut numbered: Vec<(u32, String)> =
            own.values.into_iter().filter_map(|(key, value)| Some((key.parse().ok()?, value))).collect();
        numbered.sort_unstable();
        numbered.into_iter().map(|(_, value)| value).collect()
    }

    /// A list of structures: the parameters below `Name.1.`, `Name.2.`, … (or `Name.member.1.`).
    pub fn items(&self, name: &str) -> Vec<Params> {
        let own = self.nested(name);
        let own =
            if own.values.keys().any(|key| key.starts_with("member.")) { own.nested("member") } else { own };
        let mut by_number: BTreeMap<u32, Params> = BTreeMap::new();
        for (key, value) in own.values {
            let Some((number, rest)) = key.split_once('.') else { continue };
            let Ok(number) = number.parse() else { continue };
            by_number.entry(number).or_default().values.insert(rest.to_owned(), value);
        }
        by_number.into_values().collect()
    }

    /// The parameters below `prefix.`, without it.
    pub fn nested(&self, prefix: &str) -> Params {
        let below = |(key, value): (&String, &String)| {
            let rest = key.strip_prefix(prefix)?.strip_prefix('.')?;
            Some((rest.to_owned(), value.clone()))
        };
        Self { values: self.values.iter().filter_map(below).collect() }
    }

    /// The filters of a describe call: `Filter.N.Name` with `Filter.N.Value.M`.
    pub fn filters(&self) -> Vec<Filter> {
        let one = |item: Params| Filter {
            name: item.get("Name").unwrap_or_default().to_owned(),
            values: item.list("Value"),
        };
        self.items("Filter").into_iter().map(one).collect()
    }

    /// The tags that `TagSpecification.N` gives to things of this type.
    pub fn tag_specifications(&self, resource_type: &str) -> Tags {
        self.items("TagSpecification")
            .into_iter()
            .filter(|item| item.get("ResourceType") == Some(resource_type))
            .flat_map(|item| item.tags("Tag"))
            .collect()
    }

    /// A list of tags: `Name.N.Key` with `Name.N.Value` (or `Name.member.N.…`).
    pub fn tags(&self, name: &str) -> Tags {
        let pair = |item: Params| {
            Some((item.get("Key")?.to_owned(), item.get("Value").unwrap_or_default().to_owned()))
        };
        self.items(name).into_iter().filter_map(pair).collect()
    }

    /// Sets a parameter, by its full name.
    pub fn set(&mut self, name: &str, value: &str) {
        self.values.insert(name.to_owned(), value.to_owned());
    }

    /// Takes a parameter out.
    pub fn remove(&mut self, name: &str) {
        self.values.remove(name);
    }

    /// Every parameter with its full name, in the order of names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_come_in_the_order_of_their_numbers_in_both_styles() {
        let params =
            Params::parse(b"SubnetId.10=c&SubnetId.2=b&SubnetId.1=a&Keys.member.1=x&Keys.member.2=y");
        assert_eq!(params.list("SubnetId"), ["a", "b", "c"]);
        assert_eq!(params.list("Keys"), ["x", "y"]);
    }

    #[test]
    fn filters_and_tags_are_read_from_their_nested_names() {
        let params = Params::parse(
            b"Filter.1.Name=tag%3AName&Filter.1.Value.1=a+b&Filter.1.Value.2=c\
              &TagSpecification.1.ResourceType=vpc&TagSpecification.1.Tag.1.Key=k&TagSpecification.1.Tag.1.Value=v",
        );
        let want = Filter { name: "tag:Name".into(), values: vec!["a b".into(), "c".into()] };
        assert_eq!(params.filters(), [want]);
        assert_eq!(params.tag_specifications("vpc").get("k").map(String::as_str), Some("v"));
        assert!(params.tag_specifications("subnet").is_empty());
    }

    #[test]
    fn a_missing_parameter_is_refused_by_name() {
        let refusal = Params::default().required("VpcId").unwrap_err();
        assert_eq!(refusal.code, "MissingParameter");
        assert!(refusal.message.contains("VpcId"));
    }
}
