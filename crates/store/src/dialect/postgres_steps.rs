//! The steps that make a PostgreSQL database what this program knows.
//!
//! **Architecture Invariant:** SQLite has the same steps under the same names.

use super::Migration;

pub(super) const CONTROL: &[Migration] = &[
    Migration {
        name: "0001_accounts",
        sql: include_str!("../../migrations/postgres/control/0001_accounts.sql"),
    },
    Migration {
        name: "0002_secrets",
        sql: include_str!("../../migrations/postgres/control/0002_secrets.sql"),
    },
    Migration {
        name: "0003_addresses",
        sql: include_str!("../../migrations/postgres/control/0003_addresses.sql"),
    },
    Migration {
        name: "0004_sessions",
        sql: include_str!("../../migrations/postgres/control/0004_sessions.sql"),
    },
    Migration { name: "0005_roles", sql: include_str!("../../migrations/postgres/control/0005_roles.sql") },
    Migration {
        name: "0006_defence",
        sql: include_str!("../../migrations/postgres/control/0006_defence.sql"),
    },
    Migration {
        name: "0007_factors",
        sql: include_str!("../../migrations/postgres/control/0007_factors.sql"),
    },
    Migration {
        name: "0008_tenants",
        sql: include_str!("../../migrations/postgres/control/0008_tenants.sql"),
    },
    Migration {
        name: "0009_programs",
        sql: include_str!("../../migrations/postgres/control/0009_programs.sql"),
    },
    Migration { name: "0010_asked", sql: include_str!("../../migrations/postgres/control/0010_asked.sql") },
];
pub(super) const TENANT: &[Migration] = &[
    Migration { name: "0001_apps", sql: include_str!("../../migrations/postgres/tenant/0001_apps.sql") },
    Migration {
        name: "0002_api_keys",
        sql: include_str!("../../migrations/postgres/tenant/0002_api_keys.sql"),
    },
    Migration {
        name: "0003_functions",
        sql: include_str!("../../migrations/postgres/tenant/0003_functions.sql"),
    },
    Migration { name: "0004_sums", sql: include_str!("../../migrations/postgres/tenant/0004_sums.sql") },
    Migration { name: "0005_digits", sql: include_str!("../../migrations/postgres/tenant/0005_digits.sql") },
    Migration { name: "0006_types", sql: include_str!("../../migrations/postgres/tenant/0006_types.sql") },
    Migration { name: "0007_files", sql: include_str!("../../migrations/postgres/tenant/0007_files.sql") },
    Migration {
        name: "0008_waiting",
        sql: include_str!("../../migrations/postgres/tenant/0008_waiting.sql"),
    },
    Migration { name: "0009_groups", sql: include_str!("../../migrations/postgres/tenant/0009_groups.sql") },
    Migration { name: "0010_grants", sql: include_str!("../../migrations/postgres/tenant/0010_grants.sql") },
];
