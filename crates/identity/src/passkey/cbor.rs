//! The little of CBOR (RFC 8949) that authenticators write: definite lengths, small nesting, nothing after the end.
//!
//! **Architecture Invariant:** reads what it is given, never past it, and allocates nothing.

/// How deep values that are skipped may be nested: attestation statements hold a list of certificates in a map.
const DEPTH: u32 = 4;

/// Reads values one after another.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

/// The first byte's meaning, with the number that follows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Head {
    Positive(u64),
    Negative(u64),
    Bytes(u64),
    Text(u64),
    List(u64),
    Map(u64),
    Simple,
}

impl<'a> Reader<'a> {
    /// This many bytes as they are.
    pub(super) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    /// The same, as an array.
    pub(super) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    /// Whether all was read.
    pub(super) fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// A map's number of pairs.
    pub(super) fn map(&mut self) -> Option<u64> {
        match self.head()? {
            Head::Map(pairs) => Some(pairs),
            _ => None,
        }
    }

    /// A whole number.
    pub(super) fn integer(&mut self) -> Option<i64> {
        match self.head()? {
            Head::Positive(number) => i64::try_from(number).ok(),
            Head::Negative(number) => Some(-1 - i64::try_from(number).ok()?),
            _ => None,
        }
    }

    /// A text.
    pub(super) fn text(&mut self) -> Option<&'a str> {
        match self.head()? {
            Head::Text(length) => std::str::from_utf8(self.take(usize::try_from(length).ok()?)?).ok(),
            _ => None,
        }
    }

    /// A string of bytes.
    pub(super) fn bytes(&mut self) -> Option<&'a [u8]> {
        match self.head()? {
            Head::Bytes(length) => self.take(usize::try_from(length).ok()?),
            _ => None,
        }
    }

    /// Passes over one value.
    pub(super) fn skip(&mut self) -> Option<()> {
        self.skip_within(DEPTH)
    }

    fn skip_within(&mut self, depth: u32) -> Option<()> {
        let values = match self.head()? {
            Head::Positive(_) | Head::Negative(_) | Head::Simple => 0,
            Head::Bytes(length) | Head::Text(length) => {
                self.take(usize::try_from(length).ok()?)?;
                0
            }
            Head::List(values) => values,
            Head::Map(pairs) => pairs.checked_mul(2)?,
        };
        // Each value takes a byte at least: no count makes this longer than what was sent.
        for _ in 0..values {
            self.skip_within(depth.checked_sub(1)?)?;
        }
        Some(())
    }

    fn head(&mut self) -> Option<Head> {
        let [first] = self.array::<1>()?;
        let number = match first & 31 {
            small @ 0..=23 => u64::from(small),
            24 => u64::from(u8::from_be_bytes(self.array()?)),
            25 => u64::from(u16::from_be_bytes(self.array()?)),
            26 => u64::from(u32::from_be_bytes(self.array()?)),
            27 => u64::from_be_bytes(self.array()?),
            // 31 would be an indefinite length, which CTAP2's canonical form does not have.
            _ => return None,
        };
        Some(match first >> 5 {
            0 => Head::Positive(number),
            1 => Head::Negative(number),
            2 => Head::Bytes(number),
            3 => Head::Text(number),
            4 => Head::List(number),
            5 => Head::Map(number),
            7 => Head::Simple,
            // Tags: not in CTAP2's canonical form.
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_and_skipped_within_bounds() {
        let check = |bytes: &[u8], expect: Option<usize>| {
            let mut reader = Reader(bytes);
            let left = reader.skip().map(|()| reader.0.len());
            assert_eq!(left, expect, "{bytes:02x?}");
        };
        check(&[0x00], Some(0));
        check(&[0x19, 0x01, 0x00, 0xff], Some(1));
        check(&[0x43, 1, 2, 3], Some(0));
        check(&[0x43, 1, 2], None);
        check(&[0xa1, 0x01, 0x82, 0xf5, 0x20], Some(0));
        check(&[0x81, 0x81, 0x81, 0x81, 0x00], Some(0));
        check(&[0x81, 0x81, 0x81, 0x81, 0x81, 0x00], None);
        // Counts beyond what there is: refused at the first value that is missing.
        check(&[0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00], None);
        check(&[0xbb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00], None);
        check(&[0x5b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00], None);
        check(&[0x5f, 0x41, 0x00, 0xff], None);
        check(&[0xc0, 0x00], None);
        check(&[], None);
        assert_eq!(Reader(&[0x26]).integer(), Some(-7));
        assert_eq!(Reader(&[0x39, 0x01, 0x00]).integer(), Some(-257));
        assert_eq!(Reader(&[0x62, 0x68, 0x69]).text(), Some("hi"));
        assert_eq!(Reader(&[0x61, 0xff]).text(), None);
    }
}
