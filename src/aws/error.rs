//! From AWS's error codes to the classes that a run acts on ([`crate::model::ErrorClass`]): the only place
//! where a code is read.
//!
//! Codes: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html> and the
//! error lists of each service's API reference. EC2 spells its "not found" codes in many ways
//! (`InvalidSubnetID.NotFound`, `NatGatewayNotFound`, `InvalidPlacementGroup.Unknown`), so they are
//! compared in lower case and by their ending.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::model::{CloudError, ErrorClass};

/// What a code means, whatever the call.
const CODES: &[(ErrorClass, &[&str])] = &[
    (
        ErrorClass::Gone,
        &[
            "gateway.notattached",
            "invalidplacementgroup.unknown",
            "invalidamiid.unavailable",
            "nosuchentity",
            "nosuchresourceexception",
            "resourcenotfoundexception",
            "invalidassociationid.notfound",
        ],
    ),
    (
        ErrorClass::NotYet,
        &[
            "concurrentmodification",
            "deleteconflict",
            "dependencyviolation",
            "incorrectinstancestate",
            "incorrectstate",
            "invalidgroup.inuse",
            "invalidipaddress.inuse",
            "invalidnetworkinterface.inuse",
            "invalidplacementgroup.inuse",
            "operationabortedexception",
            "resourcecontention",
            "resourceinuse",
            "resourceinuseexception",
            "volumeinuse",
        ],
    ),
    (
        ErrorClass::Throttled,
        &[
            "ec2throttledexception",
            "requestlimitexceeded",
            "requestthrottled",
            "requestthrottledexception",
            "slowdown",
            "throttledexception",
            "throttling",
            "throttlingexception",
            "toomanyrequests",
            "toomanyrequestsexception",
        ],
    ),
    (
        ErrorClass::Denied,
        &["accessdenied", "accessdeniedexception", "notauthorized", "unauthorized", "unauthorizedoperation"],
    ),
    (
        ErrorClass::Protected,
        &["cannotdelete", "invalidaddress.locked", "operationnotpermitted", "unmodifiableentity"],
    ),
    (
        ErrorClass::Credentials,
        &[
            "expiredtoken",
            "expiredtokenexception",
            "incompletesignature",
            "invalidclienttokenid",
            "invalidsignatureexception",
            "missingauthenticationtoken",
            "missingauthenticationtokenexception",
            "optinrequired",
            "requestexpired",
            "signaturedoesnotmatch",
            "unrecognizedclientexception",
        ],
    ),
    // What AWS answers to an action that a service does not have, and emulators to one that they do not have.
    // <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html>
    (
        ErrorClass::Unserved,
        &[
            "invalidaction",
            "notimplemented",
            "notimplementedexception",
            "unknownoperation",
            "unknownoperationexception",
        ],
    ),
    (
        ErrorClass::Transient,
        &[
            "internalerror",
            "internalfailure",
            "internalservererror",
            "requesttimeout",
            "requesttimeoutexception",
            "serverexception",
            "serviceunavailable",
            "serviceunavailableexception",
            "servicefailure",
            "servicefailureexception",
            "unavailable",
        ],
    ),
];

/// How a refusal with this code is to be taken for this call.
pub fn classify(api: &str, code: &str, message: &str) -> ErrorClass {
    let code = code.to_ascii_lowercase();
    // A NAT gateway that is still deleting holds its address, and EC2 then answers a release with
    // AuthFailure, "You do not have permission to access the specified resource": misleading, and it passes.
    if code == "authfailure" {
        return match api {
            "ec2:ReleaseAddress" | "ec2:DisassociateAddress" | "ec2:DeleteNetworkInterface" => {
                ErrorClass::NotYet
            }
            _ => ErrorClass::Credentials,
        };
    }
    // EKS answers some describes of a missing cluster with a client error.
    if code == "clientexception" && message.contains("No cluster found") {
        return ErrorClass::Gone;
    }
    // DeleteNetworkInterface of an attached interface: "… is currently in use".
    if code == "invalidparametervalue" && message.contains("currently in use") {
        return ErrorClass::NotYet;
    }
    // DeleteCluster with deletion protection; a second Fargate profile while one is deleting.
    if code == "invalidrequestexception" {
        return if message.to_ascii_lowercase().contains("protection") {
            ErrorClass::Protected
        } else {
            ErrorClass::NotYet
        };
    }
    if let Some((class, _)) = CODES.iter().find(|(_, codes)| codes.contains(&code.as_str())) {
        return *class;
    }
    if code.ends_with("notfound") || code.ends_with("notfoundexception") {
        return ErrorClass::Gone;
    }
    ErrorClass::Refused
}

