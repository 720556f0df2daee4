//! The metadata that the service hands out, by the standard's own schemas and vocabularies.

use std::fs;

use gridkeep_odata::{csdl::xml, edm::vocabulary::Vocabularies};

use crate::kit::World;

#[tokio::test(flavor = "multi_thread")]
async fn annotations_are_what_the_vocabularies_allow() {
    let Some(shared) = gridkeep_kit::shared() else { return };
    let documents = fs::read_dir(shared.join("data/odata/vocabularies")).unwrap();
    let documents = documents.map(|entry| entry.unwrap().path());
    let documents = documents.filter(|path| path.extension().is_some_and(|ending| ending == "xml"));
    let vocabularies =
        Vocabularies::new(documents.map(|path| xml::read(&fs::read_to_string(path).unwrap()).unwrap()));
    let world = World::start().await;
    let served = xml::read(&world.get("$metadata").await.expect(200).text()).unwrap();
    assert_eq!(vocabularies.judge(&served), []);
    assert_eq!(vocabularies.judge(&gridkeep_reference::projection().edm), []);
}

/// In both versions of the protocol.
async fn served(format: &str) -> Vec<(String, String)> {
    let world = World::start().await;
    let mut all = Vec::new();
    for version in ["4.0", "4.01"] {
        let path = format!("$metadata?$format={format}");
        let answer = world.send("GET", &path, &[("odata-maxversion", version)], "").await.expect(200);
        all.push((version.to_owned(), answer.text()));
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_valid() {
    let Some(shared) = gridkeep_kit::shared() else { return };
    let schemas = shared.join("data/odata/csdl-schemas");
    let documents = served("xml").await;
    let judged = gridkeep_kit::xml_by_schema(&schemas.join("edmx.xsd"), &documents);
    judged.unwrap_or(Ok(())).unwrap_or_else(|error| panic!("{error}"));
    let documents = served("json").await;
    let judged = gridkeep_kit::json_by_schema(&schemas.join("csdl.schema.json"), &documents);
    judged.unwrap_or(Ok(())).unwrap_or_else(|error| panic!("{error}"));
}
