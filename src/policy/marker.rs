//! The consent marker: what an account must bear before an unattended run may delete anything in it. The policy file
//! names it; the edge reads it in the account; whether it is consent, is decided here, from what was read.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What stands in the account and says that it may be cleaned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "Written", into = "Written")]
#[schemars(with = "Written")]
pub enum ConsentMarker {
    /// An SSM parameter with this value.
    Parameter {
        /// Its name: `/aws-janitor/consent`.
        name: String,
        /// The value that it must have.
        value: String,
    },
    /// A tag of an IAM role with this value.
    RoleTag {
        /// The role's name.
        role: String,
        /// The tag's key.
        tag: String,
        /// The value that it must have.
        value: String,
    },
}

/// What was read where the marker is to stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MarkerSeen {
    /// This value.
    Value(String),
    /// Nothing: the parameter, the role or its tag does not exist.
    Nothing,
    /// It could not be read, for this reason.
    Unread(String),
}

/// Whether an account consents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Consent {
    /// It does.
    Given,
    /// It does not, or nobody knows: why, in a sentence.
    Withheld(String),
}

/// A marker as it stands in a file: `{ parameter = …, value = … }` or `{ role = …, tag = …, value = … }`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Written {
    /// The name of an SSM parameter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    parameter: Option<String>,
    /// The name of an IAM role, with `tag`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    role: Option<String>,
    /// The key of the tag of that role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tag: Option<String>,
    /// The value that the parameter or the tag must have, letter by letter.
    value: String,
}

impl TryFrom<Written> for ConsentMarker {
    type Error = String;

    fn try_from(it: Written) -> Result<Self, String> {
        let all = [Some(&it.value), it.parameter.as_ref(), it.role.as_ref(), it.tag.as_ref()];
        if all.into_iter().flatten().any(|text| text.trim().is_empty()) {
            return Err("nothing in a consent marker may be empty".to_owned());
        }
        match (it.parameter, it.role, it.tag) {
            (Some(name), None, None) => Ok(Self::Parameter { name, value: it.value }),
            (None, Some(role), Some(tag)) => Ok(Self::RoleTag { role, tag, value: it.value }),
            (_, _, _) => Err(
                "a consent marker is { parameter = NAME, value = TEXT } or { role = NAME, tag = KEY, value = TEXT }"
                    .to_owned(),
            ),
        }
    }
}

impl From<ConsentMarker> for Written {
    fn from(marker: ConsentMarker) -> Self {
        match marker {
            ConsentMarker::Parameter { name, value } => {
                Self { parameter: Some(name), role: None, tag: None, value }
            }
            ConsentMarker::RoleTag { role, tag, value } => {
                Self { parameter: None, role: Some(role), tag: Some(tag), value }
            }
        }
    }
}

impl ConsentMarker {
    /// Whether what was read is consent: the very value, and nothing that is like it.
    pub fn consent(&self, seen: &MarkerSeen) -> Consent {
        let (place, wanted) = self.place();
        match seen {
            MarkerSeen::Value(value) if value == wanted => Consent::Given,
            MarkerSeen::Value(_) => Consent::Withheld(format!(
                "{place} has another value than {wanted}, which the policy asks for"
            )),
            MarkerSeen::Nothing => Consent::Withheld(format!(
                "there is no {place} in this account, and the policy asks for one with the value {wanted}"
            )),
            MarkerSeen::Unread(why) => Consent::Withheld(format!("{place} could not be read: {why}")),
        }
    }

    /// Where it stands, for people, and the value that is asked for.
    pub fn place(&self) -> (String, &str) {
        match self {
            Self::Parameter { name, value } => (format!("SSM parameter {name}"), value),
            Self::RoleTag { role, tag, value } => (format!("tag {tag} of role {role}"), value),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Policy;
    use super::*;

    fn read(toml: &str) -> Result<Option<ConsentMarker>, String> {
        let policy = Policy::from_toml(&format!("consent-marker = {toml}"));
        policy.map(|policy| policy.consent_marker).map_err(|error| error.to_string())
    }

    #[test]
    fn a_marker_is_a_parameter_or_the_tag_of_a_role_and_nothing_between() {
        let parameter = read("{ parameter = '/aws-janitor/consent', value = 'yes' }").expect("a marker");
        let value = "yes".to_owned();
        let name = "/aws-janitor/consent".to_owned();
        assert_eq!(parameter, Some(ConsentMarker::Parameter { name, value: value.clone() }));
        let role = read("{ role = 'ci', tag = 'clean', value = 'yes' }").expect("a marker");
        assert_eq!(role, Some(ConsentMarker::RoleTag { role: "ci".into(), tag: "clean".into(), value }));
        for wrong in [
            "{ value = 'yes' }",
            "{ parameter = '/x' }",
            "{ parameter = '/x', value = '' }",
            "{ parameter = ' ', value = 'yes' }",
            "{ role = 'ci', value = 'yes' }",
            "{ tag = 'clean', value = 'yes' }",
            "{ parameter = '/x', role = 'ci', tag = 'clean', value = 'yes' }",
            "{ parameter = '/x', tag = 'clean', value = 'yes' }",
            "'yes'",
            "true",
        ] {
            assert!(read(wrong).expect_err(wrong).contains("in consent-marker"), "{wrong}");
        }
        let near = read("{ paramter = '/x', value = 'yes' }").expect_err("refused");
        assert!(near.contains("did you mean `parameter`?"), "{near}");
    }

    #[test]
    fn only_the_very_value_is_consent_and_what_was_not_read_is_none() {
        let marker = ConsentMarker::Parameter { name: "/c".into(), value: "yes".into() };
        assert_eq!(marker.consent(&MarkerSeen::Value("yes".into())), Consent::Given);
        for (seen, why) in [
            (MarkerSeen::Value("Yes".into()), "has another value"),
            (MarkerSeen::Value("yes\n".into()), "has another value"),
            (MarkerSeen::Value(String::new()), "has another value"),
            (MarkerSeen::Nothing, "there is no SSM parameter /c in this account"),
            (MarkerSeen::Unread("AccessDenied".into()), "could not be read: AccessDenied"),
        ] {
            let Consent::Withheld(told) = marker.consent(&seen) else { panic!("{seen:?} is consent") };
            assert!(told.contains(why), "{told}");
        }
    }

    proptest! {
        #[test]
        fn no_other_text_is_consent(value in "[ -~]{1,12}", other in "[ -~]{0,12}") {
            let marker = ConsentMarker::RoleTag { role: "r".into(), tag: "t".into(), value: value.clone() };
            let given = marker.consent(&MarkerSeen::Value(other.clone())) == Consent::Given;
            prop_assert_eq!(given, value == other);
        }
    }
}
