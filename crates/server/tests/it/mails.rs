//! Mails through a real mail server: sent, refused, and tried again when it was not there.

use gridkeep_kit::Smtp;
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
