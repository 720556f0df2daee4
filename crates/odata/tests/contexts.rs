//! Context URLs: the ABNF cases of OASIS, with names resolved by the file's constraints, and what the writer makes.
#![expect(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]

use std::collections::BTreeSet;

use gridkeep_odata::{
    edm::QName,
    header::Version,
    json::{Context, SelectItem, Target},
};
use proptest::prelude::*;

/// The names that the cases' rules may match.
struct Names {
    types: BTreeSet<String>,
    /// Everything that may stand in a path or select list unqualified.
    members: BTreeSet<String>,
    /// Everything that is qualified by a namespace.
    qualified: BTreeSet<String>,
    annotations: BTreeSet<String>,
}

impl Names {
    fn of(constraints: &serde_json::Value) -> Self {
        let all = |rules: &[&str]| -> BTreeSet<String> {
            let names = rules.iter().flat_map(|rule| constraints[rule].as_array().unwrap());
            names.map(|name| name.as_str().unwrap().to_owned()).collect()
        };
        let mut types = all(&["complexTypeName", "entityTypeName", "enumerationTypeName"]);
        // Not in the constraints, and the cases use it: the rule for type definitions takes any identifier.
        types.insert("MonetaryAmount".to_owned());
        Self {
            types,
            members: all(&[
                "entitySetName",
                "singletonEntity",
                "complexProperty",
                "complexColProperty",
                "primitiveKeyProperty",
                "primitiveNonKeyProperty",
                "primitiveColProperty",
                "entityNavigationProperty",
                "entityColNavigationProperty",
            ]),
            qualified: all(&["action", "primitiveFunction", "complexFunction", "entityFunction"]),
            annotations: ["Core.Messages", "Namespace.EntityTerm"].map(str::to_owned).into(),
        }
    }

    fn knows(&self, segment: &str) -> bool {
        if let Some(annotation) = segment.strip_prefix('@') {
            return self.annotations.contains(annotation.split('#').next().unwrap());
        }
        match segment.rsplit_once('.') {
            Some(("Edm", _)) => true,
            Some((_, name)) => name == "*" || self.types.contains(name) || self.qualified.contains(name),
            None => segment == "*" || self.members.contains(segment),
        }
    }

    fn accept(&self, context: &Context) -> bool {
        let (path, type_name) = match &context.target {
            Target::Set(path)
            | Target::Entity(path)
            | Target::Delta(path)
            | Target::DeletedEntity(path)
            | Target::Link(path)
            | Target::DeletedLink(path)
            | Target::Singleton(path)
            | Target::Property(path) => (path.as_str(), None),
            Target::Type(name) | Target::Collection(name) => ("*", Some(name)),
            _ => ("*", None),
        };
        path.split('/').all(|segment| self.knows(segment.split('(').next().unwrap()))
            && type_name.is_none_or(|name| self.knows(name))
            && context.cast.as_ref().is_none_or(|kind| self.types.contains(&kind.name))
            && context.select.as_ref().is_none_or(|items| self.accept_list(items))
    }

    fn accept_list(&self, items: &[SelectItem]) -> bool {
        items.iter().all(|item| {
            item.path.split('/').all(|segment| self.knows(segment))
                && item.nested.as_ref().is_none_or(|nested| self.accept_list(nested))
        })
    }
}

