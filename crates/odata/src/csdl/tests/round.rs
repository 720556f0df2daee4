//! Any model, written and read again, is its normal form.

use proptest::{collection::vec, option, prelude::*, sample::select};

use super::{model::model, same};
use crate::{
    csdl::{json, normal, xml},
    edm::{
        Annotation, Constant, Constraint, Container, Dynamic, Edm, EntitySet, EnumMember, EnumType,
        Expression, Facets, FunctionImport, Include, IncludeAnnotations, Key, Navigation, OnDelete,
        OnDeleteAction, Operation, OperationKind, Operator, Parameter, PathBinding, PathKind, PlainOperator,
        Primitive, Property, PropertyValue, QName, Record, Reference, Scale, Schema, Singleton,
        StructuredType, TargetAnnotations, Term, TypeDefinition, TypeKind, TypeName, TypeRef, Version,
    },
};

/// Text that XML has a way to say.
fn text() -> impl Strategy<Value = String> {
    "[ -~\t\n\räß€\u{85}\u{2028}𝄞<>&\"']{0,12}"
}

fn qname() -> impl Strategy<Value = QName> {
    const NAMESPACES: [&str; 6] = ["S.One", "one", "Two", "Org.OData.Core.V1", "Core", "Un.known"];
    (select(&NAMESPACES), select(&["T0", "T1", "Größe", "x"]))
        .prop_map(|(space, name)| QName::new(space, name))
}

fn path() -> impl Strategy<Value = String> {
    select(&[
        "a",
        "a/b",
        "S.One.T0/a",
        "@Core.Tag#q/x",
        "/S.One.C/Set('a.b')",
        "one.F(S.One.T0,Collection(Two.x))/p",
    ])
    .prop_map(str::to_owned)
}

fn facets() -> impl Strategy<Value = Facets> {
    let scale = prop_oneof![(0..9_u32).prop_map(Scale::Fixed), Just(Scale::Variable), Just(Scale::Floating)];
    let unicode = option::of(Just(false));
    let parts = (
        option::of(1..99_u64),
        option::of(0..12_u32),
        option::of(scale),
        unicode,
        option::of(Just("0".to_owned())),
    );
    parts.prop_map(|(max, precision, scale, unicode, srid)| Facets {
        max_length: max.map(Some),
        precision,
        scale,
        unicode,
        srid,
    })
}

fn primitive() -> impl Strategy<Value = Primitive> {
    use Primitive::{Boolean, DateTimeOffset, Decimal, Duration, Guid, Int64, Stream, String, TimeOfDay};
    let point = Primitive::Geo("Edm.GeographyPoint");
    select(vec![Boolean, DateTimeOffset, Decimal, Duration, Guid, Int64, Stream, String, TimeOfDay, point])
}

fn type_ref() -> impl Strategy<Value = TypeRef> {
    let name = prop_oneof![primitive().prop_map(TypeName::Primitive), qname().prop_map(TypeName::Named)];
    (name, any::<bool>(), any::<bool>(), facets()).prop_map(|(name, collection, nullable, facets)| TypeRef {
        name,
        collection,
        nullable,
        facets,
    })
}

/// An annotation list; in CSDL JSON names must be different, so each has a qualifier of its own.
fn annotations(of: impl Strategy<Value = Expression> + 'static) -> BoxedStrategy<Vec<Annotation>> {
    let inner = vec((qname(), text().prop_map(Expression::String)), 0..2);
    vec((qname(), of, inner), 0..3)
        .prop_map(|all| {
            let inner = |(at, (term, value)): (usize, (QName, Expression))| {
                Annotation::new(term, Some(value)).qualified(format!("i{at}"))
            };
            let one = |(at, (term, value, more)): (usize, (QName, Expression, Vec<_>))| Annotation {
                annotations: more.into_iter().enumerate().map(inner).collect(),
                ..Annotation::new(term, Some(value)).qualified(format!("q{at}"))
            };
            all.into_iter().enumerate().map(one).collect()
        })
        .boxed()
}

