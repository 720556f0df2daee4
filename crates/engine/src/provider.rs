//! What the engine beneath asks of us: functions. Ours come before its own of the same name.

use std::{collections::HashMap, sync::Arc};

use formualizer::{
    common::{DateSystem, ExcelError, ExcelErrorKind, LiteralValue},
    eval::{
        function::Function,
        function_registry,
        traits::{
            EvaluationContext, FunctionProvider, NamedRangeResolver, Range, RangeResolver, ReferenceResolver,
            Resolver, SourceResolver, Table, TableResolver,
        },
    },
    parse::parser::TableReference,
};

/// Functions by upper-case name, without Excel's `_xlfn.` prefixes.
#[derive(Clone, Default)]
pub(crate) struct Provider {
    functions: Arc<HashMap<String, Arc<dyn Function>>>,
    date_1904: bool,
}

impl Provider {
    pub(crate) fn new(functions: Vec<Arc<dyn Function>>) -> Self {
        let mut all = HashMap::new();
        for function in functions {
            for alias in function.aliases() {
                all.insert((*alias).to_owned(), Arc::clone(&function));
            }
            all.insert(function.name().to_owned(), function);
        }
        Self { functions: Arc::new(all), date_1904: false }
    }

    /// Only the functions beneath, for calls outside any workbook.
    pub(crate) fn beneath(date_1904: bool) -> Self {
        Self { functions: Arc::default(), date_1904 }
    }

    /// Whether a formula may call this function.
    pub(crate) fn knows(&self, name: &str) -> bool {
        self.get_function_for_planning("", name).is_some()
    }

    fn own(&self, namespace: &str, name: &str) -> Option<Arc<dyn Function>> {
        if !namespace.is_empty() {
            return None;
        }
        self.functions.get(plain_name(name).as_str()).cloned()
    }
}

/// Upper case, without the prefixes that files put before newer functions.
pub(crate) fn plain_name(name: &str) -> String {
    let mut name = name.to_uppercase();
    while let Some(rest) = ["_XLFN.", "_XLWS.", "_XLL."].iter().find_map(|prefix| name.strip_prefix(prefix)) {
        name = rest.to_owned();
    }
    name
}

impl FunctionProvider for Provider {
    fn planning_semantic_revision(&self) -> Option<u64> {
        Some(0)
    }

    fn get_function(&self, namespace: &str, name: &str) -> Option<Arc<dyn Function>> {
        self.own(namespace, name).or_else(|| function_registry::get(namespace, name))
    }

    fn get_function_for_planning(&self, namespace: &str, name: &str) -> Option<Arc<dyn Function>> {
        self.own(namespace, name).or_else(|| function_registry::get_for_planning(namespace, name))
    }
}

fn unused() -> ExcelError {
    ExcelError::from(ExcelErrorKind::NImpl)
}

// Cells, ranges, names and tables live in the engine's own store; it never asks us for them.
impl ReferenceResolver for Provider {
    fn resolve_cell_reference(&self, _: Option<&str>, _: u32, _: u32) -> Result<LiteralValue, ExcelError> {
        Err(unused())
    }
}
impl RangeResolver for Provider {
    fn resolve_range_reference(
        &self,
        _: Option<&str>,
        _: Option<u32>,
        _: Option<u32>,
        _: Option<u32>,
        _: Option<u32>,
    ) -> Result<Box<dyn Range>, ExcelError> {
        Err(unused())
    }
}
impl NamedRangeResolver for Provider {
    fn resolve_named_range_reference(&self, _: &str) -> Result<Vec<Vec<LiteralValue>>, ExcelError> {
        Err(ExcelError::new(ExcelErrorKind::Name))
    }
}
impl TableResolver for Provider {
    fn resolve_table_reference(&self, _: &TableReference) -> Result<Box<dyn Table>, ExcelError> {
        Err(unused())
    }
}
impl SourceResolver for Provider {}
impl Resolver for Provider {}
impl EvaluationContext for Provider {
    // Asked only for calls outside a workbook: an engine answers for its own.
    fn date_system(&self) -> DateSystem {
        if self.date_1904 { DateSystem::Excel1904 } else { DateSystem::Excel1900 }
    }
}
