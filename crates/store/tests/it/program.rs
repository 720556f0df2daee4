//! Programs and what they were let into: how many there are, and that theirs ends with them.

use gridkeep_kit::{SeededRng, StepClock};
use gridkeep_model::{AccountId, Clock, SessionId, TenantId};
use gridkeep_store::{Consent, Joins, NewAccount, NewCode, Program, Redeemed, Session};
use jiff::ToSpan;
use uuid::Uuid;

use crate::world::{begin, open, places};

#[tokio::test(flavor = "multi_thread")]
async fn programs_are_so_many_and_end_with_all_they_have() {
    for place in places() {
        let store = open(&place).await;
        let (control, clock, mut rng) = (store.control(), StepClock::default(), SeededRng::default());
        let now = clock.now();
        let program = |id: &str| Program {
            id: id.to_owned(),
            name: "Reports".to_owned(),
            redirects: vec!["https://a.example/".to_owned(), "https://b.example/".to_owned()],
            created: now,
        };
        assert!(control.add_program(program("one"), 2).await.unwrap());
        assert!(control.add_program(program("two"), 2).await.unwrap());
        assert!(!control.add_program(program("three"), 2).await.unwrap());
        assert_eq!(control.programs().await.unwrap(), [program("one"), program("two")]);
        assert_eq!(control.program("two").await.unwrap(), Some(program("two")));
        assert_eq!(control.program("three").await.unwrap(), None);

        let ann = NewAccount {
            id: AccountId::new(&clock, &mut rng),
            email: "ann@example.com".to_owned(),
            skeleton: "ann@example.com".to_owned(),
            name: "Ann".to_owned(),
            password: "$argon2id$...".to_owned(),
            created: now,
        };
        let ann = control.create_account(ann, Joins::default()).await.unwrap();
        let tenant = TenantId::new(&clock, &mut rng);
        store.create_tenant(tenant, "Home", now).await.unwrap();
        let own = begin(ann.id, 1, now);
        control.create_session(own.clone()).await.unwrap();
        let mut families = Vec::new();
        for (number, id) in [(2_u8, "one"), (3, "two")] {
            let consent = Consent {
                tenant,
                program: id.to_owned(),
                name: "Reports".to_owned(),
                scope: "read".to_owned(),
                proof: None,
            };
            let code = NewCode {
                code: [number; 32],
                session: own.id,
                consent: consent.clone(),
                redirect: "https://a.example/".to_owned(),
                challenge: [9; 32],
                checkpoint: None,
                expires: now + 1.minute(),
                forgotten: now + 15.minutes(),
            };
            control.create_code(code, now).await.unwrap();
            let place = Session { token: None, ..begin(ann.id, number, now) };
            let redeemed =
                control.redeem_code([number; 32], place, [number; 32], None, |_| true).await.unwrap();
            let Redeemed::Done(family, None) = redeemed else { panic!("{redeemed:?}") };
            assert_eq!((&family.consent, &family.account), (&consent, &ann));
            families.push(family.session.id);
        }
        assert_eq!(control.sessions_of(ann.id, now).await.unwrap().len(), 3);
        assert_eq!(control.families_of(ann.id).await.unwrap().len(), 2);
        assert!(control.remove_program("one").await.unwrap());
        assert!(!control.remove_program("one").await.unwrap());
        assert!(control.family(families[0], now).await.unwrap().is_none());
        assert!(control.family(families[1], now).await.unwrap().is_some());
        assert!(control.family(families[1], now + 1.hour()).await.unwrap().is_none());
        control.end_family(families[1], "one").await.unwrap();
        assert!(control.family(families[1], now).await.unwrap().is_some());
        control.end_family(families[1], "two").await.unwrap();
        assert!(control.family(families[1], now).await.unwrap().is_none());
        // A browser's session is nothing a program could end.
        control.end_family(own.id, "two").await.unwrap();
        assert_eq!(control.sessions_of(ann.id, now).await.unwrap(), [own]);
        assert!(control.family(SessionId::from_uuid(Uuid::nil()), now).await.unwrap().is_none());
    }
}
