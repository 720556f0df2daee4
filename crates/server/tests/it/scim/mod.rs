//! Directories (SCIM 2.0) as Entra ID and Okta document their requests, and as those send them who mean ill.

mod bad;
mod groups;
mod people;
mod portal;
mod tester;

use axum::{
    body::Body,
    http::{Method, Request, header},
};
use gridkeep_store::{Provider, TenantRole};
use serde_json::{Value as Json, json};

use crate::{
    company::door::provider,
    kit::{Answer, Browser, World},
    tenants::tenant,
};

pub(crate) const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// A directory with its token.
#[derive(Clone)]
pub(crate) struct Directory {
    browser: Browser,
    place: String,
    token: String,
}

impl Directory {
    async fn ask(&mut self, method: &str, path: &str, body: Option<&str>) -> Answer {
        let request = Request::builder()
            .method(Method::from_bytes(method.as_bytes()).unwrap())
            .uri(format!("{}/scim/v2{path}", self.place))
            .header(header::HOST, "gridkeep.test")
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token))
            .header(header::CONTENT_TYPE, "application/scim+json");
        let body = body.map_or_else(Body::empty, |body| body.to_owned().into());
        let answer = self.browser.send(request.body(body).unwrap()).await;
        if !answer.body.is_empty() {
            assert_eq!(answer.header("content-type"), "application/scim+json", "{method} {path}");
        }
        answer
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.ask("GET", path, None).await
    }

    pub(crate) async fn post(&mut self, path: &str, body: Json) -> Answer {
        self.ask("POST", path, Some(&body.to_string())).await
    }

    async fn put(&mut self, path: &str, body: Json) -> Answer {
        self.ask("PUT", path, Some(&body.to_string())).await
    }

    async fn patch(&mut self, path: &str, operations: Json) -> Answer {
        let body = json!({ "schemas": [PATCH], "Operations": operations });
        self.ask("PATCH", path, Some(&body.to_string())).await
    }

    async fn delete(&mut self, path: &str) -> Answer {
        self.ask("DELETE", path, None).await
    }

    /// Somebody new, by what the directory calls them; gives their id.
    async fn user(&mut self, name: &str) -> String {
        let user = json!({
            "schemas": [USER], "userName": format!("{name}@corp.example"), "externalId": format!("ext-{name}"),
            "displayName": name, "emails": [{ "value": format!("{name}@corp.example"), "type": "work", "primary": true }],
            "active": true,
        });
        let made = self.post("/Users", user).await.expect(201).json();
        made["id"].as_str().unwrap().to_owned()
    }
}

/// A tenant `acme` of Ann's with a provider and its directory.
pub(crate) async fn acme(world: &World, rules: Json) -> (Browser, Provider, Directory) {
    world.person("Root").await;
    let mut ann = world.person("Ann").await;
    tenant(world, "acme", &mut ann).await;
    let (provider, directory) = directory(world, "acme", &mut ann, rules).await;
    (ann, provider, directory)
}

/// A provider of a tenant, and the directory of it.
pub(crate) async fn directory(
    world: &World,
    place: &str,
    owner: &mut Browser,
    rules: Json,
) -> (Provider, Directory) {
    let own = provider(world, place, rules, TenantRole::Owner).await;
    let place = format!("/t/{place}");
    let new = json!({ "provider": own.id, "name": "Entra" });
    let made = owner.post(&format!("{place}/api/directory/tokens"), new).await.expect(201).json();
    let token = made["secret"].as_str().unwrap().to_owned();
    (own, Directory { browser: world.browser(), place, token })
}

/// Why something was refused.
fn refused(answer: &Answer) -> (u16, String) {
    let json = answer.json();
    assert_eq!(json["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:Error"]));
    assert_eq!(json["status"], answer.status.to_string());
    assert!(json["detail"].is_string(), "{json}");
    (answer.status, json["scimType"].as_str().unwrap_or_default().to_owned())
}
