//! Scalar functions of the engine beneath, lifted over arrays: there `SUMPRODUCT((MONTH(A1:A9)=3)*B1:B9)` is an error.
//!
//! With single values the function beneath is called as ever; only for arrays it is called element by element.

use std::sync::Arc;

use formualizer::{
    common::{DateSystem, ExcelError, ExcelErrorKind, LiteralValue},
    eval::{
        args::ArgSchema,
        engine::range_view::RangeView,
        function::{FamilyKernel, FnCaps, Function},
        function_contract::{FunctionDependencyContract, FunctionSemanticContract},
        function_registry,
        interpreter::Interpreter,
        traits::{ArgumentHandle, CalcValue, FunctionContext},
    },
    parse::parser::{ASTNode, ASTNodeType},
};

use crate::provider::Provider;

/// Functions that take one value for each argument and give one value, and know nothing of where they stand.
const SCALAR: &str = "ABS ACOS ACOSH ACOT ACOTH ASIN ASINH ATAN ATAN2 ATANH BASE BIN2DEC BIN2HEX BIN2OCT BITAND BITLSHIFT \
    BITOR BITRSHIFT BITXOR CHAR CLEAN CODE COMBIN COMBINA COMPLEX CONVERT COS COSH COT COTH CSC CSCH DATE DATEDIF DATEVALUE \
    DAY DAYS DAYS360 DEC2BIN DEC2HEX DEC2OCT DECIMAL DEGREES DELTA DOLLAR EDATE EFFECT EOMONTH ERF ERFC EVEN EXACT EXP FACT \
    FACTDOUBLE FIND FIXED FV GAMMA GAMMALN GAUSS GESTEP HEX2BIN HEX2DEC HEX2OCT HOUR INT IPMT ISBLANK ISEVEN ISLOGICAL \
    ISNONTEXT ISNUMBER ISODD ISOWEEKNUM ISTEXT LEFT LEN LN LOG LOG10 LOWER MID MINUTE MOD MONTH MROUND NOMINAL NORM.DIST \
    NORM.INV NORM.S.DIST NORM.S.INV NORMDIST NORMINV NORMSDIST NORMSINV NOT NPER NUMBERVALUE OCT2BIN OCT2DEC OCT2HEX ODD PMT \
    POISSON.DIST POWER PPMT PROPER PV QUOTIENT RADIANS RATE REPLACE RIGHT ROMAN ROUND ROUNDDOWN ROUNDUP SEARCH SEC SECH SECOND \
    SIGN SIN SINH SLN SQRT SQRTPI SYD TAN TANH TIME TIMEVALUE TRIM TRUNC UNICHAR UNICODE UPPER WEEKDAY WEEKNUM YEAR YEARFRAC";

/// The functions beneath, each with its lift.
pub(super) fn all() -> Vec<Arc<dyn Function>> {
    formualizer::eval::builtins::load_builtins();
    let lifted = |name: &'static str| -> Option<Arc<dyn Function>> {
        let inner = function_registry::get("", name)?;
        Some(Arc::new(Lifted { name, inner }))
    };
    SCALAR.split_whitespace().filter_map(lifted).collect()
}

struct Lifted {
    name: &'static str,
    inner: Arc<dyn Function>,
}

impl Function for Lifted {
    fn caps(&self) -> FnCaps {
        self.inner.caps()
    }

    fn family_kernel(&self) -> Option<FamilyKernel> {
        self.inner.family_kernel()
    }

