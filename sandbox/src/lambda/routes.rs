//! Which operation a method and a path mean, and the members that they carry.
//!
//! Paths and member names are the service model's:
//! <https://docs.aws.amazon.com/lambda/latest/api/API_Operations.html>.

use serde_json::{Map, Value};

use crate::protocol::{Request, path_members};

const ROUTES: &[(&str, &str, &str)] = &[
    ("POST", "2015-03-31/functions", "CreateFunction"),
    ("GET", "2015-03-31/functions", "ListFunctions"),
    ("GET", "2015-03-31/functions/{FunctionName}", "GetFunction"),
    ("DELETE", "2015-03-31/functions/{FunctionName}", "DeleteFunction"),
    ("GET", "2015-03-31/functions/{FunctionName}/configuration", "GetFunctionConfiguration"),
    ("PUT", "2015-03-31/functions/{FunctionName}/configuration", "UpdateFunctionConfiguration"),
    ("GET", "2017-03-31/tags/{Resource+}", "ListTags"),
    ("POST", "2017-03-31/tags/{Resource+}", "TagResource"),
    ("DELETE", "2017-03-31/tags/{Resource+}", "UntagResource"),
];

/// The operation of a request, with the members that its path and query carry.
pub(super) fn route(request: &Request) -> Option<(&'static str, Map<String, Value>)> {
    let path = request.path.trim_matches('/');
    let (mut members, operation) = ROUTES.iter().find_map(|(method, pattern, operation)| {
        let members = (*method == request.method).then(|| path_members(pattern, path)).flatten()?;
        Some((members, *operation))
    })?;
    for (key, value) in form_urlencoded::parse(request.query.as_bytes()) {
        if key == "tagKeys" {
            let list = members.entry("tagKeys").or_insert_with(|| Value::Array(Vec::new()));
            list.as_array_mut()?.push(Value::String(value.into_owned()));
        } else {
            members.insert(key.into_owned(), Value::String(value.into_owned()));
        }
    }
    Some((operation, members))
}
