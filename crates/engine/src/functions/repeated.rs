//! Our calls that calculate their last argument again and again, with local names bound to other values each time: see
//! [`super::repeats`], which puts them into formulas.
//!
//! **Architecture Invariant:** between two rounds somebody may stop the calculation, and no result has more elements than
//! the limit for arrays.

use std::{
    cell::Cell,
    sync::{Arc, LazyLock},
};

use formualizer::{
    common::{ExcelError, ExcelErrorKind, LiteralValue},
    eval::{
        args::ArgSchema,
        engine::range_view::RangeView,
        function::{FnCaps, Function},
        function_contract::{
            FunctionArgumentDependencyContract, FunctionArityRule, FunctionContextDependence,
            FunctionDependencyClass, FunctionDependencyContract, FunctionDependencySemantics,
            FunctionEnvironmentSemantics, FunctionEvaluationSemantics, FunctionResultSemantics,
            FunctionSemanticContract,
        },
        interpreter::{LocalBinding, LocalEnv},
        traits::{ArgumentHandle, CalcValue, FunctionContext},
    },
};

use super::adapter::MAX_TEXTS;

/// What is repeated over what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A function that takes one value, for every element of the arrays it was given instead.
    Each,
    Map,
    Reduce,
    Scan,
    ByRow,
    ByColumn,
    MakeArray,
}

const KINDS: [Kind; 7] =
    [Kind::Each, Kind::Map, Kind::Reduce, Kind::Scan, Kind::ByRow, Kind::ByColumn, Kind::MakeArray];

impl Kind {
    /// Of our own calls; people never see it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Each => "GRIDKEEP.EACH",
            Self::Map => "GRIDKEEP.MAP",
            Self::Reduce => "GRIDKEEP.REDUCE",
            Self::Scan => "GRIDKEEP.SCAN",
            Self::ByRow => "GRIDKEEP.BYROW",
            Self::ByColumn => "GRIDKEEP.BYCOL",
            Self::MakeArray => "GRIDKEEP.MAKEARRAY",
        }
    }

    /// Excel's function, if it is one of LAMBDA's helpers.
    pub(super) const fn helper(self) -> Option<&'static str> {
        Some(match self {
            Self::Each => return None,
            Self::Map => "MAP",
            Self::Reduce => "REDUCE",
            Self::Scan => "SCAN",
            Self::ByRow => "BYROW",
            Self::ByColumn => "BYCOL",
            Self::MakeArray => "MAKEARRAY",
        })
    }

    pub(super) fn of_name(name: &str) -> Option<Self> {
        KINDS.into_iter().find(|kind| kind.name() == name)
    }

    pub(super) fn of_helper(name: &str) -> Option<Self> {
        KINDS.into_iter().find(|kind| kind.helper() == Some(name))
    }

    /// Whether the helper may have so many arguments, its LAMBDA included.
    pub(super) const fn takes(self, arguments: usize) -> bool {
        match self {
            Self::Each => false,
            Self::Map => arguments >= 2,
            Self::Reduce | Self::Scan | Self::MakeArray => arguments == 3,
            Self::ByRow | Self::ByColumn => arguments == 2,
        }
    }
}

/// Our calls, and the helpers themselves: left in a formula, a helper was called as Excel does not allow.
pub(super) fn all() -> Vec<Arc<dyn Function>> {
    let calls = KINDS.into_iter().map(|kind| Arc::new(Repeated(kind)) as Arc<dyn Function>);
    let helpers = KINDS.into_iter().filter_map(Kind::helper);
    calls.chain(helpers.map(|name| Arc::new(Misused(name)) as Arc<dyn Function>)).collect()
}

struct Misused(&'static str);

impl Function for Misused {
    fn name(&self) -> &'static str {
        self.0
    }

    fn eval<'b>(
        &self,
        _: &[ArgumentHandle<'_, 'b>],
        _: &dyn FunctionContext<'b>,
    ) -> Result<CalcValue<'b>, ExcelError> {
        Err(ExcelError::new(ExcelErrorKind::Value))
    }
}

