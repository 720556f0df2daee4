//! Opens everything a server holds: keys, databases, files; and hands it to the rooms.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    thread::available_parallelism,
    time::Duration,
};

use anyhow::{Context, bail};
use gridkeep_identity::{
    access::Algorithm,
    password::{Pepper, Scheme},
};
use gridkeep_model::{Clock, Rng};
use gridkeep_objects::{Objects, OwnerKey, RootKeys};
use gridkeep_store::{Backend, Durability, Store, StoreConfig, StoreLimits};
use jiff::SignedDuration;
use secrecy::ExposeSecret;

use crate::{
    audit::{Audit, Signer},
    chance::{Chance, SystemClock, SystemRng, Time},
    company::{Caller, Company, Inside},
    config::{Config, PasswordHash},
    creation::{Analyst, UploadLimits, Uploads},
    defence::{Arrivals, Throttle, WORK},
    distribution::{Copies, Definitions},
    executor::{Conditions, Executor},
    factors::Factors,
    fair::Fair,
    files::Files,
    gates::Gates,
    house::{House, OPEN, Shared},
    http::{Boundary, Origins, Pages, Proxy},
    invited::Invitations,
    mail::{Carrier, Post},
    notification::{Secrets, Teller},
    odata::{Calculators, Later, Reach, Rooms, Services},
    programs::Refreshing,
    session::{Bearers, COST_FILE, Lifetime, Logins, Passwords, SignUp, kept_cost},
    site::Site,
    state::{AppState, Parts},
    tenancy::{Founders, StoreKeys, Tenants, Vault, identity_key},
    tenant_name::DEFAULT,
};

/// Requests answered at once.
const REQUESTS: usize = 512;
/// How long an answer may take until its body begins.
const ANSWER_TIME: Duration = Duration::from_secs(30);
/// How long reading and calculating a file may take.
const ANALYSIS_TIME: Duration = Duration::from_secs(10);

/// The folder of signed heads of logs.
pub(crate) const HEADS: &str = "heads";

/// What a server is started with.
pub struct Start {
    /// Folder of keys, files and the embedded database.
    pub data: PathBuf,
    /// A PostgreSQL database instead of the embedded one.
    pub database: Option<String>,
    /// What commits wait for.
    pub durability: Durability,
    /// Where the server is to be found.
    pub site: Site,
    /// Folder of the web build.
    pub web: Option<PathBuf>,
    /// How accounts come to be.
    pub sign_up: SignUp,
    /// How long people stay signed in.
    pub lifetime: Lifetime,
    /// What access tokens are signed with.
    pub token_key: Algorithm,
    /// How long access tokens of programs live.
    pub token_life: SignedDuration,
    /// Whether a proxy stands in front.
    pub proxy: Proxy,
    /// Other sites whose pages may use services.
    pub origins: Origins,
    /// What uploads are allowed.
    pub uploads: UploadLimits,
    /// How passwords are hashed.
    pub scheme: Scheme,
    /// Who carries mails; the folder's outbox when `None`.
    pub carrier: Option<Carrier>,
    /// Invitations that a tenant sends in an hour; more wait.
    pub invitations: u64,
    /// How dear the puzzles are that many tries cost: see [`WORK`].
    pub work: u32,
    /// How long the log of sign-ins goes back.
    pub logins_kept: SignedDuration,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The source of chance.
    pub rng: Box<dyn Rng>,
    /// So many rows of a table follow a change at once; more are done in slices of as many.
    pub following: usize,
    /// Hosts of identity providers that may be inside, as `--provider-host` names them.
    pub provider_hosts: Vec<String>,
    /// Hosts of handlers of events that may be inside.
    pub handler_hosts: Vec<String>,
    /// People whom a tenant's providers bring for the first time in an hour.
    pub newcomers: u32,
    /// Who is asked for records of domains; as this machine does when `None`.
    pub name_server: Option<SocketAddr>,
    /// Who may make tenants.
    pub founders: Founders,
    /// So many tenants are open at once beside the first.
    pub open_tenants: usize,
}

impl Start {
    /// As the operator configured it, with the system's clock and chance.
    pub fn of(config: &Config) -> anyhow::Result<Self> {
        if let Some(contradiction) = config.contradiction() {
            bail!(contradiction);
        }
        Ok(Self {
            data: config.data.clone(),
            database: config.database.clone(),
            durability: config.synchronous.into(),
            site: Site::new(&config.base_url())?,
            web: config.web.clone(),
            sign_up: config.sign_up(),
            lifetime: Lifetime::days(config.session_idle_days, config.session_days),
            token_key: config.token_key.into(),
            token_life: SignedDuration::from_mins(config.token_minutes.into()),
            proxy: Proxy(config.behind_proxy),
            origins: Origins::new(&config.cors_origin)?,
            uploads: UploadLimits {
                file_bytes: usize::from(config.max_upload) << 20,
                files_total: u64::from(config.max_files) << 20,
                ..UploadLimits::default()
            },
            scheme: scheme(config)?,
            carrier: carrier(config)?,
            invitations: config.invitations_per_hour.into(),
            work: WORK,
            provider_hosts: config.provider_host.clone(),
            handler_hosts: config.handler_host.clone(),
            newcomers: config.newcomers_per_hour,
            name_server: config.name_server,
            logins_kept: SignedDuration::from_hours(24 * i64::from(config.keep_logins)),
            clock: Arc::new(SystemClock),
            rng: Box::new(SystemRng),
            following: FOLLOWING,
            founders: config.founders(),
            open_tenants: OPEN,
        })
    }
}

