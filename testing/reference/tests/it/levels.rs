//! What the levels of conformance ask for (OData-Protocol 4.01, section 12): each row a MUST and the request that shows it.
//! The metadata says `Capabilities.ConformanceLevel` Advanced; this is why.

use std::fmt::Write as _;

use crate::kit::World;

/// Level and requirement.
type Must = &'static str;
/// Method, path, headers, body.
type Asked<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)], &'a str);
/// The status, and what is in the answer or, behind `!`, is not.
type Expected<'a> = (u16, &'a [&'a str]);

const GET: &str = "GET";
const JSON: (&str, &str) = ("content-type", "application/json");
const V40: (&str, &str) = ("odata-maxversion", "4.0");
const V401: (&str, &str) = ("odata-maxversion", "4.01");
const NOBODY: &str = "Products(00000000-0000-0000-0000-000000000000)";

/// What does not change anything.
#[rustfmt::skip]
const READING: &[(Must, Asked<'_>, Expected<'_>)] = &[
    ("Minimal: service document", (GET, "", &[], ""), (200, &["\"name\":\"Products\"", "\"kind\":\"Singleton\"", "odata-version: 4.01"])),
    ("Minimal: a format of OData", (GET, "Products", &[], ""), (200, &["application/json", "@odata.context"])),
    ("Minimal: server-driven paging by next links", (GET, "Products", &[("prefer", "maxpagesize=2")], ""), (200, &["@odata.nextLink", "$skiptoken=", "preference-applied: maxpagesize=2"])),
    ("Minimal: OData-Version", (GET, "Products", &[V40], ""), (200, &["odata-version: 4.0\n"])),
    ("Minimal: OData-MaxVersion", (GET, "Products", &[("odata-maxversion", "3.0")], ""), (406, &[])),
    ("Minimal: Accept", (GET, "Products", &[("accept", "application/atom+xml")], ""), (406, &[])),
    ("Minimal: Accept of another", (GET, "Products", &[("accept", "text/html, application/json;q=0.1")], ""), (200, &[])),
    ("Minimal: 501 for what is not offered", (GET, "Products?$filter=geo.length(Route)%20gt%201", &[], ""), (501, &["\"error\""])),
    ("Minimal: 400 for what is malformed", (GET, "Products?$filter=Price%20gt", &[], ""), (400, &["position"])),
    ("Minimal: unknown options are no silence", (GET, "Products?$filtre=1", &[], ""), (400, &[])),
    ("Minimal: custom options are", (GET, "Products?mine=1", &[], ""), (200, &[])),
    ("Minimal: nothing of the client's own is needed", (GET, "Products?$top=1", &[("x-own", "1")], ""), (200, &[])),
    ("Minimal: edit links", (GET, "{product}", &[("accept", "application/json;odata.metadata=full")], ""), (200, &["@odata.id", "Category@odata.navigationLink"])),
    ("Minimal: no metadata", (GET, "{product}", &[("accept", "application/json;odata.metadata=none")], ""), (200, &["!@odata", "\"Name\""])),
    ("Minimal: errors", (GET, NOBODY, &[], ""), (404, &["\"code\"", "\"message\""])),
    ("Minimal 4.01: names without odata. for who knows them", (GET, "Products?$count=true", &[V401], ""), (200, &["\"@context\"", "\"@count\""])),
    ("Minimal 4.01: and with it for others", (GET, "Products?$count=true", &[V40], ""), (200, &["\"@odata.context\"", "\"@odata.count\""])),
    ("Minimal 4.01: options in any case, without $", (GET, "Products?$FILTER=Price%20GT%201000&Select=Name&orderBy=Name", &[], ""), (200, &["Premium", "!\"Price\""])),
    ("Minimal 4.01: functions in any case", (GET, "Products?$filter=CONTAINS(ToLower(Name),'laptop')&$count=true", &[], ""), (200, &["@odata.count\":2"])),
    ("Minimal 4.01: preferences with odata. and without", (GET, "Products", &[("prefer", "odata.maxpagesize=2")], ""), (200, &["@odata.nextLink"])),
    ("Minimal 4.01: enumerations with type", (GET, "Products/$count?$filter=Status%20has%20App.ProductStatus'Featured'", &[], ""), (200, &["2"])),
    ("Minimal 4.01: enumerations without", (GET, "Products/$count?$filter=Status%20has%20'Featured'", &[], ""), (200, &["2"])),
    ("Minimal 4.01: durations with type", (GET, "Products/$count?$filter=ShippingTime%20eq%20duration'P3D'", &[], ""), (200, &["1"])),
    ("Minimal 4.01: durations without", (GET, "Products/$count?$filter=ShippingTime%20eq%20'P3D'", &[], ""), (200, &["1"])),
    ("Minimal 4.01: texts cast to other types", (GET, "Products/$count?$filter=ReleaseDate%20eq%20'2024-03-15'", &[], ""), (200, &["1"])),
    ("Minimal 4.01: function imports without parentheses", (GET, "GetTopProducts?$top=1", &[], ""), (200, &["Premium Laptop Pro"])),
    ("Minimal 4.01: names without namespace", (GET, "{product}/GetTotalPrice(taxRate=0)", &[], ""), (200, &["999.99"])),
    ("Minimal 4.01: names with namespace", (GET, "{product}/App.GetTotalPrice(taxRate=0)", &[], ""), (200, &["999.99"])),
    ("Minimal 4.01: implicit aliases", (GET, "{product}/GetTotalPrice?taxRate=0", &[], ""), (200, &["999.99"])),
    ("Minimal 4.01: $schemaversion", (GET, "Products?$schemaversion=0.0.1", &[], ""), (404, &[])),
    ("Minimal 4.01: any version of the schema", (GET, "Products?$schemaversion=*", &[], ""), (200, &[])),

    ("Intermediate: $select", (GET, "Products?$select=Name,Price", &[], ""), (200, &["#Products(Name,Price)", "!\"Rating\""])),
    ("Intermediate 4.01: nested $select", (GET, "{product}?$select=ShippingAddress($select=City)", &[], ""), (200, &["Seattle", "!\"Street\""])),
    ("Intermediate: $top", (GET, "Products?$top=1&$orderby=Price", &[], ""), (200, &["Coffee Mug", "!Laptop"])),
    ("Intermediate: $filter eq", (GET, "Products?$filter=Name%20eq%20'Coffee%20Mug'", &[], ""), (200, &["Coffee Mug", "!Laptop"])),
    ("Intermediate: $filter ne", (GET, "Products/$count?$filter=Name%20ne%20'Coffee%20Mug'", &[], ""), (200, &["6"])),
    ("Intermediate: aliases", (GET, "Products/$count?$filter=Price%20gt%20@p&@p=1000", &[], ""), (200, &["1"])),
    ("Intermediate 4.01: in", (GET, "Products/$count?$filter=Name%20in%20('Laptop','Smartphone')", &[], ""), (200, &["2"])),
    ("Intermediate 4.01: in a list that an alias stands for", (GET, "Products/$count?$filter=Name%20in%20@n&@n=%5B%22Laptop%22,%22Smartphone%22%5D", &[], ""), (200, &["2"])),
    ("Intermediate 4.01: null of a navigation to one", (GET, "Products/$count?$filter=Category%20ne%20null", &[], ""), (200, &["7"])),
    ("Intermediate: types in paths", (GET, "Products/App.SpecialProduct/$count", &[], ""), (200, &["3"])),
    ("Intermediate: types of entities", (GET, "{product}/App.SpecialProduct/SpecialFeature", &[], ""), (200, &["Backlit"])),
    ("Intermediate: /$value", (GET, "{product}/Name/$value", &[], ""), (200, &["text/plain", "Laptop"])),

    ("Advanced: metadata as XML", (GET, "$metadata", &[("accept", "application/xml")], ""), (200, &["<edmx:Edmx", "ConformanceLevelType/Advanced"])),
    ("Advanced 4.01: metadata as JSON", (GET, "$metadata", &[("accept", "application/json")], ""), (200, &["\"$Version\":\"4.01\"", "\"@Core.OptionalParameter\""])),
    ("Advanced: $skip", (GET, "Products?$skip=6&$orderby=Price", &[], ""), (200, &["Premium", "!Coffee"])),
    ("Advanced: $count", (GET, "Products?$count=true&$top=1", &[], ""), (200, &["@odata.count\":7"])),
    ("Advanced: /$count of sets", (GET, "Products/$count", &[], ""), (200, &["7"])),
    ("Advanced: /$count of navigation properties", (GET, "{product}/Descriptions/$count", &[], ""), (200, &["2"])),
    ("Advanced: /$count with $filter and $search", (GET, "Products/$count?$filter=Price%20gt%20500&$search=laptop", &[], ""), (200, &["2"])),
    ("Advanced 4.01: filtered counts in expressions", (GET, "Products/$count?$filter=Descriptions/$count($filter=LanguageKey%20eq%20'DE')%20gt%200", &[], ""), (200, &["1"])),
    ("Advanced: $orderby asc and desc", (GET, "Products?$orderby=Status%20asc,Price%20desc&$top=1", &[], ""), (200, &["Smartphone"])),
    ("Advanced: $orderby along navigation properties", (GET, "Products?$orderby=Category/Name%20desc&$top=1", &[], ""), (200, &["Coffee Mug"])),
    ("Advanced: any", (GET, "Products/$count?$filter=Descriptions/any(d:d/LanguageKey%20eq%20'FR')", &[], ""), (200, &["1"])),
    ("Advanced: all", (GET, "Products/$count?$filter=Descriptions/all(d:d/LanguageKey%20ne%20'FR')", &[], ""), (200, &["6"])),
    ("Advanced: $search", (GET, "Products?$search=cord%20NOT%20fast", &[], ""), (200, &["Wireless Mouse", "!Laptop"])),
    ("Advanced: $expand", (GET, "{product}?$expand=Category,Descriptions", &[], ""), (200, &["\"Category\":{", "\"Descriptions\":["])),
    ("Advanced: references of expanded entities", (GET, "{product}?$expand=Descriptions/$ref", &[], ""), (200, &["@odata.id", "!LongText"])),
    ("Advanced: $filter within $expand", (GET, "{product}?$expand=Descriptions($filter=LanguageKey%20eq%20'DE')", &[], ""), (200, &["Schneller", "!Fast laptop"])),
    ("Advanced: types within $expand", (GET, "{mouse}?$expand=RelatedProducts/App.SpecialProduct", &[], ""), (200, &["Gaming Mouse Ultra"])),
    ("Advanced: $orderby, $count, $top, $skip, $search, $levels within $expand", (GET, "{product}?$expand=Descriptions($orderby=LanguageKey;$count=true;$top=1;$skip=1;$search=laptop;$levels=1)", &[], ""), (200, &["Descriptions@odata.count\":2", "\"EN\""])),
    ("Advanced 4.01: $compute", (GET, "Products?$compute=Price%20mul%202%20as%20Twice&$filter=Twice%20gt%203000&$orderby=Twice&$select=Name,Twice", &[], ""), (200, &["\"Twice\":3999.98"])),
    ("Advanced 4.01: $compute within $expand", (GET, "{product}?$expand=Descriptions($compute=length(Description)%20as%20L;$select=L)", &[], ""), (200, &["\"L\":"])),
    ("Advanced: canonical paths", (GET, "Categories(Name='Kitchen')/Products?$select=Name", &[], ""), (200, &["Coffee Mug"])),
    ("Advanced: $entity", (GET, "$entity?$id={product}", &[], ""), (200, &["\"Laptop\""])),
    ("Advanced: references", (GET, "{product}/Category/$ref", &[], ""), (200, &["@odata.id"])),
    ("Advanced 4.01: /$filter in paths", (GET, "Products/$filter(Price%20gt%20500)/$count", &[], ""), (200, &["3"])),
    ("Advanced 4.01: keys in segments", (GET, "Categories/{kitchen}/Name", &[], ""), (200, &["Kitchen"])),
    ("Advanced 4.01: keys of several parts in segments", (GET, "ProductDescriptions/{product-id}/DE/Description", &[], ""), (200, &["Schneller"])),
    ("Advanced 4.01: and along navigation properties", (GET, "{product}/Descriptions/{product-id}/EN", &[], ""), (200, &["Fast laptop"])),
    ("Advanced 4.01: no key with a part alone", (GET, "ProductDescriptions/{product-id}", &[], ""), (404, &[])),
    ("Advanced: functions of collections", (GET, "Products/$filter(Price%20lt%2020)/GetAveragePrice()", &[], ""), (200, &["15.5"])),
    ("Advanced: later", (GET, "Products", &[("prefer", "respond-async")], ""), (202, &["location: "])),
    ("Advanced: changes", (GET, "Products", &[("prefer", "track-changes")], ""), (200, &["@odata.deltaLink", "preference-applied: track-changes"])),
    ("Advanced: POST of queries", ("POST", "Products/$query", &[("content-type", "text/plain")], "$top=1&$orderby=Price"), (200, &["Coffee Mug"])),
    ("HTTP: HEAD", ("HEAD", "Products", &[], ""), (200, &["content-type: application/json"])),
    ("HTTP: OPTIONS", ("OPTIONS", "Products", &[], ""), (204, &["allow: GET, HEAD, POST, PATCH, OPTIONS"])),
    ("HTTP: If-None-Match", (GET, "{product}", &[("if-none-match", "*")], ""), (304, &[])),
    ("JSON: IEEE754Compatible", (GET, "DecimalSamples", &[("accept", "application/json;IEEE754Compatible=true")], ""), (200, &["\"Amount\":\"123.450000000000000000\"", "IEEE754Compatible=true"])),
    ("4.01: omit-values", (GET, "{mug}", &[("prefer", "omit-values=nulls")], ""), (200, &["!:null", "preference-applied: omit-values=nulls"])),
];

/// What an updatable service must do, one after the other.
#[rustfmt::skip]
const CHANGING: &[(Must, Asked<'_>, Expected<'_>)] = &[
    ("POST to a set", ("POST", "Products", &[JSON], r#"{"Name":"Lamp","Price":5}"#), (201, &["location: ", "etag: W/\"1\"", "@odata.etag", "\"Lamp\""])),
    ("POST along a navigation property", ("POST", "{mug}/Descriptions", &[JSON], r#"{"LanguageKey":"DE","Description":"Becher"}"#), (201, &["location: ", "Becher"])),
    ("POST to $ref", ("POST", "{mug}/RelatedProducts/$ref", &[JSON], r#"{"@odata.id":"{mouse}"}"#), (204, &[])),
    ("DELETE of $ref", ("DELETE", "{mug}/RelatedProducts/$ref?$id={mouse}", &[], ""), (204, &[])),
    ("PUT to $ref", ("PUT", "{mug}/Category/$ref", &[JSON], r#"{"@odata.id":"Categories(Name='Furniture')"}"#), (204, &[])),
    ("and it is related", (GET, "{mug}/Category/Name/$value", &[], ""), (200, &["Furniture"])),
    ("PATCH", ("PATCH", "{mug}", &[JSON], r#"{"Price":1}"#), (204, &["etag: "])),
    ("Prefer: return=representation", ("PATCH", "{mug}", &[JSON, ("prefer", "return=representation")], r#"{"Price":2}"#), (200, &["\"Price\":2", "preference-applied: return=representation"])),
    ("Prefer: return=minimal", ("POST", "Categories", &[JSON, ("prefer", "return=minimal")], r#"{"Name":"Garden"}"#), (204, &["location: ", "odata-entityid: ", "preference-applied: return=minimal"])),
    ("a payload that is packed", ("PATCH", "{mug}", &[JSON, ("content-encoding", "gzip")], "x"), (415, &["accept-encoding: identity"])),
    ("a payload that is not", ("PATCH", "{mug}", &[JSON, ("content-encoding", "identity")], r#"{"Price":2}"#), (204, &[])),
    ("If-Match that does not match", ("PATCH", "{mug}", &[JSON, ("if-match", "W/\"77\"")], r#"{"Price":3}"#), (412, &[])),
    ("If-Match of what is not there", ("PATCH", NOBODY, &[JSON, ("if-match", "*")], r#"{"Price":3}"#), (412, &[])),
    ("If-Match for DELETE", ("DELETE", "{mug}", &[("if-match", "W/\"77\"")], ""), (412, &[])),
    ("upsert inserts", ("PATCH", "ProductDescriptions(ProductID={mug-id},LanguageKey='IT')", &[JSON], r#"{"Description":"Tazza"}"#), (201, &["Tazza", "location: "])),
    ("upsert updates", ("PATCH", "ProductDescriptions(ProductID={mug-id},LanguageKey='IT')", &[JSON], r#"{"Description":"Tazzina"}"#), (204, &[])),
    ("If-None-Match keeps upsert from updating", ("PATCH", "ProductDescriptions(ProductID={mug-id},LanguageKey='IT')", &[JSON, ("if-none-match", "*")], r#"{"Description":"x"}"#), (412, &[])),
    ("If-Match keeps upsert from inserting", ("PUT", "ProductDescriptions(ProductID={mug-id},LanguageKey='PT')", &[JSON, ("if-match", "*")], r#"{"Description":"x"}"#), (412, &[])),
    ("PUT of a property", ("PUT", "{mug}/Rating", &[JSON], r#"{"value":2}"#), (204, &[])),
    ("DELETE of a property", ("DELETE", "{mug}/Rating", &[], ""), (204, &[])),
    ("and it is null", (GET, "{mug}/Rating", &[], ""), (204, &[])),
    ("deep insert", ("POST", "Categories", &[JSON], r#"{"Name":"Bath","Products":[{"Name":"Towel","Price":3}]}"#), (201, &["Towel"])),
    ("deep update", ("PATCH", "Categories(Name='Bath')", &[JSON], r#"{"Products":[{"Name":"Soap","Price":1}]}"#), (204, &[])),
    ("related as the payload says", (GET, "Categories(Name='Bath')/Products?$select=Name", &[], ""), (200, &["Soap", "!Towel"])),
    ("delta payload", ("PATCH", "Categories", &[JSON, V401], r##"{"@context":"#$delta","value":[{"Name":"Attic"},{"@removed":{"reason":"deleted"},"@id":"Categories(Name='Garden')"}]}"##), (204, &[])),
    ("and it is done", (GET, "Categories?$select=Name", &[], ""), (200, &["Attic", "!Garden"])),
    ("change of each of a set", ("PATCH", "Products/$filter(Price%20lt%2010)/$each", &[JSON], r#"{"Rating":1}"#), (204, &[])),
    ("actions with an empty body", ("POST", "{mug}/Activate", &[], ""), (204, &[])),
    ("actions with parameters", ("POST", "{mug}/App.ApplyDiscount", &[JSON], r#"{"percentage":50}"#), (200, &["\"Price\":1.0"])),
    ("methods that are not taken", ("POST", "ReadOnlyItems", &[JSON], "{}"), (405, &["allow: GET, HEAD, OPTIONS"])),
    ("$batch in JSON", ("POST", "$batch", &[JSON], r#"{"requests":[{"id":"1","atomicityGroup":"g","method":"post","url":"Categories","body":{"Name":"Cellar"}},{"id":"2","atomicityGroup":"g","method":"patch","url":"$1","body":{"Description":"dark"}},{"id":"3","dependsOn":["g"],"method":"get","url":"Categories(Name='Cellar')"}]}"#), (200, &["\"status\":201", "\"status\":204", "\"dark\""])),
    ("$batch that fails as a whole", ("POST", "$batch", &[JSON], r#"{"requests":[{"id":"1","atomicityGroup":"g","method":"post","url":"Categories","body":{"Name":"Roof"}},{"id":"2","atomicityGroup":"g","method":"delete","url":"Categories(Name='None')"}]}"#), (200, &["\"status\":404", "\"status\":424", "!\"status\":201"])),
    ("nothing of it is done", (GET, "Categories/$count?$filter=Name%20eq%20'Roof'", &[], ""), (200, &["0"])),
    ("DELETE", ("DELETE", "{mug}", &[], ""), (204, &[])),
    ("and it is gone", (GET, "{mug}", &[], ""), (404, &[])),
];

#[tokio::test(flavor = "multi_thread")]
async fn what_the_levels_ask_for_is_kept() {
    let world = World::start().await;
    let product = world.named("Products", "Laptop").await;
    let mouse = world.named("Products", "Wireless Mouse").await;
    let mug = world.named("Products", "Coffee Mug").await;
    let kitchen = world.named("Categories", "Kitchen").await;
    let key = |entity: &str| entity[entity.find('(').unwrap() + 1..entity.len() - 1].to_owned();
    let filled = |text: &str| {
        text.replace("{product}", &product)
            .replace("{mouse}", &mouse)
            .replace("{mug}", &mug)
            .replace("{mug-id}", &key(&mug))
            .replace("{product-id}", &key(&product))
            .replace("{kitchen}", &key(&kitchen))
    };
    let mut wrong = Vec::new();
    for (must, (method, path, headers, body), (status, parts)) in READING.iter().chain(CHANGING) {
        let answer = world.send(method, &filled(path), headers, filled(body)).await;
        let mut told = String::new();
        for (name, value) in &answer.headers {
            writeln!(told, "{name}: {}", value.to_str().unwrap_or_default()).unwrap();
        }
        told.push_str(&answer.text());
        let fits = |part: &&str| match part.strip_prefix('!') {
            Some(part) => !told.contains(part),
            None => told.contains(*part),
        };
        if answer.status != *status || !parts.iter().all(fits) {
            wrong
                .push(format!("{must}\n  {method} {path}: {} for {status} {parts:?}\n{told}", answer.status));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
