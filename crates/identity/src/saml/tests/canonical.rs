//! Canonical XML against the words of the standard, and against lxml.

use std::fmt::Write as _;

use gridkeep_kit::{SeededRng, canonical_by_lxml};
use gridkeep_model::Rng as _;
use serde_json::json;

use super::super::{
    canonical::exclusive,
    xml::{self, Asides},
};

fn ours(document: &str, prefixes: &[&str]) -> Option<String> {
    let root = xml::read(document.as_bytes(), 1 << 20, Asides::Skipped).ok()?;
    exclusive(&root, &[], None, prefixes).ok()
}

#[test]
fn every_way_of_writing_has_one_text() {
    let check = |document: &str, prefixes: &[&str], expect: &str| {
        let found = ours(document, prefixes);
        assert_eq!(found.as_deref(), Some(expect), "{document}");
        // It is its own canonical text.
        if prefixes.is_empty() {
            assert_eq!(ours(expect, &[]).as_deref(), Some(expect));
        }
    };
    // Canonical XML 1.0, sections 3.3 to 3.5, as far as there is no document type.
    check(
        "<doc><e1   /><e2   ></e2><e3   name = \"elem3\"   id=\"elem3\"   /><e5 a:attr=\"out\" b:attr=\"sorted\" \
         attr2=\"all\" attr=\"I'm\" xmlns:b=\"http://www.ietf.org\" xmlns:a=\"http://www.w3.org\" \
         xmlns=\"http://example.org\"/></doc>",
        &[],
        "<doc><e1></e1><e2></e2><e3 id=\"elem3\" name=\"elem3\"></e3><e5 xmlns=\"http://example.org\" \
         xmlns:a=\"http://www.w3.org\" xmlns:b=\"http://www.ietf.org\" attr=\"I'm\" attr2=\"all\" \
         b:attr=\"sorted\" a:attr=\"out\"></e5></doc>",
    );
    check(
        "<doc><text>First line&#x0d;&#10;Second line</text><value>&#x32;</value><compute><![CDATA[value>\"0\" && \
         value<\"10\" ?\"valid\":\"error\"]]></compute><compute expr='value>\"0\" &amp;&amp; value&lt;\"10\" \
         ?\"valid\":\"error\"'>valid</compute><norm attr=' &apos;   &#x20;&#13;&#xa;&#9;   &apos; '/></doc>",
        &[],
        "<doc><text>First line&#xD;\nSecond line</text><value>2</value><compute>value&gt;\"0\" &amp;&amp; \
         value&lt;\"10\" ?\"valid\":\"error\"</compute><compute expr=\"value>&quot;0&quot; &amp;&amp; \
         value&lt;&quot;10&quot; ?&quot;valid&quot;:&quot;error&quot;\">valid</compute><norm attr=\" '    \
         &#xD;&#xA;&#x9;   ' \"></norm></doc>",
    );
    // Exclusive canonical XML, section 2.2: what nothing uses is not declared.
    let document = "<n0:local xmlns:n0=\"foo:bar\" xmlns:n3=\"ftp://example.org\"><n1:elem2 \
                    xmlns:n1=\"http://example.net\" xml:lang=\"en\"><n3:stuff \
                    xmlns:n3=\"ftp://example.org\"/></n1:elem2></n0:local>";
    check(
        document,
        &[],
        "<n0:local xmlns:n0=\"foo:bar\"><n1:elem2 xmlns:n1=\"http://example.net\" xml:lang=\"en\"><n3:stuff \
         xmlns:n3=\"ftp://example.org\"></n3:stuff></n1:elem2></n0:local>",
    );
    check(
        document,
        &["n3"],
        "<n0:local xmlns:n0=\"foo:bar\" xmlns:n3=\"ftp://example.org\"><n1:elem2 xmlns:n1=\"http://example.net\" \
         xml:lang=\"en\"><n3:stuff></n3:stuff></n1:elem2></n0:local>",
    );
    check("<a xmlns=\"u:x\"><b xmlns=\"\"/></a>", &[], "<a xmlns=\"u:x\"><b xmlns=\"\"></b></a>");
    check(
        "<a xmlns=\"u:x\"><p:b xmlns=\"\" xmlns:p=\"u:y\"><c/></p:b></a>",
        &[],
        "<a xmlns=\"u:x\"><p:b xmlns:p=\"u:y\"><c xmlns=\"\"></c></p:b></a>",
    );
    check(
        "<p:a xmlns:p=\"u:x\" xmlns=\"u:z\"><b/></p:a>",
        &[""],
        "<p:a xmlns=\"u:z\" xmlns:p=\"u:x\"><b></b></p:a>",
    );
    check("<a>1\r\n2\r3</a>", &[], "<a>1\n2\n3</a>");
    check("<a>x<!-- y -->z<?p q?>.</a>", &[], "<a>xz.</a>");
    check(
        "<\u{e4} \u{1f600}b='' a=''/>".replace('\u{1f600}', "\u{10000}").as_str(),
        &[],
        "<\u{e4} a=\"\" \u{10000}b=\"\"></\u{e4}>",
    );
}