/// Whether a call was refused because an instance type that it names does not exist.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html>
pub fn names_no_instance_type(error: &CloudError) -> bool {
    error.code == "InvalidInstanceType"
}

/// A failed SDK call as the program sees it.
pub fn cloud_error<E>(api: &str, error: &SdkError<E, HttpResponse>) -> CloudError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    match error {
        SdkError::ServiceError(context) => {
            let meta = context.err().meta();
            let status = context.raw().status().as_u16();
            let message = meta.message().map_or_else(|| first_words(context.raw()), str::to_owned);
            let (class, code) = match meta.code() {
                Some(code) => (with_status(classify(api, code, &message), status), code.to_owned()),
                None => (by_status(status), format!("Http{status}")),
            };
            let request_id = meta.extra("aws_request_id").map(str::to_owned);
            CloudError { class, api: api.to_owned(), code, message, request_id }
        }
        SdkError::ResponseError(context) => {
            let status = context.raw().status().as_u16();
            unreached(
                api,
                by_status(status),
                "UnreadableAnswer",
                &format!("the answer (HTTP {status}) is not AWS's: {}", chain(error)),
            )
        }
        SdkError::TimeoutError(_) => unreached(api, ErrorClass::Transient, "Timeout", "no answer in time"),
        SdkError::DispatchFailure(_) => {
            let text = chain(error);
            let class = if text.to_ascii_lowercase().contains("credential") || text.contains("token") {
                ErrorClass::Credentials
            } else {
                ErrorClass::Transient
            };
            unreached(
                api,
                class,
                if class == ErrorClass::Credentials { "Credentials" } else { "Connection" },
                &text,
            )
        }
        _ => unreached(api, ErrorClass::Credentials, "NotSent", &chain(error)),
    }
}

/// An error that is not an answer of AWS's.
/// The first words of an answer that has no message of AWS's: of a proxy, an emulator.
fn first_words(answer: &HttpResponse) -> String {
    let body = String::from_utf8_lossy(answer.body().bytes().unwrap_or_default());
    let mut words = String::new();
    let mut in_tag = false;
    for letter in body.chars() {
        match letter {
            '<' => in_tag = true,
            '>' => (in_tag, words) = (false, words + " "),
            _ if in_tag => {}
            _ => words.push(letter),
        }
        if words.len() >= MOST_OF_A_BODY {
            break;
        }
    }
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    if words.is_empty() { "no message".to_owned() } else { words }
}

/// So much of an answer that is not AWS's is looked at, in bytes.
const MOST_OF_A_BODY: usize = 200;

fn unreached(api: &str, class: ErrorClass, code: &str, message: &str) -> CloudError {
    CloudError {
        class,
        api: api.to_owned(),
        code: code.to_owned(),
        message: message.to_owned(),
        request_id: None,
    }
}

/// A code that nobody knows means what its HTTP status says, where that tells of the service's own trouble
/// (the tagging API's `InternalServiceException`).
///
/// 501 is no trouble that passes, whatever stands beside it: LocalStack says `InternalFailure` with it, "API for
/// service 'eks' not yet implemented or pro feature". AWS itself never answers so.
fn with_status(class: ErrorClass, status: u16) -> ErrorClass {
    match (class, status) {
        (ErrorClass::Refused | ErrorClass::Transient, 501) => ErrorClass::Unserved,
        (ErrorClass::Refused, 429 | 500..) => by_status(status),
        (class, _) => class,
    }
}

