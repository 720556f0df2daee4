//! Actions: what they are called on, their parameters, and that their steps name what is there.

use std::collections::HashSet;

use gridkeep_engine::{apply::wrong_formula, refs::scan};
use gridkeep_model::{
    CellAt, Value,
    definition::{
        ActionDefinition, ActionStep, Binding, Choices, Comparison, RowCondition, TableDefinition,
        ValueSource,
    },
};

use super::{Check, ProblemCode, shown, tables::fits};

/// Actions, parameters and steps.
const MAX_PARTS: usize = 60;
/// Conditions of a step.
const MAX_CONDITIONS: usize = 10;

impl<'a> Check<'a> {
    pub(super) fn actions(&mut self) {
        let definition = self.definition;
        self.most("actions", definition.actions.len(), MAX_PARTS);
        let mut ids = HashSet::new();
        for (index, action) in definition.actions.iter().enumerate() {
            let path = format!("actions/{index}");
            self.id(&format!("{path}/id"), &action.id);
            if !ids.insert(action.id.as_str()) {
                self.duplicate(&format!("{path}/id"), &action.id);
            }
            self.action(&path, action);
        }
    }

    fn action(&mut self, path: &str, action: &'a ActionDefinition) {
        self.label(&format!("{path}/title"), &action.title);
        self.text(&format!("{path}/description"), &action.description);
        for (name, text) in [("refusal", &action.refusal), ("confirmation", &action.confirmation)] {
            if let Some(text) = text {
                self.text(&format!("{path}/{name}"), text);
            }
        }
        let own = action.table.as_ref().and_then(|table| self.table_of(&format!("{path}/table"), table));
        self.parameters(path, action);
        if let Some(when) = &action.when {
            self.formula(&format!("{path}/when"), action, None, when);
        }
        if action.steps.is_empty() {
            self.add(
                &format!("{path}/steps"),
                ProblemCode::Missing,
                "The action does nothing yet",
                "Die Aktion tut noch nichts",
            );
        }
        self.most(&format!("{path}/steps"), action.steps.len(), MAX_PARTS);
        for (index, step) in action.steps.iter().enumerate() {
            self.step(&format!("{path}/steps/{index}"), action, own, step);
        }
    }