/// Documents by chance: what we read, lxml reads, and makes the same text of it.
#[test]
fn lxml_makes_the_same_texts() {
    let mut chance = SeededRng::new(20_261_122);
    let mut documents = Vec::new();
    let mut number = |below: u64| {
        let mut bytes = [0; 8];
        chance.fill(&mut bytes);
        u64::from_le_bytes(bytes) % below
    };
    // Not the default: lxml forgets it, since no text of the document is `#default`.
    let lists: [&[&str]; 4] = [&[], &[], &["p"], &["q", "p"]];
    for _ in 0..400 {
        let mut document = String::new();
        element(&mut document, &mut number, 0);
        documents.push((document, lists[number(4) as usize]));
    }
    let asked: Vec<_> = documents.iter().map(|(document, list)| json!([document, list])).collect();
    let Some(theirs) = canonical_by_lxml(&json!(asked)) else { return };
    let mut same = 0;
    for ((document, prefixes), theirs) in documents.iter().zip(theirs) {
        if let Some(ours) = ours(document, prefixes) {
            assert_eq!(Some(&ours), theirs.as_ref(), "{document} with {prefixes:?}");
            same += 1;
        }
    }
    // About half of them name a prefix that nobody declared, or something twice.
    assert!(same > documents.len() / 6, "{same} of {}", documents.len());
}

fn element(out: &mut String, number: &mut impl FnMut(u64) -> u64, depth: usize) {
    let prefixes = ["", "p:", "q:"];
    // No `&`: libxml writes one in a namespace in a way of its own.
    let spaces = ["u:x", "u:y", "http://example.org/%C3?a=1", "u:z"];
    let texts = [
        "",
        " ",
        "a",
        "\n",
        "\r\n",
        "&#13;",
        "&#9;",
        "&gt;",
        "&lt;",
        "&amp;",
        "'",
        "&quot;",
        "\u{e4}",
        "\u{1f600}",
        "]]",
        "\t",
    ];
    let name = format!("{}{}", prefixes[number(3) as usize], ["a", "b", "\u{e9}c"][number(3) as usize]);
    out.push('<');
    out.push_str(&name);
    for prefix in ["xmlns", "xmlns:p", "xmlns:q"] {
        if number(3) == 0 || depth == 0 {
            let space = if prefix == "xmlns" && number(3) == 0 { "" } else { spaces[number(4) as usize] };
            write!(out, " {prefix}=\"{space}\"").unwrap();
        }
    }
    for _ in 0..number(4) {
        let prefix = ["", "", "p:", "q:", "xml:"][number(5) as usize];
        let quote = if number(2) == 0 { '"' } else { '\'' };
        let value: String = (0..number(4)).map(|_| texts[number(10) as usize]).collect();
        let name = ["k", "l", "m", "z"][number(4) as usize];
        write!(out, "  {prefix}{name} = {quote}{value}{quote}").unwrap();
    }
    if number(4) == 0 {
        out.push_str(" />");
        return;
    }
    out.push('>');
    for _ in 0..number(5) {
        match number(5) {
            0 | 1 if depth < 5 => element(out, number, depth + 1),
            2 => out.push_str("<![CDATA[<&>\r\n]]>"),
            3 => out.push_str("<!-- aside -->"),
            _ => out.push_str(texts[number(16) as usize]),
        }
    }
    write!(out, "</{name}\n>").unwrap();
}
