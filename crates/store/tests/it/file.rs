//! Records of contents.

use gridkeep_model::Clock;
use gridkeep_store::{File, Room, StoreError};
use jiff::ToSpan;

use crate::world::{World, places};

#[tokio::test(flavor = "multi_thread")]
async fn a_row_holds_contents_until_it_does_not() {
    for place in places() {
        let mut world = World::new(&place).await;
        let now = world.clock.now();
        let (app, row, other) = (world.app, world.row_id(), world.row_id());
        let file = |object: &str, row, table: &str| File {
            object: object.to_owned(),
            app,
            table: table.to_owned(),
            column: "photo".to_owned(),
            row,
            reference: format!("{{{object}}}"),
            size: 10,
            held: false,
            since: now,
        };
        let files = [file("a", row, "t"), file("b", row, "t"), file("c", other, "t"), file("d", row, "u")];
        let left = world
            .tenant
            .write(move |work| {
                for file in &files {
                    work.add_file(file)?;
                }
                assert_eq!(work.room_of_files()?, Room { files: 4, bytes: 40 });
                assert_eq!(work.file(app, "a")?.as_ref(), Some(&files[0]));
                assert_eq!(work.file(app, "e")?, None);
                let later = now + 1.hour();
                assert!(work.hold_files(app, "t", row, &["a"], later)?);
                let held = work.file(app, "a")?.map(|file| (file.held, file.since));
                assert_eq!(held, Some((true, later)));
                assert!(!work.hold_files(app, "t", row, &["b", "c"], later + 1.hour())?, "of another row");
                assert!(!work.hold_files(app, "t", row, &["d"], later + 1.hour())?, "of another table");
                assert!(work.hold_files(app, "t", row, &["b"], later + 1.hour())?);
                // Held ones are never struck, others only when their time has come.
                assert!(!work.strike_file("b", later + 9.hour())?);
                assert!(!work.strike_file("a", later)?);
                assert!(work.strike_file("a", later + 9.hour())?);
                assert!(!work.strike_file("a", later + 9.hour())?);
                let names = work.files_after("b", 9)?.into_iter().map(|file| file.object);
                assert_eq!(names.collect::<Vec<_>>(), ["c", "d"]);
                work.delete_app(app)?;
                work.room_of_files()
            })
            .await
            .map_err(|error: StoreError| error)
            .unwrap();
        assert_eq!(left, Room { files: 0, bytes: 0 });
    }
}