/// What an answer without a readable code means, by its HTTP status.
fn by_status(status: u16) -> ErrorClass {
    match status {
        // A success that cannot be read: it may or may not be one.
        200..=299 => ErrorClass::Transient,
        401 => ErrorClass::Credentials,
        403 => ErrorClass::Denied,
        // A thing that is not there has a code; without one it is the address that nobody serves (moto).
        404 | 501 => ErrorClass::Unserved,
        429 => ErrorClass::Throttled,
        500.. => ErrorClass::Transient,
        _ => ErrorClass::Refused,
    }
}

/// An error with all its causes, each once.
fn chain(error: &dyn std::error::Error) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(this) = next {
        let text = this.to_string();
        if !parts.iter().any(|part| part.contains(&text)) {
            parts.push(text);
        }
        next = this.source();
    }
    parts.join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_is_not_awss_is_told_by_its_first_words() {
        let told = |body: &str| {
            let status = 404.try_into().unwrap();
            first_words(&HttpResponse::new(status, aws_smithy_types::body::SdkBody::from(body)))
        };
        let page = "<!doctype html>\n<html lang=en><title>404 Not Found</title>\n<h1>Not Found</h1>";
        assert_eq!(told(page), "404 Not Found Not Found");
        assert_eq!(told(""), "no message");
        assert!(told(&"word ".repeat(500)).len() <= MOST_OF_A_BODY);
    }

    #[test]
    fn not_found_codes_mean_gone_however_ec2_spells_them() {
        for code in [
            "InvalidSubnetID.NotFound",
            "InvalidSubnetId.NotFound",
            "NatGatewayNotFound",
            "InvalidLaunchTemplateName.NotFoundException",
            "Gateway.NotAttached",
            "NoSuchEntity",
            "NoSuchResourceException",
            "ResourceNotFoundException",
            "LoadBalancerNotFound",
        ] {
            assert_eq!(classify("ec2:X", code, ""), ErrorClass::Gone, "{code}");
        }
    }

    #[test]
    fn auth_failure_on_a_release_passes_and_elsewhere_means_bad_credentials() {
        assert_eq!(classify("ec2:ReleaseAddress", "AuthFailure", ""), ErrorClass::NotYet);
        assert_eq!(classify("ec2:DescribeVpcs", "AuthFailure", ""), ErrorClass::Credentials);
    }

    #[test]
    fn an_unknown_code_is_refused_for_good_unless_its_status_tells_of_the_services_trouble() {
        let class = classify("ec2:DeleteVpc", "SomethingNew", "");
        assert_eq!(with_status(class, 400), ErrorClass::Refused);
        assert_eq!(with_status(class, 500), ErrorClass::Transient);
        assert_eq!(with_status(class, 429), ErrorClass::Throttled);
        assert_eq!(with_status(ErrorClass::Denied, 500), ErrorClass::Denied);
    }

    /// As emulators answer: moto to an address it does not serve, LocalStack to a service or an action that it
    /// does not have, query services to an action of another version.
    #[test]
    fn what_an_endpoint_does_not_serve_is_no_denial_and_no_trouble_that_passes() {
        for (code, message, status) in [
            ("InternalFailure", "API for service 'eks' not yet implemented or pro feature", 501),
            ("InternalFailure", "API action 'ListAddons' for service 'eks' not yet implemented", 501),
            ("InvalidAction", "The action DescribeTargetHealth is not valid for this web service.", 400),
            ("UnknownOperationException", "", 400),
            ("NotImplemented", "", 501),
            ("SomethingNew", "", 501),
        ] {
            let class = with_status(classify("eks:ListAddons", code, message), status);
            assert_eq!(class, ErrorClass::Unserved, "{code} {status}");
        }
        for status in [404, 501] {
            assert_eq!(by_status(status), ErrorClass::Unserved);
        }
        for (code, status) in [("InternalFailure", 500), ("ServiceUnavailable", 503), ("Throttling", 501)] {
            assert_ne!(
                with_status(classify("eks:ListAddons", code, ""), status),
                ErrorClass::Unserved,
                "{code}"
            );
        }
        // A thing that is not there is told with a code.
        let gone = with_status(classify("eks:DescribeCluster", "ResourceNotFoundException", ""), 404);
        assert_eq!(gone, ErrorClass::Gone);
    }
}
