//! What people are to tenants: roles, groups, attributes.

use std::collections::{BTreeMap, BTreeSet};

use gridkeep_kit::{SeededRng, StepClock};
use gridkeep_model::{AccountId, Clock, GroupId, TenantId};
use gridkeep_store::{
    Belonging, Control, Joins, MemberOrder, NewAccount, Reader, Ruled, Sought, Store, StoreError, TenantRole,
};
use jiff::{Timestamp, ToSpan};

use crate::world::{begin, open, places};

async fn account(
    store: &Store,
    clock: &StepClock,
    rng: &mut SeededRng,
    email: &str,
    name: &str,
) -> AccountId {
    let new = NewAccount {
        id: AccountId::new(clock, rng),
        email: email.to_owned(),
        skeleton: email.to_owned(),
        name: name.to_owned(),
        password: "-".to_owned(),
        created: clock.now(),
    };
    store.control().create_account(new, Joins::default()).await.unwrap().id
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_keeps_an_owner() {
    for place in places() {
        let store = open(&place).await;
        let (control, clock, mut rng) = (store.control(), StepClock::default(), SeededRng::default());
        let (home, other) = (TenantId::new(&clock, &mut rng), TenantId::new(&clock, &mut rng));
        let found =
            async |id, name: &str| store.found_tenant(id, (name, "Title"), None, clock.now()).await.unwrap();
        assert!(found(home, "home").await.is_some() && found(other, "home").await.is_none());
        assert!(found(other, "other").await.is_some());
        assert_eq!(control.tenant_named("home").await.unwrap().map(|info| info.id), Some(home));
        assert!(control.tenant_named("Home").await.unwrap().is_none());
        let ann = account(&store, &clock, &mut rng, "ann@example.com", "Ann").await;
        let ben = account(&store, &clock, &mut rng, "ben@example.com", "Ben 50%").await;
        let now = clock.now();
        control.add_member(home, ann, TenantRole::Owner, now).await.unwrap();
        control.add_member(home, ben, TenantRole::Member, now).await.unwrap();
        // Whoever belongs to it already stays what they are.
        control.add_member(home, ann, TenantRole::Guest, now).await.unwrap();
        let (owner, member) = (TenantRole::Owner, TenantRole::Member);
        let role = async |tenant, who| control.account_in(tenant, who).await.unwrap().unwrap().1;
        assert_eq!((role(home, ann).await, role(home, ben).await), (Some(owner), Some(member)));
        assert_eq!(role(other, ann).await, None);
        let change = async |who, to, by| control.change_role(home, who, to, by, None).await.unwrap();
        assert_eq!(change(ann, member, owner).await, Ruled::LastOwner);
        assert_eq!(control.remove_member(home, ann, owner, now, None).await.unwrap(), Ruled::LastOwner);
        assert_eq!(change(ben, TenantRole::Maker, member).await, Ruled::Done);
        // By now Ben is more than that.
        assert_eq!(change(ben, TenantRole::Guest, member).await, Ruled::Absent);
        assert_eq!(change(ben, owner, owner).await, Ruled::Done);
        assert_eq!(change(ann, member, owner).await, Ruled::Done);
        assert_eq!(control.remove_member(other, ann, owner, now, None).await.unwrap(), Ruled::Absent);
        let memberships = control.memberships(ben).await.unwrap();
        assert_eq!(
            (memberships.len(), memberships[0].name.as_str(), memberships[0].role),
            (1, "home", owner)
        );
        let seek = async |words: &str, after, most| {
            let sought = Sought { words: words.to_owned(), after, most, ..Sought::default() };
            let (members, count) = control.members(home, sought).await.unwrap();
            (members.into_iter().map(|member| member.account.id).collect::<Vec<_>>(), count)
        };
        assert_eq!(seek("", None, 10).await, (vec![ann, ben], 2));
        assert_eq!(seek("", Some(ann), 10).await, (vec![ben], 2));
        assert_eq!(seek("BEN", None, 1).await, (vec![ben], 1));
        assert_eq!(seek("50%", None, 1).await, (vec![ben], 1));
        assert_eq!(seek("a%n", None, 1).await, (vec![], 0));
        // Names are found whatever their case, also where letters have more than an ASCII's.
        let cy = account(&store, &clock, &mut rng, "cy@example.com", "Änne ÖZGÜR-Großmann").await;
        control.add_member(home, cy, TenantRole::Guest, now).await.unwrap();
        for words in ["änne", "ÄNNE", "özgür", "GROSSMANN", "großMann", " CY@ex"] {
            assert_eq!(seek(words, None, 10).await, (vec![cy], 1), "{words}");
        }
        assert_eq!(seek("anne", None, 10).await, (vec![], 0));
        assert_eq!(seek("example", Some(ben), 10).await, (vec![cy], 3));
        in_order(control, home, [ann, ben, cy], now).await;
        assert_eq!(control.member(home, ann).await.unwrap().map(|found| found.role), Some(member));
        assert_eq!(control.remove_member(home, ann, owner, now, None).await.unwrap(), Ruled::Done);
        assert!(control.member(home, ann).await.unwrap().is_none());
    }
}

/// Ann and Ben came at once, Cy with them; each was seen at another time, Cy never.
async fn in_order(control: &Control, home: TenantId, [ann, ben, cy]: [AccountId; 3], now: Timestamp) {
    for (who, minutes) in [(ann, 5), (ben, 9)] {
        let session = begin(who, 40 + minutes, now);
        control.create_session(session.clone()).await.unwrap();
        let at = now + i64::from(minutes).minutes();
        control.see_session(&session, home, at, now + 90.minutes()).await.unwrap();
        assert_eq!(control.member(home, who).await.unwrap().unwrap().seen, Some(at));
        let found = control.session([40 + minutes; 32], home, now).await.unwrap().unwrap();
        assert_eq!(found.2.and_then(|standing| standing.seen), Some(at));
    }
    let list = async |sought: Sought| {
        let (members, count) = control.members(home, Sought { most: 10, ..sought }).await.unwrap();
        (members.into_iter().map(|member| member.account.id).collect::<Vec<_>>(), count)
    };
    for (order, expected) in [
        (MemberOrder::Address, [ann, ben, cy]),
        (MemberOrder::Name, [ann, ben, cy]),
        (MemberOrder::Newest, [cy, ben, ann]),
        (MemberOrder::Seen, [ben, ann, cy]),
        (MemberOrder::Unseen, [cy, ann, ben]),
    ] {
        assert_eq!(list(Sought { order, ..Sought::default() }).await, (expected.to_vec(), 3), "{order:?}");
        // A page begins behind the last of the one before.
        for (after, rest) in [(0, 1..3), (1, 2..3), (2, 3..3)] {
            let sought = Sought { order, after: Some(expected[after]), ..Sought::default() };
            assert_eq!(list(sought).await, (expected[rest].to_vec(), 3), "{order:?} {after}");
        }
    }
    let role = Some(TenantRole::Guest);
    assert_eq!(list(Sought { role, ..Sought::default() }).await, (vec![cy], 1));
    let among = |ids: &[AccountId]| Sought { among: Some(ids.to_vec()), ..Sought::default() };
    assert_eq!(list(among(&[cy, ann])).await, (vec![ann, cy], 2));
    assert_eq!(list(among(&[])).await, (vec![], 0));
    assert_eq!(list(Sought { words: "BEN".to_owned(), ..among(&[cy, ann]) }).await, (vec![], 0));
    let but = |ids: &[AccountId]| Sought { but: ids.to_vec(), ..Sought::default() };
    assert_eq!(list(but(&[cy, ann])).await, (vec![ben], 1));
    assert_eq!(list(Sought { role, ..but(&[ann]) }).await, (vec![cy], 1));
    assert_eq!(list(Sought { but: vec![ann], ..among(&[cy, ann]) }).await, (vec![cy], 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_and_attributes_are_what_somebody_belongs_to() {
    for place in places() {
        let store = open(&place).await;
        let (clock, mut rng) = (StepClock::default(), SeededRng::default());
        let tenant = store.create_tenant(TenantId::new(&clock, &mut rng), "home", clock.now()).await.unwrap();
        let (ann, ben) = (AccountId::new(&clock, &mut rng), AccountId::new(&clock, &mut rng));
        let (north, sales) = (GroupId::new(&clock, &mut rng), GroupId::new(&clock, &mut rng));
        let now = clock.now();
        let mark = tenant.mark();
        let attributes: BTreeMap<String, String> = [("Region".to_owned(), "North".to_owned())].into();
        let known = attributes.clone();
        tenant
            .write(move |work| {
                assert!(
                    work.put_group(north, "North", now)? && work.put_group(sales, "Verk\u{e4}ufer", now)?
                );
                assert!(!work.put_group(sales, "NORTH", now)?);
                assert!(work.put_group(north, "north", now)?);
                work.set_group_members(north, &BTreeSet::from([ann, ben]))?;
                work.set_group_members(sales, &BTreeSet::from([ann]))?;
                work.set_attributes(ann, &known)?;
                Ok::<_, StoreError>(())
            })
            .await
            .unwrap();
        assert!(mark.is_none() || tenant.mark() != mark);
        let read = async |who| tenant.read(move |reader| reader.belonging(who)).await.unwrap();
        let groups = vec![(north, "north".to_owned()), (sales, "Verk\u{e4}ufer".to_owned())];
        assert_eq!(read(ann).await, Belonging { groups, attributes });
        assert_eq!(read(ben).await.groups.len(), 1);
        let both =
            |reader: &mut Reader<'_>| Ok::<_, StoreError>((reader.groups()?, reader.attribute_names()?));
        let (all, names) = tenant.read(both).await.unwrap();
        assert_eq!(all.iter().map(|group| group.members).collect::<Vec<_>>(), [2, 1]);
        assert_eq!(names, ["Region"]);
        tenant
            .write(move |work| {
                work.forget_person(ann, Some("ann@example.com"))?;
                assert!(work.delete_group(north)? && !work.delete_group(north)?);
                Ok::<_, StoreError>(())
            })
            .await
            .unwrap();
        assert_eq!((read(ann).await, read(ben).await), (Belonging::default(), Belonging::default()));
        assert_eq!(tenant.read(move |reader| reader.group_members(sales)).await.unwrap(), []);
        assert!(tenant.read(move |reader| reader.group(north)).await.unwrap().is_none());
    }
}
