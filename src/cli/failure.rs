//! What ends a command early: one sentence on what happened and one on what to do, with the exit code. Made
//! of the errors of the other rooms; `main` prints it.

use std::fmt::Write as _;
use std::io::ErrorKind;
use std::path::Path;

use super::exit::Exit;
use crate::model::{CloudError, ErrorClass};
use crate::report::plain;

/// What sort of failure it is. It decides the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// The command line or the policy cannot be understood.
    Usage,
    /// A guard refused.
    Refused,
    /// Something could not be read, so there is no answer.
    Unclear,
    /// Anything else.
    Error,
}

/// Why a command ended early.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The sort.
    pub kind: FailureKind,
    /// What happened, in one sentence without a full stop.
    pub message: String,
    /// What to do, one sentence each.
    pub hints: Vec<String>,
}

impl Failure {
    fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), hints: Vec::new() }
    }

    /// The command line or the policy cannot be understood.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(FailureKind::Usage, message)
    }

    /// A guard refused.
    pub fn refused(message: impl Into<String>) -> Self {
        Self::new(FailureKind::Refused, message)
    }

    /// Something could not be read, so there is no answer.
    pub fn unclear(message: impl Into<String>) -> Self {
        Self::new(FailureKind::Unclear, message)
    }

    /// Anything else.
    pub fn error(message: impl Into<String>) -> Self {
        Self::new(FailureKind::Error, message)
    }

    /// A file could not be read or written.
    pub fn file(doing: &str, path: &Path, error: &std::io::Error) -> Self {
        let failure = Self::error(format!("cannot {doing} {}: {error}", path.display()));
        failure.hint(match (doing, error.kind()) {
            ("write", _) => "name a place that can be written to",
            (_, ErrorKind::NotFound) => "is the path right? It is taken from the folder you are in",
            (_, ErrorKind::IsADirectory) => "name a file in that folder",
            (_, ErrorKind::PermissionDenied) => "let this user read it, or name another file",
            (_, ErrorKind::InvalidData) => "this is no text: name a file that aws-janitor or you wrote",
            (_, _) => "name another file",
        })
    }

    /// The same with what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// The same, with the file that it is about.
    #[must_use]
    pub fn of(self, path: &Path) -> Self {
        Self { message: format!("{}: {}", path.display(), self.message), ..self }
    }

    /// A failure from an error and its causes.
    pub fn caused(kind: FailureKind, error: &dyn std::error::Error) -> Self {
        let mut message = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            let text = error.to_string();
            if !message.contains(&text) {
                let _ = write!(message, ": {text}");
            }
            cause = error.source();
        }
        Self::new(kind, message)
    }

    /// An answer of the cloud without which the command cannot go on.
    pub fn cloud(error: &CloudError, profile: Option<&str>) -> Self {
        let failure = Self::error(sentence(error, profile));
        let failure = match remedy(error, profile) {
            Some(hint) => failure.hint(hint),
            None => failure,
        };
        match &error.request_id {
            Some(id) => failure.hint(format!("for AWS support: request id {id}")),
            None => failure,
        }
    }

    /// The exit code.
    pub const fn exit(&self) -> Exit {
        match self.kind {
            FailureKind::Usage => Exit::Usage,
            FailureKind::Refused => Exit::Refused,
            FailureKind::Unclear => Exit::Unclear,
            FailureKind::Error => Exit::Error,
        }
    }

    /// The text for stderr: a line each for what happened and for what to do, whatever is quoted in them.
    pub fn text(&self) -> String {
        let mut text = format!("error: {}\n", plain(&self.message));
        for hint in &self.hints {
            let _ = writeln!(text, "  hint: {}", plain(hint));
        }
        text
    }
}

/// What happened, in one sentence. Where nothing answered, the SDK's own words are a list of its layers.
fn sentence(error: &CloudError, profile: Option<&str>) -> String {
    let cause = cause(&error.message);
    match (error.class, error.code.as_str()) {
        (ErrorClass::Credentials, "Credentials" | "NotSent") if is_unknown_profile(cause) => match profile {
            Some(name) => format!("there is no profile `{name}`, or it holds no credentials"),
            None => "there is no such profile, or it holds no credentials".to_owned(),
        },
        (ErrorClass::Transient, "Connection") => format!("cannot reach AWS for {}: {cause}", error.api),
        (ErrorClass::Credentials, "Credentials" | "NotSent") if cause.contains("found in chain") => {
            "no credentials were found".to_owned()
        }
        (ErrorClass::Credentials, "Credentials" | "NotSent") => format!("cannot get credentials: {cause}"),
        _ => error.to_string(),
    }
}

/// How the SDK says that it found nothing under a profile's name.
fn is_unknown_profile(cause: &str) -> bool {
    cause == "the credential provider was not enabled" || cause.contains("not defined")
}

