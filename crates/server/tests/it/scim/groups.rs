//! Groups: a directory's are the tenant's, and only the directory changes them.

use serde_json::{Value as Json, json};

use super::{GROUP, acme, refused};
use crate::kit::{Wishes, World, databases};

#[tokio::test(flavor = "multi_thread")]
async fn groups_come_change_and_go_as_entra_and_okta_say() {
    let (all, _postgres) = databases();
    for database in all {
        let world = World::with(Wishes { database, ..Wishes::default() }).await;
        let (mut ann, _, mut directory) = acme(&world, json!({})).await;
        let (one, two) = (directory.user("one").await, directory.user("two").await);
        let new = json!({
            "schemas": [GROUP, "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],
            "externalId": "8aa1a0c0", "displayName": "Sales", "meta": { "resourceType": "Group" },
        });
        let made = directory.post("/Groups", new.clone()).await.expect(201).json();
        assert_eq!((&made["displayName"], &made["members"]), (&json!("Sales"), &json!([])));
        let id = made["id"].as_str().unwrap().to_owned();
        let path = format!("/Groups/{id}");
        assert_eq!(refused(&directory.post("/Groups", new).await), (409, "uniqueness".to_owned()));
        let found = directory
            .get("/Groups?excludedAttributes=members&filter=displayName%20eq%20%22sales%22")
            .await
            .expect(200)
            .json();
        assert_eq!((&found["totalResults"], &found["Resources"][0]["id"]), (&json!(1), &json!(id)));
        assert!(found["Resources"][0].get("members").is_none());
        let members = async |directory: &mut super::Directory| -> Vec<String> {
            let group = directory.get(&path).await.expect(200).json();
            let values = group["members"].as_array().unwrap().iter();
            let mut ids: Vec<_> = values.map(|one| one["value"].as_str().unwrap().to_owned()).collect();
            ids.sort();
            ids
        };
        let change = async |directory: &mut super::Directory, operation: Json| {
            directory.patch(&path, json!([operation])).await.expect(204);
        };
        change(
            &mut directory,
            json!({ "op": "Add", "path": "members", "value": [{ "$ref": null, "value": one }] }),
        )
        .await;
        assert_eq!(members(&mut directory).await, std::slice::from_ref(&one));
        change(
            &mut directory,
            json!({ "op": "add", "value": { "members": [{ "value": two }, { "value": one }] } }),
        )
        .await;
        let mut both = [one.clone(), two.clone()];
        both.sort();
        assert_eq!(members(&mut directory).await, both);
        let belongs = directory.get(&format!("/Users/{two}")).await.json();
        assert_eq!(belongs["groups"][0]["display"], "Sales");
        change(&mut directory, json!({ "op": "Remove", "path": "members", "value": [{ "value": one }] }))
            .await;
        change(&mut directory, json!({ "op": "remove", "path": format!("members[value eq \"{two}\"]") }))
            .await;
        assert!(members(&mut directory).await.is_empty());
        change(
            &mut directory,
            json!({ "op": "replace", "path": "members", "value": [{ "value": one, "display": "x" }] }),
        )
        .await;
        change(
            &mut directory,
            json!({ "op": "replace", "value": { "id": id, "displayName": "Sales North" } }),
        )
        .await;
        assert_eq!(members(&mut directory).await, std::slice::from_ref(&one));
        let by = directory
            .get(&format!("/Groups?filter=id+eq+%22{id}%22+and+members+eq+%22{one}%22"))
            .await
            .expect(200)
            .json();
        assert_eq!(by["totalResults"], 1);
        let put = json!({ "schemas": [GROUP], "displayName": "Sales South", "members": [{ "value": two }] });
        let put = directory.put(&path, put).await.expect(200).json();
        assert_eq!((&put["displayName"], &put["members"][0]["value"]), (&json!("Sales South"), &json!(two)));
        // All of a change or nothing.
        let both = json!([
            { "op": "replace", "path": "displayName", "value": "Half" },
            { "op": "add", "path": "members", "value": [{ "value": "018f0000-0000-7000-8000-000000000001" }] },
        ]);
        assert_eq!(refused(&directory.patch(&path, both).await), (400, "invalidValue".to_owned()));
        assert_eq!(directory.get(&path).await.json()["displayName"], "Sales South");
        // The tenant's people see it, and leave it alone.
        let group = ann.get("/t/acme/api/groups").await.expect(200).json();
        assert_eq!(
            (&group[0]["name"], &group[0]["members"], &group[0]["directed"]),
            (&json!("Sales South"), &json!(1), &json!(true))
        );
        let own = format!("/t/acme/api/groups/{id}");
        assert_eq!(ann.patch(&own, json!({ "name": "Mine" })).await.expect(409).code(), "groupOfDirectory");
        assert_eq!(ann.patch(&own, json!({ "members": [] })).await.expect(409).code(), "groupOfDirectory");
        assert_eq!(ann.delete(&own).await.expect(409).code(), "groupOfDirectory");
        let one = format!("{own}/people/{two}");
        assert_eq!(ann.put(&one, Json::Null).await.expect(409).code(), "groupOfDirectory");
        assert_eq!(ann.delete(&one).await.expect(409).code(), "groupOfDirectory");
        let made = ann.post("/t/acme/api/groups", json!({ "name": "Hand made" })).await.expect(201).json();
        let person = format!("/t/acme/api/people/{two}");
        let changed = ann.patch(&person, json!({ "groups": [made["id"]] })).await.expect(200).json();
        assert_eq!(changed["groups"].as_array().unwrap().len(), 2, "{changed}");
        // A group of people's keeps its name.
        let taken = json!({ "schemas": [GROUP], "displayName": "hand MADE" });
        assert_eq!(refused(&directory.post("/Groups", taken).await), (409, "uniqueness".to_owned()));
        let rename = json!([{ "op": "replace", "path": "displayName", "value": "Hand made" }, { "op": "remove", "path": "members" }]);
        assert_eq!(refused(&directory.patch(&path, rename).await), (409, "uniqueness".to_owned()));
        assert_eq!(members(&mut directory).await, std::slice::from_ref(&two));
        directory.get(&format!("/Groups/{}", made["id"].as_str().unwrap())).await.expect(404);
        directory.delete(&format!("/Groups/{}", made["id"].as_str().unwrap())).await.expect(404);
        // Who is locked out is in no group here, and in it again afterwards.
        let off = |active: bool| json!([{ "op": "replace", "path": "active", "value": active }]);
        directory.patch(&format!("/Users/{two}"), off(false)).await.expect(200);
        assert_eq!(ann.get("/t/acme/api/groups").await.json()[1]["members"], 0);
        assert_eq!(members(&mut directory).await, std::slice::from_ref(&two));
        directory.patch(&format!("/Users/{two}"), off(true)).await.expect(200);
        assert_eq!(ann.get("/t/acme/api/groups").await.json()[1]["members"], 1);
        directory.delete(&format!("/Users/{two}")).await.expect(204);
        assert!(members(&mut directory).await.is_empty());
        directory.delete(&path).await.expect(204);
        directory.get(&path).await.expect(404);
        assert_eq!(ann.get("/t/acme/api/groups").await.json().as_array().unwrap().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_say_what_people_become() {
    let world = World::start().await;
    let rules = json!({ "newcomers": "member", "groups": [
        { "outside": "Makers", "role": "maker" }, { "outside": "x-admins", "role": "administrator" },
    ] });
    let (mut ann, _, mut directory) = acme(&world, rules).await;
    let eve = directory.user("eve").await;
    let role = async |ann: &mut crate::kit::Browser| {
        ann.get("/t/acme/api/people?search=eve").await.json()["people"][0]["role"].clone()
    };
    assert_eq!(role(&mut ann).await, "member");
    let group = |name: &str, external: &str| json!({ "schemas": [GROUP], "displayName": name, "externalId": external, "members": [{ "value": eve }] });
    let makers = directory.post("/Groups", group("Makers", "m")).await.expect(201).json();
    assert_eq!(role(&mut ann).await, "maker");
    let admins = directory.post("/Groups", group("Board", "x-admins")).await.expect(201).json();
    assert_eq!(role(&mut ann).await, "administrator");
    directory.delete(&format!("/Groups/{}", admins["id"].as_str().unwrap())).await.expect(204);
    assert_eq!(role(&mut ann).await, "maker");
    let rename = json!([{ "op": "replace", "path": "displayName", "value": "Others" }]);
    directory.patch(&format!("/Groups/{}", makers["id"].as_str().unwrap()), rename).await.expect(204);
    assert_eq!(role(&mut ann).await, "member");
}
