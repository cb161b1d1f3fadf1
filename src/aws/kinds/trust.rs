//! Whom a role's trust policy lets assume it: takes the document as IAM tells it, gives the roles and OIDC providers
//! of the own account that it names, the services, and the other accounts. Pure.
//!
//! Who is let in is all that is asked: a condition lets nobody in, but one upon `aws:PrincipalArn` names who of an
//! account is meant, and a denial lets nobody in. What cannot be read stands as `*`, for anybody.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>

use std::collections::BTreeSet;

use serde_json::Value;

use crate::aws::shapes::name_in_arn;
use crate::model::AccountId;

/// Anybody.
const ANY: &str = "*";

/// How IAM begins the ids that stand for a principal which is gone; while it is there, its ARN stands.
const UNIQUE_IDS: [&str; 4] = ["AROA", "AIDA", "AGPA", "ASIA"];

/// Who may assume a role.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Trust {
    /// Roles of the own account, by name.
    pub roles: BTreeSet<String>,
    /// OIDC providers of the own account, by ARN.
    pub providers: BTreeSet<String>,
    /// Services, and [`ANY`] for whoever cannot be told.
    pub services: BTreeSet<String>,
    /// Other accounts, and [`ANY`] for any.
    pub accounts: BTreeSet<String>,
}

impl Trust {
    /// Reads a document, which IAM tells with its URL's escapes.
    pub(super) fn read(document: Option<&str>, own: &AccountId) -> Self {
        let mut trust = Self::default();
        let read = document.and_then(unescaped).and_then(|text| serde_json::from_str::<Value>(&text).ok());
        match read.as_ref().and_then(|it| it.get("Statement")) {
            Some(Value::Array(statements)) => statements.iter().for_each(|it| trust.statement(it, own)),
            Some(statement) => trust.statement(statement, own),
            None => trust.anybody(),
        }
        trust
    }

    fn anybody(&mut self) {
        self.services.insert(ANY.to_owned());
        self.accounts.insert(ANY.to_owned());
    }

    fn statement(&mut self, statement: &Value, own: &AccountId) {
        if statement.get("Effect").and_then(Value::as_str) == Some("Deny") {
            return;
        }
        // Without it, or with all but some let in by `NotPrincipal`, it is anybody.
        let Some(Value::Object(principals)) = statement.get("Principal") else { return self.anybody() };
        for role in named_in_conditions(statement) {
            self.principal(role, own);
        }
        for (sort, who) in principals {
            let Some(who) = texts(who) else { return self.anybody() };
            for who in who {
                match sort.as_str() {
                    "AWS" => self.principal(who, own),
                    "Service" => {
                        self.services.insert(who.to_owned());
                    }
                    "Federated" => self.federated(who, own),
                    _ => self.anybody(),
                }
            }
        }
    }

    /// An account, a role, a user or a session.
    fn principal(&mut self, who: &str, own: &AccountId) {
        if UNIQUE_IDS.iter().any(|start| who.starts_with(start)) {
            return;
        }
        let parts: Vec<&str> = who.splitn(6, ':').collect();
        let (account, what) = match parts.as_slice() {
            [account] if is_account(account) => (*account, "root"),
            ["arn", _, "iam" | "sts", _, account, what] if is_account(account) => (*account, *what),
            _ => return self.anybody(),
        };
        if account != own.as_str() {
            self.accounts.insert(account.to_owned());
        } else if what.starts_with("role/") {
            self.roles.extend(name_in_arn(what).map(str::to_owned));
        } else if let Some(session) = what.strip_prefix("assumed-role/") {
            self.roles.extend(session.split('/').next().map(str::to_owned));
        }
    }

    /// Who was vouched for elsewhere: by an OIDC provider of the account, or by anybody else.
    fn federated(&mut self, who: &str, own: &AccountId) {
        let ours = who.split(':').nth(4) == Some(own.as_str());
        if ours && who.contains(":oidc-provider/") {
            self.providers.insert(who.to_owned());
        } else {
            self.anybody();
        }
    }
}

