//! Any tree, printed and read again, is the same tree.

use gridkeep_odata::{
    Span,
    syntax::{
        Limits,
        ast::{
            Aggregate, AggregateFrom, AggregateMethod, AggregateOf, Alias, Apply, ApplyAs, Argument, At,
            BinaryOp, Compute, Custom, Expand, ExpandKind, Expr, ExprKind, Format, GroupBy, Hierarchy,
            Lambda, Levels, Literal, LogicalOp, Method, Name, OrderBy, Parens, ParensKind, Path, PathSegment,
            PathSegmentKind, QueryOptions, Ranking, Request, Resource, ResourcePath, Rollup, Root, Search,
            Segment, SegmentKind, Select, SelectKind, Spanned, Suffix, Transformation, TransformationKind,
            TypeName, UnaryOp,
        },
    },
};
use proptest::{collection::vec, option, prelude::*, sample::select};

fn at() -> At {
    At(Span::default())
}

fn spanned<T>(value: T) -> Spanned<T> {
    Spanned { value, at: at() }
}

fn expr(kind: ExprKind) -> Expr {
    Expr { kind, at: at() }
}

fn segment(kind: PathSegmentKind) -> PathSegment {
    PathSegment { kind, parens: Vec::new(), at: at() }
}

fn path(root: Root, segments: Vec<PathSegment>) -> Path {
    Path { root, segments, at: at() }
}

/// Identifiers that no rule gives a meaning.
fn identifier() -> impl Strategy<Value = String> {
    select(vec!["Alpha", "Beta_1", "_c", "Größe", "名前", "Name", "x9"]).prop_map(str::to_owned)
}

fn name() -> impl Strategy<Value = Name> {
    let namespace = option::of(select(vec!["Model", "Org.Own"]).prop_map(str::to_owned));
    (namespace, identifier()).prop_map(|(namespace, name)| Name { namespace, name, at: at() })
}

fn plain_name() -> impl Strategy<Value = Name> {
    identifier().prop_map(|name| Name { namespace: None, name, at: at() })
}

fn qualified() -> impl Strategy<Value = Name> {
    identifier().prop_map(|name| Name { namespace: Some("Model".to_owned()), name, at: at() })
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z '&=/?#%+;(){}\\[\\]\"\\\\,:@$*~-]{0,12}",
        any::<String>().prop_map(|text| text.replace('\0', "")),
    ]
}

fn literal() -> impl Strategy<Value = Literal> {
    let owned = |texts: Vec<&'static str>| select(texts).prop_map(str::to_owned);
    prop_oneof![
        Just(Literal::Null),
        any::<bool>().prop_map(Literal::Boolean),
        any::<i64>().prop_map(|number| Literal::Integer(number.to_string())),
        owned(vec!["0.10", "-3.1415926535897932384626", "007.5"]).prop_map(Literal::Decimal),
        owned(vec!["1e-101", "-2.5E+3", "INF", "-INF", "NaN"]).prop_map(Literal::Double),
        owned(vec!["01234567-89ab-cdef-0123-456789abcdef", "abcdefab-89ab-cdef-0123-456789abcdef"])
            .prop_map(Literal::Guid),
        owned(vec!["2012-09-03", "-10000-04-01"]).prop_map(Literal::Date),
        owned(vec!["11:22", "23:59:60.123456789012"]).prop_map(Literal::TimeOfDay),
        owned(vec!["2012-09-03T13:52Z", "2012-09-03T23:59:00.5+01:00"]).prop_map(Literal::DateTimeOffset),
        owned(vec!["P1D", "-P6DT23H59M59.9999S", "PT0.5S"]).prop_map(Literal::Duration),
        text().prop_map(Literal::String),
        (qualified(), vec(owned(vec!["Yellow", "-4", "+12"]), 1..3))
            .prop_map(|(kind, members)| Literal::Enum { kind, members }),
        vec(any::<u8>(), 0..7).prop_map(Literal::Binary),
    ]
}

fn literal_expr() -> impl Strategy<Value = Expr> {
    literal().prop_map(|literal| expr(ExprKind::Literal(literal)))
}

/// A literal or an alias.
fn plain() -> BoxedStrategy<Expr> {
    let alias = identifier().prop_map(|name| expr(ExprKind::Path(path(Root::Alias(name), Vec::new()))));
    prop_oneof![literal_expr(), alias].boxed()
}