struct Repeated(Kind);

impl Function for Repeated {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn caps(&self) -> FnCaps {
        FnCaps::PURE | FnCaps::SHORT_CIRCUIT | FnCaps::LOCAL_ENVIRONMENT | FnCaps::MAY_SPILL
    }

    fn min_args(&self) -> usize {
        3
    }

    fn variadic(&self) -> bool {
        true
    }

    fn arg_schema(&self) -> &'static [ArgSchema] {
        static SCHEMA: LazyLock<Vec<ArgSchema>> = LazyLock::new(|| vec![ArgSchema::any()]);
        &SCHEMA
    }

    /// As that of LET: names and values in turn, and what is calculated with them.
    fn dependency_contract(&self, arity: usize) -> Option<FunctionDependencyContract> {
        FunctionDependencyContract {
            class: FunctionDependencyClass::StaticScalarAllArgs,
            arity: FunctionArityRule::OddAtLeast(3),
            arguments: FunctionArgumentDependencyContract::LocalBindingPairs,
        }
        .for_arity(arity)
    }

    fn semantic_contract(&self, arity: usize) -> Option<FunctionSemanticContract> {
        Some(FunctionSemanticContract {
            dependency: FunctionDependencySemantics::RecursiveSyntacticArgs,
            evaluation: FunctionEvaluationSemantics::ShortCircuit,
            result: FunctionResultSemantics::MaySpill,
            environment: FunctionEnvironmentSemantics::LocalBindings,
            context: FunctionContextDependence::None,
            precision: Some(self.dependency_contract(arity)?),
        })
    }

    fn dispatch<'b>(
        &self,
        arguments: &[ArgumentHandle<'_, 'b>],
        context: &dyn FunctionContext<'b>,
    ) -> Result<CalcValue<'b>, ExcelError> {
        self.eval(arguments, context)
    }

    fn eval<'b>(
        &self,
        arguments: &[ArgumentHandle<'_, 'b>],
        context: &dyn FunctionContext<'b>,
    ) -> Result<CalcValue<'b>, ExcelError> {
        let wrong = || ExcelError::new(ExcelErrorKind::Value);
        let (body, pairs) = arguments.split_last().ok_or_else(wrong)?;
        let (mut names, mut grids) = (Vec::new(), Vec::new());
        for pair in pairs.chunks_exact(2) {
            names.push(local_name(&pair[0]).ok_or_else(wrong)?);
            grids.push(if pair[1].is_omitted() { None } else { Some(Grid::of(&pair[1], context)?) });
        }
        let texts = Cell::new(0);
        let rounds = Rounds { texts, names, body, env: body.current_env(), context };
        let result = match (self.0, grids.as_slice()) {
            (Kind::Reduce | Kind::Scan, [initial, Some(array)]) => {
                rounds.fold(initial.as_ref(), array, self.0 == Kind::Scan)
            }
            (Kind::MakeArray, [Some(rows), Some(columns)]) => rounds.make(rows, columns),
            (Kind::ByRow | Kind::ByColumn, [Some(array)]) => rounds.lines(array, self.0 == Kind::ByRow),
            (Kind::Each | Kind::Map, grids) => {
                let grids: Vec<&Grid<'_>> = grids.iter().flatten().collect();
                rounds.elements(&grids, self.0 == Kind::Each)
            }
            _ => return Err(wrong()),
        }?;
        Ok(match result {
            LiteralValue::Array(rows) => {
                CalcValue::Range(RangeView::from_owned_rows(rows, context.date_system()))
            }
            value => CalcValue::Scalar(value),
        })
    }
}

