//! What the judge is told of a state, whatever came of reading it: one that could not be read, that somebody may be
//! changing right now or that is of another account is a state that may own anything.

use std::collections::BTreeSet;

use super::{Lock, PULUMI, State, StateError, TERRAFORM};
use crate::model::{AccountId, StateClaims, StateTool};

/// What a state claims in this account; in any, where it is not known which one this is.
pub fn claims(source: &str, read: Result<State, StateError>, account: Option<&AccountId>) -> StateClaims {
    let State { stack, holdings } = match read {
        Ok(state) => state,
        Err(error) => return unread_claims(source, error.to_string()),
    };
    let mut claims = StateClaims {
        source: source.to_owned(),
        tool: tool(stack.tool),
        stack: stack.stack,
        account: Some(&holdings.accounts).filter(|all| all.len() == 1).and_then(|all| all.first().cloned()),
        owned: holdings.owned,
        named: holdings.named,
        failed: false,
        unread: None,
    };
    let elsewhere = |ours: &&AccountId| !holdings.accounts.is_empty() && !holdings.accounts.contains(*ours);
    if let Some(ours) = account.filter(elsewhere) {
        // Its names would mean other things here.
        (claims.owned, claims.named) = (Vec::new(), BTreeSet::new());
        let theirs: Vec<&str> = holdings.accounts.iter().map(AccountId::as_str).collect();
        claims.unread = Some(format!("it is of the account {}, and this is {ours}", theirs.join(" and ")));
    } else if let Some(lock) = stack.locks.first() {
        claims.unread = Some(locked(lock));
    }
    claims
}

/// A state of which nothing can be told.
pub fn unread_claims(source: &str, why: String) -> StateClaims {
    StateClaims {
        source: source.to_owned(),
        tool: None,
        stack: None,
        account: None,
        owned: Vec::new(),
        named: BTreeSet::new(),
        failed: false,
        unread: Some(why),
    }
}

/// Whoever holds a lock works with the state, or died in the middle: in both cases what he made last is not in it.
pub(super) fn locked(lock: &Lock) -> String {
    let who = lock.who.as_deref().unwrap_or("somebody");
    let since = lock.since.map(|since| format!(" since {}", since.strftime("%Y-%m-%d %H:%M:%SZ")));
    let what = lock.operation.as_deref().map(|it| format!(" for {it}"));
    let text = format!(
        "it is locked by {who}{}{}: somebody may be at work",
        since.unwrap_or_default(),
        what.unwrap_or_default()
    );
    super::holdings::shown(&text)
}

fn tool(name: &str) -> Option<StateTool> {
    match name {
        TERRAFORM => Some(StateTool::Terraform),
        PULUMI => Some(StateTool::Pulumi),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::super::read;
    use super::*;
    use crate::deployment::Alone;
    use crate::deployment::testing::Files;

    const OURS: &str = "123456789012";

    fn state(account: &str) -> Json {
        json!({"version": 4, "serial": 1, "resources": [{"mode": "managed", "type": "aws_iam_role", "name": "a",
            "instances": [{"attributes": {"id": "r", "arn": format!("arn:aws:iam::{account}:role/r")}}]}]})
    }

    fn of(document: &Json, account: Option<&str>) -> StateClaims {
        let read = read("a.tfstate", document.to_string().as_bytes(), &Alone);
        claims("a.tfstate", read, account.map(AccountId::new).as_ref())
    }

    #[test]
    fn a_state_that_was_read_claims_what_it_owns_and_tells_its_account() {
        for account in [Some(OURS), None] {
            let claims = of(&state(OURS), account);
            assert_eq!((claims.unread, claims.owned.len()), (None, 1));
            assert_eq!(
                (claims.tool, claims.account),
                (Some(StateTool::Terraform), Some(AccountId::new(OURS)))
            );
        }
        let mut both = state(OURS);
        let other = state("999999999999")["resources"][0].clone();
        both["resources"].as_array_mut().unwrap().push(other);
        let claims = of(&both, Some(OURS));
        assert_eq!((claims.unread, claims.account, claims.owned.len()), (None, None, 2));
    }

    #[test]
    fn what_could_not_be_read_may_own_anything() {
        let sealed = json!({"encrypted_data": "x", "encryption_version": "v0"});
        let old = json!({"version": 3, "terraform_version": "0.11.1"});
        let newer = json!({"version": 5, "terraform_version": "2.0.0"});
        for (document, why) in
            [(sealed, "encrypted"), (old, "version 3"), (newer, "version 5"), (json!({}), "JSON")]
        {
            let claims = of(&document, Some(OURS));
            assert!(claims.unread.as_ref().is_some_and(|it| it.contains(why)), "{claims:?}");
            assert!(claims.owned.is_empty() && claims.named.is_empty());
        }
        let empty = claims("a", read("a", b"", &Alone), None);
        assert!(empty.unread.is_some_and(|why| why.contains("empty")));
    }

    #[test]
    fn a_state_of_another_account_is_a_mistake_and_claims_nothing() {
        let claims = of(&state("999999999999"), Some(OURS));
        assert_eq!(
            claims.unread.as_deref(),
            Some("it is of the account 999999999999, and this is 123456789012")
        );
        assert!(claims.owned.is_empty() && claims.named.is_empty());
    }

    #[test]
    fn a_locked_state_claims_what_it_owns_and_may_own_more() {
        let lock = r#"{"ID":"3c58","Operation":"OperationTypeApply","Who":"ann@host","Created":"2026-11-21T19:55:14.4Z"}"#;
        for (text, why) in [
            (
                lock,
                "it is locked by ann@host since 2026-11-21 19:55:14Z for OperationTypeApply: somebody may be at work",
            ),
            ("", "it is locked by somebody: somebody may be at work"),
        ] {
            let folder = Files::of(&[(".a.tfstate.lock.info", text)]);
            let claims =
                claims("a.tfstate", read("a.tfstate", state(OURS).to_string().as_bytes(), &folder), None);
            assert_eq!((claims.unread.as_deref(), claims.owned.len()), (Some(why), 1));
        }
        let alone = claims("x.lock.info", read("x.lock.info", lock.as_bytes(), &Alone), None);
        assert!(alone.unread.is_some());
    }
}