/// How many rows of a table follow a change at once, unless somebody wants it otherwise.
pub const FOLLOWING: usize = gridkeep_engine::apply::MOST_FOLLOWING;

/// How the operator wants passwords hashed.
fn scheme(config: &Config) -> anyhow::Result<Scheme> {
    match config.password_hash {
        PasswordHash::Argon2id => {
            let cost = kept_cost(&config.data)?;
            if !cost.is_enough() {
                let file = config.data.join(COST_FILE);
                bail!(
                    "{} asks for less than 19 MiB and 2 passes: calibrate again, or delete it",
                    file.display()
                );
            }
            Ok(Scheme::Argon2id(cost))
        }
        PasswordHash::Pbkdf2 => Ok(Scheme::Pbkdf2(600_000)),
    }
}

/// Who carries mails, where the operator named somebody.
fn carrier(config: &Config) -> anyhow::Result<Option<Carrier>> {
    let Some(smtp) = &config.smtp else { return Ok(None) };
    let site = Site::new(&config.base_url())?;
    let from = config.mail_from.clone().unwrap_or_else(|| sender(&site));
    let ca = match &config.smtp_ca {
        Some(file) => Some(std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?),
        None => None,
    };
    Ok(Some(Carrier::smtp(smtp, &from, ca.as_deref())?))
}

/// Whom mails come from when the operator says nothing.
fn sender(site: &Site) -> String {
    format!("Gridkeep <gridkeep@{}>", site.host())
}

/// What goes into every hash and is in no database: derived from a key that only the root key opens.
fn pepper(identity: &OwnerKey) -> anyhow::Result<Pepper> {
    let (mut id, name) = ([0; 4], identity.purpose_key("password pepper id")?);
    id.copy_from_slice(&name.expose_secret()[..4]);
    Ok(Pepper::new(id, identity.purpose_key("password pepper")?))
}

/// Opens everything; at the first start it is made.
pub async fn open(start: Start) -> anyhow::Result<House> {
    private_folder(&start.data).with_context(|| format!("cannot use the folder {}", start.data.display()))?;
    open_as_it_is(start).await
}

