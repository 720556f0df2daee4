//! The ABNF test cases of OASIS for headers and preferences.

use gridkeep_odata::header::{
    Condition, ETag, EntityId, Header, MediaType, Offer, Preference, Preferences, RequestBody, RequestId,
    Version, negotiate,
};
use proptest::prelude::*;

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

proptest! {
    #[test]
    fn any_text_is_a_header_or_an_error(text in "[A-Za-z0-9 ,;=\"'\\\\/*.#@$W\t\u{7f}äß-]{0,60}") {
        let _ = (MediaType::parse(&text), RequestBody::parse(&text), EntityId::parse(&text), RequestId::parse(&text));
        let _ = (Header::parse(&text), Version::parse(&text), Version::of_answer(Some(&text), None));
        let _ = negotiate(&[Offer::Json, Offer::Xml, Offer::Multipart], Some(&text), None);
        let _ = negotiate(&[Offer::Json], None, Some(&text));
        if let Ok(tag) = ETag::parse(&text) {
            prop_assert_eq!(ETag::parse(&tag.to_string()), Ok(tag));
        }
        let _ = Condition::parse(&text, "If-Match");
        if let Ok(Some((preference, _))) = Preference::parse(&text) {
            let again = Preference::parse(&preference.to_string());
            prop_assert_eq!(again, Ok(Some((preference, false))));
        }
        let _ = Preferences::parse([text.as_str()]);
    }

    #[test]
    fn media_types_come_back(kind in "[a-z]{1,5}", subtype in "[a-z.+]{1,8}", value in "[ -~äß]{0,12}") {
        let media = MediaType { kind, subtype, parameters: vec![("p".to_owned(), value)] };
        prop_assert_eq!(MediaType::parse(&media.to_string()), Ok(media));
    }
}
