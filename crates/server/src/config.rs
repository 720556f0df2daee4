//! What an operator decides: command line flags, each also an environment variable `GRIDKEEP_*`.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};
use gridkeep_identity::access::Algorithm;
use gridkeep_store::{Durability, TenantRole};
use secrecy::SecretString;

use crate::{session::SignUp, tenancy::Founders};

/// Gridkeep turns a spreadsheet into a business app.
#[derive(Debug, Parser)]
#[command(name = "gridkeep", version)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the executable can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serves the portal, the apps and the API.
    Serve(Box<Config>),
    /// Prints the OpenAPI document.
    Openapi,
    /// Prints the JSON Schema of an app definition.
    Schema,
    /// Checks folder, keys, database, stored files and web pages, and says what to mend.
    Doctor(Box<Config>),
    /// Takes over people with their passwords from a CSV file with the columns email, name, password (PBKDF2-HMAC-SHA256 of at
    /// least 600,000 iterations in PHC or Django form) and perhaps role. Their addresses count as confirmed. The server must not
    /// run meanwhile, unless its database is PostgreSQL.
    ImportAccounts {
        /// The server's folder.
        #[arg(long, env = "GRIDKEEP_DATA", default_value = "data", value_name = "DIR")]
        data: PathBuf,
        /// The PostgreSQL database, where it is not in the folder.
        #[arg(long, env = "GRIDKEEP_DATABASE", value_name = "URL", hide_env_values = true)]
        database: Option<String>,
        /// The file.
        file: PathBuf,
    },
    /// Makes, lists and removes tenants, while no server runs on the folder.
    Tenant {
        /// What to do.
        #[command(subcommand)]
        command: TenantCommand,
    },
    /// Verifies the log of what matters for security, while no server runs on the folder (unless its database is PostgreSQL).
    Audit {
        /// What to do.
        #[command(subcommand)]
        command: AuditCommand,
    },
    /// Switches the security checkpoints of a tenant off where nobody can change them any more, while no server runs on the folder.
    Checkpoints {
        /// What to do.
        #[command(subcommand)]
        command: CheckpointsCommand,
    },
    /// Finds what hashing a password should cost on this machine, and keeps it for the next start.
    CalibratePassword {
        /// The server's folder.
        #[arg(long, env = "GRIDKEEP_DATA", default_value = "data", value_name = "DIR")]
        data: PathBuf,
    },
}

/// What to do with a tenant's log.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Looks at every row: whether it says what it said when it was written, and is where it was; also beside a server. Ends with 0 when the log is
    /// whole, 2 when it is not, and 1 when that cannot be said.
    Verify {
        /// A file of signed heads that was kept elsewhere, a JSON document a line: rows that were cut off or written anew since are
        /// found by it. May be given several times; those in the server's folder are compared always.
        #[arg(long, value_name = "FILE")]
        head: Vec<PathBuf>,
        /// The tenant; the first when absent.
        #[arg(long, value_name = "NAME")]
        tenant: Option<String>,
        /// Where it is.
        #[command(flatten)]
        place: Place,
    },
    /// Signs a head of the log as it is now, keeps it beside the others and prints it.
    Sign {
        /// The tenant; the first when absent.
        #[arg(long, value_name = "NAME")]
        tenant: Option<String>,
        /// Where it is.
        #[command(flatten)]
        place: Place,
    },
    /// Prints the proof that a row is in the log of a signed head, as JSON; and that the log begins with that of an earlier one.
    Prove {
        /// The row's number.
        row: u64,
        /// A file of signed heads that was kept elsewhere: its last head's log is proven to be the beginning of today's.
        #[arg(long, value_name = "FILE")]
        head: Option<PathBuf>,
        /// The tenant; the first when absent.
        #[arg(long, value_name = "NAME")]
        tenant: Option<String>,
        /// Where it is.
        #[command(flatten)]
        place: Place,
    },
}

