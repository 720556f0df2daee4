//! Results of formulas over the rows as they are now, for programs that show an exported workbook without calculating it.

use std::sync::Arc;

use gridkeep_engine::app::App;
use gridkeep_model::{AppDefinition, CellRef, CellValue, Row, Workbook};

use crate::{
    creation::{Analyst, engine_error},
    language::Language,
};

/// Rows of all tables together over which results are calculated; beyond, an export asks the next program to calculate,
/// which it does anyway.
const MOST_ROWS: usize = 100_000;

/// What the formulas give that read rows; nothing when that would take too long: an export is worth more than its results.
pub(super) async fn results(
    analyst: &Analyst,
    workbook: Arc<Workbook>,
    definition: Arc<AppDefinition>,
    tables: &[(String, Vec<Row>)],
) -> Vec<(CellRef, CellValue)> {
    let count: usize = tables.iter().map(|(_, rows)| rows.len()).sum();
    if workbook.formula_count() == 0 || count > MOST_ROWS {
        return Vec::new();
    }
    let options = analyst.options(Language::of_definition(&definition.language));
    let tables = tables.to_vec();
    let calculate = move |cancel: &gridkeep_engine::Cancel| {
        let results = App::open_cancellable(workbook, (*definition).clone(), &options, cancel)
            .and_then(|mut app| app.results(tables, cancel));
        results.map_err(engine_error)
    };
    analyst.run(calculate).await.unwrap_or_else(|error| {
        tracing::warn!(error.code = error.code(), "exported without results");
        Vec::new()
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use gridkeep_model::{
        CellAt, RangeAt,
        workbook::{Cell, Formula, Sheet},
    };

    use super::*;
    use crate::chance::{SystemClock, Time};

    #[tokio::test]
    async fn who_takes_too_long_is_left_out() {
        let at = CellAt::new(1, 1);
        let formula = Some(Formula::Plain("1+1".into()));
        let cells = vec![Cell { at, value: CellValue::Blank, formula, style: 0 }];
        let workbook = Arc::new(Workbook { sheets: vec![Sheet::new("S", cells)], ..Workbook::default() });
        let definition: AppDefinition = serde_json::from_value(serde_json::json!({
            "schemaVersion": 1, "name": "A", "icon": "list", "accent": "#000000", "language": "en", "screens": []
        }))
        .unwrap();
        let definition = Arc::new(definition);
        let check = async |limit, expect: &[(CellRef, CellValue)]| {
            let analyst = Analyst::new(1, limit, Time::new(Arc::new(SystemClock)));
            let found = results(&analyst, workbook.clone(), definition.clone(), &[]).await;
            assert_eq!(found, expect);
        };
        check(Duration::ZERO, &[]).await;
        let two = CellRef::new("S", RangeAt::cell(at).start);
        check(Duration::from_mins(1), &[(two, CellValue::Number(2.0))]).await;
    }
}
