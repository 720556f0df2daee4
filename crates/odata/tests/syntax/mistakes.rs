//! What is not of the grammar is answered with what it is, what was expected, and where.

use gridkeep_odata::{
    ErrorKind,
    syntax::{Limits, ast::Request, utf8},
};

/// Kind, code, first byte and words.
fn check(url: &str, kind: ErrorKind, code: &str, start: usize, words: &str) {
    let error = Request::parse(url, &Limits::default()).expect_err(url);
    assert_eq!((error.kind, error.code), (kind, code), "{url}: {error}");
    assert!(error.message.contains(words), "{url}: {error}");
    assert_eq!(error.span.unwrap().start, start, "{url}: {error}");
}

#[test]
fn malformed_text_has_a_place() {
    let check =
        |url: &str, start: usize, words: &str| check(url, ErrorKind::Malformed, "SYNTAX", start, words);
    check("Orders(", 7, "expected a key");
    check("Orders(1", 8, "expected `)`, but the text ends");
    check("Orders(1)x", 9, "expected the end");
    check("Orders(ID=1;No=2)", 11, "expected `)`");
    check("Orders('a", 7, "no closing `'`");
    check("Orders('a/b')", 7, "written `%2F`");
    check("Orders//Items", 7, "expected a segment");
    check("Model.Orders", 5, "not qualified");
    check("$foo", 0, "expected the name of a resource");
    check("$metadata/x", 10, "nothing may follow");
    check("Orders/$foo", 7, "expected a segment");
    check("Orders/$filter(a%20eq)", 21, "white space");
    check("Orders?$filter=", 15, "expected an expression");
    check("Orders?$filter=a%20eq", 21, "white space");
    check("Orders?$filter=a%20eq%20", 24, "expected an expression, but the text ends");
    check("Orders?$filter=a%20eq%201)", 25, "expected the end, found `)`");
    check("Orders?$filter=a%20is%20b", 16, "expected the end");
    check("Orders?$filter=a+eq+1", 16, "a space is written `%20`");
    check("Orders?$filter=(a%20eq%201", 26, "expected `)`");
    check("Orders?$filter=1x", 16, "expected the end of the number");
    check("Orders?$filter=a%20in%20(1,b)", 27, "expected a literal");
    check("Orders?$filter=Items/all()", 25, "expected a variable");
    check("Orders?$filter=any(x:x)", 15, "a collection before `any`");
    check("Orders?$filter=Items/any(x%20x)", 29, "expected `:`");
    check("Orders?$filter=duration'1D'%20eq%20a", 15, "a duration is written like");
    check("Orders?$filter=binary'a'%20eq%20a", 15, "base64url");
    check("Orders?$filter=Color'Red'%20eq%20a", 15, "with its namespace");
    check("Orders?$filter=[%22\\ud800%22]", 20, "four hex digits");
    check("Orders?$filter=[1,]", 18, "expected an expression");
    check("Orders?$filter={1:2}", 16, "expected `\"`");
    check("Orders?$top=-1", 12, "expected a whole number");
    check("Orders?$top=1e12", 13, "expected the end");
    check("Orders?$top", 11, "needs `=`");
    check("Orders?$count=yes", 14, "`true` or `false`");
    check("Orders?$format=toml", 15, "a media type");
    check("Orders?$orderby=a%20down", 17, "expected the end");
    check("Orders?$select=", 15, "expected a property");
    check("Orders?$select=a,,b", 17, "expected a property");
    check("Orders?$expand=Items($foo=1)", 22, "a query option that may stand here");
    check("Orders?$expand=Items($top=1", 27, "`;` or `)`");
    check("Orders?$expand=Items/$ref($select=a)", 27, "a query option that may stand here");
    check("Orders?$expand=Items($levels=0)", 29, "from 1");
    check("Orders?$compute=a%20as%201", 25, "expected a name");
    check("Orders?$search=%22a", 19, "a phrase that ends");
    check("Orders?$search=a%20(b", 21, "expected `)`");
    check("Orders?$apply=frobnicate(a)", 14, "expected a transformation");
    check("Orders?$apply=aggregate(a%20with%20total%20as%20b)", 35, "`sum`");
    check("Orders?$apply=aggregate(a%20with%20sum)", 38, "`as` and a name");
    check("Orders?$apply=concat(identity)", 29, "another sequence");
    check("Orders?$apply=groupby(a)", 22, "expected `(`");
    check("Orders?$schemaversion=a/b", 22, "`*` or a version");
    check("Orders?@1=2", 7, "the name of a parameter alias");
    check("Orders?@a", 7, "needs `=`");
}

