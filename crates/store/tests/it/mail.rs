//! Claimed and proven addresses, links that are mailed, and mails.

use gridkeep_kit::{SeededRng, StepClock};
use gridkeep_model::{AccountId, Clock, MailId, TenantId};
use gridkeep_store::{
    Account, Control, Joins, Kept, LinkPurpose, Mail, MailPurpose, MailState, MailStatus, MailedLink,
    NewAccount, Proven, Store,
};
use jiff::{Timestamp, ToSpan};

use crate::world::{begin, open, places};

fn new_password() -> Kept {
    Kept { hash: "$new$".to_owned(), alone: true }
}

struct People {
    store: Store,
    clock: StepClock,
    rng: SeededRng,
}

impl People {
    async fn claim(&mut self, email: &str) -> Account {
        let new = self.somebody(email);
        self.control().create_account(new, Joins::default()).await.unwrap()
    }

    fn somebody(&mut self, email: &str) -> NewAccount {
        NewAccount {
            id: AccountId::new(&self.clock, &mut self.rng),
            email: email.to_owned(),
            skeleton: email.to_lowercase().replace('1', "l"),
            name: "Somebody".to_owned(),
            password: "$old$".to_owned(),
            created: self.clock.now(),
        }
    }

    fn control(&self) -> &Control {
        self.store.control()
    }
}

fn twins(one: &str, other: &str) -> bool {
    one.contains('1') || other.contains('1')
}

