//! Unpacks what Pulumi's own backends may keep packed: gzip
//! (<https://www.pulumi.com/docs/iac/concepts/state-and-backends/>) and zstd. What is packed is told by its first
//! bytes, whatever its file is called.

use std::borrow::Cow;
use std::io::Read;

use flate2::read::MultiGzDecoder;
use ruzstd::decoding::StreamingDecoder;

use super::StateError;

/// More than any state has: a few bytes can pretend to be very many.
const MOST: u64 = 1 << 30;

const GZIP: &[u8] = &[0x1f, 0x8b];
const ZSTD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];

/// Whether a file is packed.
pub(super) fn is_packed(bytes: &[u8]) -> bool {
    bytes.starts_with(GZIP) || bytes.starts_with(ZSTD)
}

/// The bytes of a file, unpacked where they are packed.
pub(super) fn unpacked(bytes: &[u8]) -> Result<Cow<'_, [u8]>, StateError> {
    if bytes.starts_with(GZIP) {
        return read_all(MultiGzDecoder::new(bytes), MOST).map(Cow::Owned);
    }
    if !bytes.starts_with(ZSTD) {
        return Ok(Cow::Borrowed(bytes));
    }
    // It may be written in several pieces.
    let (mut rest, mut all) = (bytes, Vec::new());
    while !rest.is_empty() {
        let decoder = StreamingDecoder::new(&mut rest).map_err(|_| broken())?;
        let left = MOST.saturating_sub(all.len() as u64);
        all.extend(read_all(decoder, left)?);
    }
    Ok(Cow::Owned(all))
}

fn read_all(from: impl Read, most: u64) -> Result<Vec<u8>, StateError> {
    let mut all = Vec::new();
    let read = from.take(most + 1).read_to_end(&mut all).map_err(|_| broken())?;
    if read as u64 > most {
        return Err(StateError::Broken { why: "it is larger than any state when it is unpacked".to_owned() });
    }
    Ok(all)
}

fn broken() -> StateError {
    StateError::Broken { why: "it is packed, and what is packed is broken".to_owned() }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::deployment::Alone;
    use crate::states::read;

    const STATE: &str = r#"{"version": 3, "deployment": {"resources": [{"urn": "urn:pulumi:dev::shop::aws:ec2/vpc:Vpc::a",
        "custom": true, "id": "vpc-00000001", "type": "aws:ec2/vpc:Vpc"}]}}"#;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut to = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        to.write_all(bytes).unwrap();
        to.finish().unwrap()
    }

    fn zstd(bytes: &[u8]) -> Vec<u8> {
        ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
    }

    #[test]
    fn a_packed_state_tells_the_same() {
        for packed in [gzip(STATE.as_bytes()), zstd(STATE.as_bytes())] {
            assert!(!packed.windows(12).any(|it| it == b"vpc-00000001") || packed[0] == 0x28);
            let state = read("dev.json", &packed, &Alone).unwrap();
            assert_eq!(state.holdings.owned.len(), 1);
            assert_eq!(state.stack.stack.as_deref(), Some("shop/dev"));
        }
        let (one, two) = STATE.as_bytes().split_at(40);
        assert_eq!(unpacked(&[zstd(one), zstd(two)].concat()).unwrap(), STATE.as_bytes());
    }

    #[test]
    fn what_is_packed_and_broken_is_no_state() {
        for packed in [gzip(STATE.as_bytes()), zstd(STATE.as_bytes())] {
            for end in 4..packed.len() {
                assert!(read("a", &packed[..end], &Alone).is_err(), "cut at {end}");
            }
            assert!(read("a", &[packed.clone(), b"more".to_vec()].concat(), &Alone).is_err());
            let twice = gzip(&packed);
            assert!(matches!(read("a", &twice, &Alone), Err(StateError::NotAState { .. })));
        }
    }

    #[test]
    fn what_pretends_to_be_endless_is_cut_off() {
        let zeros = vec![0; 100_000];
        assert!(read_all(MultiGzDecoder::new(gzip(&zeros).as_slice()), 99_999).is_err());
        assert_eq!(read_all(MultiGzDecoder::new(gzip(&zeros).as_slice()), 100_000).unwrap().len(), 100_000);
    }
}