#[test]
fn what_means_nothing_has_a_place() {
    check("Orders?$foo=1", ErrorKind::Malformed, "UNKNOWN_OPTION", 7, "`$foo` is no query option");
    check("Orders?a=1&&b=2", ErrorKind::Malformed, "UNKNOWN_OPTION", 11, "no name");
    check("Orders?$levels=1", ErrorKind::Malformed, "OPTION", 7, "inside `$expand`");
    check(
        "Orders?$top=1&Top=2",
        ErrorKind::Malformed,
        "DUPLICATE_OPTION",
        14,
        "`$top` is there more than once",
    );
    check("Orders?@a=1&@a=2", ErrorKind::Malformed, "DUPLICATE_OPTION", 12, "more than once");
    check("Orders?$expand=A($top=1;$top=2)", ErrorKind::Malformed, "DUPLICATE_OPTION", 24, "`$top`");
    check("Orders?$expand=A(@a=1;@a=2)", ErrorKind::Malformed, "DUPLICATE_OPTION", 22, "`@a`");
    check("Orders(a=1,a=2)", ErrorKind::Malformed, "DUPLICATE", 11, "`a` is there twice");
    check("Orders?@a={%22b%22:1,%22b%22:2}", ErrorKind::Malformed, "DUPLICATE", 21, "`b` is there twice");
    check("Orders?$filter=contains(a)", ErrorKind::Malformed, "ARGUMENTS", 15, "at least 2");
    check("Orders?$filter=trim(a,b)", ErrorKind::Malformed, "ARGUMENTS", 15, "no more than 1");
    check("Orders?$filter=isdefined(1)", ErrorKind::Malformed, "ARGUMENTS", 15, "takes a path");
    check("Orders?$top=99999999999999999999", ErrorKind::Malformed, "RANGE", 12, "too large");
    check("$entity", ErrorKind::Malformed, "OPTION", 7, "needs `$id`");
    check("$entity?$id=x&$select=a", ErrorKind::Malformed, "OPTION", 7, "does not fit");
    check("$batch?$top=1", ErrorKind::Malformed, "OPTION", 6, "does not fit");
    check("Orders/$count/x", ErrorKind::Malformed, "PATH", 14, "`x` cannot stand here");
    check("Orders/$ref/$count", ErrorKind::Malformed, "PATH", 12, "`$count` cannot stand here");
    check("Orders?$filter=Model.Thing", ErrorKind::Malformed, "PATH", 15, "a type at the end");
}

#[test]
fn what_is_not_offered_is_said() {
    let check = |url: &str, start: usize, words: &str| {
        check(url, ErrorKind::Unsupported, "NOT_SUPPORTED", start, words);
    };
    check("Orders?$filter=geo.length(a)%20gt%201", 15, "`geo.length`");
    check("Orders?$filter=Geo.Distance(a,b)%20gt%201", 15, "`geo.distance`");
    check("Orders?$filter=a%20eq%20geography'SRID=0;Point(1%201)'", 24, "geography");
    check("Orders?$apply=expand(Items,filter(a%20eq%201))", 14, "`addnested` took its place");
    check("Orders(geometry'SRID=0;Point(1%201)')", 7, "geography and geometry");
}

#[test]
fn encodings_are_checked_where_they_stand() {
    let check =
        |url: &str, start: usize, words: &str| check(url, ErrorKind::Malformed, "ENCODING", start, words);
    check("Orders('a%00')", 9, "NUL");
    check("Orders('%')", 8, "two hex digits");
    check("Orders('%4')", 8, "two hex digits");
    check("Orders('%zz')", 8, "two hex digits");
    check("Orders('ab%FF')", 10, "not UTF-8");
    check("Orders('%C0%AF')", 8, "not UTF-8");
    check("Orders('%E0%80%AF')", 8, "not UTF-8");
    check("Orders('%ED%A0%80')", 8, "not UTF-8");
    check("Orders('%F4%90%80%80')", 8, "not UTF-8");
    check("Orders('%C3')", 8, "not UTF-8");
    check("Orders?$filter=a%20eq%20'%C3%28'", 25, "not UTF-8");
    check("Orders('a\u{1}')", 9, "control character");
    check("Orders?$search=#1", 15, "`%23`");
    assert_eq!(utf8(b"Orders\xff").unwrap_err().span.unwrap().start, 6);
    assert_eq!(utf8(b"Orders").unwrap(), "Orders");
}