fn link(number: u8, purpose: LinkPurpose, account: Option<&Account>, now: Timestamp) -> MailedLink {
    MailedLink {
        token: [number; 32],
        purpose,
        account: account.map(|account| account.id),
        address: account.map_or("eve@example.com", |account| &account.email).to_owned(),
        invitation: None,
        created: now,
        expires: now + 1.hour(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_claimed_by_many_and_proven_by_one() {
    for place in places() {
        let mut people =
            People { store: open(&place).await, clock: StepClock::default(), rng: SeededRng::default() };
        let first = people.claim("paul@example.com").await;
        assert!(first.confirmed.is_some() && first.administrator);
        let (one, two) = (people.claim("ann@example.com").await, people.claim("ann@example.com").await);
        let twin = people.claim("pau1@example.com").await;
        assert_eq!((one.confirmed, two.confirmed, twin.confirmed), (None, None, None));
        let (control, now) = (people.control(), people.clock.now());
        assert!(control.account_by_email("ann@example.com").await.unwrap().is_none());
        assert!(!control.is_taken("ann@example.com", "ann@example.com".into(), twins).await.unwrap());

        for (number, account) in [(1, &one), (2, &two), (3, &twin)] {
            control.create_link(link(number, LinkPurpose::Confirm, Some(account), now)).await.unwrap();
        }
        // Of many who come with one link, one gets through.
        let racing = (0..8).map(|_| {
            let control = control.clone();
            tokio::spawn(async move { control.prove_address([1; 32], now, twins).await.unwrap() })
        });
        let mut done = 0;
        for racer in racing.collect::<Vec<_>>() {
            done += usize::from(matches!(racer.await.unwrap(), Proven::Done(_)));
        }
        assert_eq!(done, 1);
        let prove = async |number: u8| control.prove_address([number; 32], now, twins).await.unwrap();
        assert_eq!(prove(2).await, Proven::Taken);
        assert_eq!(prove(3).await, Proven::Taken);
        assert_eq!(prove(4).await, Proven::NoLink);
        assert_eq!(control.account_by_email("Ann@example.com").await.unwrap().unwrap().0.id, one.id);
        assert!(control.is_taken("ann@example.com", "ann@example.com".into(), twins).await.unwrap());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn links_work_once_for_their_purpose_and_time() {
    for place in places() {
        let mut people =
            People { store: open(&place).await, clock: StepClock::default(), rng: SeededRng::default() };
        let ann = people.claim("ann@example.com").await;
        let (control, now) = (people.control().clone(), people.clock.now());
        let found =
            async |number: u8, purpose, at| control.link(purpose, [number; 32], at).await.unwrap().is_some();
        control.create_link(link(1, LinkPurpose::Reset, Some(&ann), now)).await.unwrap();
        assert!(found(1, LinkPurpose::Reset, now + 59.minutes()).await);
        assert!(!found(1, LinkPurpose::Confirm, now).await);
        assert!(!found(1, LinkPurpose::Reset, now + 1.hour()).await);
        // A new one of the same purpose ends the one before, not those of others.
        control.create_link(link(2, LinkPurpose::Confirm, Some(&ann), now)).await.unwrap();
        control.create_link(link(3, LinkPurpose::Reset, Some(&ann), now)).await.unwrap();
        assert!(!found(1, LinkPurpose::Reset, now).await);
        assert!(found(2, LinkPurpose::Confirm, now).await && found(3, LinkPurpose::Reset, now).await);

        let session = begin(ann.id, 9, now);
        control.create_session(session).await.unwrap();
        let reset = async |number: u8| {
            control.reset_password([number; 32], new_password(), now, twins).await.unwrap()
        };
        assert!(reset(2).await.is_none());
        assert_eq!(control.password(ann.id).await.unwrap().as_deref(), Some("$old$"));
        assert_eq!(reset(3).await.map(|account| account.id), Some(ann.id));
        assert!(reset(3).await.is_none());
        assert_eq!(control.password(ann.id).await.unwrap().as_deref(), Some("$new$"));
        assert!(
            control.session([9; 32], TenantId::from_uuid(uuid::Uuid::nil()), now).await.unwrap().is_none()
        );
        assert!(!found(2, LinkPurpose::Confirm, now).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mails_are_tried_until_they_are_done_and_forgotten_later() {
    for place in places() {
        let store = open(&place).await;
        let (clock, mut rng) = (StepClock::default(), SeededRng::default());
        let (control, now) = (store.control(), clock.now());
        let mails: Vec<Mail> = (0..3)
            .map(|number: i64| Mail {
                id: MailId::new(&clock, &mut rng),
                purpose: MailPurpose::Reset,
                address: "ann@example.com".to_owned(),
                account: None,
                invitation: None,
                language: "de".to_owned(),
                created: now + number.seconds(),
            })
            .collect();
        control.queue_mails(mails.clone()).await.unwrap();
        let take = async |most, at, held| control.take_mails(most, at, held).await.unwrap();
        let later = now + 1.minute();
        // What one has taken is nobody else's for a while, and comes back when nothing became of it.
        let taken = take(2, later, later + 5.minutes()).await;
        assert_eq!(taken.iter().map(|(mail, _)| mail).collect::<Vec<_>>(), [&mails[0], &mails[1]]);
        assert_eq!(take(8, later, later + 5.minutes()).await.len(), 1);
        assert!(take(8, later, later).await.is_empty());
        assert_eq!(take(8, later + 5.minutes(), later + 6.minutes()).await[0].1.tries, 2);

        let text = Some(("Subject".to_owned(), "Body".to_owned()));
        let kept = MailState { status: MailStatus::Kept, tries: 2, due: None, answer: None, text };
        control.settle_mail(mails[0].id, kept.clone()).await.unwrap();
        let due = Some(later + 1.hour());
        let answer = Some("busy".to_owned());
        let waits = MailState { status: MailStatus::Queued, tries: 2, due, answer, text: None };
        control.settle_mail(mails[1].id, waits.clone()).await.unwrap();
        control.drop_mail(mails[2].id).await.unwrap();
        let all = control.mails(10).await.unwrap();
        assert_eq!(all, [(mails[1].clone(), waits), (mails[0].clone(), kept)]);
        // Of one purpose and address, those that are done count.
        let crowded = async |most| control.is_crowded(&mails[2], now - 1.hour(), most).await.unwrap();
        assert!(crowded((1, 9)).await && crowded((9, 1)).await && !crowded((2, 2)).await);
        assert!(!control.is_crowded(&mails[2], now, (1, 9)).await.unwrap());
        assert_eq!(control.forget_mails(now + 1.hour()).await.unwrap(), [mails[0].id]);
        assert_eq!(control.mails(10).await.unwrap().len(), 1);
    }
}
