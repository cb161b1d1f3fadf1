//! Which ids and ARNs stand in a text of a state, whatever it is: an attribute, a policy in JSON, a script. Gives them
//! to whoever keeps what a state names, and nothing else of the text: it may hold secrets.
//!
//! A secret that is formed like an id (`word-0123456789abcdef0`) or an ARN cannot be told from one.

use crate::deployment::places::region_named;
use crate::kinds::CATALOG;

/// The longest ARN that is looked for: names in ARNs are far shorter, and a text may pretend to be one.
const LONGEST: usize = 1024;

/// Every id and ARN in a text.
pub(super) fn in_text(text: &str, found: &mut Vec<String>) {
    ids(text, found);
    arns(text, found);
}

/// The ids: letters and a number in hexadecimal digits, of the eight of old and up to the seventeen of today
/// (<https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/resource-ids.html>).
fn ids(text: &str, found: &mut Vec<String>) {
    for word in text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-') {
        let Some((before, number)) = word.rsplit_once('-') else { continue };
        if !is_number(number) {
            continue;
        }
        let is_word = |part: &str| !part.is_empty() && part.bytes().all(|it| it.is_ascii_lowercase());
        let last = before.rsplit('-').next().unwrap_or(before);
        let tail = &word[before.len() - last.len()..];
        if before.split('-').all(is_word) {
            found.push(word.to_owned());
        }
        // `default-vpc-0123…` is a name that holds an id.
        if last != before && is_word(last) && CATALOG.of_id(tail).is_some() {
            found.push(tail.to_owned());
        }
    }
}

fn is_number(text: &str) -> bool {
    (8..=17).contains(&text.len()) && text.bytes().all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f'))
}

/// The ARNs, also one within another (`arn:aws:apigateway:…:path/…/arn:aws:lambda:…/invocations`).
fn arns(text: &str, found: &mut Vec<String>) {
    for (at, _) in text.match_indices("arn:aws") {
        let Some(arn) = arn_at(&text[at..]) else { continue };
        // A comma may stand in a name, or behind it.
        let parts = [Some(arn), arn.split_once(',').map(|(first, _)| first)];
        for part in parts.iter().flatten() {
            found.extend(plain(part).map(str::to_owned));
            found.push((*part).to_owned());
        }
    }
}

/// The ARN that a text begins with. One with a wildcard for its region or account is of no thing.
fn arn_at(text: &str) -> Option<&str> {
    let is_word =
        |part: &str| part.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-');
    let mut rest = text;
    let mut part = || {
        // No part but the last is long: a search for its end ends soon.
        let end = rest.bytes().take(64).position(|it| it == b':')?;
        let part = rest.get(..end)?;
        rest = rest.get(end + 1..)?;
        Some(part)
    };
    let (_, partition, service, region, account) = (part()?, part()?, part()?, part()?, part()?);
    let formed = is_word(partition)
        && !service.is_empty()
        && is_word(service)
        && (region.is_empty() || region_named(region).is_some())
        && is_word(account);
    if !formed {
        return None;
    }
    let in_name = |it: &u8| it.is_ascii_alphanumeric() || b":/_-.+=,@*$#~".contains(it);
    let name = rest.bytes().take(LONGEST).take_while(in_name).count();
    // Where the next one begins this one ends, or a text of nothing else would be kept many times over.
    let name = rest[..name].find("arn:aws").unwrap_or(name);
    let arn = text.get(..text.len() - rest.len() + name)?.trim_end_matches([',', '.', ':']);
    (arn.len() > text.len() - rest.len()).then_some(arn)
}

/// An ARN without what some services write after it: a log group's `:*`, a function's version, what API Gateway
/// calls of one.
pub(super) fn plain(arn: &str) -> Option<&str> {
    let at = arn.rfind([':', '/'])?;
    let last = arn.get(at + 1..)?;
    let version = !last.is_empty() && last.bytes().all(|it| it.is_ascii_digit());
    let within = arn.split(':').count() > 6 || arn[..at].contains('/');
    (within && (version || ["*", "$LATEST", "invocations"].contains(&last))).then(|| &arn[..at])
}

