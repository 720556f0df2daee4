//! The bytes of one part as they come out of the archive, counted while they come.
//!
//! **Architecture Invariant:** declared sizes are not believed. What is handed on is counted, per part, per package and
//! per XML token, and reading stops at the first byte too many.

use std::{
    cell::Cell,
    io::{self, BufRead, Read},
};

use super::package::{part_too_large, too_dense};
use crate::reason::Reason;
use crate::{Limits, error::Fault};

const BUFFER: usize = 32 << 10;

/// A buffered reader that meters.
pub(crate) struct Source<'a> {
    inner: Box<dyn Read + 'a>,
    part: String,
    buffer: Box<[u8]>,
    position: usize,
    filled: usize,
    compressed: u64,
    /// Bytes of this part so far.
    read: u64,
    /// Bytes since the last token began.
    token: usize,
    total: &'a Cell<u64>,
    limits: &'a Limits,
}

impl<'a> Source<'a> {
    /// Meters `inner`; `compressed` is what the part takes in the package, `total` what all parts took so far.
    pub(crate) fn new(
        inner: Box<dyn Read + 'a>,
        part: &str,
        compressed: u64,
        limits: &'a Limits,
        total: &'a Cell<u64>,
    ) -> Self {
        let buffer = vec![0; BUFFER].into_boxed_slice();
        let part = part.to_owned();
        Self { inner, part, buffer, position: 0, filled: 0, compressed, read: 0, token: 0, total, limits }
    }

    /// Says that a new XML token begins here.
    pub(crate) const fn start_token(&mut self) {
        self.token = 0;
    }

    /// Puts other bytes in place of what is left to read: the same part, in another encoding.
    pub(crate) fn replace(&mut self, bytes: Vec<u8>) {
        self.inner = Box::new(io::Cursor::new(bytes));
        (self.position, self.filled) = (0, 0);
        self.read = 0;
        self.compressed = u64::MAX;
    }

    fn check(&mut self, count: usize) -> Result<(), Fault> {
        let limits = self.limits;
        self.read += count as u64;
        self.total.set(self.total.get() + count as u64);
        if self.read > limits.part_bytes {
            return Err(part_too_large(&self.part, limits));
        }
        if self.read > Limits::RATIO_FLOOR && self.read / limits.ratio > self.compressed {
            return Err(too_dense(&self.part, limits));
        }
        if self.total.get() > limits.inflated_bytes {
            let reason = Reason::WorkbookTooLarge { megabytes: limits.inflated_bytes >> 20 };
            return Err(Fault::too_large(&self.part, reason));
        }
        Ok(())
    }
}

impl Read for Source<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let count = available.len().min(out.len());
        out[..count].copy_from_slice(&available[..count]);
        self.consume(count);
        self.start_token();
        Ok(count)
    }
}

impl BufRead for Source<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.position == self.filled {
            if self.token > self.limits.token_bytes {
                let reason = Reason::TokenTooLong { megabytes: self.limits.token_bytes >> 20 };
                return Err(io::Error::other(Fault::too_large(&self.part, reason)));
            }
            self.filled = loop {
                match self.inner.read(&mut self.buffer) {
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    result => break result?,
                }
            };
            self.position = 0;
            self.check(self.filled).map_err(io::Error::other)?;
        }
        Ok(&self.buffer[self.position..self.filled])
    }

    fn consume(&mut self, count: usize) {
        self.position += count;
        self.token += count;
    }
}

impl Fault {
    /// The fault that travelled through an I/O error, or the I/O error as damage.
    pub(crate) fn from_io(part: &str, error: &io::Error) -> Self {
        let own = error.get_ref().and_then(|inner| inner.downcast_ref::<Self>());
        own.cloned().unwrap_or_else(|| {
            let reason = match error.kind() {
                io::ErrorKind::UnexpectedEof => Reason::EndsTooEarly,
                io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::Other => {
                    Reason::DoesNotUnpack
                }
                _ => return Self::unreadable(part, error),
            };
            Self::damaged(part, reason)
        })
    }
}
