//! An app whose workbook changes underneath it.

use gridkeep_model::definition::{Component, TableSource};

use super::*;
use crate::{
    analyse::{analyse_with, tests as sample},
    propose::propose,
    validate::validate,
};

type Rows<'a> = &'a [&'a str];

const LOAN: Rows<'_> = &["Amount|1000", "Rate|0.05", "Years|3", "", "Interest|=B1*B2", "Cost|=B5*B3"];

fn app(kind: &str, sheets: &[(&str, Rows<'_>)]) -> (AppDefinition, Workbook) {
    let workbook = sample::workbook(sheets);
    let analysis = analyse_with(&workbook, &sample::cached(&workbook));
    let proposals = propose(&workbook, &analysis, "app.xlsx");
    let proposal =
        proposals.into_iter().find(|proposal| proposal.id == kind).expect("a proposal of that kind");
    (proposal.definition, workbook)
}

fn told(rebound: &Rebound) -> Vec<String> {
    let moved = rebound.moved.iter().map(|moved| format!("{} -> {}", moved.from, moved.to));
    moved.chain(rebound.lost.iter().map(|lost| format!("lost {}", find::words(&lost.binding)))).collect()
}

#[test]
fn fields_follow_their_labels() {
    let (definition, old) = app("calculator", &[("Loan", LOAN)]);
    let check = |sheets: &[(&str, Rows<'_>)], expect: &[&str]| {
        let new = sample::workbook(sheets);
        let rebound = rebind(&definition, &old, &new);
        assert_eq!(told(&rebound), expect, "{sheets:?}");
        if rebound.lost.is_empty() {
            assert_eq!(validate(&rebound.definition, &new), vec![]);
        }
    };
    check(&[("Loan", LOAN)], &[]);
    check(
        &[("Credit", LOAN)],
        &[
            "Loan!B1 -> Credit!B1",
            "Loan!B2 -> Credit!B2",
            "Loan!B3 -> Credit!B3",
            "Loan!B5 -> Credit!B5",
            "Loan!B6 -> Credit!B6",
        ],
    );
    let lower: Rows<'_> = &["", "Amount:|1000", "Rate|0.05", "Years|3", "", "Interest|=B2*B3", "Cost|=B6*B4"];
    check(
        &[("Loan", lower)],
        &[
            "Loan!B1 -> Loan!B2",
            "Loan!B2 -> Loan!B3",
            "Loan!B3 -> Loan!B4",
            "Loan!B5 -> Loan!B6",
            "Loan!B6 -> Loan!B7",
        ],
    );
    let without: Rows<'_> = &["Amount|1000", "Rate|0.05", "", "", "Interest|=B1*B2", "Cost|=B5*2"];
    check(&[("Loan", without)], &["lost Loan!B3"]);
    let twice: Rows<'_> =
        &["Amount|1000", "Years|0.05", "Rate|3", "Rate|4", "Interest|=B1*B2", "Cost|=B5*B3"];
    check(&[("Loan", twice)], &["Loan!B3 -> Loan!B2", "lost Loan!B2"]);
    let moved: Rows<'_> = &["Amount|1000", "Rate|0.05", "", "", "Interest|=B1*B2", "Cost|=B5*'More'!B1"];
    check(&[("Loan", moved), ("More", &["Years|3"])], &["Loan!B3 -> More!B1"]);
}

#[test]
fn names_come_first_and_fall_back_on_labels() {
    let name = |refers_to: &str| gridkeep_model::workbook::DefinedName {
        name: "Amount".into(),
        sheet: None,
        refers_to: refers_to.into(),
        hidden: false,
    };
    let (mut definition, mut old) = app("calculator", &[("Loan", LOAN)]);
    old.names.push(name("Loan!$B$1"));
    let Component::Fields { fields, .. } = &mut definition.screens[0].components[0] else {
        panic!("fields first")
    };
    fields[0].binding = Binding::Name { name: "Amount".into() };
    let lower: Rows<'_> =
        &["Head", "", "Amount|1000", "Rate|0.05", "Years|3", "", "Interest|=B3*B4", "Cost|=B7*B5"];
    let mut new = sample::workbook(&[("Loan", lower)]);
    assert!(told(&rebind(&definition, &old, &new)).contains(&"Amount -> Loan!B3".to_owned()));
    new.names.push(name("Loan!$B$3"));
    assert!(rebind(&definition, &old, &new).moved.iter().all(|moved| moved.from != "Amount"));
}

#[test]
fn tables_follow_their_headers() {
    let stock: Rows<'_> = &["SKU|Item|Qty|Value", "a1|Bolt|3|=C2*2", "a2|Nut|4|=C3*2"];
    let (definition, old) = app("list", &[("Stock", stock)]);
    let check = |rows: Rows<'_>, expect: &[&str], range: &str| {
        let new = sample::workbook(&[("Stock", rows)]);
        let rebound = rebind(&definition, &old, &new);
        assert_eq!(told(&rebound), expect, "{rows:?}");
        let TableSource::Range { range: found, .. } = &rebound.definition.tables[0].source else {
            panic!("a range")
        };
        assert_eq!(found, range);
        if rebound.lost.is_empty() {
            assert_eq!(validate(&rebound.definition, &new), vec![]);
        }
    };
    check(stock, &[], "A1:D3");
    let longer: Rows<'_> = &["SKU|Item|Qty|Value", "a1|Bolt|3|=C2*2", "a2|Nut|4|=C3*2", "a3|Cap|5|=C4*2"];
    check(longer, &["Stock!A1:D3 -> Stock!A1:D4"], "A1:D4");
    let shifted: Rows<'_> =
        &["Stock list", "", "Item|SKU|Place|Qty|Value", "Bolt|a1|x1|3|=D4*2", "Nut|a2|x2|4|=D5*2"];
    let expect = [
        "Stock!A1:D3 -> Stock!A3:E5",
        "“SKU” (A) -> “SKU” (B)",
        "“Item” (B) -> “Item” (A)",
        "“Qty” (C) -> “Qty” (D)",
        "“Value” (D) -> “Value” (E)",
    ];
    check(shifted, &expect, "A3:E5");
    let fewer: Rows<'_> = &["SKU|Item|Qty", "a1|Bolt|3", "a2|Nut|4"];
    check(fewer, &["Stock!A1:D3 -> Stock!A1:C3", "lost stock.value"], "A1:C3");
    check(&["Name|City", "Ann|Rome", "Bob|Oslo"], &["lost Stock!A1:D3"], "A1:D3");
}

#[test]
fn formulas_of_actions_follow_what_they_refer_to() {
    let stock: Rows<'_> = &["SKU|Item|Qty", "a1|Bolt|3", "a2|Nut|4", "a3|Cap|5"];
    let rates: Rows<'_> = &["Code|Rate", "EUR|1", "USD|0.9", "", "Least stock|2"];
    let (mut definition, mut old) = app("list", &[("Stock", stock), ("Rates", rates)]);
    let name = |refers_to: &str| gridkeep_model::workbook::DefinedName {
        name: "Least".into(),
        sheet: None,
        refers_to: refers_to.into(),
        hidden: false,
    };
    old.names.push(name("Rates!$B$5"));
    let mut check = |when: &str, sheets: &[(&str, Rows<'_>)], expect: &[&str], led: &str| {
        let action = serde_json::json!({ "id": "take", "title": "Take", "table": "stock", "when": when,
            "parameters": [{ "id": "rate", "title": "Rate", "type": { "name": "integer" }, "kind": "integer" }],
            "steps": [{ "do": "set", "values": { "item": { "formula": when } } }] });
        definition.actions = vec![serde_json::from_value(action).expect("an action")];
        let new = sample::workbook(sheets);
        let mut rebound = rebind(&definition, &old, &new);
        rebound.moved.retain(|moved| moved.path.starts_with("actions/"));
        rebound.lost.retain(|lost| lost.path.starts_with("actions/"));
        let told = told(&rebound);
        // Once for each formula.
        let expect: Vec<&str> = expect.iter().flat_map(|one| [*one, *one]).collect();
        assert_eq!(told, expect, "{when}");
        assert_eq!(rebound.definition.actions[0].when.as_deref(), Some(led), "{when}");
    };
    let same: &[(&str, Rows<'_>)] = &[("Stock", stock), ("Rates", rates)];
    check("VLOOKUP([@SKU],Rates!$A$2:$B$3,2,0)>rate", same, &[], "VLOOKUP([@SKU],Rates!$A$2:$B$3,2,0)>rate");
    let moved: Rows<'_> =
        &["Money", "", "Code|Since|Rate", "EUR|1|1", "USD|1|0.9", "GBP|1|1.2", "", "Least stock|2"];
    let there: &[(&str, Rows<'_>)] = &[("Stock", stock), ("Exchange", moved)];
    check("SUM(Rates!B2:B3)>0", there, &["Rates!B2:B3 -> Exchange!C4:C6"], "SUM(Exchange!C4:C6) > 0");
    check(
        "SUM(Rates!$B:$B)>0",
        there,
        &["Rates!B1:B1048576 -> Exchange!C1:C1048576"],
        "SUM(Exchange!$C:$C) > 0",
    );
    check("[@Qty]>Rates!B5", there, &["Rates!B5 -> Exchange!B8"], "[@[Qty]] > Exchange!B8");
    check("[@Qty]>Least", there, &["Least -> Exchange!B8"], "[@[Qty]] > Exchange!$B$8");
    let without: &[(&str, Rows<'_>)] = &[("Stock", stock), ("Exchange", &["Code|Since", "EUR|1"])];
    check("[@Qty]>Rates!B5", without, &["lost Rates!B5"], "[@Qty]>Rates!B5");
    check("SUM(Rates!B:B)>0", without, &["lost Rates!B1:B1048576"], "SUM(Rates!B:B)>0");
}
