//! Batches in both formats: what is read, in whatever pieces it comes, what is refused and where, and answers.
#![expect(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]

use std::fmt::Write as _;

use gridkeep_kit::SeededRng;
use gridkeep_odata::{
    Error,
    batch::{Answer, AnswerWriter, Event, Limits, Reader},
};
use proptest::prelude::*;

const BOUNDARY: &str = "b";

fn reader(json: bool) -> Reader {
    if json { Reader::json(Limits::default()) } else { Reader::multipart(BOUNDARY, Limits::default()) }
}

/// Events in few words.
fn show(events: &[Event]) -> String {
    let mut lines = Vec::new();
    for event in events {
        lines.push(match event {
            Event::Begin(group) => format!("begin {group}"),
            Event::End(group) => format!("end {group}"),
            Event::Part(part) => {
                let mut line = format!("{} {} {}", part.index, part.method.name(), part.url);
                if let Some(id) = &part.id {
                    write!(line, " id={id}").unwrap();
                }
                if !part.depends_on.is_empty() {
                    write!(line, " needs={}", part.depends_on.join("+")).unwrap();
                }
                if let Some((condition, span)) = &part.condition {
                    write!(line, " if={condition}").unwrap();
                    assert!(span.start < span.end);
                }
                for (name, value) in part.headers.iter().filter(|(name, _)| *name != "host") {
                    write!(line, " {name}:{value}").unwrap();
                }
                if !part.body.is_empty() {
                    write!(line, " <{}>", String::from_utf8_lossy(&part.body)).unwrap();
                }
                line
            }
        });
    }
    lines.join("\n")
}

/// Feeds pieces of these sizes, over and over.
fn in_pieces(mut reader: Reader, body: &[u8], sizes: &[usize]) -> Result<Vec<Event>, Error> {
    let (mut events, mut rest) = (Vec::new(), body);
    let mut sizes = sizes.iter().copied().cycle();
    while !rest.is_empty() {
        let (now, later) = rest.split_at(sizes.next().unwrap_or(1).clamp(1, rest.len()));
        reader.feed(now);
        while let Some(event) = reader.next()? {
            events.push(event);
        }
        rest = later;
    }
    reader.finish();
    while let Some(event) = reader.next()? {
        events.push(event);
    }
    Ok(events)
}

/// What comes of a batch: its events, or the error with what stands at its place.
fn outcome(json: bool, input: &str) -> String {
    let text = |found: Result<Vec<Event>, Error>| {
        let refused = |error: Error| {
            let place = error.span.map_or(0, |span| span.start);
            let there: String =
                String::from_utf8_lossy(&input.as_bytes()[place..]).chars().take(24).collect();
            format!("{}: {}\n    at {there:?}", error.code, error.message)
        };
        found.map_or_else(refused, |events| show(&events))
    };
    let whole = reader(json).all(input.as_bytes());
    for part in
        whole.iter().flatten().filter_map(|it| if let Event::Part(part) = it { Some(part) } else { None })
    {
        let encoded = part.headers.get("content-type").is_some_and(|it| !it.contains("json")) && json;
        let there = &input.as_bytes()[part.body_at..];
        assert!(there.starts_with(&part.body) || encoded && there.starts_with(b"\""), "{input}");
    }
    let whole = text(whole);
    // The same comes out however it comes in.
    for sizes in [&[1][..], &[7, 2, 3], &[64]] {
        assert_eq!(text(in_pieces(reader(json), input.as_bytes(), sizes)), whole, "{input}");
    }
    whole
}

#[track_caller]
fn check(json: bool, input: &str, expect: &str) {
    assert_eq!(outcome(json, input), expect, "{input}");
}

/// What the standard prints, with its two empty lines behind a GET and a change set.
const STANDARD: &str = "--b
Content-Type: application/http

GET /service/Customers('ALFKI')
Host: host


--b
Content-Type: multipart/mixed; boundary=changeset_77162fcd

--changeset_77162fcd
Content-Type: application/http
Content-ID: 1

POST /service/Customers HTTP/1.1
Host: host
Content-Type: application/json
Content-Length: 8

