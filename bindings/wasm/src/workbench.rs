//! One open workbook, and the app over it once a definition is bound.

use std::sync::Arc;

use gridkeep_engine::{Engine, LoadOptions, Locale, app::App, compare, load};
use gridkeep_model::{
    AppDefinition, CellAt, ImportReport, RangeAt, Transaction, Workbook, definition::Role,
    query::RowsRequest, workbook::Outline,
};
use gridkeep_workbook::Limits;
use serde::Serialize;
use serde_json::Value as Json;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::{cells, failure::Failure, rows};

/// A workbook at work. Every text that goes in or comes out is JSON; failures are `Error`s whose message is
/// `{code, message, place?}` as JSON.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Workbench {
    workbook: Arc<Workbook>,
    options: LoadOptions,
    report: ImportReport,
    state: State,
}

/// Whether a definition is bound.
enum State {
    /// Not yet; nothing was entered into the engine.
    Open(Box<dyn Engine>),
    /// It is.
    Bound(Box<App>),
    /// Only while one becomes the other.
    Passing,
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Open(_) => "Open",
            Self::Bound(_) => "Bound",
            Self::Passing => "Passing",
        })
    }
}

#[wasm_bindgen]
impl Workbench {
    /// Opens a workbook and calculates it. `nowIso` is the person's local date and time without zone; `locale` is `en`
    /// or `de` and rules the separators of texts.
    pub fn open(
        bytes: &[u8],
        #[wasm_bindgen(js_name = fileName)] file_name: &str,
        #[wasm_bindgen(js_name = nowIso)] now_iso: &str,
        locale: &str,
    ) -> Result<Self, Failure> {
        let bad = |error: jiff::Error| Failure::new("badRequest", error.to_string());
        let now: jiff::civil::DateTime = now_iso.parse().map_err(bad)?;
        let locale: Locale = from_word(locale)?;
        // Chance differs from one opening to the next and still can be repeated: it begins with the moment.
        let seed = now.duration_since(jiff::civil::DateTime::default()).as_secs().unsigned_abs();
        let options = LoadOptions { locale, seed, ..LoadOptions::at(now) };
        let workbook = Arc::new(gridkeep_workbook::read(file_name, bytes, &Limits::default())?);
        let (engine, mut report) = load(&workbook, &options)?;
        for finding in gridkeep_workbook::findings(&workbook) {
            report.add(finding);
        }
        Ok(Self { workbook, options, report, state: State::Open(engine) })
    }

    /// What could be imported: `ImportReport`.
    pub fn report(&self) -> Result<String, Failure> {
        json(&self.report)
    }

    /// Sheets, names and tables: `Outline`.
    pub fn outline(&self) -> Result<String, Failure> {
        json(&Outline::of(&self.workbook))
    }

    /// The cells of a rectangle that hold something: `[{row, column, text, kind, formula?}]`. Rows and columns count from 1.
    pub fn cells(
        &self,
        sheet: &str,
        top: u32,
        left: u32,
        bottom: u32,
        right: u32,
    ) -> Result<String, Failure> {
        let unknown = || Failure::new("unknownSheet", format!("there is no sheet “{sheet}”"));
        let sheet = self.workbook.sheet(sheet).ok_or_else(unknown)?;
        let range = RangeAt::new(CellAt::new(top, left), CellAt::new(bottom, right));
        let engine = match &self.state {
            State::Open(engine) => &**engine,
            State::Bound(app) => app.engine(),
            State::Passing => return Err(not_bound()),
        };
        json(&cells::shown(&self.workbook, sheet, engine, range, &self.options))
    }

    /// Our results against those in the file: `Comparison`. What was entered plays no part.
    pub fn compare(&self) -> Result<String, Failure> {
        json(&compare::golden(&self.workbook, &self.options)?)
    }

    /// What is wrong with a definition for this workbook: `DefinitionProblem[]`.
    pub fn validate(&self, definition: &str) -> Result<String, Failure> {
        json(&gridkeep_workbook::validate(&serde_json::from_str(definition)?, &self.workbook))
    }