/// What to do with a tenant's checkpoints.
#[derive(Debug, Subcommand)]
pub enum CheckpointsCommand {
    /// No gate asks any more, until an administrator switches them on again. It is in the tenant's log.
    Off {
        /// The tenant; the first when absent.
        #[arg(long, value_name = "NAME")]
        tenant: Option<String>,
        /// Where it is.
        #[command(flatten)]
        place: Place,
    },
}

/// What to do with tenants.
#[derive(Debug, Subcommand)]
pub enum TenantCommand {
    /// Makes one.
    Create {
        /// Its name in addresses: small letters, digits and hyphens.
        name: String,
        /// What people call it; its name when absent.
        #[arg(long)]
        title: Option<String>,
        /// The address of the account that owns it.
        #[arg(long, value_name = "ADDRESS")]
        owner: String,
        /// Where it is.
        #[command(flatten)]
        place: Place,
    },
    /// Lists them.
    List {
        /// Where they are.
        #[command(flatten)]
        place: Place,
    },
    /// Notes that a domain of mail addresses is the company's of one that has named it, whatever its records say.
    VerifyDomain {
        /// The tenant's name.
        name: String,
        /// The domain.
        domain: String,
        /// Where it is.
        #[command(flatten)]
        place: Place,
    },
    /// Removes one with its apps, rows and files, and destroys its key. There is no way back.
    Remove {
        /// Its name.
        name: String,
        /// Its name once more.
        #[arg(long, value_name = "NAME")]
        confirm: String,
        /// Where it is.
        #[command(flatten)]
        place: Place,
    },
}

/// Where a server's databases and keys are.
#[derive(Debug, Clone, Args)]
pub struct Place {
    /// The server's folder.
    #[arg(long, env = "GRIDKEEP_DATA", default_value = "data", value_name = "DIR")]
    pub data: PathBuf,
    /// A PostgreSQL database that is used instead of the embedded one.
    #[arg(long, env = "GRIDKEEP_DATABASE", value_name = "URL", hide_env_values = true)]
    pub database: Option<String>,
}

