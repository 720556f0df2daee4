//! References between tables as navigation properties, for those who may read both.

use gridkeep_model::{AppDefinition, definition::Role};
use serde_json::json;

use crate::{csdl::xml, edm::Version, project::Projection};

/// Orders of customers, two people for each order, people with a chief, and salaries that only their maker sees.
pub(super) fn definition() -> AppDefinition {
    let column = |id: &str, refers: Option<(&str, &str)>| {
        let mut column =
            json!({"id": id, "title": id, "offset": 0, "kind": "text", "type": {"name": "text"}});
        if let Some((table, key)) = refers {
            column["refers"] = json!({"table": table, "column": key});
        }
        column
    };
    let required = |mut column: serde_json::Value| {
        column["validation"] = json!({"required": true});
        column
    };
    let table = |id: &str, see: &str, columns: Vec<serde_json::Value>| {
        let source = json!({"from": "table", "name": id});
        let access = json!({"see": [see], "insert": [], "update": [], "delete": []});
        json!({"id": id, "title": id, "key": "id", "source": source, "columns": columns, "access": access})
    };
    serde_json::from_value(json!({
        "schemaVersion": 1, "name": "Trade", "icon": "box", "accent": "#336699", "language": "en", "screens": [],
        "tables": [
            table("orders", "member", vec![
                column("id", None),
                column("customer_id", Some(("customers", "id"))),
                column("seller", Some(("people", "name"))),
                required(column("packer", Some(("people", "name")))),
            ]),
            table("customers", "member", vec![column("id", None), column("orders", None)]),
            table("people", "guest", vec![column("id", None), column("name", None), column("chief_no", Some(("people", "id")))]),
            table("salaries", "maker", vec![column("id", None), column("person_id", Some(("people", "id")))]),
        ]
    }))
    .unwrap()
}

/// Every navigation of a role's projection, one a line.
fn navigations(role: Role) -> Vec<String> {
    let projection = Projection::of_app(&definition(), role);
    let of_set = projection.sets.iter().flat_map(|set| {
        set.navigations.iter().map(|navigation| {
            let many = if navigation.many { "*" } else { "" };
            let lead = projection.set(&navigation.set).expect("its set");
            let path = navigation.path(&lead.table);
            let [relation] = path.as_slice() else { panic!("one step") };
            format!(
                "{}/{} -> {}{many} {}: {:?}",
                set.name, navigation.property, lead.name, relation.table, relation.on
            )
        })
    });
    of_set.collect()
}

#[test]
fn each_role_follows_what_it_may_read() {
    insta::assert_debug_snapshot!("related_guest", navigations(Role::Guest));
    insta::assert_debug_snapshot!("related_maker", navigations(Role::Maker));
}

#[test]
fn references_are_told_in_the_metadata() {
    for role in [Role::Guest, Role::Member, Role::Maker] {
        assert_eq!(Projection::of_app(&definition(), role).edm.check(), [], "{role:?}");
    }
    let text = xml::write(&Projection::of_app(&definition(), Role::Member).edm, Version::V4_01);
    // Annotations are looked at elsewhere.
    let lines = text.lines().filter(|line| {
        ["NavigationProperty", "ReferentialConstraint", "EntityType ", "EntitySet "]
            .iter()
            .any(|word| line.contains(word))
    });
    insta::assert_snapshot!("related_csdl", lines.collect::<Vec<_>>().join("\n"));
}
