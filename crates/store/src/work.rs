//! What code inside a transaction holds: a [`Reader`] sees one state of a tenant's database, a [`Work`] also changes it.
//!
//! Both are plain synchronous Rust on a database thread. A work that ends with `Err` leaves nothing behind.

use std::ops::{Deref, DerefMut};

use crate::{count::Counts, dialect::Link};

/// One state of a tenant's database.
pub struct Reader<'a> {
    pub(crate) link: &'a mut dyn Link,
    /// Counts of committed states; a work, which sees its own changes, has none.
    pub(crate) counts: Option<&'a Counts>,
}

/// A tenant's database within a transaction that writes. No other write runs at the same time, so what it has read stays
/// true until it ends. An error of the store inside it should end it.
pub struct Work<'a> {
    reader: Reader<'a>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(link: &'a mut dyn Link, counts: &'a Counts) -> Self {
        Self { link, counts: Some(counts) }
    }
}

impl<'a> Work<'a> {
    pub(crate) fn new(link: &'a mut dyn Link) -> Self {
        Self { reader: Reader { link, counts: None } }
    }
}

impl<'a> Deref for Work<'a> {
    type Target = Reader<'a>;

    fn deref(&self) -> &Self::Target {
        &self.reader
    }
}

impl DerefMut for Work<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.reader
    }
}
