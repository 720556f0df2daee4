//! An action of the app as one of the service: bound to the entities of its table's set, or offered at the root.

use gridkeep_model::{
    ColumnType,
    definition::{ActionDefinition, ActionParameter, Choices, FieldKind, Role},
};

use super::{ActionSource, NAMESPACE, OperationSource, Runs, SetSource, names::Taken, said, table::type_of};
use crate::edm::{ActionImport, Facets, Operation, OperationKind, Parameter, QName, TypeName, TypeRef};

/// What the entity is called that an action is bound to.
const BOUND: &str = "Row";

pub(super) struct Made {
    pub(super) action: Operation,
    pub(super) import: Option<ActionImport>,
    pub(super) source: OperationSource,
}

/// The action for a role; none where the role may not run it or not see what it is called on.
pub(super) fn action(
    action: &ActionDefinition,
    role: Role,
    sets: &[SetSource],
    taken: &mut Taken,
) -> Option<Made> {
    if !action.may_run(role) {
        return None;
    }
    let set = match &action.table {
        Some(table) => Some(sets.iter().find(|set| set.table == *table && set.rights.read)?),
        None => None,
    };
    let name = taken.name(&action.id);
    let mut names = Taken::default();
    let mut parameters = Vec::new();
    if let Some(set) = set {
        names.name(BOUND);
        parameters.push(Parameter {
            name: BOUND.to_owned(),
            kind: entity(set, false),
            annotations: Vec::new(),
        });
    }
    let mut filled = Vec::new();
    // Those that may be left out come last (Core.OptionalParameter).
    let (needed, optional): (Vec<_>, Vec<_>) =
        action.parameters.iter().partition(|parameter| parameter.validation.required);
    for parameter in needed.into_iter().chain(optional) {
        let known = names.name(&parameter.id);
        filled.push((known.clone(), parameter.id.clone()));
        parameters.push(parameter_of(known, parameter));
    }
    let mut annotations = vec![said::description(&action.title)];
    if !action.description.is_empty() {
        annotations.push(said::long_description(&action.description));
    }
    // Whether a condition holds only the row itself can say.
    if action.when.is_none() {
        annotations.push(said::operation_available());
    }
    let made = Operation {
        name: name.clone(),
        kind: OperationKind::Action,
        bound: set.is_some(),
        entity_set_path: set.map(|_| BOUND.to_owned()),
        parameters,
        returns: set.map(|set| entity(set, true)),
        return_annotations: Vec::new(),
        annotations,
    };
    let runs = Runs::Action(ActionSource { action: action.id.clone(), parameters: filled });
    let source = OperationSource::of(NAMESPACE, &made, runs);
    let (source, import) = if let Some(set) = set {
        (source.from_set(set.name.clone()), None)
    } else {
        let import = ActionImport {
            name: name.clone(),
            action: QName::new(NAMESPACE, name.clone()),
            entity_set: None,
            annotations: Vec::new(),
        };
        (source.imported(name), Some(import))
    };
    Some(Made { action: made, import, source })
}

/// An entity of a set; none, when the action has removed it.
fn entity(set: &SetSource, nullable: bool) -> TypeRef {
    TypeRef {
        name: TypeName::Named(set.entity_type.clone()),
        collection: false,
        nullable,
        facets: Facets::default(),
    }
}

fn parameter_of(name: String, parameter: &ActionParameter) -> Parameter {
    let validation = &parameter.validation;
    let mut kind = TypeRef { nullable: !validation.required, ..type_of(parameter.column_type) };
    let text = parameter.column_type == ColumnType::Text;
    if let Some(longest) = validation.max_length.filter(|_| text) {
        kind.facets.max_length = Some(Some(u64::from(longest)));
    }
    let mut annotations = vec![said::description(&parameter.title)];
    if !validation.required {
        annotations.push(said::optional_parameter());
    }
    let number = matches!(
        parameter.column_type,
        ColumnType::Integer | ColumnType::Decimal { .. } | ColumnType::Double
    );
    if number {
        annotations.extend(validation.minimum.map(said::minimum));
        annotations.extend(validation.maximum.map(said::maximum));
    }
    if let Some(Choices::List { values }) = &validation.choices
        && text
        && !validation.open
    {
        annotations.push(said::allowed_values(values));
    }
    if let Some(unit) = &parameter.unit {
        annotations.push(said::unit(unit, parameter.kind == FieldKind::Currency));
    }
    Parameter { name, kind, annotations }
}
