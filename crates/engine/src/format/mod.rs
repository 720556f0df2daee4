//! Excel number formats.
