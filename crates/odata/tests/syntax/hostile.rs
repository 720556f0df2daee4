//! Text made to hurt: too long, too deep, too many, or plain noise. Each is answered. Whatever
//! took more than a step or two for each byte would make these tests last for minutes.

use std::hash::{DefaultHasher, Hash, Hasher};

use gridkeep_kit::SeededRng;
use gridkeep_odata::{
    Error, ErrorKind,
    syntax::{
        Anything, Class, Limits, Names,
        ast::{Expr, QueryOptions, Request},
    },
};

fn long() -> Limits {
    Limits { length: 4 << 20, ..Limits::default() }
}

/// A text that goes beyond a limit, with the words that say which, and a place in it.
fn too_large<T: std::fmt::Debug>(
    what: &str,
    words: &str,
    read: impl FnOnce(&str) -> Result<T, Error>,
    text: &str,
) {
    let error = read(text).expect_err(what);
    assert_eq!(error.kind, ErrorKind::TooLarge, "{what}: {error}");
    assert!(error.message.contains(words), "{what}: {error}");
    let span = error.span.unwrap_or_else(|| panic!("{what}: {error}"));
    assert!(span.start <= span.end && span.end <= text.len(), "{what}: {error} {span:?}");
}

#[test]
fn depth_and_length_have_bounds() {
    let expr = |text: &str| Expr::parse(text, &long());
    let nested = |open: &str, inner: &str, close: &str| {
        format!("{}{inner}{}", open.repeat(10_000), close.repeat(10_000))
    };
    let deep = "nested deeper";
    too_large("parentheses", "1000 parentheses", expr, &nested("(", "a", ")"));
    too_large("open parentheses", "1000 parentheses", expr, &"(".repeat(1 << 20));
    too_large("groups of parentheses", "1000 parentheses", expr, &nested("a or (b and (", "c", "))"));
    too_large("arrays", deep, expr, &nested("[", "", "]"));
    too_large("objects", deep, expr, &nested("{\"a\":", "1", "}"));
    too_large("not", deep, expr, &nested("not ", "a", ""));
    too_large("minus", deep, expr, &nested("-", "a", ""));
    too_large("calls", deep, expr, &nested("trim(", "a", ")"));
    too_large("functions", deep, expr, &nested("f(a=", "a", ")"));
    too_large("casts", deep, expr, &nested("cast(", "a", ",Edm.String)"));
    too_large("cases", deep, expr, &nested("case(a:", "a", ")"));
    too_large("lambdas", deep, expr, &nested("a/any(x:", "a", ")"));
    too_large("filters", deep, expr, &nested("a/$filter(", "a", ")"));
    too_large("counts", deep, expr, &nested("a/$count($filter=", "a", ")"));
    too_large("aggregates", deep, expr, &nested("a/aggregate(", "a", " with sum)"));
    too_large("sums", deep, expr, &format!("a{}", " add a".repeat(10_000)));
    too_large("equals", deep, expr, &format!("a{}", " eq a".repeat(10_000)));
    too_large("in", deep, expr, &format!("a{}", " in (1)".repeat(10_000)));
    let options = |text: &str| QueryOptions::parse(text, &long());
    too_large("searches", deep, options, &format!("$search={}", nested("(", "a", ")")));
    too_large("search not", deep, options, &format!("$search={}", nested("NOT ", "a", "")));
    too_large("applies", deep, options, &format!("$apply={}", nested("concat(identity,", "identity", ")")));
    too_large("groups", deep, options, &format!("$apply={}", nested("groupby((a),", "identity", ")")));
    too_large("selects", deep, options, &format!("$select={}", nested("a($select=", "a", ")")));
    too_large(
        "expands",
        "`$expand` is nested",
        options,
        &format!("$expand={}", nested("a($expand=", "a", ")")),
    );
    let request = |text: &str| Request::parse(text, &long());
    let path = format!("Orders/$filter(a/{})", nested("$filter(a/", "b", ")"));
    too_large("filter segments", deep, request, &path);
}