fn parens(value: BoxedStrategy<Expr>) -> BoxedStrategy<Vec<Parens>> {
    let named = vec(value, 1..3).prop_map(|values| {
        let names = ["ID", "Number"].into_iter();
        let argument = |(name, value): (&str, Expr)| Argument { name: name.to_owned(), value, at: at() };
        ParensKind::Named(names.zip(values).map(argument).collect())
    });
    let kind =
        prop_oneof![Just(ParensKind::Empty), plain().prop_map(|key| ParensKind::Key(Box::new(key))), named,];
    prop_oneof![
        3 => Just(Vec::new()),
        2 => vec(kind.prop_map(|kind| Parens { kind, at: at() }), 1..3),
    ]
    .boxed()
}

fn names_path() -> BoxedStrategy<Path> {
    vec(name(), 1..3)
        .prop_map(|names| {
            let segments = names.into_iter().map(|name| segment(PathSegmentKind::Name(name))).collect();
            path(Root::Instance, segments)
        })
        .boxed()
}

fn any_path(inner: &BoxedStrategy<Expr>) -> BoxedStrategy<Path> {
    let annotation = (name(), option::of(identifier()))
        .prop_map(|(term, qualifier)| segment(PathSegmentKind::Annotation { term, qualifier }))
        .boxed();
    let lambda = || {
        (identifier(), inner.clone())
            .prop_map(|(variable, predicate)| Lambda { variable, predicate: Box::new(predicate) })
    };
    let named = (name(), parens(inner.clone())).prop_map(|(name, parens)| PathSegment {
        kind: PathSegmentKind::Name(name),
        parens,
        at: at(),
    });
    let filter = (inner.clone(), parens(inner.clone())).prop_map(|(filter, parens)| PathSegment {
        kind: PathSegmentKind::Filter(Box::new(filter)),
        parens,
        at: at(),
    });
    let counted = inner.clone().prop_map(|filter| {
        let options = QueryOptions { filter: Some(filter), ..QueryOptions::default() };
        segment(PathSegmentKind::Count(Some(Box::new(options))))
    });
    let value = (inner.clone(), method()).prop_map(|(value, method)| {
        let aggregate =
            Aggregate { of: AggregateOf::Value(value, method), from: Vec::new(), alias: None, at: at() };
        segment(PathSegmentKind::Aggregate(Box::new(aggregate)))
    });
    let more = prop_oneof![
        4 => named,
        1 => annotation,
        1 => Just(segment(PathSegmentKind::Count(None))),
        1 => counted,
        1 => filter,
        1 => Just(segment(PathSegmentKind::Any(None))),
        1 => lambda().prop_map(|lambda| segment(PathSegmentKind::Any(Some(lambda)))),
        1 => lambda().prop_map(|lambda| segment(PathSegmentKind::All(lambda))),
        1 => value,
    ];
    let first = (name(), parens(inner.clone())).prop_map(|(name, parens)| PathSegment {
        kind: PathSegmentKind::Name(name),
        parens,
        at: at(),
    });
    let roots =
        prop_oneof![Just(Root::It), Just(Root::This), Just(Root::These), identifier().prop_map(Root::Alias),];
    prop_oneof![
        4 => (first, vec(more.clone(), 0..3)).prop_map(|(first, more)| {
            path(Root::Instance, std::iter::once(first).chain(more).collect())
        }),
        1 => (roots, vec(more.clone(), 0..3)).prop_map(|(root, more)| path(root, more)),
        1 => vec(more, 1..3).prop_map(|more| path(Root::Service, more)),
    ]
    .boxed()
}

fn method() -> impl Strategy<Value = AggregateMethod> {
    prop_oneof![
        Just(AggregateMethod::Sum),
        Just(AggregateMethod::CountDistinct),
        qualified().prop_map(AggregateMethod::Custom),
    ]
}

