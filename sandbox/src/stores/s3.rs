//! What S3 knows. Names of buckets are global: one set for all regions. Plain records; the rules are in the
//! room `s3`.
#![expect(missing_docs, reason = "the fields are named as AWS names them in its answers")]

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::tags::Tags;

/// S3's records.
#[derive(Debug, Clone, Default)]
pub struct S3 {
    /// Buckets by name.
    pub buckets: BTreeMap<String, Bucket>,
}

#[derive(Debug, Clone)]
pub struct Bucket {
    pub arn: String,
    pub region: String,
    pub created: Timestamp,
    /// Objects by key, in the order in which they are listed: that of the keys' bytes.
    pub objects: BTreeMap<String, Object>,
    pub tags: Tags,
}

#[derive(Debug, Clone, Default)]
pub struct Object {
    pub body: Vec<u8>,
    /// With its quotation marks.
    pub etag: String,
    pub modified: Timestamp,
    pub content_type: Option<String>,
    /// What the writer told besides: names without `x-amz-meta-`.
    pub metadata: BTreeMap<String, String>,
    /// CRC32 of the body in Base64, as the checksum's headers carry it.
    pub crc32: String,
}
