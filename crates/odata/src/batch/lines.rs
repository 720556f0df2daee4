//! Lines of a body that arrives in pieces, each looked at once.

use std::ops::Range;

use super::rules::{refuse, too_large};
use crate::{Error, Span};

/// What came and was not read yet.
#[derive(Debug, Default)]
pub(super) struct Lines {
    pub(super) buffer: Vec<u8>,
    /// Where in the body the buffer begins.
    pub(super) offset: usize,
    /// The next line begins here.
    pub(super) at: usize,
    /// No line ends before here.
    pub(super) searched: usize,
    /// Nothing more comes.
    pub(super) ended: bool,
}

/// What [`Lines::line`] found.
pub(super) enum Line {
    /// A line without its end, as a range of the buffer.
    Is(Range<usize>),
    /// It has not come as a whole.
    NotYet,
    /// There are no more.
    End,
}

/// A boundary's line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// Another part follows.
    Next,
    /// That was the last.
    Last,
}

type Result<T> = std::result::Result<T, Error>;

impl Lines {
    /// Takes the next bytes. What stands before `keep` may be dropped; answers how much was.
    pub(super) fn feed(&mut self, bytes: &[u8], keep: usize) -> usize {
        // Not for every few bytes: moving the rest costs.
        let dropped = if keep > self.buffer.len() / 2 { keep } else { 0 };
        self.buffer.drain(..dropped);
        self.offset += dropped;
        self.at -= dropped;
        self.searched = self.searched.saturating_sub(dropped);
        self.buffer.extend_from_slice(bytes);
        dropped
    }

    /// The place of a range of the buffer in the body.
    pub(super) fn span(&self, range: &Range<usize>) -> Span {
        Span { start: self.offset + range.start, end: self.offset + range.end }
    }

    /// The next line, of at most this many bytes.
    pub(super) fn line(&mut self, limit: usize) -> Result<Line> {
        let newline = self.buffer[self.searched..].iter().position(|byte| *byte == b'\n');
        let start = self.at;
        let (end, next) = match newline {
            Some(length) => (self.searched + length, self.searched + length + 1),
            None if self.ended && start < self.buffer.len() => (self.buffer.len(), self.buffer.len()),
            None => {
                self.searched = self.buffer.len();
                if self.searched - start > limit {
                    return self.too_long(start, limit);
                }
                return Ok(if self.ended { Line::End } else { Line::NotYet });
            }
        };
        if end - start > limit {
            return self.too_long(start, limit);
        }
        (self.at, self.searched) = (next, next);
        let end = if self.buffer[start..end].ends_with(b"\r") { end - 1 } else { end };
        Ok(Line::Is(start..end))
    }

    fn too_long<T>(&self, start: usize, limit: usize) -> Result<T> {
        too_large(format!("A line is longer than {limit} bytes"), self.span(&(start..start + 1)))
    }

    pub(super) fn text(&self, line: &Range<usize>) -> Result<&str> {
        std::str::from_utf8(&self.buffer[line.clone()]).or_else(|error| {
            let at = line.start + error.valid_up_to();
            refuse("INVALID_UTF8", "The line is not UTF-8", self.span(&(at..at + 1)))
        })
    }

    /// Whether a line is this boundary, which has its two dashes.
    pub(super) fn mark(&self, line: &Range<usize>, boundary: &[u8]) -> Option<Mark> {
        let rest = self.buffer[line.clone()].strip_prefix(boundary)?;
        let blank = |rest: &[u8]| rest.iter().all(|byte| matches!(byte, b' ' | b'\t'));
        match rest.strip_prefix(b"--") {
            Some(rest) if blank(rest) => Some(Mark::Last),
            _ if blank(rest) => Some(Mark::Next),
            _ => None,
        }
    }
}