/// Values, and those that CSDL JSON cannot tell from text only where `all` says so.
fn expression(all: bool) -> BoxedStrategy<Expression> {
    let number =
        select(&["0.5", "-12.75", "123456789012345678901234567890.5", "1.5e300"]).prop_map(str::to_owned);
    let plain = prop_oneof![
        Just(Expression::Null),
        any::<bool>().prop_map(Expression::Bool),
        any::<i64>().prop_map(Expression::Int),
        number.prop_map(Expression::Decimal),
        text().prop_map(Expression::String),
        path().prop_map(|path| Expression::Path(PathKind::Path, path)),
    ];
    let kinds = PathKind::NAMES.map(|(kind, _)| kind);
    let more = prop_oneof![
        select(&["INF", "-INF", "NaN", "1e5"]).prop_map(|text| Expression::Float(text.to_owned())),
        select(Constant::NAMES.map(|(kind, _)| kind).to_vec())
            .prop_map(|kind| Expression::Constant(kind, "2000-01-01".into())),
        Just(Expression::EnumMember("S.One.E/a S.One.E/b".to_owned())),
        (select(kinds.to_vec()), path()).prop_map(|(kind, path)| Expression::Path(kind, path)),
    ];
    let leaf = if all { prop_oneof![plain, more].boxed() } else { plain.boxed() };
    leaf.prop_recursive(3, 24, 3, |inner| {
        let record = (option::of(qname()), vec((inner.clone(), annotations(inner.clone())), 0..3));
        let record = record.prop_map(|(kind, values)| {
            let value = |(at, (value, annotations)): (usize, (Expression, Vec<Annotation>))| PropertyValue {
                annotations,
                ..PropertyValue::new(format!("p{at}"), value)
            };
            let properties = values.into_iter().enumerate().map(value).collect();
            Expression::Record(Record { kind, properties, annotations: Vec::new() })
        });
        let plain = select(PlainOperator::NAMES.map(|(operator, _)| operator).to_vec());
        let cast = || type_ref().prop_map(|kind| TypeRef { nullable: false, ..kind });
        let operator = prop_oneof![
            plain.prop_map(Operator::Plain),
            Just(Operator::Apply("odata.concat".to_owned())),
            cast().prop_map(Operator::Cast),
            cast().prop_map(Operator::IsOf),
            Just(Operator::If),
            Just(Operator::Labeled("L".to_owned())),
            Just(Operator::LabeledReference("one.L".to_owned())),
            Just(Operator::UrlRef),
        ];
        let dynamic = (operator, vec(inner.clone(), 3), annotations(inner.clone())).prop_map(
            |(operator, mut operands, annotations)| {
                operands.truncate(match &operator {
                    Operator::Plain(plain) => plain.operands(),
                    Operator::Apply(_) | Operator::If => 3,
                    Operator::LabeledReference(_) | Operator::Null => 0,
                    Operator::Cast(_) | Operator::IsOf(_) | Operator::Labeled(_) | Operator::UrlRef => 1,
                });
                // A reference to a labeled element is text in XML, of which nothing can be said.
                let annotations = if operands.is_empty() { Vec::new() } else { annotations };
                Expression::Dynamic(Box::new(Dynamic { operator, operands, annotations }))
            },
        );
        prop_oneof![vec(inner, 0..3).prop_map(Expression::Collection), record, dynamic]
    })
    .boxed()
}

/// Numbered names, so that no two are the same.
fn numbered<T>(all: Vec<T>, letter: char, mut name: impl FnMut(&mut T, String)) -> Vec<T> {
    let one = |(at, mut one): (usize, T)| {
        name(&mut one, format!("{letter}{at}"));
        one
    };
    all.into_iter().enumerate().map(one).collect()
}

fn structured(said: BoxedStrategy<Vec<Annotation>>) -> impl Strategy<Value = StructuredType> {
    let property = (type_ref(), option::of(Just("x".to_owned())), said.clone()).prop_map(
        |(kind, default, annotations)| {
            // Text is text whatever it looks like; a default of another type would be read as what it is.
            let kind = if default.is_some() { TypeRef::primitive(Primitive::String) } else { kind };
            Property { name: String::new(), kind, default, annotations }
        },
    );
    let constraint = (path(), said.clone()).prop_map(|(referenced, annotations)| Constraint {
        annotations,
        ..Constraint::new("here", referenced)
    });
    let action = select(OnDeleteAction::NAMES.map(|(action, _)| action).to_vec());
    let on_delete = (action, said.clone()).prop_map(|(action, annotations)| OnDelete { action, annotations });
    let navigation = (
        qname(),
        any::<[bool; 3]>(),
        option::of(path()),
        vec(constraint, 0..2),
        option::of(on_delete),
        said.clone(),
    );
    let navigation = navigation.prop_map(
        |(target, [collection, nullable, contains], partner, constraints, on_delete, annotations)| {
            let nullable = nullable && !collection;
            Navigation {
                name: String::new(),
                target,
                collection,
                nullable,
                partner,
                contains,
                constraints,
                on_delete,
                annotations,
            }
        },
    );
    let key = (path(), option::of(Just("alias".to_owned()))).prop_map(|(path, alias)| Key { path, alias });
    let parts = (
        any::<[bool; 4]>(),
        option::of(qname()),
        vec(key, 0..3),
        vec(property, 0..4),
        vec(navigation, 0..3),
        said,
    );
    parts.prop_map(
        |([entity, stream, is_abstract, open], base, key, properties, navigations, annotations)| {
            StructuredType {
                name: String::new(),
                kind: if entity { TypeKind::Entity { has_stream: stream } } else { TypeKind::Complex },
                base,
                is_abstract,
                open,
                key: if entity { key } else { Vec::new() },
                properties: numbered(properties, 'p', |one, name| one.name = name),
                navigations: numbered(navigations, 'n', |one, name| one.name = name),
                annotations,
            }
        },
    )
}

