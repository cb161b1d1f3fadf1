//! AWS's refusals: a code, a message and a status, written in the protocol of the service.

/// A refusal with AWS's own code and message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwsError {
    /// HTTP status.
    pub status: u16,
    /// AWS's error code, spelt as AWS spells it.
    pub code: String,
    /// AWS's message.
    pub message: String,
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
        Self { status, code: code.into(), message: message.into() }
    }
}
