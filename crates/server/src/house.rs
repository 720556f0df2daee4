//! Everything a server holds: what all its tenants share, and the rooms of those that are open.
//!
//! **Architecture Invariant:** a tenant's rooms are a state of their own, and its routes hold no other: a handler cannot reach
//! another tenant's database, files or caches. At most so many tenants are open; one that nobody works with is closed for the
//! next, the longest unused first.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::Router;
use gridkeep_model::TenantId;
use gridkeep_objects::{Objects, RootKeys};
use gridkeep_store::Control;
use tokio::sync::Semaphore;
use tracing::Instrument;

use crate::{
    audit::Audit,
    creation::Analyst,
    distribution::{Copies, Definitions},
    error::ApiError,
    executor::{Conditions, Executor, FormulaPool},
    files::{Files, sweep_files},
    gates::Gates,
    invited::Invitations,
    odata::{Calculators, Later, Reach, Rooms, Services},
    router,
    session::SignUp,
    state::{AppState, Parts},
    tenancy::{Tenancy, Tenants, Vault, sweep_objects},
    tenant_name::DEFAULT,
};

/// Tenants open at once beside the first.
pub const OPEN: usize = 32;
/// Requests that may wait until a tenant is open.
const WAITING: usize = 64;
/// How often uploads that nobody uses are looked for, and tenants that are to end.
const SWEEP_EVERY: Duration = Duration::from_mins(1);
/// How often it is looked whether a head of a log is to be signed, and whether handlers are to be told.
const SIGN_EVERY: Duration = Duration::from_secs(10);
/// How often stored workbooks are looked through: a server may run for months.
const SWEEP_OBJECTS_EVERY: Duration = Duration::from_hours(24);

/// Everything. Cheap to clone.
#[derive(Clone)]
pub struct House(Arc<Inner>);

struct Inner {
    shared: Shared,
    /// All routes, for whichever state.
    plan: Router<AppState>,
    home: Arc<Room>,
    /// What answers for tenants that are not there.
    nowhere: tokio::sync::OnceCell<Arc<Room>>,
    open: Mutex<Open>,
    /// One at a time is opened.
    opening: tokio::sync::Mutex<()>,
    waiting: Semaphore,
    /// Rows of a tenant that follow a change do so as long as it is open.
    at_work: AtomicBool,
}

/// What tenants share.
pub(crate) struct Shared {
    pub(crate) objects: Objects,
    pub(crate) root: Arc<RootKeys>,
    pub(crate) control: Control,
    pub(crate) later: Later,
    pub(crate) following: usize,
    pub(crate) files_total: u64,
    pub(crate) most: usize,
}

/// Tenants that are open, and when each was last asked for.
#[derive(Default)]
struct Open {
    rooms: HashMap<TenantId, (u64, Arc<Room>)>,
    asked: u64,
}

/// An open tenant.
pub struct Room {
    /// Its rooms.
    pub state: AppState,
    pub(crate) routes: Router,
}

impl Shared {
    /// The parts of a tenant, those of the server as another tenant has them.
    pub(crate) async fn furnish(&self, tenancy: Tenancy, other: &Parts) -> anyhow::Result<AppState> {
        let (objects, time, chance) = (self.objects.clone(), other.time.clone(), other.chance.clone());
        let vault =
            Vault::open(objects, &self.root, &self.control, tenancy.id(), time.clone(), chance.clone())
                .await?;
        let (analyst, site) = (other.analyst.clone(), other.site.at(tenancy.place()));
        let logins = other.logins.at(tenancy.id(), tenancy.place().name());
        let invitations = other.invitations.at(tenancy.clone());
        let audit = other.audit.at(tenancy.clone());
        let teller = other.teller.at(tenancy.clone(), site.clone());
        let definitions = Definitions::new(tenancy.clone());
        let formulas = || self.formulas(&tenancy, &vault, &analyst);
        let conditions = Conditions::new(tenancy.clone(), formulas());
        let files = Files::new(vault.clone(), tenancy.clone(), time.clone(), self.files_total);
        let gates =
            Gates::new(tenancy.clone(), site.clone(), other.post.clone(), time.clone(), chance.clone());
        let executor = Executor::new(
            tenancy.clone(),
            definitions.clone(),
            formulas(),
            gates.clone(),
            logins.clone(),
            time.clone(),
        );
        let calculators =
            Calculators::new(tenancy.clone(), vault.clone(), analyst.clone(), conditions.clone());
        let rooms = Rooms::new(Reach {
            arrivals: other.arrivals.clone(),
            calculators,
            chance: chance.clone(),
            definitions: definitions.clone(),
            executor: executor.clone(),
            files: files.clone(),
            logins: logins.clone(),
            proxy: other.proxy,
            services: Services::new(self.later.of(tenancy.id())),
            site: site.clone(),
            tenancy: tenancy.clone(),
            time: time.clone(),
        });
        Ok(AppState::new(Parts {
            uploads: other.uploads.of(tenancy.id()),
            copies: Copies::new(vault.clone(), analyst.clone()),
            // Whoever comes by themselves comes to the first tenant.
            sign_up: SignUp { newcomers: None, ..other.sign_up },
            site,
            logins,
            files,
            executor,
            gates,
            conditions,
            rooms,
            definitions,
            analyst,
            tenancy,
            vault,
            time,
            chance,
            boundary: other.boundary.of_another(),
            pages: other.pages.clone(),
            proxy: other.proxy,
            origins: other.origins.clone(),
            passwords: other.passwords.clone(),
            throttle: other.throttle.clone(),
            audit,
            teller,
            arrivals: other.arrivals.clone(),
            company: other.company.clone(),
            refreshing: other.refreshing.clone(),
            factors: other.factors.clone(),
            post: other.post.clone(),
            invitations,
            tenants: other.tenants.clone(),
            founders: other.founders,
        }))
    }

