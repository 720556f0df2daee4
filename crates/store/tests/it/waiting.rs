//! Tables that wait to be calculated anew.

use gridkeep_store::StoreError;

use crate::world::{World, places};

#[tokio::test(flavor = "multi_thread")]
async fn a_walk_ends_however_much_comes_meanwhile() {
    for place in places() {
        let mut world = World::new(&place).await;
        let (app, first, last) = (world.app, world.row_id(), world.row_id());
        world
            .tenant
            .change(move |work| {
                let shown = |work: &mut gridkeep_store::RowWork<'_>| -> Result<String, StoreError> {
                    let row = |id| if id == first { "first" } else { "last" };
                    let all = work.waiting()?.into_iter().map(|one| {
                        assert_eq!(one.app, app);
                        format!("{} {} {} {}", one.table, one.after.map_or("none", row), one.again, one.round)
                    });
                    Ok(all.collect::<Vec<_>>().join("; "))
                };
                assert_eq!(shown(work)?, "");
                work.wait(app, "t", 1)?;
                work.wait(app, "t", 0)?;
                work.wait(app, "s", 2)?;
                assert_eq!(shown(work)?, "s none false 2; t none false 0");
                work.waited(app, "t", first)?;
                // Another change sends it round once more, and leaves it where it is.
                work.wait(app, "t", 1)?;
                work.wait(app, "t", 1)?;
                assert_eq!(shown(work)?, "s none false 2; t first true 1");
                work.waited(app, "t", last)?;
                let waiting = work.waiting()?.remove(1);
                work.end_wait(&waiting)?;
                assert_eq!(shown(work)?, "s none false 2; t none false 1");
                let waiting = work.waiting()?.remove(1);
                work.end_wait(&waiting)?;
                assert_eq!(shown(work)?, "s none false 2");
                // What came since it was read is not lost.
                work.waited(app, "s", last)?;
                let waiting = work.waiting()?.remove(0);
                work.wait(app, "s", 0)?;
                work.end_wait(&waiting)?;
                assert_eq!(shown(work)?, "s last true 0");
                Ok::<_, StoreError>(())
            })
            .await
            .unwrap();
        let left = world.tenant.write(move |work| {
            work.delete_app(app)?;
            Ok::<_, StoreError>(work.waiting()?.len())
        });
        assert_eq!(left.await.unwrap(), 0);
    }
}