fn operation(said: BoxedStrategy<Vec<Annotation>>) -> impl Strategy<Value = Operation> {
    let parameter = (type_ref(), said.clone()).prop_map(|(kind, annotations)| Parameter {
        name: String::new(),
        kind,
        annotations,
    });
    let parts = (
        any::<[bool; 3]>(),
        option::of(path()),
        vec(parameter, 0..3),
        option::of(type_ref()),
        said.clone(),
        said,
    );
    parts.prop_map(
        |([function, composable, bound], entity_set_path, parameters, returns, said, annotations)| {
            let returns =
                if function { returns.or(Some(TypeRef::primitive(Primitive::Guid))) } else { returns };
            // Whether entities in a collection may be null is not said.
            let returns = returns.map(|kind| TypeRef { nullable: kind.nullable && !kind.collection, ..kind });
            Operation {
                name: if composable { "O0" } else { "O1" }.to_owned(),
                kind: if function { OperationKind::Function { composable } } else { OperationKind::Action },
                bound,
                entity_set_path,
                parameters: numbered(parameters, 'a', |one, name| one.name = name),
                return_annotations: if returns.is_some() { said } else { Vec::new() },
                returns,
                annotations,
            }
        },
    )
}

fn container(said: BoxedStrategy<Vec<Annotation>>) -> impl Strategy<Value = Container> {
    let bindings =
        vec(prop_oneof![path(), Just("S.One.C/Set".to_owned()), Just("one.C/Set".to_owned())], 0..2);
    let bindings = bindings.prop_map(|targets| {
        let all = targets.into_iter().enumerate();
        all.map(|(at, target)| PathBinding { path: format!("b{at}"), target }).collect::<Vec<_>>()
    });
    let set = (qname(), any::<[bool; 2]>(), bindings, said.clone());
    let import = (qname(), option::of(path()), any::<bool>(), said.clone());
    (vec(set, 0..4), vec(import, 0..3), option::of(path()), said).prop_map(
        |(sets, imports, extends, annotations)| {
            let mut container =
                Container { name: "C".to_owned(), extends, annotations, ..Container::default() };
            for (at, (kind, [single, flag], bindings, annotations)) in sets.into_iter().enumerate() {
                let name = format!("s{at}");
                if single {
                    container.singletons.push(Singleton {
                        name,
                        kind,
                        nullable: flag,
                        bindings,
                        annotations,
                    });
                } else {
                    container.sets.push(EntitySet {
                        name,
                        kind,
                        in_service_document: flag,
                        bindings,
                        annotations,
                    });
                }
            }
            for (at, (function, entity_set, in_service_document, annotations)) in
                imports.into_iter().enumerate()
            {
                let name = format!("i{at}");
                container.functions.push(FunctionImport {
                    name,
                    function,
                    entity_set,
                    in_service_document,
                    annotations,
                });
            }
            container
        },
    )
}

