//! Documents that are wrong, or made to do harm: each is refused, with its place.

use crate::{
    ErrorKind,
    csdl::{Limits, json, xml},
};

const EDMX: &str = r#"<edmx:Edmx xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx" xmlns="http://docs.oasis-open.org/odata/ns/edm" Version="4.01"><edmx:DataServices><Schema Namespace="S">"#;

#[track_caller]
fn check_xml(text: &str, expect: &str) {
    assert_eq!(xml::read(text).unwrap_err().to_string(), expect);
}

/// The same with these children of a schema, counted from the first of them.
#[track_caller]
fn check_schema(children: &str, expect: &str) {
    let error = xml::read(&format!("{EDMX}{children}</Schema></edmx:DataServices></edmx:Edmx>")).unwrap_err();
    let at = error.span.unwrap().start - EDMX.len();
    assert_eq!(format!("{at}: {}", error.message), expect);
}

#[track_caller]
fn check_json(text: &str, expect: &str) {
    assert_eq!(json::read(text).unwrap_err().to_string(), expect);
}

#[test]
fn xml_that_is_none() {
    check_xml("", "there is no metadata in this text (at position 1)");
    check_xml("hello", "“hello” stands outside of every element (at position 1)");
    check_xml("<a/>", "the metadata begins with “a”, not with Edmx of OData 4 (at position 1)");
    check_xml(
        &EDMX[..150],
        "this is not XML: syntax error: tag not closed: `>` not found before end of input (at position 148)",
    );
    check_xml(EDMX, "the text ends within Schema (at position 170)");
    check_xml(
        &format!("{EDMX}</Shema>"),
        "this is not XML: ill-formed document: expected `</Schema>`, but `</Shema>` was found (at position 170)",
    );
    let twice =
        "<edmx:Edmx xmlns:edmx='http://docs.oasis-open.org/odata/ns/edmx' Version='4.0' Version='4.0'/>";
    check_xml(
        twice,
        "in Edmx: position 78: duplicated attribute, previous declaration at position 64 (at position 1)",
    );
}

#[test]
fn document_types_and_entities() {
    let laughs = r#"<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><x>&b;</x>"#;
    check_xml(laughs, "metadata declares no document type (DTD) (at position 1)");
    let file = r#"<?xml version="1.0"?><!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>"#;
    check_xml(file, "metadata declares no document type (DTD) (at position 22)");
    check_schema("&a;", "0: the entity “a” is not defined");
    check_schema(
        r#"<Annotation Term="a.b" String="&a;"/>"#,
        "0: in Annotation: at 1..2: unrecognized entity `a`",
    );
    check_xml(
        r#"<?xml version="1.0" encoding="utf-16"?>"#,
        "metadata is written in UTF-8, not in “utf-16” (at position 1)",
    );
}