fn local_name(argument: &ArgumentHandle<'_, '_>) -> Option<String> {
    use formualizer::parse::parser::{ASTNodeType, ReferenceType};
    match &argument.ast().node_type {
        ASTNodeType::Reference { reference: ReferenceType::NamedRange(name), .. } => Some(name.clone()),
        _ => None,
    }
}

/// One value, or many.
enum Grid<'b> {
    One(LiteralValue),
    Many(RangeView<'b>),
}

impl<'b> Grid<'b> {
    /// An argument's value; an error is one too.
    fn of(argument: &ArgumentHandle<'_, 'b>, context: &dyn FunctionContext<'b>) -> Result<Self, ExcelError> {
        Ok(match argument.value() {
            Ok(CalcValue::Range(view)) => Self::Many(view),
            Ok(CalcValue::Scalar(LiteralValue::Array(rows))) => {
                Self::Many(RangeView::from_owned_rows(rows, context.date_system()))
            }
            Ok(CalcValue::Callable(_)) => {
                Self::One(LiteralValue::Error(ExcelError::new(ExcelErrorKind::Calc)))
            }
            Ok(value) => Self::One(value.into_literal()),
            Err(error) if error.kind == ExcelErrorKind::Cancelled => return Err(error),
            Err(error) => Self::One(LiteralValue::Error(error)),
        })
    }

    fn dimensions(&self) -> (usize, usize) {
        match self {
            Self::One(_) => (1, 1),
            Self::Many(view) => view.dims(),
        }
    }

    /// The element here; beyond the end `#N/A`, unless one row or column is repeated.
    fn at(&self, row: usize, column: usize, repeat: bool) -> LiteralValue {
        let (rows, columns) = self.dimensions();
        let row = if repeat && rows == 1 { 0 } else { row };
        let column = if repeat && columns == 1 { 0 } else { column };
        if row >= rows || column >= columns {
            return LiteralValue::Error(ExcelError::new(ExcelErrorKind::Na));
        }
        match self {
            Self::One(value) => value.clone(),
            Self::Many(view) => view.get_cell(row, column),
        }
    }

    /// A rectangle as a value.
    fn part(&self, rows: std::ops::Range<usize>, columns: std::ops::Range<usize>) -> LiteralValue {
        let row = |row: usize| columns.clone().map(|column| self.at(row, column, false)).collect();
        single_or_array(rows.map(row).collect())
    }
}

const fn too_many((rows, columns): (usize, usize)) -> bool {
    rows.saturating_mul(columns) > MAX_CARRIED
}

fn single_or_array(mut rows: Vec<Vec<LiteralValue>>) -> LiteralValue {
    match rows.as_mut_slice() {
        [row] if row.len() == 1 => row.remove(0),
        _ => LiteralValue::Array(rows),
    }
}

/// The most elements of an array that is carried from round to round: it is copied wherever its name stands.
const MAX_CARRIED: usize = 1 << 16;

struct Rounds<'c, 'a, 'b> {
    /// Bytes of the texts that came out so far.
    texts: Cell<usize>,
    names: Vec<String>,
    body: &'c ArgumentHandle<'a, 'b>,
    env: LocalEnv,
    context: &'c dyn FunctionContext<'b>,
}

