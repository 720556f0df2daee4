//! What came of testing a provider, whichever of several servers is asked.

use std::sync::Arc;

use gridkeep_kit::CompanyProvider;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value as Json, json};

use super::{
    come_back, query,
    real::{There, company, people},
};
use crate::{
    kit::{Browser, Wishes, World, databases},
    tenants::tenant,
};

/// A server whose clock is the provider's.
async fn server(data: Option<Arc<tempfile::TempDir>>, database: Option<String>) -> World {
    let wishes = Wishes { database, provider_hosts: vec!["*=127.0.0.1:*".to_owned()], ..Wishes::default() };
    let world = match data {
        Some(data) => World::over(data, wishes).await,
        None => World::with(wishes).await,
    };
    let ahead = Timestamp::now().duration_since(gridkeep_model::Clock::now(&*world.clock));
    world.clock.advance(ahead);
    world
}

/// The same person at another server.
fn at(world: &World, browser: &Browser) -> Browser {
    let mut there = world.browser();
    there.cookies.clone_from(&browser.cookies);
    there
}

/// Tests a provider from one server, comes back to another; where what came of it is.
async fn tests(
    (from, back): (&mut Browser, &mut Browser),
    there: &mut There,
    provider: &Json,
    name: &str,
) -> String {
    let id = provider["id"].as_str().unwrap();
    let begun = from.post(&format!("/t/acme/api/providers/{id}/test"), json!({})).await.expect(200).json();
    let (address, _) = there.sign_in(begun["location"].as_str().unwrap(), name).await;
    // A browser brings what it was given to whichever server it comes to.
    back.cookies.clone_from(&from.cookies);
    let pairs = query(&address);
    let pairs: Vec<_> = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let answer = come_back(back, "/t/acme", id, &pairs).await.expect(303);
    let (_, rest) = answer.header("location").split_once("?tested=").unwrap();
    format!("/t/acme/api/providers/{id}/tests/{}", rest.split('&').next().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_of_a_test_is_known_to_every_server() {
    let Some(real) = CompanyProvider::start(&people()) else { return };
    let (databases, _server) = databases();
    let Some(Some(database)) = databases.into_iter().nth(1) else { return };
    let first = server(None, Some(database.clone())).await;
    first.person("Root").await;
    let mut ann = first.person("Ann").await;
    tenant(&first, "acme", &mut ann).await;
    let own = company(&mut ann, "/t/acme", &real, json!({"newcomers": "member"})).await;
    let second_one = company(&mut ann, "/t/acme", &real, json!({"newcomers": "guest"})).await;
    // Keys and files are shared, as servers of one installation do; nothing of what either remembers is.
    let second = server(Some(Arc::clone(&first.data)), Some(database)).await;
    let mut beside = at(&second, &ann);
    let mut there = There::new(real.issuer());
    let path = tests((&mut ann, &mut beside), &mut there, &own, "ann").await;
    for (world, browser) in [(&first, &ann), (&second, &beside)] {
        let mut browser = at(world, browser);
        let tested = browser.get(&path).await.expect(200).json();
        assert_eq!(
            (&tested["failed"], &tested["claims"]["email"]),
            (&Json::Null, &json!("ann@corp.example"))
        );
        assert_eq!(tested["person"]["newcomer"], json!("member"));
    }
    // To nobody else, nor of another provider.
    second.browser().get(&path).await.expect(401);
    let mut eve = first.person("Eve").await;
    eve.get(&path).await.expect(404);
    let other = path.replace(own["id"].as_str().unwrap(), second_one["id"].as_str().unwrap());
    assert_ne!(other, path);
    ann.get(&other).await.expect(404);
    let unknown = format!("{}{}", &path[..path.len() - 64], "0".repeat(64));
    ann.get(&unknown).await.expect(404);
    // After five minutes it is over, on both: their clocks are not quite the same.
    for world in [&first, &second] {
        world.clock.advance(SignedDuration::from_mins(6));
    }
    ann.get(&path).await.expect(404);
    beside.get(&path).await.expect(404);
    assert_eq!(second.state.company.sweep_tests().await.unwrap(), 1);
    assert_eq!(first.state.company.sweep_tests().await.unwrap(), 0);
}
