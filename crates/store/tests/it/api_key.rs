//! Keys for programs.

use gridkeep_model::{AccountId, ApiKeyId, Clock};
use gridkeep_store::{ApiKey, StoreError};
use jiff::ToSpan;

use crate::world::{World, places};

#[tokio::test(flavor = "multi_thread")]
async fn a_key_opens_its_app_until_it_is_over() {
    for place in places() {
        let mut world = World::new(&place).await;
        let now = world.clock.now();
        let new = |world: &mut World, name: &str, expires| ApiKey {
            id: ApiKeyId::new(&*world.clock, &mut world.rng),
            app: world.app,
            account: world.owner,
            name: name.to_owned(),
            writes: name == "writes",
            created: now,
            expires,
            methods: None,
            used: None,
        };
        let (lasting, short) =
            (new(&mut world, "writes", None), new(&mut world, "short", Some(now + 1.hour())));
        let stranger = AccountId::new(&*world.clock, &mut world.rng);
        let app = world.app;
        let (first, second) = (lasting.clone(), short.clone());
        let found = world
            .tenant
            .write(move |work| {
                work.create_api_key(&first, [1; 32])?;
                work.create_api_key(&second, [2; 32])?;
                work.see_api_key(first.id, now)?;
                assert_eq!(work.api_key(app, [2; 32], now)?.as_ref(), Some(&second));
                assert_eq!(work.api_key(app, [2; 32], now + 1.hour())?, None);
                assert_eq!(work.api_key(app, [3; 32], now)?, None);
                assert!(!work.revoke_api_key(app, second.id, Some(stranger))?);
                assert!(work.revoke_api_key(app, second.id, Some(second.account))?);
                assert_eq!(work.api_key(app, [2; 32], now)?, None);
                work.api_keys(app)
            })
            .await
            .map_err(|error: StoreError| error)
            .unwrap();
        assert_eq!(found, [ApiKey { used: Some(now), ..lasting.clone() }]);
        let left = world
            .tenant
            .write(move |work| {
                work.delete_app(app)?;
                work.api_key(app, [1; 32], now)
            })
            .await;
        assert_eq!(left.map_err(|error: StoreError| error.to_string()), Ok(None));
        assert_eq!(short.name, "short");
    }
}