/// The deepest trees that there can be are read, checked, printed, compared and dropped on a thread's usual stack.
#[test]
fn the_deepest_trees_are_safe() {
    let limits = Limits { depth: usize::MAX, expand: usize::MAX, nodes: usize::MAX, ..long() };
    let nested = |open: &str, inner: &str, close: &str, times: usize| {
        format!("{}{inner}{}", open.repeat(times), close.repeat(times))
    };
    let check = |open: &str, inner: &str, close: &str| {
        let fits = |times: usize| Request::parse(&nested(open, inner, close, times), &limits);
        // Some take two levels a turn, and the prefix of the URL is repeated only where it may be.
        let most = (1..=Limits::DEEPEST).rev().find(|times| fits(*times).is_ok()).unwrap_or_else(|| {
            panic!("{open}{inner}{close}: {:?}", fits(1));
        });
        assert!(most * 4 > Limits::DEEPEST, "{open}: only {most}");
        let read = fits(most).unwrap();
        assert_eq!(Request::parse(&read.to_string(), &limits).unwrap().options, read.clone().options);
        assert_eq!(fits(10_000).unwrap_err().kind, ErrorKind::TooLarge, "{open}");
    };
    let option = |name: &str, open: &str, inner: &str, close: &str| {
        let fits = |times: usize| {
            QueryOptions::parse(&format!("{name}{}", nested(open, inner, close, times)), &limits)
        };
        let most = (1..=Limits::DEEPEST).rev().find(|times| fits(*times).is_ok()).unwrap_or_else(|| {
            panic!("{open}{inner}{close}: {:?}", fits(1));
        });
        assert!(most * 5 > Limits::DEEPEST, "{open}: only {most}");
        let read = fits(most).unwrap();
        read.check(&Anything).unwrap();
        assert_eq!(QueryOptions::parse(&read.to_string(), &limits).unwrap(), read.clone());
        assert_eq!(fits(10_000).unwrap_err().kind, ErrorKind::TooLarge, "{open}");
    };
    option("$filter=", "not ", "a", "");
    option("$filter=", "", "a", " eq a");
    option("$filter=", "a or (b and (", "a", "))");
    option("$filter=", "trim(", "a", ")");
    option("$filter=", "f(a=", "a", ")");
    option("$filter=", "a/any(x:", "a", ")");
    option("$filter=", "a/$count($filter=", "a", ") eq 1");
    option("$filter=", "a/$filter(", "a", ")/$count");
    option("$filter=", "a/aggregate(", "a", " with sum)");
    option("$filter=", "case(true:", "a", ")");
    option("$filter=", "cast(", "a", ",Edm.String)");
    option("$filter=", "[", "1", "]");
    option("$filter=", "{\"a\":", "1", "}");
    option("$search=", "NOT (a OR ", "a", ")");
    option("$select=", "a($select=", "a", ")");
    option("$expand=", "a($expand=", "a", ")");
    option("$apply=", "concat(identity,", "identity", ")");
    option("$apply=", "groupby((rolluprecursive($root/A,B,C,", "identity", ")),identity)");
    check("a/$filter(b/", "c", ")");
}

/// Clients fold long lists of conditions into parentheses that nest to the left.
#[test]
fn many_parentheses_are_read() {
    let text = format!("{}a{}", "(".repeat(900), " or a)".repeat(900));
    let read = Expr::parse(&text, &Limits::default()).unwrap();
    assert_eq!(read.to_string(), format!("a{}", "%20or%20a".repeat(900)));
}

#[test]
fn counts_have_bounds() {
    let expr = |text: &str| Expr::parse(text, &long());
    too_large("terms", "more than 20000 parts", expr, &format!("a{}", " or a eq 1".repeat(100_000)));
    too_large("conjunction", "more than 20000 parts", expr, &format!("a{}", " and a".repeat(150_000)));
    too_large("list", "more than 5000 elements", expr, &format!("a in (1{})", ",1".repeat(500_000)));
    too_large("array", "more than 5000 elements", expr, &format!("[1{}]", ",1".repeat(500_000)));
    too_large("path", "more than 5000 elements", expr, &format!("a{}", "/a".repeat(500_000)));
    too_large("keys", "more than 5000 elements", expr, &format!("a{}", "(1)".repeat(300_000)));
    let arguments = (0..100_000).map(|index| format!(",a{index}=1")).collect::<Vec<_>>().concat();
    too_large("arguments", "more than 5000 elements", expr, &format!("f(a=1{arguments})"));
    let options = |text: &str| QueryOptions::parse(text, &long());
    too_large("options", "more than 5000 options", options, &"a=1&".repeat(250_000));
    too_large("select", "more than 5000 elements", options, &format!("$select=a{}", ",a".repeat(500_000)));
    too_large("words", "more than 20000 parts", options, &format!("$search=a{}", " a".repeat(500_000)));
    let request = |text: &str| Request::parse(text, &long());
    too_large("segments", "more than 5000 segments", request, &format!("a{}", "/a".repeat(500_000)));
    too_large(
        "length",
        "no more than 131072",
        |text| Request::parse(text, &Limits::default()),
        &"a".repeat(1 << 20),
    );
}

