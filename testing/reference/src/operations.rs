//! The model's functions and actions, as the metadata says them. What they do is in `run`, which knows them by their names.

use gridkeep_odata::{
    edm::{
        ActionImport, Container, FunctionImport, Operation, OperationKind, Parameter, Primitive, QName,
        Schema, TypeName, TypeRef,
    },
    project::{NAMESPACE, OperationSource, Runs, said},
};

const FUNCTION: OperationKind = OperationKind::Function { composable: false };
/// A function whose entities may be asked further.
const QUERY: OperationKind = OperationKind::Function { composable: true };
const ACTION: OperationKind = OperationKind::Action;

/// The set that operations answer entities of.
const PRODUCTS: &str = "Products";
/// The parameter that is what an operation is called on.
const PRODUCT: &str = "product";

/// What an operation is called on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum On {
    Root,
    One,
    All,
}

/// What an operation answers.
#[derive(Clone, Copy)]
enum Gives {
    Nothing,
    Value(Primitive),
    /// A value, or null where there is none.
    Perhaps(Primitive),
    Complex(&'static str),
    Product,
    Products,
}

/// An overload: its name, what it is, what it is called on, its parameters, and what it answers.
type Signature = (&'static str, OperationKind, On, &'static [(&'static str, Primitive)], Gives);

#[rustfmt::skip]
const ALL: &[Signature] = {
    use {Gives::{Complex, Nothing, Perhaps, Product, Products, Value}, On::{All, One, Root}, Primitive::{Double, Int32, Int64, String}};
    &[
        ("GetTopProducts", QUERY, All, &[], Products),
        ("GetTopProducts", QUERY, All, &[("count", Int64)], Products),
        ("GetTopProducts", QUERY, All, &[("count", Int64), ("category", String)], Products),
        ("GetTopProducts", QUERY, Root, &[], Products),
        ("GetTopProducts", QUERY, Root, &[("count", Int64)], Products),
        ("GetTopProducts", QUERY, Root, &[("count", Int64), ("category", String)], Products),
        ("GetProductStats", FUNCTION, All, &[], Complex("ProductStats")),
        ("GetProductStats", FUNCTION, Root, &[], Complex("ProductStats")),
        ("GetAveragePrice", FUNCTION, All, &[], Perhaps(Double)),
        ("GetTotalPrice", FUNCTION, One, &[("taxRate", Double)], Value(Double)),
        ("GetRelatedProducts", QUERY, One, &[], Products),
        ("CalculatePrice", FUNCTION, One, &[("discount", Double)], Value(Double)),
        ("CalculatePrice", FUNCTION, One, &[("discount", Double), ("tax", Double)], Value(Double)),
        ("GetInfo", FUNCTION, One, &[("format", String)], Value(String)),
        ("FindProducts", QUERY, Root, &[("name", String), ("maxPrice", Double)], Products),
        ("Calculate", FUNCTION, Root, &[("value", Int64)], Value(Int64)),
        ("Calculate", FUNCTION, Root, &[("a", Int64), ("b", Int64)], Value(Int64)),
        ("Convert", FUNCTION, Root, &[("input", String)], Value(String)),
        ("Convert", FUNCTION, Root, &[("number", Int64)], Value(String)),
        ("ApplyDiscount", ACTION, One, &[("percentage", Double)], Product),
        ("IncreasePrice", ACTION, One, &[("amount", Double)], Nothing),
        ("Activate", ACTION, One, &[], Nothing),
        ("CalculateDiscount", ACTION, One, &[("percentage", Double)], Value(Double)),
        ("MarkAllAsReviewed", ACTION, All, &[], Nothing),
        ("ResetAllPrices", ACTION, Root, &[], Nothing),
        ("ResetProducts", ACTION, Root, &[], Nothing),
        ("Process", ACTION, Root, &[("percentage", Double), ("minPrice", Double)], Value(Int32)),
        ("Reseed", ACTION, Root, &[], Value(Int32)),
    ]
};

/// Parameters that may be left out. An unbound action has one overload only, so it takes what others give it by two.
const OPTIONAL: [(&str, &str); 1] = [("Process", "minPrice")];

/// Adds the operations to a schema and what is offered at the root to its container.
pub(crate) fn add(schema: &mut Schema, container: &mut Container) -> Vec<OperationSource> {
    let mut sources = Vec::new();
    for signature in ALL {
        let (name, kind, on, ..) = *signature;
        let operation = operation(signature);
        let mut source = OperationSource::of(NAMESPACE, &operation, Runs::Own(name.to_owned()));
        let set = gives_products(signature).then(|| PRODUCTS.to_owned());
        if let Some(set) = &set {
            source = source.from_set(set);
        }
        if on == On::Root {
            source = source.imported(name);
            import(container, name, kind, set);
        }
        schema.operations.push(operation);
        sources.push(source);
    }
    sources
}

fn gives_products(signature: &Signature) -> bool {
    matches!(signature.4, Gives::Product | Gives::Products)
}

fn operation(signature: &Signature) -> Operation {
    let (name, kind, on, parameters, gives) = *signature;
    let bound = on != On::Root;
    let parameter = |(parameter, primitive): &(&'static str, Primitive)| {
        let optional = OPTIONAL.contains(&(name, parameter));
        Parameter {
            name: (*parameter).to_owned(),
            kind: TypeRef { nullable: optional, ..TypeRef::primitive(*primitive) },
            annotations: optional.then(said::optional_parameter).into_iter().collect(),
        }
    };
    let binding = bound.then(|| Parameter {
        name: PRODUCT.to_owned(),
        kind: TypeRef { collection: on == On::All, ..own("Product") },
        annotations: Vec::new(),
    });
    Operation {
        name: name.to_owned(),
        kind,
        bound,
        entity_set_path: (bound && gives_products(signature)).then(|| PRODUCT.to_owned()),
        parameters: binding.into_iter().chain(parameters.iter().map(parameter)).collect(),
        returns: match gives {
            Gives::Nothing => None,
            Gives::Value(primitive) => Some(TypeRef::primitive(primitive)),
            Gives::Perhaps(primitive) => Some(TypeRef { nullable: true, ..TypeRef::primitive(primitive) }),
            Gives::Complex(name) => Some(own(name)),
            Gives::Product => Some(own("Product")),
            Gives::Products => Some(TypeRef { collection: true, ..own("Product") }),
        },
        return_annotations: Vec::new(),
        annotations: Vec::new(),
    }
}

/// A type of the schema.
fn own(name: &str) -> TypeRef {
    TypeRef { name: TypeName::Named(QName::new(NAMESPACE, name)), ..TypeRef::primitive(Primitive::String) }
}

/// Once for all overloads. The service document shows functions that need no argument.
fn import(container: &mut Container, name: &str, kind: OperationKind, entity_set: Option<String>) {
    let qualified = QName::new(NAMESPACE, name);
    let name = name.to_owned();
    let annotations = Vec::new();
    if kind == ACTION {
        container.actions.push(ActionImport { name, action: qualified, entity_set, annotations });
    } else if container.functions.iter().all(|known| known.name != name) {
        let plain = |signature: &Signature| signature.0 == name && signature.3.is_empty();
        let in_service_document = ALL.iter().any(plain);
        let function = qualified;
        container.functions.push(FunctionImport {
            name,
            function,
            entity_set,
            in_service_document,
            annotations,
        });
    }
}