    pub(crate) fn formulas(&self, tenancy: &Tenancy, vault: &Vault, analyst: &Analyst) -> FormulaPool {
        FormulaPool::new(tenancy.clone(), vault.clone(), analyst.clone(), self.following)
    }
}

impl Room {
    fn new(plan: &Router<AppState>, state: AppState) -> Arc<Self> {
        Arc::new(Self { routes: router::furnished(plan.clone(), &state), state })
    }
}

impl House {
    /// With its first tenant.
    pub(crate) fn new(shared: Shared, home: AppState) -> Self {
        let plan = router::plan(&home);
        Self(Arc::new(Inner {
            home: Room::new(&plan, home),
            plan,
            shared,
            nowhere: tokio::sync::OnceCell::new(),
            open: Mutex::default(),
            opening: tokio::sync::Mutex::default(),
            waiting: Semaphore::new(WAITING),
            at_work: AtomicBool::new(false),
        }))
    }

    /// The tenant at the root of the host.
    pub fn home(&self) -> &Arc<Room> {
        &self.0.home
    }

    /// All tenants.
    pub fn tenants(&self) -> &Tenants {
        &self.home().state.tenants
    }

    /// How many tenants are open beside the first.
    pub fn open_rooms(&self) -> usize {
        self.open().rooms.len()
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.0.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The rooms of the tenant that somebody asks for; empty ones where there is none.
    pub async fn called(&self, name: &str) -> Result<Arc<Room>, ApiError> {
        if name == DEFAULT {
            return Ok(Arc::clone(self.home()));
        }
        match self.tenants().find(name).await? {
            Some(id) => match self.room(id).await? {
                Some(room) => Ok(room),
                None => self.nowhere().await,
            },
            None => self.nowhere().await,
        }
    }

    async fn nowhere(&self) -> Result<Arc<Room>, ApiError> {
        let furnish = async || {
            let tenancy = self.tenants().nowhere().await?;
            Ok::<_, ApiError>(Room::new(&self.0.plan, self.furnish(tenancy).await?))
        };
        self.0.nowhere.get_or_try_init(furnish).await.cloned()
    }

    async fn furnish(&self, tenancy: Tenancy) -> Result<AppState, ApiError> {
        let made = self.0.shared.furnish(tenancy, &self.home().state).await;
        made.map_err(|error| ApiError::internal(error.into_boxed_dyn_error()))
    }

    /// A tenant's rooms, opened when they are not; `None` when there is none.
    pub async fn room(&self, id: TenantId) -> Result<Option<Arc<Room>>, ApiError> {
        if id == self.home().state.tenancy.id() {
            return Ok(Some(Arc::clone(self.home())));
        }
        if let Some(room) = self.open().find(id) {
            return Ok(Some(room));
        }
        let _waiting = self.0.waiting.try_acquire().map_err(|_| ApiError::Overloaded)?;
        let _one = self.0.opening.lock().await;
        if let Some(room) = self.open().find(id) {
            return Ok(Some(room));
        }
        let Some(tenancy) = self.tenants().get(id).await? else { return Ok(None) };
        let span = tracing::info_span!("tenant", tenant.name = tenancy.place().name());
        let room = Room::new(&self.0.plan, self.furnish(tenancy).await?);
        let closed = self.open().add(id, Arc::clone(&room), self.0.shared.most);
        if self.0.at_work.load(Ordering::SeqCst) {
            for room in closed {
                // Nobody looks after its log while it is closed.
                tokio::spawn(async move { sign(&room.state.audit).await });
            }
        }
        if self.0.at_work.load(Ordering::SeqCst) {
            tokio::spawn(follow(Arc::downgrade(&room)).instrument(span));
        }
        Ok(Some(room))
    }

    /// Does what is to be done beside requests, for all tenants, as long as the server runs: sends mails, lets rows follow,
    /// forgets uploads nobody uses, deletes what a crash left behind, erases tenants that have ended. One tenant after the
    /// other, so that however many there are, none is kept waiting for the rest.
    pub async fn keep(self) {
        self.0.at_work.store(true, Ordering::SeqCst);
        tokio::spawn(self.home().state.post.clone().run());
        tokio::spawn(follow(Arc::downgrade(self.home())));
        tokio::spawn(sign_heads(Arc::downgrade(&self.0)));
        let mut often = tokio::time::interval(SWEEP_EVERY);
        let mut daily = tokio::time::interval(SWEEP_OBJECTS_EVERY);
        loop {
            tokio::select! {
                _ = often.tick() => {
                    self.home().state.uploads.sweep();
                    tokio::join!(write_refused(&self.home().state), self.home().state.company.forget_tests());
                    settle_invitations(&self).await;
                    self.watch_gates().await;
                    self.erase().await;
                }
                _ = daily.tick() => {
                    sweep_logins(&self.home().state).await;
                    sweep_invitations(&self.home().state.invitations).await;
                    self.look_through().await;
                }
            }
        }
    }

    /// Opens each tenant once: rows of it that wait go on, and what nobody refers to is deleted.
    pub async fn look_through(&self) {
        let all = match self.tenants().all().await {
            Ok(all) => all,
            Err(error) => {
                tracing::warn!(error.code = error.code(), "tenants could not be looked through");
                return;
            }
        };
        for info in all.into_iter().filter(|info| info.ending.is_none()) {
            let look = async {
                match self.room(info.id).await {
                    Ok(Some(room)) => {
                        let Parts { tenancy, vault, time, files, .. } = &*room.state;
                        sweep_objects(tenancy, vault, time).await;
                        sweep_files(files).await;
                        look_at(&room.state.audit).await;
                        watch(&room).await;
                        if let Err(error) = room.state.teller.forget().await {
                            tracing::warn!(error.code = error.code(), "old events could not be forgotten");
                        }
                    }
                    Ok(None) => {}
                    Err(error) => {
                        tracing::warn!(error.code = error.code(), "tenant could not be looked through");
                    }
                }
            };
            look.instrument(tracing::info_span!("tenant", tenant.name = %info.name)).await;
        }
    }

    /// Looks whether the gates of gates of open tenants can be met: whatever takes that away, those who rule hear of it.
    pub async fn watch_gates(&self) {
        for room in self.rooms() {
            watch(&room).await;
        }
    }

    /// The open tenants, the first among them.
    fn rooms(&self) -> Vec<Arc<Room>> {
        let mut rooms = vec![Arc::clone(self.home())];
        rooms.extend(self.open().rooms.values().map(|(_, room)| Arc::clone(room)));
        rooms
    }

    /// Erases the tenants that are to end and that nobody works with any more.
    pub async fn erase(&self) {
        let all = self.tenants().all().await.unwrap_or_default();
        for info in all.into_iter().filter(|info| info.ending.is_some()) {
            let closed = self.open().rooms.remove(&info.id);
            drop(closed);
            match self.tenants().erase(info.id).await {
                Ok(true) => tracing::info!(tenant.name = %info.name, "tenant erased"),
                Ok(false) => {}
                Err(error) => {
                    let code = error.code();
                    tracing::warn!(tenant.name = %info.name, error.code = code, "tenant could not be erased");
                }
            }
        }
    }
}

/// Writes down which keys and tokens of programs were refused. Failing is no reason not to serve.
async fn write_refused(home: &AppState) {
    if let Err(error) = home.arrivals.write_refused().await {
        tracing::warn!(error.code = error.code(), "refused keys could not be written down");
    }
}

/// Forgets sign-ins of long ago, and accounts that only ever claimed an address. Failing is no reason not to serve.
async fn sweep_logins(home: &AppState) {
    match home.arrivals.sweep().await {
        Ok(0) => {}
        Ok(count) => tracing::info!(logins.count = count, "old sign-ins are forgotten"),
        Err(error) => tracing::warn!(error.code = error.code(), "old sign-ins could not be forgotten"),
    }
    match home.logins.imported().await {
        Ok(iterations) => home.passwords.expect_imported(iterations),
        Err(error) => tracing::warn!(error.code = error.code(), "accounts could not be looked at"),
    }
    match home.logins.forget_claims().await {
        Ok(0) => {}
        Ok(count) => {
            tracing::info!(accounts.count = count, "accounts that only claimed an address are erased");
        }
        Err(error) => tracing::warn!(error.code = error.code(), "claims could not be forgotten"),
    }
}

/// Forgets what became of invitations of long ago. Failing is no reason not to serve.
async fn sweep_invitations(invitations: &Invitations) {
    match invitations.sweep().await {
        Ok(0) => {}
        Ok(count) => tracing::info!(invitations.count = count, "old invitations are forgotten"),
        Err(error) => tracing::warn!(error.code = error.code(), "old invitations could not be forgotten"),
    }
}

/// Looks whether anybody can meet a tenant's gate of gates. Failing is no reason not to serve.
async fn watch(room: &Room) {
    let Parts { gates, logins, .. } = &*room.state;
    if let Err(error) = gates.watch(logins).await {
        tracing::warn!(error.code = error.code(), "who can meet the gate of gates could not be looked at");
    }
}

/// Gives people who accepted what a crash kept from them.
async fn settle_invitations(house: &House) {
    let state = &house.home().state;
    if let Err(error) = state.invitations.settle_all(&state.tenants).await {
        tracing::warn!(error.code = error.code(), "people who accepted were not given everything");
    }
}

/// Signs heads of the logs of open tenants, and tells their handlers, as long as the server runs.
async fn sign_heads(house: Weak<Inner>) {
    let mut often = tokio::time::interval(SIGN_EVERY);
    loop {
        often.tick().await;
        let Some(house) = house.upgrade().map(House) else { return };
        for room in house.rooms() {
            if let Err(error) = room.state.audit.sign_due().await {
                tracing::warn!(error.code = error.code(), "a head of the log could not be signed");
            }
            // A handler that takes its time keeps no other tenant's waiting.
            tokio::spawn(async move {
                if let Err(error) = room.state.teller.work_off().await {
                    tracing::warn!(error.code = error.code(), "handlers could not be told");
                }
            });
        }
    }
}

/// Signs a head of what is there. Failing is no reason not to serve: the next time comes.
async fn sign(audit: &Audit) {
    if let Err(error) = audit.sign().await {
        tracing::warn!(error.code = error.code(), "a head of the log could not be signed");
    }
}

/// Looks whether a tenant's log is what it was, and signs a head of it.
async fn look_at(audit: &Audit) {
    match audit.verify_alone().await {
        Ok(report) if report.faults.is_empty() => sign(audit).await,
        Ok(report) => {
            for fault in &report.faults {
                tracing::error!(audit.fault = %fault.words(), "the log of a tenant was tampered with");
            }
        }
        Err(error) => tracing::warn!(error.code = error.code(), "the log could not be verified"),
    }
}

/// Lets rows of a tenant follow changes as long as it is open; holds it only while they do.
async fn follow(room: Weak<Room>) {
    Executor::follow_up(|| room.upgrade(), |room| &room.state.executor).await;
}

impl Open {
    fn find(&mut self, id: TenantId) -> Option<Arc<Room>> {
        self.asked += 1;
        let (asked, room) = self.rooms.get_mut(&id)?;
        *asked = self.asked;
        Some(Arc::clone(room))
    }

    /// Adds one and takes out those that are too many, the longest unused first, unless somebody works with them.
    fn add(&mut self, id: TenantId, room: Arc<Room>, most: usize) -> Vec<Arc<Room>> {
        self.asked += 1;
        self.rooms.insert(id, (self.asked, room));
        let idle = self.rooms.iter().filter(|(_, (_, room))| Arc::strong_count(room) == 1);
        let mut idle: Vec<(u64, TenantId)> = idle.map(|(id, (asked, _))| (*asked, *id)).collect();
        idle.sort_unstable();
        let many = self.rooms.len().saturating_sub(most);
        idle.into_iter().take(many).filter_map(|(_, id)| Some(self.rooms.remove(&id)?.1)).collect()
    }
}