#[test]
fn schemas_that_are_wrong() {
    check_schema("<Entity/>", "0: Schema has no “Entity” in it");
    check_schema("<ComplexType/>", "0: ComplexType lacks the attribute Name");
    check_schema(
        r#"<ComplexType Name="A" HasStream="true"/>"#,
        "0: ComplexType has no attribute “HasStream”",
    );
    check_schema(
        r#"<ComplexType Name="A">x</ComplexType>"#,
        "0: ComplexType has no text in it, and here is “x”",
    );
    check_schema(r#"<ComplexType Name="A" BaseType="B"/>"#, "0: “B” is no qualified name");
    check_schema(r#"<ComplexType Name="A" Abstract="yes"/>"#, "0: Abstract is true or false, not “yes”");
    check_schema(
        r#"<Term Name="A" Type="Edm.String" MaxLength="-1"/>"#,
        "0: MaxLength is no number in range: “-1”",
    );
    check_schema(
        r#"<EnumType Name="A" UnderlyingType="Edm.String"/>"#,
        "0: “Edm.String” is no integer type for an enumeration",
    );
    check_schema(
        r#"<EnumType Name="A"><Member Name="a" Value="9223372036854775808"/></EnumType>"#,
        "19: Value is no number in range: “9223372036854775808”",
    );
    check_schema(r#"<Function Name="A"/>"#, "0: a Function must say its ReturnType");
    check_schema(
        r#"<EntityContainer Name="A"/><EntityContainer Name="B"/>"#,
        "27: Schema has more than one EntityContainer",
    );
    let said = |value: &str| format!(r#"<Annotation Term="a.b">{value}</Annotation>"#);
    check_schema(&said("<Int>x</Int>"), "23: “x” is no number");
    check_schema(&said("<Bool>1</Bool>"), "23: Bool is true or false, not “1”");
    check_schema(&said("<Null/><Null/>"), "0: Annotation has more than one value");
    check_schema(&said("<And><Null/></And>"), "23: And has 1 operands");
    check_schema(&said("<Nand/>"), "23: Annotation has no “Nand” in it");
    check_schema(r#"<Annotation Term="a.b" Int="1" Bool="true"/>"#, "0: Annotation has more than one value");
    let nested =
        r#"<Annotations Target="S.T" Qualifier="q"><Annotation Term="a.b" Qualifier="r"/></Annotations>"#;
    check_schema(nested, "0: the qualifier “r” stands within another one");
}

#[test]
fn json_that_is_wrong() {
    check_json("", "this is not JSON: expected a value, found the end of the text (at position 1)");
    check_json("{} x", "this is not JSON: expected nothing more, found “x” (at position 4)");
    check_json("{}", "$Version is missing (at position 1)");
    check_json("[1,]", "this is not JSON: expected a value, found “]” (at position 4)");
    check_json(r#"{"a":1,"a":2}"#, "“a” stands here twice (at position 8)");
    check_json(r#"{"a":01}"#, "this is not JSON: “01” is no number (at position 6)");
    check_json(r#"{"a":"x"#, "this is not JSON: a text without an end (at position 6)");
    check_json(r#"{"$Version":"3.0"}"#, "version “3.0” is neither 4.0 nor 4.01 (at position 13)");
    // The same within a schema, counted from its first member.
    let schema = |children: &str, expect: &str| {
        let error = json::read(&format!(r#"{{"$Version":"4.01","S":{{{children}}}}}"#)).unwrap_err();
        assert_eq!(format!("{}: {}", error.span.unwrap().start - 24, error.message), expect);
    };
    schema(r#""A":{}"#, "4: $Kind is missing");
    schema(r#""A":{"$Kind":"Table"}"#, "4: “Table” is no kind of a schema's children");
    schema(r#""A":{"$Kind":"ComplexType","$Key":[]}"#, "34: a type has no member “$Key”");
    schema(
        r#""A":{"$Kind":"ComplexType","x":{"$Scale":"big"}}"#,
        "41: $Scale is a number, variable or floating",
    );
    schema(r#""@NoDot":1"#, "9: “NoDot” is no qualified name of a term");
    schema(r#""@a.b":{"$And":[true]}"#, "15: $And has 1 operands");
    schema(r#""@a.b":{"$Path":"x","$More":1}"#, "28: an expression has no member “$More”");
    schema(r#""@a.b":{"$Nto":true}"#, "15: a record has no member “$Nto”");
    schema(r#""f":[{"$Kind":"Function"}]"#, "5: a function must say its $ReturnType");
    schema(r#""E":{"$Kind":"EnumType","a":1.5}"#, "28: “a” is an integer of 64 bits");
}

fn many(count: usize, one: impl Fn(usize) -> String) -> String {
    (0..count).map(one).collect::<Vec<_>>().concat()
}

/// Larger than any limit, one after the other; none takes memory in proportion.
#[test]
fn too_large() {
    let limits = Limits { bytes: 1 << 20, depth: 50, nodes: 1000 };
    let nested = |open: &str, close: &str, times: usize| [open.repeat(times), close.repeat(times)].concat();
    let xml_text = |inner: &str| {
        format!("{EDMX}<Annotation Term='a.b'>{inner}</Annotation></Schema></edmx:DataServices></edmx:Edmx>")
    };
    let json_text = |inner: &str| format!(r#"{{"$Version":"4.01","S":{{"@a.b":{inner}}}}}"#);
    let kind = |result: Result<_, crate::Error>| result.map(|_: crate::edm::Edm| ()).unwrap_err().kind;
    let refused = [
        kind(xml::read(&xml_text(&nested("<Collection>", "</Collection>", 10_000)))),
        kind(xml::read(&xml_text(&nested("<x:a xmlns:x='y'>", "</x:a>", 10_000)))),
        kind(xml::read(&xml_text(&"<Null/>".repeat(1_000_001)))),
        kind(xml::read_within(&xml_text(&"<Null/>".repeat(1001)), &limits)),
        kind(xml::read(&format!("{EDMX}<Annotation {}/>", many(100, |n| format!("a{n}='' "))))),
        kind(xml::read(&" ".repeat(100 << 20))),
        kind(json::read(&json_text(&nested("[", "]", 10_000)))),
        kind(json::read(&json_text(&nested(r#"{"a":"#, "}", 10_000)))),
        kind(json::read(&json_text(&format!("[{}0]", "0,".repeat(1_000_001))))),
        kind(json::read_within(&json_text(&format!("[{}0]", "0,".repeat(1001))), &limits)),
        kind(json::read(&format!(r#"{{"$Version":"4.01","S":{{"{}":1}}}}"#, "@a.b".repeat(10_000)))),
        kind(json::read(&" ".repeat(100 << 20))),
    ];
    assert_eq!(refused, [ErrorKind::TooLarge; 12]);
}

/// Nothing here takes time by the square of the text.
#[test]
fn wide_documents_are_read() {
    let count = 50_000;
    let members: String = many(count, |n| format!(r#","m{n}":{n},"m{n}@a.b":true"#));
    let text = format!(r#"{{"$Version":"4.01","S":{{"E":{{"$Kind":"EnumType"{members}}}}}}}"#);
    assert_eq!(json::read(&text).unwrap().schemas[0].enums[0].members.len(), count);
    let all: String =
        many(count, |n| format!(r#"<Annotations Target="S.T{n}"><Annotation Term="a.b"/></Annotations>"#));
    let edm = xml::read(&format!("{EDMX}{all}</Schema></edmx:DataServices></edmx:Edmx>")).unwrap();
    assert_eq!(edm.schemas[0].targeted.len(), count);
    let all: String = many(count, |n| format!(r#"<Action Name="a{n}"/>"#));
    let edm = xml::read(&format!("{EDMX}{all}</Schema></edmx:DataServices></edmx:Edmx>")).unwrap();
    assert_eq!(edm.check(), []);
}
