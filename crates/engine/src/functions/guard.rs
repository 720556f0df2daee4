//! A checkpoint around slow formulas: the engine beneath calculates a column of equal formulas in one go and would not stop.

use formualizer::{
    common::{ExcelError, ExcelErrorKind},
    eval::{
        function::{FnCaps, Function},
        traits::{ArgumentHandle, CalcValue, FunctionContext},
    },
    parse::parser::{ASTNode, ASTNodeType},
};

/// What stands around a slow formula; people never see it.
pub(super) const GUARD: &str = "GRIDKEEP.GUARD";

/// Gives its argument, unless somebody asked to stop.
pub(super) struct Guard;

impl Function for Guard {
    fn name(&self) -> &'static str {
        GUARD
    }

    fn caps(&self) -> FnCaps {
        FnCaps::PURE | FnCaps::SHORT_CIRCUIT
    }

    fn eval<'b>(
        &self,
        arguments: &[ArgumentHandle<'_, 'b>],
        context: &dyn FunctionContext<'b>,
    ) -> Result<CalcValue<'b>, ExcelError> {
        if context.cancellation_token().is_some_and(|token| token.is_cancelled()) {
            return Err(ExcelError::new(ExcelErrorKind::Cancelled));
        }
        match arguments.first() {
            Some(argument) => argument.value(),
            None => Err(ExcelError::new(ExcelErrorKind::Value)),
        }
    }
}

/// Puts the checkpoint around a formula.
pub(crate) fn guard(node: &mut ASTNode) {
    let inner = std::mem::replace(node, ASTNode::new(ASTNodeType::Omitted, None));
    node.contains_volatile = inner.contains_volatile;
    node.node_type = ASTNodeType::Function { name: GUARD.into(), args: vec![inner] };
}