    fn name(&self) -> &'static str {
        self.name
    }

    fn min_args(&self) -> usize {
        self.inner.min_args()
    }

    fn variadic(&self) -> bool {
        self.inner.variadic()
    }

    fn arg_schema(&self) -> &'static [ArgSchema] {
        self.inner.arg_schema()
    }

    fn dependency_contract(&self, arity: usize) -> Option<FunctionDependencyContract> {
        self.inner.dependency_contract(arity)
    }

    fn semantic_contract(&self, arity: usize) -> Option<FunctionSemanticContract> {
        self.inner.semantic_contract(arity)
    }

    fn eval<'b>(
        &self,
        arguments: &[ArgumentHandle<'_, 'b>],
        context: &dyn FunctionContext<'b>,
    ) -> Result<CalcValue<'b>, ExcelError> {
        self.inner.eval(arguments, context)
    }

    fn dispatch<'b>(
        &self,
        arguments: &[ArgumentHandle<'_, 'b>],
        context: &dyn FunctionContext<'b>,
    ) -> Result<CalcValue<'b>, ExcelError> {
        let mut dimensions = (1, 1);
        let mut views = Vec::with_capacity(arguments.len());
        for argument in arguments {
            let value = if argument.is_omitted() { None } else { argument.value().ok() };
            let view = match value {
                Some(CalcValue::Range(view)) => Some(view),
                Some(CalcValue::Scalar(LiteralValue::Array(rows))) => {
                    Some(RangeView::from_owned_rows(rows, context.date_system()))
                }
                _ => None,
            };
            let (rows, columns) = view.as_ref().map_or((1, 1), RangeView::dims);
            dimensions = (dimensions.0.max(rows), dimensions.1.max(columns));
            views.push(view);
        }
        if dimensions == (1, 1) {
            return self.inner.dispatch(arguments, context);
        }
        if dimensions.0 as u64 * dimensions.1 as u64 > context.materialized_array_cells() {
            return Ok(CalcValue::Scalar(LiteralValue::Error(ExcelError::new(ExcelErrorKind::Num))));
        }
        let mut singles = Vec::with_capacity(arguments.len());
        for (argument, view) in arguments.iter().zip(&views) {
            singles.push(match view {
                Some(_) => None,
                None if argument.is_omitted() => Some(ASTNodeType::Omitted),
                None => Some(match argument.value() {
                    Ok(value) => ASTNodeType::Literal(value.into_literal()),
                    Err(error) => ASTNodeType::Literal(LiteralValue::Error(error)),
                }),
            });
        }
        let provider = Provider::beneath(context.date_system() == DateSystem::Excel1904);
        let interpreter = Interpreter::new(&provider, "");
        let element = |row: usize, column: usize| {
            let pick = |view: &RangeView<'_>| {
                let (rows, columns) = view.dims();
                let (row, column) = (if rows == 1 { 0 } else { row }, if columns == 1 { 0 } else { column });
                if row < rows && column < columns {
                    view.get_cell(row, column)
                } else {
                    LiteralValue::Error(ExcelError::new(ExcelErrorKind::Na))
                }
            };
            let args = views.iter().zip(&singles).map(|(view, single)| {
                let node = match (view, single) {
                    (Some(view), _) => ASTNodeType::Literal(pick(view)),
                    (None, single) => single.clone().unwrap_or(ASTNodeType::Omitted),
                };
                ASTNode::new(node, None)
            });
            let call = ASTNodeType::Function { name: self.name.to_owned(), args: args.collect() };
            match interpreter.evaluate_ast(&ASTNode::new(call, None)) {
                Ok(value) => value.into_literal(),
                Err(error) => LiteralValue::Error(error),
            }
        };
        let rows =
            (0..dimensions.0).map(|row| (0..dimensions.1).map(|column| element(row, column)).collect());
        Ok(CalcValue::Range(RangeView::from_owned_rows(rows.collect(), context.date_system())))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::check;

    #[test]
    fn arrays_go_through_element_by_element() {
        check("SUMPRODUCT(ABS(A1:A3-2))", "2");
        check("SUMPRODUCT((MONTH(A1:A3*30)=2)*A1:A3)", "2");
        check("SUMPRODUCT(LEN(A1:A4))", "4");
        check("SUMPRODUCT(ROUND(A1:A3/2,0))", "4");
        check("SUMPRODUCT(--ISNUMBER(A1:A4))", "3");
        check("SUMPRODUCT(--(LEFT(A1:A4,1)=\"x\"))", "1");
        check("SUMPRODUCT(MOD(A1:A3,{2,3}))", "5");
        check("SUMPRODUCT(--ISNUMBER(SEARCH(\"x\",A1:A4)))", "1");
        check("SUMPRODUCT(YEAR(DATE(2020,A1:A3,1)))", "6060");
        check("ABS(-3)", "3");
        check("ROUND(2.5,)", "3");
        check("ABS(\"a\")", "#VALUE!");
    }
}
