//! The little of DER (X.690) that certificates need, to read one and to write our own.

/// An integer.
pub(super) const INTEGER: u8 = 0x02;
/// A string of bits; the first byte says how many of the last are not used.
pub(super) const BITS: u8 = 0x03;
/// A name of an algorithm or an attribute.
pub(super) const OBJECT: u8 = 0x06;
/// A text in UTF-8.
pub(super) const TEXT: u8 = 0x0c;
/// A time with two digits of the year.
pub(super) const UTC_TIME: u8 = 0x17;
/// A time with four digits of the year.
pub(super) const TIME: u8 = 0x18;
/// What holds others in their order.
pub(super) const SEQUENCE: u8 = 0x30;
/// What holds others in no order.
pub(super) const SET: u8 = 0x31;
/// A certificate's version.
pub(super) const VERSION: u8 = 0xa0;

/// Bytes that are read piece by piece.
#[derive(Clone, Copy)]
pub(super) struct Der<'a>(&'a [u8]);

impl<'a> Der<'a> {
    /// From the beginning.
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// What the next piece is.
    pub(super) fn peek(&self) -> Option<u8> {
        self.0.first().copied()
    }

    /// The next piece, its tag first.
    pub(super) fn any(&mut self) -> Option<(u8, &'a [u8])> {
        let (&tag, rest) = self.0.split_first()?;
        let (&length, rest) = rest.split_first()?;
        let (length, rest) = match length {
            0..=0x7f => (usize::from(length), rest),
            // Lengths of more than three bytes are of nothing that we read.
            0x81..=0x83 => {
                let (digits, rest) = rest.split_at_checked(usize::from(length & 0x7f))?;
                (digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)), rest)
            }
            _ => return None,
        };
        let (content, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some((tag, content))
    }

    /// The next piece, if it is this.
    pub(super) fn take(&mut self, tag: u8) -> Option<&'a [u8]> {
        let (own, content) = self.any()?;
        (own == tag).then_some(content)
    }

    /// The next piece, if it is this, with its tag and length.
    pub(super) fn whole(&mut self, tag: u8) -> Option<&'a [u8]> {
        let before = self.0;
        self.take(tag)?;
        before.get(..before.len() - self.0.len())
    }

    /// That there is nothing more.
    pub(super) fn end(&self) -> Option<()> {
        self.0.is_empty().then_some(())
    }
}

/// A piece of these parts, of less than 64 KiB.
pub(super) fn piece(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let length = content.len().to_be_bytes();
    let [.., high, low] = length;
    let head = match content.len() {
        0..=0x7f => vec![tag, low],
        0x80..=0xff => vec![tag, 0x81, low],
        _ => vec![tag, 0x82, high, low],
    };
    [head, content].concat()
}