impl Rounds<'_, '_, '_> {
    /// One round with these values under the names.
    fn round(&self, values: impl IntoIterator<Item = LiteralValue>) -> Result<LiteralValue, ExcelError> {
        if self.context.cancellation_token().is_some_and(|token| token.is_cancelled()) {
            return Err(ExcelError::new(ExcelErrorKind::Cancelled));
        }
        let bound = self.names.iter().zip(values);
        let env = bound
            .fold(self.env.clone(), |env, (name, value)| env.with_binding(name, LocalBinding::Value(value)));
        Ok(match self.body.value_with_env(env) {
            Ok(CalcValue::Callable(_)) => LiteralValue::Error(ExcelError::new(ExcelErrorKind::Calc)),
            Ok(CalcValue::Range(view)) if too_many(view.dims()) => {
                return Err(ExcelError::new(ExcelErrorKind::Num));
            }
            Ok(value) => match value.into_literal() {
                LiteralValue::Array(rows) => single_or_array(rows),
                value => self.counted(value)?,
            },
            Err(error) if error.kind == ExcelErrorKind::Cancelled => return Err(error),
            Err(error) => LiteralValue::Error(error),
        })
    }

    /// A million long texts would be more than there is memory.
    fn counted(&self, value: LiteralValue) -> Result<LiteralValue, ExcelError> {
        if let LiteralValue::Text(text) = &value {
            self.texts.set(self.texts.get() + text.len());
            if self.texts.get() > MAX_TEXTS {
                return Err(ExcelError::new(ExcelErrorKind::Num));
            }
        }
        Ok(value)
    }

    /// As [`Self::round`], where Excel wants one value and no array.
    fn single(&self, values: impl IntoIterator<Item = LiteralValue>) -> Result<LiteralValue, ExcelError> {
        Ok(match self.round(values)? {
            LiteralValue::Array(_) => LiteralValue::Error(ExcelError::new(ExcelErrorKind::Calc)),
            value => value,
        })
    }

    fn check_size(&self, rows: usize, columns: usize) -> Result<(), ExcelError> {
        let within = (rows as u64).saturating_mul(columns as u64) <= self.context.materialized_array_cells();
        if within { Ok(()) } else { Err(ExcelError::new(ExcelErrorKind::Num)) }
    }

    fn grid(
        &self,
        rows: usize,
        columns: usize,
        at: impl Fn(usize, usize) -> Result<LiteralValue, ExcelError>,
    ) -> Result<LiteralValue, ExcelError> {
        self.check_size(rows, columns)?;
        let row = |row: usize| (0..columns).map(|column| at(row, column)).collect();
        Ok(single_or_array((0..rows).map(row).collect::<Result<_, _>>()?))
    }

    /// MAP, and functions repeated: there one row or column stands for all, and of an array that comes out the first counts.
    fn elements(&self, grids: &[&Grid<'_>], repeated: bool) -> Result<LiteralValue, ExcelError> {
        let (mut rows, mut columns) = (1, 1);
        for (own_rows, own_columns) in grids.iter().map(|grid| grid.dimensions()) {
            (rows, columns) = (rows.max(own_rows), columns.max(own_columns));
        }
        self.grid(rows, columns, |row, column| {
            let values = grids.iter().map(|grid| grid.at(row, column, repeated));
            if !repeated {
                return self.single(values);
            }
            Ok(match self.round(values)? {
                LiteralValue::Array(rows) => rows.into_iter().flatten().next().unwrap_or(LiteralValue::Empty),
                value => value,
            })
        })
    }

    /// REDUCE and SCAN: without an initial value the first element is it.
    fn fold(
        &self,
        initial: Option<&Grid<'_>>,
        array: &Grid<'_>,
        every: bool,
    ) -> Result<LiteralValue, ExcelError> {
        let (rows, columns) = array.dimensions();
        self.check_size(rows, columns)?;
        if initial.is_some_and(|initial| too_many(initial.dimensions())) {
            return Err(ExcelError::new(ExcelErrorKind::Num));
        }
        let mut so_far = initial.map(|initial| {
            let (rows, columns) = initial.dimensions();
            initial.part(0..rows, 0..columns)
        });
        let mut all = Vec::with_capacity(if every { rows } else { 0 });
        for row in 0..rows {
            let mut line = Vec::with_capacity(if every { columns } else { 0 });
            for column in 0..columns {
                let element = array.at(row, column, false);
                let now = match so_far.take() {
                    None => element,
                    Some(so_far) if every => self.single([so_far, element])?,
                    Some(so_far) => self.round([so_far, element])?,
                };
                if every {
                    line.push(now.clone());
                }
                so_far = Some(now);
            }
            all.push(line);
        }
        Ok(if every { single_or_array(all) } else { so_far.unwrap_or(LiteralValue::Empty) })
    }

    /// BYROW and BYCOL.
    fn lines(&self, array: &Grid<'_>, by_row: bool) -> Result<LiteralValue, ExcelError> {
        let (rows, columns) = array.dimensions();
        self.check_size(rows, columns)?;
        if by_row {
            self.grid(rows, 1, |row, _| self.single([array.part(row..row + 1, 0..columns)]))
        } else {
            self.grid(1, columns, |_, column| self.single([array.part(0..rows, column..column + 1)]))
        }
    }

    fn make(&self, rows: &Grid<'_>, columns: &Grid<'_>) -> Result<LiteralValue, ExcelError> {
        let count = |grid: &Grid<'_>| match grid.at(0, 0, false) {
            LiteralValue::Error(error) => Err(error),
            value => {
                let number = value.as_serial_number().map(f64::trunc).filter(|number| *number >= 1.0);
                number.map(|number| number as usize).ok_or_else(|| ExcelError::new(ExcelErrorKind::Value))
            }
        };
        let number = |index: usize| LiteralValue::Number((index + 1) as f64);
        self.grid(count(rows)?, count(columns)?, |row, column| self.single([number(row), number(column)]))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::check;

    #[test]
    fn arrays_of_criteria() {
        check("SUM(SUMIFS(A1:A3,A1:A3,{1,2}))", "3");
        check("SUM(SUMIF(A1:A3,{1,3}))", "4");
        check("SUM(SUMIF(A1:A3,{1,3},A1:A3))", "4");
        check("SUM(COUNTIF(A1:A4,{1,2,\"x\",\"y\"}))", "3");
        check("SUMPRODUCT(SUMIF(A1:A4,A1:A3,A1:A3))", "6");
        check("SUMPRODUCT(COUNTIF(A1:A4,A1:A4))", "4");
        check("SUMPRODUCT(1/COUNTIF(A1:A4,A1:A4))", "4");
        check("SUM(COUNTIFS(A1:A3,{\">1\",\">2\"}))", "3");
        check("SUM(AVERAGEIFS(A1:A3,A1:A3,{1,3}))", "4");
        check("SUM(AVERAGEIF(A1:A3,{\">1\",3}))", "5.5");
        check("SUM(MAXIFS(A1:A3,A1:A3,{\"<2\",\"<3\"}))", "3");
        check("SUM(MINIFS(A1:A3,A1:A3,{\">1\",\">2\"}))", "5");
        check("SUMPRODUCT(COUNTIF(A1:A3,\"<\"&A1:A3))", "3");
        // A row and a column of criteria cross; two rows go side by side.
        check("SUM(COUNTIFS(A1:A3,{\">0\",\">1\"},A1:A3,{\"<3\";\"<2\"}))", "4");
        check("SUM(COUNTIFS(A1:A3,{\">0\",\">1\"},A1:A3,{\"<3\",\"<2\"}))", "2");
        check("SUM(COUNTIFS(A1:A3,{\">0\",\">1\"},A1:A3,{\"<3\",\"<2\",\"<9\"}))", "#N/A");
        // One criterion stays one, also out of one cell.
        check("COUNTIF(A1:A4,\"x\")", "1");
        check("COUNTIF(A1:A4,A4)", "1");
        check("SUM(SUMIFS(A1:A3,A1:A3,{\">1\"}))", "5");
        // As it was written for the times before arrays: the first, or the one of the own row.
        check("COUNTIF(A1:A4,{2,\"q\"})", "1");
        check("COUNTIF(A1:A4,A1:A4)", "#VALUE!");
    }

    #[test]
    fn arrays_of_what_is_looked_up() {
        check("LET(k,{1,3},SUM(VLOOKUP(k,A1:A3,1,FALSE)))", "4");
        check("SUM(VLOOKUP({1,3},A1:A3,1,FALSE))", "1");
        check("SUM(MATCH({1,2},A1:A3,0))", "3");
        check("SUM(LARGE(A1:A3,{1,2}))", "5");
        check("SUMPRODUCT(SMALL(A1:A3,{1;2}))", "3");
        check("SUM(XLOOKUP({1,3},A1:A3,A1:A3))", "4");
        check("SUMPRODUCT(--ISNUMBER(MATCH(A1:A4,{1,\"x\"},0)))", "2");
        check("SUM(IFERROR(MATCH({1,9},A1:A3,0),10))", "11");
    }

    #[test]
    fn helpers_of_lambda() {
        check("SUM(MAP(A1:A3,LAMBDA(a,a*a)))", "14");
        check("SUM(MAP(A1:A3,{10;20;30},LAMBDA(a,b,a*b)))", "140");
        check("SUM(_xlfn.MAP(A1:A3,_xlfn.LAMBDA(_xlpm.a,_xlpm.a+A2)))", "12");
        check("TEXTJOIN(\"-\",TRUE,MAP({1,2,3},5,LAMBDA(a,b,IFERROR(a+b,\"none\"))))", "6-none-none");
        check("TEXTJOIN(\"-\",TRUE,MAP(A1:A4,LAMBDA(a,a+1)))", "#VALUE!");
        check("REDUCE(10,A1:A3,LAMBDA(a,b,a+b))", "16");
        check("REDUCE(,A1:A3,LAMBDA(a,b,a*10+b))", "123");
        check("REDUCE(\"\",A1:A4,LAMBDA(text,cell,cell&text))", "x321");
        check("ROWS(REDUCE(0,A1:A3,LAMBDA(a,b,VSTACK(a,b))))", "4");
        check("TEXTJOIN(\"-\",TRUE,SCAN(0,A1:A3,LAMBDA(a,b,a+b)))", "1-3-6");
        check("TEXTJOIN(\"-\",TRUE,SCAN(,A1:A3,LAMBDA(a,b,a*b)))", "1-2-6");
        check("TEXTJOIN(\"-\",TRUE,BYROW({1,2;3,4},LAMBDA(row,SUM(row))))", "3-7");
        check("TEXTJOIN(\"-\",TRUE,BYCOL({1,2;3,4},LAMBDA(c,MAX(c))))", "3-4");
        check("BYROW({1,2;3,4},LAMBDA(row,row))", "#CALC!");
        check("SUM(MAKEARRAY(2,3,LAMBDA(r,c,r*10+c)))", "102");
        check("MAKEARRAY(0,1,LAMBDA(r,c,1))", "#VALUE!");
        check("MAKEARRAY(1E9,1E9,LAMBDA(r,c,1))", "#NUM!");
        // Under a name, over a name, within one another.
        check("LET(double,LAMBDA(n,2*n),SUM(MAP(A1:A3,double)))", "12");
        check("LET(x,{1,2},SUM(MAP(x,LAMBDA(x,x+1))))", "5");
        check("LET(b,{1,2},SUM(MAP({10,20},b,LAMBDA(b,c,b+c))))", "33");
        check("LET(k,{1,2},SUM(COUNTIF(A1:A4,k)))", "2");
        check("SUM(MAP(A1:A3,LAMBDA(a,SUM(MAP(A1:A3,LAMBDA(b,a*b))))))", "36");
        check("SUM(BYROW(A1:A3,LAMBDA(r,SUM(COUNTIF(A1:A4,{1,2})*r))))", "12");
        check("SUM(MAP({1,2},LAMBDA(a,b,a)))", "#VALUE!");
        check("MAP(A1:A3)", "#VALUE!");
        check("LAMBDA(x,x+1)(A2)", "3");
        check("SUM(MAP(A1:A3,LET(k,10,LAMBDA(a,a*k))))", "60");
        check("SUM(BYROW({1,2;3,4},SUM))", "10");
    }
}
