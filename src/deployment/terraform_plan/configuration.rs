//! The configuration of a plan as it stands in its JSON: `references` asks it which expression makes an
//! attribute.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::Deserializer;

use crate::deployment::Value;
use crate::deployment::json::Json;
use crate::deployment::places::{account_named, account_of_arn};
use crate::model::AccountId;

/// The whole configuration.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Configuration {
    pub provider_config: BTreeMap<String, Provider>,
    pub root_module: Module,
}

/// A provider's block, or the mere mention of one.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Provider {
    pub name: String,
    /// The path of the module it stands in, without indices.
    pub module_address: String,
    pub expressions: ProviderExpressions,
}

/// A provider's settings: the region, the account, and to what all of them refer. The rest holds
/// credentials.
#[derive(Debug, Default)]
pub struct ProviderExpressions {
    pub region: Option<Leaf>,
    /// The account of the role it takes on, else the only one it is allowed to work in.
    pub account: Option<AccountId>,
    pub all: Option<Expression>,
}

/// One module.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Module {
    pub outputs: BTreeMap<String, Output>,
    pub resources: Vec<ConfiguredResource>,
    pub module_calls: BTreeMap<String, Call>,
    pub variables: BTreeMap<String, VariableBlock>,
}

/// What a variable is if nobody says.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct VariableBlock {
    pub default: Json,
}

/// An output of a module.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Output {
    pub expression: Option<Expression>,
    pub depends_on: Vec<String>,
}

/// The call of a module.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Call {
    pub expressions: BTreeMap<String, Expression>,
    pub count_expression: Option<Expression>,
    pub for_each_expression: Option<Expression>,
    pub module: Module,
    pub depends_on: Vec<String>,
}

/// A resource's block.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ConfiguredResource {
    pub mode: String,
    #[serde(rename = "type")]
    pub type_name: String,
    pub name: String,
    pub provider_config_key: String,
    #[serde(deserialize_with = "references_alone")]
    pub expressions: BTreeMap<String, Expression>,
    pub count_expression: Option<Expression>,
    pub for_each_expression: Option<Expression>,
    pub depends_on: Vec<String>,
}

/// An expression, or a block of them.
#[derive(Debug, Clone, PartialEq)]
pub enum Expression {
    /// One expression.
    Leaf(Leaf),
    /// A block: by name.
    Block(BTreeMap<String, Expression>),
    /// Several blocks.
    Blocks(Vec<Expression>),
}

/// One expression.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Leaf {
    /// To what it refers, as Terraform lists it: each reference is followed by its own beginnings.
    pub references: Vec<String>,
    /// What it is, if it is constant.
    pub constant: Value,
}

impl<'de> Deserialize<'de> for Expression {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Json::deserialize(deserializer).map(|Json(value)| Self::of(value))
    }
}

impl<'de> Deserialize<'de> for ProviderExpressions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut all = Expression::deserialize(deserializer)?;
        let region = all.member("region").and_then(Expression::as_leaf).cloned();
        let account = all.account();
        all.forget_constants();
        Ok(Self { region, account, all: Some(all) })
    }
}

fn references_alone<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<String, Expression>, D::Error> {
    let mut expressions = BTreeMap::<String, Expression>::deserialize(from)?;
    expressions.values_mut().for_each(Expression::forget_constants);
    Ok(expressions)
}

impl Expression {
    fn of(value: Value) -> Self {
        match value {
            Value::List(list) => Self::Blocks(list.into_iter().map(Self::of).collect()),
            Value::Map(mut map) => {
                let is_leaf = map.names().all(|name| name == "references" || name == "constant_value")
                    && !map.is_empty();
                if !is_leaf {
                    return Self::Block(
                        map.into_iter().map(|(name, it)| (name.as_str().to_owned(), Self::of(it))).collect(),
                    );
                }
                let texts = map.take("references").unwrap_or(Value::Null);
                let references = texts.members().iter().filter_map(|it| Some(it.as_text()?.to_owned()));
                let constant = map.take("constant_value").unwrap_or(Value::Null);
                Self::Leaf(Leaf { references: references.collect(), constant })
            }
            _ => Self::Leaf(Leaf::default()),
        }
    }

    /// It, if it is one expression.
    pub fn as_leaf(&self) -> Option<&Leaf> {
        match self {
            Self::Leaf(leaf) => Some(leaf),
            _ => None,
        }
    }

    /// The expression of this name in it, if it is one block.
    fn member(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Block(block) => block.get(name),
            Self::Blocks(blocks) => match blocks.as_slice() {
                [only] => only.member(name),
                _ => None,
            },
            Self::Leaf(_) => None,
        }
    }

    /// The account that a provider of these settings works in.
    fn account(&self) -> Option<AccountId> {
        let constant = |it: &Self| it.as_leaf().map(|leaf| leaf.constant.clone());
        let role = self.member("assume_role").and_then(|role| role.member("role_arn")).and_then(constant);
        let allowed = self.member("allowed_account_ids").and_then(constant);
        let only = allowed.filter(|allowed| allowed.members().len() == 1);
        let named = only.and_then(|only| account_named(only.members().first()?.as_text()?));
        role.and_then(|role| account_of_arn(role.as_text()?)).or(named)
    }

    /// The expressions in it.
    pub fn leaves(&self) -> Vec<&Leaf> {
        match self {
            Self::Leaf(leaf) => vec![leaf],
            Self::Block(block) => block.values().flat_map(Self::leaves).collect(),
            Self::Blocks(blocks) => blocks.iter().flat_map(Self::leaves).collect(),
        }
    }

    fn forget_constants(&mut self) {
        match self {
            Self::Leaf(leaf) => leaf.constant = Value::Null,
            Self::Block(block) => block.values_mut().for_each(Self::forget_constants),
            Self::Blocks(blocks) => blocks.iter_mut().for_each(Self::forget_constants),
        }
    }
}

impl Leaf {
    /// Its references without those that are only the beginning of the one before.
    pub fn heads(&self) -> Vec<&str> {
        let mut heads: Vec<&str> = Vec::new();
        for reference in &self.references {
            let begins = |head: &&str| {
                let rest = head.strip_prefix(reference.as_str());
                rest.is_some_and(|rest| rest.starts_with('.') || rest.starts_with('['))
            };
            if !heads.last().is_some_and(begins) {
                heads.push(reference);
            }
        }
        heads
    }
}

impl Module {
    /// The module at a path of names below this one.
    pub fn below<'a>(&self, path: impl IntoIterator<Item = &'a str>) -> Option<&Self> {
        path.into_iter().try_fold(self, |module, name| module.module_calls.get(name).map(|call| &call.module))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginnings_of_a_reference_are_not_references_of_their_own() {
        let leaf = |references: &[&str]| Leaf {
            references: references.iter().map(|it| (*it).to_owned()).collect(),
            constant: Value::Null,
        };
        let heads = |references: &[&str]| leaf(references).heads().join(" ");
        assert_eq!(heads(&["aws_vpc.a[0].id", "aws_vpc.a[0]", "aws_vpc.a"]), "aws_vpc.a[0].id");
        assert_eq!(heads(&["aws_vpc.ab", "aws_vpc.a"]), "aws_vpc.ab aws_vpc.a");
        assert_eq!(heads(&["aws_vpc.a", "aws_vpc.a"]), "aws_vpc.a aws_vpc.a");
    }
}
