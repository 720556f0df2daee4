//! Invitations: one an address and place, accepted once, mailed once, counted by tenant and address.

use gridkeep_kit::{SeededRng, StepClock};
use gridkeep_model::{AccountId, AppId, Clock, InvitationId, InvitationJobId, JoinLinkId, MailId, TenantId};
use gridkeep_store::{
    Acceptance, Account, Control, Invitation, InvitationFilter, InvitationMail, InvitationState, Invited,
    JoinLink, Joined, Joins, LinkPurpose, MailBounds, MailState, MailStatus, MailedLink, NewAccount,
    NewInvitation, Resent, Standing, Store, TenantRole,
};
use jiff::{Timestamp, ToSpan};

use crate::world::{open, places};

struct Scene {
    store: Store,
    clock: StepClock,
    rng: SeededRng,
    tenant: TenantId,
    ann: Account,
}

fn twins(one: &str, other: &str) -> bool {
    one.contains('1') || other.contains('1')
}

impl Scene {
    async fn new(place: &crate::world::Place) -> Self {
        let (store, clock, mut rng) = (open(place).await, StepClock::default(), SeededRng::default());
        let tenant = TenantId::new(&clock, &mut rng);
        store.create_tenant(tenant, "acme", clock.now()).await.unwrap();
        let new = somebody(&clock, &mut rng, "ann@example.com");
        let ann = store.control().create_account(new, Joins::default()).await.unwrap();
        store.control().add_member(tenant, ann.id, TenantRole::Owner, clock.now()).await.unwrap();
        Self { store, clock, rng, tenant, ann }
    }

    fn control(&self) -> &Control {
        self.store.control()
    }

    fn new_account(&mut self, email: &str) -> NewAccount {
        somebody(&self.clock, &mut self.rng, email)
    }

    fn invitation(&mut self, address: &str, app: Option<AppId>) -> NewInvitation {
        NewInvitation {
            id: InvitationId::new(&self.clock, &mut self.rng),
            tenant: self.tenant,
            app,
            address: address.to_owned(),
            name: String::new(),
            role: TenantRole::Maker,
            groups: Vec::new(),
            sender: self.ann.id,
            sender_name: "Ann".to_owned(),
            language: "en".to_owned(),
            link: None,
            job: None,
            created: self.clock.now(),
        }
    }

    /// A link of an invitation, as its mail has one.
    async fn link(&self, id: InvitationId, address: &str, number: u8) -> [u8; 32] {
        let now = self.clock.now();
        let link = MailedLink {
            token: [number; 32],
            purpose: LinkPurpose::Invitation,
            account: None,
            address: address.to_owned(),
            invitation: Some(id),
            created: now,
            expires: now + 168.hours(),
        };
        self.control().create_link(link).await.unwrap();
        [number; 32]
    }

    async fn get(&self, id: InvitationId) -> Invitation {
        self.control().invitation(id).await.unwrap().unwrap()
    }

    async fn feed(&mut self, now: Timestamp, of_tenant: u64) -> usize {
        let ids = (0..8).map(|_| MailId::new(&self.clock, &mut self.rng)).collect();
        let bounds = MailBounds {
            of_tenant,
            to_address: (2, 3),
            hour: now - 1.hour(),
            day: now - 24.hours(),
            later: now + 1.hour(),
        };
        self.control().feed_invitations(ids, now, bounds).await.unwrap()
    }

    /// Takes up all mails that are due and says that they were sent; answers to whom.
    async fn send(&self, now: Timestamp) -> Vec<String> {
        let mut sent = Vec::new();
        for (mail, state) in self.control().take_mails(100, now, now + 5.minutes()).await.unwrap() {
            let done = MailState { status: MailStatus::Sent, due: None, ..state };
            self.control().settle_mail(mail.id, done).await.unwrap();
            sent.push(mail.address);
        }
        sent
    }
}

