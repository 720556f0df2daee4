//! The walk: every route of the server, asked for with another tenant's credentials and by everybody who is less than its owner.
//!
//! What is another tenant's answers with the same bytes as what is not there at all. A route that [`routes`] does not name fails
//! the test.

pub(crate) mod routes;

use std::{collections::BTreeSet, fmt::Write};

use axum::{
    body::Body,
    http::{Method, header},
};
use serde_json::{Value as Json, json};

use self::routes::{
    Foreign::{Absent, Chance},
    OTHERS, ROUTES, SERVICES,
};
use crate::{
    files::{PNG, with_files},
    kit::{Answer, Browser, STOCK, Wishes, World, databases, definition, id},
    programs,
    tenants::{account, bare, publish_this, tenant},
};

/// What a request shows besides cookies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shows {
    Nothing,
    Key,
    /// An access token of a program.
    Token,
}

/// What stands for the parameters of paths and bodies.
#[derive(Clone)]
struct Things(Vec<(&'static str, String)>);

impl Things {
    fn fill(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
    }
}

async fn ask(
    browser: &Browser,
    place: &str,
    route: &str,
    body: &str,
    things: &Things,
    shows: Shows,
) -> Answer {
    let (method, path) = route.split_once(' ').unwrap();
    let method: Method = method.to_uppercase().parse().unwrap();
    let path = format!("{place}{}", things.fill(path));
    let mut browser = browser.clone();
    // A way in may be tried a few times only from one place.
    let from = next();
    browser.network = Some(format!("2001:db8:{}:{}::1", &from[24..28], &from[32..36]));
    let mut request = browser.request(method.clone(), &path);
    let body: Body = match body {
        "" => Body::empty(),
        "file" => {
            request = request.header("x-file-name", "stock.csv");
            STOCK.into()
        }
        "people" => format!("{}@example.org\n", next()).into(),
        "photo" => {
            let column = format!("{path}?column=photo&row={}&name=a.png", next());
            request = browser.request(method, &column).header(header::CONTENT_TYPE, "image/png");
            PNG.into()
        }
        body => {
            request = request.header(header::CONTENT_TYPE, "application/json");
            let own = next();
            match body {
                "definition" => json!({"definition": definition()}).to_string().into(),
                "publish" => json!({"definition": definition(), "audience": "private"}).to_string().into(),
                "transaction" => {
                    let insert = json!({"type": "insert", "table": "stock", "id": own, "values": {"sku": own, "qty": 1}});
                    json!({"id": own, "operations": [insert]}).to_string().into()
                }
                body => things.fill(body).into(),
            }
        }
    };
    match shows {
        Shows::Nothing => {}
        Shows::Key => request = request.header("x-api-key", things.fill("{secret}")),
        Shows::Token => {
            request = request.header(header::AUTHORIZATION, format!("Bearer {}", things.fill("{bearer}")));
        }
    }
    browser.send(request.body(body).unwrap()).await
}

fn next() -> String {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(1_000_000);
    id(NEXT.fetch_add(1, Ordering::Relaxed))
}

/// An access token of a program that somebody let in at a place.
async fn bearer(world: &World, person: &mut Browser, place: &str) -> String {
    let parameters: Vec<_> = programs::question("read write").into_iter().collect();
    let answer = json!({"parameters": parameters, "allow": true});
    let answer = person.post(&format!("{place}/api/oauth/answer"), answer).await.expect(200).json();
    let location = answer["location"].as_str().unwrap();
    let code = location.split_once("?code=").unwrap().1.split('&').next().unwrap();
    let fields = [
        ("grant_type", "authorization_code"),
        ("client_id", "gridkeep"),
        ("code", code),
        ("code_verifier", programs::VERIFIER),
        ("redirect_uri", "http%3A%2F%2F127.0.0.1%3A50123%2Fcallback"),
    ];
    let tokens = programs::form(world, &format!("{place}/oauth/token"), &fields, None).await.expect(200);
    tokens.json()["access_token"].as_str().unwrap().to_owned()
}

/// A tenant with an app, a row, a key, an upload, a group and somebody invited: one of everything that a route names.
async fn furnished(world: &World, name: &'static str, owner: &mut Browser, invited: &str) -> Things {
    let place = format!("/t/{name}");
    tenant(world, name, owner).await;
    let app = publish_this(owner, &place, with_files(), "private", &[invited]).await;
    let app = app["id"].as_str().unwrap().to_owned();
    let token = owner.upload(&format!("{place}/api/creations"), "stock.csv", STOCK).await.expect(201).json();
    let key = owner
        .post(&format!("{place}/api/apps/{app}/keys"), json!({"name": "Excel"}))
        .await
        .expect(201)
        .json();
    let rows =
        owner.post(&format!("{place}/api/apps/{app}/tables/stock/rows"), json!({})).await.expect(200).json();
    let row = rows["rows"][0][0].as_str().unwrap().to_owned();
    let photo = format!("{place}/api/apps/{app}/tables/stock/files?column=photo&row={row}&name=a.png");
    let photo = owner.request(Method::POST, &photo).header(header::CONTENT_TYPE, "image/png");
    let photo = owner.send(photo.body(PNG.into()).unwrap()).await.expect(201).json();
    let holds = json!({"type": "update", "table": "stock", "id": row, "baseVersion": rows["rows"][0][1],
        "values": {"photo": photo["object"]}});
    let holds = json!({"id": next(), "operations": [holds]});
    owner.post(&format!("{place}/api/apps/{app}/transactions"), holds).await.expect(200);
    let group = owner.post(&format!("{place}/api/groups"), json!({"name": "North"})).await.expect(201).json();
    let provider = json!({"name": "Company"});
    let provider = owner.post(&format!("{place}/api/company/saml"), provider).await.expect(201).json();
    let sessions = owner.get("/api/account/sessions").await.expect(200).json();
    let domain = json!({"domain": "walk.example"});
    owner.post(&format!("{place}/api/domains"), domain).await.expect(201);
    let text = |json: &Json| json.as_str().unwrap().to_owned();
    let people = format!("{name}-person@example.org\n");
    let job =
        owner.upload(&format!("{place}/api/invitations/jobs"), "people.csv", people).await.expect(201).json();
    let link = json!({"days": 7, "most": 5});
    let link = owner.post(&format!("{place}/api/invitation-links"), link).await.expect(201).json();
    let handler = json!({"name": "Us", "kind": "mail", "target": "us@example.com", "events": ["NONE"], "enabled": true});
    let handler = owner.post(&format!("{place}/api/handlers"), handler).await.expect(201).json();
    let all = owner.get(&format!("{place}/api/invitations")).await.expect(200).json();
    let invited_id = text(&all["invitations"][0]["id"]);
    Things(vec![
        ("app", app),
        ("domain", "walk.example".to_owned()),
        ("token", text(&token["token"])),
        ("key", text(&key["id"])),
        ("secret", text(&key["secret"])),
        ("factor", id(98)),
        ("row", row),
        ("group", text(&group["id"])),
        ("provider", text(&provider["id"])),
        ("invitation", invited_id),
        ("job", text(&job["id"])),
        ("link", text(&link["link"]["id"])),
        ("handed_on", text(&link["address"]).split_once('#').unwrap().1.to_owned()),
        ("session", text(&sessions[0]["id"])),
        ("account", account(owner).await.to_string()),
        ("table", "stock".to_owned()),
        ("column", "photo".to_owned()),
        ("version", "1".to_owned()),
        ("sequence", "1".to_owned()),
        ("handler", text(&handler["handler"]["id"])),
        ("event", id(97)),
        ("held", world.token(invited, &format!("{place}/invitation#")).await),
        ("who", name.to_owned()),
    ])
}

#[test]
fn every_route_is_in_the_table() {
    let document = gridkeep_server::router::document();
    let mut there = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        there.extend(item.as_object().unwrap().keys().map(|method| format!("{method} {path}")));
    }
    let known: BTreeSet<String> = ROUTES.iter().map(|(route, ..)| (*route).to_owned()).collect();
    let missing: Vec<_> = there.difference(&known).collect();
    let gone: Vec<_> = known.difference(&there).collect();
    assert!(missing.is_empty() && gone.is_empty(), "not walked: {missing:?}; no longer there: {gone:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_tenant_is_not_there() {
    let (all, _postgres) = databases();
    for database in all {
        let world = World::with(Wishes { database, proxied: true, ..Wishes::default() }).await;
        world.person("Root").await;
        let (mut ann, mut ben) = (world.person("Ann").await, world.person("Ben").await);
        let acme = furnished(&world, "acme", &mut ann, "Dee").await;
        let other = furnished(&world, "other", &mut ben, "Dee").await;
        let mut eve = world.person("Eve").await;
        let nobody = world.browser();
        let bearer = bearer(&world, &mut ben, "/t/other").await;
        let askers = [
            ("session", (ben.clone(), Shows::Nothing)),
            ("key", (nobody.clone(), Shows::Key)),
            ("program", (nobody.clone(), Shows::Token)),
            ("nobody", (nobody.clone(), Shows::Nothing)),
            ("stranger", (eve.clone(), Shows::Nothing)),
        ];
        eve.get("/api/session").await.expect(200);
        let all = ROUTES.iter().copied().chain(OTHERS.iter().map(|(route, foreign)| (*route, *foreign, "")));
        for (route, foreign, body) in all {
            // Signing out or ending sessions ends the walk: these have nobody's cookie.
            let ends = ["delete /api/session", "delete /api/account/sessions"].contains(&route);
            for (who, (browser, shows)) in &askers {
                let browser = if ends { &nobody } else { browser };
                // Many in a row cost a puzzle, wherever they come from; who asks makes no difference.
                if route == "post /api/session/passkey" && *who != "session" {
                    continue;
                }
                // Wrong tokens in a row are slowed down.
                if route.contains("/scim/") && !["session", "program"].contains(who) {
                    continue;
                }
                // Whatever is shown is the other tenant's.
                let theirs = match shows {
                    Shows::Nothing => None,
                    Shows::Key => Some(("secret", other.fill("{secret}"))),
                    Shows::Token => Some(("bearer", bearer.clone())),
                };
                let things = Things(theirs.into_iter().chain(acme.0.iter().cloned()).collect());
                let bare = |answer: &Answer| {
                    let (status, headers, text) = bare(answer);
                    if foreign == Chance {
                        (status, Vec::new(), String::new())
                    } else {
                        (status, headers, text)
                    }
                };
                let there = ask(browser, "/t/acme", route, body, &things, *shows).await;
                let nowhere = ask(browser, "/t/nowhere-at-all", route, body, &things, *shows).await;
                assert_eq!(bare(&there), bare(&nowhere), "{route} as {who}");
                let malformed = ask(browser, "/t/No_Such!", route, body, &things, *shows).await;
                assert_eq!(bare(&there), bare(&malformed), "{route} as {who}");
                if foreign == Absent && *who == "session" {
                    assert_eq!(there.status, 404, "{route} as {who}: {}", there.text());
                }
                assert!(!there.text().contains("acme") || route.starts_with("get /api/openapi"), "{route}");
            }
            // At their own tenant, what is another's is what is not there.
            if foreign == Absent && route.contains("{app}") {
                let random = Things(
                    acme.0
                        .iter()
                        .map(|(name, value)| (*name, if *name == "app" { id(99) } else { value.clone() }))
                        .collect(),
                );
                let theirs = ask(&ben, "/t/other", route, body, &acme, Shows::Nothing).await;
                let none = ask(&ben, "/t/other", route, body, &random, Shows::Nothing).await;
                assert_eq!(bare(&theirs), bare(&none), "{route} at one's own");
                assert_eq!(theirs.status, 404, "{route} at one's own");
            }
        }
        // Whoever has the link of an invitation sees what it is to, where it leads; elsewhere it opens nothing.
        let invited = r#"{"token": "{held}"}"#;
        let ask_invited = async |place: &str| {
            bare(&ask(&nobody, place, "post /api/accounts/invitation", invited, &acme, Shows::Nothing).await)
        };
        assert_eq!(ask_invited("/t/acme").await.0, 200);
        for place in ["/t/other", "/t/nowhere-at-all", ""] {
            assert_eq!(ask_invited(place).await.0, 410, "{place}");
        }
        // Nor is it accepted or declined elsewhere, nor does a link that was handed on let anybody in.
        for place in ["/t/other", "/t/nowhere-at-all", ""] {
            for route in ["post /api/accounts/invitation/acceptance", "post /api/accounts/invitation/refusal"]
            {
                let answer = ask(&eve, place, route, invited, &acme, Shows::Nothing).await;
                assert_eq!(answer.status, 410, "{route} at {place}");
            }
            for route in ["post /api/accounts/join", "post /api/accounts/join/acceptance"] {
                let handed_on = r#"{"token": "{handed_on}"}"#;
                let answer = ask(&eve, place, route, handed_on, &acme, Shows::Nothing).await;
                assert_eq!(answer.status, 410, "{route} at {place}");
            }
        }
        // Services: by their own address, with a session, a key of another tenant, a key of nobody, and nothing.
        for (method, path) in SERVICES {
            let foreign_key = ("x-api-key", other.fill("{secret}"));
            let no_key = ("x-api-key", format!("gk_{}", "0".repeat(64)));
            let foreign_token = ("authorization", format!("Bearer {bearer}"));
            for (who, browser, key) in [
                ("session", &ben, None),
                ("key", &nobody, Some(&foreign_key)),
                ("no key", &nobody, Some(&no_key)),
                ("program", &nobody, Some(&foreign_token)),
                ("nobody", &nobody, None),
                ("stranger", &eve, None),
            ] {
                let mut seen = Vec::new();
                for (name, app) in [
                    ("acme", acme.fill("{app}")),
                    ("acme", id(99)),
                    ("nowhere-at-all", acme.fill("{app}")),
                    ("No_Such!", id(99)),
                ] {
                    let path = acme.fill(&path.replace("{app}", &app));
                    let mut browser = browser.clone();
                    let method: Method = method.parse().unwrap();
                    let mut request = browser.request(method.clone(), &format!("/odata/{name}/{path}"));
                    if let Some((name, key)) = key {
                        request = request.header(*name, key);
                    }
                    if method != Method::GET {
                        request = request.header(header::CONTENT_TYPE, "application/json");
                    }
                    let answer = browser.send(request.body(Body::from("{}")).unwrap()).await;
                    seen.push(bare(&answer));
                }
                assert!(seen.iter().all(|one| *one == seen[0]), "{method} {path} as {who}: {seen:#?}");
                let expect = if ["session", "stranger"].contains(&who) { 404 } else { 401 };
                assert_eq!(seen[0].0, expect, "{method} {path} as {who}");
            }
        }
        // The token is a good one where it belongs, and nowhere else.
        let mine = Things(vec![("bearer", bearer)]);
        for (place, status) in [("/t/other", 200), ("/t/acme", 401), ("", 401)] {
            let answer = ask(&nobody, place, "get /api/apps", "", &mine, Shows::Token).await;
            assert_eq!(answer.status, status, "{place}");
        }
        // What this was about is all there still.
        ann.get(&acme.fill("/t/acme/api/apps/{app}")).await.expect(200);
        ben.get(&other.fill("/t/other/api/apps/{app}")).await.expect(200);
    }
}

/// Every route with everybody who belongs to the tenant; what each is answered is the documented table.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_less_may_less() {
    let (all, _postgres) = databases();
    for database in all {
        let table = who_may_what(World::with(Wishes { database, ..Wishes::default() }).await).await;
        insta::assert_snapshot!("whoever_is_less_may_less", table);
    }
}

async fn who_may_what(world: World) -> String {
    world.person("Root").await;
    let mut ann = world.person("Ann").await;
    let acme = furnished(&world, "acme", &mut ann, "Guest").await;
    let roles = ["Administrator", "Maker", "Member", "Stranger"];
    let mut askers = Vec::new();
    for role in roles {
        let mut browser = world.person(role).await;
        if role != "Stranger" {
            world.join(&mut ann, "/t/acme", (role, &role.to_lowercase()), &mut browser).await;
        }
        browser.get("/t/acme/api/session").await.expect(200);
        askers.push((role, browser));
    }
    // A guest is somebody whom an app names.
    let mut guest = world.person("Guest").await;
    world.join(&mut ann, "/t/acme", ("Guest", "guest"), &mut guest).await;
    askers.insert(3, ("Guest", guest));
    askers.push(("nobody", world.browser()));
    let mut table = format!("{:<66}", "");
    for (role, _) in &askers {
        write!(table, " {role:>13}").unwrap();
    }
    table.push('\n');
    // What ends things comes last, the app before its people, and everybody but the administrator is asked first.
    let is_end = |route: &str| route.starts_with("delete");
    let mut routes: Vec<_> = ROUTES.iter().collect();
    routes.sort_by_key(|(route, ..)| is_end(route));
    for (route, _, body) in routes {
        // Of one's own account: what a tenant is makes no difference.
        if [
            "/api/account",
            "/api/session",
            "/api/accounts",
            "/api/oauth",
            "/healthz",
            "/api/samples",
            "/saml/answer",
            "/callback",
            "/api/company/realm",
            "/scim/v2/",
        ]
        .iter()
        .any(|own| route.contains(own))
        {
            continue;
        }
        write!(table, "{route:<66}").unwrap();
        let mut statuses = Vec::new();
        for (role, browser) in &askers {
            let skipped = is_end(route) && *role == "Administrator";
            let mut things = acme.clone();
            things.0.insert(0, ("who", (*role).to_owned()));
            let status = if skipped {
                0
            } else {
                ask(browser, "/t/acme", route, body, &things, Shows::Nothing).await.status
            };
            statuses.push(status);
        }
        for status in &statuses {
            let shown = if *status == 0 { "-".to_owned() } else { status.to_string() };
            write!(table, " {shown:>13}").unwrap();
        }
        table.push('\n');
        assert!(statuses[4] == 404 || [403, 200].contains(&statuses[4]), "{route}: {statuses:?}");
    }
    table
}
