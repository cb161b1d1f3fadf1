//! Bodies that come in signed or unsigned chunks, with checksums after them (`aws-chunked`), and CRC32.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html>

use crate::error::{AwsError, AwsResult};

/// What stands after a body: names in lower case, with their values.
pub(super) type Trailers = Vec<(String, String)>;

/// The body itself, and what stood after it.
pub(super) fn unwrap(body: &[u8]) -> AwsResult<(Vec<u8>, Trailers)> {
    let mut out = Vec::new();
    let mut rest = body;
    loop {
        let (line, after) = line(rest).ok_or_else(incomplete)?;
        let size = line.split(';').next().unwrap_or_default();
        let size = usize::from_str_radix(size.trim(), 16).map_err(|_| incomplete())?;
        rest = after;
        if size == 0 {
            break;
        }
        out.extend_from_slice(rest.get(..size).ok_or_else(incomplete)?);
        rest = rest.get(size..).and_then(|rest| rest.strip_prefix(b"\r\n")).ok_or_else(incomplete)?;
    }
    let mut trailers = Vec::new();
    while let Some((line, after)) = line(rest) {
        if let Some((name, value)) = line.split_once(':') {
            trailers.push((name.trim().to_lowercase(), value.trim().to_owned()));
        }
        rest = after;
    }
    Ok((out, trailers))
}

fn line(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let end = bytes.windows(2).position(|pair| pair == b"\r\n")?;
    Some((std::str::from_utf8(&bytes[..end]).ok()?, &bytes[end + 2..]))
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>
pub(super) fn incomplete() -> AwsError {
    let text = "You did not provide the number of bytes specified by the Content-Length HTTP header.";
    AwsError::new("IncompleteBody", text)
}

/// CRC32 in Base64, as it stands in `x-amz-checksum-crc32`.
pub(super) fn crc32(bytes: &[u8]) -> String {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            let low = crc & 1;
            crc >>= 1;
            if low == 1 {
                crc ^= 0xedb8_8320;
            }
        }
    }
    base64((!crc).to_be_bytes())
}

fn base64(four: [u8; 4]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bits = u64::from(u32::from_be_bytes(four)) << 4;
    let letter = |place: u32| char::from(LETTERS[usize::try_from((bits >> place) & 63).unwrap_or_default()]);
    let text: String = [30, 24, 18, 12, 6, 0].into_iter().map(letter).collect();
    format!("{text}==")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_put_together_and_trailers_read() {
        let body =
            b"4;chunk-signature=ab\r\nWiki\r\n6\r\npedia \r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n";
        let (whole, trailers) = unwrap(body).unwrap();
        assert_eq!(whole, b"Wikipedia ");
        assert_eq!(trailers, [("x-amz-checksum-crc32".to_owned(), "AAAAAA==".to_owned())]);
        assert_eq!(unwrap(b"9\r\nWiki").unwrap_err().code, "IncompleteBody");
        assert_eq!(unwrap(b"").unwrap_err().code, "IncompleteBody");
    }

    #[test]
    fn the_checksum_is_the_known_one() {
        // The check value of CRC-32/ISO-HDLC is cbf43926.
        assert_eq!(crc32(b"123456789"), "y/Q5Jg==");
        assert_eq!(crc32(b""), "AAAAAA==");
    }
}