fn schema(said: BoxedStrategy<Vec<Annotation>>) -> impl Strategy<Value = Schema> {
    let member = (any::<i64>(), said.clone());
    let base = select(&[Primitive::Int32, Primitive::Byte, Primitive::Int64]);
    let enumeration = (base, any::<bool>(), vec(member, 0..3), said.clone()).prop_map(
        |(underlying, flags, members, annotations)| {
            let member = |(value, annotations)| EnumMember { name: String::new(), value, annotations };
            let members =
                numbered(members.into_iter().map(member).collect(), 'm', |one, name| one.name = name);
            EnumType { name: String::new(), underlying, flags, members, annotations }
        },
    );
    let definition = (primitive(), facets(), said.clone()).prop_map(|(underlying, facets, annotations)| {
        TypeDefinition { name: String::new(), underlying, facets, annotations }
    });
    let term = (type_ref(), option::of(qname()), vec(Just("Property".to_owned()), 0..2), said.clone());
    let term = term.prop_map(|(kind, base, applies_to, annotations)| Term {
        name: String::new(),
        kind,
        base,
        default: None,
        applies_to,
        annotations,
    });
    let targeted =
        (path(), said.clone()).prop_map(|(target, annotations)| TargetAnnotations { target, annotations });
    let one = (
        vec(structured(said.clone()), 0..3),
        vec(enumeration, 0..2),
        vec(definition, 0..2),
        vec(operation(said.clone()), 0..4),
        vec(term, 0..2),
        option::of(container(said.clone())),
        option::of(targeted),
        said,
    );
    one.prop_map(|(types, enums, definitions, operations, terms, container, targeted, annotations)| Schema {
        types: numbered(types, 'T', |one, name| one.name = name),
        enums: numbered(enums, 'E', |one, name| one.name = name),
        definitions: numbered(definitions, 'D', |one, name| one.name = name),
        terms: numbered(terms, 'M', |one, name| one.name = name),
        targeted: targeted.filter(|group| !group.annotations.is_empty()).into_iter().collect(),
        operations,
        container,
        annotations,
        ..Schema::default()
    })
}

fn edm(all: bool) -> impl Strategy<Value = Edm> {
    let said = annotations(expression(all));
    let reference = (said.clone(), said.clone()).prop_map(|(annotations, inner)| Reference {
        uri: "https://oasis-tcs.github.io/odata-vocabularies/vocabularies/Org.OData.Core.V1.xml".to_owned(),
        includes: vec![Include {
            namespace: "Org.OData.Core.V1".to_owned(),
            alias: Some("Core".to_owned()),
            annotations: inner,
        }],
        include_annotations: vec![IncludeAnnotations {
            term_namespace: "Two".to_owned(),
            qualifier: Some("q".to_owned()),
            target_namespace: None,
        }],
        annotations,
    });
    (vec(reference, 0..2), schema(said.clone()), schema(said)).prop_map(|(references, one, two)| {
        let one = Schema { namespace: "S.One".to_owned(), alias: Some("one".to_owned()), ..one };
        let two = Schema { namespace: "Two".to_owned(), alias: None, ..two };
        Edm { version: Version::V4_01, references, schemas: vec![one, two] }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn through_xml(edm in edm(true)) {
        let text = xml::write(&edm, Version::V4_01);
        same(&text, &xml::read(&text).unwrap(), &normal(edm));
    }

    #[test]
    fn through_json(edm in edm(false)) {
        let text = json::write(&edm, Version::V4_01);
        same(&text, &json::read(&text).unwrap(), &normal(edm));
    }

    /// Everything that 4.0 can say it says so that it stays when it is said again.
    #[test]
    fn through_the_older_version(edm in edm(true)) {
        let once = xml::read(&xml::write(&edm, Version::V4_0)).unwrap();
        same("4.0", &xml::read(&xml::write(&once, Version::V4_0)).unwrap(), &once);
    }

    /// What JSON cannot tell apart it loses once.
    #[test]
    fn through_json_twice(edm in edm(true)) {
        let once = json::read(&json::write(&edm, Version::V4_01)).unwrap();
        same("json", &json::read(&json::write(&once, Version::V4_01)).unwrap(), &once);
    }

    #[test]
    fn no_text_makes_it_panic(text in "[<>/a-zA-Z:=\"' &;#!\\[\\]{},0-9.@$-]{0,80}") {
        let _ = xml::read(&text);
        let _ = json::read(&text);
    }

    /// A document in which a piece is replaced is refused, or is read and survives being written.
    #[test]
    fn damaged_documents_end_well(at in any::<prop::sample::Index>(), cut in 0..30_usize, put in "[<>/a-z:=\"' &;#{},0-9.@$]{0,8}") {
        let damaged = |text: &str| {
            let mut all: Vec<char> = text.chars().collect();
            let start = at.index(all.len());
            let end = (start + cut).min(all.len());
            all.splice(start..end, put.chars());
            all.into_iter().collect::<String>()
        };
        if let Ok(edm) = xml::read(&damaged(&xml::write(&model(), Version::V4_01))) {
            let once = xml::read(&xml::write(&edm, Version::V4_01)).unwrap();
            same("xml", &xml::read(&xml::write(&once, Version::V4_01)).unwrap(), &once);
            let _ = edm.check();
        }
        if let Ok(edm) = json::read(&damaged(&json::write(&model(), Version::V4_01))) {
            let once = json::read(&json::write(&edm, Version::V4_01)).unwrap();
            same("json", &json::read(&json::write(&once, Version::V4_01)).unwrap(), &once);
            let _ = edm.check();
        }
    }
}