fn expression() -> BoxedStrategy<Expr> {
    let leaf = prop_oneof![literal_expr(), names_path().prop_map(|path| expr(ExprKind::Path(path)))].boxed();
    leaf.prop_recursive(4, 40, 4, |inner| {
        let inner = inner.boxed();
        let pair = || (inner.clone(), inner.clone());
        let binary = select(vec![
            BinaryOp::Eq,
            BinaryOp::Lt,
            BinaryOp::Add,
            BinaryOp::Sub,
            BinaryOp::Mul,
            BinaryOp::DivBy,
            BinaryOp::Has,
            BinaryOp::In,
        ]);
        let methods = select(vec![
            Method::Now,
            Method::ToLower,
            Method::Substring,
            Method::Concat,
            Method::MatchesPattern,
        ]);
        let call = (methods, vec(inner.clone(), 3)).prop_map(|(method, mut arguments)| {
            arguments.truncate(method.arity().1);
            expr(ExprKind::Call(method, arguments))
        });
        let object = vec((text(), inner.clone()), 0..3).prop_map(|mut members| {
            members.sort_by(|a, b| a.0.cmp(&b.0));
            members.dedup_by(|a, b| a.0 == b.0);
            expr(ExprKind::Object(members))
        });
        let kind = (name(), any::<bool>()).prop_map(|(name, collection)| TypeName { name, collection });
        prop_oneof![
            3 => any_path(&inner).prop_map(|path| expr(ExprKind::Path(path))),
            2 => (binary, pair()).prop_map(|(op, (left, right))| {
                // A lone literal in parentheses behind `in` would be a list.
                expr(ExprKind::Binary(op, Box::new(left), Box::new(right)))
            }),
            1 => (inner.clone(), vec(literal_expr(), 0..3)).prop_map(|(left, items)| {
                let list = Box::new(expr(ExprKind::List(items)));
                expr(ExprKind::Binary(BinaryOp::In, Box::new(left), list))
            }),
            2 => (select(vec![LogicalOp::And, LogicalOp::Or]), vec(inner.clone(), 2..4))
                .prop_map(|(op, terms)| expr(ExprKind::Logical(op, flat(op, terms)))),
            1 => (select(vec![UnaryOp::Not, UnaryOp::Negate]), inner.clone())
                .prop_map(|(op, of)| expr(ExprKind::Unary(op, Box::new(of)))),
            1 => call,
            1 => object,
            1 => vec(inner.clone(), 0..3).prop_map(|items| expr(ExprKind::Array(items))),
            1 => vec(pair(), 1..3).prop_map(|branches| expr(ExprKind::Case(branches))),
            1 => (option::of(inner.clone()), kind, any::<bool>()).prop_map(|(of, kind, cast)| {
                let of = of.map(Box::new);
                expr(if cast { ExprKind::Cast(of, kind) } else { ExprKind::IsOf(of, kind) })
            }),
        ]
    })
    .boxed()
}

/// The terms, without any of the same operator among them.
fn flat(op: LogicalOp, terms: Vec<Expr>) -> Vec<Expr> {
    let spread = |term: Expr| match term.kind {
        ExprKind::Logical(inner, terms) if inner == op => terms,
        _ => vec![term],
    };
    terms.into_iter().flat_map(spread).collect()
}

fn search() -> BoxedStrategy<Search> {
    let word = select(vec!["blue", "AND", "OR", "NOT", "a;b", "Daniel's", "08/15", "#1", "Δ", "%41"]);
    let leaf = prop_oneof![
        3 => word.prop_map(|word| Search::Word(word.to_owned())),
        1 => "[a-z ;&'()]{1,9}".prop_map(Search::Phrase),
    ];
    let tree = leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|inner| Search::Not(Box::new(inner))),
            vec(inner.clone(), 2..4).prop_map(Search::And),
            vec(inner, 2..4).prop_map(Search::Or),
        ]
    });
    prop_oneof![5 => tree, 1 => text().prop_map(Search::Text)].boxed()
}

fn orderby() -> BoxedStrategy<Vec<OrderBy>> {
    let item = (expression(), any::<bool>()).prop_map(|(value, descending)| OrderBy { value, descending });
    vec(item, 1..3).boxed()
}

fn compute() -> BoxedStrategy<Vec<Compute>> {
    let item =
        (expression(), identifier()).prop_map(|(value, alias)| Compute { value, alias: spanned(alias) });
    vec(item, 1..3).boxed()
}

fn aggregate() -> BoxedStrategy<Aggregate> {
    let from = || {
        (vec(names_path(), 1..3), method())
            .prop_map(|(by, method)| AggregateFrom { by, method: Some(method) })
    };
    let named = |of: AggregateOf, from: Vec<AggregateFrom>, alias: Option<String>| Aggregate {
        of,
        from,
        alias: alias.map(spanned),
        at: at(),
    };
    let counted = names_path().prop_map(|mut path| {
        path.segments.push(segment(PathSegmentKind::Count(None)));
        path
    });
    prop_oneof![
        (expression(), method(), vec(from(), 0..2), identifier()).prop_map(
            move |(value, method, from, alias)| named(AggregateOf::Value(value, method), from, Some(alias))
        ),
        (counted, vec(from(), 0..2), identifier()).prop_map(move |(path, from, alias)| named(
            AggregateOf::Count(path),
            from,
            Some(alias)
        )),
        (names_path(), option::of(identifier())).prop_map(move |(path, alias)| named(
            AggregateOf::Custom(path),
            Vec::new(),
            alias
        )),
    ]
    .boxed()
}