#[test]
fn contexts_of_the_standard_are_read_and_written() {
    let Some(shared) = gridkeep_kit::shared() else { return };
    let file = shared.join("data/odata/oasis-abnf/odata-abnf-testcases.json");
    let file: serde_json::Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let names = Names::of(&file["Constraints"]);
    let cases = file["TestCases"].as_array().unwrap().iter().filter(|case| case["Rule"] == "context");
    let (mut seen, mut wrong) = (0, Vec::new());
    for case in cases {
        let input = case["Input"].as_str().unwrap();
        let found = Context::parse(input);
        let accepted = found.as_ref().is_ok_and(|context| names.accept(context));
        if accepted != case["FailAt"].is_null() {
            wrong.push(format!("{input}: {found:?}"));
        }
        if let Ok(context) = found {
            assert_eq!(context.to_string(), input);
        }
        seen += 1;
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(seen > 40, "only {seen} cases found");
}

#[test]
fn contexts_by_the_rules() {
    let check = |context: Context, version: Version, expect: &str| {
        let url = context.url("", version);
        assert_eq!(url, expect);
        assert_eq!(Context::parse(&url).unwrap().url("", version), expect);
    };
    let set = |name: &str| Context::new(Target::Set(name.to_owned()));
    let all = |version| {
        check(Context::new(Target::Service), version, "$metadata");
        check(set("Customers"), version, "$metadata#Customers");
        check(
            set("Customers").cast(QName::new("Model", "VipCustomer")),
            version,
            "$metadata#Customers/Model.VipCustomer",
        );
        check(
            Context::new(Target::Property("Orders(4711)/Shipping".into())),
            version,
            "$metadata#Orders(4711)/Shipping",
        );
        check(
            Context::new(Target::Collection("Edm.String".into())),
            version,
            "$metadata#Collection(Edm.String)",
        );
        check(Context::new(Target::Delta("Customers".into())), version, "$metadata#Customers/$delta");
        check(
            Context::new(Target::Entity("Rows(0190aaaa-0000-7000-8000-00000000000f)/Items".into())),
            version,
            "$metadata#Rows(0190aaaa-0000-7000-8000-00000000000f)/Items/$entity",
        );
    };
    all(Version::V4_0);
    all(Version::V4_01);
    let items = vec![
        SelectItem::selected("Name"),
        SelectItem::expanded("Orders", false, vec![]),
        SelectItem::expanded("Reports", true, vec![SelectItem::selected("Title")]),
    ];
    let entity = Context::new(Target::Entity("Customers".into()));
    check(
        entity.clone().select(items.clone()),
        Version::V4_01,
        "$metadata#Customers(Name,Orders(),Reports+(Title))/$entity",
    );
    check(entity.clone().select(items), Version::V4_0, "$metadata#Customers(Name,Reports+(Title))/$entity");
    let only = vec![SelectItem::expanded("Orders", false, vec![])];
    check(entity.clone().select(only.clone()), Version::V4_01, "$metadata#Customers(Orders())/$entity");
    check(entity.select(only), Version::V4_0, "$metadata#Customers/$entity");
}

#[test]
fn contexts_that_are_none() {
    let check = |input: &str, expect: &str| {
        assert_eq!(Context::parse(input).unwrap_err().to_string(), expect, "{input}");
    };
    check("", "Expected `#` and what the payload is (at position 1)");
    check("#", "Expected a name (at position 2)");
    check("#A(", "Expected a name (at position 4)");
    check("#A(B", "Expected `,` or `)` in the select list (at position 5)");
    check("#A(1)", "Expected a property after the key (at position 6)");
    check("#A/$entity/x", "Expected a name (at position 4)");
    check("#A(B)x", "Expected the end of the context (at position 6)");
    check("#Collection(String)", "Expected a qualified type name (at position 19)");
    check(&"#A/".repeat(10_000), "A context URL has at most 16384 bytes");
    check(&format!("#A{}", "(a".repeat(8000)), "The select list is nested too deep (at position 70)");
}

fn select_list() -> impl Strategy<Value = Vec<SelectItem>> {
    let path =
        || "([A-Z][a-z]{0,3}/){0,2}[A-Z][a-z]{1,4}|\\*|Model\\.\\*|Model\\.Vip/Name|@Core\\.Messages(#q)?";
    let leaf = path().prop_map(SelectItem::selected);
    let item = leaf.prop_recursive(4, 24, 4, move |inner| {
        ("[A-Z][a-z]{1,4}", any::<bool>(), proptest::collection::vec(inner, 0..4))
            .prop_map(|(path, recursive, nested)| SelectItem::expanded(path, recursive, nested))
    });
    proptest::collection::vec(item, 0..5)
}

proptest! {
    #[test]
    fn contexts_come_back(items in select_list(), target in 0..5, cast: bool) {
        let path = "Customers('AL,F(K)I')/Orders".to_owned();
        let target = match target {
            0 => Target::Set(path),
            1 => Target::Entity("Customers".into()),
            2 => Target::Delta(path),
            3 => Target::Collection("Model.Customer".into()),
            _ => Target::Set("Orders(A=1,B='x')/Items".into()),
        };
        let mut context = Context::new(target).select(items);
        if cast && !matches!(context.target, Target::Collection(_)) {
            context = context.cast(QName::new("Model.Sub", "Vip"));
        }
        prop_assert_eq!(Context::parse(&context.url("http://host/", Version::V4_01)), Ok(context));
    }

    #[test]
    fn reading_never_panics(text in "[#A-Za-z0-9(),/+*.@'$é-]{0,40}") {
        if let Ok(context) = Context::parse(&text) {
            prop_assert!(text.ends_with(&context.to_string()));
        }
    }
}
