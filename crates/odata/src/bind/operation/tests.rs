//! Calls against a projection with overloads of every kind.

use jiff::civil;

use crate::{
    bind::{Target, Then, target},
    edm::{Annotation, Facets, Operation, OperationKind, Parameter, Primitive, QName, TypeName, TypeRef},
    project::{NAMESPACE, OperationSource, Projection, Runs},
    syntax::{Limits, ast::Request},
};

type Signature = (&'static str, OperationKind, Option<TypeRef>, Vec<Parameter>, Option<TypeRef>);

fn of(name: TypeName, collection: bool) -> TypeRef {
    TypeRef { name, collection, nullable: false, facets: Facets::default() }
}

fn projection() -> Projection {
    let mut projection = super::super::tests::projection();
    let rows = |collection| of(TypeName::Named(QName::new(NAMESPACE, "StockRow")), collection);
    let double = || TypeRef { nullable: false, ..TypeRef::primitive(Primitive::Double) };
    let parameter =
        |name: &str, kind: TypeRef| Parameter { name: name.into(), kind, annotations: Vec::new() };
    let maybe = |name: &str| Parameter {
        annotations: vec![Annotation::new(QName::new("Core", "OptionalParameter"), None)],
        ..parameter(name, TypeRef::primitive(Primitive::String))
    };
    let small =
        |name: &str| parameter(name, TypeRef { nullable: false, ..TypeRef::primitive(Primitive::Byte) });
    let action = OperationKind::Action;
    let function = OperationKind::Function { composable: false };
    let composable = OperationKind::Function { composable: true };
    let several = parameter("ids", of(TypeName::Primitive(Primitive::Int32), true));
    let all: [Signature; 12] = [
        ("Top", composable, Some(rows(true)), vec![], Some(rows(true))),
        ("Top", composable, Some(rows(true)), vec![small("count")], Some(rows(true))),
        ("Top", composable, Some(rows(true)), vec![small("count"), maybe("kind")], Some(rows(true))),
        ("Price", function, Some(rows(false)), vec![parameter("tax", double())], Some(double())),
        ("Like", composable, Some(rows(false)), vec![], Some(rows(false))),
        ("Sum", function, None, vec![several], Some(double())),
        ("Sum", function, None, vec![parameter("a", double()), parameter("b", double())], Some(double())),
        ("Discount", action, Some(rows(false)), vec![parameter("percentage", double())], Some(rows(false))),
        ("Review", action, Some(rows(true)), vec![], None),
        ("Reset", action, None, vec![], None),
        ("Process", action, None, vec![parameter("a", double())], None),
        ("Process", action, None, vec![parameter("a", double()), maybe("b"), small("c")], None),
    ];
    for (name, kind, bound, mut parameters, returns) in all {
        let entities = returns.as_ref().is_some_and(|returns| matches!(returns.name, TypeName::Named(_)));
        let own = bound.is_none();
        parameters.splice(0..0, bound.map(|bound| parameter("it", bound)));
        let operation = Operation {
            name: name.into(),
            kind,
            bound: !own,
            entity_set_path: None,
            parameters,
            returns,
            return_annotations: Vec::new(),
            annotations: Vec::new(),
        };
        let mut source = OperationSource::of(NAMESPACE, &operation, Runs::Own(name.into()));
        if own {
            source = source.imported(name);
        }
        if entities {
            source = source.from_set("Stock");
        }
        projection.operations.push(source);
        projection.edm.schemas[0].operations.push(operation);
    }
    projection
}

fn called(url: &str) -> String {
    let now = civil::date(2026, 11, 22).at(12, 0, 0, 0);
    let projection = projection();
    let found = Request::parse(url, &Limits::default())
        .and_then(|request| target(&request, &projection, now).map(|found| shown(&found)));
    found.unwrap_or_else(|error| format!("{:?} {}: {error}", error.kind, error.code))
}

fn shown(found: &Target<'_>) -> String {
    let Target::Operation(call) = found else { return format!("{found:?}") };
    let one = call.overloads[0];
    let parameters: Vec<&str> = one.parameters.iter().map(|parameter| parameter.name.as_str()).collect();
    let mut parts = vec![format!("{}({})", one.name, parameters.join(","))];
    if call.overloads.len() > 1 {
        parts.push(format!("of {}", call.overloads.len()));
    }
    match call.bound.as_deref() {
        Some(Target::Entity { .. }) => parts.push("of an entity".into()),
        Some(Target::Collection { filter: Some(_), .. }) => parts.push("of a filtered collection".into()),
        Some(Target::Collection { .. }) => parts.push("of a collection".into()),
        _ => {}
    }
    for (name, value) in &call.arguments {
        parts.push(format!("{name}={}", super::super::plain(value).unwrap_or_default()));
    }
    match &call.then {
        Then::Whole => {}
        Then::Entities(target) => parts.push(match &**target {
            Target::Collection { filter: Some(_), part, .. } => format!("then {part:?} filtered"),
            Target::Collection { part, .. } => format!("then {part:?}"),
            Target::Entity { part, .. } => format!("then {part:?}"),
            other => format!("then {other:?}"),
        }),
        other => parts.push(format!("then {other:?}")),
    }
    parts.join(" ")
}

#[test]
fn overloads_are_chosen() {
    const ROW: &str = "Stock(0192a000-0000-7000-8000-000000000001)";
    let check = |url: &str, expect: &str| {
        assert_eq!(called(&url.replace("ROW", ROW)), expect, "{url}");
    };
    check("Stock/App.Top()", "App.Top() of a collection then Entities");
    check("Stock/Top", "App.Top() of a collection then Entities");
    check("Stock/App.Top(count=3)", "App.Top(count) of a collection count=3 then Entities");
    check(
        "Stock/Top(count=3,kind='x')",
        "App.Top(count,kind) of a collection count=3 kind=\"x\" then Entities",
    );
    check("Stock/Top(count=@n)?@n=7", "App.Top(count) of a collection count=7 then Entities");
    check("Stock/Top?@count=7", "App.Top(count) of a collection count=7 then Entities");
    check("Stock/$filter(Qty eq 1)/Top()/$count", "App.Top() of a filtered collection then Count");
    check("Stock/Top()/$filter(Qty eq 1)", "App.Top() of a collection then Entities filtered");
    check("Stock/Top()(0192a000-0000-7000-8000-000000000001)/$ref", "App.Top() of a collection then Ref");
    check("Stock/App.StockRow/App.Top()", "App.Top() of a collection then Entities");
    check("ROW/App.Price(tax=0.19)", "App.Price(tax) of an entity tax=0.19");
    check("ROW/Price?tax=2", "App.Price(tax) of an entity tax=2.0");
    check("ROW/Price(tax='2.5')", "App.Price(tax) of an entity tax=2.5");
    check("Stock/0192a000-0000-7000-8000-000000000001/Price(tax=1)", "App.Price(tax) of an entity tax=1.0");
    check("Stock(Sku='a')/Price(tax=1)", "App.Price(tax) of an entity tax=1.0");
    check("ROW/App.Like()", "App.Like() of an entity then Whole");
    check("Sum(a=1,b=2)", "App.Sum(a,b) a=1.0 b=2.0");
    check("Sum(ids=@i)?@i=[1,2]", "App.Sum(ids) ids=[1,2]");
    check("ROW/App.Discount", "App.Discount(percentage) of an entity then Whole");
    check("Stock/Review", "App.Review() of a collection");
    check("Reset", "App.Reset()");
    check("Process", "App.Process(a) of 2");

    check(
        "Stock/Top(count=3,size=1)",
        "NotFound UNKNOWN_PARAMETER: Top has no parameter size (at position 19)",
    );
    check(
        "Stock/Top(kind='x')",
        "NotFound NO_OVERLOAD: Top takes () or (count) or (count,kind), not (kind) (at position 7)",
    );
    check("ROW/Price", "NotFound NO_OVERLOAD: Price takes (tax), not () (at position 45)");
    check(
        "Stock/Top?nonsense=1",
        "Malformed UNKNOWN_PARAMETER: Top has no parameter nonsense (at position 11)",
    );
    check(
        "Stock(Sku='a')/Price(tax=1)?tax=2",
        "Malformed DUPLICATE_PARAMETER: tax is given twice (at position 29)",
    );
    check(
        "Stock/Top(count=300)",
        "Malformed INVALID_ARGUMENT: 300 is beyond what is accepted here (at position 17)",
    );
    check(
        "Stock/Top(count=1.5)",
        "Malformed INVALID_ARGUMENT: Edm.Byte was expected, not Edm.Decimal (at position 17)",
    );
    check("Stock/Top(count=null)", "Malformed INVALID_ARGUMENT: count must have a value (at position 17)");
    check("Stock/Top(count=@n)", "Malformed INVALID_ARGUMENT: count must have a value (at position 17)");
    check(
        "Stock/Top(3)",
        "Malformed MISPLACED: an argument without its name does not belong here (at position 10)",
    );
    check(
        "Sum(ids=@i)?@i=[1,'x']",
        "Malformed WRONG_TYPE: Expected a value of Edm.Int32, found a string (at position 16)",
    );
    check("Sum(a=1,b=2)/more", "NotFound UNKNOWN_SEGMENT: there is no more here (at position 14)");
    check("ROW/Price(tax=1)/$value", "NotFound UNKNOWN_SEGMENT: there is no $value here (at position 58)");
    check("ROW/Top()", "NotFound UNKNOWN_SEGMENT: there is no Top() here (at position 45)");
    check("Stock/Price(tax=1)", "NotFound UNKNOWN_SEGMENT: there is no Price(tax=1) here (at position 7)");
    check(
        "ROW/Other.Price(tax=1)",
        "NotFound UNKNOWN_SEGMENT: there is no Other.Price(tax=1) here (at position 45)",
    );
    check(
        "Reset()",
        "Malformed MISPLACED: parentheses behind the name of an action does not belong here (at position 6)",
    );
}

#[test]
fn bodies_choose_actions() {
    let projection = projection();
    let check = |name: &str, body: &str, expect: &str| {
        let request = Request::parse(name, &Limits::default()).unwrap();
        let now = civil::date(2026, 11, 22).at(12, 0, 0, 0);
        let Ok(Target::Operation(call)) = target(&request, &projection, now) else { panic!("{name}") };
        let given = match call.invoked(&projection.edm, body.as_bytes()) {
            Ok((action, arguments)) => {
                let arguments: Vec<String> = arguments
                    .iter()
                    .map(|(name, value)| format!("{name}={:?}", super::super::plain(value)))
                    .collect();
                format!("{} of {}: {}", action.name, action.parameters.len(), arguments.join(" "))
            }
            Err(error) => format!("{:?} {}: {error}", error.kind, error.code),
        };
        assert_eq!(given, expect, "{name} {body}");
    };
    check("Reset", "", "App.Reset of 0: ");
    check("Reset", "{}", "App.Reset of 0: ");
    check(
        "Reset",
        r#"{"a":1}"#,
        "Malformed UNKNOWN_PARAMETER: The action has no parameter `a` (at position 2)",
    );
    check("Process", r#"{"a":1}"#, "App.Process of 1: a=Some(Number(1.0))");
    check("Process", r#"{"c":1,"a":2}"#, "App.Process of 3: c=Some(Number(1)) a=Some(Number(2.0))");
    check("Process", r#"{"b":"x"}"#, "Malformed NO_OVERLOAD: Process takes (a) or (a,b,c), not (b)");
    check(
        "Process",
        r#"{"a":"x"}"#,
        "Malformed WRONG_TYPE: Expected a value of Edm.Double, found a string (at position 6)",
    );
    check("Process", "[]", "Malformed WRONG_TYPE: Expected an object, found an array (at position 1)");
}
