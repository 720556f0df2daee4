//! Options within options: what `$it` means in `$expand`, `$apply` on both sides of it, options behind `$select`.

use super::related::shop;
use crate::kit::databases;

#[tokio::test(flavor = "multi_thread")]
async fn it_is_the_entity_that_is_expanded() {
    let (databases, _server) = databases();
    for database in databases {
        let (_world, mut program) = shop(database).await;
        let urls = [
            "Orders?$expand=Lines($filter=Pieces mul 5 gt $it/Amount;$select=Id;$orderby=Id)&$select=No,Amount&$orderby=No",
            "Customers?$expand=Orders($filter=$it/Name ne null and $it/BossRow eq null;$select=No;$orderby=No)&$select=Code&$orderby=Code",
            "Orders(No='o1')?$expand=Lines($compute=$it/Amount sub Pieces as Rest;$select=Id,Rest;$orderby=Id)&$select=No",
            "Orders?$filter=Lines/any(l:l/Pieces lt $it/Amount)&$select=No&$orderby=No",
            "Orders(No='o1')/Lines?$filter=$it/Pieces gt 3&$select=Id&$orderby=Id",
            // Where it does not lead on, further levels have nothing.
            "Orders?$expand=Customer($levels=2;$select=Code)&$select=No&$orderby=No&$top=1",
            // Which customer would it be?
            "Orders?$expand=Customer($compute=$it/Amount as A;$select=A)",
            "Customers?$expand=Orders($expand=Lines($filter=$it/Code eq 'ann'))",
        ];
        let shown = program.shown(&urls, &[]).await;
        insta::allow_duplicates! { insta::assert_snapshot!("it", shown); }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_expansions_know_what_it_was() {
    let (_world, mut program) = shop(None).await;
    let small = [("prefer", "maxpagesize=1")];
    let url = "Orders?$expand=Lines($filter=Pieces lt $it/Amount and What ne '$it/x';$select=Id;$orderby=Id)&$select=No&$filter=No eq 'o1'";
    let page = program.send(axum::http::Method::GET, &super::related::encoded(url), &small, "").await;
    let page = page.expect(200).json();
    let root = format!("http://gridkeep.test{}", program.root);
    let next = page["value"][0]["Lines@nextLink"].as_str().unwrap().strip_prefix(&root).unwrap().to_owned();
    assert!(next.contains("$root/Orders(") && next.contains("'%24it%2Fx'"), "{next}");
    let rest = program.get(&next).await.expect(200).json();
    let ids: Vec<_> = rest["value"].as_array().unwrap().iter().map(|item| item["Id"].clone()).collect();
    let all = "Orders(No='o1')/Lines?$filter=Pieces lt Order/Amount&$orderby=Id&$select=Id";
    let all = program.get(&super::related::encoded(all)).await.expect(200).json();
    let all: Vec<_> = all["value"].as_array().unwrap().iter().map(|item| item["Id"].clone()).collect();
    assert_eq!(ids, all[1..]);
}

#[tokio::test(flavor = "multi_thread")]
async fn transformations_stand_on_both_sides_of_expansions() {
    let (databases, _server) = databases();
    for database in databases {
        let (_world, mut program) = shop(database).await;
        let urls = [
            // Behind them, as long as there are entities.
            "Orders?$apply=topcount(2,Amount)&$expand=Customer($select=Name),Lines($select=Id;$orderby=Id)&$select=No",
            "Orders?$apply=orderby(No)/top(2)/compute(Amount mul 2 as Twice)&$expand=Customer($select=Name),Lines/$count&$select=No,Twice",
            "Orders?$apply=concat(topcount(1,Amount),aggregate(Amount with sum as Total))&$expand=Customer($select=Name)&$select=No,Total",
            "Orders?$apply=groupby((Day))&$expand=Customer",
            // Within them, on the related entities of each.
            "Customers?$expand=Orders($apply=aggregate(Amount with sum as Total,$count as N))&$select=Code&$orderby=Code",
            "Customers?$expand=Orders($apply=groupby((Day),aggregate($count as N)))&$select=Code&$filter=Code eq 'ann'",
            "Customers?$expand=Orders($apply=topcount(1,Amount);$select=No,Amount)&$select=Code&$orderby=Code",
            "Customers?$expand=Orders($apply=filter(Amount gt 10);$select=No;$orderby=No;$count=true)&$select=Code&$orderby=Code",
            "Customers?$expand=Orders($apply=topcount(1,Amount);$expand=Lines($select=Id;$orderby=Id);$select=No)&$select=Code&$filter=Orders/any()&$orderby=Code",
            "Customers?$expand=Orders($apply=filter(Amount gt @least)/aggregate($count as N))&$select=Code&$orderby=Code&@least=10",
            "Customers(Code='ann')?$expand=Orders($apply=aggregate(Amount with max as Most))&$select=Code",
            "Customers?$expand=Orders($apply=aggregate($count as N);$count=true)",
            "Customers?$expand=Orders/$ref($apply=aggregate($count as N))",
            "Orders?$expand=Customer($apply=identity)",
        ];
        let shown = program.shown(&urls, &[]).await;
        insta::allow_duplicates! { insta::assert_snapshot!("transformed", shown); }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_made_of_related_entities_comes_in_pages() {
    let (_world, mut program) = shop(None).await;
    let small = [("prefer", "maxpagesize=1")];
    let url = "Orders?$expand=Lines($apply=groupby((What)))&$select=No&$filter=No eq 'o1'";
    let page = program.send(axum::http::Method::GET, &super::related::encoded(url), &small, "").await;
    let page = page.expect(200).json();
    let entity = &page["value"][0];
    let mut found = entity["Lines"].as_array().unwrap().clone();
    let root = format!("http://gridkeep.test{}", program.root);
    let mut next = entity["Lines@nextLink"].as_str().map(ToOwned::to_owned);
    while let Some(url) = next {
        let page = program.send(axum::http::Method::GET, url.strip_prefix(&root).unwrap(), &small, "").await;
        let page = page.expect(200).json();
        found.extend(page["value"].as_array().unwrap().iter().cloned());
        next = page["@nextLink"].as_str().map(ToOwned::to_owned);
    }
    let all = program.get(&super::related::encoded("Orders(No='o1')/Lines?$apply=groupby((What))")).await;
    assert_eq!(Some(&found), all.expect(200).json()["value"].as_array());
    assert!(found.len() > 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn options_behind_select_are_said_where_they_stand() {
    let (_world, mut program) = shop(None).await;
    let urls = [
        "Orders?$select=No($top=1)",
        "Orders?$select=No($filter=true)",
        "Orders?$select=Lines($top=1)",
        "Orders?$select=No($compute=1 as One)",
        "Orders?$select=No($select=X)",
    ];
    insta::assert_snapshot!("behind_select", program.shown(&urls, &[]).await);
}