fn hierarchy() -> BoxedStrategy<Hierarchy> {
    let nodes = plain_name().prop_map(|name| path(Root::Service, vec![segment(PathSegmentKind::Name(name))]));
    (nodes, identifier(), names_path())
        .prop_map(|(nodes, qualifier, node)| Hierarchy { nodes, qualifier, node })
        .boxed()
}

fn apply() -> BoxedStrategy<Apply> {
    let step = |kind| Apply { steps: vec![Transformation { kind, at: at() }] };
    let leaf = prop_oneof![
        Just(TransformationKind::Identity),
        vec(aggregate(), 1..3).prop_map(TransformationKind::Aggregate),
        compute().prop_map(TransformationKind::Compute),
        expression().prop_map(TransformationKind::Filter),
        search().prop_map(TransformationKind::Search),
        orderby().prop_map(TransformationKind::OrderBy),
        any::<u64>().prop_map(TransformationKind::Top),
        (select(vec![Ranking::TopCount, Ranking::BottomPercent]), expression(), expression())
            .prop_map(|(ranking, amount, by)| TransformationKind::Ranked(ranking, amount, by)),
        qualified().prop_map(|name| {
            let parens = vec![Parens { kind: ParensKind::Empty, at: at() }];
            let call = PathSegment { kind: PathSegmentKind::Name(name), parens, at: at() };
            TransformationKind::Custom(path(Root::Instance, vec![call]))
        }),
    ]
    .prop_map(step);
    leaf.prop_recursive(3, 12, 3, move |inner| {
        let group = prop_oneof![
            names_path().prop_map(GroupBy::Path),
            identifier().prop_map(|name| GroupBy::Rollup(Rollup::Named(name))),
            vec(names_path(), 2..4).prop_map(|levels| GroupBy::Rollup(Rollup::Levels(levels))),
            (hierarchy(), option::of(inner.clone()))
                .prop_map(|(hierarchy, start)| GroupBy::Recursive(hierarchy, start)),
        ];
        let nested = || {
            let item = (inner.clone(), identifier());
            vec(item.prop_map(|(apply, alias)| ApplyAs { apply, alias: spanned(alias) }), 1..3)
        };
        prop_oneof![
            vec(inner.clone(), 2..4).prop_map(|parts| {
                Apply { steps: parts.into_iter().flat_map(|part| part.steps).collect() }
            }),
            vec(inner.clone(), 2..4).prop_map(TransformationKind::Concat).prop_map(step),
            (vec(group, 1..3), option::of(inner.clone()))
                .prop_map(|(elements, apply)| TransformationKind::GroupBy(elements, apply))
                .prop_map(step),
            (any::<bool>(), names_path(), identifier(), option::of(inner.clone()))
                .prop_map(|(outer, property, alias, apply)| {
                    TransformationKind::Join { outer, property, alias: spanned(alias), apply }
                })
                .prop_map(step),
            nested().prop_map(TransformationKind::Nest).prop_map(step),
            (names_path(), nested())
                .prop_map(|(path, items)| TransformationKind::AddNested(path, items))
                .prop_map(step),
            (any::<bool>(), hierarchy(), inner.clone(), option::of(0..9_u64), any::<bool>())
                .prop_map(|(ancestors, hierarchy, start, distance, keep_start)| {
                    TransformationKind::Relatives { ancestors, hierarchy, start, distance, keep_start }
                })
                .prop_map(step),
            (
                any::<bool>(),
                hierarchy(),
                option::of(inner.clone().prop_filter("it is no sorting", preserving)),
                option::of(orderby())
            )
                .prop_map(|(preorder, hierarchy, start, orderby)| {
                    let orderby = orderby.unwrap_or_default();
                    TransformationKind::Traverse { hierarchy, preorder, start, orderby }
                })
                .prop_map(step),
        ]
    })
    .boxed()
}

/// Whether it may stand at the beginning of a traversal, where `concat` is the function of that name.
fn preserving(apply: &Apply) -> bool {
    !matches!(apply.steps[0].kind, TransformationKind::Concat(_))
}

