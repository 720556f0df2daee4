//! Mails through a real mail server: sent, refused, and tried again when it was not there.

use gridkeep_kit::{Manner, Smtp};
use gridkeep_store::MailStatus;
use jiff::SignedDuration;
use serde_json::json;

use crate::kit::{Browser, PASSWORD, Wishes, World, email};

async fn sign_up(world: &World, name: &str) -> Browser {
    let mut browser = world.browser();
    let account = json!({"email": email(name), "name": name, "password": PASSWORD});
    browser.post("/api/accounts", account).await.expect(201);
    browser
}

/// What became of the newest mail to somebody: status, tries, whether it is tried again, what the server said, its text.
async fn state(
    world: &World,
    name: &str,
) -> (MailStatus, i64, bool, Option<String>, Option<(String, String)>) {
    world.state.post.work_off().await.unwrap();
    let mails = world.state.post.list(100).await.unwrap();
    let (_, state) = mails.into_iter().find(|(mail, _)| mail.address == email(name)).expect("a mail");
    (state.status, state.tries, state.due.is_some(), state.answer, state.text)
}

#[tokio::test(flavor = "multi_thread")]
async fn mails_are_sent_and_what_they_said_is_not_kept() {
    let Some(server) = Smtp::start(None, 1 << 20) else { return };
    let world = World::with(Wishes { smtp: Some(server.port()), ..Wishes::default() }).await;
    let mut ada = world.person("Ada").await;
    let mut ben = sign_up(&world, "Ben").await;
    assert_eq!(state(&world, "Ben").await, (MailStatus::Sent, 1, false, None, None));
    let mails = server.mails();
    assert_eq!(mails.len(), 1);
    let mail = mails[0].replace("=\n", "").replace("=3D", "=");
    for part in
        ["From: Gridkeep <gridkeep@gridkeep.test>", "To: ben@example.com", "Subject: Confirm your address"]
    {
        assert!(mail.contains(part), "{mail}");
    }
    // The link works, and administrators do not see it.
    let (_, token) = mail.split_once("http://gridkeep.test/confirm#").unwrap();
    let shown = ada.get("/api/mails").await.expect(200).text();
    assert!(!shown.contains(&token[..64]));
    let confirm = json!({"token": token[..64]});
    ben.post("/api/accounts/confirmation", confirm).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_waits_for_a_server_that_is_not_there() {
    let Some(server) = Smtp::start(None, 1 << 20) else { return };
    let port = server.port();
    drop(server);
    let world = World::with(Wishes { smtp: Some(port), ..Wishes::default() }).await;
    world.person("Ada").await;
    sign_up(&world, "Ben").await;
    let (status, tries, again, answer, _) = state(&world, "Ben").await;
    assert_eq!((status, tries, again), (MailStatus::Queued, 1, true));
    assert!(answer.is_some_and(|answer| !answer.is_empty()));
    // Not before its time, and not again once it is sent.
    assert_eq!(state(&world, "Ben").await.1, 1);
    let Some(server) = Smtp::start(Some(port), 1 << 20) else { return };
    world.clock.advance(SignedDuration::from_secs(61));
    assert_eq!(state(&world, "Ben").await, (MailStatus::Sent, 2, false, None, None));
    world.clock.advance(SignedDuration::from_hours(1));
    assert_eq!(state(&world, "Ben").await.1, 2);
    assert_eq!(server.mails().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_is_refused_is_not_tried_again_and_one_that_never_goes_is_given_up() {
    let Some(server) = Smtp::start(None, 100) else { return };
    let world = World::with(Wishes { smtp: Some(server.port()), ..Wishes::default() }).await;
    world.person("Ada").await;
    sign_up(&world, "Ben").await;
    let (status, tries, again, answer, _) = state(&world, "Ben").await;
    assert_eq!((status, tries, again), (MailStatus::Bounced, 1, false));
    assert!(answer.is_some_and(|answer| answer.contains("552")));

    drop(server);
    sign_up(&world, "Cy").await;
    let mut rounds = 0;
    while state(&world, "Cy").await.2 {
        rounds += 1;
        assert!(rounds < 20, "it is given up some day");
        world.clock.advance(SignedDuration::from_hours(13));
    }
    assert_eq!(state(&world, "Cy").await.0, MailStatus::Failed);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_server_says_of_a_receiver_decides() {
    let Some(server) = Smtp::of(Manner::Moody) else { return };
    let world = World::with(Wishes { smtp: Some(server.port()), ..Wishes::default() }).await;
    world.person("Ada").await;
    let check = async |name: &str, expect: (MailStatus, i64, bool), said: &str| {
        sign_up(&world, name).await;
        let (status, tries, again, answer, _) = state(&world, name).await;
        assert_eq!((status, tries, again), expect, "{name}: {answer:?}");
        assert!(answer.unwrap_or_default().contains(said), "{name}");
    };
    // At RCPT for good, for now, and after DATA.
    check("Refused", (MailStatus::Bounced, 1, false), "550").await;
    check("Later", (MailStatus::Queued, 1, true), "451").await;
    check("Late", (MailStatus::Bounced, 1, false), "554").await;
    check("Ben", (MailStatus::Sent, 1, false), "").await;
    // What is put off waits longer each time, and is given up some day.
    let mut waits = Vec::new();
    for _ in 0..12 {
        let mails = world.state.post.list(100).await.unwrap();
        let (_, own) = mails.into_iter().find(|(mail, _)| mail.address == email("Later")).unwrap();
        let Some(due) = own.due else { break };
        let wait = due.duration_since(world.state.time.now());
        waits.push(wait.as_secs() / 60);
        world.clock.advance(wait + SignedDuration::from_secs(1));
        world.state.post.work_off().await.unwrap();
    }
    assert_eq!(waits, [1, 5, 15, 60, 180, 360, 720, 720]);
    assert_eq!(state(&world, "Later").await.0, MailStatus::Failed);
    assert_eq!(server.mails().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_says_what_became_of_its_mail() {
    let Some(server) = Smtp::of(Manner::Moody) else { return };
    let world = World::with(Wishes { smtp: Some(server.port()), ..Wishes::default() }).await;
    let mut ada = world.person("Ada").await;
    for name in ["Refused", "Later", "Ben"] {
        let new = json!({"email": email(name), "role": "member"});
        ada.post("/api/invitations", new).await.expect(201);
    }
    world.state.post.work_off().await.unwrap();
    let standing = async |ada: &mut Browser, name: &str| {
        let page = ada.get(&format!("/api/invitations?search={}", email(name))).await.expect(200).json();
        let one = &page["invitations"][0];
        (
            one["status"].as_str().unwrap().to_owned(),
            one["answer"].as_str().unwrap_or_default().contains("5.1.1"),
        )
    };
    assert_eq!(standing(&mut ada, "Refused").await, ("bounced".to_owned(), true));
    assert_eq!(standing(&mut ada, "Later").await, ("queued".to_owned(), false));
    assert_eq!(standing(&mut ada, "Ben").await, ("sent".to_owned(), false));
    for _ in 0..9 {
        world.clock.advance(SignedDuration::from_hours(12));
        world.state.post.work_off().await.unwrap();
    }
    assert_eq!(standing(&mut ada, "Later").await, ("failed".to_owned(), false));
    assert_eq!(server.mails().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn mails_go_to_the_server_that_was_meant_or_nowhere() {
    let sent = async |url: String, ca: Option<Vec<u8>>| {
        let world = World::with(Wishes { carrier: Some((url, ca)), ..Wishes::default() }).await;
        world.person("Ada").await;
        sign_up(&world, "Ben").await;
        let (status, _, _, answer, _) = state(&world, "Ben").await;
        (status, answer.unwrap_or_default())
    };
    for (manner, scheme, asks) in [(Manner::Smtps, "smtps", ""), (Manner::StartTls, "smtp", "?tls=required")]
    {
        let Some(server) = Smtp::of(manner) else { return };
        let Some(other) = Smtp::of(manner) else { return };
        let (port, url) = (server.port(), |host: &str, port: u16| format!("{scheme}://{host}:{port}{asks}"));
        assert_eq!(
            sent(url("localhost", port), Some(server.authority())).await,
            (MailStatus::Sent, String::new())
        );
        // Another name, an authority nobody knows, another's.
        for (host, ca) in [
            ("127.0.0.1", Some(server.authority())),
            ("localhost", None),
            ("localhost", Some(other.authority())),
        ] {
            let (status, answer) = sent(url(host, port), ca).await;
            assert_eq!(status, MailStatus::Queued, "{manner:?} at {host}: {answer}");
        }
        assert_eq!(server.mails().len(), 1);
    }
    // A server without TLS gets nothing where TLS is asked for.
    let Some(plain) = Smtp::of(Manner::Plain) else { return };
    for url in [
        format!("smtp://localhost:{}?tls=required", plain.port()),
        format!("smtps://localhost:{}", plain.port()),
    ] {
        assert_eq!(sent(url.clone(), None).await.0, MailStatus::Queued, "{url}");
    }
    assert!(plain.mails().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_to_the_first_workspace_names_the_server_as_people_type_it() {
    let world =
        World::with(Wishes { base_url: Some("https://apps.example.com:8443"), ..Wishes::default() }).await;
    let mut ada = world.person("Ada").await;
    let new = json!({"email": email("Ben"), "role": "member"});
    ada.post("/api/invitations", new).await.expect(201);
    let (subject, text) = world.mails("Ben").await.remove(0);
    assert_eq!(subject, "Ada invites you to “apps.example.com:8443”");
    assert!(text.contains("“apps.example.com:8443” at https://apps.example.com:8443."), "{text}");
}
