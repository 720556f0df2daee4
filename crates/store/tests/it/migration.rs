//! A database of another program: newer ones and changed ones are refused, in words.

use gridkeep_model::{AppId, TenantId};
use gridkeep_store::{Backend, CompanyDomain, InvitationFilter, Standing, Store, StoreError, TenantRole};
use jiff::Timestamp;
use uuid::Uuid;

use crate::world::{Place, config, open, places};

/// Makes the file of the control database, in a format that others than the store can open.
fn make(place: &Place) {
    if let Backend::Sqlite { folder } = place.backend() {
        std::fs::create_dir_all(&folder).unwrap();
        tinker(place, "CREATE TABLE made (up TEXT); DROP TABLE made");
    }
}

/// Runs a statement on the control database behind the store's back.
fn tinker(place: &Place, sql: &str) {
    match place.backend() {
        Backend::Sqlite { folder } => {
            let connection = rusqlite::Connection::open(folder.join("control.db")).unwrap();
            // The key of `TestKeys` for the control database.
            let key = format!(
                "PRAGMA key = \"x'{}'\"; PRAGMA cipher_hmac_algorithm = HMAC_SHA256",
                "07".repeat(32)
            );
            connection.execute_batch(&format!("{key}; {sql}")).unwrap();
        }
        Backend::Postgres { url } => {
            let sql = format!("SET search_path TO gridkeep_control; {sql}");
            let run = move || {
                postgres::Client::connect(&url, postgres::NoTls).unwrap().batch_execute(&sql).unwrap();
            };
            std::thread::spawn(run).join().unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn newer_and_changed_databases_are_refused() {
    for place in places() {
        make(&place);
        drop(open(&place).await);
        drop(open(&place).await);
        tinker(&place, "INSERT INTO migrations (number, name, checksum) VALUES (99, '0099_future', 1)");
        let newer = Store::open(config(place.backend())).await.err().unwrap();
        assert!(matches!(newer, StoreError::Newer { found, known, .. } if found == known + 1), "{newer}");
        assert!(newer.to_string().ends_with("use a newer Gridkeep"), "{newer}");
        tinker(
            &place,
            "DELETE FROM migrations WHERE number = 99; UPDATE migrations SET checksum = checksum + 1",
        );
        let changed = Store::open(config(place.backend())).await.err().unwrap();
        assert!(matches!(changed, StoreError::MigrationChanged { .. }), "{changed}");
        tinker(&place, "UPDATE migrations SET checksum = checksum - 1");
        drop(open(&place).await);
    }
}

/// Takes the step back that keeps invitations, behind the store's back.
const WITHOUT_INVITATIONS: &str =
    "DROP INDEX login_events_fold; DROP INDEX login_events_crowd; ALTER TABLE login_events DROP COLUMN times;
    ALTER TABLE login_events DROP COLUMN last; ALTER TABLE login_events DROP COLUMN fold;
    DROP INDEX mailed_links_invitation; ALTER TABLE mailed_links DROP COLUMN invitation;
    DROP INDEX mails_invitation; DROP INDEX mails_invited; ALTER TABLE mails DROP COLUMN invitation;
    DROP TABLE company_tests; DROP TABLE company_proofs; DROP TABLE dismissed_identities;
    DROP TABLE invitations; DROP TABLE invitation_jobs; DROP TABLE join_links;
    DROP TABLE directory_events;
    DROP TABLE directory_addresses;
    DROP TABLE directory_users;
    DROP TABLE directory_tokens;
    DROP TABLE pins; ALTER TABLE factors DROP COLUMN since; ALTER TABLE sessions DROP COLUMN passkey_since;
    ALTER TABLE company_domains DROP COLUMN required_since; ALTER TABLE codes DROP COLUMN checkpoint;
    ALTER TABLE memberships DROP COLUMN seen;
    DELETE FROM migrations WHERE name IN ('0012_invitations', '0013_directories', '0014_words',
        '0015_folded_logins', '0016_names', '0017_companies', '0018_pins', '0019_glass', '0020_domains',
        '0021_pin_waits', '0022_approved_codes', '0023_seen', '0024_app_lists',
        '0025_company_tests')";

#[tokio::test(flavor = "multi_thread")]
async fn invitations_that_are_out_go_on() {
    for place in places() {
        make(&place);
        let store = open(&place).await;
        let tenant = TenantId::from_uuid(Uuid::from_u128(7));
        let now = Timestamp::from_millisecond(1_000_000).unwrap();
        store.create_tenant(tenant, "acme", now).await.unwrap();
        drop(store);
        let bytes = |text: &str| match place.backend() {
            Backend::Sqlite { .. } => format!("x'{text}'"),
            Backend::Postgres { .. } => format!("'\\x{text}'"),
        };
        let id = |number: u128| match place.backend() {
            Backend::Sqlite { .. } => format!("x'{number:032x}'"),
            Backend::Postgres { .. } => format!("'{}'", Uuid::from_u128(number)),
        };
        let (ids, trigger) = match place.backend() {
            Backend::Sqlite { .. } => ("BLOB", "DROP TRIGGER accounts_leave_no_name"),
            Backend::Postgres { .. } => ("uuid", "DROP FUNCTION gk_leave_no_name CASCADE"),
        };
        // A link that is out, with a mail of it that waits once more; a mail that waits; a link of another purpose.
        let (app, other) = (id(8), id(9));
        tinker(
            &place,
            &format!(
                "{trigger}; {WITHOUT_INVITATIONS};
                ALTER TABLE mailed_links ADD COLUMN tenant {ids};
                ALTER TABLE mailed_links ADD COLUMN app {ids};
                INSERT INTO mailed_links (token, purpose, address, tenant, app, created, expires) VALUES
                    ({}, 'invitation', 'ann@example.com', {}, {app}, 1000000, 9000000);
                INSERT INTO mails (id, purpose, address, tenant, app, sender, language, status, tries, due, created) VALUES
                    ({}, 'invitation', 'ann@example.com', {}, {app}, 'Ben', 'de', 'queued', 1, 2000000, 1000001),
                    ({}, 'invitation', 'cy@example.com', {}, {other}, 'Ben', 'en', 'queued', 0, 2000000, 1000002),
                    ({}, 'invitation', 'dee@example.com', {}, {other}, 'Ben', 'en', 'sent', 1, NULL, 1000003);",
                bytes(&"01".repeat(32)),
                id(7),
                id(21),
                id(7),
                id(22),
                id(7),
                id(23),
                id(7),
            ),
        );
        let store = open(&place).await;
        let found = store.control().invitation_of([1; 32], now).await.unwrap().unwrap();
        assert_eq!(
            (found.address.as_str(), found.app),
            ("ann@example.com", Some(AppId::from_uuid(Uuid::from_u128(8))))
        );
        assert_eq!((found.sender_name.as_str(), found.role), ("Ben", TenantRole::Guest));
        let filter = InvitationFilter { most: 9, ..InvitationFilter::default() };
        let later = Timestamp::from_millisecond(3_000_000).unwrap();
        let (all, count) = store.control().invitations(tenant, filter, later).await.unwrap();
        assert_eq!(count, 2);
        let mut all: Vec<_> = all.into_iter().map(|(one, standing)| (one.address, standing)).collect();
        all.sort();
        let expect = [("ann@example.com", Standing::Sent), ("cy@example.com", Standing::Queued)];
        assert_eq!(all, expect.map(|(address, standing)| (address.to_owned(), standing)));
        let mails = store.control().take_mails(9, later, later).await.unwrap();
        assert!(mails.len() == 2 && mails.iter().all(|(mail, _)| mail.invitation.is_some()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn domains_are_brought_into_one_form() {
    for place in places() {
        make(&place);
        let store = open(&place).await;
        let now = Timestamp::from_millisecond(1_000_000).unwrap();
        let tenants = [7, 8].map(|number| TenantId::from_uuid(Uuid::from_u128(number)));
        for (tenant, name) in tenants.into_iter().zip(["one", "two"]) {
            store.create_tenant(tenant, name, now).await.unwrap();
            // As they were typed; who named one in both ways has both.
            for domain in ["münchen.example", "plain.example", "xn--mnchen-3ya.example"]
                .iter()
                .take(if name == "one" { 2 } else { 3 })
            {
                let domain = CompanyDomain {
                    domain: (*domain).to_owned(),
                    proof: "p".to_owned(),
                    verified: None,
                    required: false,
                    created: now,
                };
                assert!(store.control().add_company_domain(tenant, domain, 9).await.unwrap());
            }
        }
        drop(store);
        // The one as it was typed is theirs, and their people have to come through their company; the other was only named.
        let since = 2_000_000;
        tinker(
            &place,
            &format!(
                "UPDATE company_domains SET verified = {since}, required = (1 = 1), required_since = {since}
                    WHERE domain = 'münchen.example'"
            ),
        );
        tinker(
            &place,
            "ALTER TABLE pins DROP COLUMN due; ALTER TABLE codes DROP COLUMN checkpoint;
            ALTER TABLE memberships DROP COLUMN seen; ALTER TABLE invitation_jobs DROP COLUMN app;
            DROP TABLE company_tests;
            DELETE FROM migrations WHERE name >= '0020'",
        );
        let store = open(&place).await;
        let mut found = Vec::new();
        for tenant in tenants {
            let own = store.control().company_domains(tenant).await.unwrap().into_iter();
            found.push(own.map(|own| (own.domain, own.verified, own.required)).collect::<Vec<_>>());
        }
        let since = Timestamp::from_millisecond(since).unwrap();
        let settled = [
            ("plain.example".to_owned(), None, false),
            ("xn--mnchen-3ya.example".to_owned(), Some(since), true),
        ];
        assert_eq!(found, [settled.clone(), settled]);
    }
}

#[test]
fn both_databases_take_the_same_steps() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let names = |database: &str, kind: &str| {
        let folder = std::fs::read_dir(root.join(database).join(kind)).unwrap();
        let mut names: Vec<_> = folder.map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    for kind in ["control", "tenant"] {
        assert_eq!(names("sqlite", kind), names("postgres", kind));
    }
}