/// The cause without the layers it went through.
fn cause(message: &str) -> &str {
    const LAYERS: [&str; 9] = [
        "dispatch failure",
        "other",
        "io error",
        "client error (Connect)",
        "tcp connect error",
        "dns error",
        "the credential provider was not enabled",
        "the credentials provider was not properly configured",
        "an error occurred while loading credentials",
    ];
    let mut cause = message;
    while let Some((_, rest)) = cause.split_once(": ").filter(|(layer, _)| LAYERS.contains(layer)) {
        cause = rest;
    }
    cause.trim_end_matches('.')
}

/// What to do about an answer of the cloud, if there is something.
pub fn remedy(error: &CloudError, profile: Option<&str>) -> Option<String> {
    match error.class {
        ErrorClass::Credentials => Some(credentials(error, profile)),
        ErrorClass::Denied => Some(format!(
            "allow {} for this caller; `aws-janitor iam-policy --for scan` and `--for apply` print all that is needed",
            error.api
        )),
        ErrorClass::Throttled => Some(
            "AWS slows this account down; wait a minute, or look into fewer regions with --region".to_owned(),
        ),
        ErrorClass::Transient => Some(
            "check the network, the region's name and --endpoint-url (or AWS_ENDPOINT_URL), then try again"
                .to_owned(),
        ),
        ErrorClass::Protected => Some("switch the protection off first, if it is meant to go".to_owned()),
        ErrorClass::NotYet => Some("wait until what still holds it is gone, then try again".to_owned()),
        ErrorClass::Unserved => Some(
            "the endpoint does not know this call; check --endpoint-url (or AWS_ENDPOINT_URL) and what it serves"
                .to_owned(),
        ),
        ErrorClass::Refused => Some("`aws-janitor explain ID` tells what holds a resource".to_owned()),
        ErrorClass::Gone => None,
    }
}

/// Credentials: the one error whose remedy depends on where they were to come from.
fn credentials(error: &CloudError, profile: Option<&str>) -> String {
    let text = format!("{} {}", error.code, error.message).to_ascii_lowercase();
    let flag = profile.map(|name| format!(" --profile {name}")).unwrap_or_default();
    if is_unknown_profile(cause(&error.message)) {
        return "`aws configure list-profiles` shows which profiles there are; name one with --profile"
            .to_owned();
    }
    if text.contains("sso") {
        return format!("run `aws sso login{flag}`, then try again");
    }
    if text.contains("login") {
        return format!("run `aws login{flag}`, then try again");
    }
    if text.contains("expired") {
        return format!(
            "get fresh credentials (`aws sso login{flag}`, or a new session token), then try again"
        );
    }
    format!(
        "name a profile with --profile, set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run `aws sso login{flag}`; \
         `aws-janitor demo` needs no account"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(class: ErrorClass, code: &str, message: &str) -> CloudError {
        CloudError {
            class,
            api: "ec2:DescribeVpcs".into(),
            code: code.into(),
            message: message.into(),
            request_id: None,
        }
    }

    #[test]
    fn every_class_but_gone_has_a_remedy() {
        for class in [
            ErrorClass::NotYet,
            ErrorClass::Throttled,
            ErrorClass::Denied,
            ErrorClass::Protected,
            ErrorClass::Transient,
            ErrorClass::Credentials,
            ErrorClass::Unserved,
            ErrorClass::Refused,
        ] {
            assert!(remedy(&error(class, "X", "y"), None).is_some(), "{class:?}");
        }
    }

    #[test]
    fn an_expired_sso_session_names_the_login_command_with_the_profile() {
        let expired = error(ErrorClass::Credentials, "CredentialsNotLoaded", "the SSO session has expired");
        let failure = Failure::cloud(&expired, Some("dev"));
        assert_eq!(failure.hints, ["run `aws sso login --profile dev`, then try again"]);
        assert_eq!(failure.exit(), Exit::Error);
    }

    #[test]
    fn where_nothing_answered_the_cause_is_told_without_its_layers() {
        let down = error(
            ErrorClass::Transient,
            "Connection",
            "dispatch failure: io error: client error (Connect): tcp connect error: Connection refused (os error 111)",
        );
        let message = Failure::cloud(&down, None).message;
        assert_eq!(message, "cannot reach AWS for ec2:DescribeVpcs: Connection refused (os error 111)");
        let none = error(
            ErrorClass::Credentials,
            "Credentials",
            "dispatch failure: other: the credential provider was not enabled: no credentials found in chain. Attempted:\n  Environment: x",
        );
        assert_eq!(Failure::cloud(&none, None).message, "no credentials were found");
    }

    #[test]
    fn a_profile_that_does_not_exist_is_told_by_its_name() {
        let none = error(
            ErrorClass::Credentials,
            "Credentials",
            "dispatch failure: other: the credential provider was not enabled",
        );
        let failure = Failure::cloud(&none, Some("nosuch"));
        assert_eq!(failure.message, "there is no profile `nosuch`, or it holds no credentials");
        assert!(failure.hints[0].contains("`aws configure list-profiles`"), "{:?}", failure.hints);
    }

    #[test]
    fn a_denied_call_names_the_action() {
        let denied = error(ErrorClass::Denied, "UnauthorizedOperation", "no");
        assert!(Failure::cloud(&denied, None).hints[0].contains("allow ec2:DescribeVpcs"));
    }
}
