//! What a key opens is decided at each request: whatever is withdrawn is gone at the very next one.

use axum::{
    body::Body,
    http::{Request, header},
};
use gridkeep_model::{AccountId, ApiKeyId, AppId};
use jiff::SignedDuration;
use serde_json::{Value as Json, json};

use crate::kit::{Answer, Browser, Wishes, World, databases, email};

/// A program that has asked before, so that everything that may be kept of it is kept.
struct Program {
    browser: Browser,
    root: String,
    key: String,
    id: String,
}

impl Program {
    async fn new(person: &mut Browser, world: &World, app: &str, wish: Json) -> Self {
        let made = person.post(&format!("/api/apps/{app}/keys"), wish).await.expect(201).json();
        let text = |name: &str| made[name].as_str().unwrap().to_owned();
        let (key, id) = (text("secret"), text("id"));
        let mut program = Self { browser: world.browser(), root: format!("/odata/default/{app}/"), key, id };
        for _ in 0..3 {
            program.get("Stock/$count").await.expect(200);
        }
        program
    }

    async fn ask(&mut self, method: &str, path: &str, body: &str) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.root))
            .header(header::HOST, "gridkeep.test")
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::AUTHORIZATION, format!("Bearer {}", self.key));
        self.browser.send(request.body(Body::from(body.to_owned())).unwrap()).await
    }

    async fn get(&mut self, path: &str) -> Answer {
        self.ask("GET", path, "").await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_withdrawn_is_gone_at_the_next_request() {
    let (databases, _server) = databases();
    for database in databases {
        let world = World::with(Wishes { database, ..Wishes::default() }).await;
        let mut maker = world.person("Maker").await;
        let mut member = world.person("Member").await;
        let app = maker.publish("private", &["Member"]).await;
        let address = format!("/api/apps/{app}");
        let wish = || json!({"name": "test", "writes": true, "days": 30});

        // A key that is revoked.
        let mut program = Program::new(&mut maker, &world, &app, wish()).await;
        maker.delete(&format!("{address}/keys/{}", program.id)).await.expect(204);
        program.get("Stock").await.expect(401);

        // A person who is no longer named, and is again.
        let mut theirs = Program::new(&mut member, &world, &app, wish()).await;
        let mut own = Program::new(&mut maker, &world, &app, wish()).await;
        maker.patch(&address, json!({"people": []})).await.expect(200);
        theirs.get("Stock").await.expect(401);
        own.get("Stock").await.expect(200);
        maker.patch(&address, json!({"people": [email("Member")]})).await.expect(200);
        theirs.get("Stock").await.expect(200);

        // An app that becomes its maker's alone, and is shown again.
        maker.patch(&address, json!({"audience": "prototype"})).await.expect(200);
        theirs.get("Stock").await.expect(401);
        maker.patch(&address, json!({"audience": "public", "people": []})).await.expect(200);
        theirs.get("Stock").await.expect(200);
        // Whoever is not named is a guest now, who may see and not change.
        let order = r#"{"Sku":"1","Item":"Nut","Qty":1}"#;
        theirs.ask("POST", "Stock", order).await.expect(405);
        maker.patch(&address, json!({"people": [email("Member")]})).await.expect(200);
        theirs.ask("POST", "Stock", order).await.expect(201);

        // An app that is gone.
        let mut last = Program::new(&mut maker, &world, &app, wish()).await;
        maker.delete(&address).await.expect(204);
        last.get("Stock").await.expect(401);

        // Time passes: the key ends by itself, noted uses or not.
        let app = maker.publish("private", &[]).await;
        let mut brief = Program::new(&mut maker, &world, &app, wish()).await;
        world.clock.advance(SignedDuration::from_hours(29 * 24));
        brief.get("Stock").await.expect(200);
        brief.get("Stock").await.expect(200);
        world.clock.advance(SignedDuration::from_hours(2 * 24));
        brief.get("Stock").await.expect(401);
    }
}

/// Two servers over one PostgreSQL: what one withdraws the other no longer gives.
#[tokio::test(flavor = "multi_thread")]
async fn what_another_server_withdraws_is_gone_too() {
    let (databases, _server) = databases();
    let Some(Some(database)) = databases.into_iter().nth(1) else { return };
    let wishes = || Wishes { database: Some(database.clone()), ..Wishes::default() };
    let world = World::with(wishes()).await;
    let mut maker = world.person("Maker").await;
    let app = maker.publish("private", &[]).await;
    let wish = json!({"name": "test", "writes": true});
    let mut program = Program::new(&mut maker, &world, &app, wish.clone()).await;
    let mut other = Program::new(&mut maker, &world, &app, wish).await;
    // The second server shares keys and files with the first, as servers of one installation do.
    let config = gridkeep_store::StoreConfig {
        backend: gridkeep_store::Backend::Postgres { url: database.clone() },
        keys: std::sync::Arc::new(gridkeep_server::tenancy::StoreKeys(std::sync::Arc::new(
            gridkeep_objects::RootKeys::open(&world.data.path().join("data/root.key")).unwrap(),
        ))),
        durability: gridkeep_store::Durability::Full,
        limits: gridkeep_store::StoreLimits::default(),
    };
    let store = gridkeep_store::Store::open(config).await.unwrap();
    let tenant = store.control().tenants().await.unwrap().remove(0).id;
    let tenant = store.tenant(tenant).await.unwrap().unwrap();
    let (app_id, key): (AppId, ApiKeyId) = (app.parse().unwrap(), program.id.parse().unwrap());
    let revoked = tenant.write(move |work| work.revoke_api_key(app_id, key, None::<AccountId>));
    assert!(revoked.await.map_err(|error: gridkeep_store::StoreError| error).unwrap());
    program.get("Stock").await.expect(401);
    other.get("Stock").await.expect(200);
    let gone = tenant.write(move |work| work.delete_app(app_id));
    assert!(gone.await.map_err(|error: gridkeep_store::StoreError| error).unwrap());
    other.get("Stock").await.expect(401);
}