/// Whether a whole text is one id.
pub(super) fn is_id(text: &str) -> bool {
    let mut found = Vec::new();
    ids(text, &mut found);
    found.first().is_some_and(|first| first == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<String> {
        let mut found = Vec::new();
        in_text(text, &mut found);
        found.sort();
        found
    }

    #[test]
    fn ids_and_arns_are_found_in_whatever_they_are_packed() {
        let role = "arn:aws:iam::123456789012:role/a,b@c";
        for (text, expected) in [
            ("vpc-0123456789abcdef0", vec!["vpc-0123456789abcdef0"]),
            (
                "sg-01234567,subnet-89abcdef_eni-00000000",
                vec!["eni-00000000", "sg-01234567", "subnet-89abcdef"],
            ),
            ("vpce-svc-0123456789abcdef0", vec!["vpce-svc-0123456789abcdef0"]),
            ("my-vpc-01234567", vec!["my-vpc-01234567", "vpc-01234567"]),
            ("{\"a\":\"{\\\"vpc\\\":\\\"vpc-01234567\\\"}\"}", vec!["vpc-01234567"]),
            (
                "arn:aws:ec2:us-east-1:123456789012:vpc/vpc-01234567",
                vec!["arn:aws:ec2:us-east-1:123456789012:vpc/vpc-01234567", "vpc-01234567"],
            ),
            ("{\"Resource\":\"arn:aws:iam::123456789012:role/r\"}", vec!["arn:aws:iam::123456789012:role/r"]),
            (role, vec!["arn:aws:iam::123456789012:role/a", role]),
            (
                "arn:aws:iam::1:role/a,arn:aws:iam::1:role/b",
                vec!["arn:aws:iam::1:role/a", "arn:aws:iam::1:role/b"],
            ),
            (
                "arn:aws:logs:us-east-1:1:log-group:/x:*",
                vec!["arn:aws:logs:us-east-1:1:log-group:/x", "arn:aws:logs:us-east-1:1:log-group:/x:*"],
            ),
            (
                "arn:aws:lambda:us-east-1:1:function:f:3",
                vec!["arn:aws:lambda:us-east-1:1:function:f", "arn:aws:lambda:us-east-1:1:function:f:3"],
            ),
        ] {
            assert_eq!(of(text), expected, "{text}");
        }
        let nested = of(
            "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:1:function:f/invocations",
        );
        assert!(nested.contains(&"arn:aws:lambda:us-east-1:1:function:f".to_owned()), "{nested:?}");
    }

    #[test]
    fn nothing_else_is_kept_of_a_text() {
        for text in [
            "",
            "hunter2",
            "vpc-",
            "vpc-0123456",
            "VPC-01234567",
            "vpc-0123456789abcdef01",
            "vpc-0123456g",
            "-01234567",
            "a1-01234567",
            "01234567",
            "arn:aws:iam",
            "arn:aws:iam::123456789012:",
            "arn:aws:ec2:*:*:vpc/*",
            "arn:hunter2:a:b:c:d",
            "arn:aws:x:hunter2:1:y",
            "arn:aws:iam::HUNTER:role/x",
            "arn:aws:",
            "vpc-\u{e9}1234567",
        ] {
            assert_eq!(of(text), [""; 0], "{text}");
        }
        // A query behind an ARN is not of it.
        assert_eq!(of("arn:aws:s3:::bucket?password=hunter2"), ["arn:aws:s3:::bucket"]);
    }

    #[test]
    fn a_text_of_nothing_but_arns_is_kept_about_once() {
        for part in
            ["arn:aws:ec2:us-east-1:123456789012:", "arn:aws:iam::1:role/a,", "arn:aws:a::1:b/", "arn:aws:"]
        {
            let text = part.repeat(10_000);
            let kept: usize = of(&text).iter().map(String::len).sum();
            assert!(kept < 4 * text.len(), "{part}: {kept} of {}", text.len());
        }
    }
}
