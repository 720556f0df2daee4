//! The steps that make a database what this program knows, in order.
//!
//! **Architecture Invariant:** both databases have the same steps under the same names: the names stand here once.

use super::Migration;

macro_rules! steps {
    ($folder:literal: $($name:literal),+ $(,)?) => {
        &[$(Migration {
            name: $name,
            sql: include_str!(concat!("../../migrations/", $folder, "/", $name, ".sql")),
        }),+]
    };
}

macro_rules! databases {
    ($sqlite:literal, $postgres:literal: $($name:literal),+ $(,)?) => {
        (steps!($sqlite: $($name),+), steps!($postgres: $($name),+))
    };
}

/// Of SQLite and of PostgreSQL.
type Both = (&'static [Migration], &'static [Migration]);

pub(super) const CONTROL: Both = databases!("sqlite/control", "postgres/control":
    "0001_accounts",
    "0002_secrets",
    "0003_addresses",
    "0004_sessions",
    "0005_roles",
    "0006_defence",
    "0007_factors",
    "0008_tenants",
    "0009_programs",
    "0010_asked",
    "0011_company",
    "0012_invitations",
    "0013_directories",
    "0014_words",
    "0015_folded_logins",
    "0016_names",
    "0017_companies",
    "0018_pins",
    "0019_glass",
    "0020_domains",
    "0021_pin_waits",
    "0022_approved_codes",
    "0023_seen",
    "0024_app_lists",
    "0025_company_tests",
);

pub(super) const TENANT: Both = databases!("sqlite/tenant", "postgres/tenant":
    "0001_apps",
    "0002_api_keys",
    "0003_functions",
    "0004_sums",
    "0005_digits",
    "0006_types",
    "0007_files",
    "0008_waiting",
    "0009_groups",
    "0010_grants",
    "0011_directories",
    "0012_audit",
    "0013_checkpoints",
    "0014_key_methods",
    "0015_handlers",
    "0016_heads",
    "0017_pending",
    "0018_answers",
    "0019_unmet",
);
