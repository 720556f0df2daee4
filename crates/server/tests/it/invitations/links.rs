//! Links that are handed on: whom they let in, and what they renew.

use jiff::SignedDuration;
use serde_json::{Value as Json, json};

use super::{ACCEPT, INVITE, PAGE, acme, guest, held, new_account, role, tick};
use crate::{
    kit::{databases, email},
    tenants::{account, publish},
};

#[tokio::test(flavor = "multi_thread")]
async fn links_let_in_whoever_has_proven_an_address() {
    const LINKS: &str = "/t/acme/api/invitation-links";
    const JOIN: &str = "/t/acme/api/accounts/join";
    let (all, _postgres) = databases();
    for database in all {
        let (world, _, mut ann) = acme(database).await;
        let mut ben = world.person("Ben").await;
        let wish = |more: Json| {
            let mut wish = json!({"name": "Poster", "days": 7, "most": 2});
            wish.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            wish
        };
        // Never above a member, and within bounds.
        for role in ["maker", "administrator", "owner"] {
            ann.post(LINKS, wish(json!({"role": role}))).await.expect(403);
        }
        for (name, value) in [
            ("days", json!(0)),
            ("days", json!(91)),
            ("most", json!(0)),
            ("most", json!(10_001)),
            ("domains", json!(["no domain"])),
            ("domains", json!(["com"])),
            ("token", json!("0")),
            ("used", json!(-1)),
        ] {
            ann.post(LINKS, wish(json!({name: value}))).await.expect(400);
        }
        let made = ann.post(LINKS, wish(json!({"domains": ["@Example.com"]}))).await.expect(201).json();
        let address = made["address"].as_str().unwrap();
        let token = address.strip_prefix("http://gridkeep.test/t/acme/join#").unwrap().to_owned();
        assert!(made["picture"].as_str().unwrap().contains("<svg"));
        // Shown once.
        let listed = ann.get(LINKS).await.expect(200);
        assert!(!listed.text().contains(&token));
        assert_eq!(listed.json()[0]["domains"], json!(["example.com"]));
        let offer = world.browser().post(JOIN, held(&token)).await.expect(200).json();
        assert_eq!(
            offer,
            json!({"app": null, "name": "The acme", "role": "member", "domains": ["example.com"], "own": false})
        );
        // Nobody with an address that is not proven, or of another domain.
        let mut claims = world.browser();
        claims.post("/api/accounts", new_account("Cy", None)).await.expect(201);
        let accept = format!("{JOIN}/acceptance");
        assert_eq!(claims.post(&accept, held(&token)).await.expect(403).code(), "confirmFirst");
        world.browser().post(&accept, held(&token)).await.expect(401);
        let ask = |email: &str| json!({"token": token, "email": email});
        let mail = format!("{JOIN}/mail");
        assert_eq!(
            world.browser().post(&mail, ask("cy@example.org")).await.expect(403).code(),
            "foreignDomain"
        );
        tick(&world);
        // Asked for by mail: alike for who has an account and who has none.
        for name in ["Ben", "Cy"] {
            let asked = world.browser().post(&mail, ask(&email(name))).await.expect(202);
            assert!(asked.body.is_empty());
        }
        assert_eq!(world.mails("Cy").await[0].0, "Join “The acme”");
        let (bens, cys) = (world.token("Ben", PAGE).await, world.token("Cy", PAGE).await);
        let mut cy = world.browser();
        cy.post("/t/acme/api/accounts", new_account("Cy", Some(&cys))).await.expect(201);
        assert_eq!(role(&mut cy).await, json!("member"));
        // At once, by whoever is signed in; the same once more counts no second time.
        ben.post(&accept, held(&token)).await.expect(200);
        ben.post(&accept, held(&token)).await.expect(410);
        assert_eq!(role(&mut ben).await, json!("member"));
        ben.post(ACCEPT, held(&bens)).await.expect(410);
        // Two could join, and have.
        let mut dee = world.person("Dee").await;
        assert_eq!(dee.post(&accept, held(&token)).await.expect(410).code(), "linkOver");
        dee.post(&mail, ask(&email("Dee"))).await.expect(410);
        assert_eq!(ann.get(LINKS).await.json()[0]["status"], json!("used"));
        let page = ann.get(&format!("{INVITE}?status=accepted")).await.json();
        assert_eq!(page["invitations"][0]["byLink"], json!(true));

        // To an app: whoever joins is named by it and a guest; only its owner and administrators make such links.
        let app = publish(&mut ann, "/t/acme", "private", &[]).await["id"].as_str().unwrap().to_owned();
        let links = format!("/t/acme/api/apps/{app}/invitation-links");
        ann.post(&links, wish(json!({"role": "member"}))).await.expect(403);
        ben.post(&links, wish(json!({}))).await.expect(404);
        let made = ann.post(&links, wish(json!({"most": 20}))).await.expect(201).json();
        let token = made["address"].as_str().unwrap().split_once('#').unwrap().1.to_owned();
        dee.get(&format!("/t/acme/api/apps/{app}")).await.expect(404);
        assert_eq!(dee.post(&accept, held(&token)).await.expect(200).json(), json!({"app": app}));
        dee.get(&format!("/t/acme/api/apps/{app}")).await.expect(200);
        assert_eq!(role(&mut dee).await, json!("guest"));
        // Another tenant's, and one that is taken back, with what was asked for by it.
        let path = |place: &str| format!("{place}/api/accounts/join");
        for place in ["", "/t/nowhere"] {
            dee.post(&path(place), held(&token)).await.expect(410);
        }
        let ask = json!({"token": token, "email": email("Fay")});
        world.browser().post(&mail, ask).await.expect(202);
        let fays = world.token("Fay", PAGE).await;
        let id = made["link"]["id"].as_str().unwrap();
        ben.delete(&format!("{LINKS}/{id}")).await.expect(404);
        ann.delete(&format!("{LINKS}/{id}")).await.expect(204);
        ann.delete(&format!("{LINKS}/{id}")).await.expect(404);
        world.browser().post(&path("/t/acme"), held(&token)).await.expect(410);
        world.browser().post("/t/acme/api/accounts", new_account("Fay", Some(&fays))).await.expect(410);
        // So many are open at once.
        for _ in 0..49 {
            ann.post(LINKS, wish(json!({}))).await.expect(201);
        }
        // A link runs out, and is worth nothing once whoever made it rules no more.
        let made = ann.post(LINKS, wish(json!({}))).await.expect(201).json();
        let token = made["address"].as_str().unwrap().split_once('#').unwrap().1.to_owned();
        assert_eq!(ann.post(LINKS, wish(json!({}))).await.expect(422).code(), "tooManyLinks");
        let mut fay = world.person("Fay").await;
        world.join(&mut ann, "/t/acme", ("Fay", "owner"), &mut fay).await;
        let id = account(&mut ann).await;
        let one = format!("/t/acme/api/people/{id}");
        fay.patch(&one, json!({"role": "maker"})).await.expect(200);
        world.browser().post(JOIN, held(&token)).await.expect(410);
        fay.patch(&one, json!({"role": "owner"})).await.expect(200);
        world.browser().post(JOIN, held(&token)).await.expect(200);
        world.clock.advance(SignedDuration::from_hours(7 * 24));
        world.browser().post(JOIN, held(&token)).await.expect(410);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_is_handed_on_renews_nobodys_invitation() {
    const JOIN: &str = "/t/acme/api/accounts/join";
    let (all, _postgres) = databases();
    for database in all {
        let (world, _, mut ann) = acme(database).await;
        let mut ben = world.person("Ben").await;
        let wish = json!({"name": "Poster", "days": 30, "most": 9});
        let made = ann.post("/t/acme/api/invitation-links", wish).await.expect(201).json();
        let link = made["address"].as_str().unwrap().split_once('#').unwrap().1.to_owned();
        let ask = async |name: &str| {
            let ask = json!({"token": link, "email": email(name)});
            world.browser().post(&format!("{JOIN}/mail"), ask).await.expect(202);
        };
        // One that is open stays as it is, without another mail.
        ann.post(INVITE, guest("Gus", "administrator")).await.expect(201);
        tick(&world);
        let old = world.token("Gus", PAGE).await;
        ask("Gus").await;
        assert_eq!(world.mails("Gus").await.len(), 1);
        // One that ran out is over: who asks joins as the link says.
        world.clock.advance(SignedDuration::from_hours(8 * 24));
        ask("Gus").await;
        tick(&world);
        let new = world.token("Gus", PAGE).await;
        assert_ne!(new, old);
        let mut gus = world.browser();
        gus.post("/t/acme/api/accounts", new_account("Gus", Some(&old))).await.expect(410);
        gus.post("/t/acme/api/accounts", new_account("Gus", Some(&new))).await.expect(201);
        assert_eq!(role(&mut gus).await, json!("member"));
        // Who has joined and asks once more has joined.
        ben.post(&format!("{JOIN}/acceptance"), held(&link)).await.expect(200);
        ask("Ben").await;
        tick(&world);
        let again = world.token("Ben", PAGE).await;
        ben.post(ACCEPT, held(&again)).await.expect(200);
        assert_eq!(role(&mut ben).await, json!("member"));
    }
}