{\"a\":1}

--changeset_77162fcd
Content-Type: application/http
Content-ID: 2

PATCH $1/Orders(1) HTTP/1.1
Host: host
Content-Type: application/json
If-Match: W/\"1\"
Prefer: return=minimal

{\"b\":2}
--changeset_77162fcd--
--b
Content-Type: application/http

GET https://host/service/Products HTTP/1.1
Host: host


--b--
";

const STANDARD_SHOWN: &str = "0 GET /service/Customers('ALFKI')
begin changeset1
1 POST /service/Customers id=1 content-type:application/json content-length:8 <{\"a\":1}\n>
2 PATCH $1/Orders(1) id=2 needs=1 content-type:application/json if-match:W/\"1\" prefer:return=minimal <{\"b\":2}>
end changeset1
3 GET https://host/service/Products";

#[test]
fn multipart_as_the_standard_has_it() {
    check(false, STANDARD, STANDARD_SHOWN);
}

#[test]
fn crlf_and_lf_are_the_same() {
    let lf = "--b\nContent-Type: application/http\n\nPOST A HTTP/1.1\n\n1\n2\n--b--\n";
    check(false, lf, "0 POST A <1\n2>");
    check(false, &lf.replace('\n', "\r\n"), "0 POST A <1\r\n2>");
}

#[test]
fn what_clients_send() {
    // OpenUI5: no white space behind colons, encoded URLs, lines behind the closing boundary.
    check(
        false,
        "--b\r\nContent-Type:application/http\r\nContent-Transfer-Encoding:binary\r\n\r\n\
         GET Orders?$select=ID&$filter=Status%20eq%20'open'&$skip=0&$top=5 HTTP/1.1\r\nAccept:application/json;\
         odata.metadata=minimal;IEEE754Compatible=true\r\n\r\n\r\n\
         --b--\r\nGroup ID: $auto\r\n--b\r\nnothing\r\n",
        "0 GET Orders?$select=ID&$filter=Status%20eq%20'open'&$skip=0&$top=5 accept:application/json;\
         odata.metadata=minimal;IEEE754Compatible=true",
    );
    let part = |rest: &str| format!("--b\nContent-Type: application/http\n\n{rest}\n--b--");
    check(false, &format!("preamble\n\n{}", part("GET A HTTP/1.1\n\n")), "0 GET A");
    check(false, &part("GET A"), "0 GET A");
    check(false, &part("\n\nGET A HTTP/1.1\nAccept: x"), "0 GET A accept:x");
    check(false, &part("GET A?$filter=a eq 'b' HTTP/1.1\n\n\n\n\n"), "0 GET A?$filter=a eq 'b'");
    check(
        false,
        &part("POST A HTTP/1.1\nContent-ID: 7\n\n--bx\n--b-x\n --b"),
        "0 POST A id=7 content-id:7 <--bx\n--b-x\n --b>",
    );
    check(
        false,
        &part("POST A HTTP/1.1\nContent-Length: 5\n\n--b\n\n\n"),
        "0 POST A content-length:5 <--b\n\n>",
    );
    check(false, &part("POST A HTTP/1.1\nX: 1\n  2\n\n"), "0 POST A x:1 2");
    check(
        false,
        "--b\nContent-Type: multipart/mixed;\n boundary=\"c d\"\n\n--c d--\n--b-- \n",
        "begin changeset1\nend changeset1",
    );
    check(false, "--b--", "");
}

#[test]
fn broken_multipart_is_refused() {
    let part = |rest: &str| format!("--b\nContent-Type: application/http\n\n{rest}\n--b--");
    let set =
        |rest: &str| format!("--b\nContent-Type: multipart/mixed;boundary=c\n\n--c\n{rest}\n--c--\n--b--");
    let inner = |rest: &str| set(&format!("Content-Type: application/http\n\n{rest}"));
    let mut all = String::new();
    let mut check = |input: &str| {
        writeln!(
            all,
            "{input}
  => {}
",
            outcome(false, input)
        )
        .unwrap();
    };
    check("");
    check("--c\n\n--c--");
    check("--b\nContent-Type: application/http\n");
    check("--b\nContent-Type: application/http\n\nPOST A HTTP/1.1\n\n{\"a\":");
    check(&part("POST A HTTP/1.1\nContent-Length: 500\n\nabc"));
    check(&part("POST A HTTP/1.1\nContent-Length: 2\n\nabc"));
    check(&part("POST A HTTP/1.1\nContent-Length: -2\n\nabc"));
    check("--b\n\nGET A HTTP/1.1\n--b--");
    check("--b\nContent-Type: text/plain\n\n--b--");
    check("--b\n--b--");
    check(&part(""));
    check(&part("GET"));
    check(&part("FETCH A HTTP/1.1"));
    check(&part("GET A HTTP/1.1\nNo header"));
    check(&part("GET A HTTP/1.1\nProxy-Authorization: Basic x"));
    check(&part("GET A HTTP/1.1\nX: a\u{1}"));
    check(&part("GET A HTTP/1.1\n\nbody"));
    check(&part("POST A HTTP/1.1\nTransfer-Encoding: chunked\n\n"));
    check("--b\nContent-Type: application/http\nContent-Transfer-Encoding: base64\n\n");
    check(&inner("GET A HTTP/1.1\n\n"));
    check(&set("Content-Type: multipart/mixed;boundary=d\n\n--d"));
    check("--b\nContent-Type: multipart/mixed;boundary=b\n\n");
    check("--b\nContent-Type: multipart/mixed\n\n");
    check(
        "--b\nContent-Type: multipart/mixed;boundary=c\n\n--c\nContent-Type: application/http\n\nDELETE A HTTP/1.1\n\n--b--",
    );
    check("--b\nContent-Type: application/http\nContent-ID: a b\n\n");
    let twice =
        "--b\nContent-Type: application/http\nContent-ID: 1\n\nDELETE A HTTP/1.1\n\n".repeat(2) + "--b--";
    check(&twice);
    insta::assert_snapshot!(all);
}

#[test]
fn json_as_the_standard_has_it() {
    check(
        true,
        r#"{ "@x": [{}], "requests": [
            { "id": "0", "method": "get", "url": "/service/Customers('ALFKI')" },
            { "id": "1", "atomicityGroup": "group1", "dependsOn": [ "0" ], "method": "patch", "url": "/service/A",
              "headers": { "Prefer": "return=minimal" }, "body": {"a": "}]\""} },
            { "id": "2", "atomicityGroup": "group1", "method": "post", "url": "$1/B", "body": [1, 2] },
            { "id": "3", "dependsOn": [ "group1" ], "if": "$1/$succeeded", "method": "GET", "url": "/service/Products" },
            { "id": "4", "method": "put", "url": "Files(1)/$value", "headers": {"Content-Type": "image/png"}, "body": "T0RhdGE" },
            { "id": "5", "method": "post", "url": "$2/Notes", "headers": {"content-type": "text/plain"}, "body": "a\nb", "@c": 1 },
            { "id": "6", "method": "delete", "url": "$metadata", "headers": null, "body": null, "if": null }
          ], "more": {"a": "]"} }"#,
        "0 GET /service/Customers('ALFKI') id=0
begin group1
1 PATCH /service/A id=1 needs=0 prefer:return=minimal content-type:application/json <{\"a\": \"}]\\\"\"}>
2 POST $1/B id=2 needs=1 content-type:application/json <[1, 2]>
end group1
3 GET /service/Products id=3 needs=group1 if=$1/$succeeded
4 PUT Files(1)/$value id=4 content-type:image/png <OData>
5 POST $2/Notes id=5 needs=group1 content-type:text/plain <a
b>
6 DELETE $metadata id=6",
    );
    check(true, "\u{feff}{\"requests\":[]}", "");
}

#[test]
fn broken_json_is_refused() {
    let requests = |inside: &str| format!("{{\"requests\":[{inside}]}}");
    let one = |more: &str| requests(&format!("{{\"id\":\"1\",\"method\":\"post\",\"url\":\"A\"{more}}}"));
    let two = |first: &str, second: &str| {
        let request =
            |id: u8, more: &str| format!("{{\"id\":\"{id}\",\"method\":\"post\",\"url\":\"A\"{more}}}");
        requests(&format!("{},{}", request(1, first), request(2, second)))
    };
    let mut all = String::new();
    let mut check = |input: &str| {
        writeln!(
            all,
            "{input}
  => {}
",
            outcome(true, input)
        )
        .unwrap();
    };
    check("");
    check("[]");
    check("{}");
    check("{\"requests\":{}}");
    check("{\"requests\":[1]}");
    check("{\"requests\":[{},]}");
    check("{\"requests\":[");
    check("{\"requests\":[{\"id\":\"1\"");
    check("{\"requests\":[]} x");
    check(&one(",\"id\":\"2\""));
    check(&one(",\"verb\":\"2\""));
    check(&one(",\"body\":"));
    check(&one(",\"dependsOn\":\"1\""));
    check(&one(",\"dependsOn\":[1]"));
    check(&one(",\"dependsOn\":[\"1\"]"));
    check(&one(",\"dependsOn\":[\"9\"]"));
    check(&one(",\"atomicityGroup\":\"g\",\"dependsOn\":[\"g\"]"));
    check(&one(",\"atomicityGroup\":\"a b\""));
    check(&one(",\"headers\":{\"A\":\"1\",\"a\":\"2\"}"));
    check(&one(",\"headers\":{\"Range\":\"1\"}"));
    check(&one(",\"headers\":{\"content-type\":\"image/png\"},\"body\":{}"));
    check(&one(",\"headers\":{\"content-type\":\"image/png\"},\"body\":\"+\""));
    check(&requests("{\"id\":\"1\",\"method\":\"get\",\"url\":\"A\",\"body\":{}}"));
    check(&requests("{\"id\":\"1\",\"method\":\"fetch\",\"url\":\"A\"}"));
    check(&requests("{\"id\":1,\"method\":\"get\",\"url\":\"A\"}"));
    check(&requests("{\"id\":\"1\",\"method\":\"get\",\"url\":\"A\\n\"}"));
    check(&two(",\"dependsOn\":[\"2\"]", ""));
    check(&two(",\"atomicityGroup\":\"g\"", ",\"dependsOn\":[\"1\"]"));
    check(&two(",\"atomicityGroup\":\"2\"", ""));
    check(&two("", ",\"atomicityGroup\":\"1\""));
    let apart = format!(
        "{{\"requests\":[{}]}}",
        [("1", "g"), ("2", "h"), ("3", "g")]
            .map(|(id, group)| format!(
                "{{\"id\":\"{id}\",\"method\":\"post\",\"url\":\"A\",\"atomicityGroup\":\"{group}\"}}"
            ))
            .join(",")
    );
    check(&apart);
    check(&requests("{\"id\":\"1\",\"method\":\"post\",\"url\":\"/service/$batch?x=1\"}"));
    insta::assert_snapshot!(all);
}

#[test]
fn parts_come_out_before_the_rest_is_there() {
    let mut reader = Reader::multipart(BOUNDARY, Limits::default());
    reader.feed(b"--b\nContent-Type: application/http\n\nGET A HTTP/1.1\n\n\n--b\n");
    assert!(matches!(reader.next(), Ok(Some(Event::Part(_)))));
    assert_eq!(reader.next(), Ok(None));
    let mut reader = Reader::json(Limits::default());
    reader.feed(br#"{"requests":[{"id":"1","method":"get","url":"A"}"#);
    assert!(matches!(reader.next(), Ok(Some(Event::Part(_)))));
    assert_eq!(reader.next(), Ok(None));
}

#[test]
fn a_batch_is_known_by_its_type() {
    let check = |content_type: &str, expect: Result<(), &str>| {
        let found = Reader::of(content_type, Limits::default());
        assert_eq!(found.map(drop).map_err(|error| error.code), expect, "{content_type}");
    };
    check("multipart/mixed; boundary=batch_1", Ok(()));
    check("application/json;odata.metadata=minimal", Ok(()));
    check("multipart/mixed", Err("BAD_BOUNDARY"));
    check("text/plain", Err("MEDIA_TYPE"));
}

/// How much of a hostile batch is taken says what it costs: no more than the limit, however much follows.
#[test]
fn hostile_batches_are_read_up_to_their_limit() {
    const PIECE: usize = 16 << 10;
    let check = |name: &str, json: bool, body: &str, code: &str, most: usize| {
        let (mut reader, mut taken) = (reader(json), 0);
        let mut pieces = body.as_bytes().chunks(PIECE);
        let error = loop {
            match pieces.next() {
                Some(piece) => reader.feed(piece),
                None => reader.finish(),
            }
            taken += PIECE;
            match std::iter::from_fn(|| reader.next().transpose()).find_map(Result::err) {
                Some(error) => break error,
                None => assert!(taken <= body.len() + PIECE, "{name} is not refused"),
            }
        };
        assert_eq!(error.code, code, "{name}");
        assert!(taken <= most + PIECE, "{name}: {taken} bytes taken, {most} are enough");
    };
    let Limits { parts, line, body, preamble, .. } = Limits::default();
    let part = "--b\nContent-Type: application/http\n\nDELETE A HTTP/1.1\n\n";
    check("a million parts", false, &part.repeat(1_000_000), "TOO_MANY_PARTS", (parts + 1) * part.len());
    let sets: String = (0..20_000).fold(String::new(), |mut all, number| {
        writeln!(all, "--b\nContent-Type: multipart/mixed;boundary=c{number}\n\n--c{number}--").unwrap();
        all
    });
    check("many empty sets", false, &sets, "TOO_MANY_PARTS", (parts + 1) * sets.len() / 20_000);
    let requests: Vec<String> =
        (0..200_000).map(|id| format!("{{\"id\":\"{id}\",\"method\":\"get\",\"url\":\"A\"}}")).collect();
    let most = (parts + 1) * (requests[parts].len() + 1);
    check(
        "many requests",
        true,
        &format!("{{\"requests\":[{}]}}", requests.join(",")),
        "TOO_MANY_PARTS",
        most,
    );
    check("preamble", false, &"x\n".repeat(1 << 20), "TOO_LARGE", preamble);
    check("preamble in one line", false, &"x".repeat(1 << 20), "TOO_LARGE", preamble);
    check("preamble in JSON", true, &format!("{{\"a\":\"{}\"", "x".repeat(1 << 20)), "TOO_LARGE", preamble);
    let head = "--b\nContent-Type: application/http\n\nPOST A HTTP/1.1\n";
    check("headers", false, &format!("{head}{}", "A: b\n".repeat(10_000)), "TOO_LARGE", 1 << 10);
    check("header", false, &format!("{head}A: {}", "b".repeat(1 << 20)), "TOO_LARGE", line + head.len());
    check("body", false, &format!("{head}\n{}", "b".repeat(20 << 20)), "TOO_LARGE", body + line + head.len());
    check(
        "lines of body",
        false,
        &format!("{head}\n{}", "b\n".repeat(10 << 20)),
        "TOO_LARGE",
        body + line + head.len(),
    );
    check("length", false, &format!("{head}Content-Length: 99999999999\n\n"), "TOO_LARGE", 0);
    check(
        "body in JSON",
        true,
        &format!("{{\"requests\":[{{\"body\":\"{}", "b".repeat(40 << 20)),
        "TOO_LARGE",
        2 * body + line,
    );
    check(
        "depth",
        true,
        &format!("{{\"requests\":[{{\"body\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000)),
        "TOO_DEEP",
        body,
    );
}

/// Requests as a client would write them, in both formats.
fn write(json: bool, parts: &[(Option<u8>, bool, String)]) -> String {
    let mut body = String::new();
    let mut open = None;
    let close = |body: &mut String, open: &mut Option<u8>| {
        if let Some(group) = open.take()
            && !json
        {
            write!(body, "--c{group}--\r\n").unwrap();
        }
    };
    for (index, (group, deletes, content)) in parts.iter().enumerate() {
        let content = serde_json::to_string(content).unwrap();
        if *group != open {
            close(&mut body, &mut open);
        }
        if json {
            let group = group.map_or(String::new(), |group| format!(",\"atomicityGroup\":\"c{group}\""));
            let more = if *deletes { String::new() } else { format!(",\"body\":{content}") };
            let method = if *deletes { "delete" } else { "post" };
            let comma = if index > 0 { "," } else { "" };
            write!(body, "{comma}{{\"id\":\"{index}\",\"url\":\"A\"{group}{more},\"method\":\"{method}\"}}")
                .unwrap();
        } else {
            if let Some(group) = group.filter(|_| *group != open) {
                write!(body, "--b\r\nContent-Type: multipart/mixed;boundary=c{group}\r\n\r\n").unwrap();
            }
            let boundary = group.map_or(BOUNDARY.to_owned(), |group| format!("c{group}"));
            let (method, content) = if *deletes { ("DELETE", "") } else { ("POST", content.as_str()) };
            write!(
                body,
                "--{boundary}\r\nContent-Type: application/http\r\nContent-ID: {index}\r\n\r\n{method} A HTTP/1.1\r\n\r\n{content}\r\n"
            )
            .unwrap();
        }
        open = *group;
    }
    close(&mut body, &mut open);
    if json { format!("{{\"requests\":[{body}]}}") } else { format!("{body}--b--\r\n") }
}

proptest! {
    #[test]
    fn what_is_written_comes_back_in_any_pieces(
        json: bool,
        mut parts in proptest::collection::vec((proptest::option::of(0_u8..4), any::<bool>(), "(?s).{0,30}"), 0..12),
        sizes in proptest::collection::vec(1_usize..200, 1..6),
    ) {
        // Groups stand together.
        parts.sort_by_key(|(group, ..)| *group);
        let body = write(json, &parts);
        let found = in_pieces(reader(json), body.as_bytes(), &sizes).map_err(|error| TestCaseError::fail(error.to_string()))?;
        let read: Vec<_> = found.iter().filter_map(|event| match event {
            Event::Part(part) => Some((part.id.clone(), part.group.is_some(), part.body.clone())),
            _ => None,
        }).collect();
        let expect: Vec<_> = parts.iter().enumerate().map(|(index, (group, deletes, content))| {
            let content = if *deletes { Vec::new() } else { serde_json::to_vec(content).unwrap() };
            (Some(index.to_string()), group.is_some(), content)
        }).collect();
        prop_assert_eq!(read, expect);
        let begins = found.iter().filter(|event| matches!(event, Event::Begin(_))).count();
        let ends = found.iter().filter(|event| matches!(event, Event::End(_))).count();
        prop_assert_eq!(begins, ends);
        prop_assert_eq!(found, reader(json).all(body.as_bytes()).unwrap());
    }
}

/// Batches made of pieces of good ones: never a panic, and the same in any pieces.
#[test]
fn broken_batches_never_panic() {
    let json = r#"{"requests":[{"id":"1","method":"get","url":"A"},{"id":"2","atomicityGroup":"g","dependsOn":["1"],
        "method":"patch","url":"$1","headers":{"a":"b"},"body":{"x":"\"}"}}]}"#;
    let pieces = [
        "--b",
        "--b--",
        "--changeset_77162fcd--",
        "\r\n",
        "\n\n",
        "Content-Length: 3\n",
        ": ",
        "{",
        "}",
        "\"",
        "[",
        "]",
        "\\",
        ",",
    ];
    let mut rng = SeededRng::new(3);
    for round in 0..30_000 {
        let as_json = round % 2 == 0;
        let mut bytes = if as_json { json.as_bytes().to_vec() } else { STANDARD.as_bytes().to_vec() };
        for _ in 0..=rng.next() % 4 {
            let at = (rng.next() % bytes.len() as u64) as usize;
            match rng.next() % 4 {
                0 => bytes[at] = rng.next() as u8,
                1 => bytes.truncate(at.max(1)),
                2 => drop(bytes.splice(at..at, pieces[(rng.next() % 14) as usize].bytes())),
                _ => {
                    let end = bytes.len().min(at + (rng.next() % 40) as usize);
                    bytes.drain(at..end);
                    bytes.push(b'\n');
                }
            }
        }
        let whole = reader(as_json).all(&bytes);
        let pieces = in_pieces(reader(as_json), &bytes, &[1 + (rng.next() % 90) as usize]);
        assert_eq!(whole, pieces, "{}", String::from_utf8_lossy(&bytes));
    }
}

#[test]
fn answers() {
    let write = |mut writer: AnswerWriter| {
        let json = [("Content-Type", "application/json;metadata=minimal"), ("OData-Version", "4.01")];
        let answer = |status| Answer { status, ..Answer::default() };
        writer.answer(&Answer { id: Some("0"), headers: &json, ..answer(200) }, b"{\"a\":1}");
        writer.begin_group();
        let grouped = Answer {
            id: Some("1"),
            group: Some("g"),
            headers: &[("Location", "A(1)\r\nX: y")],
            ..answer(204)
        };
        writer.answer(&grouped, b"");
        writer.end_group();
        writer.begin(&Answer { headers: &[("Content-Type", "image/png")], ..answer(200) });
        for chunk in [&b"OD"[..], b"a", b"", b"ta"] {
            writer.chunk(chunk);
        }
        writer.end();
        writer
            .answer(&Answer { headers: &[("content-type", "text/plain")], ..answer(200) }, "a\nä".as_bytes());
        writer.answer(&answer(424), b"");
        let (content_type, first) = (writer.content_type(), writer.take());
        let all = [first, writer.finish(None)].concat();
        (content_type, String::from_utf8(all).unwrap())
    };
    let (content_type, text) = write(AnswerWriter::json());
    assert_eq!(content_type, "application/json");
    let read: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(read["responses"].as_array().unwrap().len(), 5);
    let (multipart_type, multipart) = write(AnswerWriter::multipart("r"));
    assert_eq!(multipart_type, "multipart/mixed;boundary=r");
    insta::assert_snapshot!(format!("{text}\n\n{}", multipart.replace('\r', "")));
    assert_eq!(multipart.matches('\n').count(), multipart.matches("\r\n").count() + 1, "only the text's own");
    let mut empty = AnswerWriter::json();
    assert_eq!((empty.buffered(), empty.take().len()), (14, 14));
    assert_eq!(empty.finish(Some("x")), b"],\"@nextLink\":\"x\"}");
}