#[test]
fn long_and_right_is_read() {
    let limits = Limits { length: 4 << 20, nodes: 1_000_000, list: 1_000_000, ..Limits::default() };
    let terms = format!("a{}", " or a eq 1".repeat(100_000));
    assert!(terms.len() > 1_000_000);
    Expr::parse(&terms, &limits).unwrap();
    let text = format!("Name eq '{}'", "%C3%A4''".repeat(150_000));
    Expr::parse(&text, &limits).unwrap();
    let aliases = (0..2_000).map(|index| format!("@a{index}=1&")).collect::<Vec<_>>().concat();
    QueryOptions::parse(aliases.trim_end_matches('&'), &limits).unwrap();
}

/// Our own URLs, one for each corner of the grammar.
const SEEDS: &[&str] = &[
    "Orders",
    "Orders(1)/Items(OrderID=1,No='x')/$count",
    "Orders/0d9a9c1e-0000-7000-8000-000000000001/Customer/$ref",
    "Orders/$filter(Price%20gt%205)/$each/Model.Discount",
    "Orders/$filter(A/B%20eq%20[%22)'%5C%22%22]%20and%20C%20eq%20'%22)')(1)/D",
    "Model/Photo/$value",
    "$entity/Model.Order?$id=Orders(1)&$select=ID",
    "$metadata#Orders/$entity",
    "$crossjoin(A,B)/$query",
    "$all/Model.Thing",
    "Find(name=@n,max=2.50)?@n='O''Neil'&$format=application/json;odata.metadata=full",
    "Orders?$filter=(Price%20add%202.45)%20mul%202%20ge%20-5%20and%20not%20endswith(Name,'ilk')%20or%20a%20eq%20null",
    "Orders?$filter=Status%20has%20Model.Status'Open,4'%20and%20Day%20in%20(2024-02-29,2024-03-01)",
    "Orders?$filter=Items/any(i:i/Price%20gt%20$it/Limit%20and%20i/Tags/all(t:t%20ne%20i/Name))",
    "Orders?$filter=Items/$count($filter=Price%20gt%205;$search=red)%20gt%202",
    "Orders?$filter=case(X%20gt%2010:11,true:0)%20eq%20cast(Y,Edm.Decimal)",
    "Orders?$filter=Address%20eq%20{%22Street%22:%22a%5C%22b%22,%22No%22:[1,2%20add%203]}",
    "Orders?$orderby=tolower(Name)%20desc,Price&$top=10&$skip=5&$count=true&$compute=a%20mul%202%20as%20B",
    "Orders?$expand=Items($select=ID;$expand=Product($levels=max);$orderby=No),Customer/$ref,*($levels=2)",
    "Orders?$select=*,Model.*,Address/City,Tags($filter=$this%20ne%20'x';$top=2),Model.Fn(a,b)",
    "Orders?$search=(blue%20OR%20%22dark%20red%22)%20AND%20NOT%20green",
    "Orders?$apply=filter(a%20gt%201)/groupby((A/B,rollup(C,D)),aggregate(X%20with%20sum%20as%20Y,$count%20as%20N))",
    "Orders?$apply=concat(topcount(2,A),identity)/compute(A%20div%20$these/aggregate(A%20with%20sum)%20as%20R)",
    "Orders?$apply=ancestors($root/Units,H,ID,filter(contains(Name,'x')),2,keep%20start)/traverse($root/Units,H,ID,preorder,Name%20desc)",
    "Orders?$skiptoken=abc%2Fd&$deltatoken=1&$schemaversion=*&$index=-3&custom=1&!x",
];

#[test]
fn seeds_are_right() {
    for seed in SEEDS {
        let read = Request::parse(seed, &Limits::default()).unwrap_or_else(|error| panic!("{seed}: {error}"));
        let again = Request::parse(&read.to_string(), &Limits::default()).unwrap();
        assert_eq!(again.to_string(), read.to_string());
        assert_eq!(again.options, read.options, "{seed}");
    }
}

