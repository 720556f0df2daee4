//! Payloads of requests: what is read, what is refused and where, and that what is written comes back.
#![expect(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]

mod support;

use std::borrow::Cow;

use gridkeep_kit::SeededRng;
use gridkeep_odata::{
    Error, Span,
    edm::{Edm, Primitive, TypeRef},
    header::{JsonFormat, Metadata, Version},
    json::{
        Change, Content, EntityHead, Fact, Instance, Item, Limits, Mismatch, Reader, Scalar, Style, Writer,
    },
};
use jiff::{SignedDuration, civil};
use proptest::prelude::*;
use support::{model, name, named, nullable, parameters};

fn entity<'a>(edm: &Edm, body: &'a [u8]) -> Result<Instance<'a>, Error> {
    Reader::new(edm, body, 0, Limits::default())?.entity(&name("Order"))
}

/// An instance in few words, with the places of its members.
fn show(instance: &Instance<'_>) -> String {
    let mut parts = Vec::new();
    parts.extend(instance.kind.as_ref().map(|kind| format!("type={kind}")));
    parts.extend(instance.id.as_ref().map(|id| format!("id={id}")));
    parts.extend(instance.etag.as_ref().map(|etag| format!("etag={etag}")));
    parts.extend(instance.content_id.as_ref().map(|id| format!("content-id={id}")));
    parts.extend(instance.removed.map(|reason| format!("removed={reason:?}")));
    for member in &instance.members {
        parts.push(format!("{}@{}={}", member.name, member.span.start, content(&member.content)));
    }
    format!("{{{}}}", parts.join(" "))
}

fn content(it: &Content<'_>) -> String {
    let list = |items: Vec<String>| format!("[{}]", items.join(" "));
    match it {
        Content::Scalar(scalar) => format!("{scalar:?}"),
        Content::Complex(instance) => show(instance),
        Content::Collection(items) => list(items.iter().map(content).collect()),
        Content::Untyped(item) => format!("untyped {item:?}"),
        Content::Stream { content_type, bytes } => {
            format!("{content_type:?} {:?}", String::from_utf8_lossy(bytes))
        }
        Content::Entity(None) => "no entity".to_owned(),
        Content::Entity(Some(instance)) => format!("one {}", show(instance)),
        Content::Entities(all) => format!("all {}", list(all.iter().map(show).collect())),
        Content::Delta(all) => format!("delta {}", list(all.iter().map(show).collect())),
        Content::Bind(id) => format!("bind {id:?}"),
        Content::Binds(ids) => format!("bind {ids:?}"),
    }
}

