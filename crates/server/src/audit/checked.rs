//! Whether a tenant's log is what it was, in words and for programs.
//!
//! **Architecture Invariant:** rows are read in slices, each a short read: a log of any length is verified in bounded memory while
//! the server goes on.

use std::{
    fs::File,
    io::{BufRead, BufReader},
    path::Path,
};

use gridkeep_store::audit::{Fault, Verifier, hex, tree::Hash, unhex};
use serde::Serialize;
use utoipa::ToSchema;

use super::{chain::Audit, signer::SignedHead};
use crate::error::ApiError;

/// Rows of a slice.
const SLICE: u32 = 20_000;

/// What a verification found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AuditReport)]
pub struct Report {
    /// Rows that were looked at.
    pub size: u64,
    /// Their root, in hexadecimal.
    pub root: String,
    /// Personal values that were erased with their people.
    pub erased: u64,
    /// Signed heads that were compared.
    pub heads: u64,
    /// Rows that no signed head covers yet.
    pub unsigned: u64,
    /// What is wrong; nothing when the log is whole. At most 50.
    pub faults: Vec<FaultView>,
    /// How much more is wrong.
    pub more: u64,
}

/// Something that is wrong with a log.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AuditFault)]
pub struct FaultView {
    /// `missing`, `edited`, `unchained`, `value`, `valuesGone`, `end`, `heads`, `node`, `truncated`, `rewritten` or `signature`.
    pub code: &'static str,
    /// The row, or the first of several.
    pub from: Option<u64>,
    /// The last row.
    pub to: Option<u64>,
    /// Of a personal value.
    pub name: Option<String>,
    /// How many.
    pub count: Option<u64>,
}

impl From<&Fault> for FaultView {
    fn from(fault: &Fault) -> Self {
        let of = Self::of;
        let rows = |code, from, to| Self { from: Some(from), to: Some(to), ..of(code) };
        match fault {
            Fault::Missing { from, to } => rows("missing", *from, *to),
            Fault::Edited(row) => rows("edited", *row, *row),
            Fault::Unchained(row) => rows("unchained", *row, *row),
            Fault::Value(row, name) => Self { name: Some(name.clone()), ..rows("value", *row, *row) },
            Fault::ValuesGone(count) => Self { count: Some(*count), ..of("valuesGone") },
            Fault::End => of("end"),
            Fault::Node { from, to } => rows("node", *from, *to),
            Fault::Truncated { head, size } => rows("truncated", size + 1, *head),
            Fault::Rewritten { head } => rows("rewritten", 1, *head),
        }
    }
}

impl FaultView {
    fn of(code: &'static str) -> Self {
        Self { code, ..Self::default() }
    }

    /// In words, for whoever runs the server.
    pub fn words(&self) -> String {
        let (from, to) = (self.from.unwrap_or_default(), self.to.unwrap_or_default());
        let rows = if from == to { format!("row {from}") } else { format!("rows {from} to {to}") };
        match self.code {
            "missing" => format!("{rows}: gone"),
            "edited" => format!("{rows}: does not say what it said when it was written"),
            "unchained" => {
                format!("{rows}: does not follow the row before it: one of them was replaced or moved")
            }
            "value" => {
                let name = self.name.as_deref().unwrap_or_default();
                format!("{rows}: the personal value {name:?} is not the one that was written")
            }
            "valuesGone" => {
                format!("{} personal values are gone, and no erasure says so", self.count.unwrap_or_default())
            }
            "heads" => {
                format!("{} lines of the file of heads cannot be read", self.count.unwrap_or_default())
            }
            "end" => "the end of the chain is not that of its last row".to_owned(),
            "node" => format!("{rows}: the tree that is kept above them is not theirs"),
            "truncated" => format!("{rows}: cut off after a head was signed that has them"),
            "rewritten" => format!("{rows}: not those that a head of {to} rows was signed for"),
            _ => format!("a head of {to} rows was not signed by this server for this log"),
        }
    }
}

impl Audit {
    /// The same with the heads that are in the file; one at a time.
    pub async fn verify_alone(&self) -> Result<Report, ApiError> {
        let Some(_turn) = self.turn().await else { return Err(ApiError::Overloaded) };
        let file = self.file();
        let given =
            tokio::task::spawn_blocking(move || read_heads(&file)).await.map_err(ApiError::internal)?;
        let (given, unread) = match given {
            Ok(read) => read,
            // A file that was never written, or is gone, is no fault of the log.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Default::default(),
            Err(error) => return Err(ApiError::internal(error)),
        };
        let mut report = self.verify(given).await?;
        if unread > 0 {
            report.faults.push(FaultView { count: Some(unread), ..FaultView::of("heads") });
        }
        self.found(report.faults.is_empty());
        Ok(report)
    }

    /// Looks at every row, and compares with all heads that are kept and these.
    pub async fn verify(&self, given: Vec<SignedHead>) -> Result<Report, ApiError> {
        let tenant = self.tenancy().id();
        let kept = self.heads(0).await?;
        let mut signed = kept.last().map_or(0, |head| head.size);
        let mut bad = Vec::new();
        let mut good: Vec<(u64, Hash)> = Vec::new();
        let shown = kept.iter().map(|head| self.signer().show(tenant, head));
        for head in shown.chain(given) {
            let root = unhex(&head.root).and_then(|root| Hash::try_from(root).ok());
            match root.filter(|_| self.signer().signed(tenant, &head)) {
                Some(root) => {
                    signed = signed.max(head.size);
                    good.push((head.size, root));
                }
                None => bad.push(FaultView {
                    code: "signature",
                    from: Some(1),
                    to: Some(head.size),
                    ..FaultView::default()
                }),
            }
        }
        good.sort_unstable();
        good.dedup();
        let heads = good.len() as u64;
        let mut verifier = Verifier::new(good);
        loop {
            let step = self.tenancy().read(move |reader| {
                let ended = reader.audit_verify(&mut verifier, SLICE)?;
                Ok((verifier, ended))
            });
            let (next, ended) = step.await?;
            verifier = next;
            if ended {
                break;
            }
        }
        let mut faults: Vec<FaultView> = verifier.faults().iter().map(FaultView::from).collect();
        let more = verifier.more() + bad.len().saturating_sub(50) as u64;
        faults.extend(bad.into_iter().take(50));
        Ok(Report {
            size: verifier.size(),
            root: hex(&verifier.root()),
            erased: verifier.erased(),
            heads,
            unsigned: verifier.size().saturating_sub(signed),
            faults,
            more,
        })
    }
}

/// The signed heads of a file, one a line, and how many lines are none. The last one may have been cut off.
pub fn read_heads(file: &Path) -> std::io::Result<(Vec<SignedHead>, u64)> {
    let (mut heads, mut unread) = (Vec::new(), 0);
    let mut lines = BufReader::new(File::open(file)?).lines().peekable();
    while let Some(line) = lines.next() {
        let line = line?;
        match serde_json::from_str(&line) {
            Ok(head) => heads.push(head),
            Err(error) if line.is_empty() || (error.is_eof() && lines.peek().is_none()) => {}
            Err(_) => unread += 1,
        }
    }
    Ok((heads, unread))
}
