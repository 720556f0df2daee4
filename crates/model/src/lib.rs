//! The nouns of Gridkeep: what every other room talks about.
//!
//! **Architecture Invariant:** no I/O, no async, no clock of its own. Time and chance come in through
//! [`Clock`] and [`Rng`]; everything else is plain data with its checks, so that server, device and
//! browser mean the same thing by the same word.

pub mod address;
pub mod canonical;
pub mod cell;
pub mod checkpoint;
pub mod clock;
pub mod data;
pub mod definition;
pub mod domain;
pub mod id;
pub mod query;
pub mod report;
pub mod rights;
pub mod transaction;
pub mod workbook;

pub use address::{CellAt, CellRef, RangeAt, RangeRef};
pub use cell::{CellError, CellValue};
pub use clock::{Clock, Rng};
pub use data::{Column, ColumnType, Row, TableSchema, Value};
pub use definition::AppDefinition;
pub use id::{
    AccountId, ApiKeyId, AppId, ChallengeId, DirectoryEventId, DirectoryTokenId, EventId, FactorId, GroupId,
    HandlerId, InvitationId, InvitationJobId, JoinLinkId, KeyOwner, LoginEventId, MailId, OutsideId,
    ProviderId, RowId, SessionId, TenantId, TransactionId,
};
pub use query::Query;
pub use report::ImportReport;
pub use rights::Rights;
pub use transaction::{Operation, Outcome, RowChange, Transaction};
pub use workbook::Workbook;