/// Opens everything in a folder that is used as it is.
pub(crate) async fn open_as_it_is(start: Start) -> anyhow::Result<House> {
    let time = Time::new(start.clock);
    let chance = Chance::new(start.rng);
    let (root, objects, store) = databases(&start.data, start.database, start.durability).await?;
    let identity = identity_key(&root, store.control()).await?;
    let pepper = pepper(&identity)?;
    let tenants = Tenants::new(store.clone(), objects.clone(), time.clone(), chance.clone());
    let tenancy = tenants.home().await?;
    let control = store.control().clone();
    let factors = Factors::new(control.clone(), &identity, &start.site, time.clone(), chance.clone())?;
    let vault =
        Vault::open(objects.clone(), &root, &control, tenancy.id(), time.clone(), chance.clone()).await?;
    let carrier = match start.carrier {
        Some(carrier) => carrier,
        None => Carrier::folder(start.data.join("outbox"), &sender(&start.site))?,
    };
    let site = start.site.at(tenancy.place());
    let audit = Audit::new(
        tenancy.clone(),
        Signer::new(&identity.purpose_key("audit heads")?)?,
        start.data.join(HEADS),
        time.clone(),
        chance.clone(),
    );
    let post = Post::new(
        control.clone(),
        tenants.clone(),
        site.clone(),
        (carrier, start.invitations),
        time.clone(),
        chance.clone(),
    );
    let invitations =
        Invitations::new(control.clone(), tenancy.clone(), post.clone(), time.clone(), chance.clone());
    let throttle = Throttle::new(
        control.clone(),
        &identity.purpose_key("throttle")?,
        start.work,
        time.clone(),
        chance.clone(),
    );
    let arrivals = Arrivals::new(
        control.clone(),
        throttle.clone(),
        post.clone(),
        time.clone(),
        chance.clone(),
        start.logins_kept,
    );
    let cores = available_parallelism().map_or(2, usize::from);
    let both = (time.clone(), chance.clone());
    let passwords = Passwords::new(cores.min(2), start.scheme, vec![pepper], both.clone())?;
    let nobody = passwords.nobody();
    let company = Company::new(
        control.clone(),
        arrivals.clone(),
        &identity,
        nobody,
        (Caller::new(Inside::read(&start.provider_hosts)?, start.name_server), start.newcomers),
        both,
    )?;
    let teller = Teller::new(
        (tenancy.clone(), site.clone()),
        (Caller::new(Inside::anywhere(&start.handler_hosts), None), company.clone()),
        Secrets::new(&identity.purpose_key("webhooks")?),
        post.clone(),
        (time.clone(), chance.clone()),
    );
    let secret = identity.purpose_key("access tokens")?;
    let bearers =
        Bearers::new(secret, (start.token_key, start.token_life), start.site.clone(), time.clone())?;
    let refreshing = Refreshing::new(&identity.purpose_key("refresh tokens")?);
    let logins = Logins::new(
        control.clone(),
        (tenancy.id(), DEFAULT),
        time.clone(),
        chance.clone(),
        start.lifetime,
        bearers,
    );
    logins.complete().await.context("cannot complete accounts")?;
    passwords.expect_imported(logins.imported().await.context("cannot look at accounts")?);
    let analyst = Analyst::new(cores.min(4), ANALYSIS_TIME, time.clone());
    let fair = if start.founders == Founders::Nobody { Fair::One } else { Fair::Shared };
    let shared = Shared {
        objects,
        root,
        control,
        later: Later::new(tenancy.id(), fair),
        following: start.following,
        files_total: start.uploads.files_total,
        most: start.open_tenants,
    };
    let definitions = Definitions::new(tenancy.clone());
    let formulas = || shared.formulas(&tenancy, &vault, &analyst);
    let conditions = Conditions::new(tenancy.clone(), formulas());
    let files = Files::new(vault.clone(), tenancy.clone(), time.clone(), shared.files_total);
    let gates = Gates::new(tenancy.clone(), site.clone(), post.clone(), time.clone(), chance.clone());
    let executor = Executor::new(
        tenancy.clone(),
        definitions.clone(),
        formulas(),
        gates.clone(),
        logins.clone(),
        time.clone(),
    );
    let rooms = Rooms::new(Reach {
        arrivals: arrivals.clone(),
        calculators: Calculators::new(tenancy.clone(), vault.clone(), analyst.clone(), conditions.clone()),
        chance: chance.clone(),
        definitions: definitions.clone(),
        executor: executor.clone(),
        files: files.clone(),
        logins: logins.clone(),
        proxy: start.proxy,
        services: Services::new(shared.later.clone()),
        site: site.clone(),
        tenancy: tenancy.clone(),
        time: time.clone(),
    });
    let home = AppState::new(Parts {
        site,
        boundary: Boundary::new(REQUESTS, fair, start.proxy, ANSWER_TIME),
        pages: Pages::new(start.web.as_deref()),
        proxy: start.proxy,
        origins: start.origins,
        logins,
        factors,
        passwords,
        company,
        throttle,
        audit,
        teller,
        arrivals,
        refreshing,
        sign_up: start.sign_up,
        post,
        invitations,
        files,
        uploads: Uploads::new(tenancy.id(), start.uploads, fair, time.clone(), chance.clone()),
        copies: Copies::new(vault.clone(), analyst.clone()),
        executor,
        gates,
        conditions,
        rooms,
        definitions,
        analyst,
        tenancy,
        tenants,
        founders: start.founders,
        vault,
        time,
        chance,
    });
    Ok(House::new(shared, home))
}

/// The root key, the object store and the databases of a data folder.
pub(crate) async fn databases(
    data: &Path,
    database: Option<String>,
    durability: Durability,
) -> anyhow::Result<(Arc<RootKeys>, Objects, Store)> {
    let (root, objects, config) = keys(data, database, durability)?;
    let store = Store::open(config).await.context("cannot open the database")?;
    Ok((root, objects, store))
}

/// The same beside a server that has them open, to be read.
pub(crate) async fn databases_beside(
    data: &Path,
    database: Option<String>,
) -> anyhow::Result<(Arc<RootKeys>, Objects, Store)> {
    let (root, objects, config) = keys(data, database, Durability::Full)?;
    let store = Store::beside(config).await.context("cannot open the database beside its server")?;
    Ok((root, objects, store))
}

/// What opens databases: the root key, which is made at the first start, files, and where they are.
fn keys(
    data: &Path,
    database: Option<String>,
    durability: Durability,
) -> anyhow::Result<(Arc<RootKeys>, Objects, StoreConfig)> {
    let key = data.join("root.key");
    // A new key would open nothing of what is there, and look like the one to keep.
    if !key.exists() && (data.join("objects").exists() || data.join("database").exists()) {
        bail!(
            "{} is not there, and nothing in the folder can be read without it: put it back",
            key.display()
        );
    }
    let root = Arc::new(RootKeys::open(&key)?);
    let objects = Objects::local(&data.join("objects"))?;
    let backend = match database {
        Some(url) => Backend::Postgres { url },
        None => Backend::Sqlite { folder: data.join("database") },
    };
    let keys = Arc::new(StoreKeys(Arc::clone(&root)));
    let config = StoreConfig { backend, keys, durability, limits: StoreLimits::default() };
    Ok((root, objects, config))
}

/// Nobody but the server's own user looks into its folder.
fn private_folder(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
    if !folder.is_dir() {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700))
}
