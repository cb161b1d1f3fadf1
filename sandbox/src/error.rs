//! AWS's refusals: a code, a message and a status. How each protocol writes them is in `protocol`.

/// A refusal with AWS's own code and message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwsError {
    /// HTTP status.
    pub status: u16,
    /// AWS's error code, spelt as AWS spells it.
    pub code: String,
    /// AWS's message.
    pub message: String,
    /// What the answer's head tells besides, names in lower case (S3: where the bucket is).
    pub headers: Vec<(String, String)>,
}

/// What every operation of the embedded AWS returns.
pub type AwsResult<T> = Result<T, AwsError>;

impl AwsError {
    /// A refusal with HTTP status 400, the usual one.
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        Self::with_status(400, code, message)
    }

    /// A refusal with another HTTP status.
    pub fn with_status(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self { status, code: code.into(), message: message.into(), headers: Vec::new() }
    }

    /// The refusal of a parameter that breaks its own form, in the words of AWS's services for
    /// everything but EC2; their codes differ.
    pub(crate) fn constraint(code: &str, name: &str, value: Option<&str>, must: &str) -> Self {
        let mut letters = name.chars();
        let first = letters.next().map(|first| first.to_ascii_lowercase());
        let name: String = first.into_iter().chain(letters).collect();
        let value = value.map_or_else(|| "null".to_owned(), |value| format!("'{value}'"));
        Self::new(
            code,
            format!(
                "1 validation error detected: Value {value} at '{name}' failed to satisfy constraint: \
                 Member must {must}"
            ),
        )
    }
}
