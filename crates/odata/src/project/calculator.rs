//! A calculator screen as a function: inputs as parameters, outputs as a complex type.

use gridkeep_model::definition::{Component, Field, FieldKind, FieldMode, Role, Screen, ScreenKind};

use super::{CalculatorSource, NAMESPACE, OperationSource, Runs, names::Taken, said};
use crate::edm::{
    Annotation, Facets, FunctionImport, Operation, OperationKind, Parameter, Primitive, Property, QName,
    Scale, StructuredType, TypeKind, TypeName, TypeRef,
};

pub(super) struct Made {
    pub(super) result: StructuredType,
    pub(super) function: Operation,
    pub(super) import: FunctionImport,
    pub(super) source: OperationSource,
}

/// The function of a calculator for a role; none for other screens and where the role may see no result.
pub(super) fn function(screen: &Screen, role: Role, taken: &mut Taken) -> Option<Made> {
    if screen.kind != ScreenKind::Calculator || !screen.access.may_see(role) {
        return None;
    }
    let (inputs, outputs): (Vec<&Field>, Vec<&Field>) = fields(screen)
        .filter(|field| field.access.may_see(role))
        .filter(|field| field.mode == FieldMode::Read || field.access.may_edit(role))
        .partition(|field| field.mode == FieldMode::Write);
    if outputs.is_empty() {
        return None;
    }
    let name = taken.name(&format!("calculate_{}", screen.id));
    let result_name = taken.name(&format!("{}_result", screen.id));
    let (mut parameters, mut properties) = (Vec::new(), Vec::new());
    let (mut filled, mut shown) = (Vec::new(), Vec::new());
    let mut names = Taken::default();
    for field in inputs {
        let parameter = names.name(&field.id);
        let mut annotations = said_of(field);
        // What is not given stays as it is in the workbook.
        annotations.push(said::optional_parameter());
        parameters.push(Parameter { name: parameter.clone(), kind: type_of(field.kind), annotations });
        filled.push((parameter, field.id.clone()));
    }
    let mut names = Taken::default();
    for field in outputs {
        let property = names.name(&field.id);
        properties.push(Property {
            name: property.clone(),
            kind: type_of(field.kind),
            default: None,
            annotations: said_of(field),
        });
        shown.push((property, field.id.clone()));
    }
    let result = StructuredType {
        name: result_name.clone(),
        kind: TypeKind::Complex,
        base: None,
        is_abstract: false,
        open: false,
        key: Vec::new(),
        properties,
        navigations: Vec::new(),
        annotations: Vec::new(),
    };
    let returns = TypeRef {
        name: TypeName::Named(QName::new(NAMESPACE, result_name)),
        collection: false,
        nullable: false,
        facets: Facets::default(),
    };
    let function = Operation {
        name: name.clone(),
        kind: OperationKind::Function { composable: false },
        bound: false,
        entity_set_path: None,
        parameters,
        returns: Some(returns),
        return_annotations: Vec::new(),
        annotations: vec![said::description(&screen.title)],
    };
    let import = FunctionImport {
        name: name.clone(),
        function: QName::new(NAMESPACE, name.clone()),
        entity_set: None,
        in_service_document: true,
        annotations: Vec::new(),
    };
    let source = CalculatorSource { screen: screen.id.clone(), parameters: filled, results: shown };
    let source = OperationSource::of(NAMESPACE, &function, Runs::Calculator(source)).imported(name);
    Some(Made { result, function, import, source })
}

fn fields(screen: &Screen) -> impl Iterator<Item = &Field> {
    screen.components.iter().flat_map(|component| match component {
        Component::Fields { fields, .. } => fields.as_slice(),
        Component::Card { field, .. } => std::slice::from_ref(&**field),
        _ => &[],
    })
}

fn said_of(field: &Field) -> Vec<Annotation> {
    let mut annotations = vec![said::description(&field.label)];
    if matches!(field.kind, FieldKind::Number | FieldKind::Integer | FieldKind::Currency | FieldKind::Percent)
    {
        annotations.extend(field.validation.minimum.map(said::minimum));
        annotations.extend(field.validation.maximum.map(said::maximum));
    }
    if let Some(unit) = &field.unit {
        annotations.push(said::unit(unit, field.kind == FieldKind::Currency));
    }
    annotations
}

/// A calculator's numbers are the engine's: doubles, but for whole numbers.
fn type_of(kind: FieldKind) -> TypeRef {
    let (primitive, facets) = match kind {
        FieldKind::Number | FieldKind::Currency | FieldKind::Percent => {
            (Primitive::Double, Facets::default())
        }
        FieldKind::Integer => (
            Primitive::Decimal,
            Facets { precision: Some(15), scale: Some(Scale::Fixed(0)), ..Facets::default() },
        ),
        FieldKind::Text | FieldKind::LongText | FieldKind::Choice | FieldKind::File => {
            (Primitive::String, Facets::default())
        }
        FieldKind::Boolean => (Primitive::Boolean, Facets::default()),
        FieldKind::Date => (Primitive::Date, Facets::default()),
        FieldKind::Time => (Primitive::TimeOfDay, Facets { precision: Some(0), ..Facets::default() }),
        FieldKind::DateTime => {
            (Primitive::DateTimeOffset, Facets { precision: Some(0), ..Facets::default() })
        }
    };
    TypeRef { name: TypeName::Primitive(primitive), collection: false, nullable: true, facets }
}
