//! The content of a file in segments of 64 KiB, each encrypted on its own: the STREAM construction (Hoang, Reyhanitabar,
//! Rogaway, Vizár 2015).
//!
//! **Architecture Invariant:** a segment's nonce holds its number and whether it is the last, its associated data is the
//! file's header. So a segment opens only in its place, of its file, and a file ends only where it ended.

use std::ops::Range;

use aws_lc_rs::aead::LessSafeKey;

use crate::{
    ObjectsError,
    crypto::{self, NONCE, TAG},
    header::{HEADER, Header},
};

/// Plain bytes of a segment; the last one may hold fewer.
pub(crate) const SEGMENT: u64 = 64 * 1024;
const SEALED: u64 = SEGMENT + TAG as u64;
const PREFIX: usize = NONCE - 5;

/// Encrypts and decrypts the segments of one file.
pub(crate) struct Segments<'a> {
    header: &'a Header,
    cipher: LessSafeKey,
    prefix: [u8; PREFIX],
}

impl<'a> Segments<'a> {
    pub(crate) fn new(header: &'a Header) -> Result<Self, ObjectsError> {
        let mut prefix = [0; PREFIX];
        crypto::derive(&header.key, &header.bytes, "gridkeep segment nonces 1", &mut prefix)?;
        let key = crypto::derive_secret(&header.key, &header.bytes, "gridkeep segments 1")?;
        Ok(Self { header, cipher: crypto::cipher(&key)?, prefix })
    }

    /// How many there are; an empty file has one.
    fn count(&self) -> u64 {
        self.header.length.div_ceil(SEGMENT).max(1)
    }

    fn nonce(&self, number: u64) -> Result<[u8; NONCE], ObjectsError> {
        let counter = u32::try_from(number).map_err(|_| ObjectsError::Crypto)?;
        let mut nonce = [0; NONCE];
        nonce[..PREFIX].copy_from_slice(&self.prefix);
        nonce[PREFIX..PREFIX + 4].copy_from_slice(&counter.to_be_bytes());
        nonce[NONCE - 1] = u8::from(number + 1 == self.count());
        Ok(nonce)
    }

    /// The file: header and all segments.
    pub(crate) fn seal(&self, plain: &[u8]) -> Result<Vec<u8>, ObjectsError> {
        self.seal_from(0, plain, true)
    }

    /// The segments from this one on, behind the header where it is the first; `last` says that the file ends with them.
    /// Others are given whole.
    pub(crate) fn seal_from(&self, first: u64, plain: &[u8], last: bool) -> Result<Vec<u8>, ObjectsError> {
        let end = if last { self.count() } else { first + plain.len() as u64 / SEGMENT };
        let segments = usize::try_from(end.saturating_sub(first)).unwrap_or(1);
        let mut out = Vec::with_capacity(HEADER + plain.len() + TAG * segments);
        if first == 0 {
            out.extend_from_slice(&self.header.bytes);
        }
        for number in first..end {
            let start = ((number - first) * SEGMENT) as usize;
            let end = plain.len().min(start + SEGMENT as usize);
            crypto::seal(
                &self.cipher,
                self.nonce(number)?,
                &self.header.bytes,
                &plain[start..end],
                &mut out,
            )?;
        }
        Ok(out)
    }

    /// The numbers of the segments that hold these plain bytes, and where they are in the file. The range is within the
    /// content.
    pub(crate) fn place(&self, plain: &Range<u64>) -> (Range<u64>, Range<u64>) {
        let first = (plain.start / SEGMENT).min(self.count() - 1);
        let end = plain.end.div_ceil(SEGMENT).clamp(first + 1, self.count());
        let header = HEADER as u64;
        (first..end, header + first * SEALED..header + (end * SEALED).min(self.sealed_length()))
    }

    /// Length of all segments as stored.
    pub(crate) fn sealed_length(&self) -> u64 {
        self.header.length + self.count() * TAG as u64
    }

    /// Opens these segments; `None` when one is not what was stored there.
    pub(crate) fn open(&self, numbers: Range<u64>, sealed: &mut [u8]) -> Option<Vec<u8>> {
        let mut plain = Vec::with_capacity(sealed.len());
        let mut rest = sealed;
        for number in numbers {
            let last = number + 1 == self.count();
            let length = if last { self.header.length - number * SEGMENT } else { SEGMENT };
            let (segment, others) = rest.split_at_mut_checked(usize::try_from(length).ok()? + TAG)?;
            let opened = crypto::open(&self.cipher, self.nonce(number).ok()?, &self.header.bytes, segment)?;
            plain.extend_from_slice(opened);
            rest = others;
        }
        rest.is_empty().then_some(plain)
    }
}
