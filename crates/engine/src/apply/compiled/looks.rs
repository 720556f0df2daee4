//! What a formula of an action looks at, by the same names that it is calculated with.

use gridkeep_model::{
    AppDefinition,
    definition::{ActionDefinition, ColumnDefinition},
};

use super::{MAX_BYTES, Names, Part, compile};
use crate::refs;

/// Functions whose results come from their arguments, or the moment, alone. Any other may read a place that it computes or stands
/// at, or may be a name of the workbook.
const OF_ARGUMENTS: &[&str] = &[
    "ABS",
    "AND",
    "AVERAGE",
    "CEILING",
    "CHOOSE",
    "CONCAT",
    "CONCATENATE",
    "COUNT",
    "COUNTA",
    "COUNTBLANK",
    "DATE",
    "DATEDIF",
    "DATEVALUE",
    "DAY",
    "DAYS",
    "EDATE",
    "EOMONTH",
    "EXACT",
    "FALSE",
    "FIND",
    "FLOOR",
    "HOUR",
    "IF",
    "IFERROR",
    "IFNA",
    "IFS",
    "INT",
    "ISBLANK",
    "ISERR",
    "ISERROR",
    "ISEVEN",
    "ISLOGICAL",
    "ISNA",
    "ISNONTEXT",
    "ISNUMBER",
    "ISODD",
    "ISTEXT",
    "LEFT",
    "LEN",
    "LOWER",
    "MAX",
    "MEDIAN",
    "MID",
    "MIN",
    "MINUTE",
    "MOD",
    "MONTH",
    "N",
    "NA",
    "NETWORKDAYS",
    "NOT",
    "NOW",
    "OR",
    "POWER",
    "PRODUCT",
    "PROPER",
    "QUOTIENT",
    "REPLACE",
    "REPT",
    "RIGHT",
    "ROUND",
    "ROUNDDOWN",
    "ROUNDUP",
    "SEARCH",
    "SECOND",
    "SIGN",
    "SQRT",
    "SUBSTITUTE",
    "SUM",
    "SWITCH",
    "T",
    "TEXT",
    "TIME",
    "TIMEVALUE",
    "TODAY",
    "TRIM",
    "TRUE",
    "TRUNC",
    "UPPER",
    "VALUE",
    "WEEKDAY",
    "WEEKNUM",
    "WORKDAY",
    "XOR",
    "YEAR",
];

/// What a formula looks at.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Looks<'a> {
    /// What its references mean, one after the other.
    pub seen: Vec<Seen<'a>>,
    /// It may look at more of the workbook than what its references mean.
    pub reads_more: bool,
}

/// What a reference means.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Seen<'a> {
    /// A value of the row that the action is called on.
    Column(&'a ColumnDefinition),
    /// The argument of this parameter.
    Parameter(&'a str),
    /// Something of the workbook, in which the rows of the app's tables are.
    Workbook,
}

impl<'a> Looks<'a> {
    /// Of an action's precondition, or of the value of a step's condition; `None` when it means nothing.
    pub fn of(definition: &'a AppDefinition, action: &'a ActionDefinition, text: &str) -> Option<Self> {
        let own = action.table.as_deref().and_then(|table| definition.table(table));
        let names = Names { action, own, step: None, sheet: "Actions", row: 1 };
        compile(text, &names).ok()?;
        let mut ast = refs::parse(text, MAX_BYTES).ok()?;
        let scan = refs::scan_parsed(&ast, "");
        let of_arguments = |name: &String| OF_ARGUMENTS.contains(&name.as_str());
        let mut all = Self {
            seen: Vec::new(),
            reads_more: scan.reads_more || !scan.functions.iter().all(of_arguments),
        };
        refs::each_reference(&mut ast, &mut |reference| {
            all.seen.push(match names.part(reference).ok()? {
                Some(Part::This(index)) => Seen::Column(own?.columns.get(index)?),
                Some(Part::Parameter(index)) => Seen::Parameter(&action.parameters.get(index)?.id),
                // No step has a row here.
                Some(Part::Step(_)) => return None,
                None => Seen::Workbook,
            });
            Some(())
        })?;
        Some(all)
    }

    /// Whether it may look at the workbook.
    pub fn at_workbook(&self) -> bool {
        self.reads_more || self.seen.contains(&Seen::Workbook)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_formulas_look_at_is_what_their_names_mean() {
        let column = |id: &str, title: &str| json!({"id": id, "title": title, "type": {"name": "integer"}, "kind": "text"});
        let definition: AppDefinition = serde_json::from_value(json!({"schemaVersion": 1, "name": "Store", "icon": "list",
            "accent": "#000000", "language": "en", "screens": [], "tables": [{"id": "stock", "title": "Stock",
            "source": {"from": "table", "name": "Stock"}, "key": "qty",
            "columns": [column("qty", "Qty"), column("total", "Old"), column("fresh", "Total"), column("due", "Due date")]}],
            "actions": [{"id": "fast", "title": "Fast", "table": "stock", "steps": [],
            "parameters": [{"id": "limit", "title": "Limit", "type": {"name": "integer"}, "kind": "text"}]}]}))
        .expect("a definition");
        let said = |formula: &str| {
            Looks::of(&definition, &definition.actions[0], formula).map(|looks| {
                let seen = looks.seen.iter().map(|seen| match seen {
                    Seen::Column(column) => format!("[{}]", column.id),
                    Seen::Parameter(id) => (*id).to_owned(),
                    Seen::Workbook => "!".to_owned(),
                });
                let more = looks.reads_more.then(|| "more".to_owned());
                seen.chain(more).collect::<Vec<_>>().join(" ")
            })
        };
        let check =
            |formula: &str, expect: Option<&str>| assert_eq!(said(formula).as_deref(), expect, "{formula}");
        check("TRUE", Some(""));
        check("[@Qty]=\"Rates!A1\"", Some("[qty]"));
        // A title comes before an id, wherever it stands.
        check("AND([@Total]<=5000, NOT([@old]), TRUE)", Some("[fresh] [total]"));
        check("ROUND(Stock[@Qty], 2) > 1.5", Some("[qty]"));
        check("[@[Due date]]<TODAY()", Some("[due]"));
        // A parameter comes before a name of the workbook.
        check("[@Qty]<LIMIT", Some("[qty] limit"));
        check("[@Qty]<Bound", Some("[qty] !"));
        check("[@Qty]<'My sheet'!$A$1", Some("[qty] !"));
        check("SUM(Expenses[Amount])<5", Some("!"));
        check("SUM([Amount])<5", Some("!"));
        // Places that a function computes or stands at, and functions that the workbook may have made.
        check("INDIRECT(\"Limits!A1\")>[@Qty]", Some("[qty] more"));
        check("OFFSET(Rates!A1,[@Qty],0)=1", Some("! [qty] more"));
        check("SUM(INDEX(Rates!A1:A9,2):Rates!A5)=1", Some("! ! more"));
        check("ROW()=4", Some("more"));
        check("MYRULE([@Qty])", Some("[qty] more"));
        // What means nothing looks at nothing that could be said.
        check("A1=1", None);
        check("[@Gone]=1", None);
        check("Expenses[@Amount]=1", None);
        check("(", None);
    }
}
