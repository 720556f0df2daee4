//! References between the tables of a proposal, from those between the blocks they were made of.

use gridkeep_model::definition::{Binding, Choices, Reference};
use serde::{Deserialize, Serialize};

use super::table::Published;
use crate::analyse::{Analysis, Block, BlockReference, ColumnPlace, ReasonText};

/// A column of a proposal's table that refers to another table, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ProposedReference {
    /// Id of the table whose column refers.
    pub table: String,
    /// Id of that column.
    pub column: String,
    /// What it refers to, as the definition says.
    pub refers: Reference,
    /// How sure that is, from 0 to 1.
    pub confidence: f64,
    /// Why.
    pub reason: ReasonText,
}

/// The blocks at both ends of a reference.
pub(super) fn ends<'a>(analysis: &'a Analysis, found: &BlockReference) -> Option<(&'a Block, &'a Block)> {
    let block = |place: &ColumnPlace| analysis.sheets.get(place.sheet)?.blocks.get(place.block);
    Some((block(&found.from)?, block(&found.to)?))
}

/// Whether rows of the block are records to refer to, rather than a rate or a limit for each value: there is more to them
/// than one number.
pub(super) fn holds_records(block: &Block, key: u32) -> bool {
    let told = |column: &&crate::analyse::BlockColumn| {
        column.offset != key && column.column_type == gridkeep_model::ColumnType::Text && column.filled > 0
    };
    block.columns.len() > 2 || block.columns.iter().any(|column| told(&column))
}

/// Writes every reference between published tables into its column.
pub(super) fn refer(analysis: &Analysis, published: &mut [Published<'_>]) -> Vec<ProposedReference> {
    let mut proposed = Vec::new();
    for found in &analysis.references {
        let Some((from, to)) = ends(analysis, found) else { continue };
        let at = |block: &Block| published.iter().position(|one| std::ptr::eq(one.block, block));
        let (Some(from), Some(to)) = (at(from), at(to)) else { continue };
        let there = &published[to].table;
        let Some(key) = there.columns.iter().find(|column| column.offset == found.to.offset) else {
            continue;
        };
        let refers = Reference { table: there.id.clone(), column: key.id.clone() };
        let (kept, calculated) = (key.column_type, key.formula.is_some());
        let table = &mut published[from].table;
        let own = table.columns.iter_mut().find(|column| column.offset == found.from.offset);
        let Some(own) = own.filter(|own| own.column_type == kept && own.formula.is_none() && !calculated)
        else {
            continue;
        };
        if found.chosen {
            // What is chosen from are the rows as they are then, not the cells they came from.
            let binding = Binding::Column { table: refers.table.clone(), column: refers.column.clone() };
            own.validation.choices = Some(Choices::Range { binding });
        }
        own.refers = Some(refers.clone());
        proposed.push(ProposedReference {
            table: table.id.clone(),
            column: own.id.clone(),
            refers,
            confidence: found.confidence,
            reason: found.reason.clone(),
        });
    }
    proposed
}

#[cfg(test)]
mod tests {
    use gridkeep_model::workbook::{DataValidation, ValidationKind, ValidationOperator};

    use crate::{
        analyse::{
            analyse_with,
            tests::{cached, workbook},
        },
        propose::propose,
        validate,
    };

    const SALES: (&str, &[&str]) = (
        "Sales",
        &[
            "Sale ID|Customer|Rate|Price",
            "S1|C1|USD|=VLOOKUP(C2,Rates!$A$2:$B$3,2,FALSE)",
            "S2|C2|EUR|=VLOOKUP(C3,Rates!$A$2:$B$3,2,FALSE)",
            "S3|C1|USD|=VLOOKUP(C4,Rates!$A$2:$B$3,2,FALSE)",
        ],
    );
    const CUSTOMERS: (&str, &[&str]) = ("Customers", &["ID|Name", "C1|Ann Bell", "C2|Bo Cray"]);
    const RATES: (&str, &[&str]) = ("Rates", &["Currency|Rate", "USD|1.1", "EUR|1"]);

    /// The tables of the best proposal with their references, and whether choices follow them.
    fn check(sheets: &[(&str, &[&str])], list: Option<&str>, tables: &[&str], expect: &[&str]) {
        let mut workbook = workbook(sheets);
        workbook.sheets[0].validations.extend(list.map(|list| DataValidation {
            ranges: vec!["B2:B4".parse().expect("a range")],
            kind: ValidationKind::List,
            operator: ValidationOperator::Between,
            formula1: list.into(),
            formula2: String::new(),
            allow_blank: true,
            blocking: true,
            error_message: String::new(),
            prompt: String::new(),
        }));
        let analysis = analyse_with(&workbook, &cached(&workbook));
        let proposals = propose(&workbook, &analysis, "any.xlsx");
        for proposal in &proposals {
            assert_eq!(validate(&proposal.definition, &workbook), [], "{}", proposal.id);
            assert_eq!(proposal.references.len(), proposal.definition.references().count());
        }
        let list = proposals.iter().find(|proposal| proposal.id == "list").expect("a list");
        let ids: Vec<&str> = list.definition.tables.iter().map(|table| table.id.as_str()).collect();
        assert_eq!(ids, tables);
        for table in &list.definition.tables {
            // What formulas look up is not for everybody to change.
            assert_eq!(table.access.insert.is_empty(), table.id == "rates", "{}", table.id);
        }
        let found: Vec<String> = list
            .references
            .iter()
            .map(|found| {
                let column =
                    list.definition.table(&found.table).and_then(|table| table.column(&found.column));
                let column = column.expect("the column");
                assert_eq!(column.refers.as_ref(), Some(&found.refers));
                let chosen = if column.validation.choices.is_some() { " chosen" } else { "" };
                format!(
                    "{}.{} -> {}.{}{chosen}",
                    found.table, found.column, found.refers.table, found.refers.column
                )
            })
            .collect();
        assert_eq!(found, expect);
    }

    #[test]
    fn tables_that_are_published_refer_to_each_other() {
        let refers = "sales.customer -> customers.id";
        check(&[SALES, CUSTOMERS, RATES], None, &["sales", "customers"], &[refers]);
        check(
            &[SALES, CUSTOMERS, RATES],
            Some("Customers!$A$2:$A$3"),
            &["sales", "customers"],
            &[&format!("{refers} chosen")],
        );
        // A rate for each currency is a setting, and its sheet no table.
        check(&[SALES, RATES], None, &["sales"], &[]);
        // Records that are looked up are a table of their own, few as they are.
        let rates = ("Rates", &["Currency|Rate|Country", "USD|1.1|America", "EUR|1|Europe"] as &[&str]);
        check(&[SALES, rates], None, &["sales", "rates"], &["sales.rate -> rates.currency"]);
    }
}