/// How to serve.
#[derive(Debug, Clone, Args)]
pub struct Config {
    /// Folder of keys, files and, unless --database names another, the database; made at the first start.
    #[arg(long, env = "GRIDKEEP_DATA", default_value = "data", value_name = "DIR")]
    pub data: PathBuf,
    /// Address to listen on.
    #[arg(long, env = "GRIDKEEP_LISTEN", default_value = "127.0.0.1:8080", value_name = "ADDRESS:PORT")]
    pub listen: SocketAddr,
    /// The address people use, such as https://apps.example.com; links and cookies follow it. The listening address
    /// when absent.
    #[arg(long, env = "GRIDKEEP_BASE_URL", value_name = "URL")]
    pub base_url: Option<String>,
    /// Folder of the web build.
    #[arg(long, env = "GRIDKEEP_WEB", value_name = "DIR")]
    pub web: Option<PathBuf>,
    /// A PostgreSQL database to use instead of the embedded one.
    #[arg(long, env = "GRIDKEEP_DATABASE", value_name = "URL", hide_env_values = true)]
    pub database: Option<String>,
    /// What an answer to a change waits for.
    #[arg(long, env = "GRIDKEEP_SYNCHRONOUS", value_enum, default_value_t = Synchronous::Full)]
    pub synchronous: Synchronous,
    /// Largest workbook that can be uploaded, in MiB.
    #[arg(long, env = "GRIDKEEP_MAX_UPLOAD", default_value_t = 25, value_name = "MIB",
        value_parser = clap::value_parser!(u16).range(1..=64))]
    pub max_upload: u16,
    /// Room for all photos and files of rows together, in MiB.
    #[arg(long, env = "GRIDKEEP_MAX_FILES", default_value_t = 10_240, value_name = "MIB")]
    pub max_files: u32,
    /// How passwords are hashed. Those hashed otherwise go on working and are hashed anew when their people sign in.
    #[arg(long, env = "GRIDKEEP_PASSWORD_HASH", value_enum, default_value_t = PasswordHash::Argon2id)]
    pub password_hash: PasswordHash,
    /// What the server is for. Without one: one tenant, and whoever makes an account may make apps.
    #[arg(long, env = "GRIDKEEP_PROFILE", value_enum)]
    pub profile: Option<Profile>,
    /// Who may make tenants, where there are several.
    #[arg(long, env = "GRIDKEEP_FOUNDERS", value_enum)]
    pub founders: Option<Founders>,
    /// Only the first person can make an account by themselves.
    #[arg(long, env = "GRIDKEEP_CLOSED_SIGN_UP")]
    pub closed_sign_up: bool,
    /// After how many days people sign in again, whatever they do.
    #[arg(long, env = "GRIDKEEP_SESSION_DAYS", default_value_t = 30, value_name = "DAYS",
        value_parser = clap::value_parser!(u16).range(1..=365))]
    pub session_days: u16,
    /// After how many days without coming back people sign in again.
    #[arg(long, env = "GRIDKEEP_SESSION_IDLE_DAYS", default_value_t = 14, value_name = "DAYS",
        value_parser = clap::value_parser!(u16).range(1..=365))]
    pub session_idle_days: u16,
    /// What access tokens of programs are signed with.
    #[arg(long, env = "GRIDKEEP_TOKEN_KEY", value_enum, default_value_t = TokenKey::Hs256)]
    pub token_key: TokenKey,
    /// For how many minutes an access token of a program is good.
    #[arg(long, env = "GRIDKEEP_TOKEN_MINUTES", default_value_t = 5, value_name = "MINUTES",
        value_parser = clap::value_parser!(u16).range(5..=10))]
    pub token_minutes: u16,
    /// A reverse proxy stands in front and sets X-Forwarded-For: its last entry is then the person's address.
    #[arg(long, env = "GRIDKEEP_BEHIND_PROXY")]
    pub behind_proxy: bool,
    /// The server that sends mails, such as smtps://user:password@mail.example.com. Without one, mails are written to the
    /// folder's outbox and read by administrators in the portal.
    #[arg(long, env = "GRIDKEEP_SMTP", value_name = "URL", hide_env_values = true)]
    pub smtp: Option<SecretString>,
    /// The certificate (PEM) of the authority that signed the mail server's, where the system does not trust it.
    #[arg(long, env = "GRIDKEEP_SMTP_CA", value_name = "FILE", requires = "smtp")]
    pub smtp_ca: Option<PathBuf>,
    /// Whom mails come from; gridkeep@ the base URL's host when absent.
    #[arg(long, env = "GRIDKEEP_MAIL_FROM", value_name = "ADDRESS")]
    pub mail_from: Option<String>,
    /// Invitations that a tenant sends in an hour; more of them wait.
    #[arg(long, env = "GRIDKEEP_INVITATIONS_PER_HOUR", default_value_t = 1_000, value_name = "COUNT",
        value_parser = clap::value_parser!(u32).range(1..))]
    pub invitations_per_hour: u32,
    /// Days for which it is kept who signed in or tried to.
    #[arg(long, env = "GRIDKEEP_KEEP_LOGINS", default_value_t = 400, value_name = "DAYS",
        value_parser = clap::value_parser!(u16).range(1..=3_660))]
    pub keep_logins: u16,
    /// Origins of other sites whose pages may use apps' OData services with an API key or as a program that a person lets in, such
    /// as https://reports.example.com; several with commas between.
    #[arg(long, env = "GRIDKEEP_CORS_ORIGIN", value_name = "ORIGIN", value_delimiter = ',')]
    pub cors_origin: Vec<String>,
    /// Hosts of companies' identity providers that may be inside the server's own network, such as id.corp.example or, at another
    /// port than the usual one, id.corp.example:8443; those on this very machine may speak plain http. Where there are several tenants,
    /// one names whose it is: acme=id.corp.example. Others are asked on the public network only. Several with commas between.
    #[arg(long, env = "GRIDKEEP_PROVIDER_HOST", value_name = "HOST", value_delimiter = ',')]
    pub provider_host: Vec<String>,
    /// Hosts of handlers of events (webhooks) that may be inside the server's own network; those on this very machine may speak plain
    /// http. Others are told on the public network only. Several with commas between.
    #[arg(long, env = "GRIDKEEP_HANDLER_HOST", value_name = "HOST", value_delimiter = ',')]
    pub handler_host: Vec<String>,
    /// People whom the identity providers of a tenant bring for the first time in an hour; more of them come later.
    #[arg(long, env = "GRIDKEEP_NEWCOMERS_PER_HOUR", default_value_t = 500, value_name = "COUNT",
        value_parser = clap::value_parser!(u32).range(1..))]
    pub newcomers_per_hour: u32,
    /// The name server that is asked for the records by which tenants prove their domains; the first of /etc/resolv.conf when absent.
    #[arg(long, env = "GRIDKEEP_NAME_SERVER", value_name = "ADDRESS:PORT")]
    pub name_server: Option<SocketAddr>,
    /// Log as JSON lines. What is logged is set with GRIDKEEP_LOG, such as `info,gridkeep_server=debug`.
    #[arg(long, env = "GRIDKEEP_LOG_JSON")]
    pub log_json: bool,
}