    fn table_of(&mut self, path: &str, id: &str) -> Option<&'a TableDefinition> {
        let found = self.definition.table(id);
        if found.is_none() {
            self.add(
                path,
                ProblemCode::UnknownTable,
                format!("The app has no table “{}”", shown(id)),
                format!("Die App hat keine Tabelle „{}“", shown(id)),
            );
        }
        found
    }

    fn parameters(&mut self, path: &str, action: &'a ActionDefinition) {
        self.most(&format!("{path}/parameters"), action.parameters.len(), MAX_PARTS);
        let mut ids = HashSet::new();
        for (index, parameter) in action.parameters.iter().enumerate() {
            let path = format!("{path}/parameters/{index}");
            let at = format!("{path}/id");
            self.id(&at, &parameter.id);
            if !ids.insert(parameter.id.as_str()) {
                self.duplicate(&at, &parameter.id);
            }
            // In a formula such a name would mean something else.
            let address = parameter.id.to_uppercase().parse::<CellAt>().is_ok();
            if address || matches!(parameter.id.as_str(), "true" | "false" | "r" | "c") {
                self.add(
                    &at,
                    ProblemCode::Format,
                    format!(
                        "In a formula “{}” means something else; choose another id",
                        shown(&parameter.id)
                    ),
                    format!(
                        "In einer Formel bedeutet „{}“ etwas anderes; wählen Sie eine andere Kennung",
                        shown(&parameter.id)
                    ),
                );
            }
            self.label(&format!("{path}/title"), &parameter.title);
            self.no_file(&path, parameter.kind, &parameter.validation);
            if !fits(parameter.column_type, parameter.kind) {
                self.add(
                    &format!("{path}/kind"),
                    ProblemCode::Contradiction,
                    "This kind of field does not fit the parameter's type",
                    "Diese Feldart passt nicht zum Typ des Parameters",
                );
            }
            if let Some(Choices::Range { binding: Binding::Column { table, column } }) =
                &parameter.validation.choices
            {
                let at = format!("{path}/validation/choices");
                if let Some(table) = self.table_of(&at, table)
                    && table.column(column).is_none()
                {
                    self.unknown_column(&at, column);
                }
                let mut rest = parameter.validation.clone();
                rest.choices = None;
                self.validation(
                    &format!("{path}/validation"),
                    gridkeep_model::definition::FieldKind::Text,
                    &rest,
                );
            } else {
                self.validation(&format!("{path}/validation"), parameter.kind, &parameter.validation);
            }
        }
    }

    fn step(
        &mut self,
        path: &str,
        action: &'a ActionDefinition,
        own: Option<&'a TableDefinition>,
        step: &'a ActionStep,
    ) {
        let table = match step {
            ActionStep::Set { .. } if action.table.is_none() => {
                self.add(
                    path,
                    ProblemCode::Contradiction,
                    "The action is called on no row, so there is none to change",
                    "Die Aktion wird an keiner Zeile aufgerufen, also gibt es keine zu ändern",
                );
                return;
            }
            ActionStep::Set { .. } => own,
            ActionStep::Insert { table, .. }
            | ActionStep::Update { table, .. }
            | ActionStep::Delete { table, .. } => self.table_of(&format!("{path}/table"), table),
        };
        let Some(table) = table else { return };
        if !matches!(step, ActionStep::Delete { .. } | ActionStep::Insert { .. })
            && step.values().next().is_none()
        {
            self.add(
                &format!("{path}/values"),
                ProblemCode::Missing,
                "The step changes no column",
                "Der Schritt ändert keine Spalte",
            );
        }
        for (column, source) in step.values() {
            let at = format!("{path}/values/{column}");
            match table.column(column) {
                None => self.unknown_column(&at, column),
                Some(found) if !found.is_entered() => self.add(
                    &at,
                    ProblemCode::Calculated,
                    format!("The app fills “{}”; it cannot be set", shown(&found.title)),
                    format!("„{}“ füllt die App; es kann nicht gesetzt werden", shown(&found.title)),
                ),
                Some(found) if found.is_file() => self.values_only(&at, table, [&found.id]),
                Some(found) => self.source_of(&at, action, Some(step), found.column_type, source),
            }
        }
        self.most(&format!("{path}/where"), step.conditions().len(), MAX_CONDITIONS);
        if let ActionStep::Delete { conditions, .. } = step
            && conditions.is_empty()
        {
            self.add(
                &format!("{path}/where"),
                ProblemCode::Missing,
                "Which rows are removed must be said",
                "Es muss gesagt sein, welche Zeilen entfernt werden",
            );
        }
        for (index, condition) in step.conditions().iter().enumerate() {
            self.row_condition(&format!("{path}/where/{index}"), action, table, condition);
        }
    }

    fn row_condition(
        &mut self,
        path: &str,
        action: &'a ActionDefinition,
        table: &TableDefinition,
        condition: &RowCondition,
    ) {
        let Some(column) = table.column(&condition.column) else {
            self.unknown_column(&format!("{path}/column"), &condition.column);
            return;
        };
        let compares = !matches!(condition.comparison, Comparison::Filled | Comparison::Empty);
        match &condition.value {
            Some(source) => {
                self.source_of(&format!("{path}/value"), action, None, column.column_type, source);
            }
            None if compares => self.add(
                &format!("{path}/value"),
                ProblemCode::Missing,
                "It is not said what is compared with",
                "Es ist nicht gesagt, womit verglichen wird",
            ),
            None => {}
        }
    }

    /// A constant must be a value of the column, a formula must be readable.
    fn source_of(
        &mut self,
        path: &str,
        action: &'a ActionDefinition,
        step: Option<&ActionStep>,
        kind: gridkeep_model::ColumnType,
        source: &ValueSource,
    ) {
        match source {
            ValueSource::Value(json) => {
                if let Err(error) = Value::from_json(kind, json) {
                    self.add(
                        path,
                        ProblemCode::Format,
                        format!("The value does not fit the column: {error}"),
                        "Der Wert passt nicht zur Spalte",
                    );
                }
            }
            ValueSource::Formula(text) => self.formula(path, action, step, text),
        }
    }

    fn formula(&mut self, path: &str, action: &ActionDefinition, step: Option<&ActionStep>, text: &str) {
        if let Some(why) = wrong_formula(self.definition, action, step, text) {
            self.add(
                path,
                ProblemCode::Format,
                format!("The formula cannot be used: {}", shown(&why)),
                format!("Die Formel kann nicht verwendet werden: {}", shown(&why)),
            );
            return;
        }
        let scan = scan(text, "");
        for range in &scan.ranges {
            self.sheet(path, &range.sheet);
        }
        // What LET and LAMBDA name themselves is not told from other names.
        if scan.functions.iter().any(|name| name == "LET" || name == "LAMBDA") {
            return;
        }
        for name in &scan.names {
            let lower = name.to_lowercase();
            let known = action.parameter(&lower).is_some()
                || self.workbook.names.iter().any(|known| known.name.to_lowercase() == lower)
                || self.workbook.table(name).is_some();
            if !known {
                self.add(
                    path,
                    ProblemCode::UnknownName,
                    format!("“{}” is no parameter and no name of the workbook", shown(name)),
                    format!("„{}“ ist kein Parameter und kein Name der Arbeitsmappe", shown(name)),
                );
            }
        }
    }
}