#[test]
fn entities_are_read_by_their_types() {
    let edm = model();
    let check = |input: &str, expect: &str| {
        let found = entity(&edm, input.as_bytes());
        for member in found.iter().flat_map(|it| &it.members) {
            assert!(
                input[member.span.start..member.span.end].starts_with(&format!("\"{}", member.name)),
                "{input}"
            );
        }
        let found = found.map_or_else(|error| format!("{error:?}"), |it| show(&it));
        assert_eq!(found, expect, "{input}");
    };
    check("{}", "{}");
    check("\u{feff} {\"Name\" : \"a\\u00e4\"}", "{Name@5=Text(\"aä\")}");
    check(
        r#"{"Amount":12.50,"Total":"9007199254740993"}"#,
        "{Amount@1=Decimal(12.50) Total@16=Int64(9007199254740993)}",
    );
    check(
        r#"{"Exact":12345678901234567890.123456789012345678}"#,
        "{Exact@1=LongDecimal(\"12345678901234567890.123456789012345678\")}",
    );
    check(
        r#"{"Weight":"INF","Small":1e3,"Open":false,"Rating":255}"#,
        "{Weight@1=Double(inf) Small@16=Single(1000.0) Open@28=Boolean(false) Rating@41=Integer(255)}",
    );
    check(
        r#"{"Changed":"2026-11-21T08:30:00+02:00","Took":"PT90S"}"#,
        "{Changed@1=DateTimeOffset(2026-11-21T06:30:00) Took@39=Duration(1m 30s)}",
    );
    check(
        r#"{"Status":"OnSale,InStock","Data":"__4"}"#,
        "{Status@1=Enum(\"InStock,OnSale\") Data@27=Binary([255, 254])}",
    );
    check(r#"{"Price":1.25,"Name":null,"Place":null}"#, "{Price@1=Decimal(1.25) Name@14=Null Place@26=Null}");
    check(
        r##"{"@odata.type":"#Model.RushOrder","Rush":true}"##,
        "{type=Model.RushOrder Rush@34=Boolean(true)}",
    );
    check(
        r#"{"Rush":true,"@type":"http://h/$metadata#M.RushOrder"}"#,
        "{type=M.RushOrder Rush@1=Boolean(true)}",
    );
    check(
        r#"{"Place":{"City":"Ulm"},"Tags":["a","b"]}"#,
        "{Place@1={City@10=Text(\"Ulm\")} Tags@24=[Text(\"a\") Text(\"b\")]}",
    );
    check(
        r##"{"Places":[{"@type":"#Model.Home","Floor":-1}]}"##,
        "{Places@1=[{type=Model.Home Floor@34=Integer(-1)}]}",
    );
    check(
        r#"{"@odata.id":"Orders(1)","@odata.etag":"W/\"1\"","@odata.context":"x","@odata.readLink":"y","@x":1,"A@b.c":{}}"#,
        "{id=Orders(1) etag=W/\"1\"}",
    );
    check(
        r##"{"Items@odata.navigationLink":"x","Items@odata.count":3,"#Model.Go":{},"@Core.ContentID":"7"}"##,
        "{content-id=7}",
    );
    check(
        r#"{"Customer":{"@id":"Customers('A')"},"Items":[{"Line":1,"@id":"Items(1)"},{"Line":2}]}"#,
        "{Customer@1=one {id=Customers('A')} Items@37=all [{id=Items(1) Line@47=Integer(1)} {Line@75=Integer(2)}]}",
    );
    check(
        r#"{"Customer@odata.bind":"Customers('A')","Items@odata.bind":["Items(1)"]}"#,
        "{Customer@1=bind Some(\"Customers('A')\") Items@40=bind [\"Items(1)\"]}",
    );
    check(r#"{"Customer@bind":null,"Customer":null}"#, "{Customer@1=bind None Customer@22=no entity}");
    check(
        r#"{"Items@delta":[{"@removed":{"reason":"deleted"},"@id":"Items(1)"},{"@removed":{},"Line":2}]}"#,
        "{Items@1=delta [{id=Items(1) removed=Deleted} {removed=Changed Line@82=Integer(2)}]}",
    );
    check(
        r#"{"Any":[1,{"a":0.5}]}"#,
        "{Any@1=untyped Collection([Scalar(Int64(1)), Complex { kind: None, \
        members: [(\"a\", Scalar(Double(0.5)))] }])}",
    );
    check(r#"{"Photo":"T0RhdGE"}"#, "{Photo@1=None \"OData\"}");
    check(r#"{"Photo":"hi","Photo@mediaContentType":"text/plain"}"#, "{Photo@1=Some(\"text/plain\") \"hi\"}");
    check(
        r#"{"Photo@mediaContentType":"application/json","Photo":{"a":[1]}}"#,
        "{Photo@45=Some(\"application/json\") \"{\\\"a\\\":[1]}\"}",
    );
}

#[test]
fn open_types_take_what_is_not_declared() {
    let edm = model();
    let check = |input: &str, expect: &str| {
        let reader = Reader::new(&edm, input.as_bytes(), 0, Limits::default()).unwrap();
        let found = reader.entity(&name("Customer")).map_or_else(|error| error.to_string(), |it| show(&it));
        assert_eq!(found, expect, "{input}");
    };
    check(r#"{"Nick":"x"}"#, "{Nick@1=untyped Scalar(Text(\"x\"))}");
    check(r#"{"Born@type":"Date","Born":"2000-01-02"}"#, "{Born@20=Date(2000-01-02)}");
    check(r##"{"Born":"2000-01-02","Born@odata.type":"#Date"}"##, "{Born@1=Date(2000-01-02)}");
    check(r##"{"Sizes@type":"#Collection(Int64)","Sizes":[1,"2"]}"##, "{Sizes@35=[Int64(1) Int64(2)]}");
    check(r##"{"Home@type":"#Model.Home","Home":{"Floor":3}}"##, "{Home@27={Floor@35=Integer(3)}}");
    check(r#"{"Born@type":"Nothing","Born":1}"#, "There is no type `Nothing` (at position 24)");
}

#[test]
fn errors_name_member_and_place() {
    let edm = model();
    let check = |input: &[u8], code: &str, expect: &str| {
        let error = entity(&edm, input).unwrap_err();
        let found = format!("{}: {error}", error.target.as_deref().unwrap_or("-"));
        assert_eq!((error.code, found.as_str()), (code, expect), "{}", String::from_utf8_lossy(input));
    };
    check(b"", "JSON_SYNTAX", "-: Expected a value, found the end (at position 1)");
    check(b"[]", "WRONG_TYPE", "-: Expected an object, found an array (at position 1)");
    check(b"{} x", "JSON_SYNTAX", "-: Expected the end after the payload (at position 4)");
    check(br#"{"Nmae":1}"#, "UNKNOWN_PROPERTY", "Nmae: Order has no property `Nmae` (at position 2)");
    check(br#"{"Name":"a","Name":"b"}"#, "DUPLICATE_MEMBER", "-: `Name` is given twice (at position 13)");
    check(
        br#"{"@id":"a","@odata.id":"b"}"#,
        "DUPLICATE_MEMBER",
        "-: `@odata.id` is given twice (at position 12)",
    );
    check(
        br#"{"Name":7}"#,
        "WRONG_TYPE",
        "Name: Expected a value of Edm.String, found a number (at position 9)",
    );
    check(
        br#"{"Name":"12345678901"}"#,
        "TOO_LONG",
        "Name: Longer than this Edm.String may be (at position 9)",
    );
    check(
        br#"{"Amount":1.234}"#,
        "TOO_PRECISE",
        "Amount: More digits than this Edm.Decimal keeps (at position 11)",
    );
    check(
        br#"{"Amount":true}"#,
        "WRONG_TYPE",
        "Amount: Expected a value of Edm.Decimal, found true or false (at position 11)",
    );
    check(
        br#"{"Price":1.234}"#,
        "TOO_PRECISE",
        "Price: More digits than this Edm.Decimal keeps (at position 10)",
    );
    check(br#"{"Rating":256}"#, "OUT_OF_RANGE", "Rating: Beyond the range of this Edm.Byte (at position 11)");
    check(br#"{"Rating":null}"#, "NULL", "Rating: Null is no value here (at position 11)");
    check(
        br#"{"Total":9223372036854775808}"#,
        "OUT_OF_RANGE",
        "Total: Beyond the range of this Edm.Int64 (at position 10)",
    );
    check(
        br#"{"Count":"1"}"#,
        "WRONG_TYPE",
        "Count: Expected a value of Edm.Int32, found a string (at position 10)",
    );
    check(
        br#"{"Weight":"1"}"#,
        "WRONG_TYPE",
        "Weight: Expected a value of Edm.Double, found a string (at position 11)",
    );
    check(
        br#"{"Weight":1e999}"#,
        "OUT_OF_RANGE",
        "Weight: Beyond the range of this Edm.Double (at position 11)",
    );
    check(
        br#"{"Status":"Gone"}"#,
        "WRONG_TYPE",
        "Status: Expected a member of Model.Status (at position 11)",
    );
    check(
        br#"{"Places":[{"City":"a"},{"City":1}]}"#,
        "WRONG_TYPE",
        "Places/1/City: Expected a value of Edm.String, found a number (at position 33)",
    );
    check(
        br#"{"Items":{"Line":1}}"#,
        "WRONG_TYPE",
        "Items: Expected an array, found an object (at position 10)",
    );
    check(
        br#"{"Items":[{"Parts":[{"Line":"x"}]}]}"#,
        "WRONG_TYPE",
        "Items/0/Parts/0/Line: Expected a value of Edm.Int32, found a string (at position 29)",
    );
    check(br#"{"Tags":["a",null]}"#, "NULL", "Tags/1: Null is no value here (at position 14)");
    check(
        br##"{"@type":"#Model.Item"}"##,
        "WRONG_TYPE",
        "-: `Model.Item` is neither Order nor derived from it (at position 2)",
    );
    check(
        br#"{"Name@odata.bind":"x"}"#,
        "UNKNOWN_PROPERTY",
        "Name: Order has no navigation property `Name` (at position 2)",
    );
    check(
        br#"{"Customer@delta":[]}"#,
        "WRONG_TYPE",
        "Customer: Only a collection can have a delta (at position 2)",
    );
    check(br#"{"Spot":{}}"#, "UNSUPPORTED_TYPE", "Spot: Edm.GeographyPoint is not offered (at position 9)");
    check(b"{\"Name\":\"\xff\"}", "INVALID_UTF8", "-: The payload is not UTF-8 (at position 10)");
    check(br#"{"Name":"a"#, "JSON_SYNTAX", "Name: The string does not end (at position 11)");
    check(
        br#"{"Items@delta":[{"@removed":{"reason":"x"}}]}"#,
        "BAD_REASON",
        "Items/0/reason: A reason is `deleted` or `changed` (at position 30)",
    );
    let deep = format!("{}{}", "{\"Items\":[{\"Parts\":[", "{\"Parts\":[".repeat(5000));
    check(
        deep.as_bytes(),
        "TOO_DEEP",
        &format!(
            "Items/0{}: The payload is nested deeper than 32 levels (at position 162)",
            "/Parts/0".repeat(15)
        ),
    );
}

#[test]
fn places_count_from_the_whole_body() {
    let edm = model();
    let reader = Reader::new(&edm, br#"{"Name":1}"#, 100, Limits::default()).unwrap();
    assert_eq!(reader.entity(&name("Order")).unwrap_err().span.unwrap().start, 108);
}

#[test]
fn changes_to_a_set() {
    let edm = model();
    let check = |input: &str, expect: &str| {
        let reader = Reader::new(&edm, input.as_bytes(), 0, Limits::default()).unwrap();
        let show = |change: &Change<'_>| match change {
            Change::Entity(instance) => {
                let set = instance.set.as_ref().map_or(String::new(), |set| format!("{set} "));
                set + &show(instance)
            }
            Change::Link { deleted, source, relationship, target, .. } => {
                let target = target.as_deref().unwrap_or("it");
                format!("{}{source}/{relationship} -> {target}", if *deleted { "no " } else { "" })
            }
        };
        let found = reader.changes(&name("Order"));
        let found = found.map_or_else(
            |error| error.to_string(),
            |all| all.iter().map(show).collect::<Vec<_>>().join("; "),
        );
        assert_eq!(found, expect, "{input}");
    };
    check(r#"{"@context":"x","value":[]}"#, "");
    check(
        r##"{"@context":"#$delta","value":[{"@id":"Orders(1)","Name":"a"},{"@removed":{"reason":"deleted"},"@id":"Orders(2)"}]}"##,
        "{id=Orders(1) Name@50=Text(\"a\")}; {id=Orders(2) removed=Deleted}",
    );
    check(
        r##"{"value":[{"@odata.context":"#Orders/$deletedEntity","id":"Orders(1)","reason":"changed"},
        {"@odata.context":"#Orders/$link","source":"Orders(1)","relationship":"Items","target":"Items(1)"},
        {"@odata.context":"#Orders/$deletedLink","source":"Orders(1)","relationship":"Items","target":"Items(2)"},
        {"@context":"#Orders/$deletedEntity","@removed":{},"@id":"Orders(3)"}]}"##,
        "Orders {id=Orders(1) removed=Changed}; Orders(1)/Items -> Items(1); no Orders(1)/Items -> Items(2); \
         Orders {id=Orders(3) removed=Changed}",
    );
    check(
        r##"{"value":[{"@odata.context":"#Orders/$deletedEntity","@odata.id":"Orders(1)"},
        {"@odata.context":"http://h/$metadata#Items/$entity","Line":1},
        {"@odata.context":"#Items/$deletedEntity","Line":2},
        {"@odata.context":"#Orders/$deletedLink","source":"Orders(1)","relationship":"Customer"}]}"##,
        "Orders {id=Orders(1) removed=Deleted}; Items {Line@140=Integer(1)}; Items {removed=Deleted Line@201=Integer(2)}; \
         no Orders(1)/Customer -> it",
    );
    check(
        r##"{"value":[{"@odata.context":"#Orders/$link","source":"Orders(1)"}]}"##,
        "A link needs source, relationship and target (at position 11)",
    );
    check(r#"{"values":[]}"#, "Expected only `value` here, found `values` (at position 2)");
    check("{}", "Expected an object with a member `value` (at position 1)");
}

#[test]
fn properties_references_and_parameters() {
    let edm = model();
    let reader = |input: &'static str| Reader::new(&edm, input.as_bytes(), 0, Limits::default()).unwrap();
    let property = |input, kind: &TypeRef| {
        reader(input).property(kind).map_or_else(|it| it.to_string(), |it| content(&it))
    };
    assert_eq!(property(r#"{"@context":"x","value":12.5}"#, &nullable(Primitive::Decimal)), "Decimal(12.5)");
    assert_eq!(property(r#"{"City":"Ulm"}"#, &named("Address", false)), "{City@1=Text(\"Ulm\")}");
    assert_eq!(
        property(r#"{"value":[{"City":"Ulm"}]}"#, &named("Address", true)),
        "[{City@11=Text(\"Ulm\")}]"
    );
    assert_eq!(
        property("7", &nullable(Primitive::Int32)),
        "Expected an object, found a number (at position 1)"
    );

    let references = |input| reader(input).references().map_or_else(|it| it.to_string(), |it| it.join(" "));
    assert_eq!(references(r#"{"@odata.id":"Items(1)"}"#), "Items(1)");
    assert_eq!(references(r#"{"@odata.context":"$metadata#$ref","@id":"Items(1)"}"#), "Items(1)");
    assert_eq!(references(r#"{"value":[{"@id":"Items(1)"},{"@id":"Items(2)"}]}"#), "Items(1) Items(2)");
    assert_eq!(references(r#"{"Line":1}"#), "A reference has an id and nothing else (at position 2)");
    assert_eq!(references("{}"), "A reference needs an @id (at position 1)");

    let given = |input: &'static str| {
        let found = reader(input).parameters(&parameters());
        let show = |all: Vec<gridkeep_odata::json::Member<'_>>| {
            all.iter().map(|it| format!("{}={}", it.name, content(&it.content))).collect::<Vec<_>>().join(" ")
        };
        found.map_or_else(|error| error.to_string(), show)
    };
    assert_eq!(given(r#"{"Percentage":12.5}"#), "Percentage=Double(12.5)");
    assert_eq!(
        given(r#"{"Percentage":1,"Customer":{"ID":"A"},"Places":[null]}"#),
        "Percentage=Double(1.0) Customer=one {ID@28=Text(\"A\")} Places=[Null]"
    );
    assert_eq!(given(" "), "Parameter `Percentage` is missing");
    assert_eq!(
        given(r#"{"Percentage@expressionUrl":"1"}"#),
        "Values given as expressions are not supported (at position 2)"
    );
    assert_eq!(given(r#"{"Percent":1}"#), "The action has no parameter `Percent` (at position 2)");
    assert_eq!(reader(r#"{"b":[{}],"@x":1,"a":2}"#).names().unwrap(), ["b", "a"]);
}

/// Values of each type with the property that takes them.
fn values() -> impl Strategy<Value = Vec<(&'static str, Scalar<'static>)>> {
    let date =
        || (1_i16..=9999, 1_i8..=12, 1_i8..=28).prop_map(|(year, month, day)| civil::date(year, month, day));
    let time = || {
        (0_i8..24, 0_i8..60, 0_i8..60, 0_i32..1_000_000_000)
            .prop_map(|(hour, minute, second, nano)| civil::time(hour, minute, second, nano))
    };
    let text = |text: String| Scalar::Text(Cow::Owned(text));
    let one = prop_oneof![
        "(?s).{0,10}".prop_map(move |it| ("Name", text(it))),
        (any::<i32>(), 0_u32..3).prop_map(|(it, scale)| (
            "Amount",
            Scalar::Decimal(rust_decimal::Decimal::new(it.into(), scale))
        )),
        "[1-9][0-9]{20,30}\\.[0-9]{1,18}"
            .prop_map(|it| ("Exact", Scalar::parse(Primitive::Decimal, it.into()).unwrap())),
        any::<i64>().prop_map(|it| ("Total", Scalar::Int64(it))),
        any::<i32>().prop_map(|it| ("Count", Scalar::Integer(it))),
        any::<u8>().prop_map(|it| ("Rating", Scalar::Integer(it.into()))),
        any::<f64>()
            .prop_filter("NaN is not itself", |it| !it.is_nan())
            .prop_map(|it| ("Weight", Scalar::Double(it))),
        any::<f32>()
            .prop_filter("NaN is not itself", |it| !it.is_nan())
            .prop_map(|it| ("Small", Scalar::Single(it))),
        any::<bool>().prop_map(|it| ("Open", Scalar::Boolean(it))),
        date().prop_map(|it| ("Day", Scalar::Date(it))),
        time().prop_map(|it| ("At", Scalar::TimeOfDay(it))),
        (date(), time()).prop_map(|(date, time)| ("Changed", Scalar::DateTimeOffset(date.to_datetime(time)))),
        (any::<i32>(), 0_i32..1_000_000_000).prop_map(|(seconds, nano)| {
            (
                "Took",
                Scalar::Duration(SignedDuration::new(seconds.into(), if seconds < 0 { -nano } else { nano })),
            )
        }),
        any::<u128>().prop_map(|it| ("ID", Scalar::Guid(uuid::Uuid::from_u128(it)))),
        proptest::collection::vec(any::<u8>(), 0..20).prop_map(|it| ("Data", Scalar::Binary(Cow::Owned(it)))),
        Just(("Status", Scalar::Enum("InStock,OnSale".into()))),
        Just(("Name", Scalar::Null)),
    ];
    proptest::collection::btree_map(any::<u8>(), one, 0..12).prop_map(|all| {
        let mut seen = std::collections::BTreeMap::new();
        for (name, scalar) in all.into_values() {
            seen.insert(name, scalar);
        }
        seen.into_iter().collect()
    })
}

proptest! {
    #[test]
    fn what_is_written_comes_back(
        values in values(), city in "(?s).{0,9}", v4_01: bool, metadata in 0_usize..3, ieee754_compatible: bool,
    ) {
        let edm = model();
        let version = if v4_01 { Version::V4_01 } else { Version::V4_0 };
        let metadata = [Metadata::None, Metadata::Minimal, Metadata::Full][metadata];
        let format = JsonFormat { metadata, ieee754_compatible, ..JsonFormat::default() };
        let mut writer = Writer::new(Style::new(version, format, None));
        writer.begin_entity(&EntityHead {
            context: Some("$metadata#Orders/$entity"),
            kind: Some(Fact::Needed("Model.RushOrder")),
            etag: Some("W/\"1\""),
            ..EntityHead::default()
        });
        for (name, scalar) in &values {
            writer.key(name);
            writer.scalar(scalar);
        }
        writer.key("Places");
        let place = Item::Complex { kind: None, members: vec![("City".into(), Scalar::Text(city.into()).into())] };
        writer.item(&Item::Collection(vec![place.clone()]));
        writer.end_object();
        let bytes = writer.finish();
        let read = entity(&edm, &bytes).map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert_eq!(read.kind.is_some(), metadata != Metadata::None);
        prop_assert_eq!(read.etag.is_some(), metadata != Metadata::None);
        prop_assert_eq!(read.members.len(), values.len() + 1);
        for ((name, scalar), member) in values.iter().zip(&read.members) {
            prop_assert_eq!(*name, &*member.name);
            prop_assert_eq!(&member.content, &Content::Scalar(scalar.clone()));
        }
        let places = read.members.last().unwrap().content.clone().into_item();
        prop_assert_eq!(places, Some(Item::Collection(vec![place])));
    }

    #[test]
    fn any_text_is_a_value_or_a_mismatch(text in "[-+0-9.eETPDHMSZ:aINF]{0,30}") {
        for kind in [Primitive::Decimal, Primitive::Double, Primitive::Single, Primitive::Int64, Primitive::Date,
            Primitive::TimeOfDay, Primitive::DateTimeOffset, Primitive::Duration, Primitive::Guid, Primitive::Binary]
        {
            let found: Result<Scalar<'_>, Mismatch> = Scalar::parse(kind, Cow::Borrowed(&text));
            if let Ok(scalar) = found {
                let _ = scalar.check(&gridkeep_odata::edm::Facets::default());
            }
        }
    }
}

/// Bodies made of pieces of good ones: never a panic, and a refusal is about a place in the body.
#[test]
fn broken_payloads_are_refused() {
    let edm = model();
    let seeds = [
        r#"{"Name":"a","Amount":12.50,"Items":[{"Line":1,"Parts":[{"Line":2}]}],"Customer@odata.bind":"C('A')"}"#,
        r##"{"@odata.type":"#Model.RushOrder","Rush":true,"Place":{"City":"\u00e4\ud83d\ude00"},"Any":{"a":[1,2,{"b":null}]}}"##,
        r##"{"value":[{"@odata.context":"#O/$deletedEntity","id":"O(1)"},{"@removed":{"reason":"changed"},"@id":"x"}]}"##,
        r#"{"Items@delta":[{"@removed":{}}],"Photo@mediaContentType":"text/plain","Photo":"x","Tags":["a"],"ID":"x"}"#,
    ];
    let mut rng = SeededRng::new(5);
    for round in 0..40_000 {
        let mut bytes = seeds[round % seeds.len()].as_bytes().to_vec();
        for _ in 0..=rng.next() % 4 {
            let at = (rng.next() % bytes.len() as u64) as usize;
            match rng.next() % 5 {
                0 => bytes[at] = rng.next() as u8,
                1 => drop(bytes.remove(at)),
                2 => bytes.truncate(at.max(1)),
                3 => bytes.insert(at, b"{}[]\",:\\0-e@"[(rng.next() % 12) as usize]),
                _ => {
                    let other = seeds[(rng.next() % 4) as usize].as_bytes();
                    let from = (rng.next() % other.len() as u64) as usize;
                    bytes.splice(at..at, other[from..].iter().copied().take(20));
                }
            }
            if bytes.is_empty() {
                bytes.push(b'{');
            }
        }
        let read = || Reader::new(&edm, &bytes, 0, Limits::default());
        for outcome in [
            read().and_then(|it| it.entity(&name("Order")).map(drop)),
            read().and_then(|it| it.changes(&name("Order")).map(drop)),
            read().and_then(|it| it.entity(&name("Customer")).map(drop)),
            read().and_then(|it| it.parameters(&parameters()).map(drop)),
        ] {
            let Err(error) = outcome else { continue };
            let inside = |span: Span| span.start <= span.end && span.end <= bytes.len() + 4;
            assert!(error.span.is_none_or(inside), "{error:?}: {}", String::from_utf8_lossy(&bytes));
        }
    }
}

/// Where reading stops says what it costs: at the limit, however much follows.
#[test]
fn large_and_hostile_payloads_are_read_up_to_their_limit() {
    let edm = model();
    let read = |body: &str| {
        let reader = Reader::new(&edm, body.as_bytes(), 0, Limits::default());
        reader.and_then(|it| it.entity(&name("Customer")).map(|read| read.members.len()))
    };
    let check = |body: &str, code: &str, stops: Option<usize>| {
        let error = read(body).unwrap_err();
        assert_eq!((error.code, error.span.map(|span| span.end)), (code, stops), "{error}");
    };
    let Limits { depth, values, bytes } = Limits::default();
    check(&"{\"a\":".repeat(10_000), "TOO_DEEP", Some("{\"a\":".len() * depth + 1));
    check(&"[".repeat(1_000_000), "WRONG_TYPE", Some(1));
    check(&format!("{{\"a\":{}}}", "[".repeat(10_000)), "TOO_DEEP", Some("{\"a\":".len() + depth));
    check(&format!("{{\"a\":\"{}\"}}", "x".repeat(bytes)), "TOO_LARGE", None);
    // The object and the array are values too.
    let items = "{\"a\":[".len() + "1,".len() * (values - 2);
    check(&format!("{{\"a\":[{}1]}}", "1,".repeat(2 * values)), "TOO_MANY_VALUES", Some(items));
    check(&format!("{{\"a\":{}}}", "9".repeat(1_000_000)), "OUT_OF_RANGE", Some("{\"a\":".len() + 1_000_000));
    // Within the limits all of it is read. Names are compared by hash: each with each would be 5,000,000,000 comparisons.
    let many: Vec<String> = (0..100_000).map(|number| format!("\"p{number}\":{number}")).collect();
    let many = many.join(",");
    assert_eq!(read(&format!("{{{many}}}")), Ok(100_000));
    check(&format!("{{{many},\"p0\":1}}"), "DUPLICATE_MEMBER", Some(many.len() + "{,\"p0\"".len()));
}
