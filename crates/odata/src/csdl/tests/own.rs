//! What we write, by the standard's own schemas and vocabularies.

use super::{documents, model::model, projections::projections, same};
use crate::{
    csdl::{json, normal, xml},
    edm::{Edm, Version, vocabulary::Vocabularies},
};

const VERSIONS: [Version; 2] = [Version::V4_0, Version::V4_01];

/// The documents that go through the validators: projections of an app, our own model and every document of others that is valid itself.
fn models() -> Vec<(String, Edm)> {
    let mut all = projections();
    all.push(("own".to_owned(), model()));
    for folder in ["csdl-schemas/examples", "vocabularies", "metadata-samples"] {
        for (name, text) in documents(folder, "xml").unwrap_or_default() {
            // Not legal, and so not after a round trip: two have wrong targets, two wrong addresses or names.
            let wrong = ["test2", "annotationtarget1", "olingo-northwind-metadata"];
            if !wrong.contains(&name.as_str()) {
                all.extend(xml::read(&text).ok().map(|edm| (name, edm)));
            }
        }
    }
    all
}

#[test]
fn our_own_model_is_sound() {
    assert_eq!(model().check(), []);
    for version in VERSIONS {
        let again = xml::read(&xml::write(&model(), version)).unwrap();
        assert_eq!(again.check(), []);
    }
}

#[test]
fn our_own_model_comes_back() {
    let wanted = normal(model());
    same("xml", &xml::read(&xml::write(&model(), Version::V4_01)).unwrap(), &wanted);
    let text = json::write(&model(), Version::V4_01);
    let again = json::read(&text).unwrap();
    assert_eq!(json::write(&again, Version::V4_01), text);
}

#[test]
fn our_own_model_as_text() {
    insta::assert_snapshot!("xml", xml::write(&model(), Version::V4_01));
    // A line an element, to read it by.
    insta::assert_snapshot!("json", json::write(&model(), Version::V4_01).replace("},", "},\n"));
}

pub(super) fn vocabularies() -> Option<Vocabularies> {
    let all = documents("vocabularies", "xml")?;
    Some(Vocabularies::new(all.iter().map(|(_, text)| xml::read(text).unwrap())))
}

#[test]
fn our_annotations_are_right() {
    let Some(vocabularies) = vocabularies() else { return };
    assert_eq!(vocabularies.judge(&normal(model())), []);
    assert_eq!(vocabularies.judge(&model()), []);
}

/// Every document of [`models`], in both versions of the protocol.
fn written(write: impl Fn(&Edm, Version) -> String) -> Vec<(String, String)> {
    let all = models();
    let versions = |(name, edm): &(String, Edm)| {
        VERSIONS.map(|version| (format!("{name} {version}"), write(edm, version)))
    };
    all.iter().flat_map(versions).collect()
}

/// By `edmx.xsd`, which takes `edm.xsd` with it.
#[test]
fn xml_is_valid() {
    let Some(shared) = gridkeep_kit::shared() else { return };
    let schema = shared.join("data/odata/csdl-schemas/edmx.xsd");
    let judged = gridkeep_kit::xml_by_schema(&schema, &written(xml::write));
    judged.unwrap_or(Ok(())).unwrap_or_else(|error| panic!("{error}"));
}

/// By `csdl.schema.json`.
#[test]
fn json_is_valid() {
    let Some(shared) = gridkeep_kit::shared() else { return };
    let schema = shared.join("data/odata/csdl-schemas/csdl.schema.json");
    let judged = gridkeep_kit::json_by_schema(&schema, &written(json::write));
    judged.unwrap_or(Ok(())).unwrap_or_else(|error| panic!("{error}"));
}

/// An annotation without a value has the default of its term.
#[test]
fn defaults_of_terms_are_said_in_json() {
    let check = |term: &str, expect: &str| {
        let text = format!(
            r#"<edmx:Edmx xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx" Version="4.01"><edmx:DataServices>
            <Schema xmlns="http://docs.oasis-open.org/odata/ns/edm" Namespace="S"><Term Name="T" {term}/>
            <Annotation Term="S.T"/></Schema></edmx:DataServices></edmx:Edmx>"#
        );
        let json: serde_json::Value =
            serde_json::from_str(&json::write(&xml::read(&text).unwrap(), Version::V4_01)).unwrap();
        assert_eq!(json["S"]["@S.T"].to_string(), expect);
    };
    check(r#"Type="Edm.Int32" DefaultValue="42""#, "42");
    check(r#"Type="Edm.String" DefaultValue="42""#, r#""42""#);
    check(r#"Type="Edm.Boolean" DefaultValue="false""#, "false");
    check(r#"Type="Edm.Double" DefaultValue="-INF""#, r#""-INF""#);
    check(r#"Type="Core.Tag" DefaultValue="true""#, "true");
    check(r#"Type="Core.Tag""#, "true");
}