/// Names that may be of a class or not, by the whim of a hash.
struct Whim(u64);

impl Names for Whim {
    fn may_be(&self, class: Class, name: &str) -> bool {
        let mut hasher = DefaultHasher::new();
        (self.0, class, name).hash(&mut hasher);
        !hasher.finish().is_multiple_of(4)
    }
}

/// Whatever a model says of names, an answer comes, and what it refuses has a place.
#[test]
fn any_model_is_answered() {
    let (mut right, mut wrong) = (0, 0);
    for seed in SEEDS {
        let read = Request::parse(seed, &Limits::default()).unwrap();
        for whim in 0..200 {
            match read.check(&Whim(whim)) {
                Ok(()) => right += 1,
                Err(error) => {
                    wrong += 1;
                    assert_eq!((error.kind, error.code), (ErrorKind::Malformed, "PATH"), "{seed}");
                    assert!(error.span.unwrap().end <= seed.len(), "{seed}: {error}");
                }
            }
        }
    }
    assert!(right > 500 && wrong > 500, "{right} right, {wrong} wrong");
}

/// Pieces that mean something, to be put where they do not belong.
const PIECES: &[&str] = &[
    "'",
    "''",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ";",
    ":",
    "/",
    "?",
    "&",
    "=",
    "@",
    "$",
    "#",
    "%",
    "%27",
    "%28",
    "%29",
    "%2F",
    "%26",
    "%00",
    "%FF",
    "%C3%A4",
    "%ED%A0%80",
    "%20",
    " ",
    "\t",
    "\\",
    "\"",
    "+",
    "-",
    "*",
    ".",
    "0",
    "1e9",
    "9999999999999999999",
    "$count",
    "$filter(",
    "$it",
    "$root/",
    "$these",
    "any(x:",
    "all(",
    "aggregate(",
    "case(",
    "not ",
    " and ",
    " eq ",
    " in (",
    "null",
    "-INF",
    "geography'",
    "duration'",
    "Model.",
    "ä",
    "\u{10ffff}",
];

/// Texts made from the seeds by chance, always the same ones.
#[test]
fn noise_is_answered() {
    let mut rng = SeededRng::new(20_261_121);
    let mut random = |below: usize| (rng.next() % below as u64) as usize;
    let limits = Limits::default();
    let mut right = 0;
    for _ in 0..10_000 {
        let mut text: Vec<char> = SEEDS[random(SEEDS.len())].chars().collect();
        for _ in 0..=random(4) {
            let at = random(text.len() + 1);
            match random(5) {
                0 => text.truncate(at),
                1 => drop(text.drain(at..(at + random(6)).min(text.len()))),
                2 => {
                    let other: Vec<char> = SEEDS[random(SEEDS.len())].chars().collect();
                    text.splice(at..at, other[random(other.len())..].iter().copied());
                }
                _ => drop(text.splice(at..at, PIECES[random(PIECES.len())].chars())),
            }
        }
        let text: String = text.into_iter().collect();
        match Request::parse(&text, &limits) {
            Ok(read) => {
                right += 1;
                let printed = read.to_string();
                let again = Request::parse(&printed, &limits);
                let again = again.unwrap_or_else(|error| panic!("{text}\n{printed}\n{error}"));
                assert_eq!(again.options, read.options, "{text}\n{printed}");
            }
            Err(error) => {
                let span = error.span.unwrap_or_else(|| panic!("{text}: {error}"));
                assert!(span.start <= span.end && span.end <= text.len(), "{text}: {error} {span:?}");
            }
        }
    }
    assert!(right > 500, "only {right} of the texts were right");
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig {
        failure_persistence: None,
        ..proptest::prelude::ProptestConfig::default()
    })]

    #[test]
    fn any_text_is_answered(text in proptest::prelude::any::<String>()) {
        let _ = Request::parse(&text, &Limits::default());
        let _ = Expr::parse(&text, &Limits::default());
        let _ = QueryOptions::parse(&text, &Limits::default());
    }

    #[test]
    fn any_bytes_are_answered(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
        if let Ok(text) = gridkeep_odata::syntax::utf8(&bytes) {
            let _ = Request::parse(text, &Limits::default());
        }
        let escaped = bytes.iter().map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat();
        let _ = Request::parse(&format!("a?$filter={escaped}"), &Limits::default());
    }
}