/// What a server is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Profile {
    /// Many tenants: whoever has proven their address makes one, unless --founders says otherwise.
    Shared,
    /// One tenant, for people who are invited.
    Dedicated,
    /// One tenant, for people who are invited; mails go nowhere unless --smtp is given, and links name --base-url, which must be
    /// given.
    Private,
}

/// How passwords are hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PasswordHash {
    /// With memory that a thief's hardware has little of; as much as `gridkeep calibrate-password` found, else 64 MiB.
    Argon2id,
    /// PBKDF2-HMAC-SHA256, 600,000 iterations: where FIPS 140 rules.
    Pbkdf2,
}

/// What access tokens are signed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TokenKey {
    /// A secret of the server's own.
    Hs256,
    /// Ed25519 key pairs: others can check tokens with what /.well-known/jwks.json shows.
    Eddsa,
}

impl From<TokenKey> for Algorithm {
    fn from(key: TokenKey) -> Self {
        match key {
            TokenKey::Hs256 => Self::Hs256,
            TokenKey::Eddsa => Self::EdDsa,
        }
    }
}

/// What an answer to a change waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Synchronous {
    /// The disk: what was answered survives a power failure.
    Full,
    /// Nothing: a power failure may undo the last changes, each as a whole. An end of the program alone undoes nothing.
    Normal,
}

impl From<Synchronous> for Durability {
    fn from(synchronous: Synchronous) -> Self {
        match synchronous {
            Synchronous::Full => Self::Full,
            Synchronous::Normal => Self::Normal,
        }
    }
}

impl Config {
    /// How accounts come to be, by the profile.
    pub fn sign_up(&self) -> SignUp {
        match self.profile {
            None => SignUp { open: !self.closed_sign_up, newcomers: Some(TenantRole::Maker) },
            Some(Profile::Shared) => SignUp { open: !self.closed_sign_up, newcomers: None },
            Some(Profile::Dedicated | Profile::Private) => SignUp { open: false, newcomers: None },
        }
    }

    /// Who may make tenants, by the profile.
    pub fn founders(&self) -> Founders {
        match self.profile {
            Some(Profile::Shared) => self.founders.unwrap_or(Founders::Anybody),
            None | Some(Profile::Dedicated | Profile::Private) => Founders::Nobody,
        }
    }

    /// What was asked for and cannot be together.
    pub fn contradiction(&self) -> Option<&'static str> {
        if self.founders.is_some() && self.profile != Some(Profile::Shared) {
            return Some("--founders is for --profile shared: other servers have one tenant");
        }
        if self.profile == Some(Profile::Private) && self.base_url.is_none() {
            return Some("--profile private wants --base-url: links name nothing else");
        }
        None
    }

    /// The base URL, from the listening address when none was given.
    pub fn base_url(&self) -> String {
        self.base_url.clone().unwrap_or_else(|| format!("http://{}", self.listen))
    }
}