/// The ARNs of roles that the conditions of a statement compare the caller with. Patterns name nobody: a role that is
/// made anew matches them as the old one did, while IAM binds a name in a principal to the role that bore it then.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalarn>
fn named_in_conditions(statement: &Value) -> Vec<&str> {
    let operators = statement.get("Condition").and_then(Value::as_object).into_iter().flatten();
    let keys = operators.filter_map(|(_, keys)| keys.as_object()).flatten();
    let callers = keys.filter(|(key, _)| key.eq_ignore_ascii_case("aws:PrincipalArn"));
    let named = callers.filter_map(|(_, value)| texts(value)).flatten();
    named.filter(|arn| arn.contains(":role/") && !arn.contains(['*', '?'])).collect()
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// One text or a list of them.
fn texts(value: &Value) -> Option<Vec<&str>> {
    match value {
        Value::String(one) => Some(vec![one]),
        Value::Array(several) => several.iter().map(Value::as_str).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => None,
    }
}

/// A text without its URL's escapes (RFC 3986); `None` if they are none.
fn unescaped(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let pair = [rest.next()?, rest.next()?];
            let pair =
                std::str::from_utf8(&pair).ok().filter(|it| it.bytes().all(|b| b.is_ascii_hexdigit()))?;
            bytes.push(u8::from_str_radix(pair, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(document: &str) -> Trust {
        Trust::read(Some(document), &AccountId::new("111122223333"))
    }

    /// The trust of one statement with this principal.
    fn of(principal: &str) -> Trust {
        read(&format!(r#"{{"Statement": [{{"Effect": "Allow", "Principal": {principal}}}]}}"#))
    }

    fn set(all: &[&str]) -> BTreeSet<String> {
        all.iter().map(|it| (*it).to_owned()).collect()
    }

    fn anybody() -> Trust {
        Trust { services: set(&["*"]), accounts: set(&["*"]), ..Trust::default() }
    }

    #[test]
    fn a_document_is_read_through_its_escapes() {
        let escaped = "%7B%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Principal%22%3A%7B%22Service%22\
                       %3A%22eks.amazonaws.com%22%7D%2C%22Action%22%3A%22sts%3AAssumeRole%22%7D%5D%7D";
        assert_eq!(read(escaped), Trust { services: set(&["eks.amazonaws.com"]), ..Trust::default() });
    }

    #[test]
    fn roles_of_the_account_are_named_and_others_are_an_account() {
        for (who, roles) in [
            ("arn:aws:iam::111122223333:role/team/deployer", &["deployer"][..]),
            ("arn:aws:sts::111122223333:assumed-role/deployer/session", &["deployer"]),
            ("arn:aws-cn:iam::111122223333:role/deployer", &["deployer"]),
            ("arn:aws:iam::111122223333:root", &[]),
            ("111122223333", &[]),
            ("arn:aws:iam::111122223333:user/alice", &[]),
            ("AROAEXAMPLE", &[]),
        ] {
            let trust = of(&format!(r#"{{"AWS": ["{who}"]}}"#));
            assert_eq!(trust, Trust { roles: set(roles), ..Trust::default() }, "{who}");
        }
        for who in
            ["arn:aws:iam::444455556666:role/deployer", "arn:aws:iam::444455556666:root", "444455556666"]
        {
            let trust = of(&format!(r#"{{"AWS": "{who}"}}"#));
            assert_eq!(trust, Trust { accounts: set(&["444455556666"]), ..Trust::default() }, "{who}");
        }
    }

    #[test]
    fn a_condition_upon_the_caller_names_the_role_that_is_meant() {
        let role = "arn:aws:iam::111122223333:role/team/deployer";
        for (operator, named, roles) in [
            ("ArnEquals", format!(r#""{role}""#), &["deployer"][..]),
            (
                "StringLike",
                format!(r#"["{role}", "arn:aws:iam::111122223333:role/ci"]"#),
                &["ci", "deployer"],
            ),
            ("ArnLike", r#""arn:aws:iam::111122223333:role/ci*""#.to_owned(), &[]),
        ] {
            let root = r#""Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}"#;
            let condition = format!(r#""Condition": {{"{operator}": {{"aws:principalarn": {named}}}}}"#);
            let trust = read(&format!(r#"{{"Statement": {{{root}, {condition}}}}}"#));
            assert_eq!(trust, Trust { roles: set(roles), ..Trust::default() }, "{operator}");
        }
    }

    #[test]
    fn an_oidc_provider_of_the_account_is_named_and_any_other_voucher_is_anybody() {
        let ours = "arn:aws:iam::111122223333:oidc-provider/oidc.eks.us-east-1.amazonaws.com/id/A";
        let trust = of(&format!(r#"{{"Federated": "{ours}"}}"#));
        assert_eq!(trust, Trust { providers: set(&[ours]), ..Trust::default() });
        for who in [
            "arn:aws:iam::111122223333:saml-provider/okta",
            "arn:aws:iam::444455556666:oidc-provider/elsewhere",
            "cognito-identity.amazonaws.com",
        ] {
            assert_eq!(of(&format!(r#"{{"Federated": "{who}"}}"#)), anybody(), "{who}");
        }
    }

    #[test]
    fn a_denial_lets_nobody_in_and_a_condition_is_no_denial() {
        let denial = r#"{"Statement": [{"Effect": "Deny", "Principal": "*"},
            {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"},
             "Condition": {"StringEquals": {"aws:SourceAccount": "444455556666"}}}]}"#;
        assert_eq!(read(denial), Trust { services: set(&["ec2.amazonaws.com"]), ..Trust::default() });
    }

    #[test]
    fn what_cannot_be_read_is_anybody() {
        for principal in [
            r#""*""#,
            r#"{"AWS": "*"}"#,
            r#"{"AWS": {"a": 1}}"#,
            r#"{"AWS": "strange"}"#,
            r#"{"New": "x"}"#,
            "7",
        ] {
            assert_eq!(of(principal), anybody(), "{principal}");
        }
        for document in [
            "",
            "{}",
            "%7",
            "%zz",
            "%+1",
            "[]",
            r#"{"Statement": [{"Effect": "Allow", "NotPrincipal": {}}]}"#,
        ] {
            assert_eq!(read(document), anybody(), "{document}");
        }
        assert_eq!(Trust::read(None, &AccountId::new("1")), anybody());
    }
}