fn somebody(clock: &StepClock, rng: &mut SeededRng, email: &str) -> NewAccount {
    NewAccount {
        id: AccountId::new(clock, rng),
        email: email.to_owned(),
        skeleton: email.replace('1', "l"),
        name: "Somebody".to_owned(),
        password: "$hash$".to_owned(),
        created: clock.now(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_is_open_and_one_gets_in() {
    for place in places() {
        let mut scene = Scene::new(&place).await;
        let (first, second) =
            (scene.invitation("ben@example.com", None), scene.invitation("ben@example.com", None));
        let second = NewInvitation { role: TenantRole::Member, ..second };
        let control = scene.control().clone();
        let never = control.invite(vec![first.clone(), second.clone()], None).await.unwrap();
        assert_eq!(never, [Invited::New(first.id), Invited::Open(first.id)]);
        assert_eq!(scene.get(first.id).await.role, TenantRole::Maker);
        let later = scene.clock.now() + 1.hour();
        assert_eq!(control.invite(vec![second], Some(later)).await.unwrap(), [Invited::Again(first.id)]);
        assert_eq!(scene.get(first.id).await.role, TenantRole::Member);
        // An app is another place.
        let app = AppId::new(&scene.clock, &mut scene.rng);
        let to_app = scene.invitation("ben@example.com", Some(app));
        assert_eq!(control.invite(vec![to_app.clone()], None).await.unwrap(), [Invited::New(to_app.id)]);

        // A newer link ends the one before, of this invitation alone.
        let old = scene.link(first.id, "ben@example.com", 1).await;
        let other = scene.link(to_app.id, "ben@example.com", 2).await;
        let token = scene.link(first.id, "ben@example.com", 3).await;
        let now = scene.clock.now();
        assert!(control.invitation_of(old, now).await.unwrap().is_none());
        assert!(control.invitation_of(other, now).await.unwrap().is_some());
        assert!(control.invitation_of(token, now + 200.hours()).await.unwrap().is_none());
        // Whoever has another address gets nothing; of many who come at once with the right one, one gets in.
        let eve =
            control.create_account(scene.new_account("eve@example.com"), Joins::default()).await.unwrap();
        let ben =
            control.create_account(scene.new_account("ben@example.com"), Joins::default()).await.unwrap();
        assert_eq!(control.accept_invitation(token, eve.id, now, twins).await.unwrap(), Acceptance::NoLink);
        let racing = (0..20).map(|_| {
            let control = control.clone();
            tokio::spawn(async move { control.accept_invitation(token, ben.id, now, twins).await.unwrap() })
        });
        let mut done = 0;
        for racer in racing.collect::<Vec<_>>() {
            done += usize::from(matches!(racer.await.unwrap(), Acceptance::Done(_)));
        }
        assert_eq!(done, 1);
        assert_eq!(control.role_of(scene.tenant, ben.id).await.unwrap(), Some(TenantRole::Member));
        let accepted = scene.get(first.id).await;
        assert_eq!((accepted.state, accepted.account), (InvitationState::Accepted, Some(ben.id)));
        assert_eq!(control.unsettled(9).await.unwrap().len(), 1);
        control.settle_invitation(first.id, now).await.unwrap();
        assert!(control.unsettled(9).await.unwrap().is_empty());
        // The next one makes nobody less, and a new account joins in the commit that makes it.
        let less = NewInvitation { role: TenantRole::Guest, ..scene.invitation("ben@example.com", None) };
        let id = control.invite(vec![less], None).await.unwrap()[0].id();
        let token = scene.link(id, "ben@example.com", 4).await;
        assert!(matches!(
            control.accept_invitation(token, ben.id, now, twins).await.unwrap(),
            Acceptance::Done(_)
        ));
        assert_eq!(control.role_of(scene.tenant, ben.id).await.unwrap(), Some(TenantRole::Member));
        let new = scene.invitation("cy@example.com", None);
        let id = control.invite(vec![new], None).await.unwrap()[0].id();
        let token = scene.link(id, "cy@example.com", 5).await;
        let (wrong, twin) = (scene.new_account("dee@example.com"), scene.new_account("c1y@example.com"));
        assert!(control.create_invited(wrong, Joins::default(), token, twins).await.unwrap().is_none());
        assert!(control.create_invited(twin, Joins::default(), token, twins).await.unwrap().is_none());
        let cy = scene.new_account("cy@example.com");
        let (cy, _) = control.create_invited(cy, Joins::default(), token, twins).await.unwrap().unwrap();
        assert!(cy.confirmed.is_some());
        assert_eq!(control.role_of(scene.tenant, cy.id).await.unwrap(), Some(TenantRole::Maker));
        // Declined and taken back: the links go.
        assert!(control.decline_invitation(other, now).await.unwrap());
        assert!(!control.decline_invitation(other, now).await.unwrap());
        let new = scene.invitation("fay@example.com", None);
        let id = control.invite(vec![new], None).await.unwrap()[0].id();
        let token = scene.link(id, "fay@example.com", 6).await;
        let elsewhere = TenantId::new(&scene.clock, &mut scene.rng);
        assert!(!control.revoke_invitation(elsewhere, id, now).await.unwrap());
        assert!(control.revoke_invitation(scene.tenant, id, now).await.unwrap());
        assert!(control.invitation_of(token, now).await.unwrap().is_none());
        let standings: Vec<Standing> = control
            .invitations(
                scene.tenant,
                InvitationFilter { most: 9, ..InvitationFilter::default() },
                now + 1.hour(),
            )
            .await
            .unwrap()
            .0
            .into_iter()
            .map(|(_, standing)| standing)
            .collect();
        let joined = Standing::Accepted;
        assert_eq!(standings, [Standing::Revoked, joined, joined, Standing::Declined, joined]);
        assert_eq!(control.forget_invitations(now + 1.hour()).await.unwrap(), 3);
        // A tenant that ends lets nobody in.
        let new = scene.invitation("gil@example.com", None);
        let id = control.invite(vec![new], None).await.unwrap()[0].id();
        let token = scene.link(id, "gil@example.com", 7).await;
        control.end_tenant(scene.tenant, now).await.unwrap();
        assert!(control.invitation_of(token, now).await.unwrap().is_none());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mails_of_invitations_go_out_once_and_so_many() {
    for place in places() {
        let mut scene = Scene::new(&place).await;
        let control = scene.control().clone();
        let now = scene.clock.now() + 1.hour();
        let job = InvitationJobId::new(&scene.clock, &mut scene.rng);
        control
            .create_invitation_job(scene.tenant, (job, None), (scene.ann.id, "Ann".to_owned()), now)
            .await
            .unwrap();
        let many: Vec<NewInvitation> = (0..12)
            .map(|number| NewInvitation {
                job: Some(job),
                ..scene.invitation(&format!("p{number:02}@example.com"), None)
            })
            .collect();
        control.invite(many.clone(), None).await.unwrap();
        // Eight at once, ten an hour.
        assert_eq!(
            (scene.feed(now, 10).await, scene.feed(now, 10).await, scene.feed(now, 10).await),
            (8, 2, 0)
        );
        let taken = control.take_mails(3, now, now + 5.minutes()).await.unwrap();
        // Stopped: those that nobody had taken up go no further.
        assert!(control.stop_invitation_job(scene.tenant, job, now).await.unwrap());
        for (mail, state) in taken {
            let done = MailState { status: MailStatus::Sent, due: None, ..state };
            control.settle_mail(mail.id, done).await.unwrap();
        }
        let standings = async |control: &Control| {
            let job = control.invitation_job(scene.tenant, job, now).await.unwrap().unwrap();
            (job.stopped.is_some(), job.standings.into_iter().collect::<Vec<_>>())
        };
        assert_eq!(standings(&control).await, (true, vec![(Standing::Sent, 3), (Standing::Held, 9)]));
        // The same list once more invites nobody.
        let again = control.invite(many, None).await.unwrap();
        assert!(again.iter().all(|one| matches!(one, Invited::Open(_))));
        let tenant = scene.tenant;
        assert!(scene.send(now + 10.minutes()).await.is_empty());
        // Gone on with: the rest, and nobody twice.
        assert!(control.resume_invitation_job(tenant, job, now).await.unwrap());
        assert_eq!(scene.feed(now + 2.hours(), 100).await, 8);
        assert_eq!(scene.feed(now + 2.hours(), 100).await, 1);
        let mut sent = scene.send(now + 2.hours()).await;
        sent.sort();
        let expect: Vec<String> = (3..12).map(|number| format!("p{number:02}@example.com")).collect();
        assert_eq!(sent, expect);
        // An address gets two a day of a tenant; what was asked for just now is not asked for again.
        let new = scene.invitation("p00@example.com", None);
        let id = control.invite(vec![new], None).await.unwrap()[0].id();
        let by = (scene.ann.id, "Ann".to_owned());
        let resend = async |control: &Control, before, at| {
            control.resend_invitation((tenant, id), by.clone(), (before, at)).await.unwrap()
        };
        assert!(matches!(resend(&control, now - 48.hours(), now).await, Resent::JustNow(_)));
        for (round, fed) in [(1, 1), (2, 0)] {
            let at = now + 3.hours() + (5 * round).minutes();
            assert_eq!(resend(&control, at, at).await, Resent::Done);
            assert_eq!(scene.feed(at, 100).await, fed, "round {round}");
            scene.send(at).await;
        }
        assert_eq!(scene.get(id).await.mail, InvitationMail::Waiting);
        assert_eq!(scene.feed(now + 40.hours(), 100).await, 1);
        // A search, page by page.
        let page = async |control: &Control, words: &str, after| {
            let filter =
                InvitationFilter { words: words.to_owned(), after, most: 5, ..InvitationFilter::default() };
            let (found, count) = control.invitations(tenant, filter, now + 99.hours()).await.unwrap();
            (
                found.iter().map(|(one, _)| one.address.clone()).collect::<Vec<_>>(),
                found.last().map(|(one, _)| one.id),
                count,
            )
        };
        let (first, last, count) = page(&control, "P0", None).await;
        assert_eq!((first.len(), count), (5, 10));
        let (second, ..) = page(&control, "P0", last).await;
        assert_eq!((second.len(), second.iter().any(|one| first.contains(one))), (5, false));
        assert_eq!(page(&control, "%", None).await.2, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_lets_in_so_many_and_each_once() {
    for place in places() {
        let mut scene = Scene::new(&place).await;
        let control = scene.control().clone();
        let now = scene.clock.now() + 1.hour();
        let link = JoinLink {
            id: JoinLinkId::new(&scene.clock, &mut scene.rng),
            tenant: scene.tenant,
            app: None,
            role: TenantRole::Member,
            groups: Vec::new(),
            name: "Poster".to_owned(),
            domains: vec!["example.com".to_owned()],
            most: 3,
            used: 0,
            sender: scene.ann.id,
            created: now,
            expires: now + 24.hours(),
            revoked: None,
        };
        control.create_join_link(link.clone(), [1; 32]).await.unwrap();
        assert_eq!(control.join_link([1; 32]).await.unwrap(), Some(link.clone()));
        let mut people = Vec::new();
        for number in 0..20 {
            let new = scene.new_account(&format!("p{number:02}@example.com"));
            people
                .push(control.import_account(new, Joins::default(), |_, _| false).await.unwrap().unwrap().id);
        }
        let claimed =
            control.create_account(scene.new_account("eve@example.com"), Joins::default()).await.unwrap();
        let mut join = |account, at| {
            let id = InvitationId::new(&scene.clock, &mut scene.rng);
            let (control, link) = (control.clone(), link.id);
            async move {
                let words = ("Ann".to_owned(), "en".to_owned());
                control.join(link, account, (id, at), words).await.unwrap()
            }
        };
        assert_eq!(join(claimed.id, now).await, Joined::Unproven);
        assert_eq!(join(people[0], now + 25.hours()).await, Joined::Over);
        // Twice the same at once, and many others: three get in, each counted once.
        let racing = [people[0], people[0]].into_iter().chain(people.iter().copied());
        let racing: Vec<_> = racing.map(|account| tokio::spawn(join(account, now))).collect();
        let mut done = 0;
        for racer in racing {
            done += usize::from(racer.await.unwrap() == Joined::Done);
        }
        assert_eq!(done, 3);
        assert_eq!(control.join_link([1; 32]).await.unwrap().unwrap().used, 3);
        assert!(control.revoke_join_link(scene.tenant, link.id, now).await.unwrap());
        assert!(!control.revoke_join_link(scene.tenant, link.id, now).await.unwrap());
        assert_eq!(control.join_links(scene.tenant, None, 9).await.unwrap().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_goes_with_its_account() {
    for place in places() {
        let mut scene = Scene::new(&place).await;
        let new = scene.new_account("ben@example.com");
        let ben = scene.control().create_account(new, Joins::default()).await.unwrap();
        let (job, now) = (InvitationJobId::new(&scene.clock, &mut scene.rng), scene.clock.now());
        let named = (ben.id, "Ben".to_owned());
        scene.control().create_invitation_job(scene.tenant, (job, None), named, now).await.unwrap();
        let by = |sender, name: &str, new: NewInvitation| NewInvitation {
            sender,
            sender_name: name.to_owned(),
            ..new
        };
        let own = by(ben.id, "Ben", scene.invitation("cy@example.com", None));
        let other = scene.invitation("dee@example.com", None);
        let control = scene.control().clone();
        let made = control.invite(vec![own, other], None).await.unwrap();
        assert_eq!(control.forget_claims(scene.clock.now() + 1.hour()).await.unwrap(), 1);
        let left: Vec<_> = [scene.get(made[0].id()).await, scene.get(made[1].id()).await]
            .into_iter()
            .map(|one| (one.sender, one.sender_name))
            .collect();
        assert_eq!(left, [(None, String::new()), (Some(scene.ann.id), "Ann".to_owned())]);
        let jobs = control.invitation_jobs(scene.tenant, None, (9, scene.clock.now())).await.unwrap();
        assert_eq!(jobs[0].sender_name, "");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_open_invitation_of_an_address_is_found_among_many_like_it() {
    for place in places() {
        let mut scene = Scene::new(&place).await;
        let app = AppId::new(&scene.clock, &mut scene.rng);
        let mut new =
            vec![scene.invitation("ann@corp.example", None), scene.invitation("ann@corp.example", Some(app))];
        let own = new[0].id;
        // Each holds the other's address, and is newer.
        for number in 0..60 {
            new.push(scene.invitation(&format!("x{number}.ann@corp.example"), None));
        }
        scene.control().invite(new, None).await.unwrap();
        let now = scene.clock.now();
        let found = async |address: &str, at| {
            let found = scene.control().open_invitation(scene.tenant, address, at).await.unwrap();
            found.map(|invitation| invitation.id)
        };
        assert_eq!(found("ann@corp.example", now).await, Some(own));
        assert_eq!(found("nn@corp.example", now).await, None);
        assert_eq!(found("%@corp.example", now).await, None);
        let other = TenantId::new(&scene.clock, &mut scene.rng.clone());
        assert!(scene.control().open_invitation(other, "ann@corp.example", now).await.unwrap().is_none());
        // What was taken back is open no more; nor is what has ended.
        assert!(scene.control().revoke_invitation(scene.tenant, own, now).await.unwrap());
        assert_eq!(found("ann@corp.example", now).await, None);
    }
}
