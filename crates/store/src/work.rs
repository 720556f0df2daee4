//! What code inside a transaction holds: a [`Reader`] sees one state of a tenant's database, a [`RowWork`] also changes rows,
//! a [`Work`] anything.
//!
//! All are plain synchronous Rust on a database thread. A work that ends with `Err` leaves nothing behind.

use std::ops::{Deref, DerefMut};

use crate::{count::Counts, dialect::Link, fresh::Learnt, laid::KnownLayouts, standing::Mark};

/// What is kept of a tenant's database between transactions.
#[derive(Default)]
pub(crate) struct Known {
    pub(crate) counts: Counts,
    pub(crate) layouts: KnownLayouts,
}

/// One state of a tenant's database.
pub struct Reader<'a> {
    pub(crate) link: &'a mut dyn Link,
    /// Counts of committed states; a work, which sees its own changes, has none.
    pub(crate) counts: Option<&'a Counts>,
    /// Layouts of tables, and the mark they are those of.
    pub(crate) layouts: Option<(&'a KnownLayouts, Mark)>,
    /// What a work that changes rows and nothing else has learnt.
    pub(crate) learnt: Option<Box<Learnt>>,
}

/// A tenant's database within a transaction that changes rows by [`RowWork::apply`] and nothing else.
pub struct RowWork<'a> {
    reader: Reader<'a>,
}

/// A tenant's database within a transaction that writes. No other write runs at the same time, so what it has read stays
/// true until it ends. An error of the store inside it should end it.
pub struct Work<'a> {
    rows: RowWork<'a>,
}

impl<'a> Reader<'a> {
    /// Of one state of the database; `mark` is that state's, when it has one.
    pub(crate) fn new(link: &'a mut dyn Link, known: &'a Known, mark: Option<Mark>) -> Self {
        let layouts = mark.map(|mark| (&known.layouts, mark));
        Self { link, counts: Some(&known.counts), layouts, learnt: None }
    }
}

impl<'a> RowWork<'a> {
    /// `mark` is that of the state it begins with, which it does not end.
    pub(crate) fn new(link: &'a mut dyn Link, known: &'a Known, mark: Option<Mark>) -> Self {
        let reader = Reader::new(link, known, mark);
        Self { reader: Reader { counts: None, learnt: Some(Box::default()), ..reader } }
    }
}

impl<'a> Work<'a> {
    pub(crate) fn new(link: &'a mut dyn Link) -> Self {
        Self { rows: RowWork { reader: Reader { link, counts: None, layouts: None, learnt: None } } }
    }
}

impl<'a> Deref for RowWork<'a> {
    type Target = Reader<'a>;

    fn deref(&self) -> &Self::Target {
        &self.reader
    }
}

impl DerefMut for RowWork<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.reader
    }
}

impl<'a> Deref for Work<'a> {
    type Target = RowWork<'a>;

    fn deref(&self) -> &Self::Target {
        &self.rows
    }
}

impl DerefMut for Work<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.rows
    }
}
