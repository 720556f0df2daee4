//! The ABNF test cases of OASIS for headers and preferences.

use gridkeep_odata::header::{Header, Preference};

#[test]
fn headers_and_preferences_of_the_standard_are_read() {
    let Some(shared) = gridkeep_kit::shared() else { return };
    let file = shared.join("data/odata/oasis-abnf/odata-abnf-testcases.json");
    let cases: serde_json::Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let (mut seen, mut wrong) = (0, Vec::new());
    for case in cases["TestCases"].as_array().unwrap() {
        let (rule, input) = (case["Rule"].as_str().unwrap(), case["Input"].as_str().unwrap());
        let accepted = match rule {
            "header" => Header::parse(input).is_ok(),
            "preference" => Preference::parse(input).is_ok_and(|known| known.is_some()),
            _ => continue,
        };
        seen += 1;
        if accepted != case["FailAt"].is_null() {
            wrong.push(format!("{rule}: {input}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(seen > 40, "only {seen} cases found");
}
