//! Contents in the vault: bound to their rows, and none of the business of the workbooks' sweep.

use bytes::Bytes;
use gridkeep_model::{AppId, RowId};
use gridkeep_server::tenancy::sweep_objects;
use jiff::SignedDuration;
use uuid::Uuid;

use crate::kit::World;

#[tokio::test(flavor = "multi_thread")]
async fn the_sweep_of_workbooks_leaves_contents_alone_and_only_their_rows_get_at_them() {
    let world = World::start().await;
    let (tenancy, vault, time) = (&world.state.tenancy, &world.state.vault, &world.state.time);
    let app = |number| AppId::from_uuid(Uuid::from_u128(number));
    let row = |number| RowId::from_uuid(Uuid::from_u128(number));
    let workbook = vault.put(Bytes::from_static(b"book")).await.unwrap();
    let photo = vault.new_content().unwrap();
    let mut writer = vault.begin_content(app(1), row(1), &photo, 5).await.unwrap();
    writer.write(b"photo").await.unwrap();
    writer.finish().await.unwrap();
    for passed in [SignedDuration::from_hours(25), SignedDuration::from_hours(24 * 400)] {
        world.clock.advance(passed);
        sweep_objects(tenancy, vault, time).await;
        let found = vault.content(app(1), row(1), &photo, 0..5).await.unwrap();
        assert_eq!(found, Some(Bytes::from_static(b"photo")), "{passed}");
    }
    assert_eq!(vault.list().await.unwrap(), [], "the workbook that no version refers to is gone");
    let check = async |app, row, id: &str| {
        for range in [0..5, 1..5] {
            assert_eq!(vault.content(app, row, id, range).await.unwrap(), None, "{id}");
        }
    };
    check(app(1), row(2), &photo).await;
    check(app(2), row(1), &photo).await;
    check(app(1), row(1), &workbook).await;
    check(app(1), row(1), "photo").await;
}