    /// Puts an app over the workbook, in place of the one before, with this screen open, or its first where it has no such
    /// screen; gives its `AppView`.
    pub fn bind(&mut self, definition: &str, screen: Option<String>) -> Result<String, Failure> {
        let definition: AppDefinition = serde_json::from_str(definition)?;
        if let State::Bound(app) = &mut self.state {
            app.rebind(definition)?;
        } else if let State::Open(engine) = std::mem::replace(&mut self.state, State::Passing) {
            let app = App::over(self.workbook.clone(), definition, &self.options, engine);
            self.state = State::Bound(Box::new(app));
        }
        let app = self.app_mut()?;
        let shown = screen.and_then(|screen| app.show(&screen).ok());
        json(&shown.unwrap_or_else(|| app.view()))
    }

    /// Opens another screen, which every answer shows from now on: `AppView`.
    pub fn show(&mut self, screen: &str) -> Result<String, Failure> {
        json(&self.app_mut()?.show(screen)?)
    }

    /// What the open screen shows: `AppView`.
    pub fn view(&self) -> Result<String, Failure> {
        json(&self.app()?.view())
    }

    /// Enters a value: `id` is a field's id, or `grid/row/offset`, both counted from 0. Gives the `AppView` after it.
    pub fn input(
        &mut self,
        id: &str,
        #[wasm_bindgen(js_name = valueJson)] value_json: &str,
    ) -> Result<String, Failure> {
        json(&self.app_mut()?.input(id, &serde_json::from_str(value_json)?)?)
    }

    /// What was entered and accepted, by id: a scenario to keep.
    pub fn inputs(&self) -> Result<String, Failure> {
        json(&self.app()?.inputs())
    }

    /// Starts over and enters a scenario; `{}` is the way back. Gives the `AppView` after it.
    #[wasm_bindgen(js_name = setInputs)]
    pub fn set_inputs(&mut self, inputs: &str) -> Result<String, Failure> {
        json(&self.app_mut()?.set_inputs(&serde_json::from_str(inputs)?)?)
    }

    /// A page of a table's rows: `RowsRequest` to `RowsPage`.
    pub fn rows(&self, table: &str, request: &str) -> Result<String, Failure> {
        let request: RowsRequest = serde_json::from_str(request)?;
        let refused = |problem| Failure::new("badRequest", json(&problem).unwrap_or_default());
        json(&self.app()?.rows(table, &request).map_err(refused)?)
    }

    /// Changes rows as the server would: `Transaction` to `Outcome`.
    pub fn transact(&mut self, transaction: &str, role: &str) -> Result<String, Failure> {
        let transaction: Transaction = serde_json::from_str(transaction)?;
        let role: Role = from_word(role)?;
        json(&self.app_mut()?.transact(&transaction, role)?)
    }

    /// Ids of the actions that a role can run now, on a row of a table or on none: `["approve", ...]`.
    pub fn runnable(&mut self, table: &str, row: &str, role: &str) -> Result<String, Failure> {
        let called_on = if table.is_empty() { None } else { Some((table, from_word(row)?)) };
        let role: Role = from_word(role)?;
        json(&self.app_mut()?.runnable(called_on, role)?.unwrap_or_default())
    }

    /// Takes a table's rows from the server, `[[id, version, value, ...]]`, and calculates with them. Gives the `AppView`
    /// after it.
    #[wasm_bindgen(js_name = setRows)]
    pub fn set_rows(&mut self, table: &str, rows: &str) -> Result<String, Failure> {
        let app = self.app_mut()?;
        let unknown = || Failure::new("unknownTable", format!("there is no table “{table}” in this app"));
        let rows = rows::parse(app.definition().table(table).ok_or_else(unknown)?, rows)?;
        json(&app.set_rows(table, rows)?)
    }

    fn app(&self) -> Result<&App, Failure> {
        match &self.state {
            State::Bound(app) => Ok(app),
            State::Open(_) | State::Passing => Err(not_bound()),
        }
    }

    fn app_mut(&mut self) -> Result<&mut App, Failure> {
        match &mut self.state {
            State::Bound(app) => Ok(app),
            State::Open(_) | State::Passing => Err(not_bound()),
        }
    }
}

fn not_bound() -> Failure {
    Failure::new("badRequest", "no app is bound to the workbook".to_owned())
}

fn json<T: Serialize>(value: &T) -> Result<String, Failure> {
    Ok(serde_json::to_string(value)?)
}

/// A word as its enum spells it in JSON.
fn from_word<T: serde::de::DeserializeOwned>(word: &str) -> Result<T, Failure> {
    Ok(serde_json::from_value(Json::String(word.to_owned()))?)
}