fn nested(inner: BoxedStrategy<QueryOptions>) -> BoxedStrategy<Box<QueryOptions>> {
    prop_oneof![Just(QueryOptions::default()), inner].prop_map(Box::new).boxed()
}

fn selects(inner: BoxedStrategy<QueryOptions>) -> BoxedStrategy<Vec<Select>> {
    let shaped = (names_path(), nested(inner)).prop_map(|(path, options)| SelectKind::Path {
        path,
        options,
        parameters: Vec::new(),
    });
    let overload = (names_path(), vec(identifier(), 1..3)).prop_map(|(path, parameters)| SelectKind::Path {
        path,
        options: Box::default(),
        parameters,
    });
    let kind = prop_oneof![
        Just(SelectKind::All),
        Just(SelectKind::Operations("Org.Own".to_owned())),
        shaped,
        overload
    ];
    vec(kind.prop_map(|kind| Select { kind, at: at() }), 1..3).boxed()
}

/// Options that stand behind a property of `$select`.
fn select_options() -> BoxedStrategy<QueryOptions> {
    (expression(), option::of(search()), option::of(any::<u64>()), option::of((identifier(), expression())))
        .prop_map(|(filter, search, top, alias)| QueryOptions {
            filter: Some(filter),
            search: search.map(spanned),
            top: top.map(spanned),
            aliases: alias.into_iter().map(|(name, value)| Alias { name, value, at: at() }).collect(),
            ..QueryOptions::default()
        })
        .boxed()
}

fn expands(inner: BoxedStrategy<QueryOptions>) -> BoxedStrategy<Vec<Expand>> {
    let item = |kind, suffix, options| Expand { kind, suffix, options, at: at() };
    let star = (option::of(names_path()), option::of(1..9_u64), any::<bool>()).prop_map(
        move |(path, levels, ids)| {
            let suffix = if ids { Suffix::Ref } else { Suffix::None };
            let levels = levels.filter(|_| !ids).map(|levels| spanned(Levels::Number(levels)));
            let options = Box::new(QueryOptions { levels, ..QueryOptions::default() });
            item(ExpandKind::All(path), suffix, options)
        },
    );
    let counted = (names_path(), expression()).prop_map(move |(path, filter)| {
        let options = Box::new(QueryOptions { filter: Some(filter), ..QueryOptions::default() });
        item(ExpandKind::Path(path), Suffix::Count, options)
    });
    let deep = (names_path(), nested(inner))
        .prop_map(move |(path, options)| item(ExpandKind::Path(path), Suffix::None, options));
    let kinds = prop_oneof![Just(item(ExpandKind::Value, Suffix::None, Box::default())), star, counted, deep];
    vec(kinds, 1..3).boxed()
}

/// Options that stand behind a navigation property of `$expand`.
fn expand_options() -> BoxedStrategy<QueryOptions> {
    select_options()
        .prop_recursive(2, 6, 2, |inner| {
            (select_options(), expands(inner.boxed()), option::of(apply()), any::<bool>()).prop_map(
                |(options, expand, apply, max)| {
                    let levels = max.then(|| spanned(Levels::Max));
                    QueryOptions { expand, apply, levels, ..options }
                },
            )
        })
        .boxed()
}

fn options() -> BoxedStrategy<QueryOptions> {
    let media = "application/json;odata.metadata=full".to_owned();
    let formats = select(vec![Format::Json, Format::Xml, Format::Atom, Format::Media(media)]);
    let shape = (
        option::of(selects(select_options())),
        option::of(expands(expand_options())),
        option::of(orderby()),
        option::of(compute()),
        option::of(apply()),
    );
    let scalars = (
        option::of(any::<u64>()),
        option::of(any::<bool>()),
        option::of(-9..9_i64),
        option::of(formats),
        option::of(text().prop_filter("a token is not empty", |text| !text.is_empty())),
        option::of("x[a-z*'%-]{1,5}".prop_map(|name| name.replace('%', "!"))),
    );
    (option::of(expression()), option::of(search()), shape, scalars)
        .prop_map(|(filter, search, (select, expand, orderby, compute, apply), scalars)| {
            let (skip, count, index, format, token, custom) = scalars;
            QueryOptions {
                filter,
                search: search.map(spanned),
                apply,
                compute: compute.unwrap_or_default(),
                select: select.unwrap_or_default(),
                expand: expand.unwrap_or_default(),
                orderby: orderby.unwrap_or_default(),
                skip: skip.map(spanned),
                count: count.map(spanned),
                index: index.map(spanned),
                format: format.map(spanned),
                skiptoken: token.map(spanned),
                custom: custom
                    .map(|name| Custom { name, value: Some("a%20b".to_owned()), at: at(), value_at: at() })
                    .into_iter()
                    .collect(),
                ..QueryOptions::default()
            }
        })
        .boxed()
}

