//! The server: the product's rooms over a temporary folder, with the model published as an app of its own.

use std::{collections::BTreeMap, net::Ipv4Addr, sync::Arc};

use anyhow::{Context, Result, anyhow};
use gridkeep_identity::{
    access::Algorithm,
    password::{Cost, Scheme},
};
use gridkeep_model::{AccountId, AppDefinition, AppId, Clock, clock::Rng};
use gridkeep_server::{
    chance::{SystemClock, SystemRng},
    creation::UploadLimits,
    http::{Origins, Proxy, serve},
    odata::Served,
    router,
    session::{Lifetime, SignUp},
    site::Site,
    start::{self, Start},
    state::AppState,
    tenancy::Founders,
};
use gridkeep_store::{Audience, Durability, NewApp, NewVersion};
use jiff::SignedDuration;
use tempfile::TempDir;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

use crate::{model, run::Running, seed};

/// How to serve.
pub struct Options {
    /// The port on the loopback; 0 takes a free one.
    pub port: u16,
    /// A PostgreSQL database of its own instead of SQLite.
    pub database: Option<String>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The source of chance.
    pub rng: Box<dyn Rng>,
}

impl Default for Options {
    fn default() -> Self {
        Self { port: 0, database: None, clock: Arc::new(SystemClock), rng: Box::new(SystemRng) }
    }
}

/// A running server.
pub struct Reference {
    root: String,
    stop: oneshot::Sender<()>,
    served: JoinHandle<()>,
    _folder: TempDir,
}

impl Reference {
    /// Publishes the model into a new folder and serves it.
    pub async fn start(options: Options) -> Result<Self> {
        let listener =
            TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await.context("cannot listen")?;
        let base = format!("http://localhost:{}", listener.local_addr()?.port());
        let folder = TempDir::new()?;
        let house = start::open(Start {
            data: folder.path().join("data"),
            database: options.database,
            durability: Durability::Full,
            site: Site::new(&base)?,
            web: None,
            sign_up: SignUp { open: false, newcomers: None },
            lifetime: Lifetime::default(),
            token_key: Algorithm::Hs256,
            token_life: SignedDuration::from_mins(5),
            proxy: Proxy(false),
            origins: Origins::new(&[])?,
            uploads: UploadLimits::default(),
            carrier: None,
            invitations: 1_000,
            work: 500,
            provider_hosts: Vec::new(),
            handler_hosts: Vec::new(),
            newcomers: 500,
            name_server: None,
            logins_kept: SignedDuration::from_hours(24),
            scheme: Scheme::Argon2id(Cost::default()),
            clock: options.clock,
            rng: options.rng,
            following: start::FOLLOWING,
            founders: Founders::Nobody,
            open_tenants: 1,
        })
        .await?;
        let state = house.home().state.clone();
        let definition = Arc::new(model::definition());
        let app = publish(&state, &definition).await?;
        let root = format!("{base}/");
        let operations = Arc::new(Running { definition });
        let service = Served::new(&state, app, model::projection(), root.clone(), operations);
        let router = router::served(state, service);
        let (stop, stopped) = oneshot::channel::<()>();
        let stopped = async {
            let _ = stopped.await;
        };
        let served = tokio::spawn(serve(listener, router, stopped));
        Ok(Self { root, stop, served, _folder: folder })
    }

    /// Its address, with a slash at the end.
    pub fn root(&self) -> &str {
        &self.root
    }

    /// Lets requests under way finish, and ends.
    pub async fn stop(self) {
        let _ = self.stop.send(());
        let _ = self.served.await;
    }
}

/// The model as an app that is open to the public, with its rows.
async fn publish(state: &AppState, definition: &Arc<AppDefinition>) -> Result<AppId> {
    let (time, chance) = (state.time.clone(), state.chance.clone());
    let id = chance.with(|rng| AppId::new(time.clock(), rng));
    let owner = AccountId::from_uuid(uuid::Uuid::nil());
    let definition = Arc::clone(definition);
    let written = state
        .tenancy
        .write(move |work| {
            work.create_app(&NewApp { id, owner, audience: Audience::Public }, time.clock())?;
            let version = NewVersion {
                app: id,
                definition: &definition,
                workbook: "",
                file_name: "",
                created_by: owner,
            };
            work.publish(&version, time.clock())?;
            let mut seed: BTreeMap<String, seed::Rows> = seed::rows(&definition).into_iter().collect();
            for table in &definition.tables {
                let indexed: Vec<&str> = table.columns.iter().map(|column| column.id.as_str()).collect();
                work.create_table(id, &table.schema(), &indexed)?;
                if let Some(rows) = seed.remove(&table.id) {
                    work.insert_rows(id, &table.id, rows)?;
                }
            }
            Ok(())
        })
        .await;
    written.map_err(|error| anyhow!(error).context("cannot publish the model"))?;
    Ok(id)
}
