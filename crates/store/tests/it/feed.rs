//! Answers whose parts go out while they are read.

use std::time::Duration;

use gridkeep_model::{
    ColumnType, Row, Value,
    query::{Page, Query},
};
use gridkeep_store::{Feed, Held, Onlooker, Outlet, Reader, Rest, Seen, StoreError, StoreLimits};

use crate::world::{World, places, schema};

/// Gives out numbers, so many a part.
struct Parts<'a> {
    held: Vec<i64>,
    size: usize,
    outlet: &'a mut Outlet<Vec<i64>, StoreError>,
}

impl Onlooker for Parts<'_> {
    fn begin(&mut self, total: Option<u64>, once: bool) {
        assert_eq!((total, once), (Some(1_000), true));
    }

    fn again(&mut self) {
        unreachable!("said to come once");
    }

    fn row(&mut self, row: &Seen<'_>) -> Result<(), StoreError> {
        let Held::Value(Value::Integer(number)) = row.held(0)? else { panic!("no number") };
        assert_eq!((row.version()?, row.held(1)?), (1, Held::Value(Value::Null)));
        self.held.push(number);
        if self.held.len() >= self.size && self.outlet.is_open() {
            self.outlet.give(std::mem::take(&mut self.held))?;
        }
        Ok(())
    }
}

async fn numbers(world: &World, size: usize) -> Result<Feed<Vec<i64>, StoreError>, StoreError> {
    let app = world.app;
    let query =
        Query { table: "numbers".into(), count: true, page: Page::first(5_000), ..Query::unlimited() };
    let read = move |reader: &mut Reader<'_>, outlet: &mut Outlet<Vec<i64>, StoreError>| {
        let mut parts = Parts { held: Vec::new(), size, outlet };
        let shown = reader.show(app, &query, &mut parts)?;
        assert_eq!(shown.next, None);
        Ok(parts.held)
    };
    world.tenant.feed(read).await
}

async fn all(feed: Feed<Vec<i64>, StoreError>) -> (usize, Vec<i64>) {
    let (mut count, mut found, mut rest) = (1, feed.first, feed.rest);
    while let Some(part) = next(&mut rest).await {
        count += 1;
        found.extend(part);
    }
    (count, found)
}

async fn next(rest: &mut Option<Rest<Vec<i64>, StoreError>>) -> Option<Vec<i64>> {
    match rest {
        Some(rest) => rest.next().await.map(Result::unwrap),
        None => None,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn long_answers_go_out_in_parts_and_end_when_nobody_takes_them() {
    for place in places() {
        let limits = StoreLimits { streams: 2, readers: 1, ..StoreLimits::default() };
        let mut world = World::limited(&place, limits).await;
        let mut rows = Vec::new();
        for number in 0..1_000 {
            rows.push(Row { id: world.row_id(), version: 1, values: vec![Value::Integer(number)] });
        }
        world.table(&schema("numbers", &[("number", ColumnType::Integer)]), &[], rows).await;
        let expect: Vec<i64> = (0..1_000).collect();
        assert_eq!(all(numbers(&world, 5_000).await.unwrap()).await, (1, expect.clone()));
        assert_eq!(all(numbers(&world, 300).await.unwrap()).await, (4, expect.clone()));
        // Two that nobody goes on taking leave the one reader's place to others, whose answers come whole.
        let mut slow = Vec::new();
        while slow.len() < 2 {
            // A place is free only after the last part was taken from it.
            slow.push(numbers(&world, 10).await.unwrap());
            slow.retain(|feed| feed.rest.is_some());
        }
        assert!(slow.iter().all(|feed| feed.first.len() == 10));
        assert_eq!(all(numbers(&world, 10).await.unwrap()).await, (1, expect.clone()));
        assert_eq!(next(&mut slow[0].rest).await, Some((10..20).collect()));
        // When they are given up their places are free again.
        drop(slow);
        let mut parts = 1;
        while parts == 1 {
            tokio::task::yield_now().await;
            let (now, found) = all(numbers(&world, 300).await.unwrap()).await;
            assert_eq!(found, expect);
            parts = now;
        }
        let failing = |_: &mut Reader<'_>, outlet: &mut Outlet<Vec<i64>, StoreError>| {
            if outlet.is_open() {
                outlet.give(vec![1])?;
            }
            Err(StoreError::UnknownTable("late".into()))
        };
        // The places of those before are free a moment after their last part was seen.
        let mut failed = loop {
            match world.tenant.feed(failing).await {
                Ok(feed) => break feed,
                Err(error) => assert!(matches!(error, StoreError::UnknownTable(_)), "{error}"),
            }
            tokio::task::yield_now().await;
        };
        let rest = failed.rest.as_mut().unwrap();
        assert!(matches!(rest.next().await, Some(Err(StoreError::UnknownTable(_)))));
        assert!(rest.next().await.is_none());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_not_taken_in_time_ends_broken() {
    for place in places() {
        let limits = StoreLimits { stream_time: Duration::ZERO, ..StoreLimits::default() };
        let world = World::limited(&place, limits).await;
        let endless = |_: &mut Reader<'_>, outlet: &mut Outlet<Vec<i64>, StoreError>| {
            assert!(outlet.is_open());
            loop {
                outlet.give(vec![1])?;
            }
        };
        let mut feed = world.tenant.feed(endless).await.unwrap();
        let rest = feed.rest.as_mut().unwrap();
        let mut last = rest.next().await;
        while matches!(last, Some(Ok(_))) {
            last = rest.next().await;
        }
        assert!(matches!(last, Some(Err(StoreError::TimedOut))), "{last:?}");
    }
}
