//! Implicit intersection: a formula stored without dynamic-array metadata means one value wherever one value is wanted.
//!
//! Where that is follows Excel's token classes ([MS-XLS] 2.5.198): functions convert their operands to reference, value or
//! array class. Such an operand, when it may hold more than one cell, is wrapped in an explicit `@`, which the engine
//! beneath evaluates. The table of classes and the propagation are those of formualizer's own recalculation of files.

mod multi;

pub(crate) use multi::is_multi;

use std::{collections::HashMap, sync::LazyLock};

use formualizer::parse::{
    BinaryOperator, UnaryOperator,
    parser::{
        ASTNode, ASTNodeType, ExternalRefKind, ReferenceType, SpecialItem, TableReference, TableRowSpecifier,
        TableSpecifier,
    },
};

use crate::provider::plain_name;

/// Rewrites a formula so that multi-cell operands in value positions are intersected. Returns whether it changed.
/// `single` tells of a defined name whether it stands for one cell or constant.
pub(crate) fn intersect(formula: &mut ASTNode, single: &dyn Fn(&str) -> bool) -> bool {
    let mut pass = Pass { single, changed: false };
    pass.visit(formula, VALUE, Conversion::Value, ClassConversion::Value, false);
    pass.changed
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Reference,
    Value,
    Array,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Conversion {
    Original,
    Value,
    Array,
    Repeat,
    RepeatExtended,
    Operand,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum ClassConversion {
    Original,
    Value,
    Array,
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Parameter {
    conversion: Conversion,
    value: bool,
}

const VALUE: Parameter = Parameter { conversion: Conversion::Value, value: true };
const OPERAND: Parameter = Parameter { conversion: Conversion::Operand, value: true };
const REFERENCE_OPERAND: Parameter = Parameter { conversion: Conversion::Operand, value: false };
/// Parameters of functions newer than the table: they take arrays as they come.
const NEWER: Parameter = Parameter { conversion: Conversion::Array, value: false };

struct Classes {
    result: Class,
    parameters: Vec<Parameter>,
    pairs: bool,
}

impl Classes {
    fn parameter(&self, index: usize) -> Parameter {
        let count = self.parameters.len();
        match count {
            0 => Parameter { conversion: Conversion::Repeat, value: true },
            _ if index < count => self.parameters[index],
            _ if self.pairs && count >= 2 => self.parameters[count - 2 + (index - count) % 2],
            _ => self.parameters[count - 1],
        }
    }
}

static CLASSES: LazyLock<HashMap<&str, Classes>> =
    LazyLock::new(|| include_str!("classes.txt").lines().filter_map(read_line).collect());

fn read_line(line: &'static str) -> Option<(&'static str, Classes)> {
    let mut words = line.split(' ').filter(|_| !line.starts_with('#'));
    let name = words.next()?;
    let result = match words.next()? {
        "R" => Class::Reference,
        "A" => Class::Array,
        _ => Class::Value,
    };
    let parameters = words.next()?.as_bytes().chunks_exact(2).map(|pair| Parameter {
        value: pair[0] == b'V',
        conversion: match pair[1] {
            b'O' => Conversion::Original,
            b'A' => Conversion::Array,
            b'X' => Conversion::RepeatExtended,
            b'V' => Conversion::Value,
            _ => Conversion::Repeat,
        },
    });
    Some((name, Classes { result, parameters: parameters.collect(), pairs: words.next().is_some() }))
}

/// Functions whose result, though of value class, follows an operand that is a reference or array.
const PASS_THROUGH: &[&str] = &["IF", "CHOOSE", "IFERROR", "IFNA", "ROW", "COLUMN"];
/// Functions that may return a multi-cell reference whatever their operands.
const ALWAYS_MULTI: &[&str] = &["INDEX", "OFFSET", "INDIRECT"];

struct Pass<'a> {
    single: &'a dyn Fn(&str) -> bool,
    changed: bool,
}

impl Pass<'_> {
    /// Returns whether the node can still hold more than one cell after its own wrapping.
    fn visit(
        &mut self,
        node: &mut ASTNode,
        wanted: Parameter,
        parent: Conversion,
        parent_class: ClassConversion,
        in_reference: bool,
    ) -> bool {
        let mut class = own_class(node);
        // References in value-type parameters behave like values.
        if wanted.value && class == Some(Class::Reference) {
            class = Some(Class::Value);
        }
        let conversion = if wanted.conversion == Conversion::Operand { parent } else { wanted.conversion };
        let converted = class_conversion(conversion, parent, parent_class, in_reference, class);
        class = match (converted, class) {
            (ClassConversion::Value, Some(Class::Array)) => Some(Class::Value),
            (ClassConversion::Array, Some(Class::Value)) => Some(Class::Array),
            (_, class) => class,
        };
        let is_reference = class == Some(Class::Reference);
        let multi = self.visit_children(node, conversion, converted, is_reference);
        if class == Some(Class::Value) && multi {
            wrap(node);
            self.changed = true;
            return false;
        }
        multi
    }

    fn visit_children(
        &mut self,
        node: &mut ASTNode,
        conversion: Conversion,
        converted: ClassConversion,
        is_reference: bool,
    ) -> bool {
        match &mut node.node_type {
            ASTNodeType::Reference { reference, .. } => reference_is_multi(reference, self.single),
            ASTNodeType::Array(rows) => rows.iter().map(Vec::len).sum::<usize>() > 1,
            ASTNodeType::UnaryOp { op, expr } => match op {
                UnaryOperator::ImplicitIntersection => false,
                UnaryOperator::Spill => true,
                _ => self.visit(expr, OPERAND, conversion, converted, is_reference),
            },
            ASTNodeType::BinaryOp { op, left, right } if is_reference_operator(*op) => {
                for child in [left, right] {
                    self.visit(
                        child,
                        REFERENCE_OPERAND,
                        Conversion::Original,
                        ClassConversion::Original,
                        true,
                    );
                }
                true
            }
            ASTNodeType::BinaryOp { left, right, .. } => {
                let left = self.visit(left, OPERAND, conversion, converted, is_reference);
                self.visit(right, OPERAND, conversion, converted, is_reference) || left
            }
            ASTNodeType::Function { name, args } => {
                let name = plain_name(name);
                if let Some(classes) = CLASSES.get(name.as_str()) {
                    let mut any = false;
                    for (index, argument) in args.iter_mut().enumerate() {
                        let wanted = classes.parameter(index);
                        any |= self.visit(argument, wanted, conversion, converted, is_reference);
                    }
                    classes.result == Class::Array
                        || ALWAYS_MULTI.contains(&name.as_str())
                        || (any && PASS_THROUGH.contains(&name.as_str()))
                } else if name == "LET" || name == "LAMBDA" {
                    true
                } else {
                    for argument in args {
                        self.visit(argument, NEWER, Conversion::Array, ClassConversion::Array, false);
                    }
                    true
                }
            }
            ASTNodeType::Call { .. } => true,
            ASTNodeType::Literal(_) | ASTNodeType::Omitted => false,
        }
    }
}

fn reference_is_multi(reference: &ReferenceType, single: &dyn Fn(&str) -> bool) -> bool {
    match reference {
        ReferenceType::Range { start_row, start_col, end_row, end_col, .. } => {
            !(start_row.is_some() && start_row == end_row && start_col.is_some() && start_col == end_col)
        }
        ReferenceType::NamedRange(name) => !single(name),
        ReferenceType::Table(table) => table_is_multi(table),
        ReferenceType::External(external) => !matches!(external.kind, ExternalRefKind::Cell { .. }),
        // A 3-D reference has no row or column to intersect with; functions take it as it is.
        ReferenceType::Cell { .. } | ReferenceType::Cell3D { .. } | ReferenceType::Range3D { .. } => false,
    }
}

fn own_class(node: &ASTNode) -> Option<Class> {
    match &node.node_type {
        ASTNodeType::Reference { .. } | ASTNodeType::UnaryOp { op: UnaryOperator::Spill, .. } => {
            Some(Class::Reference)
        }
        ASTNodeType::BinaryOp { op, .. } if is_reference_operator(*op) => Some(Class::Reference),
        ASTNodeType::Array(_) | ASTNodeType::Call { .. } => Some(Class::Array),
        ASTNodeType::Function { name, .. } => {
            Some(CLASSES.get(plain_name(name).as_str()).map_or(Class::Array, |classes| classes.result))
        }
        _ => None,
    }
}

fn class_conversion(
    conversion: Conversion,
    parent: Conversion,
    parent_class: ClassConversion,
    in_reference: bool,
    class: Option<Class>,
) -> ClassConversion {
    match conversion {
        Conversion::Original | Conversion::Operand => ClassConversion::Original,
        Conversion::Value => ClassConversion::Value,
        Conversion::Array => ClassConversion::Array,
        Conversion::Repeat => match parent {
            Conversion::Original | Conversion::Value | Conversion::Array => {
                if in_reference {
                    ClassConversion::Value
                } else {
                    parent_class
                }
            }
            Conversion::Repeat => parent_class,
            Conversion::RepeatExtended => {
                if in_reference {
                    parent_class
                } else {
                    ClassConversion::Original
                }
            }
            Conversion::Operand => ClassConversion::Original,
        },
        Conversion::RepeatExtended => {
            if class == Some(Class::Reference) || parent_class == ClassConversion::Array {
                parent_class
            } else {
                ClassConversion::Original
            }
        }
    }
}

fn is_reference_operator(operator: BinaryOperator) -> bool {
    matches!(operator.as_str(), ":" | "," | " ")
}

/// `Table[[#This Row],[Column]]` is one cell; a whole column is many.
fn table_is_multi(table: &TableReference) -> bool {
    fn this_row(specifier: &TableSpecifier) -> bool {
        match specifier {
            TableSpecifier::Row(TableRowSpecifier::Current)
            | TableSpecifier::SpecialItem(SpecialItem::ThisRow) => true,
            TableSpecifier::Combination(parts) => {
                parts.iter().any(|part| this_row(part))
                    && !parts.iter().any(|part| matches!(**part, TableSpecifier::ColumnRange(..)))
            }
            _ => false,
        }
    }
    !table.specifier.as_ref().is_some_and(this_row)
}

fn wrap(node: &mut ASTNode) {
    // Of an array that is written out, the first element is meant.
    if let ASTNodeType::Array(rows) = &mut node.node_type
        && let Some(first) = rows.first_mut().filter(|row| !row.is_empty()).map(|row| row.remove(0))
    {
        *node = first;
        return;
    }
    let inner = std::mem::replace(node, ASTNode::new(ASTNodeType::Omitted, None));
    let volatile = inner.contains_volatile;
    let op = UnaryOperator::ImplicitIntersection;
    node.node_type = ASTNodeType::UnaryOp { op, expr: Box::new(inner) };
    node.contains_volatile = volatile;
}

#[cfg(test)]
mod tests {
    use formualizer::parse::{canonical_formula, parser::parse};

    use super::*;

    #[test]
    fn values_are_intersected_where_excel_does() {
        let check = |formula: &str, expect: &str| {
            let mut ast = parse(format!("={formula}")).expect("a readable formula");
            intersect(&mut ast, &|name| name == "Rate");
            assert_eq!(canonical_formula(&ast).trim_start_matches('='), expect, "{formula}");
        };
        check("A1:A9", "@A1:A9");
        check("A1+B2", "A1 + B2");
        check("A1:A9*2", "@A1:A9 * 2");
        check("SUM(A1:A9)", "SUM(A1:A9)");
        check("SUM(A1:A9*2)", "SUM(@A1:A9 * 2)");
        check("SUMPRODUCT(A1:A9*B1:B9)", "SUMPRODUCT(A1:A9 * B1:B9)");
        check("VLOOKUP(A1:A9,B1:C9,2,0)", "VLOOKUP(@A1:A9, B1:C9, 2, 0)");
        check("Rate*2", "Rate * 2");
        check("Rates*2", "@Rates * 2");
        check("SUM(INDEX(A1:B9,0,1))", "SUM(INDEX(A1:B9, 0, 1))");
        check("INDEX(A1:B9,0,1)", "@INDEX(A1:B9, 0, 1)");
        check("SUM(FILTER(A1:A9,B1:B9>1))", "SUM(FILTER(A1:A9, B1:B9 > 1))");
        check("YEAR({45000,46000})", "YEAR(45000)");
        check("SUM({1,2})", "SUM({1, 2})");
        check("T[[#This Row],[a]]*2", "T[[@],[a]] * 2");
    }
}