fn resource() -> BoxedStrategy<Resource> {
    let first = (plain_name(), parens(plain())).prop_map(|(name, parens)| (SegmentKind::Name(name), parens));
    let named = (name(), parens(plain())).prop_map(|(name, parens)| (SegmentKind::Name(name), parens));
    let filter = (expression(), parens(plain()))
        .prop_map(|(filter, parens)| (SegmentKind::Filter(Box::new(filter)), parens));
    let fixed = select(vec![
        SegmentKind::Count,
        SegmentKind::Ref,
        SegmentKind::Value,
        SegmentKind::Each,
        SegmentKind::Query,
    ])
    .prop_map(|kind| (kind, Vec::new()));
    let more = prop_oneof![3 => named, 1 => filter, 1 => fixed];
    let segment = |(kind, parens)| Segment { kind, text: String::new(), parens, at: at() };
    let path = (first, vec(more, 0..4)).prop_map(move |(first, more)| {
        let segments = std::iter::once(first).chain(more).map(segment).collect();
        Resource::Path(ResourcePath { segments, at: at() })
    });
    let special = prop_oneof![
        option::of(name()).prop_map(Resource::All),
        (vec(plain_name(), 1..3), any::<bool>())
            .prop_map(|(sets, query)| Resource::Crossjoin { sets, query }),
    ];
    prop_oneof![6 => path, 1 => special].boxed()
}

/// The texts of segments are theirs from the URL, so they are no part of what is made here.
fn without_texts(mut resource: Resource) -> Resource {
    if let Resource::Path(path) = &mut resource {
        path.segments.iter_mut().for_each(|segment| segment.text.clear());
    }
    resource
}

fn limits() -> Limits {
    Limits { depth: 100, ..Limits::default() }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn expressions(tree in expression()) {
        let text = tree.to_string();
        // Inside a lambda a name of its variable becomes the variable: the second print is settled.
        let read = Expr::parse(&text, &limits()).map_err(|error| format!("{text}: {error}"));
        let read = read.map_err(TestCaseError::fail)?;
        prop_assert_eq!(&read.to_string(), &text);
        let again = Expr::parse(&read.to_string(), &limits()).unwrap();
        prop_assert_eq!(&again, &read);
        if !text.contains("any(") && !text.contains("all(") {
            prop_assert_eq!(read, tree);
        }
    }

    #[test]
    fn searches(tree in search()) {
        let text = format!("$search={tree}");
        let read = QueryOptions::parse(&text, &limits()).map_err(|error| format!("{text}: {error}"));
        let read = read.map_err(TestCaseError::fail)?;
        prop_assert_eq!(&read.search.unwrap().value, &tree, "{}", text);
    }

    #[test]
    fn resources(tree in resource()) {
        let text = tree.to_string();
        let read = Resource::parse(&text, &limits()).map_err(|error| format!("{text}: {error}"));
        let read = without_texts(read.map_err(TestCaseError::fail)?);
        prop_assert_eq!(&read.to_string(), &text);
        if !text.contains("any(") && !text.contains("all(") {
            prop_assert_eq!(read, tree);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn query_options(tree in options()) {
        let text = tree.to_string();
        prop_assume!(!text.is_empty());
        let read = QueryOptions::parse(&text, &limits()).map_err(|error| format!("{text}: {error}"));
        let read = read.map_err(TestCaseError::fail)?;
        prop_assert_eq!(&read.to_string(), &text);
        if !text.contains("any(") && !text.contains("all(") {
            prop_assert_eq!(read, tree);
        }
    }

    #[test]
    fn requests(resource in resource(), options in options()) {
        let text = Request { resource, options, context: None }.to_string();
        // Not every path is one that a model could have; those that are come back.
        if let Ok(read) = Request::parse(&text, &limits()) {
            prop_assert_eq!(&read.to_string(), &text);
            prop_assert_eq!(Request::parse(&read.to_string(), &limits()).unwrap(), read);
        }
    }
}
